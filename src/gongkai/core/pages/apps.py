"""The page cache as an app: its outbox table, its periodic work, and what changes every page."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class PagesConfig(AppConfig):
    """Page cache."""

    name = "gongkai.core.pages"
    label = "pages"
    verbose_name = "页面缓存"

    def ready(self) -> None:
        from gongkai.core.models import (
            CalendarLayer,
            CalendarYearRecord,
            JurisdictionSetting,
            Unit,
            UnitAlias,
            UnitGroup,
        )
        from gongkai.core.pages import periodic  # noqa: F401  registers itself

        # Names of units, settings and the calendar stand on every page, and they change a few times a year.
        for model in (CalendarLayer, CalendarYearRecord, JurisdictionSetting, Unit, UnitAlias, UnitGroup):
            post_save.connect(_everything, sender=model, dispatch_uid="pages")
            post_delete.connect(_everything, sender=model, dispatch_uid="pages")


def _everything(**kwargs: Any) -> None:
    from gongkai.core import pages

    pages.drop(pages.EVERY)
