"""The shell of the staff face: rooms register their pages, and every page of the workbench gets its frame here.

A view anywhere renders inside the workbench with

    return render(request, "ledger/notices.html", shell(request, notices=..., crumbs=[...]))

and a template that extends "core/workbench_base.html".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import timezone

from gongkai.core import figures
from gongkai.core.kinds import kinds
from gongkai.core.models import Notification, User
from gongkai.core.roles import ADMINISTRATORS

SECTIONS = ("", "业务", "统计与检查", "系统管理")


def everybody(user: User) -> bool:
    """A page that every person who signed in may open."""
    return True


def workers(user: User) -> bool:
    """Everybody with a role in the work itself; administrators alone have none."""
    return bool(user.role_set - ADMINISTRATORS)


def holds(*roles: str) -> Callable[[User], bool]:
    """A permission: one of the roles, held in any unit."""
    wanted = frozenset(roles)
    return lambda user: bool(user.role_set & wanted)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation.

    `count` gives the rows behind the figure, `total` counters and their column to add up; all are asked at once.
    """

    section: str
    label: str
    icon: str
    url_name: str
    permission: Callable[[User], bool] = everybody
    count: Callable[[User], QuerySet | None] | None = None
    order: int = 50
    total: Callable[[User], tuple[QuerySet, str]] | None = None


items: dict[str, Item] = {}


def register(
    section: str,
    label: str,
    icon: str,
    url_name: str,
    permission: Callable[[User], bool] = everybody,
    count: Callable[[User], QuerySet | None] | None = None,
    order: int = 50,
    total: Callable[[User], tuple[QuerySet, str]] | None = None,
) -> Item:
    """Put a page into the navigation; called in a room's `apps.ready()`. Raises ValueError for an unknown section."""
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}")
    item = Item(section, label, icon, url_name, permission, count, order, total)
    items[url_name] = item
    return item


def shell(
    request: HttpRequest,
    *,
    counts: Mapping[str, QuerySet] | None = None,
    current: str = "",
    **context: Any,
) -> dict[str, Any]:
    """The context of a page in the workbench: the frame, and what the page itself brings.

    Args:
        request: the request of a person who signed in.
        counts: rows the page wants counted in the same query; the result is `figures` in the context.
        current: the url name of the navigation's item when the address does not tell it.
        context: what the page's template reads.
    """
    asked = figures.collect(counts={**frame_counts(request), **(counts or {})}, sums=frame_sums(request))
    return {**frame(request, asked, current), "figures": asked, **context}


def frame_counts(request: HttpRequest) -> dict[str, figures.Part]:
    """The counts behind the frame's figures, for a page that collects its own figures and calls `frame`."""
    user = _user(request)

    def make() -> dict[str, figures.Part]:
        counts: dict[str, QuerySet] = {"frame:unread": Notification.objects.filter(user=user, read_at__isnull=True)}
        for item in items.values():
            rows = item.count(user) if item.count and item.permission(user) else None
            if rows is not None:
                counts[f"frame:{item.url_name}"] = rows
        return {name: figures.counting(rows) for name, rows in counts.items()}

    return figures.kept(("frame counts", *standing(user)), timezone.now(), make)


def frame_sums(request: HttpRequest) -> dict[str, figures.Part]:
    """The counters behind the frame's figures, to be given to `figures.collect` together with `frame_counts`."""
    user = _user(request)

    def make() -> dict[str, figures.Part]:
        return {
            f"frame:{item.url_name}": figures.adding(*item.total(user))
            for item in items.values()
            if item.total and item.permission(user)
        }

    return figures.kept(("frame sums", *standing(user)), timezone.now(), make)


def standing(user: User) -> tuple[Any, ...]:
    """All that questions asked for a person depend on: who it is, the roles held, the pages and kinds there are."""
    return user.pk, user.is_active, frozenset(user.roles_by_unit.items()), tuple(items), tuple(kinds)


def frame(request: HttpRequest, asked: figures.Figures, current: str = "") -> dict[str, Any]:
    """The frame of a page, from figures already collected."""
    user = _user(request)
    menu = [
        {"label": "个人设置", "url": address_of("workbench:settings"), "icon": "settings"},
        {"label": "修改密码", "url": address_of("workbench:password"), "icon": "key-round"},
        {"label": "退出登录", "url": address_of("workbench:logout"), "icon": "log-out", "post": True},
    ]
    unit = str(user.main_unit) if user.main_unit else ""
    post = user.post or user.role_label or user.username
    return {
        "navigation": _sections(request, user, asked, current),
        "search_url": address_of("workbench:search"),
        "home_url": address_of("workbench:todo"),
        "notifications_url": address_of("workbench:notifications"),
        "notification_count": figures.words(asked["frame:unread"]) if asked["frame:unread"] else "",
        "person": {"unit": unit, "post": post[len(unit) :] if unit and post.startswith(unit) else post},
        "user_menu": menu,
        "shortcuts": user.shortcuts,
    }


def address_of(name: str) -> str:
    """The address of a page without arguments, found once; empty for a room that is not mounted."""
    return _found(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=512)
def _found(name: str, urlconf: str, prefix: str) -> str:
    try:
        return reverse(name, urlconf=urlconf)
    except NoReverseMatch:
        return ""


def _sections(request: HttpRequest, user: User, asked: figures.Figures, current: str) -> list[dict[str, Any]]:
    # Whoever may see a line is asked for every page; only the addresses are kept.
    rows = [(item, url) for item in items.values() if item.permission(user) and (url := address_of(item.url_name))]
    here = current or _here(request, rows)
    sections = []
    for title in SECTIONS:
        listed = sorted((row for row in rows if row[0].section == title), key=lambda row: row[0].order)
        lines = [
            {
                "label": item.label,
                "url": url,
                "icon": item.icon,
                "count": asked.numbers.get(f"frame:{item.url_name}"),
                "current": item.url_name == here,
            }
            for item, url in listed
        ]
        if lines:
            sections.append({"title": title, "items": lines})
    return sections


def _here(request: HttpRequest, rows: list[tuple[Item, str]]) -> str:
    """The item whose address is the longest beginning of the page's."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in items:
        return name
    home = address_of("workbench:todo")
    fitting = [(len(url), item.url_name) for item, url in rows if url != home and request.path.startswith(url)]
    return max(fitting, default=(0, ""))[1]


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("the workbench frame needs a person who signed in")
    return user


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for people who signed in; a password that somebody else set has to be changed first."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if getattr(request.user, "password_temporary", False):
            messages.warning(request, "这是别人替你设的密码，请先改成自己的。")
            return redirect("workbench:password")
        response = view(request, *arguments, **named)
        # What staff read stays in no shared cache and in no browser after signing out.
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return login_required(login_url="workbench:login")(inner)
