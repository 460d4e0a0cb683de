"""Addresses of masking in the workbench."""

from __future__ import annotations

from django.urls import re_path

from gongkai.requests.masking import views

app_name = "requests-masking"

urlpatterns = [
    re_path(r"^of/(?P<pk>\d{1,18})/$", views.of_case, name="of-case"),
    re_path(r"^of/(?P<pk>\d{1,18})/check/$", views.check_of_case, name="check-of-case"),
    re_path(r"^(?P<pk>\d{1,18})/mask/$", views.mask, name="mask"),
    re_path(r"^(?P<pk>\d{1,18})/mask/progress/$", views.progress, name="progress"),
    re_path(r"^(?P<pk>\d{1,18})/mask/check/$", views.check, name="check"),
    re_path(r"^(?P<pk>\d{1,18})/mask/page/(?P<number>\d{1,5})/$", views.page, name="page"),
    re_path(r"^(?P<pk>\d{1,18})/mask/made/(?P<number>\d{1,5})/$", views.made_page, name="made-page"),
]
