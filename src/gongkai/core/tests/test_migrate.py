"""Both ways to an empty database, at once and step by step, end in the same tables, indexes, history and first rows."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


def _made(folder: Path, *arguments: str) -> Any:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GONGKAI_")}
    environment |= {
        "GONGKAI_DATA_DIR": str(folder),
        "GONGKAI_TLS": "0",
        "DJANGO_SETTINGS_MODULE": "gongkai.config.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", *arguments]
    subprocess.run(command, env=environment, check=True, timeout=300)
    with closing(sqlite3.connect(folder / "gongkai.sqlite3")) as database:
        tables = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        columns = {
            table: (
                sorted(row[1:4] + row[5:] for row in database.execute(f"PRAGMA table_info('{table}')")),
                sorted(row[2:5] for row in database.execute(f"PRAGMA foreign_key_list('{table}')")),
            )
            for table in tables
        }
        indexes = sorted(
            database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        )
        history = sorted(database.execute("SELECT app, name FROM django_migrations"))
        synonyms = database.execute("SELECT count(*) FROM search_synonym").fetchone()
    return columns, indexes, history, synonyms


@pytest.mark.skipif("GONGKAI_TEST_DATABASE_URL" in os.environ, reason="the tables are compared on SQLite")
def test_a_new_database_is_what_all_steps_make(tmp_path):
    (tmp_path / "once").mkdir()
    (tmp_path / "steps").mkdir()
    assert _made(tmp_path / "once") == _made(tmp_path / "steps", "--by-steps")
