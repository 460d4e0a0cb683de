"""Appeals: entered in time, answered in time, decided, followed by a new reply, a suit, a second instance."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, NotPermitted, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Clock, Event
from gongkai.requests.appeals import keeping, results
from gongkai.requests.appeals.models import Appeal, Hearing, Lesson, Result, Ruling
from gongkai.requests.appeals.tests.helpers import PARTY, act, alone, entered, fresh, notice, result
from gongkai.requests.models import Request
from gongkai.requests.tests import helpers
from gongkai.requests.tests.helpers import at, clock_of, last_day, upload


@pytest.mark.duty("004-8d")
def test_entered_from_a_request_with_its_clocks(place, answered):
    case = entered(place, answered)
    request = helpers.fresh(answered)
    assert request.contested
    assert (case.sort, case.unit, case.request_id, case.state) == (
        "reconsideration",
        place.bureau,
        answered.pk,
        "entered",
    )
    assert case.decision == "D5"
    assert case.area == "城乡规划"
    assert case.party_label == "欧阳**"
    # Ten working days from the notice of 1 July 2026: the first counted day is the 2nd.
    assert last_day(clock_of(case, "answer")) == dt.date(2026, 7, 15)
    # 60 days from acceptance on 29 June.
    assert last_day(clock_of(case, "decision")) == dt.date(2026, 8, 28)
    entry = clock_of(case, "entry")
    assert (entry.state, entry.on_time) == (Clock.State.MET, True)
    assert case.turn_unit == place.bureau
    assert case.ask == "提交答复和证据"


@pytest.mark.duty("004-8d")
def test_entering_late_and_in_part_is_seen(place, answered):
    late = entered(place, answered, now="2026-07-06", file_number="")
    assert clock_of(late, "entry").on_time is False
    assert late.missing() == ["案号"]
    alone(place)
    scope = Scope(since=dt.date(2026, 1, 1), until=dt.date(2027, 1, 1))
    figure = measures["appeals.entry_on_time"].compute(scope)
    assert (figure.numerator, figure.denominator) == (1, 2)
    complete = measures["appeals.complete"].compute(scope)
    assert (complete.numerator, complete.denominator) == (1, 2)
    act("amend", late, place.officer, **notice(file_number="云政复〔2026〕16号", party=None), reason="收到通知书",
        request_number=answered.number)  # fmt: skip
    assert measures["appeals.complete"].compute(scope).value == 100.0


@pytest.mark.duty("001-15a")
@pytest.mark.parametrize(
    ("more", "due"),
    [
        # APR art. 54, 88: five working days; art. 67 of the litigation law: 15 days, rolled off the weekend.
        ({"procedure": "simple"}, dt.date(2026, 7, 8)),
        ({"way": "suit", "organ": "云溪区人民法院", "procedure": None}, dt.date(2026, 7, 16)),
        ({"answer_until": "2026-07-10"}, dt.date(2026, 7, 10)),
    ],
)
def test_time_for_the_answer(place, answered, more, due):
    assert last_day(clock_of(entered(place, answered, **more), "answer")) == due


def test_answer_on_its_last_day_is_in_time_and_a_day_later_is_not(place, answered):
    case = entered(place, answered)
    files = {"files": upload("答复书.pdf", helpers.PDF)}
    perform(
        "appeal.answer",
        case,
        place.handler,
        {"answered_on": "2026-07-15", "answer": "程序合法"},
        files=files,
        now=at("2026-07-20"),
    )
    case = fresh(case)
    assert case.state == "pending"
    assert clock_of(case, "answer").on_time
    other = alone(place, file_number="云政复〔2026〕16号")
    files = {"files": upload("答复书.pdf", helpers.PDF)}
    perform("appeal.answer", other, place.handler, {"answered_on": "2026-07-16"}, files=files, now=at("2026-07-20"))
    assert clock_of(other, "answer").on_time is False
    figure = measures["appeals.answer_on_time"].compute(Scope())
    assert (figure.numerator, figure.denominator) == (1, 2)


def test_days_that_cannot_be_are_refused(place, answered):
    with pytest.raises(ActError, match="不能晚于今天"):
        entered(place, answered, received_on="2026-07-03")
    with pytest.raises(ActError, match="不能早于收到申请之日"):
        entered(place, answered, received_on="2026-05-01")
    case = entered(place, answered)
    with pytest.raises(ActError, match="已经登记过"):
        entered(place, answered)
    with pytest.raises(ActError, match="不能早于收到通知之日"):
        result(place, case, "upheld", on="2026-06-30")


def test_the_suit_after_reconsideration_is_derived(place, answered):
    first = result(place, entered(place, answered), "upheld")
    suit = entered(place, answered, now="2026-08-20", way="suit", organ="云溪区人民法院", received_on="2026-08-19",
                   file_number="（2026）云行初3号", accepted_on=None)  # fmt: skip
    assert (suit.sort, suit.earlier_id) == ("after", first.pk)
    assert suit.suit
    direct = alone(place, way="suit", organ="云溪区人民法院", file_number="（2026）云行初4号", accepted_on=None)
    assert direct.sort == "direct"


def test_following_suit_from_the_reconsideration(place, answered):
    first = result(place, entered(place, answered), "upheld")
    data = notice(way="suit", organ="云溪区人民法院", file_number="（2026）云行初5号", received_on="2026-08-19", party=None,
                  accepted_on=None)  # fmt: skip
    perform("appeal.follow_suit", first, place.officer, data, now=at("2026-08-20"))
    suit = Appeal.objects.latest("pk")
    assert (suit.sort, suit.earlier_id, suit.request_id) == ("after", first.pk, answered.pk)
    assert suit.party == PARTY
    with pytest.raises(ActError, match="诉讼不再有复议"):
        perform(
            "appeal.follow_suit",
            result(place, suit, "upheld", on="2026-10-12"),
            place.officer,
            data,
            now=at("2026-10-13"),
        )


@pytest.mark.duty("001-15a")
def test_a_direct_suit_where_reconsideration_comes_first_is_told(place, answered):
    from gongkai.requests.appeals.acts.entering import reconsideration_should_come_first

    assert reconsideration_should_come_first(entered(place, answered, way="suit", organ="云溪区人民法院"))
    assert not reconsideration_should_come_first(alone(place, way="suit", file_number="（2026）云行初4号"))


def test_an_order_to_reply_anew_reopens_the_request(place, answered):
    case = result(place, entered(place, answered), "revoked", redo_workdays="15")
    assert case.state == "decided"
    assert case.outcome == "撤销（含部分撤销）（结果纠正）"
    anew = case.remade
    assert (anew.origin_id, anew.origin_reason, anew.ordered_workdays) == (answered.pk, "redo", 15)
    assert anew.ordered_by == case.result_document
    ruling = Ruling.objects.get(appeal=case)
    assert (ruling.result, ruling.redo_workdays) == ("revoked", 15)


def test_an_order_without_a_request_has_a_clock_of_its_own(place):
    case = result(place, alone(place), "ordered", redo_workdays="10")
    assert case.state == "redoing"
    assert last_day(clock_of(case, "redo")) == dt.date(2026, 8, 17)
    case = act("redone", case, place.handler, "2026-08-14", redo_met_on="2026-08-14")
    assert case.state == "decided"
    assert clock_of(case, "redo").on_time


def test_an_order_needs_a_correction_and_one_length(place):
    case = alone(place)
    with pytest.raises(InvalidData):
        result(place, case, "upheld", redo_workdays="10")
    with pytest.raises(InvalidData):
        result(place, case, "revoked", redo_workdays="10", redo_until="2026-09-01")


def test_second_instance_opens_the_result_again(place):
    case = result(place, alone(place, way="suit", organ="云溪区人民法院", accepted_on=None), "claim_dismissed")
    assert results.table_c([place.bureau.pk], 2026)["direct", "upheld"] == 1
    case = act("second_instance", case, place.officer, "2026-08-20", court="临江市中级人民法院", file_number="（2026）临行终1号",
               by="party", received_on="2026-08-19")  # fmt: skip
    assert (case.state, case.instance, case.result, case.closed_at) == ("pending", 2, "", None)
    assert results.table_c([place.bureau.pk], 2026)["direct", "pending"] == 1
    case = result(place, case, "revoked", on="2026-11-02")
    assert [(one.instance, one.result) for one in case.rulings.all()] == [(1, "claim_dismissed"), (2, "revoked")]
    assert results.table_c([place.bureau.pk], 2026)["direct", "corrected"] == 1
    with pytest.raises(ActError, match="已经进入二审"):
        act("second_instance", case, place.officer, "2026-11-10", court="甲", by="party", received_on="2026-11-09")


def figures_told(person) -> list[str]:
    return list(person.notifications.filter(kind="figures").values_list("text", flat=True))


def test_a_reported_year_stays_and_what_does_move_one_is_told(place):
    case = alone(place, way="suit", organ="云溪区人民法院", accepted_on=None, received_on="2026-07-01")
    case = result(place, case, "claim_dismissed", on="2026-12-20")
    units = [place.bureau.pk]
    released = results.table_c(units, 2026)
    assert released["direct", "upheld"] == 1
    case = act("second_instance", case, place.officer, "2027-02-20", court="临江市中级人民法院", by="party",
               received_on="2027-01-08")  # fmt: skip
    case = result(place, case, "revoked", on="2027-05-10")
    assert results.table_c(units, 2026) == released
    assert results.table_c(units, 2027)["direct", "corrected"] == 1
    assert figures_told(place.officer) == []
    # An appeal before the year ended that is typed in after the report changes that year: it is said to whom it concerns.
    late = alone(
        place, way="suit", organ="云溪区人民法院", accepted_on=None, received_on="2026-07-01", file_number="一号"
    )
    late = result(place, late, "claim_dismissed", on="2026-12-10")
    act("second_instance", late, place.officer, "2027-02-20", court="临江市中级人民法院", by="party",
        received_on="2026-12-28")  # fmt: skip
    assert results.table_c(units, 2026)["direct", "pending"] == 1
    for person in (place.officer, place.leader, place.supervisor):
        assert [words for words in figures_told(person) if "2026年年度报告表四" in words], person


def test_what_was_corrected_asks_for_its_lesson(place, answered):
    case = result(place, entered(place, answered), "illegal")
    lesson = Lesson.objects.get(appeal=case)
    assert (lesson.state, lesson.unit) == ("draft", place.bureau)
    upheld = result(place, alone(place, file_number="云政复〔2026〕16号"), "upheld")
    assert not Lesson.objects.filter(appeal=upheld).exists()


def test_withdrawn_before_the_answer_is_nothing_missed(place):
    case = result(place, alone(place), "withdrawn", on="2026-08-03")
    assert clock_of(case, "answer").state == Clock.State.CANCELLED
    assert case.on_time
    missed = result(place, alone(place, file_number="云政复〔2026〕17号"), "upheld", on="2026-08-03")
    assert clock_of(missed, "answer").on_time is False


def test_hearings_are_told_and_recorded(place):
    case = alone(place)
    case = act("add_hearing", case, place.officer, sort="hearing", held_on="2026-07-20", place="区政府二楼会议室")
    hearing = Hearing.objects.get(appeal=case)
    assert place.leader.notifications.filter(case=case).exists()
    act("record_hearing", case, place.officer, "2026-07-21", hearing=hearing.pk, held_on="2026-07-20", leader_present="on",
        present="分管负责人")  # fmt: skip
    hearing.refresh_from_db()
    assert hearing.leader_present


def test_more_time_for_the_organ_is_taken_once(place):
    case = act("prolong", alone(place), place.officer, days="30", document="云政复延〔2026〕1号")
    assert last_day(clock_of(case, "decision")) == dt.date(2026, 9, 28)
    with pytest.raises(ActError, match="已经登记过延长"):
        act("prolong", case, place.officer, days="30")


def test_amending_moves_the_clocks(place):
    case = alone(place)
    data = notice(received_on="2026-06-30", party=None, matter="proactive", standing="co_defendant", area="征地拆迁")
    case = act("amend", case, place.officer, **data, reason="日期写错")
    assert last_day(clock_of(case, "answer")) == dt.date(2026, 7, 14)
    assert not case.counted
    assert results.table_c([place.bureau.pk], 2026)["reconsideration", "total"] == 0


def test_entered_by_mistake_counts_nowhere(place, answered):
    case = entered(place, answered)
    case = act("void", case, place.officer, reason="不是本机关的案件")
    assert case.state == "void"
    assert not helpers.fresh(answered).contested
    assert results.table_c(None, 2026)["reconsideration", "total"] == 0
    assert Event.objects.filter(case=answered.pk, act="request.appeal_voided").exists()


def test_two_appeals_and_one_voided_stay_contested(place, answered):
    entered(place, answered)
    second = entered(
        place, answered, way="suit", organ="云溪区人民法院", file_number="（2026）云行初1号", accepted_on=None
    )
    act("void", second, place.officer, reason="重复登记")
    assert helpers.fresh(answered).contested


def test_entering_by_number_tells_the_request(place, answered):
    perform("appeal.enter", None, place.officer, notice(request_number=answered.number), now=at("2026-07-02"))
    assert helpers.fresh(answered).contested
    assert Appeal.objects.get().request_id == answered.pk
    with pytest.raises(ActError, match="没有找到登记号"):
        perform(
            "appeal.enter",
            None,
            place.neighbour,
            notice(request_number=answered.number, file_number=""),
            now=at("2026-07-02"),
        )


def test_only_the_body_itself_works_on_its_appeals(place, answered):
    case = entered(place, answered)
    for user in (place.neighbour, place.auditor, place.legal, place.admin):
        with pytest.raises(NotPermitted):
            act("add_materials", case, user, what="补充证据")
        with pytest.raises(NotPermitted):
            perform("request.enter_appeal", helpers.fresh(answered), user, notice(), now=at("2026-07-02"))
    assert not Appeal.objects.visible_to(place.neighbour).exists()
    assert Appeal.objects.visible_to(place.supervisor).get() == case


def test_names_reach_no_event_title_or_notice(place, answered):
    files = {"files": upload("欧阳青禾的申请书.pdf", helpers.PDF)}
    case = entered(place, answered, files=files)
    result(place, case, "revoked", gist=f"{PARTY}的申请内容明确。")
    assert fresh(case).party == PARTY
    assert fresh(case).gist.startswith(PARTY)
    said = str(list(Event.objects.values_list("summary", "words", "data", "changes")))
    said += str(list(Appeal.objects.values_list())) + str(list(case.attachments.values_list("name")))
    said += str(list(place.leader.notifications.values_list("text")))
    assert PARTY not in said
    assert case.attachments.get().sealed
    assert not answered.attachments.filter(event__act="request.enter_appeal").exists()


@pytest.mark.parametrize("words", [PARTY, helpers.PHONE])
def test_open_fields_refuse_names(place, answered, words):
    with pytest.raises(ActError, match="请删去"):
        entered(place, answered, challenged=f"对{words}的答复")
    case = entered(place, answered)
    with pytest.raises(ActError, match="请删去"):
        act("add_hearing", case, place.officer, sort="hearing", held_on="2026-07-20", present=words)
    with pytest.raises(ActError, match="请删去"):
        result(place, case, "upheld", document=f"{words}行政复议决定书")


def test_personal_data_ends(place, answered):
    case = result(place, entered(place, answered), "upheld", gist=f"{PARTY}没有补正。")
    from gongkai.core.privacy import retention

    assert list(retention.waiting("appeal", at("2056-09-01"))) == [case]
    assert not retention.waiting("appeal", at("2056-07-01"))
    retention.erase(case, at("2056-09-01"))
    assert fresh(case).party == fresh(case).gist == ""
    assert results.table_c(None, 2026)["reconsideration", "upheld"] == 1
    assert keeping.NEEDING


def test_every_result_has_its_cell(place):
    for text in ("维持=结果维持", "维持=别的", "没有=结果维持"):
        with pytest.raises(ValueError, match=r"没有写明|后面请写|没有"):
            jurisdiction.declared["appeals.result_groups"].parse(text)
    groups = {result: results.group_of(result) for result in Result.values}
    assert {name for name, cell in groups.items() if cell == "corrected"} == {
        "revoked", "changed", "illegal", "void", "ordered",
    }  # fmt: skip
    assert groups["rejected"] == groups["withdrawn"] == groups["mediated"] == groups["not_accepted"] == "other"
    whole = jurisdiction.value("appeals.result_groups")
    changed = whole.replace("驳回复议申请、裁定驳回起诉=其他结果", "驳回复议申请、裁定驳回起诉=结果维持")
    jurisdiction.change("appeals.result_groups", changed, place.admin)
    assert results.group_of("rejected") == "upheld"


def test_request_stays_what_it_was(place, answered):
    before = Request.objects.values("state", "decision", "result_year", "replied_on", "on_time").get(pk=answered.pk)
    entered(place, answered)
    assert Request.objects.values(*before).get(pk=answered.pk) == before


@pytest.mark.parametrize(
    ("party", "shown"),
    [
        ("欧阳青禾", "欧阳**"),
        ("阿依古丽·买买提", None),
        ("张建国、李秀英", "张**、李**"),
        ("临江市望江建材有限公司", "临江市望江建材有限公司"),
        ("云溪宏远建材行（普通合伙）", "云溪宏远建材行（普通合伙）"),
    ],
)
def test_no_list_shows_the_name_of_a_person_however_long_it_is(place, answered, party, shown):
    case = entered(place, answered, party=party, challenged="答复")
    if shown is not None:
        assert case.party_label == shown
    else:
        assert "古丽" not in case.party_label
        assert "买买提" not in case.party_label
        assert case.party_label.startswith("阿")


def test_no_title_names_one_of_several_parties(place, answered):
    with pytest.raises(ActError):
        entered(place, answered, party="张建国、李秀英", challenged="李秀英申请的答复")
