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
