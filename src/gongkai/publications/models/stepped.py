"""Review kept on the case itself: for what needs no rows of its own for its steps (a batch of data, a post)."""

from __future__ import annotations

from typing import Any

from django.db import models

from gongkai.publications.models.review import ReviewPurpose


class Stepped(models.Model):
    """The review of a case whose steps stand in a column; a document's steps are rows, for they are kept over rounds.

    `steps` tells of this round: {purpose, unit, unit_name, role, decision, opinion, by, by_label, at} in order.
    An approval holds for the digest it was given for.
    """

    content_digest = models.CharField(max_length=64, blank=True)
    approved_digest = models.CharField(max_length=64, blank=True)
    approved_by = models.CharField("批准人岗位", max_length=120, blank=True)
    authors = models.JSONField("填报人", default=list, blank=True)
    round = models.PositiveIntegerField("第几轮审核", default=0)
    steps = models.JSONField("审核环节", default=list, blank=True)
    purpose = models.CharField("审核到哪个环节", max_length=10, blank=True)

    class Meta:
        abstract = True

    @property
    def step(self) -> dict[str, Any] | None:
        """The step of review that is next."""
        return next((step for step in self.steps if not step["decision"]), None)

    @property
    def approval_holds(self) -> bool:
        """Whether the approval was given for exactly this content."""
        return bool(self.approved_digest) and self.approved_digest == self.content_digest

    def refine_turn(self) -> None:
        """In review it is the turn of whoever the next step asks."""
        case: Any = self
        self.purpose = ""
        step = self.step if case.state == "review" else None
        if step is not None:
            case.turn_unit_id, case.turn_role = step["unit"], step["role"]
            self.purpose, case.ask = step["purpose"], str(ReviewPurpose(step["purpose"]).label)
