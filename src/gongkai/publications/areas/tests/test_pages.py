"""Public lists and staff pages: filters, keyset pages, totals, exports, the office's own templates, query budgets."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gongkai.core.tests.factories import UnitFactory
from gongkai.publications.areas import catalog, datasets, public_queries
from gongkai.publications.areas.models import Dataset, Entry, EntryVersion, OwnTemplate
from gongkai.publications.areas.tests.helpers import enter, open_dataset, row, through

pytestmark = pytest.mark.django_db
CODE = "livelihood-projects"


def fill(held, number, **more):
    """Public rows as a release would leave them, many at once."""
    template = held.template
    rows = [
        Entry(
            dataset=held,
            code=held.code,
            unit=held.unit,
            key=f"{at}",
            title=f"项目第{at}号",
            year=2024 + at % 3,
            day=f"{2024 + at % 3}-0{at % 9 + 1}-15",
            choice1="是" if at % 2 else "否",
            choice2=["未启动", "推进中", "已完成"][at % 3],
            amount=at,
            shown={"name": f"项目第{at}号", "year": 2024 + at % 3, "investment": str(at), "phase": "推进中"},
            published_at="2026-06-03T00:00:00Z",
            changed_at="2026-06-03T00:00:00Z",
            **more,
        )
        for at in range(number)
    ]
    Entry.objects.bulk_create(rows)
    held.row_count, held.updated_at = number, "2026-06-03T00:00:00Z"
    held.save()
    return template


def test_filters_totals_and_pages(client, office):
    held = open_dataset(office, CODE)
    fill(held, 120)
    other = datasets.open_one(office.supervisor, CODE, UnitFactory(name="云溪区水利局", parent=office.district))
    fill(other, 3)
    url = reverse("areas-public:list", args=[CODE])
    page = client.get(url)
    assert "共123条" in page.content.decode()
    assert "计划投资合计7,143万元" in page.content.decode()
    assert len(page.context["table"]["rows"]) == 50
    seen, address = [], url
    for _ in range(3):
        answer = client.get(address)
        seen += [line["cells"][0]["url"] for line in answer.context["table"]["rows"]]
        address = url + answer.context["next_url"] if answer.context["next_url"] else ""
    assert len(set(seen)) == len(seen) == 123
    assert address == ""
    chosen = client.get(url, {"year": "2025", "phase": "推进中", "voted": "是", "unit": held.unit_id})
    number = sum(1 for at in range(120) if at % 3 == 1 and at % 2)
    assert f"共{number}条" in chosen.content.decode()
    assert f"unit={held.unit_id}" in chosen.context["exports"][0]["url"]
    assert (
        "共123条" in client.get(url, {"year": "x", "phase": "没有", "unit": "9' OR 1", "after": "x-1"}).content.decode()
    )


def test_lists_cost_the_same_whatever_they_hold(client, office):
    held = open_dataset(office, CODE)
    fill(held, 3)
    url = reverse("areas-public:list", args=[CODE])
    client.get(url)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(url).status_code == 200
        counts.append(len(asked))
        Entry.objects.all().delete()
        fill(held, 400)
    assert counts[0] == counts[1] <= 8, [query["sql"][:90] for query in asked]


def test_budgets_of_the_other_pages(client, office):
    for code in ("major-projects", "project-approval", "plans", "work-safety"):
        through(enter(office, open_dataset(office, code), project="2605-360000"), office)
    entry = Entry.objects.filter(code="plans").get()
    for url in (
        reverse("areas-public:index"),
        reverse("areas-public:projects"),
        reverse("areas-public:project", args=["2605-360000"]),
        entry.get_absolute_url(),
    ):
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) <= 8, (url, len(asked))
    client.force_login(office.officer)
    held = Dataset.objects.get(code="plans")
    batch = held.batches.get()
    for url, most in (
        (reverse("areas:index"), 12),
        (held.get_absolute_url(), 12),
        (reverse("areas:batch-rows", args=[batch.pk]), 10),
        (batch.get_absolute_url(), 13),
    ):
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        assert len(asked) <= most, (url, len(asked), [query["sql"][:80] for query in asked])


def test_exports_are_whole_and_safe(client, office):
    held = open_dataset(office, "plans")
    through(enter(office, held, name='=HYPERLINK("http://x")规划'), office)
    name = catalog.TEMPLATES["plans"].code
    table = client.get(reverse("areas-public:export", args=[name, "csv"])).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(table)))
    assert lines[0][0] == "公开单位"
    assert lines[1][1].startswith("'=")
    data = json.loads(client.get(reverse("areas-public:export", args=[name, "json"])).content)
    assert data["complete"] is True
    assert data["rows"][0]["values"]["name"].startswith("=HYPERLINK")
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(client.get(reverse("areas-public:export", args=[name, "xlsx"])).content)).active
    assert sheet["B4"].data_type == "s"
    assert client.get(reverse("areas-public:export", args=[name, "exe"])).status_code == 404


def test_words_of_cells_are_never_html(client, office):
    held = open_dataset(office, "plans")
    through(enter(office, held, name="<script>alert(1)</script>规划", term="<img src=x onerror=alert(1)>"), office)
    entry = Entry.objects.get()
    for url in (reverse("areas-public:list", args=["plans"]), entry.get_absolute_url()):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.duty("004-39")
def test_seven_kinds_of_items_of_public_resources_stand_side_by_side(client, office):
    kinds = [template.code for template in catalog.TEMPLATES.values() if template.area == "resource"]
    assert len(kinds) == 7
    for code in kinds:
        through(enter(office, open_dataset(office, code)), office)
    page = client.get(reverse("areas-public:index")).content.decode()
    for code in kinds:
        assert reverse("areas-public:list", args=[code]) in page
        assert client.get(reverse("areas-public:export", args=[code, "json"])).status_code == 200


@pytest.mark.duty("004-40")
def test_the_fields_of_public_welfare_are_one_column_with_filters(client, office):
    held = open_dataset(office, "public-welfare")
    kinds = held.template.by_name["kind"].choices
    assert len(kinds) == 8
    through(enter(office, held, *range(1, 9)), office)
    page = client.get(reverse("areas-public:list", args=["public-welfare"]), {"kind": kinds[0]}).content.decode()
    assert "共1条" in page
    page = client.get(reverse("areas-public:list", args=["public-welfare"])).content.decode()
    assert all(kind in page for kind in kinds)


def test_the_office_makes_a_template_on_screen_and_a_unit_publishes_by_it(client, office):
    client.force_login(office.supervisor)
    columns = [
        {"label": "名称", "type": "text", "key": "on", "listed": "on", "required": "on"},
        {"label": "类别", "type": "choice", "choices": "甲类、乙类", "listed": "on", "filter": "on", "required": "on"},
        {"label": "数量", "type": "number", "unit": "个", "listed": "on"},
        {"label": "联系手机", "type": "text", "shown": "internal"},
        {"label": "负责人姓名", "type": "text", "shown": "masked", "mask": "name"},
    ]
    posted = {
        "title": "便民服务点",
        "area": "service",
        "months": "3",
        "units": [office.unit.pk],
        "columns-TOTAL_FORMS": "12",
        "columns-INITIAL_FORMS": "0",
    }
    for number in range(12):
        base = {"type": "text", "shown": "public", "mask": "name"}
        for name, value in {**base, **(columns[number] if number < len(columns) else {})}.items():
            posted[f"columns-{number}-{name}"] = value
    bad = {**posted, "columns-3-shown": "public"}
    answer = client.post(reverse("areas:template"), bad)
    assert "个人信息" in answer.content.decode()
    assert not OwnTemplate.objects.exists()
    assert client.post(reverse("areas:template"), posted).status_code == 302
    held = Dataset.objects.select_related("own", "unit").get()
    assert (held.unit, held.months, held.template.title) == (office.unit, 3, "便民服务点")
    client.force_login(office.officer)
    assert client.get(reverse("areas:template")).status_code == 403
    typed = {"cell_c1": "东门服务点", "cell_c2": "甲类", "cell_c3": "4", "cell_c4": "13800138000", "cell_c5": "测试甲"}
    assert client.post(reverse("areas:enter", args=[held.pk]), typed).status_code == 302
    through(held.batches.get(), office)
    page = client.get(reverse("areas-public:list", args=[held.code])).content.decode()
    entry = Entry.objects.get()
    assert "东门服务点" in page
    assert entry.shown == {"c1": "东门服务点", "c2": "甲类", "c3": "4", "c5": "测某某"}
    assert "13800138000" not in page + client.get(entry.get_absolute_url()).content.decode()


def test_a_unit_adds_its_own_column_and_explains_itself(client, office):
    held = open_dataset(office, "plans")
    client.force_login(office.officer)
    posted = {
        "explanation": "本局编制和归口管理的规划。",
        "months": "6",
        "active": "on",
        "more-TOTAL_FORMS": "4",
        "more-INITIAL_FORMS": "0",
        "more-0-label": "评估结论",
        "more-0-type": "text",
        "more-0-shown": "public",
        "more-0-mask": "name",
    }
    url = reverse("areas:setup", args=[held.pk])
    assert "不能直接公开" in client.post(url, {**posted, "more-0-label": "身份证号"}).content.decode()
    assert client.post(url, posted).status_code == 302
    held = Dataset.objects.get(pk=held.pk)
    assert (held.months, held.template.fields[-1].label) == (6, "评估结论")
    batch = enter(office, held, own1="评估通过")
    through(batch, office)
    page = client.get(Entry.objects.get().get_absolute_url()).content.decode()
    assert "评估通过" in page
    assert "本局编制和归口管理" in client.get(reverse("areas-public:list", args=["plans"])).content.decode()
    client.force_login(office.reviewer)
    assert client.get(url).status_code == 403


def test_my_datasets_show_what_is_due_and_what_is_usual(client, office):
    open_dataset(office, "plans")
    client.force_login(office.officer)
    page = client.get(reverse("areas:index")).content.decode()
    assert "规划计划" in page
    assert "义务教育招生" in page, "an education bureau usually keeps it"
    answer = client.post(reverse("areas:open"), {"unit": office.unit.pk, "code": "school-admission"})
    assert answer.status_code == 302
    again = client.post(reverse("areas:open"), {"unit": office.unit.pk, "code": "school-admission"})
    assert "已经开通" in again.content.decode()
    foreign = UnitFactory(name="云溪区水利局")
    assert "请选择单位" in client.post(reverse("areas:open"), {"unit": foreign.pk, "code": "plans"}).content.decode()


def test_search_engines_and_readers_find_the_pages(office):
    through(enter(office, open_dataset(office, "plans")), office)
    found = [address for address, _ in public_queries.addresses()]
    assert reverse("areas-public:list", args=["plans"]) in found
    assert Entry.objects.get().get_absolute_url() in found


def test_every_state_of_a_batch_has_a_page(client, office):
    held = open_dataset(office, "penalty-decisions")
    batch = enter(office, held, content="")
    client.force_login(office.officer)
    assert "录入一条" in client.get(batch.get_absolute_url()).content.decode()
    assert client.get(reverse("workbench:act", args=[batch.pk, "put"])).status_code == 200
    assert client.get(reverse("workbench:act", args=[batch.pk, "take"])).status_code == 200
    batch = through(batch, office)
    assert "已经公开" in client.get(batch.get_absolute_url()).content.decode()
    assert client.get(reverse("workbench:act", args=[batch.pk, "withdraw"])).status_code == 200
    assert EntryVersion.objects.count() == 1
    assert client.get(reverse("areas:row", args=[batch.pk, batch.rows.get().pk])).status_code == 302
    assert row(held.template)


def test_home_shows_the_areas_that_hold_something(client, office):
    assert "home-areas" not in client.get("/").content.decode()
    through(enter(office, open_dataset(office, "plans")), office)
    page = client.get("/").content.decode()
    assert "home-areas" in page
    assert "/areas/#a-plan" in page
