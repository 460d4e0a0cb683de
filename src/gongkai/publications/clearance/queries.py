"""What the pages of one voice read."""

from __future__ import annotations

from typing import Any

from gongkai.core import bundles
from gongkai.core.models import User
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.models import Publication

# What a list needs of a clearance; the key's column is named by the link to the case.
CLEARANCE_COLUMNS = (str(Clearance._meta.pk.attname), "id", "kind", "number", "state", "opened_at", "line")
LIGHTS = {"": "wait", "agrees": "done", "objects": "late", "nothing": "ok"}


def clearance_context(case: Clearance, user: User) -> dict[str, Any]:
    """The question, what each unit said, and the line."""
    lists = bundles.gather(
        {
            "shares": bundles.rows(
                ClearanceShare.objects.filter(clearance=case.pk).order_by("pk"),
                "id",
                "state",
                "stance",
                "known_facts",
                "remark",
                "answered_by",
                "answered_at",
                "unit__id",
                "unit__name",
                "unit__short_name",
                limit=100,
            )
        }
    )
    for share in lists["shares"]:
        share.tone = LIGHTS[share.stance]
    return {
        "clearance": case,
        "changed": case.draft_digest != case.publication.content_digest,
        "publication_opens": Publication.objects.visible_to(user).filter(pk=case.publication_id).exists(),
        **lists,
    }


def share_context(case: ClearanceShare, user: User) -> dict[str, Any]:
    """What the unit is asked, what it said, and the line when there is one."""
    return {"share": case, "clearance": case.clearance}


def of_publication(publication: int) -> Any:
    """The clearances of a document, for its page."""
    return Clearance.objects.filter(publication=publication).exclude(state="dropped").order_by("-pk")
