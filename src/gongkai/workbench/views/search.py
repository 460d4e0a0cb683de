"""The search box: numbers, titles, units and document numbers, over what the person may read; bounded work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from gongkai.core import listing
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, Letter, Unit
from gongkai.core.navigation import shell, signed_in
from gongkai.workbench.views import lists

MOST = 20


@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Groups of at most twenty each; the exact number opens its case at once."""
    words = " ".join(request.GET.get("q", "").split())[:80]
    groups: list[dict[str, Any]] = []
    units: list[Unit] = []
    if words:
        visible = Case.objects.visible_to(request.user)
        exact = visible.filter(number=words.upper()).first()
        if exact:
            return redirect(exact)
        groups = _groups(request, visible, words)
        units = list(Unit.objects.filter(name__contains=words, active=True).order_by("path")[:MOST])
    context = shell(request, title="搜索", search_words=words, words=words, groups=groups, units=_units(request, units))
    return render(request, "workbench/search.html", context)


def _groups(request: HttpRequest, visible: Any, words: str) -> list[dict[str, Any]]:
    now = timezone.now()
    found = []
    seen: set[int] = set()
    for title, rows in (
        ("编号", visible.filter(number__startswith=words.upper())),
        ("名称", visible.filter(title__contains=words)),
        ("文号", visible.filter(pk__in=_lettered(words))),
        *(
            (kind.label, kind.model.objects.visible_to(request.user).filter(document_number__contains=words))
            for kind in kinds.values()
            if any(field.name == "document_number" for field in kind.model._meta.fields)
        ),
    ):
        cases = [case for case in listing.relations(rows).order_by("-id")[: MOST + 1] if case.pk not in seen]
        seen |= {case.pk for case in cases}
        if not cases:
            continue
        more = len(cases) > MOST
        cases = listing.with_faces(cases[:MOST], now)
        table = {**lists.table_of(cases, request.user), "select": False, "caption": f"按{title}找到的事项"}
        found.append({"title": f"按{title}", "count": f"{MOST}件以上" if more else f"{len(cases)}件", "table": table})
    return found


def _lettered(words: str) -> list[int]:
    return list(Letter.objects.filter(number__contains=words).order_by("-id").values_list("case_id", flat=True)[:MOST])


def _units(request: HttpRequest, units: list[Unit]) -> list[dict[str, str]]:
    return [
        {"label": unit.name, "url": f"{reverse('workbench:cases')}?{urlencode({'unit': unit.pk})}"} for unit in units
    ]
