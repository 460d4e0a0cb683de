"""What follows when a version of a guide, catalog or negative list goes public: the log and the search index know it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core import search, transparency
from gongkai.core.acts import Work
from gongkai.publications.registers.models import GUIDE_ELEMENTS, Catalog, Guide, NegativeList, RegisterVersion

SOURCE = "register"
LABELS = {Guide.KIND: "政府信息公开指南", Catalog.KIND: "政府信息公开目录", NegativeList.KIND: "不予公开事项负面清单"}
NAMES = {Guide.KIND: "bodies:guide", Catalog.KIND: "bodies:catalog", NegativeList.KIND: "bodies:negative"}


def subject_of(record: int, kind: str) -> str:
    """Under which name the log knows a register: it never changes and names no person."""
    return f"{kind}/{record}"


def address_of(version: RegisterVersion) -> str:
    """Where readers find the current version; empty for a register without a unit."""
    return reverse(NAMES[version.kind], args=[version.unit.code]) if version.unit is not None else ""


def title_of(version: RegisterVersion) -> str:
    """How readers call it."""
    return f"{version.unit.name if version.unit is not None else ''}{LABELS[version.kind]}"


def shown(work: Work, version: RegisterVersion, before: int | None) -> None:
    """A version is public from now on, in place of the one before it."""
    transparency.record(
        work,
        act="published" if version.number == 1 else "amended",
        subject=subject_of(version.record_id, version.kind),
        version=version.number,
        content={"title": title_of(version), "content": version.content},
        address=address_of(version),
        unit=version.unit,
    )
    if before is not None:
        search.removed(SOURCE, before)
    search.changed(SOURCE, version.pk)


# --- search -----------------------------------------------------------------------------------------------------------


def rows() -> QuerySet[RegisterVersion]:
    """Exactly the versions that readers are shown as current."""
    return RegisterVersion.objects.filter(current=True, unit__isnull=False, kind__in=LABELS).select_related("unit")


def document(version: Any) -> search.SearchDocument:
    """A current version as the index keeps it."""
    return search.SearchDocument(
        source=SOURCE,
        pk=version.pk,
        title=title_of(version),
        url=address_of(version),
        body=_words(version),
        unit=version.unit_id,
        unit_name=version.unit.name,
        category="公开指南和目录",
        day=timezone.localdate(version.published_at),
        public=True,
    )


def _words(version: RegisterVersion) -> str:
    if version.kind == Guide.KIND:
        said = [(label, version.content.get(name, "")) for name, label, *_ in GUIDE_ELEMENTS]
        return "\n".join(f"{label}：{words}" for label, words in said if words)
    names = (
        ("title", "description", "basis", "owner")
        if version.kind == Catalog.KIND
        else ("code", "name", "basis", "note")
    )
    lines = [[row.get(name, "") for name in names] for row in version.content.get("rows", [])]
    return "\n".join(" ".join(str(word) for word in line if word) for line in lines)


def register() -> None:
    """Make guides, catalogs and negative lists known to search."""
    search.register_source(SOURCE, "公开指南和目录", queryset=rows, document=document)
