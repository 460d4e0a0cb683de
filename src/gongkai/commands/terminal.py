"""What the subcommands share: problems in words, Django's start, progress bars, JSON."""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


class Problem(Exception):
    """Something that stops the command: what happened, and how to mend it."""

    def __init__(self, words: str, mend: str = "", status: int = 1) -> None:
        super().__init__(words)
        self.words, self.mend, self.status = words, mend, status


def say_problem(problem: Problem, *, as_json: bool) -> None:
    """Print a problem where a person or a script expects it."""
    if as_json:
        print_json({"ok": False, "error": problem.words, "mend": problem.mend})
    print(problem.words + (f"\n{problem.mend}" if problem.mend else ""), file=sys.stderr)


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def start_django(*, demo: bool = False) -> None:
    """Load settings and models; a wrong setting becomes a problem in words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
    if demo:
        os.environ.setdefault("GONGKAI_DEMO", "1")
    # What we write (database, files, backups) is for this account and its group alone.
    os.umask(0o027)
    # What is loaded here stays to the end: looking through it for garbage, while loading, at the end and after every fork,
    # took a third of the time of a short command.
    gc.disable()
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Problem(f"配置有误：{error}", "各项配置的写法见 docs/operations.md。") from error
    except PermissionError as error:
        raise Problem(
            f"没有权限读写 {error.filename}。", "请用运行服务的账号执行，或用 GONGKAI_DATA_DIR 指定别的目录。"
        ) from error
    else:
        # No connection is found as garbage then; on SQLite closing the last one moves what was written into the one file.
        atexit.register(connections.close_all)
    finally:
        gc.enable()
        gc.freeze()


def require_migrated() -> None:
    """Stop with a sentence when the database cannot be reached or is not up to date."""
    from django.db import OperationalError

    try:
        waiting = pending_migrations()
    except OperationalError as error:
        raise Problem(f"连不上数据库：{error}", "请检查 GONGKAI_DATABASE_URL，并确认数据库已启动。") from error
    if waiting:
        raise Problem("数据库还没有建立，或版本较旧。", "请先运行：gongkai migrate")


def pending_migrations() -> list[str]:
    """Migrations that the program has and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """A progress bar on standard error; silent where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    ) as bar:
        yield bar


def table(head: list[str], rows: list[list[str]]) -> None:
    """A plain table on standard output."""
    from rich.console import Console
    from rich.table import Table

    grid = Table(*head, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        grid.add_row(*row)
    Console().print(grid)
