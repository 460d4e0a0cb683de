"""补正: told once, within seven working days; the answer begins the count anew, silence allows to close."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core.acts import ActError, InvalidData
from gongkai.requests import clocks
from gongkai.requests.acts import assistance, extension, fees, handling, opinions, supplement  # noqa: F401
from gongkai.requests.tests.handling_helpers import do, due, request_of, world

pytestmark = pytest.mark.django_db
ITEMS = "请写明需要哪一年、哪些学校的维修经费。"


@pytest.fixture
def place():
    return world()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def asked(place, **more):
    """A1 and A2 of the worked examples: asked on the fifth day, received on 26 February, ten working days."""
    case = request_of(place, "2024-02-09")
    values = {"items": ITEMS, "sent_on": "2024-02-22", "received_on": "2024-02-26", "workdays": 10, **more}
    do("ask_supplement", case, place.officer, "2024-02-26", **values)
    return case


@pytest.mark.duty("004-8c", "004-8a")
def test_a_supplement_begins_the_count_anew(place):
    case = asked(place)
    assert case.state == "supplementing"
    assert due(case, "supplement") == day("2024-03-11")
    assert due(case) is None
    assert case.light == "paused"
    do("supplement_received", case, place.officer, "2024-03-05", answered_on="2024-03-05", answer="2023年，全部小学。")
    assert case.state == "handling"
    assert due(case) == day("2024-04-02")
    assert case.counted_from == day("2024-03-05")
    assert case.received_on == day("2024-02-09")
    runs = clocks.runs(case)
    assert [(run.code, run.state, run.name) for run in runs] == [
        ("reply:1", "cancelled", "答复申请人"),
        ("reply", "running", "答复申请人（第2次计算）"),
    ]
    assert case.clock.code == "reply"
    assert case.events.order_by("sequence").last().summary.endswith("到2024年4月2日")
    do("ask_extension", case, place.officer, "2024-03-20", workdays=20, reason="需要汇总多所学校的资料")
    do("grant_extension", case, place.leader, "2024-03-21", workdays=20)
    assert due(case) == day("2024-04-30")
