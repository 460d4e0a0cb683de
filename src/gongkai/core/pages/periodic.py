"""Periodic work of the page cache."""

from __future__ import annotations

import datetime as dt

from gongkai.core.schedule import every


@every("pages", seconds=5)
def tidy(now: dt.datetime) -> None:
    """Carry out drops left behind, drop pages whose time is over (nginx cannot know), keep below the ceiling."""
    from gongkai.core.pages import outbox
    from gongkai.core.pages.store import enabled, store

    if not enabled():
        return
    outbox.work_off()
    pages = store()
    if pages.due():
        pages.expire()
    pages.sweep()
