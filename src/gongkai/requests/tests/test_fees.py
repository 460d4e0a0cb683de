"""信息处理费: off until the place begins, only in the cases provided, by item or by volume; payment begins the count anew."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template.loader import render_to_string

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, InvalidData, NotPermitted, acts
from gongkai.requests import clocks, fees, periodic, public_queries
from gongkai.requests.models import Request
from gongkai.requests.tests.handling_helpers import at, do, due, request_of, world

pytestmark = pytest.mark.django_db
FACTS = "同一申请人一个月内提出三十余件内容相近的申请"


@pytest.fixture
def place():
    return world()


@pytest.fixture
def charging(place):
    """A place that charges since 2021 and says how to pay."""
    jurisdiction.change("requests.fee_start", "2021-01-01", None)
    jurisdiction.change("requests.fee_account", "通过非税收入缴款平台缴纳，收款单位：云溪区财政局", None)
    return place


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def month(place, received: str, count: int, mark: str = "m1") -> list[Request]:
    """Requests of one applicant received on a day."""
    return [request_of(place, received, identity_mark=mark) for _ in range(count)]


def noticed(place, **more):
    """D2 of the worked examples: 150 pages, noticed on 20 March, received on the 24th."""
    case = request_of(place, "2026-03-02")
    values = {"basis": "pages", "pages": 150, "facts": FACTS, "sent_on": "2026-03-20", "received_on": "2026-03-24"}
    do("ask_fee", case, place.officer, "2026-03-24", **{**values, **more})
    return case


@pytest.mark.duty("002-23")
def test_payment_begins_the_count_anew(charging):
    place = charging
    case = noticed(place)
    row = case.fees.get()
    assert (case.state, case.light) == ("paying", "paused")
    assert (row.amount, row.count, row.due_on) == (1700, 150, day("2026-04-22"))
    assert due(case, "payment") == day("2026-04-22")
    assert due(case) is None
    words = case.letters.get(code="requests-l11").words
    assert words["amount"] == "1700元"
    assert "每页20元" in words["tariff"]
    assert "非税收入缴款平台" in words["payment"]
    assert "国办函〔2020〕109号" in words["fee_basis"]
    do("fee_paid", case, place.officer, "2026-04-08", paid_on="2026-04-08", receipt_number="票0001")
    assert case.state == "handling"
    assert due(case) == day("2026-05-09")
    assert case.counted_from == day("2026-04-08")
    assert [run.code for run in clocks.runs(case)] == ["reply:1", "reply"]


@pytest.mark.duty("002-23")
def test_without_payment_the_request_may_be_closed(charging):
    case = noticed(charging)
    assert periodic.lapse(at("2026-04-22", 23)) == 0
    assert periodic.lapse(at("2026-04-27")) == 1
    case.refresh_from_db()
    assert (case.state, case.fees.get().state) == ("handling", "lapsed")
    assert clocks.history(case, at("2026-04-23")).may_close == ("O2",)
    assert clocks.history(case, at("2026-04-22")).may_close == ()
    assert clocks.check(case, at("2026-04-27")) == []


@pytest.mark.parametrize(
    ("received", "notice", "last"),
    [("2025-09-11", "2025-09-26", "2025-10-30"), ("2025-01-06", "2025-01-20", "2025-02-21")],
)
def test_the_last_day_to_pay(charging, received, notice, last):
    case = request_of(charging, received)
    do(
        "ask_fee", case, charging.officer, notice,
        basis="pages", pages=31, facts=FACTS, sent_on=notice, received_on=notice,
    )  # fmt: skip
    assert due(case, "payment") == day(last)


@pytest.mark.duty("003-29f")
def test_a_place_that_has_not_begun_charges_nothing(place):
    case = request_of(place, "2026-03-02")
    assert acts["request.ask_fee"].blocked(case, place.officer) == fees.OFF
    with pytest.raises(ActError, match="没有开始收取"):
        noticed(place)
    jurisdiction.change("requests.fee_start", "2026年3月3日", None)
    with pytest.raises(ActError, match="没有开始收取"):
        noticed(place)


@pytest.mark.duty("003-29f")
@pytest.mark.parametrize(
    ("values", "words"),
    [({"pages": 30}, "不在可以收费的情形内"), ({"basis": "items", "pages": ""}, "不在可以收费的情形内")],
)
def test_what_is_free_is_not_charged(charging, values, words):
    with pytest.raises(ActError, match=words):
        noticed(charging, **values)


@pytest.mark.duty("003-29f")
def test_never_both_and_never_twice(charging):
    with pytest.raises(InvalidData):
        noticed(charging, basis="items")
    case = noticed(charging)
    do("fee_paid", case, charging.officer, "2026-04-08", paid_on="2026-04-08", receipt_number="票0001")
    with pytest.raises(ActError, match="只收一次费"):
        do(
            "ask_fee", case, charging.officer, "2026-04-09",
            basis="pages", pages=150, facts=FACTS, sent_on="2026-04-09",
        )  # fmt: skip


def test_a_notice_does_not_go_out_without_saying_how_to_pay(place):
    jurisdiction.change("requests.fee_start", "2021-01-01", None)
    with pytest.raises(ActError, match="还没有设置缴纳方式"):
        noticed(place)


@pytest.mark.duty("002-23")
def test_by_item_counts_the_month_of_the_first_receipt(charging):
    place = charging
    month(place, "2026-03-02", 34)
    month(place, "2026-02-27", 20)
    month(place, "2026-03-02", 5, mark="m2")
    case = request_of(place, "2026-03-03", identity_mark="m1")
    assert fees.number_in_month(case) == 35
    assert "第35件" in acts["request.ask_fee"].describe(case, place.officer)
    do("ask_fee", case, place.officer, "2026-03-20", basis="items", facts=FACTS, sent_on="2026-03-20")
    assert case.fees.get().amount == 200
    # Not received yet: the clock runs, it is the applicant's turn.
    assert case.state == "paying"
    assert due(case) == day("2026-03-31")


def test_the_worked_months():
    from gongkai.law import fees as law

    assert law.items_total(33) == 2600
    assert law.items_total(20) * 2 == 2000
    assert law.pages_total(150) == 1700
    assert law.pages_total(250) == 4700


def test_requests_on_one_day_are_numbered_in_their_order(charging):
    place = charging
    rows = month(place, "2026-03-02", 11)
    assert [fees.number_in_month(row) for row in rows] == list(range(1, 12))
    assert fees.threshold_words(rows[7]).startswith("这是该申请人本月的第8件申请；从第11件起")
    assert fees.threshold_words(rows[6]) == ""
    assert "可以决定是否收取" in fees.threshold_words(rows[10])


def test_the_handler_hears_of_the_eighth_request_of_a_month(charging):
    place = charging
    month(place, "2026-03-02", 6)
    seventh, eighth = (request_of(place, "2026-03-02", identity_mark="m1", state="received") for _ in range(2))
    for case in (seventh, eighth):
        do("register", case, place.officer, "2026-03-03", area="教育", handler=place.handler.pk, identity="complete")
    told = place.handler.notifications.filter(text__contains="本月的第")
    assert [row.case_id for row in told] == [eighth.pk]


def test_whether_withdrawn_ones_count_is_a_setting(charging):
    place = charging
    rows = month(place, "2026-03-02", 11)
    Request.objects.filter(pk=rows[0].pk).update(state="ended", decision="O3")
    assert fees.number_in_month(rows[10]) == 11
    jurisdiction.change("requests.fee_counts_withdrawn", "no", None)
    assert fees.number_in_month(rows[10]) == 10


def test_a_waiver_takes_the_notice_back(charging):
    case = noticed(charging)
    with pytest.raises(NotPermitted):
        do("waive_fee", case, charging.handler, "2026-03-26", reason="生活困难")
    do("waive_fee", case, charging.leader, "2026-03-26", reason="申请人为低保对象")
    assert case.state == "handling"
    assert due(case) == day("2026-03-30")
    assert case.clocks.get(code="payment").state == "cancelled"


def test_a_fee_charged_in_error_goes_back(charging):
    case = noticed(charging)
    do("fee_paid", case, charging.officer, "2026-04-08", paid_on="2026-04-08", receipt_number="票0001")
    do("refund_fee", case, charging.leader, "2026-04-10", reason="页数计算有误", refunded_on="2026-04-10")
    assert case.fees.get().state == "refunded"
    assert due(case) == day("2026-05-09")


@pytest.mark.parametrize(
    ("act", "now", "values", "words"),
    [
        ("fee_paid", "2026-04-08", {"paid_on": "2026-04-09", "receipt_number": "1"}, "不能晚于今天"),
        ("fee_paid", "2026-04-08", {"paid_on": "2026-03-19", "receipt_number": "1"}, "不能早于发出收费通知的日期"),
    ],
)
def test_dates_that_cannot_be(charging, act, now, values, words):
    case = noticed(charging)
    with pytest.raises(ActError, match=words):
        do(act, case, charging.officer, now, **values)


def test_a_notice_after_the_reply_was_due_is_refused(charging):
    case = request_of(charging, "2026-03-02")
    with pytest.raises(ActError, match="答复期限已于2026年3月30日届满"):
        do(
            "ask_fee", case, charging.officer, "2026-04-01",
            basis="pages", pages=150, facts=FACTS, sent_on="2026-04-01", received_on="2026-04-01",
        )  # fmt: skip


@pytest.mark.duty("003-29e")
def test_the_public_page_tells_rules_and_standards(place):
    off = render_to_string("requests/public/_fees.html")
    assert "不收取" in off
    jurisdiction.change("requests.fee_start", "2026-01-01", None)
    jurisdiction.change("requests.fee_document", "《临江市政府信息公开信息处理费办法》", None)
    jurisdiction.change("requests.fee_account", "非税收入缴款平台", None)
    shown = render_to_string("requests/public/_fees.html")
    for words in (
        "2026年1月1日",
        "临江市政府信息公开信息处理费办法",
        "第11至30件",
        "100元/件",
        "第31至100页",
        "10元/页",
        "非税收入缴款平台",
        "每件再加100元",
    ):
        assert words in shown


@pytest.mark.duty("002-23")
def test_a_place_may_let_the_count_go_on_after_the_payment(client, charging):
    """What the sources leave in doubt is a setting; every place where it is said follows it."""
    from django.urls import reverse

    place = charging
    jurisdiction.change("requests.fee_clock", "continue", None)
    case = noticed(place)
    assert (case.state, due(case)) == ("paying", None)
    assert "接着计算" in case.letters.get(code="requests-l11").words["next"]
    assert "接着计算" in acts["request.fee_paid"].describe(case, place.officer)
    do("fee_paid", case, place.officer, "2026-04-08", paid_on="2026-04-08", receipt_number="票0001")
    # From 25 March to 8 April ten working days were waited for.
    assert (case.state, due(case)) == ("handling", day("2026-04-14"))
    assert case.counted_from == day("2026-03-02")
    assert [run.code for run in clocks.runs(case)] == ["reply"]
    assert "接着计算" in case.messages.order_by("-pk").first().text
    assert "接着计算" in client.get(reverse("requests-public:fees")).content.decode()
    found = public_queries.status_of(case, at("2026-04-09"))
    assert [(change.before, change.after) for change in found.changes] == [("2026年3月30日", "2026年4月14日")]


def test_a_payment_that_never_comes_closes_the_request_there_too(charging):
    jurisdiction.change("requests.fee_clock", "continue", None)
    case = noticed(charging)
    assert periodic.lapse(at("2026-04-27")) == 1
    case = Request.objects.get(pk=case.pk)
    assert (case.state, case.fees.get().state) == ("handling", "lapsed")
    assert clocks.check(case, at("2026-04-27")) == []


def test_a_place_may_let_the_count_stand_still_while_reasons_are_awaited(place):
    jurisdiction.change("requests.reasons_clock", "pause", None)
    case = request_of(place, "2026-03-02")
    assert "暂停" in acts["request.ask_reasons"].describe(case, place.officer)
    do("ask_reasons", case, place.officer, "2026-03-05", numbers="三月以来十二件", sent_on="2026-03-05")
    assert (case.state, due(case)) == ("explaining", None)
    do("reasons_given", case, place.officer, "2026-03-12", given_on="2026-03-12", reasons="写论文用")
    # From 6 to 12 March five working days were waited for.
    assert due(case) == day("2026-04-07")
    again = request_of(place, "2026-03-02")
    do("ask_reasons", again, place.officer, "2026-03-05", numbers="三月以来十二件", sent_on="2026-03-05")
    assert periodic.lapse(at("2026-03-20")) >= 1
    again = Request.objects.get(pk=again.pk)
    assert (again.state, due(again)) == ("handling", day("2026-04-14"))
    assert clocks.check(again, at("2026-03-20")) == []
