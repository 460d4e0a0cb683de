"""How long a normative document is in force (有效期), and what it is called on a day.

No national rule fixes one term; the usual local rule is five years, two for 暂行 and 试行 documents, and lapse without
renewal. The years are settings; the arithmetic is here.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from gongkai.law.workdays import shift_months


class Validity(StrEnum):
    """有效性, as it is printed on documents."""

    NONE = ""
    VALID = "valid"
    AMENDED = "amended"
    LAPSED = "lapsed"
    REPEALED = "repealed"


VALIDITY_LABELS: Final[dict[str, str]] = {
    Validity.VALID: "有效",
    Validity.AMENDED: "已修改",
    Validity.LAPSED: "失效",
    Validity.REPEALED: "废止",
}
TRIAL_WORDS: Final[tuple[str, ...]] = ("暂行", "试行")


def is_trial(title: str) -> bool:
    """Whether the title says that the document is provisional (暂行、试行)."""
    return any(word in title for word in TRIAL_WORDS)


def term_years(title: str, *, general: int = 5, trial: int = 2) -> int:
    """The term in years that applies when the document itself says none."""
    return trial if is_trial(title) else general


def last_valid_day(effective_on: date, years: int) -> date:
    """The last day in force: in force from 2021-03-01 for 5 years means until 2026-02-28."""
    return shift_months(effective_on, 12 * years) - timedelta(days=1)


def notice_day(last_day: date, months: int = 6) -> date:
    """The day from which the lapse is announced to the unit, some months before the last valid day."""
    return shift_months(last_day, -months)


def validity_on(
    day: date,
    *,
    normative: bool,
    last_day: date | None = None,
    repealed_on: date | None = None,
    amended: bool = False,
    effective_on: date | None = None,
) -> Validity:
    """What the document is on a day: a repeal counts from its day, a lapse from the day after the last valid one.

    A document that is not a normative one and was never repealed, limited or amended carries no validity.
    """
    if repealed_on is not None and day >= repealed_on:
        return Validity.REPEALED
    if last_day is not None and day > last_day:
        return Validity.LAPSED
    if amended:
        return Validity.AMENDED
    if normative or last_day is not None or effective_on is not None:
        return Validity.VALID
    return Validity.NONE
