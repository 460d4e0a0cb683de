"""Short words for deadlines, targets, sections and numbers, the same on every page of the ledger."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from gongkai.core.days import day_words

UNITS = {
    "hour": "小时",
    "day": "日",
    "workday": "个工作日",
    "week": "周",
    "month": "个月",
    "quarter": "季度",
    "year": "年",
}
EVERY = {"day": "每日", "week": "每周", "month": "每月", "quarter": "每季度", "year": "每年"}
_NUMBER = re.compile(r"^[第（(]?([一二三四五六七八九十百]+)(?:[、）).．]|部分|章|是)\s*")


def day(value: dt.date | None) -> str:
    """2026年6月3日."""
    return day_words(value, "")


def deadline(one: Any) -> str:
    """A deadline as people say it: 循环：每月22日前, 文件印发后10个工作日."""
    if one.kind == "date" and one.date:
        return f"{day(one.date)}前"
    if one.kind == "duration" and one.amount:
        return f"{one.trigger or '事件发生'}后{one.amount}{UNITS.get(one.unit, '')}"
    if one.kind == "recurring":
        every = EVERY.get(one.unit, "")
        if every and one.day:
            return f"循环：{every}{one.day}日前"
        return f"循环：{every or one.text}"
    return one.text


def plain(value: Any) -> str:
    """60 from Decimal("60.00")."""
    if isinstance(value, Decimal):
        value = value.normalize()
        return f"{value:f}"
    return f"{value:g}" if isinstance(value, float) else str(value)


# The compiler's slugs for counts.
COUNTS = {"times": "次"}


def counted(unit: str) -> str:
    """A unit of a target as people write it."""
    return COUNTS.get(unit, unit)


def target(one: Any) -> str:
    """≥ 60%."""
    sign = "≥" if one.operator == ">=" else "≤"
    return f"{sign} {plain(one.value)}{counted(one.unit)}"


def section_number(title: str) -> str:
    """一 from 一、公开内容."""
    found = _NUMBER.match(title)
    return found.group(1) if found else ""


def section_name(title: str) -> str:
    """The words of a section without its number."""
    return _NUMBER.sub("", title).strip() or title


def breakable(text: str, most: int = 8) -> str:
    """A short head of a table that may break after four characters."""
    return f"{text[:4]}\u200b{text[4:most]}" if len(text) > 5 else text


def section(part: Any) -> str:
    """第二部分 …."""
    number = section_number(part.title)
    return f"第{number}部分" if number else part.title


def percent(value: float | None) -> str:
    """94.6, or – where there is nothing to divide by."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")
