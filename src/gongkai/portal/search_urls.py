"""Addresses of the public search."""

from django.urls import path

from gongkai.portal import search

app_name = "search"

urlpatterns = [
    path("", search.search, name="index"),
    path("feed.atom", search.feed, name="feed"),
    path("suggest/", search.suggestions, name="suggest"),
]
