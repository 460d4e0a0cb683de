"""The page cache: public pages rendered once, kept as files, dropped by what changes them. See docs/page-cache.md.

pages.tag(request, "publication:123", "list:publications")
pages.until(request, moment)
pages.drop("publication:123")            # inside the transaction of the change
pages.follow("publication", tags_of)     # in apps.ready(): drop after every act
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

    from gongkai.core.acts import Work
    from gongkai.core.models import Case

HOME = "home"
SITEMAP = "sitemap"
# Every page carries it: dropped when what all pages show changes, such as the name of a unit.
EVERY = "*"


@dataclass(slots=True)
class Recipe:
    """What a view said about the page it rendered."""

    tags: set[str] = field(default_factory=set)
    until: dt.datetime | None = None
    query: set[str] = field(default_factory=set)


_tags_of: dict[str, Callable[[Any], Iterable[str]]] = {}


def recipe(request: HttpRequest) -> Recipe:
    """What has been said so far about the page of this request."""
    found = getattr(request, "_gongkai_page", None)
    if found is None:
        found = request._gongkai_page = Recipe()  # type: ignore[attr-defined]
    return found


def tag(request: HttpRequest, *tags: str) -> None:
    """Allow the page to be kept until one of the tags is dropped."""
    recipe(request).tags.update(tags)


def until(request: HttpRequest, moment: dt.datetime | None) -> None:
    """Keep the page no longer than this (aware) moment; the earliest one said counts, None is ignored."""
    found = recipe(request)
    if moment is not None and (found.until is None or moment < found.until):
        found.until = moment


def query(request: HttpRequest, *names: str) -> None:
    """Name the parameters with which the page may be kept; with any other it is not."""
    recipe(request).query.update(names)


def end_of_day(now: dt.datetime | None = None) -> dt.datetime:
    """The next midnight here: what a page says of days is wrong after it."""
    from django.utils import timezone

    local = timezone.localtime(now)
    return timezone.make_aware(dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time()))


def drop(*tags: str) -> None:
    """Drop every page with one of the tags, for good when the running transaction commits.

    Called inside the transaction that makes the change: the pages go at once, none of them can be kept while the
    transaction is open, and what the commit makes true is carried out even if this process dies right after it.
    """
    from gongkai.core.pages import outbox

    outbox.drop(*tags)


def follow(kind: str, tags: Callable[[Any], Iterable[str]]) -> None:
    """Drop `tags(case)`, home and sitemap after every act on a case of the kind; called in `apps.ready()`."""
    from gongkai.core import listeners

    _tags_of[kind] = tags
    listeners.listen(kind, _after_act)


def drop_for_case(case: Case) -> None:
    """Drop the pages that show a case of a kind that is followed; for changes that are no act."""
    found = _tags_of.get(case.kind)
    if found is not None:
        drop(*found(case), HOME, SITEMAP)


def _after_act(work: Work) -> None:
    drop_for_case(work.case)
