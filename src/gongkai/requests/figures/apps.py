"""Figures of requests."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """Annual tables and pace."""

    name = "gongkai.requests.figures"
    label = "request_figures"
    verbose_name = "依申请公开统计"

    def ready(self) -> None:
        from gongkai.core import listeners
        from gongkai.requests.figures import counting, measures, navigation  # noqa: F401  measures register themselves

        listeners.listen("request", counting.after_act)
        navigation.register_all()
