"""Putting public acts into the log: part of the act's own transaction, without waiting for anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max

from gongkai.core.acts import Work
from gongkai.core.models import Case, Unit
from gongkai.core.transparency.models import LogEntry, LogFile
from gongkai.proof.leaf import CONTENT_ACTS, FILES_PER_LEAF, Leaf, LeafFile, content_digest, neutral_name
from gongkai.proof.merkle import leaf_hash

_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A public act that is to be recorded."""

    act: str
    subject: str
    content: str
    files: tuple[LeafFile, ...]
    version: int | None
    detail: str
    address: str
    unit: Unit
    at: dt.datetime


def item(
    source: Work | Case | None,
    *,
    act: str,
    subject: str,
    content: Mapping[str, Any] | None = None,
    files: Iterable[tuple[str, str]] = (),
    version: int | None = None,
    detail: str = "",
    address: str = "",
    unit: Unit | None = None,
    at: dt.datetime | None = None,
) -> Item:
    """A public act from the arguments of `transparency.record`; nothing is written yet."""
    case = source.case if isinstance(source, Work) else source
    unit = unit or (case.unit if case is not None else None)
    at = at or (source.now if isinstance(source, Work) else None)
    if unit is None or at is None:
        raise ValueError("a public act has a unit and a time")
    if not subject or len(subject) > _LONGEST_SUBJECT:
        raise ValueError(f"a subject has 1 to {_LONGEST_SUBJECT} characters")
    named = tuple(LeafFile(neutral_name(name, n), digest) for n, (name, digest) in enumerate(files, start=1))
    if named and act not in CONTENT_ACTS:
        raise ValueError(f"{act} brings no files")
    digest = content_digest(content) if content is not None else ""
    return Item(act, subject, digest, named, version, detail, address, unit, at)


def write(items: Sequence[Item]) -> list[LogEntry]:
    """Write the entries of public acts; returns the first entry of each.

    Raises:
        RuntimeError: no transaction is open: the act and its entry must stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("transparency.record runs inside the transaction of the act")
    versions = _versions(items)
    first: list[LogEntry] = []
    entries: list[LogEntry] = []
    parts: list[tuple[LeafFile, ...]] = []
    for thing, version in zip(items, versions, strict=True):
        begun = len(entries)
        for at in range(0, max(1, len(thing.files)), FILES_PER_LEAF):
            part = thing.files[at : at + FILES_PER_LEAF]
            entries.append(_entry(thing, version, part))
            parts.append(part)
        first.append(entries[begun])
    if len(entries) == 1:
        entries[0].save(force_insert=True)
    else:
        LogEntry.objects.bulk_create(entries, batch_size=500)
    files = [
        LogFile(entry=entry, name=file.name, sha256=file.sha256)
        for entry, part in zip(entries, parts, strict=True)
        for file in part
    ]
    if files:
        LogFile.objects.bulk_create(files, batch_size=500)
    return first


def _entry(thing: Item, version: int, files: tuple[LeafFile, ...]) -> LogEntry:
    leaf = Leaf(thing.act, thing.subject, version, thing.content, thing.unit.name, thing.at, files, thing.detail)
    data = leaf.encode()
    return LogEntry(
        act=thing.act,
        subject=thing.subject,
        version=version,
        detail=thing.detail,
        content=thing.content,
        unit=thing.unit,
        at=thing.at,
        leaf=data.decode(),
        leaf_hash=leaf_hash(data).hex(),
        address=thing.address,
    )


def _versions(items: Sequence[Item]) -> list[int]:
    """The version of each: as given, else one more than the newest for new content, else the newest itself."""
    open_ones = {thing.subject for thing in items if thing.version is None}
    newest: dict[str, int] = {}
    if open_ones:
        rows = LogEntry.objects.filter(subject__in=open_ones).values_list("subject").annotate(Max("version"))
        newest = dict(rows)
    versions = []
    for thing in items:
        before = newest.get(thing.subject, 0)
        version = thing.version or max(1, before + (thing.act in CONTENT_ACTS))
        newest[thing.subject] = max(before, version)
        versions.append(version)
    return versions
