"""One long text made of all parts, so that every pattern runs once; offsets lead back to the parts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.screening.parts import Part

# Between parts, and between cells of one row. No pattern crosses the first; some look across the second.
PART_END = "\x1e"
CELL_END = "\x1f"
_ENDS = {ord(PART_END): " ", ord(CELL_END): " "}
# Full-width and mathematical forms become plain ones, sign for sign, so that every offset stays.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN[0x3000] = 0x20
_PLAIN.update({code: 0x30 + (code - 0x1D7CE) % 10 for code in range(0x1D7CE, 0x1D800)})
_PLAIN.update({code: 0x30 + code - 0x1FBF0 for code in range(0x1FBF0, 0x1FBFA)})
_PLAIN.update({code: 0x30 + code - 0x0660 for code in range(0x0660, 0x066A)})
_PLAIN.update({ord(sign): ord("-") for sign in "‐‑‒–—―−﹣"})


def fold(text: str) -> str:
    """Digits, letters and signs in their plain width; the length does not change."""
    return text.translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Joined:
    """All parts in one text (`folded`: in plain width); `starts` are the offsets of the parts."""

    parts: Sequence[Part]
    text: str
    folded: str
    starts: list[int]

    def locate(self, start: int, end: int) -> tuple[int, int, int]:
        """The part that a stretch begins in, and the stretch inside it."""
        index = bisect_right(self.starts, start) - 1
        offset = self.starts[index]
        return index, start - offset, min(end - offset, len(self.parts[index].text))

    def heading_at(self, start: int) -> str:
        """The heading of the column that an offset stands in, or nothing."""
        return self.parts[bisect_right(self.starts, start) - 1].heading

    def before(self, start: int, length: int = 14) -> str:
        """What stands before an offset in its part (plain width); at the start of a cell, the column's heading."""
        index = bisect_right(self.starts, start) - 1
        left = max(self.starts[index], start - length)
        words = self.folded[left:start]
        heading = self.parts[index].heading
        return f"{fold(heading)}:{words}" if heading and left == self.starts[index] else words


def join(parts: Sequence[Part]) -> Joined:
    """Put all parts into one text."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for index, part in enumerate(parts):
        if index:
            same_row = part.row and part.row == parts[index - 1].row
            pieces.append(CELL_END if same_row else PART_END)
            length += 1
        starts.append(length)
        text = "" if part.kind == "unchecked" else part.text.translate(_ENDS)
        if len(text) != len(part.text):  # unchecked: nothing to look through
            text = " " * len(part.text)
        pieces.append(text)
        length += len(text)
    joined = "".join(pieces)
    return Joined(parts, joined, fold(joined), starts)
