"""Public addresses of zones."""

from __future__ import annotations

from django.urls import path

from gongkai.channels.zones import public

app_name = "zones-public"

urlpatterns = [
    path("", public.index, name="index"),
    path("posted/", public.posted, name="posted"),
    path("<int:pk>/", public.zone, name="zone"),
]
