"""Addresses of the public pages of registers: bodies, their guides, catalogs, negative lists."""

from __future__ import annotations

from django.urls import path

from gongkai.publications.registers.views import public

app_name = "bodies"

urlpatterns = [
    path("", public.index, name="index"),
    path("<slug:code>/", public.body, name="body"),
    path("<slug:code>/guide/", public.guide, name="guide"),
    path("<slug:code>/guide/<int:number>/", public.guide, name="guide-version"),
    path("<slug:code>/catalog/", public.catalog, name="catalog"),
    path("<slug:code>/catalog/<int:number>/", public.catalog, name="catalog-version"),
    path("<slug:code>/negative-list/", public.negative, name="negative"),
    path("<slug:code>/negative-list/<int:number>/", public.negative, name="negative-version"),
]
