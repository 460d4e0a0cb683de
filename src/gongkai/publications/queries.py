"""What staff pages of publishing read."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from gongkai.core import bundles
from gongkai.core.models import User, readable_case
from gongkai.core.roles import STAFF
from gongkai.core.templatetags.gongkai import fullday
from gongkai.law import documents
from gongkai.publications.models import DocumentRelation, Publication, ScreeningHit

# The working copy may be changed in these states.
EDITABLE = frozenset({"draft", "returned", "approved", "scheduled"})
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
    # One voice stands on this room; it is asked when it is there.
    from gongkai.publications.clearance.queries import CLEARANCE_COLUMNS, of_publication

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
            "links_out": bundles.rows(
                DocumentRelation.objects.filter(source=case.pk)
                .annotate(opens=readable_case(user, "target_id"))
                .order_by("id"),
                "id",
                "opens",
                "kind",
                "outside",
                "note",
                "target__case_ptr_id",
                "target__id",
                "target__title",
                "target__current_version_id",
            ),
            "links_in": bundles.rows(
                # What others write about this document is told once it is public, or to whoever may read it.
                DocumentRelation.objects.filter(target=case.pk)
                .annotate(opens=readable_case(user, "source_id"))
                .filter(Q(opens__isnull=False) | Q(source__current_version__isnull=False))
                .order_by("id"),
                "id",
                "opens",
                "kind",
                "note",
                "source__case_ptr_id",
                "source__id",
                "source__title",
                "source__current_version_id",
            ),
            "clearances": bundles.rows(
                of_publication(case.pk).annotate(opens=readable_case(user, "pk")), *CLEARANCE_COLUMNS, "opens", limit=5
            ),
            "versions": bundles.rows(
                case.versions.order_by("-number"), "id", "number", "published_at", "note", "public", "published_by"
            ),
        }
    )
    hits = lists.pop("hits")
    return {
        "publication": case,
        "open_hits": [hit for hit in hits if not hit.resolution],
        "settled_hits": [hit for hit in hits if hit.resolution],
        "attached": [file for file in lists.pop("files") if not file.inline],
        "metadata": metadata(case),
        "may_edit": case.state in EDITABLE and bool(user.roles_at(case.unit) & set(STAFF)),
        **lists,
    }


def metadata(case: Publication) -> list[tuple[str, str]]:
    """Labels and values of the metadata block, as on the public page; empty ones are left out by the template."""
    said: list[tuple[str, str]] = []
    for name in Publication.METADATA:
        field: Any = Publication._meta.get_field(name)
        value = getattr(case, name)
        if field.choices:
            value = getattr(case, f"get_{name}_display")()
        elif isinstance(value, bool):
            value = "是" if value else ""
        elif hasattr(value, "isoformat"):
            value = fullday(value)
        said.append((str(field.verbose_name), str(value or "")))
    return [
        *said,
        ("目录栏目", str(case.column or "")),
        ("不予公开情形", GROUND_LABELS.get(case.ground, "")),
        ("不主动公开的理由", case.reason),
        ("负面清单条目", case.negative_entry),
        ("下次复查", fullday(case.review_on) if case.review_on else ""),
        ("解读方案", case.plan),
        ("缺项例外理由", case.gate_exception),
        ("敏感或社会关注度高", "是，发布前统一口径" if case.watched else ""),
        ("批准", case.approved_by),
        ("定时发布", fullday(case.release_at) if case.release_at else ""),
    ]


def load(rows: Any) -> Any:
    """What the case page reads of other records, joined to the query that loads the case."""
    return rows.select_related("column", "current_version").defer("current_version__body", "current_version__text")
