"""The index inside the database, for installations that want no index directory: exact, slower, ordered by date.

On PostgreSQL an index on pairs of characters finds the candidates; the text itself decides. Elsewhere every text is
looked through. The best answers are those with the number, then the title, then the newest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Case, IntegerField, Lookup, Q, QuerySet, TextField, Value, When
from django.db.models import Count as CountRows

from gongkai.core.locks import writing
from gongkai.core.search import text as texts
from gongkai.core.search.content import content_of
from gongkai.core.search.documents import PAST, SearchDocument, leading, sources
from gongkai.core.search.models import SearchPosition, SearchText
from gongkai.core.search.query import (
    FACETS,
    Alternative,
    Answer,
    Clause,
    Found,
    Query,
    Scope,
    SearchIndex,
    day_number,
    shown,
    stored_of,
)

BATCH = 500


@TextField.register_lookup
class HasGrams(Lookup):
    """All of these words stand in a text of words; on PostgreSQL by the index of `0002_grams`."""

    lookup_name = "has_grams"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        if connection.vendor != "postgresql":
            return f"({left} IS NOT NULL OR {right} IS NULL)", [*left_parameters, *right_parameters]
        sql = f"string_to_array({left}, ' ') @> string_to_array({right}, ' ')"
        return sql, [*left_parameters, *right_parameters]


class DatabaseIndex(SearchIndex):
    """Rows of `SearchText`."""

    def exists(self) -> bool:
        # The worker notes how far it has read when it has built the index.
        return SearchPosition.objects.exists()

    def update(self, documents: Iterable[SearchDocument], removed: Iterable[tuple[str, int]] = ()) -> None:
        rest = iter(documents)
        with writing():
            for source, pk in removed:
                SearchText.objects.filter(source=source, object_id=pk).delete()
            while batch := list(islice(rest, BATCH)):
                rows = {document.key: _row(document) for document in batch}
                columns = [field.name for field in SearchText._meta.concrete_fields if field.name != "id"]
                SearchText.objects.bulk_create(
                    rows.values(),
                    update_conflicts=True,
                    unique_fields=["source", "object_id"],
                    update_fields=[name for name in columns if name not in ("source", "object_id")],
                )

    def rebuild(self, documents: Iterable[SearchDocument], sample: Sequence[SearchDocument] | None = None) -> int:
        number = 0

        def counted() -> Iterator[SearchDocument]:
            nonlocal number
            for document in documents:
                number += 1
                yield document

        with writing():
            SearchText.objects.all().delete()
            self.update(counted())
        return number

    def drop_unknown(self) -> None:
        with writing():
            SearchText.objects.exclude(source__in=list(sources)).delete()

    def fingerprints(self) -> Iterator[tuple[str, int, int]]:
        rows = SearchText.objects.order_by("id").values_list("source", "object_id", "digest")
        for source, pk, digest in rows.iterator(chunk_size=5000):
            yield source if source in sources else "", pk, digest

    def search(self, query: Query) -> Answer:
        base = _within(query.scope, query.hidden)
        if query.sources:
            base = base.filter(source__in=query.sources)
        base = _satisfying(base, query.clauses, query.least)
        filters = dict(query.filters)
        facets: dict[str, list[tuple[str | int, int]]] = {}
        rows = base.filter(**filters)
        if query.facets:
            free = [name for name in FACETS if name not in filters]
            total = _count(rows, free, facets)
            for name in filters:
                others = {other: value for other, value in filters.items() if other != name}
                _count(base.filter(**others), [name], facets)
        else:
            total = rows.count()
        order = ["-day", "-id"] if query.by_day else ["tier", "following", "-day", "-id"]
        if not query.by_day:
            rows = rows.annotate(tier=_tier(query), following=_following())
        found = rows.order_by(*order).values_list("source", "object_id", "stored")
        page = found[query.offset : query.offset + query.limit] if query.limit else []
        return Answer(total, [Found(*row) for row in page], facets)

    def titles(self, phrase: Sequence[str], scope: Scope, limit: int, hidden: Sequence[str] = ()) -> list[str]:
        rows = _within(scope, hidden).filter(title_text__contains=texts.spell(phrase))
        return list(rows.order_by("-day", "-id").values_list("title", flat=True)[:limit])


def _row(document: SearchDocument) -> SearchText:
    content = content_of(document)
    pairs: dict[str, None] = {}
    for run in texts.runs(content.text):
        pairs.update(dict.fromkeys(texts.pairs(texts.atoms(run))))
    return SearchText(
        source=document.source,
        object_id=document.pk,
        digest=document.digest,
        title=shown(document.title),
        title_text=texts.haystack(content.title),
        numbers="".join(f"\n{number}\n" for number in content.numbers),
        text=texts.haystack(content.text),
        grams=" ".join(pairs),
        stored=stored_of(document),
        unit=document.unit or 0,
        category=shown(document.category)[:60],
        subject=shown(document.subject)[:60],
        validity=shown(document.validity)[:30],
        year=document.listed_year,
        day=day_number(document.day),
        public=document.public,
        everyone=document.everyone,
        shared="".join(f" {unit} " for unit in document.shared_units)[:400],
    )


def _within(scope: Scope, hidden: Sequence[str]) -> QuerySet[SearchText]:
    rows = SearchText.objects.all()
    for key in hidden:
        source, _, pk = key.rpartition(":")
        rows = rows.exclude(source=source, object_id=int(pk))
    if scope.public_only:
        return rows.filter(public=True)
    may = Q(public=True) | Q(everyone=True)
    if scope.owners is None:
        may |= ~Q(unit__in=scope.not_owners)
    elif scope.owners:
        may |= Q(unit__in=scope.owners)
    for unit in scope.shared:
        may |= Q(shared__contains=f" {unit} ")
    return rows.filter(may)


def _satisfying(rows: QuerySet[SearchText], clauses: Sequence[Clause], least: int | None) -> QuerySet[SearchText]:
    conditions = [_clause(clause) for clause in clauses]
    if least is None:
        for condition in conditions:
            rows = rows.filter(condition)
        return rows
    one, none = Value(1), Value(0)
    satisfied: Any = Value(0)
    for condition in conditions:
        satisfied = satisfied + Case(When(condition, then=one), default=none, output_field=IntegerField())
    return rows.annotate(satisfied=satisfied).filter(satisfied__gte=min(least, len(conditions)))


def _clause(clause: Clause, column: str = "text") -> Q:
    condition = Q()
    for way in clause.alternatives:
        condition |= _alternative(way, column)
    return condition or Q(pk__in=[])


def _alternative(way: Alternative, column: str) -> Q:
    if way.number:
        return Q(numbers__contains=f"\n{way.number}\n")
    if way.days:
        return Q(day__range=way.days)
    condition = Q()
    for phrase in way.phrases:
        condition &= _phrase(list(phrase), column)
    return condition or Q(pk__in=[])


def _phrase(phrase: list[str], column: str) -> Q:
    contained = Q(**{f"{column}__contains": texts.spell(phrase)})
    if column != "text" or len(phrase) < 2:
        return contained
    return Q(grams__has_grams=" ".join(dict.fromkeys(texts.pairs(phrase)))) & contained


def _tier(query: Query) -> Any:
    """0 the number, 1 the very title, 2 all of the query in the title, 3 a part of the query in it, 4 the rest."""
    numbers = Q()
    titled, any_titled = Q(), Q()
    for clause in query.clauses:
        for way in clause.alternatives:
            if way.number:
                numbers |= _alternative(way, "text")
        titled &= _clause(clause, "title_text")
        any_titled |= _clause(clause, "title_text")
    whens = []
    if numbers:
        whens.append(When(numbers, then=Value(0)))
    if query.title:
        whens.append(When(title_text=query.title, then=Value(1)))
    if query.preferred:
        preferred = Q()
        for clause in query.preferred:
            preferred &= _clause(clause)
        whens.append(When(preferred, then=Value(1)))
    if titled:
        whens += [When(titled, then=Value(2)), When(any_titled, then=Value(3))]
    return Case(*whens, default=Value(4), output_field=IntegerField()) if whens else Value(4)


def _following() -> Any:
    """0 for what binds and is in force, 1 for all that comes after it among equals."""
    if not leading:
        return Value(1)
    binding = Q(category__in=sorted(leading)) & ~Q(validity__in=PAST)
    return Case(When(binding, then=Value(0)), default=Value(1), output_field=IntegerField())


def _count(rows: QuerySet[SearchText], names: list[str], into: dict[str, list[tuple[str | int, int]]]) -> int:
    """Counts of all facets and of everything, the table being walked once."""
    total = 0
    counters: dict[str, Counter[str | int]] = {name: Counter() for name in names}
    for *values, number in rows.order_by().values_list(*names).annotate(number=CountRows("pk")):
        total += number
        for name, value in zip(names, values, strict=True):
            counters[name][value] += number
    for name, counter in counters.items():
        into[name] = sorted(
            ((value, n) for value, n in counter.items() if value), key=lambda row: (-row[1], str(row[0]))
        )
    return total
