"""Working days (工作日) and the counting of periods.

What is a working day: a make-up day (调休上班) is one, a day of a published holiday block is none, otherwise
Monday to Friday are. Source of the days: the yearly notice of the State Council's office; where it is not out yet,
the statutory days of 《全国年节及纪念日放假办法》 (2024) as a provisional (暂定) year. A year without any data raises,
it is never guessed.

Counting: 民法典 art 201-203, 民事诉讼法 art 85: the first day is not counted; a period of calendar days whose last
day is a day off ends on the first day after it.
"""

from __future__ import annotations

import calendar as gregorian
import csv
import hashlib
import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Status = Literal["official", "provisional"]

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
STATUS_LABELS: Mapping[str, str] = MappingProxyType({"official": "正式", "provisional": "暂定"})
_STATUS_OF = {"正式": "official", "official": "official", "暂定": "provisional", "provisional": "provisional"}
_KINDS = {"off": "off", "work": "work", "放假": "off", "上班": "work"}
_DAY = timedelta(days=1)
_NO_NAMES: Mapping[date, str] = MappingProxyType({})


class UnknownYearError(LookupError):
    """The calendar holds nothing about this year; import its list before counting in it."""

    def __init__(self, year: int) -> None:
        super().__init__(f"没有{year}年的工作日历。请先导入该年的放假安排。")
        self.year = year


class CalendarImportError(ValueError):
    """An imported list cannot be right; `findings` says why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("".join(finding.message for finding in self.findings))


class DayKind(StrEnum):
    """What kind of day a date is; `label` on `Day` is what people read."""

    WORKDAY = "workday"
    MAKEUP = "makeup"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OFF = "off"


class Day(NamedTuple):
    """One date as the calendar sees it. `label`: 工作日, 周末, 放假, 调休上班, a holiday's name, a layer's reason."""

    date: date
    kind: DayKind
    label: str

    @property
    def is_workday(self) -> bool:
        return self.kind in (DayKind.WORKDAY, DayKind.MAKEUP)


class Finding(NamedTuple):
    """A result of checking an imported year; an error stops the import, a warning is shown."""

    level: Literal["error", "warning"]
    message: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The list of one year. `off` may reach into the last days of the December before (元旦 blocks do)."""

    year: int
    status: Status
    off: frozenset[date]
    work: frozenset[date] = frozenset()
    names: Mapping[date, str] = field(default_factory=lambda: _NO_NAMES, hash=False)
    source: str = ""
    document_number: str = ""
    issued_on: date | None = None

    @property
    def is_provisional(self) -> bool:
        return self.status == "provisional"

    @property
    def label(self) -> str:
        """`2026年放假安排（正式）`."""
        return f"{self.year}年放假安排（{STATUS_LABELS[self.status]}）"

    @property
    def checksum(self) -> str:
        """SHA-256 over the days and the status, in hexadecimal; equal lists have equal checksums."""
        lines = [f"{self.year} {self.status}"]
        lines += [f"{day.isoformat()} off" for day in sorted(self.off)]
        lines += [f"{day.isoformat()} work" for day in sorted(self.work)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def workday_count(self) -> int:
        """Number of working days in the year by this list alone."""
        return sum(1 for day in _days_of(self.year) if _plain_workday(day, self.off, self.work))


@dataclass(frozen=True, slots=True)
class Layer:
    """Local days on top of the national list: custom holidays (放假办法 art 4), stop-work orders. The last one wins."""

    region: str
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    reason: str = ""
    document_number: str = ""

    def __post_init__(self) -> None:
        both = self.off & self.work
        if both:
            raise ValueError(f"{chinese_date(min(both))}既列为放假又列为上班。请删去其中一项。")


def chinese_date(day: date, *, year: bool = True) -> str:
    """`2026年6月3日`, without the year `6月3日`."""
    text = f"{day.month}月{day.day}日"
    return f"{day.year}年{text}" if year else text


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range(366 if gregorian.isleap(year) else 365)]


def _plain_workday(day: date, off: frozenset[date], work: frozenset[date]) -> bool:
    return day in work or (day not in off and day.weekday() < 5)


class Calendar:
    """The working calendar of one place: years and local layers. Immutable; `with_…` return a new calendar."""

    __slots__ = ("_layers", "_local", "_names", "_off", "_tables", "_work", "_years")

    def __init__(self, years: Iterable[CalendarYear], layers: Iterable[Layer] = ()) -> None:
        self._years = {item.year: item for item in sorted(years, key=lambda item: item.year)}
        self._layers = tuple(layers)
        off: set[date] = set()
        work: set[date] = set()
        names: dict[date, str] = {}
        for item in self._years.values():
            # A year's own list corrects what the year before said about the same days.
            off = (off - item.work) | item.off
            work = (work - item.off) | item.work
            # A list stored without names still shows its holidays by name.
            names.update(item.names or statutory_days(item.year))
        local: dict[date, Layer] = {}
        for layer in self._layers:
            off = (off - layer.work) | layer.off
            work = (work - layer.off) | layer.work
            local.update(dict.fromkeys(layer.off | layer.work, layer))
        self._off, self._work = frozenset(off), frozenset(work)
        self._names, self._local = names, local
        self._tables = {
            year: [day.toordinal() for day in _days_of(year) if _plain_workday(day, self._off, self._work)]
            for year in self._years
        }

    @property
    def years(self) -> tuple[CalendarYear, ...]:
        return tuple(self._years.values())

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self._layers

    @property
    def checksum(self) -> str:
        """Changes whenever a date could be judged or flagged otherwise: then open clocks must be derived anew."""
        text = [f"{item.year} {item.status}" for item in self._years.values()]
        text += [day.isoformat() + " off" for day in sorted(self._off)]
        text += [day.isoformat() + " work" for day in sorted(self._work)]
        return hashlib.sha256("\n".join(text).encode()).hexdigest()

    def year(self, year: int) -> CalendarYear:
        """The list of a year. Raises UnknownYearError."""
        try:
            return self._years[year]
        except KeyError:
            raise UnknownYearError(year) from None

    def with_year(self, item: CalendarYear) -> Calendar:
        """This calendar with a year added or replaced."""
        return Calendar([*(known for known in self.years if known.year != item.year), item], self._layers)

    def with_layer(self, layer: Layer) -> Calendar:
        """This calendar with one more local layer on top."""
        return Calendar(self.years, [*self._layers, layer])

    def _table(self, year: int) -> list[int]:
        try:
            return self._tables[year]
        except KeyError:
            raise UnknownYearError(year) from None

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a working day. Raises UnknownYearError."""
        if day.year not in self._years:
            raise UnknownYearError(day.year)
        return _plain_workday(day, self._off, self._work)

    def day(self, day: date) -> Day:
        """Kind and label of a date. Raises UnknownYearError."""
        works = self.is_workday(day)
        layer = self._local.get(day)
        if works:
            if day.weekday() < 5:
                return Day(day, DayKind.WORKDAY, "工作日")
            return Day(day, DayKind.MAKEUP, (layer.reason if layer else "") or "调休上班")
        if layer is not None:
            return Day(day, DayKind.OFF, layer.reason or "放假")
        if day in self._names:
            return Day(day, DayKind.HOLIDAY, self._names[day])
        if day in self._off:
            return Day(day, DayKind.OFF, "放假")
        return Day(day, DayKind.WEEKEND, "周末")

    def add_workdays(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`, which itself is not counted (民法典 art 201).

        0 gives `start` back unchanged; a negative count goes back to the working days before `start`.
        Raises UnknownYearError when the count leaves the known years.
        """
        if count == 0:
            return start
        year, ordinal = start.year, start.toordinal()
        if count > 0:
            table = self._table(year)
            index = bisect_right(table, ordinal) + count - 1
            while index >= len(table):
                index -= len(table)
                year += 1
                table = self._table(year)
            return date.fromordinal(table[index])
        table = self._table(year)
        index = bisect_left(table, ordinal) + count
        while index < 0:
            year -= 1
            table = self._table(year)
            index += len(table)
        return date.fromordinal(table[index])

    def workdays_between(self, after: date, until: date) -> int:
        """Working days x with after < x <= until; negative, counting until < x <= after, if `until` lies before."""
        if until < after:
            return -self.workdays_between(until, after)
        low = bisect_right(self._table(after.year), after.toordinal())
        high = bisect_right(self._table(until.year), until.toordinal())
        return high - low + sum(len(self._table(year)) for year in range(after.year, until.year))

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day before `day`."""
        return self.add_workdays(day, -1)

    def roll_forward(self, day: date) -> date:
        """`day`, or the first working day after it if it is a day off (民法典 art 203, 民事诉讼法 art 85)."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def add_days(self, start: date, count: int, roll: bool = True) -> date:
        """Last day of `count` calendar days; the start day is not counted (民法典 art 201), the end rolls (art 203)."""
        end = start + timedelta(days=count)
        return self.roll_forward(end) if roll else end

    def add_months(self, start: date, count: int, roll: bool = True) -> date:
        """Last day of a period of months: the same day of the last month, or else its last day (民法典 art 202)."""
        end = shift_months(start, count)
        return self.roll_forward(end) if roll else end

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether any year from `first` to `last` is provisional (暂定). Raises UnknownYearError."""
        low, high = sorted((first.year, last.year))
        return any(self.year(year).is_provisional for year in range(low, high + 1))

    def describe(self, first: date, last: date) -> str:
        """Which lists a count used: `2026年放假安排（正式）、2027年放假安排（暂定）`, local layers by reason."""
        low, high = sorted((first, last))
        names = [self.year(year).label for year in range(low.year, high.year + 1)]
        for layer in self._layers:
            if any(low <= day <= high for day in layer.off | layer.work):
                number = f"（{layer.document_number}）" if layer.document_number else ""
                names.append(f"{layer.region}{layer.reason}{number}")
        return "、".join(names)


def shift_months(day: date, count: int) -> date:
    """The same day `count` months later (earlier if negative), clipped to the month's last day (民法典 art 202)."""
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def provisional_year(year: int, statutory: Mapping[date, str], source: str = "") -> CalendarYear:
    """A year whose notice is not out: statutory days off, those on weekends made good, no make-up days.

    放假办法 (2024): a statutory day that falls on Saturday or Sunday is compensated on a working day (补假).
    """
    off = set(statutory)
    for day in sorted(statutory):
        if day.weekday() >= 5:
            substitute = day + _DAY
            while substitute in off or substitute.weekday() >= 5:
                substitute += _DAY
            off.add(substitute)
    return CalendarYear(year, "provisional", frozenset(off), names=MappingProxyType(dict(statutory)), source=source)


def _expand(year: int, text: str) -> list[date]:
    """`10-01/10-03` or `10-01` (also with a year in front) as dates."""

    def one(part: str) -> date:
        part = part.strip()
        return date.fromisoformat(part if len(part) == 10 else f"{year:04d}-{part}")

    first, _, last = text.partition("/")
    start, end = one(first), one(last or first)
    if end < start:
        raise ValueError(f"{text}的结束日期早于开始日期。")
    return [start + timedelta(days=offset) for offset in range((end - start).days + 1)]


def _statutory(year: int, record: Mapping[str, str]) -> dict[date, str]:
    days: dict[date, str] = {}
    for name, text in record.items():
        for day in _expand(year, text):
            days[day] = f"{days[day]}、{name}" if day in days else name
    return days


def _year_of(year: int, record: Mapping[str, Any]) -> CalendarYear:
    statutory = _statutory(year, record.get("statutory", {}))
    source = str(record.get("source", ""))
    if _STATUS_OF[record.get("status", "正式")] == "provisional" and "off" not in record:
        return provisional_year(year, statutory, source)
    issued = str(record.get("issued_on", ""))
    return CalendarYear(
        year,
        "official",
        frozenset(day for text in record["off"] for day in _expand(year, text)),
        frozenset(day for text in record["work"] for day in _expand(year, text)),
        MappingProxyType(statutory),
        source,
        str(record.get("document_number", "")),
        date.fromisoformat(issued) if issued else None,
    )


@lru_cache(maxsize=1)
def _shipped() -> dict[int, dict[str, Any]]:
    text = resources.files("gongkai.law").joinpath("data/calendar.json").read_text(encoding="utf-8")
    return {int(year): record for year, record in json.loads(text).items()}


def statutory_days(year: int) -> dict[date, str]:
    """Statutory days of a year by name (放假办法 art 2); without a table for the year, those with a fixed date."""
    record = _shipped().get(year)
    if record is not None:
        return _statutory(year, record["statutory"])
    return _statutory(year, {"元旦": "01-01", "劳动节": "05-01/05-02", "国庆节": "10-01/10-03"})


@lru_cache(maxsize=1)
def default_calendar() -> Calendar:
    """The shipped national calendar: 2019-2026 as published, 2027-2035 provisional."""
    return Calendar(_year_of(year, record) for year, record in _shipped().items())


def check_year(item: CalendarYear) -> list[Finding]:
    """Sanity of a published list. Errors make it unusable; warnings ask for a second look."""
    findings = _check_days(item)
    findings += [
        Finding("error", f"{chinese_date(day)}（{name}）是法定节假日，应当放假。")
        for day, name in sorted(statutory_days(item.year).items())
        if day not in item.off
    ]
    count = item.workday_count()
    if not 245 <= count <= 252:
        findings.append(Finding("error", f"全年工作日为{count}天，应在245至252天之间。"))
    expected = 13 if item.year >= 2025 or item.year == 2020 else 11
    balance = sum(1 for day in item.off if day.weekday() < 5) - len(item.work)
    if balance != expected:
        findings.append(
            Finding("warning", f"放假的周一至周五减去调休上班日为{balance}天，通常为{expected}天。请与原通知核对。")
        )
    return findings


def _check_days(item: CalendarYear) -> list[Finding]:
    findings = []
    for day in sorted(item.off & item.work):
        findings.append(Finding("error", f"{chinese_date(day)}既列为放假又列为上班。"))
    for day in sorted(item.work):
        if day.weekday() < 5:
            findings.append(Finding("error", f"{chinese_date(day)}是星期{WEEKDAYS[day.weekday()]}，不能列为调休上班。"))
    first, last = date(item.year - 1, 12, 25), date(item.year, 12, 31)
    for day in sorted(item.off | item.work):
        if not first <= day <= last:
            findings.append(Finding("error", f"{chinese_date(day)}不属于{item.year}年的安排。"))
    return findings


def parse_year(
    text: str, *, year: int | None = None, source: str = "", document_number: str = "", issued_on: date | None = None
) -> CalendarYear:
    """Read an official list.

    JSON `{"2027": {"off": ["01-01/01-03"], "work": []}}` (or the inner object, with `year`), or CSV `date,kind,name`
    with kind off or work. `checksum` of the result identifies the list, `check_year` repeats the warnings.
    Raises CalendarImportError with every finding when the text cannot be read or an error is found.
    """
    try:
        if text.lstrip("\ufeff \r\n\t").startswith("{"):
            item, stated = _from_json(json.loads(text.lstrip("\ufeff")), year)
        else:
            item, stated = _from_csv(text.lstrip("\ufeff"), year), None
    except CalendarImportError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CalendarImportError([Finding("error", f"文件内容读不懂：{error}。请按模板填写后重新导入。")]) from error
    item = CalendarYear(
        item.year,
        "official",
        item.off,
        item.work,
        MappingProxyType({**statutory_days(item.year), **item.names}),
        source or item.source,
        document_number or item.document_number,
        issued_on or item.issued_on,
    )
    findings = check_year(item)
    if stated is not None and stated != item.workday_count():
        findings.append(Finding("error", f"文件写明全年工作日{stated}天，按清单计算为{item.workday_count()}天。"))
    if any(finding.level == "error" for finding in findings):
        raise CalendarImportError(findings)
    return item


def _from_json(data: dict[str, Any], year: int | None) -> tuple[CalendarYear, int | None]:
    if "off" not in data:
        if year is None and len(data) == 1:
            year = int(next(iter(data)))
        if year is None or str(year) not in data:
            raise CalendarImportError([Finding("error", "没有写明是哪一年。请一次导入一个年份。")])
        data = data[str(year)]
    if year is None:
        raise CalendarImportError([Finding("error", "没有写明是哪一年。请填写年份。")])
    record = {**data, "status": "正式", "work": data.get("work", []), "statutory": data.get("statutory", {})}
    stated = data.get("wd")
    return _year_of(year, record), int(stated) if stated is not None else None


def _from_csv(text: str, year: int | None) -> CalendarYear:
    days: dict[str, set[date]] = {"off": set(), "work": set()}
    names: dict[date, str] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].lower() in ("date", "日期"):
            continue
        kind = {"off": "off", "work": "work", "放假": "off", "上班": "work"}.get(
            cells[1].lower() if len(cells) > 1 else ""
        )
        if kind is None:
            raise CalendarImportError([Finding("error", f"第{number}行没有写明 off（放假）或 work（上班）。")])
        try:
            day = date.fromisoformat(cells[0])
        except ValueError:
            raise CalendarImportError(
                [Finding("error", f"第{number}行的日期“{cells[0]}”不是2027-01-01这样的写法。")]
            ) from None
        days[kind].add(day)
        if len(cells) > 2 and cells[2] and kind == "off":
            names[day] = cells[2]
    every = days["off"] | days["work"]
    if not every:
        raise CalendarImportError([Finding("error", "清单是空的。请检查文件。")])
    return CalendarYear(
        year or max(every).year, "official", frozenset(days["off"]), frozenset(days["work"]), MappingProxyType(names)
    )
