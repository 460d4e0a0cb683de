"""Cells of flattened tables: what separates them in a line, and what they hold by their words alone."""

from __future__ import annotations

import re

from gongkai.compiler.notice import Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.responsibility import parse_cell
from gongkai.compiler.units import is_unit

STATUS = re.compile(
    r"^(?:已?完成|未完成|推进中|正在推进|进行中|已落实|未启动|基本完成|持续推进中|达到序时进度|√|×|是|否|无|/|-+|—+|已上报|已办结|待完成|已公开|已开展)$"
)
NUMBER = re.compile(r"^[(]?\d{1,3}[).、]?$")
_SPACE = re.compile(r"[\s\u3000\xa0]+")
_WIDE_GAP = re.compile(r"\S(?: {3,40}|\u3000{2,20})\S")


def words_of(folded: str, span: Span) -> str:
    """The words of a cell without white space."""
    return _SPACE.sub("", folded[span[0] : span[1]])


def is_units(folded: str, start: int, end: int) -> bool:
    """Whether a cell names units and nothing else."""
    words = folded[start:end].strip()
    number = parse_number(words, 0, len(words))
    if len(words) > 900 or (number is not None and number.kind != "point"):
        return False
    said = parse_cell(folded, start, end)
    names = [folded[claim.start : claim.end] for claim in said.claims]
    if not names or max(map(len, names)) > 45:
        return False
    good = sum(map(is_unit, names))
    return good == len(names) or (len(names) >= 3 and good >= 0.8 * len(names))


def separator_of(text: str) -> str | None:
    """What separates the cells of a line: a bar, a tab, a wide gap, or nothing."""
    if "|" in text:
        return "|"
    if "\t" in text:
        return "\t"
    return " " if _WIDE_GAP.search(text) else None


def raw_cells(folded: str, start: int, end: int) -> list[Span]:
    """The cells of a line in order, empty ones too (as empty spans)."""
    text = folded[start:end]
    separator = separator_of(text)
    if separator == " ":
        return [(start + found.start(), start + found.end()) for found in re.finditer(r"\S+(?: \S+)*", text)]
    cells: list[Span] = []
    if separator == "\t":
        # Empty cells at the ends of a line were stripped with the white space.
        while start > 0 and folded[start - 1] in "\t ":
            start -= 1
        while end < len(folded) and folded[end] in "\t ":
            end += 1
        text = folded[start:end]
    position = start
    for part in text.split(separator) if separator else [text]:
        left = position + len(part) - len(part.lstrip())
        right = position + len(part.rstrip())
        cells.append((left, max(left, right)))
        position += len(part) + 1
    if separator == "|":
        if cells and cells[0][0] == cells[0][1] and text.lstrip().startswith("|"):
            cells = cells[1:]
        if cells and cells[-1][0] == cells[-1][1] and text.rstrip().endswith("|"):
            cells = cells[:-1]
    return cells


_MEASURES = "年月日号%次个家条项件篇场期天周人"


def spaced_cells(text: str, offset: int) -> list[Span]:
    """Cells parted by single spaces; spaces around figures (2019 年, 不少于 2 次) part nothing."""
    tokens = [found.span() for found in re.finditer(r"\S+", text)]
    cells: list[Span] = []
    for rank, (start, end) in enumerate(tokens):
        following = text[tokens[rank + 1][0]] if rank + 1 < len(tokens) else ""
        word = text[start:end]
        if cells and start - cells[-1][1] == 1:
            last = text[cells[-1][1] - 1]
            measured = last.isdigit() and word[0] in _MEASURES
            figure = bool(re.match(r"\d{1,4}[%年月次]", word)) or (
                word.isdigit() and following in _MEASURES and following != ""
            )
            item = re.fullmatch(r"\d{1,3}[.、]", text[cells[-1][0] : cells[-1][1]])
            if measured or item or (figure and last in "到达于至约过为率,在年"):
                cells[-1] = (cells[-1][0], end)
                continue
        cells.append((start, end))
    return [(start + offset, end + offset) for start, end in cells]
