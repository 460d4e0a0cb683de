"""Periodic work of the search."""

from __future__ import annotations

import datetime as dt

from gongkai.core.schedule import every


@every("search-update", seconds=1)
def update(now: dt.datetime) -> int:
    """Bring the index up to date; make it when there is none."""
    from gongkai.core.search import work

    return 0 if work.ensure() else work.drain()


@every("search-counters", seconds=30)
def counters(now: dt.datetime) -> int:
    """Write down what was searched."""
    from gongkai.core.search import statistics

    return statistics.flush()


@every("search-reconcile", daily_at=dt.time(3, 40))
def reconcile(now: dt.datetime) -> int:
    """Compare the index with the records and repair it; drop what is old."""
    from django.utils import timezone

    from gongkai.core.search import index, statistics, work

    statistics.forget_old(timezone.localdate(now))
    work.forget_old(now)
    number = work.reconcile().number
    if index.current().outgrown():
        work.rebuild()
    return number
