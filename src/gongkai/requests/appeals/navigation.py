"""The lines of reconsideration and litigation in the navigation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from gongkai.core import navigation, portal
from gongkai.core.models import User


def _waiting(user: User) -> QuerySet[Any] | None:
    from gongkai.requests.appeals.models import Appeal

    units = list(user.roles_by_unit)
    return Appeal.objects.filter(turn_unit__in=units, closed_at__isnull=True) if units else None


def _addresses() -> list[tuple[str, Any]]:
    from django.urls import reverse

    from gongkai.core import jurisdiction
    from gongkai.requests.appeals.models import Precedent

    if not jurisdiction.value("appeals.public_precedents"):
        return []
    rows = Precedent.objects.filter(state="published", public=True).values_list("pk", "published_at")
    return [(reverse("precedents-public:one", args=[pk]), at) for pk, at in rows]


def register_all() -> None:
    """Put the pages into the shell."""
    work = navigation.workers
    navigation.register("业务", "复议诉讼", "gavel", "appeals:index", work, _waiting, order=26)
    navigation.register("业务", "典型案例", "book-marked", "precedents:index", work, order=27)
    navigation.register("统计与检查", "专项督查和交流", "search-check", "appeals:reviews", work, order=44)
    portal.register_sitemap(_addresses)
