"""The shell of the public face: rooms register their pages and what the home page shows of them.

A view anywhere renders inside the portal with

    return render(request, "ledger/public/notice.html", portal_shell(request, notice=...))

and a template that extends "core/portal_base.html".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the public navigation."""

    label: str
    url_name: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class HomePart:
    """A part of the home page: a template and what it reads; left out when `context` gives nothing."""

    template: str
    context: Callable[[], dict[str, Any] | None]
    order: int = 50


pages: list[Page] = []
footer_pages: list[Page] = []
home_parts: list[HomePart] = []
sitemaps: list[Callable[[], list[tuple[str, Any]]]] = []


def register_page(label: str, url_name: str, order: int = 50, *, footer: bool = False) -> None:
    """Put a page into the public navigation or the foot; called in `apps.ready()`."""
    place = footer_pages if footer else pages
    place.append(Page(label, url_name, order))
    place.sort(key=lambda page: page.order)


def register_home_part(template: str, context: Callable[[], dict[str, Any] | None], order: int = 50) -> None:
    """Show something of a room on the home page."""
    home_parts.append(HomePart(template, context, order))
    home_parts.sort(key=lambda part: part.order)


def register_sitemap(addresses: Callable[[], list[tuple[str, Any]]]) -> None:
    """Tell the sitemap of (path, last change) pairs."""
    sitemaps.append(addresses)


def portal_shell(request: HttpRequest, **context: Any) -> dict[str, Any]:
    """The context of a public page: navigation and foot, and what the page itself brings."""
    here = request.path
    entries = []
    for page in pages:
        url = reverse(page.url_name)
        entries.append(
            {"label": page.label, "url": url, "current": here == url or (url != "/" and here.startswith(url))}
        )
    return {
        "portal_navigation": entries,
        "portal_search_url": reverse("search:index"),
        "footer_links": [{"label": page.label, "url": reverse(page.url_name)} for page in footer_pages],
        **context,
    }
