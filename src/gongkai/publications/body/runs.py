"""Running words of a paragraph: pieces of text with their marks, and the HTML of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

# The order in which marks are nested; the same words always give the same HTML.
MARKS = ("strong", "em", "u", "s", "sub", "sup")
_NUL_AND_HALVES = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_BLANKS = re.compile("[ \t\r\n\x0b\x0c\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]+")
_LOOSE_BLANKS = re.compile(_BLANKS.pattern.replace("\xa0", ""))
_MANY_FIELDS = re.compile("\xa0{61,}")
_EDGE = " \u3000\t"
_ARTICLE_NUMBER = "第[0-9０-９零〇一二三四五六七八九十百千]{1,9}条(?:之[一二三四五六七八九十]{1,3})?"
_ARTICLE = re.compile(rf"({_ARTICLE_NUMBER})(?:[ \u3000]+|(?![第款项规的、和至及或所中之与，,（(以]))(?=.)")
ARTICLE_ALONE = re.compile(_ARTICLE_NUMBER)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image within the words; width and height in CSS pixels, empty where unknown."""

    source: str
    alt: str = ""
    width: str = ""
    height: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text with equal marks; "\\n" is a line break. `number` says that it is the 第三条 of its paragraph."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""
    picture: Picture | None = None
    number: bool = False


def clean_text(text: str) -> str:
    """Text without characters that are never seen (controls, direction marks, half surrogates)."""
    return _NUL_AND_HALVES.sub("", text)


def tidy(runs: Iterable[Run]) -> list[Run]:
    """Fold blanks, join what has equal marks, trim the ends of every line; underlined blanks are fields to fill in and stay."""
    folded: list[Run] = []
    for run in runs:
        if run.picture is not None or run.text == "\n":
            folded.append(run)
            continue
        text = clean_text(run.text)
        if "u" not in run.marks:
            text = _BLANKS.sub(" ", text)
        elif text.strip(_EDGE + "\r\n\xa0"):
            text = _LOOSE_BLANKS.sub(" ", text)
        else:
            text = "\xa0" * len(text)
        if not text:
            continue
        if run.number:
            run = replace(run, number=not folded and bool(ARTICLE_ALONE.fullmatch(text.strip(_EDGE))))
        last = folded[-1] if folded else None
        if last is not None and last.picture is None and last.text != "\n" and _alike(last, run):
            folded[-1] = replace(last, text=last.text + text if last.text[-1] != " " else last.text + text.lstrip(" "))
        else:
            folded.append(replace(run, text=text))
    return _trimmed([replace(run, text=_MANY_FIELDS.sub("\xa0" * 60, run.text)) for run in folded])


def _alike(one: Run, other: Run) -> bool:
    return (one.marks, one.href, one.number) == (other.marks, other.href, other.number)


def _trimmed(runs: list[Run]) -> list[Run]:
    """No blanks at the ends of lines, no empty lines at the ends of the paragraph."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        if run.text == "\n" and run.picture is None:
            lines.append([])
        else:
            lines[-1].append(run)
    kept = [_line(line) for line in lines]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    result: list[Run] = []
    for number, line in enumerate(kept):
        if number:
            result.append(Run("\n"))
        result.extend(line)
    return result


def _line(line: list[Run]) -> list[Run]:
    while line and line[0].picture is None and not line[0].text.lstrip(_EDGE):
        line = line[1:]
    while line and line[-1].picture is None and not line[-1].text.rstrip(_EDGE):
        line = line[:-1]
    if line and line[0].picture is None:
        line = [replace(line[0], text=line[0].text.lstrip(_EDGE)), *line[1:]]
    if line and line[-1].picture is None:
        line = [*line[:-1], replace(line[-1], text=line[-1].text.rstrip(_EDGE))]
    return line


def words(runs: Iterable[Run]) -> str:
    """The words alone; a line break is a line feed."""
    return "".join(run.text for run in runs if run.picture is None)


def number_article(runs: list[Run]) -> list[Run]:
    """Set the 第三条 that opens a paragraph apart from its words."""
    if not runs or runs[0].picture is not None:
        return runs
    first = runs[0]
    if first.number and ARTICLE_ALONE.fullmatch(first.text.strip(_EDGE)) and len(runs) > 1:
        rest = runs[1:]
        if rest[0].picture is None and rest[0].text != "\n":
            rest = [replace(rest[0], text=rest[0].text.lstrip(_EDGE), number=False), *rest[1:]]
        return [Run(first.text.strip(_EDGE), number=True), *_plain(rest)]
    joined = words(runs[:3])
    match = _ARTICLE.match(joined)
    if match is None or len(first.text) < len(match[1]):
        return _plain(runs)
    left = len(match.group(0))
    rest = []
    for run in runs:
        if left and run.picture is None:
            cut = min(left, len(run.text))
            left -= cut
            run = replace(run, text=run.text[cut:])
        if run.text or run.picture is not None:
            rest.append(run)
    return [Run(match[1], number=True), *_plain(rest)] if rest else _plain(runs)


def _plain(runs: list[Run]) -> list[Run]:
    return [replace(run, number=False) if run.number else run for run in runs]


def render(runs: Iterable[Run]) -> str:
    """The HTML of a line of runs; every word is escaped."""
    pieces = []
    for href, linked in groupby(runs, key=lambda run: run.href):
        inner = "".join(_one(run) for run in linked)
        if href and inner:
            kind = ' class="ref"' if href.startswith("#n") else ""
            inner = f'<a{kind} href="{escape(href)}">{inner}</a>'
        pieces.append(inner)
    return "".join(pieces)


def _one(run: Run) -> str:
    if run.picture is not None:
        picture = run.picture
        size = "".join(
            f' {name}="{value}"' for name, value in (("width", picture.width), ("height", picture.height)) if value
        )
        return f'<img src="{escape(picture.source)}" alt="{escape(picture.alt)}"{size}>'
    if run.text == "\n":
        return "<br>"
    inner = escape(run.text, quote=False)
    if run.number:
        return f'<span class="no">{inner}</span>'
    for mark in reversed(MARKS):
        if mark in run.marks:
            inner = f"<{mark}>{inner}</{mark}>"
    return inner
