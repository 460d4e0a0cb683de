"""Sorts and results of appeals: what follows from what, and table C of the annual report."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
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


def _made(last: dt.date) -> Q:
    """The result in force now was made by a day."""
    return Q(decided_on__isnull=False, decided_on__lte=last)


def _first_stood(last: dt.date) -> Q:
    """The judgment of first instance was in force on a day: the second instance began later, and ended later."""
    opened = Q(second_on__isnull=False, second_on__gt=last, first_decided_on__isnull=False, first_decided_on__lte=last)
    return opened & (Q(decided_on__isnull=True) | Q(decided_on__gt=last))


def counted_rows(unit_ids: Iterable[int] | None, year: int) -> QuerySet[Appeal]:
    """What table C of a year counts: received until its end and not ended before it, as the body's own case."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    rows = Appeal.objects.filter(standing=Appeal.Standing.RESPONDENT, received_on__lte=last).exclude(state="void")
    rows = rows.filter(Q(decided_on__isnull=True) | Q(decided_on__gte=first))
    # A judgment of an earlier year that was still in force at the end of this one is no matter of this year.
    rows = rows.exclude(Q(second_on__isnull=False) & Q(second_on__gt=last) & Q(first_decided_on__lt=first))
    return rows if unit_ids is None else rows.filter(unit__in=list(unit_ids))


def table_c(unit_ids: Iterable[int] | None, year: int) -> dict[annual_tables.Cell, int]:
    """Table C (15 cells) of some units for a year, with its sums; None means all units.

    Each case counts as it stood on 31 December (`law.annual_tables.place_c`), whatever came later: what had no result is
    尚未审结, and a judgment that a second instance opened again in a later year stays. Keys: `law.annual_tables.C_GROUPS`
    and `C_CELLS`.
    """
    groups = settings.groups()
    last = dt.date(year, 12, 31)
    rows = counted_rows(unit_ids, year).order_by().values("sort", "result", "first_result")
    found: Counter[annual_tables.Cell] = Counter()
    for row in rows.annotate(
        done=Count("pk", filter=_made(last)),
        first=Count("pk", filter=_first_stood(last)),
        every=Count("pk"),
    ):
        if row["done"]:
            found[row["sort"], groups[row["result"]]] += row["done"]
        if row["first"]:
            found[row["sort"], groups[row["first_result"]]] += row["first"]
        found[row["sort"], PENDING] += row["every"] - row["done"] - row["first"]
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
        return rows.exclude(_made(last)).exclude(_first_stood(last))
    if cell not in GROUP_LABELS:
        return rows.none()
    those = results_in(cell)
    return rows.filter(_made(last) & Q(result__in=those) | _first_stood(last) & Q(first_result__in=those))


def results_in(group: str) -> list[str]:
    """The results that count in a cell."""
    return [result for result, cell in settings.groups().items() if cell == group]


def by_request(pks: Iterable[int]) -> dict[int, list[Any]]:
    """Request -> its appeals, for pages that show several requests."""
    found: dict[int, list[Any]] = {}
    for appeal in Appeal.objects.filter(request__in=list(pks)).exclude(state="void").order_by("pk"):
        found.setdefault(appeal.request_id or 0, []).append(appeal)
    return found


# --- what was told already --------------------------------------------------------------------------------------------


def cell_of(values: Mapping[str, Any], year: int) -> annual_tables.Cell | None:
    """The cell of table C in which an appeal with these columns counts for a year; None where it counts in none."""
    if values["standing"] != Appeal.Standing.RESPONDENT or values["state"] == "void":
        return None
    found = annual_tables.place_c(
        values["received_on"], values["decided_on"], year,
        first_on=values["first_decided_on"], second_on=values["second_on"],
    )  # fmt: skip
    if not found:
        return None
    result = {"result": values["result"], "first": values["first_result"]}.get(found, "")
    return values["sort"], group_of(result) or PENDING


COLUMNS = (
    "state", "standing", "sort", "received_on", "result", "decided_on", "first_result", "first_decided_on", "second_on",
)  # fmt: skip


def moved_years(before: Mapping[str, Any] | None, after: Mapping[str, Any], this_year: int) -> list[int]:
    """The years before this one in whose table C an appeal counts differently than before; `before` None: it was new."""
    start = min(values["received_on"].year for values in (before, after) if values is not None)
    return [
        year
        for year in range(start, this_year)
        if (cell_of(before, year) if before is not None else None) != cell_of(after, year)
    ]
