"""A derivation as readers see it: a calendar of days, and the same in words.

Both come from the one list of days that `law.clock` derived; nothing is counted here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongkai.law.clock import DayStep, Derivation, Pause, StepKind, local
from gongkai.law.workdays import WEEKDAYS, DayKind, chinese_date

_NATIONAL = (DayKind.HOLIDAY, DayKind.OFF)
_COUNTED = (StepKind.COUNTED, StepKind.MAKEUP)
WAITS = "还在等待，恢复以后接着数"


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar; an empty one has no date.

    Attributes:
        kind: the classes of the cell.
        month: 4月, where a month begins.
        head: the day of the month: 27日.
        number: which counted day it is.
        label: what happened on it.
        strong: whether the label is set in bold.
        spoken: how it counts, for readers who hear the page.
    """

    kind: str
    month: str = ""
    head: str = ""
    number: int | None = None
    label: str = ""
    strong: bool = False
    spoken: str = ""


def weeks(derivation: Derivation, today: dt.date | None = None, mark: str = "今天") -> list[list[Cell]]:
    """The days of a derivation as weeks from Monday to Sunday; `mark` is what stands on `today`."""
    steps = derivation.days
    labels = _labels(derivation)
    cells = [Cell("blank")] * steps[0].date.weekday() if steps else []
    for before, step in zip((None, *steps), steps, strict=False):
        cells.append(_cell(step, before, labels.get(step.date, ""), today, mark))
    cells += [Cell("blank")] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _cell(step: DayStep, before: DayStep | None, happened: str, today: dt.date | None, mark: str) -> Cell:
    first = before is None or before.date.month != step.date.month
    month = f"{step.date.month}月" if first else ""
    past = today is not None and step.date <= today
    kind, label, strong = _look(step, happened, past)
    if step.is_due:
        kind, label, strong = "due", "到期", True
    if step.date == today:
        kind, strong = f"{kind} today", True
        label = f"{mark}{label}" if step.is_due and mark == "今天" else mark
    return Cell(kind, month, f"{step.date.day}日", step.number, label, strong, _spoken(step, past))


def _look(step: DayStep, happened: str, past: bool) -> tuple[str, str, bool]:
    """Class, label and weight of a day that is neither due nor today."""
    if step.kind is StepKind.START:
        return "off", happened or step.note or "起算", True
    if step.kind in _COUNTED:
        strong = step.kind is StepKind.MAKEUP
        return ("cnt past" if past else "cnt"), happened or ("调休上班" if strong else ""), strong
    if step.kind is StepKind.PAUSED:
        return "stop", happened or "暂停", False
    return "off", happened or (step.note if step.rest in _NATIONAL else ""), False


def _spoken(step: DayStep, past: bool) -> str:
    if step.kind in _COUNTED:
        return "工作日，已计" if past else "工作日"
    if step.kind is StepKind.START:
        return "当日不计"
    return step.label


def _labels(derivation: Derivation) -> dict[dt.date, str]:
    """What happened on which day, apart from the count itself."""
    found: dict[dt.date, str] = {}
    for pause in derivation.pauses:
        opinion = _asks(pause)
        found[local(pause.start).date()] = "发函" if opinion else "暂停起"
        if pause.end is not None and local(pause.end).date() > local(pause.start).date():
            found[local(pause.end).date()] = "回函" if opinion else "暂停止"
            back = next((step.date for step in _after(derivation, pause) if step.number), None)
            if back is not None:
                found.setdefault(back, "恢复")
    if derivation.days:
        found[derivation.days[0].date] = _short(derivation.rule.trigger)
    return found


def _asks(pause: Pause) -> bool:
    return "征求" in pause.reason or "意见" in pause.reason


def _short(trigger: str) -> str:
    return "收到" if not trigger or "申请" in trigger else trigger[:4]


def _after(derivation: Derivation, pause: Pause) -> Iterator[DayStep]:
    """The days after a closed pause."""
    end = local(pause.end).date() if pause.end is not None else dt.date.max
    return (step for step in derivation.days if step.date > end)


# --- in words ---------------------------------------------------------------------------------------------------------


def told(derivation: Derivation) -> list[str]:
    """The count in sentences: the start, holidays, make-up days, pauses, extensions, and the end."""
    steps = derivation.days
    if not steps:
        return []
    lines: list[tuple[dt.date, int, str]] = [(steps[0].date, 0, _start_words(derivation))]
    lines += [(first, 1, words) for first, words in _holidays(steps)]
    lines += [(step.date, 2, _makeup_words(step)) for step in steps if step.kind is StepKind.MAKEUP]
    for pause in derivation.pauses:
        lines += _pause_words(derivation, pause)
    for extension in derivation.extensions:
        day = extension.approved_on or steps[0].date
        amount = (
            f"延长{extension.amount}个工作日"
            if extension.amount
            else f"延到{chinese_date(extension.date) if extension.date else ''}"
        )
        lines.append((day, 5, f"{_md(day)}批准{amount}"))
    lines.sort(key=lambda line: line[:2])
    return [words for *_, words in lines] + [_end_words(derivation)]


def _md(day: dt.date) -> str:
    return chinese_date(day, year=False)


def _start_words(derivation: Derivation) -> str:
    steps = derivation.days
    first = next((step for step in steps if step.number == 1), None)
    trigger = derivation.rule.trigger or "收到申请"
    head = f"{chinese_date(steps[0].date)}{trigger}，当天不数"
    return f"{head}，{_md(first.date)}为第1日" if first else head


def _holidays(steps: Iterable[DayStep]) -> Iterator[tuple[dt.date, str]]:
    """Runs of days off with a national holiday in them."""
    run: list[DayStep] = []
    for step in [*steps, None]:
        if step is not None and step.rest is not None:
            run.append(step)
            continue
        named = [one for one in run if one.rest in _NATIONAL]
        if named:
            first, last = named[0].date, named[-1].date
            when = _md(first)
            if last != first:
                when += f"至{last.day}日" if last.month == first.month else f"至{_md(last)}"
            names = list(dict.fromkeys(one.note for one in named if one.rest is DayKind.HOLIDAY and one.note))
            yield first, f"{when}{'、'.join(names)}放假，不数"
        run = []


def _makeup_words(step: DayStep) -> str:
    return f"{_md(step.date)}（周{WEEKDAYS[step.date.weekday()]}）调休上班，为第{step.number}日"


def _pause_words(derivation: Derivation, pause: Pause) -> Iterator[tuple[dt.date, int, str]]:
    begin = local(pause.start).date()
    number = next((step.number for step in derivation.days if step.date == begin), None)
    place = f"（第{number}日）" if number else ""
    sent = "发出征求意见函" if _asks(pause) else f"开始{pause.reason or '暂停'}"
    yield begin, 3, f"{_md(begin)}{place}{sent}，次日起暂停"
    if pause.end is None:
        yield begin, 4, WAITS
        return
    end = local(pause.end).date()
    stopped = sum(1 for step in derivation.days if step.kind is StepKind.PAUSED and begin < step.date <= end)
    if not stopped:
        return
    first = begin + dt.timedelta(days=1)
    span = _md(first) if first == end else f"{_md(first)}至{end.day}日" if first.month == end.month else None
    yield first, 4, f"{span or f'{_md(first)}至{_md(end)}'}等待，其中{stopped}个工作日不计"
    back = next((step for step in _after(derivation, pause) if step.number), None)
    if back is not None:
        yield back.date, 4, f"{_md(back.date)}恢复，为第{back.number}日"


def _end_words(derivation: Derivation) -> str:
    if derivation.due_on is None:
        return derivation.conclusion
    provisional = "（暂定）" if derivation.provisional else ""
    return f"数到第{derivation.total}日，是{chinese_date(derivation.due_on)}{provisional}"
