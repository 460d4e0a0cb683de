"""Who applied is put right: after a supplement, after a slip; sealed, masked, and never in the log."""

from __future__ import annotations

import json

import pytest

from gongkai.core.acts import ActError, InvalidData, perform
from gongkai.core.models import Event
from gongkai.requests.acts.registration import counts
from gongkai.requests.models import Delivery, Request
from gongkai.requests.tests.helpers import NAME, NUMBER, at, entered, fresh, registered, submitted
from gongkai.requests.tests.reply_helpers import draft, opened, reply_text, reviewed, submit

pytestmark = pytest.mark.django_db
MAIL = "ouyang@example.cn"
WRONG = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")


def amend(case, place, now: str = "2026-06-02", **data) -> Request:
    """Put right what is known of who applied."""
    perform("request.amend_applicant", case, place.handler, data, now=at(now))
    return fresh(case)


def lacking(place) -> Request:
    """A paper without the number of an identity card and with a slip in the name; registered."""
    case = entered(place, name="欧阳青河", identity_number=None, address=None, as_written="on")
    return registered(place, case)


@pytest.mark.duty("004-8c")
def test_what_was_missing_is_added_after_a_supplement(place):
    earlier = opened(place)
    case = amend(lacking(place), place, reason="supplement", name=NAME,
               identity_kind="id_card", identity_number=NUMBER)  # fmt: skip
    assert (case.applicant["name"], case.applicant["identity_number"]) == (NAME, NUMBER)
    assert case.applicant["phone"] == earlier.applicant["phone"]
    assert case.applicant_label == "欧阳**"
    # The same person is known again: for the count of the month, for repeated requests, for merging.
    assert case.identity_mark == earlier.identity_mark
    assert counts(case)["month"] == 2
    assert case.resemblances.filter(earlier=earlier.pk, same_applicant=True).exists()
    # Letters from now on bear the right name.
    answered = reviewed(place, submit(place, draft(place, case, "G-b")))
    assert NAME in reply_text(answered)


def test_the_log_says_which_fields_and_never_what(place):
    case = amend(lacking(place), place, reason="checked", identity_number=NUMBER, email=MAIL)
    event = Event.objects.filter(case=case.pk).order_by("-sequence").first()
    assert event.summary == "证件号码、电子邮箱；与证件、来件核对后更正"
    told = json.dumps(list(Event.objects.filter(case=case.pk).values("data", "summary", "words", "changes")), default=str)  # fmt: skip
    assert NUMBER not in told
    assert MAIL not in told
    message = case.messages.filter(from_applicant=False).last()
    assert "证件号码" in message.text
    assert NUMBER not in message.text


def test_the_form_shows_nothing_of_what_is_on_file(client, place):
    case = lacking(place)
    client.force_login(place.handler)
    html = client.get(f"/workbench/cases/{case.pk}/acts/amend_applicant/").content.decode()
    assert 'name="identity_number"' in html
    assert case.applicant["phone"] not in html
    assert case.applicant["name"] not in html


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "还没有填写要更正的内容"),
        ({"identity_number": WRONG}, "校验不符"),
        ({"phone": "12"}, "电话号码不对"),
        ({"email": "青禾"}, "电子邮箱不对"),
    ],
)
def test_what_cannot_be_is_refused_with_words(place, values, words):
    with pytest.raises(InvalidData) as problem:
        amend(lacking(place), place, reason="checked", **values)
    assert words in str(problem.value.form.errors)


def test_another_way_needs_its_address(place):
    case = submitted(place, address=None)
    with pytest.raises(ActError, match="还没有联系地址"):
        amend(case, place, reason="told", way="post")
    case = amend(case, place, reason="told", way="post", address="云溪区清平路8号")
    assert (case.way, case.applicant["address"]) == ("post", "云溪区清平路8号")


def test_a_name_in_the_title_stays_hidden(place):
    case = submitted(place, name="测试甲", subject="欧阳青禾名下房屋的征收决定")
    assert NAME in case.title
    case = amend(case, place, reason="checked", name=NAME)
    assert NAME not in case.title


def test_what_is_erased_or_the_same_is_not_amended(place):
    case = opened(place)
    with pytest.raises(ActError, match="和原来的一样"):
        amend(case, place, reason="checked", name=NAME)
    assert not Delivery.objects.filter(request=case).exists()
    assert fresh(case).messages.count() == 0
