"""One writer at a time on SQLite.

SQLite's busy handler is unfair: under load some writers wait for ever. A lock of the process in front of every
writing transaction keeps them in line. On PostgreSQL the database does this itself and the lock is not taken.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_write_lock = threading.RLock()


@contextmanager
def writing(*, savepoint: bool = True) -> Iterator[None]:
    """A writing transaction; all of it happens or nothing does.

    Inside another one a fault undoes this part alone; without `savepoint` the whole, which saves two questions where
    there is only one statement.
    """
    if connection.vendor == "sqlite":
        with _write_lock, transaction.atomic(savepoint=savepoint):
            yield
    else:
        with transaction.atomic(savepoint=savepoint):
            yield
