"""The lines of conversion and hot topics in the navigation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from gongkai.core import navigation
from gongkai.core.models import User


def _waiting(user: User) -> QuerySet[Any] | None:
    from gongkai.requests.conversion.models import Conversion

    units = list(user.roles_by_unit)
    return Conversion.objects.filter(turn_unit__in=units, closed_at__isnull=True) if units else None


def register_all() -> None:
    """Put the pages into the shell."""
    work = navigation.workers
    navigation.register("业务", "转为主动公开", "share-2", "conversion:index", work, _waiting, order=25)
    navigation.register("业务", "热点", "flame", "conversion:topics", work, order=29)
