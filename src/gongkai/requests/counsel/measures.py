"""Figures of legal counsel."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.core.models import Clock
from gongkai.requests.counsel.models import Opinion


def _scoped(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(asked_on__gte=scope.since)
    if scope.until:
        rows = rows.filter(asked_on__lt=scope.until)
    return rows


@measure("counsel.on_time", "法律意见按时提出率", "%", help="已经提出的法律意见中，没有超过期限的比例。")
def on_time(scope: Scope) -> Figure:
    """Advice that came within its clock."""
    rows = _scoped(Opinion.objects.filter(given_on__isnull=False), scope)
    clocks = Clock.objects.filter(case__in=rows.values("pk"), code="opinion", state=Clock.State.MET)
    found = clocks.aggregate(all=Count("pk"), kept=Count("pk", filter=~Q(on_time=False)))
    return share(found["kept"], found["all"])


@measure("counsel.adopted", "法律意见采纳率", "%", help="已经写明采纳情况的法律意见中，全部或者部分采纳的比例。")
def adopted(scope: Scope) -> Figure:
    """Advice that was followed, wholly or in part."""
    rows = _scoped(Opinion.objects.exclude(adopted=""), scope)
    found = rows.aggregate(all=Count("pk"), kept=Count("pk", filter=~Q(adopted=Opinion.Adopted.NONE)))
    return share(found["kept"], found["all"])


@measure("counsel.asked", "请法律顾问提意见", "件", help="一事一询、一事一议的件数。")
def asked(scope: Scope) -> Figure:
    """Matters put to counsel."""
    return Figure(_scoped(Opinion.objects.exclude(state="withdrawn"), scope).count())
