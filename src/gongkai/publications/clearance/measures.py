"""Figures of one voice."""

from __future__ import annotations

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.publications.clearance.models import Clearance
from gongkai.publications.models import Publication


@measure(
    "publications.one_voice",
    "敏感信息发布前统一口径率",
    "%",
    help="标为敏感或社会关注度高、已经公开的信息中，发布前统一了口径的比例。",
)
def one_voice(scope: Scope) -> Figure:
    """Watched documents that are public, and those whose line was settled before."""
    rows = Publication.objects.filter(watched=True, current_version__isnull=False)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(published_at__date__gte=scope.since)
    if scope.until:
        rows = rows.filter(published_at__date__lt=scope.until)
    settled = Clearance.objects.filter(state="settled", publication__in=rows).values("publication").distinct()
    return share(settled.count(), rows.count())
