"""What the pages of conversion read."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from gongkai.core.models import Case, User
from gongkai.requests.conversion import settings
from gongkai.requests.conversion.models import (
    CampaignItem,
    Conversion,
    ConversionCampaign,
    HotTopic,
    ProposalPublication,
    TopicProposal,
    Verdict,
)


def readable(user: User, *cases: Case | None) -> set[int]:
    """Which of these cases the person may open; one query."""
    pks = [case.pk for case in cases if case is not None]
    return set(Case.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()


def conversion_context(case: Conversion, user: User) -> dict[str, Any]:
    """What was given, what was thought of it, where the draft is."""
    return {
        "conversion": case,
        "open_to_user": readable(user, case.request, case.publication),
    }


def campaign_figures(pk: int) -> dict[str, int]:
    """How far a review of replies is."""
    rows = CampaignItem.objects.filter(campaign=pk)
    return rows.aggregate(
        items=Count("pk"),
        undecided=Count("pk", filter=Q(verdict="")),
        yes=Count("pk", filter=Q(verdict=Verdict.YES)),
        no=Count("pk", filter=Q(verdict=Verdict.NO)),
        public=Count("pk", filter=Q(request__conversion__state="done")),
    )


def campaign_context(case: ConversionCampaign, user: User) -> dict[str, Any]:
    """A review of replies with its figures and the first items."""
    rows = CampaignItem.objects.filter(campaign=case.pk).select_related("request").order_by("pk")
    return {
        "campaign": case,
        "numbers": campaign_figures(case.pk),
        "items": list(rows[:15]),
        "items_url": reverse("conversion:items", args=[case.pk]),
    }


def proposal_context(case: TopicProposal, user: User) -> dict[str, Any]:
    """A proposal, what was published for it, and what came of it."""
    from gongkai.requests.conversion import topics

    links = list(ProposalPublication.objects.filter(proposal=case.pk).select_related("publication"))
    return {
        "proposal": case,
        "links": links,
        "open_to_user": readable(user, *(link.publication for link in links)),
        "effect": topics.before_and_after(case, timezone.localdate()),
    }


def source_words(by_source: dict[str, int]) -> str:
    """依申请公开5，12345热线12."""
    names = {"request": "依申请公开", **settings.sources()}
    pairs = sorted(by_source.items(), key=lambda pair: -pair[1])
    return "，".join(f"{names.get(code, code)}{number}" for code, number in pairs)


def growth_words(topic: HotTopic) -> str:
    """How a topic stands against the period before."""
    if not topic.earlier:
        return "新出现"
    difference = topic.number - topic.earlier
    if not difference:
        return "持平"
    return f"{'增加' if difference > 0 else '减少'}{abs(difference)}（{round(100 * abs(difference) / topic.earlier)}%）"
