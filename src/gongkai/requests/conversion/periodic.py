"""What is done by itself: the analysis of each period that is over."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from gongkai.core.schedule import every
from gongkai.requests.conversion import topics
from gongkai.requests.conversion.models import Analysis


@every("conversion.topics", daily_at=dt.time(5, 40))
def analyse_period(now: dt.datetime) -> int:
    """Analyse the last full period once; returns how many topics were found."""
    since, until = topics.period_before(timezone.localdate(now))
    if Analysis.objects.filter(since=since, until=until).exists() or not topics.texts(since, until):
        return 0
    return topics.analyse(since, until, None, now).topics.count()
