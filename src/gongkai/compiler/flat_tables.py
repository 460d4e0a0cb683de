"""Breakdown tables that lost their grid: pipe and tab rows, cells one to a line, cells in one long line.

Rows of their own are aligned with the columns by what the cells hold; a bare stream of cells is cut into rows.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.compiler.characters import Source
from gongkai.compiler.lines import Line
from gongkai.compiler.notice import Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.responsibility import Responsibility, parse_cell
from gongkai.compiler.tables import (
    SECTION,
    Column,
    Row,
    column_of,
    is_head,
    is_time,
    limits_time,
    name_of,
    slug,
    spaced_head,
    stack_heading,
)
from gongkai.compiler.units import is_unit

_STATUS = re.compile(
    r"^(?:已?完成|未完成|推进中|正在推进|进行中|已落实|未启动|基本完成|持续推进中|达到序时进度|√|×|是|否|无|/|-+|—+|已上报|已办结|待完成|已公开|已开展)$"
)
_NUMBER = re.compile(r"^[(]?\d{1,3}[).、]?$")
_SPACE = re.compile(r"[\s\u3000\xa0]+")
_LISTED = re.compile(r"单位|部门|科室|处室|机构|学校|企业|人|名|职|电话|地址|网址|日期|时间|金额|[镇乡村街区县市]")
_WIDE_GAP = re.compile(r"\S(?: {3,40}|\u3000{2,20})\S")
_LEVELS = frozenset({"city", "division", "county", "district", "province", "town"})


@dataclass(slots=True)
class Stream:
    """A flattened table: the lines from `first` to `last`, its rows and columns."""

    first: int
    last: int
    rows: list[Row]
    columns: list[Column]


def _words(folded: str, span: Span) -> str:
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


# ------------------------------------------------------------------------------------- rows with separators


def _separator(text: str) -> str | None:
    """What separates the cells of a line: a bar, a tab, a wide gap, or nothing."""
    if "|" in text:
        return "|"
    if "\t" in text:
        return "\t"
    return " " if _WIDE_GAP.search(text) else None


def raw_cells(folded: str, start: int, end: int) -> list[Span]:
    """The cells of a line in order, empty ones too (as empty spans)."""
    text = folded[start:end]
    separator = _separator(text)
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


class Lined:
    """A table whose rows kept their lines."""

    def __init__(self, folded: str, columns: list[Column]) -> None:
        self.folded = folded
        self.columns = columns
        self.raw: list[list[Span]] = []
        self.rows: list[Row] = []
        self.path: dict[int, Span] = {}
        self.section: list[Span] = []
        self.previous: dict[int, Responsibility] = {}
        self.kinds: dict[int, str] = {}  # of the numbers that headings in a column had
        self.requirement = 0
        self.refresh()

    def refresh(self) -> None:
        """Take note of the columns, after their labels changed."""
        self.units = [index for index, column in enumerate(self.columns) if column.kind == "unit"]
        self.levels = len({slug(self.columns, index) for index in self.units} & _LEVELS) > 1
        self.seen: dict[int, Counter[str]] = {index: Counter() for index in self.units}

    def build(self) -> list[Row]:
        """The rows, once all lines are collected."""
        self._widen()
        self.requirement = self._requirement()
        for cells in self.raw:
            self._row(cells)
        return self.rows

    def _widen(self) -> None:
        """Room for columns whose heads were merged with others: they stand before the requirement."""
        columns = self.columns
        while columns and columns[-1].kind == "none" and not columns[-1].label:
            columns.pop()
        widest = max((sum(last > first for first, last in cells) for cells in self.raw), default=0)
        missing = min(widest - len(columns), 4)
        if missing > 0:
            place = max((index for index, column in enumerate(columns) if column.kind in ("text", "task")), default=0)
            columns[place:place] = [Column("none", "")] * missing
        self.refresh()

    def _requirement(self) -> int:
        full = [cells for cells in self.raw if len(cells) == len(self.columns)]
        for kinds in (("text",), ("task",), ("none",)):
            options = [index for index, column in enumerate(self.columns) if column.kind in kinds]
            if options:
                return max(options, key=lambda index: (sum(cells[index][1] - cells[index][0] for cells in full), index))
        return 0

    def _row(self, cells: list[Span]) -> None:
        filled = [cell for cell in cells if cell[1] > cell[0]]
        if not filled or all(set(self.folded[first:last]) <= set("-: =—") for first, last in filled):
            return
        labels = {column.label for column in self.columns}
        if sum(_words(self.folded, cell) in labels for cell in filled) >= max(1, 0.7 * len(filled)):
            return
        if len(filled) == 2 and re.fullmatch(r"[一二三四五六七八九十]{1,3}", _words(self.folded, filled[0])):
            filled = filled[1:] if not is_units(self.folded, *filled[1]) else filled
        if len(filled) == 1 and self._heading(filled[0]):
            self.section = stack_heading(self.folded, self.section, filled[0])
            self.path.clear()
            return
        if len(cells) == len(self.columns):
            placed = {index: cell for index, cell in enumerate(cells) if cell[1] > cell[0]}
            if not self._fits(placed):
                placed = self._aligned(filled)
        else:
            placed = self._aligned(filled)
        self._make(placed, len(self.columns) - len(filled))

    def _heading(self, cell: Span) -> bool:
        number = parse_number(self.folded, *cell)
        length = cell[1] - cell[0]
        return length <= 60 and (
            (number is not None and number.kind in SECTION) or self.folded[cell[1] - 1] not in "。;"
        )

    def _fits(self, placed: dict[int, Span]) -> bool:
        """Whether cells taken in order hold what their columns say (merged cells may have shifted them)."""
        units = [index for index in self.units if index in placed]
        if not units or self.requirement not in placed:
            return self.requirement in placed and not any(
                is_units(self.folded, *cell) or (is_time(self.folded, *cell) and self.columns[index].kind != "time")
                for index, cell in placed.items()
            )
        good = sum(self._plausible(index, placed[index]) for index in units)
        requirement = placed[self.requirement]
        other = is_time(self.folded, *requirement) or is_units(self.folded, *requirement)
        return good * 2 >= len(units) and not other

    def _plausible(self, index: int, cell: Span) -> bool:
        short = cell[1] - cell[0] <= 20 and self.folded[cell[1] - 1] not in "。;"
        return is_units(self.folded, *cell) or (short and not is_time(self.folded, *cell))

    def _affinity(self, cell: Span, index: int) -> float:
        """How well a cell fits a column, by what it holds."""
        folded = self.folded
        kind = self.columns[index].kind
        words = _words(folded, cell)
        number = bool(_NUMBER.match(words))
        if kind == "number" or number:
            if number and kind == "none" and not self.columns[index].label:
                return 1.5
            return 3.0 if kind == "number" and number else -4.0
        if kind == "unit":
            if not is_units(folded, *cell):
                return -3.0
            claims = parse_cell(folded, *cell).claims
            total = (sum(self.seen[index].values()) or 1) * max(1, len(claims))
            return 3.0 + sum(self.seen[index][folded[claim.end - 1]] for claim in claims) / total
        if kind == "time":
            return 3.0 if is_time(folded, *cell) else -3.0
        if index == self.requirement:
            return -1.0 if is_units(folded, *cell) else 2.0 + min(len(words), 60) / 40
        if kind in ("task", "text", "none"):
            section = parse_number(folded, *cell)
            if section is not None and section.kind in SECTION:
                return 2.5 if self.kinds.get(index) == section.kind else 2.2
            return 0.8 if len(words) <= 40 and not is_units(folded, *cell) else -1.0
        return 1.5 if _STATUS.match(words) else 0.1

    def _aligned(self, cells: list[Span]) -> dict[int, Span]:
        """Cells and columns in order, matched for the best total fit."""
        rows, width = len(cells), len(self.columns)
        if rows > width:
            cells, rows = cells[:width], width
        low = float("-inf")
        best = [[low] * (width + 1) for _ in range(rows + 1)]
        best[0] = [0.0] * (width + 1)
        for one in range(1, rows + 1):
            for two in range(one, width + 1):
                match = best[one - 1][two - 1] + self._affinity(cells[one - 1], two - 1)
                best[one][two] = max(best[one][two - 1], match)
        placed: dict[int, Span] = {}
        one, two = rows, width
        while one and two:
            if best[one][two] == best[one][two - 1]:
                two -= 1
                continue
            placed[two - 1] = cells[one - 1]
            one, two = one - 1, two - 1
        return placed

    def _make(self, placed: dict[int, Span], missing: int) -> None:
        columns = self.columns
        row = Row(None, (), [])
        for index in sorted(placed):
            kind = columns[index].kind
            if kind == "number":
                row.number = _words(self.folded, placed[index]).strip("().、")
            elif limits_time(columns[index], self.folded, *placed[index]):
                row.times.append(placed[index])
            elif kind == "target":
                row.targets.append(placed[index])
            elif kind == "none" and _NUMBER.match(_words(self.folded, placed[index])):
                row.number = _words(self.folded, placed[index]).strip("().、")
            elif kind in ("task", "text", "none") and index < self.requirement:
                self.path = {key: span for key, span in self.path.items() if key < index}
                self.path[index] = placed[index]
                number = parse_number(self.folded, *placed[index])
                self.kinds[index] = number.kind if number else ""
        text = placed.get(self.requirement)
        if text is None:
            fresh = [placed[index] for index in sorted(self.path) if placed.get(index) == self.path[index]]
            text = fresh[-1] if fresh else None
        if text is None:
            return
        row.texts = [text]
        row.path = (*self.section, *(self.path[index] for index in sorted(self.path) if self.path[index] != text))
        beside = {index: cell for index, cell in self.path.items() if cell != text}
        row.name = name_of(self.folded, columns, self.requirement, beside)
        row.units = self._units(placed, missing)
        if row.units:
            self.rows.append(row)

    def _units(self, placed: dict[int, Span], missing: int) -> list[tuple[Column, Responsibility, bool]]:
        result: list[tuple[Column, Responsibility, bool]] = []
        any_unit = any(index in placed for index in self.units)
        for index in self.units:
            column = self.columns[index]
            if index in placed:
                said = parse_cell(self.folded, *placed[index], column.role)
                if said.claims:
                    self.previous[index] = said
                    for claim in said.claims:
                        self.seen[index][self.folded[claim.end - 1]] += 1
                    result.append((column, said, False))
            elif index in self.previous and (not any_unit or (self.levels and missing)):
                result.append((column, self.previous[index], True))
        if any_unit and not self.levels:
            self.previous = {index: said for index, said in self.previous.items() if index in placed}
        return result


# ------------------------------------------------------------------------------------------ bare cell streams


class Builder:
    """Cuts a stream of cells below a head into rows."""

    def __init__(self, folded: str, columns: list[Column]) -> None:
        self.folded = folded
        self.columns = columns
        self.labels = {column.label for column in columns}
        self.units = [index for index, column in enumerate(columns) if column.kind == "unit"]
        texts = [index for index, column in enumerate(columns) if column.kind in ("text", "task")]
        self.unit_first = bool(self.units and texts and self.units[0] < texts[0])
        self.has = Counter(column.kind for column in columns)
        self.levels = len({slug(columns, index) for index in self.units} & _LEVELS) > 1
        self.scored = any(column.kind == "status" and "分" in column.label for column in columns)
        self.rows: list[Row] = []
        self.texts: list[Span] = []
        self.cells: list[Span] = []
        self.times: list[Span] = []
        self.number: str | None = None
        self.path: list[Span] = []
        self.numbered = 0
        self.two_levels = False
        self.seen: dict[int, Counter[str]] = {index: Counter() for index in self.units}
        self.previous: dict[int, Responsibility] = {}
        self.idle = 0
        self.skipped = 0  # repeated heads and states of progress since the last cell with words

    def kind(self, cell: Span) -> str:
        """What a cell holds, by its words alone."""
        words = _words(self.folded, cell)
        if words in self.labels:
            return "head"
        if self.has["status"] and re.fullmatch(r"\d{1,3}\.\d{1,2}|\d{1,3}分", words):
            return "status"
        if _NUMBER.match(words):
            if self.scored and not self.has["number"]:
                return "status"
            return "number" if self.has["number"] or len(words) <= 3 else "text"
        if _STATUS.match(words) and not (self.has["time"] and words == "持续推进"):
            return "status"
        timed = self.has["time"] or (self.has["status"] and self.cells)
        if timed and (self.texts or self.cells) and is_time(self.folded, *cell):
            return "time"
        return "unit" if is_units(self.folded, *cell) else "text"

    def feed(self, cell: Span, following: Span | None = None) -> bool:
        """Take one cell; False when the table has evidently ended. `following` is the next cell."""
        kind = self.kind(cell)
        if kind == "unit" and not self.cells and self._requirement_follows(following):
            kind = "text"
        if kind in ("head", "status") or (kind == "text" and self._is_remark(cell, following)):
            self.skipped += 1
            return self.skipped <= 80
        self.skipped = 0
        if kind == "number":
            self.close()
            self.number = _words(self.folded, cell).strip("().、")
        elif kind == "time" and self.texts:
            self.times.append(cell)
        elif kind == "unit" and self.unit_first:
            if self.texts:
                self.close()
            self.cells.append(cell)
        elif kind == "unit" and self.texts and len(self.cells) < len(self.units):
            self.cells.append(cell)
            self.idle = 0
        elif kind == "unit" and self.cells and not self.times and self._row_goes_on(following):
            self.cells[-1] = (self.cells[-1][0], cell[1])
        else:
            return self._text(cell)
        return True

    def _is_remark(self, cell: Span, following: Span | None) -> bool:
        """Whether words between the limit of a row and the number of the next stand in the column of remarks."""
        if following is None or self.columns[0].kind != "number" or self.columns[-1].kind != "status":
            return False
        plain = cell[1] - cell[0] <= 24 and parse_number(self.folded, *cell) is None
        return plain and bool(self.cells and self.times) and self.kind(following) == "number"

    def _row_goes_on(self, following: Span | None) -> bool:
        """Whether one more line of units belongs to the cell above: what follows is the rest of the row or the next row."""
        if not (self.has["number"] or self.has["time"]):
            return False
        kind = "number" if following is None else self.kind(following)
        if following is not None and self.has["time"] and is_time(self.folded, *following):
            kind = "time"
        return kind in ("number", "time", "unit", "head") and not (
            kind == "number" and self.has["time"] and not self.has["number"]
        )

    def _requirement_follows(self, following: Span | None) -> bool:
        """Whether a heading that looks like a unit stands before the requirement of its row."""
        if following is None or self.unit_first or not self.texts or any(map(self._whole, self.texts)):
            return False
        return (
            self._whole(following)
            and self.kind(following) == "text"
            and len(self.texts) < self.has["task"] + self.has["text"]
        )

    def _text(self, cell: Span) -> bool:
        finished = self.times if self.unit_first else self.cells or self.times
        if finished or (self.unit_first and self.texts and self._whole(self.texts[-1])):
            self.close()
        self.texts.append(cell)
        self.idle = 0 if self.unit_first else self.idle + 1
        return self.idle <= 9

    def _whole(self, cell: Span) -> bool:
        return self.folded[cell[1] - 1] in "。;"

    def close(self) -> None:
        """End the row that is being read."""
        headings, texts = self._divide()
        self._push(headings)
        known = bool(
            self.previous
            and (
                self.number
                or self.unit_first
                or (texts and parse_number(self.folded, *texts[0]))
                or (self.times and self.rows and texts and self._whole(texts[-1]))
            )
        )
        if texts and (self.cells or known):
            row = Row(self.number, tuple(self.path), texts, times=list(self.times))
            row.name = self._name()
            row.units = self._place()
            if row.units:
                self.rows.append(row)
        self.texts, self.cells, self.times, self.number = [], [], [], None

    def _name(self) -> Span | None:
        """The heading directly before the requirement, where the head has a column of tasks beside the requirement."""
        if len(self.path) == self.numbered:
            return None
        before = [index for index, column in enumerate(self.columns) if column.kind == "task"]
        if not before or not self.has["text"]:
            return None
        return name_of(self.folded, self.columns, before[-1] + 1, {before[-1]: self.path[-1]})

    def _divide(self) -> tuple[list[Span], list[Span]]:
        """Headings and the pieces of the requirement among the texts of a row."""
        for index, (first, last) in enumerate(self.texts):
            number = parse_number(self.folded, first, last)
            heading = number is not None and number.kind in SECTION and last - first <= 60
            whole = last - first > 34 or self.folded[last - 1] in "。;"
            if whole and not (heading and index + 1 < len(self.texts)):
                return self.texts[:index], self.texts[index:]
        if not self.cells and not self.times:
            return self.texts, []
        return self.texts[:-1], self.texts[-1:]

    def _push(self, headings: list[Span]) -> None:
        """Headings before a row: numbered ones by their kind, others by how many stand together."""
        plain: list[Span] = []
        for heading in headings:
            number = parse_number(self.folded, *heading)
            if number is not None and number.kind in SECTION:
                self.path = stack_heading(self.folded, self.path[: self.numbered], heading)
                self.numbered = len(self.path)
                plain = []
            else:
                plain.append(heading)
        if len(plain) >= 2:
            self.two_levels = True
            self.path = [*self.path[: self.numbered], *plain]
        elif plain and self.two_levels and len(self.path) > self.numbered:
            self.path = [*self.path[: self.numbered + 1], plain[0]]
        elif plain:
            self.path = [*self.path[: self.numbered], plain[0]]

    def _place(self) -> list[tuple[Column, Responsibility, bool]]:
        """Unit cells by column; a short row takes what is missing from the row above."""
        chosen = self._columns_for(self.cells)
        result: list[tuple[Column, Responsibility, bool]] = []
        for index in self.units:
            column = self.columns[index]
            if index in chosen:
                said = parse_cell(self.folded, *chosen[index], column.role)
                self.previous[index] = said
                for claim in said.claims:
                    self.seen[index][self.folded[claim.end - 1]] += 1
                result.append((column, said, False))
            elif index in self.previous and (not chosen or self.levels):
                result.append((column, self.previous[index], True))
        if chosen and not self.levels:
            self.previous = {index: said for index, said in self.previous.items() if index in chosen}
        return result

    def _columns_for(self, cells: list[Span]) -> dict[int, Span]:
        if len(cells) >= len(self.units) or len(cells) != 1:
            return dict(zip(self.units, cells, strict=False))
        endings = [self.folded[claim.end - 1] for claim in parse_cell(self.folded, *cells[0]).claims]
        best, most = self.units[0], -1.0
        for index in self.units:
            total = sum(self.seen[index].values()) or 1
            score = round(sum(self.seen[index][ending] / total for ending in endings), 3)
            if score > most:
                best, most = index, score
        return {best: cells[0]}


# ------------------------------------------------------------------------------------- words set apart by wrapping

_COUNTED = re.compile(r"(?:个|次|天|日|年|月|小时|场|期|%|项|件|家|名|条|篇|类|工作日|以上|号)")
_LONGEST_ROW = 240  # words of one row; what is longer is text behind the table
_TIME_START = re.compile(r"\d|每|持|长|全|年|第|上|下|按|及|即|常|立|随|[一二三四五六七八九十]")
_PAGE_MARK = re.compile(r"^(?:[-—–]+|[-—–]\d{1,3}[-—–]|第\d{1,3}页|共\d{1,3}页)$")


def regroup(folded: str, cells: list[Span], units: int) -> list[Span]:
    """The cells of a numbered table whose words a page wrapped at spaces: number, requirement, units, time limit."""
    rows: list[list[Span]] = [[]]
    for index, cell in enumerate(cells):
        after = folded[cells[index + 1][0] :][:3] if index + 1 < len(cells) else ""
        if _words(folded, cell) == str(len(rows)) and not _COUNTED.match(after) and not _page_number(folded, cell):
            rows.append([cell])
        else:
            rows[-1].append(cell)
    if len(rows) < 3:
        return cells
    result = list(rows[0])
    rows[-1] = _last_row(folded, rows[-1][:_LONGEST_ROW])
    for row in rows[1:]:
        result.append(row[0])
        result.extend(_wrapped_row(folded, _without_page_marks(folded, row[1:_LONGEST_ROW]), units))
    return result


def _page_number(folded: str, cell: Span) -> bool:
    """Whether a number stands between dashes, as at the foot of a page."""
    before, after = folded[max(0, cell[0] - 3) : cell[0]].rstrip(), folded[cell[1] : cell[1] + 3].lstrip()
    return before[-1:] in ("-", "—", "–") and after[:1] in ("-", "—", "–")


def _without_page_marks(folded: str, cells: list[Span]) -> list[Span]:
    return [cell for cell in cells if not _PAGE_MARK.match(_words(folded, cell)) and not _page_number(folded, cell)]


def _last_row(folded: str, cells: list[Span]) -> list[Span]:
    """The last row without the text behind the table: the first lines of it that end with units."""
    ends = [
        index
        for index in range(1, len(cells))
        if "\n" in folded[cells[index - 1][1] : cells[index][0]] and folded[cells[index - 1][1] - 1] not in "、,"
    ]
    for one, end in enumerate(ends):
        divided = _divided(folded, cells[1:end])
        if divided is None:
            continue
        further = ends[one + 1] if one + 1 < len(ends) else len(cells)
        longer = _divided(folded, cells[1:further])
        return cells[:further] if longer and longer[0] == divided[0] else cells[:end]
    return cells


def _wrapped_row(folded: str, cells: list[Span], units: int) -> list[Span]:
    """Requirement, units and time limit of one row, then the headings that stand before the next row."""
    heads = [
        index
        for index, cell in enumerate(cells)
        if index > 1 and (number := parse_number(folded, *cell)) is not None and number.kind in SECTION
    ]
    stop = next((index for index in heads if _divided(folded, cells[:index])), len(cells))
    body, headings = cells[:stop], cells[stop:]
    divided = _divided(folded, body)
    if divided is None:
        return [*([(body[0][0], body[-1][1])] if body else []), *headings]
    first, last = divided
    named = body[first:last]
    result = [(body[0][0], body[first - 1][1])]
    result.extend(named if len(named) == units else [(named[0][0], named[-1][1])])
    if last < len(body):
        result.append((body[last][0], body[-1][1]))
    return [*result, *_merged_headings(folded, headings)]


def _merged_headings(folded: str, cells: list[Span]) -> list[Span]:
    result: list[Span] = []
    for cell in cells:
        number = parse_number(folded, *cell)
        if result and (number is None or number.kind not in SECTION):
            result[-1] = (result[-1][0], cell[1])
        else:
            result.append(cell)
    return result


def _divided(folded: str, cells: list[Span]) -> tuple[int, int] | None:
    """Where the units of a row begin and end among its words; what follows them is a time limit or nothing."""
    whole = [index for index in range(1, len(cells)) if folded[cells[index - 1][1] - 1] in "。;"]
    for first in [*whole[-3:], *range(max(1, len(cells) - 12), len(cells))]:
        for last in range(max(first + 1, len(cells) - 6), len(cells) + 1):
            timed = last == len(cells) or (
                _TIME_START.match(folded, cells[last][0]) and is_time(folded, cells[last][0], cells[-1][1])
            )
            if not timed:
                continue
            if cells[last - 1][1] - cells[first][0] <= 400 and is_units(folded, cells[first][0], cells[last - 1][1]):
                return first, last
    return None


def _is_wrapped(folded: str, cells: list[Span]) -> bool:
    """Whether words run on from one cell to the next, so that the spaces between them are line ends of a page."""
    broken = 0
    for one, two in itertools.pairwise(cells):
        if one[1] - one[0] >= 8 and folded[one[1] - 1] not in "。;:" and not is_units(folded, *one):
            broken += not is_units(folded, *two) and not is_time(folded, *two)
    return broken >= 2


# ------------------------------------------------------------------------------------------------- finding


_MARKED = re.compile(r"[√■□☑]|https?:|\d{7}|电话|网站|公示栏")


def _guessed(folded: str, rows: list[list[Span]]) -> list[Column] | None:
    """The columns of a table without a head, if most of its rows hold a requirement and then the units that do it."""
    if len(rows) < 3 or any(_MARKED.search(folded, row[0][0], row[-1][1]) for row in rows if row):
        return None
    if all(last - first <= 14 for first, last in rows[0]):
        return None  # this is a head, of a table that gives no duties
    good = 0
    fullest: list[str] = []
    for row in rows:
        kinds = [_held(folded, cell) for cell in row]
        if "unit" in kinds and "text" in kinds[: kinds.index("unit")]:
            good += 1
            fullest = kinds if len(kinds) > len(fullest) else fullest
    if good < 3 or good < 0.7 * len(rows):
        return None
    text = max(index for index, kind in enumerate(fullest[: fullest.index("unit")]) if kind == "text")
    labels = {"unit": "责任单位", "time": "完成时限", "number": "序号"}
    kinds = ["task" if kind == "text" and index != text else kind for index, kind in enumerate(fullest)]
    return [Column(kind, labels.get(kind, "")) for kind in kinds]


def _held(folded: str, cell: Span) -> str:
    """What a cell of a table without a head holds."""
    words = _words(folded, cell)
    if _NUMBER.match(words):
        return "number"
    if is_units(folded, *cell):
        return "unit"
    if is_time(folded, *cell):
        return "time"
    return "text" if len(words) >= 12 or words[-1:] in ("。", ";") else "task"


def _one_level(columns: list[Column]) -> list[Column]:
    """The columns of a head of two rows: the labels of the second (牵头单位, 配合单位) take the place of the merged one."""
    second = len(columns)
    while second and columns[second - 1].kind == "unit":
        second -= 1
    merged = next((index for index, column in enumerate(columns[:second]) if column.kind == "unit"), None)
    if merged is None or len(columns) - second < 2:
        return columns
    return [*columns[:merged], *columns[second:], *columns[merged + 1 : second]]


class Finder:
    """Looks for heads among the lines and reads the tables below them."""

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.folded = source.folded
        self.lines = lines
        self._cells: dict[int, list[Span]] = {}
        self._tried = -1  # the last line of a table that gave no rows

    def cells(self, index: int) -> list[Span]:
        """The filled cells of a line; a line without separators is one cell."""
        if index not in self._cells:
            line = self.lines[index]
            text = self.folded[line.start : line.end]
            if _separator(text) is None and spaced_head(text):
                found = _spaced_cells(text, line.start)
            else:
                found = raw_cells(self.folded, line.start, line.end)
            self._cells[index] = [cell for cell in found if self.folded[cell[0] : cell[1]].strip(" -:—=")]
        return self._cells[index]

    def find(self) -> list[Stream]:
        """All flattened tables, in order."""
        streams: list[Stream] = []
        index = 0
        while index < len(self.lines):
            stream = self._at(index) if self._promising(index) else None
            if stream is None:
                index += 1
                continue
            streams.append(stream)
            index = stream.last + 1
        return streams

    def _promising(self, index: int) -> bool:
        line = self.lines[index]
        if line.role == "table":
            return False
        if line.end - line.start <= 24:
            return True
        text = self.folded[line.start : min(line.end, line.start + 6000)]
        if text.count("|") >= 3:
            return True
        return bool(re.search(r"责|牵|单位|科室|部门|分工|处室|股室", text)) and (
            _separator(text) is not None or spaced_head(text)
        )

    def _at(self, index: int) -> Stream | None:
        line = self.lines[index]
        separator = _separator(self.folded[line.start : line.end])
        raw = raw_cells(self.folded, line.start, line.end)
        if (separator and len(raw) >= 3) or (separator in ("|", "\t") and len(raw) == 2):
            columns = [
                column_of(self.folded[first:last]) or Column("none", _words(self.folded, (first, last)))
                for first, last in raw
            ]
            short = all(last - first <= 24 for first, last in raw)
            known = [column for column in columns if column.kind != "none"]
            if index > self._tried and short and is_head(known) and len(known) * 2 >= len(columns):
                return self._lined(index, columns, separator or "|")
        if separator is None and index > self._tried:
            spaced = self._spaced(index)
            if spaced is not None:
                return spaced
        if separator and len(raw) >= 3 and index > self._tried:
            headless = self._headless(index, separator)
            if headless is not None:
                return headless
        return self._stream(index)

    def _spaced(self, index: int) -> Stream | None:
        """A table without row numbers whose cells single spaces part, each row on its line."""
        text = self.folded[self.lines[index].start : self.lines[index].end]
        if len(text) > 60 or not spaced_head(text):
            return None
        columns = [column_of(word) for word in text.split()]
        known = [column for column in columns if column is not None]
        if len(known) < len(columns) or not is_head(known):
            return None
        rows: list[list[Span]] = []
        full, line = 0, index + 1
        while line < len(self.lines) and self.lines[line].role == "text":
            entry = self.lines[line]
            words = self.folded[entry.start : entry.end]
            cells = _spaced_cells(words, entry.start)
            if len(cells) > len(known) + 2 or (len(cells) == 1 and len(words) > 40):
                break
            full += len(cells) >= sum(column.kind != "status" for column in known)
            rows.append(cells)
            line += 1
        self._tried = max(self._tried, line - 1)
        if full < 2 or full < 0.4 * len(rows):
            return None
        table = Lined(self.folded, known)
        table.raw = rows
        made = self._built(table)
        return Stream(index, line - 1, made, known) if made else None

    def _headless(self, index: int, separator: str) -> Stream | None:
        """A table that lost its head: its cells tell what the columns hold."""
        line = index
        rows: list[list[Span]] = []
        while line < len(self.lines) and self.lines[line].role == "text":
            entry = self.lines[line]
            if _separator(self.folded[entry.start : entry.end]) != separator:
                break
            rows.append(self.cells(line))
            line += 1
        self._tried = max(self._tried, line - 1)
        columns = _guessed(self.folded, rows)
        if columns is None:
            return None
        table = Lined(self.folded, columns)
        table.raw = rows
        made = table.build()
        return Stream(index, line - 1, made, columns) if made else None

    def _lined(self, index: int, columns: list[Column], separator: str) -> Stream | None:
        table = Lined(self.folded, columns)
        last = index
        line = index + 1
        while line < len(self.lines):
            entry = self.lines[line]
            text = self.folded[entry.start : entry.end]
            own = _separator(text)
            if entry.role != "text" or (own is None and not self._between(line, separator)):
                break
            if self._other_head(table, entry):
                break
            if (own is not None or len(text) <= 60) and set(text) - set("|-: =—"):
                table.raw.append(raw_cells(self.folded, entry.start, entry.end))
            last = line
            line += 1
        rows = self._built(table)
        if not rows:
            self._tried = last
        return Stream(index, last, rows, columns) if rows else None

    def _built(self, table: Lined) -> list[Row]:
        """The rows of a table, after a second row of its head was taken off."""
        if len(table.raw) > 1 and self._second_head(table):
            table.raw.pop(0)
        return table.build()

    def _other_head(self, table: Lined, entry: Line) -> bool:
        """Whether the line heads another table."""
        cells = [cell for cell in raw_cells(self.folded, entry.start, entry.end) if cell[1] > cell[0]]
        if len(cells) < 3 or not table.raw or any(last - first > 14 for first, last in cells):
            return False
        known = {column.label for column in table.columns}
        words = [_words(self.folded, cell) for cell in cells]
        labels = [column_of(word) for word in words]
        return (
            words[0] in known
            and sum(word in known for word in words) * 2 < len(words) + 1
            and sum(map(bool, labels)) * 2 >= len(words)
        )

    def _second_head(self, table: Lined) -> bool:
        """Whether the first row only names the columns below a merged head."""
        cells = [cell for cell in table.raw[0] if cell[1] > cell[0]]
        kinds = [column_of(self.folded[first:last]) for first, last in cells]
        if (
            not cells
            or not all(kinds)
            or any(column.kind == "text" and index == 0 for index, column in enumerate(kinds) if column)
        ):
            return False
        raw = table.raw[0]
        columns = table.columns
        if len(raw) == len(columns):
            for index, (first, last) in enumerate(raw):
                columns[index] = (column_of(self.folded[first:last]) if last > first else None) or columns[index]
        else:
            units = [column for column in kinds if column and column.kind == "unit"]
            place = next((index for index, column in enumerate(columns) if column.kind == "unit"), None)
            if place is not None and len(units) == len(kinds) > 1:
                columns[place : place + 1] = units
        table.refresh()
        return True

    def _between(self, line: int, separator: str) -> bool:
        """Whether the table goes on after a line without separators."""
        for ahead in range(line + 1, min(line + 3, len(self.lines))):
            entry = self.lines[ahead]
            if entry.role != "text":
                return False
            if separator in self.folded[entry.start : entry.end]:
                return len(raw_cells(self.folded, entry.start, entry.end)) >= 2
        return False

    def _names_tasks(self, columns: list[Column], cell: Span) -> bool:
        """Whether a label of no known kind stands behind the column of row numbers, where the tasks are named."""
        words = _words(self.folded, cell)
        kinds = [column.kind for column in columns]
        return kinds == ["number"] and bool(re.fullmatch(r"[\u4e00-\u9fff]{2,8}", words)) and not _LISTED.search(words)

    def _head(self, index: int) -> tuple[list[Column], list[Span], int] | None:
        """The head that begins in a line: columns, cells left over in its last line, the next line."""
        columns: list[Column] = []
        line = index
        while line < min(len(self.lines), index + 24):
            if self.lines[line].role == "table":
                return None
            cells = self.cells(line)
            for position, (first, last) in enumerate(cells):
                column = column_of(self.folded[first:last])
                if column is None and self._names_tasks(columns, (first, last)):
                    column = Column("task", _words(self.folded, (first, last)))
                if column is None:
                    if columns and is_head(columns):
                        return columns, cells[position:], line + 1
                    if line > index:
                        return None
                    columns = []
                    continue
                columns.append(column)
            if not columns:
                return None
            line += 1
        return None

    def _stream(self, index: int) -> Stream | None:
        head = self._head(index)
        if head is None:
            return None
        columns, rest, line = head
        columns = _one_level(columns)
        cells = self._collect(index, rest, line)
        if columns[0].kind == "number":
            cells = self._regrouped(index, columns, rest, line) or cells
        builder = Builder(self.folded, columns)
        last = line - 1
        for cell, owner, following in _with_next(cells):
            before = len(builder.cells) + len(builder.times)
            going = builder.feed(cell, following)
            if len(builder.cells) + len(builder.times) > before or builder.unit_first:
                last = max(last, owner)
            if not going:
                break
        builder.close()
        return Stream(index, max(last, index), builder.rows, columns) if builder.rows else None

    def _regrouped(
        self, index: int, columns: list[Column], rest: list[Span], line: int
    ) -> Iterator[tuple[Span, int]] | None:
        """The cells of a table whose columns only single spaces part, if it numbers its rows."""
        units = sum(column.kind == "unit" for column in columns)
        if len(rest) > 20:
            if not _is_wrapped(self.folded, rest):
                return None
            grouped = regroup(self.folded, rest, units)
            return self._collect(index, grouped, line) if grouped is not rest else None
        text = self.folded[self.lines[index].start : self.lines[index].end]
        if rest and rest[0][0] >= self.lines[index].end:
            line -= 1
        if line != index + 1 or len(columns) < 3 or _separator(text) is not None:
            return None
        tokens: list[Span] = []
        owners: dict[int, int] = {}
        rows = idle = 0
        for number in range(line, len(self.lines)):
            entry = self.lines[number]
            if entry.role in ("signature", "table", "attachment") or idle > 15:
                break
            if entry.role != "text":
                continue
            own = [
                (entry.start + found.start(), entry.start + found.end())
                for found in re.finditer(r"\S+", self.folded[entry.start : entry.end])
            ]
            begins = bool(own) and _words(self.folded, own[0]) == str(rows + 1)
            rows, idle = rows + begins, 0 if begins else idle + 1
            tokens.extend(own)
            owners.update((cell[1], number) for cell in own)
        grouped = regroup(self.folded, tokens, units)
        if grouped is tokens:
            return None
        return ((cell, owners[cell[1]]) for cell in grouped)

    def _collect(self, index: int, rest: list[Span], line: int) -> Iterator[tuple[Span, int]]:
        """The cells below a head, each with its line; where blank lines part the cells, adjacent lines are one."""
        yield from ((cell, line - 1) for cell in rest)
        apart = line - index >= 2 and all(
            self.folded.count("\n", self.lines[one].end, self.lines[one + 1].start) >= 2
            for one in range(index, line - 1)
        )
        waiting: tuple[Span, int] | None = None
        for number in range(line, len(self.lines)):
            entry = self.lines[number]
            if entry.role in ("signature", "table"):
                break
            if entry.role != "text":
                continue
            own = self.cells(number)
            joins = apart and len(own) == 1 and waiting is not None and waiting[1] == number - 1
            if joins and waiting and self.folded.count("\n", self.lines[number - 1].end, entry.start) == 1:
                waiting = ((waiting[0][0], own[0][1]), number)
                continue
            if waiting:
                yield waiting
            waiting = None
            for rank, cell in enumerate(own, 1):
                if rank == len(own):
                    waiting = (cell, number)
                else:
                    yield cell, number
        if waiting:
            yield waiting


def _with_next(cells: Iterator[tuple[Span, int]]) -> Iterator[tuple[Span, int, Span | None]]:
    """Each cell with the one that follows it."""
    previous = next(cells, None)
    while previous is not None:
        following = next(cells, None)
        yield previous[0], previous[1], following[0] if following else None
        previous = following


_MEASURES = "年月日号%次个家条项件篇场期天周人"


def _spaced_cells(text: str, offset: int) -> list[Span]:
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


def find_streams(source: Source, lines: list[Line]) -> list[Stream]:
    """All flattened tables among the lines."""
    return Finder(source, lines).find()
