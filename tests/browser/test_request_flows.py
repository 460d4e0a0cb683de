"""Requests as citizens and officers live through them, in Chromium: answered and archived, lapsed, objected to, not paid, masked."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import zipfile

import pytest
from django.core.cache import cache
from django.utils import timezone

from gongkai.core import acts, jurisdiction
from gongkai.requests import clocks, codes, periodic
from gongkai.requests.masking.tests import helpers as masking
from gongkai.requests.models import Material, Request
from gongkai.requests.tests import helpers, reply_helpers
from gongkai.requests.tests.conftest import place
from gongkai.requests.tests.helpers import act as perform
from gongkai.requests.tests.helpers import at, fresh
from gongkai.requests.tests.reply_helpers import reply_text

from .test_flows import act, send
from .test_requests_public import apply

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["place"]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
PRIVATE = "涉及商业秘密、个人隐私等，会损害第三方合法权益"
REPORT = "管道检测报告：全线无破损。".encode()
FOUND = (
    "继续办", "清楚", "是，要求提供政府信息", "没有", "该由本机关负责", "找到了", "还没有", "不是",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


class Looks:
    """Looks at a page as it is on a desk and on a phone: no fault of accessibility, nothing scrolls sideways."""

    def __init__(self, page, axe) -> None:
        self.page, self.axe = page, axe

    def __call__(self, name: str) -> None:
        for size, measures in SIZES.items():
            self.page.set_viewport_size(measures)
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert self.page.evaluate(over) <= 0, (name, size)
            self.axe(self.page)
            if os.environ.get("SHOTS"):
                self.page.screenshot(path=f"{os.environ['SHOTS']}/{name}-{size}.png", full_page=True)


@pytest.fixture
def look(page, axe):
    return Looks(page, axe)


def open_case(page, case) -> None:
    page.goto(f"/workbench/cases/{case.pk}/")


def fill(page, **fields) -> None:
    """Fill the dialog by the names of its fields."""
    for name, value in fields.items():
        field = page.locator(f"#dialog [name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"#dialog [name={name}][value={value}]").check()
        elif field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def answer(page, *labels: str) -> None:
    """Answer the questions of the reply one after the other."""
    for label in labels:
        choice = page.locator(".reply-choices a", has=page.locator("span:first-child").get_by_text(label, exact=True))
        choice.click()
        page.locator(".reply-answers strong").get_by_text(label, exact=True).wait_for()


def status(page, case) -> None:
    """The status page, by number and code."""
    page.goto(f"/requests/status/#{case.number}")
    page.get_by_label("查询码").fill(codes.shown(case.code))
    page.get_by_role("button", name="查询").click()
    page.wait_for_url(f"**/status/{case.number}/")


def save_reply(page) -> None:
    page.get_by_role("button", name="保存答复").click()
    page.get_by_text("该写的都写了").wait_for()


def from_reply(page, label: str, **fields) -> None:
    """An act from the buttons of the reply's page."""
    page.locator(".reply-acts").get_by_role("link", name=label, exact=True).click()
    page.locator("#dialog[open] #dialog-title").wait_for()
    fill(page, **fields)


def reviewed(place, case: Request) -> Request:
    """All steps of the review, without a browser."""
    people = {"reviewer": place.reviewer, "secrecy": place.secrecy, "legal": place.legal, "leader": place.leader}
    while (case := fresh(case)).state == "review":
        name = "sign_reply" if case.turn_role == "leader" else "pass_reply"
        acts.perform(f"request.{name}", case, people[case.turn_role], {"words": ""})
    return case


def send_up(page) -> None:
    """From the draft to its review."""
    from_reply(page, "答复送审")
    page.locator("#dialog [name=proper]").check()
    send(page, "答复送审")


def delivered(page, place, sign_in, case: Request) -> Request:
    """The review without a browser, the delivery with it."""
    case = reviewed(place, case)
    sign_in(place.handler)
    page.goto(f"/workbench/requests/{case.pk}/reply/")
    from_reply(page, "送达答复", way="online")
    send(page, "送达答复")
    return fresh(case)


def words_of(case: Request) -> str:
    return reply_text(case)


@pytest.mark.duty("001-11a", "002-22a")
def test_from_the_citizen_to_the_archive(page, look, place, sign_in):
    apply(page, place)
    case = Request.objects.get()
    status(page, case)

    sign_in(place.officer)
    page.goto("/workbench/")
    page.get_by_role("link", name=re.compile(re.escape(case.title))).first.click()
    page.wait_for_url(f"**/workbench/cases/{case.pk}/**")
    look("1-case-received")
    act(page, "登记")
    fill(page, area="城乡规划", handler=str(place.handler.pk), identity="complete")
    look("1-act-register")
    send(page, "登记")

    sign_in(place.handler)
    open_case(page, case)
    page.locator("#reply").get_by_role("link", name="拟写答复").click()
    page.wait_for_url("**/reply/**")
    from_reply(page, "添加材料")
    page.locator("#dialog input[type=file]").set_input_files(
        {"name": "管道检测报告.txt", "mimeType": "text/plain", "buffer": REPORT}
    )
    send(page, "添加材料")
    row = Material.objects.get()
    page.locator(f"[name=treatment_{row.pk}]").select_option("given")
    page.get_by_role("button", name="保存处理方式").click()
    page.locator(f"[name=treatment_{row.pk}] option[value=given][selected]").wait_for(state="attached")
    answer(page, *FOUND, "没有，可以公开")
    page.locator("[name=provided]").fill("管道检测报告一份。")
    save_reply(page)
    look("1-reply-written")
    send_up(page)

    for user, label in ((place.reviewer, "审核通过"), (place.secrecy, "审核通过"), (place.leader, "签发")):
        sign_in(user)
        page.goto(f"/workbench/requests/{case.pk}/reply/")
        if user == place.reviewer:
            look("1-reply-review")
        from_reply(page, label)
        send(page, label)
    assert fresh(case).state == "signed"
    open_case(page, case)

    # Nothing is given away before it was delivered.
    status(page, case)
    assert not page.get_by_text("政府信息公开申请答复书").count()
    sign_in(place.handler)
    open_case(page, case)
    act(page, "送达答复")
    fill(page, way="online")
    send(page, "送达答复")

    page.context.clear_cookies()
    status(page, case)
    look("1-status-replied")
    with page.expect_download() as got:
        page.get_by_role("link", name="管道检测报告").click()
    assert got.value.path().read_bytes() == REPORT
    with page.expect_download() as got:
        page.get_by_role("link", name="下载政府信息公开申请答复书（Word）").click()
    assert helpers.NAME.encode() not in got.value.path().read_bytes()[:200]

    sign_in(place.handler)
    open_case(page, case)
    look("1-case-replied")
    act(page, "归档")
    send(page, "归档")
    page.goto(f"/workbench/requests/{case.pk}/file/")
    look("1-file")
    page.get_by_label("为什么要看").fill("核对归档")
    with page.expect_download() as got:
        page.get_by_role("button", name="下载 ZIP").click()
    with zipfile.ZipFile(io.BytesIO(got.value.path().read_bytes())) as package:
        told = json.loads(package.read("manifest.json"))
        assert any(package.read(name) == REPORT for name in package.namelist())
        assert told
    with page.expect_download() as got:
        page.get_by_role("button", name="下载 PDF").click()
    assert got.value.path().read_bytes().startswith(b"%PDF")
    assert fresh(case).state == "archived"


def close_without_reply(page, place, sign_in, case: Request, *labels: str) -> Request:
    """From the lapse to the sent notice that the request is not handled any further."""
    sign_in(place.handler)
    page.goto(f"/workbench/requests/{case.pk}/reply/")
    answer(page, *labels)
    # What the notice says is there already.
    assert page.locator("[name=facts]").first.input_value()
    save_reply(page)
    send_up(page)
    return delivered(page, place, sign_in, case)


def test_a_supplement_that_lapses(page, look, place, sign_in):
    case = helpers.registered(place, helpers.submitted(place))
    case = perform(
        "ask_supplement", case, place.handler, "2026-06-03",
        items="请写明道路的起止点", sent_on="2026-06-03", received_on="2026-06-03", workdays="10",
    )  # fmt: skip
    status(page, case)
    assert page.get_by_text("请写明道路的起止点").first.is_visible()
    look("3-status-supplementing")
    sign_in(place.handler)
    open_case(page, case)
    look("3-case-supplementing")
    # The last of its ten working days is 2026-06-17: on the day itself nothing lapses.
    assert periodic.lapse(at("2026-06-17", 23)) == 0
    assert periodic.lapse(at("2026-06-18")) == 1
    case = close_without_reply(page, place, sign_in, case, "继续办", "补正期限过了，没有补正")
    assert (case.state, case.decision) == ("ended", "O1")
    assert "不再处理" in words_of(case)
    status(page, case)
    assert page.get_by_text("终止，不再计算").count() == 1
    assert not page.get_by_text("恢复，").count()


def test_a_fee_that_is_not_paid(page, look, place, sign_in):
    jurisdiction.change("requests.fee_start", "2026-01-01", None)
    jurisdiction.change("requests.fee_account", "通过非税收入缴款平台缴纳", None)
    case = helpers.registered(place, helpers.submitted(place))
    sign_in(place.handler)
    open_case(page, case)
    act(page, "发收费通知")
    fill(page, basis="pages", pages="150", facts="提供的复印件超过30页", sent_on="2026-06-03", received_on="2026-06-03")
    send(page, "发收费通知")
    case = fresh(case)
    assert case.state == "paying"
    assert case.fees.get().amount == 1700
    status(page, case)
    assert page.get_by_text("1700元").first.is_visible()
    sign_in(place.handler)
    open_case(page, case)
    look("5-case-paying")
    assert periodic.lapse(at("2026-07-02")) == 0
    assert periodic.lapse(at("2026-07-03")) == 1
    case = close_without_reply(page, place, sign_in, case, "收费通知期满没有缴费")
    assert (case.state, case.decision) == ("ended", "O2")
    assert "不再处理" in words_of(case)


@pytest.mark.duty("004-8c")
def test_a_third_party_who_objects(page, look, place, sign_in):
    # The clock of the house has to run: what was asked long ago would have lapsed.
    today = timezone.localdate()
    received, sent, got = (str(today - dt.timedelta(days=days)) for days in (11, 9, 7))
    case = helpers.registered(place, helpers.submitted(place, received), received)
    sign_in(place.handler)
    open_case(page, case)
    act(page, "征求第三方意见")
    fill(
        page, name="云溪宏远建材行", information="清平路改造工程的检测报告", part="单价和工艺参数",
        sent_on=sent, received_on=got,
    )  # fmt: skip
    look("4-act-third-party")
    send(page, "征求第三方意见")
    assert fresh(case).state == "consulting"
    look("4-case-consulting")
    act(page, "登记收到的意见")
    fill(page, answer="objected", reasons="涉及商业秘密", answered_on=str(today))
    page.locator("#dialog [name=consultation]").select_option(index=1)
    send(page, "登记收到的意见")
    case = fresh(case)
    assert case.state == "handling"
    assert clocks.check(case) == []
    page.locator("a.why-btn").first.click()
    look("4-derivation")

    page.goto(f"/workbench/requests/{case.pk}/reply/")
    answer(
        page,
        *FOUND,
        PRIVATE,
        "第三方不同意，理由合理",
        "不会",
        "分不开，全部不公开",
    )
    page.locator("[name=weighing]").fill("不公开不会对公共利益造成重大影响。")
    save_reply(page)
    look("4-reply")
    send_up(page)
    case = delivered(page, place, sign_in, case)
    assert (case.state, case.decision) == ("replied", "D4")
    assert "应当先申请行政复议" in words_of(case)
    # Neither learns who the other is.
    status(page, case)
    look("4-status-replied")
    assert "云溪宏远建材行" not in page.content()


@pytest.mark.duty("001-14f")
def test_a_part_is_masked_and_the_rest_is_given(page, look, place, sign_in):
    case = helpers.registered(place, helpers.submitted(place))
    reply_helpers.prepare(place, case, "D4")
    mask = masking.made(place, masking.mark(place, masking.prepared(place, case), masking.NAME))
    sign_in(place.handler)
    page.goto(f"/workbench/requests/{case.pk}/reply/")
    answer(page, *FOUND, PRIVATE, "第三方不同意，理由合理", "不会", "分得开，其余部分可以提供")
    # What is held back and what is given follows from the marks and the files.
    assert page.locator("[name=withheld_what]").first.input_value().startswith("“会议纪要”第1页")
    assert "会议纪要" in page.locator("[name=given_parts]").input_value()
    save_reply(page)
    look("6-reply")
    send_up(page)
    sign_in(place.reviewer)
    page.goto(f"/workbench/requests/materials/{mask.material_id}/mask/check/")
    page.get_by_role("button", name="这一页看过了").click()
    page.get_by_text("每一页都核对过了").wait_for()
    case = delivered(page, place, sign_in, case)
    assert (case.state, case.decision) == ("replied", "P")
    page.context.clear_cookies()
    status(page, case)
    with page.expect_download() as got:
        page.locator(".files a", has_text="会议纪要").click()
    masking.assert_silent(got.value.path().read_bytes(), masking.NAME)
    assert page.locator(".files .file a", has_text="会议纪要").count() == 1
