"""What several acts share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from gongkai.core import attachments, clocks
from gongkai.core.acts import ActError, Work
from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import STAFF, Role, owner, supervisor
from gongkai.law.workdays import UnknownYearError
from gongkai.requests.acts.common import (
    at_day,
    check_day,
    day_words,
    staff,
    supervising,
    text_area,
    today,
)
from gongkai.requests.appeals.models import Appeal

KIND = Appeal.KIND
STAFF_OF_OWNER = owner(*STAFF)
DECIDERS = owner(Role.REVIEWER, Role.LEADER)
OFFICE = supervisor(Role.OFFICE)

__all__ = [
    "DECIDERS", "KIND", "OFFICE", "STAFF_OF_OWNER", "at_day", "check_day", "day_words", "hand_over", "home_unit", "open_with", "people_in", "staff",
    "stop_clock", "supervising", "text_area", "today", "wrote",
]  # fmt: skip


def home_unit(user: User | None) -> Unit:
    """The body for which a person works; ActError if there is none."""
    unit = user.main_unit if user is not None else None
    if unit is None:
        raise ActError("你还没有任职单位，请联系安全保密管理员。")
    return unit


def people_in(units: Iterable[Unit], *roles: Role) -> QuerySet[User]:
    """Active people who hold one of the roles in one of the units."""
    rows = User.objects.filter(is_active=True, memberships__unit__in=list(units), memberships__role__in=roles)
    return rows.distinct()


def open_with(work: Work, case: Case, plans: list[dict[str, Any]], summary: str, **data: Any) -> Any:
    """Open a case with clocks; a day outside the calendar is told as a fault of the form."""
    try:
        return work.open(case, clocks=plans, summary=summary[:300], data=data)
    except UnknownYearError as error:
        raise ActError(str(error)) from None


def stop_clock(case: Case, code: str, on: dt.date, now: dt.datetime) -> None:
    """What a clock measured was done on a day, if the clock is there and still open."""
    clock = clocks.get(case, code)
    if clock is not None and clock.is_open:
        clocks.stop(clock, at_day(on, now))


def wrote(work: Work) -> None:
    """Remember who changed the content: whoever wrote it does not review it."""
    if work.user is not None and work.user.pk not in work.case.authors:
        work.case.authors = [*work.case.authors, work.user.pk]


def hand_over(work: Work, case: Case) -> None:
    """What was uploaded belongs to a case that the act opened: with its first event, sealed where the act says so."""
    files, kept = list(work.data.get("files") or []), list(work.data.get("kept") or [])
    if work.case is not None and work.case.pk == case.pk:
        work.files += files
        work.attachments += kept
        return
    event = case.events.order_by("pk").first()
    sealed = "files" in work.act.private
    for attachment in [*(attachments.store(file, user=work.user, sealed=sealed) for file in files), *kept]:
        attachment.case, attachment.event = case, event
        attachment.draft_of, attachment.draft_act = None, ""
        attachment.save()
