"""Tables that lost their rows too: a bare stream of cells is cut into rows; wrapped words are cells again."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from gongkai.compiler.cells import NUMBER, STATUS, is_units, words_of
from gongkai.compiler.notice import Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.responsibility import Responsibility, parse_cell
from gongkai.compiler.tables import (
    LEVELS,
    SECTION,
    Column,
    Row,
    is_time,
    name_of,
    slug,
    stack_heading,
)

_COUNTED = re.compile(r"(?:个|次|天|日|年|月|小时|场|期|%|项|件|家|名|条|篇|类|工作日|以上|号)")
_LONGEST_ROW = 240  # words of one row; what is longer is text behind the table
_TIME_START = re.compile(r"\d|每|持|长|全|年|第|上|下|按|及|即|常|立|随|[一二三四五六七八九十]")
_PAGE_MARK = re.compile(r"^(?:[-—–]+|[-—–]\d{1,3}[-—–]|第\d{1,3}页|共\d{1,3}页)$")


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
        self.levels = len({slug(columns, index) for index in self.units} & LEVELS) > 1
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
        words = words_of(self.folded, cell)
        if words in self.labels:
            return "head"
        if self.has["status"] and re.fullmatch(r"\d{1,3}\.\d{1,2}|\d{1,3}分", words):
            return "status"
        if NUMBER.match(words):
            if self.scored and not self.has["number"]:
                return "status"
            return "number" if self.has["number"] or len(words) <= 3 else "text"
        if STATUS.match(words) and not (self.has["time"] and words == "持续推进"):
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
            self.number = words_of(self.folded, cell).strip("().、")
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


def regroup(folded: str, cells: list[Span], units: int) -> list[Span]:
    """The cells of a numbered table whose words a page wrapped at spaces: number, requirement, units, time limit."""
    rows: list[list[Span]] = [[]]
    for index, cell in enumerate(cells):
        after = folded[cells[index + 1][0] :][:3] if index + 1 < len(cells) else ""
        if words_of(folded, cell) == str(len(rows)) and not _COUNTED.match(after) and not _page_number(folded, cell):
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
    return [cell for cell in cells if not _PAGE_MARK.match(words_of(folded, cell)) and not _page_number(folded, cell)]


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


def is_wrapped(folded: str, cells: list[Span]) -> bool:
    """Whether words run on from one cell to the next, so that the spaces between them are line ends of a page."""
    broken = 0
    for one, two in itertools.pairwise(cells):
        if one[1] - one[0] >= 8 and folded[one[1] - 1] not in "。;:" and not is_units(folded, *one):
            broken += not is_units(folded, *two) and not is_time(folded, *two)
    return broken >= 2
