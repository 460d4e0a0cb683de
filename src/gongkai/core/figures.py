"""Many small figures in one query: bounded counts, sums and next ids, so that a page asks the database once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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


def collect(
    counts: Mapping[str, QuerySet] | None = None,
    sums: Mapping[str, tuple[QuerySet, str]] | None = None,
    firsts: Mapping[str, QuerySet] | None = None,
    days: QuerySet | None = None,
    exact: frozenset[str] = frozenset(),
) -> Figures:
    """Ask everything in one query.

    Args:
        counts: name -> rows to count, at most MOST each.
        sums: name -> (rows, column to add up).
        firsts: name -> ordered rows of which the first id is wanted.
        days: cases to be counted by due time, at most 400 different ones.
        exact: names of counts that are walked to the end.
    """
    found = Figures()
    parts: list[str] = []
    values: list[Any] = []

    def add(kind: str, name: str, select: str, rows: QuerySet) -> None:
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            return
        # The pieces are compiled by the ORM, every value goes in as a parameter.
        parts.append(f"SELECT '{kind}' AS what, %s AS name, {select} FROM ({sql}) AS x{len(parts)}")  # noqa: S608
        values.extend([name, *parameters])

    for name, rows in (counts or {}).items():
        add(
            "n",
            name,
            "COUNT(*) AS number, '' AS moment",
            rows.order_by().values("pk")[: None if name in exact else MOST],
        )
    for name, (rows, column) in (sums or {}).items():
        add("n", name, f"COALESCE(SUM(\"{column}\"), 0) AS number, '' AS moment", rows.order_by().values(column))
    for name, rows in (firsts or {}).items():
        found.firsts[name] = None
        add("f", name, "\"id\" AS number, '' AS moment", rows.values("id")[:1])
    if days is not None:
        grouped = days.order_by("due_order").values("due_order").annotate(total=Count("pk"))[:400]
        add("d", "", '"total" AS number, CAST("due_order" AS TEXT) AS moment', grouped)
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for what, name, number, moment in cursor.fetchall():
            if what == "n":
                found.numbers[name] = int(number)
            elif what == "f":
                found.firsts[name] = number
            else:
                found.days[_moment(moment)] = int(number)
    return found


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
