"""What a publication says: one plain form of it, and the digest that reviews, versions and the log commit to."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gongkai.publications import body
from gongkai.publications.models import Publication, Version


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def reviewed(publication: Publication) -> dict[str, Any]:
    """All that reviewers look at, as plain values: metadata, text, files, and why it is (not) to be public."""
    return {
        "title": publication.title,
        "unit": publication.unit_id,
        "column": publication.column_id,
        **{name: _plain(getattr(publication, name)) for name in Publication.METADATA if name != "index_number"},
        "body": body.canonical(publication.body),
        "files": [
            [file.name, file.original.digest]
            for file in publication.files.select_related("original").order_by("ordinal", "id")
        ],
        "ground": publication.ground,
        "reason": publication.reason,
        "negative_entry": publication.negative_entry,
        "plan": publication.plan,
        # Named only where it is set, so that what was approved before there was such a mark stays approved.
        **({"watched": True} if publication.watched else {}),
    }


def digest(content: Any) -> str:
    """SHA-256 over the canonical JSON of plain values."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def refresh(publication: Publication) -> bool:
    """Bring the digest of the working copy up to date; returns whether the content is another one than before."""
    before, publication.content_digest = publication.content_digest, digest(reviewed(publication))
    return before != publication.content_digest


def released(version: Version) -> dict[str, Any]:
    """What the public reads of a version, as plain values; the transparency log commits to it."""
    return {
        "title": version.title,
        "unit": version.unit.name,
        **{name: _plain(getattr(version, name)) for name in Publication.METADATA},
        "body": body.canonical(version.body),
    }
