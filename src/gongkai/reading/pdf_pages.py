"""Take lines and ruled tables off the pages of a PDF file, in a process of its own.

A PDF from a stranger can pack gigabytes into a page or keep a parser busy for ever, and no library stops by itself.
So this module runs as `python -m gongkai.reading.pdf_pages`, with a ceiling on memory, and is killed when time is up:
the order (one line of JSON) and the file come in on standard input, the pages go out as JSON.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import Any

_BASE_MEMORY = 768 * 1024**2
# Gaps that count as a space, in parts of the size of the type; Chinese lines are often stretched to the margin.
_WORD_GAP = 0.3
_HAN_GAP = 0.9


@dataclass(slots=True)
class Line:
    """A line of text; measures in points from the top left corner of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


@dataclass(slots=True)
class PageCell:
    """A cell of a ruled table, its lines from top to bottom."""

    row: int
    column: int
    rowspan: int
    colspan: int
    width: float
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class PageTable:
    """A ruled table on one page; `edges` are the x positions of its column lines."""

    top: float
    bottom: float
    edges: list[float]
    cells: list[PageCell]


@dataclass(slots=True)
class Page:
    """What stands on one page."""

    width: float
    height: float
    lines: list[Line]
    tables: list[PageTable]
    images: int
    characters: int
    unreadable: int


def extract(data: bytes, most_pages: int, most_characters: int) -> dict[str, Any]:
    """The pages of a file as plain data, or `{"error": code}`."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    pages: list[dict[str, Any]] = []
    total = 0
    try:
        with pdfplumber.open(BytesIO(data)) as file:
            if len(file.pages) > most_pages:
                return {"error": "pages"}
            for page in file.pages:
                read = page_of(page)
                total += read.characters
                if total > most_characters:
                    return {"error": "characters"}
                pages.append(asdict(read))
                page.close()
    except (PDFPasswordIncorrect, PDFEncryptionError):
        return {"error": "encrypted"}
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        locked = isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError)
        return {"error": "encrypted" if locked else "damaged"}
    except MemoryError:
        return {"error": "memory"}
    except Exception:  # whatever a stranger's file does to the parser
        return {"error": "damaged"}
    return {"pages": pages}


def page_of(page: Any) -> Page:
    """Read one page of pdfplumber."""
    _spare_detail(page)
    characters = [c for c in page.chars if c["text"]]
    upright = [c for c in characters if c.get("upright", True)]
    # Slanted characters are watermarks, as long as they are few.
    shown = upright if len(upright) * 2 >= len(characters) else characters
    found = page.find_tables({"explicit_horizontal_lines": _open_ends(page.edges)}) if shown else []
    tables = [table for table in map(_table, found) if table is not None]
    outside = _sort_into(tables, shown)
    return Page(
        float(page.width),
        float(page.height),
        lines_of(outside),
        [table for table, _ in tables],
        len(page.images),
        sum(not c["text"].isspace() for c in shown),
        sum(c["text"].startswith("(cid:") or c["text"] == "\ufffd" for c in shown),
    )


def _spare_detail(page: Any) -> None:
    """Let pdfplumber note of a character only what is needed here; colours and fonts would take half the time."""
    from pdfminer.layout import LTChar

    whole = page.process_object
    left, top = page.mediabox[:2]

    def process(item: Any) -> dict[str, Any]:
        if not isinstance(item, LTChar):
            result: dict[str, Any] = whole(item)
            return result
        return {
            "object_type": "char",
            "text": item.get_text(),
            "x0": item.x0 + left,
            "x1": item.x1 + left,
            "top": page.height - item.y1 + top,
            "bottom": page.height - item.y0 + top,
            "height": item.height,
            "size": item.size,
            "upright": item.upright and not _is_slanted(item.matrix),
        }

    page.process_object = process


def _is_slanted(matrix: tuple[float, ...]) -> bool:
    """Whether the line of writing is neither level nor upright, as watermarks are."""
    across, up = abs(matrix[0]), abs(matrix[1])
    return min(across, up) > 0.1 * max(across, up)


def _open_ends(edges: list[Any]) -> list[float]:
    """Heights where three or more upright lines end in the open: a row that the page break cut has no line there."""
    level = sorted(edge["top"] for edge in edges if edge["orientation"] == "h")
    ends: dict[int, tuple[float, set[int]]] = {}
    for edge in edges:
        if edge["orientation"] == "v":
            for height in (edge["top"], edge["bottom"]):
                ends.setdefault(round(height), (height, set()))[1].add(round(edge["x0"] / 3))
    return [
        height
        for height, columns in ends.values()
        if len(columns) >= 3 and not (level and abs(level[_nearest(level, height)] - height) < 3)
    ]


_Boxes = list[tuple[PageCell, float, float, float, float]]


def _table(found: Any) -> tuple[PageTable, _Boxes] | None:
    """The grid of a table; one with a single column is a frame, not a table."""
    boxes = [tuple(map(float, box)) for box in found.cells if box]
    columns = _edges([x for box in boxes for x in (box[0], box[2])])
    rows = _edges([y for box in boxes for y in (box[1], box[3])])
    if len(columns) < 3 or not boxes:
        return None
    table = PageTable(rows[0], rows[-1], columns, [])
    placed: _Boxes = []
    for x0, top, x1, bottom in boxes:
        row, column = _nearest(rows, top), _nearest(columns, x0)
        rowspan = max(1, _nearest(rows, bottom) - row)
        colspan = max(1, _nearest(columns, x1) - column)
        cell = PageCell(row, column, rowspan, colspan, x1 - x0)
        table.cells.append(cell)
        placed.append((cell, x0, top, x1, bottom))
    return table, placed


def _edges(positions: list[float]) -> list[float]:
    """Positions that lie within three points of each other are one ruled line."""
    result: list[float] = []
    for position in sorted(positions):
        if not result or position - result[-1] > 3:
            result.append(position)
    return result


def _nearest(edges: list[float], position: float) -> int:
    index = bisect_left(edges, position)
    candidates = [i for i in (index - 1, index) if 0 <= i < len(edges)]
    return min(candidates, key=lambda i: abs(edges[i] - position))


def _sort_into(tables: list[tuple[PageTable, _Boxes]], characters: list[Any]) -> list[Any]:
    """Give every character to the cell that it stands in; returns those that stand in none."""
    outside: list[Any] = []
    inside: dict[int, tuple[PageCell, list[Any]]] = {}
    for character in characters:
        x = (character["x0"] + character["x1"]) / 2
        y = (character["top"] + character["bottom"]) / 2
        cell = next(
            (cell for table, boxes in tables if table.top <= y <= table.bottom for cell in _at(boxes, x, y)), None
        )
        if cell is None:
            outside.append(character)
        else:
            inside.setdefault(id(cell), (cell, []))[1].append(character)
    for cell, own in inside.values():
        cell.lines = lines_of(own)
    return outside


def _at(boxes: _Boxes, x: float, y: float) -> list[PageCell]:
    return [cell for cell, x0, top, x1, bottom in boxes if x0 <= x <= x1 and top <= y <= bottom]


def lines_of(characters: list[Any]) -> list[Line]:
    """Put characters together to lines, from top to bottom."""
    rows: list[list[Any]] = []
    middle = height = 0.0
    for character in sorted(characters, key=lambda c: ((c["top"] + c["bottom"]) / 2, c["x0"])):
        centre = (character["top"] + character["bottom"]) / 2
        if not rows or centre - middle > 0.45 * max(height, character["height"]):
            rows.append([])
            middle, height = centre, character["height"]
        rows[-1].append(character)
    return [line for line in map(_line, rows) if line is not None]


def _line(characters: list[Any]) -> Line | None:
    characters.sort(key=lambda c: c["x0"])
    words: list[str] = []
    last: Any = None
    for character in characters:
        if last is not None:
            if character["text"] == last["text"] and abs(character["x0"] - last["x0"]) < 0.15 * character["size"]:
                continue  # bold made by printing twice
            gap = character["x0"] - last["x1"]
            latin = character["text"].isascii() and last["text"].isascii()
            if gap > (_WORD_GAP if latin else _HAN_GAP) * character["size"]:
                words.append(" ")
        words.append(character["text"])
        last = character
    text = "".join(words).strip()
    if not text:
        return None
    visible = [c for c in characters if not c["text"].isspace()]
    return Line(
        text,
        float(visible[0]["x0"]),
        float(max(c["x1"] for c in visible)),
        float(min(c["top"] for c in visible)),
        float(max(c["bottom"] for c in visible)),
        float(sorted(c["size"] for c in visible)[len(visible) // 2]),
    )


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # not every system has it
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    _limit_memory(_BASE_MEMORY + 4 * int(order["bytes"]))
    answer = extract(sys.stdin.buffer.read(), int(order["pages"]), int(order["characters"]))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    _main()
