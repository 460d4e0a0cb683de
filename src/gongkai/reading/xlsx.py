"""Excel workbooks (.xlsx): each visible sheet is a heading and a table, values as a person sees them."""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from gongkai.reading.archive import Archive, damaged
from gongkai.reading.blocks import Document, ReadingError
from gongkai.reading.builder import Builder, RawCell
from gongkai.reading.limits import Watch

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_UNNAMED = re.compile(r"(?:Sheet|工作表|表)\s*\d*", re.I)
_DECIMALS = re.compile(r"\.(0+)")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def read_xlsx(archive: Archive, watch: Watch) -> Document:
    """Read a workbook. Raises `ReadingError`: damaged, unsafe, empty, too_large, too_slow."""
    from openpyxl import load_workbook  # slow to import

    archive.refuse_declarations()
    try:
        book = load_workbook(BytesIO(archive.data), read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise damaged() from error
    builder = Builder(watch)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            builder.warn(f"工作表“{sheet.title}”是隐藏的，没有读取；如需要，请取消隐藏后重新上传。")
            continue
        cells = _cells(sheet, archive, watch)
        if cells and not _UNNAMED.fullmatch(sheet.title):
            builder.add(sheet.title, 1, heading=True)
        builder.add_table(cells)
    empty = ReadingError("empty", "这个 Excel 文件里没有内容。请检查是否选错了文件，公式结果请先保存再上传。")
    return builder.document("xlsx", empty)


def _cells(sheet: Any, archive: Archive, watch: Watch) -> list[RawCell]:
    """The cells of a sheet, counted from 0; empty ones only in rows and columns that are used."""
    values = dict(_values(sheet, watch))
    covered: set[tuple[int, int]] = set()
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    columns = sorted({column for _, column in values})
    rows = sorted({row for row, _ in values})
    for top, left, bottom, right in _merged(sheet, archive):
        if (top, left) not in values:
            continue
        hidden_rows = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        hidden_columns = columns[bisect_left(columns, left) : bisect_right(columns, right)]
        if len(covered) + len(hidden_rows) * len(hidden_columns) > 4 * watch.limits.table_cells:
            break
        spans[top, left] = (bottom - top + 1, right - left + 1)
        covered.update((row, column) for row in hidden_rows for column in hidden_columns)
        covered.discard((top, left))
    if len(rows) * len(columns) > watch.limits.table_cells:
        places: list[tuple[int, int]] = sorted(values)
    else:
        places = [(row, column) for row in rows for column in columns]
    return [
        RawCell(values.get(place, ""), *place, *spans.get(place, (1, 1))) for place in places if place not in covered
    ]


def _values(sheet: Any, watch: Watch) -> Iterator[tuple[tuple[int, int], str]]:
    sheet.reset_dimensions()  # what the file says about its size is often wrong
    found = 0
    for number, row in enumerate(sheet.iter_rows()):
        if number % 500 == 0:
            watch.check()
        for cell in row:
            if cell.value is None:
                continue
            text = shown(cell.value, str(cell.number_format or ""))
            if text.strip():
                found += 1
                if found > watch.limits.table_cells:
                    raise ReadingError("too_large", "工作表太大，读不完。请只保留任务表后再上传。")
                yield (cell.row - 1, cell.column - 1), text


def _merged(sheet: Any, archive: Archive) -> Iterator[tuple[int, int, int, int]]:
    """Top, left, bottom and right of merged ranges, counted from 0; a streamed sheet does not tell them."""
    from openpyxl.utils import column_index_from_string as index

    path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    if path not in archive.names:
        return
    for match in _MERGED.finditer(archive.read(path)):
        left, top, right, bottom = (part.decode() for part in match.groups())
        try:
            yield int(top) - 1, index(left) - 1, int(bottom) - 1, index(right) - 1
        except ValueError:  # beyond the last column
            continue


def shown(value: Any, form: str) -> str:
    """A value as its number format shows it: dates in Chinese, shares in percent, whole numbers without a point."""
    bare = _QUOTED.sub("", form)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime | datetime.date):
        return _date(value, bare.lower())
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        return _number(value, bare)
    text = str(value)
    return "" if text.startswith("#") and text.endswith(("!", "?", "/A")) else text


def _date(value: datetime.date, form: str) -> str:
    text = f"{value.year}年{value.month}月"
    if "d" in form or "m" not in form:
        text += f"{value.day}日"
    if isinstance(value, datetime.datetime) and (value.hour or value.minute):
        text += f" {value:%H:%M}"
    return text


def _number(value: float, form: str) -> str:
    decimals = _DECIMALS.search(form)
    places = len(decimals.group(1)) if decimals else 0
    if "%" in form:
        return f"{value * 100:.{places}f}%"
    grouping = "," if "#,#" in form else ""
    if decimals or (form not in ("", "General") and "0" in form and "E" not in form):
        return f"{value:{grouping}.{places}f}"
    return f"{value:.10g}" if isinstance(value, float) and abs(value) < 1e15 else f"{value:{grouping}}"
