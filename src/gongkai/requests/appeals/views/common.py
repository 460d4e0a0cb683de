"""What the staff pages share: who may open them, pages by keys, filters, lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from gongkai.core import listing
from gongkai.core.acts import acts
from gongkai.core.navigation import signed_in
from gongkai.core.roles import ADMINISTRATORS

View = Callable[..., HttpResponse]


def working(view: View) -> View:
    """Pages for everybody who works with disclosure; administrators alone have no business here."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set - ADMINISTRATORS:
            raise PermissionDenied("你的角色不办理业务。需要时请联系安全保密管理员。")
        return view(request, *arguments, **named)

    return signed_in(inner)


def newest_first(
    request: HttpRequest, rows: QuerySet, column: str, size: int | None = None
) -> tuple[list[Any], dict[str, str]]:
    """A page of rows by (column, id), newest first, with the addresses of its neighbours; `column` is a day or moment."""
    parameters, size = request.GET, size or listing.size()
    backwards = bool(parameters.get("before"))
    place = _place(parameters)
    if place is not None:
        value, pk = place
        step = "gt" if backwards else "lt"
        rows = rows.filter(Q(**{f"{column}__{step}": value}) | Q(**{column: value, f"pk__{step}": pk}))
    order = (column, "pk") if backwards else (f"-{column}", "-pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    pager = {"previous_url": "", "next_url": ""}
    if found and (more if backwards else place is not None):
        pager["previous_url"] = listing.address(parameters, before=_mark(found[0], column))
    if found and (backwards or more):
        pager["next_url"] = listing.address(parameters, after=_mark(found[-1], column))
    return found, pager


def _mark(row: Any, column: str) -> str:
    return f"{getattr(row, column).isoformat()}~{row.pk}"


def _place(parameters: QueryDict) -> tuple[Any, int] | None:
    value, _, pk = (parameters.get("before") or parameters.get("after") or "").rpartition("~")
    if not pk.isascii() or not pk.isdigit() or len(pk) > 15:
        return None
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        try:
            return read(value), int(pk)
        except ValueError:
            continue
    return None


def chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    """A filter of the bar."""
    chosen = request.GET.get(name, "")
    return {
        "label": label,
        "value": dict(options).get(chosen, chosen[:20]),
        "clear_url": listing.address(request.GET, **{name: None}),
        "options": [{"label": words, "url": listing.address(request.GET, **{name: code})} for code, words in options],
    }


def new_button(request: HttpRequest, key: str, back: str, *, primary: bool = False) -> list[dict[str, Any]]:
    """The button of an act that opens a case, if the person may do it."""
    act = acts[key]
    if not act.permitted(None, request.user):
        return []
    url = f"{reverse('workbench:new', args=key.split('.'))}?back={back}"
    return [{"label": act.label, "url": url, "icon": act.icon, "primary": primary}]


def export_button(request: HttpRequest) -> dict[str, Any]:
    """The list as an Excel table."""
    url = listing.address(request.GET, export="xlsx")
    return {"label": "导出", "url": url, "icon": "download", "phone": False}


def heads(*labels: str) -> list[dict[str, str]]:
    """The head of a table."""
    return [{"label": label} for label in labels]


def year_of(text: str) -> int | None:
    """A year as an address writes it."""
    return int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100 else None
