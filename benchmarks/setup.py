"""A throwaway database for a benchmark: `prepare(url)` before any model is imported."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def prepare(database_url: str = "", data_dir: str = "") -> Path:
    """Point Django at a fresh database, migrate it, and return the data folder.

    The migration runs in a process of its own, so that the caller may fork afterwards without sharing a connection.
    With GONGKAI_BENCH_TEMPLATE the empty SQLite database is kept there and copied the next time.
    """
    folder = Path(data_dir or tempfile.mkdtemp(prefix="gongkai-bench-"))
    if not data_dir:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["GONGKAI_DATA_DIR"] = str(folder)
    os.environ["GONGKAI_TLS"] = "0"
    os.environ["GONGKAI_LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongkai.config.settings"
    # A benchmark never touches the database of an installation.
    os.environ.pop("GONGKAI_DATABASE_URL", None)
    if database_url:
        os.environ["GONGKAI_DATABASE_URL"] = database_url
    template = os.environ.get("GONGKAI_BENCH_TEMPLATE", "")
    if template and not database_url and Path(template).exists():
        shutil.copyfile(template, folder / "gongkai.sqlite3")
    else:
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"],
            check=True,
            env={**os.environ},
        )
    if template and not database_url and not Path(template).exists():
        shutil.copyfile(folder / "gongkai.sqlite3", template)
    import django

    django.setup()
    return folder


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A database of its own on a PostgreSQL server, dropped afterwards; an empty address stands for SQLite."""
    if not server:
        yield ""
        return
    import psycopg
    from psycopg import sql

    name = f"gongkai_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """`work(*arguments)` in a process of its own that is gone afterwards, and what it wrote is on the disk.

    Building a large world leaves a scattered memory behind, and waiting pages; neither belongs to what is measured.
    """
    from django.db import connections

    connections.close_all()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply(work, arguments)
    os.sync()
    return found


def small_world():
    """One supervising office, one bureau with an officer; returns (boss, officer, bureau)."""
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role

    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    office = Unit.objects.create(
        code="bgs", name="云溪区人民政府办公室", short_name="区政府办公室", kind="office", parent=root
    )
    bureau = Unit.objects.create(code="jyj", name="云溪区教育局", short_name="区教育局", parent=root)
    boss = User.objects.create(username="boss")
    officer = User.objects.create(username="officer")
    Membership.objects.create(user=boss, unit=office, role=Role.OFFICE, main=True)
    Membership.objects.create(user=officer, unit=bureau, role=Role.OFFICER, main=True)
    return boss, officer, bureau


def table(head: list[str], rows: list[list[object]]) -> str:
    """Rows as a plain text table."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])
