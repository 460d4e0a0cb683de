"""What a clearance means for the release of a document."""

from __future__ import annotations

from gongkai.publications.clearance.models import Clearance
from gongkai.publications.models import Publication

NOT_ASKED = "这条信息标为敏感或社会关注度高，请先“征求口径”，再送审。"
NOT_SETTLED = "各单位的口径还没有统一。请先到“统一口径”里确定口径。"


def of_next_version(publication: Publication) -> dict[str, int]:
    """How many clearances of the version in work stand in each state; a dropped one counts for nothing."""
    rows = Clearance.objects.filter(publication=publication.pk, version_number=publication.version_count + 1)
    states = list(rows.values_list("state", flat=True))
    return {state: states.count(state) for state in ("open", "settled")}


def against_review(publication: Publication) -> str:
    """Why it cannot be sent up, in words; empty when it can."""
    if not publication.watched:
        return ""
    return "" if any(of_next_version(publication).values()) else NOT_ASKED


def against_release(publication: Publication) -> str:
    """Why it cannot be released, in words; empty when it can. An open clearance holds any document back."""
    found = of_next_version(publication)
    if found["open"] or (publication.watched and not found["settled"]):
        return NOT_SETTLED
    return ""
