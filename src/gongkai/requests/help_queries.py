"""What the page of a matter of help reads: the question, and the answer for those who may know it."""

from __future__ import annotations

from typing import Any

from gongkai.core.models import User
from gongkai.requests.models import Help


def case_context(case: Help, user: User) -> dict[str, Any]:
    """The question and its answer. Nothing of the applicant is read here."""
    consultation = case.consultation
    own = user.roles_at(case.lead) if case.lead_id else ()
    return {
        "help": case,
        "consultation": consultation,
        "meeting": consultation.meeting,
        # Only the body that asked may open the request itself.
        "request_url": consultation.request.get_absolute_url() if own else "",
        "request_number": consultation.request.number if own else "",
    }
