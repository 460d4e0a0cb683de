"""What happens to cases when a unit is merged into another."""

from __future__ import annotations

from gongkai.core import audit, counters
from gongkai.core.models import Case, Unit


def move_cases(unit: Unit, into: Unit, user, document: str) -> int:
    """Hand the open cases of a unit over to another, each with an event; runs inside a writing transaction."""
    moved = 0
    for case in Case.objects.select_for_update(of=("self",)).filter(unit=unit).open():
        before = counters.key_of(case)
        Case.objects.filter(pk=case.pk).update(unit=into)
        case.unit = into
        counters.move(before, counters.key_of(case))
        audit.note(
            "units.merge", "移交", user, case=case, summary=f"{unit.name}并入{into.name}，{document}".rstrip("，")
        )
        moved += 1
    Case.objects.open().filter(turn_unit=unit).update(turn_unit=into)
    Case.objects.open().filter(lead=unit).update(lead=into)
    return moved
