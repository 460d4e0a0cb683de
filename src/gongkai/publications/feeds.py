"""Atom feeds of the public lists: the newest documents, without their text; dropped with the kept pages."""

from __future__ import annotations

from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from gongkai.core import pages as cache
from gongkai.core.models import Unit
from gongkai.publications import public_queries, shown
from gongkai.publications.models import CatalogColumn, PublicDocument
from gongkai.publications.pages import CATALOG
from gongkai.publications.public_lists import DOCUMENTS

SIZE = 30


class _List(Feed):
    """One list as a feed."""

    feed_type = Atom1Feed
    language = "zh-hans"

    def __init__(self, title: str, path: str, rows: list[PublicDocument]) -> None:
        self.title = title
        self.path = path
        self.rows = rows

    def link(self) -> str:
        return shown.absolute(self.path)

    def feed_url(self) -> str:
        return shown.absolute(f"{self.path}feed.atom")

    def feed_guid(self) -> str:
        return self.feed_url()

    def items(self) -> list[PublicDocument]:
        return self.rows

    def item_title(self, item: Any) -> str:
        return item.title

    def item_description(self, item: Any) -> str:
        parts = [item.unit.name, item.document_number, item.get_validity_display()]
        return "，".join(part for part in parts if part)

    def item_link(self, item: Any) -> str:
        return shown.absolute(item.get_absolute_url())

    def item_guid(self, item: Any) -> str:
        return shown.absolute(item.get_absolute_url())

    def item_author_name(self, item: Any) -> str:
        return item.unit.name

    def item_pubdate(self, item: Any) -> Any:
        return item.published_at


def _answer(request: HttpRequest, title: str, path: str, rows: list[PublicDocument], *tags: str) -> HttpResponse:
    cache.tag(request, *tags)
    response = _List(title, path, rows)(request)
    # The kept page has a mark of its own, made of its content.
    del response["Last-Modified"]
    return response


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """All public information."""
    rows = public_queries.newest(size=SIZE)
    return _answer(request, "全部信息", reverse("information:list"), rows, DOCUMENTS)


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Policy and normative documents in force."""
    rows = public_queries.newest("policy", size=SIZE)
    return _answer(request, "政策文件库", reverse("information:policies"), rows, DOCUMENTS)


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """What one body published."""
    found = get_object_or_404(Unit, code=code)
    rows = public_queries.newest(unit=found.pk, size=SIZE)
    path = reverse("information:unit", args=[found.code])
    return _answer(request, f"{found.name}主动公开信息", path, rows, f"unit:{found.pk}", DOCUMENTS)


@require_safe
def column(request: HttpRequest, code: str) -> HttpResponse:
    """What was published in one column."""
    found = get_object_or_404(CatalogColumn, code=code, active=True)
    rows = public_queries.newest(f"column:{found.pk}", size=SIZE)
    path = reverse("information:column", args=[found.code])
    return _answer(request, found.title, path, rows, f"column:{found.pk}", CATALOG)
