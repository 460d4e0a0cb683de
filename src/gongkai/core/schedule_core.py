"""Periodic work of core itself."""

from __future__ import annotations

import datetime as dt

from gongkai.core.schedule import every


@every("seal-audit", seconds=5)
def seal_audit(now: dt.datetime) -> int:
    """Add new events to the audit chain."""
    from gongkai.core import audit

    return audit.seal()


@every("lights", seconds=60)
def lights(now: dt.datetime) -> int:
    """Move cases whose light changes by itself."""
    from gongkai.core import clocks

    return clocks.refresh_lights(now)


@every("deliver", seconds=30)
def deliver(now: dt.datetime) -> int:
    """Send waiting mail and webhooks."""
    from gongkai.core import notifications

    return notifications.deliver(now)


@every("digest", daily_at=dt.time(8, 30))
def digest(now: dt.datetime) -> int:
    """Collect what is unread into one mail a person."""
    from gongkai.core import notifications

    return notifications.queue_digests(now)


@every("remind", daily_at=dt.time(8, 0))
def remind(now: dt.datetime) -> int:
    """Remind before due days, and escalate what is late."""
    from gongkai.core import reminders

    return reminders.run(now)


@every("sessions", daily_at=dt.time(3, 0))
def sessions(now: dt.datetime) -> None:
    """Drop expired sessions."""
    from django.core.management import call_command

    call_command("clearsessions")
