"""What the pages of zones read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from gongkai.channels.zones.models import Days, Outlet, Posting, Service, ServiceMonth, ServiceNote, Zone, ZoneService
from gongkai.channels.zones.settings import required
from gongkai.core import calendars, listing
from gongkai.core.models import User
from gongkai.law.workdays import UnknownYearError

SHOWN_NOTES = 8


# --- open now ---------------------------------------------------------------------------------------------------------


def is_open_day(zone: Zone, day: dt.date) -> bool:
    """Whether a zone's doors open on a day; a year whose calendar is not known has its weekends."""
    if zone.days == Days.WORKDAYS:
        try:
            return calendars.current().is_workday(day)
        except UnknownYearError:
            return day.weekday() < 5
    return zone.days == Days.EVERY or day.weekday() != 0


def is_open_now(zone: Zone, now: dt.datetime) -> bool:
    """Whether somebody who comes now finds it open."""
    local = timezone.localtime(now)
    if zone.state != "open" or not is_open_day(zone, local.date()):
        return False
    return any(first <= local.time() < last for first, last in zone.spans)


def changes_at(zones: Iterable[Zone], now: dt.datetime) -> dt.datetime:
    """The next moment at which one of them opens or shuts, at the latest midnight: until then a page stays true."""
    local = timezone.localtime(now)
    moments = [listing.day_start(local.date() + dt.timedelta(days=1))]
    for zone in zones:
        for span in zone.spans:
            moments += [timezone.make_aware(dt.datetime.combine(local.date(), time)) for time in span]
    return min(moment for moment in moments if moment > now)


# --- for readers ------------------------------------------------------------------------------------------------------


def shown() -> QuerySet[Zone]:
    """Zones that readers find, in the order of their bodies."""
    return Zone.objects.filter(state__in=Zone.SHOWN).select_related("unit").order_by("unit__path", "pk")


def in_order(services: Iterable[ZoneService]) -> list[ZoneService]:
    """Services in the order in which they are declared."""
    order = {code: at for at, code in enumerate(Service.values)}
    return sorted(services, key=lambda one: order[one.service])


def public_list(place: str, service: str, only_open: bool, now: dt.datetime) -> tuple[list[dict[str, Any]], list[Zone]]:
    """The lines of the public list that fit, and all zones there are."""
    zones = list(shown().prefetch_related("services")[:500])
    lines = []
    for zone in zones:
        services = in_order(zone.services.all())
        open_now = is_open_now(zone, now)
        if (place and zone.place != place) or (only_open and not open_now):
            continue
        if service and service not in {one.service for one in services}:
            continue
        lines.append({"zone": zone, "services": services, "open_now": open_now})
    return lines, zones


# --- for staff --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sums:
    """Lines of the register, and people."""

    notes: int
    people: int


def sums(rows: QuerySet[ServiceNote]) -> Sums:
    """How many lines that count, and for how many people."""
    found = rows.filter(voided_at__isnull=True).order_by().aggregate(notes=Count("pk"), persons=Sum("people"))
    return Sums(found["notes"], found["persons"] or 0)


def readable(user: User) -> QuerySet[Zone]:
    """The zones whose figures and register a person may read."""
    return Zone.objects.visible_to(user)


def register_rows(user: User, parameters: Any) -> QuerySet[ServiceNote]:
    """The lines of the register that an address asks for: zone, service, month, day."""
    rows = ServiceNote.objects.filter(zone__in=readable(user).values("pk")).select_related("zone")
    zone = listing.ids_of([parameters.get("zone", "")])
    if zone:
        rows = rows.filter(zone__in=zone)
    if parameters.get("service") in Service.values:
        rows = rows.filter(service=parameters["service"])
    if parameters.get("counted"):
        rows = rows.filter(voided_at__isnull=True)
    month = month_of(parameters.get("month", ""))
    year = year_of(parameters.get("year", ""))
    if month:
        rows = rows.filter(month=month)
    elif year:
        rows = rows.filter(month__startswith=f"{year}-")
    day = listing.day_of(parameters.get("day", ""))
    return rows.filter(on=day) if day else rows


def month_of(text: str) -> str:
    """A month as an address writes it (2026-11); empty for anything else."""
    return text if listing.day_of(f"{text}-01") else ""


def year_of(text: str) -> int | None:
    """A year as an address writes it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def months(user: User, year: int, zone: int | None) -> list[ServiceMonth]:
    """The counters of a year, of one zone or of all the person may read."""
    rows = ServiceMonth.objects.filter(month__startswith=f"{year}-", zone__in=readable(user).values("pk"))
    return list(rows.filter(zone=zone) if zone else rows)


def days_of(user: User, month: str, zone: int | None) -> list[dict[str, Any]]:
    """The sums of each day of a month."""
    rows = ServiceNote.objects.filter(
        zone__in=readable(user).values("pk"), month=month, voided_at__isnull=True
    ).order_by()
    if zone:
        rows = rows.filter(zone=zone)
    return list(rows.values("on").annotate(notes=Count("pk"), persons=Sum("people")).order_by("on"))


def case_context(case: Zone, user: User) -> dict[str, Any]:
    """A zone: what stands at its door, its services and what is missing, its newest lines and sums."""
    services = in_order(case.services.all())
    offered = {one.service for one in services}
    today = timezone.localdate()
    notes = ServiceNote.objects.filter(zone=case)
    counts = (
        notes.filter(month=f"{today:%Y-%m}", voided_at__isnull=True)
        .order_by()
        .aggregate(
            notes=Count("pk"),
            persons=Sum("people"),
            today_notes=Count("pk", filter=Q(on=today)),
            today_persons=Sum("people", filter=Q(on=today)),
        )
    )
    return {
        "zone": case,
        "services": services,
        "lacking": [Service(code).label for code in required(case.place) if code not in offered],
        "notes": list(notes.order_by("-on", "-pk")[:SHOWN_NOTES]),
        "this_month": Sums(counts["notes"], counts["persons"] or 0),
        "this_day": Sums(counts["today_notes"], counts["today_persons"] or 0),
        "month": f"{today:%Y-%m}",
        "day": today.isoformat(),
        "shown": case.state in Zone.SHOWN,
        "takes": case.state == "open" and Service.INTAKE in offered,
    }


# --- fixed-point disclosure -------------------------------------------------------------------------------------------


def in_place() -> QuerySet[Posting]:
    """What hangs now, by outlet."""
    rows = Posting.objects.filter(state__in=("up", "due")).select_related("outlet", "outlet__unit", "document")
    return rows.defer("document__body").order_by("outlet__unit__path", "outlet", "pk")


def posted(item: str) -> list[tuple[Outlet, list[Posting]]]:
    """For readers: what hangs where and is still public as it hangs."""
    rows = in_place().filter(state="up", document__current_version__isnull=False)
    groups: dict[int, tuple[Outlet, list[Posting]]] = {}
    for row in (rows.filter(item=item) if item else rows)[:1000]:
        groups.setdefault(row.outlet_id, (row.outlet, []))[1].append(row)
    return list(groups.values())


def outlet_context(case: Outlet, user: User) -> dict[str, Any]:
    """An outlet and what hangs there or is to hang there."""
    rows = Posting.objects.filter(outlet=case.pk, state__in=("planned", "up", "due")).order_by("until_day")
    return {"outlet": case, "postings": list(rows[:50])}


def posting_context(case: Posting, user: User) -> dict[str, Any]:
    """A posting with its document and outlet."""
    return {"posting": case, "outlet": case.outlet, "document": case.document}
