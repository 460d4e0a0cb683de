"""Table C: fifteen cells out of cases, as the form of the annual report counts them."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core.models import Case
from gongkai.law import annual_tables
from gongkai.requests.appeals import results
from gongkai.requests.appeals.models import Appeal

# 杭州市 2025 (published): 复议 376 + 97 + 196 + 121 = 790, 直接起诉 16 + 1 + 12 + 27 = 56, 复议后起诉 74 + 1 + 30 + 51 = 156.
PUBLISHED = {
    "reconsideration": (376, 97, 196, 121, 790),
    "direct": (16, 1, 12, 27, 56),
    "after": (74, 1, 30, 51, 156),
}
RESULTS = {
    "upheld": ["upheld", "claim_dismissed"],
    "corrected": ["revoked", "changed", "illegal", "void", "ordered"],
    "other": ["withdrawn", "mediated", "rejected", "not_accepted", "ended"],
}


def rows(unit, sort: str, cell: str, number: int, received: dt.date, decided: dt.date | None) -> None:
    """Many cases of one cell, laid straight into the tables: what is counted is the query."""
    first = Case.objects.count()
    made = [
        Case(
            number=f"FS-{first + at}",
            kind="appeal",
            title="案件",
            state="decided",
            unit=unit,
            opened_at="2025-01-01T00:00Z",
        )
        for at in range(number)
    ]
    Case.objects.bulk_create(made)
    table = Appeal._meta.db_table
    from django.db import connection

    codes = RESULTS.get(cell, [""])
    columns = {
        "sort": sort, "standing": "respondent", "procedure": "ordinary", "matter": "reply", "challenged": "", "decision": "",
        "area": "", "organ": "甲", "file_number": "", "party": b"", "party_label": "", "received_on": received,
        "entered_at": "2025-01-01 00:00:00+00:00", "answer": b"", "instance": 1, "result_document": "", "gist": b"",
        "decided_on": decided,
    }  # fmt: skip
    names = ["case_ptr_id", "result", *columns]
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
    with connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [[case.pk, codes[at % len(codes)] if decided else "", *columns.values()] for at, case in enumerate(made)],
        )


@pytest.fixture
def bodies(db):
    from gongkai.core.models import Unit

    return [Unit.objects.create(code=code, name=code, short_name=code) for code in ("甲局", "乙局")]


def test_the_published_table_comes_out_of_its_cases(bodies, django_assert_num_queries):
    for sort, numbers in PUBLISHED.items():
        for cell, number in zip(("upheld", "corrected", "other", "pending"), numbers, strict=False):
            decided = None if cell == "pending" else dt.date(2025, 9, 1)
            rows(bodies[0], sort, cell, number // 2, dt.date(2025, 3, 3), decided)
            # The other half came the year before and was carried over.
            rows(bodies[0], sort, cell, number - number // 2, dt.date(2024, 12, 31), decided)
    results.table_c(None, 2025)
    with django_assert_num_queries(1):
        table = results.table_c([bodies[0].pk], 2025)
    columns = [cell.key for cell in annual_tables.C_CELLS]
    for sort, numbers in PUBLISHED.items():
        assert tuple(table[sort, column] for column in columns) == numbers
    assert len(table) == 15
    assert results.check_c(None, 2025) == []
    assert results.table_c([bodies[1].pk], 2025)["reconsideration", "total"] == 0
    # Every number opens as many cases as it says.
    counted = results.counted_rows(None, 2025)
    for (sort, column), number in table.items():
        assert results.cell_rows(counted, sort, column, 2025).count() == number


def test_a_case_over_two_years_is_pending_then_decided(bodies):
    rows(bodies[0], "reconsideration", "corrected", 1, dt.date(2024, 11, 20), dt.date(2025, 1, 6))
    one, two, three = (results.table_c(None, year) for year in (2024, 2025, 2026))
    assert (one["reconsideration", "pending"], one["reconsideration", "total"]) == (1, 1)
    assert (two["reconsideration", "corrected"], two["reconsideration", "total"]) == (1, 1)
    assert three["reconsideration", "total"] == 0
    assert annual_tables.k10(two, one) == []


def test_the_borders_of_the_year(bodies):
    rows(bodies[0], "direct", "upheld", 1, dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    rows(bodies[0], "direct", "upheld", 1, dt.date(2025, 12, 31), dt.date(2026, 1, 1))
    table = results.table_c(None, 2025)
    assert (table["direct", "upheld"], table["direct", "pending"], table["direct", "total"]) == (1, 1, 2)
    assert results.table_c(None, 2024)["direct", "total"] == 0


def test_a_table_that_does_not_add_up_is_told(bodies):
    rows(bodies[0], "after", "other", 3, dt.date(2025, 2, 1), dt.date(2025, 3, 1))
    table = results.table_c(None, 2025)
    assert annual_tables.check_c({**table, ("after", "total"): 4})[0].rule == "K4"
    # Four were open last year: three cases this year cannot be all of them.
    before = annual_tables.complete_c({("after", "pending"): 4})
    assert [found.rule for found in annual_tables.check_c(table, before)] == ["K10"]


FIRST, SECOND = dt.date(2025, 11, 3), dt.date(2026, 1, 12)
# When the first judgment was made, when the second instance began, when it ended; and how each year counts the suit.
COURSES = [
    ("no result", None, None, None, {2025: "pending", 2026: "pending", 2027: "pending"}),
    ("decided at once", dt.date(2025, 11, 3), None, None, {2025: "upheld", 2026: "", 2027: ""}),
    ("opened again next year, open", FIRST, SECOND, None, {2025: "upheld", 2026: "pending", 2027: "pending"}),
    ("opened and ended next year", FIRST, SECOND, dt.date(2026, 6, 1), {2025: "upheld", 2026: "corrected", 2027: ""}),
    ("ended the year after", FIRST, SECOND, dt.date(2027, 2, 1), {2025: "upheld", 2026: "pending", 2027: "corrected"}),
    ("opened the same year, open", FIRST, dt.date(2025, 12, 1), None, {2025: "pending", 2026: "pending"}),
    ("all in one year", FIRST, dt.date(2025, 11, 20), dt.date(2025, 12, 30), {2025: "corrected", 2026: ""}),
    ("opened on the last day", FIRST, dt.date(2025, 12, 31), dt.date(2026, 6, 1), {2025: "pending", 2026: "corrected"}),
    ("opened on the first day", FIRST, dt.date(2026, 1, 1), dt.date(2026, 6, 1), {2025: "upheld", 2026: "corrected"}),
    ("a year in between", dt.date(2025, 3, 9), dt.date(2027, 1, 5), dt.date(2027, 9, 1), {2025: "upheld", 2026: "", 2027: "corrected"}),
]  # fmt: skip


@pytest.mark.duty("004-8d")
@pytest.mark.parametrize(("first", "second", "final", "years"), [course[1:] for course in COURSES], ids=[course[0] for course in COURSES])  # fmt: skip
def test_a_second_judgment_moves_no_earlier_year(bodies, first, second, final, years):
    decided = final if second else first
    rows(bodies[0], "direct", "upheld", 1, dt.date(2025, 2, 1), decided)
    values = {"decided_on": decided, "result": ""}
    if decided:
        values["result"] = "revoked" if second else "upheld"
    if second:
        values |= {"instance": 2, "first_result": "upheld", "first_decided_on": first, "second_on": second}
    Appeal.objects.update(**values)
    one = Appeal.objects.values(*results.COLUMNS).get()
    assert results.table_c(None, 2024)["direct", "total"] == 0
    for year, wanted in years.items():
        table = results.table_c(None, year)
        found = [cell for (sort, cell), number in table.items() if number and cell != "total"]
        assert found == ([wanted] if wanted else []), year
        assert results.cell_of(one, year) == (("direct", wanted) if wanted else None)
        counted = results.counted_rows(None, year)
        for (sort, cell), number in table.items():
            assert results.cell_rows(counted, sort, cell, year).count() == number, (year, cell)
        assert annual_tables.check_c(table) == []


def test_of_several_bodies_the_sums_add_up(bodies):
    rows(bodies[0], "after", "other", 2, dt.date(2025, 2, 1), None)
    rows(bodies[1], "after", "upheld", 3, dt.date(2025, 2, 1), dt.date(2025, 5, 1))
    whole = results.table_c([body.pk for body in bodies], 2025)
    single = [results.table_c([body.pk], 2025) for body in bodies]
    assert whole == {cell: single[0][cell] + single[1][cell] for cell in whole}
