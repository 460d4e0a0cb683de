"""Acts on a unit's own plan: drafted from the duties that concern it, approved by its leader, published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Opening, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF
from gongkai.ledger import proof
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import OFFICE, STAFF_OF_OWNER, OpinionForm, Role, choices_of, owner, text_area
from gongkai.ledger.models import Notice, Plan, PlanItem, Task
from gongkai.ledger.recurrence import horizon_of

KIND = Plan.KIND
DRAFTING = frozenset({"drafting"})


def open_plans(work: Work, notice: Notice, concerned: Sequence[tuple[Unit, list[Task]]]) -> list[Plan]:
    """Each unit's own plan, drafted from the duties that concern it (001-18a); a unit that has one gets none."""
    there = set(Plan.objects.filter(notice=notice).exclude(state="cancelled").values_list("unit_id", flat=True))
    wanted = [(unit, tasks) for unit, tasks in concerned if unit.pk not in there]
    plans = work.open_many(
        [
            Opening(
                Plan(
                    kind=KIND,
                    title=f"{unit}{notice.plan_year}年政务公开工作方案"[:300],
                    state="drafting",
                    unit=unit,
                    supervisor=notice.unit,
                    series=notice.ledger_series,
                    notice=notice,
                    body=draft_body(notice, unit, len(tasks)),
                ),
                summary=f"涉及本单位{len(tasks)}项任务",
            )
            for unit, tasks in wanted
        ]
    )
    items = [
        PlanItem(plan=plan, ordinal=at, task=task, measure=draft_measure(task), due_on=due_of(task))
        for plan, (_, tasks) in zip(plans, wanted, strict=True)
        for at, task in enumerate(sorted(tasks, key=lambda task: task.ordinal), start=1)
    ]
    PlanItem.objects.bulk_create(items, batch_size=500)
    return plans


def draft_body(notice: Notice, unit: Unit, number: int) -> str:
    """The opening of the draft."""
    return (
        f"为落实《{notice.name}》{f'（{notice.document_number}）' if notice.document_number else ''}，"
        f"{unit.name}结合本单位职责，对承担的{number}项任务逐项明确具体举措、责任科室和完成时限，制定本方案。"
    )


def draft_measure(task: Task) -> str:
    """What the duty demands, as a start for the unit's own words."""
    text = task.text.strip()
    return f"{task.heading.rstrip('。')}：{text}" if task.heading else text


def due_of(task: Task) -> dt.date:
    """The first fixed date of a duty, else the end of its year."""
    dates = [deadline.date for deadline in task.deadlines.all() if deadline.kind == "date" and deadline.date]
    return min(dates) if dates else horizon_of(task)


class Open(Act):
    """新建方案, for a unit that got none at dispatch."""

    kind, name, label, icon = KIND, "open", "新建本单位方案", "file-plus"
    creates = True
    permits = common.anywhere(*STAFF)

    class Form(ActForm):
        """For which notice."""

        notice = forms.ModelChoiceField(label="工作要点", queryset=Notice.objects.filter(state="dispatched"))

    form_class = Form

    def apply(self, work: Work) -> None:
        notice = work.data["notice"]
        unit = common.home_unit(work.user)
        tasks = list(
            Task.objects.filter(notice=notice, assignments__unit=unit)
            .exclude(assignments__state="cancelled")
            .distinct()
            .order_by("ordinal")
            .prefetch_related("deadlines")
        )
        if not open_plans(work, notice, [(unit, tasks)]):
            raise ActError("本单位已经有这份要点的方案。")


class EditForm(ActForm):
    """Title and opening."""

    title = forms.CharField(label="标题", max_length=300)
    body = text_area("正文", rows=8, limit=20000, required=False)


class Edit(Act):
    """修改正文."""

    kind, name, label, icon = KIND, "edit", "修改正文", "pencil"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = EditForm
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"title": case.title, "body": case.body} if case else {}

    def apply(self, work: Work) -> None:
        work.case.title, work.case.body = work.data["title"], work.data["body"]


class ItemForm(ActForm):
    """One item; without `item` a new one."""

    item = forms.ModelChoiceField(label="事项", queryset=PlanItem.objects.none(), required=False)
    measure = text_area("具体举措", rows=4, limit=2000)
    responsible = forms.CharField(label="责任科室或岗位", max_length=100, required=False)
    due_on = DayField(label="完成时限", required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "item").queryset = case.items.all()


class EditItem(Act):
    """改事项."""

    kind, name, label, icon = KIND, "edit_item", "改事项", "list-checks"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    form_class = ItemForm
    order = 21

    def apply(self, work: Work) -> None:
        plan: Any = work.case
        item = work.data["item"] or PlanItem(plan=plan, ordinal=plan.items.count() + 1)
        item.measure = work.data["measure"]
        item.responsible = work.data["responsible"]
        item.due_on = work.data["due_on"]
        latest, due_on = due_limit(item), work.data["due_on"]
        if due_on and latest and due_on > latest:
            raise ActError(f"完成时限不能晚于要点规定的{common.day_words(latest)}。")
        item.save()
        work.summary = item.measure[:100]


def due_limit(item: PlanItem) -> dt.date | None:
    """The last day that the notice leaves for an item; None for the unit's own additions."""
    if item.task is None:
        return None
    dates = [deadline.date for deadline in item.task.deadlines.all() if deadline.kind == "date" and deadline.date]
    return max(dates) if dates else horizon_of(item.task)


class DropItem(Act):
    """删除事项; what the notice demands stays."""

    kind, name, label, icon = KIND, "drop_item", "删除事项", "minus"
    from_states = DRAFTING
    permits = STAFF_OF_OWNER
    order = 22

    class Form(ActForm):
        """Which item."""

        item = forms.ModelChoiceField(label="事项", queryset=PlanItem.objects.none())

        def prepare(self, case: Any, user: User | None) -> None:
            super().prepare(case, user)
            choices_of(self, "item").queryset = case.items.all()

    form_class = Form

    def apply(self, work: Work) -> None:
        item = work.data["item"]
        if item.task_id:
            raise ActError("这是要点派发的任务，不能从方案里删去；可以改写具体举措。")
        work.summary, work.data["item"] = item.measure[:100], item.measure[:100]
        item.delete()


class Submit(Act):
    """提交审批."""

    kind, name, label, icon = KIND, "submit", "提交审批", "send"
    from_states = DRAFTING
    to_state = "submitted"
    permits = STAFF_OF_OWNER
    form_class = OpinionForm
    expected = True
    order = 10
    hint = "由本单位分管负责人审批。"

    def blocked(self, case: Any, user: Any) -> str:
        left = case.known["nobody"]
        return f"还有{left}项没有写责任科室或岗位。" if left else ""

    def apply(self, work: Work) -> None:
        reason = self.blocked(work.case, work.user)
        if reason:
            raise ActError(reason)
        work.case.submitted_at = work.now
        common.fill_words(work)
        work.notify(people_of(work.case.unit, Role.LEADER), f"待审批：{work.case.title}")


class Approve(Act):
    """批准方案."""

    kind, name, label, icon = KIND, "approve", "批准", "stamp"
    from_states = frozenset({"submitted"})
    to_state = "approved"
    permits = owner(Role.LEADER)
    form_class = OpinionForm
    expected = True
    order = 10
    hint = "批准即为制定完成，时限停止；之后公开。"

    def apply(self, work: Work) -> None:
        plan: Any = work.case
        clock = clocks.get(plan, "plan")
        if clock:
            clocks.stop(clock, work.now)
        common.fill_words(work)
        work.notify(common.staff(plan.unit), f"方案已批准，请公开：{plan.title}")


class Return(Act):
    """退回方案."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"submitted"})
    to_state = "drafting"
    permits = owner(Role.LEADER)
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.case.submitted_at = None
        common.fill_words(work, "reason")
        work.notify(common.staff(work.case.unit), f"方案退回：{work.case.title}。{work.data['reason']}")


class Publish(Act):
    """公开方案."""

    kind, name, label, icon = KIND, "publish", "公开", "globe"
    from_states = frozenset({"approved"})
    to_state = "published"
    permits = STAFF_OF_OWNER
    form_class = OpinionForm
    expected = True
    public = True
    order = 10
    hint = "公开后出现在公开台账本单位名下。"

    def apply(self, work: Work) -> None:
        plan: Any = work.case
        plan.public, plan.published_on = True, timezone.localdate(work.now)
        common.fill_words(work)
        proof.plan(work)


class Finish(Act):
    """存档 without publishing, with its reason."""

    kind, name, label, icon = KIND, "finish", "不公开，存档", "archive"
    from_states = frozenset({"approved"})
    to_state = "finished"
    permits = STAFF_OF_OWNER
    form_class = ReasonForm
    order = 30
    hint = "写明不公开的理由，方案仍报主管单位。"

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")
        work.notify(common.office_people(work.case), f"方案不公开：{work.case.title}。{work.data['reason']}")


class Cancel(Act):
    """撤销方案."""

    kind, name, label, icon = KIND, "cancel", "撤销", "trash-2"
    from_states = frozenset({"drafting", "submitted", "approved"})
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
