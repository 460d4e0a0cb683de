"""The invented district that fills a demo installation with life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

PASSWORD = "gongkai-demo"  # noqa: S105  every demo account has it, and the login page shows it
# f(part done from 0 to 1, what is being done in words)
Progress = Callable[[float, str], None]


class DemoExists(RuntimeError):
    """There is data already, and no reset was asked for; the message says what to do."""


def build(
    reset: bool = False,
    progress: Progress | None = None,
    *,
    scale: str = "full",
    today: dt.datetime | None = None,
) -> dict[str, Any]:
    """Fill an empty database with the district and its year; with `reset` everything in it is removed first.

    Args:
        reset: remove all rows and stored files before building.
        progress: called with the part done (0 to 1) and a sentence.
        scale: "full", or "small" for tests (groups have thirteen members).
        today: the moment at which the story ends; the present by default.

    Returns:
        Figures of what was built: assignments, acts, events, seconds, refused acts, lights.

    Raises:
        DemoExists: the database is not empty and `reset` is false.
        RuntimeError: counters or audit chain do not agree with what was built.
    """
    from gongkai.demo import building

    return building.build(reset=reset, progress=progress, scale=scale, today=today)


def accounts() -> list[dict[str, str]]:
    """The logins that the login page shows: username, password, unit, post, role."""
    from gongkai.demo import world

    return world.logins()
