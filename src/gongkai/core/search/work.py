"""What the worker does: take changes out of the outbox, follow the events of cases, rebuild, compare and repair."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import AuditLink
from gongkai.core.search import index, sounds
from gongkai.core.search.documents import SearchDocument, Source, sources
from gongkai.core.search.models import SearchChange, SearchPosition
from gongkai.core.search.query import IndexBusyError

log = logging.getLogger(__name__)
BATCH = 500
# So many documents are looked at for phrases that are frequent.
SAMPLE = 500
# Changes that are done are kept so long: a rebuild that ran meanwhile takes them over again.
KEPT = dt.timedelta(days=2)
EVENTS = "events"

# Given the cases on which something happened, the rows of a source that may look different now.
Follower = Callable[[set[int]], Iterable[int]]
followers: dict[str, Follower] = {}
_draining = threading.Lock()


def follow_cases(source: str, follower: Follower) -> None:
    """Have a source follow the events of cases, so that its acts need not tell of every change."""
    followers[source] = follower


def drain(limit: int = 2000) -> int:
    """Bring the index up to date with what waits; returns how many records were looked at."""
    with _draining:
        _follow()
        return _drain(limit)


def _follow(limit: int = 5000) -> int:
    """Turn events since the last time into changes. The audit chain gives them an order that holds for everybody."""
    audit.seal()
    position = SearchPosition.objects.filter(name=EVENTS).values_list("position", flat=True).first() or 0
    rows = list(AuditLink.objects.filter(pk__gt=position).order_by("pk").values_list("pk", "event__case")[:limit])
    if not rows:
        return 0
    cases = {case for _, case in rows if case}
    waiting = [
        SearchChange(source=source, object_id=pk)
        for source, follower in followers.items()
        if source in sources and cases
        for pk in sorted(set(follower(cases)))
    ]
    with writing():
        SearchChange.objects.bulk_create(waiting, batch_size=1000)
        _set_position(rows[-1][0])
    return len(rows)


def _set_position(position: int) -> None:
    SearchPosition.objects.update_or_create(name=EVENTS, defaults={"position": position})


def _drain(limit: int) -> int:
    rows = list(
        SearchChange.objects.filter(done_at__isnull=True)
        .order_by("id")
        .values_list("id", "source", "object_id")[:limit]
    )
    if not rows:
        return 0
    wanted: dict[str, dict[int, None]] = {}
    for _, source, pk in rows:
        wanted.setdefault(source, {})[pk] = None
    documents: list[SearchDocument] = []
    gone: list[tuple[str, int]] = []
    for code, pks in wanted.items():
        found = list(_documents(sources[code], list(pks))) if code in sources else []
        documents += found
        gone += [(code, pk) for pk in pks.keys() - {document.pk for document in found}]
    try:
        index.current().update(documents, gone)
    except IndexBusyError:
        log.info("the search index is being written by another process")
        return 0
    with writing():
        done = [row[0] for row in rows]
        for start in range(0, len(done), BATCH):
            SearchChange.objects.filter(pk__in=done[start : start + BATCH]).update(done_at=timezone.now())
        sounds.learn(document.title for document in documents if document.public)
    return len(rows)


def _documents(source: Source, pks: list[int] | None = None) -> Iterator[SearchDocument]:
    """Documents of a source, of some rows or of all, in batches that join and prefetch as the source says."""
    if pks is None:
        last = 0
        while batch := list(source.queryset().filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = batch[-1].pk
            yield from _of(source, batch)
        return
    for start in range(0, len(pks), BATCH):
        yield from _of(source, source.queryset().filter(pk__in=pks[start : start + BATCH]))


def _of(source: Source, rows: Iterable[object]) -> Iterator[SearchDocument]:
    for row in rows:
        document = source.document(row)
        if document is not None:
            yield document


def all_documents() -> Iterator[SearchDocument]:
    """Everything that can be found."""
    for source in sources.values():
        yield from _documents(source)


def sample(size: int = SAMPLE) -> list[SearchDocument]:
    """The newest documents of each source, as many as its share of all rows."""
    numbers = {code: source.queryset().count() for code, source in sources.items()}
    rows = max(1, sum(numbers.values()))
    found: list[SearchDocument] = []
    for code, source in sources.items():
        found += _of(source, source.queryset().order_by("-pk")[: round(size * numbers[code] / rows)])
    return found


def rebuild(progress: Callable[[int], None] | None = None) -> int:
    """Make the index anew beside the old one, then put it in place; searching goes on meanwhile. Returns how many."""
    started = timezone.now()
    audit.seal()
    position = AuditLink.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    words = sounds.Counter()

    def counted() -> Iterator[SearchDocument]:
        for number, document in enumerate(all_documents(), 1):
            if document.public:
                words.add(document.title)
            if progress and number % 100 == 0:
                progress(number)
            yield document

    number = index.current().rebuild(counted(), sample())
    with writing():
        # What happened while it was being made is looked at again.
        SearchChange.objects.filter(at__gte=started - dt.timedelta(seconds=30)).update(done_at=None)
        _set_position(position)
        words.store()
    return number


def ensure() -> bool:
    """Make the index if there is none; returns whether it had to be made."""
    current = index.current()
    if current.exists():
        return False
    rebuild()
    return True


@dataclass(slots=True)
class Difference:
    """What an index and the records disagree on."""

    records: int = 0
    missing: list[tuple[str, int]] = field(default_factory=list)
    stale: list[tuple[str, int]] = field(default_factory=list)
    dead: list[tuple[str, int]] = field(default_factory=list)
    unknown: int = 0

    @property
    def number(self) -> int:
        """How many documents are wrong."""
        return len(self.missing) + len(self.stale) + len(self.dead) + self.unknown


def compare() -> Difference:
    """Compare every record with the index, by id and digest. What still waits in the outbox is no difference."""
    difference = Difference()
    held: dict[tuple[str, int], int] = {}
    for source, pk, digest in index.current().fingerprints():
        if source:
            held[(source, pk)] = digest
        else:
            difference.unknown += 1
    for document in all_documents():
        difference.records += 1
        key = (document.source, document.pk)
        if key not in held:
            difference.missing.append(key)
        elif held.pop(key) != document.digest:
            difference.stale.append(key)
    difference.dead = list(held)
    waiting = set(SearchChange.objects.filter(done_at__isnull=True).values_list("source", "object_id"))
    for rows in (difference.missing, difference.stale, difference.dead):
        rows[:] = [key for key in rows if key not in waiting]
    return difference


def reconcile() -> Difference:
    """Compare and repair: what differs goes through the outbox as any change does."""
    difference = compare()
    rows = [
        SearchChange(source=source, object_id=pk)
        for source, pk in (*difference.missing, *difference.stale, *difference.dead)
    ]
    with writing():
        SearchChange.objects.bulk_create(rows, batch_size=1000)
    if difference.unknown:
        index.current().drop_unknown()
    while rows and drain():
        pass
    if difference.number:
        log.warning("search index: %d documents differed and were repaired", difference.number)
    return difference


def forget_old(now: dt.datetime) -> int:
    """Drop changes that were done long ago."""
    with writing():
        return SearchChange.objects.filter(done_at__lt=now - KEPT).delete()[0]


def waiting() -> int:
    """How many changes wait."""
    return SearchChange.objects.filter(done_at__isnull=True).count()


def vendor() -> str:
    """The database underneath, for messages."""
    return connection.vendor
