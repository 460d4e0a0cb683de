"""What staff find of the case library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core import search
from gongkai.core.search.work import follow_cases
from gongkai.requests import decisions
from gongkai.requests.appeals.models import Precedent

SOURCE = "precedent"


def rows() -> QuerySet[Precedent]:
    """What is in the library."""
    return Precedent.objects.filter(state="published").select_related("unit")


def document(case: Any) -> search.SearchDocument:
    """A case of the library as it is found; all staff may find it."""
    return search.SearchDocument(
        source=SOURCE,
        pk=case.pk,
        title=case.title,
        url=reverse("precedents:one", args=[case.pk]),
        body="\n".join(getattr(case, name) for name, _ in Precedent.TEXTS),
        numbers=(case.number,),
        unit=case.unit_id,
        unit_name=case.unit.name,
        category="典型案例",
        subject=case.area,
        day=timezone.localdate(case.published_at) if case.published_at else None,
        everyone=True,
        keywords=tuple(word for word in (case.keywords, decisions.short_of(case.decision), case.area) if word),
    )


def _themselves(cases: set[int]) -> Iterable[int]:
    return Precedent.objects.filter(pk__in=cases).values_list("pk", flat=True)


def register() -> None:
    """Make the library known to search; it follows its own acts."""
    search.register_source(SOURCE, "典型案例", rows, document)
    follow_cases(SOURCE, _themselves)
