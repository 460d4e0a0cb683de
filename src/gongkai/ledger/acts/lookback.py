"""Acts on a look-back (回头看): last year's duties checked item by item, the unfinished ordered to be put right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, UnitField
from gongkai.core.models import User
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import ANY_OFFICE, OFFICE_OF_OWNER, choices_of, text_area
from gongkai.ledger.acts.rectification import default_due
from gongkai.ledger.acts.rectification import order as order_rectification
from gongkai.ledger.models import LookBack, LookBackItem, Notice, Task

KIND = LookBack.KIND
OPEN = frozenset({"open"})


class StartForm(ActForm):
    """On which notice."""

    notice = forms.ModelChoiceField(
        label="上年要点",
        queryset=Notice.objects.filter(state__in=["approved", "dispatched", "archived"]),
        help_text="没有派发过的也可以：导入、核对、批准即可。",
    )


class Start(Act):
    """开展回头看."""

    kind, name, label, icon = KIND, "start", "开展回头看", "history"
    creates = True
    permits = ANY_OFFICE
    form_class = StartForm
    hint = "逐条列出上年任务，责任主体和时限都明确的排在前面。"

    def apply(self, work: Work) -> None:
        notice: Notice = work.data["notice"]
        unit = common.office_unit(work.user)
        lookback = LookBack(
            kind=KIND,
            title=f"《{notice.name}》落实情况回头看"[:300],
            state="open",
            unit=unit,
            supervisor=unit,
            notice=notice,
        )
        work.open(lookback)
        items = make_items(lookback)
        if not items:
            raise ActError("这份要点里没有任务，不能开展回头看。")


def make_items(lookback: LookBack) -> list[LookBackItem]:
    """One item for each duty; those with an owner and a time limit have priority; a running ledger's results are filled in."""
    tasks = (
        Task.objects.filter(notice=lookback.notice)
        .exclude(state__in=["dropped", "cancelled"])
        .annotate(
            owners=Count("named_units", distinct=True),
            limits=Count("deadlines", distinct=True),
            every=Count("assignments", filter=~Q(assignments__state="cancelled"), distinct=True),
            done=Count("assignments", filter=Q(assignments__state="done"), distinct=True),
        )
        .order_by("ordinal")
    )
    return LookBackItem.objects.bulk_create(
        [
            LookBackItem(
                lookback=lookback,
                task=task,
                ordinal=task.ordinal,
                priority=bool(task.owners and task.limits),
                title=task.name[:300],
                note=f"台账记录：{task.every}个单位，已办结{task.done}个。" if task.every else "",
            )
            for task in tasks
        ]
    )


class ItemForm(ActForm):
    """Which item."""

    item = forms.ModelChoiceField(label="核查项", queryset=LookBackItem.objects.none())

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "item").queryset = case.items.all()


class FindForm(ItemForm):
    """What was found."""

    finding = forms.ChoiceField(
        label="核查结果", choices=[choice for choice in LookBackItem.Finding.choices if choice[0] != "open"]
    )
    note = text_area("核查说明", rows=3, limit=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """What is not finished needs words."""
        data = super().clean() or self.cleaned_data
        if data.get("finding") in ("partly", "unfinished") and not data.get("note"):
            self.add_error("note", "请写明没有完成的部分和原因。")
        return data


class Find(Act):
    """登记核查结果."""

    kind, name, label, icon = KIND, "find", "登记核查结果", "clipboard-check"
    from_states = OPEN
    permits = OFFICE_OF_OWNER
    form_class = FindForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        item: LookBackItem = work.data["item"]
        item.finding, item.note = work.data["finding"], work.data["note"]
        item.save(update_fields=["finding", "note"])
        work.summary = f"第{item.ordinal}条：{item.get_finding_display()}"
        common.fill_words(work, "note")


class OrderForm(ItemForm):
    """Who puts it right until when."""

    unit = UnitField(label="整改单位")
    problem = text_area("问题", limit=2000)
    due_on = DayField(label="整改期限")


class Order(Act):
    """责令整改."""

    kind, name, label, icon = KIND, "order", "责令整改", "wrench"
    from_states = OPEN
    permits = OFFICE_OF_OWNER
    form_class = OrderForm
    order = 20
    hint = "给这个单位下达整改任务，有期限，整改后由你验收。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"due_on": default_due(timezone.now())}

    def apply(self, work: Work) -> None:
        lookback: Any = work.case
        item: LookBackItem = work.data["item"]
        if item.finding in ("open", "done"):
            raise ActError("请先登记核查结果；已完成的不用整改。")
        opened = order_rectification(
            work,
            unit=work.data["unit"],
            supervisor=lookback.unit,
            problem=work.data["problem"],
            due_on=work.data["due_on"],
            title=f"整改：{item.title}",
            item=item,
            task=item.task,
        )
        work.summary = f"第{item.ordinal}条：{opened.unit}，{opened.number}"
        work.record["rectification"] = opened.pk


class CloseForm(ActForm):
    """What the look-back comes to."""

    conclusion = text_area("结论", rows=6, limit=5000)


class Close(Act):
    """完成回头看."""

    kind, name, label, icon = KIND, "close", "完成回头看", "badge-check"
    from_states = OPEN
    to_state = "closed"
    permits = OFFICE_OF_OWNER
    form_class = CloseForm
    order = 30
    hint = "完成后导出未完成清单；已下达的整改照常办理。"

    def blocked(self, case: Any, user: Any) -> str:
        left = case.known["unchecked"]
        if left:
            return f"还有{left}项没有核查。"
        left = case.known["unordered"]
        return f"还有{left}项没有完成，也没有责令整改。" if left else ""

    def apply(self, work: Work) -> None:
        lookback: Any = work.case
        reason = self.blocked(lookback, work.user)
        if reason:
            raise ActError(reason)
        lookback.conclusion = work.data["conclusion"]
        common.fill_words(work, "conclusion")
        found = dict(lookback.items.values_list("finding").annotate(n=Count("pk")))
        done = found.get("done", 0)
        work.summary = f"共{sum(found.values())}项，已完成{done}项，未完成{sum(found.values()) - done}项"
        work.record["findings"] = found
