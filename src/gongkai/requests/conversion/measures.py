"""Figures of conversion."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.models import Conversion, TopicProposal
from gongkai.requests.conversion.opening import CLOCK
from gongkai.requests.models import Request


def scoped(rows: QuerySet[Any], scope: Scope, column: str) -> QuerySet[Any]:
    """Rows of the units and the period of a scope; `column` is a day."""
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(**{f"{column}__gte": scope.since})
    if scope.until:
        rows = rows.filter(**{f"{column}__lt": scope.until})
    return rows


def gave() -> QuerySet[Request]:
    """Requests whose reply gave something."""
    return Request.objects.filter(reply__decision__in=giving.GIVING, replied_on__isnull=False)


@measure(
    "conversion.share",
    "依申请提供的信息转为主动公开的比例",
    "%",
    help="答复提供了信息的申请中，已经转为主动公开的比例。",
)
def conversion_share(scope: Scope) -> Figure:
    """Of what was given, how much everybody can read now."""
    found = scoped(gave(), scope, "replied_on").aggregate(
        all=Count("pk"), done=Count("pk", filter=Q(conversion__state="done"))
    )
    return share(found["done"], found["all"], "state=done")


@measure(
    "conversion.on_time_share",
    "按期转为主动公开的比例",
    "%",
    help="应当转为主动公开、已经公开或者已经过了期限的事项中，在答复后30日内公开的比例；暂缓的也按原期限算。",
)
def on_time_share(scope: Scope) -> Figure:
    """Of what had to be public by now, how much was in time."""
    rows = scoped(Conversion.objects.exclude(state="declined"), scope, "replied_on")
    late = Q(closed_at__isnull=True, clocks__code=CLOCK, clocks__due_at__lte=timezone.now())
    found = rows.aggregate(
        kept=Count("pk", filter=Q(in_time=True), distinct=True),
        judged=Count("pk", filter=Q(in_time__isnull=False) | late, distinct=True),
    )
    return share(found["kept"], found["judged"])


@measure(
    "conversion.undecided",
    "还没有判断可否转为主动公开",
    "件",
    better="lower",
    help="答复提供了信息，还没有判断可否转为主动公开的件数。",
)
def undecided(scope: Scope) -> Figure:
    """Waiting for a judgement."""
    return Figure(
        scoped(Conversion.objects.filter(state="judging"), scope, "replied_on").count(), cases="state=judging"
    )


@measure("conversion.topics_answered", "热点建议采纳率", "%", help="已经有结论的热点主动公开建议中，采纳的比例。")
def topics_answered(scope: Scope) -> Figure:
    """Of proposals with an answer, how many were taken up."""
    rows = scoped(TopicProposal.objects.exclude(state__in=("proposed", "declining")), scope, "proposed_on")
    found = rows.aggregate(all=Count("pk"), taken=Count("pk", filter=~Q(state="declined")))
    return share(found["taken"], found["all"])
