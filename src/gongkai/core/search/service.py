"""Searching as people do it: understand, ask the index, loosen, mend, mark. The one door for all search pages."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.safestring import SafeString

from gongkai.core.search import index, outbox, sounds, statistics, synonyms
from gongkai.core.search import text as texts
from gongkai.core.search.documents import IN_FORCE
from gongkai.core.search.query import FACETS, PUBLIC, Answer, Clause, Found, Query, Scope
from gongkai.core.search.snippets import Marker
from gongkai.core.search.understanding import LONGEST, Understood, loosened, phrases_of, understand

SIZE = 10
# Nobody reads further; whoever must takes the filters.
DEEPEST = 1000
# With fewer answers than this, the query is also taken apart.
FEW = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer as the page shows it; the texts are escaped and marked."""

    source: str
    pk: int
    title: SafeString
    snippet: SafeString
    url: str
    number: SafeString
    unit_name: str
    category: str
    validity: str
    day: dt.date | None
    note: str
    public: bool
    attachment_hits: int = 0
    attachment_more: bool = False
    best: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """What a search page shows.

    Attributes:
        text: the query as it was understood, tidied.
        total: exact number of answers.
        strict: how many hold the query as it was typed, when the query was taken apart; else None.
        parts: the words the query was taken apart into, when it was.
        expansions: words that were looked for as well.
        meant: a better spelling that finds something, or empty.
        facets: facet -> (value, number), the most frequent first; years newest first.
    """

    text: str = ""
    total: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: dict[str, list[tuple[str | int, int]]] = field(default_factory=dict)
    expansions: tuple[str, ...] = ()
    strict: int | None = None
    parts: tuple[str, ...] = ()
    meant: str = ""
    number: str = ""
    cut: bool = False
    page: int = 1
    pages: int = 0
    seconds: float = 0.0


def find(
    typed: str,
    scope: Scope,
    *,
    filters: Mapping[str, str | int] | None = None,
    by_day: bool = False,
    page: int = 1,
    size: int = SIZE,
    exact: bool = False,
    sources: tuple[str, ...] = (),
    counted: bool = False,
    words_apart: bool = False,
) -> Results:
    """Search.

    Args:
        typed: whatever was typed; never raises for it.
        scope: who asks: `PUBLIC`, or `index.scope_of(user)`.
        filters: facet -> value.
        by_day: newest first.
        page: from 1.
        exact: without words that mean the same, and never taken apart.
        sources: only these sources.
        counted: note the search in the statistics.
        words_apart: also by date the query may be taken apart, into words that must all be there: for what is told anew.
    """
    started = time.perf_counter()
    known = synonyms.groups()
    understood = understand(typed, known, exact=exact)
    if not understood.clauses:
        return Results(text=understood.text, cut=understood.cut)
    page = max(1, min(page, DEEPEST // size))
    query = Query(
        clauses=understood.clauses,
        scope=scope,
        words=understood.words,
        title=texts.haystack(understood.folded),
        filters=tuple((name, value) for name, value in (filters or {}).items() if name in FACETS),
        by_day=by_day,
        offset=(page - 1) * size,
        limit=size,
        hidden=tuple(outbox.hidden()),
        sources=sources,
    )
    held = index.current()
    answer = held.search(query)
    strict: int | None = None
    parts: tuple[str, ...] = ()
    if answer.total < FEW and not exact and (words_apart or not by_day):
        loose = _loosened(query, understood, known, answer, all_words=words_apart)
        if loose is not None:
            strict, (query, answer, parts) = answer.total, loose
    meant = _meant(typed, query, known) if (answer.total == 0 or parts) and not exact else ""
    if counted and page == 1 and not filters:
        statistics.note(typed, empty=(answer.total if strict is None else strict) == 0)
    marker = Marker((*understood.clauses, *query.clauses))
    best = page == 1 and not by_day and not parts
    hits = [_hit(found, marker, best and place == 0, understood) for place, found in enumerate(answer.found)]
    return Results(
        text=understood.text,
        total=answer.total,
        hits=hits,
        facets=_sorted(answer.facets),
        expansions=understood.expansions,
        strict=strict,
        parts=parts,
        meant=meant,
        number=understood.number,
        cut=understood.cut,
        page=page,
        pages=min(-(-answer.total // size), DEEPEST // size),
        seconds=time.perf_counter() - started,
    )


def _loosened(
    query: Query,
    understood: Understood,
    known: Mapping[str, tuple[str, ...]],
    answer: Answer,
    *,
    all_words: bool = False,
) -> tuple[Query, Answer, tuple[str, ...]] | None:
    """The words of the query, all of them anywhere; where that finds nothing, most of them."""
    clauses = loosened(understood, known)
    numbered = any(way.number for clause in understood.clauses for way in clause.alternatives)
    if not clauses or numbered:
        return None
    parts = tuple(_typed(clause) for clause in clauses)
    for least in (len(clauses), -(-len(clauses) * 2 // 3)):
        if answer.total and least < len(clauses):
            return None
        looser = replace(query, clauses=clauses, least=least, preferred=understood.clauses)
        found = index.current().search(looser)
        if found.total > answer.total:
            return looser, found, parts
        if len(clauses) < 3 or all_words:
            break
    return None


def _typed(clause: Clause) -> str:
    return "".join("".join(phrase) for phrase in clause.alternatives[0].phrases)


def _meant(typed: str, query: Query, known: Mapping[str, tuple[str, ...]]) -> str:
    """A spelling that sounds the same and finds something."""
    meant = sounds.mended(typed)
    if not meant or texts.fold(meant) == query.title:
        return ""
    clauses = understand(meant, known).clauses
    found = index.current().search(
        replace(query, clauses=clauses, least=None, filters=(), limit=0, offset=0, facets=False)
    )
    return meant if found.total else ""


def _hit(found: Found, marker: Marker, best: bool, understood: Understood) -> Hit:
    stored = found.stored
    inside, more = 0, False
    for name, text, cut in stored["attachments"]:
        number = marker.count(f"{name}\n{text}")
        inside += number
        more = more or (cut and number > 0)
    title = marker.mark(stored["title"])
    whole = texts.haystack(texts.fold(stored["title"]).strip()) == texts.haystack(understood.folded)
    return Hit(
        source=found.source,
        pk=found.pk,
        title=title,
        snippet=marker.snippet(stored["body"]),
        url=stored["url"],
        number=marker.mark(stored["numbers"][0]) if stored["numbers"] else SafeString(""),
        unit_name=stored["unit_name"],
        category=stored["category"],
        validity=stored["validity"],
        day=dt.date.fromisoformat(stored["day"]) if stored["day"] else None,
        note=stored["note"],
        public=stored["public"],
        attachment_hits=inside,
        attachment_more=more,
        best=best and ("<mark>" in title or whole or bool(understood.number)),
    )


def _sorted(facets: dict[str, list[tuple[str | int, int]]]) -> dict[str, list[tuple[str | int, int]]]:
    years, validity = facets.get("year", []), facets.get("validity", [])
    return {
        **facets,
        "year": sorted(years, key=lambda row: row[0], reverse=True),
        "validity": sorted(validity, key=lambda row: (row[0] not in IN_FORCE, -row[1])),
    }


def suggest(typed: str, scope: Scope = PUBLIC, limit: int = 8) -> list[str]:
    """Suggestions while typing: what others searched, words of the table, titles."""
    folded = texts.fold(typed[:LONGEST]).strip()
    if not folded:
        return statistics.popular(limit=limit)
    found: dict[str, None] = dict.fromkeys(statistics.popular(folded, limit=3))
    if len(folded) > 1:
        matching = (words for word, words in synonyms.groups().items() if word.startswith(folded))
        for words, _ in zip(matching, range(3), strict=False):
            found.update(dict.fromkeys(word for word in words if texts.fold(word).startswith(folded)))
        phrases = phrases_of(folded)
        if phrases:
            found.update(dict.fromkeys(index.current().titles(phrases[0], scope, limit, outbox.hidden())))
    return list(found)[:limit]
