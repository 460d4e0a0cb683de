"""The clocks of a request, as acts leave them: the worked examples of the rules, and what must hold for all."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.requests import clocks
from gongkai.requests.tests.handling_helpers import due, request_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


@pytest.mark.parametrize(
    ("received", "notice", "last"),
    [
        ("2024-02-09", "2024-02-26", "2024-03-14"),
        ("2025-09-22", "2025-09-30", "2025-10-24"),
        ("2026-01-19", "2026-01-28", "2026-02-14"),
        ("2026-03-02", "2026-03-11", "2026-03-30"),
        ("2025-06-07", "2025-06-17", "2025-07-04"),
        ("2025-10-11", "2025-10-21", "2025-11-07"),
        ("2025-10-10", "2025-10-20", "2025-11-06"),
    ],
)
def test_the_day_of_receipt_gives_the_last_days(place, received, notice, last):
    case = request_of(place, received)
    assert due(case) == dt.date.fromisoformat(last)
    assert due(case, "supplement_notice") == dt.date.fromisoformat(notice)
    assert clocks.check(case, case.arrived_at) == []
    assert case.clock.code == "reply"
