"""The sub-room of reconsideration and litigation."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    """Appeals."""

    name = "gongkai.requests.appeals"
    label = "appeals"
    verbose_name = "行政复议和诉讼"

    def ready(self) -> None:
        from gongkai.requests.appeals import (  # noqa: F401  some register themselves
            acts,
            keeping,
            kinds,
            measures,
            navigation,
            search,
            settings,
        )

        kinds.register_all()
        keeping.register_all()
        navigation.register_all()
        search.register()
