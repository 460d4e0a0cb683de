"""Measures of key areas."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.publications.areas.models import Dataset, Entry


@measure("areas.fresh_share", "重点领域数据按期更新率", "%", help="有更新周期的数据集中，没有超过更新期限的比例。")
def fresh_share(scope: Scope) -> Figure:
    """Datasets with a rhythm that are not past their limit."""
    rows = Dataset.objects.filter(active=True, due_on__isnull=False)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    found = rows.aggregate(every=Count("pk"), fresh=Count("pk", filter=Q(due_on__gte=timezone.localdate())))
    return share(found["fresh"], found["every"])


@measure("areas.on_time_share", "许可处罚按期公示率", "%", help="首次公示没有超过规定工作日的比例。")
def on_time_share(scope: Scope) -> Figure:
    """Licences and penalties that were public within their workdays."""
    rows: Any = Entry.objects.filter(on_time__isnull=False)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(published_at__date__gte=scope.since)
    if scope.until:
        rows = rows.filter(published_at__date__lt=scope.until)
    found = rows.aggregate(every=Count("pk"), met=Count("pk", filter=Q(on_time=True)))
    return share(found["met"], found["every"])
