"""The letters of a request: complete, each with its elements."""

import io

import pytest
from docx import Document

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
