"""The index as a directory (tantivy): one writer at a time, any number of readers.

Recall is exact. Every pair of neighbouring atoms is a term (field `gram`), so any two characters of a text find it; a
longer phrase is a phrase of such pairs. Phrases that stand in many documents would be slow that way, because positions
of all of them are read; those of three to eight signs are known by name (field `heavy`): the list is drawn from a
sample when the index is rebuilt and stays as it is until the next time, so that it is right for every document.

Ranking is by the words of the query (rjieba; BM25 of their pairs), after exact numbers, exact titles and titles that
hold the whole phrase.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain, compress, count, islice
from operator import add
from pathlib import Path
from typing import Any, cast

import tantivy
from django.utils import timezone

from gongkai.core.search import text as texts
from gongkai.core.search.content import content_of
from gongkai.core.search.documents import IN_FORCE, PAST, SearchDocument, key_of, leading, sources
from gongkai.core.search.query import (
    FACETS,
    Alternative,
    Answer,
    Clause,
    Found,
    IndexBusyError,
    Query,
    Scope,
    SearchIndex,
    day_number,
    shown,
    stored_of,
)

# Part of the directory's name: another arrangement of fields never opens an older index.
LAYOUT = 2
SAMPLE = 500
# With fewer no phrase is known by name: a small index is fast without.
SAMPLE_LEAST = 200
# A phrase that stands in at least this share of the sample is known by name.
HEAVY_SHARE = 0.05
HEAVY_LEAST, HEAVY_MOST = 3, 8
HEAVY_LIMIT = 30_000
# The list is drawn anew when the index has grown so many times, and is large enough for it to matter.
OUTGROWN_TIMES, OUTGROWN_LEAST = 4, 10_000
# From so many answers on, titles that hold the phrase are asked for first: they come first anyway.
MANY = 2000
RECENT = 5
NUMBER, TITLE_EXACT, TITLE = 1e6, 1e5, 1e3
# More than words and years make out between equals, less than a match in the title.
LEADING = 50.0
_FACET_SIZE = {"unit": 200, "year": 100}

Q = tantivy.Query
MUST, SHOULD, NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("gram", tokenizer_name="grams", index_option="position")
    builder.add_text_field("heavy", tokenizer_name="grams", index_option="basic")
    builder.add_text_field("title", tokenizer_name="grams", index_option="position")
    builder.add_text_field("title_words", tokenizer_name="grams", index_option="freq")
    builder.add_text_field("title_whole", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("number", tokenizer_name="raw", index_option="basic")
    for name in ("category", "subject", "validity"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("unit", "year", "day"):
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_integer_field("shared", indexed=True)
    # 1 public, 2 for all staff, 3 for some.
    builder.add_integer_field("reach", indexed=True, fast=True)
    builder.add_integer_field("object", fast=True)
    builder.add_integer_field("digest", fast=True)
    builder.add_integer_field("origin", indexed=True, fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


def _origin(code: str) -> int:
    """A source's code as a number that can be read quickly."""
    return int.from_bytes(code.encode("utf-8")[:7], "big") * 64 + sum(code.encode("utf-8")[7:]) % 64


class TantivyIndex(SearchIndex):
    """Directories under `root`, one a generation; the file `current` names the one in use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._open: _Generation | None = None

    def _pointer(self) -> Path:
        return self.root / "current"

    def exists(self) -> bool:
        """Whether there is a generation of this layout."""
        try:
            name = self._pointer().read_text(encoding="ascii").strip()
        except OSError:
            return False
        return name.startswith(f"{LAYOUT}-") and (self.root / name / "meta.json").exists()

    def _generation(self) -> _Generation:
        """The one in use; opened anew when another process has put a newer one in place. Made when there is none."""
        with self._lock:
            if self._open is not None:
                try:
                    if self._pointer().stat().st_mtime_ns == self._open.pointed_at:
                        return self._open
                except OSError:
                    pass
                self._open.close()
                self._open = None
            if not self.exists():
                self._put_in_place(self._new_directory(), frozenset())
            name = self._pointer().read_text(encoding="ascii").strip()
            self._open = _Generation(self.root / name, self._pointer().stat().st_mtime_ns)
            return self._open

    def _new_directory(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{LAYOUT}-", dir=self.root))

    def _put_in_place(self, directory: Path, heavy: frozenset[str]) -> None:
        if not (directory / "meta.json").exists():
            _create(directory, heavy)
        new = self.root / "current.new"
        new.write_text(directory.name, encoding="ascii")
        new.replace(self._pointer())
        for old in self.root.iterdir():
            # Readers that still hold an older generation keep its open files; the names may go.
            if old.is_dir() and old != directory and not (old / "building").exists():
                shutil.rmtree(old, ignore_errors=True)

    def update(self, documents: Iterable[SearchDocument], removed: Iterable[tuple[str, int]] = ()) -> None:
        with self._writing:
            self._generation().write(documents, removed)

    def search(self, query: Query) -> Answer:
        return self._generation().search(query)

    def titles(self, phrase: Sequence[str], scope: Scope, limit: int, hidden: Sequence[str] = ()) -> list[str]:
        return self._generation().titles(phrase, scope, limit, hidden)

    def fingerprints(self) -> Iterator[tuple[str, int, int]]:
        return self._generation().fingerprints()

    def rebuild(self, documents: Iterable[SearchDocument], sample: Sequence[SearchDocument] | None = None) -> int:
        rest = iter(documents)
        first = list(islice(rest, SAMPLE)) if sample is None else []
        heavy = _heavy_phrases(first if sample is None else sample)
        directory = self._new_directory()
        (directory / "building").touch()
        number = 0
        try:
            _create(directory, heavy)
            generation = _Generation(directory, 0)
            number = generation.fill(chain(first, rest))
            generation.close()
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        (directory / "documents").write_text(str(number), encoding="ascii")
        (directory / "building").unlink()
        with self._writing, self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None
            self._put_in_place(directory, heavy)
        return number

    def outgrown(self) -> bool:
        return self._generation().outgrown()

    def drop_unknown(self) -> None:
        with self._writing:
            self._generation().drop_unknown()

    def close(self) -> None:
        """Give the writer back."""
        with self._writing, self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None


def _create(directory: Path, heavy: frozenset[str]) -> None:
    (directory / "heavy.json").write_text(json.dumps(sorted(heavy), ensure_ascii=False), encoding="utf-8")
    tantivy.Index(_schema(), path=str(directory))


def _heavy_phrases(sample: Sequence[SearchDocument]) -> frozenset[str]:
    """Phrases of three to eight signs, none of them letters or digits, that stand in many documents of a sample."""
    if len(sample) < SAMPLE_LEAST:
        return frozenset()
    least = max(3, int(len(sample) * HEAVY_SHARE))
    flat = [" ".join(texts.runs(content_of(document).text)) for document in sample]
    heavy: set[str] = set()
    # What is longer can only be as frequent as its beginning.
    places: list[Iterable[int]] = [range(len(text)) for text in flat]
    for length in range(HEAVY_LEAST, HEAVY_MOST + 1):
        phrases = [[text[at : at + length] for at in here] for text, here in zip(flat, places, strict=True)]
        counted: Counter[str] = Counter()
        for listed in phrases:
            counted.update(set(listed))
        most = counted.most_common(HEAVY_LIMIT // (HEAVY_MOST - HEAVY_LEAST + 1))
        frequent = {phrase for phrase, number in most if number >= least and _nameable(phrase, length)}
        places = [
            list(compress(here, map(frequent.__contains__, listed)))
            for here, listed in zip(places, phrases, strict=True)
        ]
        heavy |= frequent
    return frozenset(heavy)


def _nameable(phrase: str, length: int) -> bool:
    return len(phrase) == length and " " not in phrase and not texts.has_letters(phrase)


def _lengths(heavy: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First three signs of phrases known by name -> how long such phrases are, the longest first."""
    found: dict[str, set[int]] = defaultdict(set)
    for phrase in heavy:
        found[phrase[:HEAVY_LEAST]].add(len(phrase))
    return {start: tuple(sorted(lengths, reverse=True)) for start, lengths in found.items()}


def _heavy_in(heavy: frozenset[str], lengths: dict[str, tuple[int, ...]], run: str) -> str:
    """At every place of a run the longest phrase known by name, parted by blanks."""
    found = []
    starts = map(add, map(add, run, run[1:]), run[HEAVY_LEAST - 1 :])
    possible = list(map(lengths.get, starts))
    for at in compress(count(), possible):
        for length in possible[at] or ():
            phrase = run[at : at + length]
            if phrase in heavy:
                found.append(phrase)
                break
    return " ".join(found)


class _Generation:
    """One directory, opened."""

    def __init__(self, directory: Path, pointed_at: int) -> None:
        self.directory = directory
        self.pointed_at = pointed_at
        self.heavy = frozenset(json.loads((directory / "heavy.json").read_text(encoding="utf-8")))
        # Offices repeat themselves: the same stretches come in many documents.
        self._heavy_in = lru_cache(maxsize=30_000)(partial(_heavy_in, self.heavy, _lengths(self.heavy)))
        self.index = tantivy.Index.open(str(directory))
        self.schema = self.index.schema
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
        self.index.register_tokenizer("grams", analyzer.build())
        self.index.config_reader("manual")
        self._writer: Any = None
        self._lock = threading.Lock()
        self._seen = -1

    # --- writing -----------------------------------------------------------------------------------------------------

    def _write_with(self, heap: int, threads: int) -> Any:
        if self._writer is None:
            try:
                self._writer = self.index.writer(heap, threads)
                # A process killed while it committed leaves files that the next commit would stumble over.
                self._writer.garbage_collect_files()
            except ValueError as error:
                if "lock" in str(error).lower():
                    raise IndexBusyError(str(error)) from error
                raise
        return self._writer

    def write(self, documents: Iterable[SearchDocument], removed: Iterable[tuple[str, int]]) -> None:
        writer = self._write_with(50_000_000, 1)
        try:
            for key in removed:
                writer.delete_documents_by_term("key", key_of(*key))
            for document in documents:
                writer.delete_documents_by_term("key", document.key)
                writer.add_document(self._document(document))
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        self._reload()

    def fill(self, documents: Iterable[SearchDocument]) -> int:
        """Put documents into an empty directory, with more memory than usual."""
        writer = self._write_with(400_000_000, 2)
        number = 0
        for document in documents:
            writer.add_document(self._document(document))
            number += 1
        writer.commit()
        writer.wait_merging_threads()
        self._writer = None
        return number

    def outgrown(self) -> bool:
        """Whether the frequent phrases were drawn when the index was a small part of what it is."""
        try:
            built = int((self.directory / "documents").read_text(encoding="ascii"))
        except OSError:
            built = 0
        return self.searcher().num_docs >= max(OUTGROWN_LEAST, OUTGROWN_TIMES * built)

    def drop_unknown(self) -> None:
        known = [(MUST, Q.all_query())]
        known += [(NOT, self._term("source", code)) for code in sources]
        writer = self._write_with(50_000_000, 1)
        writer.delete_documents_by_query(Q.boolean_query(known))
        writer.commit()
        self._reload()

    def close(self) -> None:
        """Wait for merges, and give the lock back."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()

    def _document(self, document: SearchDocument) -> tantivy.Document:
        content = content_of(document)
        text_runs, title_runs = texts.runs(content.text), texts.runs(content.title)
        entry = tantivy.Document(
            key=document.key,
            source=document.source,
            gram=texts.paired(text_runs),
            heavy=" ".join(map(self._heavy_in, text_runs)) if self.heavy else "",
            title=texts.paired(title_runs),
            title_words=" ".join(texts.words(title_runs)),
            title_whole=texts.haystack(content.title),
            category=shown(document.category),
            subject=shown(document.subject),
            validity=shown(document.validity),
            unit=document.unit or 0,
            year=document.listed_year,
            day=day_number(document.day),
            reach=1 if document.public else 2 if document.everyone else 3,
            object=document.pk,
            digest=document.digest,
            origin=_origin(document.source),
        )
        for number in content.numbers:
            entry.add_text("number", number)
        for unit in document.shared_units:
            entry.add_integer("shared", unit)
        stored = json.dumps([document.source, document.pk, stored_of(document)], ensure_ascii=False)
        entry.add_bytes("stored", stored.encode())
        return entry

    # --- reading -----------------------------------------------------------------------------------------------------

    def _reload(self) -> None:
        self.index.reload()
        self._seen = (self.directory / "meta.json").stat().st_mtime_ns

    def searcher(self) -> tantivy.Searcher:
        """What is committed now, by whichever process."""
        try:
            if (self.directory / "meta.json").stat().st_mtime_ns != self._seen:
                with self._lock:
                    self._reload()
        except FileNotFoundError:  # a newer generation is in place; this one is good for the search in hand
            pass
        return self.index.searcher()

    def _term(self, field: str, value: Any) -> tantivy.Query:
        return Q.term_query(self.schema, field, value, "basic")

    def search(self, query: Query) -> Answer:
        searcher = self.searcher()
        fixed = self._fixed(query)
        clauses = [self._clause(searcher, clause, "gram") for clause in query.clauses]
        wanted = self._wanted(clauses, query.least)
        filters = {name: self._term(name, value) for name, value in query.filters}
        base = [*fixed, *wanted, *((MUST, Q.const_score_query(term, 0.0)) for term in filters.values())]
        matching = Q.boolean_query(base)
        facets: dict[str, list[tuple[str | int, int]]] = {}
        total = self._figures(
            searcher, matching, [n for n in FACETS if n not in filters] if query.facets else [], facets
        )
        if query.facets:
            for name in filters:
                others = [(MUST, Q.const_score_query(term, 0.0)) for other, term in filters.items() if other != name]
                self._figures(searcher, Q.boolean_query([*fixed, *wanted, *others]), [name], facets)
        addresses = self._best(searcher, query, base, matching, total) if total and query.limit else []
        return Answer(total, [self._found(searcher, address) for address in addresses], facets)

    def _best(self, searcher: tantivy.Searcher, query: Query, base: list, matching: Any, total: int) -> list[Any]:
        if query.offset >= total:
            return []
        if query.by_day:
            found = searcher.search(
                matching, query.limit, count=False, order_by_field="day", order=tantivy.Order.Desc, offset=query.offset
            )
            return [address for _, address in found.hits]
        ranking = self._ranking(searcher, query)
        if total > MANY and query.clauses and not query.preferred:
            titles = [self._clause(searcher, clause, "title") for clause in query.clauses]
            first = [(MUST, Q.const_score_query(part, 0.0)) for part in titles]
            asked = Q.boolean_query([*base, *first, *ranking])
            found = searcher.search(asked, query.limit, count=False, offset=query.offset)
            if len(found.hits) == query.limit:
                return [address for _, address in found.hits]
        found = searcher.search(Q.boolean_query([*base, *ranking]), query.limit, count=False, offset=query.offset)
        return [address for _, address in found.hits]

    def _ranking(self, searcher: tantivy.Searcher, query: Query) -> list[tuple[Any, Any]]:
        """What makes one answer better than another."""
        parts: list[tuple[Any, Any]] = []
        if query.title:
            parts.append((SHOULD, Q.const_score_query(self._term("title_whole", query.title), TITLE_EXACT)))
        if query.preferred:
            whole = [(MUST, self._clause(searcher, clause, "gram")) for clause in query.preferred]
            parts.append((SHOULD, Q.const_score_query(Q.boolean_query(whole), TITLE_EXACT / 10)))
        titles = []
        for clause in query.clauses:
            titles.append(self._clause(searcher, clause, "title"))
            parts += [
                (SHOULD, Q.const_score_query(self._term("number", way.number), NUMBER))
                for way in clause.alternatives
                if way.number
            ]
            # What was typed is worth more than what means the same.
            typed = self._alternative(searcher, clause.alternatives[0], "title")
            parts.append((SHOULD, Q.const_score_query(typed, TITLE / 10)))
        if titles:
            # The score of the tier that is asked first must not depend on being asked first.
            parts.append((SHOULD, Q.const_score_query(Q.boolean_query([(MUST, part) for part in titles]), TITLE)))
        for word in query.words:
            pairs = texts.pairs(texts.atoms(word))
            for pair in pairs:
                said = Q.term_query(self.schema, "gram", pair, "freq")
                parts.append((SHOULD, Q.boost_query(said, 1 / len(pairs))))
            titled = Q.term_query(self.schema, "title_words", word, "freq")
            parts.append((SHOULD, Q.boost_query(titled, 3.0)))
        valid = Q.term_set_query(self.schema, "validity", list(IN_FORCE))
        parts.append((SHOULD, Q.const_score_query(valid, 1.0)))
        if leading:
            first = Q.term_set_query(self.schema, "category", sorted(leading))
            past = Q.term_set_query(self.schema, "validity", list(PAST))
            binding = Q.boolean_query([(MUST, first), (NOT, past)])
            parts.append((SHOULD, Q.const_score_query(binding, LEADING)))
        # Between equals the newer one.
        year = timezone.localdate().year
        parts += [
            (SHOULD, Q.const_score_query(self._term("year", year - age), (RECENT - age) / RECENT))
            for age in range(RECENT)
        ]
        return parts

    def _figures(
        self, searcher: tantivy.Searcher, matching: tantivy.Query, names: list[str], into: dict[str, list]
    ) -> int:
        """Counts by facet; the number of all, in one pass."""
        asked: dict[str, Any] = {"all": {"value_count": {"field": "reach"}}}
        asked |= {name: {"terms": {"field": name, "size": _FACET_SIZE.get(name, 50)}} for name in names}
        counted = searcher.aggregate(matching, asked)
        for name in names:
            into[name] = [
                (bucket["key"] if isinstance(bucket["key"], str) else int(bucket["key"]), int(bucket["doc_count"]))
                for bucket in counted[name]["buckets"]
                if bucket["key"]
            ]
        return int(counted["all"]["value"] or 0)

    def _fixed(self, query: Query) -> list[tuple[Any, Any]]:
        """Who asks, what is hidden, which sources: never part of the score."""
        parts = [(MUST, Q.const_score_query(self._scope(query.scope), 0.0))]
        if query.hidden:
            parts.append((NOT, Q.term_set_query(self.schema, "key", list(query.hidden))))
        if query.sources:
            parts.append((MUST, Q.const_score_query(Q.term_set_query(self.schema, "source", list(query.sources)), 0.0)))
        return parts

    def _scope(self, scope: Scope) -> tantivy.Query:
        if scope.public_only:
            return self._term("reach", 1)
        ways = [(SHOULD, self._term("reach", 1)), (SHOULD, self._term("reach", 2))]
        if scope.owners is None:
            rest: list[tuple[Any, Any]] = [(MUST, Q.all_query())]
            if scope.not_owners:
                rest.append((NOT, Q.term_set_query(self.schema, "unit", sorted(scope.not_owners))))
            ways.append((SHOULD, Q.boolean_query(rest)))
        elif scope.owners:
            ways.append((SHOULD, Q.term_set_query(self.schema, "unit", sorted(scope.owners))))
        if scope.shared:
            ways.append((SHOULD, Q.term_set_query(self.schema, "shared", sorted(scope.shared))))
        return Q.boolean_query(ways)

    def _wanted(self, clauses: list[tantivy.Query], least: int | None) -> list[tuple[Any, Any]]:
        parts = [Q.const_score_query(part, 0.0) for part in clauses]
        if least is None or not parts:
            return [(MUST, part) for part in parts]
        # How many of the parts a document has decides first.
        weighed = [(SHOULD, Q.const_score_query(part, 100.0)) for part in clauses]
        return [(MUST, Q.boolean_query(weighed, minimum_number_should_match=min(least, len(weighed))))]

    def _clause(self, searcher: tantivy.Searcher, clause: Clause, field: str) -> tantivy.Query:
        ways = [self._alternative(searcher, way, field) for way in clause.alternatives]
        return ways[0] if len(ways) == 1 else Q.boolean_query([(SHOULD, way) for way in ways])

    def _alternative(self, searcher: tantivy.Searcher, way: Alternative, field: str) -> tantivy.Query:
        if way.number:
            return self._term("number", way.number)
        if way.days:
            low, high = way.days
            return Q.range_query(self.schema, "day", tantivy.FieldType.Integer, low, high)
        parts = [self._phrase(searcher, phrase, field) for phrase in way.phrases]
        if not parts:
            return Q.empty_query()
        return parts[0] if len(parts) == 1 else Q.boolean_query([(MUST, part) for part in parts])

    def _phrase(self, searcher: tantivy.Searcher, phrase: Sequence[str], field: str) -> tantivy.Query:
        """These atoms in a row: one term where there is one, else a phrase of pairs."""
        titled = field == "title"
        if len(phrase) == 1:
            return Q.regex_query(self.schema, field, texts.beginning(phrase[0]))
        if len(phrase) == 2:
            return self._term(field, phrase[0] + phrase[1])
        if not titled and HEAVY_LEAST <= len(phrase) <= HEAVY_MOST:
            spelled = texts.spell(phrase)
            if spelled in self.heavy:
                # Of each place the longest is written down: those that begin with this one hold it.
                return Q.regex_query(self.schema, "heavy", f"{spelled}.*")
        pairs = texts.pairs(phrase)
        costs = [searcher.doc_freq(field, pair) for pair in pairs]
        if not min(costs):
            return Q.empty_query()
        chosen = _cover(costs)
        return Q.phrase_query(self.schema, field, [(at, pairs[at]) for at in chosen])

    def _found(self, searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Found:
        stored = searcher.doc(address).get_first("stored")
        source, pk, values = json.loads(bytes(cast(Any, stored)))
        return Found(source, pk, values)

    def titles(self, phrase: Sequence[str], scope: Scope, limit: int, hidden: Sequence[str] = ()) -> list[str]:
        clause = Clause((Alternative((tuple(phrase),)),))
        searcher = self.searcher()
        question = Query((clause,), scope, hidden=tuple(hidden))
        asked = Q.boolean_query([*self._fixed(question), (MUST, self._clause(searcher, clause, "title"))])
        found = searcher.search(asked, limit, count=False, order_by_field="day", order=tantivy.Order.Desc)
        return [self._found(searcher, address).stored["title"] for _, address in found.hits]

    def fingerprints(self) -> Iterator[tuple[str, int, int]]:
        searcher = self.searcher()
        if not searcher.num_docs:
            return
        names = {_origin(code): code for code in sources}
        found = searcher.search(Q.all_query(), searcher.num_docs, count=False)
        addresses = [address for _, address in found.hits]
        columns = (searcher.fast_field_values(name, addresses) for name in ("origin", "object", "digest"))
        for origin, pk, digest in zip(*columns, strict=True):
            yield names.get(int(cast(int, origin)), ""), int(cast(int, pk)), int(cast(int, digest))


def _cover(costs: list[int]) -> list[int]:
    """Places of pairs that together hold every atom, the cheapest such choice, with the rarest pair among them."""
    last = len(costs) - 1
    best: list[tuple[int, int]] = [(costs[0], -1)]
    for at in range(1, last + 1):
        came = min((at - 1, at - 2), key=lambda place: best[place][0]) if at > 1 else 0
        best.append((best[came][0] + costs[at], came))
    chosen, at = [], last
    while at >= 0:
        chosen.append(at)
        at = best[at][1]
    rarest = costs.index(min(costs))
    return sorted({*chosen, rarest})
