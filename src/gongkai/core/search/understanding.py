"""From what somebody typed to a question for the index: phrases, numbers, dates, words that mean the same."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gongkai.core.search import numbers
from gongkai.core.search import text as texts
from gongkai.core.search.query import Alternative, Clause

LONGEST = 100
MOST_CLAUSES = 12
MOST_ALTERNATIVES = 6
MOST_WORDS = 8
# Words that say nothing about what is sought; left out when a question is taken apart.
EMPTY_WORDS = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "及",
        "或",
        "在",
        "是",
        "有",
        "我",
        "你",
        "怎么",
        "怎样",
        "如何",
        "什么",
        "哪里",
        "哪些",
        "哪个",
        "多少",
        "是否",
        "可以",
        "能不能",
        "请问",
        "关于",
        "一下",
        "需要",
        "办理",
        "吗",
        "呢",
        "为什么",
    ]
)
_QUOTED = re.compile(r"[\"“”「」『』]([^\"“”「」『』]+)[\"“”「」『』]")
_DAY = re.compile(r"((?:19|20)\d\d)(?:年|[-/.])(\d{1,2})(?:(?:月|[-/.])(?:(\d{1,2})日?)?)?")


@dataclass(frozen=True, slots=True)
class Understood:
    """What was typed, understood.

    Attributes:
        text: what was typed, tidied and cut to a sensible length.
        folded: the same, folded.
        cut: something had to be cut off.
        clauses: all must be satisfied.
        words: words that rank.
        expansions: words that are looked for as well, to be said openly.
        number: the document number that was recognised, well written.
    """

    text: str
    folded: str
    cut: bool
    clauses: tuple[Clause, ...]
    words: tuple[str, ...]
    expansions: tuple[str, ...]
    number: str = ""


def tidy(text: str) -> str:
    """One line without control signs."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: LONGEST * 20]).split())


def understand(typed: str, synonyms: Mapping[str, tuple[str, ...]], *, exact: bool = False) -> Understood:
    """Read a query. Never fails: whatever cannot be read is a phrase.

    Args:
        typed: as it came.
        synonyms: folded word -> words that mean the same.
        exact: take the words as they are, without anything that means the same.
    """
    whole = tidy(typed)
    text = whole[:LONGEST]
    folded = texts.fold(text).strip()
    clauses: list[Clause] = []
    expansions: dict[str, None] = {}
    number = numbers.wish(folded)
    if number:
        clauses.append(_number(folded, number))
    else:
        for piece, quoted in _pieces(text):
            clauses += _read(piece, quoted, {} if exact or quoted else synonyms, expansions)
    words = [word for word in texts.words(texts.runs(folded)) if len(word) > 1 or word.isascii()]
    return Understood(
        text=text,
        folded=folded,
        cut=len(whole) > LONGEST,
        clauses=tuple(clauses[:MOST_CLAUSES]),
        words=tuple(dict.fromkeys(words))[:MOST_WORDS],
        expansions=tuple(expansions),
        number=number.words if number and number.code and number.year else "",
    )


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Parts between blanks, and parts in quotation marks, which stay whole."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _QUOTED.finditer(text):
        pieces += [(part, False) for part in texts.fold(text[end : match.start()]).split()]
        pieces.append((texts.fold(match.group(1)), True))
        end = match.end()
    return pieces + [(part, False) for part in texts.fold(text[end:]).split()]


def _read(
    piece: str, quoted: bool, synonyms: Mapping[str, tuple[str, ...]], expansions: dict[str, None]
) -> list[Clause]:
    if quoted:
        phrases = phrases_of(piece)
        return [Clause((Alternative(phrases),))] if phrases else []
    number = numbers.wish(piece)
    if number and number.year:
        return [_number(piece, number)]
    day = _DAY.fullmatch(piece)
    if day:
        return [_day(piece, day)]
    return [_word(run, synonyms, expansions) for run in texts.runs(piece)]


def phrases_of(folded: str) -> tuple[tuple[str, ...], ...]:
    """The runs of a folded text as rows of atoms."""
    return tuple(tuple(texts.atoms(run)) for run in texts.runs(folded))


def _number(folded: str, number: numbers.NumberWish) -> Clause:
    """A document number: as number, as it was typed, and as it may stand in a text."""
    ways = [Alternative(phrases_of(folded)), Alternative(number=number.token)]
    written = [number.words]
    if number.year and not number.code:
        written.append(f"{number.year}年{number.serial}号")
    ways += [Alternative(phrases_of(texts.fold(words))) for words in written]
    return Clause(tuple(dict.fromkeys(way for way in ways if way.phrases or way.number)))


def _day(piece: str, match: re.Match[str]) -> Clause:
    """A day or a month: what is dated so, and what names it, with or without leading zeros."""
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
    ways = [Alternative(phrases_of(piece))]
    try:
        dt.date(year, month, day or 1)
    except ValueError:
        return Clause(tuple(ways))
    for spelled in ("{}年{}月", "{}年{:02d}月"):
        written = spelled.format(year, month)
        if day:
            written += f"{day}日" if spelled == "{}年{}月" else f"{day:02d}日"
        ways.append(Alternative(phrases_of(written)))
    first = year * 10000 + month * 100
    ways.append(Alternative(days=(first + day, first + (day or 31))))
    return Clause(tuple(dict.fromkeys(ways)))


def _word(run: str, synonyms: Mapping[str, tuple[str, ...]], expansions: dict[str, None]) -> Clause:
    ways = [Alternative((tuple(texts.atoms(run)),))]
    tried = [run]
    for start, end in _known(run, synonyms):
        word = run[start:end]
        for other in synonyms[word]:
            folded = texts.fold(other).strip()
            changed = run[:start] + folded + run[end:]
            # What holds a phrase that is already looked for finds nothing new, 住房公积金 for 公积金.
            if any(phrase in changed for phrase in tried) or (word in folded and folded in run):
                continue
            tried.append(changed)
            if len(ways) < MOST_ALTERNATIVES:
                ways.append(Alternative(phrases_of(changed)))
                expansions[other] = None
    return Clause(tuple(ways))


def _known(run: str, synonyms: Mapping[str, tuple[str, ...]]) -> list[tuple[int, int]]:
    """Where words of the table stand in a run; the longest first, none inside another, none across a word's edge."""
    if not synonyms:
        return []
    places = [
        (start, end)
        for length in range(min(len(run), 40), 1, -1)
        for start in range(len(run) - length + 1)
        if run[start : (end := start + length)] in synonyms
    ]
    edges = {0, len(run)}
    at = 0
    for word in _cut(run):
        at += len(word)
        edges.add(at)
    taken: list[tuple[int, int]] = []
    for start, end in places:
        inside = any(start < other_end and other_start < end for other_start, other_end in taken)
        if not inside and (end - start > 2 or (start in edges and end in edges)):
            taken.append((start, end))
    return taken


def _cut(run: str) -> list[str]:
    import rjieba

    return rjieba.cut(run)


def loosened(understood: Understood, synonyms: Mapping[str, tuple[str, ...]]) -> tuple[Clause, ...]:
    """The query taken apart into words, each of which may stand anywhere; empty when there is nothing to take apart."""
    if not understood.clauses:
        return ()
    found: dict[str, Clause] = {}
    for run in texts.runs(understood.folded):
        for word in _cut(run):
            if word not in EMPTY_WORDS and (len(word) > 1 or word.isascii()):
                found.setdefault(word, _word(word, synonyms, {}))
    clauses = tuple(found.values())[:MOST_CLAUSES]
    return clauses if len(clauses) > 1 else ()
