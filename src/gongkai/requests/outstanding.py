"""Which letters still have to reach somebody: what is overtaken by the course of a request is neither sent nor awaited."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongkai.core.models import Clock
from gongkai.requests.models import Delivery, Reply, Request, Supplement

# The time for asking a supplement means something only while one may still be asked.
_ASKABLE = frozenset(
    {"unconfirmed", "received", "handling", "consulting", "explaining", "paying", "extending", "review"}
)

# Letters that tell how a request ended without a reply: moved, merged, withdrawn. They go out after its end.
_CLOSING = ("requests-transfer", "requests-l12-o3", "requests-l15")


def notice_runs(case: Request, clock: Clock) -> bool:
    """Whether a clock that only bounds asking a supplement (art. 30) still bounds anything; True for other clocks."""
    if clock.code not in Request.QUIET_CLOCKS or not clock.is_open:
        return True
    return case.state in _ASKABLE


def letters(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Of these deliveries those that still matter.

    A supplement notice matters while the supplement is awaited: not after it came or lapsed, nor once the request ended.
    A letter that never went out before its request ended (a reply signed just before the applicant withdrew) stays in;
    one that tells of this end goes out.
    """
    closed = Q(request__closed_at__isnull=False)
    asked = Supplement.objects.filter(letter=OuterRef("letter"))
    went_out = Delivery.objects.filter(letter=OuterRef("letter"), sent_on__isnull=False)
    rows = rows.exclude(Exists(asked.exclude(state=Supplement.State.WAITING)))
    rows = rows.exclude(closed & Exists(asked))
    tells_the_end = Q(letter__code__in=_CLOSING) & ~Exists(_replies())
    return rows.exclude(closed & Q(sent_on__isnull=True) & ~Exists(went_out) & ~tells_the_end)


def _replies() -> QuerySet[Reply]:
    return Reply.objects.filter(letter=OuterRef("letter"))


def of_result(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Of these deliveries those of the letter that told the result; not of notices on the way."""
    return rows.filter(Q(letter__code__in=_CLOSING) | Exists(_replies()))


def with_reply(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Of letters to be sent those that go out in 送达答复: the reply that was signed, and with it those to third parties."""
    return rows.filter(
        Q(addressee=Delivery.Addressee.THIRD_PARTY) | Exists(_replies()), request__state="signed", sent_on__isnull=True
    )


def apart(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Letters to be sent that go out each by itself (登记发出)."""
    return letters(rows).filter(sent_on__isnull=True).exclude(pk__in=with_reply(rows).values("pk"))
