"""Attributes and grounds, limits, terms and index numbers, case by case."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.law import documents, index_number, validity
from gongkai.law.workdays import default_calendar

DAY = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("formed", "until"),
    [
        ("2024-12-31", "2025-02-05"),
        ("2025-01-21", "2025-02-24"),
        ("2025-09-30", "2025-11-04"),
        ("2026-02-13", "2026-03-19"),
        ("2026-09-24", "2026-10-29"),
    ],
)
def test_publication_within_twenty_working_days(formed, until):
    assert documents.publication_limit(DAY(formed), default_calendar()) == DAY(until)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"attribute": ""}, ["attribute"]),
        ({"attribute": "open"}, ["attribute"]),
        ({"attribute": "proactive"}, []),
        ({"attribute": "proactive", "policy": True}, ["interpretation_plan"]),
        ({"attribute": "proactive", "policy": True, "plan": "图解一份"}, []),
        ({"attribute": "on_request"}, ["reason"]),
        ({"attribute": "on_request", "reason": "过程性信息"}, []),
        ({"attribute": "withheld", "reason": "过程性信息"}, ["reason"]),
        ({"attribute": "withheld", "reason": "过程性信息", "ground": "X16b"}, []),
        ({"attribute": "withheld", "reason": " ", "ground": "X16b"}, ["reason"]),
        (
            {"attribute": "on_request", "reason": "过程性", "normative": True, "office_opinion": False},
            ["normative_withheld"],
        ),
        ({"attribute": "on_request", "reason": "过程性", "normative": True}, []),
        ({"attribute": "proactive", "classified": True}, ["classified"]),
    ],
)
def test_gate(given, codes):
    assert [fault.code for fault in documents.gate(**given)] == codes


def test_dates_that_contradict_each_other():
    def words(*days):
        return [fault.words for fault in documents.date_faults(*(DAY(day) if day else None for day in days))]

    assert words("2026-03-02", "2026-03-02", "2026-03-02", "2026-03-02") == []
    assert words("2026-03-02", "2026-03-01", None, None) == ["发布日期早于成文日期。请核对两个日期。"]
    assert words(None, None, "2026-03-02", "2026-03-01") == ["失效日期早于施行日期。请核对两个日期。"]
    assert words("2026-03-02", None, "2026-03-01", None) == ["施行日期早于成文日期。请核对两个日期。"]


@pytest.mark.parametrize(
    ("title", "effective", "last"),
    [
        ("云溪区招生办法", "2021-03-01", "2026-02-28"),
        ("云溪区招生办法（试行）", "2024-03-01", "2026-02-28"),
        ("云溪区招生暂行办法", "2024-02-29", "2026-02-27"),
        ("云溪区招生办法", "2024-02-29", "2029-02-27"),
        ("云溪区招生办法", "2022-01-01", "2026-12-31"),
    ],
)
def test_last_valid_day(title, effective, last):
    assert validity.last_valid_day(DAY(effective), validity.term_years(title)) == DAY(last)


@pytest.mark.parametrize(
    ("day", "given", "expected"),
    [
        ("2026-02-28", {"last_day": "2026-02-28"}, "valid"),
        ("2026-03-01", {"last_day": "2026-02-28"}, "lapsed"),
        ("2026-01-01", {"last_day": "2026-02-28", "repealed_on": "2026-01-01"}, "repealed"),
        ("2025-12-31", {"last_day": "2026-02-28", "repealed_on": "2026-01-01"}, "valid"),
        ("2026-03-01", {"last_day": "2026-02-28", "repealed_on": "2026-01-01"}, "repealed"),
        ("2025-12-31", {"amended": True}, "amended"),
        ("2025-12-31", {"normative": True}, "valid"),
        ("2025-12-31", {}, ""),
    ],
)
def test_validity_on_a_day(day, given, expected):
    normative = given.pop("normative", False)
    days = {name: DAY(value) if isinstance(value, str) else value for name, value in given.items()}
    assert validity.validity_on(DAY(day), normative=normative, **days) == expected


def test_notice_half_a_year_before():
    assert validity.notice_day(DAY("2026-02-28")) == DAY("2025-08-28")


def test_index_numbers_by_template():
    number = index_number.render("{uscc}/{yyyy}-{seq:05}", serial=50, year=2021, uscc="11441700007280420Y")
    assert number == "11441700007280420Y/2021-00050"
    assert index_number.render(
        "{orgcode9}/{yyyymm}-{seq:05}", serial=13, year=2021, month=10, orgcode9="000014349"
    ) == ("000014349/202110-00013")
    assert index_number.pattern("{uscc}/{yyyy}-{seq:05}").fullmatch(number)
    assert not index_number.pattern("{uscc}/{yyyy}-{seq:05}").fullmatch("11441700007280420Y/2021-0050")


@pytest.mark.parametrize("template", ["{uscc}/{yyyy}", "{code}-{seq:05}", "{nothing}/{yyyy}-{seq}", "{yyyy}-{seq:05}}"])
def test_templates_that_cannot_work(template):
    with pytest.raises(ValueError, match=r"索引号|流水号"):
        index_number.check_template(template)


def test_a_missing_code_is_said():
    with pytest.raises(ValueError, match="请先补充单位资料"):
        index_number.render("{uscc}/{yyyy}-{seq:05}", serial=1, year=2026)


def test_subjects_of_the_national_list():
    assert len(documents.SUBJECTS) == 22
    assert "卫生、体育\\医药管理" in documents.subjects()
    assert documents.subjects(["本地\\乡村建设"])[-1] == "本地\\乡村建设"
