"""Installations of their own for the tests of the command: a data folder and a database each, used by real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Installation:
    """A data folder, a database, and the command in its environment."""

    folder: Path
    environment: dict[str, str]
    database: str = ""

    def run(self, *arguments: str | Path, stdin: str = "", status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """`gongkai ARGUMENTS`; checks the exit status unless it is None."""
        command = [sys.executable, "-m", "gongkai.cli", *map(str, arguments)]
        done = subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
        )
        assert status is None or done.returncode == status, (
            f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def json(self, *arguments: str | Path, stdin: str = "", status: int = 0) -> Any:
        """What `gongkai ARGUMENTS --json` prints."""
        return json.loads(self.run(*arguments, "--json", stdin=stdin, status=status).stdout)

    def start(self, code: str) -> subprocess.Popen[str]:
        """A Python process in this installation, Django started."""
        return subprocess.Popen(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def python(self, code: str) -> str:
        """What a piece of Python prints there."""
        process = self.start(code)
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return out


def _environment(folder: Path, database: str = "") -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
    environment |= {"GONGKAI_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "gongkai.config.settings"}
    if database:
        environment["GONGKAI_DATABASE_URL"] = f"{_server().rpartition('/')[0]}/{database}"
    return environment


def _server() -> str:
    return os.environ.get("GONGKAI_TEST_DATABASE_URL", "")


def _execute(statement: str) -> None:
    import psycopg

    with psycopg.connect(_server().replace("postgres://", "postgresql://", 1), autocommit=True) as link:
        link.execute(statement)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A migrated installation that others are copied from: migrating takes seconds."""
    folder = tmp_path_factory.mktemp("migrated")
    database = f"gongkai_{uuid.uuid4().hex[:12]}" if _server() else ""
    if database:
        _execute(f"CREATE DATABASE {database}")
    installation = Installation(folder, _environment(folder, database), database)
    installation.run("migrate")
    yield installation
    if database:
        _execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def make_installation(tmp_path: Path, migrated: Installation) -> Iterator[Any]:
    """`make_installation(name, migrate=True)`; on PostgreSQL each gets a database that is dropped afterwards."""
    created: list[str] = []

    def make(name: str, *, migrate: bool = True) -> Installation:
        folder = tmp_path / name
        database = f"gongkai_{uuid.uuid4().hex[:12]}" if _server() else ""
        if database:
            _execute(f"CREATE DATABASE {database}" + (f" TEMPLATE {migrated.database}" if migrate else ""))
            created.append(database)
        elif migrate:
            folder.mkdir()
            shutil.copy(migrated.folder / "gongkai.sqlite3", folder)
        return Installation(folder, _environment(folder, database), database)

    yield make
    for database in created:
        _execute(f"DROP DATABASE {database} WITH (FORCE)")
