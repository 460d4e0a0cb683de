"""Addresses of reconsideration and litigation in the workbench."""

from __future__ import annotations

from django.urls import path

from gongkai.requests.appeals.views import appeals, drafts, reviews

app_name = "appeals"

urlpatterns = [
    path("", appeals.index, name="index"),
    path("figures/", appeals.figures, name="figures"),
    path("lessons/", appeals.lessons, name="lessons"),
    path("<int:pk>/drafts/<slug:name>/<slug:form>/", drafts.draft, name="draft"),
    path("reviews/", reviews.index, name="reviews"),
    path("reviews/<int:pk>/", reviews.items, name="items"),
]
