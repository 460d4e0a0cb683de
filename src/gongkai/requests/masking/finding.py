"""Finding words on pages: where a phrase stands, what may be personal data, and which boxes cover it. Nothing is written here.

A place is named by a token: `page.line.start-end`, several of them joined by `+` where it goes over line ends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.screening import KINDS, Part, screen

Line = Mapping[str, Any]
Box = tuple[int, int, int, int]
Span = tuple[int, int, int, int]
"""Page, line, start and end of signs in the line."""

LEAST, MOST_FOUND, MOST_TOKEN = 2, 2000, 60
_AROUND = 12
_PERSONAL = frozenset(KINDS) & {
    "identity", "identity_suspect", "mobile", "landline", "bank", "credit_code", "passport", "email", "messenger",
    "address", "minor", "health", "plate",
}  # fmt: skip
WHATS = frozenset({"姓名", *(KINDS[kind].removeprefix("疑似") for kind in _PERSONAL)})
_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_SPAN = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})-(\d{1,5})")
_RUN = re.compile(r"[^\s，。；：、！？（）()《》“”【】—…,;:]+")
# Long runs of Chinese signs are offered in parts; figures and Latin letters stay together.
_PIECE = re.compile(r"[0-9A-Za-z@._+*/-]{1,40}(?:[^0-9A-Za-z]{1,4}(?=$|[0-9A-Za-z]))?|[^0-9A-Za-z]{1,12}")
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}(?:·[\u3400-\u9fff]{1,6})?")
_HEADS = frozenset({"姓名", "联系人", "申请人", "户主", "法定代表人", "负责人", "经办人", "户主姓名", "人员姓名"})


@dataclass(frozen=True, slots=True)
class Found:
    """A place on the pages: its token, its first page, the words around and in it, and what they are in general."""

    token: str
    page: int
    before: str
    words: str
    after: str
    what: str = ""


# --- tokens -----------------------------------------------------------------------------------------------------------


def token_of(spans: Iterable[Span]) -> str:
    """The name of a place."""
    return "+".join(f"{page}.{line}.{start}-{end}" for page, line, start, end in spans)


def spans_of(token: str) -> list[Span]:
    """The spans of a token. Raises ValueError for anything else."""
    parts = token.split("+")
    if not 0 < len(parts) <= MOST_TOKEN:
        raise ValueError(token)
    found = []
    for part in parts:
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError(token)
        page, line, start, end = map(int, match.groups())
        found.append((page, line, start, end))
    return found


def words_of(pages: Mapping[int, Sequence[Line]], spans: Iterable[Span]) -> str:
    """What stands in a place. Raises ValueError for a place that does not exist."""
    return "".join(_line(pages, span)["text"][span[2] : span[3]] for span in spans)


def boxes_of(pages: Mapping[int, Sequence[Line]], spans: Iterable[Span]) -> list[list[int]]:
    """[page, left, top, right, bottom] of each span. Raises ValueError for a place that does not exist or has no ink."""
    found = []
    for span in spans:
        drawn = [box for box in _line(pages, span)["boxes"][span[2] : span[3]] if box]
        if drawn:
            edges = [min(box[0] for box in drawn), min(box[1] for box in drawn)]
            found.append([span[0], *edges, max(box[2] for box in drawn), max(box[3] for box in drawn)])
    if not found:
        raise ValueError("nothing is drawn there")
    return found


def _line(pages: Mapping[int, Sequence[Line]], span: Span) -> Line:
    page, number, start, end = span
    lines = pages.get(page, ())
    if not (number < len(lines) and 0 <= start < end <= len(lines[number]["text"])):
        raise ValueError(f"no place {span}")
    return lines[number]


# --- words to tick ----------------------------------------------------------------------------------------------------


def runs(page: int, lines: Sequence[Line]) -> list[list[Found]]:
    """Every line of a page as pieces that can be ticked: words between marks of punctuation, long ones in parts."""
    found = []
    for number, line in enumerate(lines):
        pieces = []
        for match in _RUN.finditer(line["text"]):
            for piece in _PIECE.finditer(match[0]):
                start, end = match.start() + piece.start(), match.start() + piece.end()
                if any(line["boxes"][start:end]):
                    token = token_of([(page, number, start, end)])
                    pieces.append(Found(token, page, "", piece[0], ""))
        if pieces:
            found.append(pieces)
    return found


# --- phrases ----------------------------------------------------------------------------------------------------------


def _folded(text: str) -> list[str]:
    return [
        sign
        for sign in unicodedata.normalize("NFKC", text).casefold()
        if not sign.isspace() and sign not in _ZERO_WIDTH
    ]


class Searched:
    """The signs of all pages in a row, without blanks and line ends, each with its place."""

    def __init__(self, pages: Mapping[int, Sequence[Line]]) -> None:
        self.pages = pages
        signs: list[str] = []
        self.places: list[tuple[int, int, int]] = []
        for page in sorted(pages):
            for number, line in enumerate(pages[page]):
                for index, sign in enumerate(line["text"]):
                    for one in _folded(sign):
                        signs.append(one)
                        self.places.append((page, number, index))
        self.text = "".join(signs)

    def find(self, words: str) -> list[Found]:
        """Every place of some words. Raises ValueError for fewer than two signs."""
        wanted = "".join(_folded(words))
        if len(wanted) < LEAST:
            raise ValueError("too short")
        found: list[Found] = []
        at = self.text.find(wanted)
        while at >= 0 and len(found) < MOST_FOUND:
            found.append(_found(self.pages, _joined(self.places[at : at + len(wanted)])))
            at = self.text.find(wanted, at + len(wanted))
        return found


def phrase(pages: Mapping[int, Sequence[Line]], words: str) -> list[Found]:
    """Every place where words stand, whatever their width, their case, and the blanks and line ends between them.

    Raises ValueError for fewer than two signs.
    """
    return Searched(pages).find(words)


def by_page(boxes: Iterable[Sequence[int]]) -> dict[int, list[Sequence[int]]]:
    """Boxes under their pages."""
    found: dict[int, list[Sequence[int]]] = {}
    for box in boxes:
        found.setdefault(box[0], []).append(box)
    return found


def covered(pages: Mapping[int, Sequence[Line]], one: Found, boxes: Mapping[int, Sequence[Sequence[int]]]) -> bool:
    """Whether every part of a place lies under a box."""
    return all(
        any(
            cover[1] <= left + 1 and cover[2] <= top + 1 and cover[3] >= right - 1 and cover[4] >= bottom - 1
            for cover in boxes.get(page, ())
        )
        for page, left, top, right, bottom in boxes_of(pages, spans_of(one.token))
    )


def uncovered(
    pages: Mapping[int, Sequence[Line]], words: Iterable[str], boxes: Mapping[int, Sequence[Sequence[int]]]
) -> list[Found]:
    """Where some words stand that no box covers."""
    searched = Searched(pages)
    found = []
    for one in words:
        if len(_folded(one)) >= LEAST:
            found += [place for place in searched.find(one) if not covered(pages, place, boxes)]
    return found


def _joined(places: Sequence[tuple[int, int, int]]) -> list[Span]:
    """Signs, one after the other, as spans."""
    spans: list[Span] = []
    for page, line, index in places:
        if spans and spans[-1][:2] == (page, line):
            spans[-1] = (page, line, spans[-1][2], max(spans[-1][3], index + 1))
        else:
            spans.append((page, line, index, index + 1))
    return spans


def _found(pages: Mapping[int, Sequence[Line]], spans: list[Span], what: str = "") -> Found:
    first, last = spans[0], spans[-1]
    start, end = pages[first[0]][first[1]]["text"], pages[last[0]][last[1]]["text"]
    return Found(
        token_of(spans),
        first[0],
        start[max(0, first[2] - _AROUND) : first[2]],
        words_of(pages, spans),
        end[last[3] : last[3] + _AROUND],
        what,
    )


# --- personal data ----------------------------------------------------------------------------------------------------


def personal(pages: Mapping[int, Sequence[Line]], allow: Sequence[str] = ()) -> list[Found]:
    """What may be personal data, in the order of the pages; telephones and the like of the office itself are allowed."""
    order = sorted(pages)
    parts = [Part(f"第{page}页", "\n".join(line["text"] for line in pages[page])) for page in order]
    found: list[Found] = []
    for hit in screen(parts, wordings=(), allow=allow):
        if hit.kind not in _PERSONAL:
            continue
        page = order[hit.index]
        spans = [
            (page, number, start, end)
            for number, start, end in _cut(pages[page], hit.start, hit.end)
            if any(pages[page][number]["boxes"][start:end])
        ]
        if spans:
            found.append(_found(pages, spans, hit.label.removeprefix("疑似")))
    for page in order:
        found += _names(page, pages)
    found.sort(key=lambda one: spans_of(one.token)[0])
    return found[:MOST_FOUND]


def _cut(lines: Sequence[Line], start: int, end: int) -> Iterable[tuple[int, int, int]]:
    """A stretch of the joined lines as (line, start, end)."""
    at = 0
    for number, line in enumerate(lines):
        length = len(line["text"])
        left, right = max(start - at, 0), min(end - at, length)
        if left < right:
            yield number, left, right
        at += length + 1
        if at >= end:
            return


def _edges(line: Line) -> Box | None:
    drawn = [box for box in line["boxes"] if box]
    if not drawn:
        return None
    left, top = min(box[0] for box in drawn), min(box[1] for box in drawn)
    return left, top, max(box[2] for box in drawn), max(box[3] for box in drawn)


def _names(page: int, pages: Mapping[int, Sequence[Line]]) -> Iterable[Found]:
    """Short words that stand in a column under a head like 姓名."""
    lines = pages[page]
    edges = [_edges(line) for line in lines]
    told = set()
    for head, line in enumerate(lines):
        top = edges[head]
        if top is None or "".join(_folded(line["text"])) not in _HEADS:
            continue
        for number, below in enumerate(lines):
            box = edges[number]
            bare = below["text"].strip()
            if box is None or number in told or box[1] <= top[1] or box[2] <= top[0] - 100 or box[0] >= top[2] + 100:
                continue
            if _NAME.fullmatch("".join(bare.split())) and "".join(bare.split()) not in _HEADS:
                told.add(number)
                start = below["text"].index(bare)
                yield _found(pages, [(page, number, start, start + len(bare))], "姓名")
