"""The staff page on which requests are entered, and the receipts."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from gongkai.core.models import Attachment
from gongkai.core.privacy.models import PersonalAccess
from gongkai.requests.models import Request
from gongkai.requests.tests.helpers import NAME, NUMBER, entered, entry, submitted, upload

pytestmark = pytest.mark.django_db


def test_an_officer_enters_a_request_and_goes_to_its_page(client, place):
    client.force_login(place.officer)
    assert client.get(reverse("requests:enter")).status_code == 200
    data = entry(place, arrived_on="2026-11-20", channel="post")
    response = client.post(reverse("requests:enter"), {**data, "scans": [upload("申请表.png")]})
    case = Request.objects.get()
    assert response.url == case.get_absolute_url()
    scan = case.attachments.get()
    assert (scan.sealed, scan.name, scan.private_name) == (True, "来件扫描件.png", "申请表.png")


def test_what_was_typed_and_uploaded_is_still_there_when_something_is_wrong(client, place):
    client.force_login(place.officer)
    data = entry(place, identity_number="110101199003071234", arrived_on="2026-11-20")
    response = client.post(reverse("requests:enter"), {**data, "scans": [upload("申请表.png")]})
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("证件号码不对", NAME, "110101199003071234", "管道检测报告", "申请表.png", "不用再传一遍"):
        assert words in page
    kept = Attachment.objects.get(draft_of=place.officer)
    assert kept.sealed
    client.post(reverse("requests:enter"), {**data, "identity_number": NUMBER, "kept": [kept.pk]})
    kept.refresh_from_db()
    assert (kept.case_id, kept.draft_of) == (Request.objects.get().pk, None)


def test_a_paper_with_gaps_is_entered_as_it_came(client, place):
    client.force_login(place.officer)
    data = entry(place, identity_number="110101199003071234", phone=None, email=None, address=None, forms=None)
    data |= {"arrived_on": "2026-11-20", "as_written": "on"}
    client.post(reverse("requests:enter"), data)
    case = Request.objects.get()
    assert case.applicant["identity_number"] == "110101199003071234"
    assert case.events.get(sequence=1).data["lacking"] == ["address", "forms", "identity_number", "phone"]


def test_who_may_not_enter_is_told_so(client, place):
    for user in (place.reviewer, place.auditor, place.admin):
        client.force_login(user)
        assert client.get(reverse("requests:enter")).status_code == 403
    client.force_login(place.neighbour)
    response = client.post(reverse("requests:enter"), entry(place, arrived_on="2026-11-20"))
    assert response.status_code == 422
    assert not Request.objects.exists()


def test_the_receipt_is_printed_with_its_code_and_each_look_is_recorded(client, place):
    case = entered(place)
    client.force_login(place.officer)
    word = client.get(reverse("requests:receipt", args=[case.pk, "docx"]))
    with zipfile.ZipFile(io.BytesIO(word.content)) as file:
        text = file.read("word/document.xml").decode()
        pictures = [name for name in file.namelist() if name.startswith("word/media/")]
    assert case.number in text
    assert f"{case.code[:5]}-{case.code[5:]}" in text
    assert "2026年6月30日" in text
    assert len(pictures) == 1
    pdf = client.get(reverse("requests:receipt", args=[case.pk, "pdf"]))
    assert pdf.content.startswith(b"%PDF-")
    assert PersonalAccess.objects.filter(case=case, user=place.officer).count() == 2
    client.force_login(place.neighbour)
    assert client.get(reverse("requests:receipt", args=[case.pk, "pdf"])).status_code == 404


def test_the_receipt_of_a_web_request_is_issued_once(client, place):
    case = submitted(place)
    client.force_login(place.officer)
    for _ in range(2):
        assert client.get(reverse("requests:receipt", args=[case.pk, "docx"])).status_code == 200
    assert [letter.code for letter in case.letters.all()] == ["requests-l1"]
    unconfirmed = entered(place, channel="fax")
    assert client.get(reverse("requests:receipt", args=[unconfirmed.pk, "pdf"])).status_code == 302
