"""Clocks that a room derives itself and lays into a case: written where they differ, kept where they do not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core import calendars, clocks
from gongkai.core.clocks import Laid
from gongkai.core.models import Case, Clock, ClockPause, Unit
from gongkai.core.tests import sample  # noqa: F401
from gongkai.law.clock import Extension, Pause, Rule, last_day

pytestmark = pytest.mark.django_db
RULE = Rule("workday", 20, basis="依据", trigger="收到")


def at(text: str) -> dt.datetime:
    return timezone.make_aware(dt.datetime.fromisoformat(f"{text} 10:00"))


NOW = at("2026-03-02")


@pytest.fixture
def case():
    unit = Unit.objects.create(code="u", name="单位", short_name="单位")
    return Case.objects.create(kind="sample", number="1", title="样例", state="new", unit=unit, opened_at=NOW)


def day_of(clock: Clock) -> dt.date | None:
    clock.refresh_from_db()
    return last_day(clock.due_at) if clock.due_at else None


def test_what_is_not_there_is_made_and_what_is_right_is_left(case):
    plan = Laid("reply", "答复", RULE, "running", NOW)
    (clock,) = clocks.lay(case, [plan], NOW)
    assert day_of(clock) == dt.date(2026, 3, 30)
    assert clocks.lay(case, [plan], NOW) == []
    assert case.clocks.count() == 1


def test_pauses_and_extensions_are_taken_over_whole(case):
    (clock,) = clocks.lay(case, [Laid("reply", "答复", RULE, "running", NOW)], NOW)
    paused = Laid("reply", "答复", RULE, "paused", NOW, pauses=(Pause(at("2026-03-04"), None, "征求意见", "1号"),))
    clocks.lay(case, [paused], NOW)
    assert day_of(clock) is None
    back = Laid(
        "reply", "答复", RULE, "running", NOW,
        pauses=(Pause(at("2026-03-04"), at("2026-03-11"), "征求意见", "1号"),),
        extensions=(Extension(10, reason="材料多", document="2号", approved_on=dt.date(2026, 3, 12)),),
    )  # fmt: skip
    clocks.lay(case, [back], NOW)
    # Five working days out, ten more.
    assert day_of(clock) == dt.date(2026, 4, 21)
    assert ClockPause.objects.get().document == "1号"
    assert clocks.lay(case, [back], NOW) == []
    clocks.lay(case, [Laid("reply", "答复", RULE, "running", NOW)], NOW)
    assert (day_of(clock), clock.pauses.count(), clock.extensions.count()) == (dt.date(2026, 3, 30), 0, 0)


def test_other_clocks_of_the_case_stay(case):
    own = clocks.start(case, now=NOW, code="own", name="别的", unit="day", amount=3)
    clocks.lay(case, [Laid("reply", "答复", RULE, "running", NOW)], NOW)
    assert set(case.clocks.values_list("code", flat=True)) == {"own", "reply"}
    assert day_of(own) == dt.date(2026, 3, 5)


def test_what_was_done_before_the_case_was_opened_is_met_at_once(case):
    late = clocks.prepare(
        case,
        {},
        now=NOW,
        code="entry",
        name="录入",
        unit="workday",
        amount=2,
        started_at=at("2026-02-25"),
        stopped_at=NOW,
    )
    assert (late.state, late.on_time) == (Clock.State.MET, False)
    soon = clocks.prepare(
        case,
        {},
        now=NOW,
        code="entry",
        name="录入",
        unit="workday",
        amount=2,
        started_at=at("2026-02-27"),
        stopped_at=NOW,
    )
    assert soon.on_time is True


def test_a_limit_that_only_bounds_a_choice_never_stands_for_the_case(case):
    clocks.start(case, now=NOW, code="choice", name="可选", unit="workday", amount=7)
    clocks.start(case, now=NOW, code="reply", name="答复", unit="workday", amount=20)
    clocks.settle(case, closed=False, now=NOW)
    assert case.clock.code == "choice"
    case.QUIET_CLOCKS = frozenset({"choice"})
    clocks.settle(case, closed=False, now=NOW)
    assert case.clock.code == "reply"


def test_a_room_lays_its_clocks_anew_when_the_calendar_changes(case, monkeypatch):
    clocks.lay(case, [Laid("reply", "答复", RULE, "running", NOW)], NOW)

    def lay_clocks(found: Case, now: dt.datetime) -> None:
        # What hangs on another end: a pause that lasts a day longer than before.
        pause = Pause(at("2026-03-04"), at("2026-03-05"), "等待")
        clocks.lay(found, [Laid("reply", "答复", RULE, "running", NOW, pauses=(pause,))], now)

    monkeypatch.setattr(Case, "lay_clocks", lay_clocks, raising=False)
    assert calendars.recompute("补班") == 1
    event = case.events.get()
    assert event.summary == "答复由2026年3月30日变为2026年3月31日。原因：补班"
    assert [move["clock"] for move in event.data["moves"]] == ["答复"]
