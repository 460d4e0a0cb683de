"""The sub-room of legal counsel."""

from django.apps import AppConfig


class CounselConfig(AppConfig):
    """Legal counsel."""

    name = "gongkai.requests.counsel"
    label = "counsel"
    verbose_name = "法律顾问"

    def ready(self) -> None:
        from gongkai.requests.counsel import (  # noqa: F401  some register themselves
            acts,
            kinds,
            measures,
            navigation,
            settings,
        )

        kinds.register_all()
        acts.keep_no_longer()
        navigation.register_all()
