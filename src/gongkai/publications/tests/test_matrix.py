"""Each role in each place against each act in each state, and against each staff page; and that nothing leaks."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from gongkai.core.acts import ActError, NotPermitted, WrongState, acts, perform
from gongkai.core.kinds import kinds
from gongkai.core.models import Attachment
from gongkai.core.roles import ADMINISTRATORS, Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications import screen
from gongkai.publications.models import Publication, PublicationFile
from gongkai.publications.tests.helpers import act, draft, fresh, review, through

pytestmark = pytest.mark.django_db

STAFF = {Role.OFFICER, Role.HANDLER}
CHECKERS = {Role.REVIEWER, Role.SECRECY, Role.LEGAL, Role.LEADER}
# Written by hand, so that a slip in the code does not move the yardstick: act -> states, roles in the unit, above it.
RULES: dict[str, tuple[set[str], set[Role], set[Role]]] = {
    "edit": ({"draft", "returned", "approved", "scheduled"}, STAFF, set()),
    "add_files": ({"draft", "returned", "approved", "scheduled"}, STAFF, set()),
    "add_pictures": ({"draft", "returned", "approved", "scheduled"}, STAFF, set()),
    "remove_file": ({"draft", "returned", "approved", "scheduled"}, STAFF, set()),
    "mask": ({"draft", "returned", "approved", "scheduled"}, STAFF, set()),
    "relate": ({"draft", "returned", "approved", "scheduled", "published"}, STAFF, set()),
    "unrelate": ({"draft", "returned", "approved", "scheduled", "published"}, STAFF, set()),
    "drop": ({"draft", "returned"}, STAFF, set()),
    "submit": ({"draft", "returned"}, STAFF, set()),
    "recall": ({"review"}, STAFF, set()),
    "consult": ({"draft", "returned", "review", "approved", "scheduled"}, STAFF, set()),
    "cancel_amendment": ({"draft", "returned"}, STAFF, set()),
    "agree_withholding": ({"draft", "returned"}, set(), {Role.OFFICE}),
    "overrule": ({"draft", "returned", "review"}, CHECKERS, CHECKERS),
    # The case of this test waits for its first step, which asks the reviewer of the unit.
    "pass": ({"review"}, {Role.REVIEWER}, set()),
    "return": ({"review"}, {Role.REVIEWER}, set()),
    "approve": (set(), set(), set()),
    "release": ({"approved", "scheduled"}, STAFF, set()),
    "schedule": ({"approved", "scheduled"}, STAFF, set()),
    "to_media": ({"published"}, STAFF, set()),
    "amend": ({"published", "withdrawn"}, STAFF, set()),
    "withdraw": (
        {"published", "draft", "returned", "review", "approved", "scheduled"},
        STAFF | {Role.LEADER, Role.SECRECY},
        {Role.OFFICE},
    ),
    "change_validity": ({"published"}, STAFF | {Role.REVIEWER, Role.LEADER}, set()),
    "extend_validity": ({"published"}, STAFF, set()),
    "review_attribute": ({"filed"}, STAFF | {Role.REVIEWER}, set()),
}


@pytest.fixture
def everywhere(office) -> dict[tuple[Role, str], Any]:
    """Somebody for each role in the unit, in the office above it, and in a bureau beside it."""
    office.beside = UnitFactory(name="云溪区民政局", short_name="区民政局", parent=office.district)
    places = {"unit": office.unit, "above": office.above, "beside": office.beside}
    return {
        (role, where): UserFactory(roles=[(role, place)], post=f"{where}{role.label}")
        for role in Role
        for where, place in places.items()
    }


@pytest.fixture
def each_state(office) -> dict[str, Publication]:
    """A document in each state, brought there by its acts."""
    later = f"{timezone.localtime(timezone.now() + timezone.timedelta(days=2)):%Y-%m-%dT%H:%M}"

    def one(number: int, **more: Any) -> Publication:
        return draft(office, document_number=f"云教发〔2026〕{number}号", **more)

    def sent(case: Publication, **data: Any) -> Publication:
        return act("submit", case, office.officer, data)

    found = {
        "draft": one(11),
        "returned": act("return", sent(one(12)), office.reviewer, {"reason": "请改正。"}),
        "review": sent(one(13)),
        "approved": review(sent(one(14), when="later"), office),
        "scheduled": review(sent(one(15), when="timed", release_at=later), office),
        "published": through(one(16), office),
        "filed": through(one(17, attribute="on_request", reason="过程性信息"), office),
        "withdrawn": act("withdraw", through(one(18), office), office.officer, {"reason": "有误。"}),
        "dropped": act("drop", one(19), office.officer, {"reason": "不用了。"}),
    }
    assert {name: case.state for name, case in found.items()} == {name: name for name in found}
    assert set(found) == set(kinds["publication"].states)
    return found


def tried(name: str, case: Publication, user: Any) -> str:
    """What stands in the way of an act: the role, the state, or neither (then words of a form or a rule, or nothing)."""
    try:
        with transaction.atomic():
            perform(f"publication.{name}", case, user, {})
            transaction.set_rollback(True)
    except NotPermitted:
        return "role"
    except WrongState:
        return "state"
    except ActError:
        return ""
    return ""


@pytest.mark.duty("001-14b")
def test_every_role_in_every_place_with_every_act_in_every_state(office, everywhere, each_state):
    known = {one.name for one in acts.values() if one.kind == "publication" and not one.creates and not one.system}
    assert known == set(RULES)
    wrong = []
    for name, (states, here, above) in RULES.items():
        for state, case in each_state.items():
            if state not in states:
                wrong += [(name, state)] if tried(name, case, office.officer) != "state" else []
                continue
            for (role, where), user in everywhere.items():
                may = role in {"unit": here, "above": above, "beside": set()}[where]
                if where == "beside" and role != Role.OFFICER:
                    refused = not acts[f"publication.{name}"].permitted(case, user)
                else:
                    refused = tried(name, case, user) == "role"
                if refused == may:
                    wrong.append((name, state, role, where, may))
    assert not wrong


def test_what_the_system_does_nobody_else_does(office, everywhere, each_state):
    for one in [one for one in acts.values() if one.kind == "publication" and one.system]:
        for case in each_state.values():
            for user in (office.officer, office.leader, everywhere[Role.SYSTEM_ADMIN, "unit"]):
                assert tried(one.name, case, user) in ("role", "state"), one.name


def test_who_may_write_and_only_for_the_own_unit(office, everywhere):
    for (role, where), user in everywhere.items():
        may = role in STAFF
        try:
            with transaction.atomic():
                perform("publication.write", None, user, {"title": "试", "unit": office.unit.pk})
                transaction.set_rollback(True)
            done = True
        except ActError:
            done = False
        assert done == (may and where == "unit"), (role, where)


# --- pages ------------------------------------------------------------------------------------------------------------

STAFF_ROOTS = (
    "workbench/information/",
    "workbench/filing/",
    "workbench/areas/",
    "workbench/topics/",
    "workbench/admin/tokens/",
    "workbench/search-settings/",
    "workbench/cases/",
    "workbench/attachments/",
)


def staff_pages(case: Publication) -> list[str]:
    """Every staff address of publishing, with the numbers of a case filled in."""
    found: list[str] = []

    def walk(patterns: Any, before: str) -> None:
        for one in patterns:
            here = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, here)
            elif here.startswith(STAFF_ROOTS):
                found.append(here)

    walk(get_resolver().url_patterns, "")
    digest = "0" * 64
    filled = []
    for pattern in found:
        address = pattern.replace("\\Z", "").replace("^", "").rstrip("$")
        address = address.replace(r"(?P<pk>\d+)", str(case.pk)).replace("(?P<digest>[0-9a-f]{64})", digest)
        for name, value in (
            ("int:pk", case.pk),
            ("int:clock", 1),
            ("int:place", 1),
            ("int:row", 1),
            ("int:number", 1),
            ("int:file", 1),
        ):
            address = address.replace(f"<{name}>", str(value))
        address = (
            address.replace("<slug:name>", "submit").replace("<slug:code>", "x").replace("<slug:kind>", "publication")
        )
        filled.append("/" + address)
    assert not [address for address in filled if "<" in address or "(" in address]
    return filled


def test_strangers_are_asked_to_sign_in_everywhere(office, client):
    case = draft(office)
    for address in staff_pages(case):
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code == 302, address
            assert "/workbench/login/" in answer["Location"], address


def test_every_staff_post_asks_for_its_token(office):
    case = draft(office)
    client = Client(enforce_csrf_checks=True)
    client.force_login(office.officer)
    for address in staff_pages(case):
        answer = client.post(address, {"title": "改了"})
        assert answer.status_code in (403, 404, 405), (address, answer.status_code)
    assert fresh(case).title == case.title


def test_no_page_shows_or_changes_what_is_not_the_persons_business(office, everywhere, each_state):
    """Others' documents are not found; administrators are turned away; nothing breaks."""
    case = each_state["draft"]
    numbered = [
        address
        for address in staff_pages(case)
        if f"/{case.pk}/" in address and not address.startswith(("/workbench/admin/", "/workbench/search-settings/"))
    ]
    assert numbered
    before = Publication.objects.values_list("pk", "title", "state", "content_digest")
    before = list(before)
    people = [
        user
        for (role, where), user in everywhere.items()
        if where == "beside" and role not in (Role.OFFICE, Role.AUDITOR)
    ]
    people += [everywhere[role, "unit"] for role in ADMINISTRATORS]
    for user in people:
        client = Client()
        client.force_login(user)
        for address in numbered:
            for answer in (client.get(address), client.post(address, {"title": "改了", "reason": "试"})):
                assert answer.status_code in (403, 404, 405), (address, user.post, answer.status_code)
                assert case.title not in answer.content.decode()
    assert list(Publication.objects.values_list("pk", "title", "state", "content_digest")) == before


def test_only_the_system_administrator_issues_tokens(office, everywhere, client):
    for (role, _), user in everywhere.items():
        client.force_login(user)
        expected = 200 if role == Role.SYSTEM_ADMIN else 403
        assert client.get(reverse("workbench:tokens")).status_code == expected
        if role != Role.SYSTEM_ADMIN:
            assert client.post(reverse("workbench:token-revoke", args=[1])).status_code == 403


# --- what must not leak -----------------------------------------------------------------------------------------------


@pytest.fixture
def secret(office) -> SimpleNamespace:
    """A draft that names something nobody outside may read, with a file and a picture."""
    word = "龙潭暗渠"
    case = draft(office, title=f"关于{word}的请示", body=f"<p>{word}</p>", document_number="云教发〔2026〕77号")
    act(
        "add_files",
        case,
        office.officer,
        {},
        files=MultiValueDict({"files": [SimpleUploadedFile("单.txt", word.encode())]}),
    )
    pixel = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (4, 4), "red").save(pixel, "PNG")
    act(
        "add_pictures",
        fresh(case),
        office.officer,
        {},
        files=MultiValueDict({"files": [SimpleUploadedFile("图.png", pixel.getvalue())]}),
    )
    screen.check_files.call(case.pk)
    return SimpleNamespace(case=fresh(case), word=word, files=list(PublicationFile.objects.select_related("original")))


def sheet_text(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_a_draft_is_found_by_nobody_outside(office, everywhere, secret):
    outside = [
        user
        for (role, where), user in everywhere.items()
        if where == "beside" and role not in (Role.OFFICE, Role.AUDITOR)
    ]
    outside += [everywhere[role, "unit"] for role in ADMINISTRATORS]
    lists = [
        f"/workbench/search/?q={secret.word}",
        f"/workbench/cases/?q={secret.word}",
        f"/workbench/unit/?q={secret.word}",
        "/workbench/",
        f"/workbench/information/?q={secret.word}",
        "/workbench/information/",
        "/workbench/information/?state=draft",
        "/workbench/filing/",
        "/workbench/notifications/",
    ]
    exports = ["/workbench/information/?export=xlsx", "/workbench/cases/?export=xlsx", "/workbench/unit/?export=xlsx"]
    images = [reverse("publications:image", args=[secret.case.pk, file.original.digest]) for file in secret.files]
    files = [reverse("workbench:attachment", args=[file.original_id]) for file in secret.files]
    files += [reverse("workbench:attachment-view", args=[file.original_id]) for file in secret.files]
    for user in outside:
        client = Client()
        client.force_login(user)
        for address in lists:
            # The page says again what was asked; the number of the draft is the proof.
            assert secret.case.number not in client.get(address).content.decode(), (address, user.post)
        for address in exports:
            answer = client.get(address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("application/vnd"):
                assert secret.word not in sheet_text(answer.content), (address, user.post)
        for address in (*images, *files):
            assert client.get(address).status_code in (302, 403, 404), (address, user.post)


def test_a_draft_is_found_by_no_reader(office, client, secret):
    for address in (
        f"/search/?q={secret.word}",
        f"/search/suggest/?q={secret.word[:2]}",
        f"/information/?q={secret.word}",
        "/information/feed.atom",
        "/information/sitemap-0.xml",
        "/proof/",
        f"/proof/lookup.json?address={secret.case.public_address}",
    ):
        body = client.get(address).content.decode()
        assert secret.case.number not in body, address
        assert "关于" + secret.word not in body, address
    for file in secret.files:
        for address in (f"/information/files/{file.pk}/x", f"/information/files/{file.original_id}/x"):
            assert client.get(address).status_code == 404
    for address in ("", "print/", "download/txt/", "download/docx/", "versions/1/", "versions/1/compare/"):
        assert client.get(secret.case.public_address + address).status_code == 404, address


def test_what_was_withdrawn_is_found_by_no_reader(office, client, secret):
    for hit in secret.case.hits.filter(resolution="", blocking=True):
        act("overrule", secret.case, office.secrecy, {"hits": [hit.pk], "reason": "可以公开。"})
    case = through(fresh(secret.case), office)
    files = list(case.current_version.files.all())
    assert client.get(f"/information/files/{files[0].pk}/x").status_code == 200
    case = act("withdraw", case, office.officer, {"reason": "有误。"})
    for file in files:
        assert client.get(f"/information/files/{file.pk}/x").status_code == 404
    for address in ("", "print/", "download/txt/", "versions/1/", "versions/1/compare/", "versions/1/download/txt/"):
        assert client.get(case.public_address + address).status_code in (404, 410), address
    for address in ("/information/", "/information/feed.atom", f"/search/?q={secret.word}", "/api/v1/documents"):
        assert "关于" + secret.word not in client.get(address).content.decode(), address
    assert client.get(f"/api/v1/documents/{case.pk}").status_code == 404


def test_a_name_typed_by_a_stranger_finds_no_draft(office, everywhere, secret):
    """Relating and repealing by number tells nothing of documents that the person may not read."""
    officer = everywhere[Role.OFFICER, "beside"]
    own = draft(SimpleNamespace(officer=officer), document_number="")
    for words in (secret.case.title, secret.case.number, secret.case.document_number):
        with pytest.raises(ActError, match="没有找到"):
            act("relate", own, officer, {"relation": "basis", "target": words})
        # The same words for what does not exist: the answer tells nothing.
        with pytest.raises(ActError, match="没有找到"):
            act("relate", own, officer, {"relation": "basis", "target": words + "不存在"})
    assert not own.relations_from.exists()
    act("relate", own, officer, {"relation": "basis", "target": "上级的文件", "outside": "on"})
    assert own.relations_from.get().outside == "上级的文件"
    page = Client()
    page.force_login(officer)
    assert secret.case.get_absolute_url() not in page.get(own.get_absolute_url()).content.decode()


def test_files_of_others_cannot_be_taken_along(office, everywhere, secret):
    """`kept` takes only uploads of one's own drafts, not files by their number."""
    officer = everywhere[Role.OFFICER, "beside"]
    own = draft(SimpleNamespace(officer=officer), document_number="")
    with pytest.raises(ActError):
        act("add_files", own, officer, {"kept": [secret.files[0].original_id]})
    foreign = Attachment.objects.create(
        name="甲.txt", digest="0" * 64, size=1, content_type="text/plain", draft_of=office.officer
    )
    with pytest.raises(ActError):
        act("add_files", own, officer, {"kept": [foreign.pk]})


def test_a_picture_of_another_document_is_not_shown_through_ones_own(office, everywhere, secret, client):
    """Writing another's digest into one's own body gives no picture, on staff pages or in public."""
    officer = everywhere[Role.OFFICER, "beside"]
    picture = next(file for file in secret.files if file.inline)
    own = draft(
        SimpleNamespace(officer=officer),
        document_number="",
        body=f'<p>甲<img src="attachment:{picture.original.digest}" alt=""></p>',
    )
    client.force_login(officer)
    assert client.get(reverse("publications:image", args=[own.pk, picture.original.digest])).status_code == 404
