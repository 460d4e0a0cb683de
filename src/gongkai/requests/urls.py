"""Staff addresses of disclosure on request."""

from __future__ import annotations

from django.urls import path, re_path

from gongkai.requests.views import entry

app_name = "requests"

urlpatterns = [
    path("enter/", entry.enter, name="enter"),
    re_path(r"^(?P<pk>\d{1,18})/receipt\.(?P<form>pdf|docx)$", entry.receipt, name="receipt"),
]
