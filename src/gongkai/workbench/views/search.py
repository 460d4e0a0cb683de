"""The search box: cases by number, title, unit, numbers of letters; only what the person may read is asked for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from gongkai.core import listing
from gongkai.core.models import Case, Unit, User
from gongkai.core.navigation import shell, signed_in
from gongkai.core.search.cases import SOURCE
from gongkai.core.search.index import scope_of
from gongkai.core.search.service import Results, find
from gongkai.workbench.views import lists

UNITS = 20
SIZE = 20
# Facets of cases: what they are called here.
FACET_WORDS = {"category": "类型", "validity": "状态", "unit": "承办单位", "year": "年份"}
SHOWN = 12


@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """The exact number opens its case at once; else the best twenty, with filters and pages."""
    words = " ".join(request.GET.get("q", "").split())[:100]
    results, units, facets, table = Results(), [], [], None
    filters = _filters(request)
    if words:
        exact = Case.objects.visible_to(request.user).filter(number=words.upper()).first()
        if exact:
            return redirect(exact)
        results = _results(request, words, filters)
        table = _table(results, request.user)
        units = list(Unit.objects.filter(name__contains=words, active=True).order_by("path")[:UNITS])
        facets = _facets(request, results, filters)
    context = shell(
        request,
        title="搜索",
        search_words=words,
        words=words,
        results=results,
        table=table,
        facets=facets,
        units=_units(units),
        previous_url=_address(request, page=results.page - 1) if results.page > 1 else "",
        next_url=_address(request, page=results.page + 1) if results.page < results.pages else "",
        exact_url=_address(request, exact="1"),
        meant_url=f"?{urlencode({'q': results.meant})}" if results.meant else "",
    )
    return render(request, "workbench/search.html", context)


def _results(request: HttpRequest, words: str, filters: dict[str, str | int]) -> Results:
    return find(
        words,
        scope_of(request.user),
        filters=filters,
        by_day=request.GET.get("sort") == "day",
        page=_whole(request.GET.get("page", "")) or 1,
        size=SIZE,
        exact=request.GET.get("exact") == "1",
        sources=(SOURCE,),
    )


def _table(results: Results, user: User) -> dict[str, Any]:
    """The cases of the hits in their order. The rows are read as they are now, by the same rule as everywhere."""
    rows = listing.relations(Case.objects.visible_to(user).filter(pk__in=[hit.pk for hit in results.hits]))
    cases = {case.pk: case for case in rows}
    ordered = [cases[hit.pk] for hit in results.hits if hit.pk in cases]
    return {
        **lists.table_of(listing.with_faces(ordered, timezone.now()), user),
        "select": False,
        "caption": "找到的事项",
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _filters(request: HttpRequest) -> dict[str, str | int]:
    filters: dict[str, str | int] = {}
    for name in FACET_WORDS:
        value = request.GET.get(name, "")[:60]
        if name in ("unit", "year"):
            if _whole(value):
                filters[name] = _whole(value)
        elif value and value.isprintable():
            filters[name] = value
    return filters


def _address(request: HttpRequest, **changes: str | int | None) -> str:
    values: dict[str, Any] = {"q": request.GET.get("q", "")[:500], **_filters(request)}
    for name in ("sort", "exact"):
        values[name] = request.GET.get(name, "")[:5]
    values |= changes
    kept = {name: str(value).encode("utf-8", "replace") for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(kept)}"


def _facets(request: HttpRequest, results: Results, filters: dict[str, str | int]) -> list[dict[str, Any]]:
    pks = [int(value) for value, _ in results.facets.get("unit", [])]
    names = {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in=pks[:SHOWN])} if pks else {}
    groups = []
    for name, title in FACET_WORDS.items():
        lines = []
        for value, number in results.facets.get(name, [])[:SHOWN]:
            label = names.get(int(value), "") if name == "unit" else f"{value}年" if name == "year" else str(value)
            current = filters.get(name) == value
            url = _address(request, **{name: None if current else value})
            if label:
                lines.append({"label": label, "number": number, "current": current, "url": url})
        if len(lines) > 1 or any(line["current"] for line in lines):
            groups.append({"title": title, "lines": lines})
    return groups


def _units(units: list[Unit]) -> list[dict[str, str]]:
    return [
        {"label": unit.name, "url": f"{reverse('workbench:cases')}?{urlencode({'unit': unit.pk})}"} for unit in units
    ]
