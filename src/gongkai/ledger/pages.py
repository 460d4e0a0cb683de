"""Public pages of the ledgers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import attachments, sheets
from gongkai.core.models import Attachment, Unit
from gongkai.core.portal import portal_shell
from gongkai.law.clock import LIGHTS
from gongkai.ledger import public_queries
from gongkai.ledger.models import Notice, Progress

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The order of the strip and its legend: what is done first, what waits last.
STRIP = ("done", "donelate", "ok", "soon", "late", "paused", "wait")


def _notice(slug: str) -> Notice:
    return get_object_or_404(public_queries.public_notices(), slug=slug)


def _crumbs(notice: Notice | None = None, *more: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": "首页", "url": "/"},
        {"label": "任务台账", "url": reverse("ledger-public:index")},
    ]
    if notice is not None:
        rows.append({"label": f"{notice.plan_year}年", "url": reverse("ledger-public:notice", args=[notice.slug])})
    return rows + [{"label": label} for label in more]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All public ledgers."""
    now = timezone.now()
    rows = [
        {"notice": notice, "counts": public_queries.light_counts(notice, now)}
        for notice in public_queries.public_notices()[:10]
    ]
    return render(request, "ledger/public/index.html", portal_shell(request, rows=rows, crumbs=_crumbs()))


@require_safe
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    """The ledger of one notice: every duty with its light."""
    found, now = _notice(slug), timezone.now()
    unit = Unit.objects.filter(code=request.GET.get("unit", "")).first() if request.GET.get("unit") else None
    light = request.GET.get("light", "")
    wanted = set(light.split(",")) & set(LIGHTS)
    every = public_queries.duties(found, now, unit=unit)
    shown = [duty for duty in every if not wanted or duty.light in wanted]
    counts = Counter(duty.light for duty in every)
    lights = [
        {"light": key, "words": public_queries.LIGHT_WORDS[key], "number": counts[key]} for key in STRIP if counts[key]
    ]
    context = portal_shell(
        request,
        notice=found,
        crumbs=_crumbs(found),
        parts=public_queries.parts(shown),
        total=len(every),
        counts=counts,
        lights=lights,
        light=light if wanted else "",
        unit=unit,
        units=public_queries.units_of(found),
        all_lights=[(key, public_queries.LIGHT_WORDS[key]) for key in STRIP],
        now=now,
    )
    return render(request, "ledger/public/notice.html", context)


@require_safe
def duty(request: HttpRequest, slug: str, ordinal: int) -> HttpResponse:
    """One duty under its own address."""
    found, now = _notice(slug), timezone.now()
    result = public_queries.duty(found, ordinal, now)
    if result is None:
        raise Http404
    shown, units, released = result
    context = portal_shell(
        request,
        notice=found,
        duty=shown,
        units=units,
        released=released,
        sentence=public_queries.source_sentence(shown.task),
        crumbs=_crumbs(found, f"第{shown.task.ordinal}项"),
        now=now,
    )
    return render(request, "ledger/public/duty.html", context)


@require_safe
def text(request: HttpRequest, slug: str) -> HttpResponse:
    """The notice's own words, paragraph by paragraph, each duty's place marked."""
    found = _notice(slug)
    tasks = list(found.tasks.filter(state__in=public_queries.RUNNING).order_by("span_start"))
    lines = []
    for kind, start, end, *_ in found.blocks:
        here = [task for task in tasks if start <= task.span_start < end or (task.span_start <= start < task.span_end)]
        lines.append({"kind": kind, "text": found.text[start:end], "start": start, "tasks": here})
    context = portal_shell(request, notice=found, lines=lines, crumbs=_crumbs(found, "原文"))
    return render(request, "ledger/public/text.html", context)


@require_safe
def file(request: HttpRequest, slug: str, ordinal: int, pk: int) -> HttpResponse:
    """A file of released progress."""
    found = _notice(slug)
    released = Progress.objects.filter(
        assignment__series=found.ledger_series,
        assignment__task__ordinal=ordinal,
        released_at__isnull=False,
        returned_at__isnull=True,
        files=pk,
    )
    attachment = get_object_or_404(Attachment, pk=pk, public=True) if released.exists() else None
    if attachment is None:
        raise Http404
    response = HttpResponse(attachments.load(attachment.digest), content_type=attachment.content_type)
    response["Content-Disposition"] = content_disposition_header(True, attachment.name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_safe
def download(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The public ledger as Excel, Word or JSON."""
    found, now = _notice(slug), timezone.now()
    every = public_queries.duties(found, now)
    if form == "json":
        return JsonResponse(_data(found, every), json_dumps_params={"ensure_ascii": False})
    head = ["序号", "部分", "任务", "责任单位", "状态", "时限", "目标", "最近进展", "报送单位", "报送日期"]
    rows = [
        [
            duty.task.ordinal,
            duty.task.part.title if duty.task.part else "",
            duty.task.text,
            "；".join(f"{group['role']}：{'、'.join(group['names'])}" for group in duty.units),
            duty.light_words,
            duty.due,
            "；".join(target.text for target in duty.task.targets.all()),
            duty.latest.text if duty.latest else duty.task.summary_text if duty.task.summary_released_at else "",
            str(duty.latest.assignment.unit) if duty.latest else "",
            timezone.localdate(duty.latest.reported_at) if duty.latest else "",
        ]
        for duty in every
    ]
    title = f"{found.name}台账"
    note = f"数据截至{timezone.localtime(now):%Y-%m-%d %H:%M}"
    if form == "xlsx":
        data, kind = sheets.workbook(title, head, rows, note), XLSX
    elif form == "docx":
        data, kind = sheets.word_table(title, head, rows, note, widths=(12, 24, 62, 44, 20, 26, 24, 40, 22, 20)), DOCX
    else:
        raise Http404
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, f"{title}.{form}") or "attachment"
    return response


def _data(found: Notice, every: list[public_queries.Duty]) -> dict[str, Any]:
    return {
        "title": found.title,
        "document_number": found.document_number,
        "year": found.plan_year,
        "duties": [
            {
                "ordinal": duty.task.ordinal,
                "section": duty.task.part.title if duty.task.part else None,
                "text": duty.task.text,
                "units": duty.units,
                "light": duty.light,
                "deadlines": [deadline.text for deadline in duty.task.deadlines.all()],
                "targets": [target.text for target in duty.task.targets.all()],
                "progress": duty.latest.text if duty.latest else None,
            }
            for duty in every
        ],
    }


def _newest(every: list[public_queries.Duty]) -> list[public_queries.Duty]:
    """Duties with released progress, the newest report first."""
    reported = [(duty.latest.reported_at, duty.latest.pk, duty) for duty in every if duty.latest]
    return [duty for *_, duty in sorted(reported, key=lambda row: row[:2], reverse=True)]


def home_part() -> dict[str, Any] | None:
    """The newest public ledger on the home page."""
    found = public_queries.public_notices().first()
    if found is None:
        return None
    every = public_queries.duties(found, timezone.now())
    counts = Counter(duty.light for duty in every)
    return {
        "notice": found,
        "total": len(every),
        "done": counts["done"] + counts["donelate"],
        "late": counts["late"],
        "counts": counts,
        "news": _newest(every)[:6],
    }


def sitemap() -> list[tuple[str, Any]]:
    """Every public ledger and duty."""
    rows: list[tuple[str, Any]] = []
    for found in public_queries.public_notices()[:10]:
        rows.append((reverse("ledger-public:notice", args=[found.slug]), public_queries.updated_at(found)))
        ordinals = (
            found.tasks.filter(state__in=public_queries.RUNNING)
            .order_by("ordinal")
            .values_list("ordinal", "updated_at")
        )
        rows += [(reverse("ledger-public:duty", args=[found.slug, n]), changed) for n, changed in ordinals]
    return rows
