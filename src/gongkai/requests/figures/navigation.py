"""The line of the figures in the navigation, and their public page."""

from __future__ import annotations

from gongkai.core import navigation, portal


def register_all() -> None:
    """Put the pages into the shells."""
    navigation.register(
        "统计与检查", "依申请公开统计", "chart-column", "request-figures:index", navigation.workers, order=30
    )
    portal.register_page("依申请公开统计", "request-figures-public:index", footer=True)
