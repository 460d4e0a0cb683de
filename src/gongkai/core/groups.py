"""Groups of units 单位组: what a name such as 各街镇 stands for today."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.core.models import Unit, UnitGroup


def members(group: UnitGroup) -> list[Unit]:
    """The units a group stands for now, in the order of the registry."""
    if group.pk is None:
        return expand(group.root, group.kinds, [], [])
    return expand(group.root, group.kinds, group.included.all(), group.excluded.all())


def expand(root: Unit | None, kinds: Iterable[str], included: Iterable[Unit], excluded: Iterable[Unit]) -> list[Unit]:
    """Active units of some kinds directly below the root, and those included, without those excluded."""
    found: dict[int, Unit] = {}
    kinds = list(kinds)
    if root is not None and kinds:
        found = {unit.pk: unit for unit in Unit.objects.filter(active=True, parent=root, kind__in=kinds)}
    found.update({unit.pk: unit for unit in included if unit.active})
    for unit in excluded:
        found.pop(unit.pk, None)
    return sorted(found.values(), key=lambda unit: (unit.ordinal, unit.pk))
