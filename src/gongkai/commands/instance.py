"""One serving process at a time on SQLite: a lock file in the data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.commands.terminal import Problem


@contextmanager
def only_one(folder: Path, wait: float = 10.0) -> Iterator[None]:
    """Hold the lock of a data folder.

    A server that was killed leaves a worker that ends within a second or two: wait that long before giving up.

    Raises:
        Problem: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "serve.lock", os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + wait
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Problem(
                        f"{folder} 正由另一个 gongkai 进程使用。",
                        "SQLite 数据库同一时间只由一个服务进程使用。请先停掉它，或改用 PostgreSQL。",
                    ) from None
                time.sleep(0.2)
        yield
    finally:
        os.close(descriptor)
