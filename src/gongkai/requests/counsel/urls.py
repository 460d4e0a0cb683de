"""Addresses of legal counsel in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.counsel import views

app_name = "counsel"

urlpatterns = [
    path("", views.index, name="index"),
    path("register/", views.register, name="register"),
    path("ask/", views.ask, name="ask"),
]
