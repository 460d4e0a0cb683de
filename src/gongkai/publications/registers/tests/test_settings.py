"""Settings of publishing: chains of review, wording lists, index numbers; who may set them."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gongkai.core.models import Event
from gongkai.publications import chains, screen
from gongkai.publications.models import CatalogColumn, ReviewChain, ScreeningHit, UnitProfile, WordingRule
from gongkai.publications.tests.helpers import act, draft, review

pytestmark = pytest.mark.django_db
PAGES = ("chains", "chain-new", "wordings", "wording-new", "wordings-import", "profiles")


def test_only_the_office_and_the_system_administrator_open_settings(office, client):
    for person, status in ((office.officer, 403), (office.leader, 403), (office.supervisor, 200), (office.admin, 200)):
        client.force_login(person)
        for name in PAGES:
            assert client.get(reverse(f"registers:{name}")).status_code == status, (person.post, name)


@pytest.mark.duty("001-14c", "001-14b")
def test_a_chain_is_set_for_a_unit_and_a_column_and_the_nearest_counts(office, client):
    column = CatalogColumn.objects.create(code="shenpi", title="审批结果", unit=office.unit)
    client.force_login(office.supervisor)
    address = reverse("registers:chain-new")
    refused = client.post(address, {"unit": office.unit.pk, "steps": ["content"]})
    assert refused.status_code == 422
    assert "保密审查不能省" in refused.content.decode()
    client.post(address, {"unit": office.unit.pk, "steps": ["content", "secrecy", "legal"]})
    client.post(address, {"unit": office.unit.pk, "column": column.pk, "steps": ["secrecy", "privacy"]})
    twice = client.post(address, {"unit": office.unit.pk, "steps": ["secrecy"]})
    assert "已经有审核流程" in twice.content.decode()
    case = draft(office)
    assert chains.steps_for(case) == ["content", "secrecy", "legal", "approval"]
    other = draft(office, title="区教育局关于审批结果的通知", document_number="", column=column.pk)
    assert chains.steps_for(other) == ["secrecy", "privacy", "approval"]
    # The chain that is set is the one that is gone through.
    case = act("submit", case, office.officer)
    assert [step.purpose for step in case.steps.order_by("ordinal")] == ["content", "secrecy", "legal", "approval"]
    assert review(case, office).state == "published"
    chain = ReviewChain.objects.get(column=None)
    page = client.get(reverse("registers:chain", args=[chain.pk])).content.decode()
    assert "删除这个流程" in page
    client.post(reverse("registers:chain-delete", args=[chain.pk]))
    assert chains.steps_for(draft(office, title="另一件", document_number="")) == ["content", "secrecy", "approval"]
    assert Event.objects.filter(act="settings.chain").count() == 3


@pytest.mark.duty("001-14c")
def test_a_wording_rule_is_added_tried_and_finds_its_words_in_drafts(office, client):
    client.force_login(office.admin)
    rule = {"pattern": "云溪教委", "kind": "name", "replacement": "云溪区教育局", "advice": "已经更名", "active": "on"}
    assert client.post(reverse("registers:wording-new"), rule).status_code == 302
    tried = client.post(reverse("registers:wordings"), {"text": "请与云溪教委联系。"}).content.decode()
    assert "云溪区教育局" in tried
    assert "没有发现问题" in client.post(reverse("registers:wordings"), {"text": "请与区教育局联系。"}).content.decode()
    case = draft(office, body="<p>请与云溪教委联系。</p>")
    assert ScreeningHit.objects.filter(publication=case, found="云溪教委").exists()
    found = WordingRule.objects.get()
    client.post(reverse("registers:wording", args=[found.pk]), {**rule, "active": ""})
    screen.refresh(case)
    assert not ScreeningHit.objects.filter(publication=case, found="云溪教委", resolution="").exists()


def test_wording_lists_go_out_and_in_as_excel(office, client):
    WordingRule.objects.create(pattern="=云溪教委", kind="name", replacement="云溪区教育局")
    client.force_login(office.supervisor)
    data = client.get(reverse("registers:wordings-export")).content
    book = load_workbook(io.BytesIO(data))
    sheet = book.active
    sheet.append(["按装", "错别字", "安装", "", "是", "是"])
    out = io.BytesIO()
    book.save(out)
    address = reverse("registers:wordings-import")
    tried = client.post(address, {"file": SimpleUploadedFile("规则.xlsx", out.getvalue())})
    assert "新增1条，修改0条，不变1条" in tried.content.decode()
    client.post(address, {"digest": tried.context["digest"], "sure": "1"})
    assert WordingRule.objects.get(pattern="按装").blocking
    assert WordingRule.objects.count() == 2
    sheet.append(["", "没有这类", "", "", "", ""])
    out = io.BytesIO()
    book.save(out)
    answer = client.post(address, {"file": SimpleUploadedFile("规则.xlsx", out.getvalue())})
    assert "第4行" in answer.content.decode()


def test_a_profile_shows_the_number_the_next_publication_gets(office, client):
    client.force_login(office.admin)
    address = reverse("registers:profile", args=[office.unit.pk])
    assert "下一个索引号" in client.get(address).content.decode()
    typed = {"index_template": "{region6}-{yyyy}-{seq:04}", "save": "1"}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "没有" in answer.content.decode()
    bad = client.post(address, {"index_template": "{seq}", "preview": "1"})
    assert "要有年份" in bad.content.decode()
    preview = {"index_template": typed["index_template"], "region_code": "310199", "preview": "1"}
    assert f"310199-{timezone.localdate().year}-0001" in client.post(address, preview).content.decode()
    assert not UnitProfile.objects.exists(), "a preview is not kept"
    client.post(address, {**typed, "region_code": "310199"})
    shown = client.get(address).context["number"]
    case = review(act("submit", draft(office), office.officer), office)
    assert case.index_number == shown
