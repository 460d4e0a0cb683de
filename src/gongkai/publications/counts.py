"""How many public documents there are of every combination of facets: kept with each release, proved against the rows.

A list shows beside each value of a facet how many documents remain if it is chosen too. With five facets there are
32 combinations of "given or any"; each document is counted under all of them, so that a page reads its figures by key,
a hundred short look-ups, however many documents there are. Written only here, inside the act's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Any

from django.db import connection
from django.db.models import Count

from gongkai.core import pages
from gongkai.core.locks import writing
from gongkai.publications.models import Publication, PublicDocument, Validity
from gongkai.publications.readers.models import FACETS, FacetCount, ListEntry

ANY = "*"
PART = 200
# Documents by number in one sitemap.
SITEMAP_BLOCK = 10_000
_CHOICES = [frozenset(chosen) for size in range(len(FACETS) + 1) for chosen in combinations(FACETS, size)]
# A column's list is not narrowed by unit; bodies show how many of their own stand in a common column.
_COLUMN_CHOICES = [chosen for chosen in _CHOICES if "unit" not in chosen] + [frozenset({"unit"})]


def heard(what: str, publication: Publication, row: PublicDocument | None) -> None:
    """Listener of `outward`: a document became public, changed, or is public no more."""
    renew([row] if row is not None else [], gone=[] if row is not None else [publication.pk])


def entry_of(row: PublicDocument) -> ListEntry:
    """How lists see a public document."""
    past = int(row.validity in (Validity.LAPSED, Validity.REPEALED))
    return ListEntry(
        document=row.pk,
        published_at=row.published_at,
        unit=row.unit_id,
        column=row.column_id,
        subject=row.subject.partition("\\")[0],
        kind=row.document_kind,
        year=row.year,
        validity=row.validity,
        policy=past if row.policy or row.normative else None,
        normative=past if row.normative else None,
    )


def renew(rows: Iterable[PublicDocument], gone: Iterable[int] = ()) -> None:
    """Bring entries and counters up to date with these rows, and without those that are gone.

    Args:
        rows: public documents as they are now, new or changed; many at once for imports.
        gone: publications that are not public any more.
    """
    after = {row.pk: entry_of(row) for row in rows}
    removed = set(gone)
    before = ListEntry.objects.in_bulk([*after, *removed])
    steps: Counter[str] = Counter()
    left: set[str] = set()
    for entry in before.values():
        steps.subtract(keys_of(entry))
        left |= {f"unit:{entry.unit}", f"column:{entry.column or 0}"}
    for entry in after.values():
        steps.update(keys_of(entry))
    ListEntry.objects.filter(pk__in=removed).delete()
    if after:
        names = [field.attname for field in ListEntry._meta.concrete_fields if not field.primary_key]
        ListEntry.objects.bulk_create(
            after.values(), batch_size=PART, update_conflicts=True, unique_fields=["document"], update_fields=names
        )
    _add({key: step for key, step in steps.items() if step})
    # Where it stood before: a page of the old column must not show it any longer.
    left |= {block_tag(pk) for pk in {*after, *removed}}
    if left:
        pages.drop(*left)


def block_tag(pk: int) -> str:
    """The tag of the sitemap in which a document stands."""
    return f"sitemap:{pk // SITEMAP_BLOCK}"


def scopes_of(entry: ListEntry) -> list[str]:
    """The lists in which an entry stands."""
    found = ["all"]
    if entry.policy is not None:
        found.append("policy-past" if entry.policy else "policy")
    if entry.normative is not None:
        found.append("normative-past" if entry.normative else "normative")
    if entry.column:
        found.append(f"column:{entry.column}")
    return found


def keys_of(entry: ListEntry) -> list[str]:
    """Every counter an entry counts under."""
    values = {name: getattr(entry, name) for name in FACETS}
    return [
        key(scope, {name: values[name] for name in chosen})
        for scope in scopes_of(entry)
        for chosen in (_COLUMN_CHOICES if scope.startswith("column:") else _CHOICES)
    ]


def key(scope: str, chosen: Mapping[str, Any]) -> str:
    """The counter's key of a combination."""
    return "|".join([scope, *(str(chosen[name]).replace("|", "／") if name in chosen else ANY for name in FACETS)])


def _facet(counter: str) -> str | None:
    scope, *values = counter.split("|")
    given = [name for name, value in zip(FACETS, values, strict=True) if value != ANY]
    return f"{scope}|{given[0]}" if len(given) == 1 else None


def _add(steps: Mapping[str, int]) -> None:
    """Add to many counters with few statements; always in the same order, so that writers do not wait in a circle."""
    table = FacetCount._meta.db_table
    ordered = sorted(steps.items())
    with connection.cursor() as cursor:
        for at in range(0, len(ordered), PART):
            part = ordered[at : at + PART]
            marks = ",".join(["(%s, %s, %s)"] * len(part))
            values = [value for counter, step in part for value in (counter, _facet(counter), step)]
            cursor.execute(
                f'INSERT INTO "{table}" ("key", "facet", "number") VALUES {marks} '  # noqa: S608  marks only
                f'ON CONFLICT ("key") DO UPDATE SET "number" = "{table}"."number" + EXCLUDED."number"',
                values,
            )


# --- reading ----------------------------------------------------------------------------------------------------------


def values_of(scope: str, names: Sequence[str] = FACETS) -> dict[str, dict[str, int]]:
    """Facet -> value -> number in the whole scope; what no document has is not there."""
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    rows = FacetCount.objects.filter(facet__in=[f"{scope}|{name}" for name in names], number__gt=0)
    for counter, facet, number in rows.values_list("key", "facet", "number"):
        name = str(facet).rpartition("|")[2]
        found[name][counter.split("|")[FACETS.index(name) + 1]] = number
    return found


def numbers(keys: Iterable[str]) -> dict[str, int]:
    """Counters by key; 0 where there is none."""
    wanted = list(dict.fromkeys(keys))
    found = dict(FacetCount.objects.filter(pk__in=wanted).values_list("pk", "number"))
    return {counter: found.get(counter, 0) for counter in wanted}


def facets(
    scope: str, chosen: Mapping[str, str], *, names: Sequence[str] = FACETS, shown: Mapping[str, dict[str, int]]
) -> tuple[int, dict[str, dict[str, int]]]:
    """Figures of a list: how many documents, and how many with each value of each facet beside what else is chosen.

    Args:
        scope: all, policy, policy-past, normative, normative-past or column:N.
        chosen: facet -> value, as the counters write it.
        names: the facets of the page.
        shown: what `values_of` gave for the scope.

    Returns:
        The number of documents of the list; facet -> value -> number, without values that nothing has.
    """
    if not chosen:
        total = numbers([key(scope, {})])
        return next(iter(total.values())), {name: dict(shown[name]) for name in names}
    asked: dict[str, tuple[str, str]] = {}
    for name in names:
        others = {other: value for other, value in chosen.items() if other != name}
        for value in shown[name]:
            asked[key(scope, {**others, name: value})] = (name, value)
    whole = key(scope, chosen)
    found = numbers([*asked, whole])
    table: dict[str, dict[str, int]] = {name: {} for name in names}
    for counter, (name, value) in asked.items():
        if found[counter] > 0:
            table[name][value] = found[counter]
    return found[whole], table


# --- proof ------------------------------------------------------------------------------------------------------------


def verify(*, repair: bool = False) -> list[str]:
    """Compare entries and counters with what is public; every difference as a sentence. `repair` writes them anew."""
    problems = [*_wrong_entries()]
    counted = _counted()
    stored = dict(FacetCount.objects.exclude(number=0).values_list("pk", "number"))
    problems += [
        f"{counter}：计数为{stored.get(counter, 0)}，实际为{counted.get(counter, 0)}"
        for counter in sorted(stored.keys() | counted.keys())
        if stored.get(counter, 0) != counted.get(counter, 0)
    ]
    if problems and repair:
        with writing():
            rebuild()
    return problems


def _wrong_entries() -> Iterator[str]:
    """Entries beside the rows they were made of, both in the order of their numbers."""
    names = [field.attname for field in ListEntry._meta.concrete_fields]
    entries = ListEntry.objects.order_by("pk").iterator(chunk_size=2000)
    entry = next(entries, None)
    for row in PublicDocument.objects.order_by("pk").iterator(chunk_size=2000):
        while entry is not None and entry.pk < row.pk:
            yield f"信息{entry.pk}：已不公开，仍有列表条目"
            entry = next(entries, None)
        wanted = entry_of(row)
        if entry is None or entry.pk != row.pk:
            yield f"信息{row.pk}：没有列表条目"
            continue
        if any(getattr(entry, name) != getattr(wanted, name) for name in names):
            yield f"信息{row.pk}：列表条目与公开的信息不符"
        entry = next(entries, None)
    while entry is not None:
        yield f"信息{entry.pk}：已不公开，仍有列表条目"
        entry = next(entries, None)


def rebuild() -> None:
    """Write entries and counters anew from what is public."""
    ListEntry.objects.all().delete()
    FacetCount.objects.all().delete()
    entries = (entry_of(row) for row in PublicDocument.objects.order_by("pk").iterator(chunk_size=2000))
    while part := list(islice(entries, 2000)):
        ListEntry.objects.bulk_create(part)
    count_entries()


def count_entries() -> None:
    """Fill the empty counters from the entries."""
    _add(_counted())


def _counted() -> Counter[str]:
    """Every counter from what is public: grouped by the database, spread over the combinations here."""
    steps: Counter[str] = Counter()
    names = ("unit_id", "subject", "document_kind", "year", "validity", "column_id", "policy", "normative")
    groups = PublicDocument.objects.order_by().values_list(*names).annotate(number=Count("pk"))
    for *values, number in groups.iterator(chunk_size=5000):
        for counter in keys_of(entry_of(PublicDocument(**dict(zip(names, values, strict=True))))):
            steps[counter] += number
    return steps
