"""Heads, days, numbers and words of old sites, by table."""

from __future__ import annotations

import datetime as dt

import pytest

from gongkai.publications.importing import heads, words


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("标题", "title"),
        ("信息名称*", "title"),
        ("发文字号", "document_number"),
        ("文　号", "document_number"),
        ("索引号：", "index_number"),
        ("发布机构", "unit"),
        ("生成日期", "made_on"),
        ("成文日期（年-月-日）", "made_on"),
        ("发布日期\n（必填）", "published_at"),
        ("公开属性", "attribute"),
        ("有效性", "validity"),
        ("体裁", "document_kind"),
        ("备注", ""),
        (None, ""),
    ],
)
def test_heads(head, field):
    assert heads.field_of(head) == field


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-06-28", (2021, 6, 28)),
        ("2021/6/8", (2021, 6, 8)),
        ("2021.06.28", (2021, 6, 28)),
        ("2021年6月28日", (2021, 6, 28)),
        ("二〇二一年六月二十八日", (2021, 6, 28)),
        ("20210628", (2021, 6, 28)),
        ("44375", (2021, 6, 28)),
        ("2021-02-30", None),
        ("去年六月", None),
        ("20219999", None),
    ],
)
def test_days(text, day):
    found = words.moment(text)
    assert (found and found.date()) == (dt.date(*day) if day else None)


def test_times():
    assert words.moment("2024-06-05 15:32:00") == dt.datetime(2024, 6, 5, 15, 32)


@pytest.mark.parametrize(
    ("text", "number", "regular"),
    [
        ("云教发[2021]9号", "云教发〔2021〕9号", True),
        ("国务院令第711号", "国务院令第711号", True),
        ("第3号", "第3号", True),
        ("云教字21-9", "云教字21-9", False),
        ("", "", True),
    ],
)
def test_numbers(text, number, regular):
    assert words.document_number(text) == (number, regular)


@pytest.mark.parametrize(
    ("text", "subject", "known"),
    [
        ("综合政务;政务公开", "综合政务\\政务公开", True),
        ("卫生、体育\\医药管理", "卫生、体育\\医药管理", True),
        ("综合政务", "综合政务", True),
        ("政务公开", "综合政务\\政务公开", True),
        ("教育文体", "教育文体", False),
    ],
)
def test_subjects(text, subject, known):
    assert words.subject(text) == (subject, known)


def test_kinds():
    assert words.document_kind("", "关于做好工作的通知（试行）") == ("通知", True)
    assert words.document_kind("令", "") == ("命令（令）", True)
    assert words.document_kind("图表", "名录") == ("其他", False)


@pytest.mark.parametrize(
    ("text", "attribute"),
    [("主动公开", "proactive"), ("依申请公开", "on_request"), ("不予公开", "withheld"), ("", ""), ("待定", None)],
)
def test_attributes(text, attribute):
    assert words.attribute(text) == attribute


def test_secrecy():
    assert words.classified("秘密")
    assert not words.classified("非密")
    assert not words.classified("")


def test_cells_lose_controls():
    assert words.tidy("a\x00\u202eb\x07c\nd") == "abc d"
    assert words.tidy(20210628.0) == "20210628"
    assert words.tidy("'=1+1") == "=1+1"
