"""Pytest plugin: migrate once. A migrated, empty database is remembered under the digest of all migrations, and copied.

Running every migration takes many times longer than most tests, because Django renders all models anew at each step. On
SQLite the remembered one is a file in pytest's cache; on PostgreSQL it is a database that others are made from.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _digest() -> str:
    import django

    found = hashlib.sha256(django.__version__.encode())
    for file in sorted((ROOT / "src").glob("**/migrations/*.py")):
        found.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return found.hexdigest()[:16]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of several workers one migrates, and the others wait for it."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class _File:
    """SQLite: a file."""

    def __init__(self, connection: Any, folder: Path, digest: str) -> None:
        self.target = connection.creation._get_test_db_name()
        self.kept = folder / f"{digest}.sqlite3"

    def copy(self) -> bool:
        """Put a migrated database in place, if one is remembered."""
        if self.kept.exists():
            shutil.copyfile(self.kept, self.target)
        return self.kept.exists()

    def remember(self) -> None:
        """Keep the one that was just migrated."""
        part = self.kept.with_suffix(".part")
        with closing(sqlite3.connect(self.target)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
        part.replace(self.kept)
        for old in self.kept.parent.glob("*.sqlite3"):
            if old != self.kept:
                old.unlink(missing_ok=True)


class _Template:
    """PostgreSQL: a database that others are made from."""

    def __init__(self, connection: Any, folder: Path, digest: str) -> None:
        self.connection, self.kept = connection, f"gongkai_migrated_{digest}"
        self.target = connection.creation._get_test_db_name()

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def copy(self) -> bool:
        if not self._run("SELECT 1 FROM pg_database WHERE datname = %s", self.kept):
            return False
        self._run(f'DROP DATABASE IF EXISTS "{self.target}"')
        self._run(f'CREATE DATABASE "{self.target}" TEMPLATE "{self.kept}"')
        return True

    def remember(self) -> None:
        self.connection.close()
        self._run(f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.target}"')


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The test database, migrated or copied; in place of pytest-django's own."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    folder = request.config.cache.mkdir("migrated")
    kind = _File if connection.vendor == "sqlite" else _Template
    with django_db_blocker.unblock():
        place = kind(connection, folder, _digest())
        # Settings that keep the test database in memory have no file to copy to.
        kept = not str(place.target).startswith("file:")
        with _alone(folder):
            there = kept and place.copy()
            configured = setup_databases(verbosity=0, interactive=False, keepdb=there)
            if kept and not there:
                place.remember()
    yield
    with django_db_blocker.unblock():
        teardown_databases(configured, verbosity=0)
