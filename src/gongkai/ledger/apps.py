"""The ledger room: work notices and their duties."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "gongkai.ledger"
    verbose_name = "工作要点台账"

    def ready(self) -> None:
        from gongkai.core import listeners, portal, reminders
        from gongkai.core import pages as cache
        from gongkai.ledger import (  # noqa: F401  some register themselves
            acts,
            compile_task,
            escalation,
            kinds,
            letters,
            measures,
            navigation,
            pages,
            search,
            settings,
            tallies,
        )

        kinds.register_all()
        search.register_all()
        navigation.register_all()
        portal.register_page("任务台账", "ledger-public:index", order=40)
        portal.register_home_part("ledger/public/_home.html", pages.home_part, order=10)
        portal.register_sitemap(pages.sitemap)
        listeners.listen("assignment", tallies.after_act)
        for kind in ("notice", "task", "assignment"):
            cache.follow(kind, pages.shown_by)
        if escalation.urge_once not in reminders.escalations:
            reminders.escalations.append(escalation.urge_once)
