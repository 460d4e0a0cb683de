"""Many cases opened at once: numbers, clocks, events and counters as if each had been opened by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gongkai.core import audit, bundles, clocks, counters, numbers
from gongkai.core.acts import Opening, Work, acts
from gongkai.core.locks import writing
from gongkai.core.models import Case, Clock, Event, PendingSeal, Unit
from gongkai.core.tests import sample

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(dt.datetime(2026, 9, 18, 10))


@pytest.fixture
def units():
    return [Unit.objects.create(code=f"u{at}", name=f"单位{at}", short_name=f"单位{at}") for at in range(4)]


def openings(units, each):
    return [
        Opening(
            Case(kind="sample", title=f"{unit}{at}", unit=unit, state="new", series="sample-1", section="01"),
            clocks=(
                {"code": "late", "name": "后到", "unit": "workday", "amount": 9},
                {"code": "main", "name": "先到", "unit": "workday", "amount": 5},
                {"code": "wait", "name": "等待", "unit": "hour", "amount": 24, "waiting": True, "trigger": "事件"},
            ),
            summary=f"第{at}件",
            data={"at": at},
        )
        for unit in units
        for at in range(each)
    ]


def opened(units, each=1):
    work = Work(act=acts[sample.OpenSample().key], case=None, user=None, data={"title": "多件"}, now=NOW)
    with writing():
        found = work.open_many(openings(units, each))
    return work, found


def test_every_case_has_its_number_clocks_and_first_event(units):
    work, found = opened(units, each=3)
    assert [case.number for case in found] == [f"YL-2026-{serial:04d}" for serial in range(1, 13)]
    assert work.case is found[0]
    assert work.event == Event.objects.get(case=found[0])
    for case in Case.objects.select_related("clock"):
        event = Event.objects.get(case=case)
        assert (event.sequence, case.event_count, event.data["number"]) == (1, 1, case.number)
        assert event.digest == audit.digest(event)
        assert (case.clock.code, case.clock.case_id, case.due_at) == ("main", case.pk, case.clock.due_at)
        assert {clock.code: clock.state for clock in case.clocks.all()} == {
            "late": "running", "main": "running", "wait": "waiting",
        }  # fmt: skip
    assert PendingSeal.objects.count() == 12
    assert counters.verify() == []
    assert audit.verify().intact


def test_the_case_in_hand_knows_its_clock(units):
    _, found = opened(units)
    with CaptureQueriesContext(connection) as asked:
        assert {case.clock.code for case in found} == {"main"}
    assert len(asked) == 0
    assert found[0].clock_id == Clock.objects.get(case=found[0], code="main").pk


def test_together_is_the_same_as_one_by_one(units):
    _, together = opened(units)
    work = Work(act=acts[sample.OpenSample().key], case=None, user=None, data={}, now=NOW)
    with writing():
        alone = [work.open(one.case, clocks=one.clocks, summary=one.summary) for one in openings(units, 1)]
    for one, other in zip(together, alone, strict=True):
        one.refresh_from_db()
        other.refresh_from_db()
        for name in ("light", "light_until", "late_at", "due_at", "due_order", "turn_role", "ask", "opened_at"):
            assert getattr(one, name) == getattr(other, name), name
    assert counters.verify() == []


def test_more_cases_cost_little_more(units):
    with CaptureQueriesContext(connection) as few:
        opened(units, each=1)
    with CaptureQueriesContext(connection) as many:
        opened(units, each=10)
    assert len(many) - len(few) <= 4


def test_reserved_keys_are_given_once(units):
    with writing():
        first, second = numbers.reserve_keys(Case, 3), numbers.reserve_keys(Case, 2)
        _, found = opened(units[:1])
        plain = Unit.objects.create(code="u9", name="单位9", short_name="单位9")
        reserved = numbers.reserve_keys(Unit, 1)
    assert len({*first, *second, found[0].pk}) == 6
    assert reserved[0] > plain.pk
    assert Unit.objects.create(code="u8", name="单位8", short_name="单位8").pk > reserved[0]


def test_a_second_batch_adds_to_the_counters(units):
    opened(units, each=2)
    opened(units, each=3)
    assert sum(counters.by_unit_section("sample", "sample-1", NOW)[units[0].pk, "01"].values()) == 5
    assert counters.verify() == []


def test_lists_gathered_in_one_query_are_as_the_orm_reads_them(units):
    _, found = opened(units, each=2)
    clocks.pause(found[0].clock, NOW, reason="等待", document="1号")
    assert connection.features.supports_json_field  # asked of SQLite once in a process
    with CaptureQueriesContext(connection) as asked:
        lists = bundles.gather(
            {
                "clocks": bundles.rows(Clock.objects.order_by("-pk")),
                "cases": bundles.rows(
                    Case.objects.order_by("number"), "id", "number", "unit__id", "unit__name", limit=3
                ),
                "none": bundles.rows(Case.objects.none()),
            }
        )
        assert [case.unit.name for case in lists["cases"]] == ["单位0", "单位0", "单位1"]
        bundles.hold(found[0], "clocks", lists["clocks"][:2])
        assert len(found[0].clocks.all()) == 2
    assert len(asked) == 1
    assert lists["none"] == []
    for one, other in zip(lists["clocks"], Clock.objects.order_by("-pk"), strict=True):
        for field in Clock._meta.concrete_fields:
            assert getattr(one, field.attname) == getattr(other, field.attname), field.attname
