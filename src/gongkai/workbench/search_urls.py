"""Addresses of what administrators set and see about searching."""

from django.urls import path

from gongkai.workbench.views import search_settings

app_name = "workbench-search"

urlpatterns = [
    path("synonyms/", search_settings.synonyms, name="synonyms"),
    path("synonyms/new/", search_settings.synonym, name="synonym-new"),
    path("synonyms/<int:pk>/", search_settings.synonym, name="synonym"),
    path("statistics/", search_settings.statistics_page, name="statistics"),
]
