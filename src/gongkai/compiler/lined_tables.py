"""Tables whose rows kept their lines: cells are aligned with the columns by what they hold."""

from __future__ import annotations

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
    limits_time,
    name_of,
    slug,
    stack_heading,
)

_MARKED = re.compile(r"[√■□☑]|https?:|\d{7}|电话|网站|公示栏")


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
        self.levels = len({slug(self.columns, index) for index in self.units} & LEVELS) > 1
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
        if sum(words_of(self.folded, cell) in labels for cell in filled) >= max(1, 0.7 * len(filled)):
            return
        if len(filled) == 2 and re.fullmatch(r"[一二三四五六七八九十]{1,3}", words_of(self.folded, filled[0])):
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
        words = words_of(folded, cell)
        number = bool(NUMBER.match(words))
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
        return 1.5 if STATUS.match(words) else 0.1

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
                row.number = words_of(self.folded, placed[index]).strip("().、")
            elif limits_time(columns[index], self.folded, *placed[index]):
                row.times.append(placed[index])
            elif kind == "target":
                row.targets.append(placed[index])
            elif kind == "none" and NUMBER.match(words_of(self.folded, placed[index])):
                row.number = words_of(self.folded, placed[index]).strip("().、")
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


def guessed_columns(folded: str, rows: list[list[Span]]) -> list[Column] | None:
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
    words = words_of(folded, cell)
    if NUMBER.match(words):
        return "number"
    if is_units(folded, *cell):
        return "unit"
    if is_time(folded, *cell):
        return "time"
    return "text" if len(words) >= 12 or words[-1:] in ("。", ";") else "task"
