"""五公开: what is public by stage of government work: decision, execution, management, service, result (000-1a)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import listing, pages
from gongkai.core.models import Unit
from gongkai.publications.models import PublicDocument, Stage
from gongkai.publications.pages import shell
from gongkai.publications.registers.views.common import keyset

NEWEST = 5
PAGE = 20
ABOUT = {
    Stage.DECISION: "决定之前征求意见，决定之后公开依据和结果。",
    Stage.EXECUTION: "决定了的事做到哪一步、谁负责、有什么调整。",
    Stage.MANAGEMENT: "职责、权力、监督检查和行政执法怎样进行。",
    Stage.SERVICE: "办什么事、怎样办、要多久。",
    Stage.RESULT: "做成了什么、花了多少、效果怎样。",
}


def _crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    steps = [("首页", "/"), ("政府信息公开", reverse("information:disclosure")), *more]
    return [{"label": label, "url": url} for label, url in steps]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The five stages, how much is public of each, and the newest."""
    pages.tag(request, "documents")
    rows = PublicDocument.objects.exclude(stage="").values("stage").annotate(number=Count("pk")).order_by()
    counts = {row["stage"]: row["number"] for row in rows}
    staged = PublicDocument.objects.select_related("unit").order_by("-published_at", "-pk")
    parts = [
        {
            "code": code,
            "label": label,
            "about": ABOUT[Stage(code)],
            "number": counts.get(code, 0),
            "rows": list(staged.filter(stage=code)[:NEWEST]) if counts.get(code) else [],
        }
        for code, label in Stage.choices
    ]
    context = shell(
        request, section="information:disclosure", parts=parts, crumbs=_crumbs(("五公开", "")), column_name="五公开"
    )
    return render(request, "publications/public/stages.html", context)


@require_safe
def stage(request: HttpRequest, code: str) -> HttpResponse:
    """All that is public of one stage, newest first; of one body and one year where the address says so."""
    if code not in Stage.values:
        raise Http404
    pages.tag(request, "documents")
    rows = PublicDocument.objects.filter(stage=code).select_related("unit")
    unit = Unit.objects.filter(code=request.GET.get("unit", "")).first() if request.GET.get("unit") else None
    words: list[str] = []
    known: list[str] = []
    if unit is not None:
        rows, known = rows.filter(unit=unit), [*known, "unit"]
        words.append(str(unit))
    year = request.GET.get("year", "")
    if year.isascii() and year.isdigit() and len(year) == 4:
        rows, known = rows.filter(year=int(year)), [*known, "year"]
        words.append(f"{year}年")
    if known:
        pages.query(request, *known)
    found = keyset(rows, request.GET, PAGE, "published_at", descending=True)
    label = Stage(code).label
    context: dict[str, Any] = shell(
        request,
        section="information:disclosure",
        title=f"{label}公开",
        about=ABOUT[Stage(code)],
        chosen="，".join(words),
        rows=found.rows,
        previous_url=listing.address(request.GET, before=found.before) if found.before else "",
        next_url=listing.address(request.GET, after=found.after) if found.after else "",
        tabs=[
            {"label": one, "url": reverse("information:stage", args=[each]), "current": each == code}
            for each, one in Stage.choices
        ],
        crumbs=_crumbs(("五公开", reverse("information:stages")), (f"{label}公开", "")),
        column_name=f"{label}公开",
    )
    return render(request, "publications/public/stage.html", context)
