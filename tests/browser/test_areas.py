"""Key areas in Chromium: a table filled in and looked through, reviewed, read by the public, on a desk and on a phone."""

from __future__ import annotations

import pytest

from gongkai.core.acts import perform
from gongkai.publications.areas.models import Batch, Entry
from gongkai.publications.areas.tests.helpers import (
    PROJECT,
    act,
    bureau,
    enter,
    fresh,
    line,
    open_dataset,
    review,
    row,
    through,
    workbook,
)
from gongkai.publications.tests.conftest import office

__all__ = ["office"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(office):
    """A small stock of public rows: budgets with a correction, checks with their explanation, a project of two bureaus."""
    held = open_dataset(office, "budget-projects")
    names = ("校舍维修改造", "教师培训", "智慧校园建设", "学生营养改善")
    batch = perform("dataset-batch.write", None, office.officer, {"dataset": held.pk}).case

    for number, name in enumerate(names):
        for year in ("2024", "2025", "2026"):
            budget = str(300 + 130 * number + int(year[-1]) * 40)
            perform(
                "dataset-batch.put", batch, office.officer, row(held.template, 1, name=name, year=year, budget=budget)
            )
    through(fresh(batch), office)
    through(enter(office, held, name=names[0], year="2026", budget="652.8"), office)
    through(enter(office, open_dataset(office, "random-inspection-results"), 1, 2, 3), office)
    through(enter(office, open_dataset(office, "farm-subsidies"), 1, 2), office)
    joined = {"project": PROJECT, "name": "云溪河综合治理工程"}
    for code in ("major-projects", "project-approval", "project-tender", "project-progress"):
        through(enter(office, open_dataset(office, code), **joined), office)
    land = bureau(office, "云溪区自然资源局")
    through(enter(land, open_dataset(land, "project-land"), **joined), land)
    return held


PUBLIC = (
    "/areas/",
    "/areas/budget-projects/",
    "/areas/random-inspection-results/",
    "/areas/farm-subsidies/?year=2026",
    "/areas/projects/",
    f"/areas/projects/{PROJECT}/",
)


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_public_pages(page, axe, published, viewport):
    entry = Entry.objects.filter(version=2).get()
    for address in (*PUBLIC, entry.get_absolute_url()):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address
    page.goto("/areas/")
    page.get_by_role("link", name="预算项目", exact=True).click()
    assert page.get_by_text("共12条").is_visible()
    page.get_by_role("link", name="校舍维修改造").first.click()
    assert page.get_by_role("heading", name="历次变化").is_visible()


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_staff_pages(page, axe, sign_in, published, office, viewport):
    held = open_dataset(office, "school-admission")
    enter(office, held, 1, 2, content="")
    sign_in(office.officer)
    batch = Batch.objects.order_by("-pk").first()
    addresses = [
        "/workbench/areas/",
        f"/workbench/areas/{published.pk}/",
        f"/workbench/areas/{held.pk}/enter/",
        f"/workbench/areas/{held.pk}/upload/",
        f"/workbench/areas/{held.pk}/setup/",
        "/workbench/areas/open/",
        f"/workbench/cases/{batch.pk}/",
        f"/workbench/areas/batches/{batch.pk}/rows/",
        f"/workbench/areas/batches/{batch.pk}/rows/{batch.rows.first().pk}/",
    ]
    for address in addresses:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address
    sign_in(office.supervisor)
    page.goto("/workbench/areas/templates/new/")
    axe(page)


@pytest.mark.duty("004-36a")
def test_from_a_table_to_the_public_page(page, axe, sign_in, office, tmp_path, page_faults):
    held = open_dataset(office, "budget-projects")
    template = held.template
    file = tmp_path / "预算项目.xlsx"
    file.write_bytes(
        workbook(template, [line(template, 1, name="校舍维修"), line(template, 2, name="教师培训", budget="约三百万")])
    )
    sign_in(office.officer)
    page.goto(f"/workbench/areas/{held.pk}/")
    page.get_by_role("link", name="上传表格").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="核对", exact=True).click()
    assert page.get_by_role("rowheader", name="H4").is_visible()
    assert page.get_by_text("不是数字").is_visible()
    axe(page)
    page.get_by_role("button", name="收下").click()
    page.get_by_text("已收下。").wait_for()
    axe(page)
    page.get_by_role("link", name="改正").click()
    assert page.get_by_label("年度预算安排").input_value() == "约三百万"
    axe(page)
    page.get_by_label("年度预算安排").fill("300")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存。").wait_for()
    page.get_by_role("group", name="办理").get_by_role("link", name="送审", exact=True).click()
    page.locator("#dialog[open]").get_by_role("button", name="送审", exact=True).click()
    page.locator("#dialog[open]").wait_for(state="detached")
    batch = review(fresh(Batch.objects.get()), office, until="approval")
    sign_in(office.leader)
    page.goto(f"/workbench/cases/{batch.pk}/")
    axe(page)
    page.get_by_role("group", name="办理").get_by_role("link", name="批准并公开", exact=True).click()
    page.locator("#dialog[open]").get_by_role("button", name="批准并公开", exact=True).click()
    page.get_by_text("已经公开。").wait_for()
    axe(page)
    page.context.clear_cookies()
    page.goto("/areas/budget-projects/")
    assert page.get_by_role("link", name="教师培训").is_visible()
    batch = act("withdraw", fresh(batch), office.officer, {"reason": "数据有误，另行公开。"})
    page_faults.allow("410")
    page.goto(Entry.objects.first().get_absolute_url())
    assert page.get_by_text("数据有误，另行公开。").is_visible()
    axe(page)
