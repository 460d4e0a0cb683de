"""The chain of review that a publication goes through: set for the column, the unit, or everybody."""

from __future__ import annotations

from django.db.models import Q

from gongkai.core.acts import ActError, people_of
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.publications.models import PURPOSE_ROLES, Publication, ReviewChain, ReviewPurpose

# Without a chain of one's own: content, secrecy, legality for normative documents, approval.
DEFAULT = (ReviewPurpose.CONTENT, ReviewPurpose.SECRECY, ReviewPurpose.APPROVAL)
DEFAULT_NORMATIVE = (ReviewPurpose.CONTENT, ReviewPurpose.SECRECY, ReviewPurpose.LEGAL, ReviewPurpose.APPROVAL)


def steps_for(publication: Publication) -> list[str]:
    """The purposes in order; the approval is always the last one."""
    chains = ReviewChain.objects.filter(
        Q(unit=publication.unit_id) | Q(unit__isnull=True),
        Q(column=publication.column_id) | Q(column__isnull=True),
    )
    fitting = [chain for chain in chains if publication.normative or not chain.normative_only]
    if fitting:
        nearest = max(fitting, key=lambda chain: (chain.normative_only, bool(chain.column_id), bool(chain.unit_id)))
        steps = [step for step in nearest.steps if step != ReviewPurpose.APPROVAL]
        return [*steps, ReviewPurpose.APPROVAL]
    return list(DEFAULT_NORMATIVE if publication.normative else DEFAULT)


def place_of(publication: Publication, purpose: str) -> tuple[Unit, Role]:
    """Who takes a step: the role in the unit itself, else in the office that supervises it.

    Raises ActError when nobody holds the role, with what has to be done.
    """
    role = PURPOSE_ROLES[purpose]
    for unit in (publication.unit, publication.supervisor):
        if unit is None:
            continue
        people = people_of(unit, role).exclude(pk__in=publication.authors)
        if people.exists():
            return unit, role
    raise ActError(
        f"“{ReviewPurpose(purpose).label}”这一步没有人能办：本单位和主管单位都没有其他{role.label}。"
        "请联系安全保密管理员登记人员，或请政务公开主管调整审核流程。"
    )
