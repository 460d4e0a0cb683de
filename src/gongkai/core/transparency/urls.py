"""Addresses of the log: pages for people under /proof/, files for programs under /tlog/."""

from django.urls import path

from gongkai.core.transparency import views

app_name = "proof"

urlpatterns = [
    path("proof/", views.index, name="index"),
    path("proof/<int:position>/", views.entry, name="entry"),
    path("proof/lookup.json", views.lookup, name="lookup"),
    path("proof/subject/<path:subject>/", views.subject, name="subject"),
    path("tlog/checkpoint", views.checkpoint, name="checkpoint"),
    path("tlog/checkpoint/<int:size>", views.old_checkpoint, name="old-checkpoint"),
    path("tlog/key", views.key, name="key"),
    path("tlog/tile/<path:path>", views.tile, name="tile"),
]
