"""Clocks (时限): when something is due, why, and how that is told.

Pure derivation from a rule, a start, pauses and extensions. Conventions, where the law leaves room:

- Times are aware and read in Asia/Shanghai. A period of days ends with its last day, at 24:00 (民法典 art 203); `due`
  is the exclusive instant after it (the next midnight), `due_on` the last day itself. A rule may end at the close of
  office instead (`end="17:30"`). Something is late from `due` on.
- The start day is not counted, also when it is a working day (民法典 art 201); hours run from the minute.
- A pause takes out the days x with start day < x <= end day: the day on which it begins still counts, the day of
  return does not, counting goes on the next day. So the due day is add_workdays(start, amount + extension + E) with E
  the working days after sending up to return (条例 art 33, 3: the time for asking others is not counted); overlapping
  pauses count once. A pause that begins on the last day, in time, moves the end to the day of return (to the first
  working day after it if that is a day off). Later pauses change nothing.
- A fixed date is moved by no pause, only by an extension.
- Periods of calendar days and months end on the first day after a day off (民法典 art 203, 民事诉讼法 art 85); fixed
  dates stay where they are unless the rule says `roll=True`; hours never roll.
- Extensions add up with the period in the same unit, so that an end in between does not roll. One up to a date never
  shortens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from gongkai.law.workdays import WEEKDAYS, Calendar, DayKind, chinese_date, shift_months

SHANGHAI = ZoneInfo("Asia/Shanghai")

Unit = Literal["workday", "day", "hour", "month", "date"]
Light = Literal["ok", "soon", "late", "paused", "wait", "done", "donelate"]
Slot = Literal["used", "stop", "slot"]
State = Literal["waiting", "running", "paused", "met", "cancelled"]

UNIT_LABELS = {"workday": "个工作日", "day": "日", "hour": "小时", "month": "个月"}
LIGHTS: tuple[Light, ...] = ("late", "soon", "paused", "wait", "ok", "donelate", "done")
LIGHT_LABELS: dict[Light, str] = {
    "ok": "进展正常",
    "soon": "临近到期",
    "late": "已超期",
    "paused": "暂停计时",
    "wait": "等待启动",
    "done": "已办结",
    "donelate": "逾期办结",
}
PUBLIC_LIGHT_LABELS: dict[Light, str] = {
    "ok": "进展正常",
    "soon": "临近时限",
    "late": "已超时限",
    "paused": "暂停计时",
    "wait": "等待启动",
    "done": "已完成",
    "donelate": "逾期完成",
}
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def local(moment: datetime) -> datetime:
    """The moment in Asia/Shanghai. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("时间没有时区。")
    return moment.astimezone(SHANGHAI)


def midnight(day: date) -> datetime:
    """The first instant of `day` in Asia/Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def _close(day: date, end: str) -> datetime:
    """The exclusive end of `day`: the next midnight for 24:00, else the time given."""
    return midnight(day + _DAY) if end == "24:00" else datetime.combine(day, time.fromisoformat(end), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something may take.

    `amount` in `unit` (0 means: the same day), or a fixed `date`. `roll`: whether an end on a day off moves on; left
    open it is so for days and months and not for a date. `trigger` names what starts the clock (收到申请), `basis` its
    source. Raises ValueError when amount, date or end do not fit.
    """

    unit: Unit
    amount: int | None = None
    date: date | None = None
    end: str = "24:00"
    roll: bool | None = None
    basis: str = ""
    trigger: str = ""

    def __post_init__(self) -> None:
        if self.unit == "date":
            if self.date is None:
                raise ValueError("时限没有写明日期。")
        elif self.unit not in UNIT_LABELS:
            raise ValueError(f"没有“{self.unit}”这种时限。")
        elif self.amount is None or self.amount < 0:
            raise ValueError("时限没有写明数量。")
        if self.end != "24:00":
            time.fromisoformat(self.end)

    @property
    def rolls(self) -> bool:
        """Whether an end on a day off moves to the first day after it."""
        return self.unit in ("day", "month") if self.roll is None else self.roll

    @property
    def words(self) -> str:
        """`5个工作日内`, `24小时内`, `2026年12月31日前`."""
        if self.unit == "date":
            return f"{chinese_date(self.date)}前" if self.date else ""
        return f"{self.amount}{UNIT_LABELS[self.unit]}内" if self.amount else "当日"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that does not count; `end` None while it lasts. Raises ValueError when it ends before it begins."""

    start: datetime
    end: datetime | None = None
    reason: str = ""
    document: str = ""

    def __post_init__(self) -> None:
        local(self.start)
        if self.end is not None and local(self.end) < self.start:
            raise ValueError("恢复计时的时间早于暂停的时间。")


@dataclass(frozen=True, slots=True)
class Extension:
    """Time granted on top (延期), by amount or up to a date. Raises ValueError unless exactly one of them is given."""

    amount: int | None = None
    unit: Unit = "workday"
    reason: str = ""
    document: str = ""
    approved_on: date | None = None
    date: date | None = None

    def __post_init__(self) -> None:
        if (self.amount is None) == (self.date is None):
            raise ValueError("延期要写明延长多少，或者延到哪一天，二者取一。")
        if self.amount is not None and (self.amount < 1 or self.unit not in UNIT_LABELS):
            raise ValueError("延长的数量应大于零。")


class StepKind(StrEnum):
    """What a day or a stretch did to the count. ROLLED: after the last counted day, up to the first working day."""

    START = "start"
    COUNTED = "counted"
    MAKEUP = "makeup"
    OFF = "off"
    PAUSED = "paused"
    ROLLED = "rolled"
    RESUME = "resume"


class DayStep(NamedTuple):
    """One day of a derivation. `number` on counted days; `label` is how it counts, `note` why or what happened."""

    date: date
    kind: StepKind
    number: int | None
    label: str
    note: str = ""
    rest: DayKind | None = None
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive days of one kind as one line: `when` 5月16日、17日, `note` 周六、周日, `count` 休息，不计."""

    kind: StepKind
    first: date | None
    last: date | None
    when: str
    note: str
    count: str

    @property
    def title(self) -> str:
        """`when` with its note, as printed: `5月18日 星期一，15:40起暂停`, `5月16日、17日 周六、周日`."""
        if not self.note:
            return self.when
        return f"{self.when}{'，' if '星期' in self.when else ' '}{self.note}"


class _Interval(NamedTuple):
    """Merged pause in days: after < x <= until is out; `began` is its first minute. `until` None while open."""

    after: date
    until: date | None
    began: datetime


def _day_intervals(pauses: Iterable[Pause]) -> list[_Interval]:
    merged: list[_Interval] = []
    for pause in sorted(pauses, key=lambda item: item.start):
        began = local(pause.start)
        until = local(pause.end).date() if pause.end is not None else None
        if until == began.date():
            continue
        last = merged[-1] if merged else None
        if last is not None and (last.until is None or began.date() <= last.until):
            longest = None if last.until is None or until is None else max(last.until, until)
            merged[-1] = last._replace(until=longest)
        else:
            merged.append(_Interval(began.date(), until, began))
    return merged


def _hour_intervals(pauses: Iterable[Pause]) -> list[tuple[datetime, datetime | None]]:
    merged: list[tuple[datetime, datetime | None]] = []
    for pause in sorted(pauses, key=lambda item: item.start):
        start, end = local(pause.start), local(pause.end) if pause.end is not None else None
        if merged and (merged[-1][1] is None or start <= merged[-1][1]):
            before = merged[-1][1]
            merged[-1] = (merged[-1][0], None if before is None or end is None else max(before, end))
        else:
            merged.append((start, end))
    return merged


class _End(NamedTuple):
    """Last day, and the last counted day before rolling."""

    on: date
    counted_until: date


def _paused_days(intervals: Iterable[_Interval], after: date, until: date, calendar: Calendar | None) -> int:
    """Days (working days with a calendar) in (after, until] that are paused."""
    total = 0
    for interval in intervals:
        low = max(interval.after, after)
        high = until if interval.until is None else min(interval.until, until)
        if low < high:
            total += calendar.workdays_between(low, high) if calendar else (high - low).days
    return total


def _run(
    start: date, amount: int, in_workdays: bool, roll: bool, end: str, calendar: Calendar, intervals: list[_Interval]
) -> _End | None:
    """The end of `amount` days after `start` around the pauses; None if an open pause stops it."""
    lost = 0

    def reached() -> _End:
        if in_workdays:
            day = calendar.add_workdays(start, amount + lost)
            return _End(calendar.roll_forward(day), day)
        raw = start + timedelta(days=amount + lost)
        return _End(calendar.roll_forward(raw) if roll else raw, raw)

    found = reached()
    for interval in intervals:
        if interval.until is not None and interval.until <= start:
            continue
        if interval.began >= _close(found.on, end):
            break
        if interval.until is None:
            return None
        low = max(interval.after, start)
        lost += calendar.workdays_between(low, interval.until) if in_workdays else (interval.until - low).days
        found = reached()
        back = calendar.roll_forward(interval.until) if in_workdays or roll else interval.until
        if back > found.on:
            found = found._replace(on=back)
    return found


def _segments(rule: Rule, extensions: Sequence[Extension]) -> list[tuple[Unit, int]]:
    """The period and its extensions by amount in order of approval, neighbours of one unit added up."""
    parts: list[tuple[Unit, int]] = [(rule.unit, rule.amount or 0)]
    for extension in sorted(extensions, key=lambda item: item.approved_on or date.min):
        if extension.amount is None:
            continue
        if extension.unit == "hour" and rule.unit != "hour":
            raise ValueError("按日计算的时限不能按小时延长。")
        if parts[-1][0] == extension.unit:
            parts[-1] = (extension.unit, parts[-1][1] + extension.amount)
        else:
            parts.append((extension.unit, extension.amount))
    return parts


def _derive_days(
    rule: Rule, start: date, calendar: Calendar, intervals: list[_Interval], extensions: Sequence[Extension]
) -> _End | None:
    """The last day of a clock of days; None while an open pause stops it. Raises UnknownYearError."""
    found = _End(start, start)
    for unit, amount in _segments(rule, extensions):
        if unit == "date":
            assert rule.date is not None  # noqa: S101  (checked by Rule)
            found = _End(calendar.roll_forward(rule.date) if rule.rolls else rule.date, rule.date)
            continue
        base = found.on
        days = (shift_months(base, amount) - base).days if unit == "month" else amount
        # A date moves by extension, and then by no pause either.
        around = [] if rule.unit == "date" else intervals
        # An extension granted in calendar days rolls as the law says, whatever the rule itself does.
        roll = rule.rolls or rule.unit in ("workday", "date")
        ended = _run(base, days, unit == "workday", roll, rule.end, calendar, around)
        if ended is None:
            return None
        found = _End(ended.on, ended.on) if rule.unit == "workday" and unit != "workday" else ended
    limit = max((item.date for item in extensions if item.date is not None), default=None)
    if limit is not None and limit > found.on:
        rolls = rule.rolls or rule.unit == "workday"
        found = _End(calendar.roll_forward(limit) if rolls else limit, limit)
    return found


def _advance(
    start: datetime, length: timedelta, intervals: Sequence[tuple[datetime, datetime | None]]
) -> datetime | None:
    """The instant at which `length` of unpaused time has run; None if an open pause stops it."""
    now = start
    for begin, end in intervals:
        if end is not None and end <= now:
            continue
        run = max(begin - now, timedelta())
        if run >= length:
            break
        if end is None:
            return None
        length -= run
        now = end
    return now + length


def _derive_hours(
    rule: Rule,
    start: datetime,
    calendar: Calendar,
    intervals: list[tuple[datetime, datetime | None]],
    extensions: Sequence[Extension],
) -> datetime | None:
    """The instant a clock of hours ends; hours run through nights and days off (民法典 art 201). None while stopped."""
    now = start
    for unit, amount in _segments(rule, extensions):
        if unit in ("hour", "day"):
            reached = _advance(now, _HOUR * (amount if unit == "hour" else 24 * amount), intervals)
            if reached is None:
                return None
            now = reached
        elif unit == "workday":
            now = datetime.combine(calendar.add_workdays(now.date(), amount), now.timetz())
        else:
            now = datetime.combine(shift_months(now.date(), amount), now.timetz())
    limit = max((item.date for item in extensions if item.date is not None), default=None)
    return now if limit is None else max(now, midnight(limit + _DAY))


@dataclass(frozen=True)
class Derivation:
    """What `derive` found, and the count behind it.

    `due` (exclusive) and `due_on` are None while an open pause stops the clock; `due_if_resumed` and
    `due_on_if_resumed` then say when it would be due if it were resumed at `now`. `used`, `total`, `remaining` and
    `paused` are in the rule's counting unit: working days, calendar days (also for months and dates) or full hours;
    the day of `now` counts as used. `last` is the last day of the derivation, `counted_until` the last before rolling.
    """

    rule: Rule
    start: datetime
    calendar: Calendar
    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...]
    now: datetime | None
    due: datetime | None
    due_if_resumed: datetime | None
    soon_from: datetime | None
    provisional: bool
    used: int
    total: int
    paused: int
    counted_until: date
    last: date

    @property
    def is_paused(self) -> bool:
        """Whether an open pause stops the clock."""
        return self.due is None

    @property
    def due_on(self) -> date | None:
        """The last day."""
        return last_day(self.due) if self.due else None

    @property
    def due_on_if_resumed(self) -> date | None:
        """The last day if the clock were resumed at `now`."""
        return last_day(self.due_if_resumed) if self.due_if_resumed else None

    @property
    def remaining(self) -> int:
        return max(self.total - self.used, 0)

    @cached_property
    def days(self) -> tuple[DayStep, ...]:
        """Every day from the start to the due day (while paused: to the day of `now`); empty for clocks of hours."""
        return () if self.rule.unit == "hour" else tuple(_days(self))

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The days as lines of the printed derivation (推算单)."""
        lines = _hour_stretches(self) if self.rule.unit == "hour" else _stretches(self.days)
        if self.is_paused:
            counted = max((step.number or 0 for step in self.days), default=self.used)
            left = f"再数{max(self.total - counted, 0)}{UNIT_LABELS[_counting_unit(self.rule)]}"
            when = "恢复计时起" if self.rule.unit == "hour" else "恢复计时之日的次日起"
            lines.append(Stretch(StepKind.RESUME, None, None, when, "", left))
        return tuple(lines)

    @property
    def calendar_note(self) -> str:
        """Which lists were used: `日历：2026年放假安排（正式）`."""
        return f"日历：{self.calendar.describe(self.start.date(), self.last)}"

    @property
    def conclusion(self) -> str:
        """The result in one sentence."""
        provisional = "（暂定）" if self.provisional else ""
        if self.due is not None:
            return f"{_moment(self.due, self.rule.unit)}到期{provisional}。"
        if self.due_if_resumed is None or self.now is None:
            return "暂停计时，恢复后再推算到期日。"
        when = _moment(self.due_if_resumed, self.rule.unit)
        return f"如{chinese_date(self.now.date())}恢复，{when}到期{provisional}。"


def last_day(due: datetime) -> date:
    """The day that ends with the exclusive instant `due`."""
    return (local(due) - timedelta(microseconds=1)).date()


def _clock_time(due: datetime) -> str:
    moment = local(due)
    return "24:00" if moment.time() == time() else f"{moment:%H:%M}"


def _moment(due: datetime, unit: Unit) -> str:
    day = chinese_date(last_day(due))
    return f"{day}{_clock_time(due)}" if unit == "hour" or _clock_time(due) != "24:00" else day


def _counting_unit(rule: Rule) -> Unit:
    return rule.unit if rule.unit in ("workday", "hour") else "day"


def derive(
    rule: Rule,
    start: datetime,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Extension] = (),
    now: datetime | None = None,
    soon_workdays: int = 3,
) -> Derivation:
    """Derive a due time by the conventions of this module.

    `soon_workdays`: how many working days before the due day the light turns to soon (clocks of hours: at 25 % left).
    Raises UnknownYearError when the count leaves the known calendar, ValueError for naive times or an extension that
    does not fit.
    """
    start = local(start)
    now = local(now) if now is not None else None
    held, granted = tuple(pauses), tuple(extensions)
    if rule.unit == "hour":
        return _hour_derivation(rule, start, calendar, held, granted, now)
    intervals = _day_intervals(held)
    first = start.date()
    found = _derive_days(rule, first, calendar, intervals, granted)
    shown, running = found, intervals
    if found is None:
        running = _closed_days(intervals, now.date() if now else None)
        shown = _derive_days(rule, first, calendar, running, granted)
    assert shown is not None  # noqa: S101  (no open interval is left)
    unit_calendar = calendar if rule.unit == "workday" else None
    counting = [] if rule.unit == "date" else running

    def counted(until: date) -> int:
        if until <= first:
            return 0
        span = unit_calendar.workdays_between(first, until) if unit_calendar else (until - first).days
        return span - _paused_days(counting, first, until, unit_calendar)

    soon = None
    if found is not None:
        near = calendar.workdays_between(first, found.on) <= soon_workdays
        soon = start if near else max(start, midnight(calendar.add_workdays(found.on, -soon_workdays)))
    today = now.date() if now else first
    return Derivation(
        rule,
        start,
        calendar,
        held,
        granted,
        now,
        due=_close(found.on, rule.end) if found else None,
        due_if_resumed=_close(shown.on, rule.end) if now is not None and found is None else None,
        soon_from=soon,
        provisional=_by_calendar(rule, granted) and calendar.is_provisional(first, shown.on),
        used=counted(min(today, shown.counted_until)),
        total=counted(shown.counted_until),
        paused=_paused_days(counting, first, min(today, shown.on), unit_calendar),
        counted_until=shown.counted_until,
        last=shown.on if found else max(today, running[-1].after if running else first, first),
    )


def _by_calendar(rule: Rule, extensions: Iterable[Extension]) -> bool:
    """Whether the end depends on the calendar at all: a fixed date that does not roll never becomes provisional."""
    amounts = any(item.amount is not None for item in extensions)
    return rule.unit == "workday" or rule.rolls or amounts


def _closed_days(intervals: list[_Interval], resumed_on: date | None) -> list[_Interval]:
    """The intervals with the open one ended on `resumed_on` (on its first day without one)."""
    closed = []
    for interval in intervals:
        until = interval.until
        if until is None:
            until = max(interval.after, resumed_on or interval.after)
        closed.append(interval._replace(until=until))
    return closed


def _hour_derivation(
    rule: Rule,
    start: datetime,
    calendar: Calendar,
    pauses: tuple[Pause, ...],
    extensions: tuple[Extension, ...],
    now: datetime | None,
) -> Derivation:
    intervals = _hour_intervals(pauses)
    due = _derive_hours(rule, start, calendar, intervals, extensions)
    running: list[tuple[datetime, datetime | None]] = [
        (begin, end if end is not None else max(begin, now or begin)) for begin, end in intervals
    ]
    shown = due or _derive_hours(rule, start, calendar, running, extensions)
    assert shown is not None  # noqa: S101  (no open interval is left)
    length = _unpaused(start, shown, running)
    at = min(max(now, start), shown) if now is not None else start
    soon = _advance(start, length * 0.75, running) if due is not None else None
    used = int(_unpaused(start, at, running) / _HOUR)
    return Derivation(
        rule,
        start,
        calendar,
        pauses,
        extensions,
        now,
        due=due,
        due_if_resumed=shown if now is not None and due is None else None,
        soon_from=soon,
        provisional=any(item.unit == "workday" for item in extensions)
        and calendar.is_provisional(start.date(), last_day(shown)),
        used=used,
        total=round(length / _HOUR),
        paused=int((at - start) / _HOUR) - used,
        counted_until=last_day(shown),
        last=last_day(shown),
    )


def _unpaused(start: datetime, until: datetime, intervals: Iterable[tuple[datetime, datetime | None]]) -> timedelta:
    """Time from `start` to `until` outside the pauses."""
    length = until - start
    for begin, end in intervals:
        low, high = max(begin, start), min(end if end is not None else until, until)
        if low < high:
            length -= high - low
    return length


def _days(derivation: Derivation) -> list[DayStep]:
    rule, calendar = derivation.rule, derivation.calendar
    intervals = [] if rule.unit == "date" else _closed_days(_day_intervals(derivation.pauses), date.max)
    begun = {} if rule.unit == "date" else _begun(derivation.pauses)
    day = derivation.start.date()
    steps = [DayStep(day, StepKind.START, None, "当日不计", rule.trigger, is_due=day == derivation.due_on)]
    number = 0
    while day < derivation.last:
        day += _DAY
        kind = _kind(day, derivation, intervals)
        note, rest, label, counted = "", None, "", None
        if kind in (StepKind.COUNTED, StepKind.MAKEUP):
            number += 1
            counted, label = number, f"第{number}日"
            note = calendar.day(day).label if kind == StepKind.MAKEUP else ""
            if day in begun:
                # Where only the day is known no hour is told: that day counts, the next one does not.
                started = f"{begun[day]:%H:%M}起暂停" if begun[day].time() > time.min else "次日起暂停"
                note = f"{note}，{started}" if note else started
        elif kind == StepKind.PAUSED:
            label, note = "暂停，不计", _reasons(derivation.pauses, day)
        else:
            seen = calendar.day(day)
            rest = seen.kind
            note = f"周{WEEKDAYS[day.weekday()]}" if rest == DayKind.WEEKEND else seen.label
            label = "休息，不计" if kind == StepKind.OFF else "休息，顺延"
            if kind == StepKind.ROLLED and seen.is_workday:
                label, note = "顺延至此", ""
        steps.append(DayStep(day, kind, counted, label, note, rest, day == derivation.due_on))
    return steps


def _begun(pauses: Iterable[Pause]) -> dict[date, datetime]:
    """For each day on which a pause of at least one day begins, the first minute of it."""
    found: dict[date, datetime] = {}
    for pause in pauses:
        start = local(pause.start)
        if pause.end is None or local(pause.end).date() > start.date():
            found[start.date()] = min(start, found.get(start.date(), start))
    return found


def _kind(day: date, derivation: Derivation, intervals: Iterable[_Interval]) -> StepKind:
    in_pause = any(item.after < day and (item.until is None or day <= item.until) for item in intervals)
    if derivation.rule.unit == "workday":
        seen = derivation.calendar.day(day)
        if not seen.is_workday:
            return StepKind.OFF
        if in_pause:
            return StepKind.PAUSED
        if day > derivation.counted_until:
            return StepKind.ROLLED
        return StepKind.MAKEUP if seen.kind == DayKind.MAKEUP else StepKind.COUNTED
    if in_pause:
        return StepKind.PAUSED
    return StepKind.COUNTED if day <= derivation.counted_until else StepKind.ROLLED


def _reasons(pauses: Iterable[Pause], day: date) -> str:
    reasons = []
    for pause in sorted(pauses, key=lambda item: item.start):
        covers = local(pause.start).date() < day and (pause.end is None or day <= local(pause.end).date())
        if covers and pause.reason and pause.reason not in reasons:
            reasons.append(pause.reason)
    return "、".join(reasons)


def _merges(before: DayStep, after: DayStep) -> bool:
    """Whether two neighbouring days are told in one line."""
    if before.kind != after.kind or before.kind in (StepKind.START, StepKind.MAKEUP):
        return False
    if before.kind in (StepKind.OFF, StepKind.ROLLED):
        national = (DayKind.HOLIDAY, DayKind.OFF)
        return before.label == after.label and (
            before.rest == after.rest or (before.rest in national and after.rest in national)
        )
    return before.note == after.note


def _stretches(days: Sequence[DayStep]) -> list[Stretch]:
    groups: list[list[DayStep]] = []
    for step in days:
        if groups and _merges(groups[-1][-1], step):
            groups[-1].append(step)
        else:
            groups.append([step])
    with_year = days[0].date.year != days[-1].date.year
    lines = []
    shown_year = None
    for group in groups:
        first, last = group[0], group[-1]
        when = span_words(first.date, last.date, year=with_year and first.date.year != shown_year)
        shown_year = last.date.year
        lines.append(Stretch(first.kind, first.date, last.date, when, _group_note(group), _group_count(group)))
    return lines


def span_words(first: date, last: date, *, year: bool = False) -> str:
    """`5月13日 星期三`, `5月14日、15日`, `5月1日至5日`, `12月30日至2027年1月4日`."""
    text = chinese_date(first, year=year)
    if first == last:
        return f"{text} 星期{WEEKDAYS[first.weekday()]}"
    if last.year != first.year:
        tail = chinese_date(last)
    else:
        tail = f"{last.day}日" if last.month == first.month else chinese_date(last, year=False)
    return f"{text}{'、' if (last - first).days == 1 else '至'}{tail}"


def _group_note(group: Sequence[DayStep]) -> str:
    if group[0].rest == DayKind.WEEKEND:
        return "、".join(step.note for step in group) if len(group) > 1 else ""
    if group[0].rest in (DayKind.HOLIDAY, DayKind.OFF):
        names = list(dict.fromkeys(step.note for step in group if step.note and step.note != "放假"))
        return "、".join(names) + ("放假" if not names or group[0].rest == DayKind.HOLIDAY else "")
    return group[0].note


def _group_count(group: Sequence[DayStep]) -> str:
    first, last = group[0], group[-1]
    if first.number is None or last.number is None or len(group) == 1:
        return first.label
    return f"第{first.number}{'、' if len(group) == 2 else '至'}{last.number}日"


def _duration(length: timedelta) -> str:
    minutes = int(length / timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}小时" if hours else "") + (f"{minutes}分" if minutes or not hours else "")


def _hour_stretches(derivation: Derivation) -> list[Stretch]:
    now = derivation.now
    end = derivation.due or (max(now, derivation.start) if now else None)
    lines = []
    at = derivation.start
    for begin, until in _hour_intervals(derivation.pauses):
        if (until is not None and until <= at) or (derivation.due is not None and begin >= derivation.due):
            continue
        if begin > at:
            lines.append(_hour_line(StepKind.COUNTED, at, begin, "", f"计{_duration(begin - at)}"))
        reason = "、".join(
            dict.fromkeys(p.reason for p in derivation.pauses if begin <= local(p.start) <= (until or p.start))
        )
        stop = until or end
        at = max(at, begin)
        if stop is not None and stop > at:
            lines.append(_hour_line(StepKind.PAUSED, at, stop, reason, "暂停，不计"))
            at = stop
    if derivation.due is not None and derivation.due > at:
        lines.append(_hour_line(StepKind.COUNTED, at, derivation.due, "", f"计{_duration(derivation.due - at)}"))
    return lines


def _hour_line(kind: StepKind, first: datetime, last: datetime, note: str, count: str) -> Stretch:
    head = f"{chinese_date(first.date(), year=False)}{first:%H:%M}"
    tail_day = "" if first.date() == last.date() else chinese_date(last.date(), year=first.year != last.year)
    return Stretch(kind, first.date(), last.date(), f"{head}至{tail_day}{last:%H:%M}", note, count)


def light(
    now: datetime,
    due: datetime | None,
    soon_from: datetime | None = None,
    state: State | str = "running",
    on_time: bool | None = None,
) -> Light:
    """The light of a clock at `now`.

    For a met clock `on_time` decides; where it is None, `now` is taken as the time it was met. A clock is on time until
    `due`, excluding it. A paused clock with a due time (a fixed date) is late once that has passed.
    """
    if state == "waiting":
        return "wait"
    if state == "cancelled":
        return "done"
    if state == "met":
        met = on_time if on_time is not None else due is None or now < due
        return "done" if met else "donelate"
    if due is not None and now >= due:
        return "late"
    if state == "paused":
        return "paused"
    if due is None:
        return "wait"
    return "soon" if soon_from is not None and now >= soon_from else "ok"


def worst(lights: Iterable[Light]) -> Light | None:
    """The light a group shows: late, soon, paused, wait, ok, donelate, done; None for an empty group."""
    return min(lights, key=LIGHTS.index, default=None)


def next_change(
    now: datetime, due: datetime | None, soon_from: datetime | None = None, state: State | str = "running"
) -> datetime | None:
    """When the light changes by itself, strictly after `now`; None if only an act can change it."""
    if due is None or state not in ("running", "paused") or now >= due:
        return None
    if state == "running" and soon_from is not None and now < soon_from:
        return soon_from
    return due


class Words(NamedTuple):
    """What is said about a clock: `main` 还剩2个工作日, `date` 5月22日 (empty where there is none)."""

    main: str
    date: str


def words(
    now: datetime,
    due: datetime | None,
    soon_from: datetime | None = None,
    state: State | str = "running",
    *,
    unit: Unit | str = "workday",
    calendar: Calendar,
    paused_since: datetime | None = None,
    on_time: bool | None = None,
    provisional: bool = False,
    public: bool = False,
) -> Words:
    """Words and date of a clock from its stored times, without deriving it anew.

    The day of `now` is not counted in 还剩. Working days are told for working-day clocks and fixed dates, days for
    periods of days and months, hours for hours. `public` gives the words of public pages and dates with their year.
    """
    now = local(now)
    shown = light(now, due, soon_from, state, on_time)
    date_words = _date_words(now, due, unit, provisional, public) if due is not None else ""
    if public:
        return Words(PUBLIC_LIGHT_LABELS[shown], date_words)
    if shown == "paused":
        return Words(_paused_words(now, paused_since, unit, calendar), date_words)
    if due is None or shown in ("wait", "done", "donelate"):
        return Words(LIGHT_LABELS[shown], date_words)
    if unit == "hour":
        return Words(_hours_words(now, due), date_words)
    main = _late_words(now, due, unit, calendar) if shown == "late" else _left_words(now, due, unit, calendar)
    return Words(main, date_words)


def _date_words(now: datetime, due: datetime, unit: str, provisional: bool, public: bool) -> str:
    day = last_day(due)
    text = chinese_date(day, year=public or day.year != now.year)
    if unit == "hour":
        text += _clock_time(due)
    return f"{text}（暂定）" if provisional else text


def _span(first: date, last: date, unit: str, calendar: Calendar) -> str:
    """`2个工作日`; for units of days, and where no working day lies in between, `2日`."""
    if unit not in ("day", "month"):
        count = calendar.workdays_between(first, last)
        if count:
            return f"{count}个工作日"
    return f"{(last - first).days}日"


def _left_words(now: datetime, due: datetime, unit: str, calendar: Calendar) -> str:
    day = last_day(due)
    if day == now.date():
        return f"今天{_clock_time(due)}前到期"
    return f"还剩{_span(now.date(), day, unit, calendar)}"


def _late_words(now: datetime, due: datetime, unit: str, calendar: Calendar) -> str:
    day = last_day(due)
    return LIGHT_LABELS["late"] if day >= now.date() else f"超期{_span(day, now.date(), unit, calendar)}"


def _paused_words(now: datetime, since: datetime | None, unit: str, calendar: Calendar) -> str:
    if since is None or local(since) >= now:
        return LIGHT_LABELS["paused"]
    if unit == "hour":
        return f"已停{_rough(now - local(since))}"
    first = local(since).date()
    return LIGHT_LABELS["paused"] if first == now.date() else f"已停{_span(first, now.date(), unit, calendar)}"


def _hours_words(now: datetime, due: datetime) -> str:
    return f"还剩{_rough(due - now)}" if now < due else f"超期{_rough(now - due)}"


def _rough(length: timedelta) -> str:
    """Full hours, below one hour full minutes, at least one."""
    minutes = max(int(length / timedelta(minutes=1)), 1)
    return f"{minutes // 60}小时" if minutes >= 60 else f"{minutes}分钟"


class Ruler(NamedTuple):
    """What to draw under a clock (时限尺).

    `slots`: used, stop or slot, one per counted day and, while the clock stands still, per paused day; empty where
    `is_bar`: then one bar, used up to `share` (0 to 1). `now`: where today's tick stands, 0 to 1, None for none.
    """

    slots: tuple[Slot, ...]
    is_bar: bool
    share: float
    now: float | None
    used: int
    stopped: int
    total: int

    @property
    def label(self) -> str:
        """Counts in words without unit, for a text alternative."""
        text = f"已用{self.used}，共{self.total}"
        return f"{text}，暂停{self.stopped}" if self.stopped else text


def ruler(derivation: Derivation, shown: Light, slots: int = 24) -> Ruler:
    """The ruler of a clock with its light; more than `slots` days, and hours, make one bar."""
    total = derivation.total
    finished = shown in ("late", "done", "donelate")
    used = 0 if shown == "wait" else total if finished else min(derivation.used, total)
    stopped = _stopped(derivation) if shown == "paused" else 0
    length = total + stopped
    now = None if finished or not length else (used + stopped) / length
    share = 1.0 if finished or not total else used / total
    if derivation.rule.unit == "hour" and not finished and shown != "wait":
        share = now = _hour_share(derivation)
    if derivation.rule.unit == "hour" or length > slots or not length:
        return Ruler((), True, share, now, used, stopped, total)
    marks: list[Slot] = ["used"] * used
    marks += ["stop"] * stopped
    marks += ["slot"] * (total - used)
    return Ruler(tuple(marks), False, share, now, used, stopped, total)


def _stopped(derivation: Derivation) -> int:
    """Days (working days, hours) that the open pause has lasted at `now`."""
    if derivation.now is None or not derivation.is_paused:
        return 0
    unit_calendar = derivation.calendar if derivation.rule.unit == "workday" else None
    if derivation.rule.unit == "hour":
        begin = next(begin for begin, end in _hour_intervals(derivation.pauses) if end is None)
        return max(int((derivation.now - begin) / _HOUR), 0)
    last = _day_intervals(derivation.pauses)[-1]
    return _paused_days([last], derivation.start.date(), derivation.now.date(), unit_calendar)


def _hour_share(derivation: Derivation) -> float:
    end = derivation.due or derivation.due_if_resumed
    if end is None or derivation.now is None:
        return 0.0
    running = [(begin, until or max(begin, derivation.now)) for begin, until in _hour_intervals(derivation.pauses)]
    whole = _unpaused(derivation.start, end, running)
    run = _unpaused(derivation.start, min(max(derivation.now, derivation.start), end), running)
    return run / whole if whole else 1.0
