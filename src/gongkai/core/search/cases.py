"""Cases as staff find them: number, title, unit, numbers of letters and documents; only who may read a case finds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from gongkai.core.kinds import kinds
from gongkai.core.models import Case
from gongkai.core.search.documents import SearchDocument, register_source
from gongkai.core.search.work import follow_cases

SOURCE = "case"
_NUMBER = "searched_number_"


def rows() -> QuerySet[Case]:
    """All cases of kinds that are installed, with what a document reads."""
    found = (
        Case.objects.filter(kind__in=list(kinds)).select_related("unit").prefetch_related("letters").defer("due_order")
    )
    for kind in kinds.values():
        if any(column.name == "document_number" for column in kind.model._meta.local_fields):
            records: Any = kind.model.objects
            own = records.filter(pk=OuterRef("pk")).values("document_number")[:1]
            found = found.annotate(**{f"{_NUMBER}{kind.code.replace('-', '_')}": Subquery(own)})
    return found


def document(case: Any) -> SearchDocument:
    """A case as it is found."""
    numbers = [case.number]
    numbers += [value for name, value in vars(case).items() if name.startswith(_NUMBER) and value]
    numbers += [letter.number for letter in case.letters.all()]
    return SearchDocument(
        source=SOURCE,
        pk=case.pk,
        title=case.title,
        url=case.get_absolute_url(),
        numbers=tuple(numbers),
        unit=case.unit_id,
        unit_name=case.unit.name,
        category=case.specification.label,
        validity=case.state_label if case.state in case.specification.states else "",
        day=timezone.localdate(case.opened_at),
        shared_units=tuple(sorted({unit for unit in (case.lead_id, case.turn_unit_id) if unit})),
        keywords=(case.unit.short_name,),
    )


def _themselves(cases: set[int]) -> Iterable[int]:
    return cases


def register() -> None:
    """Cases follow their own events: whatever an act does to a case is in the index a moment later."""
    register_source(SOURCE, "事项", rows, document)
    follow_cases(SOURCE, _themselves)
