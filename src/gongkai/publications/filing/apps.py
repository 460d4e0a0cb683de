"""Filing of official documents with the superior platform, and the daily counts."""

from django.apps import AppConfig


class FilingConfig(AppConfig):
    """Filing."""

    name = "gongkai.publications.filing"
    label = "filing"
    verbose_name = "公文备案"

    def ready(self) -> None:
        from gongkai.core import listeners, navigation
        from gongkai.core.machine import interfaces
        from gongkai.core.roles import Role
        from gongkai.publications.filing import api, recording, settings  # noqa: F401  settings declare themselves
        from gongkai.publications.models import Publication

        listeners.listen(Publication.KIND, recording.after_act)
        interfaces.register_router("", api.router)
        navigation.register(
            "统计与检查",
            "公文备案",
            "archive",
            "filing:index",
            navigation.holds(Role.OFFICE, Role.AUDITOR, Role.OFFICER),
            order=40,
        )
