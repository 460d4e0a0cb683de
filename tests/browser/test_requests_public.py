"""Asking for information as people do it: with scripts, without them, on a phone; and reading what became of it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache

from gongkai.core import clocks
from gongkai.requests import codes
from gongkai.requests.models import Consultation, Draft, Request
from gongkai.requests.tests import helpers
from gongkai.requests.tests.conftest import place

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["place"]
WINDOWS = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
CONTENT = "清平路（安澜路至望江大道段）雨污分流改造工程2025年1月至2026年5月的管道检测报告。"


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def go_on(page) -> None:
    """The filled button of a step."""
    page.locator(".form-end button.primary").click()
    page.wait_for_load_state()


def no_overflow(page) -> None:
    """Nothing but tables scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def apply(page, place) -> None:
    """From the entry to the receipt."""
    page.goto("/requests/")
    page.get_by_role("link", name="提交申请").click()
    page.get_by_label(place.bureau.name).check()
    go_on(page)
    page.get_by_label("具体内容").fill(CONTENT)
    go_on(page)
    page.get_by_label("姓名或者名称").fill(helpers.NAME)
    page.get_by_label("证件号码", exact=True).fill(helpers.NUMBER)
    page.get_by_label("联系电话").fill(helpers.PHONE)
    page.get_by_label("电子邮箱").fill(helpers.EMAIL)
    go_on(page)
    go_on(page)
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/receipt/**")


@WINDOWS
def test_from_the_entry_to_the_status_page(page, axe, place, page_faults):
    page_faults.allow("422")
    page.goto("/requests/")
    axe(page)
    no_overflow(page)
    page.get_by_role("link", name="提交申请").click()
    axe(page)
    # The list narrows while typing.
    page.get_by_label("按名称找").fill("住房")
    page.get_by_label(place.beside.name).wait_for(state="hidden")
    page.get_by_label(place.bureau.name).check()
    go_on(page)
    vague = "清平路雨污分流改造工程的管道检测报告和整改记录。"
    page.get_by_label("具体内容").fill(vague)
    page.get_by_text("草稿已保存在本机").wait_for()
    go_on(page)
    # What would help stands on top, has the focus and leads to the field.
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    axe(page)
    no_overflow(page)
    page.get_by_role("link", name=re.compile("没有写明时间范围")).click()
    page.get_by_label("具体内容").fill(CONTENT)
    page.set_input_files("#id_files", {"name": "现场照片.png", "mimeType": "image/png", "buffer": helpers.PNG})
    go_on(page)
    axe(page)
    go_on(page)
    axe(page)
    page.get_by_label("姓名或者名称").fill(helpers.NAME)
    page.get_by_label("证件号码", exact=True).fill(helpers.NUMBER)
    page.get_by_label("电子邮箱").fill(helpers.EMAIL)
    go_on(page)
    axe(page)
    # What a way does not need is out of sight.
    assert not page.get_by_label("传真", exact=True).last.is_visible() or page.get_by_label("联系地址").is_hidden()
    go_on(page)
    axe(page)
    no_overflow(page)
    assert helpers.NAME in page.locator("main").inner_text()
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/receipt/**")
    axe(page)
    no_overflow(page)
    case = Request.objects.get()
    assert [one.own_name for one in case.attachments.all()] == ["现场照片.png"]
    shown = page.locator("main").inner_text()
    assert case.number in shown
    assert codes.shown(case.code) in shown
    # Nothing is left on the machine.
    assert page.evaluate("window.localStorage.length") == 0
    assert not Draft.objects.exists()
    page.get_by_role("link", name="看这件申请的进度").click()
    axe(page)
    no_overflow(page)


def test_what_is_wanted_is_kept_on_the_machine_and_who_wants_it_is_not(page, place):
    page.goto("/requests/new/")
    page.get_by_label(place.bureau.name).check()
    go_on(page)
    page.get_by_label("信息名称或文号").fill("清平路检测报告")
    page.get_by_label("具体内容").fill(CONTENT)
    go_on(page)
    page.get_by_label("姓名或者名称").fill(helpers.NAME)
    kept = page.evaluate("window.localStorage.getItem('gongkai.request')")
    assert "清平路" in kept
    assert helpers.NAME not in kept
    # The draft of the server is gone, e.g. a day later: what was wanted comes back from the machine.
    page.context.clear_cookies()
    page.goto("/requests/new/")
    page.get_by_label(place.bureau.name).check()
    go_on(page)
    assert page.get_by_label("具体内容").input_value() == CONTENT
    page.get_by_role("button", name="不填了，清除草稿").click()
    page.wait_for_url("**/requests/")
    assert page.evaluate("window.localStorage.getItem('gongkai.request')") is None


def test_without_scripts(chromium, live_server, place):
    from gongkai.core.models import JurisdictionSetting

    # Without scripts the device does no work and the form asks to wait; not in a test.
    JurisdictionSetting.objects.create(key="challenge.wait_seconds", value=0)
    cache.clear()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    apply(page, place)
    case = Request.objects.get()
    code = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", page.content())[0]
    page.goto("/requests/status/")
    page.get_by_label("受理号").fill(case.number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    page.get_by_label("补充说明", exact=True).fill("要的是最近一次检测。")
    page.get_by_role("button", name="交给承办单位").click()
    page.get_by_text("补充说明已交给承办单位").wait_for()
    page.get_by_role("link", name="撤回申请").click()
    page.get_by_role("button", name="撤回申请").click()
    page.get_by_text("申请已撤回").wait_for()
    assert helpers.fresh(case).state == "ended"
    context.close()


@pytest.fixture
def asked_about(place):
    """A request whose clock stood still for an opinion and was extended."""
    case = helpers.registered(place, helpers.submitted(place, now="2026-10-26"), now="2026-10-27")
    clock = case.clocks.get(code="reply")
    sent, back = dt.date(2026, 11, 10), dt.date(2026, 11, 16)
    clock.pauses.create(start_at=helpers.at("2026-11-10"), end_at=helpers.at("2026-11-16"), reason="征求第三方意见")
    clock.extensions.create(amount=5, reason="需要整理多年资料", approved_at=helpers.at("2026-11-18"))
    clocks.derive_into(clock, helpers.at("2026-11-18"))
    clock.save()
    Consultation.objects.create(
        request=case, kind="third_party", party={}, party_label="望江建材", matter="检测报告", pauses=True, sent_on=sent,
        received_on=sent, answered_on=back, ended_on=back, answer="agreed",
    )  # fmt: skip
    return case


@WINDOWS
def test_paused_days_show_their_date(page, axe, asked_about):
    page.goto(f"/requests/status/#{asked_about.number}")
    # The number comes from the address of the QR code, behind #, where no server reads it.
    assert page.get_by_label("受理号").input_value() == asked_about.number
    page.get_by_label("查询码").fill(asked_about.code)
    page.get_by_role("button", name="查询").click()
    page.wait_for_url(f"**/status/{asked_about.number}/")
    axe(page)
    no_overflow(page)
    paused = page.locator(".days td.stop .d")
    assert paused.count() == 4
    for place_of in range(paused.count()):
        date, label = paused.nth(place_of), page.locator(".days td.stop .lab").nth(place_of)
        over, under = date.bounding_box(), label.bounding_box()
        assert over["y"] + over["height"] <= under["y"] + 1
        ground = date.evaluate("element => getComputedStyle(element).backgroundColor")
        assert ground not in ("rgba(0, 0, 0, 0)", "transparent")
    page.get_by_role("link", name="打印推算单").click()
    axe(page)
    no_overflow(page)


@WINDOWS
@pytest.mark.parametrize("look", ["elder", "hant"])
def test_elder_and_traditional(page, axe, asked_about, look):
    cookie = {"name": "mode", "value": "elder"} if look == "elder" else {"name": "script", "value": "hant"}
    page.goto("/requests/status/")
    page.context.add_cookies([{**cookie, "url": page.url}])
    page.reload()
    page.locator("#id_number").fill(asked_about.number)
    page.locator("#id_code").fill(asked_about.code)
    page.locator("form[data-query] button").click()
    page.wait_for_url(f"**/status/{asked_about.number}/")
    axe(page)
    no_overflow(page)
    if look == "hant":
        assert "申請進度" in page.locator("h1").inner_text()
    page.goto("/requests/calculator/?received=2026-01-19")
    axe(page)
    no_overflow(page)
    page.goto("/requests/new/")
    axe(page)
    no_overflow(page)
