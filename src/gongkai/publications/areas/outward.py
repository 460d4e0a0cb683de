"""The one place where rows of key areas become public, change in public, or stop being public.

What follows from it happens inside the act's transaction: the rows that public pages ask, the transparency log, the
search index, the kept pages, the dataset's rhythm.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from gongkai.core import calendars, jurisdiction, pages, search, transparency
from gongkai.core.acts import ActError, Work
from gongkai.law.workdays import UnknownYearError, shift_months
from gongkai.publications.areas import tags, values
from gongkai.publications.areas.catalog.model import Template
from gongkai.publications.areas.models import Batch, BatchRow, Dataset, Entry, EntryVersion

SOURCE = "area"
_AT_ONCE = 400
_UPDATED = ("title", "year", "day", "project", "choice1", "choice2", "choice3", "amount", "shown", "version",
            "published", "published_at", "changed_at", "on_time", "withdrawn_reason")  # fmt: skip


def subject_of(batch: Batch) -> str:
    """Under which name the log knows a batch."""
    return f"dataset-batch/{batch.pk}"


def release(work: Work, batch: Batch) -> int:
    """Every row of the approved batch is public from now on; returns how many.

    Raises ActError when another batch changed one of the rows since this one was compared with the public.
    """
    held, template = batch.dataset, batch.dataset.template
    rows = list(batch.rows.filter(faulty=False).order_by("ordinal", "id"))
    known = _entries(held, [row.key for row in rows])
    new, changed = [], []
    for row in rows:
        entry = known.get(row.key)
        if entry is None:
            entry = Entry(dataset=held, code=held.code, unit=held.unit, key=row.key, version=0, published_at=work.now)
            known[row.key] = entry
            new.append(entry)
        else:
            _still(entry, row)
            changed.append(entry)
        _fill(entry, template, row, work.now)
    Entry.objects.bulk_create(new, batch_size=500)
    Entry.objects.bulk_update(changed, _UPDATED, batch_size=200)
    EntryVersion.objects.bulk_create(
        [
            EntryVersion(
                entry=known[row.key],
                number=known[row.key].version,
                batch=batch,
                values=row.values,
                shown=known[row.key].shown,
                title=known[row.key].title,
                published_at=work.now,
            )
            for row in rows
        ],
        batch_size=500,
    )
    batch.published_at = work.now
    renew(held, work.now)
    _log(work, batch, "published")
    _tell(held, known.values(), gone=False)
    return len(rows)


def _still(entry: Entry, row: BatchRow) -> None:
    """Nobody else's newer words are overwritten unseen."""
    if entry.published and entry.version != row.base:
        raise ActError(f"“{entry.title}”在填报以后又由另一批数据更新过。请退回，由填报人打开这一条核对后重新保存。")


def _entries(held: Dataset, keys: list[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for at in range(0, len(keys), _AT_ONCE):
        found |= {entry.key: entry for entry in Entry.objects.filter(dataset=held, key__in=keys[at : at + _AT_ONCE])}
    return found


def _fill(entry: Entry, template: Template, row: BatchRow, now: dt.datetime) -> None:
    """Write what lists, filters, totals and pages read; only what is public."""
    shown = values.shown_of(template, row.values)
    entry.shown, entry.title = shown, values.title_of(template, shown)
    day = values.day_of(shown.get(template.day, "")) if template.day else None
    entry.year = shown.get(template.year) if template.year else (day.year if day else None)
    entry.day = day or (dt.date(entry.year, 12, 31) if entry.year else timezone.localdate(now))
    entry.year = entry.year or entry.day.year
    entry.project = shown.get(template.project, "") if template.project else ""
    for number, field in enumerate(template.filters, 1):
        setattr(entry, f"choice{number}", values.words_of(field, shown.get(field.name)))
    amount = shown.get(template.amount) if template.amount else None
    entry.amount = Decimal(amount) if amount is not None else None
    if not entry.published:
        entry.published_at = now
    entry.version += 1
    entry.published, entry.changed_at, entry.withdrawn_reason = True, now, ""
    if entry.version == 1 and template.limit and day is not None:
        entry.on_time = timezone.localdate(now) <= (limit_of(template, day) or dt.date.max)


def limit_of(template: Template, day: dt.date) -> dt.date | None:
    """The last day on which a decision of that day is public in time; None where the calendar does not know the year."""
    try:
        return calendars.current().add_workdays(day, int(jurisdiction.value(template.limit)))
    except UnknownYearError:
        return None


def withdraw(work: Work, batch: Batch, versions: Iterable[EntryVersion], reason: str) -> int:
    """The rows that stand as this batch released them are not public any more; returns how many.

    Rows that a later batch changed belong to that batch and stay.
    """
    current = [version for version in versions if version.entry.published and version.number == version.entry.version]
    entries = [version.entry for version in current]
    for entry in entries:
        entry.published, entry.changed_at, entry.withdrawn_reason = False, work.now, reason[:300]
        entry.shown, entry.amount, entry.on_time = {}, None, None
    Entry.objects.bulk_update(entries, _UPDATED, batch_size=200)
    # Earlier versions of a withdrawn row are not shown either.
    for at in range(0, len(entries), _AT_ONCE):
        EntryVersion.objects.filter(entry__in=entries[at : at + _AT_ONCE]).update(public=False)
    count(batch.dataset)
    _log(work, batch, _left(batch))
    _earlier(work, batch, entries)
    _tell(batch.dataset, entries, gone=True)
    return len(entries)


def _left(batch: Batch) -> str:
    return "amended" if EntryVersion.objects.filter(batch=batch, public=True).exists() else "withdrawn"


def _earlier(work: Work, batch: Batch, entries: list[Entry]) -> None:
    """Batches that had released earlier versions of the withdrawn rows: their public data changed too."""
    ids = {entry.pk for entry in entries if entry.version > 1}
    if not ids:
        return
    for other in Batch.objects.filter(versions__entry__in=ids).exclude(pk=batch.pk).distinct():
        if other.file_digest:
            _log(work, other, _left(other))
            other.save(update_fields=["file_digest"])


def data_of(batch: Batch) -> bytes:
    """The public rows of a batch as they were released: always the same bytes, so that anybody can check them."""
    versions = EntryVersion.objects.filter(batch=batch, public=True).order_by("entry_id")
    rows = [
        {"id": entry, "version": number, "title": title, "values": shown}
        for entry, number, title, shown in versions.values_list("entry_id", "number", "title", "shown")
    ]
    data = {
        "dataset": batch.dataset.template.title,
        "unit": batch.unit.name,
        "batch": batch.number,
        "published": timezone.localdate(batch.published_at).isoformat() if batch.published_at else "",
        "rows": rows,
    }
    return values.canonical(data).encode()


def _log(work: Work, batch: Batch, act: str) -> None:
    if act == "withdrawn":
        batch.file_digest = ""
        transparency.record(batch, act=act, subject=subject_of(batch), address=batch.data_address, at=work.now)
        return
    batch.file_digest = hashlib.sha256(data_of(batch)).hexdigest()
    transparency.record(
        batch,
        act=act,
        subject=subject_of(batch),
        content={"title": batch.title, "unit": batch.unit.name, "digest": batch.file_digest},
        files=[("附件1.json", batch.file_digest)],
        address=batch.data_address,
        at=work.now,
    )


def renew(held: Dataset, now: dt.datetime, *, changed: bool = True) -> None:
    """The dataset was brought up to date, or found to need nothing: its next limit follows from its rhythm."""
    if changed:
        held.updated_at = now
        held.row_count = Entry.objects.filter(dataset=held, published=True).count()
    else:
        held.checked_at = now
    held.due_on = next_due(held, timezone.localdate(now))
    held.save(update_fields=["updated_at", "checked_at", "due_on", "row_count"])


def next_due(held: Dataset, day: dt.date) -> dt.date | None:
    """The day by which the rhythm wants new rows, counted from a day; None without a rhythm."""
    return shift_months(day, held.months) if held.months else None


def count(held: Dataset) -> None:
    """How many rows are public now."""
    held.row_count = Entry.objects.filter(dataset=held, published=True).count()
    held.save(update_fields=["row_count"])


def _tell(held: Dataset, entries: Iterable[Entry], *, gone: bool) -> None:
    entries = list(entries)
    codes = {entry.project for entry in entries if entry.project}
    pages.drop(
        *tags.of(held), *([tags.PROJECTS] if codes else []), *map(tags.project, sorted(codes)), "home", "sitemap"
    )
    if gone:
        for entry in entries:
            search.removed(SOURCE, entry.pk)
    else:
        search.changed_many(SOURCE, [entry.pk for entry in entries])


def explained(held: Dataset) -> None:
    """What the page says about the dataset changed."""
    pages.drop(*tags.of(held))


def facts_of(entry: Any) -> list[tuple[str, str]]:
    """Labels and words of a public row, for search."""
    return [(field.label, said) for field, said in values.words_of_row(entry.dataset.template, entry.shown)]
