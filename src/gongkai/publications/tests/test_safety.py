"""Headers of every page, limits of what strangers may post, files that never run, and logs that name nobody."""

from __future__ import annotations

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from gongkai.core.machine import tokens
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UserFactory
from gongkai.publications import screen
from gongkai.publications.models import PublicationFile
from gongkai.publications.tests.helpers import act, draft, fresh, through

pytestmark = pytest.mark.django_db

IDENTITY = "110101199003074514"
MOBILE = "13912345678"


def test_every_page_carries_the_headers_that_keep_it_safe(office, client, published):
    address = published.public_address
    public = [
        "/",
        "/information/",
        "/information/policies/",
        "/information/normative/",
        "/information/disclosure/",
        "/information/disclosure/jiaoyu/",
        "/information/units/",
        "/information/units/jiaoyu/",
        "/information/topics/",
        "/information/subscribe/",
        "/areas/",
        "/search/?q=招生",
        "/proof/",
        "/api/",
        address,
        f"{address}print/",
        f"{address}versions/1/",
        f"{address}versions/1/compare/",
    ]
    staff = [
        "/workbench/information/",
        "/workbench/information/new/",
        published.get_absolute_url(),
        reverse("publications:edit", args=[draft(office, document_number="").pk]),
        "/workbench/filing/",
        "/workbench/areas/",
        "/workbench/topics/",
    ]
    for place in (*public, "/information/999999/", *staff):
        if place in staff:
            client.force_login(office.officer)
        answer = client.get(place)
        assert answer.status_code in (200, 403, 404), (place, answer.status_code)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy, place
        assert "default-src" in policy, place
        assert "frame-ancestors" in policy or answer.get("X-Frame-Options"), place
        assert answer["X-Content-Type-Options"] == "nosniff", place
        assert answer["Referrer-Policy"], place
        assert " style=" not in answer.content.decode(), place
        if place in staff:
            assert "Cookie" in answer["Vary"], place


def test_a_file_is_handed_over_and_never_run(office, client):
    case = draft(office)
    page = b"<html><script>alert(1)</script></html>"
    files = [SimpleUploadedFile("a.html", page), SimpleUploadedFile("b.txt", b"<script>alert(1)</script>")]
    act("add_files", case, office.officer, {}, files=MultiValueDict({"files": files}))
    screen.check_files.call(case.pk)
    for file in PublicationFile.objects.filter(check_state="failed"):
        act("remove_file", fresh(case), office.officer, {"file": file.pk})
    client.force_login(office.officer)
    for file in PublicationFile.objects.all():
        for name in ("workbench:attachment", "workbench:attachment-view"):
            answer = client.get(reverse(name, args=[file.original_id]))
            if answer.status_code == 200:
                assert answer["Content-Disposition"].startswith("attachment")
                assert "sandbox" in answer["Content-Security-Policy"]
                assert answer["X-Content-Type-Options"] == "nosniff"
        copy = client.get(reverse("publications:public-copy", args=[case.pk, file.pk]))
        if copy.status_code == 200:
            assert copy["Content-Disposition"].startswith("attachment")
            assert copy["X-Content-Type-Options"] == "nosniff"
    released = through(fresh(case), office)
    for kept in released.current_version.files.all():
        answer = Client().get(f"/information/files/{kept.pk}/x.html")
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("address", "field", "values"),
    [
        ("/proof/", "file", lambda n: {"file": SimpleUploadedFile(f"{n}.txt", f"{n}".encode())}),
        ("/information/subscribe/", "address", lambda n: {"address": "reader@example.cn", "what": "all"}),
    ],
)
def test_strangers_may_post_only_so_often(client, published, mailoutbox, address, field, values):
    answers = [client.post(address, values(number)) for number in range(40)]
    assert not [answer for answer in answers if answer.status_code >= 500]
    assert len(mailoutbox) <= 5
    if address == "/proof/":
        assert answers[-1].status_code == 429


def test_public_forms_ask_for_their_token_where_they_change_something():
    client = Client(enforce_csrf_checks=True)
    for address in ("/information/subscribe/", "/preferences/"):
        assert client.post(address, {"address": "reader@example.cn"}).status_code in (403, 405), address


def test_a_search_of_any_length_and_kind_is_answered(client, published):
    for words in (
        "",
        "招" * 5000,
        "\x00",
        '"',
        "(((",
        "AND OR NOT",
        "*",
        "~^:[]{}",
        "\u202e",
        "😀",
        "2021年9号",
        "'; --",
    ):
        for address in ("/search/", "/search/suggest/", "/information/"):
            answer = client.get(address, {"q": words, "page": words, "after": words})
            assert answer.status_code in (200, 302, 400, 404), (address, words[:20])


@pytest.mark.parametrize(
    "name", ["after", "before", "page", "year", "unit", "subject", "kind", "validity", "sort", "with"]
)
def test_odd_addresses_of_lists_are_answered(client, published, name):
    for value in ("\x00", "-1", "9" * 40, "１２", "²", "null", "a" * 3000, "2026-13-45", "%00", "1,2"):
        for address in (
            "/information/",
            "/information/policies/",
            "/information/normative/",
            "/areas/",
            "/proof/",
            f"{published.public_address}versions/1/compare/",
        ):
            answer = client.get(address, {name: value})
            assert answer.status_code in (200, 302, 400, 404), (address, name, value[:20])


def test_logs_name_nobody_and_quote_nothing(office, client, caplog, monkeypatch):
    """Failures of checks, forms and the interface leave neither text nor numbers nor tokens in the log."""
    caplog.set_level(logging.DEBUG)
    case = draft(office, summary=f"联系人{MOBILE}", body=f"<p>身份证号{IDENTITY}</p>")

    def broken(data, name):
        raise ValueError(f"cannot read {data[:200]!r}")

    monkeypatch.setattr(screen.screening, "extract", broken)
    monkeypatch.setattr(screen, "body_parts", lambda publication: [])
    text = f"身份证号{IDENTITY}"
    act(
        "add_files",
        case,
        office.officer,
        {},
        files=MultiValueDict({"files": [SimpleUploadedFile("a.txt", text.encode())]}),
    )
    screen.check_files.call(case.pk)
    client.force_login(office.officer)
    client.post(reverse("publications:edit", args=[case.pk]), {"title": "", "summary": MOBILE, "body": IDENTITY})
    client.post(
        reverse("publications:new"), {"way": "file", "file": SimpleUploadedFile(f"{IDENTITY}.docx", b"PK\x03\x04")}
    )
    account = UserFactory(roles=[(Role.OFFICER, office.unit)])
    token = tokens.issue(None, "办公系统", account, ["intake"])[1]
    Client().post(
        "/api/v1/publications",
        f'{{"title": "{IDENTITY}"}}',
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    said = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''}"
        for record in caplog.records
        if not record.name.startswith("django.db")
    )
    for secret in (IDENTITY, MOBILE, token):
        assert secret not in said
