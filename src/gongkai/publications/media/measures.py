"""Figures of new media."""

from __future__ import annotations

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.publications.media.models import MediaAccount


@measure("media.updated", "新媒体账号按期更新率", "%", help="在用的账号中，没有超期未更新的比例。")
def updated(scope: Scope) -> Figure:
    """Accounts in use, and those that are not silent."""
    rows = MediaAccount.objects.filter(state__in=("active", "silent"))
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    return share(rows.filter(state="active").count(), rows.count())
