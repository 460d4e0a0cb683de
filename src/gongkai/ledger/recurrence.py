"""From a duty's deadlines to the clocks of an assignment, and from one occurrence of a recurring duty to the next."""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from gongkai.compiler.numerals import to_int
from gongkai.core import calendars, clocks, jurisdiction
from gongkai.core.models import Clock
from gongkai.law.rhythm import Occurrence, Rhythm, RhythmUnit, occurrences

if TYPE_CHECKING:
    from gongkai.ledger.models import Assignment, Task, TaskDeadline

REPORT = "report:"
EVENT = "event:"

_RHYTHMS: dict[tuple[str, int], RhythmUnit] = {
    ("week", 1): "week",
    ("day", 7): "week",
    ("month", 1): "month",
    ("month", 3): "quarter",
    ("month", 6): "halfyear",
    ("month", 12): "year",
    ("quarter", 1): "quarter",
    ("quarter", 2): "halfyear",
    ("quarter", 4): "year",
    ("year", 1): "year",
}
# (unit of the notice) -> (unit of the clock, how many of it).
_LENGTHS = {
    "hour": ("hour", 1),
    "day": ("day", 1),
    "workday": ("workday", 1),
    "week": ("day", 7),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "year": ("month", 12),
}
_AFTER_YEAR = dt.timedelta(days=62)  # what ends with the year may fall due this long after it
_OWN_ISSUE = re.compile(
    r"^(?:自|从)?(?:本|此|该)?(?:通知|要点|工作要点|方案|实施方案|分工方案|文件|意见)?(?:正式)?(?:印发|下发|发布|公布)(?:之日)?(?:起|后)?$"
)
_NUMBER = r"(\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DAY = re.compile(rf"{_NUMBER}\s*(?:日|号)(?!以?内)")
_THIRDS = {"上旬": 10, "中旬": 20}
_NEXT_MONTH = re.compile(r"次月|下月|下个月|首月|第一个?月")
_MONTH_OF_YEAR = re.compile(rf"每年度?的?\s*{_NUMBER}\s*月份?")
_WEEKDAY = re.compile(r"每(?:周|星期)([一二三四五六日天])(?![次期篇条场小天个名均])")


def day_of(text: str) -> int | None:
    """The day within a period that the words name: 每月22日前 -> 22; 每周五 -> 5; None if they name none."""
    found = _WEEKDAY.search(text)
    if found:
        return min("一二三四五六日天".index(found.group(1)) + 1, 7)
    found = _DAY.search(text)
    day = (to_int(found.group(1)) or 0) if found else next((n for word, n in _THIRDS.items() if word in text), 0)
    return day if 1 <= day <= 31 else None


def months_after_of(text: str) -> int:
    """How many months after its period a thing is due: 次月5日前 and 每季度首月10日前 -> 1, 第二个月 -> 2, else 0."""
    if _NEXT_MONTH.search(text):
        return 1
    return 2 if "第二个月" in text or "中间月" in text else 0


def month_of(text: str) -> int | None:
    """The month in which a yearly thing is due: 每年3月底前 -> 3; None if the words name none."""
    found = _MONTH_OF_YEAR.search(text)
    month = (to_int(found.group(1)) or 0) if found else 0
    return month if 1 <= month <= 12 else None


def yearly_date(deadline: TaskDeadline, after: dt.date) -> dt.date | None:
    """The next day, on or after another, on which a yearly thing with a named month is due (每年3月底前)."""
    month = month_of(deadline.text) if (deadline.kind, deadline.unit) == ("recurring", "year") else None
    if month is None or (deadline.amount or 1) != 1:
        return None
    for year in (after.year, after.year + 1):
        length = gregorian.monthrange(year, month)[1]
        found = dt.date(year, month, min(deadline.day or length, length))
        if found >= after:
            return found
    return None


def rhythm_of(deadline: TaskDeadline) -> Rhythm | None:
    """The rhythm of a recurring deadline; None for 定期, 持续推进 and 每日, for 每年 and 每周 without a day."""
    unit = _RHYTHMS.get((deadline.unit, deadline.amount or 1))
    if deadline.kind != "recurring" or unit is None:
        return None
    if unit in ("week", "year") and deadline.day is None:
        # 每年 without a day means by the end of the year, which has a clock of its own; 每周至少更新1次 says how often
        # something is done and not when it is reported.
        return None
    if unit == "year" and month_of(deadline.text):
        return None  # 每年3月底前 is one day of the year, see `yearly_date`
    day = deadline.day if deadline.day and (unit != "week" or deadline.day <= 7) else None
    return Rhythm(unit, day, deadline.months_after)


def key_of(unit: RhythmUnit, occurrence: Occurrence) -> str:
    """An occurrence as clocks carry it: 2026-05, 2026-Q2, 2026-H1, 2026, 2026-W05."""
    start = occurrence.start
    if unit == "month":
        return f"{start:%Y-%m}"
    if unit == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if unit == "halfyear":
        return f"{start.year}-H{1 if start.month == 1 else 2}"
    if unit == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}"
    return str(start.year)


def unit_of(key: str) -> RhythmUnit:
    """The rhythm to which an occurrence's key belongs."""
    for sign, unit in (("-Q", "quarter"), ("-H", "halfyear"), ("-W", "week"), ("-", "month")):
        if sign in key:
            return unit  # type: ignore[return-value]
    return "year"


def horizon_of(task: Task) -> dt.date:
    """The last day on which a duty's year, or its latest fixed date, ends."""
    end = dt.date(task.notice.plan_year, 12, 31)
    dates = [deadline.date for deadline in task.deadlines.all() if deadline.kind == "date" and deadline.date]
    return max([end, *dates])


def next_occurrence(rhythm: Rhythm, after: dt.date, horizon: dt.date) -> Occurrence | None:
    """The first occurrence that falls due on or after a day and whose period ends by the horizon.

    A period that ends with the year may fall due in the next.
    """
    last = horizon + _AFTER_YEAR
    if after > last:
        return None
    for occurrence in occurrences(rhythm, after, last, calendars.current()):
        if occurrence.end <= horizon:
            return occurrence
    return None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _report_clock(rhythm: Rhythm, occurrence: Occurrence, basis: str) -> dict[str, Any]:
    return {
        "code": f"{REPORT}{key_of(rhythm.unit, occurrence)}",
        "name": f"{_short(rhythm.unit, occurrence)}进展报送",
        "unit": "date",
        "date": occurrence.due,
        "basis": basis,
        "started_at": _midnight(occurrence.start),
    }


def _short(unit: RhythmUnit, occurrence: Occurrence) -> str:
    if unit == "month":
        return f"{occurrence.start.month}月"
    return occurrence.label


def basis_of(task: Task) -> str:
    """Where a clock's length stands: the notice and the item."""
    notice = task.notice
    place = f"第{task.ordinal}条"
    number = f"，{notice.document_number}" if notice.document_number else ""
    return f"《{notice.name}》{place}{number}"[:200]


def starts_with_notice(deadline: TaskDeadline) -> bool:
    """Whether the event that starts a deadline is the issue of the notice itself."""
    notice = deadline.task.notice
    if not notice.issued_on or deadline.kind != "duration":
        return False
    trigger = deadline.trigger.strip()
    if trigger in (f"《{notice.name}》印发", f"《{notice.name}》印发后"):
        return True
    # A bare 印发 means any document; only 本… means this one.
    return bool(_OWN_ISSUE.match(trigger)) and trigger.lstrip("自从").startswith(("本", "此", "该"))


def length_of(deadline: TaskDeadline) -> tuple[str, int] | None:
    """Unit and amount of the clock of a deadline that waits for an event."""
    if deadline.unit not in _LENGTHS or deadline.amount is None:
        return None
    unit, factor = _LENGTHS[deadline.unit]
    return unit, deadline.amount * factor


def _deadline_clock(deadline: TaskDeadline, basis: str, now: dt.datetime, horizon: dt.date) -> dict[str, Any] | None:
    date = deadline.date if deadline.kind == "date" else yearly_date(deadline, timezone.localdate(now))
    if date and (deadline.kind == "date" or date <= horizon + _AFTER_YEAR):
        return {
            "code": f"date:{deadline.pk}",
            "name": _name(deadline, date),
            "unit": "date",
            "date": date,
            "basis": basis,
        }
    length = length_of(deadline) if deadline.kind == "duration" else None
    if length is None:
        return None
    clock: dict[str, Any] = {
        "code": f"{EVENT}{deadline.pk}",
        "name": deadline.text[:80],
        "unit": length[0],
        "amount": length[1],
        "trigger": deadline.trigger[:120] or "事件发生",
        "basis": basis,
    }
    issued = deadline.task.notice.issued_on
    if issued and starts_with_notice(deadline):
        return clock | {"started_at": _midnight(issued)}
    return clock | {"waiting": True}


def _name(deadline: TaskDeadline, day: dt.date) -> str:
    if (day.month, day.day) == (12, 31):
        return "全年办结"
    return f"{deadline.text}办结"[:80] if deadline.text else "办结"


def first_clocks(assignment: Assignment, now: dt.datetime) -> list[dict[str, Any]]:
    """Receipt; one clock per day, however many limits fall on it; waiting ones per event; the current period of each rhythm; else the year's end."""
    task = assignment.task
    basis = basis_of(task)
    found = [_receipt(assignment)]
    rhythms: set[str] = set()
    days: set[dt.date] = set()
    ends = False
    horizon = horizon_of(task)
    for deadline in task.deadlines.all():
        deadline.task = task
        rhythm = rhythm_of(deadline)
        if rhythm is not None:
            occurrence = next_occurrence(rhythm, timezone.localdate(now), horizon)
            if occurrence and rhythm.unit not in rhythms:
                rhythms.add(rhythm.unit)
                assignment.period = assignment.period or key_of(rhythm.unit, occurrence)
                found.append(_report_clock(rhythm, occurrence, basis))
            continue
        clock = _deadline_clock(deadline, basis, now, horizon)
        if clock and clock.get("date") not in days:
            found.append(clock)
        if clock:
            days |= {clock["date"]} if "date" in clock else set()
            ends |= not clock.get("waiting", False)
    if not ends:
        found.append({"code": "year", "name": "全年办结", "unit": "date", "date": horizon, "basis": basis})
    return found


def _receipt(assignment: Assignment) -> dict[str, Any]:
    clock: dict[str, Any] = {"code": "receipt", "name": "签收", "judged": False, "basis": "签收期限"}
    if assignment.receive_by:
        return clock | {"unit": "date", "date": assignment.receive_by}
    return clock | {"unit": "workday", "amount": jurisdiction.value("receipt.workdays")}


def start_or_reopen(case: Any, now: dt.datetime, clock: dict[str, Any]) -> Clock:
    """Start a clock; one that was cancelled under the same code runs on."""
    known = clocks.get(case, clock["code"])
    if known is None:
        return clocks.start(case, now=now, **clock)
    if known.state == Clock.State.CANCELLED:
        clocks.reopen(known, now)
    return known


def open_next(assignment: Assignment, stopped: Clock, now: dt.datetime) -> Clock | None:
    """After a period was reported: the clock of the next one, if the duty's year has one."""
    key = stopped.code.removeprefix(REPORT)
    unit = unit_of(key)
    task = assignment.task
    for deadline in task.deadlines.all():
        rhythm = rhythm_of(deadline)
        if rhythm is None or rhythm.unit != unit or stopped.date is None:
            continue
        following = next_occurrence(rhythm, stopped.date + dt.timedelta(days=1), horizon_of(task))
        if following is None:
            return None
        return start_or_reopen(assignment, now, _report_clock(rhythm, following, basis_of(task)))
    return None


def begin_event(assignment: Assignment, deadline: TaskDeadline, at: dt.datetime, now: dt.datetime, note: str) -> Clock:
    """An event happened: the waiting clock starts, or, when it already ran, a further one for this occurrence."""
    base = f"{EVENT}{deadline.pk}"
    known = {clock.code: clock for clock in assignment.clocks.filter(code__startswith=base)}
    waiting = known.get(base)
    if waiting and waiting.state == Clock.State.WAITING:
        waiting.name = f"{deadline.text}（{note}）"[:80]
        clocks.begin(waiting, at, now)
        return waiting
    unit, amount = length_of(deadline) or ("workday", 5)
    serial = 1 + sum(1 for code in known if code == base or code.startswith(f"{base}:"))
    return clocks.start(
        assignment,
        now=now,
        code=f"{base}:{serial}",
        name=f"{deadline.text}（{note}）"[:80],
        unit=unit,
        amount=amount,
        trigger=deadline.trigger[:120],
        basis=basis_of(assignment.task),
        started_at=at,
    )
