"""Addresses of filing in the workbench."""

from django.urls import path

from gongkai.publications.filing import staff

app_name = "filing"

urlpatterns = [path("", staff.index, name="index")]
