"""Entering a request at the counter, as an officer does, from the paper to the printed receipt."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse

from gongkai.requests.models import Request
from gongkai.requests.tests import helpers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db):
    """The district of the room's own tests."""
    return helpers.district()


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_counter_entry(page, live_server, sign_in, axe, page_faults, place, viewport):
    page_faults.allow("422")
    sign_in(place.officer)
    page.goto(live_server.url + reverse("requests:enter"))
    # Nothing is hidden from a citizen that a citizen needs, nothing shown that only organisations have.
    assert page.get_by_label("证件号码", exact=True).is_visible()
    assert not page.get_by_label("统一社会信用代码").is_visible()
    page.get_by_label("法人或者其他组织").check()
    assert page.get_by_label("统一社会信用代码").is_visible()
    page.get_by_label("公民").check()
    axe(page)
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/enter-{viewport}.png", full_page=True)
    page.get_by_role("radio", name="当面", exact=True).check()
    page.get_by_label("收到日期").fill("2026-11-20")
    page.get_by_label("具体内容").fill("清平路改造工程2025年的管道检测报告")
    page.get_by_label("申请人姓名或者名称").fill(helpers.NAME)
    page.get_by_label("证件号码", exact=True).fill("110101199003071234")
    page.get_by_label("电子文件").check()
    page.get_by_role("button", name="录入").click()
    # A wrong number is explained, and what was typed is still there.
    assert page.get_by_text("最后一位校验不符").first.is_visible()
    assert page.get_by_label("申请人姓名或者名称").input_value() == helpers.NAME
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/enter-errors-{viewport}.png", full_page=True)
    page.get_by_label("证件号码", exact=True).fill(helpers.NUMBER)
    page.get_by_label("联系电话").fill(helpers.PHONE)
    page.get_by_label("联系地址").fill(helpers.ADDRESS)
    page.get_by_role("button", name="录入").click()
    page.wait_for_url("**/workbench/cases/**")
    case = Request.objects.get()
    assert page.get_by_text(case.number).first.is_visible()
    assert case.letters.get().code == "requests-l1"
