"""Addresses of the public pages of information."""

from django.urls import path

from gongkai.publications import pages

app_name = "information"

urlpatterns = [
    path("<int:pk>/", pages.document, name="document"),
]
