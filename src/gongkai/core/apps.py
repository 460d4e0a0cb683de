"""The core app: cases, acts, clocks, events, and what every room shares."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Core."""

    name = "gongkai.core"
    verbose_name = "核心"

    def ready(self) -> None:
        from gongkai.core import checks, schedule_core  # noqa: F401  registers system checks and periodic work
