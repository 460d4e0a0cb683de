"""Installations of their own for the tests of the command: a data folder and a database each, used by real processes."""

from __future__ import annotations

import json
import os
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


@pytest.fixture
def make_installation(tmp_path: Path) -> Iterator[Any]:
    """`make_installation(name, migrate=True)`; on PostgreSQL each gets a database that is dropped afterwards."""
    server = os.environ.get("GONGKAI_TEST_DATABASE_URL", "")
    created: list[str] = []

    def make(name: str, *, migrate: bool = True) -> Installation:
        folder = tmp_path / name
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
        environment |= {"GONGKAI_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "gongkai.config.settings"}
        if server:
            database = f"gongkai_{uuid.uuid4().hex[:12]}"
            _execute(server, f"CREATE DATABASE {database}")
            created.append(database)
            environment["GONGKAI_DATABASE_URL"] = f"{server.rpartition('/')[0]}/{database}"
        installation = Installation(folder, environment)
        if migrate:
            installation.run("migrate")
        return installation

    yield make
    for database in created:
        _execute(server, f"DROP DATABASE {database} WITH (FORCE)")


def _execute(address: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(address.replace("postgres://", "postgresql://", 1), autocommit=True) as link:
        link.execute(statement)
