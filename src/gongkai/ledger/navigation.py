"""The ledger's lines in the navigation of the workbench."""

from __future__ import annotations

from typing import Any

from gongkai.core import first_steps, navigation
from gongkai.core.models import Case
from gongkai.core.roles import STAFF, Role
from gongkai.ledger.models import Notice, Plan, Supervision

MOST = 10_000


def _waiting_notices(user: Any) -> Any:
    """Notices that wait for the office."""
    if Role.OFFICE not in user.role_set:
        return None
    return Case.objects.visible_to(user).open().filter(kind=Notice.KIND, state__in=["failed", "review", "approved"])


def _own_plans(user: Any) -> Any:
    """Plans that the person's units have to make."""
    return Case.objects.open().filter(kind=Plan.KIND, unit__in=list(user.roles_by_unit))


def _supervisions(user: Any) -> Any:
    """Supervisions that run."""
    # The few that run are found first; asked as one condition, the database would walk all that the units lead. Their
    # order names the index of one kind: without it SQLite would walk everything that is open.
    running = Case.objects.open().filter(kind=Supervision.KIND).order_by("due_order", "pk").values("pk")[:MOST]
    return Case.objects.visible_to(user).filter(pk__in=running)


def register_all() -> None:
    """Put the ledger's pages into the navigation."""
    office = navigation.holds(Role.OFFICE, Role.AUDITOR)
    involved = navigation.holds(Role.OFFICE, Role.AUDITOR, Role.LEADER, Role.REVIEWER, *STAFF)
    navigation.register("", "督办总览", "gauge", "ledger:dashboard", office, order=20)
    navigation.register(
        "业务", "工作要点台账", "list-checks", "ledger:notices", navigation.workers, _waiting_notices, order=10
    )
    navigation.register("业务", "本单位方案", "clipboard-list", "ledger:plans", involved, _own_plans, order=12)
    navigation.register("业务", "听取汇报", "presentation", "ledger:hearings", involved, order=14)
    navigation.register("统计与检查", "督办单", "stamp", "ledger:supervisions", involved, _supervisions, order=20)
    navigation.register("统计与检查", "回头看", "history", "ledger:lookbacks", office, order=22)
    first_steps.register(
        60,
        "导入第一份工作要点",
        "选 Word、PDF、Excel 文件或粘贴正文，系统找出任务、单位和时限；核对、批准、派发之后，各单位就有了待办。",
        "ledger:index",
        roles=(Role.OFFICE,),
        done=lambda user: Notice.objects.all(),
    )
