"""Addresses of imports in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.publications.importing import views

app_name = "importing"

urlpatterns = [
    path("", views.index, name="index"),
    path("template/", views.template, name="template"),
    path("<int:pk>/rows/", views.rows, name="rows"),
    path("<int:pk>/progress/", views.progress, name="progress"),
]
