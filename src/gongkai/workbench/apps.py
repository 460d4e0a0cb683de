"""The staff face."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Workbench."""

    name = "gongkai.workbench"
    verbose_name = "工作台"
