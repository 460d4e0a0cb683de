"""Numbers of cases and letters: a prefix, the year, a running number without gaps or doubles."""

from __future__ import annotations

from django.db.models import F

from gongkai.core.models import NumberSeries


def take_serial(prefix: str, year: int) -> int:
    """The next running number of a series in a year; must run inside the act's transaction."""
    changed = NumberSeries.objects.filter(prefix=prefix, year=year).update(last=F("last") + 1)
    if not changed:
        NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, year=year, last=0)], ignore_conflicts=True)
        NumberSeries.objects.filter(prefix=prefix, year=year).update(last=F("last") + 1)
    return NumberSeries.objects.values_list("last", flat=True).get(prefix=prefix, year=year)


def take(prefix: str, year: int) -> str:
    """The next number, e.g. RW-2026-0007."""
    return f"{prefix}-{year}-{take_serial(prefix, year):04d}"
