"""Lessons and warnings (001-15e); the case library without anybody's data."""

from __future__ import annotations

import pytest

from gongkai.core import jurisdiction, search
from gongkai.core.acts import ActError, InvalidData, NotPermitted, acts, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import ActDraft, Event
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.models import Caution, Lesson, Precedent
from gongkai.requests.appeals.tests.helpers import PARTY, alone, entered, result
from gongkai.requests.tests import helpers
from gongkai.requests.tests.helpers import ADDRESS, EMAIL, NUMBER, PERSONAL, PHONE, at

LESSON = {
    "causes": ["reasons", "time"],
    "reason": "答复没有写明依据的条款，也没有写明区分处理的理由。",
    "rectification": "答复书发出前由法制岗位逐条核对。",
    "advice": "不予公开的，写明条、款、项和理由；能区分的，先区分。",
}
CASE = {
    "title": "测绘成果能否依申请公开",
    "question": "申请人要求公开管道检测报告，机关以内部事务信息为由不予公开。",
    "rule": "政府信息公开条例第十六条第一款",
    "handling": "收到申请后登记、检索，送保密审查和法制审核，依法答复。",
    "result": "行政复议撤销了答复。",
    "points": "检测报告是履行职责过程中获取的信息，不属于内部事务信息。",
    "decision": "D5",
    "area": "城乡规划",
    "keywords": "内部事务、检测报告",
}


@pytest.fixture
def lesson(place, answered):
    """A lesson that is owed after a decision was revoked."""
    return Lesson.objects.get(appeal=result(place, entered(place, answered), "revoked"))


def write(place, case, **more):
    """Write a lesson."""
    perform("appeal_lesson.write", case, place.handler, {**LESSON, **more}, now=at("2026-08-10"))
    return Lesson.objects.get(pk=case.pk)


@pytest.mark.duty("001-15e")
def test_a_lesson_is_written_circulated_and_acknowledged(place, lesson):
    case = write(place, lesson)
    assert (case.state, case.cause_words) == ("written", "说理不充分、超过期限")
    units = {"units": [place.beside.pk, place.office.pk], "title": "警示：说理不充分"}
    perform("appeal_lesson.circulate", case, place.leader, units, now=at("2026-08-11"))
    case.refresh_from_db()
    assert case.state == "circulated"
    caution = Caution.objects.get(unit=place.beside)
    assert caution.ask == "签收通报，对照自查"
    assert helpers.last_day(helpers.clock_of(caution, "acknowledge")).isoformat() == "2026-08-18"
    # The notice opens the warning; the lesson itself is not theirs to read.
    assert [note.case_id for note in place.neighbour.notifications.all()] == [caution.pk]
    # Whom it is about, and the case, stay with the body.
    assert Caution.objects.visible_to(place.neighbour).get() == caution
    assert not Lesson.objects.visible_to(place.neighbour).exists()
    with pytest.raises(NotPermitted):
        perform("appeal_warning.acknowledge", caution, place.officer, {"self_check": "没有"}, now=at("2026-08-12"))
    perform(
        "appeal_warning.acknowledge",
        caution,
        place.neighbour,
        {"self_check": "抽查了今年的答复，没有同样的问题。"},
        now=at("2026-08-12"),
    )
    caution.refresh_from_db()
    assert (caution.state, caution.on_time) == ("acknowledged", True)
    figure = measures["appeals.cautions"].compute(Scope())
    assert (figure.numerator, figure.denominator) == (1, 2)
    with pytest.raises(ActError, match="都已经通报过"):
        perform("appeal_lesson.circulate", case, place.leader, units, now=at("2026-08-13"))


@pytest.mark.parametrize("words", [PARTY, NUMBER, PHONE, EMAIL, ADDRESS, "住址：云溪区桥头街道柳荫巷8号2单元301室"])
def test_a_lesson_that_tells_who_it_was_is_not_kept(place, lesson, words):
    with pytest.raises(ActError, match="请删去"):
        write(place, lesson, reason=f"{words}的申请没有写清。")
    assert not Lesson.objects.get(pk=lesson.pk).reason
    assert words not in str(list(Event.objects.values_list("summary", "words", "data", "changes")))


def test_a_lesson_without_advice_cannot_be_circulated(place, lesson):
    case = write(place, lesson, advice="")
    with pytest.raises(ActError, match="对各单位的提示"):
        perform(
            "appeal_lesson.circulate",
            case,
            place.leader,
            {"units": [place.beside.pk], "title": "警示"},
            now=at("2026-08-11"),
        )
    perform("appeal_lesson.keep", case, place.leader, {"reason": "只涉及本单位"}, now=at("2026-08-11"))
    assert Lesson.objects.get(pk=case.pk).state == "kept"


def test_a_lesson_of_a_case_that_was_upheld(place):
    case = result(place, alone(place), "upheld")
    perform("appeal.open_lesson", case, place.leader, {}, now=at("2026-08-04"))
    with pytest.raises(ActError, match="已经有一份"):
        perform("appeal.open_lesson", case, place.leader, {}, now=at("2026-08-04"))


# --- the library ------------------------------------------------------------------------------------------------------


def drafted(place, request, **more) -> Precedent:
    """A case drafted from a request."""
    perform("request.draft_precedent", request, place.handler, {**CASE, **more}, now=at("2026-08-10"))
    return Precedent.objects.latest("pk")


def move(name, case, user, now="2026-08-11", **data) -> Precedent:
    """An act on a case of the library."""
    perform(f"precedent.{name}", case, user, data, now=at(now))
    return Precedent.objects.get(pk=case.pk)


def published(place, request, **more) -> Precedent:
    """From the request to the library."""
    case = move("submit", drafted(place, request, **more), place.handler)
    return move("approve", case, place.reviewer, checked="on")


def test_what_is_offered_first_has_no_personal_data(place, handling, answered):
    from gongkai.requests.models import Request

    words = f"本人{PARTY}，身份证{NUMBER}，电话{PHONE}，住{ADDRESS}，要求公开检测报告。"
    Request.objects.filter(pk=answered.pk).update(content=words, subject=f"{PARTY}要的报告")
    offered = acts["request.draft_precedent"].initial(helpers.fresh(answered), place.handler)
    text = str(offered)
    assert not [value for value in PERSONAL if value in text]
    assert "欧阳某某" in offered["question"]
    assert offered["decision"] == "D5"
    assert "第十六条" in offered["rule"]
    # What is offered passes its own check.
    assert (
        anonymous.faults(
            {"争议问题": offered["question"], "标题": offered["title"]}, anonymous.known_of(helpers.fresh(answered))
        )
        == []
    )


def test_drafted_from_an_appeal_with_its_result(place, answered):
    case = result(place, entered(place, answered), "revoked", gist=f"{PARTY}申请的报告不属于内部事务信息。")
    offered = acts["appeal.draft_precedent"].initial(case, place.handler)
    assert PARTY not in str(offered)
    assert "撤销" in offered["result"]
    perform("appeal.draft_precedent", case, place.handler, CASE, now=at("2026-08-10"))
    made = Precedent.objects.get()
    assert (made.appeal_id, made.request_id, made.appeal_sort, made.outcome_group) == (
        case.pk,
        answered.pk,
        "reconsideration",
        "corrected",
    )


@pytest.mark.parametrize(
    "words", [*PERSONAL[:1], NUMBER, PHONE, EMAIL, "电话13900139000", "育才小学三年级（2）班李小禾同学"]
)
@pytest.mark.parametrize("field", ["title", "handling", "points"])
def test_personal_data_blocks_a_case_of_the_library(place, answered, words, field):
    with pytest.raises(ActError, match="请删去"):
        drafted(place, answered, **{field: f"{words}提出申请"})
    assert not Precedent.objects.exists()


def test_what_changed_outside_is_caught_by_the_reviewer(place, answered):
    case = move("submit", drafted(place, answered), place.handler)
    Precedent.objects.filter(pk=case.pk).update(points=f"联系{PHONE}")
    with pytest.raises(ActError, match="里有"):
        move("approve", case, place.reviewer, checked="on")
    assert Precedent.objects.get(pk=case.pk).state == "review"


def test_the_author_never_reviews(place, answered):
    from gongkai.core.models import Membership
    from gongkai.core.roles import Role

    Membership.objects.create(user=place.handler, unit=place.bureau, role=Role.REVIEWER)
    handler = type(place.handler).objects.get(pk=place.handler.pk)
    case = move("submit", drafted(place, answered), handler)
    with pytest.raises(ActError, match="你参与了编写"):
        move("approve", case, handler, checked="on")
    with pytest.raises(InvalidData):
        move("approve", case, place.reviewer)
    case = move("return", case, place.reviewer, reason="要点再写清楚")
    case = move("edit", case, place.second, **{**CASE, "points": "先区分处理，再答复。"})
    assert set(case.authors) == {handler.pk, place.second.pk}
    case = move("approve", move("submit", case, place.second), place.leader, checked="on")
    assert (case.state, case.outcome) == ("published", "已入库")
    case = move("revise", case, place.second, reason="补充依据")
    assert (case.state, case.published_at) == ("draft", None)


def test_an_unfinished_case_is_not_sent_up(place, answered):
    with pytest.raises(ActError, match="还没有写：办理要点"):
        move("submit", drafted(place, answered, points=""), place.handler)


def test_all_staff_find_it(place, answered):
    from gongkai.requests.appeals import search as source

    case = published(place, answered)
    found = search.sources["precedent"].document(source.rows().get())
    assert found.everyone
    assert not found.public
    assert "内部事务" in " ".join(found.keywords)
    assert PARTY not in str(found)
    move("withdraw", case, place.leader, reason="已过时")
    assert not source.rows().exists()


def test_nobody_outside_sees_it_unless_the_place_says_so(place, answered, client):
    case = published(place, answered)
    assert client.get("/precedents/").status_code == 404
    with pytest.raises(ActError, match="没有开放"):
        move("make_public", case, place.leader, checked="on")
    jurisdiction.change("appeals.public_precedents", "是", place.admin)
    assert client.get(f"/precedents/{case.pk}/").status_code == 404
    case = move("make_public", case, place.leader, checked="on")
    assert case.title in client.get("/precedents/").content.decode()
    page = client.get(f"/precedents/{case.pk}/").content.decode()
    assert CASE["points"] in page
    assert answered.number not in page
    move("unpublish", case, place.leader, reason="修订")
    assert client.get(f"/precedents/{case.pk}/").status_code == 404


def test_drafts_keep_the_words_sealed(place, answered):
    act = acts["request.draft_precedent"]
    assert {"question", "handling", "result", "points", "rule"} <= act.private
    assert not ActDraft.objects.exists()


def test_written_without_a_source(place):
    event = perform("precedent.write", None, place.legal, CASE, now=at("2026-08-10"))
    assert Precedent.objects.get(pk=event.case_id).unit == place.bureau
