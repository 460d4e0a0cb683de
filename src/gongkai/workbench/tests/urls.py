"""The workbench alone, so that its tests need no other room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from gongkai.core.preferences import preferences


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


urlpatterns = [
    path("workbench/", include("gongkai.workbench.urls")),
    path("preferences/", preferences, name="preferences"),
    path("api/", home, name="api-index"),
    path("", home),
]

handler400 = "gongkai.core.errors.bad_request"
handler403 = "gongkai.core.errors.permission_denied"
handler404 = "gongkai.core.errors.not_found"
handler500 = "gongkai.core.errors.server_error"
