"""Public pages of the ledgers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import attachments, sheets
from gongkai.core import pages as cache
from gongkai.core.models import Attachment, Unit
from gongkai.core.portal import portal_shell
from gongkai.law.clock import LIGHTS
from gongkai.ledger import public_queries
from gongkai.ledger.models import Notice, Progress, Task

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The list of ledgers as a tag: dropped when a ledger is published or taken back.
LIST = "list:notices"
# Computed figures are a minute old at most when a page is rendered, and this much older when it is read.
FIGURES_STAND = dt.timedelta(minutes=10)
# The order of the strip and its legend: what is done first, what waits last.
STRIP = ("done", "donelate", "ok", "soon", "late", "paused", "wait")


def _notice(slug: str) -> Notice:
    return get_object_or_404(public_queries.public_notices().defer("compiled"), slug=slug)


def _crumbs(notice: Notice | None = None, *more: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": "首页", "url": "/"},
        {"label": "任务台账", "url": reverse("ledger-public:index")},
    ]
    if notice is not None:
        rows.append({"label": f"{notice.plan_year}年", "url": reverse("ledger-public:notice", args=[notice.slug])})
    return rows + [{"label": label} for label in more]


def _tag(found: Notice) -> str:
    """The tag of everything that shows a notice's ledger."""
    return f"notice:{found.pk}"


def _stands_until(request: HttpRequest, changes_at: dt.datetime | None) -> None:
    """Pages of a ledger show days, lights and computed figures: kept until the first of them may be another."""
    now = timezone.now()
    cache.until(request, min(cache.end_of_day(now), now + FIGURES_STAND))
    cache.until(request, changes_at)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All public ledgers."""
    notices = list(public_queries.public_notices().defer("text", "blocks", "compiled")[:10])
    counts, changes_at = public_queries.light_counts(notices, timezone.now())
    cache.tag(request, LIST, *map(_tag, notices))
    _stands_until(request, changes_at)
    rows = [{"notice": notice, "counts": counts[notice.pk]} for notice in notices]
    return render(request, "ledger/public/index.html", portal_shell(request, rows=rows, crumbs=_crumbs()))


@require_safe
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    """The ledger of one notice: every duty with its light."""
    found, now = _notice(slug), timezone.now()
    code, light = request.GET.get("unit", ""), request.GET.get("light", "")
    unit = Unit.objects.filter(code=code).first() if code else None
    asked = set(light.split(",")) - {""}
    wanted = asked & set(LIGHTS)
    every, changes_at = public_queries.duties_until(found, now, unit=unit)
    cache.tag(request, LIST, _tag(found))
    _stands_until(request, changes_at)
    if (unit or not code) and wanted == asked:
        cache.query(request, "unit", "light")
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
        text_url=reverse("ledger-public:text", args=[found.slug]) if found.text else "",
        all_lights=[(key, public_queries.LIGHT_WORDS[key]) for key in STRIP],
        now=now,
    )
    return render(request, "ledger/public/notice.html", context)


@require_safe
def duty(request: HttpRequest, slug: str, ordinal: int) -> HttpResponse:
    """One duty under its own address, with a page of its units and of its released progress."""
    found, now = _notice(slug), timezone.now()
    light = request.GET.get("light", "")
    light = light if light in LIGHTS else ""
    before = request.GET.get("before", "")
    result = public_queries.duty(
        found,
        ordinal,
        now,
        light=light,
        after=request.GET.get("after", ""),
        before=int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None,
    )
    if result is None:
        raise Http404
    cache.tag(request, LIST, _tag(found), f"task:{result.duty.task.pk}")
    _stands_until(request, result.changes_at)
    if light or not request.GET.get("light"):
        # Further pages have as many addresses as there are places; only the first of each light is kept.
        cache.query(request, "light")
    counts = result.duty.counts
    context = portal_shell(
        request,
        notice=found,
        duty=result.duty,
        shown=result,
        light=light,
        lights=[
            {"light": key, "words": public_queries.LIGHT_WORDS[key], "number": counts[key]}
            for key in STRIP
            if counts[key]
        ],
        sentence=public_queries.source_sentence(result.duty.task),
        crumbs=_crumbs(found, f"第{result.duty.task.ordinal}项"),
        now=now,
    )
    return render(request, "ledger/public/duty.html", context)


@require_safe
def text(request: HttpRequest, slug: str) -> HttpResponse:
    """The notice's own words, paragraph by paragraph, each duty's place marked."""
    found = _notice(slug)
    cache.tag(request, LIST, _tag(found))
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


def home_part() -> dict[str, Any] | None:
    """The newest public ledger on the home page."""
    found = public_queries.public_notices().defer("text", "blocks", "compiled").first()
    if found is None:
        return None
    counts = public_queries.light_counts([found], timezone.now())[0][found.pk]
    return {
        "notice": found,
        "total": counts.total(),
        "done": counts["done"] + counts["donelate"],
        "late": counts["late"],
        "counts": counts,
        "news": public_queries.newest_duties(found, 6),
    }


def sitemap() -> list[tuple[str, Any]]:
    """Every public ledger and duty."""
    notices = list(public_queries.public_notices().defer("text", "blocks", "compiled")[:10])
    rows: list[tuple[str, Any]] = []
    newest = {found.pk: found.updated_at for found in notices}
    for found, ordinal, changed in public_queries.addresses(notices):
        rows.append((reverse("ledger-public:duty", args=[found.slug, ordinal]), changed))
        newest[found.pk] = max(newest[found.pk], changed)
    return [(reverse("ledger-public:notice", args=[found.slug]), newest[found.pk]) for found in notices] + rows


def shown_by(case: Any) -> list[str]:
    """The tags of the public pages that show a notice, a duty or an assignment."""
    if case.kind == Notice.KIND:
        return [LIST, f"notice:{case.pk}"]
    if case.kind == Task.KIND:
        return [f"task:{case.pk}", f"notice:{case.notice_id}"]
    # The series names the notice, except of what was taken out of all figures.
    of_notice = case.series.startswith(Notice.SERIES_PREFIX)
    notice_id = case.series.removeprefix(Notice.SERIES_PREFIX) if of_notice else case.task.notice_id
    return [f"task:{case.task_id}", f"notice:{notice_id}"]
