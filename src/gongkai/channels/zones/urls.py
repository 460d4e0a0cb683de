"""Staff addresses of zones."""

from __future__ import annotations

from django.urls import path

from gongkai.channels.zones import posting_views, views

app_name = "zones"

urlpatterns = [
    path("", views.index, name="index"),
    path("register/", views.register, name="register"),
    path("figures/", views.figures, name="figures"),
    path("take/", views.take, name="take"),
    path("postings/", posting_views.postings, name="postings"),
    path("outlets/", posting_views.outlets, name="outlets"),
    path("taken/", views.taken, name="taken"),
    path("taken/<int:pk>/receipt.pdf", views.receipt, name="receipt"),
]
