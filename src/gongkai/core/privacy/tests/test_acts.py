"""After an act with personal data, no word of it stands in the database or on the disk in plain."""

from __future__ import annotations

import io
import logging

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from docx import Document

from gongkai.core import attachments, audit
from gongkai.core.acts import ActError, perform
from gongkai.core.models import ActDraft, Attachment, Event, Letter, Notification
from gongkai.core.privacy import KeyFault, showing
from gongkai.core.privacy.fields import SAID
from gongkai.core.privacy.models import PersonalAccess
from gongkai.workbench.tests.conftest import sign_in, world

__all__ = ["sign_in", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]
NAME, IDENTITY = "陆文澜", "11010519491231002X"
SCAN = b"%PDF-1.7 scan of " + NAME.encode()


@pytest.fixture
def rules(monkeypatch):
    """The sample kind shows its applicant to officers."""
    held = {"name": NAME, "identity": IDENTITY}
    monkeypatch.setitem(
        showing.registered,
        "sample",
        showing.Shown(
            describe=lambda case: [("name", "姓名", "陆某某"), ("identity", "证件号码", "110105********002X")],
            values=lambda case, keys: {key: held[key] for key in keys},
            may=lambda case, user: "officer" in user.roles_at(case.unit),
        ),
    )


@pytest.fixture
def case(world):
    return world.open()


def take(case, world, **files):
    data = {"name": NAME, "identity": IDENTITY, "topic": "某路改造预算"}
    return perform("sample.take-person", case, world.people["officer"], data, files=files)


def every_cell() -> bytes:
    """Every value of every table, as it is stored."""
    out = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                out += [bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in row]
    return b"\n".join(out)


def every_file() -> bytes:
    folder = django_settings.STORAGES["default"]["OPTIONS"]["location"]
    return b"\n".join(path.read_bytes() for path in folder.glob("??/??/*"))


def files():
    return {
        "paper": SimpleUploadedFile(f"{NAME}身份证.pdf", SCAN),
        "files": SimpleUploadedFile(f"{NAME}材料.txt", NAME.encode()),
    }


def test_no_word_of_it_is_anywhere_in_plain(case, world, caplog):
    caplog.set_level(logging.DEBUG)
    event = take(case, world, **files())
    assert event.data["name"] == event.data["identity"] == event.data["files"] == event.data["paper"] == SAID
    assert event.data["topic"] == "某路改造预算"
    assert event.summary == f"登记了{SAID}的申请"
    assert event.words == f"{SAID}（{SAID}）申请公开某路改造预算"
    assert event.data["again"] == {"who": [SAID]}
    assert Notification.objects.get(user=world.people["office"]).text == f"{SAID}提出了申请"
    everything = every_cell() + every_file() + caplog.text.encode()
    dumped = io.StringIO()
    call_command("dumpdata", "core", "privacy", stdout=dumped)
    everything += dumped.getvalue().encode()
    for word in (NAME, IDENTITY):
        assert word.encode() not in everything
        assert word.encode("unicode_escape") not in everything
    assert audit.verify().intact
    # And it is all there for those who may see it.
    letter = Letter.objects.get()
    assert letter.fields == {"number": letter.number, "date": letter.fields["date"]}
    assert letter.words["name"] == NAME
    assert Document(io.BytesIO(attachments.load(letter.digest))).paragraphs[2].text == f"{NAME}："
    assert {(file.name, file.own_name) for file in Attachment.objects.all()} == {
        ("加密材料.pdf", f"{NAME}身份证.pdf"),
        ("加密材料.txt", f"{NAME}材料.txt"),
    }


def test_what_was_not_given_is_said_empty(case, world):
    event = perform("sample.take-person", case, world.people["officer"], {"name": NAME, "topic": "预算"})
    assert (event.data["name"], event.data["identity"], event.data["files"]) == (SAID, "", "")


def test_drafts_and_their_files_are_sealed(case, world, sign_in):
    client = sign_in("officer")
    address = reverse("workbench:act", args=[case.pk, "take-person"])
    # Without a topic the form comes again, and keeps what was typed and uploaded.
    client.post(address, {"name": NAME, "identity": IDENTITY, **files()})
    draft = ActDraft.objects.get()
    assert "name" not in draft.data
    assert draft.private["name"] == [NAME]
    assert all(file.sealed for file in Attachment.objects.all())
    for word in (NAME, IDENTITY):
        assert word.encode() not in every_cell() + every_file()
    page = client.get(address).content.decode()
    assert f'value="{NAME}"' in page
    assert f"{NAME}身份证.pdf" in page, "whoever uploaded it sees its name"
    kept = [str(pk) for pk in Attachment.objects.values_list("pk", flat=True)]
    client.post(address, {"name": NAME, "topic": "预算", "kept": kept})
    assert Event.objects.filter(act="sample.take-person").count() == 1
    assert Attachment.objects.filter(case=case, sealed=True).count() == 2
    assert not ActDraft.objects.exists()


def test_a_sealed_file_opens_for_the_work_and_each_opening_is_recorded(case, world, sign_in, rules):
    take(case, world, **files())
    file = Attachment.objects.get(name="加密材料.pdf")
    address = reverse("workbench:attachment", args=[file.pk])
    response = sign_in("officer").get(address)
    assert b"".join(response.streaming_content) == SCAN
    assert response["Content-Length"] == str(len(SCAN))
    assert "utf-8''%E9%99%86" in response["Content-Disposition"]
    look = PersonalAccess.objects.get()
    assert (look.case_id, look.user, look.labels, look.reason) == (
        case.pk,
        world.people["officer"],
        ["材料：加密材料.pdf"],
        "打开材料",
    )
    assert sign_in("handler").get(address).status_code == 403
    assert sign_in("stranger").get(address).status_code == 404
    letter = Letter.objects.get()
    assert sign_in("officer").get(reverse("workbench:letter", args=[letter.pk, "docx"])).status_code == 200
    assert sign_in("handler").get(reverse("workbench:letter", args=[letter.pk, "docx"])).status_code == 403
    assert PersonalAccess.objects.count() == 2
    # The page of the case names no file by its own name.
    assert NAME not in sign_in("officer").get(f"{case.get_absolute_url()}?tab=files").content.decode()


def test_without_the_key_everybody_gets_a_sentence(case, world, sign_in, rules, key_file):
    take(case, world, **files())
    file = Attachment.objects.get(name="加密材料.pdf")
    key_file.unlink()
    client = sign_in("officer")
    client.raise_request_exception = False
    response = client.get(reverse("workbench:attachment", args=[file.pk]))
    assert response.status_code == 503
    assert "从保管处恢复" in response.content.decode()
    with pytest.raises(ActError, match="从保管处恢复"):
        take(case, world)
    with pytest.raises(KeyFault):
        showing.reveal(case, world.people["officer"], "核对身份", ["name"])
    assert PersonalAccess.objects.count() == 0
    with override_settings(GONGKAI_PRIVACY_KEYS=["x"]):
        response = client.get(reverse("workbench:attachment", args=[file.pk]))
    assert response.status_code == 503
    assert "GONGKAI_PRIVACY_KEYS" in response.content.decode()
