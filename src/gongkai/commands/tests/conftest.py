"""Installations of their own for the tests of the command: a data folder and a database each, used by real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


class Starter:
    """The process that the commands of an installation are forked from (see starter.py)."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = dict(environment)
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gongkai.commands.tests.starter"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, stdin: str = "", **order: Any) -> subprocess.CompletedProcess[str]:
        """One order carried out: `arguments` of the command, or a `file` of Python."""
        files = {name: Path(self.folder.name) / name for name in ("stdin", "stdout", "stderr")}
        for name, file in files.items():
            file.write_text(stdin if name == "stdin" else "", encoding="utf-8")
        print(
            json.dumps(order | {name: str(file) for name, file in files.items()}), file=self.process.stdin, flush=True
        )
        answer = self.process.stdout.readline()
        assert answer, f"no command can be started: {self.process.wait()}"
        said = {name: files[name].read_text(encoding="utf-8") for name in ("stdout", "stderr")}
        return subprocess.CompletedProcess(order.get("arguments"), int(answer), **said)

    def end(self) -> None:
        """Nothing more to run."""
        self.process.communicate(timeout=60)
        self.folder.cleanup()


@dataclass
class Installation:
    """A data folder, a database, and the command in its environment."""

    folder: Path
    environment: dict[str, str]
    database: str = ""
    starter: Starter | None = None

    def run(
        self, *arguments: str | Path, stdin: str = "", status: int | None = 0, from_nothing: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """`gongkai ARGUMENTS`; checks the exit status unless it is None.

        `from_nothing` starts Python and Django anew, where it matters how they start.
        """
        words = [str(argument) for argument in arguments]
        if from_nothing:
            command = [sys.executable, "-m", "gongkai.cli", *words]
            done = subprocess.run(
                command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
            )
        else:
            done = self._started().run(arguments=words, stdin=stdin)
        assert status is None or done.returncode == status, (
            f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def json(self, *arguments: str | Path, stdin: str = "", status: int = 0, from_nothing: bool = False) -> Any:
        """What `gongkai ARGUMENTS --json` prints."""
        return json.loads(self.run(*arguments, "--json", stdin=stdin, status=status, from_nothing=from_nothing).stdout)

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
        starter = self._started()
        file = Path(starter.folder.name) / "piece.py"
        file.write_text(code, encoding="utf-8")
        done = starter.run(file=str(file))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _started(self) -> Starter:
        if self.starter and self.starter.environment != self.environment:
            self.end()
        if not self.starter:
            self.starter = Starter(self.environment)
        return self.starter

    def end(self) -> None:
        """Let go of the process that commands are forked from."""
        if self.starter:
            self.starter.end()
        self.starter = None


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
    installation.run("migrate", from_nothing=True)
    yield installation
    if database:
        _execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def make_installation(tmp_path: Path, migrated: Installation) -> Iterator[Any]:
    """`make_installation(name, migrate=True)`; on PostgreSQL each gets a database that is dropped afterwards."""
    created: list[Installation] = []

    def make(name: str, *, migrate: bool = True) -> Installation:
        folder = tmp_path / name
        database = f"gongkai_{uuid.uuid4().hex[:12]}" if _server() else ""
        if database:
            _execute(f"CREATE DATABASE {database}" + (f" TEMPLATE {migrated.database}" if migrate else ""))
        elif migrate:
            folder.mkdir()
            shutil.copy(migrated.folder / "gongkai.sqlite3", folder)
        created.append(Installation(folder, _environment(folder, database), database))
        return created[-1]

    yield make
    for installation in created:
        installation.end()
        if installation.database:
            _execute(f"DROP DATABASE {installation.database} WITH (FORCE)")
