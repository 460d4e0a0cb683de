"""The tables of the annual report: labels, sums, identities, against published figures."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.annual_tables import (
    APPLICANT_COLUMNS,
    C_CELLS,
    C_GROUPS,
    COLUMNS,
    RESULT_ROWS,
    ROWS,
    TABLE_A,
    check_a,
    check_b,
    check_c,
    complete,
    complete_a,
    complete_c,
    find_row,
    k5,
    k8,
    k9,
    places,
)
from gongkai.law.requests.decisions import DECISIONS, LEAVES

# Published for 2025 by a city; every identity holds.
PUBLISHED = """
r1   13612 252 0 45 128 32 14069
r2     535   6 0  1  18  0   560
g     5345 129 0 41  19 14  5548
p     2120  39 0  1   6  2  2168
d1      13   0 0  0   0  0    13
d2      30   0 0  0   0  0    30
d3      11   0 0  0   0  0    11
d4      49   2 0  0   0  0    51
d5     103   1 0  0   0  0   104
d6      84   1 0  0   0  0    85
d7     282   4 0  0   0  0   286
d8     147   0 0  0   1  2   150
u1    3075  50 0  0  89  8  3222
u2     177   3 0  0   0  0   180
u3      19   0 0  0   0  0    19
n1     199   1 0  0   3  0   203
n2     147   1 0  0   0  0   148
n3       0   0 0  0   0  0     0
n4     100   1 0  0   0  0   101
n5       5   0 0  0   0  0     5
o1     315   3 0  0   0  0   318
o2     202   0 0  1   0  0   203
o3     941  17 0  1   3  3   965
tot  13364 252 0 44 121 29 13810
next   783   6 0  2  25  3   819
"""


def read(text):
    keys = [column.key for column in COLUMNS]
    return {
        (row, column): int(figure)
        for row, *figures in (line.split() for line in text.split("\n") if line)
        for column, figure in zip(keys, figures, strict=True)
    }


TABLE = read(PUBLISHED)
SUITS = complete_c(
    {
        (group.key, cell.key): figure
        for group, figures in zip(C_GROUPS, [(376, 97, 196, 121), (16, 1, 12, 27), (74, 1, 30, 51)], strict=True)
        for cell, figure in zip(C_CELLS[:-1], figures, strict=True)
    }
)


def test_the_size_of_the_tables():
    assert len(ROWS) == 25
    assert len(COLUMNS) == 7
    assert len(RESULT_ROWS) == 21
    assert len(C_GROUPS) * len(C_CELLS) == 15
    assert sum(len(row.cells) for block in TABLE_A for row in block.rows) == 10
    assert TABLE_A[0].header == ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")


def test_rows_are_those_of_the_decisions():
    by_row = {DECISIONS[code].row: DECISIONS[code] for code in LEAVES}
    assert list(by_row) == list(RESULT_ROWS)
    for row in ROWS:
        if row.key in by_row:
            assert row.label == by_row[row.key].label
            assert row.second == by_row[row.key].group


def test_labels_are_found_whatever_their_punctuation():
    assert all(find_row(row.label) == row.key for row in ROWS)
    assert find_row('3.危及"三安全一稳定"') == "d3"
    assert find_row("1．申请人无正当理由逾期不补正，行政机关不再处理其政府信息公开申请") == "o1"
    assert find_row("(七) 总计") == "tot"
    assert find_row("规范性文件") == "normative"
    assert find_row("政府集中采购") is None


def test_published_figures_hold():
    assert check_b(TABLE) == []
    assert check_c(SUITS) == []
    assert [SUITS[group.key, "total"] for group in C_GROUPS] == [790, 56, 156]
    assert complete({cell: n for cell, n in TABLE.items() if cell[0] != "tot" and cell[1] != "total"}) == TABLE
    assert list(complete(TABLE)) == list(TABLE)


def rules(violations):
    return {(item.rule, item.row, item.column) for item in violations}


@pytest.mark.parametrize(
    ("cell", "figure", "expected"),
    [
        (("g", "natural"), 5346, {("K2", "tot", "natural"), ("K3", "g", "total")}),
        (("next", "total"), 820, {("K1", "", "total"), ("K3", "next", "total")}),
        (("r1", "business"), 253, {("K1", "", "business"), ("K3", "r1", "total")}),
        (("o3", "total"), 964, {("K2", "tot", "total"), ("K3", "o3", "total")}),
        (
            ("tot", "legal"),
            120,
            {("K1", "", "legal"), ("K2", "tot", "legal"), ("K3", "tot", "total")},
        ),
    ],
)
def test_one_wrong_figure_is_named(cell, figure, expected):
    assert rules(check_b({**TABLE, cell: figure})) == expected


def test_sentences_carry_both_sides():
    found = check_b({**TABLE, ("next", "total"): 820})
    first = next(item for item in found if item.rule == "K1")
    assert first.message == (
        "“总计”列：新收14069加上年结转560等于14629，办理结果总计13810加结转下年820等于14630，两边不相等。"
    )
    assert (first.left, first.right, first.severity) == (14629, 14630, "error")


def test_suits():
    found = check_c({**SUITS, ("direct", "upheld"): 17})
    assert rules(found) == {("K4", "direct", "total")}
    assert "56" in found[0].message
    assert "57" in found[0].message


@pytest.mark.parametrize("figure", [-1, 1.5, True, "3", None])
def test_figures_are_whole_and_not_negative(figure):
    assert rules(k5(b={**TABLE, ("n3", "legal"): figure})) == {("K5", "n3", "legal")}


def test_fees_are_money():
    good = complete_a({("fees", "amount"): Decimal("0.04")})
    assert len(good) == 10
    assert check_a(good) == []
    assert check_a({**good, ("fees", "amount"): Decimal("12.345678")}) == []
    for bad in (Decimal("-1"), Decimal("0.1234567"), Decimal("NaN"), 0.5):
        assert rules(check_a({**good, ("fees", "amount"): bad})) == {("K5", "fees", "amount")}
    assert rules(check_a({**good, ("licences", "decisions"): Decimal("1.5")})) == {("K5", "licences", "decisions")}


def test_across_years():
    before = {("next", column): TABLE["r2", column] for column in (*APPLICANT_COLUMNS, "total")}
    assert check_b(TABLE, before) == []
    found = check_b(TABLE, {**before, ("next", "natural"): 500, ("next", "total"): 525})
    assert rules(found) == {("K6", "r2", "natural"), ("K6", "r2", "total")}
    assert {item.severity for item in found} == {"warning"}
    stock = complete_a({("normative", "issued"): 3, ("normative", "repealed"): 1, ("normative", "in_force"): 42})
    assert check_a(stock, {("normative", "in_force"): 40}) == []
    assert rules(check_a(stock, {("normative", "in_force"): 41})) == {("K7", "normative", "in_force")}
    assert check_c(SUITS, SUITS) == []
    late = check_c(SUITS, {("direct", "pending"): 57})
    assert [(item.rule, item.severity) for item in late] == [("K10", "info")]


def test_figures_in_the_text():
    text = (
        "2025年，全市共收到政府信息公开申请14069件，上年结转560件，结转下年度819件。"
        "因政府信息公开引发行政复议790件，行政诉讼212件。制定行政规范性文件31件。"
    )
    a = complete_a({("normative", "issued"): 31})
    assert k8(text, a=a, b=TABLE, c=SUITS) == []
    wrong = k8(text.replace("14069", "14,068").replace("790", "791"), a=a, b=TABLE, c=SUITS)
    assert [(item.row, item.left, item.right) for item in wrong] == [
        ("r1", 14068, 14069),
        ("reconsideration", 791, 790),
    ]
    assert {item.severity for item in wrong} == {"warning"}
    assert k8(text) == []


def test_the_sum_of_the_bodies():
    assert k9({cell: 2 * n for cell, n in TABLE.items()}, [TABLE, TABLE]) == []
    assert rules(k9({**TABLE, ("g", "total"): 5549}, [TABLE])) == {("K9", "g", "total")}
    assert k9(SUITS, [SUITS], "C") == []
    assert "行政复议、结果维持" in k9({**SUITS, ("reconsideration", "upheld"): 1}, [SUITS], "C")[0].message
    assert "规章、现行有效件数" in k9({("rules", "in_force"): 1}, [], "A")[0].message


def test_strange_cells_are_refused():
    for call in (lambda: complete({("x", "natural"): 1}), lambda: complete_c({("direct", "won"): 1})):
        with pytest.raises(ValueError, match="没有"):
            call()
    with pytest.raises(ValueError, match="没有"):
        complete_a({("rules", "amount"): 1})


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(APPLICANT_COLUMNS),
            st.dates(date(2023, 1, 1), date(2026, 12, 31)),
            st.none() | st.integers(0, 500),
            st.sampled_from(RESULT_ROWS),
        ),
        max_size=40,
    )
)
def test_any_set_of_requests_gives_a_true_table(requests):
    """Counted request by request, every year's table holds, also towards the year before."""
    previous = None
    for year in range(2023, 2028):
        counted = {}
        for column, received, days, row in requests:
            ended = None if days is None else date.fromordinal(received.toordinal() + days)
            for place in places(received, received, ended, row, year):
                counted[place, column] = counted.get((place, column), 0) + 1
        table = complete(counted)
        assert check_b(table, previous) == []
        previous = table


def test_a_request_open_at_the_end_of_the_year_is_carried_over():
    received, ended = date(2025, 12, 20), date(2026, 1, 15)
    assert places(received, received, ended, "g", 2024) == ()
    assert places(received, received, ended, "g", 2025) == ("r1", "next")
    assert places(received, received, ended, "g", 2026) == ("r2", "g")
    assert places(received, received, ended, "g", 2027) == ()
    assert places(date(2025, 12, 31), None, None, "", 2025) == ("r1", "next")
    assert places(date(2025, 12, 31), date(2026, 1, 4), None, "", 2025) == ()
