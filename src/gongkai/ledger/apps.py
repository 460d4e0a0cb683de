"""The ledger room: work notices and their duties."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "gongkai.ledger"
    verbose_name = "工作要点台账"
