"""The challenge of public forms as a Django app."""

from django.apps import AppConfig


class ChallengeConfig(AppConfig):
    """Challenge."""

    name = "gongkai.core.challenge"
    label = "challenge"
    verbose_name = "公开表单验证"

    def ready(self) -> None:
        from gongkai.core.challenge import limits, puzzles  # noqa: F401  settings and periodic work register themselves
