"""Steps of counters are taken when the act ends, in one order, and never by an act that fails."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongkai.core import counters
from gongkai.core.models import CaseCount, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def units():
    return [Unit.objects.create(code=f"u{n}", name=f"第{n}局", short_name=f"{n}局") for n in range(4)]


def key(unit, light="ok"):
    return counters.Key("assignment", "notice-1", "01", unit.pk, light, "", None)


def counts():
    return {(row.unit_id, row.light): row.number for row in CaseCount.objects.all() if row.number}


def test_steps_wait_for_the_end_of_the_outer_act(units):
    with counters.gathered():
        with counters.gathered():
            counters.move(None, key(units[1]))
        counters.move(None, key(units[0]))
        assert counts() == {}
    assert counts() == {(units[0].pk, "ok"): 1, (units[1].pk, "ok"): 1}


def _fail_after(moved):
    with counters.gathered():
        counters.move(None, moved)
        raise RuntimeError


def test_an_inner_act_that_fails_takes_nothing_of_its_own(units):
    with counters.gathered():
        counters.move(None, key(units[0]))
        with pytest.raises(RuntimeError):
            _fail_after(key(units[1]))
    assert counts() == {(units[0].pk, "ok"): 1}


def test_steps_there_and_back_ask_nothing(units):
    with CaptureQueriesContext(connection) as asked, counters.gathered():
        counters.move(None, key(units[0]))
        counters.move(key(units[0]), key(units[0], "late"))
        counters.move(key(units[0], "late"), None)
    assert not len(asked)


def test_rows_are_taken_in_one_order_whoever_comes_first(units):
    for unit in units[:2]:
        counters.move(None, key(unit))

    def order(*moved):
        with CaptureQueriesContext(connection) as asked, counters.gathered():
            for unit in moved:
                counters.move(None, key(unit))
        return [one["sql"] for one in asked.captured_queries]

    assert order(units[0], units[1]) == order(units[1], units[0])


def test_many_rows_are_moved_together(units):
    with counters.gathered():
        for unit in units:
            for _ in range(3):
                counters.move(None, key(unit))
        counters.move(None, key(units[0], "late"))
    assert counts() == {**{(unit.pk, "ok"): 3 for unit in units}, (units[0].pk, "late"): 1}
