"""Letters and notices that the course of a request has overtaken: nobody is asked to send or to await them any more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from gongkai.core.acts import ActError
from gongkai.requests import clocks, outstanding, queries
from gongkai.requests.acts.delivery import proof_missing
from gongkai.requests.models import Delivery, Request
from gongkai.requests.tests.helpers import act, at, entered, fresh, registered, submitted
from gongkai.requests.tests.reply_helpers import draft, opened, reviewed, submit

pytestmark = pytest.mark.django_db
OUTBOX = "/workbench/requests/outbox/"


def asked(place, **more) -> Request:
    """Asked for a supplement on the second day, by a letter nobody has signed for yet."""
    values = {"items": "请写明哪一段道路。", "sent_on": "2026-06-03", "workdays": 10, **more}
    return act("ask_supplement", opened(place), place.handler, "2026-06-03", **values)


def known(case: Request) -> dict[str, int]:
    """How many letters the acts take to be on their way."""
    return {name: fresh(case).questions()[name].count() for name in ("letters_waiting", "letters_unreceived")}


def overtaken(case: Request) -> None:
    """Nothing is to be sent, awaited or proved."""
    assert known(case) == {"letters_waiting": 0, "letters_unreceived": 0}
    assert proof_missing(case) == []
    assert not case.clocks.filter(code="supplement_notice", state__in=("running", "paused", "waiting")).exists()


def test_a_notice_is_awaited_until_something_comes(place):
    case = asked(place)
    assert known(case) == {"letters_waiting": 0, "letters_unreceived": 1}
    assert len(proof_missing(case)) == 1


@pytest.mark.parametrize(
    ("name", "who", "values"),
    [
        ("supplement_received", "handler", {"answered_on": "2026-06-05", "answer": "当面补正：安澜路至望江大道。"}),
        ("applicant_supplement", "", {"answer": "安澜路至望江大道。"}),
        ("withdraw", "handler", {"withdrawn_on": "2026-06-05"}),
        ("withdraw", "", {}),
    ],
)
def test_each_way_to_end_overtakes_the_notice(place, name, who, values):
    case = act(name, asked(place), getattr(place, who) if who else None, "2026-06-05", **values)
    overtaken(case)


def test_who_answers_in_person_has_the_letter(place):
    case = act(
        "supplement_received", asked(place), place.handler, "2026-06-05", answered_on="2026-06-05", answer="补正"
    )
    assert Delivery.objects.get(request=case).received_on == dt.date(2026, 6, 5)


def test_a_lapsed_notice_needs_its_proof_but_is_not_sent_again(place):
    case = asked(place, received_on="2026-06-03")
    case = act("supplement_lapsed", case, None, "2026-06-25")
    Delivery.objects.filter(request=case).update(received_on=None)
    assert known(case) == {"letters_waiting": 0, "letters_unreceived": 0}
    assert len(proof_missing(case)) == 1


def test_a_notice_that_came_back_is_not_sent_once_the_request_ended(client, place):
    case = asked(place)
    row = Delivery.objects.get(request=case)
    Delivery.objects.create(request=case, letter=row.letter, way="post")
    assert known(case)["letters_waiting"] == 1
    client.force_login(place.handler)
    assert row.letter.number in client.get(OUTBOX).content.decode()
    case = act("withdraw", case, place.handler, "2026-06-05", withdrawn_on="2026-06-05")
    overtaken(case)
    assert row.letter.number not in client.get(OUTBOX).content.decode()


@pytest.mark.duty("001-15d")
def test_a_reply_that_was_signed_before_the_request_was_withdrawn_stays_in(client, place):
    case = reviewed(place, submit(place, draft(place, opened(place), "G-b")))
    number = Delivery.objects.get(request=case).letter.number
    client.force_login(place.handler)
    assert number in client.get(OUTBOX).content.decode()
    case = act("withdraw", case, place.handler, "2026-06-12", withdrawn_on="2026-06-12")
    assert number not in client.get(OUTBOX).content.decode()
    overtaken(case)
    with pytest.raises(ActError):
        act("send_again", case, place.handler, "2026-06-12", sent_on="2026-06-12",
            delivery=Delivery.objects.get(request=case, letter__number=number).pk)  # fmt: skip
    # The file can be closed: nothing waits to be sent.
    assert act("archive", case, place.handler, "2026-06-12").state == "archived"


def test_the_time_for_a_notice_means_nothing_once_the_reply_is_signed(place):
    case = registered(place, submitted(place, "2026-06-01"), "2026-06-01")
    case = reviewed(place, submit(place, draft(place, case, "G-b", "2026-06-02"), "2026-06-02"), "2026-06-02")
    assert case.state == "signed"
    notice = case.clocks.get(code="supplement_notice")
    assert notice.is_open
    assert not outstanding.notice_runs(case, notice)
    row = next(row for row in queries.clock_sheet(case, at("2026-06-02")).rows if row[0].words == "补正告知")
    assert (row[3].words, row[3].light) == ("没有要求补正", "wait")
    queries.shown_clocks(case, at("2026-06-02"))
    assert "supplement_notice" not in [clock.code for clock in case.clocks.all()]
    assert clocks.check(fresh(case), at("2026-06-02")) == []


# --- letters that an act brings about ----------------------------------------------------------------------------------


def on_paper(place, now: str = "2026-06-01") -> Request:
    """A request that came by post, to be answered by post; registered."""
    return registered(place, entered(place, now, channel="post", arrived_on=now), now)


def extended(case: Request, place) -> Request:
    case = act("ask_extension", case, place.handler, "2026-06-05", workdays=10, reason="要汇总多个项目的资料")
    return act("grant_extension", case, place.leader, "2026-06-05", workdays=10)


def merged(case: Request, place) -> Request:
    return act("merge", on_paper(place, "2026-06-03"), place.officer, "2026-06-05", number=case.number)


def moved(case: Request, place) -> Request:
    return act("transfer", case, place.officer, "2026-06-05", unit=place.beside.pk, reason="由该局制作")


def withdrawn(case: Request, place) -> Request:
    return act("withdraw", case, place.handler, "2026-06-05", withdrawn_on="2026-06-05")


@pytest.mark.duty("004-8a")
@pytest.mark.parametrize("done", [extended, merged, moved, withdrawn])
def test_a_letter_on_paper_waits_until_somebody_sends_it(client, place, done):
    """Nobody at a screen has posted it: it is to be printed with the others, and the file is not closed before."""
    case = done(on_paper(place), place)
    row = Delivery.objects.get(request=case)
    assert (row.sent_on, row.way) == (None, "post")
    assert known(case)["letters_waiting"] == 1
    client.force_login(place.handler)
    html = client.get(OUTBOX).content.decode()
    assert row.letter.number in html
    assert f"/workbench/cases/{case.pk}/acts/send_again/" in html
    form = client.get(f"/workbench/cases/{case.pk}/acts/send_again/").content.decode()
    assert f'value="{timezone.localdate()}"' in form
    if not case.is_open:
        with pytest.raises(ActError, match="还没有发出"):
            act("archive", case, place.handler, "2026-06-08")
    case = act("send_again", case, place.handler, "2026-06-08", delivery=row.pk, sent_on="2026-06-08",
               tracking_number="XA100")  # fmt: skip
    assert known(case)["letters_waiting"] == 0
    assert row.letter.number not in client.get(OUTBOX).content.decode()
    if not case.is_open:
        assert act("archive", case, place.handler, "2026-06-08").state == "archived"


@pytest.mark.parametrize("done", [extended, moved, withdrawn])
def test_who_applied_through_the_web_reads_it_at_once(place, done):
    case = done(opened(place, way="post"), place)
    row = Delivery.objects.get(request=case)
    assert (row.way, row.sent_on, row.received_on) == ("online", dt.date(2026, 6, 5), dt.date(2026, 6, 5))


def test_the_applicant_reads_why_two_requests_became_one(place):
    from gongkai.requests.pages import outgoing

    first = opened(place)
    case = act("merge", opened(place, "2026-06-03"), place.officer, "2026-06-05", number=first.number)
    assert "requests-l12-o3" in [letter.code for letter in outgoing.letters_of(case)]


def test_a_signed_reply_and_another_letter_each_go_their_own_way(client, place):
    case = extended(on_paper(place), place)
    case = reviewed(place, submit(place, draft(place, case, "G-b")))
    waiting = Delivery.objects.get(request=case, letter__code="requests-l4")
    assert [row.pk for row in outstanding.apart(Delivery.objects.filter(request=case))] == [waiting.pk]
    client.force_login(place.handler)
    html = client.get(OUTBOX).content.decode()
    assert html.count(f"/workbench/cases/{case.pk}/acts/deliver/") == 2
    assert html.count(f"/workbench/cases/{case.pk}/acts/send_again/") == 2
    case = act("send_again", case, place.handler, "2026-06-10", delivery=waiting.pk, sent_on="2026-06-10")
    assert known(case)["letters_waiting"] == 0
    assert case.state == "signed"


def test_a_notice_that_comes_back_while_it_is_awaited_goes_out_again(client, place):
    """Else its time would never begin, and the request stand still for ever."""
    case = asked(place)
    row = Delivery.objects.get(request=case)
    case = act("undeliverable", case, place.handler, "2026-06-08", delivery=row.pk, returned_on="2026-06-08",
               reason="查无此人", way="pickup")  # fmt: skip
    assert case.state == "supplementing"
    assert known(case)["letters_waiting"] == 1
    client.force_login(place.handler)
    assert row.letter.number in client.get(OUTBOX).content.decode()
    again = Delivery.objects.filter(request=case).last()
    case = act("send_again", case, place.handler, "2026-06-09", delivery=again.pk, sent_on="2026-06-09")
    row = case.supplement_rounds.get()
    case = act("note_receipt", case, place.handler, "2026-06-09", what=f"supplement:{row.pk}", received_on="2026-06-09")
    assert case.supplement_rounds.get().due_on == dt.date(2026, 6, 24)
    assert clocks.check(case, at("2026-06-09")) == []
