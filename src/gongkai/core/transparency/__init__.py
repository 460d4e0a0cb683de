"""The transparency log of public acts: rooms record, a sequencer puts in order and signs, anybody verifies.

Rooms call `record` inside an act; see docs/proof.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gongkai.core.acts import Work
    from gongkai.core.models import Case, Unit
    from gongkai.core.transparency.models import LogEntry
    from gongkai.core.transparency.recording import Item


def record(
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
) -> LogEntry:
    """Record a public act in the log; runs inside the act's transaction, takes no lock and assigns no sequence.

    Args:
        source: the act's Work, or a case; gives unit and time where they are not given.
        act: published, amended, withdrawn, validity_changed or ledger_figures_released.
        subject: the public identifier of what is published; it never changes and names no person.
        content: what the reader is shown; only the digest of its canonical form goes into the log.
        files: every public file of this version as (name, SHA-256 in hex).
        version: of the content, from 1; counted on by itself when left out.
        detail: of validity_changed: valid, modified, repealed or lapsed.
        address: the path under which readers find it; kept beside the log, not in it.
        unit: the publishing unit.
        at: the time of the act.

    Returns:
        The entry (the first of several when there are very many files).

    Raises:
        RuntimeError: no transaction is open.
        ValueError: unknown act or detail, a malformed digest, no unit or time.
        TypeError: content holds a value without a settled written form.
    """
    from gongkai.core.transparency import recording

    item = recording.item(
        source,
        act=act,
        subject=subject,
        content=content,
        files=files,
        version=version,
        detail=detail,
        address=address,
        unit=unit,
        at=at,
    )
    return recording.write([item])[0]


def record_many(items: Iterable[Item]) -> list[LogEntry]:
    """Record many public acts at once, for imports; each item is made by `recording.item` with the arguments of `record`."""
    from gongkai.core.transparency import recording

    return recording.write(list(items))


def entries_of(subject: str) -> list[LogEntry]:
    """All entries of a subject, oldest first."""
    from gongkai.core.transparency import queries

    return queries.entries_of(subject)


def address_of(subject: str) -> str:
    """The page on which readers find the proofs of a subject."""
    from django.urls import reverse

    return reverse("proof:subject", args=[subject])
