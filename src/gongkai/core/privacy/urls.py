"""Addresses under /workbench/personal/."""

from __future__ import annotations

from django.urls import path

from gongkai.core.privacy import views

app_name = "privacy"

urlpatterns = [
    path("", views.all_looks, name="all-looks"),
    path("<int:pk>/", views.looks, name="looks"),
    path("<int:pk>/show/", views.show, name="show"),
]
