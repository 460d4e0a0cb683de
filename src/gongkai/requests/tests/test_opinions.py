"""征求意见: the time of asking others is not counted, overlapping rounds once, and nobody learns who applied."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from docx import Document

from gongkai.core import attachments
from gongkai.core.acts import ActError, InvalidData, NotPermitted, available, perform
from gongkai.core.models import Case
from gongkai.requests import clocks, periodic
from gongkai.requests.models import Consultation, Help, Request
from gongkai.requests.tests.handling_helpers import at, do, due, request_of, world

pytestmark = pytest.mark.django_db
PARTY = {
    "party_kind": "organisation",
    "name": "临江市望江建材有限公司",
    "contact": "联系人 0000-7654321",
    "address": "临江市江滨路9号",
    "information": "维修工程的投标文件",
    "part": "投标文件中的单价分析表",
    "way": "post",
}


@pytest.fixture
def place():
    return world()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def asked(place, **more):
    """B2 of the worked examples: sent on 24 September, received by the third party on the 26th."""
    case = request_of(place, "2025-09-22")
    values = {**PARTY, "sent_on": "2025-09-24", "received_on": "2025-09-26", **more}
    do("ask_third_party", case, place.officer, "2025-09-26", **values)
    return case


def answer(case, place, on, **more):
    row = case.consultations.filter(answered_on__isnull=True).first()
    values = {"consultation": row.pk, "answer": "objected", "reasons": "涉及商业秘密", "answered_on": on, **more}
    return do("opinion_received", case, place.officer, on, **values)


@pytest.mark.duty("004-8c", "004-8a")
def test_the_time_of_asking_is_not_counted(place):
    case = asked(place)
    row = case.consultations.get()
    assert (case.state, case.light) == ("consulting", "paused")
    assert row.due_on == day("2025-10-23")
    assert due(case) is None
    assert due(case, f"opinion:{row.pk}") == day("2025-10-23")
    answer(case, place, "2025-10-14")
    assert case.state == "handling"
    assert due(case) == day("2025-11-07")
    row.refresh_from_db()
    assert (row.answer, row.reasons, row.ended_on) == ("objected", "涉及商业秘密", day("2025-10-14"))
    pause = case.clocks.get(code="reply").pauses.get()
    assert pause.reason == "征求第三方意见"
    assert pause.document == row.letter.number
    do("ask_extension", case, place.officer, "2025-10-20", workdays=20, reason="材料较多")
    do("grant_extension", case, place.leader, "2025-10-21", workdays=20)
    assert due(case) == day("2025-12-05")


@pytest.mark.parametrize("noticed", ["2025-10-24", "2025-10-29", "2025-11-12"])
def test_silence_ends_the_pause_on_the_exact_day_whenever_it_is_noticed(place, noticed):
    case = asked(place)
    assert periodic.lapse(at("2025-10-23", 23)) == 0
    assert clocks.history(case, at("2025-10-23", 23)).reply.due_on is None
    assert clocks.history(case, at(noticed, 0)).reply.due_on == day("2025-11-18")
    assert periodic.lapse(at(noticed)) == 1
    case.refresh_from_db()
    assert case.state == "handling"
    assert due(case) == day("2025-11-18")
    row = case.consultations.get()
    assert (row.answer, row.ended_on, row.answered_on) == ("silent", day("2025-10-23"), None)
    assert clocks.check(case, at(noticed)) == []
    assert "2025年10月23日届满" in case.events.order_by("sequence").last().summary
    assert periodic.lapse(at(noticed, 12)) == 0


def test_an_opinion_after_the_last_day_is_kept_and_moves_nothing(place):
    case = asked(place)
    periodic.lapse(at("2025-10-24"))
    case.refresh_from_db()
    answer(case, place, "2025-10-28")
    assert due(case) == day("2025-11-18")
    assert case.consultations.get().answer == "objected"
    assert "已超过答复期限" in case.events.order_by("sequence").last().summary


def test_rounds_that_overlap_count_once(place):
    case = asked(place)
    do(
        "ask_third_party", case, place.officer, "2025-10-10",
        **{**PARTY, "name": "临江市北岸工程有限公司", "sent_on": "2025-10-10", "received_on": "2025-10-10"},
    )  # fmt: skip
    answer(case, place, "2025-10-14")
    assert case.state == "consulting"
    answer(case, place, "2025-10-16")
    # One stretch from 24 September to 16 October: twelve working days.
    assert case.state == "handling"
    assert due(case) == day("2025-11-11")


def test_a_letter_on_its_way_has_no_last_day_until_it_is_received(place):
    case = asked(place, received_on="")
    row = case.consultations.get()
    assert case.clocks.get(code=f"opinion:{row.pk}").state == "waiting"
    assert periodic.lapse(at("2025-12-30")) == 0
    do("note_receipt", case, place.officer, "2025-09-28", what=f"opinion:{row.pk}", received_on="2025-09-26")
    assert due(case, f"opinion:{row.pk}") == day("2025-10-23")


def test_somebody_asks_after_letters_nobody_confirmed(place):
    case = asked(place, received_on="")
    assert periodic.remind(at("2025-09-28", 8)) == 0
    # Five working days after the 24th: 25, 26, 28 (make-up), 29, 30.
    assert periodic.remind(at("2025-09-30", 8)) >= 1
    assert case.notifications.filter(text__contains="还没有登记对方收到的日期").exists()


def test_whom_nobody_can_reach_ends_the_wait(place):
    case = asked(place, received_on="")
    row = case.consultations.get()
    values = {"consultation": row.pk, "ended_on": "2025-10-14", "reason": "登记地址无人，电话停机"}
    do("opinion_unreachable", case, place.officer, "2025-10-14", **values)
    assert case.state == "handling"
    assert due(case) == day("2025-11-07")


def test_the_third_party_never_learns_who_applied(place):
    case = asked(place)
    sent = case.letters.get(code="requests-l5")
    assert sent.sealed
    text = "\n".join(p.text for p in Document(io.BytesIO(attachments.load(sent.digest))).paragraphs)
    assert PARTY["name"] in text
    for secret in ("李某某", "李**", "000000000000000000", case.content):
        assert secret not in text
    assert case.letters.filter(code="requests-l7").exists()
    assert case.letters.filter(code="requests-l6").exists()
    with pytest.raises(ActError, match="不得透露申请人是谁"):
        do(
            "ask_third_party", case, place.officer, "2025-09-29",
            **{**PARTY, "information": "李某某申请的投标文件", "sent_on": "2025-09-29"},
        )  # fmt: skip
    # Nor does the log hold the third party's own data.
    said = str([(event.data, event.summary, event.words) for event in case.events.all()])
    for secret in (PARTY["name"], PARTY["contact"], PARTY["address"]):
        assert secret not in said


def test_a_person_is_shown_masked(place):
    case = asked(place, party_kind="person", name="欧阳某甲")
    assert "欧阳某甲" not in case.consultations.get().party_label


def test_whoever_objects_says_why(place):
    case = asked(place)
    with pytest.raises(InvalidData):
        answer(case, place, "2025-10-14", reasons="")


@pytest.mark.parametrize(("on", "words"), [("2025-09-25", "不能早于"), ("2025-09-23", "不能早于发出的日期")])
def test_an_opinion_before_its_question_is_refused(place, on, words):
    case = asked(place)
    row = case.consultations.get()
    with pytest.raises(ActError, match=words):
        do(
            "opinion_received", case, place.officer, "2025-10-14",
            consultation=row.pk, answer="agreed", answered_on=on,
        )  # fmt: skip


def test_a_supplement_asked_while_others_are_asked_takes_the_pause_along(place):
    case = asked(place)
    do(
        "ask_supplement", case, place.officer, "2025-09-28",
        items="请写明年度。", sent_on="2025-09-28", received_on="2025-09-28", workdays=10,
    )  # fmt: skip
    assert case.state == "supplementing"
    do("supplement_received", case, place.officer, "2025-10-10", answered_on="2025-10-10", answer="2024年。")
    assert case.state == "consulting"
    answer(case, place, "2025-10-14")
    # T0 10 October; 11, 13 and 14 October are not counted.
    assert case.state == "handling"
    assert due(case) == day("2025-11-11")


@pytest.mark.duty("003-29c")
def test_a_body_of_the_platform_answers_in_its_own_to_do(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_co_maker", case, place.officer, "2025-09-24",
        unit=place.finance.pk, information="联合印发的资金办法", sent_on="2025-09-24",
    )  # fmt: skip
    matter = Help.objects.get()
    assert (matter.unit, matter.turn_unit, matter.state) == (place.finance, place.finance, "asked")
    assert due(matter, "answer") == case.consultations.get().due_on == day("2025-10-21")
    assert Case.objects.visible_to(place.treasurer).filter(pk=matter.pk).exists()
    assert not Case.objects.visible_to(place.treasurer).filter(pk=case.pk).exists()
    assert "李" not in f"{matter.title}{matter.question}"
    assert [act.name for act in available(matter, place.treasurer)] == ["answer"]
    assert place.treasurer.notifications.filter(case=matter).exists()
    do("request_help.answer", matter, place.treasurer, "2025-10-14", answer="agreed", words="同意公开")
    matter.refresh_from_db()
    case.refresh_from_db()
    assert (matter.state, case.state) == ("answered", "handling")
    assert due(case) == day("2025-11-07")
    assert clocks.check(Request.objects.get(pk=case.pk), at("2025-10-14")) == []
    with pytest.raises(ActError):
        do("request_help.answer", matter, place.treasurer, "2025-10-15", answer="agreed", words="再答")


def test_a_body_that_keeps_silent_agrees_and_its_matter_is_closed(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_co_maker", case, place.officer, "2025-09-24",
        unit=place.finance.pk, information="联合印发的资金办法", sent_on="2025-09-24",
    )  # fmt: skip
    periodic.lapse(at("2025-10-22"))
    matter = Help.objects.get()
    assert matter.state == "silent"
    assert case.consultations.get().answer == Consultation.Answer.SILENT


def test_an_answer_on_paper_closes_the_matter_on_the_platform(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_co_maker", case, place.officer, "2025-09-24",
        unit=place.finance.pk, information="联合印发的资金办法", sent_on="2025-09-24",
    )  # fmt: skip
    answer(case, place, "2025-09-30")
    assert Help.objects.get().state == "withdrawn"


@pytest.mark.duty("004-8a", "003-29b")
def test_help_inside_does_not_stop_the_clock(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_assistance",
        case,
        place.officer,
        "2025-09-23",
        unit=place.finance.pk,
        task="检索2024年拨款文件",
        workdays=5,
    )
    assert due(case) == day("2025-10-24")
    assert case.state == "handling"
    matter = Help.objects.get()
    do("request_help.answer", matter, place.treasurer, "2025-09-25", words="已检索，没有找到。")
    row = Consultation.objects.get()
    assert (row.answer, row.reasons) == ("given", "已检索，没有找到。")
    assert case.events.filter(act="request.help_answered").exists()
    assert place.officer.notifications.filter(text__contains="已答复").exists()


def test_help_can_be_taken_back_by_those_who_asked(place):
    case = request_of(place, "2025-09-22")
    do("ask_assistance", case, place.officer, "2025-09-23", unit=place.finance.pk, task="检索拨款文件", workdays=5)
    matter = Help.objects.get()
    with pytest.raises(NotPermitted):
        do("request_help.withdraw", matter, place.treasurer, "2025-09-24", reason="不归我们")
    do("request_help.withdraw", matter, place.officer, "2025-09-24", reason="已经找到")
    assert Help.objects.get().state == "withdrawn"


def test_nobody_needs_to_answer_for_a_request_that_is_closed(place):
    case = request_of(place, "2025-09-22")
    do("ask_assistance", case, place.officer, "2025-09-23", unit=place.finance.pk, task="检索拨款文件", workdays=5)
    do("withdraw", case, place.officer, "2025-09-24", withdrawn_on="2025-09-24", way="in_person", reason="不需要了")
    assert Help.objects.get().state == "withdrawn"


@pytest.mark.duty("001-15b")
def test_counsel_is_asked_and_the_advice_is_kept(place):
    case = request_of(place, "2025-09-22")
    do("ask_counsel", case, place.handler, "2025-09-23", question="投标单价是否属于商业秘密？", workdays=3)
    matter = Help.objects.get()
    assert (matter.turn_role, matter.ask) == ("legal", "提出法律意见")
    with pytest.raises(ActError, match="由法律顾问答复"):
        do("request_help.answer", matter, place.officer, "2025-09-24", words="我来答")
    do("request_help.answer", matter, place.legal, "2025-09-24", words="属于商业秘密，应征求权利人意见。")
    advice = case.consultations.get(kind="counsel")
    assert advice.reasons == "属于商业秘密，应征求权利人意见。"
    assert due(case) == day("2025-10-24")


@pytest.mark.duty("001-15b")
def test_where_counsel_is_appointed_the_register_is_asked(place):
    from gongkai.requests.counsel.models import Counsel, Opinion

    values = {
        "sort": "firm", "name": "临江正衡律师事务所", "office": place.bureau.pk, "since": "2025-01-01", "until": "2099-12-31",
        "shared": "on",
    }  # fmt: skip
    perform("counsel.appoint", None, place.officer, values, now=at("2025-09-22"))
    case = request_of(place, "2025-09-22")
    counsel = Counsel.objects.get()
    do(
        "ask_counsel", case, place.handler, "2025-09-23",
        counsel=counsel.pk, question="投标单价是否属于商业秘密？", workdays=3,
    )  # fmt: skip
    opinion = Opinion.objects.get()
    assert (opinion.subject.pk, opinion.counsel) == (case.pk, counsel)
    assert not Help.objects.exists()
    assert place.legal.notifications.filter(text__contains="请提出法律意见").exists()
    assert due(case) == day("2025-10-24")


@pytest.mark.duty("003-29c")
def test_departments_meet_and_the_result_is_kept(place):
    case = request_of(place, "2025-09-22")
    do(
        "open_meeting", case, place.officer, "2025-09-23",
        units=[place.finance.pk, place.root.pk], topic="维修资金由哪个部门公开", held_on="2025-09-28", place="区政府第二会议室",
    )  # fmt: skip
    assert Help.objects.count() == 2
    matter = Help.objects.get(unit=place.finance)
    assert due(matter, "answer") == day("2025-09-28")
    do("request_help.answer", matter, place.treasurer, "2025-09-24", words="由教育局公开，我局派人参加。")
    meeting = case.meetings.get()
    with pytest.raises(ActError, match="不能晚于今天"):
        do(
            "record_meeting", case, place.officer, "2025-09-24",
            meeting=meeting.pk, held_on="2025-09-28", attended="区财政局", minutes="讨论", result="由教育局公开",
        )  # fmt: skip
    do(
        "record_meeting", case, place.officer, "2025-09-28",
        meeting=meeting.pk, held_on="2025-09-28", attended="区财政局、区政府", minutes="讨论了资金来源", result="由教育局公开",
    )  # fmt: skip
    assert case.meetings.get().result == "由教育局公开"
    assert set(Help.objects.values_list("state", flat=True)) == {"answered"}
    assert case.consultations.filter(answered_on__isnull=True).count() == 0


def told(case) -> list[str]:
    return [one.text for one in case.messages.filter(from_applicant=False).order_by("pk")]


def test_the_applicant_is_told_when_the_count_goes_on(place):
    case = asked(place)
    assert "不计算在答复期限内" in told(case)[-1]
    answer(case, place, "2025-10-14")
    assert told(case)[-1] == "征求意见已经结束，答复期限继续计算，到2025年11月7日。"


def test_the_applicant_is_told_once_when_nobody_answered(place):
    case = asked(place)
    periodic.lapse(at("2025-10-24"))
    assert told(case)[-1] == "征求意见已经结束，答复期限继续计算，到2025年11月18日。"
    number = len(told(case))
    answer(case, place, "2025-10-28")
    assert len(told(case)) == number
