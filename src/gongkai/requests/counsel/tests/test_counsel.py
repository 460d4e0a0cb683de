"""Counsel: appointed, asked one matter at a time, advising in its time, followed or not with a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core.acts import ActError, InvalidData, NotPermitted, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Case, CaseRelation, Event
from gongkai.requests.appeals.tests.helpers import alone
from gongkai.requests.counsel import acts as counsel_acts
from gongkai.requests.counsel import queries
from gongkai.requests.counsel.models import Counsel, Opinion
from gongkai.requests.tests.helpers import NAME, PDF, PHONE, at, clock_of, last_day, upload


def asked(place, counsel, sort="request", user=None, now="2026-07-06", files=None, **more) -> Opinion:
    """One matter put to counsel."""
    data = {
        "sort": sort,
        "title": "区分处理的界限",
        "counsel": counsel.pk,
        "question": "会议纪要里的哪些内容可以不公开？",
        **more,
    }
    event = perform("counsel_opinion.ask", None, user or place.officer, data, files=files, now=at(now))
    return Opinion.objects.get(pk=event.case_id)


def move(name, case, user, now="2026-07-08", **data) -> Opinion:
    """An act on a matter."""
    perform(f"counsel_opinion.{name}", case, user, data, now=at(now))
    return Opinion.objects.get(pk=case.pk)


ADVICE = {"verdict": "conditional", "opinion": "讨论过程可以不公开，议定的事项应当公开。", "parts": ["advice"]}


@pytest.mark.duty("000-7a")
def test_counsel_is_appointed_inside_the_mechanism(place, counsel, justice):
    assert (counsel.state, counsel.unit, counsel.office, counsel.government) == ("serving", place.office, justice, True)
    assert last_day(clock_of(counsel, "term")) == dt.date(2027, 12, 31)
    assert counsel.contact == "0000-7654321"
    said = str(list(Event.objects.filter(case=counsel.pk).values_list("data", "changes", "words", "summary")))
    assert "7654321" not in said
    assert list(queries.may_ask(place.bureau)) == [counsel]
    for user in (place.handler, place.lawyer, place.admin):
        with pytest.raises(NotPermitted):
            perform("counsel.appoint", None, user, {}, now=at("2026-01-05"))


def test_counsel_needs_people_and_a_term_that_runs_forward(place, counsel):
    data = {"sort": "expert", "name": "临江大学法学院", "office": place.beside.pk, "since": "2026-01-01"}
    with pytest.raises(ActError, match="还没有法律顾问角色"):
        perform("counsel.appoint", None, place.supervisor, data, now=at("2026-01-05"))
    with pytest.raises(InvalidData):
        perform("counsel.appoint", None, place.supervisor, {**data, "until": "2025-01-01"}, now=at("2026-01-05"))


def test_a_term_that_is_over_and_a_counsel_kept_to_oneself(place, counsel, justice):
    data = {"sort": "firm", "name": counsel.name, "office": justice.pk, "since": "2026-01-01", "until": "2026-02-01"}
    perform("counsel.change", counsel, place.supervisor, data, now=at("2026-01-10"))
    counsel.refresh_from_db()
    assert last_day(clock_of(counsel, "term")) == dt.date(2026, 2, 1)
    assert not queries.may_ask(place.office).exists()
    with pytest.raises(InvalidData):
        asked(place, counsel)
    perform("counsel.change", counsel, place.supervisor, {**data, "until": "2027-02-01"}, now=at("2026-01-10"))
    assert not queries.may_ask(place.bureau).exists()
    assert queries.may_ask(place.office).exists()
    perform("counsel.end", counsel, place.supervisor, {"reason": "另聘"}, now=at("2026-03-01"))
    assert Counsel.objects.get().state == "ended"
    assert not queries.may_ask(place.office).exists()


@pytest.mark.duty("001-15b")
def test_a_hard_request_is_put_to_counsel_and_the_advice_stays_with_it(place, counsel, handling):
    case = asked(place, counsel, matter=handling.number, background="会议纪要既有讨论过程，也有议定事项。")
    assert (case.state, case.unit, case.lead, case.subject_id) == ("asked", place.bureau, counsel.office, handling.pk)
    assert (case.turn_unit, case.turn_role) == (counsel.office, "legal")
    assert last_day(clock_of(case, "opinion")) == dt.date(2026, 7, 13)
    assert place.lawyer.notifications.filter(case=case.pk).exists()
    assert Opinion.objects.visible_to(place.lawyer).get() == case
    # Counsel sees the question, not the request.
    assert not Case.objects.visible_to(place.lawyer).filter(pk=handling.pk).exists()
    for user in (place.legal, place.officer, place.neighbour):
        with pytest.raises(NotPermitted):
            move("give", case, user, **ADVICE)
    case = move("accept", case, place.lawyer)
    case = move("give", case, place.lawyer, **ADVICE)
    assert (case.state, case.turn_unit) == ("given", place.bureau)
    assert clock_of(case, "opinion").on_time
    with pytest.raises(InvalidData):
        move("settle", case, place.handler, "2026-07-09", adopted="none")
    case = move(
        "settle",
        case,
        place.handler,
        "2026-07-09",
        adopted="part",
        adopted_words="议定事项中涉及第三方的部分先征求意见。",
    )
    assert (case.state, case.outcome) == ("settled", "部分采纳")
    assert list(queries.asked(handling, place.officer)["counsel_opinions"]) == [case]
    assert CaseRelation.objects.filter(source=case.pk, target=handling.pk).exists()
    assert measures["counsel.on_time"].compute(Scope()).value == 100.0
    assert measures["counsel.adopted"].compute(Scope()).value == 100.0


@pytest.mark.parametrize("words", [NAME, PHONE])
def test_who_applied_is_not_told_to_counsel(place, counsel, handling, words):
    with pytest.raises(ActError, match="请删去"):
        asked(place, counsel, matter=handling.number, question=f"{words}申请的纪要能不能公开？")
    assert not Opinion.objects.exists()


@pytest.mark.duty("000-7b")
def test_counsel_takes_part_in_rules_one_matter_at_a_time(place, counsel):
    first = asked(place, counsel, "rules", title="审核依申请公开办理规定")
    second = asked(place, counsel, "rules", title="审核信息发布审查规定")
    assert first.number != second.number
    case = move(
        "give", first, place.lawyer, verdict="feasible", opinion="符合上位法。", parts=["drafting", "examining"]
    )
    assert case.part_words == "参与起草、参与审核"
    assert measures["counsel.asked"].compute(Scope()).value == 2
    assert queries.by_sort(place.officer) == {"rules": 2}


@pytest.mark.duty("000-7c")
def test_counsel_takes_part_in_an_appeal(place, counsel):
    appeal = alone(place)
    data = {"sort": "dispute", "title": "答复意见", "counsel": counsel.pk, "question": "怎样答复复议申请？"}
    files = {"files": upload("复议申请书.pdf", PDF)}
    perform("appeal.ask_counsel", appeal, place.officer, data, files=files, now=at("2026-07-06"))
    case = Opinion.objects.get()
    assert (case.sort, case.subject_id) == ("dispute", appeal.pk)
    # What counsel needs lies with the question, sealed.
    assert case.attachments.get().sealed
    assert not appeal.attachments.exists()
    case = move("give", case, place.lawyer, **{**ADVICE, "parts": ["defence", "hearing"]})
    assert case.part_words == "拟写或者审核答复、答辩、参加听证、开庭"


@pytest.mark.duty("000-7d")
def test_a_major_outcry_is_answered_at_once(place, counsel):
    case = asked(place, counsel, "outcry", title="征收补偿公开引发的舆情")
    assert last_day(clock_of(case, "opinion")) == dt.date(2026, 7, 7)
    late = move("give", case, place.lawyer, "2026-07-08", **ADVICE)
    assert clock_of(late, "opinion").on_time is False
    assert measures["counsel.on_time"].compute(Scope()).value == 0.0


@pytest.mark.duty("000-7e")
def test_counsel_joins_the_risk_analysis_of_a_decision(place, counsel):
    case = asked(place, counsel, "stability", title="旧城改造决策预公开")
    with pytest.raises(InvalidData):
        move("give", case, place.lawyer, **{**ADVICE, "parts": ["analysis"]})
    with pytest.raises(InvalidData):
        move("give", case, place.lawyer, **{**ADVICE, "parts": ["analysis"], "risk": "high"})
    case = move(
        "give",
        case,
        place.lawyer,
        **{**ADVICE, "parts": ["analysis"], "risk": "high", "measures": "先听证，再公布补偿标准。"},
    )
    assert (case.risk, case.part_words) == ("high", "参加风险分析")


def test_declined_and_withdrawn_stop_their_clocks(place, counsel):
    case = move("decline", asked(place, counsel), place.lawyer, reason="有利害关系")
    assert (case.state, case.outcome) == ("declined", "已退回")
    assert not clock_of(case, "opinion").is_open
    other = move("withdraw", asked(place, counsel), place.officer, reason="已经办结")
    assert other.state == "withdrawn"
    with pytest.raises(InvalidData):
        perform(
            "counsel_opinion.ask", None, place.officer, {"sort": "rules", "counsel": "999999"}, now=at("2026-07-06")
        )
    with pytest.raises(ActError, match="没有找到编号"):
        asked(place, counsel, matter="SQ-2020-9999")


def test_from_a_request_inside_another_act(place, counsel, handling):
    from gongkai.core.acts import Work, acts
    from gongkai.core.locks import writing

    with writing():
        work = Work(act=acts["request.add_search"], case=handling, user=place.handler, data={}, now=at("2026-07-06"))
        case = counsel_acts.from_request(work, handling, counsel, "能否区分处理？", workdays=3)
    assert (case.sort, case.title) == ("request", f"法律意见：{handling.title}")
    assert last_day(clock_of(case, "opinion")) == dt.date(2026, 7, 9)
