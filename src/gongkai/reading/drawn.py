"""Tables drawn with lines (┌─┬─┐ or +---+) in plain text, as cells again: wrapped words joined, merged cells found."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from gongkai.reading.builder import RawCell

_LEVEL = "─━═┄┅┈┉╌╍=-"
_UPRIGHT = "│┃║┆┇┊┋|"
_CORNERS = "".join(chr(code) for code in (*range(0x250C, 0x254C), *range(0x2552, 0x256D))) + "+"
_EDGE = f"[{re.escape(_UPRIGHT + _CORNERS)}]"
_FRAME = re.compile(rf"[{re.escape(_CORNERS)}][{re.escape(_LEVEL + _CORNERS)}]{{2,}}")
_DRAWN = re.compile(rf"{_EDGE}.*{_EDGE}")
_UNIT_END = re.compile("[局办心室科处所站]$")
_UNIT_START = re.compile("[各省市区县镇乡]")
_NUMBER = re.compile(r"[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）.、]?")


@dataclass(slots=True)
class _Piece:
    """What stands between two upright lines in one line of the text."""

    words: str
    first: int
    last: int  # covers the columns from `first` up to, not including, `last`

    @property
    def is_frame(self) -> bool:
        return len(self.words) > 1 and all(character in _LEVEL for character in self.words)


@dataclass(slots=True)
class _Cell:
    """A cell that is being read."""

    row: int
    column: int
    columns: int
    words: str = ""
    room: int = 0  # half characters left behind the last words

    def add(self, words: str) -> None:
        """Go on with the words of the next line: joined where the line above was full."""
        text = words.strip()
        if not text:
            return
        joined = self.words and self.room <= 3 and self.words[-1] not in "。；;" and not _lists(self.words, text)
        self.words += text if joined or not self.words else f"\n{text}"
        self.room = _width(words.rstrip("\n")) - _width(words.rstrip())


def _lists(above: str, below: str) -> bool:
    """Whether two lines name units, one below the other."""
    last = re.split("[、，,;；\n]", above)[-1]
    return last[:1] == below[0] or bool(_UNIT_END.search(last) and _UNIT_START.match(below))


@dataclass(slots=True)
class _Table:
    width: int
    row: int = 0
    open: dict[int, _Cell] = field(default_factory=dict)
    done: list[RawCell] = field(default_factory=list)

    def close(self, columns: set[int]) -> None:
        """A level line below these columns ends their cells."""
        if not self.open:
            return
        for column in [column for column, cell in self.open.items() if column in columns]:
            cell = self.open.pop(column)
            self.done.append(RawCell(cell.words, cell.row, column, self.row - cell.row + 1, cell.columns))
        self.row += 1

    def level(self, pieces: list[_Piece]) -> None:
        """A level line; where it leaves a gap, the cell above goes on below."""
        self.close({column for one in pieces if one.is_frame for column in range(one.first, one.last)})
        for piece in pieces:
            if not piece.is_frame and piece.first in self.open:
                self.open[piece.first].add(piece.words)

    def line(self, pieces: list[_Piece], *, whole: bool) -> None:
        """A line of words; `whole` where lines and rows are the same."""
        number = _NUMBER.fullmatch(pieces[0].words.strip()) and 0 in self.open
        if (number and _NUMBER.fullmatch(self.open[0].words)) or whole:
            self.close(set(range(self.width)))
        for piece in pieces:
            if piece.first not in self.open:
                self.open[piece.first] = _Cell(self.row, piece.first, piece.last - piece.first)
            self.open[piece.first].add(piece.words)


def find_drawn(lines: list[str]) -> list[tuple[int, int]]:
    """The runs of lines (first, behind the last) that draw a table: at least two level lines and two with words."""
    runs: list[tuple[int, int]] = []
    first = None
    for index, line in enumerate([*lines, "-"]):
        if _DRAWN.fullmatch(line.strip()):
            first = index if first is None else first
        elif first is not None and line.strip():
            drawn = [one.strip() for one in lines[first:index] if one.strip()]
            frames = sum(bool(_FRAME.fullmatch(one)) for one in drawn)
            if frames >= 2 and len(drawn) - frames >= 2:
                runs.append((first, index))
            first = None
    return runs


def cells_of(lines: list[str]) -> list[RawCell]:
    """The cells of one drawn table, given its lines."""
    lines = [line.strip() for line in lines if line.strip()]
    edges = [_edges(line) for line in lines]
    full = [share for _, share in max(edges, key=len)]
    table = _Table(len(full) - 1)
    read = [_pieces(line, own, full) for line, own in zip(lines, edges, strict=True)]
    levels = [any(piece.is_frame for piece in pieces) for pieces in read]
    bare = sum(levels) <= 3 and not any(
        _NUMBER.fullmatch(pieces[0].words.strip()) for pieces in read[1:] if pieces and not pieces[0].is_frame
    )
    for pieces, is_level in zip(read, levels, strict=True):
        if is_level:
            table.level(pieces)
        elif pieces:
            table.line(pieces, whole=bare and all(piece.words.strip() for piece in pieces))
    table.close(set(range(table.width)))
    return table.done


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _edges(line: str) -> list[tuple[int, float]]:
    """The upright lines in a line: offset, and how far along the width of the line."""
    total = max(1, _width(line) - 1)
    result, position = [], 0
    for offset, character in enumerate(line):
        if character in _UPRIGHT or character in _CORNERS:
            result.append((offset, position / total))
        position += _width(character)
    return result


def _pieces(line: str, edges: list[tuple[int, float]], full: list[float]) -> list[_Piece]:
    """The pieces of a line with the columns they cover; fewer edges than columns mean merged cells."""
    columns = list(range(len(full)))
    if len(edges) != len(full):
        columns = [min(range(len(full)), key=lambda index: abs(full[index] - share)) for _, share in edges]
    return [
        _Piece(line[edges[one][0] + 1 : edges[one + 1][0]], columns[one], columns[one + 1])
        for one in range(len(edges) - 1)
        if columns[one + 1] > columns[one]
    ]
