"""An import in Chromium, from the upload to its report, at a desk and on a phone; axe on every page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from gongkai.publications.importing.models import Import
from gongkai.publications.importing.tests.helpers import line, workbook
from gongkai.publications.models import PublicDocument
from gongkai.publications.tests.conftest import office

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)


def _look(page, name: str, viewport: str) -> None:
    """A picture for whoever looks; and nothing may stick out at the side."""
    folder = os.environ.get("GONGKAI_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}-{viewport}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_from_the_sheet_to_the_public_page(page, office, sign_in, axe, viewport, tmp_path):
    rows = [line(number) for number in range(1, 8)]
    rows += [
        line(20, 发布机构="云溪区教体局"),
        line(21, 成文日期="三月的某天"),
        line(22, 正文="名单：身份证号110101199003074530。"),
        line(23, 文号="云教字21-9", 主题分类="教育文体"),
        line(24, 公开方式="依申请公开"),
    ]
    path = tmp_path / "历史信息.xlsx"
    path.write_bytes(workbook(rows))

    sign_in(office.officer)
    page.goto("/workbench/importing/")
    axe(page)
    _look(page, "empty", viewport)
    page.locator(".page-head").get_by_role("link", name="上传历史信息").click()
    page.wait_for_url("**/new/import/upload/")
    page.get_by_label("来自哪个网站").fill("旧门户网站")
    page.locator('input[type="file"]').set_input_files(str(path))
    axe(page)
    _look(page, "upload", viewport)
    page.get_by_role("button", name="上传历史信息").click()
    page.wait_for_url("**/cases/*/")
    run = Import.objects.get()
    page.wait_for_selector("text=预检结果")
    axe(page)
    _look(page, "checked", viewport)
    page.goto(run.report_address)
    axe(page)
    _look(page, "rows", viewport)
    page.goto(run.get_absolute_url())
    page.get_by_role("link", name="送审").or_(page.get_by_role("button", name="送审")).first.click()
    page.locator("form[data-act-form] button[type=submit]").first.click()
    page.wait_for_selector("text=待批准")

    sign_in(office.leader)
    page.goto(run.get_absolute_url() + "acts/approve/")
    page.get_by_text(re.compile("第22批")).first.wait_for()
    axe(page)
    _look(page, "approve", viewport)
    page.locator("form[data-act-form] button[type=submit]").first.click()
    page.wait_for_selector("text=已经导入")
    axe(page)
    _look(page, "done", viewport)
    assert PublicDocument.objects.count() == 8
    Import.objects.filter(pk=run.pk).update(state="running", progress="已导入400条，共1,200条")
    Import.objects.filter(pk=run.pk).update(results={"total": 1200, "carried": 400})
    page.goto(run.get_absolute_url())
    page.wait_for_selector("text=已导入400条")
    axe(page)
    _look(page, "running", viewport)
    Import.objects.filter(pk=run.pk).update(state="done")
    page.wait_for_selector("text=已经导入")
    page.goto("/workbench/importing/")
    _look(page, "list", viewport)
    first = PublicDocument.objects.order_by("pk").first()
    page.goto(first.get_absolute_url())
    assert page.get_by_role("heading", name=first.title).first.is_visible()
