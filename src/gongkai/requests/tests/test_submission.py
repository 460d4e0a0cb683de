"""A request comes in: through the web, and entered by staff; once, sealed, counted from the right day."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.requests.acts.submission import submit
from gongkai.requests.models import Request
from gongkai.requests.tests.helpers import (
    EMAIL,
    NAME,
    NUMBER,
    PHONE,
    act,
    application,
    at,
    clock_of,
    entered,
    fresh,
    last_day,
    submitted,
)

pytestmark = pytest.mark.django_db


@pytest.mark.duty("004-8a", "003-29a")
def test_a_request_through_the_web_is_received_on_the_day_it_was_sent(place):
    case = submitted(place)
    assert case.number == "SQ-2026-0001"
    assert (case.state, case.channel, case.category) == ("received", "web", "natural")
    assert (case.received_on, case.counted_from, case.counted_year) == (dt.date(2026, 6, 1), dt.date(2026, 6, 1), 2026)
    assert case.applicant_label == "欧阳**"
    assert [case.applicant[name] for name in ("name", "identity_number", "phone", "email")] == [NAME, NUMBER, PHONE, EMAIL]
    assert (len(case.identity_mark), len(case.code_mark), len(case.code)) == (64, 64, 10)
    assert last_day(clock_of(case, "reply")) == dt.date(2026, 6, 30)


def test_the_same_key_is_the_same_request(place):
    key = "k" * 22
    first = submit(application(place, key=key), now=at("2026-06-01"))
    again = submit(application(place, key=key), now=at("2026-06-01 10:00:05"))
    assert (again.repeated, again.changed, again.case.pk) == (True, False, first.case.pk)
    assert again.case.code == first.case.code
    assert Request.objects.count() == 1
    assert submit(application(place, key=key, subject="另一件"), now=at("2026-06-02")).changed
    assert submit(application(place, key="j" * 22), now=at("2026-06-02")).case.number == "SQ-2026-0002"


@pytest.mark.duty("004-8b")
def test_offline_requests_are_entered_with_the_day_of_their_channel(place):
    case = entered(place, now="2026-06-03", channel="post", arrived_on="2026-06-01")
    assert case.received_on == dt.date(2026, 6, 1)
    clock = clock_of(case, "registration")
    assert (clock.on_time, last_day(clock)) == (True, dt.date(2026, 6, 3))
    late = entered(place, now="2026-06-04", channel="in_person", arrived_on="2026-06-01")
    assert clock_of(late, "registration").on_time is False
    assert [letter.code for letter in late.letters.all()] == ["requests-l1"]


def test_mail_waits_for_the_day_of_confirmation(place):
    case = entered(place, now="2026-06-01", channel="ordinary_mail", arrived_on="2026-06-01")
    assert (case.state, case.received_on, case.counted_year) == ("unconfirmed", None, None)
    case = act("log_attempt", case, place.officer, "2026-06-01 11:00", how="phone", failure="no_answer")
    case = act("confirm", case, place.officer, "2026-06-02", confirmed_on="2026-06-02", how="phone")
    assert (case.state, case.received_on, case.counted_year) == ("received", dt.date(2026, 6, 2), 2026)
    assert last_day(clock_of(fresh(case), "reply")) == dt.date(2026, 7, 1)
