"""What is kept of appeals: personal data by need and until its time is over; and that no earlier year moves unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core import jurisdiction, listeners, notifications, privacy
from gongkai.core.acts import Act, Work, people_of, perform
from gongkai.core.models import User
from gongkai.core.privacy import mask, retention
from gongkai.core.roles import STAFF, Role
from gongkai.requests.appeals import results
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


# --- years that were reported -----------------------------------------------------------------------------------------


def _plain(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value


def tell_moved_years(work: Work) -> None:
    """Listener: an act that changes table C of a year whose report is due by now tells those who answer for the report.

    Reports of a year are published by 31 January of the next (Regulations, article 49).
    """
    case, event = work.case, work.event
    if not isinstance(case, Appeal) or event is None:
        return
    after = {name: getattr(case, name) for name in results.COLUMNS}
    changes = event.changes
    before = {name: _plain(name, changes[name][0]) if name in changes else value for name, value in after.items()}
    today = timezone.localdate(work.now)
    moved = results.moved_years(before if event.state_before else None, after, today.year)
    told = [year for year in moved if today > dt.date(year + 1, 1, 31)]
    if not told:
        return
    years = "、".join(f"{year}年" for year in told)
    people = [*people_of(case.unit, Role.OFFICER, Role.LEADER)]
    if case.supervisor is not None:
        people += people_of(case.supervisor, Role.OFFICE)
    notifications.tell(
        people,
        f"{case.title}：“{work.act.label}”改变了{years}年度报告表四的数字。年报已经发布的，请核对，需要的话更正年报。",
        case=case,
        kind="figures",
        key=f"table-c-{case.pk}-{event.pk}",
        now=work.now,
    )


def register_all() -> None:
    """Tell core of all three."""
    listeners.listen(Appeal.KIND, tell_moved_years)
    retention.register(Appeal.KIND, due=_due, erase=_erase)
    privacy.register(Appeal.KIND, describe=_described, values=_values, may=_may)
