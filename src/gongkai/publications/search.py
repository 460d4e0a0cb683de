"""What search finds of publications: the released version for everybody, never the working copy."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core import search
from gongkai.law import documents
from gongkai.publications.models import PublicDocument
from gongkai.publications.outward import SOURCE


def rows() -> QuerySet[PublicDocument]:
    """Exactly what is public."""
    return PublicDocument.objects.select_related("version", "unit").prefetch_related("version__files")


def document(row: Any) -> search.SearchDocument:
    """A public document as the index keeps it."""
    return search.SearchDocument(
        source=SOURCE,
        pk=row.pk,
        title=row.title,
        url=row.get_absolute_url(),
        body=row.version.text,
        numbers=tuple(number for number in (row.document_number, row.index_number) if number),
        attachments=tuple(
            search.AttachedText(file.name, file.text) for file in row.version.files.all() if not file.inline
        ),
        unit=row.unit_id,
        unit_name=row.unit.name,
        category=row.document_kind,
        subject=row.subject,
        validity=row.get_validity_display(),
        day=row.made_on or timezone.localdate(row.published_at),
        public=True,
    )


def register() -> None:
    """Make public documents known to search."""
    search.register_source(SOURCE, "政府信息", queryset=rows, document=document)
    # A notice comes before the news that tells of it.
    search.register_leading(*documents.OFFICIAL_KINDS)
