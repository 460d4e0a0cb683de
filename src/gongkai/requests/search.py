"""Requests as staff find them: number, subject and content. Who asks is never in the index."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core.search import SearchDocument, register_source
from gongkai.core.search.work import follow_cases
from gongkai.requests.models import Request
from gongkai.requests.worklist import SOURCE

ERASED = "已删除个人信息"
MASK = "***"
# Of what the applicant gave, values as short as this stand in many sentences by chance.
SHORTEST = 2


def rows() -> QuerySet[Request]:
    """Every request, with what a document reads."""
    return Request.objects.select_related("unit").prefetch_related("letters").defer("code", "reasons_words")


def without_applicant(case: Request, text: str) -> str:
    """A text in which nothing stands that the applicant gave about who asks."""
    given = sorted({str(value) for value in (case.applicant or {}).values()}, key=len, reverse=True)
    for value in given:
        if len(value) >= SHORTEST:
            text = text.replace(value, MASK)
    return text


def document(case: Request) -> SearchDocument:
    """A request as it is found by whoever may read it."""
    numbers = [case.number, *(letter.number for letter in case.letters.all() if letter.number)]
    return SearchDocument(
        source=SOURCE,
        pk=case.pk,
        title=without_applicant(case, case.wanted),
        url=case.get_absolute_url(),
        body=without_applicant(case, case.content),
        numbers=tuple(numbers),
        unit=case.unit_id,
        unit_name=case.unit.name,
        category=case.specification.label,
        subject=case.area,
        validity=case.state_label,
        day=case.received_on or timezone.localdate(case.arrived_at),
        shared_units=tuple(sorted({unit for unit in (case.lead_id, case.turn_unit_id) if unit})),
        keywords=(case.unit.short_name,),
        note=ERASED if case.erased_at else "",
    )


def _requests_of(cases: set[int]) -> Iterable[int]:
    return Request.objects.filter(pk__in=cases).values_list("pk", flat=True)


def register_all() -> None:
    """Called when the room is ready."""
    register_source(SOURCE, "依申请公开", rows, document)
    follow_cases(SOURCE, _requests_of)
