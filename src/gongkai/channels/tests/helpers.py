"""What the tests of zones share: a filled-in zone, its services, and the steps to its states."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gongkai.channels.zones.models import Zone
from gongkai.core.acts import perform
from gongkai.requests.tests.helpers import application

ZONE = {
    "title": "云溪区政务公开专区",
    "place": "hall",
    "address": "云溪区安澜路1号裙楼一楼东侧",
    "sign": "一楼东侧，绿底白字“政务公开”",
    "telephone": "0000-1234545",
    "days": "workdays",
    "opens_at": "09:00",
    "closes_at": "17:00",
    "break_from": "12:00",
    "break_to": "13:30",
    "hours_remark": "",
}
FOUR = ("lookup", "intake", "advice", "gazette")


def fresh(case: Any) -> Zone:
    """The zone as it stands now."""
    return Zone.objects.select_related("unit", "supervisor").get(pk=case.pk)


def offered(zone: Any, user: Any, *services: str) -> Zone:
    """The zone with services; the four of a service hall unless others are named."""
    for service in services or FOUR:
        data = {"service": service, "post": "3号窗口", "hours": "", "words": "带身份证。"}
        perform("zone.offer", fresh(zone), user, data)
    return fresh(zone)


def opened(zone: Any, user: Any) -> Zone:
    """The zone, open."""
    perform("zone.open", fresh(zone), user, {})
    return fresh(zone)


def noted(zone: Any, user: Any, service: str = "advice", people: int = 1, words: str = "", now: Any = None) -> Any:
    """A line of the register of the day."""
    from django.utils import timezone

    on = timezone.localdate(now)
    data = {"service": service, "people": people, "on": on.isoformat(), "words": words}
    return perform("zone.note", fresh(zone), user, data, now=now)


def taking(place: Any, zone: Any, **more: Any) -> dict[str, Any]:
    """What is typed at the counter for a complete request to the bureau."""
    from django.utils import timezone

    data = application(place, way="post", zone=zone.pk, arrived_on=timezone.localdate().isoformat())
    return {**data, **more}


def day(text: str) -> dt.date:
    """A day as ISO writes it."""
    return dt.date.fromisoformat(text)
