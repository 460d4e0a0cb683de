"""The sub-room of new media."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """New media."""

    name = "gongkai.publications.media"
    label = "media"
    verbose_name = "政务新媒体"

    def ready(self) -> None:
        from gongkai.core import navigation, pages, portal
        from gongkai.publications import outward
        from gongkai.publications.media import acts, kinds, measures, periodic, settings  # noqa: F401  some register themselves
        from gongkai.publications.media.models import MediaAccount

        kinds.register_all()
        pages.follow(MediaAccount.KIND, lambda case: ["media-accounts"])
        outward.listeners.append(acts.source_heard)
        navigation.register("业务", "政务新媒体", "smartphone", "publications:media", navigation.workers, order=25)
        portal.register_page("政务新媒体", "information:media", footer=True)
