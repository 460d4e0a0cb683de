"""The public ledger in the search: notices whose ledger is public, and each of their duties."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core.search import SearchDocument, register_source
from gongkai.core.search.work import follow_cases
from gongkai.ledger import public_queries
from gongkai.ledger.models import Assignment, Notice, Progress, Task

NOTICE, DUTY = "ledger-notice", "ledger-duty"


def notices() -> QuerySet[Notice]:
    """Notices whose ledger is public."""
    return public_queries.public_notices().filter(slug__isnull=False).select_related("unit")


def notice_document(notice: Notice) -> SearchDocument:
    """A notice with its text."""
    return SearchDocument(
        source=NOTICE,
        pk=notice.pk,
        title=notice.title,
        url=reverse("ledger-public:notice", args=[notice.slug]),
        body=notice.text,
        numbers=(notice.document_number,) if notice.document_number else (),
        unit=notice.unit_id,
        unit_name=notice.issuer or notice.unit.name,
        category="工作要点台账",
        day=notice.published_on or notice.issued_on or timezone.localdate(notice.opened_at),
        year=notice.plan_year,
        public=True,
        keywords=(notice.name,),
    )


def duties() -> QuerySet[Task]:
    """Duties of public notices."""
    released = Progress.objects.filter(released_at__isnull=False, returned_at__isnull=True).order_by("reported_at")
    return (
        Task.objects.filter(
            notice__in=Notice.objects.filter(public=True, slug__isnull=False, state__in=["dispatched", "archived"]),
            state__in=public_queries.RUNNING,
        )
        .select_related("notice", "unit")
        .defer("notice__text", "notice__compiled", "notice__blocks", "compiled")
        .prefetch_related(
            "named_units__unit",
            Prefetch(
                "assignments",
                Assignment.objects.select_related("unit").prefetch_related(
                    Prefetch("reports", released, to_attr="public_reports")
                ),
            ),
        )
    )


def duty_document(task: Task) -> SearchDocument:
    """A duty: its words, its units, the progress that was released."""
    lines = [task.text]
    if task.summary_released_at:
        lines.append(task.summary_text)
    for assignment in task.assignments.all():
        lines += [report.text for report in getattr(assignment, "public_reports", ())]  # prefetched in `duties`
    names = dict.fromkeys(str(named.unit or named.name) for named in task.named_units.all())
    return SearchDocument(
        source=DUTY,
        pk=task.pk,
        title=task.name,
        url=task.get_public_url(),
        body="\n".join(line for line in lines if line),
        unit=task.unit_id,
        unit_name=task.unit.name,
        category="公开任务",
        day=task.notice.issued_on or timezone.localdate(task.opened_at),
        year=task.notice.plan_year,
        public=True,
        keywords=tuple(names),
    )


def _notices_of(cases: set[int]) -> Iterable[int]:
    return Notice.objects.filter(pk__in=cases).values_list("pk", flat=True)


def _duties_of(cases: set[int]) -> Iterable[int]:
    """The duties themselves, those whose assignments moved, and all duties of a notice on which something happened."""
    return (
        Task.objects.filter(pk__in=cases)
        .values_list("pk", flat=True)
        .union(
            Task.objects.filter(notice__in=cases).values_list("pk", flat=True),
            Assignment.objects.filter(pk__in=cases).values_list("task", flat=True),
        )
    )


def register_all() -> None:
    """Called when the room is ready."""
    register_source(NOTICE, "工作要点", notices, notice_document)
    register_source(DUTY, "公开任务", duties, duty_document)
    follow_cases(NOTICE, _notices_of)
    follow_cases(DUTY, _duties_of)
