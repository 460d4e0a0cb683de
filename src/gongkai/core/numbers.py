"""Numbers of cases and letters: a prefix, the year, a running number without gaps or doubles."""

from __future__ import annotations

from django.db.models import F

from gongkai.core.models import NumberSeries


def take_serial(prefix: str, year: int, count: int = 1) -> int:
    """The next running number of a series in a year, the last of `count` in a row; runs inside the act's transaction."""
    series = NumberSeries.objects.filter(prefix=prefix, year=year)
    if not series.update(last=F("last") + count):
        NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, year=year, last=0)], ignore_conflicts=True)
        series.update(last=F("last") + count)
    return series.values_list("last", flat=True).get()


def take(prefix: str, year: int) -> str:
    """The next number, e.g. RW-2026-0007."""
    return take_many(prefix, year, 1)[0]


def take_many(prefix: str, year: int, count: int) -> list[str]:
    """The next numbers of a series, in a row."""
    last = take_serial(prefix, year, count)
    return [f"{prefix}-{year}-{serial:04d}" for serial in range(last - count + 1, last + 1)]
