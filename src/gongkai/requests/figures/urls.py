"""Staff addresses of the figures of requests."""

from __future__ import annotations

from django.urls import path, re_path

from gongkai.requests.figures import views

app_name = "request-figures"

urlpatterns = [
    path("", views.index, name="index"),
    path("cases/", views.cases, name="cases"),
    re_path(r"^table\.(?P<form>xlsx|docx|json)$", views.table, name="table"),
]
