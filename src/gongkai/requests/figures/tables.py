"""The tables of the annual report from the counters, the requests behind each cell, and how fast replies are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from gongkai.core.models import Case, Unit
from gongkai.law import annual_tables as law
from gongkai.law.requests.decisions import DECISIONS
from gongkai.requests.figures.counting import counted_year_of
from gongkai.requests.figures.models import OnTime, PaceCount, YearCount
from gongkai.requests.models import Channel, Fee, Request

# Leaf -> its row in table B.
ROW_OF = {code: decision.row for code, decision in DECISIONS.items() if not decision.parent}


def _units(rows: QuerySet, units: Iterable[int] | None) -> QuerySet:
    return rows if units is None else rows.filter(unit__in=list(units))


def table_b(units: Iterable[int] | None, year: int) -> dict[law.Cell, int]:
    """Table B (25 rows x 7 columns) of these bodies together (None: all) for a year, from the counters; one query."""
    rows = _units(YearCount.objects.filter(counted_year__lte=year), units)
    rows = rows.filter(Q(result_year=0) | Q(result_year__gte=year))
    groups = rows.values_list("category", "counted_year", "result_year", "decision").annotate(n=Sum("number"))
    table: Counter[law.Cell] = Counter()
    for category, came, ended, decision, number in groups:
        table["r1" if came == year else "r2", category] += number
        table[ROW_OF[decision] if ended == year else "next", category] += number
    return law.complete(table)


def recomputed_b(units: Iterable[int] | None, year: int) -> dict[law.Cell, int]:
    """The same table from the requests themselves; equal, or the counters are wrong."""
    rows = counted_year_of(_units(Request.objects.order_by(), units)).filter(came__lte=year)
    rows = rows.filter(Q(result_year__isnull=True) | Q(result_year__gte=year))
    table: Counter[law.Cell] = Counter()
    for category, came, ended, decision, number in rows.values_list(
        "category", "came", "result_year", "decision"
    ).annotate(n=Count("pk")):
        table["r1" if came == year else "r2", category] += number
        table[ROW_OF[decision] if ended == year else "next", category] += number
    return law.complete(table)


def checked(units: Iterable[int] | None, year: int) -> tuple[dict[law.Cell, int], list[law.Violation]]:
    """Table B and every rule that does not hold, last year's carry-over among them."""
    units = None if units is None else list(units)
    table = table_b(units, year)
    return table, law.check_b(table, table_b(units, year - 1))


def table_c(units: Iterable[int] | None, year: int) -> tuple[dict[law.Cell, int], list[law.Violation]]:
    """Table C (15 cells) and every rule that does not hold."""
    from gongkai.requests.appeals import results as appeals

    units = None if units is None else list(units)
    table = appeals.table_c(units, year)
    return table, law.check_c(table, appeals.table_c(units, year - 1))


def behind(units: Iterable[int] | None, year: int, row: str, column: str) -> QuerySet[Request]:
    """The requests that a cell of table B counts. Raises ValueError for a cell that the table does not have."""
    if row not in law.ROW or column not in law.COLUMN:
        raise ValueError("表中没有这一格。")
    rows = counted_year_of(_units(Request.objects.all(), units)).filter(came__lte=year)
    rows = rows.filter(Q(result_year__isnull=True) | Q(result_year__gte=year))
    if column != "total":
        rows = rows.filter(category=column)
    if row in ("r1", "r2"):
        return rows.filter(came=year) if row == "r1" else rows.filter(came__lt=year)
    if row == "next":
        return rows.filter(Q(result_year__isnull=True) | Q(result_year__gt=year))
    rows = rows.filter(result_year=year)
    if row == "tot":
        return rows
    return rows.filter(decision__in=[code for code, place in ROW_OF.items() if place == row])


# What a line of the pace says of its group: key in the address, words, condition.
PACE_CELLS: dict[str, tuple[str, Q]] = {
    "total": ("办结", Q()),
    "judged": ("计时限", Q(answered_in_time__isnull=False)),
    "late": ("逾期", Q(answered_in_time=False)),
}
PACE_GROUPS = ("all", "unit", "channel", "decision")
FEES = "fees"


def behind_pace(units: Iterable[int] | None, year: int, group: str, key: str, cell: str) -> QuerySet[Request]:
    """The requests that a number of the pace counts. Raises ValueError for a number that nobody shows."""
    if group not in PACE_GROUPS or cell not in PACE_CELLS or (group == "unit" and not key.isdecimal()):
        raise ValueError("没有这个数字。")
    rows = _units(Request.objects.filter(result_year=year, workdays_used__isnull=False), units)
    if group != "all":
        rows = rows.filter(**{group: key})
    return rows.filter(PACE_CELLS[cell][1])


def pace_words(year: int, group: str, key: str, cell: str) -> str:
    """What such a number is, in words."""
    known = {
        "channel": lambda: Channel(key).label if key in Channel.values else "",
        "decision": lambda: DECISIONS[key].short if key in DECISIONS else "",
        "unit": lambda: str(Unit.objects.filter(pk=key).first() or ""),
    }
    name = known[group]() if group in known else ""
    return f"{year}年{name + '，' if name else ''}{PACE_CELLS[cell][0]}"


def fees_paid(units: Iterable[int] | None, year: int) -> tuple[int, int]:
    """What was collected of 信息处理费 in a year, in 元, and from how many requests; what was paid back is not counted.

    The annual report states the sum in its last section, also when it is 0.
    """
    rows = Fee.objects.filter(state=Fee.State.PAID, paid_on__year=year)
    if units is not None:
        rows = rows.filter(request__unit__in=list(units))
    found = rows.aggregate(total=Sum("amount"), number=Count("request", distinct=True))
    return found["total"] or 0, found["number"]


def behind_fees(units: Iterable[int] | None, year: int) -> QuerySet[Request]:
    """The requests whose fee was paid in a year."""
    paid = Fee.objects.filter(state=Fee.State.PAID, paid_on__year=year)
    return _units(Request.objects.filter(pk__in=paid.values("request")), units)


def years() -> list[int]:
    """The years for which there is something to count, newest first; always this one."""
    found = set(YearCount.objects.filter(number__gt=0).values_list("counted_year", flat=True).distinct())
    return sorted(found | {timezone.localdate().year}, reverse=True)


# --- pace -------------------------------------------------------------------------------------------------------------


@dataclass
class Pace:
    """How replies of a group went: numbers on time, late and not judged, and working days -> number."""

    label: str
    key: str = ""
    on_time: int = 0
    late: int = 0
    not_judged: int = 0
    days: Counter[int] = field(default_factory=Counter)

    def add(self, on_time: int, workdays: int, number: int) -> None:
        """Count so many with the same result."""
        if on_time == OnTime.ON_TIME:
            self.on_time += number
        elif on_time == OnTime.LATE:
            self.late += number
        else:
            self.not_judged += number
            return
        self.days[workdays] += number

    @property
    def total(self) -> int:
        """All requests of the group."""
        return self.on_time + self.late + self.not_judged

    @property
    def judged(self) -> int:
        """Those that got a reply whose time is judged."""
        return self.on_time + self.late

    @property
    def rate(self) -> float | None:
        """按时答复率 in per cent with one decimal; None without a judged reply."""
        return round(100 * self.on_time / self.judged, 1) if self.judged else None

    @property
    def median(self) -> float | None:
        """Median of the working days; None without a judged reply."""
        return median(self.days)


def median(days: Counter[int]) -> float | None:
    """The median of values given with their numbers; the mean of the two middle ones when they are even in number."""
    total = sum(days.values())
    if not total:
        return None
    wanted, seen = ((total - 1) // 2, total // 2), 0
    found: list[int] = []
    for value in sorted(days):
        seen += days[value]
        while len(found) < 2 and wanted[len(found)] < seen:
            found.append(value)
    return (found[0] + found[1]) / 2


@dataclass(frozen=True, slots=True)
class Paces:
    """The pace of a year: all together, and by body, channel and decision."""

    every: Pace
    units: Sequence[Pace]
    channels: Sequence[Pace]
    decisions: Sequence[Pace]


def pace(units: Iterable[int] | None, year: int) -> Paces:
    """How fast requests were answered that got their result in a year; one query for the counters, one for names."""
    rows = _units(PaceCount.objects.filter(result_year=year, number__gt=0), units)
    every = Pace("全部")
    by_unit: dict[int, Pace] = {}
    by_channel: dict[str, Pace] = {}
    by_decision: dict[str, Pace] = {}
    groups = rows.values_list("unit", "channel", "decision", "on_time", "workdays").annotate(n=Sum("number"))
    for unit, channel, decision, on_time, workdays, number in groups:
        for known, key in ((by_unit, unit), (by_channel, channel), (by_decision, decision)):
            places: dict[Any, Pace] = known
            place = places.get(key)
            if place is None:
                place = places[key] = Pace("", str(key))
            place.add(on_time, workdays, number)
        every.add(on_time, workdays, number)
    names = {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in=by_unit)}
    for key, one in by_unit.items():
        one.label = names[key]
    for channel, one in by_channel.items():
        one.label = Channel(channel).label
    for decision, one in by_decision.items():
        one.label = DECISIONS[decision].short
    order = list(ROW_OF)
    return Paces(
        every,
        sorted(by_unit.values(), key=lambda one: (-one.total, one.label)),
        [by_channel[channel] for channel in Channel.values if channel in by_channel],
        sorted(by_decision.values(), key=lambda one: order.index(one.key)),
    )


def open_now(units: Iterable[int] | None) -> dict[str, int]:
    """Open requests by light, exact to the minute."""
    from gongkai.core import counters

    found: dict[str, int] = defaultdict(int)
    for lights in counters.by_unit_section(Request.KIND, units=units).values():
        for light, number in lights.items():
            found[light] += number
    return dict(found)


def slowest(units: Iterable[int] | None) -> QuerySet[Case]:
    """Open requests, the nearest due first."""
    return _units(Request.objects.filter(closed_at__isnull=True), units).order_by(F("due_order"), "pk")
