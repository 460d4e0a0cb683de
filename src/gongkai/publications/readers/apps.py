"""The readers' side of publishing: counted lists, subscriptions, topics."""

from django.apps import AppConfig


class ReadersConfig(AppConfig):
    """Readers."""

    name = "gongkai.publications.readers"
    label = "readers"
    verbose_name = "公开服务"

    def ready(self) -> None:
        from gongkai.publications import counts, outward, rendered

        for listener in (counts.heard, rendered.heard):
            if listener not in outward.listeners:
                outward.listeners.append(listener)
