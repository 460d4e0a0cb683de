"""The line of legal counsel in the navigation."""

from __future__ import annotations

from gongkai.core import navigation


def register_all() -> None:
    """Put the pages into the shell."""
    navigation.register("业务", "法律顾问", "scale", "counsel:index", navigation.workers, order=28)
