"""Rows of a bar table whose cells run over line ends: each row is one line again."""

from __future__ import annotations

import re

from gongkai.compiler.notice import Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.responsibility import parse_cell
from gongkai.compiler.tables import SECTION, column_of, is_head
from gongkai.compiler.units import is_unit

_NUMBER = re.compile(r"\d{1,3}|[一二三四五六七八九十]{1,3}")
_LONGEST_ROW = 40  # lines of one row; more is text behind the table


def join_rows(folded: str, lines: list[Span]) -> list[Span]:
    """The lines, those of one wrapped row below a head of bars joined."""
    result: list[Span] = []
    width = 0  # bars of the head; 0 outside of tables
    closed = False
    index = 0
    while index < len(lines):
        start, end = lines[index]
        bars = folded.count("|", start, end)
        if bars >= 2 and _is_head(folded, start, end):
            width, closed = bars, folded[end - 1] == "|"
        elif width and bars:
            last = (_closed_end if closed else _open_end)(folded, lines, index, width)
            end, index = lines[last][1], last
        elif not bars and end - start > 60 and folded[end - 1] == "。":
            width = 0
        result.append((start, end))
        index += 1
    return result


def _is_head(folded: str, start: int, end: int) -> bool:
    if end - start > 200:
        return False
    columns = [column_of(label) for label in folded[start:end].split("|")]
    return is_head([column for column in columns if column is not None])


def _closed_end(folded: str, lines: list[Span], index: int, width: int) -> int:
    """Where the head ends in a bar, a row goes on until a line does."""
    bars = 0
    for last in range(index, min(index + _LONGEST_ROW, len(lines))):
        bars += folded.count("|", *lines[last])
        if bars > width + 3:  # a row may have cells whose labels were merged
            break
        if folded[lines[last][1] - 1] == "|":
            return last
    return index


def _open_end(folded: str, lines: list[Span], index: int, width: int) -> int:
    """Where it does not, a row goes on while bars are missing and the next line brings no more than that."""
    bars = folded.count("|", *lines[index])
    last = index
    while bars < width and last + 1 < min(index + _LONGEST_ROW, len(lines)):
        start, end = lines[last + 1]
        more = folded.count("|", start, end)
        if bars + more > width or _starts_row(folded, start, end) or not _unfinished(folded, lines[last]):
            break
        bars, last = bars + more, last + 1
    return last if bars == width else index


def _starts_row(folded: str, start: int, end: int) -> bool:
    """Whether a line begins with the number of a row or of a section."""
    number = parse_number(folded, start, end)
    first = folded[start:end].split("|", 1)[0].strip()
    return (number is not None and number.kind in SECTION) or bool(_NUMBER.fullmatch(first))


def _unfinished(folded: str, line: Span) -> bool:
    """Whether the last cell of a line is a text, where units or a time limit would end a row."""
    start, end = max(folded.rfind("|", *line) + 1, line[0]), line[1]
    units = [folded[one.start : one.end] for one in parse_cell(folded, start, end).claims]
    return end - start > 12 and not (units and all(map(is_unit, units)))


def lists_units(folded: str, end: int, start: int) -> bool:
    """Whether the line end between two offsets parts two units of one cell (县环保局 / 县水利局)."""
    left = re.split(r"[|、,;:\s]", folded[max(0, end - 30) : end])[-1]
    right = re.split(r"[|、,;\s]", folded[start : start + 30])[0]
    return left[:1] == right[:1] and is_unit(left) and is_unit(right)
