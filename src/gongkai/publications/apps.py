"""The publications room: information, its review and release."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    """Publications."""

    name = "gongkai.publications"
    verbose_name = "信息发布"

    def ready(self) -> None:
        from gongkai.publications import acts, kinds, measures, navigation, search, settings  # noqa: F401  some register themselves

        kinds.register_all()
        navigation.register_all()
        search.register()
