"""What pages and the interface ask of the log."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from gongkai.core.transparency import anchors, sequencer
from gongkai.core.transparency.models import LogCheckpoint, LogCosignature, LogEntry
from gongkai.proof import merkle
from gongkai.proof.history import Entry, Standing, standing

# One file may stand on several pages, and a page may have been amended often; nobody reads more than this at once.
MOST_SUBJECTS = 20
MOST_ENTRIES = 500
PAGE = 10


def entries_of(subject: str) -> list[LogEntry]:
    """All entries of a subject, oldest first."""
    rows = LogEntry.objects.filter(subject=subject).select_related("unit").order_by("-id")[:MOST_ENTRIES]
    return list(rows)[::-1]


@dataclass(frozen=True, slots=True)
class Found:
    """A subject that has published a file: how the file stands, and all entries, oldest first."""

    subject: str
    standing: Standing
    entries: list[LogEntry]

    @property
    def entry(self) -> LogEntry:
        """The entry that brought the file."""
        at = self.standing.found
        return next(row for row in self.entries if row.position == at.index and row.leaf == at.leaf.encode().decode())

    @property
    def first(self) -> LogEntry:
        """When the subject was first published."""
        return self.entries[0]

    @property
    def last(self) -> LogEntry:
        """What happened last."""
        return self.entries[-1]

    @property
    def address(self) -> str:
        """Where the thing stands now; empty when it was withdrawn or has no page."""
        if self.standing.state == "withdrawn":
            return ""
        return next((row.address for row in reversed(self.entries) if row.address), "")


def find(digest: str) -> list[Found]:
    """Every subject that has published a file or content with this SHA-256, the newest first; three queries."""
    subjects = list(
        LogEntry.objects.filter(Q(content=digest) | Q(pk__in=_by_file(digest)))
        .order_by("-id")
        .values_list("subject", flat=True)[: MOST_SUBJECTS * 4]
    )
    found = []
    for subject, rows in histories(list(dict.fromkeys(subjects))[:MOST_SUBJECTS]).items():
        state = standing([Entry(row.position, row.decoded) for row in rows], digest)
        if state is not None:
            found.append(Found(subject, state, rows))
    return found


def _by_file(digest: str) -> QuerySet:
    return LogEntry.objects.filter(files__sha256=digest).values("pk")


def histories(subjects: list[str]) -> dict[str, list[LogEntry]]:
    """The entries of several subjects, each oldest first; one query."""
    rows: dict[str, list[LogEntry]] = defaultdict(list)
    if subjects:
        query = LogEntry.objects.filter(subject__in=subjects).select_related("unit").order_by("-id")
        for row in query[: MOST_ENTRIES * 2]:
            rows[row.subject].append(row)
    return {subject: rows[subject][::-1] for subject in subjects if rows[subject]}


def subjects_at(address: str) -> list[str]:
    """The subjects published at a path."""
    rows = LogEntry.objects.filter(address=address).exclude(address="").order_by("-id")
    return list(dict.fromkeys(rows.values_list("subject", flat=True)[:MOST_SUBJECTS]))


def latest() -> LogCheckpoint | None:
    """The newest checkpoint."""
    return LogCheckpoint.objects.first()


def latest_witnessed() -> LogCosignature | None:
    """The newest cosignature of a witness."""
    return LogCosignature.objects.select_related("checkpoint").order_by("-checkpoint__size", "-id").first()


def note_of(checkpoint: LogCheckpoint) -> str:
    """A checkpoint as it is served: the log's own line and those of witnesses."""
    lines = LogCosignature.objects.filter(checkpoint=checkpoint).values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def newest(before: int | None = None) -> tuple[list[LogEntry], int | None]:
    """A page of ordered entries, the newest first, and the position from which the next page goes on."""
    rows = LogEntry.objects.filter(position__isnull=False).select_related("unit").order_by("-position")
    if before is not None:
        rows = rows.filter(position__lt=before)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], (found[PAGE - 1].position if len(found) > PAGE else None)


def at_position(position: int) -> LogEntry | None:
    """The entry with this number."""
    return LogEntry.objects.select_related("unit").prefetch_related("files").filter(position=position).first()


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A proof that was computed and verified: the checkpoint, the path, and whether it holds."""

    checkpoint: LogCheckpoint
    path: list[str]
    holds: bool


def inclusion(entry: LogEntry) -> Inclusion | None:
    """The inclusion proof of an entry under the newest checkpoint; None while no checkpoint covers it."""
    checkpoint = latest()
    if checkpoint is None or entry.position is None or entry.position >= checkpoint.size:
        return None
    try:
        tiles = sequencer.store().tiles(checkpoint.size)
        path = merkle.inclusion_proof(entry.position, checkpoint.size, tiles.subtree)
        leaf = merkle.leaf_hash(entry.leaf.encode())
        merkle.verify_inclusion(entry.position, checkpoint.size, leaf, path, bytes.fromhex(checkpoint.root))
    except (ValueError, FileNotFoundError):
        return Inclusion(checkpoint, [], holds=False)
    return Inclusion(checkpoint, [step.hex() for step in path], holds=True)


def is_public(entry: LogEntry) -> bool:
    """Whether the entry is about something published, not an anchor of the audit chain."""
    return entry.subject != anchors.SUBJECT


def sitemap() -> list[tuple[str, dt.datetime | None]]:
    """The page of the log for machines; single entries are found by those who look for them."""
    return [(reverse("proof:index"), None)]


def plain(rows: list[LogEntry]) -> list[dict[str, Any]]:
    """Entries for the interface: the number, and the text that the log commits to."""
    return [{"index": row.position, "leaf": row.leaf, "address": row.address} for row in rows]


def answer(what: str, value: str) -> list[dict[str, Any]]:
    """For programs: every subject that has published a file (`sha256`) or stands at a path (`address`), with its entries."""
    if what == "sha256":
        return [{"subject": found.subject, "entries": plain(found.entries)} for found in find(value)]
    rows = histories(subjects_at(value[:300]))
    return [{"subject": subject, "entries": plain(entries)} for subject, entries in rows.items()]
