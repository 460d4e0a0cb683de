"""The sub-room of conversion to proactive disclosure, and of hot topics."""

from django.apps import AppConfig


class ConversionConfig(AppConfig):
    """Conversion."""

    name = "gongkai.requests.conversion"
    label = "conversion"
    verbose_name = "转为主动公开"

    def ready(self) -> None:
        from gongkai.core import listeners
        from gongkai.core.machine import interfaces
        from gongkai.requests.conversion import (  # noqa: F401  some register themselves
            acts,
            api,
            following,
            kinds,
            measures,
            navigation,
            periodic,
            settings,
        )
        from gongkai.requests.models import Request

        kinds.register_all()
        navigation.register_all()
        interfaces.register_router("", api.router)
        listeners.listen(Request.KIND, following.request_changed)
        listeners.listen("publication", following.publication_changed)
