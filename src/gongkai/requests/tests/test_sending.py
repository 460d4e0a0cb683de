"""Forms sent at the same moment: one transaction, and each of them as if it had come alone."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone

from gongkai.core import audit, counters
from gongkai.core.acts import people_of, perform_filled
from gongkai.core.challenge import limits, puzzles
from gongkai.core.challenge.models import Spent, Tally
from gongkai.core.models import Event, Notification, NumberSeries
from gongkai.core.roles import Role
from gongkai.requests.acts import submission
from gongkai.requests.acts.submission import AlreadySubmitted
from gongkai.requests.figures import counting
from gongkai.requests.models import Draft, Request, Submission
from gongkai.requests.pages import drafts, sending
from gongkai.requests.tests.helpers import application, at

NOW = at("2026-06-01")


def solved(mark: str, network: str = "network", most: int = 10) -> puzzles.Solved:
    now = timezone.now()
    return puzzles.Solved(mark, now, limits.Try(network, now), most, now)


def form(place, key: str, unit=None):
    return submission.fill_in({**application(place), "unit": (unit or place.bureau).pk, "key": key * 22}, now=NOW)


def one(place, key: str, draft: Draft | None = None, **more) -> sending.Sending:
    draft = draft or drafts.begin({})

    def fill(held: Draft):
        return submission.fill_in({**application(place), "unit": place.bureau.pk, "key": held.key}, now=NOW)

    return sending.Sending(draft.key, solved(more.pop("mark", key), **more), fill, fill)


@pytest.mark.django_db
@pytest.mark.duty("004-8a")
def test_many_at_once_are_each_a_request_of_their_own(place):
    forms = [form(place, "a"), form(place, "b", place.beside), form(place, "c")]
    cases = [event.case for event in perform_filled(forms)]
    assert [case.number for case in cases] == ["SQ-2026-0001", "SQ-2026-0002", "SQ-2026-0003"]
    assert [case.unit for case in cases] == [place.bureau, place.beside, place.bureau]
    assert len({case.code for case in cases}) == 3
    for case in cases:
        assert Event.objects.get(case=case).data["number"] == case.number
        assert {clock.code for clock in case.clocks.all()} >= {"reply"}
        assert Submission.objects.filter(request=case).exists()
        told = Notification.objects.filter(case=case, text__contains=case.number)
        assert {note.user for note in told} == set(people_of(case.unit, Role.OFFICER))
    assert counters.verify() == []
    assert list(counting.verify()) == []
    assert audit.verify().intact


@pytest.mark.django_db
def test_one_that_was_sent_before_stops_all_and_is_named_alone(place):
    submission._send([form(place, "a")])
    with pytest.raises(IntegrityError):
        submission._send([form(place, "b"), form(place, "a")])
    assert Request.objects.count() == 1
    assert NumberSeries.objects.get(prefix="SQ").last == 1
    with pytest.raises(AlreadySubmitted):
        submission._send([form(place, "a")])


@pytest.mark.django_db
def test_a_challenge_that_does_not_hold_stops_its_own_form_alone(place):
    sent = [one(place, "a"), one(place, "b", mark="a"), one(place, "c"), one(place, "d", network="busy", most=0)]
    found = sending._send(sent)
    assert [case.number for case in (found[0], found[2])] == ["SQ-2026-0001", "SQ-2026-0002"]
    assert "已经提交过一次" in str(found[1])
    assert "到了上限" in str(found[3])
    assert set(Draft.objects.values_list("key", flat=True)) == {sent[1].key, sent[3].key}
    assert sorted(Spent.objects.values_list("mark", flat=True)) == ["a", "c", "d"]
    assert dict(Tally.objects.values_list("mark", "number")) == {"network": 2, "busy": 1}


@pytest.mark.django_db
def test_what_fails_leaves_the_draft_and_the_retry_works(place, monkeypatch):
    def fall(*args):
        raise RuntimeError("out of order")

    sent = one(place, "a")
    with monkeypatch.context() as patch:
        patch.setattr(sending.mails, "received", fall)
        with pytest.raises(RuntimeError):
            sending.send(sent)
    assert (Request.objects.count(), Draft.objects.count(), Spent.objects.count()) == (0, 1, 0)
    assert sending.send(sent).number == "SQ-2026-0001"
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_threads_that_send_together_get_each_their_own(place):
    twice = drafts.begin({})
    sent = [one(place, key) for key in "abcd"] + [one(place, key, twice) for key in "ef"]
    start = threading.Barrier(len(sent))
    found: dict[int, Request] = {}

    def go(number: int) -> None:
        start.wait()
        try:
            found[number] = sending.send(sent[number])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[number]) for number in range(len(sent))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(case.number for case in Request.objects.all()) == [f"SQ-2026-000{n}" for n in range(1, 6)]
    assert found[4].pk == found[5].pk
    assert len({case.pk for case in found.values()}) == 5
    for number, case in found.items():
        assert submission.sent_before(sent[number].key) == case
    assert Tally.objects.get().number == 6
    assert not Draft.objects.exists()
    assert counters.verify() == []


def test_a_form_without_key_is_remembered_nowhere():
    assert submission.sent_before("") is None
