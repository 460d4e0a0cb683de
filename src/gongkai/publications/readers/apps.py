"""The readers' side of publishing: counted lists, subscriptions, topics."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class ReadersConfig(AppConfig):
    """Readers."""

    name = "gongkai.publications.readers"
    label = "readers"
    verbose_name = "公开服务"

    def ready(self) -> None:
        from gongkai.core import navigation, search
        from gongkai.publications import counts, outward, rendered
        from gongkai.publications.models import CatalogColumn
        from gongkai.publications.readers import acts, home, kinds, settings, subscriptions  # noqa: F401

        for listener in (counts.heard, rendered.heard):
            if listener not in outward.listeners:
                outward.listeners.append(listener)
        for signal in (post_save, post_delete):
            signal.connect(home.follow_columns, sender=CatalogColumn, dispatch_uid=f"gongkai.catalog-{id(signal)}")
        kinds.register_all()
        acts.follow()
        home.registered()
        search.register_mail_page("information:subscribe")
        navigation.register("业务", "专题", "layout-list", "topics:index", navigation.workers, order=26)
