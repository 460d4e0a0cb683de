"""Screening of a batch: the words of its cells as the public would read them, and what single rows add up to."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from gongkai import screening
from gongkai.core import jurisdiction
from gongkai.publications import screen as publication_screen
from gongkai.publications.areas import catalog, values
from gongkai.publications.areas.catalog.model import WORDED, Template
from gongkai.publications.areas.models import Batch, BatchHit, BatchRow, Entry

# Counts of people are no names, though their columns sound like them (受益人数).
COUNTED = ("人", "人次", "户")
MOST_HITS = 500
MOST_RISKS = 20
# So many public rows of the same area are compared with a new batch, the newest first.
MOST_COMPARED = 3000


def parts_of(template: Template, rows: Iterable[BatchRow]) -> tuple[list[screening.Part], list[tuple[BatchRow, str]]]:
    """The public words of each cell with their place, and which row and field each part is."""
    parts: list[screening.Part] = []
    origins: list[tuple[BatchRow, str]] = []
    for row in rows:
        shown = values.shown_of(template, row.values)
        for field in template.seen:
            if field.type not in WORDED or field.name not in shown:
                continue
            words = values.words_of(field, shown[field.name])
            where = f"{row.place or row.ordinal}“{field.label}”"
            parts.append(screening.Part(place=where, text=words, heading=field.label, row=str(row.pk)))
            origins.append((row, field.name))
    return parts, origins


def refresh(batch: Batch, only: BatchRow | None = None) -> int:
    """Screen the batch anew (or one row of it); returns how many findings are not settled.

    What is gone was mended; what was settled stays settled.
    """
    template = batch.dataset.template
    rows = [only] if only is not None else list(batch.rows.filter(faulty=False).order_by("ordinal"))
    parts, origins = parts_of(template, rows)
    found = screening.screen(parts, wordings=publication_screen.wordings(), allow=publication_screen.allowed())
    fresh = [_hit(batch, hit, *origins[hit.index]) for hit in found[:MOST_HITS]]
    if only is None:
        fresh += aggregated(batch, template, rows)
    old = BatchHit.objects.filter(batch=batch)
    if only is not None:
        old = old.filter(row=only)
    _keep(batch, list(old), fresh)
    return BatchHit.objects.filter(batch=batch, resolution="").count()


def _keep(batch: Batch, old: list[BatchHit], fresh: list[BatchHit]) -> None:
    open_before = {hit.fingerprint: hit for hit in old if hit.resolution in ("", BatchHit.Resolution.MENDED)}
    settled = {hit.fingerprint for hit in old if hit.resolution == BatchHit.Resolution.OVERRULED}
    seen: set[str] = set()
    new, again = [], []
    for hit in fresh:
        if hit.fingerprint in seen or hit.fingerprint in settled:
            seen.add(hit.fingerprint)
            continue
        seen.add(hit.fingerprint)
        if hit.fingerprint in open_before:
            again.append(open_before[hit.fingerprint].pk)
        else:
            new.append(hit)
    BatchHit.objects.bulk_create(new)
    BatchHit.objects.filter(pk__in=again).update(resolution="")
    gone = [hit.pk for hit in old if hit.fingerprint not in seen and not hit.resolution]
    BatchHit.objects.filter(pk__in=gone).update(resolution=BatchHit.Resolution.MENDED)


def _hit(batch: Batch, hit: screening.Hit, row: BatchRow, field: str) -> BatchHit:
    seed = f"{row.key or row.pk}\n{field}\n{hit.kind}\n{hit.found}"
    return BatchHit(
        batch=batch,
        row=row,
        field=field,
        kind=hit.kind[:30],
        label=hit.label[:40],
        place=hit.place[:200],
        found=hit.found[:300],
        excerpt=hit.excerpt[:400],
        explanation=hit.explanation[:400],
        suggestion=(hit.mask or "")[:300],
        blocking=hit.severity in ("block", "must"),
        fingerprint=hashlib.sha256(seed.encode()).hexdigest(),
    )


def aggregated(batch: Batch, template: Template, rows: list[BatchRow]) -> list[BatchHit]:
    """What harmless rows add up to (001-14e): among themselves, and with other public lists of the same area."""
    if not jurisdiction.value("publications.aggregation"):
        return []
    return [*_alone(batch, template, rows), *_together(batch, template, rows)]


def _records(template: Template, found: Iterable[tuple[str, dict[str, Any]]], source: str) -> list[Any]:
    """Public rows as the records that the rules of aggregation compare."""
    parts = [
        screening.Part(place=where, text=values.words_of(field, shown[field.name]), heading=field.label, row=where)
        for where, shown in found
        for field in template.seen
        if field.name in shown and field.unit not in COUNTED
    ]
    return screening.records_of(parts, source, template.title, template.area)


def _together(batch: Batch, template: Template, rows: list[BatchRow]) -> list[BatchHit]:
    """Rows of this batch beside what other lists of the same area already say about the same people."""
    source = f"{template.title} {batch.unit}"
    new = _records(template, ((row.place, values.shown_of(template, row.values)) for row in rows), source)
    if not new:
        return []
    existing: list[Any] = []
    near = [one.code for one in catalog.TEMPLATES.values() if one.area == template.area]
    public = Entry.objects.filter(published=True, code__in=near).exclude(dataset=batch.dataset_id)
    for entry in public.select_related("dataset", "dataset__own", "unit").order_by("-day")[:MOST_COMPARED]:
        held = entry.dataset.template
        existing += _records(held, [(f"第{entry.pk}条", entry.shown)], f"{held.title} {entry.unit}")
    return [
        _risk(batch, risk.explanation, "、".join(risk.sources)[:200], risk.severity in ("block", "must"))
        for risk in screening.aggregation_risks(new, existing)[:MOST_RISKS]
    ]


def _alone(batch: Batch, template: Template, rows: list[BatchRow]) -> list[BatchHit]:
    """Telling fields that, taken together, name a single person.

    A masked name beside village and amount may still be read by every neighbour. Explained by example, never blocking:
    whoever approves decides whether columns are left out or villages are put together.
    """
    telling = [field for field in template.seen if field.telling]
    if len(telling) < 2:
        return []
    groups: dict[tuple[str, ...], list[BatchRow]] = defaultdict(list)
    for row in rows:
        shown = values.shown_of(template, row.values)
        groups[tuple(values.words_of(field, shown.get(field.name)) for field in telling)].append(row)
    alone = [(words, found[0]) for words, found in groups.items() if len(found) == 1 and all(words)]
    if not alone:
        return []
    words, row = alone[0]
    labels = "、".join(field.label for field in telling)
    said = (
        f"{len(rows)}行中有{len(alone)}行的{labels}合在一起只对应一户或一人，例如{row.place}“{'，'.join(words)}”。"
        "请审核人判断：必要时合并地点、减少列，或写明依据后批准。"
    )
    return [_risk(batch, said, labels, False)]


def _risk(batch: Batch, explanation: str, place: str, blocking: bool) -> BatchHit:
    return BatchHit(
        batch=batch,
        kind="aggregation",
        label="数据汇聚风险",
        place=place[:200],
        explanation=explanation[:400],
        blocking=blocking,
        fingerprint=values.digest_of(["aggregation", explanation]),
    )


def mask(batch: Batch, hits: Iterable[BatchHit]) -> int:
    """Cover what the findings point to in their cells, with what screening suggests; returns how many were covered."""
    template, covered = batch.dataset.template, 0
    for hit in hits:
        row, field = hit.row, template.by_name.get(hit.field)
        if row is None or field is None or not hit.suggestion or not hit.found:
            continue
        value: Any = row.values.get(hit.field)
        if not isinstance(value, str) or hit.found not in value:
            continue
        row.values = {**row.values, hit.field: value.replace(hit.found, hit.suggestion)}
        row.key = values.key_of(template, row.values)
        row.title = values.title_of(template, values.shown_of(template, row.values))
        row.save()
        hit.resolution = BatchHit.Resolution.MASKED
        covered += 1
    return covered
