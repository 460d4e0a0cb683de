"""Accounts are looked at every day: one that falls silent becomes a to-do of its unit."""

from __future__ import annotations

import datetime as dt

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, perform
from gongkai.core.schedule import every
from gongkai.publications.media.acts import FallSilent
from gongkai.publications.media.models import MediaAccount


@every("media.silent", daily_at=dt.time(7, 40))
def look_for_silence(now: dt.datetime) -> int:
    """Open a to-do for each account that has not been updated for as many days as the place allows."""
    limit = now - dt.timedelta(days=jurisdiction.value("media.silent_days"))
    found = 0
    for account in MediaAccount.objects.filter(state="active", last_posted_at__lte=limit)[:500]:
        try:
            perform(FallSilent, account, None, now=now)
        except ActError:
            # Closed or updated in the same moment.
            continue
        found += 1
    return found
