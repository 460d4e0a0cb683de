"""Recurring duties (每月、每季度……): which period is due when."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from gongkai.law.workdays import Calendar, chinese_date, shift_months

RhythmUnit = Literal["day", "week", "month", "quarter", "halfyear", "year"]

_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "halfyear": 6, "year": 12}
_NUMERALS = "一二三四"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often something is due.

    `day`: day of the month, or of the last month of the quarter, half year or year; of a week 1 (Monday) to 7. None is
    the last day of the period. A day that a month does not have is its last. `months_after` puts the due day that many
    months after the period (每月5日前报上月: 1). `roll` moves a due day off to the next working day. Raises ValueError
    for a day out of range.
    """

    unit: RhythmUnit
    day: int | None = None
    months_after: int = 0
    roll: bool = False

    def __post_init__(self) -> None:
        if self.unit not in ("day", "week", *_MONTHS):
            raise ValueError(f"没有“{self.unit}”这种周期。")
        if self.day is not None and not 1 <= self.day <= (7 if self.unit == "week" else 31):
            raise ValueError("周期中的日期应在1至31之间，每周的应在1至7之间。")


class Occurrence(NamedTuple):
    """One period of a recurring duty and its due day (inclusive)."""

    label: str
    start: date
    end: date
    due: date


def occurrences(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> list[Occurrence]:
    """The occurrences whose due day lies in first..last, in order.

    Daily duties fall on working days. Raises UnknownYearError where the calendar is needed and does not know the year.
    """
    found = []
    for label, start, end in _periods(rhythm, first, last):
        if rhythm.unit == "day" and not calendar.is_workday(start):
            continue
        due = _due(rhythm, start, end)
        if rhythm.roll:
            due = calendar.roll_forward(due)
        if first <= due <= last:
            found.append(Occurrence(label, start, end, due))
    return found


def _due(rhythm: Rhythm, start: date, end: date) -> date:
    if rhythm.unit == "day":
        return start
    if rhythm.unit == "week":
        return end if rhythm.day is None else start + timedelta(days=rhythm.day - 1)
    month = shift_months(end.replace(day=1), rhythm.months_after)
    length = gregorian.monthrange(month.year, month.month)[1]
    return month.replace(day=min(rhythm.day or length, length))


def _periods(rhythm: Rhythm, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """Periods that may fall due in first..last; a rolled due day may belong to a period up to half a month before."""
    if rhythm.unit in ("day", "week"):
        step = 1 if rhythm.unit == "day" else 7
        start = first - timedelta(days=14)
        start -= timedelta(days=start.weekday())
        while start <= last:
            end = start + timedelta(days=step - 1)
            yield _label(rhythm.unit, start), start, end
            start += timedelta(days=step)
        return
    length = _MONTHS[rhythm.unit]
    start = shift_months(first.replace(day=1), -length - rhythm.months_after)
    start = date(start.year, (start.month - 1) // length * length + 1, 1)
    while start <= last:
        following = shift_months(start, length)
        yield _label(rhythm.unit, start), start, following - timedelta(days=1)
        start = following


def _label(unit: RhythmUnit, start: date) -> str:
    if unit == "month":
        return f"{start.year}年{start.month}月"
    if unit == "quarter":
        return f"{start.year}年{_NUMERALS[start.month // 3]}季度"
    if unit == "halfyear":
        return f"{start.year}年{'上' if start.month == 1 else '下'}半年"
    if unit == "year":
        return f"{start.year}年"
    if unit == "week":
        year, week, _ = start.isocalendar()
        return f"{year}年第{week}周"
    return chinese_date(start)
