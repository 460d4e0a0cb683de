"""The search app."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search."""

    name = "gongkai.core.search"
    label = "search"
    verbose_name = "搜索"

    def ready(self) -> None:
        from gongkai.core.search import jobs, statistics  # noqa: F401  register periodic work and measures
