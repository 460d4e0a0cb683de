"""Personal data of appeals: what a case page may show by need, and when it is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from gongkai.core import jurisdiction, privacy
from gongkai.core.acts import Act, Work, perform
from gongkai.core.models import User
from gongkai.core.privacy import mask, retention
from gongkai.core.roles import STAFF, Role
from gongkai.requests.appeals.models import Appeal

NEEDING = frozenset({*STAFF, Role.LEADER, Role.REVIEWER, Role.LEGAL})
CONTESTED = "requests.contested_retention_years"
_CLOSED = frozenset({"decided", "void"})


class Erase(Act):
    """到期删除个人信息."""

    kind, name, label, icon = Appeal.KIND, "erase", "到期删除个人信息", "eraser"
    from_states = _CLOSED
    system = True

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        case.party, case.answer, case.gist = "", "", ""


def _due(before: dt.datetime) -> QuerySet[Appeal]:
    """Closed before a moment, and as long after it as contested requests are kept longer than others."""
    more = jurisdiction.value(CONTESTED) - jurisdiction.value(retention.SETTING)
    before -= dt.timedelta(days=round(max(more, 0) * 365.25))
    return Appeal.objects.filter(state__in=_CLOSED, closed_at__lt=before)


def _erase(case: Any) -> None:
    perform(Erase, case, None)


def _described(case: Any) -> list[tuple[str, str, str]]:
    return [("party", case.party_word, mask.name(case.party))] if case.party else []


def _values(case: Any, keys: Collection[str]) -> dict[str, str]:
    return {"party": case.party} if "party" in keys else {}


def _may(case: Any, user: User) -> bool:
    return bool(NEEDING & user.roles_at(case.unit))


def register_all() -> None:
    """Tell core of both."""
    retention.register(Appeal.KIND, due=_due, erase=_erase)
    privacy.register(Appeal.KIND, describe=_described, values=_values, may=_may)
