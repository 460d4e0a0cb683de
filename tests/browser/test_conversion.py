"""From a reply to the public, and from a hot topic to a proposal, as officers do it: at the desk and on a phone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from gongkai.requests.conversion import signals, topics
from gongkai.requests.conversion.models import Conversion, TopicProposal
from gongkai.requests.conversion.tests.conftest import given, with_material
from gongkai.requests.tests.conftest import handling, place, received
from gongkai.requests.tests.helpers import at, submitted

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["given", "handling", "place", "received", "with_material"]
WINDOWS = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
BASE = "/workbench/requests/conversion/"


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def no_overflow(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@WINDOWS
def test_what_a_reply_gave_becomes_a_draft(page, axe, sign_in, place, given, viewport):
    sign_in(place.handler)
    page.goto("/workbench/")
    # The longest button of all stays within its line of the to-do list.
    inside = "one => one.getBoundingClientRect().right <= one.closest('li').getBoundingClientRect().right"
    assert page.locator(".todo .act .btn", has_text="判断可否转为主动公开").first.evaluate(inside)
    page.goto(BASE)
    axe(page)
    no_overflow(page)
    page.get_by_role("link", name=given.title, exact=True).click()
    axe(page)
    no_overflow(page)
    page.get_by_role("link", name="判断可否转为主动公开").first.click()
    page.get_by_label("可以，转为主动公开").check()
    page.get_by_role("button", name="判断可否转为主动公开").click()
    page.get_by_role("link", name="起草公开稿件").first.click()
    page.wait_for_url("**/draft/")
    axe(page)
    no_overflow(page)
    page.get_by_text("有不能公开的内容").wait_for()
    page.get_by_role("button", name="起草公开稿件").click()
    page.wait_for_url("**/workbench/**")
    page.get_by_text("已起草").wait_for()
    assert Conversion.objects.get().state == "drafted"


@WINDOWS
def test_a_topic_becomes_a_proposal(page, axe, sign_in, place, viewport):
    said = ("桥头村征地补偿安置方案", "桥头村征地补偿安置方案及补偿标准", "望江村征地补偿安置方案")
    for number, subject in enumerate(said):
        submitted(place, f"2026-06-0{number + 1}", subject=subject, content=subject)
    stream = (
        ("hotline", "咨询桥头村征地补偿安置方案", 14, "征地拆迁"),
        ("mailbox", "小学入学划片范围", 9, "教育"),
        ("rating", "养老金认证排队时间长", 6, "社会保障"),
        ("social", "老旧小区加装电梯补助", 5, "住房保障"),
        ("board", "清平路施工什么时候结束", 4, "交通运输"),
    )
    rows = [
        ("", {"source": source, "day": dt.date(2026, 6, 9), "words": words, "number": number, "area": area})
        for source, words, number, area in stream
    ]
    signals.take(rows, place.officer, "form", at("2026-06-12"))
    topics.analyse(dt.date(2026, 6, 1), dt.date(2026, 6, 30), place.supervisor, timezone.now())
    sign_in(place.supervisor)
    page.goto(f"{BASE}topics/")
    axe(page)
    no_overflow(page)
    page.locator("th a", has_text="征地").first.click()
    page.wait_for_url("**/topics/*/")
    axe(page)
    no_overflow(page)
    page.get_by_role("button", name="提出主动公开建议").click()
    page.get_by_text("已提出").wait_for()
    axe(page)
    no_overflow(page)
    assert TopicProposal.objects.get().unit == place.bureau
    for address in ("proposals/", "signals/", "signals/import/", "campaigns/"):
        page.goto(f"{BASE}{address}")
        axe(page)
        no_overflow(page)
