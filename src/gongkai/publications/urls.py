"""Addresses of publishing in the workbench."""

from __future__ import annotations

from django.urls import path, re_path

from gongkai.publications.clearance import views as clearance
from gongkai.publications.media import views as media
from gongkai.publications.views import lists, writing

app_name = "publications"

urlpatterns = [
    path("", lists.index, name="index"),
    path("consultations/", clearance.index, name="clearance"),
    path("media/", media.posts, name="media"),
    path("media/accounts/", media.accounts, name="media-accounts"),
    path("new/", writing.new, name="new"),
    path("<int:pk>/edit/", writing.edit, name="edit"),
    path("<int:pk>/copies/<int:file>/", writing.public_copy, name="public-copy"),
    re_path(r"^(?P<pk>\d+)/images/(?P<digest>[0-9a-f]{64})/$", writing.image, name="image"),
]
