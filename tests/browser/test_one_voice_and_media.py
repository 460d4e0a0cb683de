"""One voice before a sensitive release, new media and the five stages in Chromium; axe at a desk and on a phone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache

from gongkai.core.acts import perform
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.media.models import MediaAccount, MediaPost
from gongkai.publications.tests.conftest import office
from gongkai.publications.tests.helpers import act, draft, fresh, through

__all__ = ["office"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(office):
    """A watched draft, a bureau that knows of it, a public document, and an account on new media."""
    cache.clear()
    other = UnitFactory(name="云溪区卫生健康委员会", short_name="区卫健委", parent=office.district)
    doctor = UserFactory(roles=[(Role.OFFICER, other)], post="信息公开员")
    data = {"title": "云溪教育", "platform": "wechat", "address": "云溪教育", "subject": "教育政策", "post": "宣传岗"}
    account = perform("media-account.register", None, office.officer, data).case
    perform("media-account.confirm", account, office.supervisor, {})
    watched = draft(office, watched="on", document_number="云教发〔2026〕9号", title="关于学校食堂有关情况的通报")
    public = through(draft(office, stage="result"), office)
    return SimpleNamespace(office=office, other=other, doctor=doctor, account=account, watched=watched, public=public)


def overflows(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.duty("003-20b")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_units_are_asked_answer_and_hear_the_line(page, axe, sign_in, world):
    sign_in(world.office.officer)
    page.goto(f"/workbench/cases/{world.watched.pk}/acts/consult/")
    axe(page)
    page.get_by_label("云溪区卫生健康委员会").or_(page.get_by_label("区卫健委")).first.check()
    page.get_by_label("要了解的情况").fill("请核对送医人数。")
    page.get_by_role("button", name="征求口径").click()
    page.wait_for_load_state()
    share = ClearanceShare.objects.get()
    sign_in(world.doctor)
    page.goto(share.get_absolute_url())
    axe(page)
    assert not overflows(page)
    assert page.get_by_text("请核对送医人数。").first.is_visible()
    perform("clearance-share.answer", share, world.doctor, {"stance": "agrees", "known_facts": "没有人送医。"})
    sign_in(world.office.officer)
    clearance = Clearance.objects.get()
    page.goto(clearance.get_absolute_url())
    axe(page)
    assert not overflows(page)
    page.goto(f"{clearance.get_absolute_url()}acts/settle/")
    page.get_by_label("统一口径").fill("食堂供餐正常，没有人送医。")
    page.get_by_role("button", name="确定口径").click()
    page.wait_for_load_state()
    page.goto(fresh(world.watched).get_absolute_url())
    axe(page)
    assert page.get_by_text("食堂供餐正常，没有人送医。").first.is_visible()
    page.goto("/workbench/information/consultations/")
    axe(page)
    assert not overflows(page)


@pytest.mark.duty("002-19c")
@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_pages_of_new_media_and_of_the_stages(page, axe, sign_in, world):
    account = MediaAccount.objects.get()
    data = {"account": account.pk, "title": "招生报名", "text": "报名开始。咨询手机13812345678。"}
    act("to_media", world.public, world.office.officer, data)
    post = MediaPost.objects.get()
    perform("media-post.submit", post, world.office.officer, {})
    sign_in(world.office.officer)
    places = ["/workbench/information/media/", "/workbench/information/media/accounts/", "/workbench/registers/stages/"]
    places += [post.get_absolute_url(), account.get_absolute_url(), "/workbench/new/media-post/write/"]
    places += ["/workbench/new/media-account/register/"]
    places += ["/information/stages/", "/information/stages/result/", "/information/media/", "/search/?q=招生"]
    for address in places:
        page.goto(address)
        axe(page)
        assert not overflows(page), address
