"""The sub-room of key areas: datasets by catalog templates."""

from django.apps import AppConfig


class AreasConfig(AppConfig):
    """Key areas."""

    name = "gongkai.publications.areas"
    label = "areas"
    verbose_name = "重点领域"

    def ready(self) -> None:
        from gongkai.publications.areas import (  # noqa: F401  some register themselves
            acts,
            kinds,
            measures,
            navigation,
            rhythm,
            search,
            settings,
        )

        kinds.register_all()
        navigation.register_all()
        search.register()
