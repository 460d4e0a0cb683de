"""Reminders before due days, and what follows when nobody moves (到期提醒、逾期升级).

Everything is keyed, so that a job that runs twice says nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable

from django.utils import timezone

from gongkai.core import calendars, jurisdiction, notifications
from gongkai.core.models import Case, Membership, User
from gongkai.core.models.cases import NO_DUE
from gongkai.core.roles import STAFF, Role
from gongkai.law.clock import last_day

# Rooms add what else happens when a case is late: f(case, workdays_late, now).
escalations: list[Callable[[Case, int, dt.datetime], None]] = []


def run(now: dt.datetime) -> int:
    """Remind and escalate for one day; returns how many notifications were written."""
    today = timezone.localtime(now).date()
    calendar = calendars.current()
    before = sorted({int(part) for part in jurisdiction.value("remind.workdays_before").split(",")})
    horizon = calendar.add_workdays(today, max(before) + 1) if before else today
    people = _people()
    told = 0
    rows = (
        Case.objects.open()
        .filter(due_at__isnull=False, due_at__lte=timezone.make_aware(dt.datetime.combine(horizon, dt.time.max)))
        .select_related("unit", "supervisor", "handler", "clock", "turn_unit")
    )
    for case in rows.iterator(chunk_size=500):
        due_on = _due_on(case)
        left = calendar.workdays_between(today, due_on)
        if case.due_at > now and (left in before or (due_on == today and 0 in before)):
            told += _remind(case, due_on, left, people, now)
        elif case.due_at <= now:
            told += _tell_late(case, calendar.workdays_between(due_on, today), people, now)
        if case.late_at and case.late_at <= now:
            told += _escalate(case, calendar.workdays_between(last_day(case.late_at), today), people, now)
    return told


def _due_on(case: Case) -> dt.date:
    return last_day(case.due_at or NO_DUE)


def _people() -> dict[tuple[int, str], list[User]]:
    people: dict[tuple[int, str], list[User]] = defaultdict(list)
    for membership in Membership.objects.filter(user__is_active=True).select_related("user"):
        people[membership.unit_id, membership.role].append(membership.user)
    return people


def _turn_people(case: Case, people: dict[tuple[int, str], list[User]]) -> list[User]:
    if case.handler and case.turn_unit_id == case.unit_id and case.turn_role in STAFF:
        return [case.handler]
    return people[case.turn_unit_id, case.turn_role] if case.turn_unit_id else []


def _remind(case: Case, due_on: dt.date, left: int, people: dict, now: dt.datetime) -> int:
    when = "今天到期" if left <= 0 else f"还剩{left}个工作日"
    name = case.clock.name if case.clock else ""
    return notifications.tell(
        _turn_people(case, people),
        f"{case.title}：{name}{when}（{due_on.month}月{due_on.day}日）",
        case=case,
        kind="remind",
        key=f"remind-{case.pk}-{case.clock_id}-{due_on}-{left}",
        now=now,
    )


def _tell_late(case: Case, late: int, people: dict, now: dt.datetime) -> int:
    """Whoever's turn it is hears once that the nearest limit has passed."""
    return notifications.tell(
        _turn_people(case, people),
        f"{case.title}：已超期{late}个工作日",
        case=case,
        kind="late",
        key=f"late-{case.pk}-{case.clock_id}",
        now=now,
    )


def _escalate(case: Case, late: int, people: dict, now: dt.datetime) -> int:
    """The unit itself is late: its leader, and after some days the supervising office. A late check by the office is not."""
    told = 0
    if late >= jurisdiction.value("escalate.leader_workdays"):
        told += notifications.tell(
            people[case.unit_id, Role.LEADER],
            f"本单位“{case.title}”已超期{late}个工作日，请督促办理",
            case=case,
            kind="escalate",
            key=f"leader-{case.pk}-{case.late_at:%Y%m%d}",
            now=now,
        )
    if late >= jurisdiction.value("escalate.supervise_workdays") and case.supervisor_id:
        told += notifications.tell(
            people[case.supervisor_id, Role.OFFICE],
            f"{case.unit}“{case.title}”已超期{late}个工作日，建议发督办单",
            case=case,
            kind="escalate",
            key=f"supervise-{case.pk}-{case.late_at:%Y%m%d}",
            now=now,
        )
    for step in escalations:
        step(case, late, now)
    return told
