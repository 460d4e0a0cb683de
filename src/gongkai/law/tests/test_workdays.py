"""Working days by table: published years, provisional years, imports."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.law.workdays import (
    CalendarImportError,
    CalendarYear,
    DayKind,
    Layer,
    UnknownYearError,
    check_year,
    default_calendar,
    parse_year,
    shift_months,
    statutory_days,
)

CALENDAR = default_calendar()

BY_MONTH = {
    2019: [22, 17, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22],
    2020: [17, 20, 22, 22, 19, 21, 23, 21, 23, 17, 21, 23],
    2021: [20, 17, 23, 22, 19, 21, 22, 22, 22, 17, 22, 23],
    2022: [21, 16, 23, 21, 20, 21, 21, 23, 21, 18, 22, 22],
    2023: [18, 20, 23, 20, 21, 21, 21, 23, 20, 19, 22, 21],
    2024: [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22],
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}
IN_YEAR = {2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}

VECTORS = """
2020-01-20 2020-01-21 2020-02-04 2020-02-06 2020-02-18 2020-02-25 2020-03-24
2022-01-26 2022-01-27 2022-02-07 2022-02-09 2022-02-21 2022-02-28 2022-03-28
2023-09-25 2023-09-26 2023-10-08 2023-10-10 2023-10-20 2023-10-27 2023-11-24
2024-02-08 2024-02-09 2024-02-21 2024-02-23 2024-03-06 2024-03-13 2024-04-11
2024-02-09 2024-02-18 2024-02-22 2024-02-26 2024-03-07 2024-03-14 2024-04-12
2024-04-26 2024-04-28 2024-05-07 2024-05-09 2024-05-20 2024-05-27 2024-06-25
2024-09-27 2024-09-29 2024-10-10 2024-10-12 2024-10-23 2024-10-30 2024-11-27
2024-12-20 2024-12-23 2024-12-27 2024-12-31 2025-01-13 2025-01-20 2025-02-21
2025-01-20 2025-01-21 2025-01-26 2025-02-05 2025-02-14 2025-02-21 2025-03-21
2025-09-26 2025-09-28 2025-10-10 2025-10-13 2025-10-23 2025-10-30 2025-11-27
2025-12-31 2026-01-04 2026-01-08 2026-01-12 2026-01-22 2026-01-29 2026-03-04
2026-02-10 2026-02-11 2026-02-24 2026-02-26 2026-03-09 2026-03-16 2026-04-14
2026-04-27 2026-04-28 2026-05-07 2026-05-09 2026-05-20 2026-05-27 2026-06-25
2026-09-18 2026-09-20 2026-09-24 2026-09-29 2026-10-15 2026-10-22 2026-11-19
"""


def days_of(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def vectors():
    for line in VECTORS.split("\n"):
        cells = [date.fromisoformat(cell) for cell in line.split()]
        for count, expected in zip((1, 5, 7, 15, 20, 40), cells[1:], strict=False):
            yield cells[0], count, expected


@pytest.mark.parametrize(("start", "count", "expected"), list(vectors()))
def test_add_workdays(start, count, expected):
    assert CALENDAR.add_workdays(start, count) == expected
    assert CALENDAR.workdays_between(start, expected) == count
    assert CALENDAR.workdays_between(expected, start) == -count


@pytest.mark.parametrize("year", BY_MONTH)
def test_workdays_of_published_years(year):
    months = [0] * 12
    for day in days_of(year):
        months[day.month - 1] += CALENDAR.is_workday(day)
    assert months == BY_MONTH[year]
    assert sum(months) == IN_YEAR[year] == CALENDAR.year(year).workday_count()
    assert check_year(CALENDAR.year(year)) == []
    assert CALENDAR.year(year).label == f"{year}年放假安排（正式）"


@pytest.mark.parametrize(
    ("day", "works", "kind", "label"),
    [
        ("2024-02-09", True, DayKind.WORKDAY, "工作日"),
        ("2024-02-18", True, DayKind.MAKEUP, "调休上班"),
        ("2025-01-26", True, DayKind.MAKEUP, "调休上班"),
        ("2025-05-31", False, DayKind.HOLIDAY, "端午节"),
        ("2026-02-14", True, DayKind.MAKEUP, "调休上班"),
        ("2026-01-02", False, DayKind.OFF, "放假"),
        ("2026-02-23", False, DayKind.OFF, "放假"),
        ("2026-05-09", True, DayKind.MAKEUP, "调休上班"),
        ("2025-10-06", False, DayKind.HOLIDAY, "中秋节"),
        ("2020-10-01", False, DayKind.HOLIDAY, "中秋节、国庆节"),
        ("2026-05-16", False, DayKind.WEEKEND, "周末"),
    ],
)
def test_single_days(day, works, kind, label):
    seen = CALENDAR.day(date.fromisoformat(day))
    assert CALENDAR.is_workday(seen.date) is seen.is_workday is works
    assert (seen.kind, seen.label) == (kind, label)


@pytest.mark.parametrize(
    ("formed", "publish_by"),
    [
        ("2024-12-31", "2025-02-05"),
        ("2025-01-21", "2025-02-24"),
        ("2025-09-30", "2025-11-04"),
        ("2026-02-13", "2026-03-19"),
        ("2026-09-24", "2026-10-29"),
    ],
)
def test_publication_within_20_working_days(formed, publish_by):
    assert CALENDAR.add_workdays(date.fromisoformat(formed), 20) == date.fromisoformat(publish_by)


@pytest.mark.parametrize(
    ("year", "substitutes", "working"),
    [
        (2027, ["2027-02-09", "2027-02-10", "2027-05-03", "2027-05-04", "2027-10-04", "2027-10-05"], 248),
        (2028, ["2028-01-03", "2028-05-29", "2028-10-04"], 248),
    ],
)
def test_provisional_years(year, substitutes, working):
    item = CALENDAR.year(year)
    assert item.is_provisional
    assert item.work == frozenset()
    assert sorted(item.off - set(statutory_days(year))) == [date.fromisoformat(day) for day in substitutes]
    assert item.workday_count() == working
    assert item.label == f"{year}年放假安排（暂定）"


def test_every_provisional_year_keeps_thirteen_statutory_days():
    for item in CALENDAR.years:
        if item.is_provisional:
            days = statutory_days(item.year)
            coinciding = sum(name.count("、") for name in days.values())
            assert len(days) + coinciding == 13
            assert len([day for day in item.off if day.weekday() < 5]) == len(days)
            assert set(days) <= item.off


def test_provisional_flag_over_the_year_end():
    assert not CALENDAR.is_provisional(date(2026, 12, 1), date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2026, 12, 1), date(2027, 1, 4))
    assert CALENDAR.describe(date(2026, 12, 1), date(2027, 1, 4)) == "2026年放假安排（正式）、2027年放假安排（暂定）"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: CALENDAR.is_workday(date(2018, 12, 31)),
        lambda: CALENDAR.day(date(2036, 1, 1)),
        lambda: CALENDAR.add_workdays(date(2035, 12, 20), 10),
        lambda: CALENDAR.add_workdays(date(2019, 1, 3), -5),
        lambda: CALENDAR.workdays_between(date(2018, 12, 31), date(2019, 1, 5)),
        lambda: CALENDAR.workdays_between(date(2035, 12, 31), date(2037, 1, 5)),
        lambda: CALENDAR.add_days(date(2035, 12, 1), 40),
        lambda: CALENDAR.is_provisional(date(2018, 1, 1), date(2019, 1, 1)),
        lambda: CALENDAR.year(2040),
    ],
)
def test_unknown_years_raise(ask):
    with pytest.raises(UnknownYearError, match=r"没有20\d\d年的工作日历"):
        ask()


@pytest.mark.parametrize(
    ("start", "count", "roll", "end"),
    [
        ("2026-08-02", 60, True, "2026-10-08"),
        ("2026-08-02", 60, False, "2026-10-01"),
        ("2026-04-09", 30, True, "2026-05-09"),  # a make-up Saturday does not roll
        ("2026-04-02", 30, True, "2026-05-06"),
        ("2026-03-01", 30, True, "2026-03-31"),
        ("2026-12-02", 30, True, "2027-01-04"),
    ],
)
def test_calendar_day_periods_roll_off_holidays(start, count, roll, end):
    assert CALENDAR.add_days(date.fromisoformat(start), count, roll) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-08-31", 6, "2027-03-01"),  # 2027-02-28 is a Sunday
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-11-15", 2, "2026-01-15"),
        ("2026-07-01", 3, "2026-10-08"),
    ],
)
def test_months(start, months, end):
    assert CALENDAR.add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_steps_of_one_day():
    assert CALENDAR.next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CALENDAR.previous_workday(date(2026, 10, 8)) == date(2026, 9, 30)
    assert CALENDAR.add_workdays(date(2026, 1, 4), -1) == date(2025, 12, 31)
    assert CALENDAR.add_workdays(date(2026, 10, 1), 0) == date(2026, 10, 1)
    assert CALENDAR.roll_forward(date(2026, 10, 10)) == date(2026, 10, 10)
    assert shift_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_layers_stand_on_top_and_leave_the_original_alone():
    layer = Layer("临江市", frozenset({date(2026, 7, 15)}), reason="台风停工", document_number="临防指〔2026〕3号")
    local = CALENDAR.with_layer(layer)
    assert CALENDAR.is_workday(date(2026, 7, 15))
    assert local.day(date(2026, 7, 15)).label == "台风停工"
    assert local.add_workdays(date(2026, 7, 14), 1) == date(2026, 7, 16)
    assert local.checksum != CALENDAR.checksum
    assert local.describe(date(2026, 7, 1), date(2026, 7, 31)).endswith("临江市台风停工（临防指〔2026〕3号）")
    again = local.with_layer(Layer("云溪区", work=frozenset({date(2026, 7, 15)}), reason="照常上班"))
    assert again.is_workday(date(2026, 7, 15))
    with pytest.raises(ValueError, match="既列为放假又列为上班"):
        Layer("云溪区", frozenset({date(2026, 7, 15)}), frozenset({date(2026, 7, 15)}))


# Invented arrangement for 2027 in the shape of a real one.
LIST_2027 = """{"2027": {"off": ["01-01/01-03", "02-05/02-12", "04-03/04-05", "05-01/05-05", "06-09",
 "09-15", "10-01/10-07"], "work": ["01-30", "02-20", "05-08", "09-26", "10-09"]}}"""


def csv_2027():
    item = parse_year(LIST_2027)
    lines = [f"{day},off,放假" for day in sorted(item.off)] + [f"{day},work," for day in sorted(item.work)]
    return "\ufeffdate,kind,name\r\n" + "\r\n".join(lines)


def test_import_replaces_a_provisional_year():
    item = parse_year(LIST_2027, document_number="国办发明电〔2026〕1号", issued_on=date(2026, 11, 5))
    known = CALENDAR.with_year(item)
    assert not known.is_provisional(date(2026, 1, 1), date(2027, 12, 31))
    assert known.day(date(2027, 2, 6)).label == "春节"
    assert known.is_workday(date(2027, 1, 30))
    assert (item.document_number, item.issued_on) == ("国办发明电〔2026〕1号", date(2026, 11, 5))
    assert known.checksum != CALENDAR.checksum


def test_a_list_stored_without_names_still_names_its_holidays():
    item = parse_year(LIST_2027)
    stored = CalendarYear(2027, "official", item.off, item.work)
    assert CALENDAR.with_year(stored).day(date(2027, 2, 6)).label == "春节"
    assert stored.checksum == item.checksum


def test_csv_and_json_of_the_same_list_agree():
    assert parse_year(csv_2027()).checksum == parse_year(LIST_2027).checksum
    inner = LIST_2027.split(": ", 1)[1].strip()[:-1]
    assert parse_year(inner, year=2027).checksum == parse_year(LIST_2027).checksum


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LIST_2027.replace('"01-30"', '"01-29"'), "是星期五，不能列为调休上班"),
        (LIST_2027.replace('"01-30"', '"02-06"'), "既列为放假又列为上班"),
        (LIST_2027.replace('"06-09",', ""), "6月9日（端午节）是法定节假日"),
        (LIST_2027.replace('"10-01/10-07"', '"10-01/10-31"'), "应在245至252天之间"),
        (LIST_2027.replace('"10-01/10-07"', '"10-07/10-01"'), "结束日期早于开始日期"),
        (LIST_2027.replace('{"off"', '{"wd": 1, "off"'), "写明全年工作日1天"),
        (LIST_2027.replace('"01-30"', '"2026-01-31"'), "不属于2027年的安排"),
        ('{"off": [], "work": []}', "没有写明是哪一年"),
        ('{"2027": {}, "2028": {}}', "没有写明是哪一年"),
        ('{"2027": 1}', "读不懂"),
        ("{", "读不懂"),
        ("", "清单是空的"),
        ("2027-01-01,holiday", "第1行没有写明"),
        ("2027/1/1,off,元旦", "第1行的日期"),
    ],
)
def test_import_refuses_impossible_lists(text, message):
    with pytest.raises(CalendarImportError, match=message):
        parse_year(text)


def test_unusual_balance_is_only_a_warning():
    item = parse_year(LIST_2027.replace('"01-30", ', ""))
    assert [finding.level for finding in check_year(item)] == ["warning"]


def test_a_list_may_reach_into_the_december_before():
    item = parse_year(LIST_2027.replace('"01-01/01-03"', '"2026-12-31/2027-01-03"'))
    known = CALENDAR.with_year(item)
    assert not known.is_workday(date(2026, 12, 31))
    assert known.add_workdays(date(2026, 12, 30), 1) == date(2027, 1, 4)


def test_years_need_not_follow_each_other():
    lonely = CALENDAR.with_year(CalendarYear(2041, "official", frozenset({date(2041, 1, 1)})))
    assert not lonely.is_workday(date(2041, 1, 1))
    with pytest.raises(UnknownYearError):
        lonely.add_workdays(date(2035, 12, 28), 5)


DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))


@settings(derandomize=True, max_examples=200, deadline=None)
@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_adding_twice_is_adding_the_sum(start, first, second):
    start = CALENDAR.roll_forward(start)
    twice = CALENDAR.add_workdays(CALENDAR.add_workdays(start, first), second)
    assert twice == CALENDAR.add_workdays(start, first + second)
    assert CALENDAR.add_workdays(twice, -(first + second)) == start


@settings(derandomize=True, max_examples=200, deadline=None)
@given(DAYS, DAYS)
def test_between_counts_day_by_day(first, last):
    first, last = sorted((first, last))
    last = min(last, first + timedelta(days=400))
    plain = sum(CALENDAR.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert CALENDAR.workdays_between(first, last) == plain
