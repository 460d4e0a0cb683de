"""From a reply that gave something to what everybody can read (004-9), and earlier replies looked at again (004-11d)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.models import CaseRelation, Event, Membership, User
from gongkai.publications.models import Publication
from gongkai.publications.tests.helpers import act as publish_act
from gongkai.publications.tests.helpers import draft as other_draft
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.models import CampaignItem, Conversion, ConversionCampaign
from gongkai.requests.models import Material, Request
from gongkai.requests.tests import helpers, reply_helpers
from gongkai.requests.tests.helpers import NAME, PERSONAL, at

pytestmark = pytest.mark.django_db
TEXT = {"title": "清平路雨污分流改造工程管道检测报告", "text": "检测结论：管道完好。"}


def do(name, case, user, now="2026-06-15", **data):
    """Do an act of a conversion and read it anew."""
    perform(f"{case.kind}.{name}", case, user, data, now=at(now))
    return type(case).objects.select_related("request", "publication", "unit").get(pk=case.pk)


def only():
    """The one conversion."""
    return Conversion.objects.select_related("request", "unit").get()


def public(place, case, now="2026-06-20"):
    """Complete the draft's metadata and take it through its review, all on one day."""
    values = {
        "title": case.title, "body": case.body, "document_kind": "通知", "subject": "科技、教育\\教育",
        "made_on": now, "attribute": "proactive",
    }  # fmt: skip
    case = publish_act("edit", case, place.officer, values, now=at(now))
    case = publish_act("submit", case, place.officer, now=at(now))
    by = {"content": "reviewer", "secrecy": "secrecy", "privacy": "secrecy", "legal": "legal", "approval": "leader"}
    while case.state == "review":
        name = "approve" if case.review_purpose == "approval" else "pass"
        case = publish_act(name, case, getattr(place, by[case.review_purpose]), now=at(now))
    assert case.state == "published", case.state
    return case


@pytest.mark.duty("004-9")
def test_a_reply_that_gives_opens_a_case_with_thirty_days(place, given):
    case = only()
    assert (case.request_id, case.state, case.replied_on.isoformat()) == (given.pk, "judging", "2026-06-11")
    clock = case.clocks.get(code="convert")
    assert (clock.unit, clock.amount) == ("day", 30)
    # 11 June and thirty days: 11 July is a Saturday, the limit moves on to Monday.
    assert helpers.last_day(clock).isoformat() == "2026-07-13"
    assert NAME not in case.title
    assert CaseRelation.objects.filter(source=case.pk, target=given.pk).exists()
    assert case.turn_unit == place.bureau


@pytest.mark.duty("004-9")
def test_the_answer_given_before_the_reply_counts(place, with_material):
    with pytest.raises(InvalidData):
        helpers.act("judge_public_interest", with_material, place.handler, verdict="no")
    case = helpers.act("judge_public_interest", with_material, place.handler, verdict="yes")
    assert case.public_interest == "yes"
    with pytest.raises(ActError, match="理由"):
        helpers.act("judge_public_interest", case, place.handler, verdict="no", reason=f"{NAME}不愿意")
    reply_helpers.replied(place, case, "G-b")
    assert only().state == "open"


def test_a_reply_that_is_for_the_applicant_alone_opens_nothing(place, with_material):
    case = helpers.act("judge_public_interest", with_material, place.handler, verdict="no", reason="只涉及本人")
    reply_helpers.replied(place, case, "G-b")
    assert not Conversion.objects.exists()


def test_a_refusal_opens_nothing(place, handling):
    reply_helpers.replied(place, handling, "D5")
    assert not Conversion.objects.exists()


@pytest.mark.duty("004-9")
def test_from_the_reply_to_the_public_in_time(place, given, client):
    case = do("judge", only(), place.handler, verdict="yes")
    client.force_login(place.handler)
    page = client.get(reverse("conversion:draft", args=[case.pk]))
    suggested = page.context["form"].initial
    assert "管道完好" in suggested["text"]
    for secret in (*PERSONAL, "13912345678"):
        assert secret not in suggested["text"], secret
        assert secret not in suggested["title"], secret
    assert [hit.label for one in page.context["given"] for hit in one.found] == ["手机号", "申请人或者第三方的信息"]
    # The file names people: it is not offered, and cannot be attached.
    assert suggested["materials"] == []
    with pytest.raises(ActError, match="不能原样公开"):
        do("draft", case, place.handler, **TEXT, materials=[Material.objects.get().pk])
    with pytest.raises(ActError, match="申请人"):
        do("draft", case, place.handler, title=TEXT["title"], text=f"委托人{NAME}。")
    with pytest.raises(ActError, match="手机号"):
        do("draft", case, place.handler, title=TEXT["title"], text="请打13912345678。")
    case = do("draft", case, place.handler, **TEXT)
    made = Publication.objects.get(pk=case.publication_id)
    assert (case.state, made.state, made.attribute, made.unit_id) == ("drafted", "draft", "proactive", place.bureau.pk)
    assert "管道完好" in made.body
    assert CaseRelation.objects.filter(source=made.pk, target=case.pk).exists()
    published = public(place, made)
    case = only()
    assert (case.state, case.in_time, case.published_on.isoformat()) == ("done", True, "2026-06-20")
    shown = client.get(published.public_address).content.decode()
    assert "管道完好" in shown
    for secret in (*PERSONAL, given.number):
        assert secret not in shown, secret
    assert measures["conversion.share"].compute(Scope()).value == 100.0
    assert measures["conversion.on_time_share"].compute(Scope(units=(place.bureau.pk,))).words == "1件中1件"
    assert measures["conversion.share"].compute(Scope(units=(place.beside.pk,))).value is None


@pytest.mark.duty("004-9")
def test_late_is_late_also_when_it_was_postponed(place, given):
    case = do("judge", only(), place.handler, verdict="yes")
    with pytest.raises(ActError, match="已经过了"):
        do("postpone", case, place.handler, until="2026-06-01", reason="数据在核实")
    case = do("postpone", case, place.handler, until="2026-08-20", reason="数据还在核实")
    assert (case.state, case.clocks.get(code="postponed").judged) == ("postponed", False)
    case = do("draft", case, place.handler, "2026-08-10", **TEXT)
    public(place, Publication.objects.get(pk=case.publication_id), "2026-08-12")
    case = only()
    assert (case.state, case.in_time) == ("done", False)
    assert measures["conversion.on_time_share"].compute(Scope()).value == 0.0
    assert Event.objects.filter(case=case.pk, act="conversion.publish", summary__contains="超过期限").exists()


def test_declining_needs_a_reason_and_somebody_else(place, given):
    case = only()
    with pytest.raises(InvalidData):
        do("judge", case, place.handler, verdict="no")
    with pytest.raises(ActError, match="理由"):
        do("judge", case, place.handler, verdict="no", reason=f"{NAME}不愿意")
    case = do("judge", case, place.handler, verdict="no", reason="只涉及个别户的补偿")
    assert (case.state, case.turn_role) == ("declining", "leader")
    with pytest.raises(NotPermitted):
        do("agree_decline", case, place.handler)
    case = do("return_decline", case, place.leader, reason="结论可以公开")
    assert (case.state, Request.objects.get(pk=given.pk).public_interest) == ("open", "yes")
    case = do("decline", case, place.officer, reason="内容已经在公报里")
    case = do("agree_decline", case, place.reviewer)
    assert (case.state, case.is_open) == ("declined", False)
    assert case.clocks.get(code="convert").state == "cancelled"
    with pytest.raises(WrongState):
        do("draft", case, place.handler, **TEXT)
    assert measures["conversion.on_time_share"].compute(Scope()).value is None


def test_who_proposed_does_not_review(place, given):
    Membership.objects.create(user=place.handler, unit=place.bureau, role="reviewer")
    case = do("judge", only(), place.handler, verdict="no", reason="只涉及个别户")
    with pytest.raises(ActError, match="不能审核"):
        do("agree_decline", case, User.objects.get(pk=place.handler.pk))


def test_a_dropped_draft_leaves_the_matter_open(place, given):
    case = do("judge", only(), place.handler, verdict="yes")
    case = do("draft", case, place.handler, **TEXT)
    publish_act("drop", Publication.objects.get(pk=case.publication_id), place.handler, {"reason": "重写"})
    case = only()
    assert (case.state, case.publication) == ("open", None)


def test_what_is_public_already_is_linked(place, given):
    published = public(place, other_draft(place, title="清平路管道检测报告"), "2026-06-05")
    case = do("link", only(), place.handler, publication=published.number)
    assert (case.state, case.in_time, case.published_on.isoformat()) == ("done", True, "2026-06-05")
    assert Request.objects.get(pk=given.pk).public_interest == "yes"


def test_a_masked_material_goes_out_only_as_its_masked_copy(place, with_material):
    from gongkai.core import attachments
    from gongkai.requests.conversion.tests.conftest import word

    masked = attachments.store(
        SimpleUploadedFile("x.docx", word("检测报告（已遮盖）", "结论：管道完好。")), user=place.handler, sealed=True
    )
    masked.case_id = with_material.pk
    masked.save()
    Material.objects.update(treatment="masked", masked=masked)
    found = giving.everything(Request.objects.get(pk=with_material.pk))
    assert [(one.fits, NAME in one.text) for one in found] == [(True, False)]
    assert "已遮盖" in found[0].text
    assert NAME.encode() not in giving.as_upload(found[0].material).read()


def test_who_may_see_it(place, given, client):
    case = only()
    client.force_login(place.neighbour)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.get(reverse("conversion:draft", args=[case.pk])).status_code == 404
    assert not client.get(reverse("conversion:index")).context["table"]["rows"]
    client.force_login(place.admin)
    assert client.get(reverse("conversion:index")).status_code == 403
    client.force_login(place.leader)
    assert client.get(reverse("conversion:draft", args=[case.pk])).status_code == 403
    client.force_login(place.supervisor)
    assert client.get(case.get_absolute_url()).status_code == 200


def test_the_list_and_its_export(place, given, client, django_assert_max_num_queries):
    import io

    from openpyxl import load_workbook

    client.force_login(place.officer)
    with django_assert_max_num_queries(16):
        page = client.get(reverse("conversion:index"))
    assert len(page.context["table"]["rows"]) == 1
    assert not client.get(f"{reverse('conversion:index')}?state=done").context["table"]["rows"]
    book = load_workbook(io.BytesIO(client.get(f"{reverse('conversion:index')}?export=xlsx").content))
    text = str([[cell.value for cell in row] for row in book.active.iter_rows()])
    assert given.number in text
    assert not any(secret in text for secret in PERSONAL)
    with django_assert_max_num_queries(20):
        assert client.get(only().get_absolute_url()).status_code == 200


# --- earlier replies --------------------------------------------------------------------------------------------------

LAUNCH = {"title": "2026年答复信息复查", "since": "2026-01-01", "until": "2026-06-30", "due_on": "2026-12-01"}


@pytest.mark.duty("004-11d", "004-9")
def test_earlier_replies_are_reviewed_one_by_one_and_together(place, client, monkeypatch):
    from gongkai.requests.conversion import following

    monkeypatch.setattr(following.giving, "GIVING", ())
    made = [
        reply_helpers.replied(place, reply_helpers.opened(place, subject=f"第{number}号检测报告"), code)
        for number, code in enumerate(("G-b", "G-b", "P", "D5"))
    ]
    monkeypatch.undo()
    assert not Conversion.objects.exists()
    with pytest.raises(ActError, match="没有依申请提供"):
        perform(
            "conversion_campaign.launch", None, place.officer, {**LAUNCH, "until": "2026-02-01"}, now=at("2026-07-01")
        )
    with pytest.raises(ActError, match="不归你主管"):
        perform(
            "conversion_campaign.launch",
            None,
            place.neighbour,
            {**LAUNCH, "units": [place.bureau.pk]},
            now=at("2026-07-01"),
        )
    launch = {**LAUNCH, "units": [place.bureau.pk, place.beside.pk]}
    perform("conversion_campaign.launch", None, place.supervisor, launch, now=at("2026-07-01"))
    campaign = ConversionCampaign.objects.get()
    assert (campaign.unit, campaign.clocks.get().code) == (place.bureau, "review")
    assert set(CampaignItem.objects.values_list("request", flat=True)) == {case.pk for case in made[:3]}
    client.force_login(place.officer)
    address = reverse("conversion:items", args=[campaign.pk])
    first = CampaignItem.objects.order_by("pk").first()
    assert client.post(address, {"verdict": "yes"}).status_code == 422
    assert client.post(address, {"verdict": "no", "items": [first.pk]}).status_code == 422
    assert client.post(address, {"verdict": "no", "items": [first.pk], "reason": "只涉及个别户"}).status_code == 302
    with pytest.raises(ActError, match="还有2件"):
        perform("conversion_campaign.finish", campaign, place.officer, {})
    assert client.post(address, {"verdict": "yes", "all_left": "on"}).status_code == 302
    opened = Conversion.objects.filter(campaign=campaign.pk)
    assert {case.request_id for case in opened} == {case.pk for case in made[1:3]}
    assert {(case.state, case.clocks.get().trigger) for case in opened} == {("open", "复查决定转为主动公开")}
    assert client.get(f"{address}?verdict=no").context["items"][0].request_id == made[0].pk
    assert client.get(f"{address}?export=xlsx").status_code == 200
    perform("conversion_campaign.finish", ConversionCampaign.objects.get(), place.officer, {})
    assert client.get(campaign.get_absolute_url()).status_code == 200
    assert client.get(reverse("conversion:campaigns")).status_code == 200
    # What was decided is not asked again.
    with pytest.raises(ActError, match="没有依申请提供"):
        perform("conversion_campaign.launch", None, place.supervisor, launch, now=at("2026-07-02"))
    client.force_login(place.neighbour)
    assert client.get(address).status_code == 404
