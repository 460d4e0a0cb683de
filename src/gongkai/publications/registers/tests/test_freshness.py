"""When a column has to be updated again, by table."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.publications.registers.freshness import Standing, Windows, standing

DAY = dt.date


@pytest.mark.parametrize(
    ("updated", "freshness", "days", "limit"),
    [
        (DAY(2026, 11, 1), "news", None, DAY(2026, 11, 15)),
        (DAY(2026, 5, 31), "notices", None, DAY(2026, 11, 30)),
        (DAY(2025, 11, 30), "statistics", None, DAY(2026, 2, 28)),
        (DAY(2024, 2, 29), "yearly", None, DAY(2025, 2, 28)),
        (DAY(2026, 11, 1), "news", 30, DAY(2026, 12, 1)),
        (DAY(2026, 11, 1), "", 7, DAY(2026, 11, 8)),
        (DAY(2026, 11, 1), "", None, None),
    ],
)
def test_limits(updated, freshness, days, limit):
    assert Windows().limit(updated, freshness, days) == limit


@pytest.mark.parametrize("freshness", ["news", "notices", "statistics", "yearly"])
def test_the_inverse_agrees_with_the_limit_on_every_day(freshness):
    windows = Windows()
    for number in range(800):
        day = DAY(2024, 1, 1) + dt.timedelta(days=number)
        oldest = windows.oldest(day, freshness)
        assert windows.limit(oldest, freshness) >= day
        assert windows.limit(oldest - dt.timedelta(days=1), freshness) < day


@pytest.mark.parametrize(
    ("updated", "limit", "expected"),
    [
        (None, None, Standing.BLANK),
        (DAY(2026, 11, 1), None, Standing.FREE),
        (DAY(2026, 11, 1), DAY(2026, 11, 21), Standing.STALE),
        (DAY(2026, 11, 1), DAY(2026, 11, 22), Standing.NEAR),
        (DAY(2026, 11, 1), DAY(2026, 11, 28), Standing.NEAR),
        (DAY(2026, 11, 1), DAY(2026, 11, 29), Standing.FRESH),
    ],
)
def test_standing(updated, limit, expected):
    assert standing(DAY(2026, 11, 22), updated, limit, 7) == expected
