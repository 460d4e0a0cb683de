"""From the five questions to the signed letter: every result, its required sentences, review by others, one content."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.models import Event
from gongkai.law.requests import decisions as law
from gongkai.requests import decisions
from gongkai.requests.models import Consultation, Delivery, Material, Reply, ReplyStep, Request, Search
from gongkai.requests.tests import reply_helpers as helpers
from gongkai.requests.tests.helpers import NAME, NUMBER, PDF, act, at, fresh, upload
from gongkai.requests.tests.reply_helpers import delivered, draft, opened, reply_text, reviewed, submit

FIRST = "应当先申请行政复议"


@pytest.fixture
def handling(place):
    """A request that is being handled."""
    return opened(place)


def earlier_reply(place, **more):
    """An earlier request of the same person that was answered."""
    case = opened(place, "2026-03-02")
    return helpers.replied(place, case, "G-b", "2026-03-05")


@pytest.mark.duty("002-22a", "002-22b", "001-15a", "001-15d")
@pytest.mark.parametrize("code", helpers.CODES)
def test_every_result_goes_from_the_questions_to_a_delivered_reply(place, code):
    more = {"earlier": earlier_reply(place).number} if code == "N2" else {}
    case = opened(place)
    now = "2026-07-06" if code == "O2" else "2026-06-11"
    helpers.prepare(place, case, code)
    case = draft(place, fresh(case), code, now, **more)
    case = submit(place, case, now)
    assert case.state == "review"
    case = reviewed(place, case, now)
    assert case.state == "signed"
    case = delivered(place, case, now)
    found = law.decision(code)
    assert case.decision == law.leaf_of(code)
    assert case.decision in law.LEAVES
    assert case.state == ("ended" if code.startswith("O") else "replied")
    assert case.replied_on == dt.date.fromisoformat(now)
    assert case.result_year == 2026
    reply = Reply.objects.get(request=case)
    text = reply_text(case)
    law_letter = "L12" if code == "O3" else found.letter
    assert reply.letter.code.startswith(f"requests-{law_letter.lower()}")
    assert reply.letter.title in text
    assert reply.letter.number in text
    assert NAME in text
    assert "（印章处）" in text
    assert "云溪区住房和城乡建设局" in text
    assert case.number in text
    for item in found.statements:
        if item.required and code != "N2":
            assert f"{item.label}写在这里" in text, item.key
    for article in found.articles:
        assert article.partition("》")[2] in text
    assert (FIRST in text) == (code == "P" or code in ("D1", "D2", "D3", "D4", "D5", "D6", "D7"))
    assert ("6个月内" in text) == (FIRST not in text)
    assert "网上申请渠道" in text
    if code == "P":
        assert "第三方的联系电话" in text
        assert "属于人事管理信息" in text
    if code == "N2":
        before = Reply.objects.get(request__number=more["earlier"]).letter.number
        assert before in text
        assert "2026年3月5日" in text


@pytest.mark.parametrize("code", [code for code in helpers.CODES if law.decision(code).statements])
def test_a_reply_without_its_sentences_is_not_sent_up(place, handling, code):
    more = {"earlier": earlier_reply(place).number} if code == "N2" else {}
    helpers.prepare(place, handling, code)
    now = "2026-07-06" if code == "O2" else "2026-06-11"
    for item in law.decision(code).statements:
        if not item.required or code == "N2":
            continue
        case = draft(place, fresh(handling), code, now, **{**more, item.key: " "})
        with pytest.raises(ActError, match="还没有写"):
            submit(place, case, now)
    assert fresh(handling).state == "handling"


# --- the tests of section 6 of the handling rules -----------------------------------------------------------------------


def test_answers_and_result_must_agree(place, handling):
    with pytest.raises(InvalidData) as refused:
        act(
            "draft_reply",
            handling,
            place.handler,
            **helpers.sentences("D1", answers=json.dumps(helpers.answers_to("G-b"))),
        )
    assert "对不上" in str(refused.value.form.errors)
    with pytest.raises(InvalidData):
        act("draft_reply", handling, place.handler, **helpers.sentences("G-b", decision="G"))
    with pytest.raises(InvalidData):
        act("draft_reply", handling, place.handler, **helpers.sentences("G-b", answers="[1]"))
    with pytest.raises(InvalidData):
        act("draft_reply", handling, place.handler, **helpers.sentences("G-b", answers='{"course":"never"}'))


def test_partial_disclosure_is_one_result_whatever_was_withheld(place, handling):
    case = helpers.replied(place, handling, "P")
    assert case.decision == "P"
    other = draft(place, opened(place), "P", withheld=[])
    with pytest.raises(ActError, match="列明不予公开的部分"):
        submit(place, other)


@pytest.mark.duty("004-8c")
def test_third_party_grounds_need_the_opinion_on_file(place, handling):
    case = draft(place, handling, "D4")
    with pytest.raises(ActError, match="先书面征求第三方意见"):
        submit(place, case)
    case = draft(place, case, "D4", unreachable="登记的电话和地址均已失效，两次上门无人")
    assert submit(place, case).state == "review"


def test_third_party_who_agrees_is_no_ground(place, handling):
    helpers.prepare(place, handling, "D4")
    Consultation.objects.filter(request=handling).update(answer="agreed")
    with pytest.raises(ActError, match="已同意公开"):
        submit(place, draft(place, fresh(handling), "D4"))


def test_a_part_withheld_for_a_third_party_needs_the_opinion_too(place, handling):
    part = {"what": "联系电话", "ground": "D4", "reason": "个人隐私"}
    with pytest.raises(ActError, match="先书面征求第三方意见"):
        submit(place, draft(place, handling, "P", withheld=[part]))


def test_not_existing_needs_a_search_record(place, handling):
    with pytest.raises(ActError, match="检索记录"):
        submit(place, draft(place, handling, "U1-a"))
    Search.objects.create(
        request=handling, place="档案室", method="题名", searched_on=dt.date(2026, 6, 3), searcher="档案员", result="无"
    )
    assert submit(place, draft(place, handling, "U1-a")).state == "review"


def test_repeated_request_needs_the_earlier_reply_of_the_same_person(place, handling):
    with pytest.raises(ActError, match="前次答复"):
        submit(place, draft(place, handling, "N2"))
    with pytest.raises(InvalidData):
        draft(place, handling, "N2", earlier="SQ-2020-9999")
    other = helpers.replied(place, opened(place, identity_number="11010119850101451X", name="夏侯远山"), "G-b")
    with pytest.raises(ActError, match="不是同一申请人"):
        submit(place, draft(place, handling, "N2", earlier=other.number))
    waiting = opened(place)
    with pytest.raises(ActError, match="还没有答复"):
        submit(place, draft(place, handling, "N2", earlier=waiting.number))


def test_procedure_comes_before_its_result(place, handling):
    for code, words in (
        ("O1", "补正期限届满"),
        ("O2", "缴费期限届满"),
        ("U3", "要请申请人补正"),
        ("N4", "先请申请人说明理由"),
    ):
        with pytest.raises(ActError, match=words):
            submit(place, draft(place, handling, code))


def test_a_withdrawal_is_confirmed_by_a_letter_of_its_own(place, handling):
    said = {"answers": json.dumps({"course": "withdrawn"})}
    case = draft(place, handling, "O3", **said)
    with pytest.raises(ActError, match="撤回的日期"):
        submit(place, case)
    case = reviewed(place, submit(place, draft(place, case, "O3", withdrawn_on="2026年6月8日", **said)))
    assert delivered(place, case).state == "ended"
    letter = Reply.objects.get(request=case).letter
    assert letter.code == "requests-l15"
    assert "2026年6月8日" in reply_text(case)


# --- materials --------------------------------------------------------------------------------------------------------


def test_materials_are_sealed_and_each_is_decided_on(place, handling):
    case = act("add_materials", handling, place.handler, files={"files": [upload("检测报告.pdf", PDF)]})
    row = Material.objects.get(request=case)
    assert row.title == "检测报告"
    assert row.original.sealed
    with pytest.raises(ActError, match="还没有决定怎样处理"):
        submit(place, draft(place, case, "G-b"))
    with pytest.raises(InvalidData):
        act("treat_materials", case, place.handler, **{f"treatment_{row.pk}": "withheld"})
    case = act(
        "treat_materials", case, place.handler,
        **{f"treatment_{row.pk}": "withheld", f"ground_{row.pk}": "D5", f"reason_{row.pk}": "内部流程"},
    )  # fmt: skip
    with pytest.raises(ActError, match="这是部分公开"):
        submit(place, draft(place, case, "G-b"))
    case = act("treat_materials", case, place.handler, **{f"treatment_{row.pk}": "given"})
    with pytest.raises(ActError, match="这种答复不提供材料"):
        submit(place, draft(place, case, "D5"))
    assert submit(place, draft(place, case, "G-b")).state == "review"


def test_a_material_named_after_the_applicant_is_not_called_so(place, handling):
    case = act("add_materials", handling, place.handler, files={"files": [upload(f"{NAME}的档案.pdf", PDF)]})
    assert Material.objects.get(request=case).title == "材料1"


# --- review -----------------------------------------------------------------------------------------------------------


def test_whose_turn_it_is_follows_the_steps(place, handling):
    case = submit(place, draft(place, handling, "D1"))
    seen = []
    people = {"reviewer": place.reviewer, "secrecy": place.secrecy, "legal": place.legal}
    while case.turn_role != "leader":
        seen.append((case.turn_role, case.ask))
        case = act("pass_reply", case, people[case.turn_role], "2026-06-10")
    assert seen == [("reviewer", "审核答复"), ("secrecy", "对答复作保密审查"), ("legal", "对答复作合法性审核")]
    assert case.ask == "签发答复"
    assert case.turn_unit == place.bureau
    with pytest.raises(WrongState):
        act("pass_reply", case, place.leader, "2026-06-10")
    assert act("sign_reply", case, place.leader, "2026-06-10").state == "signed"


def test_legal_counsel_comes_in_only_when_something_is_withheld(place, handling):
    assert [str(role) for role in decisions.chain_for(Reply(decision="G-b"))] == ["reviewer", "secrecy", "leader"]
    assert [str(role) for role in decisions.chain_for(Reply(decision="P"))][-2:] == ["legal", "leader"]
    jurisdiction.change("requests.legal_when_withholding", "否", place.admin)
    assert "legal" not in decisions.chain_for(Reply(decision="D1"))
    jurisdiction.change("requests.review_chain", "leader", place.admin)
    case = submit(place, draft(place, handling, "G-b"))
    assert case.turn_role == "leader"


def test_who_wrote_does_not_review_and_nobody_takes_two_steps(place, handling):
    from gongkai.core.models import Membership

    for role in ("reviewer", "secrecy"):
        Membership.objects.create(user=place.handler, unit=place.bureau, role=role)
    Membership.objects.create(user=place.reviewer, unit=place.bureau, role="secrecy")
    case = submit(place, draft(place, handling, "G-b"))
    with pytest.raises(ActError, match="你起草"):
        act("pass_reply", case, place.handler, "2026-06-10")
    case = act("pass_reply", case, place.reviewer, "2026-06-10")
    with pytest.raises(ActError, match="已经审核过"):
        act("pass_reply", case, fresh_user(place.reviewer), "2026-06-10")
    with pytest.raises(NotPermitted):
        act("pass_reply", case, place.officer, "2026-06-10")


def fresh_user(user):
    from gongkai.core.models import User

    return User.objects.get(pk=user.pk)


def test_a_step_holds_for_exactly_this_content(place, handling):
    case = submit(place, draft(place, handling, "G-b"))
    case = act("pass_reply", case, place.reviewer, "2026-06-10")
    case = act("return_reply", case, place.secrecy, "2026-06-10", reason="请核对页数")
    assert case.state == "handling"
    # Saved without a change and sent up again: the first step stands.
    case = submit(place, draft(place, case, "G-b", "2026-06-10"), "2026-06-10")
    assert case.turn_role == "secrecy"
    kept = ReplyStep.objects.get(reply__request=case, round=2, role="reviewer")
    assert kept.decision == "passed"
    assert kept.user == place.reviewer
    case = act("recall_reply", case, place.handler, "2026-06-10")
    # Another content begins anew.
    case = submit(place, draft(place, case, "G-b", "2026-06-10", provided="检测报告，12页"), "2026-06-10")
    assert case.turn_role == "reviewer"


def test_what_changed_behind_the_review_is_not_signed(place, handling):
    case = act("add_materials", handling, place.handler, files={"files": [upload("检测报告.pdf", PDF)]})
    row = Material.objects.get(request=case)
    case = act("treat_materials", case, place.handler, **{f"treatment_{row.pk}": "given"})
    case = submit(place, draft(place, case, "G-b"))
    Material.objects.filter(pk=row.pk).update(title="另一份报告")
    with pytest.raises(ActError, match="有改动"):
        act("pass_reply", case, place.reviewer, "2026-06-10")


def test_a_chain_nobody_can_take_says_so(place, handling):
    from gongkai.core.models import Membership

    case = draft(place, handling, "G-b")
    Membership.objects.filter(role="secrecy").delete()
    with pytest.raises(ActError, match="没有人能办"):
        submit(place, case)


# --- the letters ------------------------------------------------------------------------------------------------------


def test_numbers_are_taken_at_signing_in_one_row_for_each_prefix(place):
    jurisdiction.change("requests.letter_prefixes", f"{place.beside.code}=云交", place.admin)
    first = helpers.replied(place, opened(place), "G-b")
    second = helpers.replied(place, opened(place), "D1")
    numbers = [Reply.objects.get(request=case).letter.number for case in (first, second)]
    assert numbers == ["云公复〔2026〕1号", "云公复〔2026〕2号"]
    from gongkai.requests import letters

    assert letters.prefix_of(place.beside) == "云交"


@pytest.mark.duty("004-8c")
def test_disclosing_against_an_objection_is_told_to_the_third_party(place, handling):
    helpers.prepare(place, handling, "D4")
    answers = {
        "course": "on", "clear": "clear", "kind": "request", "amount": "normal", "duty": "ours", "held": "found",
        "published": "no", "joint": "no", "ground": "third_party", "opinion": "objects", "interest": "major",
    }  # fmt: skip
    said = {"answers": json.dumps(answers)}
    case = draft(place, fresh(handling), "G-b", **said)
    with pytest.raises(ActError, match="书面告知第三方"):
        submit(place, case)
    said |= {"disclosed": "检测报告全文", "disclosed_reason": "理由合理，但公共利益更重"}
    # Whoever says that public interest outweighs the objection says why, in both letters.
    case = draft(place, fresh(handling), "G-b", **said)
    with pytest.raises(ActError, match="公共利益的理由"):
        submit(place, case)
    said |= {"public_interest": "关系沿线居民的出行安全，不公开会造成重大影响"}
    case = reviewed(place, submit(place, draft(place, case, "G-b", **said)))
    row = Delivery.objects.get(request=case, addressee="third_party")
    text = helpers.text_of(row.letter)
    assert "云溪宏远建材行" in text
    assert "检测报告全文" in text
    assert "重大影响" in text
    assert "沿线居民的出行安全" in text
    assert "60日内" in text
    assert NAME not in text
    answered = helpers.reply_text(case)
    assert "第三方不同意公开" in answered
    assert "沿线居民的出行安全" in answered
    assert "云溪宏远建材行" not in answered
    with pytest.raises(InvalidData):
        delivered(place, case)
    with pytest.raises(ActError, match="之前或者同时"):
        delivered(
            place, case, "2026-06-12", way="post", tracking_number="XA1", sent_on="2026-06-11",
            **{f"third_way_{row.pk}": "post", f"third_sent_{row.pk}": "2026-06-12"},
        )  # fmt: skip
    case = delivered(place, case, **{f"third_way_{row.pk}": "post", f"third_sent_{row.pk}": "2026-06-11"})
    assert case.state == "replied"


ASKED = {
    "course": "on", "clear": "clear", "kind": "request", "amount": "normal", "duty": "ours", "held": "found",
    "published": "no", "joint": "no", "ground": "third_party",
}  # fmt: skip


def unanswered(case: Request, **more) -> Request:
    """A third party was asked and kept silent, or what `more` says."""
    row = {"received_on": dt.date(2026, 5, 8), "ended_on": dt.date(2026, 5, 29), **more}
    Consultation.objects.create(
        request=case, kind="third_party", party={"name": "云溪宏远建材行"}, party_label="云溪**", matter="检测报告",
        sent_on=dt.date(2026, 5, 7), **row,
    )  # fmt: skip
    return fresh(case)


@pytest.mark.parametrize(
    ("more", "opinion", "words"),
    [
        ({}, "silent", "第三方在规定期限内没有答复"),
        ({"answer": "unreachable", "received_on": None, "reasons": "查无此址"}, "unreachable", "无法联系第三方"),
    ],
)
def test_silence_is_no_consent(place, handling, more, opinion, words):
    """Art. 32: after silence the body decides by the regulation, so a disclosure says why nobody is harmed."""
    unanswered(handling, **more)
    said = {"answers": json.dumps({**ASKED, "opinion": opinion, "third_party_choice": "give"})}
    case = draft(place, fresh(handling), "G-b", **said)
    with pytest.raises(ActError, match="没有答复不等于同意"):
        submit(place, case)
    said["no_harm"] = "只写检测结论，不涉及价格和工艺"
    case = reviewed(place, submit(place, draft(place, fresh(case), "G-b", **said)))
    answered = helpers.reply_text(case)
    assert words in answered
    assert "只写检测结论" in answered
    assert "云溪宏远建材行" not in answered
    # Nobody objected, nothing is set aside: the law wants no letter to the third party.
    assert not Delivery.objects.filter(request=case, addressee="third_party").exists()


def test_after_silence_the_public_interest_is_told_to_the_third_party(place, handling):
    unanswered(handling)
    said = {"answers": json.dumps({**ASKED, "opinion": "silent", "third_party_choice": "major"})}
    case = draft(place, fresh(handling), "G-b", **said)
    with pytest.raises(ActError, match=r"公共利益的理由.*书面告知第三方"):
        submit(place, case)
    said |= {"disclosed": "检测报告全文", "disclosed_reason": "已审查", "public_interest": "关系沿线居民的出行安全"}
    case = reviewed(place, submit(place, draft(place, fresh(case), "G-b", **said)))
    told = helpers.text_of(Delivery.objects.get(request=case, addressee="third_party").letter)
    assert "没有提出意见" in told
    assert "对提出的意见" not in told
    assert "沿线居民的出行安全" in told
    answered = helpers.reply_text(case)
    assert "第三方在规定期限内没有答复" in answered
    assert "第三方不同意公开" not in answered


def test_the_page_asks_why_silence_may_be_passed_over(client, place, handling):
    from urllib.parse import urlencode

    unanswered(handling)
    client.force_login(place.handler)
    way = "~".join(f"{key}.{value}" for key, value in ASKED.items())
    url = f"/workbench/requests/{handling.pk}/reply/?"
    html = client.get(url + urlencode({"a": f"{way}~opinion.silent~third_party_choice.give"})).content.decode()
    assert 'name="no_harm"' in html
    assert 'name="disclosed"' not in html
    html = client.get(url + urlencode({"a": f"{way}~opinion.silent~third_party_choice.major"})).content.decode()
    assert 'name="no_harm"' not in html
    assert 'name="public_interest"' in html
    assert 'name="disclosed"' in html


@pytest.mark.parametrize("end", ["third_party_choice.give", "third_party_choice.withhold~separable_D4.yes"])
def test_the_page_asks_why_nobody_could_be_reached(client, place, handling, end):
    from urllib.parse import urlencode

    client.force_login(place.handler)
    way = "~".join(f"{key}.{value}" for key, value in ASKED.items())
    url = f"/workbench/requests/{handling.pk}/reply/?" + urlencode({"a": f"{way}~opinion.unreachable~{end}"})
    assert 'name="unreachable"' in client.get(url).content.decode()


def test_the_page_asks_for_the_public_interest_where_it_outweighs(client, place, handling):
    from urllib.parse import urlencode

    helpers.prepare(place, handling, "D4")
    client.force_login(place.handler)
    way = (
        "course.on~clear.clear~kind.request~amount.normal~duty.ours~held.found~published.no~joint.no~ground.third_party"
    )
    url = f"/workbench/requests/{handling.pk}/reply/?"
    html = client.get(url + urlencode({"a": f"{way}~opinion.objects~interest.major"})).content.decode()
    assert 'name="public_interest"' in html
    html = client.get(url + urlencode({"a": f"{way}~opinion.baseless~third_party_choice.give"})).content.decode()
    assert 'name="public_interest"' not in html


def test_remedy_follows_the_setting(place, handling):
    assert FIRST not in decisions.remedy_of(place.bureau, "D8")
    jurisdiction.change("requests.reconsideration_first", "P,D1,D8", place.admin)
    assert FIRST in decisions.remedy_of(place.bureau, "D8")
    assert FIRST not in decisions.remedy_of(place.bureau, "D2")
    with pytest.raises(ValueError, match="没有这种答复类型"):
        jurisdiction.change("requests.reconsideration_first", "X9", place.admin)


def test_nothing_personal_stands_in_the_log(place, handling):
    secret = "柳荫巷8号2单元的住户"
    case = submit(place, draft(place, handling, "D1", reason=f"涉及{secret}"))
    act("return_reply", case, place.reviewer, "2026-06-10", reason=f"{NAME}的姓名不必写")
    told = json.dumps(
        list(Event.objects.filter(case=case.pk).values("data", "summary", "words", "changes")), default=str
    )
    for words in (secret, NAME, NUMBER):
        assert words not in told
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM requests_replystep")
        assert all(NAME.encode() not in bytes(row[0] or b"") for row in cursor.fetchall())
        cursor.execute("SELECT statements FROM requests_reply")
        assert all(secret.encode() not in bytes(row[0]) for row in cursor.fetchall())


# --- who may ----------------------------------------------------------------------------------------------------------

MATRIX = {
    "draft_reply": {"officer", "second", "handler"},
    "add_materials": {"officer", "second", "handler"},
    "submit_reply": {"officer", "second", "handler"},
    "deliver": {"officer", "second", "handler"},
    "archive": {"officer", "second", "handler"},
    "reopen": {"officer", "second", "leader"},
    "correct_reply": {"reviewer", "leader"},
    "recall_reply": {"officer", "second", "handler"},
}
EVERYBODY = (
    "supervisor", "officer", "second", "handler", "reviewer", "secrecy", "legal", "leader", "neighbour", "auditor",
    "admin",
)  # fmt: skip


@pytest.mark.parametrize("name", MATRIX)
def test_roles(place, handling, name):
    from gongkai.core.acts import acts

    found = acts[f"request.{name}"]
    assert {who for who in EVERYBODY if found.permitted(handling, getattr(place, who))} == MATRIX[name]


def test_review_is_permitted_to_the_step_alone(place, handling):
    from gongkai.core.acts import acts

    case = submit(place, draft(place, handling, "G-b"))
    found = acts["request.pass_reply"]
    assert {who for who in EVERYBODY if found.permitted(fresh(case), getattr(place, who))} == {"reviewer"}


def test_a_reply_is_not_drafted_from_other_states(place, received):
    with pytest.raises(WrongState):
        draft(place, received, "G-b")
    assert Request.objects.get(pk=received.pk).state == "received"
    with pytest.raises(WrongState):
        perform("request.deliver", received, place.officer, {}, now=at("2026-06-03"))
