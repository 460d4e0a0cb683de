"""The work on requests as staff do it: list, board, load and the page of a request, on a desk and on a phone."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from gongkai.requests.tests import helpers
from gongkai.requests.tests.conftest import place
from gongkai.requests.tests.reply_helpers import delivered, draft, reviewed, submit

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["place"]
WINDOWS = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()


@pytest.fixture
def work(place):
    """One handled with a supplement behind it, one new, one answered."""
    handled = helpers.registered(place, helpers.submitted(place, "2026-11-02"), "2026-11-03")
    helpers.act("ask_supplement", handled, place.handler, "2026-11-04", items="请写明路段。", workdays=10,
                sent_on="2026-11-04")  # fmt: skip
    helpers.act("supplement_received", handled, place.handler, "2026-11-05", answer="安澜路至望江大道段。",
                answered_on="2026-11-05")  # fmt: skip
    new = helpers.submitted(place, "2026-11-20", subject="公租房轮候名单", content="2025年公租房轮候名单公示材料。")
    done = helpers.registered(
        place, helpers.submitted(place, "2026-11-03", subject="工程合同", content="2024年合同。"), "2026-11-04"
    )
    done = reviewed(place, submit(place, draft(place, done, "G-b", "2026-11-09"), "2026-11-09"), "2026-11-10")
    return helpers.fresh(handled), new, delivered(place, done, "2026-11-11")


def no_overflow(page) -> None:
    """Nothing but tables and the board scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@WINDOWS
def test_every_view_of_the_work_is_readable(page, axe, sign_in, place, work):
    handled, _, done = work
    sign_in(place.officer)
    for url in ("", "?state=all", "?q=没有这样的申请", "board/", "load/"):
        page.goto(f"/workbench/requests/{url}")
        axe(page)
        no_overflow(page)
    for case in (handled, done):
        page.goto(case.get_absolute_url())
        axe(page)
        no_overflow(page)
    page.emulate_media(media="print")
    assert not page.locator(".actbar").is_visible()
    assert page.locator("#application").is_visible()


def test_from_the_list_to_registered_and_on_to_the_handler(page, axe, sign_in, place, work):
    _, new, _ = work
    sign_in(place.officer)
    page.goto("/workbench/requests/")
    page.locator("summary", has_text="阶段").click()
    page.get_by_role("link", name="待登记", exact=True).click()
    page.wait_for_url("**state=received**")
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name=new.number).click()
    page.locator(".actbar a", has_text="登记").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("所属领域").select_option("住房保障")
    dialog.get_by_label("经办人").select_option(label=str(place.handler))
    dialog.get_by_label("已核对，身份证明和联系方式齐全").check()
    dialog.get_by_role("button", name="登记").click()
    page.get_by_text("已登记：").wait_for()
    assert helpers.fresh(new).state == "handling"


def test_the_board_is_worked_by_keyboard_and_opens_the_act(page, axe, sign_in, place, work):
    _, new, _ = work
    sign_in(place.officer)
    page.goto("/workbench/requests/board/")
    button = page.get_by_role("link", name=f"登记：{new.number}")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("#dialog").get_by_label("所属领域").wait_for()
    axe(page)


def test_who_asks_is_shown_on_the_page_after_a_reason(page, axe, sign_in, place, work):
    handled, *_ = work
    sign_in(place.handler)
    page.goto(handled.get_absolute_url())
    assert helpers.PHONE not in page.content()
    page.get_by_label("联系电话").check()
    page.get_by_label("为什么要看").fill("联系申请人补正")
    page.get_by_role("button", name="显示").click()
    page.get_by_text(helpers.PHONE).wait_for()
    axe(page)
