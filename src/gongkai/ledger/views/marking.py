"""The source of a notice as paragraphs and tables, with the words that were recognised marked in it.

Spans may overlap, contain each other, and reach over the end of a cell; each mark keeps its own identity, so that a task
and its words light up together.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of the text that mean something: kind is unit, deadline, target or cite; `key` is its identity in the page."""

    start: int
    end: int
    kind: str
    key: str


@dataclass(slots=True)
class Cell:
    """One cell of a table of the source."""

    html: SafeString
    rowspan: int = 1
    colspan: int = 1
    head: bool = False


@dataclass(slots=True)
class Row:
    """One row of a table: its cells, the tasks that stand in it, and whether something is open there."""

    cells: list[Cell]
    tasks: list[int] = field(default_factory=list)
    current: bool = False
    warn: bool = False
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Part:
    """One numbered part of the source: a paragraph, a heading or a table."""

    number: int
    kind: str
    start: int
    end: int
    html: str = ""
    rows: list[Row] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    current: bool = False
    warn: bool = False
    text: str = ""

    @property
    def span(self) -> str:
        """Where it stands, as a form sends it."""
        return f"{self.start}-{self.end}"

    @property
    def spans(self) -> list[tuple[str, str, bool]]:
        """(span, words, whether a task stands there) of each row of a table."""
        return [
            (f"{row.start}-{row.end}", self.text[row.start - self.start : row.end - self.start], bool(row.tasks))
            for row in self.rows
        ]


def marked(text: str, start: int, end: int, marks: Sequence[Mark]) -> SafeString:
    """The text between two offsets with its marks, nested where one lies in another.

    Args:
        text: the whole text that was read.
        start, end: the stretch to show.
        marks: any marks; those that do not touch the stretch are passed over.
    """
    inside = sorted(
        (mark for mark in marks if mark.start < end and mark.end > start and mark.end > mark.start),
        key=lambda mark: (mark.start, -mark.end, mark.key),
    )
    if not inside:
        return format_html("{}", text[start:end])
    cuts = sorted({start, end, *(max(m.start, start) for m in inside), *(min(m.end, end) for m in inside)})
    pieces: list[SafeString] = []
    opened: list[Mark] = []
    for left, right in itertools.pairwise(cuts):
        covering = [mark for mark in inside if mark.start <= left and mark.end >= right]
        same = 0
        while same < min(len(opened), len(covering)) and opened[same] is covering[same]:
            same += 1
        pieces.extend(mark_safe("</span>") for _ in opened[same:])
        pieces.extend(
            format_html('<span class="sp sp-{}" data-span="{}">', mark.kind, mark.key) for mark in covering[same:]
        )
        opened = covering
        pieces.append(format_html("{}", text[left:right]))
    pieces.extend(mark_safe("</span>") for _ in opened)
    return mark_safe("".join(pieces))  # noqa: S308 every piece is escaped


def _cells_of(text: str, start: int, end: int, given: Iterable[Sequence[int]]) -> list[list[tuple[int, int, int, int]]]:
    """Rows of (start, end, rowspan, colspan); without stored cells they are read from tabs and line feeds."""
    rows: dict[int, list[tuple[int, int, int, int]]] = {}
    for cell in given:
        first, last, row, _column, rowspan, colspan = (*cell, 1, 1)[:6]
        rows.setdefault(row, []).append((first, last, rowspan, colspan))
    if rows:
        return [rows[row] for row in sorted(rows)]
    found = []
    at = start
    for line in text[start:end].split("\n"):
        cells: list[tuple[int, int, int, int]] = []
        left = at
        for words in line.split("\t"):
            cells.append((left, left + len(words), 1, 1))
            left += len(words) + 1
        at += len(line) + 1
        found.append(cells)
    width = max(len(row) for row in found)
    for cells in found:
        if len(cells) < width:
            first, last, rowspan, _ = cells[-1]
            cells[-1] = (first, last, rowspan, width - len(cells) + 1)
    return found


def parts_of(
    text: str,
    blocks: Iterable[Sequence[Any]],
    marks: Iterable[Mark],
    tasks: Iterable[tuple[int, int, int]],
    *,
    current: int | None = None,
    open_spans: Iterable[tuple[int, int]] = (),
) -> list[Part]:
    """The whole source in parts.

    Args:
        text: the text that was read.
        blocks: rows [kind, start, end, level, cells], cells being [start, end, row, column, rowspan, colspan].
        marks: the words recognised.
        tasks: (id, start, end) of each task.
        current: the id of the task being edited.
        open_spans: stretches where something needs a person.
    """
    ordered = sorted(marks, key=lambda mark: mark.start)
    placed = sorted((start, end, pk) for pk, start, end in tasks if end > start)
    doubts = list(open_spans)
    longest = max((mark.end - mark.start for mark in ordered), default=0)
    starts = [mark.start for mark in ordered]
    found: list[Part] = []
    for number, block in enumerate(_blocks(text, blocks), start=1):
        kind, start, end = block[0], block[1], block[2]
        near = ordered[bisect_right(starts, start - longest - 1) : bisect_right(starts, end)]
        part = Part(number, kind, start, end, tasks=_touching(placed, start, end))
        part.current = current in part.tasks
        part.warn = any(a < end and b > start for a, b in doubts)
        if kind == "table":
            part.text = text[start:end]
            part.rows = _rows(text, block, near, placed, current, doubts)
        else:
            part.html = marked(text, start, end, near)
        found.append(part)
    return found


def _blocks(text: str, blocks: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    listed = list(blocks)
    if listed or not text:
        return listed
    rows: list[Sequence[Any]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            rows.append(["paragraph", at, at + len(line), None])
        at += len(line) + 1
    return rows


def _touching(placed: list[tuple[int, int, int]], start: int, end: int) -> list[int]:
    return [pk for first, last, pk in placed if first < end and last > start]


def _rows(
    text: str,
    block: Sequence[Any],
    marks: Sequence[Mark],
    placed: list[tuple[int, int, int]],
    current: int | None,
    doubts: list[tuple[int, int]],
) -> list[Row]:
    _kind, start, end, *more = block
    given = more[1] if len(more) > 1 and more[1] else ()
    rows = []
    for place, cells in enumerate(_cells_of(text, start, end, given)):
        first, last = min(cell[0] for cell in cells), max(cell[1] for cell in cells)
        near = [mark for mark in marks if mark.start < last and mark.end > first]
        row = Row(
            [Cell(marked(text, a, b, near), rowspan, colspan, head=place == 0) for a, b, rowspan, colspan in cells],
            tasks=_touching(placed, first, last),
            start=first,
            end=last,
        )
        row.current = current in row.tasks
        row.warn = any(a < last and b > first for a, b in doubts)
        rows.append(row)
    return rows


def marks_of(
    units: Iterable[Any], deadlines: Iterable[Any], targets: Iterable[Any], citations: Iterable[Any]
) -> list[Mark]:
    """Marks of what belongs to tasks; a word that several tasks share is marked for each."""
    found = []
    for kind, letter, rows in (
        ("unit", "u", units),
        ("deadline", "d", deadlines),
        ("target", "t", targets),
        ("cite", "c", citations),
    ):
        found += [
            Mark(row.span_start, row.span_end, kind, f"{letter}{row.pk}")
            for row in rows
            if row.span_start is not None and row.span_end is not None
        ]
    return found


def quote(text: str, start: int, end: int, marks: Iterable[Mark], around: Iterable[tuple[int, int]] = ()) -> SafeString:
    """A duty's own words, marked; `around` widens the stretch to the blocks it stands in."""
    for first, last in around:
        if first < end and last > start:
            start, end = min(start, first), max(end, last)
    return marked(text, start, end, list(marks))
