"""Repeated and similar requests are found, shown, and judged by people."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongkai.core.acts import InvalidData
from gongkai.requests import duplicates
from gongkai.requests.models import Resemblance, Wording
from gongkai.requests.tests.helpers import act, at, registered, submitted

pytestmark = pytest.mark.django_db

OTHER = {
    "identity_number": "440301199901010018",
    "name": "宇文知秋",
    "phone": "13900139000",
    "email": "zhiqiu@example.cn",
}
ALIKE = "清平路（安澜路至望江大道段）雨污分流改造工程2025年1月至2026年6月的管道检测报告和整改记录。"
UNLIKE = "2024年度全区小学营养餐采购合同及验收单。"


def test_signatures_of_like_texts_meet_and_stay_the_same_for_ever():
    a, b = "清平路雨污分流改造工程2025年的管道检测报告", "清平路雨污分流改造工程2025年的管道检测报告和整改记录"
    assert set(duplicates.bands(a)) & set(duplicates.bands(b))
    assert not set(duplicates.bands(a)) & set(duplicates.bands(UNLIKE))
    assert duplicates.bands("。") == []
    # Stored signatures must mean tomorrow what they mean today.
    assert duplicates.bands("政府信息") == [
        6320688567771433544,
        5471382212833907150,
        7138050728988396111,
        3569790465105960640,
    ]


def test_the_same_person_and_others_who_ask_alike_are_found_and_nobody_else(place):
    first = registered(place, submitted(place))
    stranger = registered(place, submitted(place, "2026-06-02", **OTHER), "2026-06-03")
    submitted(place, "2026-06-02", unit=place.beside.pk, **OTHER)
    submitted(place, "2026-06-02", subject="", content=UNLIKE)
    again = registered(place, submitted(place, "2026-06-03", content=ALIKE), "2026-06-04")
    found = {row.earlier: row for row in duplicates.shown(again)}
    assert set(found) == {first, stranger}
    assert (found[first].same_applicant, found[stranger].same_applicant) == (True, False)
    assert found[first].percent >= 80
    # Nothing was decided: the request goes on as every other.
    assert (again.state, again.decision, {row.finding for row in found.values()}) == ("handling", "", {""})


def test_what_people_judged_stays_when_the_machine_looks_again(place):
    first = registered(place, submitted(place))
    again = registered(place, submitted(place, "2026-06-03"), "2026-06-04")
    hint = again.resemblances.get()
    act(
        "judge_resemblance",
        again,
        place.handler,
        "2026-06-05",
        earlier=hint.pk,
        finding="same",
        words="内容和时间段相同。",
    )
    duplicates.refresh(again)
    hint.refresh_from_db()
    assert (hint.finding, hint.earlier_id, again.resemblances.count()) == ("same", first.pk, 1)
    with pytest.raises(InvalidData):
        act("judge_resemblance", again, place.handler, "2026-06-05", finding="same", words="没有选。")


def test_a_request_the_machine_did_not_find_is_named_by_its_number(place):
    first = submitted(place, subject="", content=UNLIKE, **OTHER)
    again = registered(place, submitted(place, "2026-06-03"), "2026-06-04")
    data = {"number": first.number, "finding": "different", "words": "申请人提到，但不是一件事。"}
    act("judge_resemblance", again, place.handler, "2026-06-05", **data)
    row = Resemblance.objects.get(request=again, earlier=first)
    assert (row.finding, row.same_applicant) == ("different", False)


def test_the_search_asks_a_bounded_number_of_questions(place):
    for day in range(1, 7):
        duplicates.refresh(submitted(place, f"2026-06-0{day}"))
    case = submitted(place, "2026-06-08", **OTHER)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        duplicates.refresh(case)
    assert len(asked) <= 12
    assert Wording.objects.filter(request=case).count() == duplicates.BANDS
    assert all("LIMIT" in one["sql"] for one in asked if "ORDER BY" in one["sql"])


def test_new_requests_are_looked_at_without_anybody_waiting_for_it(place):
    first = submitted(place)
    assert duplicates.look(at("2026-06-01 11:00")) == 1
    second = submitted(place, "2026-06-03", content=ALIKE)
    assert duplicates.look(at("2026-06-03 11:00")) == 1
    assert [row.earlier for row in duplicates.shown(second)] == [first]
    assert duplicates.look(at("2026-06-03 11:01")) == 0
