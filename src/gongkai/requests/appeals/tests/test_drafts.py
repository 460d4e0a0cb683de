"""A draft of the body's own answer and of the list of proof, made of what the request's case holds."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from docx import Document

from gongkai.core.letters import letter_kinds
from gongkai.requests.appeals import drafts
from gongkai.requests.appeals.tests.helpers import PARTY, alone, entered
from gongkai.requests.tests.helpers import PERSONAL, at

pytestmark = pytest.mark.django_db


def text_of(data: bytes) -> str:
    """The paragraphs of a Word file."""
    return "\n".join(line.text for line in Document(io.BytesIO(data)).paragraphs)


def test_the_answer_tells_what_was_done_and_names_nobody(place, answered):
    case = entered(place, answered)
    text = text_of(drafts.draft(case, "answer", at("2026-07-03").date()))
    assert "行政复议答复书" in text
    assert "云政复〔2026〕15号一案的通知，本机关于2026年7月1日收到" in text
    assert f"收到申请，登记号{answered.number}" in text
    assert "依据：" in text
    assert "第十六条" in text
    proof = text_of(drafts.draft(case, "proof", at("2026-07-03").date()))
    assert "1. 政府信息公开申请和登记记录" in proof
    assert "政府信息公开申请答复书" in proof
    assert not [value for value in (PARTY, *PERSONAL) if value in text + proof]


def test_a_matter_without_a_request_says_what_is_to_be_written(place):
    case = alone(place)
    text = text_of(drafts.draft(case, "answer", at("2026-07-03").date()))
    assert "写明收到申请、办理和答复的经过" in text
    assert "{{" not in text


def test_only_the_body_drafts_and_only_until_it_has_answered(place, answered, client):
    case = entered(place, answered)
    page = reverse("appeals:draft", args=[case.pk, "answer", "docx"])
    client.force_login(place.officer)
    assert page in client.get(case.get_absolute_url()).content.decode()
    assert text_of(client.get(page).content)
    pdf = client.get(reverse("appeals:draft", args=[case.pk, "proof", "pdf"]))
    assert pdf.content.startswith(b"%PDF")
    assert client.get(reverse("appeals:draft", args=[case.pk, "defence", "docx"])).status_code == 404
    assert client.post(page).status_code == 405
    client.force_login(place.supervisor)
    assert page not in client.get(case.get_absolute_url()).content.decode()
    assert client.get(page).status_code == 403
    client.force_login(place.neighbour)
    assert client.get(page).status_code == 404


def test_a_suit_has_a_statement_of_defence(place):
    case = alone(place, way="suit", organ="云溪区人民法院", file_number="（2026）云行初3号", procedure="")
    assert [title for _, title in drafts.kinds_for(case)] == ["行政诉讼答辩状", "证据目录"]
    assert "云溪区人民法院：" in text_of(drafts.draft(case, "defence", at("2026-07-03").date()))
    assert {drafts.ANSWER, drafts.DEFENCE, drafts.PROOF} <= set(letter_kinds)
