"""Days in words."""

from __future__ import annotations

import datetime as dt


def day_words(day: dt.date | None, none: str = "未定") -> str:
    """2026年6月3日; `none` where there is no day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else none
