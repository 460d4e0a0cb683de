"""Which cases stand on which list, and small figures about them. Only reading."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.db.models import Q, QuerySet

from gongkai.core.kinds import kinds
from gongkai.core.models import Case, ClosedCount, Unit, User
from gongkai.core.models.cases import Light
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import ADMINISTRATORS


def _divisions() -> dict[int, list[int]]:
    """Body -> its divisions: roles held in the body count there too. Kept for a minute."""
    held = cache.get("gongkai.divisions")
    if held is None:
        held = {}
        for pk, parent in Unit.objects.filter(kind=UnitKind.DIVISION, active=True).values_list("pk", "parent_id"):
            held.setdefault(parent, []).append(pk)
        cache.set("gongkai.divisions", held, 60)
    return held


def units_of(user: User) -> dict[int, frozenset[str]]:
    """Unit -> roles that count there, administrators' roles left out; divisions of a body are included."""
    held: dict[int, frozenset[str]] = {}
    divisions = _divisions()
    for unit, roles in user.roles_by_unit.items():
        working = frozenset(roles) - ADMINISTRATORS
        if not working:
            continue
        for pk in (unit, *divisions.get(unit, ())):
            held[pk] = held.get(pk, frozenset()) | working
    return held


def _one_or_many(name: str, ids: list[int]) -> Q:
    """Equality where there is one unit: then the index gives the order too."""
    return Q(**{name: ids[0]}) if len(ids) == 1 else Q(**{f"{name}__in": ids})


def _turn(user: User) -> Q | None:
    units = units_of(user)
    if not units:
        return None
    by_roles: dict[frozenset[str], list[int]] = {}
    for unit, roles in units.items():
        by_roles.setdefault(roles, []).append(unit)
    condition = Q()
    for roles, ids in by_roles.items():
        condition |= _one_or_many("turn_unit", ids) & (Q(turn_role__in=sorted(roles)) | Q(handler=user))
    return condition


def todo(user: User) -> QuerySet:
    """待我处理: open cases that wait for one of the person's roles, or for the person by name."""
    condition = _turn(user)
    if condition is None:
        return Case.objects.none()
    return Case.objects.open().filter(condition).exclude(light=Light.PAUSED)


def paused(user: User) -> QuerySet:
    """暂停计时: cases of the person's units whose clock stands still."""
    units = list(units_of(user))
    if not units:
        return Case.objects.none()
    return Case.objects.open().filter(_one_or_many("unit", units), light=Light.PAUSED, kind__in=counted())


def waiting(user: User) -> QuerySet:
    """等待他人: open cases of the person's units on which somebody else has to act next."""
    units = list(units_of(user))
    if not units:
        return Case.objects.none()
    elsewhere = Q(turn_unit__isnull=True) | ~Q(turn_unit__in=units)
    roles = sorted(frozenset().union(*units_of(user).values()))
    other_role = ~Q(turn_role__in=roles) & ~Q(handler=user)
    return (
        Case.objects.open()
        .filter(_one_or_many("unit", units), elsewhere | other_role, kind__in=counted())
        .exclude(light=Light.PAUSED)
    )


def closed(user: User, month: str) -> QuerySet:
    """本月办结: cases of the person's units closed in a month such as 2026-11."""
    units = list(units_of(user))
    if not units:
        return Case.objects.none()
    return Case.objects.filter(
        _one_or_many("unit", units), closed_at__isnull=False, closed_month=month, kind__in=counted()
    )


def closed_counts(user: User, month: str) -> QuerySet:
    """The counters behind 本月办结."""
    units = list(units_of(user))
    return ClosedCount.objects.filter(_one_or_many("unit", units), month=month) if units else ClosedCount.objects.none()


def unit_cases(user: User) -> QuerySet:
    """本单位事项: cases the person's units own."""
    units = list(units_of(user))
    if not units:
        return Case.objects.none()
    return Case.objects.filter(_one_or_many("unit", units), kind__in=counted())


def unit_open(user: User) -> QuerySet:
    """本单位事项 that are still open."""
    return unit_cases(user).filter(closed_at__isnull=True)


def watched(user: User) -> QuerySet:
    """我关注的, as far as the person may still read them."""
    return Case.objects.visible_to(user).filter(watches__user=user)


def counted() -> list[str]:
    """Kinds that stand on lists of duties."""
    return [kind.code for kind in kinds.values() if kind.counted]


def month_of(day: dt.date) -> str:
    """The month as cases carry it."""
    return f"{day:%Y-%m}"
