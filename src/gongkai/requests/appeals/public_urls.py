"""Public addresses of the case library, where a place shows it."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.appeals.views import public

app_name = "precedents-public"

urlpatterns = [
    path("", public.index, name="index"),
    path("<int:pk>/", public.one, name="one"),
]
