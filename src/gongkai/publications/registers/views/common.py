"""What the staff pages of registers share: guards, keyset pages, lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from gongkai.core import listing
from gongkai.core.models import Unit, User
from gongkai.core.navigation import signed_in
from gongkai.core.roles import STAFF, Role

View = Callable[..., HttpResponse]


def setting_page(view: View) -> View:
    """Pages of settings: for the office and the system administrator."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set & {Role.OFFICE, Role.SYSTEM_ADMIN}:
            raise PermissionDenied("这个页面只对政务公开主管和系统管理员开放。")
        return view(request, *arguments, **named)

    return signed_in(inner)


@dataclass(slots=True)
class Page:
    """One page of a list in order of (column, id), with the cursors of its neighbours."""

    rows: list[Any]
    after: str = ""
    before: str = ""


def keyset(
    rows: QuerySet,
    parameters: QueryDict,
    size: int,
    column: str = "",
    *,
    descending: bool = False,
    key: str = "pk",
) -> Page:
    """The page an address asks for, by keys and never by counting.

    `column` is a date, moment, number or text that is never empty (annotate it where it may be); rows with the same
    value are ordered by id. A cursor that makes no sense gives the first page.
    """
    backwards = bool(parameters.get("before"))
    cursor = parameters.get("before") or parameters.get("after") or ""
    down = descending != backwards
    place = _place(cursor, column)
    if place is not None:
        value, number = place
        step = "lt" if down else "gt"
        beyond = Q(**{f"{key}__{step}": number})
        rows = rows.filter(Q(**{f"{column}__{step}": value}) | (Q(**{column: value}) & beyond) if column else beyond)
    order = [column, key] if column else [key]
    found = list(rows.order_by(*(f"-{name}" if down else name for name in order))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()

    def mark(row: Any) -> str:
        number = getattr(row, key)
        return f"{_written(getattr(row, column))}~{number}" if column else str(number)

    if not found:
        return Page([])
    first, last = mark(found[0]), mark(found[-1])
    if backwards:
        return Page(found, after=last, before=first if more else "")
    return Page(found, after=last if more else "", before=first if cursor else "")


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _place(cursor: str, column: str) -> tuple[Any, int] | None:
    value, _, number = cursor.rpartition("~") if column else ("", "", cursor)
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        return None
    if not column:
        return None, int(number)
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat, int):
        try:
            return read(value), int(number)  # type: ignore[operator]
        except ValueError:
            continue
    return value, int(number)


def paging(request: HttpRequest, page: Page) -> dict[str, str]:
    """`previous_url` and `next_url` of core/parts/pager.html."""
    return {
        "previous_url": listing.address(request.GET, before=page.before) if page.before else "",
        "next_url": listing.address(request.GET, after=page.after) if page.after else "",
    }


def chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    """A filter of the bar."""
    chosen = request.GET.get(name, "")
    return {
        "label": label,
        "value": dict(options).get(chosen, ""),
        "clear_url": listing.address(request.GET, **{name: None}),
        "options": [{"label": words, "url": listing.address(request.GET, **{name: code})} for code, words in options],
    }


def my_units(user: User) -> list[int]:
    """The units in which a person does the daily work."""
    return [pk for pk, roles in user.roles_by_unit.items() if set(roles) & set(STAFF)]


def oversees(user: User, unit: Unit | None) -> bool:
    """Whether a person is of the office above a unit (of any office, for what is common to all)."""
    for membership in user.memberships_now:
        if membership.role != Role.OFFICE:
            continue
        root = membership.unit.parent or membership.unit
        if unit is None or unit.path.startswith(root.path):
            return True
    return False


def may_edit(user: User, unit: Unit | None) -> bool:
    """Whether a person may change a body's columns: its own staff, or the office; the common ones only the office."""
    return oversees(user, unit) or (unit is not None and unit.pk in my_units(user))


def unit_of(code: str) -> Unit | None:
    """The unit a catalog's address names; None for the one common to all. Raises Http404."""
    if code == "common":
        return None
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Http404("没有这个单位。")
    return unit


def new_url(key: str, back: str) -> str:
    """The page of an act (`kind.name`) that opens a case, and where its cancel leads."""
    return f"{reverse('workbench:new', args=key.split('.'))}?back={back}"
