"""审计留痕: search, export, and the proof that nothing was altered. Only reading."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import audit, listing, sheets
from gongkai.core.models import AuditLink, Case, Event, PendingSeal, User
from gongkai.core.navigation import shell
from gongkai.workbench.views.guards import auditing

SIZE = 50
MOST = 50000


def _rows(request: HttpRequest) -> QuerySet:
    rows = Event.objects.order_by("-id")
    person = request.GET.get("person", "").strip()[:60]
    if person:
        rows = rows.filter(actor__in=list(User.objects.filter(username=person).values_list("pk", flat=True)))
    act = request.GET.get("act", "").strip()[:60]
    if act:
        rows = rows.filter(act=act) if "." in act else rows.filter(label=act)
    number = request.GET.get("number", "").strip()[:40]
    if number:
        rows = rows.filter(case__in=list(Case.objects.filter(number=number.upper()).values_list("pk", flat=True)))
    for name, last in (("from", False), ("to", True)):
        day = listing.day_of(request.GET.get(name, ""))
        if day:
            moment = listing.day_start(day + dt.timedelta(days=1) if last else day)
            rows = rows.filter(at__lt=moment) if last else rows.filter(at__gte=moment)
    return rows


@auditing
def listing_page(request: HttpRequest) -> HttpResponse:
    """Newest first, by keyset."""
    rows = _rows(request)
    if request.GET.get("export") == "xlsx":
        return _export(request, rows)
    before = listing.ids_of([request.GET.get("before", "")])
    if before:
        rows = rows.filter(pk__lt=before[0])
    found = list(rows.select_related("case", "actor", "link")[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    context = _context(request, rows=found, more=more)
    return render(request, "workbench/admin/audit.html", context)


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    rows = more.get("rows") or []
    next_url = listing.address(request.GET, before=str(rows[-1].pk)) if more.pop("more", False) and rows else ""
    if next_url and "before" not in next_url:
        next_url += f"&before={rows[-1].pk}"
    return shell(
        request,
        title="审计留痕",
        sub="谁在什么时候做了什么，只增不改",
        values={name: request.GET.get(name, "") for name in ("person", "act", "number", "from", "to")},
        next_url=next_url,
        export_url=listing.address(request.GET) + "&export=xlsx",
        last=AuditLink.objects.order_by("-id").first(),
        waiting=PendingSeal.objects.count(),
        **more,
    )


def _export(request: HttpRequest, rows: QuerySet) -> HttpResponse:
    lines = [
        [
            event.pk,
            event.at,
            event.actor_label,
            event.label,
            event.act,
            event.case.number if event.case else "",
            event.summary,
            event.digest,
        ]
        for event in rows.select_related("case")[:MOST].iterator(chunk_size=1000)
    ]
    audit.note("audit.export", "导出审计留痕", request.user, summary=f"{len(lines)}条")
    head = ("序号", "时间", "谁", "行为", "行为代码", "事项编号", "说明", "摘要")
    return listing.download(
        sheets.workbook("审计留痕", head, lines), f"审计留痕 {timezone.localdate():%Y-%m-%d}.xlsx", "xlsx"
    )


@auditing
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Read everything anew and say whether it is whole."""
    verdict = audit.verify()
    audit.note("audit.verify", "校验审计链", request.user, summary=verdict.fault or f"完好，{verdict.events}条")
    found = list(_rows(request).select_related("case", "actor", "link")[:SIZE])
    return render(request, "workbench/admin/audit.html", _context(request, rows=found, verdict=verdict))
