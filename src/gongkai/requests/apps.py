"""The requests room: disclosure on request, from the form to the archive."""

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """Requests."""

    name = "gongkai.requests"
    label = "requests"
    verbose_name = "依申请公开"

    def ready(self) -> None:
        from gongkai.core import listeners
        from gongkai.requests import acts, kinds, letters, navigation, pages, periodic, personal, search, settings  # noqa: F401  some register themselves

        kinds.register_all()
        listeners.listen("request", periodic.watch_numbers)
        listeners.listen("request", periodic.close_helps)
        personal.register_all()
        pages.register_public()
        navigation.register_all()
        search.register_all()
