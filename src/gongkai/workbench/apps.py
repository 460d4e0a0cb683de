"""The staff face."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Workbench."""

    name = "gongkai.workbench"
    verbose_name = "工作台"

    def ready(self) -> None:
        from gongkai.workbench import navigation, signals  # noqa: F401  signals register themselves

        navigation.register_all()
