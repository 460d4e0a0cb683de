"""The frame of the room's public pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gongkai.core.portal import portal_shell


def crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    """Where a page stands, below 依申请公开."""
    found = [("首页", "/"), ("依申请公开", reverse("requests-public:index")), *rows]
    return [{"label": label, "url": url} for label, url in found]


def shell(request: HttpRequest, **context: Any) -> dict[str, Any]:
    """The portal's frame."""
    return portal_shell(request, **context)
