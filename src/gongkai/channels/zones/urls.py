"""Staff addresses of zones."""

from __future__ import annotations

from django.urls import path

from gongkai.channels.zones import views

app_name = "zones"

urlpatterns = [
    path("", views.index, name="index"),
    path("register/", views.register, name="register"),
    path("figures/", views.figures, name="figures"),
    path("take/", views.take, name="take"),
    path("taken/", views.taken, name="taken"),
    path("taken/<int:pk>/receipt.pdf", views.receipt, name="receipt"),
]
