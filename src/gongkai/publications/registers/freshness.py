"""When a column has to be updated again: plain functions, no models.

The windows are those of the inspection of government sites (动态要闻 14 days, 通知政策 6 months, 办事统计 3 months); the
yearly one is usual practice. All of them are settings, a column may have an interval of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from gongkai.law.workdays import shift_months


class Standing(StrEnum):
    """How a column stands on a day."""

    BLANK = "blank"
    STALE = "stale"
    NEAR = "near"
    FRESH = "fresh"
    FREE = "free"


STANDING_LABELS = {
    Standing.BLANK: "空白",
    Standing.STALE: "超期未更新",
    Standing.NEAR: "临近期限",
    Standing.FRESH: "正常",
    Standing.FREE: "不定期",
}
LIGHTS = {
    Standing.BLANK: "late",
    Standing.STALE: "late",
    Standing.NEAR: "soon",
    Standing.FRESH: "ok",
    Standing.FREE: "paused",
}


@dataclass(frozen=True, slots=True)
class Windows:
    """How long each sort of column may go without anything new: days for news, months for the others."""

    news_days: int = 14
    notices_months: int = 6
    statistics_months: int = 3
    yearly_months: int = 12

    def limit(self, updated_on: dt.date, freshness: str, update_days: int | None = None) -> dt.date | None:
        """The last day by which a column must be updated again; None when nothing is asked of it.

        A column's own interval comes before that of its sort.
        """
        if update_days:
            return updated_on + dt.timedelta(days=update_days)
        if freshness == "news":
            return updated_on + dt.timedelta(days=self.news_days)
        months = {
            "notices": self.notices_months,
            "statistics": self.statistics_months,
            "yearly": self.yearly_months,
        }.get(freshness)
        return shift_months(updated_on, months) if months else None

    def oldest(self, day: dt.date, freshness: str, update_days: int | None = None) -> dt.date | None:
        """The earliest day of an update that is still in time on `day`; the inverse of `limit`, for queries."""
        if update_days:
            return day - dt.timedelta(days=update_days)
        if freshness == "news":
            return day - dt.timedelta(days=self.news_days)
        months = {
            "notices": self.notices_months,
            "statistics": self.statistics_months,
            "yearly": self.yearly_months,
        }.get(freshness)
        if not months:
            return None
        # The end of a month is shortened by `shift_months`: step on until the limit reaches the day.
        start = shift_months(day, -months)
        while shift_months(start, months) < day:
            start += dt.timedelta(days=1)
        return start


def standing(day: dt.date, updated_on: dt.date | None, limit: dt.date | None, notice_days: int) -> Standing:
    """How a column stands on a day, from its last update and its limit."""
    if updated_on is None:
        return Standing.BLANK
    if limit is None:
        return Standing.FREE
    if day > limit:
        return Standing.STALE
    return Standing.NEAR if day > limit - dt.timedelta(days=notice_days) else Standing.FRESH
