"""What the public reads of a ledger: duties, units, lights, released progress; a fixed number of queries for any size."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gongkai.core.models import CaseCount, Unit
from gongkai.core.models.cases import Light
from gongkai.law.clock import LIGHTS, PUBLIC_LIGHT_LABELS, last_day
from gongkai.ledger import queries
from gongkai.ledger.models import Assignment, AssignmentRole, Notice, Progress, Section, Task, TaskUnit

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


@dataclass(slots=True)
class Standing:
    """How the units of many duties stand: open lights, the nearest moment that matters, when a light changes next."""

    counts: dict[int, Counter[str]]
    nearest: dict[int, dt.datetime]
    changes_at: dt.datetime | None


def duties(notice: Notice, now: dt.datetime, *, unit: Unit | None = None) -> list[Duty]:
    """All duties of a public notice, in order; only those of a unit when asked."""
    return duties_until(notice, now, unit=unit)[0]


def duties_until(
    notice: Notice, now: dt.datetime, *, unit: Unit | None = None
) -> tuple[list[Duty], dt.datetime | None]:
    """`duties`, and the moment at which one of their lights changes by itself; None if none will."""
    standing = _standing([notice.ledger_series], now, unit)
    tasks = list(
        _with_newest(_running(notice))
        .select_related("part", "summary_by")
        .only(*SHOWN_OF_TASKS)
        .prefetch_related(_named_units(), "deadlines", "targets", "citations")
        .order_by("ordinal", "pk")
    )
    latest = _reports([task.newest for task in tasks])
    figures = queries.target_figures(notice)
    found = []
    for task in tasks:
        # The notice's text is long: one copy serves all duties.
        task.notice = notice
        counts = standing.counts.get(task.pk, Counter())
        if unit is not None and not counts:
            continue
        shown = _worst(task, counts, unit)
        found.append(
            Duty(
                task=task,
                light=shown,
                counts=counts,
                units=_units(task),
                due=_due_words(task, shown, standing.nearest.get(task.pk), now),
                latest=latest.get(task.newest),
                figures=figures.get(task.pk, []),
            )
        )
    return found, standing.changes_at


def light_counts(notices: list[Notice], now: dt.datetime) -> tuple[dict[int, Counter[str]], dt.datetime | None]:
    """Notice id -> how many duties stand in each light, and when one of them changes by itself; two queries."""
    standing = _standing([notice.ledger_series for notice in notices], now)
    tasks = _running(*notices).only("pk", "state", "notice", "finished_late")
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for task in tasks:
        found[task.notice_id][_worst(task, standing.counts.get(task.pk, Counter()))] += 1
    return found, standing.changes_at


def parts(found: list[Duty]) -> list[Part]:
    """Duties grouped by the notice's parts."""
    grouped: dict[int | None, Part] = {}
    for duty in found:
        grouped.setdefault(duty.task.part_id, Part(duty.task.part, [])).duties.append(duty)
    return list(grouped.values())


# What lists of duties show; a case has many columns more.
SHOWN_OF_TASKS = (
    "state", "closed_at", "ordinal", "heading", "text", "span_start", "span_end", "notice", "finished_late",
    "part__ordinal", "part__title", "summary_text", "summary_at", "summary_released_at", "summary_by__name",
    "summary_by__short_name",
)  # fmt: skip


def _named_units() -> Prefetch:
    """The units of duties by their names alone."""
    rows = TaskUnit.objects.select_related("unit", "group")
    return Prefetch(
        "named_units",
        rows.only("task", "ordinal", "role", "name", "unit__name", "unit__short_name", "group__name"),
    )


def _running(*notices: Notice) -> QuerySet[Any]:
    """The duties that the public sees; `carried` says whether any unit has one."""
    carried = Assignment.objects.filter(task=OuterRef("pk")).exclude(state="cancelled")
    tasks = Task.objects.filter(notice__in=[notice.pk for notice in notices], state__in=RUNNING).defer("compiled")
    return tasks.annotate(carried=Exists(carried))


def _released() -> QuerySet[Progress]:
    return Progress.objects.filter(released_at__isnull=False, returned_at__isnull=True)


def _with_newest(tasks: QuerySet[Any]) -> QuerySet[Any]:
    """Duties with the id of their newest released report as `newest`: one look into an index each."""
    return tasks.annotate(newest=Subquery(_newest_of_task().values("pk")[:1]))


def _newest_of_task() -> QuerySet[Progress]:
    counted = _released().filter(task=OuterRef("pk")).exclude(assignment__state="cancelled")
    return counted.order_by("-reported_at", "-pk")


def _reports(ids: list[int | None]) -> dict[int | None, Progress]:
    wanted = [pk for pk in ids if pk is not None]
    rows = Progress.objects.filter(pk__in=wanted).select_related("assignment__unit") if wanted else ()
    return {row.pk: row for row in rows}


def newest_duties(notice: Notice, number: int) -> list[Duty]:
    """Duties with released progress, the newest report first; without lights."""
    tasks = {task.newest: task for task in _with_newest(_running(notice)) if task.newest is not None}
    reports = _reports(list(tasks))
    order = sorted(reports.values(), key=lambda row: (row.reported_at, row.pk), reverse=True)[:number]
    for task in tasks.values():
        task.notice = notice
    return [Duty(tasks[row.pk], "ok", Counter(), [], "", row) for row in order]


def _standing(series: list[str], now: dt.datetime, unit: Unit | None = None) -> Standing:
    """What is open is few and lies in an index of its own; closed units count only where one unit is asked for."""
    rows = Assignment.objects.filter(series__in=series)
    rows = rows.filter(closed_at__isnull=True) if unit is None else rows.filter(unit=unit).exclude(state="cancelled")
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    nearest: dict[int, dt.datetime] = {}
    changes: list[dt.datetime] = []
    grouped = (
        rows.annotate(live=queries.live_light(now))
        .values_list("task", "live")
        .annotate(
            n=Count("pk"),
            due=Min("late_at", filter=Q(late_at__gt=now)),
            overdue=Min("late_at"),
            change=Min("light_until", filter=Q(light_until__gt=now)),
        )
    )
    for task, light, number, due, overdue, change in grouped:
        counts[task][light] += number
        moment = overdue if light == Light.LATE else due
        if moment and (task not in nearest or moment < nearest[task]):
            nearest[task] = moment
        # What has just become "soon" is late when its time is over: the row does not say so yet.
        changes += [at for at in (change, due if light == Light.SOON else None) if at]
    return Standing(counts, nearest, min(changes, default=None))


def _worst(task: Any, counts: Counter[str], unit: Unit | None = None) -> str:
    late = task.finished_late if unit is None else counts[Light.DONELATE]
    ended = "donelate" if late else "done"
    if task.state == "closed":
        return ended
    # An open duty all of whose units are through.
    through = ended if task.carried else "ok"
    return next((light for light in LIGHTS if counts[light]), through)


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


UNITS_SHOWN = 50
REPORTS_SHOWN = 30


@dataclass(slots=True)
class DutyPage:
    """One duty with a page of its units and a page of its released progress."""

    duty: Duty
    total: int
    units: list[dict[str, Any]]
    after: str
    reports: list[Progress]
    before: int | None
    changes_at: dt.datetime | None


def duty(
    notice: Notice, ordinal: int, now: dt.datetime, *, light: str = "", after: str = "", before: int | None = None
) -> DutyPage | None:
    """One duty; None if there is none.

    Args:
        notice: the public notice.
        ordinal: the duty's number in it.
        now: the moment for which lights are right.
        light: only units with this light.
        after: the place in the list of units behind which the page begins, as an earlier page gave it.
        before: the id of the report behind which older ones begin.
    """
    task = (
        _running(notice)
        .filter(ordinal=ordinal)
        .select_related("part", "summary_by")
        .prefetch_related(_named_units(), "deadlines", "targets", "citations")
        .first()
    )
    if task is None:
        return None
    task.notice = notice
    all_units = Assignment.objects.filter(task=task).exclude(state="cancelled").annotate(live=queries.live_light(now))
    counts: Counter[str] = Counter()
    due = overdue = change = None
    grouped = all_units.values_list("live").annotate(
        n=Count("pk"),
        due=Min("late_at", filter=Q(late_at__gt=now)),
        overdue=Min("late_at"),
        change=Min("light_until", filter=Q(light_until__gt=now)),
    )
    for live, number, next_due, first_due, next_change in grouped:
        counts[live] = number
        due, overdue = _earlier(due, next_due), _earlier(overdue, first_due)
        change = _earlier(change, _earlier(next_change, next_due if live == Light.SOON else None))
    shown = _worst(task, Counter({key: n for key, n in counts.items() if key not in ("done", "donelate")}))
    rows, following = _units_page(all_units, light, after)
    reports, older = _reports_page(task, before)
    found = Duty(
        task, shown, counts, _units(task), _due_words(task, shown, overdue if shown == "late" else due, now), None,
        queries.target_figures(notice).get(task.pk, []),
    )  # fmt: skip
    return DutyPage(found, counts.total(), rows, following, reports, older, change)


def _earlier(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return min((moment for moment in (one, other) if moment), default=None)


def _units_page(units: QuerySet[Any], light: str, after: str) -> tuple[list[dict[str, Any]], str]:
    """A page of units in their own order, and the mark of its last row if more follow."""
    if light:
        units = units.filter(live=light)
    ordinal, _, pk = after.partition("-")
    # Marks come from addresses: what is no number is the first page.
    if ordinal.isascii() and ordinal.isdecimal() and pk.isascii() and pk.isdecimal() and len(after) < 30:
        units = units.filter(Q(unit__ordinal__gt=int(ordinal)) | Q(unit__ordinal=int(ordinal), pk__gt=int(pk)))
    rows = list(
        units.select_related("unit")
        .only("role", "percent", "unit__name", "unit__short_name", "unit__code", "unit__ordinal")
        .order_by("unit__ordinal", "pk")[: UNITS_SHOWN + 1]
    )
    more = len(rows) > UNITS_SHOWN
    rows = rows[:UNITS_SHOWN]
    shown = [
        {
            "unit": row.unit,
            "role": ROLE_WORDS[AssignmentRole(row.role)],
            "light": row.live,
            "words": LIGHT_WORDS[row.live],
            "percent": row.percent,
        }
        for row in rows
    ]
    return shown, f"{rows[-1].unit.ordinal}-{rows[-1].pk}" if more else ""


def _reports_page(task: Task, before: int | None) -> tuple[list[Progress], int | None]:
    """A page of released progress, the newest first, and the id of its last row if older ones follow."""
    released = _released().filter(task=task)
    mark = released.filter(pk=before).first() if before else None
    if mark is not None:
        released = released.filter(
            Q(reported_at__lt=mark.reported_at) | Q(reported_at=mark.reported_at, pk__lt=mark.pk)
        )
    rows = list(
        released.select_related("assignment__unit")
        .prefetch_related("files")
        .order_by("-reported_at", "-pk")[: REPORTS_SHOWN + 1]
    )
    more = len(rows) > REPORTS_SHOWN
    return rows[:REPORTS_SHOWN], rows[REPORTS_SHOWN - 1].pk if more else None


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


def units_of(notice: Notice) -> list[tuple[str, str]]:
    """Code and name of the units that carry a duty of a notice, by the counters."""
    counted = CaseCount.objects.filter(kind=Assignment.KIND, series=notice.ledger_series, number__gt=0)
    units = Unit.objects.filter(pk__in=counted.values("unit")).order_by("ordinal", "pk")
    return [(code, short or name) for code, short, name in units.values_list("code", "short_name", "name")]


def addresses(notices: list[Notice]) -> list[tuple[Notice, int, dt.datetime]]:
    """Every duty of the notices with its number and the last change to its words or its released progress."""
    by_id = {notice.pk: notice for notice in notices}
    rows = (
        _running(*notices)
        .annotate(reported=Subquery(_newest_of_task().values("reported_at")[:1]))
        .order_by("notice", "ordinal")
        .values_list("notice", "ordinal", "updated_at", "reported")
    )
    return [(by_id[pk], ordinal, max(changed, reported or changed)) for pk, ordinal, changed, reported in rows]
