"""The clock of a request: worked examples, impossible histories, and random ones against a count by hand."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gongkai.law.clock import SHANGHAI
from gongkai.law.clock import derive as derive_clock
from gongkai.law.requests.history import (
    CONVERSION,
    CORRECTION,
    Channel,
    HistoryError,
    Kind,
    Party,
    RequestEvent,
    RequestRules,
    Service,
    Stage,
    alert,
    derive,
    receipt_day,
    reply_day,
)
from gongkai.law.workdays import UnknownYearError, default_calendar

CALENDAR = default_calendar()
K = Kind
LENIENT = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def day(text):
    return date.fromisoformat(text)


def e(kind, on, **more):
    return RequestEvent(kind, day(on) if isinstance(on, str) else on, **more)


def posted(on):
    return e(K.ARRIVED, on, channel="post")


def run(events, today=None, **more):
    return derive(events, CALENDAR, today=day(today) if today else None, **more)


A1 = [posted("2024-02-09")]
A2 = [
    *A1,
    e(K.SUPPLEMENT_ASKED, "2024-02-22", days=10, reference="云公补〔2024〕1号"),
    e(K.SUPPLEMENT_DELIVERED, "2024-02-26"),
]
A3 = [*A2, e(K.SUPPLEMENT_RECEIVED, "2024-03-05")]
B2 = [posted("2025-09-22"), e(K.OPINION_ASKED, "2025-09-24"), e(K.OPINION_DELIVERED, "2025-09-26")]
B3 = [*B2, e(K.OPINION_RETURNED, "2025-10-14")]
D2 = [posted("2026-03-02"), e(K.FEE_NOTICED, "2026-03-20"), e(K.FEE_DELIVERED, "2026-03-24")]
D3 = [*D2, e(K.PAID, "2026-04-08")]


def extended(on, days=20, **more):
    return e(K.EXTENDED, on, **({"days": days, "approved": True} | more))


WORKED = [
    ("A1", A1, None, {"reply": "2024-03-14", "supplement_notice": "2024-02-26"}),
    ("A2", A2, None, {"reply": None, "supplement": "2024-03-11"}),
    ("A2 with 15", [*A1, e(K.SUPPLEMENT_ASKED, "2024-02-22", days=15), A2[2]], None, {"supplement": "2024-03-18"}),
    ("A3", A3, None, {"reply": "2024-04-02", "supplement_notice": "2024-02-26"}),
    ("A3 extended", [*A3, extended("2024-04-02")], None, {"reply": "2024-04-30"}),
    ("B1", [posted("2025-09-22")], None, {"reply": "2025-10-24"}),
    ("B2", B2, None, {"opinion": "2025-10-23", "reply": None}),
    ("B3", B3, None, {"reply": "2025-11-07"}),
    ("B3 extended", [*B3, extended("2025-10-20")], None, {"reply": "2025-12-05"}),
    ("B4", B2, "2025-10-24", {"reply": "2025-11-18"}),
    ("C", [posted("2026-01-19")], None, {"reply": "2026-02-14"}),
    ("C extended by 10", [posted("2026-01-19"), extended("2026-02-14", 10)], None, {"reply": "2026-03-06"}),
    ("C extended by 20", [posted("2026-01-19"), extended("2026-02-14", 20)], None, {"reply": "2026-03-20"}),
    ("D1", [posted("2026-03-02")], None, {"reply": "2026-03-30"}),
    ("D2", D2, None, {"payment": "2026-04-22", "reply": None}),
    ("D3", D3, None, {"reply": "2026-05-09"}),
    (
        "F1",
        [e(K.ARRIVED, "2025-06-06", channel="web"), e(K.CONFIRMED, "2025-06-07")],
        None,
        {"reply": "2025-07-04", "supplement_notice": "2025-06-17"},
    ),
    (
        "F2",
        [e(K.ARRIVED, "2025-10-10", channel="email"), e(K.CONFIRMED, "2025-10-11")],
        None,
        {"reply": "2025-11-07"},
    ),
    ("F3", [posted("2025-10-10")], None, {"reply": "2025-11-06"}),
    (
        "fee received before the long holiday",
        [posted("2025-09-10"), e(K.FEE_NOTICED, "2025-09-24"), e(K.FEE_DELIVERED, "2025-09-26")],
        None,
        {"payment": "2025-10-30"},
    ),
    (
        "fee received before the spring festival",
        [posted("2025-01-06"), e(K.FEE_NOTICED, "2025-01-20"), e(K.FEE_DELIVERED, "2025-01-20")],
        None,
        {"payment": "2025-02-21"},
    ),
]


@pytest.mark.parametrize(("events", "today", "expected"), [case[1:] for case in WORKED], ids=[c[0] for c in WORKED])
def test_worked_examples(events, today, expected):
    found = run(events, today)
    for key, due in expected.items():
        assert found.last(key).due_on == (day(due) if due else None), key


def agrees(found):
    """Every clock that has started is told the same by `law.clock`."""
    for clock in found.clocks:
        if clock.start is not None:
            again = derive_clock(clock.rule, clock.start, CALENDAR, clock.pauses, clock.extensions)
            assert again.due_on == clock.due_on
            assert again.provisional == clock.provisional
            assert clock.derivation(CALENDAR).due_on == clock.due_on
            if clock.due_on is not None:
                assert again.days[-1].date == clock.due_on


@pytest.mark.parametrize(("events", "today"), [case[1:3] for case in WORKED], ids=[c[0] for c in WORKED])
def test_the_printed_derivation_agrees(events, today):
    agrees(run(events, today))


@pytest.mark.parametrize(("start", "due"), [
    ("2024-12-31", "2025-02-05"), ("2025-01-21", "2025-02-24"), ("2025-09-30", "2025-11-04"),
    ("2026-02-13", "2026-03-19"), ("2026-09-24", "2026-10-29"), ("2020-01-20", "2020-02-25"),
    ("2022-01-26", "2022-02-28"), ("2025-12-31", "2026-01-29"), ("2024-09-27", "2024-10-30"),
])  # fmt: skip
def test_twenty_working_days(start, due):
    assert run([posted(start)]).reply.due_on == day(due)


STAGES = [
    (A1, None, Stage.REGISTERED, ()),
    ([e(K.ARRIVED, "2026-05-08", channel="web")], None, Stage.UNCONFIRMED, ()),
    (A2, "2024-03-11", Stage.SUPPLEMENT, ()),
    (A2, "2024-03-12", Stage.SUPPLEMENT, ("O1",)),
    ([*A2, e(K.SUPPLEMENT_LAPSED, "2024-03-12")], None, Stage.ENDED, ()),
    ([*A2, e(K.SUPPLEMENT_LAPSED, "2024-03-12"), e(K.REPLIED, "2024-03-14")], None, Stage.ENDED, ()),
    (A3, None, Stage.REGISTERED, ()),
    (B2, "2025-10-23", Stage.OPINION, ()),
    (B2, "2025-10-24", Stage.REGISTERED, ()),
    (B3, None, Stage.REGISTERED, ()),
    (D2, "2026-04-22", Stage.PAYMENT, ()),
    (D2, "2026-04-23", Stage.PAYMENT, ("O2",)),
    ([*D2, e(K.FEE_LAPSED, "2026-04-23")], None, Stage.ENDED, ()),
    (D3, None, Stage.REGISTERED, ()),
    ([*D3, e(K.DRAFTED, "2026-04-20")], None, Stage.DRAFTING, ()),
    ([*D3, e(K.DRAFTED, "2026-03-10")], None, Stage.REGISTERED, ()),
    (D2[:2], None, Stage.REGISTERED, ()),
    ([*A1, e(K.REASONS_ASKED, "2024-02-20")], None, Stage.REASONS, ()),
    ([*A1, e(K.REASONS_ASKED, "2024-02-20"), e(K.REASONS_GIVEN, "2024-02-28")], None, Stage.REGISTERED, ()),
    (
        [*A1, e(K.REASONS_ASKED, "2024-02-20"), e(K.DELAYED, "2024-03-01", until=date(2024, 4, 12))],
        None,
        Stage.REGISTERED,
        (),
    ),
    ([*A1, e(K.REPLIED, "2024-03-14")], None, Stage.REPLIED, ()),
    ([*A1, e(K.REPLIED, "2024-03-14"), e(K.CLOSED, "2024-03-20")], None, Stage.ARCHIVED, ()),
    ([*A1, e(K.WITHDRAWN, "2024-02-10")], None, Stage.ENDED, ()),
    ([*A1, e(K.MERGED, "2024-02-19")], None, Stage.ENDED, ()),
    ([e(K.ARRIVED, "2026-05-08", channel="web"), e(K.WITHDRAWN, "2026-05-09")], None, Stage.ENDED, ()),
]


@pytest.mark.parametrize(("events", "today", "stage", "may_close"), STAGES)
def test_stages(events, today, stage, may_close):
    found = run(events, today)
    assert (found.stage, found.may_close) == (stage, may_close)
    assert found.is_open == (stage not in ("S7", "S8", "S9"))
    if not found.is_open:
        assert not any(clock.is_open for clock in found.clocks)


def test_a_reply_in_time_by_its_day_of_posting():
    for replied, on_time in (("2024-03-14", True), ("2024-03-15", False)):
        reply = run([*A1, e(K.REPLIED, replied)], "2024-06-01").reply
        assert (reply.state, reply.on_time, reply.met_on) == ("met", on_time, day(replied))


def test_registration_is_a_clock_of_its_own():
    for channel in ("in_person", "post", "letter", "fax", "email"):
        found = run([e(K.ARRIVED, "2026-05-08", channel=channel)])
        assert found.last("registration").due_on == day("2026-05-11"), channel
    assert run([e(K.ARRIVED, "2026-05-08", channel="web")]).last("registration") is None
    late = run([posted("2026-05-08"), e(K.REGISTERED, "2026-05-12")]).last("registration")
    assert (late.state, late.on_time) == ("met", False)
    assert run([posted("2026-05-08"), e(K.REGISTERED, "2026-05-11")]).last("registration").on_time


def test_confirmation_is_a_clock_of_its_own():
    letter = run([e(K.ARRIVED, "2026-05-08", channel="letter")])
    assert letter.last("confirmation").due_on == day("2026-05-08")
    assert letter.reply is None
    fax = run([e(K.ARRIVED, "2026-05-08", channel="fax"), e(K.CONFIRMED, "2026-05-09")])
    assert (fax.last("confirmation").due_on, fax.last("confirmation").on_time) == (day("2026-05-09"), True)
    assert run([posted("2026-05-08")]).last("confirmation") is None


def test_a_supplement_notice_on_the_eighth_day_is_late():
    for asked, on_time in (("2024-02-26", True), ("2024-02-27", False)):
        notice = run([*A1, e(K.SUPPLEMENT_ASKED, asked)]).last("supplement_notice")
        assert notice.on_time is on_time
    assert run(A1, "2024-02-26").last("supplement_notice").state == "running"
    assert run(A1, "2024-02-27").last("supplement_notice").state == "cancelled"


def test_a_supplement_resets_and_may_be_extended_again():
    found = run([*A1, extended("2024-02-20"), *A2[1:], A3[-1], extended("2024-03-20", 5)])
    first, second = found.all("reply")
    assert (first.state, first.due_on, first.note) == ("cancelled", None, "申请人补正后重新计算")
    assert second.due_on == day("2024-04-10")
    assert (second.title, found.runs_from) == ("答复（第2次计算）", day("2024-03-05"))
    assert found.received_on == day("2024-02-09")


def test_a_second_round_needs_approval():
    again = [*A3, e(K.SUPPLEMENT_ASKED, "2024-03-08", reference="云公补〔2024〕2号")]
    with pytest.raises(HistoryError, match="批准"):
        run(again)
    again[-1] = e(K.SUPPLEMENT_ASKED, "2024-03-08", reference="云公补〔2024〕2号", approved=True)
    found = run([*again, e(K.SUPPLEMENT_DELIVERED, "2024-03-11", reference="云公补〔2024〕2号")])
    assert found.stage == Stage.SUPPLEMENT
    assert [clock.due_on for clock in found.all("supplement")] == [day("2024-03-11"), day("2024-03-25")]
    assert len(found.all("supplement_notice")) == 1


def test_rounds_without_references_follow_one_another():
    events = [
        posted("2024-02-09"),
        e(K.SUPPLEMENT_ASKED, "2024-02-20"),
        e(K.SUPPLEMENT_RECEIVED, "2024-02-26"),
        e(K.SUPPLEMENT_ASKED, "2024-02-26", approved=True),
        e(K.SUPPLEMENT_DELIVERED, "2024-02-28"),
        e(K.SUPPLEMENT_LAPSED, "2024-03-14"),
    ]
    first, second = run(events).all("supplement")
    assert (first.state, first.start) == ("met", None)
    assert (second.state, second.due_on) == ("cancelled", day("2024-03-13"))


def test_overlapping_rounds_count_once():
    base = posted("2025-09-22")
    rounds = [
        e(K.OPINION_ASKED, "2025-09-24", reference="甲"),
        e(K.OPINION_RETURNED, "2025-10-10", reference="甲"),
        e(K.OPINION_ASKED, "2025-10-09", reference="乙", party="joint_maker"),
        e(K.OPINION_RETURNED, "2025-10-14", reference="乙"),
    ]
    found = run([base, *rounds])
    assert found.reply.due_on == day("2025-11-07")
    assert [pause.reason for pause in found.reply.pauses] == ["征求第三方意见", "征求共同制作机关意见"]
    with pytest.raises(HistoryError, match="编号"):
        run([base, e(K.OPINION_ASKED, "2025-09-24"), e(K.OPINION_ASKED, "2025-09-25")])


def test_borders_of_an_opinion_round():
    strict = RequestRules(border="before_return")
    # 2025-10-14 comes out of the pause: one working day less.
    assert run(B3, rules=strict).reply.due_on == day("2025-11-06")
    assert run(B2, "2025-10-24", rules=strict).reply.due_on == day("2025-11-17")


def test_what_silence_means():
    for party, word in ((Party.THIRD_PARTY, "由本机关依法决定"), (Party.JOINT_MAKER, "视为同意公开")):
        found = run([B2[0], e(K.OPINION_ASKED, "2025-09-24", party=party), B2[2]], "2025-10-24")
        clock = found.last("opinion")
        assert clock.state == "cancelled"
        assert word in clock.note


def test_while_an_opinion_is_open_the_latest_day_is_known():
    reply = run(B2).reply
    assert (reply.state, reply.due_on, reply.latest_on) == ("paused", None, day("2025-11-18"))
    assert run(B2[:2]).reply.latest_on is None
    assert run(B2).changes_on == day("2025-10-01")
    assert run(B2, "2025-10-10").changes_on == day("2025-10-24")


def test_a_third_party_that_cannot_be_reached():
    found = run([*B2[:2], e(K.OPINION_LAPSED, "2025-10-14", reason="查无此人")])
    assert found.reply.due_on == day("2025-11-07")


def test_an_opinion_that_comes_after_its_period_changes_nothing():
    assert run([*B2, e(K.OPINION_RETURNED, "2025-11-03")]).reply.due_on == day("2025-11-18")


def test_an_opinion_that_comes_after_the_reply_changes_nothing():
    early = [*B2, e(K.REPLIED, "2025-10-15")]
    late = [*early, e(K.OPINION_RETURNED, "2025-10-20")]
    assert run(early, "2025-12-01").reply == run(late, "2025-12-01").reply
    assert run(late).reply.on_time


def test_payment_restarts_the_clock():
    found = run(D3)
    first, second = found.all("reply")
    assert first.state == "cancelled"
    assert (second.rule.trigger, second.start.date()) == ("完成缴费", day("2026-04-08"))
    assert found.last("payment").on_time
    unseen = run([*D2[:2], e(K.PAID, "2026-04-08")])
    assert unseen.reply.due_on == day("2026-05-09")


def test_a_supplement_and_then_a_fee():
    events = [
        *A3,
        extended("2024-03-20", 5),
        e(K.FEE_NOTICED, "2024-04-08"),
        e(K.FEE_DELIVERED, "2024-04-09"),
        e(K.PAID, "2024-04-15"),
        extended("2024-04-16", 3),
    ]
    found = run(events)
    assert [clock.state for clock in found.all("reply")] == ["cancelled", "cancelled", "running"]
    assert found.reply.due_on == CALENDAR.add_workdays(day("2024-04-15"), 23)
    assert found.last("payment").due_on == CALENDAR.add_workdays(day("2024-04-09"), 20)
    agrees(found)


def test_a_fee_notice_that_arrives_too_late_leaves_the_run_late():
    """Sent in time, received after the last day: the run was over before anything stopped it."""
    events = [posted("2026-03-02"), e(K.FEE_NOTICED, "2026-03-30"), e(K.FEE_DELIVERED, "2026-04-01")]
    first, second = run([*events, e(K.PAID, "2026-04-08")]).all("reply")
    assert (first.state, first.due_on, first.on_time) == ("cancelled", day("2026-03-30"), False)
    assert second.due_on == day("2026-05-09")


def test_delay_after_reasons():
    found = run([*A1, e(K.REASONS_ASKED, "2024-02-20", days=5), e(K.DELAYED, "2024-03-01", until=day("2024-04-12"))])
    assert found.reply.due_on == day("2024-04-12")
    assert found.last("reasons").due_on == day("2024-02-27")


def test_reasons_do_not_stop_the_clock():
    assert run([*A1, e(K.REASONS_ASKED, "2024-02-20")]).reply.due_on == day("2024-03-14")


def counted(events, today, **rules):
    return derive(events, CALENDAR, RequestRules(**rules), today=day(today))


def without(start, sent, back):
    """Twenty working days, and those that did not count after one day until another."""
    return CALENDAR.add_workdays(day(start), 20 + CALENDAR.workdays_between(day(sent), day(back)))


def test_a_place_may_let_the_count_go_on_after_a_payment():
    """The sources leave it in doubt; the default begins anew."""
    found = counted(D3, "2026-04-09", fee_restarts=False)
    assert found.reply.due_on == without("2026-03-02", "2026-03-24", "2026-04-08")
    assert found.stage == Stage.REGISTERED
    assert [clock.number for clock in found.all("reply")] == [1]
    waiting = counted(D2, "2026-03-26", fee_restarts=False)
    assert (waiting.stage, waiting.reply.due_on) == (Stage.PAYMENT, None)
    over = counted(D2, "2026-04-23", fee_restarts=False)
    assert "O2" in over.may_close
    with pytest.raises(HistoryError, match="届满"):
        counted([D2[0], e(K.FEE_NOTICED, "2026-04-01")], "2026-04-02", fee_restarts=False)


def test_a_place_may_let_the_count_stand_still_while_reasons_are_awaited():
    asked = [*A1, e(K.REASONS_ASKED, "2024-02-20")]
    waiting = counted(asked, "2024-02-22", reasons_pause=True)
    assert (waiting.stage, waiting.reply.due_on) == (Stage.REASONS, None)
    given_ = counted([*asked, e(K.REASONS_GIVEN, "2024-02-27")], "2024-02-28", reasons_pause=True)
    assert given_.reply.due_on == without("2024-02-09", "2024-02-20", "2024-02-27")
    # Nobody answers within the ten working days: the count goes on by itself.
    silent = counted(asked, "2024-03-20", reasons_pause=True)
    last = CALENDAR.add_workdays(day("2024-02-20"), 10)
    assert silent.reply.due_on == without("2024-02-09", "2024-02-20", last.isoformat())


def test_provisional_years_are_flagged_and_unknown_ones_raise():
    found = run([posted("2026-12-20")])
    assert found.reply.provisional
    assert not found.last("registration").provisional
    assert not run([posted("2025-12-31")]).reply.provisional
    with pytest.raises(UnknownYearError):
        run([posted("2050-05-08")])
    last = max(item.year for item in CALENDAR.years)
    with pytest.raises(UnknownYearError):
        run([posted(f"{last}-12-20")])


def test_times_count_by_their_day_in_shanghai():
    arrived = RequestEvent(K.ARRIVED, datetime(2024, 2, 8, 17, 0, tzinfo=UTC), channel="in_person")
    asked = RequestEvent(K.OPINION_ASKED, datetime(2024, 2, 20, 15, 40, tzinfo=SHANGHAI))
    back = RequestEvent(K.OPINION_RETURNED, datetime(2024, 2, 23, 9, 0, tzinfo=SHANGHAI))
    found = run([arrived, asked, back])
    assert found.received_on == day("2024-02-09")
    assert found.reply.due_on == day("2024-03-19")
    assert ("2月20日 星期二，15:40起暂停", "第3日") in [
        (line.title, line.count) for line in found.reply.derivation(CALENDAR).stretches
    ]


ILLEGAL = [
    ([], "没有收到申请"),
    ([e(K.ARRIVED, "2024-02-09")], "渠道"),
    ([*A1, posted("2024-02-10")], "只能有一次"),
    ([*A1, extended("2024-03-15")], "届满后不能延长"),
    ([*A1, extended("2024-02-20", 5), extended("2024-02-21", 5)], "只能延长一次"),
    ([*A1, extended("2024-02-20", 21)], "1至20"),
    ([*A1, extended("2024-02-20", 0)], "1至20"),
    ([*A1, extended("2024-02-20", None)], "1至20"),
    ([*A1, extended("2024-02-20", approved=False)], "同意"),
    ([*A2, extended("2024-02-27")], "重新计算"),
    ([*D2, extended("2026-03-25")], "重新计算"),
    ([*A1, extended("2024-02-08")], "早于"),
    ([*A1, e(K.DELAYED, "2024-03-01")], "哪一天"),
    ([*A1, e(K.DELAYED, "2024-03-01", until=date(2024, 2, 28))], "哪一天"),
    ([*A1, e(K.DELAYED, "2024-03-15", until=date(2024, 4, 28))], "届满"),
    ([*A3, e(K.SUPPLEMENT_ASKED, "2024-03-08", reference="二")], "批准"),
    ([*A1, e(K.SUPPLEMENT_RECEIVED, "2024-02-20")], "没有对应的通知"),
    ([*A1, e(K.SUPPLEMENT_ASKED, "2024-02-20"), e(K.SUPPLEMENT_RECEIVED, "2024-02-19")], "没有对应的通知"),
    ([*A1, e(K.SUPPLEMENT_ASKED, "2024-03-15")], "届满"),
    ([*A1, e(K.SUPPLEMENT_ASKED, "2024-02-20", days=0)], "大于零"),
    ([*A2, e(K.SUPPLEMENT_LAPSED, "2024-03-11")], "次日起"),
    ([*A3, e(K.SUPPLEMENT_LAPSED, "2024-03-12")], "已经补正"),
    ([*A1, e(K.SUPPLEMENT_ASKED, "2024-02-20"), e(K.SUPPLEMENT_LAPSED, "2024-05-12")], "送达"),
    ([*D2, e(K.FEE_LAPSED, "2026-04-22")], "次日起"),
    ([*D2, e(K.PAID, "2026-03-23")], "早于通知送达"),
    ([*B2, e(K.OPINION_RETURNED, "2025-09-25")], "早于通知送达"),
    ([*D3, e(K.FEE_LAPSED, "2026-04-23")], "已经缴费"),
    ([*A1, e(K.PAID, "2024-02-20")], "没有对应的通知"),
    ([*A1, e(K.FEE_NOTICED, "2024-03-15"), e(K.FEE_DELIVERED, "2024-03-16")], "届满"),
    ([*A2, e(K.FEE_NOTICED, "2024-02-27"), e(K.FEE_DELIVERED, "2024-02-28")], "了结"),
    ([*B2, e(K.OPINION_LAPSED, "2025-10-20")], "次日起"),
    ([B2[0], e(K.OPINION_ASKED, "2025-09-24", party="neighbour")], "征求谁"),
    ([*B2, e(K.OPINION_RETURNED, "2025-10-14", reference="别的")], "没有对应的通知"),
    ([*A1, e(K.OPINION_ASKED, "2024-02-08")], "早于"),
    ([e(K.ARRIVED, "2026-05-08", channel="web"), e(K.OPINION_ASKED, "2026-05-09")], "没有确认"),
    ([e(K.ARRIVED, "2026-05-08", channel="web"), e(K.REPLIED, "2026-05-09")], "没有确认"),
    ([*A1, e(K.CLOSED, "2024-02-10")], "不能归档"),
    ([*A1, e(K.REPLIED, "2024-02-20"), e(K.CLOSED, "2024-02-19")], "归档早于"),
    ([*A1, e(K.REPLIED, "2024-02-20"), e(K.WITHDRAWN, "2024-02-21")], "一个结局"),
    ([*A1, e(K.REPLIED, "2024-02-20"), e(K.OPINION_ASKED, "2024-02-21")], "之后的记录"),
]


@pytest.mark.parametrize(("events", "word"), ILLEGAL)
def test_impossible_histories_raise(events, word):
    with pytest.raises(HistoryError, match=word) as caught:
        run(events, "2027-01-01")
    assert str(caught.value).endswith("。")


def test_an_extension_while_paused_is_in_time():
    """The 20th day by the bare calendar has passed, but the clock stood still."""
    found = run([*B3, extended("2025-11-07")])
    assert found.reply.due_on == day("2025-12-05")
    with pytest.raises(HistoryError, match="届满"):
        run([*B3, extended("2025-11-10")])


def test_what_was_accepted_in_time_is_not_judged_again():
    late = [posted("2026-03-02"), extended("2026-03-31", 5)]
    with pytest.raises(HistoryError, match="届满"):
        run(late)
    assert run(late, recorded=True).reply.due_on == day("2026-04-07")


def test_days_of_receipt_and_reply():
    came, agreed = day("2026-05-08"), day("2026-05-11")
    for channel in Channel:
        expected = came if channel in ("in_person", "post") else agreed
        assert receipt_day(channel, came, agreed) == expected
    assert receipt_day("web", came) is None
    assert reply_day("posted", posted=came, signed=agreed) == came
    assert reply_day(Service.SIGNED, signed=agreed) == agreed
    assert reply_day("entrusted", signed=agreed) == agreed
    assert reply_day("electronic", sent=came) == came
    with pytest.raises(HistoryError, match="交邮"):
        reply_day("posted", signed=agreed)


def test_alerts():
    due = day("2026-05-29")
    assert [alert(due, day(text), CALENDAR) for text in ("2026-05-21", "2026-05-22", "2026-05-27", "2026-05-29")] == [
        "green",
        "yellow",
        "orange",
        "orange",
    ]
    assert alert(due, day("2026-05-30"), CALENDAR) == "red"


def test_rules_beside_the_request():
    start = datetime(2026, 9, 8, 10, tzinfo=SHANGHAI)
    assert derive_clock(CONVERSION, start, CALENDAR).due_on == day("2026-10-08")
    assert derive_clock(CORRECTION, start, CALENDAR).due_on == day("2026-10-12")


def test_a_clock_that_waits_has_no_derivation():
    clock = run([*A1, e(K.SUPPLEMENT_ASKED, "2024-02-20")]).last("supplement")
    assert (clock.state, clock.due_on) == ("waiting", None)
    with pytest.raises(HistoryError, match="没有开始"):
        clock.derivation(CALENDAR)


# --- random histories ---------------------------------------------------------------------------------------------------

TODAY = date(2027, 12, 1)


def later(start, days):
    return start + timedelta(days=days)


OPINION = st.tuples(st.integers(0, 45), st.integers(0, 6), st.none() | st.integers(0, 40), st.sampled_from(list(Party)))


@st.composite
def histories(draw):
    """A possible history: intake, perhaps a restart, opinions, perhaps an extension. With T0 and what was granted."""
    channel = draw(st.sampled_from(list(Channel)))
    arrived = draw(st.dates(date(2023, 6, 1), date(2026, 11, 30)))
    confirmed = later(arrived, draw(st.integers(0, 4)))
    events = [RequestEvent(K.ARRIVED, arrived, channel=channel)]
    start = receipt_day(channel, arrived, confirmed)
    if start == confirmed and channel not in ("in_person", "post"):
        events.append(RequestEvent(K.CONFIRMED, confirmed))
    restart = draw(st.sampled_from(["none", "none", "supplement", "fee"]))
    if restart != "none":
        asked = later(start, draw(st.integers(0, 9)))
        delivered, back = later(asked, draw(st.integers(0, 5))), None
        back = later(delivered, draw(st.integers(0, 20)))
        kinds = (
            (K.SUPPLEMENT_ASKED, K.SUPPLEMENT_DELIVERED, K.SUPPLEMENT_RECEIVED)
            if restart == "supplement"
            else (K.FEE_NOTICED, K.FEE_DELIVERED, K.PAID)
        )
        events += [RequestEvent(kind, at) for kind, at in zip(kinds, (asked, delivered, back), strict=True)]
        start = back
    granted = draw(st.none() | st.integers(1, 20))
    if granted:
        events.append(RequestEvent(K.EXTENDED, start, days=granted, approved=True))
    return events, start, granted or 0


def opinion_events(start, opinions):
    events, spans = [], []
    for number, (offset, delivery, answer, party) in enumerate(opinions):
        asked = later(start, offset)
        delivered = later(asked, delivery)
        reference = f"征{number}"
        events.append(RequestEvent(K.OPINION_ASKED, asked, reference=reference, party=party))
        events.append(RequestEvent(K.OPINION_DELIVERED, delivered, reference=reference))
        limit = CALENDAR.add_workdays(delivered, 15)
        if answer is not None:
            events.append(RequestEvent(K.OPINION_RETURNED, later(delivered, answer), reference=reference))
            limit = min(limit, later(delivered, answer))
        spans.append((asked, limit))
    return events, spans


def by_hand(start, amount, spans):
    """Day by day, as with a pencil in a calendar: skip days off and days of waiting, stop at the last one."""
    at, number = start, 0
    while number < amount:
        at = later(at, 1)
        waiting = any(asked < at <= back for asked, back in spans)
        number += CALENDAR.is_workday(at) and not waiting
    while any(asked <= at < back for asked, back in spans):
        at = CALENDAR.roll_forward(max(back for asked, back in spans if asked <= at < back))
    return at


@LENIENT
@given(histories(), st.lists(OPINION, max_size=3), st.randoms(use_true_random=False))
def test_random_histories_by_hand(history, opinions, order):
    events, start, granted = history
    more, spans = opinion_events(start, opinions)
    assume(start.year < 2027)
    every = [*events, *more]
    found = run_today(every)
    assert found.reply.due_on == by_hand(start, 20 + granted, spans)
    assert CALENDAR.is_workday(found.reply.due_on)
    assert found.runs_from == start
    agrees(found)
    for clock in found.clocks:
        assert clock.due_on is None or CALENDAR.is_workday(clock.due_on) or clock.rule.amount == 0
    order.shuffle(every)
    assert run_today(every) == found


def run_today(events, **more):
    return derive(events, CALENDAR, today=TODAY, **more)


@LENIENT
@given(histories(), st.lists(OPINION, max_size=2), OPINION)
def test_adding_a_pause_never_shortens(history, opinions, another):
    events, start, _granted = history
    before, _ = opinion_events(start, opinions)
    after, _ = opinion_events(start, [*opinions, another])
    assert run_today([*events, *after]).reply.due_on >= run_today([*events, *before]).reply.due_on
    strict = RequestRules(border="before_return")
    assert run_today([*events, *after], rules=strict).reply.due_on <= run_today([*events, *after]).reply.due_on


@LENIENT
@given(histories(), st.lists(OPINION, max_size=2), st.integers(0, 80))
def test_the_latest_day_holds_whatever_others_do(history, opinions, offset):
    """While waiting, no answer can make the reply due later than what was shown as the latest day."""
    events, start, _granted = history
    more, _ = opinion_events(start, opinions)
    today = later(start, offset)
    known = [event for event in [*events, *more] if event.day <= today]
    at_the_time = derive(known, CALENDAR, today=today)
    asked = {event.reference for event in known if event.kind == K.OPINION_ASKED}
    delivered = {event.reference for event in known if event.kind == K.OPINION_DELIVERED}
    assume(asked == delivered == {event.reference for event in more})
    final = run_today([*events, *more]).reply
    assert at_the_time.reply.latest_on >= final.due_on


def test_many_random_orders_of_one_long_history():
    events = [*A3, e(K.REGISTERED, "2024-02-18"), extended("2024-03-20", 10), e(K.DRAFTED, "2024-04-10")]
    events += [e(K.OPINION_ASKED, "2024-03-11", reference="甲"), e(K.OPINION_DELIVERED, "2024-03-12", reference="甲")]
    events += [e(K.OPINION_RETURNED, "2024-03-19", reference="甲"), e(K.REPLIED, "2024-04-15")]
    expected = run(events)
    order = random.Random(7)
    for _ in range(50):
        order.shuffle(events)
        assert run(events) == expected
    assert expected.reply.due_on == day("2024-04-25")
