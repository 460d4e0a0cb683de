"""The letters of a request: complete, each with its elements."""

import io

import pytest
from docx import Document
from pypdf import PdfReader

from gongkai.core import letters as core_letters
from gongkai.core.acts import ActError
from gongkai.law.requests.decisions import DECISIONS, sub_codes
from gongkai.law.requests.letters import LETTERS
from gongkai.requests import letters

KINDS = [kind for kind in core_letters.letter_kinds.values() if isinstance(kind, letters.RequestLetter)]


def text_of(data: bytes) -> str:
    return "\n".join(line.text for line in Document(io.BytesIO(data)).paragraphs)


@pytest.mark.duty("002-22a")
def test_every_letter_and_every_result_has_a_template():
    assert {kind.law_code for kind in KINDS} == {*LETTERS, letters.TRANSFER}
    for code, found in DECISIONS.items():
        if found.letter == "L13" and not sub_codes(code):
            assert letters.kind_of("L13", code).title == "政府信息公开申请答复书"


@pytest.mark.duty("002-22a")
@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_own_template_holds_every_required_element(kind):
    filled = {name: f"〔{words}〕" for name, words in kind.fields.items()}
    words = text_of(core_letters.render(kind, filled))
    for name in kind.required:
        assert f"〔{kind.fields[name]}〕" in words, name
    assert kind.title in words
    if kind.law_code != letters.SLIP:
        assert "（印章处）" in words


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_missing_element_is_named(kind):
    filled = {name: f"〔{words}〕" for name, words in kind.fields.items()}
    for name in kind.required:
        with pytest.raises(ActError, match=kind.fields[name][:4].replace("（", ".")):
            core_letters.render(kind, {**filled, name: " "})


@pytest.mark.duty("002-22a")
def test_templates_of_this_room_stand_together_and_may_be_replaced(client, db, settings):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from gongkai.core.models import LetterTemplate, Membership, Unit, User

    unit = Unit.objects.create(code="BGS", name="云溪区人民政府办公室", short_name="区政府办公室", kind="office")
    admin = User.objects.create(username="guanli", post="系统管理")
    Membership.objects.create(user=admin, unit=unit, role="system_admin", main=True)
    client.force_login(admin)
    page = client.get(reverse("workbench:letters")).content.decode()
    assert f'依申请公开 <span class="count">{len(KINDS)}</span>' in page
    assert "政府信息公开申请答复书（属于国家秘密）" in page
    kind = letters.kind_of("L13", "U1-b")
    url = reverse("workbench:letter-template", args=[kind.code])
    own = SimpleUploadedFile("答复书.docx", core_letters.build_template(kind))
    assert client.post(url, {"file": own}).status_code == 302
    assert LetterTemplate.objects.filter(code=kind.code).exists()
    # A template that lacks an element the law wants is refused, by its name.
    from dataclasses import replace

    poor = SimpleUploadedFile("答复书.docx", core_letters.build_template(replace(kind, body="{{ addressee }}：")))
    page = client.post(url, {"file": poor}).content.decode()
    assert "缺少必备要素" in page
    assert "救济途径和期限" in page


@pytest.mark.django_db
@pytest.mark.parametrize("lines", range(11, 20))
def test_the_seal_never_stands_on_a_page_without_words(lines):
    kind = letters.kind_of("L2")
    filled = {name: f"〔{words}〕" for name, words in kind.fields.items()} | {"items": "\a".join(["补正一项"] * lines)}
    filled["agency"] = "云溪区教育局"
    data = core_letters.render(kind, filled)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(core_letters.docx_to_pdf(data, kind.title))).pages]
    last = pages[-1].replace("\n", "")
    assert last.partition("云溪区教育局")[0].strip(" —12"), pages
    # Word lays the same letter out by itself: the words before the close go along with it.
    paragraphs = Document(io.BytesIO(data)).paragraphs
    close = next(place for place, line in enumerate(paragraphs) if line.text == "云溪区教育局")
    held = [line.paragraph_format.keep_with_next for line in paragraphs[close - 2 : -1]]
    assert all(held)
    assert paragraphs[close - 2].text.startswith("联系方式")
