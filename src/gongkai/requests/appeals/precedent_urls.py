"""Addresses of the case library in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.appeals.views import precedents

app_name = "precedents"

urlpatterns = [
    path("", precedents.index, name="index"),
    path("<int:pk>/", precedents.one, name="one"),
]
