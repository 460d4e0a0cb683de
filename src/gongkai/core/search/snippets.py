"""Marks in titles and texts: what was sought is found again in the text as it was written, and everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from django.utils.html import escape
from django.utils.safestring import SafeString

from gongkai.core.search import text as texts
from gongkai.core.search.query import Clause

LENGTH = 110
_LEAD = 24
_BRACKETS = str.maketrans("[(【﹝", "〔〔〔〔") | str.maketrans("])】﹞", "〕〕〕〕")


class Marker:
    """Finds what a query sought. Made once for a list of hits."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        needles = {
            tuple(phrase) for clause in clauses for way in clause.alternatives for phrase in way.phrases if phrase
        }
        patterns = [_pattern(phrase) for phrase in sorted(needles, key=lambda phrase: -len("".join(phrase)))]
        self.sought = re.compile("|".join(patterns)) if patterns else None

    def mark(self, text: str) -> SafeString:
        """The whole text, escaped, with marks."""
        return _marked(text, self.places(text))

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a short text."""
        if self.sought is None or not text:
            return []
        folded, origin = _folded(text)
        return [
            (origin[match.start()], origin[match.end() - 1] + 1)
            for match in self.sought.finditer(folded)
            if match.end() > match.start()
        ]

    def count(self, text: str) -> int:
        """How often in a long text."""
        if self.sought is None:
            return 0
        return sum(1 for _ in self.sought.finditer(texts.fold(text)))

    def snippet(self, body: str) -> SafeString:
        """The place of a text that says most about the query, escaped, with marks; its beginning when nothing is found."""
        if self.sought is not None:
            place = self._best_place(body)
            if place is not None:
                return self._around(*place)
        start = " ".join(body[: LENGTH * 2].split())
        return SafeString(escape(start[:LENGTH]) + ("……" if len(body) > LENGTH else ""))

    def _best_place(self, body: str) -> tuple[str, int] | None:
        """The line that holds most of what was sought, and about where in it."""
        # Most texts are written as they are sought: then the text itself is searched, without folding it.
        lines: dict[int, tuple[set[str], int]] = {}
        for match in islice(self.sought.finditer(body), 100) if self.sought else ():
            start = body.rfind("\n", 0, match.start()) + 1
            found, at = lines.get(start, (set(), match.start() - start))
            lines[start] = (found | {match.group()}, at)
        if lines:
            start, (_, at) = max(lines.items(), key=lambda item: (len(item[1][0]), -item[0]))
            end = body.find("\n", start)
            return body[start : end if end >= 0 else len(body)], at
        if self.sought is None or self.sought.search(texts.fold(body)) is None:
            return None
        for line in body.split("\n"):
            first = self.sought.search(texts.fold(line))
            if first:
                found_at = self.places(line)
                return line, found_at[0][0] if found_at else first.start()
        return None

    def _around(self, line: str, at: int) -> SafeString:
        start = max(0, at - _LEAD)
        # Rather begin with the sentence, if it begins close by.
        for sign in "。；！？":
            place = line.rfind(sign, max(0, at - 2 * _LEAD), at)
            start = max(start, place + 1) if place >= 0 else start
        end = min(len(line), start + LENGTH)
        text = self.mark(" ".join(line[start:end].split()))
        return SafeString(("……" if start else "") + text + ("……" if end < len(line) else ""))


def _pattern(phrase: tuple[str, ...]) -> str:
    """A phrase as a pattern over folded text: blanks between letters are allowed, words are not cut."""
    pattern = re.escape("".join(phrase))
    if phrase[0][0].isascii():
        pattern = rf"(?<![a-z0-9]){pattern}"
    return rf"{pattern}(?![a-z0-9])" if phrase[-1][-1].isascii() else pattern


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text without blanks between signs, and for each of its signs the place it came from."""
    folded: list[str] = []
    origin: list[int] = []
    table = texts.table()
    for place, sign in enumerate(text):
        new = sign.translate(table).translate(_BRACKETS)
        if new.isspace() and not (folded and folded[-1].isascii()):
            continue
        for part in new:
            folded.append(part)
            origin.append(place)
    return "".join(folded), origin


def _marked(text: str, places: list[tuple[int, int]]) -> SafeString:
    parts: list[str] = []
    at = 0
    for start, end in places:
        if start < at:
            continue
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    parts.append(escape(text[at:]))
    return SafeString("".join(parts))
