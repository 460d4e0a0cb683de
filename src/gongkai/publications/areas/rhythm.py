"""Periodic work: datasets whose update comes due get a case of their owner."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError
from gongkai.core.schedule import every
from gongkai.publications.areas.acts.update import fall_due
from gongkai.publications.areas.models import Dataset, DatasetUpdate

log = logging.getLogger(__name__)


@every("areas.updates", daily_at=dt.time(6, 40))
def open_updates(now: dt.datetime) -> int:
    """Open the case of every dataset that comes due soon and has none open; returns how many were opened."""
    ahead = timezone.localdate(now) + dt.timedelta(days=int(jurisdiction.value("areas.update_notice_days")))
    due = Dataset.objects.filter(active=True, due_on__lte=ahead).select_related("unit", "own")
    due = due.exclude(pk__in=DatasetUpdate.objects.filter(state="open").values("dataset"))
    opened = 0
    for held in due:
        try:
            fall_due(held, now)
        except ActError:
            log.exception("dataset %s fell due and its case was not opened", held.pk)
        else:
            opened += 1
    return opened
