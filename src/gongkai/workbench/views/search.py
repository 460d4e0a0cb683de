"""The search box: numbers, titles, units and document numbers, over what the person may read; bounded work."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from gongkai.core import listing
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Letter, Unit
from gongkai.core.navigation import shell, signed_in
from gongkai.workbench import queries
from gongkai.workbench.views import lists

MOST = 20
# Titles are looked through in the newest cases only, so that one search never reads everything.
NEWEST = 100_000


@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Groups of at most twenty each; the exact number opens its case at once."""
    words = " ".join(request.GET.get("q", "").split())[:80]
    groups: list[dict[str, Any]] = []
    units: list[Unit] = []
    if words:
        exact = Case.objects.visible_to(request.user).filter(number=words.upper()).first()
        if exact:
            return redirect(exact)
        groups = _groups(request, words)
        units = list(Unit.objects.filter(name__contains=words, active=True).order_by("path")[:MOST])
    context = shell(request, title="搜索", search_words=words, words=words, groups=groups, units=_units(units))
    return render(request, "workbench/search.html", context)


def _groups(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    now, user = timezone.now(), request.user
    visible = Case.objects.visible_to(user)
    newest = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    titled = queries.all_cases(user).filter(pk__gt=newest - NEWEST, title__contains=words)
    found = []
    seen: set[int] = set()
    for title, rows in (
        ("编号", visible.filter(_starts(words.upper()))),
        ("名称", titled),
        ("文号", visible.filter(pk__in=_documents(words))),
    ):
        cases = [case for case in listing.relations(rows).order_by("-pk")[: MOST + 1] if case.pk not in seen]
        seen |= {case.pk for case in cases}
        if not cases:
            continue
        more = len(cases) > MOST
        cases = listing.with_faces(cases[:MOST], now)
        table = {**lists.table_of(cases, user), "select": False, "caption": f"按{title}找到的事项"}
        found.append({"title": f"按{title}", "count": f"{MOST}件以上" if more else f"{len(cases)}件", "table": table})
    return found


def _starts(prefix: str) -> Q:
    """Numbers that begin so, by the index: SQLite uses it for ranges only, PostgreSQL for LIKE only."""
    if connection.vendor == "sqlite":
        return Q(number__gte=prefix, number__lt=prefix + "\U0010ffff")
    return Q(number__startswith=prefix)


def _documents(words: str) -> list[int]:
    """Cases with a letter or a document under this number, the newest ones."""
    found = list(Letter.objects.filter(number__contains=words).order_by("-id").values_list("case_id", flat=True)[:MOST])
    for kind in kinds.values():
        if any(field.name == "document_number" for field in kind.model._meta.local_fields):
            rows = kind.model.objects.filter(document_number__contains=words).order_by("-pk")
            found += rows.values_list("pk", flat=True)[:MOST]
    return found


def _units(units: list[Unit]) -> list[dict[str, str]]:
    return [
        {"label": unit.name, "url": f"{reverse('workbench:cases')}?{urlencode({'unit': unit.pk})}"} for unit in units
    ]
