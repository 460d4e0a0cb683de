"""Key areas' lines in the navigation of the workbench and of the portal."""

from __future__ import annotations

from typing import Any

from gongkai.core import navigation, portal
from gongkai.core.models import Case
from gongkai.core.roles import STAFF
from gongkai.publications.areas import public_queries
from gongkai.publications.areas.models import Batch, DatasetUpdate


def _waiting(user: Any) -> Any:
    """Datasets that are due, and batches that came back, of the person's units."""
    if not user.role_set & set(STAFF):
        return None
    open_ones = Case.objects.open().filter(kind__in=[Batch.KIND, DatasetUpdate.KIND], state__in=["returned", "open"])
    return open_ones.filter(unit__in=list(user.roles_by_unit))


def register_all() -> None:
    """Put the pages of key areas into navigation, portal and sitemap."""
    navigation.register("业务", "重点领域", "table-2", "areas:index", navigation.workers, _waiting, order=22)
    portal.register_page("重点领域", "areas-public:index", 30)
    portal.register_home_part("areas/public/_home.html", public_queries.home_part, order=20)
    portal.register_sitemap(public_queries.addresses)
