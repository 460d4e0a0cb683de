"""Lists of cases that a room shows on a page of its own: filters kept under a name, and previous and next from a case.

A room registers its list in `apps.ready()`. Its page then keeps filters as those of the workbench do, and links to cases
with `?in=<code>`; the page of a case asks here which rows stand before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from gongkai.core import figures, listing
from gongkai.core.models import SavedFilter, User


@dataclass(frozen=True, slots=True)
class Place:
    """A list: the word of the address, its name, its page, and its rows for a person (of `Case`, unordered)."""

    code: str
    label: str
    url_name: str
    rows: Callable[[User], QuerySet]


places: dict[str, Place] = {}


def register(code: str, label: str, url_name: str, rows: Callable[[User], QuerySet]) -> Place:
    """Make a list known. Raises ValueError when another list has the same code."""
    place = Place(code, label, url_name, rows)
    if places.setdefault(code, place).url_name != url_name:
        raise ValueError(f"two lists are called {code!r}")
    return place


def save_address(parameters: QueryDict, page: str) -> str:
    """Where the filter in the address can be kept; empty when there is none."""
    query = listing.address(parameters)[1:]
    return f"{reverse('workbench:filter-save')}?{urlencode({'page': page, 'query': query})}" if query else ""


def saved_filters(user: User, page: str) -> figures.Part:
    """The person's filters of a list, (name, query) each, as a question for `figures.lines`."""
    return figures.question(SavedFilter.objects.filter(user=user, page=page), "name", "query")


def saved_chips(parameters: QueryDict, saved: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The person's filters as chips, from (name, query)."""
    here = listing.address(parameters)[1:]
    return [
        {"label": name, "url": "?" if query == here else f"?{query}", "on": query == here, "saved": True}
        for name, query in saved
    ]
