"""A zone in Chromium: set up, equipped, opened; a request taken at its counter; what readers see. axe on every page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache

from gongkai.channels.tests.conftest import place
from gongkai.channels.tests.helpers import ZONE, fresh, noted, offered, opened
from gongkai.channels.zones.models import Outlet, Posting, Zone
from gongkai.core.acts import perform
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.tests.conftest import office
from gongkai.publications.tests.helpers import draft, through
from gongkai.requests.models import Request
from gongkai.requests.tests.helpers import NUMBER, upload

__all__ = ["office", "place"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(place):
    """An open zone with a few lines in its register."""
    cache.clear()
    zone = perform("zone.set_up", None, place.desk, ZONE).case
    zone = opened(offered(zone, place.desk), place.desk)
    for service, people in (("advice", 3), ("gazette", 12), ("lookup", 1)):
        noted(zone, place.desk, service, people, "问老楼加装电梯补贴")
    return SimpleNamespace(place=place, zone=fresh(zone))


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.duty("001-12i")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_a_zone_is_set_up_equipped_and_opened(page, axe, sign_in, place):
    cache.clear()
    sign_in(place.desk)
    page.goto("/workbench/zones/")
    axe(page)
    page.get_by_role("link", name="设立专区").first.click()
    for name, value in (
        ("名称", ZONE["title"]),
        ("地址", ZONE["address"]),
        ("标识", ZONE["sign"]),
        ("电话", ZONE["telephone"]),
        ("开门", "09:00"),
        ("关门", "17:00"),
    ):
        page.get_by_label(name, exact=True).fill(value)
    axe(page)
    page.get_by_role("button", name="设立专区").click()
    page.wait_for_load_state()
    zone = Zone.objects.get()
    page.goto(zone.get_absolute_url())
    axe(page)
    assert not overflows(page)
    assert page.get_by_text("还缺4项必备的服务").first.is_visible()
    offered(zone, place.desk)
    page.goto(f"{zone.get_absolute_url()}acts/open/")
    page.get_by_role("button", name="开放").click()
    page.wait_for_load_state()
    assert fresh(zone).state == "open"


@pytest.mark.duty("004-50", "003-32b")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_a_request_is_taken_at_the_counter(page, axe, sign_in, world):
    sign_in(world.place.desk)
    page.goto("/workbench/zones/take/")
    axe(page)
    assert not overflows(page)
    page.get_by_label("向哪个机关申请").select_option(label=str(world.place.bureau))
    page.get_by_label("具体内容").fill("清平路雨污分流改造工程2025年1月至12月的管道检测报告。")
    page.get_by_label("姓名或者名称").fill("欧阳青禾")
    page.get_by_label("证件号码", exact=True).fill(NUMBER)
    page.get_by_label("联系电话").fill("13800138000")
    page.get_by_label("联系地址").fill("临江市云溪区桥头街道")
    page.get_by_label("纸质复印件").check()
    page.get_by_role("button", name="受理", exact=True).click()
    page.wait_for_load_state()
    axe(page)
    assert not overflows(page)
    case = Request.objects.get()
    assert case.unit == world.place.bureau
    assert page.get_by_text(case.number).first.is_visible()
    assert page.get_by_role("link", name="打印").first.is_visible()


@pytest.mark.duty("001-12h")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_staff_and_readers_see_it(page, axe, sign_in, world):
    for url in ("/zones/", world.zone.public_url, "/zones/?service=opinions"):
        page.goto(url)
        axe(page)
        assert not overflows(page)
    page.goto("/zones/")
    page.get_by_role("link", name=ZONE["title"]).click()
    page.wait_for_load_state()
    assert page.get_by_text("在网上提交申请").first.is_visible()
    sign_in(world.place.desk)
    for url in ("/workbench/zones/register/", "/workbench/zones/figures/", world.zone.get_absolute_url()):
        page.goto(url)
        axe(page)
        assert not overflows(page)
    page.goto("/workbench/zones/figures/")
    page.get_by_role("link", name="12", exact=True).first.click()
    page.wait_for_load_state()
    assert page.get_by_text("共1笔，12人次").first.is_visible()


@pytest.mark.duty("003-33", "004-51")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_what_concerns_an_area_is_posted_there(page, axe, sign_in, office, page_faults):
    cache.clear()
    street = UserFactory(
        roles=[(Role.OFFICER, UnitFactory(name="云溪区安澜街道办事处", short_name="安澜街道", parent=office.district))]
    )
    document = through(draft(office), office)
    board = {"title": "望江里社区公告栏", "form": "board", "area": "望江里1至12号居民", "address": "望江里3号门口"}
    perform("outlet.register", None, street, board)
    sign_in(office.officer)
    page.goto("/workbench/zones/postings/")
    axe(page)
    page.get_by_role("link", name="安排张贴").click()
    axe(page)
    page.get_by_label("公开的信息").fill(document.public_address)
    page.get_by_label("公开事项").select_option("school")
    page.get_by_label("望江里社区公告栏").check()
    page.get_by_label("张贴日期").fill("2026-11-23")
    page_faults.allow("422")
    page.get_by_label("撤下日期").fill("2099-01-01")
    page.get_by_role("button", name="安排张贴").click()
    page.wait_for_load_state()
    axe(page)
    assert page.get_by_text("张贴最长一年").first.is_visible()
    page.get_by_label("撤下日期").fill("2027-01-31")
    page.get_by_role("button", name="安排张贴").click()
    page.wait_for_load_state()
    posting = Posting.objects.get()
    perform("posting.put_up", posting, street, {}, files={"files": [upload("照片.png")]})
    sign_in(street)
    for url in (posting.get_absolute_url(), Outlet.objects.get().get_absolute_url(), "/workbench/zones/outlets/"):
        page.goto(url)
        axe(page)
        assert not overflows(page)
    page.goto("/zones/posted/")
    axe(page)
    assert not overflows(page)
    page.get_by_role("link", name=document.title).click()
    page.wait_for_load_state()
    assert page.url.endswith(document.public_address)
