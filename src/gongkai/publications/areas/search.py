"""What search finds of key areas: one document for each public row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from gongkai.core import search
from gongkai.publications.areas import catalog, outward
from gongkai.publications.areas.models import Entry


def rows() -> QuerySet[Entry]:
    """Exactly what is public."""
    return Entry.objects.filter(published=True).select_related("dataset", "dataset__own", "unit")


def document(entry: Any) -> search.SearchDocument:
    """A public row as the index keeps it."""
    template = entry.dataset.template
    facts = outward.facts_of(entry)
    return search.SearchDocument(
        source=outward.SOURCE,
        pk=entry.pk,
        title=entry.title if entry.title == template.title else f"{entry.title}（{template.title}）",
        url=entry.get_absolute_url(),
        body="\n".join(f"{label}：{said}" for label, said in facts),
        numbers=tuple(said for label, said in facts if label.endswith(("文号", "编号", "代码")))[:6],
        unit=entry.unit_id,
        unit_name=entry.unit.name,
        category="重点领域",
        subject=catalog.AREAS.get(template.area, "其他"),
        day=entry.day,
        year=entry.year,
        public=True,
    )


def register() -> None:
    """Make the rows of key areas known to search."""
    search.register_source(outward.SOURCE, "重点领域数据", queryset=rows, document=document)
