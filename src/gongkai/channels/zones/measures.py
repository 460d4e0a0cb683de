"""Figures of zones."""

from __future__ import annotations

from django.db.models import Sum

from gongkai.channels.zones.models import ServiceMonth, Zone
from gongkai.core.measures import Figure, Scope, measure


@measure("zones.open", "开放的政务公开专区", "个", help="现在开放的专区、体验区、查阅点。")
def opened(scope: Scope) -> Figure:
    """Zones that are open now."""
    rows = Zone.objects.filter(state="open")
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    return Figure(float(rows.count()))


@measure("zones.served", "专区服务人次", "人次", help="专区登记的各项服务的人数之和，按月计。")
def served(scope: Scope) -> Figure:
    """People served, in the months of the period."""
    rows = ServiceMonth.objects.all()
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since is not None:
        rows = rows.filter(month__gte=f"{scope.since:%Y-%m}")
    if scope.until is not None:
        # The end is exclusive: a period that ends on the first of a month leaves that month out.
        last = f"{scope.until:%Y-%m}"
        rows = rows.filter(month__lt=last) if scope.until.day == 1 else rows.filter(month__lte=last)
    return Figure(float(rows.aggregate(number=Sum("people"))["number"] or 0))
