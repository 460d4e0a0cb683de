"""Which cases stand on which list, and small figures about them. Only reading."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Q, QuerySet

from gongkai.core.kinds import kinds
from gongkai.core.models import Case, CaseCount, ClosedCount, Unit, User
from gongkai.core.models.cases import Light
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import ADMINISTRATORS, STAFF, Role


class _Place(NamedTuple):
    """What lists need to know of a unit."""

    pk: int
    parent: int | None
    path: str
    division: bool


def _places() -> list[_Place]:
    """The tree of units in use. Kept for a minute."""
    held = cache.get("gongkai.places")
    if held is None:
        rows = Unit.objects.order_by("path").values_list("pk", "parent_id", "path", "kind", "active")
        held = [
            _Place(pk, parent, path, kind == UnitKind.DIVISION and active) for pk, parent, path, kind, active in rows
        ]
        cache.set("gongkai.places", held, 60)
    return held


def _divisions() -> dict[int | None, list[int]]:
    """Body -> its divisions: roles held in the body count there too."""
    held: dict[int | None, list[int]] = {}
    for place in _places():
        if place.division:
            held.setdefault(place.parent, []).append(place.pk)
    return held


def units_of(user: User) -> dict[int, frozenset[str]]:
    """Unit -> roles that count there, administrators' roles left out; divisions of a body are included."""
    known = user.__dict__.get("_units_of")
    if known is not None and known[0] is user.roles_by_unit:
        return known[1]
    held: dict[int, frozenset[str]] = {}
    divisions = _divisions()
    for unit, roles in user.roles_by_unit.items():
        working = frozenset(roles) - ADMINISTRATORS
        if not working:
            continue
        for pk in (unit, *divisions.get(unit, ())):
            held[pk] = held.get(pk, frozenset()) | working
    # A page asks a dozen times; the person is read anew for every request.
    user.__dict__["_units_of"] = (user.roles_by_unit, held)
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
        condition |= _one_or_many("turn_unit", ids) & (
            Q(turn_role__in=sorted(roles)) | Q(handler=user, turn_role__in=STAFF)
        )
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


def unit_lights(user: User, *lights: str) -> tuple[QuerySet, str]:
    """The counters of the person's units in some lights, with the column to add up."""
    units = list(units_of(user))
    rows = CaseCount.objects.filter(_one_or_many("unit", units)) if units else CaseCount.objects.none()
    return rows.filter(light__in=lights), "number"


OPEN_LIGHTS = (Light.LATE, Light.SOON, Light.PAUSED, Light.WAIT, Light.OK)


def unit_open_count(user: User) -> tuple[QuerySet, str]:
    """The counters behind 本单位事项 that are still open."""
    return unit_lights(user, *OPEN_LIGHTS)


def todo_own(user: User) -> QuerySet:
    """The part of the to-do list that the person's own units hold."""
    return todo(user).filter(unit__in=list(units_of(user)), kind__in=counted())


def watched(user: User) -> QuerySet:
    """我关注的, as far as the person may still read them."""
    return Case.objects.visible_to(user).filter(watches__user=user)


def all_cases(user: User) -> QuerySet:
    """全部事项: what the person may read.

    Whoever oversees a subtree sees most cases: the few units outside are named, not the many inside, so that the
    database walks the cases in order of due time instead of collecting and sorting them.
    """
    roots = []
    for membership in user.memberships_now:
        if membership.role in (Role.OFFICE, Role.AUDITOR):
            path = membership.unit.path
            roots.append(path[: path.rstrip("/").rindex("/") + 1] if membership.unit.parent_id else path)
    if not roots:
        return Case.objects.visible_to(user).filter(kind__in=counted())
    outside = [place.pk for place in _places() if not place.path.startswith(tuple(roots))]
    rows = Case.objects.exclude(unit__in=outside) if outside else Case.objects.all()
    uncounted = [kind.code for kind in kinds.values() if not kind.counted]
    return rows.exclude(kind__in=uncounted) if uncounted else rows


def counted() -> list[str]:
    """Kinds that stand on lists of duties."""
    return [kind.code for kind in kinds.values() if kind.counted]


def month_of(day: dt.date) -> str:
    """The month as cases carry it."""
    return f"{day:%Y-%m}"
