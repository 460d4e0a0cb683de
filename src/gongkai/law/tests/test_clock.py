"""Clocks by table: periods, pauses, extensions, hours, and how they are told."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.clock import (
    LIGHT_LABELS,
    LIGHTS,
    PUBLIC_LIGHT_LABELS,
    SHANGHAI,
    Extension,
    Pause,
    Rule,
    StepKind,
    derive,
    light,
    next_change,
    ruler,
    words,
    worst,
)
from gongkai.law.rhythm import Rhythm, occurrences
from gongkai.law.workdays import Layer, UnknownYearError, default_calendar

CALENDAR = default_calendar()


def at(text):
    """`2026-05-18 15:40` or `2026-05-18` (09:00) in Shanghai."""
    return datetime.fromisoformat(text if len(text) > 10 else f"{text} 09:00").replace(tzinfo=SHANGHAI)


def pause(start, end=None, reason=""):
    return Pause(at(start), at(end) if end else None, reason)


REPLY = Rule("workday", 20)

# Start, pauses, extension in working days, due day.
REPLIES = [
    ("2024-02-09", [], 0, "2024-03-14"),
    ("2024-03-05", [], 0, "2024-04-02"),
    ("2024-03-05", [], 20, "2024-04-30"),
    ("2025-09-22", [], 0, "2025-10-24"),
    ("2025-09-22", [("2025-09-24", "2025-10-14")], 0, "2025-11-07"),
    ("2025-09-22", [("2025-09-24", "2025-10-14")], 20, "2025-12-05"),
    ("2025-09-22", [("2025-09-24", "2025-10-23")], 0, "2025-11-18"),
    ("2026-01-19", [], 0, "2026-02-14"),
    ("2026-01-19", [], 10, "2026-03-06"),
    ("2026-01-19", [], 20, "2026-03-20"),
    ("2026-03-02", [], 0, "2026-03-30"),
    ("2026-04-08", [], 0, "2026-05-09"),
    ("2025-06-07", [], 0, "2025-07-04"),
    ("2025-10-11", [], 0, "2025-11-07"),
    ("2025-10-10", [], 0, "2025-11-06"),
    ("2026-04-27", [("2026-05-12", "2026-05-18")], 0, "2026-06-02"),
    # overlapping, touching, nested, same-day pauses; pauses before the start and after the end
    ("2025-09-22", [("2025-09-24", "2025-10-10"), ("2025-10-09", "2025-10-14")], 0, "2025-11-07"),
    ("2025-09-22", [("2025-09-24", "2025-10-09"), ("2025-10-09", "2025-10-14")], 0, "2025-11-07"),
    ("2025-09-22", [("2025-09-24", "2025-10-14"), ("2025-09-26", "2025-09-28")], 0, "2025-11-07"),
    ("2026-03-02", [("2026-03-05", "2026-03-05 17:00")], 0, "2026-03-30"),
    ("2026-03-02", [("2026-03-05", "2026-03-05")], 0, "2026-03-30"),
    ("2026-03-02", [("2026-02-01", "2026-02-28")], 0, "2026-03-30"),
    ("2026-03-02", [("2026-02-25", "2026-03-04")], 0, "2026-04-01"),
    ("2026-03-02", [("2026-03-31", "2026-04-10")], 0, "2026-03-30"),
    # over weekends and holidays only: nothing is lost, nothing is won
    ("2026-04-27", [("2026-05-01", "2026-05-05")], 0, "2026-05-27"),
    ("2026-09-18", [("2026-09-30", "2026-10-08")], 0, "2026-10-23"),
    # over the end of the year
    ("2025-12-22", [("2025-12-30", "2026-01-06")], 0, "2026-01-26"),
    # begun on the last day: the day of return is the last; on a Saturday, the Monday
    ("2026-03-02", [("2026-03-30", "2026-04-08")], 0, "2026-04-08"),
    ("2026-03-02", [("2026-03-30", "2026-04-11")], 0, "2026-04-13"),
]


@pytest.mark.parametrize(("start", "pauses", "extension", "due"), REPLIES)
def test_reply_within_20_working_days(start, pauses, extension, due):
    extensions = [Extension(extension)] if extension else []
    found = derive(REPLY, at(start), CALENDAR, [pause(*item) for item in pauses], extensions)
    assert found.due_on == date.fromisoformat(due)
    assert found.due == datetime.combine(found.due_on + timedelta(days=1), datetime.min.time(), SHANGHAI)
    assert found.total == 20 + extension
    assert not found.is_paused
    assert not found.provisional
    numbers = [step.number for step in found.days if step.number]
    assert numbers == list(range(1, found.total + 1))
    assert found.days[-1].is_due


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2024-02-09", 7, "2024-02-26"),
        ("2024-02-26", 10, "2024-03-11"),
        ("2024-02-26", 15, "2024-03-18"),
        ("2025-09-26", 15, "2025-10-23"),
        ("2026-03-24", 20, "2026-04-22"),
        ("2025-06-07", 7, "2025-06-17"),
        ("2026-05-16", 0, "2026-05-18"),
        ("2026-05-18", 0, "2026-05-18"),
    ],
)
def test_other_working_day_periods(start, amount, due):
    assert derive(Rule("workday", amount), at(start), CALENDAR).due_on == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("rule", "start", "pauses", "extensions", "due"),
    [
        (Rule("day", 60), "2026-08-02", [], [], "2026-10-08"),
        (Rule("day", 60, roll=False), "2026-08-02", [], [], "2026-10-01"),
        (Rule("day", 30), "2026-04-09", [], [], "2026-05-09"),
        (Rule("day", 30), "2026-03-01", [("2026-03-10", "2026-03-15")], [], "2026-04-07"),
        (Rule("day", 30), "2026-03-01", [], [Extension(30, "day")], "2026-04-30"),
        # 2026-05-02 plus 2 days is a holiday: rolls to 05-06; a pause begun meanwhile carries on
        (Rule("day", 2), "2026-04-30", [("2026-05-04", "2026-05-11")], [], "2026-05-11"),
        (Rule("month", 6), "2026-08-31", [], [], "2027-03-01"),
        (Rule("month", 1), "2026-01-31", [], [], "2026-02-28"),
        (Rule("month", 3), "2026-07-01", [("2026-07-10", "2026-07-20")], [], "2026-10-12"),
        (Rule("month", 1), "2026-03-02", [], [Extension(1, "month")], "2026-05-06"),
        (Rule("month", 1), "2026-03-02", [], [Extension(5, "workday")], "2026-04-10"),
        (Rule("workday", 20), "2026-03-02", [], [Extension(30, "day")], "2026-04-29"),
        (Rule("date", date=date(2026, 10, 3)), "2026-03-02", [], [], "2026-10-03"),
        (Rule("date", date=date(2026, 10, 3), roll=True), "2026-03-02", [], [], "2026-10-08"),
        (Rule("date", date=date(2026, 6, 30)), "2026-03-02", [("2026-04-01", "2026-05-01")], [], "2026-06-30"),
        (Rule("date", date=date(2026, 6, 30)), "2026-03-02", [("2026-04-01", None)], [], "2026-06-30"),
        (Rule("date", date=date(2026, 6, 30)), "2026-03-02", [], [Extension(10)], "2026-07-14"),
        (Rule("date", date=date(2026, 2, 28)), "2026-03-02", [], [], "2026-02-28"),
        (Rule("date", date=date(2026, 6, 30)), "2026-03-02", [], [Extension(date=date(2026, 9, 30))], "2026-09-30"),
        (Rule("workday", 5), "2026-03-02", [], [Extension(date=date(2026, 3, 14))], "2026-03-16"),
        (Rule("workday", 5), "2026-03-02", [], [Extension(date=date(2026, 3, 3))], "2026-03-09"),
        (Rule("day", 5), "2026-03-02", [], [Extension(date=date(2026, 3, 14))], "2026-03-16"),
    ],
)
def test_other_periods(rule, start, pauses, extensions, due):
    found = derive(rule, at(start), CALENDAR, [pause(*item) for item in pauses], extensions)
    assert found.due_on == date.fromisoformat(due)
    assert sum(step.is_due for step in found.days) == (found.due_on >= date.fromisoformat(start))


@pytest.mark.parametrize(
    ("rule", "start", "pauses", "extensions", "due"),
    [
        (Rule("hour", 24), "2026-05-13 09:00", [], [], "2026-05-14 09:00"),
        (Rule("hour", 24), "2026-09-30 18:00", [], [], "2026-10-01 18:00"),
        (Rule("hour", 48), "2026-12-31 23:30", [], [], "2027-01-02 23:30"),
        (Rule("hour", 5), "2026-05-13 22:00", [], [], "2026-05-14 03:00"),
        (Rule("hour", 24), "2026-05-13 09:00", [("2026-05-13 15:40", "2026-05-14 10:00")], [], "2026-05-15 03:20"),
        (Rule("hour", 24), "2026-05-13 09:00", [("2026-05-13 08:00", "2026-05-13 10:00")], [], "2026-05-14 10:00"),
        (Rule("hour", 24), "2026-05-13 09:00", [("2026-05-14 09:00", "2026-05-14 10:00")], [], "2026-05-14 09:00"),
        (
            Rule("hour", 24),
            "2026-05-13 09:00",
            [("2026-05-13 12:00", "2026-05-13 14:00"), ("2026-05-13 13:00", "2026-05-13 15:00")],
            [],
            "2026-05-14 12:00",
        ),
        (Rule("hour", 24), "2026-05-13 09:00", [], [Extension(12, "hour")], "2026-05-14 21:00"),
        (Rule("hour", 24), "2026-05-13 09:00", [], [Extension(1, "day")], "2026-05-15 09:00"),
        (Rule("hour", 24), "2026-05-14 09:00", [], [Extension(1, "workday")], "2026-05-18 09:00"),
        (Rule("hour", 24), "2026-05-14 09:00", [], [Extension(1, "month")], "2026-06-15 09:00"),
        (Rule("hour", 24), "2026-05-14 09:00", [], [Extension(date=date(2026, 5, 20))], "2026-05-21 00:00"),
    ],
)
def test_hours_run_through_nights_and_holidays(rule, start, pauses, extensions, due):
    found = derive(rule, at(start), CALENDAR, [pause(*item) for item in pauses], extensions)
    assert found.due == at(due)
    assert found.days == ()
    assert found.stretches
    assert found.soon_from is not None
    assert found.soon_from < found.due


def test_soon_at_a_quarter_left_of_hours():
    assert derive(Rule("hour", 24), at("2026-05-13 09:00"), CALENDAR).soon_from == at("2026-05-14 03:00")


@pytest.mark.parametrize(
    ("start", "soon"), [("2026-04-27", "2026-05-22"), ("2026-09-10", "2026-10-10"), ("2026-05-20", "2026-06-12")]
)
def test_soon_three_working_days_before(start, soon):
    found = derive(REPLY, at(start), CALENDAR)
    assert found.soon_from == at(f"{soon} 00:00")
    assert CALENDAR.workdays_between(found.soon_from.date(), found.due_on) == 3


def test_soon_never_before_the_start():
    found = derive(Rule("workday", 2), at("2019-01-02"), CALENDAR)
    assert found.soon_from == at("2019-01-02")


def test_end_at_the_close_of_office():
    found = derive(Rule("workday", 1, end="17:30"), at("2026-05-19"), CALENDAR)
    assert found.due == at("2026-05-20 17:30")
    assert found.due_on == date(2026, 5, 20)
    late = derive(
        Rule("workday", 1, end="17:30"), at("2026-05-19"), CALENDAR, [pause("2026-05-20 18:00", "2026-05-25")]
    )
    assert late.due == found.due
    intime = derive(
        Rule("workday", 1, end="17:30"), at("2026-05-19"), CALENDAR, [pause("2026-05-20 17:00", "2026-05-25")]
    )
    assert intime.due == at("2026-05-25 17:30")
    assert found.conclusion == "2026年5月20日17:30到期。"


def test_the_day_is_that_of_shanghai():
    moment = datetime(2026, 5, 12, 17, 0, tzinfo=UTC)
    found = derive(Rule("workday", 1), moment, CALENDAR)
    assert found.days[0].date == date(2026, 5, 13)
    assert found.due_on == date(2026, 5, 14)


def test_where_only_the_day_of_a_pause_is_known_no_hour_is_told():
    held = [pause("2026-05-18 00:00", "2026-05-20 00:00", "征求第三方意见")]
    found = derive(Rule("workday", 5), at("2026-05-13"), CALENDAR, held)
    assert ("5月18日 星期一，次日起暂停", "第3日") in [(line.title, line.count) for line in found.stretches]
    assert ("5月19日、20日 征求第三方意见", "暂停，不计") in [(line.title, line.count) for line in found.stretches]


def test_an_open_pause_stops_the_clock():
    rule = Rule("workday", 5, trigger="收到催办")
    held = [pause("2026-05-18 15:40", reason="等待核对口径")]
    found = derive(rule, at("2026-05-13"), CALENDAR, held, now=at("2026-05-20 10:00"))
    assert (found.due, found.due_on, found.soon_from) == (None, None, None)
    assert found.due_on_if_resumed == date(2026, 5, 22)
    assert (found.used, found.total, found.remaining, found.paused) == (3, 5, 2, 2)
    assert [(line.title, line.count) for line in found.stretches] == [
        ("5月13日 星期三，收到催办", "当日不计"),
        ("5月14日、15日", "第1、2日"),
        ("5月16日、17日 周六、周日", "休息，不计"),
        ("5月18日 星期一，15:40起暂停", "第3日"),
        ("5月19日、20日 等待核对口径", "暂停，不计"),
        ("恢复计时之日的次日起", "再数2个工作日"),
    ]
    assert found.conclusion == "如2026年5月20日恢复，2026年5月22日到期。"
    assert found.calendar_note == "日历：2026年放假安排（正式）"
    later = derive(rule, at("2026-05-13"), CALENDAR, held, now=at("2026-05-21"))
    assert later.due_on_if_resumed == date(2026, 5, 25)
    blind = derive(rule, at("2026-05-13"), CALENDAR, held)
    assert (blind.due, blind.due_if_resumed) == (None, None)
    assert blind.conclusion == "暂停计时，恢复后再推算到期日。"
    shown = ruler(found, "paused")
    assert shown.slots == ("used",) * 3 + ("stop",) * 2 + ("slot",) * 2
    assert shown.now == pytest.approx(5 / 7)
    assert shown.label == "已用3，共5，暂停2"


def test_an_open_pause_after_the_end_changes_nothing():
    found = derive(REPLY, at("2026-03-02"), CALENDAR, [pause("2026-03-31")], now=at("2026-04-02"))
    assert found.due_on == date(2026, 3, 30)
    assert derive(REPLY, at("2026-03-02"), CALENDAR, [pause("2026-03-30")]).due is None


def test_a_pause_planned_for_later():
    found = derive(Rule("workday", 5), at("2026-05-13"), CALENDAR, [pause("2026-05-18")], now=at("2026-05-14"))
    assert found.due is None
    assert (found.used, found.remaining) == (1, 4)
    assert found.stretches[-1].count == "再数2个工作日"


def test_a_pause_from_before_the_start():
    found = derive(Rule("workday", 5), at("2026-05-13"), CALENDAR, [pause("2026-05-01")], now=at("2026-05-20"))
    assert (found.due, found.used, found.paused, found.due_on_if_resumed) == (None, 0, 5, date(2026, 5, 27))


def test_only_what_the_calendar_decides_is_provisional():
    fixed = derive(Rule("date", date=date(2027, 3, 31)), at("2026-05-13"), CALENDAR)
    assert not fixed.provisional
    assert derive(Rule("date", date=date(2027, 3, 31), roll=True), at("2026-05-13"), CALENDAR).provisional
    assert derive(Rule("day", 300), at("2026-05-13"), CALENDAR).provisional
    assert not derive(Rule("hour", 48), at("2026-12-31"), CALENDAR).provisional


def test_open_pause_of_hours():
    rule = Rule("hour", 24)
    found = derive(rule, at("2026-05-13 09:00"), CALENDAR, [pause("2026-05-13 15:00")], now=at("2026-05-13 18:30"))
    assert found.due is None
    assert found.due_if_resumed == at("2026-05-14 12:30")
    assert (found.used, found.total, found.remaining, found.paused) == (6, 24, 18, 3)
    assert [(line.title, line.count) for line in found.stretches] == [
        ("5月13日09:00至15:00", "计6小时"),
        ("5月13日15:00至18:30", "暂停，不计"),
        ("恢复计时起", "再数18小时"),
    ]
    shown = ruler(found, "paused")
    assert shown.is_bar
    assert shown.share == pytest.approx(0.25)
    assert shown.stopped == 3


def test_the_printed_derivation_of_a_request():
    found = derive(
        Rule("workday", 20, trigger="收到"),
        at("2026-04-27"),
        CALENDAR,
        [pause("2026-05-12 15:40", "2026-05-18 10:00", "等待回函")],
        now=at("2026-05-20 10:00"),
    )
    assert [(line.title, line.count) for line in found.stretches] == [
        ("4月27日 星期一，收到", "当日不计"),
        ("4月28日至30日", "第1至3日"),
        ("5月1日至5日 劳动节放假", "休息，不计"),
        ("5月6日至8日", "第4至6日"),
        ("5月9日 星期六，调休上班", "第7日"),
        ("5月10日 星期日", "休息，不计"),
        ("5月11日 星期一", "第8日"),
        ("5月12日 星期二，15:40起暂停", "第9日"),
        ("5月13日至15日 等待回函", "暂停，不计"),
        ("5月16日、17日 周六、周日", "休息，不计"),
        ("5月18日 星期一，等待回函", "暂停，不计"),
        ("5月19日至22日", "第10至13日"),
        ("5月23日、24日 周六、周日", "休息，不计"),
        ("5月25日至29日", "第14至18日"),
        ("5月30日、31日 周六、周日", "休息，不计"),
        ("6月1日、2日", "第19、20日"),
    ]
    assert (found.used, found.remaining, found.paused) == (11, 9, 4)
    assert found.conclusion == "2026年6月2日到期。"
    shown = ruler(found, "ok")
    assert shown.slots == ("used",) * 11 + ("slot",) * 9
    assert shown.now == pytest.approx(0.55)


def test_the_printed_derivation_over_a_year_end_is_provisional():
    found = derive(Rule("workday", 5), at("2026-12-28"), CALENDAR)
    assert found.due_on == date(2027, 1, 5)
    assert found.provisional
    assert [(line.title, line.count) for line in found.stretches] == [
        ("2026年12月28日 星期一", "当日不计"),
        ("12月29日至31日", "第1至3日"),
        ("2027年1月1日 星期五，元旦放假", "休息，不计"),
        ("1月2日、3日 周六、周日", "休息，不计"),
        ("1月4日、5日", "第4、5日"),
    ]
    assert found.conclusion == "2027年1月5日到期（暂定）。"
    assert found.calendar_note == "日历：2026年放假安排（正式）、2027年放假安排（暂定）"


def test_the_printed_derivation_of_a_rolled_period():
    found = derive(Rule("day", 60), at("2026-08-02"), CALENDAR)
    assert [(line.title, line.count) for line in found.stretches] == [
        ("8月2日 星期日", "当日不计"),
        ("8月3日至10月1日", "第1至60日"),
        ("10月2日至7日 国庆节放假", "休息，顺延"),
        ("10月8日 星期四", "顺延至此"),
    ]
    assert ruler(found, "ok").is_bar


def test_local_days_off_are_told_with_their_reason():
    local = CALENDAR.with_layer(Layer("临江市", frozenset({date(2026, 7, 15)}), reason="台风停工"))
    found = derive(Rule("workday", 3), at("2026-07-13"), local)
    assert found.due_on == date(2026, 7, 17)
    assert ("7月15日 星期三，台风停工", "休息，不计") in [(line.title, line.count) for line in found.stretches]
    assert found.calendar_note.endswith("临江市台风停工")


def test_days_carry_what_a_calendar_grid_needs():
    found = derive(Rule("workday", 2), at("2026-05-08"), CALENDAR)
    assert [(step.kind, step.number, step.label, step.note) for step in found.days] == [
        (StepKind.START, None, "当日不计", ""),
        (StepKind.MAKEUP, 1, "第1日", "调休上班"),
        (StepKind.OFF, None, "休息，不计", "周日"),
        (StepKind.COUNTED, 2, "第2日", ""),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule("workday"),
        lambda: Rule("workday", -1),
        lambda: Rule("date"),
        lambda: Rule("fortnight", 1),
        lambda: Rule("workday", 1, end="25:00"),
        lambda: Pause(datetime(2026, 5, 1, 9, 0)),
        lambda: pause("2026-05-02", "2026-05-01"),
        lambda: Extension(),
        lambda: Extension(5, date=date(2026, 5, 1)),
        lambda: Extension(0),
        lambda: derive(REPLY, datetime(2026, 5, 1), CALENDAR),
        lambda: derive(REPLY, at("2026-05-01"), CALENDAR, extensions=[Extension(5, "hour")]),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValueError, match=r"\S"):
        make()


def test_unknown_years_raise():
    with pytest.raises(UnknownYearError):
        derive(REPLY, at("2035-12-20"), CALENDAR)
    with pytest.raises(UnknownYearError):
        derive(Rule("date", date=date(2040, 1, 1)), at("2035-12-20"), CALENDAR)


DUE, SOON = at("2026-05-23 00:00"), at("2026-05-19 00:00")


@pytest.mark.parametrize(
    ("now", "due", "soon", "state", "on_time", "expected", "change"),
    [
        ("2026-05-18", DUE, SOON, "running", None, "ok", SOON),
        ("2026-05-19 00:00", DUE, SOON, "running", None, "soon", DUE),
        ("2026-05-22 23:59", DUE, SOON, "running", None, "soon", DUE),
        ("2026-05-23 00:00", DUE, SOON, "running", None, "late", None),
        ("2026-05-18", None, None, "paused", None, "paused", None),
        ("2026-05-18", DUE, SOON, "paused", None, "paused", DUE),
        ("2026-05-24", DUE, SOON, "paused", None, "late", None),
        ("2026-05-24", None, None, "waiting", None, "wait", None),
        ("2026-05-24", None, None, "running", None, "wait", None),
        ("2026-05-24", DUE, SOON, "met", True, "done", None),
        ("2026-05-22", DUE, SOON, "met", None, "done", None),
        ("2026-05-22", DUE, SOON, "met", False, "donelate", None),
        ("2026-05-24", DUE, SOON, "met", None, "donelate", None),
        ("2026-05-24", DUE, SOON, "cancelled", None, "done", None),
    ],
)
def test_lights(now, due, soon, state, on_time, expected, change):
    assert light(at(now), due, soon, state, on_time) == expected
    assert next_change(at(now), due, soon, state) == change


def test_a_group_shows_its_worst_light():
    assert LIGHTS == ("late", "soon", "paused", "wait", "ok", "donelate", "done")
    assert set(LIGHT_LABELS) == set(PUBLIC_LIGHT_LABELS) == set(LIGHTS)
    assert worst(["done", "ok", "paused", "wait"]) == "paused"
    assert worst(["done", "donelate"]) == "donelate"
    assert worst([]) is None


@pytest.mark.parametrize(
    ("now", "due", "options", "main", "date_words"),
    [
        ("2026-05-20", "2026-05-23", {}, "还剩2个工作日", "5月22日"),
        ("2026-05-20", "2026-05-23", {"unit": "day"}, "还剩2日", "5月22日"),
        ("2026-05-22", "2026-05-23", {}, "今天24:00前到期", "5月22日"),
        ("2026-05-20", "2026-05-20 17:30", {}, "今天17:30前到期", "5月20日"),
        ("2026-05-20 18:00", "2026-05-20 17:30", {}, "已超期", "5月20日"),
        ("2026-05-20", "2026-05-20", {}, "超期1个工作日", "5月19日"),
        ("2026-05-24", "2026-05-23", {}, "超期2日", "5月22日"),
        ("2026-05-25", "2026-05-23", {}, "超期1个工作日", "5月22日"),
        ("2026-05-16", "2026-05-18", {"unit": "date"}, "还剩1日", "5月17日"),
        ("2026-12-28", "2027-01-06", {"provisional": True}, "还剩5个工作日", "2027年1月5日（暂定）"),
        ("2026-05-20", "2026-05-23", {"state": "met", "on_time": True}, "已办结", "5月22日"),
        ("2026-05-20", "2026-05-23", {"state": "met", "on_time": False}, "逾期办结", "5月22日"),
        ("2026-05-20", None, {"state": "waiting"}, "等待启动", ""),
        ("2026-05-20", None, {"state": "paused"}, "暂停计时", ""),
        ("2026-05-20", None, {"state": "paused", "paused_since": "2026-05-20 08:00"}, "暂停计时", ""),
        ("2026-05-20", None, {"state": "paused", "paused_since": "2026-05-13"}, "已停5个工作日", ""),
        ("2026-05-20", None, {"state": "paused", "paused_since": "2026-05-13", "unit": "day"}, "已停7日", ""),
        ("2026-05-20", None, {"state": "paused", "paused_since": "2026-05-19", "unit": "hour"}, "已停24小时", ""),
        ("2026-05-20", "2026-05-20 14:30", {"unit": "hour"}, "还剩5小时", "5月20日14:30"),
        ("2026-05-20", "2026-05-20 09:20", {"unit": "hour"}, "还剩20分钟", "5月20日09:20"),
        ("2026-05-20", "2026-05-20 08:59", {"unit": "hour"}, "超期1分钟", "5月20日08:59"),
        ("2026-05-20", "2026-05-23", {"public": True}, "临近时限", "2026年5月22日"),
        ("2026-05-25", "2026-05-23", {"public": True}, "已超时限", "2026年5月22日"),
        ("2026-05-25", "2026-05-23", {"public": True, "state": "met", "on_time": True}, "已完成", "2026年5月22日"),
        ("2026-05-25", "2026-05-23", {"public": True, "state": "met", "on_time": False}, "逾期完成", "2026年5月22日"),
        ("2026-05-11", "2026-05-23", {"public": True}, "进展正常", "2026年5月22日"),
        ("2026-05-11", None, {"public": True, "state": "paused"}, "暂停计时", ""),
    ],
)
def test_words(now, due, options, main, date_words):
    options = dict(options)
    state = options.pop("state", "running")
    if "paused_since" in options:
        options["paused_since"] = at(options["paused_since"])
    moment = (at(due) if len(due) > 10 else at(f"{due} 00:00")) if due else None
    assert words(at(now), moment, SOON, state, calendar=CALENDAR, **options) == (main, date_words)


@pytest.mark.parametrize(
    ("shown", "used", "now"), [("late", 20, None), ("done", 20, None), ("donelate", 20, None), ("wait", 0, 0.0)]
)
def test_rulers_that_do_not_run(shown, used, now):
    found = derive(REPLY, at("2026-04-27"), CALENDAR, now=at("2026-05-08"))
    drawn = ruler(found, shown)
    assert drawn.slots.count("used") == used
    assert len(drawn.slots) == 20
    assert drawn.now == now


def test_long_clocks_are_one_bar():
    found = derive(Rule("date", date=date(2026, 12, 31)), at("2026-04-02"), CALENDAR, now=at("2026-05-20"))
    drawn = ruler(found, "ok")
    assert drawn.is_bar
    assert drawn.slots == ()
    assert drawn.share == pytest.approx(48 / 273)
    assert ruler(derive(Rule("date", date=date(2026, 4, 1)), at("2026-04-02"), CALENDAR), "late").is_bar


@pytest.mark.parametrize(
    ("rhythm", "first", "last", "expected"),
    [
        (Rhythm("month", 22), "2026-05-01", "2026-06-30", [("2026年5月", "2026-05-22"), ("2026年6月", "2026-06-22")]),
        (Rhythm("month", 31), "2026-02-01", "2026-02-28", [("2026年2月", "2026-02-28")]),
        (Rhythm("month", 5, 1, True), "2026-04-01", "2026-04-30", [("2026年3月", "2026-04-07")]),
        (
            Rhythm("quarter", 20),
            "2026-06-01",
            "2026-09-30",
            [("2026年二季度", "2026-06-20"), ("2026年三季度", "2026-09-20")],
        ),
        (Rhythm("quarter", None), "2026-12-31", "2026-12-31", [("2026年四季度", "2026-12-31")]),
        (Rhythm("quarter", 10, 1), "2027-01-01", "2027-01-31", [("2026年四季度", "2027-01-10")]),
        (
            Rhythm("halfyear"),
            "2026-01-01",
            "2026-12-31",
            [("2026年上半年", "2026-06-30"), ("2026年下半年", "2026-12-31")],
        ),
        (Rhythm("year"), "2026-01-01", "2027-06-30", [("2026年", "2026-12-31")]),
        (Rhythm("year", 31, 1), "2026-01-01", "2026-12-31", [("2025年", "2026-01-31")]),
        (
            Rhythm("week", 5),
            "2026-05-18",
            "2026-05-31",
            [("2026年第21周", "2026-05-22"), ("2026年第22周", "2026-05-29")],
        ),
        (Rhythm("week", 5, roll=True), "2026-10-05", "2026-10-08", [("2026年第40周", "2026-10-08")]),
        (
            Rhythm("day"),
            "2026-05-08",
            "2026-05-11",
            [("2026年5月8日", "2026-05-08"), ("2026年5月9日", "2026-05-09"), ("2026年5月11日", "2026-05-11")],
        ),
    ],
)
def test_recurring_duties(rhythm, first, last, expected):
    found = occurrences(rhythm, date.fromisoformat(first), date.fromisoformat(last), CALENDAR)
    assert [(item.label, item.due.isoformat()) for item in found] == expected
    assert all(item.start <= item.end for item in found)


def test_rhythms_out_of_range_are_refused():
    for make in (lambda: Rhythm("fortnight"), lambda: Rhythm("week", 8), lambda: Rhythm("month", 0)):
        with pytest.raises(ValueError, match="周期"):
            make()


MOMENTS = st.datetimes(datetime(2019, 1, 2), datetime(2026, 6, 30)).map(lambda item: item.replace(tzinfo=SHANGHAI))
RULES = st.one_of(
    st.builds(Rule, st.sampled_from(["workday", "day", "hour"]), st.integers(0, 60)),
    st.builds(Rule, st.just("month"), st.integers(0, 4)),
)


@st.composite
def clocks(draw):
    start = draw(MOMENTS)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + timedelta(hours=draw(st.integers(-240, 2000)))
        pauses.append(Pause(begin, begin + timedelta(hours=draw(st.integers(0, 400)))))
    return draw(RULES), start, pauses


@settings(derandomize=True, max_examples=200, deadline=None)
@given(clocks(), st.integers(0, 30))
def test_properties(clock, granted):
    rule, start, pauses = clock
    extensions = [Extension(granted, rule.unit)] if granted else []
    found = derive(rule, start, CALENDAR, pauses, extensions)
    assert found.due >= start
    if rule.unit != "hour":
        assert CALENDAR.is_workday(found.due_on)
        assert [step.number for step in found.days if step.number] == list(range(1, found.total + 1))
        assert found.days[-1].date == found.due_on
        covered = [line for line in found.stretches if line.first]
        assert (covered[0].first, covered[-1].last) == (start.date(), found.due_on)
    shuffled = list(pauses)
    random.Random(granted).shuffle(shuffled)
    assert derive(rule, start, CALENDAR, shuffled, extensions).due == found.due
    assert derive(rule, start, CALENDAR, pauses).due <= found.due
    for left in range(len(pauses)):
        assert derive(rule, start, CALENDAR, pauses[:left], extensions).due <= found.due
