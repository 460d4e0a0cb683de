"""What the pages share: the tabs of both parts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.requests.appeals.views.common import (
    chip,
    export_button,
    heads,
    new_button,
    newest_first,
    working,
    year_of,
)

__all__ = ["chip", "export_button", "heads", "new_button", "newest_first", "tabs", "topic_tabs", "working", "year_of"]


def _tabs(rows: tuple[tuple[str, str], ...], current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(f"conversion:{name}"), "count": None, "current": name == current}
        for name, label in rows
    ]


def tabs(current: str) -> list[dict[str, Any]]:
    """Of conversion."""
    return _tabs((("index", "转为主动公开"), ("campaigns", "答复信息复查")), current)


def topic_tabs(current: str) -> list[dict[str, Any]]:
    """Of hot topics."""
    return _tabs((("topics", "热点排行"), ("proposals", "主动公开建议"), ("signals", "热点线索")), current)
