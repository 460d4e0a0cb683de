"""Periodic work of the log."""

from __future__ import annotations

import datetime as dt

from gongkai.core.schedule import every


@every("sequence-log", seconds=2)
def sequence_log(now: dt.datetime) -> int:
    """Order recorded public acts and sign a checkpoint."""
    from gongkai.core.transparency import sequencer

    return sequencer.sequence()


@every("anchor-audit", minutes=60)
def anchor_audit(now: dt.datetime) -> bool:
    """Put the head of the audit chain into the log."""
    from gongkai.core.transparency import anchors

    return anchors.anchor(now)
