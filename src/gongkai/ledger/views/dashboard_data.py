"""The dashboard's figures, from the counters: a fixed number of queries however many cases there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core import calendars, charts, jurisdiction
from gongkai.core.icons import LIGHTS, worst
from gongkai.core.models import Case, CaseQuerySet, Unit
from gongkai.law.clock import last_day
from gongkai.ledger import queries
from gongkai.ledger.models import Assignment, Notice
from gongkai.ledger.views import words
from gongkai.ledger.views.common import address

OPEN_LIGHTS = ("late", "soon", "paused", "wait", "ok")
BUSY_DAY = 10
LATE_ROWS = 8
Table = dict[tuple[int, str], Counter[str]]


@dataclass(slots=True)
class Chosen:
    """The notice the page is about, and all that could be chosen."""

    notice: Notice | None
    notices: list[Notice]
    sections: list[tuple[str, str]] = field(default_factory=list)

    @property
    def series(self) -> str:
        """The series that the counters know."""
        return self.notice.ledger_series if self.notice else ""


def choose(rows: QuerySet, wanted: str) -> Chosen:
    """The dispatched notices with their sections in one query, and the one wanted, else the newest."""
    found: dict[int, Notice] = {}
    sections: dict[int, list[tuple[str, str]]] = defaultdict(list)
    listed = (
        rows.filter(state__in=["dispatched", "archived"], level=Notice.Level.OWN)
        .order_by(F("year").desc(nulls_last=True), "-public", "-issued_on", "-pk", "sections__ordinal")
        .values_list("pk", "title", "year", "issued_on", "opened_at", "document_number", "receipt_by", "dispatched_on",
                     "sections__ordinal", "sections__title")[:600]
    )  # fmt: skip
    for pk, title, year, issued, opened, number, receipt, dispatched, ordinal, section in listed:
        found.setdefault(
            pk,
            Notice(pk=pk, title=title, year=year, issued_on=issued, opened_at=opened, document_number=number,
                   receipt_by=receipt, dispatched_on=dispatched),
        )  # fmt: skip
        if ordinal:
            sections[pk].append((f"{ordinal:02d}", section))
    notice = next((one for one in found.values() if str(one.pk) == wanted), None) or next(iter(found.values()), None)
    return Chosen(notice, list(found.values()), sections[notice.pk] if notice else [])


def cases_of(chosen: Chosen) -> CaseQuerySet:
    """All assignments of the notice."""
    return Case.objects.filter(kind=Assignment.KIND, series=chosen.series)


def by_lead(chosen: Chosen) -> Table:
    """The same table by leading unit; asked of the cases themselves, only when somebody looks."""
    table: Table = defaultdict(Counter)
    rows = cases_of(chosen).filter(lead__isnull=False).order_by()
    for lead, section, light, number in rows.values_list("lead", "section", "light").annotate(n=Count("pk")):
        table[lead, section][light] += number
    return table


def totals(table: Table) -> Counter[str]:
    """Numbers by light over the whole table."""
    total: Counter[str] = Counter()
    for counts in table.values():
        total.update(counts)
    return total


def matrix(chosen: Chosen, table: Table, units: dict[int, Unit], *, lead: bool, only: bool) -> dict[str, Any]:
    """Worst mark and number by unit and section; with `only`, only units with something late or soon."""
    heads = list(chosen.sections)
    codes = {code for _, code in table}
    if "" in codes or not heads:
        heads.append(("", "其他"))
    parameter = "lead" if lead else "unit"
    rows = []
    for unit in sorted({unit for unit, _ in table}, key=lambda pk: units[pk].path if pk in units else ""):
        whole: Counter[str] = Counter()
        cells: list[dict[str, Any] | None] = []
        for code, _ in heads:
            counts = table.get((unit, code)) or Counter()
            whole.update(counts)
            number = sum(counts.values())
            cells.append(
                {
                    "light": worst([light for light in LIGHTS if counts[light] > 0]),
                    "count": number,
                    "url": address("cases", chosen.notice.pk, **{parameter: unit, "section": code or "-"}),
                }
                if number
                else None
            )
        if only and not (whole["late"] or whole["soon"]):
            continue
        rows.append(
            {
                "label": str(units[unit]) if unit in units else f"单位{unit}",
                "url": address("cases", chosen.notice.pk, **{parameter: unit}),
                "cells": cells,
                "total": sum(whole.values()),
                "late": whole["late"],
            }
        )
    return {
        "caption": "各单位在要点各部分的任务数和最差状态",
        "corner": "牵头单位" if lead else "单位",
        "heads": [
            {"number": words.section_number(title), "label": words.breakable(words.section_name(title))}
            for _, title in heads
        ],
        "rows": rows,
    }


def months_until(today: dt.date, number: int = 12) -> list[str]:
    """The last months as 2026-05, the running one last."""
    found, year, month = [], today.year, today.month
    for _ in range(number):
        found.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def trend(chosen: Chosen, closed: dict[str, tuple[int, int]], months: list[str]) -> dict[str, Any]:
    """The chart of closed cases by month, with its table."""
    columns, rows = [], []
    for place, name in enumerate(months):
        year, month = name.split("-")
        good, bad = closed.get(name, (0, 0))
        first = place == 0 or month == "01"
        columns.append(
            charts.Column(
                f"{int(month)}月",
                (good, bad),
                note=f"{year}年" if first else "",
                url=address("cases", chosen.notice.pk, month=name) if chosen.notice and good + bad else "",
                unfinished=place == len(months) - 1,
            )
        )
        rows.append((f"{year}年{int(month)}月", good, bad, good + bad))
    title = "每月办结件数，按时与逾期"
    return {
        "chart": charts.stacked_bars(columns, ["按时办结", "逾期办结"], title, "最近十二个月，末月未满"),
        "table": charts.data_table(["月份", "按时办结", "逾期办结", "合计"], rows, title),
        "rows": rows,
    }


def on_time_share(closed: dict[str, tuple[int, int]], year: int) -> tuple[float | None, int, int]:
    """(percentage, on time, all) of the cases closed in a year."""
    good = sum(pair[0] for month, pair in closed.items() if month.startswith(str(year)))
    bad = sum(pair[1] for month, pair in closed.items() if month.startswith(str(year)))
    return (round(100 * good / (good + bad), 1) if good + bad else None), good, good + bad


def month_weeks(chosen: Chosen, today: dt.date, due: dict[dt.datetime, int]) -> list[list[dict[str, Any]]]:
    """Five weeks from this Monday, with what falls due, rest days and holidays by name."""
    calendar = calendars.current()
    numbers: Counter[dt.date] = Counter()
    for moment, number in due.items():
        numbers[timezone.localtime(moment - dt.timedelta(microseconds=1)).date()] += number
    first = today - dt.timedelta(days=today.weekday())
    days = []
    for offset in range(35):
        day = first + dt.timedelta(days=offset)
        known = _day(calendar, day)
        number = numbers[day] if day >= today else 0
        days.append(
            {
                "day": day,
                "first": offset == 0 or day.day == 1,
                "count": number,
                "url": address("cases", chosen.notice.pk, due_from=day, due_to=day) if chosen.notice else "",
                "light": "soon" if number >= BUSY_DAY else "",
                "off": not known[0],
                "today": day == today,
                "name": known[1],
            }
        )
    return [days[at : at + 7] for at in range(0, 35, 7)]


def _day(calendar: Any, day: dt.date) -> tuple[bool, str]:
    """(working day, what to write): holidays by name, made-up days as 调休上班."""
    try:
        found = calendar.day(day)
    except LookupError:
        return day.weekday() < 5, ""
    return found.is_workday, found.label if found.kind in ("holiday", "makeup") else ""


def soon_words() -> str:
    """三个工作日: the stretch that counts as soon."""
    days = int(jurisdiction.value("clock.soon_workdays"))
    return f"{'一二三四五六七八九十'[days - 1] if days <= 10 else days}个工作日"


def late_rows(chosen: Chosen, now: dt.datetime) -> list[dict[str, Any]]:
    """The cases that are late longest."""
    calendar, today = calendars.current(), timezone.localdate(now)
    found = []
    for case in queries.late(chosen.notice, now, LATE_ROWS):
        last = last_day(case.late_at or now)
        try:
            said = f"超{max(calendar.workdays_between(last, today), 1)}个工作日"
        except LookupError:
            said = "已超期"
        found.append(
            {
                "title": case.title,
                "url": case.get_absolute_url(),
                "unit": str(case.unit),
                "words": said,
                "place": f"第{case.task.ordinal}条",
            }
        )
    return found


def waiting_units(chosen: Chosen, now: dt.datetime) -> list[dict[str, Any]]:
    """Units that have not confirmed receipt, with how many duties wait; only cases near their receipt are looked at."""
    rows = (
        cases_of(chosen)
        .open()
        .filter(state="dispatched", due_order__lte=now + dt.timedelta(days=60))
        .order_by()
        .values_list("unit", "unit__short_name", "unit__name")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_order__lte=now)))
    )
    found = [
        {
            "name": short or name,
            "number": number,
            "late": late,
            "url": address("cases", chosen.notice.pk, unit=pk, state="dispatched"),
        }
        for pk, short, name, number, late in rows
    ]
    return sorted(found, key=lambda row: (-row["late"], -row["number"], row["name"]))


def target_rows(notice: Notice | None, limit: int = 0) -> list[dict[str, Any]]:
    """Figures demanded and how they stand, in the order of the notice; those with a figure first when limited."""
    if notice is None:
        return []
    found = [figure for figures in queries.target_figures(notice).values() for figure in figures]
    if limit:
        found = sorted(found, key=lambda figure: figure.value is None)[:limit]
    return [
        {
            "label": figure.target.text,
            "value": figure.value,
            "words": "–" if figure.value is None else figure.value_words,
            "target": figure.goal,
            "target_words": words.target(figure.target),
            "maximum": figure.maximum,
            "light": "wait" if figure.met is None else "ok" if figure.met else "soon",
            "said": "还没有数据" if figure.met is None else "达标" if figure.met else _gap(figure),
            "detail": figure.detail,
            "url": f"{reverse('workbench:case', args=[figure.target.task_id])}",
        }
        for figure in found
    ]


def _gap(figure: Any) -> str:
    return f"差{words.plain(round(abs(figure.goal - figure.value), 1))}{figure.unit}"
