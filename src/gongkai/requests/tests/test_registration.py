"""After a request came in: registered, assigned, moved, split, merged, withdrawn; numbers and hints."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, acts
from gongkai.core.models import Notification
from gongkai.requests import codes
from gongkai.requests.acts.registration import counts
from gongkai.requests.models import Request
from gongkai.requests.tests.helpers import (
    act,
    clock_of,
    entered,
    fresh,
    last_day,
    registered,
    submitted,
    upload,
)
from gongkai.requests.tests.reply_helpers import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.duty("004-7", "003-29a")
def test_registering_names_area_and_handler_and_tells_the_handler(place, received):
    case = registered(place, received)
    assert (case.state, case.area, case.handler) == ("handling", "城乡规划", place.handler)
    assert case.registered_at is not None
    note = Notification.objects.get(user=place.handler)
    assert note.text == "申请SQ-2026-0001由你办理，最晚2026年6月30日答复。"
    case = act("assign", case, place.officer, handler=place.second.pk)
    assert case.handler == place.second


def test_a_request_moves_with_its_day_its_files_and_its_code(place):
    case = submitted(place, files={"proof": [upload()]})
    moved = act("transfer", case, place.officer, unit=place.beside.pk, reason="道路养护由区交通运输局负责")
    new = Request.objects.get(origin=case)
    assert (moved.state, moved.counted_year, moved.decision, moved.outcome) == ("moved", None, "", "转送区交通运输局")
    assert not moved.clocks.filter(state__in=["running", "waiting", "paused"]).exists()
    assert (new.number, new.unit, new.state, new.origin_reason) == (
        "SQ-2026-0002",
        place.beside,
        "received",
        "transfer",
    )
    assert (new.received_on, new.counted_year) == (dt.date(2026, 6, 1), 2026)
    assert last_day(clock_of(new, "reply")) == dt.date(2026, 6, 30)
    assert [letter.code for letter in moved.letters.all()] == ["requests-transfer"]
    text = text_of(moved.letters.get())
    # The letter alone says where to turn: the new number, and how to reach the other body (art. 36, 5).
    assert Request.objects.get(origin=moved.pk).number in text
    assert f"{place.beside.name}（地址：{place.beside.address}，电话：{place.beside.telephone}）" in text
    assert [letter.code for letter in new.letters.all()] == ["requests-l1"]
    assert new.attachments.get().private_name == "身份证.png"
    assert codes.find(new.number, case.code) == new
    assert "SQ-2026-0002" in moved.messages.get().text
    assert Notification.objects.filter(user=place.neighbour, case=case).exists()


def test_a_late_transfer_is_refused_and_the_way_out_is_named(place, received):
    with pytest.raises(ActError, match="告知负责公开的机关"):
        act("transfer", received, place.officer, "2026-06-15", unit=place.beside.pk, reason="不归我们管")


def test_where_the_place_says_so_a_transfer_counts_anew(place, received):
    jurisdiction.change("requests.transfer_counts_from", "transfer", place.admin)
    act("transfer", received, place.officer, "2026-06-04", unit=place.beside.pk, reason="由该局负责")
    new = Request.objects.get(origin=received)
    assert (new.received_on, last_day(clock_of(new, "reply"))) == (dt.date(2026, 6, 4), dt.date(2026, 7, 3))


def test_each_matter_becomes_a_request_of_its_own(place, handling):
    parts = "2025年清平路改造的检测报告\n2025年清平路改造的整改记录"
    case = act("split", handling, place.handler, parts=parts)
    found = list(Request.objects.filter(origin=case).order_by("pk"))
    assert (case.state, case.counted_year, case.outcome) == ("moved", None, "分拆为2件")
    assert [part.content for part in found] == parts.splitlines()
    assert {(part.state, part.received_on, part.counted_year, part.handler) for part in found} == {
        ("handling", dt.date(2026, 6, 1), 2026, place.handler)
    }
    assert [last_day(clock_of(part, "reply")) for part in found] == [dt.date(2026, 6, 30)] * 2
    assert all(codes.find(part.number, case.code) == part for part in found)
    assert [part.letters.get().code for part in found] == ["requests-l1"] * 2
    with pytest.raises(ActError, match="不再分拆"):
        act("split", found[0], place.handler, parts=parts)
    with pytest.raises(InvalidData):
        act("split", submitted(place), place.officer, parts="只有一件")


def test_the_same_person_s_second_request_is_merged_into_the_first(place, handling):
    second = submitted(place, "2026-06-03")
    case = act("merge", second, place.officer, "2026-06-05", number=handling.number)
    assert (case.state, case.decision, case.merged_into, case.result_year) == ("ended", "O3", fresh(handling), 2026)
    assert (case.replied_on, case.workdays_used) == (dt.date(2026, 6, 5), 2)
    assert [letter.code for letter in case.letters.all()] == ["requests-l12-o3"]
    other = submitted(place, "2026-06-03", identity_number="440301199901010018", name="宇文知秋")
    with pytest.raises(InvalidData) as problem:
        act("merge", other, place.officer, "2026-06-05", number=handling.number)
    assert "不是同一申请人" in str(problem.value.form.errors)


def test_an_applicant_withdraws_alone_and_staff_with_paper(place, handling):
    case = act("withdraw", handling, None, "2026-06-05")
    assert (case.state, case.decision, case.outcome, case.result_year) == ("ended", "O3", "申请人撤回", 2026)
    assert [letter.code for letter in case.letters.all()] == ["requests-l15"]
    assert case.light == "done"
    other = submitted(place, "2026-06-03")
    data = {"withdrawn_on": "2026-06-04", "reason": "欧阳青禾来电说不需要了"}
    other = act("withdraw", other, place.officer, "2026-06-05", files={"files": [upload("撤回书.png")]}, **data)
    assert other.replied_on == dt.date(2026, 6, 4)
    assert other.attachments.get().sealed
    assert "青禾" not in str(other.events.latest("sequence").data)
    waiting = entered(place, channel="fax", arrived_on="2026-06-01")
    waiting = act("withdraw", waiting, place.officer, "2026-06-02")
    assert (waiting.state, waiting.decision, waiting.result_year) == ("ended", "", None)


@pytest.mark.parametrize(("day", "words"), [("2026-06-09", "不能晚于今天"), ("2026-05-20", "不能早于收到申请的日期")])
def test_a_day_that_cannot_be_is_refused(place, handling, day, words):
    with pytest.raises(ActError, match=words):
        act("withdraw", handling, place.officer, "2026-06-05", withdrawn_on=day)


def test_numbers_are_counted_and_the_judgment_recorded(place):
    cases = [submitted(place, f"2026-06-0{day}") for day in (1, 2, 3)]
    submitted(place, "2026-05-20")
    assert counts(cases[1]) == {"month": 3, "year": 4, "place": 2}
    assert counts(submitted(place, "2026-06-04", identity_number="440301199901010018"))["month"] == 1
    assert "判断数量频次" not in acts["request.register"].describe(cases[2], place.officer)
    jurisdiction.change("requests.excessive_in_month", "2", place.admin)
    assert "本月的第3件" in acts["request.register"].describe(cases[2], place.officer)
    case = act("judge_excessive", cases[2], place.officer, "2026-06-05", excessive="no", words="一个月三件，事项不同。")
    assert case.excessive is False
    assert case.events.latest("sequence").data["counts"] == {"month": 3, "year": 4, "place": 3}
