"""The ledger room: work notices and their duties."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "gongkai.ledger"
    verbose_name = "工作要点台账"

    def ready(self) -> None:
        from gongkai.core import reminders
        from gongkai.ledger import acts, escalation, kinds, letters, measures, navigation, settings  # noqa: F401  registers itself

        kinds.register_all()
        navigation.register_all()
        if escalation.urge_once not in reminders.escalations:
            reminders.escalations.append(escalation.urge_once)
