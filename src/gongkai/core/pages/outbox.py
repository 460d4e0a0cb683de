"""Drops that belong to a transaction: written with the change, carried out when it commits, made up if that failed.

Three things together make that no page outlives what it shows:

1. `hold`: at once, inside the transaction, the pages go and none with these tags can be kept until the end.
2. `PageDrop`: a row of the same transaction. Whoever starts or works next carries it out.
3. On commit the pages are dropped once more and the hold is let go.

A process killed between 2 and 3 leaves no page behind (1), and the row makes sure even where the disk lost step 1.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

from django.db import transaction

from gongkai.core.locks import writing
from gongkai.core.pages.models import PageDrop
from gongkai.core.pages.store import enabled, store

log = logging.getLogger(__name__)
# So many of the last drops of a transaction are compared before a further one is written.
LOOK_BACK = 60


class Carried:
    """What happens to a drop on commit."""

    def __init__(self, token: int, tags: set[str]) -> None:
        self.token, self.tags = token, tags

    def __call__(self) -> None:
        _surely(lambda: store().drop(self.tags, [self.token]))


def _surely(step: Callable[[], object]) -> None:
    """A step on the disk; where it fails all pages are thrown away, so that no act fails for the sake of a cache."""
    try:
        step()
    except (OSError, sqlite3.Error):
        log.exception("page cache: all pages are thrown away")
        try:
            store().discard()
        except OSError:
            log.exception("page cache: the folder cannot be changed, see to its owner and the free space")


def drop(*tags: str) -> None:
    """Drop pages with these tags with the running transaction, or at once where none runs."""
    wanted = set(tags)
    if not wanted or not enabled():
        return
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        with writing():
            _write(wanted)
        return
    # What this transaction has dropped already and not taken back goes with it; each act of many asks again.
    for _, function, *_ in connection.run_on_commit[-LOOK_BACK:]:
        if isinstance(function, Carried):
            wanted -= function.tags
    if wanted:
        _write(wanted)


def _write(tags: set[str]) -> None:
    row = PageDrop.objects.create(tags=sorted(tags))
    _surely(lambda: store().hold(row.pk, tags))
    transaction.on_commit(Carried(row.pk, tags), robust=True)


def work_off() -> int:
    """Carry out what has not been carried out, and tidy the rows; returns how many drops had been left behind."""
    rows = dict(PageDrop.objects.order_by("pk").values_list("pk", "tags")[:5000])
    if not rows:
        return 0
    pages = store()
    left = rows.keys() - pages.done(rows)
    if left:
        pages.drop({tag for token in left for tag in rows[token]}, left)
    with writing():
        PageDrop.objects.filter(pk__in=list(rows)).delete()
    pages.forget_done(rows)
    return len(left)
