"""Put words together so that every block and every cell knows exactly where it stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from gongkai.reading.blocks import Block, BlockKind, Cell, Document, ReadingError, Table
from gongkai.reading.limits import Watch
from gongkai.reading.text import blocks_of, fold

_INVISIBLE = re.compile("[\x01-\x08\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_SPACES = re.compile(r"[ \t\xa0\v\f\u2002-\u200a\u202f]+")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n\s*")
# A paragraph longer than this is running text, whatever style the author gave it.
_LONGEST_HEADING = 100


def tidy(text: str) -> str:
    """Fold spaces, drop invisible characters and empty lines, trim the ends."""
    text = _SPACES.sub(" ", _INVISIBLE.sub("", fold(text)))
    return _AROUND_BREAK.sub("\n", text).strip()


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell before it has a place in the text."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(slots=True)
class Builder:
    """Collects blocks; the text of a table is its cells, parted by tabs, and its rows, parted by line feeds."""

    watch: Watch
    parts: list[str] = field(default_factory=list)
    length: int = 0
    blocks: list[Block] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    cells: int = 0

    def _append(self, words: str) -> tuple[int, int]:
        start = self.length
        self.parts.append(words)
        self.length += len(words)
        self.watch.check_length(self.length)
        return start, self.length

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the user, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def add(self, text: str, level: int | None = None, *, heading: bool = False) -> None:
        """Add a paragraph or heading; text without words adds nothing."""
        words = tidy(text)
        if not words:
            return
        kind: BlockKind = "heading" if heading and len(words) <= _LONGEST_HEADING else "paragraph"
        start, end = self._append(words)
        self._append("\n")
        self.blocks.append(Block(kind, start, end, level if kind == "heading" else None))

    def keep(self, text: str) -> None:
        """Add plain text as it stands, one paragraph for each line with words."""
        if text.strip():
            start, _ = self._append(text)
            self._append("\n")
            self.blocks.extend(blocks_of(text, start))

    def add_table(self, cells: Iterable[RawCell]) -> None:
        """Add a table; a frame of one column is no table, its cells become paragraphs."""
        placed = sorted(_compact(cells), key=lambda cell: (cell.row, cell.column))
        self.cells += len(placed)
        if self.cells > self.watch.limits.table_cells:
            raise ReadingError(
                "too_large",
                f"表格超过 {self.watch.limits.table_cells} 个单元格，读不完。请只保留任务表后再上传。",
            )
        if not any(cell.text for cell in placed):
            return
        if all(cell.column == 0 for cell in placed):
            for cell in placed:
                for line in cell.text.split("\n"):
                    self.add(line)
            return
        self._place(placed)

    def _place(self, placed: list[RawCell]) -> None:
        cells: list[Cell] = []
        first, row = self.length, placed[0].row
        for number, cell in enumerate(placed):
            if number % 500 == 0:
                self.watch.check()
            if number:
                self._append("\t" if cell.row == row else "\n")
            row = cell.row
            start, end = self._append(cell.text)
            cells.append(Cell(cell.text, start, end, cell.row, cell.column, cell.rowspan, cell.colspan))
        last = self.length
        self._append("\n")
        rows = max(cell.row + cell.rowspan for cell in cells)
        columns = max(cell.column + cell.colspan for cell in cells)
        self.blocks.append(Block("table", first, last, table=Table(rows, columns, tuple(cells))))

    def document(self, kind: str, empty: ReadingError | None = None) -> Document:
        """The finished document. Raises `empty` (or a general error) when no block was added."""
        if not self.blocks:
            raise empty or ReadingError("empty", "文件里没有文字。请检查是否选错了文件，或把正文复制后粘贴导入。")
        return Document("".join(self.parts), tuple(self.blocks), kind, self.metadata, tuple(self.warnings))


def _compact(cells: Iterable[RawCell]) -> list[RawCell]:
    """Tidy the words and close up rows and columns in which no cell begins; spans shrink with them."""
    kept = list(cells)
    rows = sorted({cell.row for cell in kept})
    columns = sorted({cell.column for cell in kept})
    result = []
    for cell in kept:
        row, column = bisect_left(rows, cell.row), bisect_left(columns, cell.column)
        rowspan = bisect_left(rows, cell.row + max(1, cell.rowspan)) - row
        colspan = bisect_left(columns, cell.column + max(1, cell.colspan)) - column
        result.append(RawCell(tidy(cell.text), row, column, rowspan, colspan))
    return result
