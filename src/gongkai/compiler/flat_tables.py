"""Breakdown tables that lost their grid: pipe and tab rows, cells one to a line, cells in one long line.

Finds their heads among the lines and hands the rest to the reader that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.compiler.cell_streams import Builder, is_wrapped, regroup
from gongkai.compiler.cells import NUMBER, raw_cells, separator_of, spaced_cells, words_of
from gongkai.compiler.characters import Source
from gongkai.compiler.lined_tables import Lined, guessed_columns
from gongkai.compiler.lines import Line
from gongkai.compiler.notice import Span
from gongkai.compiler.tables import (
    Column,
    Row,
    column_of,
    is_head,
    spaced_head,
)

_LISTED = re.compile(r"单位|部门|科室|处室|机构|学校|企业|人|名|职|电话|地址|网址|日期|时间|金额|[镇乡村街区县市]")


@dataclass(slots=True)
class Stream:
    """A flattened table: the lines from `first` to `last`, its rows and columns."""

    first: int
    last: int
    rows: list[Row]
    columns: list[Column]


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
            if separator_of(text) is None and spaced_head(text):
                found = spaced_cells(text, line.start)
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
            separator_of(text) is not None or spaced_head(text)
        )

    def _at(self, index: int) -> Stream | None:
        line = self.lines[index]
        separator = separator_of(self.folded[line.start : line.end])
        raw = raw_cells(self.folded, line.start, line.end)
        if (separator and len(raw) >= 3) or (separator in ("|", "\t") and len(raw) == 2):
            columns = [
                column_of(self.folded[first:last]) or Column("none", words_of(self.folded, (first, last)))
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
            cells = spaced_cells(words, entry.start)
            if len(cells) > len(known) + 2 or (len(cells) == 1 and len(words) > 40):
                break
            if (
                rows
                and len(cells) > 1
                and known[0].kind == "number"
                and not NUMBER.match(words_of(self.folded, cells[0]))
            ):
                cells = [*rows[-1][:-1], (rows[-1][-1][0], cells[0][1]), *cells[1:]]  # the row above was wrapped
                rows.pop()
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
            if separator_of(self.folded[entry.start : entry.end]) != separator:
                break
            rows.append(self.cells(line))
            line += 1
        self._tried = max(self._tried, line - 1)
        columns = guessed_columns(self.folded, rows)
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
            own = separator_of(text)
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
        words = [words_of(self.folded, cell) for cell in cells]
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
        words = words_of(self.folded, cell)
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
                    column = Column("task", words_of(self.folded, (first, last)))
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
            if not is_wrapped(self.folded, rest):
                return None
            grouped = regroup(self.folded, rest, units)
            return self._collect(index, grouped, line) if grouped is not rest else None
        text = self.folded[self.lines[index].start : self.lines[index].end]
        if rest and rest[0][0] >= self.lines[index].end:
            line -= 1
        if line != index + 1 or len(columns) < 3 or separator_of(text) is not None:
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
            begins = bool(own) and words_of(self.folded, own[0]) == str(rows + 1)
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


def find_streams(source: Source, lines: list[Line]) -> list[Stream]:
    """All flattened tables among the lines."""
    return Finder(source, lines).find()
