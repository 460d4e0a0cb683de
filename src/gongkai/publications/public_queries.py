"""What public pages of information ask: the document with all that hangs on it, lists and their facets.

Only what is public is asked for: `PublicDocument` for what stands now, `Version` for the text, the note for what was
withdrawn. The working copy is never read here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from gongkai.core import bundles
from gongkai.core.models import Unit
from gongkai.core.transparency.models import LogEntry
from gongkai.publications import counts
from gongkai.publications.models import (
    CatalogColumn,
    DocumentRelation,
    PublicDocument,
    Validity,
    Version,
    VersionFile,
    WithdrawalNote,
)
from gongkai.publications.outward import SOURCE
from gongkai.publications.readers.models import FACETS, ListEntry

PAGE_SIZE = 20
FACET_LABELS = {"unit": "机关", "subject": "主题", "kind": "体裁", "year": "年份", "validity": "有效性"}
# A list shows titles; where a document has no validity, lists say so in these words.
VALIDITY_LABELS = {**dict(Validity.choices), "": "未标注"}
_LIST_COLUMNS = (
    "title",
    "document_number",
    "document_kind",
    "published_at",
    "made_on",
    "validity",
    "normative",
    "policy",
    "unit__name",
    "unit__short_name",
    "unit__code",
)


# --- the document -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Related:
    """A document at the other end of a link; without an address it stands outside the system."""

    kind: str
    label: str
    title: str
    pk: int | None = None
    document_number: str = ""
    note: str = ""
    validity: str = ""
    repealed_on: dt.date | None = None
    published_at: dt.datetime | None = None
    backwards: bool = False

    @property
    def words(self) -> str:
        """How it is named in a short list: by its number where it has one."""
        return self.document_number or self.title


@dataclass(slots=True)
class Page:
    """A public document and what its page shows."""

    row: PublicDocument
    version: Version
    files: list[VersionFile] = field(default_factory=list)
    pictures: list[VersionFile] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    related: list[Related] = field(default_factory=list)
    log: LogEntry | None = None

    def links(self, kind: str, *, backwards: bool) -> list[Related]:
        """The links of a kind in one direction."""
        return [one for one in self.related if one.kind == kind and one.backwards == backwards]


def public_row(pk: int) -> PublicDocument | None:
    """What is public under a number now, with its version, unit and column."""
    return (
        PublicDocument.objects.select_related("version", "unit", "column").defer("version__text").filter(pk=pk).first()
    )


def withdrawal(pk: int) -> WithdrawalNote | None:
    """The note of a document that was withdrawn; its successor only while that one is public."""
    return WithdrawalNote.objects.select_related("unit").filter(pk=pk).first()


def public_successor(note: WithdrawalNote) -> PublicDocument | None:
    """The document that stands in for a withdrawn one."""
    return PublicDocument.objects.filter(pk=note.successor_id).first() if note.successor_id else None


def page_of(row: PublicDocument, version: Version | None = None) -> Page:
    """Everything the page of a document (or of one of its versions) shows, in one more query."""
    shown = version or row.version
    lists = bundles.gather(
        {
            "files": bundles.rows(
                VersionFile.objects.filter(version=shown.pk).order_by("ordinal", "id"),
                "id",
                "name",
                "digest",
                "size",
                "content_type",
                "inline",
            ),
            "versions": bundles.rows(
                Version.objects.filter(publication=row.pk, public=True).order_by("-number"),
                "id",
                "number",
                "published_at",
                "note",
            ),
            "out": bundles.rows(
                DocumentRelation.objects.filter(source=row.pk)
                .filter(Q(target__isnull=True) | Q(target__public__isnull=False))
                .annotate(**_other("target"))
                .order_by("id"),
                *_OTHER,
            ),
            "back": bundles.rows(
                DocumentRelation.objects.filter(target=row.pk, source__public__isnull=False)
                .annotate(**_other("source"))
                .order_by("id"),
                *_OTHER,
            ),
            "log": bundles.rows(
                LogEntry.objects.filter(subject=f"{SOURCE}/{row.pk}", act__in=["published", "amended"]).order_by("-id"),
                "id",
                "act",
                "at",
                "content",
                "position",
                limit=1,
            ),
        }
    )
    related = [_related(link, backwards=False) for link in lists["out"]]
    related += [_related(link, backwards=True) for link in lists["back"]]
    return Page(
        row=row,
        version=shown,
        files=[file for file in lists["files"] if not file.inline],
        pictures=[file for file in lists["files"] if file.inline],
        versions=lists["versions"],
        related=related,
        log=lists["log"][0] if lists["log"] else None,
    )


_OTHER = ("id", "kind", "outside", "note", "there", "there_title", "there_number", "there_validity", "there_repealed",
          "there_published")  # fmt: skip


def _other(end: str) -> dict[str, Any]:
    return {
        "there": F(f"{end}__public__publication_id"),
        "there_title": F(f"{end}__public__title"),
        "there_number": F(f"{end}__public__document_number"),
        "there_validity": F(f"{end}__public__validity"),
        "there_repealed": F(f"{end}__public__repealed_on"),
        "there_published": F(f"{end}__public__published_at"),
    }


def _related(link: Any, *, backwards: bool) -> Related:
    kind = link.kind
    return Related(
        kind=kind,
        label=DocumentRelation.BACKWARDS[kind] if backwards else DocumentRelation.Kind(kind).label,
        title=link.there_title or link.outside,
        pk=link.there,
        document_number=link.there_number or "",
        note=link.note,
        validity=link.there_validity or "",
        repealed_on=_day(link.there_repealed),
        published_at=_moment(link.there_published),
        backwards=backwards,
    )


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        moment = dt.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return value


def version_of(row: PublicDocument, number: int) -> Version | None:
    """One version of a document that is public now."""
    found = Version.objects.filter(publication=row.pk, number=number, public=True)
    return found.select_related("unit").defer("text").first()


def public_file(pk: int) -> VersionFile | None:
    """A file of a version that may be read, of a document that is public at this moment."""
    return VersionFile.objects.filter(pk=pk, version__public=True, version__publication__public__isnull=False).first()


# --- lists ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: documents newest first, cursors of its neighbours, figures."""

    rows: list[PublicDocument]
    total: int
    facets: dict[str, dict[str, int]]
    chosen: dict[str, str]
    after: str = ""
    before: str = ""


_SHELVES: dict[str, dict[str, int]] = {
    "all": {},
    "policy": {"policy": 0},
    "policy-past": {"policy": 1},
    "normative": {"normative": 0},
    "normative-past": {"normative": 1},
}


def listing(
    scope: str,
    chosen: Mapping[str, str],
    *,
    after: str = "",
    before: str = "",
    names: Sequence[str] = FACETS,
    size: int = PAGE_SIZE,
) -> Listing:
    """A page of a list with its facets; takes the same time however many documents there are.

    Args:
        scope: all, policy, policy-past, normative, normative-past or column:N.
        chosen: facet -> value as the address gives it; values that no document of the scope has are passed over.
        after: cursor of the page before.
        before: cursor of the page behind.
        names: the facets that the page offers.
        size: documents on a page.
    """
    shown = counts.values_of(scope, names)
    known = {name: value for name, value in chosen.items() if value in shown.get(name, {})}
    total, facets = counts.facets(scope, known, names=names, shown=shown)
    if not total:
        return Listing([], 0, facets, known)
    entries = _entries(scope, known, {name: shown[name][value] for name, value in known.items()})
    found, later, earlier = _page(entries, after, before, size)
    return Listing(documents(found), total, facets, known, after=later, before=earlier)


def _entries(scope: str, chosen: Mapping[str, str], sizes: Mapping[str, int]) -> QuerySet[ListEntry]:
    """The entries of a combination, walked along the index of its rarest value.

    The database knows nothing of how values go together and may take an index that finds everything and then sort it;
    the conditions on the other facets are written so that only the rarest can be looked up.
    """
    column = scope.partition(":")[2]
    shelf = {"column": int(column)} if column else _SHELVES[scope]
    rows = ListEntry.objects.filter(**shelf)
    rarest = min(sizes, key=lambda name: sizes[name]) if sizes and not shelf else ""
    for name, text in chosen.items():
        value: Any = int(text) if name in ("unit", "year") else text
        if name == rarest:
            rows = rows.filter(**{name: value})
        else:
            rows = rows.annotate(**{f"plain_{name}": _unindexed(name)}).filter(**{f"plain_{name}": value})
    return rows


def _unindexed(name: str) -> Any:
    from django.db.models import CharField, Value
    from django.db.models.functions import Concat

    if name in ("unit", "year"):
        return Cast(F(name) + Value(0), IntegerField())
    return Concat(F(name), Value(""), output_field=CharField())


def cursor_of(published_at: dt.datetime, pk: int) -> str:
    """Where a document stands in the order, newest first."""
    return f"{published_at.astimezone(dt.UTC):%Y%m%d%H%M%S%f}-{pk}"


def _read_cursor(text: str) -> tuple[dt.datetime, int] | None:
    stamp, _, number = text.partition("-")
    try:
        return dt.datetime.strptime(stamp, "%Y%m%d%H%M%S%f").replace(tzinfo=dt.UTC), int(number)
    except ValueError:
        return None


def _page(rows: QuerySet[ListEntry], after: str, before: str, size: int) -> tuple[list[int], str, str]:
    place = _read_cursor(before or after)
    backwards = bool(before) and place is not None
    if place is not None:
        moment, pk = place
        if backwards:
            rows = rows.filter(published_at__gte=moment).filter(
                Q(published_at__gt=moment) | Q(published_at=moment, document__gt=pk)
            )
        else:
            rows = rows.filter(published_at__lte=moment).filter(
                Q(published_at__lt=moment) | Q(published_at=moment, document__lt=pk)
            )
    order = ("published_at", "document") if backwards else ("-published_at", "-document")
    found = list(rows.order_by(*order).values_list("published_at", "document")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found = found[::-1]
        return [pk for _, pk in found], cursor_of(*found[-1]) if found else "", cursor_of(*found[0]) if more else ""
    first = cursor_of(*found[0]) if found and place is not None else ""
    return [pk for _, pk in found], cursor_of(*found[-1]) if more else "", first


def documents(pks: Sequence[int]) -> list[PublicDocument]:
    """Public documents in the given order, with what lists show."""
    rows = PublicDocument.objects.select_related("unit").only(*_LIST_COLUMNS).in_bulk(list(pks))
    return [rows[pk] for pk in pks if pk in rows]


def newest(scope: str = "all", *, unit: int = 0, size: int = 10, **chosen: str) -> list[PublicDocument]:
    """The newest documents of a list."""
    given = {**({"unit": str(unit)} if unit else {}), **chosen}
    rows = _entries(scope, given, dict.fromkeys(given, 0))
    return documents(rows.order_by("-published_at", "-document").values_list("document", flat=True)[:size])


def total(scope: str = "all", **chosen: str) -> int:
    """How many documents a list has."""
    return next(iter(counts.numbers([counts.key(scope, chosen)]).values()))


# --- bodies and columns ---------------------------------------------------------------------------------------------


def units_by_pk(pks: Iterable[int]) -> dict[int, Unit]:
    """Units by number, with their names."""
    return Unit.objects.only("name", "short_name", "code", "ordinal", "kind").in_bulk(list(pks))


@dataclass(slots=True)
class Branch:
    """A column of a catalog with its documents counted and its children that have any."""

    column: CatalogColumn
    number: int
    children: list[Branch] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Documents in the column and below."""
        return self.number + sum(child.total for child in self.children)


def branches(columns: Sequence[CatalogColumn], *, unit: Unit | None = None) -> list[Branch]:
    """Columns as a tree; those in which nothing is public, and nothing below them, are left out.

    Of columns that are common to all bodies, a body's page counts only the body's own documents.
    """
    given = {"unit": unit.pk} if unit is not None else {}
    keys = {column.pk: counts.key(f"column:{column.pk}", given) for column in columns}
    found = counts.numbers(keys.values())
    number = {pk: found[counter] for pk, counter in keys.items()}
    made = {column.pk: Branch(column, number.get(column.pk, 0)) for column in columns}
    roots: list[Branch] = []
    for column in columns:
        parent = made.get(column.parent_id or 0)
        (parent.children if parent else roots).append(made[column.pk])

    def kept(level: list[Branch]) -> list[Branch]:
        for branch in level:
            branch.children = kept(branch.children)
        return [branch for branch in level if branch.total]

    return kept(roots)


def columns(unit: Unit | None = None) -> list[CatalogColumn]:
    """The columns in use that a body's page shows (its own and the common ones), or the common ones and all bodies'."""
    rows = CatalogColumn.objects.filter(active=True).select_related("unit").order_by("ordinal", "id")
    if unit is not None:
        rows = rows.filter(Q(unit=unit.pk) | Q(unit__isnull=True))
    return list(rows)


def in_force_by_unit() -> dict[int, int]:
    """Unit -> normative documents in force (有效 or 已修改)."""
    return {int(unit): number for unit, number in counts.values_of("normative", ("unit",))["unit"].items()}


def today() -> dt.date:
    """The day here."""
    return timezone.localdate()
