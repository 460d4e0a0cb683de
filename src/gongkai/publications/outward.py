"""The one place where something becomes public, changes in public, or stops being public.

Everything that follows from it happens here, inside the act's transaction: the row that public pages ask, the entry
in the transparency log, the search index, the kept pages. What listens from outside (feeds, hooks, docking) registers
in `listeners`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from gongkai.core import pages, search, transparency
from gongkai.core.acts import Work
from gongkai.law import documents, validity
from gongkai.publications import content
from gongkai.publications.models import CatalogColumn, Publication, PublicDocument, Version, WithdrawalNote

# Called with what happened: published, amended, withdrawn, validity_changed, related.
Listener = Callable[[str, Publication, PublicDocument | None], None]
listeners: list[Listener] = []

SOURCE = "document"


def subject_of(publication: Publication) -> str:
    """Under which name the log knows a document: it never changes and names no person."""
    return f"document/{publication.pk}"


def tags_of(publication: Publication) -> list[str]:
    """What pages that show the document are tagged with."""
    return [
        f"document:{publication.pk}",
        f"unit:{publication.unit_id}",
        f"column:{publication.column_id or 0}",
        "documents",
    ]


def show(work: Work, publication: Publication, version: Version) -> PublicDocument:
    """A version is public from now on; the one before it stays addressable."""
    publication.current_version = version
    day = timezone.localdate(work.now)
    publication.validity = validity_of(publication, day)
    row = public_row(publication, version, work.now)
    row.save()
    WithdrawalNote.objects.filter(publication=publication.pk).delete()
    _renew_column(publication, version.published_at)
    what = "published" if version.number == 1 else "amended"
    files = [(file.name, file.digest) for file in version.files.all()]
    transparency.record(
        work,
        act=what,
        subject=subject_of(publication),
        version=version.number,
        content=content.released(version),
        files=files,
        address=publication.public_address,
    )
    _tell(what, publication, row)
    return row


def public_row(publication: Publication, version: Version, now: dt.datetime) -> PublicDocument:
    """The narrow row of what is public; not saved."""
    return PublicDocument(
        publication=publication,
        version=version,
        unit_id=version.unit_id,
        column_id=publication.column_id,
        title=version.title,
        document_number=version.document_number,
        index_number=version.index_number,
        issuer=version.issuer,
        subject=version.subject,
        document_kind=version.document_kind,
        year=(version.made_on or timezone.localdate(version.published_at)).year,
        made_on=version.made_on,
        published_at=publication.published_at,
        changed_at=now,
        validity=publication.validity,
        effective_on=version.effective_on,
        expires_on=publication.expires_on,
        repealed_on=publication.repealed_on,
        normative=version.normative,
        policy=version.policy,
        stage=version.stage,
    )


def hide(work: Work, publication: Publication, reason: str, successor: Publication | None = None) -> None:
    """Nothing of the document is public any more but a note that it was withdrawn, and why."""
    version = publication.current_version
    if version is None:
        return
    PublicDocument.objects.filter(publication=publication.pk).delete()
    WithdrawalNote.objects.update_or_create(
        publication_id=publication.pk,
        defaults={
            "title": version.title,
            "unit_id": version.unit_id,
            "published_at": publication.published_at or version.published_at,
            "withdrawn_at": work.now,
            "reason": reason,
            "successor": successor,
        },
    )
    publication.versions.update(public=False)
    publication.current_version = None
    transparency.record(work, act="withdrawn", subject=subject_of(publication), address=publication.public_address)
    _tell("withdrawn", publication, None)


def mark(work: Work, publication: Publication) -> None:
    """Validity or its dates changed; the text did not."""
    publication.validity = validity_of(publication, timezone.localdate(work.now))
    row = PublicDocument.objects.filter(publication=publication.pk).first()
    if row is None:
        return
    row.validity, row.expires_on, row.repealed_on = (
        publication.validity,
        publication.expires_on,
        publication.repealed_on,
    )
    _marked(work, publication, row)


def mark_day(work: Work, publication: Publication) -> PublicDocument | None:
    """A day came that ends what is public; its own dates count, not those of a working copy. None: nothing is public."""
    row = PublicDocument.objects.filter(publication=publication.pk).first()
    if row is None:
        return None
    publication.validity = row.validity = validity_of(row, timezone.localdate(work.now))
    _marked(work, publication, row)
    return row


def _marked(work: Work, publication: Publication, row: PublicDocument) -> None:
    row.changed_at = work.now
    row.save()
    detail = {"amended": "modified", "valid": "valid"}.get(publication.validity, publication.validity)
    transparency.record(
        work,
        act="validity_changed",
        subject=subject_of(publication),
        content={"validity": row.validity, "until": row.expires_on},
        detail=detail,
        address=publication.public_address,
    )
    _tell("validity_changed", publication, row)


def related(work: Work, publication: Publication, other: Publication | None) -> None:
    """A link was made or taken away: the pages of both ends show it."""
    for one in (publication, other):
        if one is not None and one.current_version_id:
            pages.drop(*tags_of(one))


def validity_of(publication: Publication | PublicDocument, day: dt.date) -> str:
    """What the document is on a day, by `law.validity`."""
    amended = publication.validity == validity.Validity.AMENDED
    return str(
        validity.validity_on(
            day,
            normative=publication.normative,
            last_day=publication.expires_on,
            repealed_on=publication.repealed_on,
            amended=amended,
            effective_on=publication.effective_on,
        )
    )


def _renew_column(publication: Publication, at: dt.datetime) -> None:
    if publication.column_id:
        CatalogColumn.objects.filter(pk=publication.column_id).exclude(updated_at__gt=at).update(updated_at=at)


def _tell(what: str, publication: Publication, row: PublicDocument | None) -> None:
    pages.drop(*tags_of(publication), "home", "sitemap")
    if row is None:
        search.removed(SOURCE, publication.pk)
    else:
        search.changed(SOURCE, publication.pk)
    for listener in listeners:
        listener(what, publication, row)


def may_be_public(publication: Publication) -> bool:
    """Only proactively disclosed information gets out, and only as it was approved."""
    return publication.attribute == documents.Attribute.PROACTIVE and publication.approval_holds
