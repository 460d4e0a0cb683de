"""Publishing's lines in the navigation of the workbench."""

from __future__ import annotations

from typing import Any

from gongkai.core import navigation
from gongkai.core.models import Case
from gongkai.core.roles import STAFF
from gongkai.publications.models import Publication


def _returned(user: Any) -> Any:
    """What came back to the person's units, or was approved and waits for its release."""
    if not user.role_set & set(STAFF):
        return None
    open_ones = Case.objects.open().filter(kind=Publication.KIND, state__in=["returned", "approved"])
    return open_ones.filter(unit__in=list(user.roles_by_unit))


def register_all() -> None:
    """Put publishing's pages into the navigation."""
    navigation.register("业务", "信息发布", "newspaper", "publications:index", navigation.workers, _returned, order=20)
