"""Files: only for those who may read the case, under their own name, and without any power in the browser."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongkai.core import attachments
from gongkai.core.acts import perform
from gongkai.core.models import Attachment

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.workbench.tests.urls")]


def put(world, name: str, data: bytes) -> Attachment:
    case = world.open()
    perform(
        "sample.begin",
        case,
        world.people["officer"],
        {"words": "附上"},
        files={"files": [SimpleUploadedFile(name, data)]},
    )
    return Attachment.objects.get(case=case)


def test_download(world, sign_in):
    file = put(world, "第一季度 清单\"';.html", b"<script>alert(1)</script>")
    response = sign_in("officer").get(reverse("workbench:attachment", args=[file.pk]))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_shown_in_place_only_where_it_is_harmless(world, sign_in):
    page = put(world, "页.html", b"<p>1</p>")
    picture = put(world, "图.png", b"\x89PNG\r\n\x1a\n0")
    client = sign_in("officer")
    assert client.get(reverse("workbench:attachment-view", args=[page.pk])).status_code == 404
    shown = client.get(reverse("workbench:attachment-view", args=[picture.pk]))
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["Content-Type"] == "image/png"


def test_guessing_gets_nothing(world, sign_in):
    file = put(world, "清单.txt", b"1")
    for name in ("stranger", "system_admin"):
        for view in ("attachment", "attachment-view"):
            assert sign_in(name).get(reverse(f"workbench:{view}", args=[file.pk])).status_code == 404
    assert sign_in("officer").get(reverse("workbench:attachment", args=[file.pk + 1])).status_code == 404


def test_own_draft_only(world, sign_in):
    file = attachments.store(SimpleUploadedFile("草稿.txt", b"1"), user=world.people["officer"])
    file.draft_of = world.people["officer"]
    file.save()
    address = reverse("workbench:attachment", args=[file.pk])
    assert sign_in("officer").get(address).status_code == 200
    assert sign_in("office").get(address).status_code == 404
