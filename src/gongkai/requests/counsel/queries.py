"""What the pages of legal counsel read, and what other pages show of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import STAFF, Role
from gongkai.requests.counsel.models import Counsel, Opinion

MAY_SEE_CONTACT = frozenset({*STAFF, Role.OFFICE, Role.LEADER, Role.LEGAL})


def may_ask(unit: Unit | None) -> QuerySet[Counsel]:
    """The counsel in office that a unit may ask: its own and those shared by others."""
    today = timezone.localdate()
    rows = Counsel.objects.filter(state="serving", since__lte=today).filter(Q(until=None) | Q(until__gte=today))
    return rows.filter(Q(shared=True) | Q(unit=unit)).select_related("office").order_by("name", "pk")


def counsel_context(case: Counsel, user: User) -> dict[str, Any]:
    """The appointment, how to reach it, what it was asked."""
    found = Opinion.objects.filter(counsel=case.pk).aggregate(
        all_asked=Count("pk"),
        all_given=Count("pk", filter=Q(given_on__isnull=False)),
        all_adopted=Count("pk", filter=Q(adopted__in=(Opinion.Adopted.WHOLE, Opinion.Adopted.PART))),
        all_settled=Count("pk", filter=~Q(adopted="")),
    )
    near = bool(user.role_set & MAY_SEE_CONTACT)
    return {
        "counsel": case,
        "contact": case.contact if near else "",
        "has_contact": bool(case.contact),
        "over": case.until is not None and case.until < timezone.localdate() and case.is_open,
        **{name.replace("all_", "number_"): number for name, number in found.items()},
    }


def opinion_context(case: Opinion, user: User) -> dict[str, Any]:
    """The question, the advice, what became of it."""
    subject = case.subject
    may = subject is not None and Case.objects.visible_to(user).filter(pk=subject.pk).exists()
    return {"opinion": case, "subject": subject, "subject_url": subject.get_absolute_url() if subject and may else ""}


def asked(case: Case, user: User) -> dict[str, Any]:
    """What `counsel/parts/asked.html` reads: the advice asked on any case, and the way to ask for more."""
    own = user.roles_at(case.unit)
    rows = Opinion.objects.filter(subject=case.pk).select_related("counsel").order_by("-pk")[:20]
    return {
        "counsel_opinions": list(rows),
        "counsel_url": f"{reverse('counsel:ask')}?case={case.pk}" if own & {*STAFF, Role.LEADER} else "",
    }


def by_sort(user: User) -> dict[str, int]:
    """How many matters of each sort the person may read."""
    rows = Opinion.objects.visible_to(user).exclude(state="withdrawn")
    return dict(rows.order_by().values_list("sort").annotate(number=Count("pk")))
