"""What the ledger's pages and reports read. Nothing here changes anything; no function asks in a loop."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Case as Whether
from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from gongkai.core import bundles, counters
from gongkai.core.acts import acts
from gongkai.core.measures import Figure, Scope, measures, met
from gongkai.core.models import Case, CaseRelation, Clock, ClosedCount, Unit, User, readable_case
from gongkai.core.models.cases import Light
from gongkai.core.roles import Role
from gongkai.law.clock import last_day, worst
from gongkai.ledger.models import (
    Assignment,
    Doubt,
    Hearing,
    LookBack,
    LookBackItem,
    Notice,
    Plan,
    Progress,
    Rectification,
    Section,
    Supervision,
    Task,
    TaskMatch,
    TaskTarget,
)

if TYPE_CHECKING:
    from gongkai.compiler.compare import Change

CANCELLED = "cancelled"
RUNNING = ("open", "closed")


def live_light(now: dt.datetime) -> Whether:
    """A case's light as it is at `now`, whether or not the periodic work has come by."""
    return Whether(
        When(light_until__lte=now, late_at__lte=now, then=Value(str(Light.LATE))),
        When(light_until__lte=now, then=Value(str(Light.SOON))),
        default=F("light"),
        output_field=CharField(),
    )


# Notices.


def notices(level: str = "", year: int | None = None) -> QuerySet[Notice]:
    """Notices that were not withdrawn, the newest first, without their long texts."""
    found = Notice.objects.exclude(state="withdrawn").defer("text", "blocks", "compiled").select_related("unit")
    if level:
        found = found.filter(level=level)
    if year:
        found = found.filter(year=year)
    return found.order_by("-year", "-issued_on", "-pk")


def current_notice() -> Notice | None:
    """The notice whose ledger runs: of the latest year the public one, else the last dispatched; without its long texts."""
    found = notices(Notice.Level.OWN).filter(state__in=["dispatched", "archived"])
    return found.order_by("-year", "-public", "-dispatched_on", "-pk").first()


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far the review of a notice is. `doubtful + missing + reviewed + rest == tasks`."""

    tasks: int
    relations: int
    expanded: int
    deadlines: int
    targets: int
    doubtful: int
    missing: int
    reviewed: int
    candidates: int
    general: int
    obstacle: str


def review_counts(notice: Notice) -> ReviewCounts:
    """The figures above the review screen; what keeps the notice from approval, in words."""
    from gongkai.ledger import dispatching
    from gongkai.ledger.acts.notice import approval_obstacle

    tasks = review_tasks(notice)
    states = Counter(review_state(task) for task in tasks)
    return ReviewCounts(
        tasks=len(tasks),
        relations=sum(len(task.named_units.all()) for task in tasks),
        expanded=dispatching.count(tasks),
        deadlines=sum(len(task.deadlines.all()) for task in tasks),
        targets=sum(len(task.targets.all()) for task in tasks),
        doubtful=states["doubtful"],
        missing=states["missing"],
        reviewed=states["reviewed"],
        candidates=sum(task.candidate for task in tasks),
        general=Doubt.objects.filter(notice=notice, task__isnull=True, resolved_at__isnull=True, blocking=True).count(),
        obstacle=approval_obstacle(notice),
    )


def review_tasks(notice: Notice, *, dropped: bool = False) -> list[Task]:
    """The drafts of a notice in order with all that hangs on them; dropped ones only when asked."""
    found = Task.objects.filter(notice=notice).exclude(state="cancelled")
    if not dropped:
        found = found.exclude(state="dropped")
    tasks = list(
        found.select_related("part")
        .prefetch_related("named_units__unit", "named_units__group", "deadlines", "targets", "citations", "doubts")
        .order_by("ordinal", "pk")
    )
    for task in tasks:
        # The notice's text is long: one copy serves all.
        task.notice = notice
    return tasks


def review_state(task: Task) -> str:
    """missing, doubtful or reviewed, from what was prefetched."""
    named = list(task.named_units.all())
    if not named:
        return "missing"
    if any(not one.matched for one in named):
        return "doubtful"
    if any(doubt.blocking and doubt.resolved_at is None for doubt in task.doubts.all()):
        return "doubtful"
    return "reviewed"


# Duties and their lights.


def task_lights(notice: Notice, now: dt.datetime | None = None) -> dict[int, Counter[str]]:
    """Task id -> how many of its assignments stand in each light; one query."""
    rows = (
        Assignment.objects.filter(series=notice.ledger_series)
        .annotate(live=live_light(now or timezone.now()))
        .values_list("task", "live")
        .annotate(n=Count("pk"))
        .order_by()
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for task, light, number in rows:
        found[task][light] += number
    return dict(found)


def worst_light(task: Task, lights: Counter[str] | None) -> str:
    """The light a duty shows: the worst of its units; one that nobody has yet waits."""
    if task.state == "closed" and not lights:
        return Light.DONE
    return worst(light for light, number in (lights or {}).items() if number) or Light.WAIT  # type: ignore[arg-type,misc]


@dataclass(slots=True)
class TaskRow:
    """A duty in a list: its worst light, its units by light, how far it is."""

    task: Task
    light: str
    lights: Counter[str]
    percent: int
    figures: list[TargetFigure] = field(default_factory=list)

    @property
    def units(self) -> int:
        """How many units have it."""
        return sum(self.lights.values())


def task_rows(notice: Notice, now: dt.datetime | None = None) -> list[TaskRow]:
    """All duties of a running notice, in order; a fixed number of queries."""
    lights = task_lights(notice, now)
    percents = dict(
        Assignment.objects.filter(series=notice.ledger_series)
        .values_list("task")
        .annotate(p=Sum("percent") / Count("pk"))
        .order_by()
    )
    figures = target_figures(notice)
    tasks = (
        Task.objects.filter(notice=notice, state__in=RUNNING)
        .select_related("part", "lead")
        .prefetch_related("named_units__unit", "named_units__group", "deadlines", "targets")
        .order_by("ordinal", "pk")
    )
    rows = []
    for task in tasks:
        task.notice = notice
        own = lights.get(task.pk, Counter())
        percent = task.percent or int(percents.get(task.pk) or 0)
        rows.append(TaskRow(task, worst_light(task, own), own, percent, figures.get(task.pk, [])))
    return rows


def assignments(notice: Notice, now: dt.datetime | None = None) -> QuerySet[Assignment]:
    """The assignments of a notice that count, each with its light of now as `live`."""
    return (
        Assignment.objects.filter(series=notice.ledger_series)
        .annotate(live=live_light(now or timezone.now()))
        .select_related("unit", "task", "handler", "clock")
    )


def siblings(assignment: Assignment, now: dt.datetime | None = None) -> QuerySet[Assignment]:
    """All units of the same duty (同条其他单位)."""
    return (
        Assignment.objects.filter(task=assignment.task_id)
        .exclude(state=CANCELLED)
        .annotate(live=live_light(now or timezone.now()))
        .select_related("unit")
        .order_by("number")
    )


# Figures against targets.


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """A figure that a duty demands and how it stands. `live` tells that it is computed and not reported."""

    target: TaskTarget
    value: float | None
    detail: str = ""
    live: bool = False
    reported: int = 0
    cases: str = ""

    @property
    def goal(self) -> float:
        """The figure demanded."""
        return float(self.target.value)

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None without a figure."""
        return met(self.value, self.target.operator, self.goal)

    @property
    def unit(self) -> str:
        """The unit as people read it."""
        return self.target.unit_words

    @property
    def maximum(self) -> float:
        """The end of the bar: 100 for shares, else what holds both figures."""
        if self.unit == "%":
            return 100.0
        return max(self.goal, self.value or 0.0) * 1.2 or 1.0

    @property
    def value_words(self) -> str:
        """61.4%, 2次."""
        return f"{_number(self.value)}{self.unit}" if self.value is not None else "还没有数据"

    @property
    def target_words(self) -> str:
        """不低于60%."""
        return f"{self.target.get_operator_display()}{_number(self.goal)}{self.unit}"

    @property
    def label(self) -> str:
        """The bar in words."""
        return f"{self.target.text}：现在{self.value_words}，目标{self.target_words}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))


def target_figures(notice: Notice) -> dict[int, list[TargetFigure]]:
    """Task id -> its figures: computed where a measure is bound, else put together from what units reported."""
    targets = list(TaskTarget.objects.filter(task__notice=notice).exclude(task__state="dropped"))
    if not targets:
        return {}
    # Reports are read only where a figure is put together from them.
    reported = _reported({target.task_id for target in targets if target.metric not in measures})
    scope = _year_of(notice)
    found: dict[int, list[TargetFigure]] = defaultdict(list)
    for target in targets:
        if target.metric in measures:
            found[target.task_id].append(_computed(target, _measured(target.metric, scope)))
        else:
            found[target.task_id].append(_from_reports(target, reported.get(target.task_id, [])))
    return dict(found)


def _year_of(notice: Notice) -> Scope:
    year = notice.plan_year
    return Scope(since=dt.date(year, 1, 1), until=dt.date(year + 1, 1, 1))


def _computed(target: TaskTarget, figure: Figure) -> TargetFigure:
    return TargetFigure(target, figure.value, figure.words, live=True, cases=figure.cases)


# For so long (seconds) a computed figure is shown before it is computed anew.
FIGURE_KEPT = 60


def _figures_beside(notice: Notice, targets: Iterable[TaskTarget], reports: Iterable[Progress]) -> list[TargetFigure]:
    """The figures of one duty for the page of a case, from what was read already; `reports` are the newest first."""
    latest: dict[int, Decimal] = {}
    for report in reports:
        latest.setdefault(report.assignment_id, report.value or Decimal())
    return [
        _computed(target, _measured(target.metric, _year_of(notice)))
        if target.metric in measures
        else _from_reports(target, list(latest.values()))
        for target in targets
    ]


def _measured(name: str, scope: Scope) -> Figure:
    key = f"gongkai.figure.{name}.{scope.since}"
    figure: Figure | None = cache.get(key)
    if figure is None:
        figure = measures[name].compute(scope)
        cache.set(key, figure, FIGURE_KEPT)
    return figure


def _reported(tasks: set[int]) -> dict[int, list[Decimal]]:
    """Task id -> the latest value of each unit that reported one."""
    if not tasks:
        return {}
    rows = (
        Progress.objects.filter(task__in=tasks, returned_at__isnull=True, value__isnull=False)
        .exclude(assignment__state=CANCELLED)
        .order_by("assignment", "-pk")
        .values_list("assignment", "task", "value")
    )
    latest: dict[int, tuple[int, Decimal]] = {}
    for assignment, task, value in rows:
        latest.setdefault(assignment, (task, value or Decimal()))
    found: dict[int, list[Decimal]] = defaultdict(list)
    for task, value in latest.values():
        found[task].append(value)
    return found


def _from_reports(target: TaskTarget, values: list[Decimal]) -> TargetFigure:
    if not values:
        return TargetFigure(target, None)
    if target.unit in ("%", "percent", "percentage"):
        mean = float(sum(values, Decimal()) / len(values))
        return TargetFigure(target, round(mean, 1), f"{len(values)}个单位报送的平均值", reported=len(values))
    if target.operator == ">=" and target.unit in ("次", "场", "期", "times"):
        # Every unit owes the number itself: the figure is that of the unit that has least.
        low = float(min(values))
        return TargetFigure(target, low, f"{len(values)}个单位报送，最少的{_number(low)}", reported=len(values))
    total = float(sum(values, Decimal()))
    return TargetFigure(target, total, f"{len(values)}个单位报送合计", reported=len(values))


# The office's dashboard.


@dataclass(slots=True)
class MatrixRow:
    """One unit's assignments: by section and light, with totals."""

    unit: Unit
    cells: dict[str, Counter[str]]

    @property
    def total(self) -> Counter[str]:
        """All sections together."""
        return sum(self.cells.values(), Counter())

    @property
    def worst(self) -> str:
        """The unit's worst light; done where it has nothing open."""
        return worst(light for light, number in self.total.items() if number) or Light.DONE  # type: ignore[arg-type,misc]


@dataclass(slots=True)
class Matrix:
    """Units by sections; `total` is every light of the notice."""

    sections: list[Section]
    rows: list[MatrixRow]
    total: Counter[str]


def matrix(notice: Notice, now: dt.datetime | None = None) -> Matrix:
    """Lights by unit and section from the counters; three queries whatever the number of cases."""
    table = counters.by_unit_section(Assignment.KIND, notice.ledger_series, now)
    units = Unit.objects.in_bulk({unit for unit, _ in table})
    cells: dict[int, dict[str, Counter[str]]] = defaultdict(dict)
    total: Counter[str] = Counter()
    for (unit, section), lights in table.items():
        cells[unit][section] = lights
        total += lights
    rows = [MatrixRow(units[unit], by_section) for unit, by_section in cells.items()]
    rows.sort(key=lambda row: (-row.total["late"], -row.total["soon"], row.unit.ordinal, row.unit.pk))
    return Matrix(list(notice.sections.all()), rows, total)


def section_lights(notice: Notice, now: dt.datetime | None = None) -> list[tuple[Section, Counter[str]]]:
    """Lights by section, in the order of the notice."""
    table = counters.by_unit_section(Assignment.KIND, notice.ledger_series, now)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, section), lights in table.items():
        found[section] += lights
    return [(section, found.get(section.code, Counter())) for section in notice.sections.all()]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the trend."""

    key: str
    on_time: int
    late: int
    reported: int = 0

    @property
    def label(self) -> str:
        """5月."""
        return f"{int(self.key[5:])}月"

    @property
    def rate(self) -> float | None:
        """Share closed on time, per cent."""
        number = self.on_time + self.late
        return round(100 * self.on_time / number, 1) if number else None


def months_before(now: dt.datetime, number: int = 12) -> list[str]:
    """The last months as 2026-05, oldest first, this one included."""
    today = timezone.localdate(now)
    at = today.year * 12 + today.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(at - number + 1, at + 1)]


def trend(series: str = "", now: dt.datetime | None = None, months: int = 12) -> list[Month]:
    """Closed on time and late in each of the last months, from the counters."""
    keys = months_before(now or timezone.now(), months)
    rows = ClosedCount.objects.filter(kind=Assignment.KIND, month__in=keys).exclude(series=CANCELLED)
    if series:
        rows = rows.filter(series=series)
    found: dict[str, list[int]] = {key: [0, 0] for key in keys}
    for month, on_time, number in rows.values_list("month", "on_time").annotate(n=Sum("number")).order_by():
        found[month][0 if on_time else 1] += number
    return [Month(key, *found[key]) for key in keys]


def late(notice: Notice | None = None, now: dt.datetime | None = None, limit: int = 50) -> list[Assignment]:
    """What is late, the longest first; `live` is late in all of them."""
    now = now or timezone.now()
    rows = Assignment.objects.open().filter(late_at__lte=now)
    if notice is not None:
        rows = rows.filter(series=notice.ledger_series)
    rows = rows.exclude(state="submitted").select_related("unit", "task", "clock", "handler").order_by("late_at", "pk")
    return list(rows[:limit])


def not_received(notice: Notice | None = None, now: dt.datetime | None = None, limit: int = 200) -> list[Assignment]:
    """Assignments whose unit has not confirmed, the oldest first; `overdue` where the day for it has gone by."""
    now = now or timezone.now()
    rows = Assignment.objects.open().filter(state="dispatched")
    if notice is not None:
        rows = rows.filter(series=notice.ledger_series)
    found = list(rows.select_related("unit", "task").order_by("opened_at", "pk")[:limit])
    clocks = Clock.objects.filter(case__in=[one.pk for one in found], code="receipt")
    due = {clock.case_id: clock.due_at for clock in clocks}
    for one in found:
        one.receipt_due = due.get(one.pk)
        one.overdue = bool(one.receipt_due and one.receipt_due <= now)
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """One clock that runs out in the days ahead. `day` is the last day, inclusive."""

    day: dt.date
    clock: Clock
    case: Any


def due_soon(
    now: dt.datetime | None = None,
    days: int = 30,
    *,
    series: str = "",
    units: Iterable[int] | None = None,
    limit: int = 2000,
) -> list[Due]:
    """Judged clocks of assignments, plans, rectifications and supervisions that run out in the next days."""
    now = now or timezone.now()
    until = timezone.make_aware(dt.datetime.combine(timezone.localdate(now) + dt.timedelta(days=days + 1), dt.time()))
    rows = Clock.objects.filter(
        state=Clock.State.RUNNING,
        judged=True,
        due_at__gt=now,
        due_at__lte=until,
        case__closed_at__isnull=True,
        case__kind__in=[Assignment.KIND, Plan.KIND, Rectification.KIND, Supervision.KIND],
    ).exclude(case__series=CANCELLED)
    if series:
        rows = rows.filter(case__series=series)
    if units is not None:
        rows = rows.filter(case__unit__in=list(units))
    found = rows.select_related("case__unit").order_by("due_at", "pk")[:limit]
    return [Due(last_day(clock.due_at), clock, clock.case) for clock in found if clock.due_at]


def calendar(now: dt.datetime | None = None, days: int = 30, **where: Any) -> dict[dt.date, list[Due]]:
    """The next days with what runs out on each; days without anything are left out."""
    found: dict[dt.date, list[Due]] = defaultdict(list)
    for one in due_soon(now, days, **where):
        found[one.day].append(one)
    return dict(found)


def open_supervisions(notice: Notice | None = None) -> QuerySet[Supervision]:
    """Supervisions that are not closed."""
    rows = Supervision.objects.open().select_related("unit", "assignment__task", "clock").order_by("due_order", "pk")
    return rows.filter(series=notice.ledger_series) if notice is not None else rows


def open_rectifications() -> QuerySet[Rectification]:
    """Rectifications that are not closed."""
    return Rectification.objects.open().select_related("unit", "task", "clock").order_by("due_order", "pk")


def waiting_for_office(unit: Unit) -> dict[str, int]:
    """How many cases wait for the office, by state: submitted, postponing, questions, answers, acceptance."""
    rows = dict(
        Assignment.objects.open().filter(turn_unit=unit).values_list("state").annotate(n=Count("pk")).order_by()
    )
    return {
        "submitted": rows.get("submitted", 0),
        "postponing": rows.get("postponing", 0),
        "questions": Assignment.objects.open().filter(supervisor=unit, question_open=True).count(),
        "answered": Supervision.objects.open().filter(supervisor=unit, state="answered").count(),
        "rectified": Rectification.objects.open().filter(supervisor=unit, state="submitted").count(),
        "unreleased": Progress.objects.filter(
            assignment__supervisor=unit,
            public=True,
            released_at__isnull=True,
            returned_at__isnull=True,
            assignment__task__notice__public=True,
        ).count(),
    }


def unreleased(notice: Notice, limit: int = 200) -> list[Progress]:
    """Reports that units want public and the office has not released, the newest first."""
    rows = Progress.objects.filter(
        assignment__series=notice.ledger_series, public=True, released_at__isnull=True, returned_at__isnull=True
    )
    return list(rows.select_related("assignment__unit", "assignment__task").order_by("-pk")[:limit])


# Plans, hearings, look-backs.


def plans(notice: Notice) -> QuerySet[Plan]:
    """Units' own plans, late ones first."""
    rows = Plan.objects.filter(notice=notice).exclude(state=CANCELLED)
    return rows.select_related("unit", "clock").order_by("due_order", "unit__ordinal", "pk")


@dataclass(frozen=True, slots=True)
class HearingRow:
    """How often a unit's leaders heard, met and trained in a year."""

    unit: Unit
    counts: Counter[str]
    latest: dt.date | None

    @property
    def heard(self) -> int:
        """Reports, sessions and meetings; training is counted apart."""
        return sum(number for form, number in self.counts.items() if form != Hearing.Form.TRAINING)

    @property
    def enough(self) -> bool:
        """At least one a year (001-17a, 002-26, 004-54b)."""
        return self.heard >= 1


def hearing_rows(year: int, units: Iterable[Unit]) -> list[HearingRow]:
    """Every unit with its numbers of the year, those without any first."""
    units = list(units)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    latest: dict[int, dt.date] = {}
    rows = Hearing.objects.filter(state="recorded", held_on__year=year, unit__in=units)
    for unit, form, held_on in rows.values_list("unit", "form", "held_on"):
        counts[unit][form] += 1
        latest[unit] = max(held_on, latest.get(unit, held_on))
    found = [HearingRow(unit, counts.get(unit.pk, Counter()), latest.get(unit.pk)) for unit in units]
    return sorted(found, key=lambda row: (row.enough, row.unit.ordinal, row.unit.pk))


def units_of(notice: Notice) -> list[Unit]:
    """The units that have an assignment of the notice."""
    ids = Assignment.objects.filter(series=notice.ledger_series).values("unit").distinct()
    return list(Unit.objects.filter(pk__in=ids).order_by("ordinal", "pk"))


def lookback_items(lookback: LookBack) -> list[LookBackItem]:
    """The items with their rectifications, priority first."""
    return list(lookback.items.select_related("task").prefetch_related("rectifications__unit"))


def unfinished(lookback: LookBack) -> list[LookBackItem]:
    """The items that were found unfinished or partly done, with their rectifications."""
    return [item for item in lookback_items(lookback) if item.finding in ("partly", "unfinished")]


# Comparison.


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A duty of one notice beside one of another. `kind` is same, changed, new or dropped."""

    left: Task | None
    right: Task | None
    kind: str
    score: float
    changes: tuple[Change, ...] = ()
    decision: str = ""


def comparison(left: Notice, right: Notice, relation: str) -> list[ComparisonRow]:
    """Two notices duty by duty; what a person decided stands above what was computed.

    `left` is last year's or the upstream notice, `right` this year's or the local one.
    """
    from gongkai.compiler.compare import compare

    old, new = _standing(left), _standing(right)
    decided = TaskMatch.objects.filter(relation=relation, left__notice=left, right__notice=right)
    decisions = {(match.left_id, match.right_id): match for match in decided}
    rows: list[ComparisonRow] = []
    for match in compare(_as_compiled(left, old), _as_compiled(right, new)):
        one = old[match.old] if match.old is not None else None
        two = new[match.new] if match.new is not None else None
        known = decisions.pop((one.pk, two.pk), None) if one and two else None
        if known and known.decision == TaskMatch.Decision.REJECTED:
            rows.append(ComparisonRow(one, None, "dropped", match.score, decision=known.decision))
            rows.append(ComparisonRow(None, two, "new", match.score, decision=known.decision))
            continue
        rows.append(
            ComparisonRow(one, two, match.kind, match.score, match.changes, known.decision if known else "suggested")
        )
    return _with_confirmed(rows, decisions, old, new)


def _with_confirmed(
    rows: list[ComparisonRow], decisions: dict[tuple[int, int], TaskMatch], old: list[Task], new: list[Task]
) -> list[ComparisonRow]:
    """Pairs that a person confirmed although the computation did not see them."""
    lefts, rights = {task.pk: task for task in old}, {task.pk: task for task in new}
    for (left, right), match in decisions.items():
        if match.decision != TaskMatch.Decision.CONFIRMED or left not in lefts or right not in rights:
            continue
        rows = [
            row
            for row in rows
            if not (row.right is None and row.left and row.left.pk == left)
            and not (row.left is None and row.right and row.right.pk == right)
        ]
        rows.append(ComparisonRow(lefts[left], rights[right], "changed", match.score, decision=match.decision))
    return sorted(
        rows, key=lambda row: (row.right.ordinal if row.right else 10**6, row.left.ordinal if row.left else 0)
    )


def _standing(notice: Notice) -> list[Task]:
    rows = Task.objects.filter(notice=notice, candidate=False).exclude(state__in=["dropped", CANCELLED])
    return list(rows.prefetch_related("named_units", "deadlines", "targets").order_by("ordinal", "pk"))


def _as_compiled(notice: Notice, tasks: list[Task]) -> Any:
    """The duties as they stand now, in the compiler's words."""
    from gongkai.compiler import notice as compiled

    return compiled.Notice(
        file=notice.source_name,
        notice=compiled.Frontmatter(title=notice.title, year=notice.year),
        tasks=tuple(_task_as_compiled(task) for task in tasks),
    )


def _task_as_compiled(task: Task) -> Any:
    from gongkai.compiler import notice as compiled

    nowhere = (0, 0)
    return compiled.Task(
        ref=task.ref,
        path=tuple(task.path),
        title=task.heading or None,
        text=task.text,
        span=(task.span_start, task.span_end),
        assignments=tuple(
            compiled.Assignment(one.name, one.role, one.scope or None, nowhere)  # type: ignore[arg-type]
            for one in task.named_units.all()
        ),
        deadlines=tuple(
            compiled.Deadline(
                one.text,
                one.kind,  # type: ignore[arg-type]
                one.date.isoformat() if one.date else None,
                one.amount,
                one.unit or None,  # type: ignore[arg-type]
                one.trigger or None,
                one.count,
                nowhere,
            )
            for one in task.deadlines.all()
        ),
        targets=tuple(
            compiled.Target(one.text, one.metric or None, one.operator, float(one.value), one.unit, nowhere)  # type: ignore[arg-type]
            for one in task.targets.all()
        ),
    )


def cascade_gaps(upstream: Notice, local: Notice) -> list[Task]:
    """Upstream duties that no local duty follows."""
    return [row.left for row in comparison(upstream, local, TaskMatch.Relation.LEVEL) if row.left and row.right is None]


# The case page.


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def crumbs(case: Any) -> list[tuple[str, str]]:
    """The way to a case: (words, address); an address that does not exist is empty."""
    found = [("工作要点台账", _address("ledger:index"))]
    notice = _notice_of(case)
    if notice is not None and notice.pk != case.pk:
        found.append((notice.name, _address("ledger:notice", notice.pk)))
    task = case.task if isinstance(case, Assignment) else None
    if task is not None:
        if task.part_id and task.part:
            found.append((task.part.title, ""))
        found.append((f"第{task.ordinal}条 {case.unit}", ""))
    return found


def _notice_of(case: Any) -> Notice | None:
    if isinstance(case, Notice):
        return case
    if isinstance(case, Assignment):
        return case.task.notice
    if isinstance(case, Supervision):
        return case.assignment.task.notice
    return getattr(case, "notice", None)


def case_context(case: Any, user: User) -> dict[str, Any]:
    """What the ledger adds to the case page, by kind."""
    reader: dict[str, Callable[[Any, User], dict[str, Any]]] = {
        Assignment.KIND: _assignment_context,
        Task.KIND: _task_context,
        Plan.KIND: _plan_context,
        LookBack.KIND: _lookback_context,
        Rectification.KIND: _rectification_context,
        Hearing.KIND: _hearing_context,
        Supervision.KIND: _supervision_context,
        Notice.KIND: _notice_context,
    }
    return reader[case.kind](case.concrete, user)


_UNIT = ("unit__id", "unit__name", "unit__short_name")
_CASE = ("id", "case_ptr_id", "kind", "number", "title", "state")
_PERSON = ("handler__id", "handler__post", "handler__username")
_REPORT = ("id", "text", "percent", "value", "links", "public", "private_reason", "answer", "period", "returned_at",
           "released_at", "reported_at", "reported_by__id", "reported_by__post", "reported_by__username")  # fmt: skip


def page_rows(rows: QuerySet) -> QuerySet:
    """The rows of a kind with what the case page reads of other records, joined; long columns stay behind."""
    duty = ("notice", "part", "lead")
    joined = {
        Task: (*duty, "summary_by"),
        Assignment: tuple(f"task__{name}" for name in duty),
        Plan: ("notice",),
        LookBack: ("notice",),
        Rectification: ("item__lookback",),
        Supervision: ("assignment__task__notice",),
    }
    # Of the notice's text only a duty shows a sentence.
    left = {
        Notice: ("text", "blocks", "compiled"),
        Task: ("compiled", "notice__blocks", "notice__compiled"),
        Assignment: ("task__compiled", "task__notice__blocks", "task__notice__compiled"),
        Plan: _long("notice"),
        LookBack: _long("notice"),
        Supervision: ("assignment__task__compiled", *_long("assignment__task__notice")),
    }
    found = rows.select_related(*joined.get(rows.model, ())) if rows.model in joined else rows
    return found.defer(*left.get(rows.model, ()))


def _long(notice: str) -> tuple[str, ...]:
    return tuple(f"{notice}__{name}" for name in ("text", "blocks", "compiled"))


def _duty_lists(task: Task) -> dict[str, bundles.Rows]:
    """What hangs on a duty, and the figures that its units reported."""
    return {
        "named_units": bundles.rows(task.named_units.all()),
        "deadlines": bundles.rows(task.deadlines.all()),
        "targets": bundles.rows(task.targets.all()),
        "citations": bundles.rows(task.citations.all()),
        "values": bundles.rows(
            Progress.objects.filter(assignment__task=task, returned_at__isnull=True, value__isnull=False)
            .exclude(assignment__state=CANCELLED)
            .order_by("-pk"),
            "id", "assignment_id", "value",
        ),
    }  # fmt: skip


def _hold_duty(task: Task, lists: dict[str, list[Any]]) -> list[TargetFigure]:
    """Let the duty hold its lists; returns its figures."""
    for name in ("named_units", "deadlines", "targets", "citations"):
        bundles.hold(task, name, lists[name])
    return _figures_beside(task.notice, lists["targets"], lists["values"])


def _opens(user: User, *cases: int | None) -> bundles.Rows:
    """Those of some cases that the person may read: the others are named without a link."""
    return bundles.rows(Case.objects.visible_to(user).filter(pk__in=[pk for pk in cases if pk]), "id")


def _notice_context(case: Notice, user: User) -> dict[str, Any]:
    return {
        "notice": case,
        "sections": list(case.sections.all()),
        "may_review": bool(user.role_set & {Role.OFFICE, Role.AUDITOR}),
    }


def _assignment_context(case: Assignment, user: User) -> dict[str, Any]:
    task = case.task
    files, cases = Progress.files.through.objects, Progress.cases.through.objects
    lists = bundles.gather(
        {
            **_duty_lists(task),
            "reports": bundles.rows(case.reports.order_by("-pk"), *_REPORT, limit=50),
            "files": bundles.rows(
                files.filter(progress__assignment=case).order_by("attachment_id"),
                "progress_id", "attachment__id", "attachment__name", "attachment__size",
            ),
            "cases": bundles.rows(
                cases.filter(progress__assignment=case).annotate(opens=readable_case(user)).order_by("case_id"),
                "progress_id", "opens", "case__id", "case__number", "case__title",
            ),
            "opens": _opens(user, task.pk),
            "siblings": bundles.rows(siblings(case), *_CASE, "role", "live", *_UNIT, limit=200),
            "supervisions": bundles.rows(
                case.supervisions.annotate(opens=readable_case(user, "pk")).order_by("pk"), *_CASE, "problem", "opens"
            ),
        }
    )  # fmt: skip
    figures = _hold_duty(task, lists)
    bundles.hold(case, "supervisions", lists["supervisions"])
    attached, linked = bundles.grouped(lists["files"], "progress_id"), bundles.grouped(lists["cases"], "progress_id")
    for report in lists["reports"]:
        bundles.hold(report, "files", [one.attachment for one in attached.get(report.pk, [])])
        report.evidence = linked.get(report.pk, [])
    return {
        "assignment": case,
        "task": task,
        "task_opens": bool(lists["opens"]),
        "notice": task.notice,
        "figures": figures,
        "reports": lists["reports"],
        "siblings": lists["siblings"],
        "sibling_lights": Counter(other.live for other in lists["siblings"]),
        "supervisions": lists["supervisions"],
    }


def _task_context(case: Task, user: User) -> dict[str, Any]:
    now = timezone.now()
    units = Assignment.objects.filter(task=case).order_by("number")
    units = units.annotate(live=live_light(now), opens=readable_case(user, "pk"))
    lists = bundles.gather(
        {
            **_duty_lists(case),
            "assignments": bundles.rows(
                units, *_CASE, "role", "percent", "reported_at", "live", "opens", *_UNIT, *_PERSON, limit=300
            ),
            "occurrences": bundles.rows(
                case.occurrences.all(), "id", "occurred_at", "note", "deadline__id", "deadline__text", *_UNIT
            ),
            "hearings": bundles.rows(
                case.hearings.filter(state="recorded").annotate(opens=readable_case(user, "pk")).order_by("pk"),
                *_CASE, "held_on", "opens", *_UNIT, limit=100,
            ),
        }
    )  # fmt: skip
    counted = Counter(row.live for row in lists["assignments"] if row.state != CANCELLED)
    return {
        "task": case,
        "notice": case.notice,
        "assignments": lists["assignments"],
        "lights": counted,
        "light": worst_light(case, counted),
        "figures": _hold_duty(case, lists),
        "occurrences": lists["occurrences"],
        "hearings": lists["hearings"],
    }


def _plan_context(case: Plan, user: User) -> dict[str, Any]:
    return {
        "plan": case,
        "notice": case.notice,
        "items": list(case.items.select_related("task").defer("task__compiled")),
    }


def _lookback_context(case: LookBack, user: User) -> dict[str, Any]:
    orders = Rectification.objects.filter(item__lookback=case).annotate(opens=readable_case(user, "pk")).order_by("pk")
    lists = bundles.gather(
        {
            "items": bundles.rows(
                case.items.annotate(opens=readable_case(user, "task_id")),
                "id",
                "opens",
                "ordinal",
                "priority",
                "title",
                "finding",
                "note",
                "task__case_ptr_id",
                "task__id",
            ),
            "orders": bundles.rows(orders, *_CASE, "item_id", "due_on", "opens", *_UNIT),
        }
    )
    ordered = bundles.grouped(lists["orders"], "item_id")
    for item in lists["items"]:
        bundles.hold(item, "rectifications", ordered.get(item.pk, []))
    return {
        "lookback": case,
        "notice": case.notice,
        "items": lists["items"],
        "findings": Counter(item.finding for item in lists["items"]),
        "unchecked": sum(item.finding == "open" for item in lists["items"]),
        "may_list": bool(user.role_set & {Role.OFFICE, Role.AUDITOR}),
        "may_find": acts["lookback.find"].permitted(case, user),
    }


def _rectification_context(case: Rectification, user: User) -> dict[str, Any]:
    lookback = case.item.lookback if case.item else None
    opens = lookback is not None and LookBack.objects.visible_to(user).filter(pk=lookback.pk).exists()
    return {"rectification": case, "item": case.item, "lookback": lookback, "lookback_opens": opens}


def _hearing_context(case: Hearing, user: User) -> dict[str, Any]:
    evidence = CaseRelation.objects.filter(source=case, kind=CaseRelation.Kind.EVIDENCE).select_related("target")
    tasks = case.tasks.select_related("notice").defer("compiled", *_long("notice"))
    tasks = tasks.annotate(opens=readable_case(user, "pk"))
    return {"hearing": case, "tasks": list(tasks.order_by("ordinal")), "evidence_for": list(evidence)}


def _supervision_context(case: Supervision, user: User) -> dict[str, Any]:
    assignments = Assignment.objects.visible_to(user)
    return {
        "assignment_opens": assignments.filter(pk=case.assignment_id).exists(),
        "supervision": case,
        "assignment": case.assignment,
        "task": case.assignment.task,
        "letters": list(case.letters.all()),
    }


def visible_progress(task: Task) -> QuerySet[Progress]:
    """Reports of a duty that the public may read."""
    return Progress.objects.filter(
        Q(assignment__task=task), released_at__isnull=False, returned_at__isnull=True
    ).select_related("assignment__unit")
