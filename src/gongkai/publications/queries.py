"""What staff pages of publishing read."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from gongkai.core import bundles
from gongkai.core.models import User
from gongkai.law import documents
from gongkai.publications.models import DocumentRelation, Publication, ScreeningHit

GROUND_LABELS = {ground.code: f"{ground.label}（{ground.article}）" for ground in documents.GROUNDS}


def find_document(words: str, user: User | None) -> Publication | None:
    """The document that a person names by document number, index number, case number or exact title.

    Only what the person may read, or what is public, is found; of several the newest counts.
    """
    named = Publication.objects.filter(
        Q(document_number=words) | Q(index_number=words) | Q(number=words.upper()) | Q(title=words)
    ).exclude(document_number="", index_number="", number="", title="")
    mine = (
        Publication.objects.visible_to(user).values("pk")
        if user is not None
        else Publication.objects.none().values("pk")
    )
    allowed = named.filter(Q(current_version__isnull=False) | Q(pk__in=mine))
    return allowed.order_by("-current_version", "-pk").first()


def case_context(case: Publication, user: User) -> dict[str, Any]:
    """What the case page shows of a publication, its short lists in one query."""
    lists = bundles.gather(
        {
            "hits": bundles.rows(
                ScreeningHit.objects.filter(publication=case.pk).order_by("-blocking", "id"), limit=200
            ),
            "steps": bundles.rows(
                case.steps.order_by("-round", "ordinal"),
                "id",
                "round",
                "ordinal",
                "purpose",
                "role",
                "decision",
                "opinion",
                "by_label",
                "at",
                "unit__short_name",
                limit=60,
            ),
            "files": bundles.rows(
                case.files.order_by("ordinal", "id"),
                "id",
                "name",
                "inline",
                "check_state",
                "failure",
                "digest",
                "size",
                "removed",
            ),
            "out": bundles.rows(
                DocumentRelation.objects.filter(source=case.pk).order_by("id"),
                "id",
                "kind",
                "outside",
                "note",
                "target__id",
                "target__title",
            ),
            "in": bundles.rows(
                DocumentRelation.objects.filter(target=case.pk).order_by("id"),
                "id",
                "kind",
                "note",
                "source__id",
                "source__title",
            ),
            "versions": bundles.rows(
                case.versions.order_by("-number"), "id", "number", "published_at", "note", "public", "published_by"
            ),
        }
    )
    return {"publication": case, "ground_label": GROUND_LABELS.get(case.ground, ""), **lists}


def load(rows: Any) -> Any:
    """What the case page reads of other records, joined to the query that loads the case."""
    return rows.select_related("column", "current_version").defer("current_version__body", "current_version__text")
