"""Searching everything that is public, and suggestions while typing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from gongkai.core.addresses import client_address
from gongkai.core.models import Unit
from gongkai.core.portal import portal_shell
from gongkai.core.search import mail_pages, ways_on
from gongkai.core.search.query import PUBLIC
from gongkai.core.search.service import Results, find, suggest

FACET_WORDS = {"validity": "有效性", "category": "类别", "unit": "发布单位", "year": "年份", "subject": "主题"}
# So many searches, and suggestions, from one address in a minute.
SEARCHES, SUGGESTIONS = 60, 300
SHOWN = 6
# Entries of a feed.
FEED = 30


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Whether this address asked more often than people do."""
    key = f"gongkai.search.{what}.{client_address(request)}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out between the two lines
        return False


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search page; without words an empty box and what others look for."""
    typed = request.GET.get("q", "")
    if typed and too_many(request, "page", SEARCHES):
        context = portal_shell(request, busy=True, words=typed[:100], crumbs=[])
        response = render(request, "portal/search.html", context, status=429)
        response["Retry-After"] = "60"
        return response
    filters = _filters(request)
    results = find(
        typed,
        PUBLIC,
        filters=filters,
        by_day=request.GET.get("sort") == "day",
        page=_whole(request.GET.get("page", "")) or 1,
        exact=request.GET.get("exact") == "1",
        counted=True,
    )
    context = portal_shell(
        request,
        results=results,
        words=results.text,
        kept=_kept(request),
        exact=request.GET.get("exact") == "1",
        by_day=request.GET.get("sort") == "day",
        facets=_facets(request, results, filters),
        chips=_chips(request, filters),
        clear_url=_address(request, **dict.fromkeys(FACET_WORDS)),
        exact_url=_address(request, exact="1"),
        loose_url=_address(request, exact=None),
        day_url=_address(request, sort="day"),
        best_url=_address(request, sort=None),
        meant_url=f"?{urlencode({'q': results.meant})}" if results.meant else "",
        pages=_pages(request, results),
        feed_url=f"{reverse('search:feed')}{_address(request, sort=None)}",
        mail_url=_mail_url(results.text) if results.text else "",
        popular=suggest(results.text) if not results.total else [],
        ways=_ways(),
    )
    response = render(request, "portal/search.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The newest answers of a search as an Atom feed: what somebody subscribes to instead of searching again."""
    typed = request.GET.get("q", "")
    if too_many(request, "feed", SEARCHES):
        return HttpResponse("请求太频繁，请过一分钟再试。", status=429, headers={"Retry-After": "60"})
    filters = _filters(request)
    exact = request.GET.get("exact") == "1"
    results = find(typed, PUBLIC, filters=filters, by_day=True, size=FEED, exact=exact, words_apart=True)
    made = Atom1Feed(
        title=f"搜索“{results.text}”的新内容 - {settings.GONGKAI_SITE_NAME}",
        link=request.build_absolute_uri(reverse("search:index") + _address(request, sort="day")),
        description="",
        language="zh-hans",
        feed_url=request.build_absolute_uri(),
    )
    for hit in results.hits:
        address = request.build_absolute_uri(hit.url)
        at = timezone.make_aware(dt.datetime.combine(hit.day, dt.time())) if hit.day else None
        made.add_item(
            title=strip_tags(hit.title),
            link=address,
            description="，".join(part for part in (hit.unit_name, hit.category, hit.validity) if part),
            unique_id=address,
            author_name=hit.unit_name or None,
            pubdate=at,
            updateddate=at,
        )
    response = HttpResponse(made.writeString("utf-8"), content_type=made.content_type)
    response["Cache-Control"] = "private, no-cache"
    return response


def _mail_url(words: str) -> str:
    """Where a mail subscription of these words is asked for; empty where no room offers it."""
    for url_name in mail_pages:
        try:
            return f"{reverse(url_name)}?{urlencode({'what': 'search', 'keyword': words})}"
        except NoReverseMatch:  # a room that is not mounted
            continue
    return ""


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The options of the box's list, for htmx."""
    words = request.GET.get("q", "")
    found = [] if too_many(request, "suggest", SUGGESTIONS) else suggest(words)
    return render(request, "portal/search_suggestions.html", {"suggestions": found})


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _filters(request: HttpRequest) -> dict[str, str | int]:
    filters: dict[str, str | int] = {}
    for name in FACET_WORDS:
        value = request.GET.get(name, "")[:60]
        if name in ("unit", "year"):
            number = _whole(value)
            if number:
                filters[name] = number
        elif value and value.isprintable():
            filters[name] = value
    return filters


def _kept(request: HttpRequest) -> list[tuple[str, str | int]]:
    """What a new search keeps: the order only; filters belong to the old words."""
    return [("sort", "day")] if request.GET.get("sort") == "day" else []


def _address(request: HttpRequest, **changes: str | int | None) -> str:
    """This page with other parameters, from its first page."""
    values: dict[str, Any] = {"q": request.GET.get("q", "")[:2000], **_filters(request)}
    if request.GET.get("sort") == "day":
        values["sort"] = "day"
    if request.GET.get("exact") == "1":
        values["exact"] = "1"
    values |= changes
    kept = {name: str(value).encode("utf-8", "replace") for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(kept)}"


def _facets(request: HttpRequest, results: Results, filters: dict[str, str | int]) -> list[dict[str, Any]]:
    units = _unit_names([int(value) for value, _ in results.facets.get("unit", [])])
    groups = []
    for name, title in FACET_WORDS.items():
        lines = []
        for value, number in results.facets.get(name, []):
            label = units.get(int(value), "") if name == "unit" else f"{value}年" if name == "year" else str(value)
            if not label:
                continue
            current = filters.get(name) == value
            url = _address(request, **{name: None if current else value})
            lines.append({"label": label, "number": number, "current": current, "url": url})
        # One value for everything helps nobody choose.
        if len(lines) > 1 or any(line["current"] for line in lines):
            groups.append({"name": name, "title": title, "lines": lines[:SHOWN], "more": lines[SHOWN:40]})
    return groups


def _unit_names(pks: list[int]) -> dict[int, str]:
    return {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in=pks)} if pks else {}


def _chips(request: HttpRequest, filters: dict[str, str | int]) -> list[dict[str, str]]:
    names = _unit_names([int(filters["unit"])]) if "unit" in filters else {}
    chips = []
    for name, value in filters.items():
        label = names.get(int(value), "") if name == "unit" else f"{value}年" if name == "year" else str(value)
        if label:
            chips.append({"label": label, "url": _address(request, **{name: None})})
    return chips


def _pages(request: HttpRequest, results: Results) -> list[dict[str, Any]]:
    """Links to pages: the first, those around the current one, the last; gaps between them."""
    if results.pages < 2:
        return []
    wanted = sorted({1, results.pages, *range(max(1, results.page - 1), min(results.pages, results.page + 2) + 1)})
    rows: list[dict[str, Any]] = []
    for before, number in zip([0, *wanted], wanted, strict=False):
        if number > before + 1:
            rows.append({"gap": True})
        rows.append({"number": number, "current": number == results.page, "url": _address(request, page=number)})
    if results.page < results.pages:
        rows.append({"next": True, "url": _address(request, page=results.page + 1)})
    return rows


def _ways() -> list[dict[str, str]]:
    ways = []
    for label, url_name in ways_on:
        try:
            ways.append({"label": label, "url": reverse(url_name)})
        except NoReverseMatch:  # a room that is not mounted
            continue
    return ways
