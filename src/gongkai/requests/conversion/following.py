"""What happens elsewhere: a reply goes out, a publication becomes public or is dropped."""

from __future__ import annotations

from typing import Any

from gongkai.core.acts import Work
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.models import Conversion, TopicProposal, Verdict
from gongkai.requests.conversion.opening import open_conversion
from gongkai.requests.models import Reply

PUBLIC = "published"


def request_changed(work: Work) -> None:
    """A reply that gives information goes out: what the public may know is to be published (004-9)."""
    if work.act.name != "deliver":
        return
    reply = Reply.objects.filter(request=work.case.pk).only("decision").first()
    if reply is None or reply.decision not in giving.GIVING or work.case.public_interest == Verdict.NO:
        return
    if not Conversion.objects.filter(request=work.case.pk).exists():
        open_conversion(work, work.case, work.case.public_interest)


def publication_changed(work: Work) -> None:
    """A publication that was drafted for a conversion became public, or was dropped."""
    event: Any = work.event
    # What was just opened was drafted for nobody yet, also where it is public at once, as a document taken over is.
    if event is None or event.state_before in ("", event.state_after):
        return
    if work.case.state == PUBLIC:
        for conversion in Conversion.objects.filter(publication=work.case.pk, closed_at__isnull=True):
            work.perform("conversion.publish", conversion)
        for proposal in TopicProposal.objects.filter(
            publications__publication=work.case.pk, state="accepted", closed_at__isnull=True
        ).distinct():
            work.perform("topic_proposal.publish", proposal)
    elif work.case.state == "dropped":
        for conversion in Conversion.objects.filter(publication=work.case.pk, state="drafted"):
            work.perform("conversion.draft_dropped", conversion)
