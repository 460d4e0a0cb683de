"""The processing fee by the tables of the measure and its worked cases."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.fees import (
    ITEMS,
    PAGES,
    Bracket,
    FeeError,
    Tariff,
    assess,
    item_price,
    items_total,
    month_of,
    number_in_month,
    pages_total,
    threshold,
)

START = date(2021, 1, 1)
DAY = date(2026, 5, 12)


@pytest.mark.duty("002-23")
@pytest.mark.parametrize(
    ("n", "total", "price"),
    [
        (11, 100, 100),
        (30, 2000, 100),
        (31, 2200, 200),
        (33, 2600, 200),
        (40, 4000, 200),
        (41, 4300, 300),
        (50, 7000, 300),
        (51, 7400, 400),
        (60, 11000, 400),
        (61, 11500, 500),
        (75, 19000, 600),
        (100, 37000, 800),
    ],
)
def test_by_item(n, total, price):
    assert items_total(n) == total
    assert item_price(n) == price


def test_the_first_ten_are_free():
    assert [items_total(n) for n in range(11)] == [0] * 11
    assert [item_price(n) for n in range(1, 11)] == [0] * 10


@pytest.mark.duty("002-23")
@pytest.mark.parametrize(
    ("pages", "total"),
    [
        (0, 0),
        (1, 0),
        (30, 0),
        (31, 10),
        (68, 380),
        (100, 700),
        (101, 720),
        (150, 1700),
        (200, 2700),
        (201, 2740),
        (250, 4700),
        (500, 14700),
    ],
)
def test_by_volume(pages, total):
    assert pages_total(pages) == total


@given(st.integers(1, 2000))
def test_totals_are_sums_of_prices(n):
    formula = sum(0 if i <= 10 else 100 if i <= 30 else 100 + 100 * -((i - 30) // -10) for i in range(1, n + 1))
    assert items_total(n) == formula
    p = n
    assert pages_total(p) == (
        0 if p <= 30 else 10 * (p - 30) if p <= 100 else 700 + 20 * (p - 100) if p <= 200 else 2700 + 40 * (p - 200)
    )


@settings(max_examples=50)
@given(st.integers(1, 500), st.integers(0, 300))
def test_lines_add_up(first, more):
    for tariff in (ITEMS, PAGES):
        lines = tariff.lines(first, first + more)
        assert sum(line.amount for line in lines) == tariff.total(first + more) - tariff.total(first - 1)
        assert [line.first for line in lines[1:]] == [line.last + 1 for line in lines[:-1]]


def test_two_months_are_two_counts():
    days = [date(2026, 3, 31)] * 20 + [date(2026, 4, 1)] * 20
    numbers = [number_in_month(days[:at], day) for at, day in enumerate(days)]
    assert numbers == [*range(1, 21), *range(1, 21)]
    assert sum(item_price(n) for n in numbers) == 2000
    assert month_of(date(2026, 3, 31)) == (2026, 3)


def charge(kind, **more):
    return assess(kind, **({"received_on": DAY, "start_date": START} | more))


def test_worked_cases():
    assert sum(charge("items", number=n).amount for n in range(1, 34)) == 2600
    assert charge("pages", pages=150).amount == 1700
    assert charge("items", number=1).amount == 0
    assert charge("items", number=35).amount == 200
    assert charge("pages", pages=250).amount == 4700
    assert charge("pages", pages=30).amount * 2 == 0


def test_words_of_the_notice():
    assert charge("items", number=35).words == "按件计收：本月第35件，每件200元，应缴200元。"
    assert charge("pages", pages=101).words == ("按量计收：第31至100页每页10元，计700元；第101页20元。应缴720元。")
    assert charge("pages", pages=30).words == "按量计收，本件在免费范围内，不收费。"


@pytest.mark.parametrize(
    ("kind", "more", "word"),
    [
        ("items", {"number": 12, "pages": 40}, "不能同时收"),
        ("pages", {"number": 12, "pages": 40}, "不能同时收"),
        ("items", {}, "第几件"),
        ("items", {"number": 0}, "第几件"),
        ("pages", {}, "页数"),
        ("pages", {"pages": -1}, "页数"),
        ("pages", {"pages": 40, "decision_code": "G-a"}, "告知途径"),
        ("pages", {"pages": 40, "decision_code": "D1"}, "没有提供材料"),
    ],
)
def test_what_cannot_be_charged(kind, more, word):
    with pytest.raises(FeeError, match=word):
        charge(kind, **more)


def test_by_item_fits_every_decision():
    assert charge("items", number=11, decision_code="G-a").amount == 100
    assert charge("items", number=11, decision_code="N2").amount == 100
    assert charge("pages", pages=31, decision_code="P").amount == 10


def test_off_until_the_start_date_and_exempt():
    for start in (None, date(2026, 5, 13)):
        found = charge("items", number=50, start_date=start)
        assert (found.amount, found.is_charged) == (0, False)
        assert "还没有开始收费" in found.words
    assert charge("items", number=50, start_date=DAY).amount == 300
    free = charge("items", number=50, exemption="低保家庭")
    assert free.amount == 0
    assert free.words == "免收：低保家庭。"


def test_thresholds():
    assert [bool(threshold(n)) for n in (1, 7, 8, 10, 11)] == [False, False, True, True, True]
    assert "可以决定" in threshold(11)
    assert "可以收取" in threshold(8)
    assert threshold(3, notice_at=2, charge_from=3)


def test_a_place_may_have_its_own_tariff():
    flat = Tariff((Bracket(5, 0), Bracket(None, 50)))
    assert items_total(7, flat) == 100
    assert charge("items", number=6, items=flat).amount == 50


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tariff(()),
        lambda: Tariff((Bracket(10, 0),)),
        lambda: Tariff((Bracket(10, 0), Bracket(5, 1), Bracket(None, 2))),
        lambda: Tariff((Bracket(None, 0), Bracket(None, 1))),
        lambda: Tariff((Bracket(10, -1), Bracket(None, 1))),
        lambda: Tariff((Bracket(None, 1),), step=10),
        lambda: ITEMS.price(0),
        lambda: ITEMS.total(-1),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValueError, match=r"\S"):
        make()
