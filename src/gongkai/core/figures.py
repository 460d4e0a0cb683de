"""Many small figures in one query: bounded counts, sums and next ids, so that a page asks the database once."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

# A figure beyond this is shown as "999+": nobody reads it exactly and the database need not walk on.
MOST = 1000


def words(number: int) -> str:
    """A figure as it is shown: exact below the bound."""
    return f"{MOST - 1}+" if number >= MOST else f"{number:,}"


@dataclass(slots=True)
class Figures:
    """What was found: counts and sums by name, the first id by name (or None), and per due time how many."""

    numbers: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, int | None] = field(default_factory=dict)
    days: dict[dt.datetime, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        return self.numbers.get(name, 0)


class Part(NamedTuple):
    """A figure ready to be asked: what it gives ("n", "f" or "d"), its SQL and the values; no SQL means nothing can be found."""

    what: str
    sql: str
    values: tuple[Any, ...]


def _part(what: str, select: str, rows: QuerySet) -> Part:
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return Part(what, "", ())
    # The pieces are compiled by the ORM, every value goes in as a parameter.
    return Part(what, f"{select} FROM ({sql})", tuple(values))


def counting(rows: QuerySet, *, exact: bool = False) -> Part:
    """How many rows there are, at most MOST unless `exact`."""
    return _part("n", "COUNT(*) AS number, '' AS moment", rows.order_by().values("pk")[: None if exact else MOST])


def adding(rows: QuerySet, column: str) -> Part:
    """The sum of a column."""
    return _part("n", f"COALESCE(SUM(\"{column}\"), 0) AS number, '' AS moment", rows.order_by().values(column))


def first_of(rows: QuerySet) -> Part:
    """The first id of ordered rows."""
    return _part("f", "\"id\" AS number, '' AS moment", rows.values("id")[:1])


def by_due_time(rows: QuerySet) -> Part:
    """Cases counted by due time, at most 400 different ones."""
    grouped = rows.order_by("due_order").values("due_order").annotate(total=Count("pk"))[:400]
    return _part("d", '"total" AS number, CAST("due_order" AS TEXT) AS moment', grouped)


def collect(
    counts: Mapping[str, QuerySet | Part] | None = None,
    sums: Mapping[str, tuple[QuerySet, str] | Part] | None = None,
    firsts: Mapping[str, QuerySet] | None = None,
    days: QuerySet | None = None,
    exact: frozenset[str] = frozenset(),
) -> Figures:
    """Ask everything in one query.

    Args:
        counts: name -> rows to count, at most MOST each, or a part made before.
        sums: name -> (rows, column to add up), or a part made before.
        firsts: name -> ordered rows of which the first id is wanted.
        days: cases to be counted by due time, at most 400 different ones.
        exact: names of counts that are walked to the end.
    """
    parts: list[tuple[str, Part]] = []
    for name, rows in (counts or {}).items():
        parts.append((name, rows if isinstance(rows, Part) else counting(rows, exact=name in exact)))
    for name, total in (sums or {}).items():
        parts.append((name, total if isinstance(total, Part) else adding(*total)))
    for name, ordered in (firsts or {}).items():
        parts.append((name, first_of(ordered)))
    if days is not None:
        parts.append(("", by_due_time(days)))
    return _ask(parts)


def _ask(parts: Iterable[tuple[str, Part]]) -> Figures:
    found = Figures()
    asked: list[str] = []
    values: list[Any] = []
    for name, part in parts:
        if part.what == "f":
            found.firsts[name] = None
        if part.sql:
            asked.append(f"SELECT '{part.what}' AS what, %s AS name, {part.sql} AS x{len(asked)}")
            values += (name, *part.values)
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), values)
        for what, name, number, moment in cursor.fetchall():
            if what == "n":
                found.numbers[name] = int(number)
            elif what == "f":
                found.firsts[name] = number
            else:
                found.days[_moment(moment)] = int(number)
    return found


# --- kept -------------------------------------------------------------------------------------------------------------
#
# What a page asks of the database is the same from one visit to the next; putting it into SQL anew takes longer than
# asking. Only the question is kept, for a minute, never the answer.

_GENERATION = "gongkai.questions"
_SECONDS = 60
_MOST_KEPT = 2000
_kept: dict[Hashable, tuple[Any, dict[str, Part]]] = {}


def forget() -> None:
    """Put every question into SQL anew: the tree of units has changed."""
    cache.delete(_GENERATION)


def kept(key: Hashable, now: dt.datetime, make: Callable[[], dict[str, Part]]) -> dict[str, Part]:
    """The parts that `make` gives, kept under a key that names all they depend on but `now`, which is renewed."""
    generation = cache.get(_GENERATION)
    if generation is None:
        generation = time.time_ns()
        _kept.clear()
        cache.set(_GENERATION, generation, _SECONDS)
    stamp = connection.ops.adapt_datetimefield_value(now)
    held = _kept.get((generation, key))
    if held is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        parts = make()
        _kept[generation, key] = (stamp, parts)
        return dict(parts)
    before, parts = held
    return {
        name: part._replace(values=tuple([stamp if value == before else value for value in part.values]))
        if before in part.values
        else part
        for name, part in parts.items()
    }


def question(rows: QuerySet, *columns: str) -> Part:
    """Rows themselves as a part to be kept; `lines` asks it."""
    try:
        sql, values = rows.values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return Part("", "", ())
    return Part("", sql, tuple(values))


def lines(part: Part) -> list[tuple[Any, ...]]:
    """The rows that a `question` finds; moments as text, `listing.moment_of` reads them."""
    if not part.sql:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            from psycopg.types.string import TextLoader

            # A list shows few moments many times: as text each is read once, as from SQLite.
            cursor.cursor.adapters.register_loader("timestamptz", TextLoader)
        cursor.execute(part.sql, part.values)
        return cursor.fetchall()


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
