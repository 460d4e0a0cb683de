"""What several acts of a request share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils import timezone

from gongkai.core import calendars
from gongkai.core.acts import ActError, Work, people_of
from gongkai.core.days import day_words
from gongkai.core.models import Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import STAFF, Role, owner
from gongkai.requests.models import Message, Request

KIND = Request.KIND
STAFF_OF_OWNER = owner(*STAFF)
OFFICER_OF_OWNER = owner(Role.OFFICER)
LEADER_OF_OWNER = owner(Role.LEADER)
# Who did what nobody of the house did.
APPLICANT = "申请人"
# States in which a body still works on a request.
WORKING = frozenset(
    {"received", "handling", "supplementing", "consulting", "explaining", "paying", "extending", "review", "signed"}
)
# Before the reply is drafted and sent up.
EARLY = frozenset({"unconfirmed", "received", "handling"})


def text_area(label: str, *, rows: int = 4, limit: int = 2000, required: bool = True, **more: Any) -> forms.CharField:
    """A field for sentences."""
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=limit, required=required, **more
    )


def today(now: dt.datetime) -> dt.date:
    """The day of a moment here."""
    return timezone.localdate(now)


def at_day(day: dt.date, now: dt.datetime) -> dt.datetime:
    """A moment on a day that was typed: now when it is today, else its first working hour."""
    if day == today(now):
        return now
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9)))


def check_day(day: dt.date, now: dt.datetime, what: str, *, after: dt.date | None = None, of: str = "") -> None:
    """A day typed by staff is not in the future and not before what it follows; ActError with a sentence."""
    if day > today(now):
        raise ActError(f"{what}不能晚于今天（{day_words(today(now))}）。请核对日期。")
    if after is not None and day < after:
        raise ActError(f"{what}不能早于{of or '前一步'}（{day_words(after)}）。请核对日期。")


def staff(unit: Unit) -> Iterable[User]:
    """The people of a body who do its daily work."""
    return people_of(unit, *STAFF)


def case_people(case: Request) -> Iterable[User]:
    """The handler, or the officers who give it to somebody."""
    return [case.handler] if case.handler is not None else people_of(case.unit, Role.OFFICER)


def supervising(unit: Unit) -> Unit | None:
    """The office that supervises openness for a body: that of the government it belongs to, if there is one.

    Remembered for a minute: every request that comes in asks.
    """
    key = f"requests.supervising.{unit.pk}"
    known: Unit | str | None = cache.get(key)
    if known is None:
        path = [int(part) for part in unit.path.strip("/").split("/") if part]
        known = (
            Unit.objects.filter(parent__in=path, kind=UnitKind.OFFICE, active=True, memberships__role=Role.OFFICE)
            .order_by("-path", "ordinal")
            .distinct()
            .first()
        ) or "none"
        cache.set(key, known, 60)
    return known if isinstance(known, Unit) else None


def tell_applicant(case: Request, text: str, now: dt.datetime) -> Message:
    """A message on the status page, sealed."""
    return Message.objects.create(request=case, from_applicant=False, text=text, at=now)


def close_with(work: Work, decision: str, on: dt.date, outcome: str) -> None:
    """What a request that ends without a reply carries for the figures: its leaf, the day, the working days used."""
    case: Request = work.case
    case.decision, case.replied_on, case.outcome = decision, on, outcome
    case.result_year = on.year
    case.workdays_used = workdays_used(case, on)


def workdays_used(case: Request, on: dt.date) -> int | None:
    """Working days from the day the clock that runs was counted from until a day; None if it was never counted."""
    if case.counted_from is None:
        return None
    return calendars.current().workdays_between(case.counted_from, max(on, case.counted_from))
