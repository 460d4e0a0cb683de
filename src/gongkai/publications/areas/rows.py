"""Rows before they are saved: read, checked against the template, compared with what is public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongkai.publications.areas import values
from gongkai.publications.areas.catalog.model import Template
from gongkai.publications.areas.models import Batch, BatchRow, Dataset, Entry, EntryVersion

_AT_ONCE = 400


@dataclass(slots=True)
class Line:
    """A line as it came: its place in words, the raw cells by field name, and where each cell stands."""

    place: str
    cells: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Candidate:
    """A line that was read. `faults` maps a field's name (or "") to what is wrong with its cell."""

    place: str
    values: dict[str, Any]
    raw: dict[str, str]
    faults: dict[str, str]
    key: str = ""
    title: str = ""
    action: str = ""
    base: int = 0
    places: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What taking the lines would do: nothing is written yet."""

    taken: list[Candidate] = field(default_factory=list)
    unchanged: int = 0
    faulty: list[Candidate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def added(self) -> int:
        """Rows that are new."""
        return sum(one.action == BatchRow.Action.ADD for one in self.taken)

    @property
    def changed(self) -> int:
        """Rows that change what is public."""
        return sum(one.action == BatchRow.Action.CHANGE for one in self.taken)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(place, sentence) of each cell that cannot be taken."""
        return [(one.places.get(name) or one.place, said) for one in self.faulty for name, said in one.faults.items()]


def candidate(template: Template, line: Line, lookup: values.Lookup) -> Candidate:
    """Read one line; every fault is kept, none stops the others."""
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for one in template.fields:
        try:
            value = values.read(one, line.cells.get(one.name), lookup)
        except values.CellError as error:
            faults[one.name] = str(error)
            continue
        if value is not None:
            found[one.name] = value
    raw = {name: values.tidy(cell) for name, cell in line.cells.items() if values.tidy(cell)}
    read = Candidate(line.place, found, raw, faults, places=line.places)
    if not any(name in faults for name in template.key):
        read.key = values.key_of(template, found)
    if template.heading in found:
        read.title = values.title_of(template, values.shown_of(template, found))
    return read


def plan(dataset: Dataset, lines: Iterable[Line], batch: Batch | None = None) -> Plan:
    """What the lines would change, against what is public and what the batch already holds."""
    template, lookup, made = dataset.template, values.Lookup(), Plan()
    read: list[Candidate] = []
    first: dict[str, str] = {}
    for line in lines:
        one = candidate(template, line, lookup)
        if not one.faults and one.key in first:
            one.faults[""] = f"与{first[one.key]}是同一条数据（{_key_words(template)}相同）。请合并成一行。"
        if one.faults:
            made.faulty.append(one)
            continue
        first[one.key] = one.place
        read.append(one)
    public = published(dataset, [one.key for one in read])
    waiting = {row.key: row.values for row in _rows_of(batch)} if batch is not None else {}
    typed = [row.raw for row in batch.rows.filter(faulty=True)] if batch is not None else []
    for one in read:
        one.base, held = public.get(one.key, (0, None))
        if (held == one.values and one.key not in waiting) or waiting.get(one.key) == one.values:
            made.unchanged += 1
            continue
        one.action = BatchRow.Action.CHANGE if one.base else BatchRow.Action.ADD
        made.taken.append(one)
    known = [one for one in made.faulty if one.raw in typed]
    made.unchanged += len(known)
    made.faulty = [one for one in made.faulty if one not in known]
    return made


def _rows_of(batch: Batch) -> Iterable[BatchRow]:
    return batch.rows.filter(faulty=False).only("key", "values", "batch_id")


def _key_words(template: Template) -> str:
    return "、".join(template.by_name[name].label for name in template.key)


def published(dataset: Dataset, keys: list[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """Version and full values of the rows that are public now, by key."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for at in range(0, len(keys), _AT_ONCE):
        entries = dict(
            Entry.objects.filter(dataset=dataset, published=True, key__in=keys[at : at + _AT_ONCE]).values_list(
                "pk", "version"
            )
        )
        versions = EntryVersion.objects.filter(entry__in=entries).values_list(
            "entry_id", "number", "entry__key", "values"
        )
        found |= {key: (number, held) for entry, number, key, held in versions if entries[entry] == number}
    return found


def take(batch: Batch, made: Plan) -> list[BatchRow]:
    """Write the rows of a plan into the batch, replacing rows of the same key; returns the rows written."""
    keys = [one.key for one in made.taken]
    for at in range(0, len(keys), _AT_ONCE):
        batch.rows.filter(faulty=False, key__in=keys[at : at + _AT_ONCE]).delete()
    last = batch.rows.order_by("-ordinal").values_list("ordinal", flat=True).first() or 0
    new = [row_of(batch, one, last + number) for number, one in enumerate([*made.taken, *made.faulty], 1)]
    return BatchRow.objects.bulk_create(new, batch_size=500)


def row_of(batch: Batch, one: Candidate, ordinal: int) -> BatchRow:
    """A candidate as a row of a batch; not saved."""
    return BatchRow(
        batch=batch,
        ordinal=ordinal,
        place=one.place[:40],
        key=one.key,
        title=one.title,
        action=one.action or BatchRow.Action.ADD,
        values=one.values,
        raw=one.raw if one.faults else {},
        faults=_placed(one),
        faulty=bool(one.faults),
        base=one.base,
    )


def _placed(one: Candidate) -> dict[str, str]:
    """Faults with the address of their cell, so that people find it again in their file."""
    return {name: f"{one.places[name]}：{said}" if one.places.get(name) else said for name, said in one.faults.items()}


def digest(batch: Batch) -> str:
    """What the batch says, as a digest: rows in order of their keys."""
    rows = batch.rows.order_by("key", "ordinal").values_list("key", "values", "faulty")
    return values.digest_of([list(row) for row in rows])


def form_line(template: Template, cells: Mapping[str, Any]) -> Line:
    """A line that was typed into a form."""
    return Line("表单", {one.name: cells.get(one.name) for one in template.fields})
