"""补正: told once, within seven working days; the answer begins the count anew, silence allows to close."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from gongkai.core.acts import ActError, InvalidData, NotPermitted
from gongkai.requests import clocks, periodic
from gongkai.requests.models import Request
from gongkai.requests.tests.handling_helpers import at, do, due, request_of, world
from gongkai.requests.tests.reply_helpers import text_of

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


@pytest.mark.duty("004-8c")
def test_silence_lapses_on_its_own_last_day_and_the_case_can_be_closed(place):
    case = asked(place)
    assert periodic.lapse(at("2024-03-11", 23)) == 0
    assert case.state == "supplementing"
    # The worker stood still for three days: the last day is what it was.
    assert periodic.lapse(at("2024-03-15")) == 1
    case.refresh_from_db()
    row = case.supplement_rounds.get()
    assert (case.state, row.state, row.due_on) == ("handling", "lapsed", day("2024-03-11"))
    assert "O1" in clocks.history(case, at("2024-03-12")).may_close
    assert clocks.history(case, at("2024-03-11")).may_close == ()
    assert clocks.check(case, at("2024-03-15")) == []
    assert case.light == "paused"
    assert case.clocks.get(code="supplement").state == "cancelled"
    assert periodic.lapse(at("2024-03-16")) == 0
    told = case.notifications.values_list("text", flat=True)
    assert any("逾期未补正" in text for text in told)


def test_fifteen_days_may_be_given_instead_of_ten(place):
    case = asked(place, workdays=15)
    assert due(case, "supplement") == day("2024-03-18")


def test_a_late_supplement_that_is_taken_begins_the_count_all_the_same(place):
    case = asked(place)
    periodic.lapse(at("2024-03-12"))
    case.refresh_from_db()
    do("supplement_received", case, place.officer, "2024-03-13", answered_on="2024-03-13", answer="因住院迟了。")
    assert case.state == "handling"
    assert due(case) == day("2024-04-11")
    assert "逾期后收到" in case.events.order_by("sequence").last().summary


def test_the_applicant_answers_on_the_status_page_without_an_account(place):
    case = asked(place)
    do("applicant_supplement", case, None, "2024-03-05", answer="2023年，全部小学。")
    assert case.state == "handling"
    assert case.supplement_rounds.get().answered_on == day("2024-03-05")
    event = case.events.order_by("sequence").last()
    assert event.data["answer"] != "2023年，全部小学。"
    assert due(case) == day("2024-04-02")


def test_the_notice_has_seven_working_days_and_a_late_one_says_why(place):
    case = request_of(place, "2024-02-09")
    values = {"items": ITEMS, "sent_on": "2024-02-27", "workdays": 10}
    with pytest.raises(ActError, match="最后一日是2024年2月26日"):
        do("ask_supplement", case, place.officer, "2024-02-27", **values)
    do("ask_supplement", case, place.officer, "2024-02-27", **values, late_reason="来件混在普通信件中，27日才发现")
    assert case.clocks.get(code="supplement_notice").on_time is False
    fresh = request_of(place, "2024-02-09")
    do("ask_supplement", fresh, place.officer, "2024-02-26", **{**values, "sent_on": "2024-02-26"})
    assert fresh.clocks.get(code="supplement_notice").on_time is True


def test_the_time_for_the_notice_passes_without_harm(place):
    case = request_of(place, "2024-02-09")
    periodic.lapse(at("2024-02-27"))
    case.refresh_from_db()
    assert case.clocks.get(code="supplement_notice").state == "cancelled"
    assert case.clock.code == "reply"
    assert clocks.check(case, at("2024-02-27")) == []


def test_a_second_round_needs_the_leader(place):
    case = asked(place)
    do("supplement_received", case, place.officer, "2024-03-05", answered_on="2024-03-05", answer="2023年。")
    again = {"items": "请写明学校名称。", "sent_on": "2024-03-07", "received_on": "2024-03-07", "workdays": 10}
    with pytest.raises(ActError, match="先报批"):
        do("ask_supplement", case, place.officer, "2024-03-07", **again)
    do("ask_second_supplement", case, place.officer, "2024-03-06", reason="补正后出现两所同名学校")
    with pytest.raises(NotPermitted):
        do("decide_second_supplement", case, place.officer, "2024-03-06", granted="yes")
    do("decide_second_supplement", case, place.leader, "2024-03-06", granted="yes")
    do("ask_supplement", case, place.officer, "2024-03-07", **again)
    assert case.state == "supplementing"
    assert [clock.code for clock in clocks.runs(case)] == ["reply:1", "reply"]
    do("supplement_received", case, place.officer, "2024-03-12", answered_on="2024-03-12", answer="第二小学。")
    assert [clock.code for clock in clocks.runs(case)] == ["reply:1", "reply:2", "reply"]
    assert [clock.code for clock in case.clocks.filter(code__startswith="supplement").order_by("id")] == [
        "supplement_notice",
        "supplement:1",
        "supplement",
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sent_on": "2024-02-27"}, "不能晚于今天"),
        ({"sent_on": "2024-02-08"}, "不能早于收到申请的日期"),
        ({"received_on": "2024-02-21"}, "不能早于发出日期"),
    ],
)
def test_dates_that_cannot_be_are_refused_in_words(place, values, words):
    with pytest.raises(ActError, match=words):
        asked(place, **values)


def test_a_notice_after_the_reply_was_due_is_refused(place):
    case = request_of(place, "2024-02-09")
    with pytest.raises(ActError, match="答复期限已于2024年3月14日届满"):
        do(
            "ask_supplement", case, place.officer, "2024-03-15", items=ITEMS, sent_on="2024-03-15", workdays=10,
            late_reason="漏看",
        )  # fmt: skip


def test_an_answer_before_the_question_is_refused(place):
    case = asked(place)
    with pytest.raises(ActError, match="不能早于要求补正的日期"):
        do("supplement_received", case, place.officer, "2024-03-05", answered_on="2024-02-20", answer="早了")


def test_the_letter_says_everything_and_the_receipt_can_be_noted_later(place):
    case = asked(place, received_on="")
    assert case.clocks.get(code="supplement").state == "waiting"
    letter = case.letters.get()
    assert letter.title == "政府信息公开申请补正告知书"
    assert ITEMS.rstrip("。") in letter.words["items"]
    assert "10个工作日" in letter.words["last_day"]
    row = case.supplement_rounds.get()
    do("note_receipt", case, place.officer, "2024-02-27", what=f"supplement:{row.pk}", received_on="2024-02-26")
    assert due(case, "supplement") == day("2024-03-11")
    assert case.deliveries.get().received_on == day("2024-02-26")
    assert case.messages.get().text.startswith("申请需要补正")


def test_more_days_than_allowed_are_refused_by_the_form(place):
    with pytest.raises(InvalidData):
        asked(place, workdays=31)


def test_a_request_closed_after_a_lapse_or_withdrawn_keeps_its_days(place):
    case = asked(place)
    periodic.lapse(at("2024-03-12"))
    case.refresh_from_db()
    with transaction.atomic():
        clocks.replied(case, day("2024-03-13"), at("2024-03-13"))
        case.state, case.closed_at = "replied", at("2024-03-13")
        case.save()
    assert clocks.check(case, at("2024-04-30")) == []
    reply = case.clocks.get(code="reply")
    # Asked on the fifth day; what came after is the applicant's time.
    assert (reply.state, reply.on_time, case.workdays_used) == ("met", True, 5)


@pytest.mark.parametrize("lapsed", [False, True])
def test_a_withdrawal_ends_every_clock(place, lapsed):
    case = asked(place)
    if lapsed:
        periodic.lapse(at("2024-03-12"))
        case.refresh_from_db()
    do("withdraw", case, place.officer, "2024-03-13", withdrawn_on="2024-03-13", way="in_person", reason="不需要了")
    assert case.state == "ended"
    assert not case.clocks.filter(state__in=("running", "paused", "waiting")).exists()
    assert clocks.check(Request.objects.get(pk=case.pk), at("2024-06-01")) == []


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ([], "申请内容不明确"),
        (["identity"], "申请人的身份证明或者联系方式不齐"),
        (["content", "form"], "申请内容不明确，还不能据以查找；没有写明希望得到的形式"),
    ],
)
def test_the_letter_says_what_is_lacking(place, lacks, words):
    """Art. 29, 30: a paper without proof of identity is not called unclear."""
    text = text_of(asked(place, lacks=lacks).letters.get(code="requests-l2"))
    assert words in text
    assert ("申请内容不明确" in text) == (lacks != ["identity"])


def test_somebody_asks_after_a_notice_nobody_confirmed(place):
    """The reply clock stopped with the notice: without its receipt nothing would ever go on."""
    case = asked(place, received_on="")
    assert case.state == "supplementing"
    assert periodic.remind(at("2024-02-28", 8)) == 0
    # Five working days after the 22nd: 23, 26, 27, 28, 29.
    assert periodic.remind(at("2024-02-29", 8)) == 1
    assert case.notifications.filter(text__contains="补正告知书发出5个工作日，还没有登记对方收到的日期").exists()
    periodic.remind(at("2024-02-29", 9))
    assert case.notifications.filter(text__contains="还没有登记对方收到的日期").count() == 1
    do("note_receipt", case, place.officer, "2024-03-01", what=f"supplement:{case.supplement_rounds.get().pk}",
       received_on="2024-02-26")  # fmt: skip
    assert periodic.remind(at("2024-03-07", 8)) == 0
