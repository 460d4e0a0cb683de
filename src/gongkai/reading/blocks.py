"""The one shape every reader returns: a text, and blocks that point into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["paragraph", "heading", "table"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; `row` and `column` count from 0 and name its top left corner."""

    text: str
    start: int
    end: int
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a grid; a merged cell stands once, with its spans."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph or table. `Document.text[start:end]` is its text.

    `level` is the outline level (1 = highest) where the file says so, else None.
    """

    kind: BlockKind
    start: int
    end: int
    level: int | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What was read from one file.

    `text` holds the words of all blocks in reading order; every offset in the program points into it.
    `format` is the format recognised (text, html, docx, xlsx, pdf).
    `metadata` holds labelled values that stand outside the running text (e.g. meta tags of a page).
    `warnings` are sentences for the user about what was repaired or left out.
    """

    text: str
    blocks: tuple[Block, ...]
    format: str
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def text_of(self, block: Block) -> str:
        """The words of one block."""
        return self.text[block.start : block.end]


class ReadingError(Exception):
    """The file cannot be read; the message says, in Chinese, what happened and what to do.

    `code` is a stable machine name: too_large, too_slow, encrypted, scan, unsupported, damaged, unsafe, empty.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
