"""Appeals in Chromium: pages at a desk and on a phone without accessibility faults, and an appeal entered by hand."""

from __future__ import annotations

import pytest

from gongkai.requests.appeals.models import Appeal, SpecialReview
from gongkai.requests.appeals.tests.helpers import alone, entered, result
from gongkai.requests.appeals.tests.test_lessons import published
from gongkai.requests.counsel.tests.conftest import counsel, justice
from gongkai.requests.counsel.tests.test_counsel import asked

__all__ = ["counsel", "justice"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(place, answered, counsel):
    """An appeal that was corrected, one that waits, a case of the library, advice that was asked."""
    place.case = result(place, entered(place, answered), "revoked")
    place.waiting = alone(place, file_number="云政复〔2026〕16号")
    place.precedent = published(place, answered)
    place.opinion = asked(place, counsel, matter=place.waiting.number)
    place.request = answered
    return place


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_pages_are_accessible(page, live_server, sign_in, axe, world):
    sign_in(world.officer)
    base = "/workbench/requests"
    for path in (
        f"{base}/appeals/", f"{base}/appeals/figures/?year=2026", f"{base}/appeals/lessons/", f"{base}/appeals/reviews/",
        f"{base}/precedents/", f"{base}/precedents/{world.precedent.pk}/", f"{base}/counsel/", f"{base}/counsel/register/",
        f"{base}/counsel/ask/?case={world.waiting.pk}", world.case.get_absolute_url(), world.opinion.get_absolute_url(),
        world.precedent.get_absolute_url(),
    ):  # fmt: skip
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        axe(page)


def test_an_appeal_is_entered_by_hand(page, live_server, sign_in, world):
    sign_in(world.officer)
    page.goto(f"{live_server.url}/workbench/requests/appeals/")
    page.get_by_role("link", name="登记复议诉讼").click()
    page.get_by_label("行政诉讼").check()
    page.get_by_label("复议机关或者法院").fill("云溪区人民法院")
    page.get_by_label("争议的答复或者行为").fill("没有公开征收补偿方案")
    page.get_by_label("争议事项").select_option("proactive")
    page.get_by_role("button", name="登记复议诉讼").click()
    page.wait_for_url("**/workbench/cases/*/")
    assert "提交答辩状和证据" in page.content()
    assert Appeal.objects.latest("pk").sort == "direct"
    assert not SpecialReview.objects.exists()
