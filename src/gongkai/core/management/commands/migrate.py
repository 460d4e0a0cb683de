"""`migrate`, quick where nothing is there yet.

Django renders all models anew at every step, which takes half a minute for an empty database. There the tables are made
from the models at once and the steps are written down as done. Steps with data of their own still run; those that are
`elidable` only change rows that were there before, and are nothing here. A test proves that both ways end in the same
tables. `--by-steps` takes the long way.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.recorder import MigrationRecorder


class Command(Migrate):
    """Django's command with a shorter way for an empty database."""

    def add_arguments(self, parser: Any) -> None:
        """Django's own, and the long way."""
        super().add_arguments(parser)
        parser.add_argument("--by-steps", action="store_true", help="Run every step, also on an empty database.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the tables where there are none; then whatever Django does."""
        special = (
            "app_label",
            "migration_name",
            "fake",
            "fake_initial",
            "plan",
            "check_unapplied",
            "prune",
            "by_steps",
        )
        connection = connections[options["database"]]
        if not any(options.get(name) for name in special) and not connection.introspection.table_names():
            self.verbosity = options["verbosity"]
            self._install(connection)
        super().handle(*args, **options)

    def _install(self, connection: Any) -> None:
        ours = {config.label for config in apps.get_app_configs() if config.name.startswith("gongkai.")}
        executor = MigrationExecutor(connection)
        others = [
            node
            for node in executor.loader.graph.leaf_nodes()
            if not any(step.app_label in ours for step, _ in executor.migration_plan([node]))
        ]
        executor.migrate(others)
        self.sync_apps(connection, ours)
        recorder = MigrationRecorder(connection)
        for (label, name), step in executor.loader.graph.nodes.items():
            lasting = (part for part in step.operations if isinstance(part, RunPython | RunSQL) and not part.elidable)
            if label in ours and not any(lasting):
                recorder.record_applied(label, name)
