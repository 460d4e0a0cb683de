"""Other systems: intake with its gate, public documents, filing, daily counts; what a token may not do."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gongkai.core.machine import tokens
from gongkai.core.models import Delivery, Webhook
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.filing import recording
from gongkai.publications.filing.models import Filing
from gongkai.publications.models import Publication, PublicationFile
from gongkai.publications.tests.helpers import act, draft, review, through

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/publications"


@pytest.fixture
def account(office):
    """The account of the office system, an officer of the bureau."""
    return UserFactory(roles=[(Role.OFFICER, office.unit)], post="办公系统")


@pytest.fixture
def token(account):
    return tokens.issue(None, "办公系统", account, ["intake", "filing"])[1]


def send(client, token, **more):
    given = {
        "source_system": "oa",
        "source_key": "2026-118",
        "unit": "jiaoyu",
        "title": "云溪区教育局关于做好校车安全工作的通知",
        "body_text": "各学校：\n请做好校车安全工作。",
        "document_number": "云教发〔2026〕18号",
        "document_kind": "通知",
        "made_on": "2026-11-10",
        "attribute": "proactive",
        **more,
    }
    return client.post(
        PLACE, json.dumps(given), content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )


@pytest.mark.duty("003-28c", "003-28d", "003-28e")
def test_a_document_without_attribute_reason_or_plan_is_returned_with_every_reason(office, client, token):
    answer = send(client, token, attribute="")
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "attribute")
    answer = send(client, token, attribute="withheld")
    assert [fault["code"] for fault in answer.json()["faults"]] == ["reason", "reason"]
    answer = send(client, token, policy=True)
    assert [fault["code"] for fault in answer.json()["faults"]] == ["interpretation_plan"]
    assert not Publication.objects.exists()


@pytest.mark.duty("000-2b")
def test_a_classified_document_never_gets_in(office, client, token):
    answer = send(client, token, classification="秘密")
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "classified")
    assert not Publication.objects.exists()


@pytest.mark.duty("004-12a")
def test_a_document_from_the_office_system_goes_through_the_same_review(office, client, token):
    answer = send(client, token, submit=True)
    assert (answer.status_code, answer.json()["state"]) == (201, "review")
    case = review(Publication.objects.get(), office)
    number = case.number
    got = client.get(f"{PLACE}/{number}", headers={"Authorization": f"Bearer {token}"}).json()
    assert (got["state"], got["address"]) == ("published", case.public_address)
    listed = client.get("/api/v1/documents").json()["items"]
    assert [row["title"] for row in listed] == [case.title]
    one = client.get(f"/api/v1/documents/{case.pk}").json()
    assert "校车安全" in one["text"]


def test_the_same_key_again_changes_the_draft_and_makes_no_second(office, client, token):
    send(client, token)
    answer = send(client, token, title="云溪区教育局关于校车安全的补充通知")
    assert answer.status_code == 200
    assert Publication.objects.get().title == "云溪区教育局关于校车安全的补充通知"


def test_an_attachment_waits_for_its_check_before_it_goes_up(office, client, token):
    number = send(client, token).json()["number"]
    headers = {"Authorization": f"Bearer {token}"}
    file = SimpleUploadedFile("名单.txt", "第一小学".encode())
    assert client.post(f"{PLACE}/{number}/files", {"file": file}, headers=headers).status_code == 200
    PublicationFile.objects.update(check_state="waiting")
    answer = client.post(f"{PLACE}/{number}/submit", headers=headers)
    assert answer.status_code == 409
    assert answer.json()["reasons"] == ["附件正在检查，检查完就可以送审。"]
    PublicationFile.objects.update(check_state="clean")
    assert client.post(f"{PLACE}/{number}/submit", headers=headers).json()["state"] == "review"


def test_what_cannot_be_sent_up_is_kept_and_says_every_reason(office, client, token):
    """An office system cannot ask again and again: it gets the number of the draft and all that is missing."""
    answer = send(client, token, submit=True, body_text="", normative=True, attribute="on_request", reason="过程性信息")
    told = answer.json()
    assert answer.status_code == 409
    assert told["kept"] is True
    assert told["message"].startswith("拟稿已保存，没有送审：")
    assert any("正文和附件都是空的" in words for words in told["reasons"])
    case = Publication.objects.get()
    assert (case.number, case.state) == (told["number"], "draft") == (told["number"], told["state"])
    again = send(client, token, submit=True)
    assert (again.status_code, again.json()["state"], Publication.objects.count()) == (200, "review", 1)


def test_the_description_says_that_a_refused_draft_is_kept(client):
    described = client.get("/api/v1/openapi.json").json()
    answers = described["paths"]["/api/v1/publications"]["post"]["responses"]
    schema = described["components"]["schemas"][
        answers["409"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    ]
    assert {"kept", "number", "reasons"} <= set(schema["properties"])
    assert "拟稿已保存" in described["paths"]["/api/v1/publications"]["post"]["description"]


def test_what_a_token_may_not_do(office, account, client):
    assert send(client, "gk_nothing").status_code == 401
    row, text = tokens.issue(None, "只备案", account, ["filing"])
    assert send(client, text).status_code == 401
    tokens.revoke(None, row)
    assert client.get("/api/v1/filing", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    other = UserFactory(roles=[(Role.OFFICER, UnitFactory())])
    _, foreign = tokens.issue(None, "别处", other, ["intake"])
    answer = send(client, foreign)
    assert (answer.status_code, Publication.objects.count()) == (409, 0)
    assert "任职" in answer.json()["message"]


def test_only_a_digest_of_the_token_is_kept(office, account):
    row, text = tokens.issue(None, "办公系统", account, ["intake"])
    assert text not in json.dumps([row.name, row.start, row.digest, row.scopes])
    assert row.digest == tokens.digest_of(text)


@pytest.mark.duty("004-12b")
def test_every_official_document_is_filed_whatever_its_attribute_but_party_ones(office, client, token):
    public = through(draft(office), office)
    held = through(
        draft(office, document_number="云教发〔2026〕9号", attribute="on_request", reason="过程性信息"), office
    )
    news = through(draft(office, document_number="", document_kind="工作动态", title="招生工作会召开"), office)
    office.unit.kind = UnitKind.PARTY
    office.unit.save()
    party = through(draft(office, document_number="云教党〔2026〕1号"), office)
    assert set(Filing.objects.values_list("publication", flat=True)) == {public.pk, held.pk}
    assert not Filing.objects.filter(publication__in=[news.pk, party.pk]).exists()
    headers = {"Authorization": f"Bearer {token}"}
    waiting = client.get("/api/v1/filing", headers=headers).json()
    assert [row["attribute"] for row in waiting] == ["主动公开", "依申请公开"]
    assert all(len(row["filing_number"]) == 21 for row in waiting)
    answer = client.post(
        f"/api/v1/filing/{waiting[0]['filing_number']}/receipt",
        json.dumps({"accepted": True, "remote_number": "P-1"}),
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 200
    assert Filing.objects.get(publication=public).state == "confirmed"
    office.unit.kind = UnitKind.DEPARTMENT
    office.unit.save()
    act("change_validity", public, office.officer, {"validity": "repealed", "day": "2026-11-20"})
    assert Filing.objects.get(publication=public).state == "waiting"


@pytest.mark.duty("004-12c")
def test_the_three_counts_are_pushed_once_for_each_day(office, client, settings):
    from gongkai.core import jurisdiction

    through(draft(office), office)
    through(draft(office, document_number="", document_kind="政策解读", title="一图读懂招生政策"), office)
    through(draft(office, document_number="", document_kind="工作动态", title="招生工作会召开"), office)
    today = timezone.localdate()
    assert recording.day_counts(today, today)[0] == {
        "day": today,
        "information": 3,
        "documents": 1,
        "interpretations": 1,
    }
    told = client.get("/api/v1/counts", {"first": today.isoformat(), "last": today.isoformat()}).json()
    assert told == [{"day": today.isoformat(), "information": 3, "documents": 1, "interpretations": 1}]
    hook = Webhook.objects.create(name="上级平台", address="https://platform.example", secret="s")
    jurisdiction.change("filing.webhook", str(hook.pk), office.supervisor)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert (recording.push_counts(tomorrow), recording.push_counts(tomorrow)) == (1, 0)
    sent = Delivery.objects.get(key=f"counts-{today}").payload
    assert (sent["information"], sent["documents"], sent["interpretations"]) == (3, 1, 1)
    assert recording.push(timezone.now()) == 1
    assert Delivery.objects.filter(key__startswith="filing-").count() == 1


def test_the_staff_page_and_its_budget(office, client, published, django_assert_max_num_queries):
    client.force_login(office.supervisor)
    with django_assert_max_num_queries(12):
        page = client.get("/workbench/filing/").content.decode()
    assert published.title in page
    assert "近30天更新数" in page


def test_wrong_dates_and_ids_are_refused_in_words(client, db):
    assert client.get("/api/v1/counts", {"first": "2026-02-30", "last": "2026-03-01"}).status_code == 422
    assert client.get("/api/v1/counts", {"first": "2026-03-02", "last": "2026-03-01"}).status_code == 422
    assert client.get("/api/v1/counts", {"first": "0001-01-01", "last": "9999-12-31"}).status_code == 422
    assert client.get(f"/api/v1/documents/{10**30}").status_code == 404
    assert client.get("/api/v1/documents", {"after": 10**30}).status_code == 200


def test_a_character_that_databases_cannot_keep_is_refused(office, client, token):
    headers = {"Authorization": f"Bearer {token}"}
    for name in ("unit", "source_key", "source_system", "title", "body_text", "exception"):
        assert send(client, token, **{name: "a\x00b"}).status_code == 422, name
    assert client.get(f"{PLACE}/a%00b", headers=headers).status_code == 404
    assert client.post(f"{PLACE}/a%00b/submit", headers=headers).status_code == 404
    assert client.get("/api/v1/documents?unit=a%00b").status_code == 422
    given = json.dumps({"accepted": True, "remote_number": "a\x00"})
    answer = client.post("/api/v1/filing/1/receipt", given, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert not Publication.objects.exists()


def test_the_page_that_explains_the_interface(client, db):
    page = client.get("/api/").content.decode()
    assert "POST /api/v1/publications" in page
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "gongkai"
