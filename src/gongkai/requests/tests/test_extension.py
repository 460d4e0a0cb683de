"""延期: before the end, by the leader, at most twenty working days, once."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState
from gongkai.requests import clocks
from gongkai.requests.tests.handling_helpers import do, due, request_of, world

pytestmark = pytest.mark.django_db
REASON = "需要汇总多所学校的资料"


@pytest.fixture
def place():
    return world()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.duty("004-8c", "001-15d")
@pytest.mark.parametrize(("workdays", "last"), [(10, "2026-03-06"), (20, "2026-03-20")])
def test_the_leader_grants_more_time(place, workdays, last):
    case = request_of(place, "2026-01-19")
    assert due(case) == day("2026-02-14")
    do("ask_extension", case, place.handler, "2026-02-10", workdays=workdays, reason=REASON)
    assert (case.state, case.turn_role, case.ask) == ("extending", "leader", "审批延期")
    assert due(case) == day("2026-02-14")
    with pytest.raises(NotPermitted):
        do("grant_extension", case, place.officer, "2026-02-11", workdays=workdays)
    do("grant_extension", case, place.leader, "2026-02-11", workdays=workdays)
    assert case.state == "handling"
    assert due(case) == day(last)
    letter = case.letters.get(code="requests-l4")
    assert letter.words["reason"] == REASON
    assert letter.words["last_day"] == f"{day(last).year}年{day(last).month}月{day(last).day}日"
    extension = case.clocks.get(code="reply").extensions.get()
    assert (extension.amount, extension.reason) == (workdays, REASON)
    row = case.approvals.get()
    assert (row.decided_by, row.letter_id) == (place.leader, letter.pk)


def test_less_may_be_granted_than_was_asked_for(place):
    case = request_of(place, "2026-01-19")
    do("ask_extension", case, place.handler, "2026-02-10", workdays=20, reason=REASON)
    do("grant_extension", case, place.leader, "2026-02-11", workdays=10)
    assert due(case) == day("2026-03-06")


def test_a_refusal_leaves_the_day_as_it_is(place):
    case = request_of(place, "2026-01-19")
    do("ask_extension", case, place.handler, "2026-02-10", workdays=10, reason=REASON)
    do("refuse_extension", case, place.leader, "2026-02-11", words="资料已经齐全")
    assert case.state == "handling"
    assert due(case) == day("2026-02-14")
    do("ask_extension", case, place.handler, "2026-02-12", workdays=5, reason=REASON)
    do("grant_extension", case, place.leader, "2026-02-12", workdays=5)
    assert due(case) == day("2026-02-28")


def test_once_for_each_run(place):
    case = request_of(place, "2026-01-19")
    do("ask_extension", case, place.handler, "2026-02-10", workdays=10, reason=REASON)
    do("grant_extension", case, place.leader, "2026-02-11", workdays=10)
    with pytest.raises(ActError, match="只能延长一次"):
        do("ask_extension", case, place.handler, "2026-02-12", workdays=5, reason=REASON)


def test_not_after_the_end(place):
    case = request_of(place, "2026-01-19")
    with pytest.raises(ActError, match="届满后不能延长"):
        do("ask_extension", case, place.handler, "2026-02-15", workdays=10, reason=REASON)
    do("ask_extension", case, place.handler, "2026-02-14", workdays=10, reason=REASON)
    with pytest.raises(ActError, match="届满后不能延长"):
        do("grant_extension", case, place.leader, "2026-02-24", workdays=10)
    case.refresh_from_db()
    assert case.state == "extending"
    assert not case.letters.filter(code="requests-l4").exists()


def test_not_more_than_twenty(place):
    case = request_of(place, "2026-01-19")
    with pytest.raises(InvalidData):
        do("ask_extension", case, place.handler, "2026-02-10", workdays=21, reason=REASON)


def test_nobody_grants_to_himself(place):
    from gongkai.core.models import Membership, User
    from gongkai.core.roles import Role

    Membership.objects.create(user=place.leader, unit=place.bureau, role=Role.HANDLER)
    leader = User.objects.get(pk=place.leader.pk)
    case = request_of(place, "2026-01-19")
    do("ask_extension", case, leader, "2026-02-10", workdays=10, reason=REASON)
    with pytest.raises(ActError, match="不能由自己批准"):
        do("grant_extension", case, leader, "2026-02-10", workdays=10)


def test_it_is_not_for_a_clock_that_will_begin_anew(place):
    case = request_of(place, "2026-01-19")
    do(
        "ask_supplement", case, place.officer, "2026-01-21",
        items="请写明年度。", sent_on="2026-01-21", received_on="2026-01-21", workdays=10,
    )  # fmt: skip
    with pytest.raises(WrongState):
        do("ask_extension", case, place.handler, "2026-01-22", workdays=10, reason=REASON)


def test_while_others_are_asked_it_adds_to_what_is_left(place):
    case = request_of(place, "2025-09-22")
    do(
        "ask_third_party", case, place.officer, "2025-09-26", party_kind="organisation", name="某公司",
        information="投标文件", part="单价表", way="post", sent_on="2025-09-24", received_on="2025-09-26",
    )  # fmt: skip
    do("ask_extension", case, place.handler, "2025-09-28", workdays=20, reason=REASON)
    assert case.state == "extending"
    do("grant_extension", case, place.leader, "2025-09-29", workdays=20)
    assert case.state == "consulting"
    assert due(case) is None
    assert "另行告知" in case.letters.get(code="requests-l4").words["last_day"]
    row = case.consultations.get()
    do(
        "opinion_received",
        case,
        place.officer,
        "2025-10-14",
        consultation=row.pk,
        answer="agreed",
        answered_on="2025-10-14",
    )
    assert due(case) == day("2025-12-05")


def test_an_opinion_that_lapses_meanwhile_is_not_lost(place):
    from gongkai.requests import periodic
    from gongkai.requests.tests.handling_helpers import at

    case = request_of(place, "2025-09-22")
    do(
        "ask_third_party", case, place.officer, "2025-09-26", party_kind="organisation", name="某公司",
        information="投标文件", part="单价表", way="post", sent_on="2025-09-24", received_on="2025-09-26",
    )  # fmt: skip
    do("ask_extension", case, place.handler, "2025-10-20", workdays=20, reason=REASON)
    assert periodic.lapse(at("2025-10-25")) == 1
    case.refresh_from_db()
    assert case.state == "extending"
    assert due(case) == day("2025-11-18")
    do("refuse_extension", case, place.leader, "2025-10-27", words="不需要")
    assert case.state == "handling"
    assert clocks.check(case, at("2025-10-27")) == []
