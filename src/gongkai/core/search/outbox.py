"""The outbox: acts write down what changed; the worker brings the index up to date within seconds.

What was removed is hidden from every search from the moment the act commits, long before the index itself drops it:
searching reads the outbox for removals (see `hidden`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

# Readers in other processes may be a moment behind the writer; so long removals stay hidden after they are done.
LAG = dt.timedelta(minutes=1)


def changed(source: str, pk: int) -> None:
    """Record, inside the act's transaction, that a record is new or changed. Raises KeyError for an unknown source."""
    changed_many(source, (pk,))


def changed_many(source: str, pks: Iterable[int]) -> None:
    """The same for several records of one source."""
    _write(source, pks, removed=False)


def removed(source: str, pk: int) -> None:
    """Record, inside the act's transaction, that a record must not be found any more: hidden as soon as it commits."""
    _write(source, (pk,), removed=True)


def _write(source: str, pks: Iterable[int], *, removed: bool) -> None:
    from gongkai.core.search.documents import sources
    from gongkai.core.search.models import SearchChange

    if source not in sources:
        raise KeyError(f"no search source {source!r}")
    now = timezone.now()
    rows = [SearchChange(source=source, object_id=pk, removed=removed, at=now) for pk in pks]
    SearchChange.objects.bulk_create(rows, batch_size=1000)


def hidden(now: dt.datetime | None = None) -> list[str]:
    """Keys that were removed and may still stand in an index somewhere."""
    from django.db.models import Q

    from gongkai.core.search.documents import key_of
    from gongkai.core.search.models import SearchChange

    since = (now or timezone.now()) - LAG
    rows = SearchChange.objects.filter(Q(done_at__isnull=True) | Q(done_at__gte=since))
    latest: dict[tuple[str, int], bool] = {}
    if not rows.filter(removed=True).exists():
        return []
    # The last word counts: what was removed and published again is shown.
    for source, pk, gone in rows.order_by("id").values_list("source", "object_id", "removed"):
        latest[(source, pk)] = gone
    return [key_of(*key) for key, gone in latest.items() if gone]
