"""The public form: five steps without scripts, a sealed draft, advice, suggestions, files, the receipt."""

from __future__ import annotations

import datetime as dt
import html
import io
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gongkai.core import attachments, jurisdiction
from gongkai.core.challenge import limits, puzzles
from gongkai.core.challenge.models import Tally
from gongkai.core.models import JurisdictionSetting
from gongkai.core.search import SearchDocument, index, register_source, unregister_source
from gongkai.requests import codes
from gongkai.requests.acts import submission
from gongkai.requests.models import Draft, DraftFile, Request
from gongkai.requests.pages import drafts, sending, table, wizard
from gongkai.requests.tests import helpers

pytestmark = pytest.mark.django_db
INFORMATION = {
    "subject": "清平路雨污分流改造工程管道检测报告",
    "content": "清平路（安澜路至望江大道段）雨污分流改造工程2025年1月至2026年5月的管道检测报告。",
    "forms": ["electronic"],
    "accepts_other": "yes",
}
APPLICANT = {
    "applicant_kind": "citizen",
    "name": helpers.NAME,
    "identity_kind": "id_card",
    "identity_number": helpers.NUMBER,
    "employer": "云溪第三纺织厂",
    "phone": helpers.PHONE,
    "email": helpers.EMAIL,
    "address": helpers.ADDRESS,
}
DELIVERY = {"way": "online", "email": helpers.EMAIL, "address": helpers.ADDRESS, "phone": helpers.PHONE}


@pytest.fixture(autouse=True)
def no_work():
    """The challenge has tests of its own; here the form is taken as it comes."""
    cache.clear()
    JurisdictionSetting.objects.create(key="challenge.bits", value=0)
    cache.clear()
    assert jurisdiction.value("challenge.bits") == 0


def post(client: Client, step: str, data: dict, **more):
    return client.post(wizard.address_of(step), data, **more)


def walk(client: Client, place, **more) -> None:
    """Fill in everything up to the last step."""
    assert post(client, "unit", {"unit": place.bureau.code}).url == wizard.address_of("information")
    assert post(client, "information", {**INFORMATION, **more}).url == wizard.address_of("applicant")
    assert post(client, "applicant", APPLICANT).url == wizard.address_of("delivery")
    assert post(client, "delivery", DELIVERY).url == wizard.address_of("check")


def challenged(client: Client) -> dict[str, str]:
    """The challenge of the last step, as a browser sends it."""
    page = client.get(wizard.address_of("check")).content.decode()
    token = re.search(r'name="challenge" value="([^"]+)"', page)
    return {"challenge": token[1] if token else ""}


def submit(client: Client):
    return post(client, "check", challenged(client))


def test_from_the_first_step_to_the_receipt(place, client, django_capture_on_commit_callbacks):
    walk(client, place)
    page = client.get(wizard.address_of("check")).content.decode()
    for words in (INFORMATION["subject"], helpers.NAME, helpers.NUMBER, "网上送达", place.bureau.name):
        assert words in page
    with django_capture_on_commit_callbacks(execute=True):
        response = submit(client)
    assert response.url == reverse("requests-public:receipt")
    case = Request.objects.get()
    assert (case.unit, case.state, case.applicant["name"]) == (place.bureau, "received", helpers.NAME)
    shown = client.get(response.url).content.decode()
    assert case.number in shown
    assert codes.shown(case.code) in shown
    assert "data:image/svg+xml" in shown
    assert not Draft.objects.exists()
    letter = mail.outbox[0]
    assert letter.to == [helpers.EMAIL]
    assert case.number in letter.body
    assert not any(
        words in letter.body + letter.subject for words in (*helpers.PERSONAL, case.code, INFORMATION["subject"])
    )


def test_nothing_personal_is_in_the_log_of_acts_or_the_addresses(place, client):
    walk(client, place)
    response = submit(client)
    case = Request.objects.get()
    said = " ".join(str((event.summary, event.words, event.data, event.changes)) for event in case.events.all())
    assert not any(words in said + response.url + case.title for words in (*helpers.PERSONAL, case.code))


def test_the_draft_is_sealed_and_belongs_to_one_browser(place, client):
    walk(client, place)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT key, content FROM requests_draft")
        key, content = cursor.fetchone()
    assert not any(words.encode() in bytes(content) for words in helpers.PERSONAL)
    assert client.cookies[drafts.COOKIE].value not in key
    cookie = client.cookies[drafts.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/requests/"
    assert Client().get(wizard.address_of("applicant")).url == wizard.address_of("unit")


def test_pages_of_the_form_are_kept_nowhere(place, client):
    walk(client, place)
    for step in wizard.ORDER:
        response = client.get(wizard.address_of(step))
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"].startswith("noindex")
        assert not getattr(response.wsgi_request, "_gongkai_page", None)


def test_advice_is_given_once_and_may_be_passed(place, client):
    post(client, "unit", {"unit": place.bureau.code})
    vague = {**INFORMATION, "subject": "", "content": "清平路雨污分流改造工程的管道检测报告和整改记录。"}
    again = post(client, "information", vague)
    assert again.status_code == 422
    page = again.content.decode()
    assert "没有写明时间范围" in page
    assert 'href="#id_content"' in page
    assert 'aria-invalid="true"' in page
    assert "整改记录" in page
    assert post(client, "information", {**vague, "anyway": "on"}).url == wizard.address_of("applicant")


def test_several_matters_are_noticed_and_not_refused(place, client):
    post(client, "unit", {"unit": place.bureau.code})
    many = {
        **INFORMATION,
        "content": "1．2025年清平路管道检测报告；\n2．2025年安澜路绿化招标文件；\n3．2024年望江大道监理合同。",
    }
    again = post(client, "information", many)
    assert again.status_code == 422
    assert "3件事" in again.content.decode()
    assert post(client, "information", {**many, "anyway": "on"}).status_code == 302


def test_public_information_is_offered_before_going_on(place, client, monkeypatch):
    from types import SimpleNamespace

    hit = SimpleNamespace(
        title="清平路<mark>检测</mark>报告",
        url="/information/7/",
        unit_name="区住房城乡建设局",
        day=dt.date(2026, 5, 19),
    )
    monkeypatch.setattr(wizard, "find_public", lambda words: [hit])
    post(client, "unit", {"unit": place.bureau.code})
    page = post(client, "information", INFORMATION)
    assert page.status_code == 422
    text = page.content.decode()
    assert "是不是这些" in text
    assert "/information/7/" in text
    assert "2026年5月19日公开" in text
    seen = re.search(r'name="seen" value="([^"]+)"', text)[1]
    assert post(client, "information", {**INFORMATION, "seen": seen}).status_code == 302
    typed = client.post(reverse("requests-public:suggest"), {"subject": INFORMATION["subject"]})
    assert "是不是这些" in typed.content.decode()
    assert "no-store" in typed["Cache-Control"]
    # What somebody looks for never stands in an address.
    assert client.get(reverse("requests-public:suggest")).status_code == 405


def test_suggestions_come_from_the_public_search(place, settings, tmp_path):
    settings.GONGKAI_SEARCH, settings.GONGKAI_SEARCH_DIR = "tantivy", str(tmp_path / "search")
    register_source("x", "文件", queryset=lambda: None, document=lambda row: None)
    titles = {
        1: "清平路雨污分流改造工程竣工验收结果",
        2: "清平路雨污分流改造工程中标结果公告",
        3: "安澜路小学招生办法",
    }
    found = {}
    try:
        index.current().update(
            [SearchDocument("x", pk, title, f"/{pk}/", public=pk != 2, category="文件") for pk, title in titles.items()]
        )
        for words in ("清平路雨污分流改造工程", "清平路雨污分流改造工程管道检测报告", "儿童医院采购合同", "清平"):
            found[words] = [hit.url for hit in wizard.already_public(words)]
    finally:
        index.current().close()
        unregister_source("x")
    # Only what is public, and only what is near.
    assert found["清平路雨污分流改造工程"] == ["/1/"]
    assert found["清平路雨污分流改造工程管道检测报告"] == ["/1/"]
    assert found["儿童医院采购合同"] == []
    assert found["清平"] == []


def test_files_are_kept_through_the_steps_and_sealed(place, client, django_capture_on_commit_callbacks):
    post(client, "unit", {"unit": place.bureau.code})
    picture = SimpleUploadedFile("现场.png", helpers.PNG)
    assert post(client, "information", {**INFORMATION, "files": [picture]}).status_code == 302
    again = client.get(wizard.address_of("information")).content.decode()
    assert "现场.png" in again
    file = DraftFile.objects.get()
    assert attachments.is_sealed(file.digest)
    post(client, "applicant", {**APPLICANT, "proof": [SimpleUploadedFile("身份证.pdf", helpers.PDF)]})
    post(client, "delivery", DELIVERY)
    submit(client)
    case = Request.objects.get()
    assert sorted(one.own_name for one in case.attachments.all()) == ["现场.png", "身份证.pdf"]
    assert {one.remark for one in case.attachments.all()} == {submission.PROOF, submission.SUPPORT}
    assert all(one.sealed and attachments.load(one.digest) for one in case.attachments.all())


def test_files_that_are_too_many_too_large_or_wrong_are_refused_in_words(place, client, monkeypatch):
    post(client, "unit", {"unit": place.bureau.code})
    wrong = post(client, "information", {**INFORMATION, "files": [SimpleUploadedFile("a.exe", b"MZ")]})
    assert wrong.status_code == 422
    assert "格式不在允许范围" in wrong.content.decode()
    monkeypatch.setattr(drafts, "MOST_MEGABYTES", 0)
    large = post(client, "information", {**INFORMATION, "files": [SimpleUploadedFile("b.png", helpers.PNG)]})
    assert large.status_code == 422
    assert "超过" in large.content.decode()
    monkeypatch.setattr(drafts, "MOST_MEGABYTES", 20)
    six = [SimpleUploadedFile(f"{n}.txt", f"第{n}份".encode()) for n in range(6)]
    assert post(client, "information", {**INFORMATION, "files": six}).status_code == 422
    assert DraftFile.objects.count() == 5
    first = DraftFile.objects.first()
    path = attachments.path_of(first.digest)
    assert path.exists()
    gone = post(client, "information", {**INFORMATION, "remove": str(first.pk)})
    assert gone.status_code == 302
    assert DraftFile.objects.count() == 4
    assert not path.exists()


def test_going_back_keeps_what_was_typed(place, client):
    post(client, "unit", {"unit": place.bureau.code})
    post(client, "information", INFORMATION)
    half = {"applicant_kind": "citizen", "name": helpers.NAME, "go": "back"}
    assert post(client, "applicant", half).url == wizard.address_of("information")
    assert helpers.NAME in client.get(wizard.address_of("applicant")).content.decode()


def test_errors_lead_to_their_fields(place, client):
    post(client, "unit", {"unit": place.bureau.code})
    post(client, "information", INFORMATION)
    wrong = post(client, "applicant", {**APPLICANT, "identity_number": "110101199003071234", "phone": "12"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'href="#id_identity_number"' in page
    assert 'href="#id_phone"' in page
    # The last step says what is still missing and where.
    check = client.get(wizard.address_of("check")).content.decode()
    assert "需要补充" in check
    assert f"{wizard.address_of('applicant')}#id_identity_number" in check
    assert post(client, "check", {}).status_code == 422
    assert not Request.objects.exists()


def test_traditional_characters_leave_what_was_typed_alone(place, client):
    post(client, "unit", {"unit": place.bureau.code})
    client.cookies["script"] = "hant"
    # 后 is a surname here; turned into 後 it would be another name.
    wrong = post(client, "applicant", {**APPLICANT, "name": "后发云", "phone": "12"})
    page = wrong.content.decode()
    assert "誰來申請" in page
    assert "後發雲" not in page
    name = re.search(r'name="name"[^>]* value="([^"]+)"|value="([^"]+)"[^>]* name="name"', page)
    assert html.unescape(name[1] or name[2]) == "后发云"
    client.cookies["script"] = "hans"
    assert "后发云" in client.get(wizard.address_of("applicant")).content.decode()


def test_sending_twice_is_one_request(place, client):
    walk(client, place)
    draft = Draft.objects.get()
    now = timezone.now()
    # Once more with a challenge of its own, and once with the challenge that was used.
    solved = [puzzles.Solved(mark, now, limits.Try("network", now), 10, now) for mark in "aba"]
    found = [sending.send(sending.Sending(draft.key, one, wizard.filled, wizard.filled_with_files)) for one in solved]
    assert len({case.pk for case in found}) == 1
    assert (Request.objects.count(), Draft.objects.count()) == (1, 0)
    assert Tally.objects.get(mark="network").number == 2


def test_a_unit_that_cannot_be_asked_is_no_choice(place, client):
    assert post(client, "unit", {"unit": "nirgends"}).status_code == 422
    assert post(client, "unit", {}).status_code == 422
    named = client.get(f"{wizard.address_of('unit')}?unit={place.bureau.code}").content.decode()
    assert f'value="{place.bureau.code}" checked' in named
    found = client.get(f"{wizard.address_of('unit')}?q=交通").content.decode()
    assert place.beside.name in found
    assert place.bureau.name not in found


def test_old_drafts_go_with_their_files(place, client, django_capture_on_commit_callbacks):
    post(client, "unit", {"unit": place.bureau.code})
    post(client, "information", {**INFORMATION, "files": [SimpleUploadedFile("现场.png", helpers.PNG)]})
    path = attachments.path_of(DraftFile.objects.get().digest)
    assert path.exists()
    assert drafts.forget_old(timezone.now()) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert drafts.forget_old(timezone.now() + drafts.KEPT + dt.timedelta(minutes=1)) == 1
    assert not Draft.objects.exists()
    assert not path.exists()


def test_a_draft_can_be_thrown_away(place, client):
    walk(client, place)
    assert client.post(reverse("requests-public:clear")).url == reverse("requests-public:index")
    assert not Draft.objects.exists()


def test_the_challenge_is_asked_for(place, client):
    JurisdictionSetting.objects.filter(key="challenge.bits").delete()
    cache.clear()
    walk(client, place)
    assert "data-challenge" in client.get(wizard.address_of("check")).content.decode()
    refused = post(client, "check", {})
    assert refused.status_code == 422
    assert not Request.objects.exists()
    # At once and without the work: asked to wait.
    early = post(client, "check", challenged(client))
    assert early.status_code == 422
    assert "秒" in early.content.decode()
    assert not Request.objects.exists()


def test_staff_confirmation_is_said(place, client):
    JurisdictionSetting.objects.create(key="requests.web_confirmation", value="staff")
    cache.clear()
    walk(client, place)
    submit(client)
    assert Request.objects.get().state == "unconfirmed"
    assert "1个工作日内与您确认收到" in client.get(reverse("requests-public:receipt")).content.decode()


def test_the_receipt_shows_its_code_to_this_browser_alone(place, client):
    walk(client, place)
    submit(client)
    code = codes.shown(Request.objects.get().code)
    assert code in client.get(reverse("requests-public:receipt")).content.decode()
    assert Client().get(reverse("requests-public:receipt")).url == reverse("requests-public:query")


def test_the_form_on_paper_has_every_block(place, client):
    from docx import Document

    response = client.get(reverse("requests-public:paper"))
    assert response["Content-Type"] == table.CONTENT_TYPE
    document = Document(io.BytesIO(response.content))
    words = "\n".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    for label in ("姓名", "证件号码", "统一社会", "联系地址", "想要的信息", "获取方式", "签名或者盖章", "接受其他形式"):
        assert label in words
    assert "用途" not in words


@pytest.mark.duty("003-29e")
def test_the_fees_page_and_the_entry(place, client):
    fees = client.get(reverse("requests-public:fees")).content.decode()
    assert "国办函〔2020〕109号" in fees
    assert "20个工作日内缴清" in fees
    entry = client.get(reverse("requests-public:index")).content.decode()
    assert place.bureau.short_name in entry
    assert reverse("requests-public:paper") in entry
    assert reverse("requests-public:query") in entry
    bodies = client.get(reverse("requests-public:bodies"), {"q": "住房"}).content.decode()
    assert place.bureau.name in bodies
    assert place.beside.name not in bodies


def test_pages_without_anything_personal_ask_little(place, client, django_assert_max_num_queries):
    client.get(reverse("requests-public:index"))
    with django_assert_max_num_queries(8):
        client.get(reverse("requests-public:index"))
    with django_assert_max_num_queries(6):
        client.get(reverse("requests-public:bodies"))
