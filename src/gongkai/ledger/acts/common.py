"""What several acts of the ledger share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import ActError, Work, people_of
from gongkai.core.days import day_words
from gongkai.core.forms import ActForm
from gongkai.core.models import Case, Clock, User
from gongkai.core.roles import STAFF, Permit, Role, anywhere, lead, owner, supervisor

STAFF_OF_OWNER = owner(*STAFF)
OFFICE_OF_OWNER = owner(Role.OFFICE)
OFFICE = supervisor(Role.OFFICE)
ANY_OFFICE = anywhere(Role.OFFICE)


def text_area(label: str, *, rows: int = 4, limit: int = 2000, required: bool = True, **more: Any) -> forms.CharField:
    """A field for sentences."""
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=limit, required=required, **more
    )


class OpinionForm(ActForm):
    """An act with an opinion that may be left out."""

    words = text_area("意见", rows=3, limit=1000, required=False)


def choices_of(form: forms.Form, name: str) -> Any:
    """A choice field of a form, so that its choices may be fitted to the case."""
    return form.fields[name]


def staff(unit: Any) -> Iterable[User]:
    """The people of a unit who do its daily work."""
    return people_of(unit, *STAFF)


def owner_people(case: Any) -> Iterable[User]:
    """The handler, or everybody in the unit who might be."""
    return [case.handler] if case.handler_id else staff(case.unit)


def office_people(case: Case) -> Iterable[User]:
    """The supervising office's people."""
    return people_of(case.supervisor, Role.OFFICE) if case.supervisor_id else []


def office_unit(user: User | None) -> Any:
    """The unit in which a person holds the office's role; ActError if there is none."""
    if user is not None:
        for membership in user.memberships_now:
            if membership.role == Role.OFFICE:
                return membership.unit
    raise ActError("只有政务公开主管单位的人员可以办理。")


def home_unit(user: User | None) -> Any:
    """The unit for which a person records something; a division's body; ActError if there is none."""
    unit = user.main_unit if user is not None else None
    if unit is None:
        raise ActError("你还没有任职单位，请联系安全保密管理员。")
    return unit


def serial_clock(case: Case, stem: str, now: dt.datetime, *, name: str, setting: str = "check.workdays") -> Clock:
    """Start a clock for the office that may run several times: check:1, check:2. It judges nobody."""
    number = case.clocks.filter(code__startswith=f"{stem}:").count() + 1
    return clocks.start(
        case,
        now=now,
        code=f"{stem}:{number}",
        name=name,
        unit="workday",
        amount=jurisdiction.value(setting),
        judged=False,
        basis="复核期限",
    )


def stop_serial(case: Case, stem: str, now: dt.datetime) -> None:
    """The office has answered."""
    for clock in case.clocks.filter(code__startswith=f"{stem}:"):
        clocks.stop(clock, now)


def stop_judged(case: Case, now: dt.datetime) -> int:
    """Stop every judged clock that runs, because the work it measures was handed in; returns how many."""
    stopped = 0
    for clock in case.clocks.filter(judged=True, state__in=[Clock.State.RUNNING, Clock.State.PAUSED]):
        clocks.stop(clock, now)
        stopped += 1
    return stopped


def reopen_stopped(case: Case, at: dt.datetime | None, now: dt.datetime) -> None:
    """Let the judged clocks that stopped at a moment run on as if they had never stopped."""
    if at is None:
        return
    for clock in case.clocks.filter(judged=True, state=Clock.State.MET, stopped_at=at):
        clocks.reopen(clock, now)


def cancel_all(case: Case, now: dt.datetime) -> None:
    """No clock of the case matters any more."""
    for clock in case.clocks.all():
        clocks.cancel(clock, now)


def start_of_day(day: dt.date) -> dt.datetime:
    """The first instant of a day here."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def not_past(day: dt.date, now: dt.datetime, what: str) -> None:
    """A day that has gone by cannot be asked for; ActError with a sentence."""
    if day < timezone.localdate(now):
        raise ActError(f"{what}不能早于今天。")


def fill_words(work: Work, name: str = "words") -> None:
    """Take the typed words over into the event."""
    work.words = str(work.data.get(name) or "")


__all__ = [
    "ANY_OFFICE",
    "OFFICE",
    "OFFICE_OF_OWNER",
    "STAFF_OF_OWNER",
    "OpinionForm",
    "Permit",
    "Role",
    "anywhere",
    "cancel_all",
    "choices_of",
    "day_words",
    "fill_words",
    "home_unit",
    "lead",
    "not_past",
    "office_people",
    "office_unit",
    "owner",
    "owner_people",
    "reopen_stopped",
    "serial_clock",
    "staff",
    "start_of_day",
    "stop_judged",
    "stop_serial",
    "supervisor",
    "text_area",
]
