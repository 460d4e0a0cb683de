"""Searching as a reader does, with and without scripts, at desk and on a phone."""

from __future__ import annotations

import datetime as dt
import os

import pytest

from gongkai.core.search import AttachedText, SearchDocument, index, register_source, unregister_source
from gongkai.core.search.testing import fresh_index  # noqa: F401  a fixture
from gongkai.core.tests.factories import UnitFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_index")]


@pytest.fixture
def published(fresh_index, settings):  # noqa: F811
    settings.GONGKAI_SITE_CONTACT = "云溪区安澜路1号 电话：0000-1234567"
    register_source("x", "文件", queryset=lambda: None, document=lambda row: None)
    housing = UnitFactory(name="云溪区住房城乡建设局", short_name="区住房城乡建设局")
    government = UnitFactory(name="云溪区人民政府", short_name="区政府")
    rows = [
        (
            "云溪区既有住宅加装电梯补贴办法",
            "四层、五层每台18万元，六层22万元，七层以上25万元。",
            "政策文件",
            "现行有效",
            2026,
        ),
        (
            "一图看懂：老楼加装电梯能补多少、怎么领",
            "先看楼龄和层数，再算每户实际要出多少。加装电梯补贴打到共管账户。",
            "图解",
            "",
            2026,
        ),
        ("办事指南：加装电梯补贴申请", "在各镇街便民服务中心办理，20个工作日办结。", "办事指南", "", 2025),
        ("2024年4月既有住宅加装电梯补贴发放公示", "本月发放9台，合计186万元。", "公示", "", 2024),
        ("云溪区加装电梯补贴暂行办法", "每台补贴15万元。", "政策文件", "已废止", 2023),
    ]
    documents = [
        SearchDocument(
            "x",
            place,
            title,
            "/accessibility/",
            body=f"为改善居住条件，制定本办法。\n{body}",
            numbers=(f"临云政规〔{year}〕{place + 2}号",) if category == "政策文件" else (),
            attachments=(AttachedText("附表.xlsx", "加装电梯补贴 加装电梯补贴 加装电梯补贴"),)
            if category == "公示"
            else (),
            unit=(government if category == "政策文件" else housing).pk,
            unit_name=str(government if category == "政策文件" else housing),
            category=category,
            validity=validity,
            day=dt.date(year, 5, 18),
            public=True,
        )
        for place, (title, body, category, validity, year) in enumerate(rows, 1)
    ]
    documents += [
        SearchDocument("x", 10 + place, f"第{place}期加装电梯补贴发放公示", "/", body="名单见附件。", category="公示",
                       day=dt.date(2024, 1, 1) + dt.timedelta(days=place), unit=housing.pk, unit_name=str(housing), public=True)
        for place in range(20)
    ]  # fmt: skip
    index.current().rebuild(documents)
    yield
    unregister_source("x")


def picture(page, name: str) -> None:
    folder = os.environ.get("GONGKAI_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_search_with_filters(published, page, axe, viewport) -> None:
    page.goto("/search/")
    axe(page)
    page.get_by_label("搜索政策、文号、事项").last.fill("加装电梯补贴")
    page.locator(".sbar button").click()
    assert page.locator(".best h2").inner_text() in ("云溪区既有住宅加装电梯补贴办法", "云溪区加装电梯补贴暂行办法")
    assert "找到 25 条" in page.locator(".s-note").inner_text()
    axe(page)
    picture(page, f"search-{viewport}")
    if viewport == "phone":
        page.locator("details.facets-d > summary").click()
    page.locator("aside a:visible", has_text="政策文件").click()
    assert page.locator("article").count() == 2
    page.locator("article a").first.click()
    assert page.url.endswith("/accessibility/")


def test_suggestions_come_while_typing(published, page) -> None:
    page.goto("/search/")
    with page.expect_response(lambda response: "/search/suggest/" in response.url):
        page.locator("#sq").press_sequentially("加装")
    page.wait_for_selector("#search-suggestions option", state="attached")
    assert "云溪区既有住宅加装电梯补贴办法" in page.locator("#search-suggestions").inner_html()


def test_nothing_found(published, page, axe) -> None:
    page.goto("/search/?q=没有这样的词语")
    assert "没有找到" in page.locator("main").inner_text()
    assert "可以申请公开" in page.locator("main").inner_text()
    axe(page)
    picture(page, "search-nothing")


def test_without_scripts(published, chromium, live_server) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto("/search/?q=加装电梯")
    assert page.locator("article").count() == 10
    page.get_by_role("link", name="下一页").click()
    assert page.locator("article").count() == 10
    context.close()
