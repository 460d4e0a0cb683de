"""Addresses of the API."""

from django.urls import path

from gongkai.api import pages
from gongkai.api.application import api

urlpatterns = [
    path("", pages.index, name="api-index"),
    path("v1/", api.urls),
]
