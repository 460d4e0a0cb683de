"""The page that explains the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.api.application import api
from gongkai.core import pages
from gongkai.core.machine import tokens
from gongkai.core.portal import portal_shell

METHODS = ("get", "post", "put", "patch", "delete")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """开放接口: every operation with what it takes, from the same description that machines read."""
    described = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    pages.tag(request, "api")
    return render(
        request,
        "api/index.html",
        portal_shell(
            request,
            groups=_groups(described),
            scopes=sorted(tokens.scopes.items()),
            description=reverse("api:openapi-json"),
        ),
    )


def _groups(described: dict[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for path, operations in described["paths"].items():
        for method in METHODS:
            operation = operations.get(method)
            if operation is None:
                continue
            found.setdefault((operation.get("tags") or ["其他"])[0], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "token": bool(operation.get("security")),
                    "parameters": operation.get("parameters", []),
                }
            )
    return [{"title": title, "operations": rows} for title, rows in found.items()]
