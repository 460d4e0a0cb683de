"""Masking a material as an officer does it, and its comparison by a reviewer: with scripts, without them, on a phone."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from gongkai.requests.masking.tests import helpers
from gongkai.requests.models import Material
from gongkai.requests.tests.conftest import handling, place, received

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["handling", "place", "received"]
WINDOWS = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def no_overflow(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@WINDOWS
def test_mask_make_and_compare(page, axe, sign_in, place, handling, viewport):
    material = helpers.material(place, handling, helpers.word())
    sign_in(place.handler)
    page.goto(f"/workbench/requests/materials/{material.pk}/mask/")
    page.get_by_role("button", name="生成页面").click()
    page.wait_for_selector("#mask-page")
    axe(page)
    # A phrase, wherever it stands.
    page.get_by_label("查找词语").fill(helpers.NAME)
    page.get_by_role("button", name="查找", exact=True).click()
    page.get_by_text(f"“{helpers.NAME}”：1页里有2处").wait_for()
    axe(page)
    page.get_by_role("button", name="遮盖勾选的", exact=True).click()
    page.wait_for_selector(".mask-mark")
    assert page.locator(".mask-mark").count() >= 2
    # Personal data, one by one.
    page.get_by_role("button", name="检查个人信息").click()
    found = page.locator(".mask-found li", has_text=helpers.NUMBER)
    found.get_by_role("checkbox").check()
    page.get_by_role("button", name="遮盖勾选的", exact=True).click()
    # A box, by numbers: the box follows.
    page.get_by_text("画框（填写位置）").click()
    for label, value in (("左边", "10"), ("上边", "60"), ("宽", "30"), ("高", "5")):
        page.get_by_label(label, exact=True).fill(value)
    assert float(page.locator("#mask-new").get_attribute("width")) > 0
    page.locator("#mask-box").click()
    page.wait_for_load_state()
    if viewport == "desktop":
        # And with the pointer.
        page.locator("#mask-page").evaluate("page => page.scrollIntoView({block: 'start'})")
        frame = page.locator("#mask-page").bounding_box()
        page.mouse.move(frame["x"] + 100, frame["y"] + frame["height"] * 0.05)
        page.mouse.down()
        page.mouse.move(frame["x"] + 300, frame["y"] + frame["height"] * 0.05 + 30)
        page.mouse.up()
        page.locator("#mask-box").click()
        page.wait_for_load_state()
    axe(page)
    no_overflow(page)
    page.get_by_role("button", name="生成遮盖文件").click()
    page.get_by_text("已生成，检验通过").wait_for()
    assert Material.objects.get(pk=material.pk).masked_id
    # Another person compares.
    sign_in(place.reviewer)
    page.goto(f"/workbench/requests/materials/{material.pk}/mask/check/")
    page.locator(".mask-pair img").nth(1).evaluate("image => image.decode()")
    axe(page)
    no_overflow(page)
    page.get_by_role("button", name="这一页看过了").click()
    page.get_by_text("每一页都核对过了").wait_for()
    axe(page)


def test_everything_works_without_scripts(chromium, live_server, place, handling):
    from django.conf import settings
    from django.test import Client

    material = helpers.material(place, handling, helpers.word())
    client = Client()
    client.force_login(place.handler, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    page = context.new_page()
    page.goto(f"/workbench/requests/materials/{material.pk}/mask/")
    page.get_by_role("button", name="生成页面").click()
    page.get_by_role("checkbox", name="清平路改造会议纪要").check()
    page.get_by_role("button", name="遮盖勾选的文字").click()
    page.get_by_text("遮盖1处").first.wait_for()
    page.get_by_role("button", name="撤销上一步").click()
    page.get_by_text("还没有遮盖任何内容").wait_for()
    context.close()
