"""The pages of the reply: five questions without script, the letter to look at, letters to be sent."""

from __future__ import annotations

import pytest
from django.urls import reverse

from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests.models import Reply
from gongkai.requests.tests import reply_helpers as helpers
from gongkai.requests.tests.helpers import NAME, PDF, act, fresh, upload
from gongkai.requests.tests.reply_helpers import draft, opened, reviewed, submit


@pytest.fixture
def handling(place):
    """A request that is being handled."""
    return opened(place)


def url_of(case, **answers):
    text = "~".join(f"{key}.{value}" for key, value in answers.items())
    return reverse("requests:reply", args=[case.pk]) + (f"?a={text}" if answers else "")


def words_of(response) -> str:
    return response.content.decode()


@pytest.mark.duty("002-22b")
def test_five_questions_lead_to_a_result_by_links_alone(place, handling, client):
    client.force_login(place.handler)
    page = words_of(client.get(url_of(handling)))
    assert "这件申请还要继续办吗" in page
    assert "a=course.on" in page
    page = words_of(client.get(url_of(handling, course="on", clear="unclear")))
    assert "政府信息公开申请补正告知书" in page
    page = words_of(client.get(url_of(handling, **helpers.answers_to("D1"))))
    assert "属于国家秘密" in page
    assert "复议前置" in page
    assert "第十四条" in page
    response = client.post(url_of(handling), helpers.sentences("D1", reason="依法属于国家秘密"))
    assert response.status_code == 302
    assert Reply.objects.get(request=handling).decision == "D1"
    page = words_of(client.get(url_of(handling)))
    assert "该写的都写了" in page
    assert "政府信息公开申请答复书" in page
    assert "答复送审" in page
    assert NAME not in page


def test_each_result_asks_for_its_own_sentences(place, handling, client):
    client.force_login(place.handler)
    draft(place, handling, "D1", reason="依法属于国家秘密")
    page = words_of(client.get(url_of(handling, **helpers.answers_to("U2"))))
    assert "写明没有现成的信息" in page
    assert "写明依法属于国家秘密" not in page
    assert ">依法属于国家秘密" not in page
    assert "写明依法属于国家秘密" in words_of(client.get(url_of(handling, **helpers.answers_to("D1"))))


def test_wrong_answers_begin_again_and_nothing_typed_is_lost(place, handling, client):
    client.force_login(place.handler)
    assert client.get(url_of(handling, course="never")).status_code == 200
    response = client.post(url_of(handling), helpers.sentences("G-b", decision="D1", provided="报告十二页"))
    assert response.status_code == 422
    assert "报告十二页" in words_of(response)
    assert client.post(url_of(handling), {"answers": "[", "decision": "?"}).status_code == 422


def test_the_act_leads_to_its_page(place, handling, client):
    client.force_login(place.handler)
    target = reverse("workbench:act", args=[handling.pk, "draft_reply"])
    assert client.get(target).headers["Location"] == url_of(handling)
    assert client.get(target, headers={"HX-Request": "true"}).headers["HX-Redirect"] == url_of(handling)


def test_parts_materials_and_preview(place, handling, client):
    client.force_login(place.handler)
    case = act("add_materials", handling, place.handler, files={"files": [upload("检测报告.pdf", PDF)]})
    row = case.materials.get()
    said = helpers.sentences("P")
    said.pop("withheld")
    said |= {"withheld_what": ["电话", ""], "withheld_ground": ["D5", ""], "withheld_reason": ["人事管理信息", ""]}
    assert client.post(url_of(case), said).status_code == 302
    assert Reply.objects.get(request=case).statements["withheld"] == [
        {"what": "电话", "ground": "D5", "reason": "人事管理信息"}
    ]
    assert client.post(url_of(case), {"treat": "1", f"treatment_{row.pk}": "given"}).status_code == 302
    assert case.materials.get().treatment == "given"
    assert "检测报告" in words_of(client.get(url_of(case)))
    for form in ("docx", "pdf"):
        response = client.get(reverse("requests:reply-letter", args=[case.pk, form]))
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
    assert PersonalAccess.objects.filter(case=case.pk, user=place.handler).count() == 2


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("reviewer", 200), ("leader", 200), ("auditor", 403), ("neighbour", 404), ("admin", 404)],
)
def test_a_draft_is_read_by_those_who_work_on_it(place, handling, client, who, status):
    draft(place, handling, "D1")
    client.force_login(getattr(place, who))
    assert client.get(url_of(handling)).status_code == status


def test_reviewers_read_and_pass(place, handling, client):
    case = submit(place, draft(place, handling, "P"))
    client.force_login(place.reviewer)
    page = words_of(client.get(url_of(case)))
    assert "审核通过" in page
    assert "第三方的联系电话" in page
    assert 'id="reply-form"' not in page


@pytest.mark.duty("002-22a")
def test_letters_to_be_sent_are_printed_together(place, handling, client):
    reviewed(place, submit(place, draft(place, handling, "G-b")))
    other = reviewed(place, submit(place, draft(place, opened(place), "D1")))
    client.force_login(place.handler)
    url = reverse("requests:outbox")
    page = words_of(client.get(url))
    assert "云公复〔2026〕1号" in page
    assert "云公复〔2026〕2号" in page
    response = client.post(url, {"delivery": [str(other.deliveries.get().pk)]})
    assert response["Content-Type"] == "application/pdf"
    assert PersonalAccess.objects.filter(case=other.pk).count() == 1
    assert client.post(url, {}).status_code == 302
    client.force_login(place.neighbour)
    assert "云公复" not in words_of(client.get(url))
    assert client.post(url, {"delivery": [str(other.deliveries.get().pk)]}).status_code == 302
    assert fresh(other).state == "signed"


@pytest.mark.parametrize(("who", "named"), [("handler", True), ("leader", True), ("secrecy", False)])
def test_the_letter_to_look_at_names_the_applicant_to_those_who_need_it(place, handling, client, who, named):
    case = submit(place, draft(place, handling, "D1", reason="依法属于国家秘密"))
    client.force_login(getattr(place, who))
    before = PersonalAccess.objects.count()
    word = client.get(reverse("requests:reply-letter", args=[case.pk, "docx"]))
    assert (NAME in helpers.docx_text(word.content)) == named
    assert "依法属于国家秘密" in helpers.docx_text(word.content)
    # Only who saw the name has looked at personal data.
    assert PersonalAccess.objects.count() == before + named
