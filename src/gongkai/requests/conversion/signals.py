"""Signals from 12345, the mailbox, ratings and the rest: checked, screened, kept without anybody's data (003-23i, 004-18b)."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gongkai import screening
from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import Unit, User
from gongkai.core.sheets import safe_cell
from gongkai.requests.conversion import settings
from gongkai.requests.conversion.giving import offices
from gongkai.requests.conversion.models import Signal
from gongkai.screening.masking import mask_name
from gongkai.screening.people import is_name

HEAD = ("来源", "日期", "反映的内容", "数量", "领域", "涉及单位", "来源编号")
MOST_LINES = 2000
MOST_NUMBER = 1_000_000
_PERSONAL = frozenset(
    {
        "identity", "identity_suspect", "mobile", "landline", "bank", "credit_code", "passport", "email", "messenger",
        "address", "minor", "health", "plate",
    }
)  # fmt: skip
_SECRET = frozenset({"secrecy", "internal", "covered"})
# Who called stands where calls are written down: 张先生来电, 市民李某某反映.
_CALLER = re.compile(
    r"(?:市民|群众|居民|村民|业主|来电人|反映人|投诉人|申请人|家长)?[:：]?\s?([\u4e00-\u9fff]{2,4}?)"
    r"(?:先生|女士|同志|老师)?(?=(?:多次|再次)?(?:来电|来信|来访|反映|投诉|咨询|求助|举报|称))"
)


class SheetError(Exception):
    """The file is no filled-in template; the message says why and what to do."""


@dataclass(slots=True)
class Report:
    """What was taken, what was there already, and what was refused with its reason."""

    taken: int = 0
    known: int = 0
    masked: int = 0
    errors: list[str] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)


def clean_words(text: str, known_offices: Sequence[str]) -> tuple[str, bool]:
    """The words without anybody's data, and whether any was removed.

    Raises ValueError with a sentence for what cannot be kept at all.
    """
    text = " ".join(text.split())

    def hidden(match: re.Match[str]) -> str:
        name = match[1]
        return match[0].replace(name, mask_name(name), 1) if is_name(name) else match[0]

    plain = _CALLER.sub(hidden, text)
    hits = screening.screen_text(plain, wordings=(), allow=list(known_offices))
    secret = [hit.label for hit in hits if hit.kind in _SECRET]
    if secret:
        raise ValueError(f"内容里有{secret[0]}，不能登记。")
    found = [hit for hit in hits if hit.kind in _PERSONAL]
    plain = screening.mask(plain, found)
    left = [
        hit for hit in screening.screen_text(plain, wordings=(), allow=list(known_offices)) if hit.kind in _PERSONAL
    ]
    if left:
        raise ValueError(f"内容里有{left[0].label}，不能登记。请只写反映的是什么事。")
    return plain[:300], plain != text


class Reader:
    """Reads rows of one delivery: names of sources and units are looked up once."""

    def __init__(self) -> None:
        self.sources = settings.sources()
        self.codes = {name: code for code, name in self.sources.items()}
        self.offices = offices()
        self.units: dict[str, Unit] = {}
        for unit in Unit.objects.filter(active=True):
            for word in (unit.code, unit.name, unit.short_name):
                self.units.setdefault(word, unit)

    def read(self, row: Mapping[str, Any], now: dt.datetime) -> Signal:
        """A signal, not saved. Raises ValueError with every fault of the row."""
        faults: list[str] = []
        source = str(row.get("source") or "").strip()
        source = self.codes.get(source, source)
        if source not in self.sources:
            faults.append(f"来源要填{'、'.join(self.sources.values())}中的一个。")
        day = _day(row.get("day"))
        if day is None:
            faults.append("日期没有读懂，请写成2026-06-03。")
        elif day > timezone.localdate(now):
            faults.append("日期不能晚于今天。")
        number = _number(row.get("number"))
        if number is None:
            faults.append("数量要填1以上的整数。")
        name = str(row.get("unit") or "").strip()
        if name and name not in self.units:
            faults.append("涉及单位没有找到，请填单位的全称、简称或者编码。")
        words, masked = "", False
        text = str(row.get("words") or "").replace("\x00", "").strip()
        if not text:
            faults.append("没有写反映的内容。")
        else:
            try:
                words, masked = clean_words(text[:1000], self.offices)
            except ValueError as problem:
                faults.append(str(problem))
        if faults:
            raise ValueError("".join(faults))
        return Signal(
            source=source, key=str(row.get("key") or "").strip()[:80], day=day, words=words, number=number or 1,
            area=str(row.get("area") or "").strip()[:40], unit=self.units.get(name) if name else None, masked=masked,
        )  # fmt: skip


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value or "").strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    try:
        return dt.date(*(int(part) for part in text.split("-"))) if text.count("-") == 2 else None
    except ValueError:
        return None


def _number(value: Any) -> int | None:
    if value in (None, ""):
        return 1
    text = str(value).strip()
    text = text.removesuffix(".0")
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        return None
    return int(text) if 1 <= int(text) <= MOST_NUMBER else None


def take(
    rows: Iterable[tuple[str, Mapping[str, Any]]],
    user: User | None,
    way: str,
    now: dt.datetime,
    *,
    dry_run: bool = False,
    partly: bool = False,
) -> Report:
    """Take signals in; each row comes with the words that name it ("第3行").

    A row whose number in its own system is known already is not taken twice. Unless `partly`, nothing is taken when any row
    has a fault.
    """
    reader, report, seen = Reader(), Report(), set()
    home = user.main_unit if user is not None else None
    for place, row in rows:
        try:
            signal = reader.read(row, now)
        except ValueError as problem:
            report.errors.append(f"{place}：{problem}")
            continue
        signal.way, signal.home, signal.made_at = way, home, now
        signal.made_by = (user.who if user is not None else "系统")[:120]
        mark = (signal.source, signal.key)
        if signal.key and mark in seen:
            report.known += 1
            continue
        seen.add(mark)
        report.signals.append(signal)
    report.signals = _new(report)
    report.taken, report.masked = len(report.signals), sum(signal.masked for signal in report.signals)
    if dry_run or not report.signals or (report.errors and not partly):
        return report
    with writing():
        Signal.objects.bulk_create(report.signals, batch_size=500)
        labels = dict(Signal.Way.choices)
        audit.note(
            "signal.take",
            "登记热点线索",
            user,
            summary=f"{labels[way]}{report.taken}条，{report.masked}条去除了个人信息",
        )
    return report


def _new(report: Report) -> list[Signal]:
    """Signals that were not taken before, by their numbers."""
    keyed = [signal for signal in report.signals if signal.key]
    known: set[tuple[str, str]] = set()
    for start in range(0, len(keyed), 300):
        near = Q()
        for signal in keyed[start : start + 300]:
            near |= Q(source=signal.source, key=signal.key)
        known |= set(Signal.objects.filter(near).values_list("source", "key"))
    report.known += sum((signal.source, signal.key) in known for signal in keyed)
    return [signal for signal in report.signals if not signal.key or (signal.source, signal.key) not in known]


# --- Excel ------------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """An empty workbook with the heads, a line of example, and the sources and fields allowed."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    sources = list(settings.sources().values())
    book = Workbook()
    sheet = book.active
    sheet.title = "热点线索"
    sheet.append(HEAD)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    example = (sources[0], "2026-06-03", "咨询小学入学划片范围", 12, "就业入学", "", "例：可以不填")
    sheet.append([safe_cell(value) for value in example])
    for column, width in zip("ABCDEFG", (16, 14, 60, 10, 16, 28, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    lists = book.create_sheet("可选的来源")
    for name in sources:
        lists.append([safe_cell(name)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_rows(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a filled-in template. Raises SheetError."""
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        lines = list(sheet.iter_rows(values_only=True, max_row=MOST_LINES + 2))
    except Exception as error:
        raise SheetError("这个文件不是 Excel 工作簿（.xlsx）。请用“下载模板”得到的文件填写。") from error
    if not lines or tuple(str(value or "").strip() for value in lines[0][: len(HEAD)]) != HEAD:
        raise SheetError("表头与模板不一致。请用“下载模板”得到的文件填写，不要改动第一行。")
    if len(lines) > MOST_LINES + 1:
        raise SheetError(f"一次最多导入{MOST_LINES}行。请分成几个文件。")
    names = ("source", "day", "words", "number", "area", "unit", "key")
    return [
        (f"第{number}行", dict(zip(names, (*line, *[None] * len(HEAD))[: len(HEAD)], strict=True)))
        for number, line in enumerate(lines[1:], 2)
        if any(value not in (None, "") for value in line) and str(line[-1] or "") != "例：可以不填"
    ]
