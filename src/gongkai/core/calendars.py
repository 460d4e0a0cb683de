"""The calendar in force: the published lists, imported years on top, local layers on top of those."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import CalendarLayer, CalendarYearRecord, Clock
from gongkai.law import workdays

_CACHE_KEY = "gongkai.calendar"
_held: dict[str, workdays.Calendar] = {}


def current() -> workdays.Calendar:
    """The calendar by which everything is counted now."""
    stamp = cache.get(_CACHE_KEY)
    if stamp is None or stamp not in _held:
        stamp = _stamp()
        if stamp not in _held:
            _held.clear()
            _held[stamp] = _build()
        cache.set(_CACHE_KEY, stamp, 20)
    return _held[stamp]


def _stamp() -> str:
    years = ",".join(f"{y}:{v}" for y, v in CalendarYearRecord.objects.order_by("year").values_list("year", "version"))
    layers = ",".join(str(pk) for pk in CalendarLayer.objects.order_by("pk").values_list("pk", flat=True))
    return f"{years}|{layers}"


def _days(texts: list[str]) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(text) for text in texts)


def _build() -> workdays.Calendar:
    calendar = workdays.default_calendar()
    for record in CalendarYearRecord.objects.order_by("year"):
        calendar = calendar.with_year(
            workdays.CalendarYear(
                year=record.year,
                status="official",
                off=_days(record.off),
                work=_days(record.work),
                document_number=record.document_number,
                issued_on=record.issued_on,
            )
        )
    for layer in CalendarLayer.objects.order_by("pk"):
        calendar = calendar.with_layer(
            workdays.Layer(
                region="",
                off=_days(layer.off),
                work=_days(layer.work),
                reason=layer.reason,
                document_number=layer.document_number,
            )
        )
    return calendar


def import_year(text: str, user, *, document_number: str, issued_on: dt.date | None = None) -> tuple[list[str], int]:
    """Take over a year's official list and recompute every open clock.

    Returns the warnings of the sanity checks and the number of cases whose due date moved.
    Raises ValueError with a sentence when the list cannot be right.
    """
    year = workdays.parse_year(text, document_number=document_number, issued_on=issued_on)
    with writing():
        record = CalendarYearRecord.objects.filter(year=year.year).first() or CalendarYearRecord(
            year=year.year, version=0
        )
        record.off = sorted(day.isoformat() for day in year.off)
        record.work = sorted(day.isoformat() for day in year.work)
        record.document_number = document_number
        record.issued_on = issued_on
        record.checksum = year.checksum
        record.version += 1
        record.save()
        audit.note(
            "calendar.import",
            "导入日历",
            user,
            summary=f"{year.year}年放假安排，{document_number}",
            data={"checksum": year.checksum},
        )
    cache.delete(_CACHE_KEY)
    return [finding.message for finding in workdays.check_year(year)], recompute(
        f"{year.year}年放假安排（{document_number}）"
    )


def add_layer(off: list[dt.date], work: list[dt.date], user, *, reason: str, document_number: str) -> int:
    """Add local days and recompute every open clock; returns how many cases moved."""
    with writing():
        CalendarLayer.objects.create(
            off=[day.isoformat() for day in off],
            work=[day.isoformat() for day in work],
            reason=reason,
            document_number=document_number,
        )
        audit.note("calendar.layer", "登记地方日历", user, summary=f"{reason}（{document_number}）")
    cache.delete(_CACHE_KEY)
    return recompute(f"{reason}（{document_number}）")


def recompute(cause: str) -> int:
    """Derive every open clock anew; each case whose due time moves gets an event that names the cause."""
    from gongkai.core import clocks

    moved = 0
    ids = Clock.objects.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED]).values_list("case_id", flat=True)
    for case_id in ids.distinct().order_by("case_id").iterator(chunk_size=500):
        moved += clocks.recompute_case(case_id, cause)
    return moved
