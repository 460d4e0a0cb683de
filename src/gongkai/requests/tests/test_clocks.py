"""The clocks of a request, as acts leave them: the worked examples of the rules, and what must hold for all."""

from __future__ import annotations

import contextlib
import datetime as dt
from unittest import mock

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.core import calendars, jurisdiction
from gongkai.core import clocks as core_clocks
from gongkai.core.acts import ActError, acts, perform
from gongkai.requests import clocks, periodic
from gongkai.requests.acts import handling
from gongkai.requests.models import Request
from gongkai.requests.tests.handling_helpers import at, do, due, request_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def freeze(moment: dt.datetime):
    """Recomputing takes the time of the machine."""
    return mock.patch("gongkai.core.clocks.timezone.now", return_value=moment)


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


def test_a_web_request_waits_for_its_confirmation(place):
    case = request_of(place, "2025-06-06", channel="web", received_on=None, counted_year=None, state="unconfirmed")
    assert (case.received_on, case.counted_year) == (None, None)
    assert not case.clocks.filter(code="reply").exists()
    assert clocks.history(case, at("2025-06-06")).stage == "S0"
    with transaction.atomic():
        clocks.received(case, day("2025-06-07"), at("2025-06-07"))
        case.save()
    assert due(case) == day("2025-07-04")
    assert due(case, "supplement_notice") == day("2025-06-17")
    assert (case.counted_year, case.counted_from) == (2025, day("2025-06-07"))
    assert clocks.check(case, at("2025-06-07")) == []
    with pytest.raises(ActError, match="不能晚于今天"):
        clocks.received(case, day("2025-06-09"), at("2025-06-08"))


@pytest.mark.duty("004-8b")
def test_entry_within_two_working_days_is_a_clock_of_its_own(place):
    on_time = request_of(place, "2025-09-26", entered_at=at("2025-09-29"))
    assert due(on_time, "registration") == day("2025-09-29")
    assert on_time.clocks.get(code="registration").on_time is True
    late = request_of(place, "2025-09-26", entered_at=at("2025-09-30"))
    assert late.clocks.get(code="registration").on_time is False


@pytest.mark.duty("001-15d")
@pytest.mark.parametrize(
    ("posted", "recorded", "on_time", "used"),
    [
        ("2025-10-24", "2025-10-27", True, 20),
        ("2025-10-27", "2025-10-27", False, 21),
        ("2025-09-30", "2025-09-30", True, 7),
    ],
)
def test_the_day_of_posting_counts_not_that_of_writing_it_down(place, posted, recorded, on_time, used):
    case = request_of(place, "2025-09-22", state="signed")
    with transaction.atomic():
        clocks.signed(case, at(posted, 9))
        clocks.replied(case, day(posted), at(recorded))
        case.save()
    reply = case.clocks.get(code="reply")
    assert (reply.state, reply.on_time, case.workdays_used) == ("met", on_time, used)
    assert case.clocks.get(code="delivery").state == "met"
    assert clocks.check(case, at(recorded)) == []


def test_days_that_do_not_count_are_not_used(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_third_party", case, place.officer, "2025-09-26", party_kind="organisation", name="某公司",
        information="投标文件", part="单价表", way="post", sent_on="2025-09-24", received_on="2025-09-26",
    )  # fmt: skip
    row = case.consultations.get()
    do(
        "opinion_received",
        case,
        place.officer,
        "2025-10-14",
        consultation=row.pk,
        answer="agreed",
        answered_on="2025-10-14",
    )
    with transaction.atomic():
        clocks.replied(case, day("2025-11-07"), at("2025-11-07"))
    assert case.workdays_used == 20


def test_a_pause_with_its_reason_and_document_stands_in_the_derivation(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_third_party", case, place.officer, "2025-09-24", party_kind="organisation", name="某公司",
        information="投标文件", part="单价表", way="post", sent_on="2025-09-24", received_on="",
    )  # fmt: skip
    found = core_clocks.derivation(case.clocks.get(code="reply"), at("2025-09-30"))
    lines = [line.title for line in found.stretches]
    assert any("10:00起暂停" in line for line in lines)
    assert any("征求第三方意见" in line for line in lines)


def test_both_runs_can_be_shown(place):
    case = request_of(place, "2024-02-09")
    do(
        "ask_supplement", case, place.officer, "2024-02-26", items="请写明年度。",
        sent_on="2024-02-22", received_on="2024-02-26", workdays=10,
    )  # fmt: skip
    do("supplement_received", case, place.officer, "2024-03-05", answered_on="2024-03-05", answer="2023年。")
    shown = [core_clocks.derivation(run, at("2024-03-06")) for run in clocks.runs(case)]
    assert [found.start.date() for found in shown] == [day("2024-02-09"), day("2024-03-05")]
    assert "等待申请人补正" in " ".join(line.title for line in shown[0].stretches)
    assert shown[1].rule.trigger == "收到补正"
    assert "补正后重新计算" in case.clocks.get(code="reply:1").basis


@pytest.mark.duty("001-15d")
def test_a_changed_calendar_moves_open_requests_and_says_so(place):
    running = request_of(place, "2026-03-02")
    paused = request_of(place, "2026-03-02")
    party = {
        "party_kind": "organisation", "name": "某公司", "information": "投标文件", "part": "单价表", "way": "post",
        "sent_on": "2026-03-04", "received_on": "2026-03-04",
    }  # fmt: skip
    do("ask_third_party", paused, place.officer, "2026-03-04", **party)
    silent = request_of(place, "2026-03-02")
    do("ask_third_party", silent, place.officer, "2026-03-04", **party)
    periodic.lapse(at("2026-03-26"))
    for case in (paused, silent):
        case.refresh_from_db()
    assert due(silent) == day("2026-04-21")
    moment = at("2026-03-26", 12)
    with freeze(moment):
        calendars.add_layer(
            [day("2026-03-16"), day("2026-03-20")], [], None, reason="暴雨停工", document_number="云政发〔2026〕9号"
        )
    assert due(running) == day("2026-04-01")
    for case in (running, paused, silent):
        fresh = Request.objects.get(pk=case.pk)
        assert clocks.check(fresh, moment) == []
    event = running.events.get(act="clock.recompute")
    assert "由2026年3月30日变为2026年4月1日" in event.summary
    assert "暴雨停工" in event.summary
    # Fifteen working days of the third party end two days later, and the reply with them.
    row = silent.consultations.get()
    assert row.due_on == day("2026-03-27")
    assert (row.ended_on, row.answer) == (None, "")
    periodic.lapse(at("2026-03-30"))
    assert due(silent) == day("2026-04-23")
    silent.refresh_from_db()
    assert silent.state == "handling"


def test_an_extension_that_was_in_time_stays_so_when_the_calendar_changes(place):
    odd = request_of(place, "2026-03-02")
    do("ask_extension", odd, place.handler, "2026-03-30", workdays=5, reason="材料多")
    do("grant_extension", odd, place.leader, "2026-03-30", workdays=5)
    plain = request_of(place, "2026-03-02")
    # A Saturday becomes a working day afterwards: the twentieth day is now before the day of the extension.
    with freeze(at("2026-03-30", 12)):
        calendars.add_layer([], [day("2026-03-28")], None, reason="更正", document_number="2号")
    assert due(plain) == day("2026-03-28")
    assert due(odd) == day("2026-04-03")
    # What is done next is not stopped by it, while nobody may extend a day that has passed.
    do(
        "add_search",
        odd,
        place.handler,
        "2026-03-31",
        place="档案室",
        method="按文号",
        searched_on="2026-03-31",
        searcher="档案岗",
        result="没有",
    )
    assert clocks.check(Request.objects.get(pk=odd.pk), at("2026-03-31")) == []
    with pytest.raises(ActError, match="届满"):
        do("ask_extension", plain, place.handler, "2026-03-31", workdays=5, reason="材料多")


def test_a_supplement_due_in_a_changed_calendar_moves_too(place):
    case = request_of(place, "2024-02-09")
    do(
        "ask_supplement", case, place.officer, "2024-02-26", items="请写明年度。",
        sent_on="2024-02-22", received_on="2024-02-26", workdays=10,
    )  # fmt: skip
    with freeze(at("2024-02-27")):
        calendars.add_layer([day("2024-03-05")], [], None, reason="停电", document_number="1号")
    assert due(case, "supplement") == day("2024-03-12")
    assert case.supplement_rounds.get().due_on == day("2024-03-12")
    assert clocks.check(Request.objects.get(pk=case.pk), at("2024-02-27")) == []


def test_a_year_nobody_announced_is_told_in_words(place):
    case = request_of(place, "2026-03-02", channel="web", received_on=None, counted_year=None, state="unconfirmed")
    with pytest.raises(ActError, match="2099"):
        clocks.received(case, day("2099-03-02"), at("2099-03-02"))


WHATS = (
    "supplement", "answer", "party", "comaker", "opinion", "receipt", "extend", "grant", "refuse", "fee", "pay", "waive",
    "reasons", "given", "judge",
)  # fmt: skip


def _possible(case: Request, place, on: dt.date, now: dt.date) -> list:
    """What could be attempted: acts that start from the state and that nothing blocks."""
    found = [_form(what, case, place, on, now) for what in WHATS]
    return [
        item
        for item in found
        if item
        and acts[f"request.{item[0]}"].starts_from(case)
        and not acts[f"request.{item[0]}"].blocked(case, item[1])
    ]


def _form(what: str, case: Request, place, on: dt.date, now: dt.date):
    """The act and its fields for an attempt; None when there is nothing to attempt it on."""
    day = on.isoformat()
    party = {"party_kind": "organisation", "name": "某公司", "part": "单价表", "way": "post", "information": "投标文件"}
    delivered = day if on.day % 3 else ""
    if what == "supplement":
        return "ask_supplement", place.officer, {"items": "请写明年度。", "sent_on": day, "received_on": delivered,
                                                "workdays": 1 + on.day % 12, "late_reason": "迟"}  # fmt: skip
    if what == "answer":
        return "supplement_received", place.officer, {"answered_on": day, "answer": "2023年"}
    if what == "party":
        return "ask_third_party", place.officer, {**party, "sent_on": day, "received_on": delivered}
    if what == "comaker":
        return "ask_co_maker", place.officer, {"unit": place.finance.pk, "information": "办法", "sent_on": day}
    if what == "opinion":
        row = (
            case.consultations.filter(pauses=True, answered_on__isnull=True)
            .order_by("-pk" if on.day % 2 else "pk")
            .first()
        )
        return row and (
            "opinion_received",
            place.officer,
            {"consultation": row.pk, "answer": "agreed", "answered_on": day},
        )
    if what == "receipt":
        found = handling.unreceived(case)
        return found and ("note_receipt", place.officer, {"what": found[0][0], "received_on": day})
    if what in ("extend", "grant"):
        act = "ask_extension" if what == "extend" else "grant_extension"
        return (
            act,
            place.handler if what == "extend" else place.leader,
            {"workdays": 1 + on.day % 20, "reason": "材料多"},
        )
    if what == "fee":
        return (
            "ask_fee",
            place.officer,
            {"basis": "pages", "pages": 150, "facts": "多", "sent_on": day, "received_on": delivered},
        )
    if what == "judge":
        return "judge_reasons", place.officer, {"accepted": "yes", "words": "有正当需要",
                                                "until": (now + dt.timedelta(days=60)).isoformat() if on.day % 2 else ""}  # fmt: skip
    plain = {
        "refuse": ("refuse_extension", place.leader, {"words": "不必"}),
        "pay": ("fee_paid", place.officer, {"paid_on": day, "receipt_number": "1"}),
        "waive": ("waive_fee", place.leader, {"reason": "困难"}),
        "reasons": ("ask_reasons", place.officer, {"numbers": "一月百件", "sent_on": day}),
        "given": ("reasons_given", place.officer, {"given_on": day, "reasons": "研究"}),
    }
    return plain.get(what)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    start=st.dates(dt.date(2024, 1, 2), dt.date(2025, 12, 20)),
    # Which of what is possible, after how many days, dated how many days back.
    attempts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 3)), min_size=3, max_size=12),
)
def test_whatever_is_done_in_whatever_order_the_stored_days_are_the_derived_ones(place, start, attempts):
    jurisdiction.change("requests.fee_start", "2021-01-01", None)
    jurisdiction.change("requests.fee_account", "缴款平台", None)
    calendar = calendars.current()
    point = transaction.savepoint()
    case = request_of(place, start.isoformat())
    today, lasts = start, {}
    for which, wait, back in attempts:
        today += dt.timedelta(days=wait)
        now = at(today.isoformat())
        periodic.lapse(now)
        case = Request.objects.get(pk=case.pk)
        possible = _possible(case, place, max(today - dt.timedelta(days=back), start), today)
        if possible and which:
            act, user, values = possible[which % len(possible)]
            with contextlib.suppress(ActError):
                perform(f"request.{act}", case, user, values, now=now)
            case = Request.objects.get(pk=case.pk)
        assert clocks.check(case, now) == []
        found = clocks.history(case, now)
        run = found.reply
        if run.due_on is not None:
            assert calendar.is_workday(run.due_on)
            # Nothing that is asked, paused or granted ever makes a run shorter.
            assert run.due_on >= lasts.get(run.start, run.due_on)
            lasts[run.start] = run.due_on
        assert case.state == clocks.state_of(found, clocks.rows_of(case)) or case.state == "extending"
    transaction.savepoint_rollback(point)


def test_every_run_stands_on_the_sheet_of_each(place, client):
    case = request_of(place, "2026-03-02")
    do(
        "ask_supplement", case, place.officer, "2026-03-04",
        items="道路名称", workdays=10, sent_on="2026-03-04", received_on="2026-03-04",
    )  # fmt: skip
    do("supplement_received", case, place.officer, "2026-03-10", answered_on="2026-03-10", answer="清平路")
    first, second = clocks.runs(case)
    client.force_login(place.officer)
    for own, other in ((first, second), (second, first)):
        page = client.get(reverse("workbench:derivation", args=[case.pk, own.pk]))
        assert [row["name"] for row in page.context["others"]] == [other.name]
        words = page.content.decode()
        assert reverse("workbench:derivation", args=[case.pk, other.pk]) in words
    assert "2026年3月2日起算" in words
    assert "起暂停" in words
