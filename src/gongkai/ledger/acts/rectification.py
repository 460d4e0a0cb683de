"""Acts on a rectification: ordered, put right, accepted or returned."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitField
from gongkai.core.models import Unit, User
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import ANY_OFFICE, OFFICE, STAFF_OF_OWNER, OpinionForm, Role, text_area
from gongkai.ledger.models import LookBackItem, Rectification, Task

KIND = Rectification.KIND


def order(
    work: Work,
    *,
    unit: Unit,
    supervisor: Unit,
    problem: str,
    due_on: dt.date,
    title: str,
    item: LookBackItem | None = None,
    task: Task | None = None,
) -> Rectification:
    """Open a rectification for a unit, with its clock, and tell the unit."""
    common.not_past(due_on, work.now, "整改期限")
    opened = Rectification(
        kind=KIND,
        title=title[:300],
        state="ordered",
        unit=unit,
        supervisor=supervisor,
        series="rectification",
        item=item,
        task=task,
        problem=problem,
        due_on=due_on,
    )
    work.open(opened, summary=f"限{common.day_words(due_on)}前完成", words=problem)
    people = {user.pk: user for user in [*common.staff(unit), *people_of(unit, Role.LEADER)]}
    work.notify(people.values(), f"责令整改：{opened.title}", key=f"rectification-{opened.pk}", about=opened)
    return opened


class OrderForm(ActForm):
    """Who, what, until when."""

    unit = UnitField(label="整改单位")
    title = text_area("事项", rows=1, limit=200)
    problem = text_area("问题", limit=2000)
    due_on = DayField(label="整改期限")


def default_due(now: dt.datetime) -> dt.date:
    """The usual last day of a rectification ordered now."""
    return timezone.localdate(now) + dt.timedelta(days=jurisdiction.value("ledger.rectification_days"))


class Order(Act):
    """责令整改, from an inspection."""

    kind, name, label, icon = KIND, "order", "责令整改", "wrench"
    creates = True
    permits = ANY_OFFICE
    form_class = OrderForm

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"due_on": default_due(timezone.now())}

    def apply(self, work: Work) -> None:
        order(
            work,
            unit=work.data["unit"],
            supervisor=common.office_unit(work.user),
            problem=work.data["problem"],
            due_on=work.data["due_on"],
            title=work.data["title"],
        )


class SubmitForm(ActForm):
    """What was put right, with evidence."""

    result = text_area("整改情况", limit=2000)
    files = FilesField(label="佐证", required=False)  # type: ignore[assignment]


class Submit(Act):
    """提交整改."""

    kind, name, label, icon = KIND, "submit", "提交整改", "send"
    from_states = frozenset({"ordered"})
    to_state = "submitted"
    permits = STAFF_OF_OWNER
    form_class = SubmitForm
    expected = True
    order = 10
    hint = "提交后时限停止，由主管单位验收；退回的接着算。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        case.result, case.submitted_at = work.data["result"], work.now
        common.stop_judged(case, work.now)
        common.serial_clock(case, "check", work.now, name="验收")
        work.files = list(work.data.get("files") or [])
        work.attachments = list(work.data.get("kept") or [])
        common.fill_words(work, "result")
        work.notify(common.office_people(case), f"待验收：{case.title}（{case.unit}）")


class Accept(Act):
    """验收通过."""

    kind, name, label, icon = KIND, "accept", "验收通过", "badge-check"
    from_states = frozenset({"submitted"})
    to_state = "done"
    permits = OFFICE
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.stop_serial(case, "check", work.now)
        case.closed_at = case.submitted_at
        case.outcome = "已整改"
        common.fill_words(work)
        if case.item_id and case.item:
            # The look-back's own record shows that it was put right afterwards.
            work.record["item"] = case.item_id
        work.notify(common.owner_people(case), f"整改通过：{case.title}")


class Return(Act):
    """退回整改."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"submitted"})
    to_state = "ordered"
    permits = OFFICE
    form_class = ReasonForm
    order = 20
    hint = "时限接着算，如同没有停过。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.stop_serial(case, "check", work.now)
        common.reopen_stopped(case, case.submitted_at, work.now)
        case.submitted_at = None
        common.fill_words(work, "reason")
        work.notify(common.owner_people(case), f"整改退回：{case.title}。{work.data['reason']}")


class Cancel(Act):
    """撤销整改."""

    kind, name, label, icon = KIND, "cancel", "撤销", "trash-2"
    from_states = frozenset({"ordered", "submitted"})
    to_state = "cancelled"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        from gongkai.ledger.acts.assignment import CANCELLED_SERIES

        common.cancel_all(work.case, work.now)
        work.case.series = CANCELLED_SERIES
        common.fill_words(work, "reason")
        work.notify(common.owner_people(work.case), f"整改已撤销：{work.case.title}")
