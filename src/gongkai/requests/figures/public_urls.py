"""The public page of the figures of requests."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.figures import views

app_name = "request-figures-public"

urlpatterns = [path("", views.public, name="index")]
