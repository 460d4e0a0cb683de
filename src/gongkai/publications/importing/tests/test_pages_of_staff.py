"""Staff pages of imports: who sees them, what they show, and that they ask few queries."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gongkai.core.roles import Role
from gongkai.core.tests.factories import UserFactory, user_with
from gongkai.publications.importing import sheet
from gongkai.publications.importing.tests.helpers import carry, line
from gongkai.publications.importing.tests.helpers import sheet as imported


@pytest.fixture
def run(office):
    rows = [line(number) for number in range(1, 130)] + [
        line(200, 发布机构="没有这个局"),
        line(201, 正文="电话13900001234。"),
    ]
    return imported(office.officer, rows)


def _get(client, user, address):
    client.force_login(user)
    return client.get(address)


def test_the_case_page_shows_the_dry_run(client, office, run):
    answer = _get(client, office.officer, run.get_absolute_url())
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "预检结果" in text
    assert "没有找到单位“没有这个局”" in text
    assert "送审" in text


def test_rows_are_paged_and_filtered(client, office, run, django_assert_max_num_queries):
    address = reverse("importing:rows", args=[run.pk])
    client.force_login(office.officer)
    client.get(address)
    with django_assert_max_num_queries(14):
        first = client.get(address).content.decode()
    assert first.count('<tr role="row">') == 101
    assert "after=100" in first
    assert client.get(f"{address}?after=100").content.decode().count('<tr role="row">') == 32
    refused = client.get(f"{address}?outcome=refused").content.decode()
    assert refused.count('<tr role="row">') == 2
    assert "没有这个局" in refused


def test_the_report_is_a_workbook_with_the_troubled_rows_first(client, office, run):
    answer = _get(client, office.officer, reverse("importing:rows", args=[run.pk]) + "?export=xlsx")
    lines = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert lines[3][3] == "不能导入"
    assert "没有这个局" in lines[3][4]
    assert len(lines) == 3 + 131


def test_the_report_of_a_run_links_to_what_is_public(client, office):
    run = carry(imported(office.officer, [line(1)]), office)
    text = _get(client, office.officer, reverse("importing:rows", args=[run.pk])).content.decode()
    assert "已导入" in text
    page = _get(client, office.officer, run.get_absolute_url()).content.decode()
    assert "新增1条" in page


def test_others_see_nothing(client, office, run):
    stranger = user_with(Role.OFFICER)
    assert _get(client, stranger, reverse("importing:rows", args=[run.pk])).status_code == 404
    assert run.title not in _get(client, stranger, reverse("importing:index")).content.decode()
    reviewer = UserFactory(roles=[(Role.REVIEWER, office.unit)])
    assert _get(client, reviewer, reverse("importing:index")).status_code == 403


def test_the_list_the_form_and_the_progress(client, office, run):
    assert run.title in _get(client, office.officer, reverse("importing:index")).content.decode()
    form = _get(client, office.officer, reverse("workbench:new", args=["import", "upload"]))
    assert "来自哪个网站" in form.content.decode()
    answer = client.get(reverse("importing:progress", args=[run.pk]))
    assert answer["HX-Redirect"] == run.get_absolute_url()


def test_the_template_can_be_read_back(client, office):
    answer = _get(client, office.officer, reverse("importing:template"))
    rows, notes = sheet.read(answer.content, "模板.xlsx")
    assert len(rows) == 1
    assert notes == []
    assert rows[0].cells["title"].startswith("（示例")
