"""From the names of a duty to the units that get it: groups expand to their members of the day, nobody twice."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.core import groups
from gongkai.core.models import Unit, UnitGroup
from gongkai.ledger.models import AssignmentRole, Task, TaskUnit

STRENGTH = {AssignmentRole.LEAD: 0, AssignmentRole.RESPONSIBLE: 1, AssignmentRole.COOPERATING: 2}


class Expander:
    """Expands groups; each is read once however often it is named."""

    def __init__(self) -> None:
        self._known: dict[int, list[Unit]] = {}

    def members(self, group: UnitGroup) -> list[Unit]:
        """The units of a group as they are now."""
        if group.pk not in self._known:
            self._known[group.pk] = groups.members(group)
        return self._known[group.pk]


def places(named: Iterable[TaskUnit], expander: Expander | None = None) -> list[tuple[Unit, str, str]]:
    """(unit, role, scope) for a duty: a unit named twice keeps its strongest role; leads stand first."""
    expander = expander or Expander()
    found: dict[int, tuple[Unit, str, str]] = {}
    for one in named:
        units = [one.unit] if one.unit else expander.members(one.group) if one.group else []
        for unit in units:
            if not unit.active:
                continue
            known = found.get(unit.pk)
            if known is None or STRENGTH[AssignmentRole(one.role)] < STRENGTH[AssignmentRole(known[1])]:
                found[unit.pk] = (unit, one.role, one.scope)
    return sorted(found.values(), key=lambda place: STRENGTH[AssignmentRole(place[1])])


def count(tasks: Iterable[Task]) -> int:
    """How many assignments a dispatch would open."""
    expander = Expander()
    return sum(len(places(task.named_units.all(), expander)) for task in tasks)
