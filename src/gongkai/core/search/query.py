"""What the index is asked, and what it answers."""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gongkai.core.search.documents import SearchDocument

FACETS = ("validity", "category", "unit", "year", "subject")


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks. There is no search without one; it becomes part of the question, never a sieve over answers.

    `owners`: units whose documents may be found; None means all but `not_owners`.
    `shared`: units whose shared documents may be found.
    """

    public_only: bool = True
    owners: frozenset[int] | None = frozenset()
    not_owners: frozenset[int] = frozenset()
    shared: frozenset[int] = frozenset()


PUBLIC = Scope()


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a clause: all phrases (rows of atoms), or a number, or a date within days."""

    phrases: tuple[tuple[str, ...], ...] = ()
    number: str = ""
    days: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the query, satisfied by any of its alternatives; the first is what was typed."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index.

    Attributes:
        clauses: all must be satisfied, or at least `least` of them.
        words: words that rank (not required).
        preferred: what was typed, when `clauses` are its parts: documents that satisfy all of it come first.
        title: the folded query, to put a document of just this title first.
        scope: who asks.
        filters: facet -> wanted value.
        by_day: newest first instead of best first.
        hidden: keys that must not appear, whatever the index holds.
    """

    clauses: tuple[Clause, ...]
    scope: Scope
    words: tuple[str, ...] = ()
    title: str = ""
    least: int | None = None
    filters: tuple[tuple[str, str | int], ...] = ()
    by_day: bool = False
    offset: int = 0
    limit: int = 10
    facets: bool = True
    hidden: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    preferred: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: what was stored of the document."""

    source: str
    pk: int
    stored: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """All answers together. A facet that is filtered by counts as if it were not, so that one can change it."""

    total: int
    found: list[Found] = field(default_factory=list)
    facets: dict[str, list[tuple[str | int, int]]] = field(default_factory=dict)


class IndexBusyError(Exception):
    """Another process is writing to the index; try again later."""


class SearchIndex(ABC):
    """An index of documents. Both implementations pass the same tests."""

    @abstractmethod
    def update(self, documents: Iterable[SearchDocument], removed: Iterable[tuple[str, int]] = ()) -> None:
        """Put documents in, in place of older ones of the same key, and drop others; visible when it returns.

        Raises:
            IndexBusyError: another process writes.
        """

    @abstractmethod
    def search(self, query: Query) -> Answer:
        """The documents that satisfy the query, with their exact number and facets."""

    @abstractmethod
    def titles(self, phrase: Sequence[str], scope: Scope, limit: int, hidden: Sequence[str] = ()) -> list[str]:
        """Titles that contain the atoms in a row, the newest first."""

    @abstractmethod
    def fingerprints(self) -> Iterator[tuple[str, int, int]]:
        """(source, pk, digest) of every document; sources that are not registered come as empty text."""

    @abstractmethod
    def rebuild(self, documents: Iterable[SearchDocument], sample: Sequence[SearchDocument] | None = None) -> int:
        """Make the index anew from all documents, then put it in place of the old one; returns how many.

        `sample`: some that are like the rest; the first of all without it.
        """

    def outgrown(self) -> bool:
        """Whether it should be made anew, because it was made for far fewer documents."""
        return False

    @abstractmethod
    def exists(self) -> bool:
        """Whether it was ever built."""

    @abstractmethod
    def drop_unknown(self) -> None:
        """Drop documents of sources that are not registered any more."""


def day_number(day: dt.date | None) -> int:
    """A date as a whole number such as 20261122; 0 without one."""
    return day.year * 10000 + day.month * 100 + day.day if day else 0


# The snippet is cut from so much of a body, and hits counted in so much of a file.
STORED_OF_A_BODY = 100_000
STORED_OF_A_FILE = 60_000
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def shown(text: str) -> str:
    """Text without control signs and lone surrogates, as it can be stored anywhere."""
    return _CONTROLS.sub("", text)


def stored_of(document: SearchDocument) -> dict[str, Any]:
    """What the list of hits shows and the snippet is cut from."""
    return {
        "title": shown(document.title),
        "url": document.url,
        "body": shown(document.body[:STORED_OF_A_BODY]),
        "attachments": [
            [shown(item.name), shown(item.text[:STORED_OF_A_FILE]), len(item.text) > STORED_OF_A_FILE]
            for item in document.attachments
        ],
        "numbers": [shown(number) for number in document.numbers if number],
        "unit": document.unit,
        "unit_name": shown(document.unit_name),
        "category": shown(document.category),
        "subject": shown(document.subject),
        "validity": shown(document.validity),
        "day": document.day.isoformat() if document.day else "",
        "note": shown(document.note),
        "public": document.public,
    }
