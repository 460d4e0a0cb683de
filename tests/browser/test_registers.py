"""Registers in Chromium: catalogs, guides, campaigns, settings and their public pages; axe at a desk and on a phone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.publications.models import CatalogColumn, ReviewChain, WordingRule
from gongkai.publications.registers import columns, periodic
from gongkai.publications.registers.models import (
    AttributeShare,
    Catalog,
    CleanupItem,
    CleanupShare,
    DisclosureBody,
    Guide,
    GuideUpdate,
    NegativeList,
)
from gongkai.publications.registers.tests.conftest import bureau, office
from gongkai.publications.tests.helpers import draft, through

__all__ = ["bureau", "office"]
pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = {
    "classification": "本单位公开的信息分为主动公开和依申请公开两类，按公开目录编排。",
    "ways": "在区政府门户网站查阅，也可以到区图书馆、区政务服务大厅查阅。",
    "office_name": "区教育局办公室",
    "address": "云溪区安澜路3号",
    "hours": "工作日9:00至12:00，13:30至17:30",
    "telephone": "0000-1234501",
    "fax": "无",
    "internet": "门户网站“依申请公开”栏目",
    "channels": "一、当面提交。\n二、邮寄提交。\n三、网上提交。",
    "fees": "合理范围内的申请不收费。",
    "remedies": "可以投诉、申请行政复议或者提起行政诉讼。",
}


def again(case):
    """The record as it stands."""
    return type(case).objects.get(pk=case.pk)


@pytest.fixture
def world(office):
    """A bureau with guide, catalog, negative list, a stale column, and both campaigns."""
    cache.clear()
    Unit.objects.filter(pk=office.unit.pk).update(telephone="0000-1234501", address="云溪区安澜路3号")
    body = perform(
        "disclosure-body.propose", None, office.supervisor, {"units": [office.unit.pk], "basis": "条例第二条"}
    )
    perform("disclosure-body.confirm", DisclosureBody.objects.get(pk=body.case.pk), office.supervisor, {})
    guide = Guide.objects.get(pk=perform("disclosure-guide.write", None, office.officer, GUIDE).case.pk)
    perform("disclosure-guide.submit", guide, office.officer, {})
    perform("disclosure-guide.approve", again(guide), office.reviewer, {"note": "第一次公布"})
    catalog = Catalog.objects.get(pk=perform("catalog.open", None, office.officer, {}).case.pk)
    columns.install(office.officer, office.unit)
    perform("catalog.submit", catalog, office.officer, {})
    perform("catalog.approve", again(catalog), office.reviewer, {})
    negative = NegativeList.objects.get(pk=perform("negative-list.open", None, office.officer, {}).case.pk)
    entry = {"entry_name": "教师人事档案", "ground": "X16a", "basis": "《政府信息公开条例》第十六条第一款"}
    perform("negative-list.add_entry", negative, office.officer, entry)
    perform("negative-list.submit", again(negative), office.officer, {})
    perform("negative-list.approve", again(negative), office.leader, {})
    for number, days in ((1, 300), (2, 10), (4, 85)):
        moment = timezone.now() - dt.timedelta(days=days)
        CatalogColumn.objects.filter(code=f"jiaoyu-item{number}").update(updated_at=moment)
    periodic.columns_due(timezone.now())
    rule = through(
        draft(office, title="云溪区义务教育招生办法", document_number="云教规〔2023〕2号", normative="on",
              made_on="2023-03-01", expires_on="2027-03-01"),
        office,
    )  # fmt: skip
    draft(office, title="云溪区教育局关于午餐的通知", attribute="", document_number="云教发〔2026〕3号")
    values = {"title": "2026年公开属性复查", "since": "2010-01-01", "units": [office.unit.pk]}
    attribute = perform("attribute-campaign.launch", None, office.supervisor, values).case
    values = {"title": "2026年规范性文件清理", "until": "2026-12-31", "units": [office.unit.pk]}
    cleanup = perform("cleanup.launch", None, office.supervisor, values).case
    item = CleanupItem.objects.get()
    perform(
        "cleanup-share.compare",
        CleanupShare.objects.get(),
        office.officer,
        {"item": item.pk, "official": "各学校：\n入学。"},
    )
    ReviewChain.objects.create(unit=office.unit, steps=["content", "secrecy", "legal", "approval"])
    WordingRule.objects.create(pattern="云溪教委", kind="name", replacement="云溪区教育局", advice="已经更名")
    unit = Unit.objects.get(pk=office.unit.pk)
    unit.telephone = "0000-7654321"
    unit.save()
    return SimpleNamespace(
        office=office, guide=guide, catalog=catalog, negative=negative, rule=rule, attribute=attribute,
        cleanup=cleanup, item=item, body=body.case,
    )  # fmt: skip


PUBLIC = (
    "/bodies/",
    "/bodies/jiaoyu/",
    "/bodies/jiaoyu/guide/",
    "/bodies/jiaoyu/catalog/",
    "/bodies/jiaoyu/negative-list/",
)


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_public_pages_are_accessible_and_fit(page, axe, world):
    for address in PUBLIC:
        page.goto(address)
        axe(page)
        assert not overflows(page), address


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_staff_pages_are_accessible_and_fit(page, axe, sign_in, world):
    office = world.office
    sign_in(office.supervisor)
    base = "/workbench/registers/"
    column = CatalogColumn.objects.get(code="jiaoyu-item3")
    addresses = [
        f"{base}{name}/"
        for name in ("bodies", "catalogs", "catalogs/jiaoyu", "freshness", "normative", "campaigns", "settings/chains",
                     "settings/chains/new", "settings/wordings", "settings/wordings/new", "settings/profiles",
                     f"settings/profiles/{office.unit.pk}", f"columns/{column.pk}", f"columns/{column.pk}/merge",
                     "catalogs/jiaoyu/import")
    ]  # fmt: skip
    update = GuideUpdate.objects.get()
    addresses += [case.get_absolute_url() for case in (world.body, world.guide, world.catalog, world.negative, update,
                                                        world.attribute, world.cleanup)]  # fmt: skip
    for address in addresses:
        page.goto(address)
        axe(page)
        assert not overflows(page), address


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_a_unit_reviews_an_attribute_and_cleans_up(page, axe, sign_in, world):
    sign_in(world.office.officer)
    share = AttributeShare.objects.get()
    page.goto(share.get_absolute_url())
    axe(page)
    page.get_by_role("link", name="逐件复查").click()
    axe(page)
    assert not overflows(page)
    page.get_by_label("选择：云溪区教育局关于午餐的通知").check()
    page.get_by_label("主动公开", exact=True).check()
    page.get_by_role("button", name="作出结论").click()
    assert page.get_by_text("1件主动公开").is_visible()
    page.goto(f"/workbench/registers/cleanup/{CleanupShare.objects.get().pk}/")
    axe(page)
    page.get_by_label("选择：云溪区义务教育招生办法").check()
    page.get_by_label("继续有效").check()
    page.get_by_label("理由").fill("仍然需要。")
    page.get_by_role("button", name="提出结论").click()
    assert page.get_by_text("1件继续有效").is_visible()
    page.goto(f"/workbench/registers/cleanup/compare/{world.item.pk}/")
    axe(page)
    assert page.get_by_text("两份文本不一致").is_visible()
    page.goto("/workbench/")
    assert page.get_by_role("link", name="“法规规章和规范性文件”该更新了").first.is_visible()
