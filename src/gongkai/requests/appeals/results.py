"""Sorts and results of appeals: what follows from what, and table C of the annual report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from gongkai.law import annual_tables
from gongkai.requests.appeals import settings
from gongkai.requests.appeals.models import GROUPS, Appeal
from gongkai.requests.models import Request

GROUP_LABELS = dict(GROUPS)
PENDING = "pending"


def group_of(result: str) -> str:
    """The cell of table C in which a result counts; empty while there is none."""
    return settings.groups()[result] if result else ""


def earlier_of(request: Request | None) -> Appeal | None:
    """The reconsideration of a request that has ended: a suit that comes now follows it."""
    if request is None:
        return None
    rows = Appeal.objects.filter(request=request.pk, sort=Appeal.Sort.RECONSIDERATION, decided_on__isnull=False)
    return rows.exclude(state="void").order_by("-decided_on", "-pk").first()


def sort_of(suit: bool, earlier: Appeal | None) -> str:
    """A suit follows a reconsideration or comes without one (表四的三组)."""
    if not suit:
        return Appeal.Sort.RECONSIDERATION
    return Appeal.Sort.AFTER if earlier is not None else Appeal.Sort.DIRECT


def counted_rows(unit_ids: Iterable[int] | None, year: int) -> QuerySet[Appeal]:
    """What table C of a year counts: received until its end and not ended before it, as the body's own case."""
    rows = Appeal.objects.filter(standing=Appeal.Standing.RESPONDENT, received_on__lte=dt.date(year, 12, 31)).exclude(
        state="void"
    )
    rows = rows.filter(Q(decided_on__isnull=True) | Q(decided_on__gte=dt.date(year, 1, 1)))
    return rows if unit_ids is None else rows.filter(unit__in=list(unit_ids))


def table_c(unit_ids: Iterable[int] | None, year: int) -> dict[annual_tables.Cell, int]:
    """Table C (15 cells) of some units for a year, with its sums; None means all units.

    What had no result on 31 December is 尚未审结, also when it has one by now. Keys: `law.annual_tables.C_GROUPS` and
    `C_CELLS`.
    """
    groups = settings.groups()
    last = dt.date(year, 12, 31)
    rows = counted_rows(unit_ids, year).order_by().values("sort", "result")
    found: dict[annual_tables.Cell, int] = {}
    for row in rows.annotate(
        done=Count("pk", filter=Q(decided_on__lte=last)),
        left=Count("pk", filter=Q(decided_on__isnull=True) | Q(decided_on__gt=last)),
    ):
        if row["done"]:
            cell = (row["sort"], groups[row["result"]])
            found[cell] = found.get(cell, 0) + row["done"]
        if row["left"]:
            cell = (row["sort"], PENDING)
            found[cell] = found.get(cell, 0) + row["left"]
    return annual_tables.complete_c(found)


def check_c(unit_ids: Iterable[int] | None, year: int) -> list[annual_tables.Violation]:
    """K4, K5, and with the year before K10, of the live table."""
    units = None if unit_ids is None else list(unit_ids)
    return annual_tables.check_c(table_c(units, year), table_c(units, year - 1))


def cell_rows(rows: QuerySet[Appeal], sort: str, cell: str, year: int) -> QuerySet[Appeal]:
    """Of the rows a table counts, those in one of its cells. Unknown names give none."""
    if sort not in Appeal.Sort.values:
        return rows.none()
    rows = rows.filter(sort=sort)
    if cell == "total":
        return rows
    last = dt.date(year, 12, 31)
    if cell == PENDING:
        return rows.filter(Q(decided_on__isnull=True) | Q(decided_on__gt=last))
    if cell not in GROUP_LABELS:
        return rows.none()
    return rows.filter(decided_on__lte=last, result__in=results_in(cell))


def results_in(group: str) -> list[str]:
    """The results that count in a cell."""
    return [result for result, cell in settings.groups().items() if cell == group]


def by_request(pks: Iterable[int]) -> dict[int, list[Any]]:
    """Request -> its appeals, for pages that show several requests."""
    found: dict[int, list[Any]] = {}
    for appeal in Appeal.objects.filter(request__in=list(pks)).exclude(state="void").order_by("pk"):
        found.setdefault(appeal.request_id or 0, []).append(appeal)
    return found
