"""Attribute reviews and clean-ups of normative documents, from launch to the figures of the annual report."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import Event
from gongkai.core.tests.factories import UnitFactory
from gongkai.publications.models import Publication
from gongkai.publications.registers import queries
from gongkai.publications.registers.acts.attribute import HEAD
from gongkai.publications.registers.columns import plain_book
from gongkai.publications.registers.models import (
    AttributeCampaign,
    AttributeItem,
    AttributeShare,
    Cleanup,
    CleanupItem,
    CleanupShare,
    DisclosureBody,
)
from gongkai.publications.tests.helpers import act, draft, review, through
from gongkai.publications.tests.helpers import fresh as again

pytestmark = pytest.mark.django_db


def fresh(case):
    """The record as it stands."""
    return type(case).objects.get(pk=case.pk)


def closed(office, title, attribute="on_request", **more):
    """A document that was filed away."""
    values = {"attribute": attribute, "reason": "涉及内部管理", "document_number": "", "plan": "", **more}
    case = through(draft(office, title=title, **values), office)
    assert case.state == "filed", case.state
    return case


# --- attributes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def attribute(office):
    """A review of attributes with three documents of the bureau, launched over HTTP by the office."""
    closed(office, "云溪区教育局关于校车管理的通知", document_number="云教发〔2026〕1号")
    closed(office, "云溪区教育局关于教师轮岗的通知", "withheld", ground="X16b", document_number="云教发〔2026〕2号")
    draft(office, title="云溪区教育局关于午餐的通知", attribute="", document_number="云教发〔2026〕3号")
    # No official document, and one that is proactively disclosed: neither is listed.
    draft(office, title="校园活动", attribute="", document_number="", document_kind="工作动态")
    draft(office, title="已经主动公开的通知", document_number="云教发〔2026〕4号")
    body = perform("disclosure-body.propose", None, office.supervisor, {"units": [office.unit.pk], "basis": "条例"})
    perform("disclosure-body.confirm", DisclosureBody.objects.get(pk=body.case.pk), office.supervisor, {})
    return perform(
        "attribute-campaign.launch", None, office.supervisor, {"title": "2026年公开属性复查", "since": "2010-01-01"}
    ).case.concrete


@pytest.mark.duty("004-11a", "004-11b")
def test_every_unit_gets_its_documents_with_a_clock(office, attribute):
    share = AttributeShare.objects.get()
    assert (share.unit, share.clock.amount, share.turn_unit) == (office.unit, 30, office.unit)
    titles = list(AttributeItem.objects.values_list("title", flat=True))
    assert len(titles) == 3
    assert not [title for title in titles if "活动" in title or "主动" in title]


@pytest.mark.duty("004-11d")
def test_other_information_may_be_reviewed_too(office):
    draft(office, title="校园活动", attribute="", document_number="", document_kind="工作动态")
    values = {"title": "复查", "since": "2010-01-01", "units": [office.unit.pk], "others_too": "on"}
    perform("attribute-campaign.launch", None, office.supervisor, values)
    assert AttributeItem.objects.get().title == "校园活动"


@pytest.mark.duty("004-11a", "004-11b", "004-11c")
def test_documents_are_decided_on_the_page_and_converted_to_publication(office, client, attribute):
    share = AttributeShare.objects.get()
    address = reverse("registers:attribute-items", args=[share.pk])
    client.force_login(office.officer)
    items = list(AttributeItem.objects.order_by("id"))
    nothing = client.post(address, {"act": "decide", "attribute": "proactive"})
    assert nothing.status_code == 422
    assert "请在清单里选择文件" in nothing.content.decode()
    bare = client.post(address, {"act": "decide", "attribute": "withheld", "items": [items[0].pk]})
    assert bare.status_code == 422
    assert "checked" in bare.content.decode(), "what was chosen stays chosen"
    filed, withheld, undecided = (item.publication for item in items)
    assert client.post(address, {"act": "decide", "attribute": "proactive", "items": [items[0].pk]}).status_code == 302
    filed = again(filed)
    assert (filed.state, filed.attribute) == ("draft", "proactive")
    assert filed.clocks.filter(code__startswith="convert").exists()
    reason = {"attribute": "withheld", "ground": "X16b", "reason": "仍在研究，属于过程性信息。"}
    client.post(address, {"act": "decide", "all_left": "on", **reason})
    assert (again(withheld).state, again(undecided).attribute) == ("filed", "withheld")
    assert again(withheld).events.filter(act="publication.review_attribute").exists()
    found = queries.attribute_figures(campaign=attribute.pk)
    assert (found["items"], found["undecided"], found["converted"], found["published"]) == (3, 0, 1, 0)
    review(act("submit", filed, office.officer), office)
    assert queries.attribute_figures(share=share.pk)["published"] == 1
    rate = measures["publications.attribute_reviewed_rate"].compute(Scope(units=(office.unit.pk,)))
    assert rate.value == 100.0
    assert measures["publications.attribute_converted"].compute(Scope()).value == 1


@pytest.mark.duty("004-11a")
def test_a_review_is_closed_with_its_figures_when_every_unit_is_through(office, client, attribute):
    share = AttributeShare.objects.get()
    with pytest.raises(ActError, match="没有结论"):
        perform("attribute-share.finish", share, office.officer, {})
    with pytest.raises(ActError, match="还有1个单位"):
        perform("attribute-campaign.close", attribute, office.supervisor, {"reason": "完成"})
    values = {"all_left": "on", "attribute": "on_request", "reason": "涉及特定对象"}
    perform("attribute-share.decide", share, office.officer, values)
    perform("attribute-share.finish", fresh(share), office.officer, {})
    perform("attribute-share.reopen", fresh(share), office.supervisor, {"reason": "理由太简单"})
    perform("attribute-share.finish", fresh(share), office.officer, {})
    event = perform("attribute-campaign.close", fresh(attribute), office.supervisor, {"reason": "复查完成。"})
    assert event.data["figures"]["on_request"] == 3
    client.force_login(office.supervisor)
    page = client.get(attribute.get_absolute_url()).content.decode()
    assert "依申请公开3件" in page
    book = client.get(reverse("registers:campaign-export", args=[attribute.pk]))
    assert book["Content-Type"].endswith("sheet")


@pytest.mark.duty("004-11b", "004-11c")
def test_old_lists_are_taken_in_from_excel_and_converted(office, client, attribute):
    share = AttributeShare.objects.get()
    lines = [
        ("关于中小学布局调整的意见", "云教发〔2025〕5号", "2025-06-01", "依申请公开", "当时在试点"),
        ("关于学籍管理的通知", "", dt.datetime(2025, 9, 1), "", ""),
        ("早已公开的通知", "云教发〔2025〕6号", "2025-03-04", "主动公开", ""),
    ]
    book = plain_book("清单", HEAD, lines, (20,) * 5)
    client.force_login(office.officer)
    address = reverse("workbench:act", args=[share.pk, "take_in"])
    client.post(address, {"file": SimpleUploadedFile("清单.xlsx", book)})
    client.post(address, {"file": SimpleUploadedFile("清单.xlsx", book)})
    taken = AttributeItem.objects.filter(publication__isnull=True)
    assert [item.title for item in taken] == ["关于中小学布局调整的意见", "关于学籍管理的通知"]
    wrong = plain_book("清单", HEAD, [("", "", "", "", ""), ("标题", "", "哪天", "半公开", "")], (20,) * 5)
    answer = client.post(address, {"file": SimpleUploadedFile("清单.xlsx", wrong)})
    assert "第3行" in answer.content.decode()
    item = taken.first()
    perform("attribute-share.decide", fresh(share), office.officer, {"items": [item.pk], "attribute": "proactive"})
    item.refresh_from_db()
    assert (item.publication.state, item.publication.attribute) == ("draft", "proactive")
    assert item.publication.document_number == "云教发〔2025〕5号"


@pytest.mark.duty("004-11b")
def test_documents_of_years_without_a_calendar_are_converted_too(office, attribute):
    share = AttributeShare.objects.get()
    item = AttributeItem.objects.create(share=share, title="关于校舍安全的通知", made_on=dt.date(2011, 5, 3))
    perform("attribute-share.decide", share, office.officer, {"items": [item.pk], "attribute": "proactive"})
    item.refresh_from_db()
    assert item.publication.made_on == dt.date(2011, 5, 3)


def test_a_document_of_another_unit_cannot_be_decided(office, attribute):
    other = UnitFactory(parent=office.district)
    perform("attribute-campaign.launch", None, office.supervisor, {
        "title": "另一次", "since": "2010-01-01", "units": [other.pk]})  # fmt: skip
    foreign = AttributeItem.objects.create(share=AttributeShare.objects.get(unit=other), title="别人的")
    share = AttributeShare.objects.get(unit=office.unit, campaign=attribute.pk)
    with pytest.raises(ActError):
        perform("attribute-share.decide", share, office.officer, {"items": [foreign.pk], "attribute": "proactive"})
    foreign.refresh_from_db()
    assert not foreign.decision


# --- normative documents ----------------------------------------------------------------------------------------------


def rule(office, number, made="2023-03-01", **more):
    """A normative document in force."""
    case = draft(
        office,
        title=f"云溪区教育局办法之{number}",
        document_number=f"云教规〔{made[:4]}〕{number}号",
        normative="on",
        made_on=made,
        **more,
    )
    return through(case, office)


@pytest.fixture
def rules(office):
    """Four normative documents of the bureau."""
    return [rule(office, number, expires_on="2027-03-01") for number in range(1, 5)]


@pytest.fixture
def cleanup(office, rules):
    """A clean-up of the bureau's normative documents."""
    values = {"title": "2026年规范性文件清理", "until": "2026-12-31", "units": [office.unit.pk]}
    return perform("cleanup.launch", None, office.supervisor, values).case.concrete


@pytest.mark.duty("002-17a", "002-17b", "003-28a", "001-4b")
def test_the_library_lists_what_is_in_force_by_unit_and_follows_changes(
    office, client, rules, django_assert_max_num_queries
):
    client.force_login(office.supervisor)
    client.get(reverse("registers:normative"))
    with django_assert_max_num_queries(9):
        answer = client.get(reverse("registers:normative"))
    assert "现行有效4件，1个单位" in answer.content.decode()
    act("change_validity", rules[0], office.reviewer, {"validity": "repealed", "day": "2026-01-01"})
    assert "现行有效3件" in client.get(reverse("registers:normative")).content.decode()
    past = client.get(reverse("registers:normative"), {"standing": "past"}).content.decode()
    assert "办法之1" in past
    assert "办法之2" not in past
    near = client.get(reverse("registers:normative"), {"standing": "near"}).content.decode()
    assert "办法之2" in near
    assert "办法之2" in client.get(reverse("information:normative")).content.decode()
    assert client.get(reverse("registers:normative"), {"export": "xlsx"})["Content-Type"].endswith("sheet")


@pytest.mark.duty("000-7b", "001-7d", "003-28b")
def test_a_clean_up_from_launch_to_the_public_list(office, client, cleanup, rules):
    share = CleanupShare.objects.get()
    items = list(CleanupItem.objects.order_by("id"))
    assert [item.publication_id for item in items] == [case.pk for case in rules]
    address = reverse("registers:cleanup-items", args=[share.pk])
    client.force_login(office.officer)
    decisions = [
        {
            "outcome": "continue",
            "reason": "仍然需要",
            "until": "2031-03-01",
            "evaluation": "2026年后评估报告：效果良好",
        },
        {"outcome": "repeal", "reason": "被新规定代替", "day": "2026-12-01"},
        {"outcome": "lapse", "reason": "任务已经完成"},
        {"outcome": "amend", "reason": "与上位法不一致"},
    ]
    for item, typed in zip(items, decisions, strict=True):
        assert client.post(address, {"act": "decide", "items": [item.pk], **typed}).status_code == 302
    with pytest.raises(ActError, match="法律顾问意见"):
        perform("cleanup-share.submit", fresh(share), office.officer, {})
    client.force_login(office.legal)
    client.post(address, {"act": "counsel", "items": [items[1].pk], "counsel": "同意废止，公布废止决定。"})
    client.post(address, {"act": "counsel", "all_left": "on", "counsel": "同意。"})
    items[1].refresh_from_db()
    assert items[1].counsel == "同意废止，公布废止决定。"
    assert items[1].counsel_by
    perform("cleanup-share.submit", fresh(share), office.officer, {})
    perform("cleanup-share.settle", fresh(share), office.leader, {})
    perform("cleanup.sum_up", fresh(cleanup), office.supervisor, {"words": "请审定。"})
    with pytest.raises(ActError):
        perform("cleanup-share.return", fresh(share), office.officer, {"reason": "再看看"})
    client.force_login(office.chief)
    client.post(reverse("workbench:act", args=[cleanup.pk, "approve"]), {"opinion": "同意。"})
    done = fresh(cleanup)
    assert done.state == "applied"
    kept, repealed, lapsed, amended = (again(case) for case in rules)
    assert kept.expires_on == dt.date(2031, 3, 1)
    assert (repealed.repealed_on, amended.validity) == (dt.date(2026, 12, 1), "valid")
    assert lapsed.validity == "lapsed"
    assert Event.objects.filter(case=repealed.pk, act="publication.change_validity").exists()
    assert Event.objects.filter(case=kept.pk, act="publication.extend_validity").exists()
    result = Publication.objects.get(pk=done.result_id)
    assert (result.state, result.unit) == ("draft", office.above)
    for words in ("继续有效的规范性文件（1件）", "云溪区教育局办法之2", "云教规〔2023〕3号"):
        assert words in result.body
    client.force_login(office.supervisor)
    assert result.title in client.get(cleanup.get_absolute_url()).content.decode()
    assert client.get(reverse("registers:campaign-export", args=[cleanup.pk])).status_code == 200
    # Through the usual review the list of results becomes public.
    result = act("submit", result, office.writer, {"exception": "清理结果公告"}) if _reviewers(office) else result
    assert result.state == "review"


def _reviewers(office) -> bool:
    """Give the office the people a review needs."""
    from gongkai.core.roles import Role
    from gongkai.core.tests.factories import UserFactory

    for role in (Role.REVIEWER, Role.SECRECY):
        UserFactory(roles=[(role, office.above)])
    return True


def test_without_the_setting_counsel_may_be_left_out(office, cleanup):
    jurisdiction.change("registers.counsel", "否", office.admin)
    share = CleanupShare.objects.get()
    perform("cleanup-share.decide", share, office.officer, {"all_left": "on", "outcome": "continue", "reason": "需要"})
    perform("cleanup-share.submit", fresh(share), office.officer, {})
    perform("cleanup-share.return", fresh(share), office.leader, {"reason": "第二件请再研究"})
    assert fresh(share).state == "returned"


def test_a_new_conclusion_asks_counsel_anew(office, cleanup):
    share = CleanupShare.objects.get()
    perform("cleanup-share.decide", share, office.officer, {"all_left": "on", "outcome": "continue", "reason": "需要"})
    perform("cleanup-share.counsel", fresh(share), office.legal, {"all_left": "on", "counsel": "同意。"})
    item = CleanupItem.objects.first()
    values = {"items": [item.pk], "outcome": "repeal", "reason": "不再需要"}
    perform("cleanup-share.decide", fresh(share), office.officer, values)
    item.refresh_from_db()
    assert item.counsel == ""


@pytest.mark.duty("002-16")
def test_the_text_is_compared_with_the_copy_of_the_official_database(office, client, cleanup):
    share, item = CleanupShare.objects.get(), CleanupItem.objects.first()
    address = reverse("registers:cleanup-compare", args=[item.pk])
    client.force_login(office.officer)
    own = "各学校：\n为做好义务教育学校招生工作，现就有关事项通知如下。\n一、招生范围\n按照户籍和居住地划片入学。"
    assert client.post(address, {"official": own}).status_code == 302
    item.refresh_from_db()
    assert item.differences == 0
    assert "两份文本一致" in client.get(address).content.decode()
    client.post(address, {"official": own.replace("划片", "分片")})
    item.refresh_from_db()
    assert item.differences == 1
    page = client.get(address).content.decode()
    assert "两份文本不一致" in page
    assert "<del>" in page
    event = Event.objects.filter(case=share.pk, act="cleanup-share.compare").first()
    assert "1处不同" in event.summary
    assert len(event.data["official"]) == 64, "the event keeps the digest of the text, not the text"
    client.force_login(office.supervisor)
    assert client.get(address).status_code == 200


@pytest.mark.duty("003-28b")
def test_the_figures_of_the_annual_report_follow_the_documents(office):
    first = rule(office, 1, "2024-03-01", expires_on="2030-01-01")
    rule(office, 2, "2024-05-01", expires_on="2026-06-30")
    rule(office, 3, "2026-02-01", expires_on="2030-01-01")
    act("change_validity", first, office.reviewer, {"validity": "repealed", "day": "2026-03-15"})

    def figures(year):
        scope = Scope(units=(office.unit.pk,), since=dt.date(year, 1, 1), until=dt.date(year + 1, 1, 1))
        return tuple(
            int(measures[f"publications.normative_{name}"].compute(scope).value)
            for name in ("made", "repealed", "in_force")
        )

    # Made, repealed or lapsed, in force at the end of the year; each year follows from the one before (K7).
    assert figures(2024) == (2, 0, 2)
    assert figures(2025) == (0, 0, 2)
    assert figures(2026) == (1, 2, 1)
    before = 0
    for year in range(2023, 2033):
        made, ended, standing = figures(year)
        assert standing == before + made - ended
        before = standing
    assert measures["publications.normative_in_force"].compute(Scope(units=())).value == 0
    assert timezone.localdate().year >= 2026


def test_lists_of_items_keep_their_budget(office, client, attribute, django_assert_max_num_queries):
    client.force_login(office.officer)
    for campaign in (AttributeShare.objects.get(),):
        address = reverse("registers:attribute-items", args=[campaign.pk])
        client.get(address)
        with django_assert_max_num_queries(9):
            client.get(address)
        client.get(campaign.get_absolute_url())
        with django_assert_max_num_queries(13):
            assert client.get(campaign.get_absolute_url()).status_code == 200
    assert AttributeCampaign.objects.count() == 1
    assert Cleanup.objects.count() == 0
