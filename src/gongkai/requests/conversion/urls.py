"""Addresses of conversion and hot topics in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.conversion.views import campaigns, conversions, proposals, signals, topics

app_name = "conversion"

urlpatterns = [
    path("", conversions.index, name="index"),
    path("<int:pk>/draft/", conversions.draft, name="draft"),
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/<int:pk>/", campaigns.items, name="items"),
    path("topics/", topics.index, name="topics"),
    path("topics/<int:pk>/", topics.one, name="topic"),
    path("proposals/", proposals.index, name="proposals"),
    path("signals/", signals.index, name="signals"),
    path("signals/import/", signals.bring, name="import"),
    path("signals/template/", signals.template, name="template"),
]
