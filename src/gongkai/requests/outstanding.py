"""Which letters still have to reach somebody: what is overtaken by the course of a request is neither sent nor awaited."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.core.models import Clock
from gongkai.requests.models import Delivery, Request, Supplement

# The time for asking a supplement means something only while one may still be asked.
_ASKABLE = frozenset(
    {"unconfirmed", "received", "handling", "consulting", "explaining", "paying", "extending", "review"}
)


def notice_runs(case: Request, clock: Clock) -> bool:
    """Whether a clock that only bounds asking a supplement (art. 30) still bounds anything; True for other clocks."""
    if clock.code not in Request.QUIET_CLOCKS or not clock.is_open:
        return True
    return case.state in _ASKABLE


def letters(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Of these deliveries those that still matter.

    A supplement notice matters while the supplement is awaited: not after it came or lapsed, nor once the request ended.
    A letter that never went out before its request ended (a reply signed just before the applicant withdrew) stays in.
    """
    closed = Q(request__closed_at__isnull=False)
    asked = Supplement.objects.filter(letter=OuterRef("letter"))
    went_out = Delivery.objects.filter(letter=OuterRef("letter"), sent_on__isnull=False)
    rows = rows.exclude(Exists(asked.exclude(state=Supplement.State.WAITING)))
    rows = rows.exclude(closed & Exists(asked))
    return rows.exclude(closed & Q(sent_on__isnull=True) & ~Exists(went_out))
