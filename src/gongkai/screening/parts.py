"""The pieces of text inside a file, each with a place that a clerk can go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PartKind = Literal[
    "body",  # what every reader of the file sees
    "margin",  # headers, footers, footnotes, text boxes: seen, but easily overlooked
    "hidden",  # hidden rows, columns, sheets, slides, layers, text, elements
    "covered",  # text under a coloured box: still there for whoever copies it
    "deleted",  # deleted in tracked changes
    "comment",  # comments, notes of a speaker, annotations
    "property",  # properties, EXIF, XMP
    "cache",  # pivot caches, caches of external links, embedded data of charts
    "unchecked",  # cannot be read by a machine; `text` says why and what to do
]
_UNSEEN = frozenset(("hidden", "covered", "deleted", "comment", "property", "cache"))


class Unreadable(Exception):
    """The file cannot be screened or cleaned; `message` says, in Chinese, what happened and what to do.

    `code` is a stable machine name, those of `gongkai.reading.ReadingError` and: covered, layers, signed, grown,
    changed (a cleaned copy did not pass its own proof).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of text inside a file.

    `place` names where it stands ("正文第3段", "工作表“名单”（隐藏）B12"). Cells of a table have the words of their column
    as `heading`, and share `row` with the other cells of their row, which stand next to them in the list.
    """

    place: str
    text: str
    kind: PartKind = "body"
    heading: str = ""
    row: str = ""

    @property
    def unseen(self) -> bool:
        """Whether a reader who just opens the file does not see this text."""
        return self.kind in _UNSEEN
