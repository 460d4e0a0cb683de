"""Mail subscriptions: confirmed by the address, told once a day, ended by a click, never logged."""

from __future__ import annotations

import datetime as dt
import html
import logging
import re
import time
from xml.etree import ElementTree

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.utils import timezone

from gongkai.core.models import Delivery, Event
from gongkai.core.search import work
from gongkai.publications.readers import forms, subscriptions
from gongkai.publications.readers.models import Subscription
from gongkai.publications.tests.helpers import act, draft, through

pytestmark = pytest.mark.django_db
ADDRESS = "reader@example.org"


@pytest.fixture(autouse=True)
def _forgotten():
    """Each test begins as a reader who has not asked for anything."""
    cache.clear()


def filled(**more):
    old = signing.dumps(int(time.time()) - 10, salt=forms.SALT)
    return {"what": "keyword", "keyword": "招生", "address": ADDRESS, "shown_at": old, **more}


def link(message, act):
    return re.search(rf"https?://[^/\s]+(/information/subscribe/{act}/\S+)", message.body)[1]


def subscribed(client, **more):
    client.post("/information/subscribe/", filled(**more))
    client.post(link(mail.outbox[-1], "confirm"))
    return Subscription.objects.get()


def test_from_the_form_to_the_daily_letter_and_out_again(client, office, caplog):
    caplog.set_level(logging.DEBUG)
    assert client.post("/information/subscribe/", filled()).status_code == 200
    confirm = link(mail.outbox[0], "confirm")
    # Programs that follow links confirm nothing.
    assert "确认订阅" in client.get(confirm).content.decode()
    assert Subscription.objects.get().confirmed_at is None
    assert "订阅成功" in client.post(confirm).content.decode()
    through(draft(office), office)
    through(draft(office, title="预算执行情况", body="<p>收支平衡。</p>", document_number=""), office)
    later = timezone.now() + dt.timedelta(hours=1)
    assert subscriptions.send_digests(later) == 1
    letter = mail.outbox[-1]
    assert "云溪区教育局关于做好义务教育学校招生工作的通知" in letter.body
    assert "预算执行情况" not in letter.body
    assert "List-Unsubscribe" in letter.extra_headers
    assert subscriptions.send_digests(later + dt.timedelta(days=1)) == 0
    out = link(letter, "end")
    assert client.get(out).status_code == 200
    assert Subscription.objects.exists()
    assert "已经退订" in client.post(out).content.decode()
    assert not Subscription.objects.exists()
    assert client.get(out).status_code == 404
    # The address is nowhere else.
    assert ADDRESS not in caplog.text
    assert not Delivery.objects.exists()
    assert not any(ADDRESS in str(event.data) for event in Event.objects.all())


def test_programs_get_the_same_answer_and_no_letter(client):
    for trap in (
        {"website": "http://spam"},
        {"shown_at": signing.dumps(int(time.time()), salt=forms.SALT)},
        {"shown_at": "x"},
    ):
        assert "请到邮箱确认" in client.post("/information/subscribe/", filled(**trap)).content.decode()
    assert not mail.outbox
    assert not Subscription.objects.exists()


def test_limits(client):
    for _ in range(3):
        client.post("/information/subscribe/", filled())
    response = client.post("/information/subscribe/", filled())
    assert response.status_code == 422
    assert len(mail.outbox) == 3


def test_one_place_asks_for_a_few_letters_only(client):
    answers = [
        client.post("/information/subscribe/", filled(address=f"reader{n}@example.org")).status_code for n in range(12)
    ]
    assert answers == [200] * 10 + [422] * 2
    assert len(mail.outbox) == 10


def test_what_is_missing_is_told(client):
    for wrong in ({"what": "unit"}, {"keyword": ""}, {"address": "x"}, {"what": "nothing"}):
        assert client.post("/information/subscribe/", filled(**wrong)).status_code == 422


def test_links_cannot_be_made_up_and_expire(client):
    assert client.post("/information/subscribe/end/made-up/").status_code == 404
    client.post("/information/subscribe/", filled())
    Subscription.objects.update(created_at=timezone.now() - dt.timedelta(hours=49))
    assert client.post(link(mail.outbox[0], "confirm")).status_code == 404
    subscriptions.send_digests(timezone.now())
    assert not Subscription.objects.exists()


def test_unit_column_and_policies(client, office):
    for what, more in (("unit", {"unit": office.unit.code}), ("policies", {}), ("all", {})):
        Subscription.objects.all().delete()
        one = subscribed(client, what=what, **more)
        published = through(draft(office, title=f"给{what}", document_number=""), office)
        rows = subscriptions.documents_for(one, one.confirmed_at, timezone.now())
        assert (published.pk in [row.pk for row in rows]) == (what != "policies")


@pytest.fixture
def searching(settings, tmp_path):
    """An index of this test's own."""
    settings.GONGKAI_SEARCH = "database"
    cache.clear()


def test_a_search_is_subscribed_to_by_mail_and_as_a_feed(client, office, searching):
    page = client.get("/search/", {"q": "义务教育 招生"}).content.decode()
    asked = html.unescape(re.search(r'href="(/information/subscribe/[^"]+)"', page)[1])
    form = client.get(asked).content.decode()
    assert "义务教育 招生" in form
    mine = subscribed(client, what="search", keyword="义务教育 招生")
    assert mine.words == "搜索“义务教育 招生”"
    case = through(draft(office), office)
    through(draft(office, title="预算执行情况", body="<p>收支平衡。</p>", document_number=""), office)
    work.drain()
    assert subscriptions.send_digests(timezone.now() + dt.timedelta(hours=1)) == 1
    letter = mail.outbox[-1].body
    assert case.title in letter
    assert "预算执行情况" not in letter
    assert subscriptions.send_digests(timezone.now() + dt.timedelta(hours=2)) == 0
    feed = client.get(html.unescape(re.search(r'href="(/search/feed.atom[^"]+)"', page)[1]))
    assert feed["Content-Type"].startswith("application/atom+xml")
    tree = ElementTree.fromstring(feed.content)
    names = [one.text for one in tree.iter("{http://www.w3.org/2005/Atom}title")]
    assert names[1:] == [case.title]
    act("withdraw", case, office.officer, {"reason": "有误。"})
    assert case.title not in client.get("/search/feed.atom", {"q": "义务教育 招生"}).content.decode()


def test_a_searched_document_with_an_old_date_is_told_too(client, office, searching):
    subscribed(client, what="search", keyword="招生")
    case = through(draft(office, made_on="2026-10-28"), office)
    work.drain()
    assert subscriptions.send_digests(timezone.now() + dt.timedelta(hours=1)) == 1
    assert case.title in mail.outbox[-1].body


@pytest.mark.parametrize("query", ["", "q=", "q=%ff%22", "q=%3Cscript%3E&year=2026&unit=x&validity=%22"])
def test_no_query_breaks_the_feed(client, db, searching, query):
    assert client.get(f"/search/feed.atom?{query}").status_code == 200
