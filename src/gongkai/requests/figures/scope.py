"""Whose requests a person sees figures of: the rule of `visible_to`, in units."""

from __future__ import annotations

from django.db.models import Q
from django.http import QueryDict

from gongkai.core import listing
from gongkai.core.models import Unit, User
from gongkai.core.roles import ADMINISTRATORS, Role


def seen_units(user: User) -> dict[int, str]:
    """Id -> name of the units whose requests a person may read; supervising offices and auditors see those below."""
    condition = Q(pk__in=[])
    for membership in user.memberships_now:
        if membership.role in (Role.OFFICE, Role.AUDITOR):
            root = membership.unit.parent or membership.unit
            condition |= Q(path__startswith=root.path)
        if membership.role not in ADMINISTRATORS:
            condition |= Q(pk=membership.unit_id)
    rows = Unit.objects.filter(condition).order_by("path").only("id", "short_name", "name")
    return {unit.pk: str(unit) for unit in rows}


def chosen_units(parameters: QueryDict, seen: dict[int, str]) -> list[int]:
    """The units that an address asks for, among those seen; all of them when it asks for none."""
    asked = [unit for unit in listing.ids_of(parameters.getlist("unit")) if unit in seen]
    return asked or list(seen)
