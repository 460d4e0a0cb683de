"""What the ledger does when a duty is late: it urges once, on the first day."""

from __future__ import annotations

import datetime as dt

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, perform
from gongkai.core.models import Case, Event
from gongkai.ledger.acts.assignment import AutoUrge
from gongkai.ledger.models import Assignment


def urge_once(case: Case, late: int, now: dt.datetime) -> None:
    """Urge when a judged clock of an assignment ran out; never twice for the same clock."""
    if case.kind != Assignment.KIND or late < 1 or not jurisdiction.value("ledger.auto_urge"):
        return
    if case.clock is None or not case.clock.judged or case.state not in (AutoUrge.from_states or ()):
        return
    if Event.objects.filter(case=case, act="assignment.auto_urge", data__clock=case.clock_id).exists():
        return
    try:
        perform(AutoUrge, case, None, now=now)
    except ActError:
        # Somebody moved in between: then there is nothing to urge.
        return
