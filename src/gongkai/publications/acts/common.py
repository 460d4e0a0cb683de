"""What several acts of publishing share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import calendars, clocks, jurisdiction
from gongkai.core.acts import ActError, Work, people_of
from gongkai.core.days import day_words
from gongkai.core.models import Clock, Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import STAFF, Role, owner, supervisor
from gongkai.law import documents
from gongkai.law.workdays import UnknownYearError
from gongkai.publications import content
from gongkai.publications.models import Publication
from gongkai.publications.queries import EDITABLE

KIND = Publication.KIND
STAFF_OF_OWNER = owner(*STAFF)
REVIEWERS = (Role.REVIEWER, Role.SECRECY, Role.LEGAL, Role.LEADER)
REVIEWERS_OF_CASE = (*owner(*REVIEWERS), *supervisor(*REVIEWERS))
OFFICE = supervisor(Role.OFFICE)


def text_area(label: str, *, rows: int = 4, limit: int = 2000, required: bool = True, **more: Any) -> forms.CharField:
    """A field for sentences."""
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=limit, required=required, **more
    )


def before_review(found: int, hint: str) -> str:
    """What an author reads before sending something up: what the check found and nobody has settled, then the usual."""
    if not found:
        return hint
    return (
        f"检查发现还有{found}处没有处理。能改的请先改正或遮盖，不改的要由审核人逐处认定可以公开，否则会被退回。{hint}"
    )


def home_unit(user: User | None) -> Unit:
    """The body for which a person writes; ActError if there is none."""
    unit = user.main_unit if user is not None else None
    if unit is None:
        raise ActError("你还没有任职单位，请联系安全保密管理员。")
    return unit


def supervising(unit: Unit) -> Unit | None:
    """The office that supervises openness for a unit: that of the government it belongs to, if there is one."""
    path = [int(part) for part in unit.path.strip("/").split("/") if part]
    return (
        Unit.objects.filter(parent__in=path, kind=UnitKind.OFFICE, active=True, memberships__role=Role.OFFICE)
        .order_by("-path", "ordinal")
        .distinct()
        .first()
    )


def staff(unit: Unit) -> Iterable[User]:
    """The people of a unit who do its daily work."""
    return people_of(unit, *STAFF)


def wrote(work: Work) -> None:
    """Remember who changed the content: whoever wrote it does not review it."""
    if work.user is not None and work.user.pk not in work.case.authors:
        work.case.authors = [*work.case.authors, work.user.pk]


def changed(work: Work) -> bool:
    """After a change of the working copy: a new digest ends the approval, an unchanged save keeps it.

    Returns whether the content is another one.
    """
    case: Publication = work.case
    if not content.refresh(case):
        return False
    if case.state in ("approved", "scheduled") and not case.approval_holds:
        work.state = "draft"
        case.release_at = None
        work.record["approval"] = "ended"
    return True


def publication_clock(case: Publication, now: dt.datetime) -> None:
    """The statutory limit: 20 working days from the day the information was made (条例 art 26), once for a document."""
    clock = clocks.get(case, "publish")
    wanted = case.attribute == documents.Attribute.PROACTIVE and case.made_on is not None and not case.is_public
    if not wanted:
        if clock is not None and clock.state in clocks.OPEN:
            clocks.cancel(clock, now)
        return
    assert case.made_on is not None  # noqa: S101  said by `wanted`
    plan = limit_plan(case.made_on)
    if plan is None:
        if clock is not None and clock.state in clocks.OPEN:
            clocks.cancel(clock, now)
        return
    if clock is None:
        clocks.start(case, now=now, **plan)
    elif clock.started_at != plan["started_at"] or clock.state not in clocks.OPEN:
        clock.started_at = plan["started_at"]
        clocks.reopen(clock, now)


def limit_plan(made_on: dt.date) -> dict[str, Any] | None:
    """The clock of the publication limit, as `clocks.start` takes it; the day of making itself is not counted.

    None where the calendar of working days does not reach: what cannot be counted is not guessed.
    """
    workdays = jurisdiction.value("publications.workdays")
    try:
        calendars.current().add_workdays(made_on, workdays)
    except UnknownYearError:
        return None
    started = timezone.make_aware(dt.datetime.combine(made_on, dt.time(9)))
    return {
        "code": "publish",
        "name": "主动公开期限",
        "unit": "workday",
        "amount": workdays,
        "started_at": started,
        "basis": "《政府信息公开条例》第二十六条",
    }


def stop_limits(case: Publication, now: dt.datetime) -> None:
    """What had to go out has gone out."""
    for clock in case.clocks.filter(judged=True, state__in=[Clock.State.RUNNING, Clock.State.PAUSED]):
        clocks.stop(clock, now)


__all__ = [
    "EDITABLE",
    "KIND",
    "OFFICE",
    "REVIEWERS",
    "REVIEWERS_OF_CASE",
    "STAFF_OF_OWNER",
    "changed",
    "day_words",
    "home_unit",
    "limit_plan",
    "publication_clock",
    "staff",
    "stop_limits",
    "supervising",
    "text_area",
    "wrote",
]
