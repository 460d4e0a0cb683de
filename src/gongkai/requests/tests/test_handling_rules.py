"""Handling: reasons for excessive requests, searches, who may do what, reminders, what the log keeps."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core.acts import ActError, NotPermitted, WrongState, acts, available
from gongkai.core.models import Event
from gongkai.requests import clocks, periodic
from gongkai.requests.models import Request
from gongkai.requests.tests.handling_helpers import at, do, due, request_of, world

pytestmark = pytest.mark.django_db
NUMBERS = "本月提出86件申请，其中71件内容基本相同"


@pytest.fixture
def place():
    return world()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def asked(place):
    case = request_of(place, "2026-03-02")
    do("ask_reasons", case, place.officer, "2026-03-05", numbers=NUMBERS, sent_on="2026-03-05")
    return case


def test_reasons_are_asked_while_the_clock_runs_on(place):
    case = asked(place)
    assert case.state == "explaining"
    assert due(case) == day("2026-03-30")
    assert due(case, "reasons") == day("2026-03-19")
    words = case.letters.get(code="requests-l3").words
    assert words["numbers"] == NUMBERS
    assert words["last_day"] == "2026年3月19日"


def test_good_reasons_may_bring_a_later_date(place):
    case = asked(place)
    with pytest.raises(ActError, match="期限也没有届满"):
        do("judge_reasons", case, place.officer, "2026-03-06", accepted="yes", words="研究需要")
    do("reasons_given", case, place.officer, "2026-03-10", given_on="2026-03-10", reasons="用于学位论文")
    assert case.state == "handling"
    with pytest.raises(ActError, match="能按期答复的不需要延迟"):
        do("judge_reasons", case, place.officer, "2026-03-11", accepted="yes", words="研究需要", until="2026-03-27")
    do("judge_reasons", case, place.officer, "2026-03-11", accepted="yes", words="研究需要", until="2026-05-09")
    assert (case.reasons_accepted, case.delayed_until) == (True, day("2026-05-09"))
    assert due(case) == day("2026-05-09")
    assert case.reasons_words == "用于学位论文"
    assert "学位论文" not in str(list(case.events.values_list("data", "summary", "words", "changes")))
    with pytest.raises(ActError, match="已经作出判断"):
        do("judge_reasons", case, place.officer, "2026-03-12", accepted="no", words="再看")


def test_silence_about_reasons_gives_the_matter_back(place):
    case = asked(place)
    assert periodic.lapse(at("2026-03-19", 23)) == 0
    assert periodic.lapse(at("2026-03-20")) == 1
    case.refresh_from_db()
    assert case.state == "handling"
    assert case.clock.code == "reply"
    do("judge_reasons", case, place.officer, "2026-03-20", accepted="no", words="没有说明")
    assert case.reasons_accepted is False
    assert due(case) == day("2026-03-30")


def test_bad_reasons_take_no_date(place):
    case = asked(place)
    do("reasons_given", case, place.officer, "2026-03-10", given_on="2026-03-10", reasons="不说")
    with pytest.raises(ActError, match="请去掉日期"):
        do("judge_reasons", case, place.officer, "2026-03-11", accepted="no", words="无", until="2026-05-09")


def test_a_search_is_kept_as_proof(place):
    case = request_of(place, "2026-03-02")
    values = {
        "place": "局档案室2024年文书档案", "method": "按文号、关键词检索", "searched_on": "2026-03-04", "searcher": "档案管理岗",
        "result": "没有找到",
    }  # fmt: skip
    do("add_search", case, place.handler, "2026-03-04", **values)
    row = case.searches.get()
    assert (row.place, row.found) == (values["place"], False)
    with pytest.raises(ActError, match="不能早于收到申请的日期"):
        do("add_search", case, place.handler, "2026-03-04", **{**values, "searched_on": "2026-03-01"})


STAFF = {"officer", "handler"}
WHO = {
    "add_search": STAFF,
    "ask_supplement": STAFF,
    "ask_third_party": STAFF,
    "ask_co_maker": STAFF,
    "ask_assistance": STAFF,
    "ask_counsel": STAFF,
    "open_meeting": STAFF,
    "ask_reasons": STAFF,
    "ask_extension": STAFF,
    "grant_extension": {"leader"},
    "refuse_extension": {"leader"},
    "decide_second_supplement": {"leader"},
    "waive_fee": {"officer", "leader"},
    "refund_fee": {"officer", "leader"},
    "fee_paid": STAFF,
    "supplement_received": STAFF,
    "opinion_received": STAFF,
    "note_receipt": STAFF,
}


@pytest.mark.duty("002-22b", "003-29a")
@pytest.mark.parametrize(("name", "roles"), WHO.items())
def test_every_act_has_its_people(place, name, roles):
    case = request_of(place, "2026-03-02")
    people = ("officer", "handler", "leader", "legal", "treasurer", "stranger")
    assert {who for who in people if acts[f"request.{name}"].permitted(case, getattr(place, who))} == roles


def test_what_follows_from_the_calendar_is_nobodys_button(place):
    case = request_of(place, "2026-03-02")
    for name in (
        "supplement_lapsed",
        "opinion_lapsed",
        "fee_lapsed",
        "reasons_lapsed",
        "applicant_supplement",
        "help_answered",
    ):
        assert acts[f"request.{name}"].system
        with pytest.raises((NotPermitted, WrongState)):
            do(name, case, place.officer, "2026-03-03", answer="x")


def test_a_lapse_before_its_day_is_refused(place):
    case = asked(place)
    with pytest.raises(ActError, match="还没有届满"):
        do("reasons_lapsed", case, None, "2026-03-12")


def test_only_what_makes_sense_is_offered(place):
    case = request_of(place, "2026-03-02")
    offered = {
        act.name
        for act in available(case, place.officer)
        if not (act.hide_blocked and act.blocked(case, place.officer))
    }
    assert {"ask_supplement", "ask_third_party", "ask_extension", "add_search"} <= offered
    assert not offered & {
        "supplement_received",
        "opinion_received",
        "fee_paid",
        "waive_fee",
        "note_receipt",
        "ask_fee",
        "record_meeting",
    }


@pytest.mark.duty("003-29b", "001-15d")
def test_people_hear_in_time(place):
    case = request_of(place, "2026-03-02", handler=place.handler)
    heard = place.handler.notifications
    # Seven working days for a supplement notice end on 11 March: the 4th, 6th and 7th.
    for date, count in (("2026-03-05", 0), ("2026-03-06", 1), ("2026-03-09", 1), ("2026-03-10", 2), ("2026-03-11", 3)):
        periodic.remind(at(date, 8))
        assert heard.filter(text__contains="告知期限").count() == count
    periodic.remind(at("2026-03-11", 9))
    assert heard.filter(text__contains="告知期限").count() == 3
    do("ask_extension", case, place.officer, "2026-03-20", workdays=5, reason="材料多")
    for date, count in (("2026-03-23", 1), ("2026-03-26", 2), ("2026-03-30", 3)):
        periodic.remind(at(date, 8))
        assert heard.filter(text__contains="答复期限").count() == count


@pytest.mark.duty("004-8a", "003-29b")
def test_the_whole_course_is_written_down(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_supplement", case, place.officer, "2025-09-24", items="请写明年度。",
        sent_on="2025-09-24", received_on="2025-09-24", workdays=10,
    )  # fmt: skip
    do("applicant_supplement", case, None, "2025-09-25", answer="2024年")
    do(
        "ask_third_party", case, place.officer, "2025-09-26", party_kind="organisation", name="某公司",
        information="投标文件", part="单价表", way="post", sent_on="2025-09-26", received_on="2025-09-26",
    )  # fmt: skip
    row = case.consultations.get()
    do(
        "opinion_received",
        case,
        place.officer,
        "2025-10-09",
        consultation=row.pk,
        answer="agreed",
        answered_on="2025-10-09",
    )
    do("ask_extension", case, place.officer, "2025-10-14", workdays=5, reason="材料多")
    do("grant_extension", case, place.leader, "2025-10-14", workdays=5)
    told = list(Event.objects.filter(case=case).order_by("sequence").values_list("label", flat=True))
    assert told[1:] == ["要求补正", "申请人补正", "征求第三方意见", "登记收到的意见", "申请延期", "批准延期"]
    assert {letter.code for letter in case.letters.all()} == {
        "requests-l2", "requests-l4", "requests-l5", "requests-l6", "requests-l7",
    }  # fmt: skip
    assert clocks.check(Request.objects.get(pk=case.pk), at("2025-10-14")) == []
