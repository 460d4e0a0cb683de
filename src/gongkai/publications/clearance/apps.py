"""The sub-room of one voice."""

from django.apps import AppConfig


class ClearanceConfig(AppConfig):
    """Clearance."""

    name = "gongkai.publications.clearance"
    label = "clearance"
    verbose_name = "统一口径"

    def ready(self) -> None:
        from gongkai.core import navigation
        from gongkai.publications.clearance import acts, kinds, measures, settings  # noqa: F401  some register themselves

        kinds.register_all()
        navigation.register(
            "业务", "统一口径", "messages-square", "publications:clearance", navigation.workers, order=24
        )
