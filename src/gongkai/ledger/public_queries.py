"""What the public reads of a ledger: duties, units, lights, released progress; a fixed number of queries for any size."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gongkai.core.models import Unit
from gongkai.core.models.cases import Light
from gongkai.law.clock import LIGHTS, PUBLIC_LIGHT_LABELS, last_day
from gongkai.ledger import queries
from gongkai.ledger.models import Assignment, AssignmentRole, Notice, Progress, Section, Task

ROLE_WORDS = {AssignmentRole.LEAD: "牵头", AssignmentRole.RESPONSIBLE: "责任", AssignmentRole.COOPERATING: "配合"}
RUNNING = ("open", "closed")
LIGHT_WORDS: dict[str, str] = {str(light): words for light, words in PUBLIC_LIGHT_LABELS.items()}


def public_notices() -> QuerySet[Notice]:
    """Notices whose ledger is public, the newest first."""
    return Notice.objects.filter(public=True, state__in=["dispatched", "archived"]).order_by(
        "-year", "-issued_on", "-pk"
    )


@dataclass(slots=True)
class Duty:
    """One duty as the public page shows it."""

    task: Task
    light: str
    counts: Counter[str]
    units: list[dict[str, Any]]
    due: str
    latest: Progress | None = None
    figures: list[Any] = field(default_factory=list)

    @property
    def light_words(self) -> str:
        """The light in the words of public pages."""
        return LIGHT_WORDS[self.light]

    @property
    def sentence(self) -> SafeString:
        """The words of the notice with what counts marked."""
        return source_sentence(self.task)

    @property
    def url(self) -> str:
        """The duty's own address."""
        return self.task.get_public_url()


@dataclass(slots=True)
class Part:
    """A part of the notice with its duties."""

    section: Section | None
    duties: list[Duty]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(duty.light in ("done", "donelate") for duty in self.duties)


def duties(notice: Notice, now: dt.datetime, *, unit: Unit | None = None) -> list[Duty]:
    """All duties of a public notice, in order; only those of a unit when asked."""
    lights, nearest = _lights(notice, now, unit)
    tasks = (
        Task.objects.filter(notice=notice, state__in=RUNNING)
        .select_related("part", "summary_by")
        .prefetch_related("named_units__unit", "named_units__group", "deadlines", "targets", "citations")
        .order_by("ordinal", "pk")
    )
    latest = _latest_released(notice)
    figures = queries.target_figures(notice)
    found = []
    for task in tasks:
        # The notice's text is long: one copy serves all duties.
        task.notice = notice
        if unit is not None and task.pk not in lights:
            continue
        counts = lights.get(task.pk, Counter())
        shown = _worst(task, counts)
        found.append(
            Duty(
                task=task,
                light=shown,
                counts=counts,
                units=_units(task),
                due=_due_words(task, shown, nearest.get(task.pk), now),
                latest=latest.get(task.pk),
                figures=figures.get(task.pk, []),
            )
        )
    return found


def light_counts(notice: Notice, now: dt.datetime) -> Counter[str]:
    """How many duties of a notice stand in each light; two queries."""
    lights, _ = _lights(notice, now, None)
    tasks = Task.objects.filter(notice=notice, state__in=RUNNING).only("pk", "state")
    return Counter(_worst(task, lights.get(task.pk, Counter())) for task in tasks)


def parts(found: list[Duty]) -> list[Part]:
    """Duties grouped by the notice's parts."""
    grouped: dict[int | None, Part] = {}
    for duty in found:
        grouped.setdefault(duty.task.part_id, Part(duty.task.part, [])).duties.append(duty)
    return list(grouped.values())


def _lights(
    notice: Notice, now: dt.datetime, unit: Unit | None
) -> tuple[dict[int, Counter[str]], dict[int, dt.datetime]]:
    rows = Assignment.objects.filter(series=notice.ledger_series).exclude(state="cancelled")
    if unit is not None:
        rows = rows.filter(unit=unit)
    lights: dict[int, Counter[str]] = defaultdict(Counter)
    nearest: dict[int, dt.datetime] = {}
    grouped = (
        rows.annotate(live=queries.live_light(now))
        .values_list("task", "live")
        .annotate(n=Count("pk"), due=Min("late_at", filter=Q(late_at__gt=now)), overdue=Min("late_at"))
    )
    for task, light, number, due, overdue in grouped:
        lights[task][light] += number
        moment = overdue if light == Light.LATE else due
        if moment and (task not in nearest or moment < nearest[task]):
            nearest[task] = moment
    return lights, nearest


def _worst(task: Task, counts: Counter[str]) -> str:
    if task.state == "closed":
        return "donelate" if counts["donelate"] else "done"
    return next((light for light in LIGHTS if counts[light]), "ok")


def _units(task: Task) -> list[dict[str, Any]]:
    rows = []
    for role in AssignmentRole:
        names = [str(named.group or named.unit or named.name) for named in task.named_units.all() if named.role == role]
        if names:
            rows.append({"role": ROLE_WORDS[role], "names": names})
    return rows


def _due_words(task: Task, light: str, nearest: dt.datetime | None, now: dt.datetime) -> str:
    if task.state == "closed" and task.closed_at:
        return f"{_day(timezone.localdate(task.closed_at), now)}完成"
    if light == "wait":
        trigger = next((d.trigger for d in task.deadlines.all() if d.trigger), "")
        return f"从{trigger}起算" if trigger else "事件发生时开始计时"
    if nearest is None:
        return ""
    day = _day(last_day(nearest), now)
    return f"要求{day}前，尚有单位未完成" if light == Light.LATE else f"{day}前"


def _day(day: dt.date, now: dt.datetime) -> str:
    year = "" if day.year == timezone.localtime(now).year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def _latest_released(notice: Notice) -> dict[int, Progress]:
    """The newest released report of each duty."""
    released = Progress.objects.filter(
        assignment__series=notice.ledger_series, released_at__isnull=False, returned_at__isnull=True
    ).order_by("reported_at", "pk")
    newest = dict(released.values_list("assignment__task", "pk"))
    rows = Progress.objects.filter(pk__in=list(newest.values())).select_related("assignment__unit")
    return {row.assignment.task_id: row for row in rows}


def duty(notice: Notice, ordinal: int, now: dt.datetime) -> tuple[Duty, list[dict[str, Any]], list[Progress]] | None:
    """One duty with its units' lights and all released progress; None if there is none."""
    task = (
        Task.objects.filter(notice=notice, state__in=RUNNING, ordinal=ordinal)
        .select_related("part", "summary_by", "notice")
        .prefetch_related("named_units__unit", "named_units__group", "deadlines", "targets", "citations")
        .first()
    )
    if task is None:
        return None
    assignments = list(
        Assignment.objects.filter(task=task)
        .exclude(state="cancelled")
        .annotate(live=queries.live_light(now))
        .select_related("unit")
        .order_by("unit__ordinal", "pk")
    )
    counts = Counter(assignment.live for assignment in assignments)
    shown = _worst(task, counts)
    nearest = min((a.late_at for a in assignments if a.late_at and (a.late_at > now or shown == "late")), default=None)
    released = list(
        Progress.objects.filter(assignment__task=task, released_at__isnull=False, returned_at__isnull=True)
        .select_related("assignment__unit")
        .prefetch_related("files")
        .order_by("-reported_at", "-pk")[:100]
    )
    found = Duty(
        task, shown, counts, _units(task), _due_words(task, shown, nearest, now), released[0] if released else None,
        queries.target_figures(notice).get(task.pk, []),
    )  # fmt: skip
    rows = [
        {
            "unit": a.unit,
            "role": ROLE_WORDS[AssignmentRole(a.role)],
            "light": a.live,
            "words": LIGHT_WORDS[a.live],
            "percent": a.percent,
        }
        for a in assignments
    ]
    return found, rows, released


def source_sentence(task: Task) -> SafeString:
    """The duty as it stands in the notice, with deadlines, targets and citations marked."""
    start, end = task.span_start, task.span_end
    text = task.notice.text[start:end] or task.text
    if not task.notice.text[start:end]:
        return format_html("{}", text)
    marks = sorted(
        (item.span_start - start, item.span_end - start, kind)
        for kind, items in (
            ("sp sp-deadline", task.deadlines.all()),
            ("sp sp-target", task.targets.all()),
            ("sp sp-cite", task.citations.all()),
        )
        for item in items
        if item.span_start is not None and item.span_end is not None and start <= item.span_start < item.span_end <= end
    )
    pieces: list[SafeString] = []
    at = 0
    for first, last, kind in marks:
        if first < at:
            continue
        pieces += [format_html("{}", text[at:first]), format_html('<span class="{}">{}</span>', kind, text[first:last])]
        at = last
    pieces.append(format_html("{}", text[at:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def units_of(notice: Notice) -> QuerySet[Unit]:
    """The units that carry a duty of a notice."""
    carried = Assignment.objects.filter(series=notice.ledger_series).exclude(state="cancelled").values("unit")
    return Unit.objects.filter(pk__in=carried).order_by("ordinal", "pk")


def updated_at(notice: Notice) -> dt.datetime | None:
    """The last moment at which anything of the ledger changed."""
    return (
        Assignment.objects.filter(series=notice.ledger_series)
        .order_by("-updated_at")
        .values_list("updated_at", flat=True)
        .first()
    )
