"""The words of a body, and its normal form for comparing and digests."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from gongkai.publications.body import flow
from gongkai.publications.body import runs as running
from gongkai.reading.numbering import formatted

_FORM = "gongkai-body/1"
_LIST_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body: the element it comes from, its words, and for rows of tables its cells."""

    tag: str
    cells: tuple[etree._Element, ...]
    prefix: str = ""

    @property
    def words(self) -> str:
        """The words, cells parted by tabs."""
        return self.prefix + "\t".join(words_of(cell) for cell in self.cells)


def lines(html: str) -> Iterator[Line]:
    """The lines of a sanitised body in reading order; a table gives a line for each row, a list one for each item."""
    yield from _lines(flow.parse(html))


def _lines(parent: etree._Element) -> Iterator[Line]:
    for child in parent:
        if child.tag == "table":
            for part in child.iter("caption", "tr"):
                yield Line("caption", (part,)) if part.tag == "caption" else Line("tr", tuple(part))
        elif child.tag in ("ul", "ol"):
            yield from _items(child, 0)
        elif child.tag == "blockquote":
            yield from _lines(child)
        elif child.tag != "hr":
            yield Line(child.tag, (child,))


def _items(element: etree._Element, depth: int) -> Iterator[Line]:
    start = element.get("start") or "1"
    number = int(start) if start.isdecimal() else 1
    style = _LIST_STYLES.get(element.get("type") or "1", "decimal")
    notes = element.get("class") == "notes"
    for item in element:
        sign = f"[{number}] " if notes else f"{formatted(number, style)}. " if element.tag == "ol" else "• "
        yield Line("li", (item,), "  " * min(depth, 10) + sign)
        number += 1
        for inner in item:
            if inner.tag in ("ul", "ol"):
                yield from _items(inner, depth + 1)


def words_of(element: etree._Element) -> str:
    """The words of one element; breaks as line feeds, a picture as its description, inner lists left out."""
    pieces: list[str] = []
    _collect(element, pieces)
    return "".join(pieces).strip()


def _collect(element: etree._Element, pieces: list[str]) -> None:
    pieces.append(element.text or "")
    for child in element:
        if child.tag == "br":
            pieces.append("\n")
        elif child.tag == "img":
            pieces.append(f"[图：{child.get('alt')}]" if child.get("alt") else "[图]")
        elif child.tag not in ("ul", "ol"):
            _collect(child, pieces)
            if child.tag == "span":
                # The gap after 第三条 is made by the layout, plain words need one.
                pieces.append("\u3000")
        pieces.append(child.tail or "")


def to_text(html: str) -> str:
    """The words of a sanitised body: a line for each paragraph, item and row; cells are parted by tabs."""
    result = []
    for line in lines(html):
        if line.tag == "tr":
            result.append("\t".join(words_of(cell).replace("\n", " ") for cell in line.cells))
        else:
            result.append(line.words)
    return "\n".join(result) + ("\n" if result else "")


def canonical(html: str) -> str:
    """The normal form of a sanitised body: what it says, free of how the HTML was written.

    One line for each paragraph, item and row: the element, its words (NFC, blanks folded), the spans of cells, and the targets of
    links and pictures. Two bodies with equal normal forms say the same. The first line names the form.
    """
    result = [_FORM]
    for line in lines(html):
        cells = [_normal(cell) for cell in line.cells]
        result.append(f"{line.tag}\t{line.prefix.strip()}\t" + "\t".join(cells))
    return "\n".join(result) + "\n"


def digest(html: str) -> str:
    """SHA-256 of the normal form, hexadecimal."""
    return hashlib.sha256(canonical(html).encode()).hexdigest()


def _normal(element: etree._Element) -> str:
    words = unicodedata.normalize("NFC", running.clean_text(words_of(element)))
    words = " ".join(words.replace("\t", " ").split(" ")).replace("\\", "\\\\").replace("\n", "\\n")
    targets = [f"{found.tag}={found.get('href') or found.get('src') or ''}" for found in element.iter("a", "img")]
    spans = [f"{name}={element.get(name)}" for name in ("colspan", "rowspan") if element.get(name)]
    return " ".join(filter(None, [words, *(f"<{extra}>" for extra in spans + targets)]))
