"""Measures of publishing: what is published, in time, with attribute and interpretation; what is withheld and reviewed.

How many normative documents are in force is measured in the registers, beside the annual report's table.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.core.models import Clock
from gongkai.publications.models import DocumentRelation, Publication, PublicDocument

_LIST = f"kind={Publication.KIND}"


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _period(scope: Scope, name: str) -> Q:
    """A moment within the scope's days; without days, always."""
    found = Q()
    if scope.since:
        found &= Q(**{f"{name}__gte": _start(scope.since)})
    if scope.until:
        found &= Q(**{f"{name}__lt": _start(scope.until)})
    return found


def _written(scope: Scope) -> QuerySet[Publication]:
    """Information written within the scope, dropped drafts left out."""
    rows = Publication.objects.exclude(state="dropped").filter(_period(scope, "created_at"))
    return rows.filter(unit__in=scope.units) if scope.units is not None else rows


def _public(scope: Scope) -> QuerySet[PublicDocument]:
    """What is public now and was published within the scope."""
    rows = PublicDocument.objects.filter(_period(scope, "published_at"))
    return rows.filter(unit__in=scope.units) if scope.units is not None else rows


@measure("publication.published", "主动公开信息", "件", help="期间发布、现在仍公开的。")
def published(scope: Scope) -> Figure:
    """Documents published in a period that are still public."""
    return Figure(float(_public(scope).count()), cases=f"{_LIST}&state=published")


@measure("publication.on_time_share", "按期公开率", "%", help="成文后在法定工作日内公开的；到期还没有公开的，算逾期。")
def on_time_share(scope: Scope) -> Figure:
    """Of what had to be out, the share that was out within the limit (条例 art 26).

    A document counts in the period in which it was published, or in which its limit passed unused.
    """
    clocks = Clock.objects.filter(case__kind=Publication.KIND, code="publish", judged=True)
    if scope.units is not None:
        clocks = clocks.filter(case__unit__in=scope.units)
    met = clocks.filter(_period(scope, "stopped_at"), state=Clock.State.MET)
    overdue = clocks.filter(_period(scope, "due_at"), state=Clock.State.RUNNING, due_at__lte=timezone.now())
    good = met.filter(on_time=True).count()
    return share(good, met.count() + overdue.count(), _LIST)


@measure("publication.attribute_share", "公开属性确定率", "%", help="已确定主动公开、依申请公开或不予公开的比例。")
def attribute_share(scope: Scope) -> Figure:
    """Of all information, the share whose attribute is fixed."""
    rows = _written(scope)
    return share(rows.exclude(attribute="").count(), rows.count(), _LIST)


@measure(
    "publication.interpretation_share", "政策文件解读率", "%", help="有已公开的解读材料与之关联的政策性文件的比例。"
)
def interpretation_share(scope: Scope) -> Figure:
    """Of the public policy documents, the share that a public document interprets."""
    rows = _public(scope).filter(policy=True)
    interpreted = DocumentRelation.objects.filter(
        target=OuterRef("pk"), kind=DocumentRelation.Kind.INTERPRETS, source__public__isnull=False
    )
    return share(rows.filter(Exists(interpreted)).count(), rows.count(), f"{_LIST}&state=published")


@measure("publication.withheld_reviewed_share", "不公开信息按期复查率", "%", help="没有超过复查日期的比例。")
def withheld_reviewed_share(scope: Scope) -> Figure:
    """Of the information that is withheld, the share whose regular review is not overdue (条例 art 18)."""
    rows = Publication.objects.filter(state="filed")
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    overdue = rows.filter(review_on__lt=scope.until or timezone.localdate())
    every = rows.count()
    return share(every - overdue.count(), every, f"{_LIST}&state=filed")
