"""A challenge holds for one form, for some hours, once; and nobody asks without end."""

from __future__ import annotations

import datetime as dt
import threading
from itertools import count

import pytest
from django.db import connection, connections
from django.test import RequestFactory
from django.utils import timezone

from gongkai.core import challenge, jurisdiction
from gongkai.core.challenge import limits, puzzles
from gongkai.core.challenge.models import Spent, Tally
from gongkai.core.models import JurisdictionSetting

FORM = "test.form"
NOON = timezone.make_aware(dt.datetime(2026, 6, 3, 12, 0))


@pytest.fixture
def settle(db):
    """`settle("challenge.bits", 6)`: a setting of the jurisdiction."""
    from django.core.cache import cache

    def settle(key: str, value: int) -> None:
        JurisdictionSetting.objects.update_or_create(key=key, defaults={"value": value})
        cache.clear()
        assert jurisdiction.value(key) == value

    settle("challenge.bits", 6)
    return settle


def solution(found: puzzles.Challenge) -> str:
    """What a browser finds."""
    numbers = []
    for part in range(found.parts):
        numbers.append(
            next(str(n) for n in count() if puzzles.zero_bits(puzzles.digest(found.seed, part, str(n))) >= found.bits)
        )
    return ",".join(numbers)


def request(found: puzzles.Challenge | None = None, answer: str = "", address: str = "203.0.113.7", **more):
    data = {"challenge": found.token, "challenge_answer": answer} if found else {}
    return RequestFactory().post("/", {**data, **more}, REMOTE_ADDR=address)


def sent(at: dt.datetime = NOON, later: int = 60, purpose: str = FORM, address: str = "203.0.113.7", answer=None):
    """A form opened at a moment and sent some seconds later."""
    found = challenge.issue(FORM, at)
    answer = solution(found) if answer is None else answer
    return challenge.check(request(found, answer, address), purpose, at + dt.timedelta(seconds=later))


def test_a_solved_challenge_holds_once(settle):
    found = challenge.issue(FORM, NOON)
    answered = request(found, solution(found))
    assert challenge.check(answered, FORM, NOON) == ""
    assert "已经提交过一次" in challenge.check(answered, FORM, NOON)
    assert Spent.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda token: "", "不完整"),
        (lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"), "不完整"),
        (lambda token: token.replace(":6:", ":0:"), "不完整"),
        (lambda token: token.replace("test.form", "test.other"), "不完整"),
        (lambda token: token + "x", "不完整"),
        (lambda token: "测试" + token, "不完整"),
    ],
)
def test_forged_challenges(settle, change, words):
    found = challenge.issue(FORM, NOON)
    forged = RequestFactory().post("/", {"challenge": change(found.token), "challenge_answer": solution(found)})
    assert words in challenge.check(forged, FORM, NOON)
    assert Spent.objects.count() == 0


def test_wrong_answers(settle):
    found = challenge.issue(FORM, NOON)
    right = solution(found)
    other = solution(challenge.issue(FORM, NOON))
    for wrong in (other, right.rpartition(",")[0], right + ",1", "x," + right.partition(",")[2], "1" * 5000, ",,,"):
        assert "没有完成" in challenge.check(request(found, wrong), FORM, NOON), wrong[:20]
    assert challenge.check(request(found, right), FORM, NOON) == ""


def test_a_challenge_of_another_form_or_another_day(settle):
    assert "不完整" in sent(purpose="test.other")
    assert sent(later=6 * 3600 - 1) == ""
    assert "太久" in sent(later=6 * 3600 + 1)
    assert "太久" in sent(later=-600)


def test_without_scripts_it_takes_some_seconds_and_fewer_go(settle):
    settle("challenge.per_hour_plain", 2)
    assert "请等15秒" in sent(later=4, answer="")
    assert sent(later=15, answer="") == ""
    assert sent(later=15, answer="") == ""
    assert "已提交2次" in sent(later=15, answer="")
    assert sent() == "", "with the work done there is more room"


def test_no_challenge_where_the_setting_says_so(settle):
    settle("challenge.bits", 0)
    found = challenge.issue(FORM, NOON)
    assert challenge.check(request(found), FORM, NOON) == ""


def test_limits_by_network_and_purpose(settle):
    settle("challenge.per_hour", 3)
    assert [sent() for _ in range(3)] == ["", "", ""]
    assert "已提交3次" in sent()
    assert "请过59分钟再试" in sent()
    assert sent(address="203.0.113.8") == ""
    assert sent(address="2001:db8::1") == ""
    assert sent(address="2001:db8::2") == ""
    assert sent(address="2001:db8::ffff") == ""
    assert "上限" in sent(address="2001:db8::3"), "one /64 is one network"
    assert sent(address="2001:db8:0:1::1") == ""
    assert sent(at=NOON + dt.timedelta(hours=1)) == "", "the next hour"


def test_looking_up_is_limited_too(settle):
    asked = [challenge.limited(request(), "test.status", 5, 600, NOON) for _ in range(6)]
    assert asked[:5] == [""] * 5
    assert "请过10分钟再试" in asked[5]
    assert challenge.limited(request(), "test.other", 5, 600, NOON) == ""
    assert challenge.limited(request(), "test.status", 5, 600, NOON + dt.timedelta(minutes=10)) == ""


def test_no_address_is_stored_and_all_is_forgotten(settle):
    sent()
    sent(address="2001:db8::1")
    with connection.cursor() as cursor:
        cells = ""
        for table in ("challenge_spent", "challenge_tally"):
            cursor.execute(f"SELECT * FROM {table}")
            cells += str(cursor.fetchall())
    assert "203.0.113" not in cells
    assert "2001" not in cells
    # Another hour, another mark: marks cannot be joined into a trail.
    sent(at=NOON + dt.timedelta(hours=1))
    assert Tally.objects.count() == 3
    assert limits.forget(NOON + dt.timedelta(hours=8)) == 6
    assert not Spent.objects.exists()


def test_checking_is_cheap(settle):
    import time

    found = challenge.issue(FORM, NOON)
    answer = solution(found)
    started = time.process_time()
    for _ in range(1000):
        puzzles.solves(found.seed, found.bits, answer)
    assert (time.process_time() - started) / 1000 < 0.001


def test_a_purpose_is_a_plain_name(settle):
    with pytest.raises(ValueError, match="not a purpose"):
        challenge.issue("申请 表")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_wins():
    expires = timezone.now() + dt.timedelta(hours=1)
    one = puzzles.Solved("one-mark", expires, limits.attempt(request(), "test.together", 3600, NOON), 10, NOON)
    won, together = [], threading.Barrier(6)

    def go() -> None:
        together.wait()
        try:
            won.append(challenge.use([one])[0])
            limits.count(request(), "test.together", 3600, NOON)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count("") == 1
    assert Tally.objects.get().number == 7
