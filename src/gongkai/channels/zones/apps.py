"""The sub-room of disclosure zones."""

from django.apps import AppConfig


class ZonesConfig(AppConfig):
    """Disclosure zones."""

    name = "gongkai.channels.zones"
    label = "zones"
    verbose_name = "政务公开专区"

    def ready(self) -> None:
        from gongkai.channels.zones import acts, intake, kinds, measures, navigation, posting, search, settings  # noqa: F401  some register themselves

        kinds.register_all()
        navigation.register_all()
        search.register_all()
