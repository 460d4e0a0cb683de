"""Acts on a duty: the editing of drafts during review, and what happens to a duty that runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F

from gongkai.core.acts import Act, ActError, Opening, Work
from gongkai.core.bundles import hold
from gongkai.core.forms import ActForm, DayField, ReasonForm, UnitField
from gongkai.core.models import Case, Unit, UnitAlias, UnitGroup, User
from gongkai.core.roles import STAFF
from gongkai.ledger import proof
from gongkai.ledger.acts import common
from gongkai.ledger.acts.assignment import (
    CANCELLED_SERIES,
    EventForm,
    EventStarted,
    PlainForm,
    event_deadline,
    moment_of,
)
from gongkai.ledger.acts.assignment import (
    Cancel as CancelAssignment,
)
from gongkai.ledger.acts.common import OFFICE, choices_of, owner, text_area
from gongkai.ledger.models import (
    Assignment,
    AssignmentRole,
    Doubt,
    Task,
    TaskDeadline,
    TaskEvent,
    TaskTarget,
    TaskUnit,
)

KIND = Task.KIND
DRAFT = frozenset({"draft"})
OPEN = frozenset({"open"})
# Doubts that only a matched unit settles.
UNIT_DOUBTS = ("unit.unmatched", "unit.ambiguous", "unit.former", "unit.missing")


def resolve(task: Task, work: Work, words: str, **which: Any) -> int:
    """Settle the open doubts of a task that fit; returns how many."""
    return task.doubts.filter(resolved_at__isnull=True, **which).update(resolved_at=work.now, resolution=words[:200])


def settle_unit_doubts(task: Task, work: Work, words: str) -> None:
    """Doubts about units go when every name stands for somebody; a missing unit goes when there is one."""
    named = list(task.named_units.all())
    for one in named:
        if one.matched:
            resolve(task, work, words, named_unit=one)
    if named and all(one.matched for one in named):
        resolve(task, work, words, code__in=UNIT_DOUBTS)
    elif not named and not task.doubts.filter(code="unit.missing", resolved_at__isnull=True).exists():
        missing_unit(task)


def missing_unit(task: Task) -> Doubt:
    """A task without anybody responsible cannot be dispatched."""
    return Doubt.objects.create(
        notice_id=task.notice_id,
        task=task,
        code="unit.missing",
        message="没有责任单位。请指定单位，或定为“不作为任务”。",
        span_start=task.span_start,
        span_end=task.span_end,
    )


class DraftAct(Act):
    """An act of the review screen: the office, on a draft, while the notice is in review."""

    kind = KIND
    from_states = DRAFT
    permits = OFFICE

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.notice.state == "review" else "要点已经批准，不能再改任务。需要改的，请先退回核对。"


class EditForm(ActForm):
    """Words of a task."""

    heading = forms.CharField(label="小标题", max_length=300, required=False)
    text = text_area("任务要求", rows=6, limit=8000)


class Edit(DraftAct):
    """修改文字."""

    name, label, icon = "edit", "修改文字", "pencil"
    form_class = EditForm
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"heading": case.heading, "text": case.text} if case else {}

    def apply(self, work: Work) -> None:
        case: Any = work.case
        case.heading, case.text = work.data["heading"], work.data["text"]
        case.title = case.name[:300]


class NamedUnitForm(ActForm):
    """A name of the notice and whom it stands for."""

    name = forms.CharField(label="原文", max_length=200, required=False)
    role = forms.ChoiceField(label="角色", choices=AssignmentRole.choices, required=False)
    scope = forms.CharField(label="分工", max_length=60, required=False)
    unit = UnitField(label="对应单位", required=False)
    group = forms.ModelChoiceField(label="对应单位组", queryset=UnitGroup.objects.all(), required=False)
    outside = forms.BooleanField(label="不在本平台，或到时再指定", required=False)
    remember = forms.BooleanField(label="记住这个名称", required=False)

    def clean(self) -> dict[str, Any]:
        """One of unit, group, outside."""
        data = super().clean() or self.cleaned_data
        if sum(bool(data.get(key)) for key in ("unit", "group", "outside")) > 1:
            raise forms.ValidationError("单位、单位组、不在本平台，只能选一个。")
        return data


def stand_for(one: TaskUnit, data: dict[str, Any], how: str) -> None:
    """Let a name stand for what was chosen, and remember it where asked."""
    if data.get("unit") or data.get("group") or data.get("outside"):
        one.unit, one.group, one.outside = data.get("unit"), data.get("group"), bool(data.get("outside"))
        one.how, one.suggestions = how, []
    if data.get("remember") and one.name and (one.unit or one.group):
        UnitAlias.objects.get_or_create(
            name=one.name[:120], unit=one.unit, group=one.group, defaults={"source": UnitAlias.Source.LEARNED}
        )


class AddUnit(DraftAct):
    """添加单位."""

    name, label, icon = "add_unit", "添加单位", "plus"
    form_class = NamedUnitForm
    order = 30

    def apply(self, work: Work) -> None:
        add_unit(work)


def add_unit(work: Work) -> None:
    """Give a draft one more name and whom it stands for."""
    case: Any = work.case
    data = work.data
    target = data.get("unit") or data.get("group")
    if not target and not data.get("name"):
        raise ActError("请选择单位或单位组。")
    one = TaskUnit(
        task=case,
        ordinal=case.named_units.count(),
        name=data.get("name") or str(target),
        role=data.get("role") or AssignmentRole.RESPONSIBLE,
        scope=data.get("scope") or "",
    )
    stand_for(one, data, "manual")
    one.save()
    if case.candidate:
        case.candidate = False
    settle_unit_doubts(case, work, "已指定单位")
    work.summary = f"{one.get_role_display()}：{one.name}"


class ChangeUnitForm(NamedUnitForm):
    """Which name."""

    named = forms.ModelChoiceField(label="原文单位", queryset=TaskUnit.objects.none())

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "named").queryset = case.named_units.all()


class ChangeUnit(DraftAct):
    """改单位: role, scope, or whom a name stands for."""

    name, label, icon = "change_unit", "改单位", "replace"
    form_class = ChangeUnitForm
    order = 31

    def apply(self, work: Work) -> None:
        data = work.data
        one: TaskUnit = data["named"]
        one.name = data.get("name") or one.name
        one.role = data.get("role") or one.role
        one.scope = data.get("scope") or one.scope
        stand_for(one, data, "manual")
        one.save()
        settle_unit_doubts(work.case, work, "已核对单位")
        target = one.unit or one.group or ("不在本平台" if one.outside else "未对应")
        work.summary = f"{one.name}（{one.get_role_display()}）：{target}"


class NamedForm(ActForm):
    """Which name."""

    named = forms.ModelChoiceField(label="原文单位", queryset=TaskUnit.objects.none())

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "named").queryset = case.named_units.all()


class RemoveUnit(DraftAct):
    """删除单位."""

    name, label, icon = "remove_unit", "删除单位", "minus"
    form_class = NamedForm
    order = 32

    def apply(self, work: Work) -> None:
        one = work.data["named"]
        work.summary = f"{one.get_role_display()}：{one.name}"
        work.data["named"] = one.name
        one.delete()
        settle_unit_doubts(work.case, work, "已核对单位")


class SetRolesForm(ActForm):
    """One role for all units of the task."""

    role = forms.ChoiceField(label="角色", choices=AssignmentRole.choices)


class SetRoles(DraftAct):
    """确认角色, where the notice has no word for it."""

    name, label, icon = "set_roles", "确认角色", "user-check"
    form_class = SetRolesForm
    batch = True
    order = 33

    def apply(self, work: Work) -> None:
        role = work.data["role"]
        work.case.named_units.update(role=role)
        resolve(work.case, work, f"按{AssignmentRole(role).label}确认", code="role.missing")
        work.summary = f"全部按{AssignmentRole(role).label}"


class DeadlineForm(ActForm):
    """A deadline; without `deadline` a new one."""

    deadline = forms.ModelChoiceField(label="时限", queryset=TaskDeadline.objects.none(), required=False)
    kind = forms.ChoiceField(label="类型", choices=TaskDeadline.Kind.choices)
    text = forms.CharField(label="原文", max_length=200, required=False)
    date = DayField(label="日期", required=False)
    amount = forms.IntegerField(label="数量", min_value=1, max_value=1000, required=False)
    unit = forms.ChoiceField(
        label="单位",
        required=False,
        choices=[
            ("", "—"),
            ("hour", "小时"),
            ("day", "日"),
            ("workday", "工作日"),
            ("week", "周"),
            ("month", "月"),
            ("quarter", "季度"),
            ("year", "年"),
        ],
    )
    day = forms.IntegerField(label="每期第几日前", min_value=1, max_value=31, required=False)
    months_after = forms.IntegerField(label="期后第几个月", min_value=0, max_value=3, required=False)
    trigger = forms.CharField(label="从何时起算", max_length=200, required=False)
    count = forms.IntegerField(label="次数", min_value=1, max_value=10000, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "deadline").queryset = case.deadlines.all()

    def clean(self) -> dict[str, Any]:
        """Each kind needs its own fields."""
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind == "date" and not data.get("date"):
            self.add_error("date", "请填写日期。")
        if kind == "duration" and not (data.get("amount") and data.get("unit")):
            self.add_error("amount", "请填写数量和单位，例如10个工作日。")
        if kind == "duration" and not data.get("trigger"):
            self.add_error("trigger", "请写明从什么事起算，例如“文件印发”。")
        return data


class SetDeadline(DraftAct):
    """改时限."""

    name, label, icon = "set_deadline", "改时限", "calendar"
    form_class = DeadlineForm
    order = 40

    def apply(self, work: Work) -> None:
        data = dict(work.data)
        one = data.pop("deadline") or TaskDeadline(task=work.case, ordinal=work.case.deadlines.count())
        data.pop("kept", None)
        data["months_after"] = data.get("months_after") or 0
        if not data["text"]:
            data["text"] = one.text or deadline_words(data)
        for key, value in data.items():
            setattr(one, key, value)
        one.save()
        resolve(work.case, work, "已核对时限", code__startswith="deadline.")
        work.summary = one.text


def deadline_words(data: dict[str, Any]) -> str:
    """A deadline in words where the notice has none."""
    if data["kind"] == "date":
        return f"{common.day_words(data['date'])}前"
    units = {
        "hour": "小时",
        "day": "日",
        "workday": "个工作日",
        "week": "周",
        "month": "个月",
        "quarter": "季度",
        "year": "年",
    }
    if data["kind"] == "duration":
        return f"{data['trigger']}后{data['amount']}{units[data['unit']]}内"
    if not data.get("unit"):
        return "定期"
    every = {"week": "每周", "month": "每月", "quarter": "每季度", "year": "每年", "day": "每日"}.get(
        data["unit"], "定期"
    )
    return f"{every}{data['day']}日前" if data.get("day") else every


class DeadlineChoice(ActForm):
    """Which deadline."""

    deadline = forms.ModelChoiceField(label="时限", queryset=TaskDeadline.objects.none())

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "deadline").queryset = case.deadlines.all()


class RemoveDeadline(DraftAct):
    """删除时限."""

    name, label, icon = "remove_deadline", "删除时限", "minus"
    form_class = DeadlineChoice
    order = 41

    def apply(self, work: Work) -> None:
        one = work.data["deadline"]
        work.summary, work.data["deadline"] = one.text, one.text
        one.delete()
        resolve(work.case, work, "已核对时限", code__startswith="deadline.")


class TargetForm(ActForm):
    """A figure; without `target` a new one."""

    target = forms.ModelChoiceField(label="指标", queryset=TaskTarget.objects.none(), required=False)
    text = forms.CharField(label="原文", max_length=200)
    operator = forms.ChoiceField(label="要求", choices=[(">=", "不低于"), ("<=", "不超过")])
    value = forms.DecimalField(label="数值", max_digits=12, decimal_places=2)
    unit = forms.CharField(label="单位", max_length=20, required=False)
    metric = forms.CharField(label="自动计算的指标", max_length=80, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "target").queryset = case.targets.all()

    def clean_metric(self) -> str:
        """Only measures that exist."""
        from gongkai.core.measures import measures

        metric = self.cleaned_data["metric"].strip()
        if metric and metric not in measures:
            raise forms.ValidationError("没有这个指标。不填就由各单位报送数值。")
        return metric


class SetTarget(DraftAct):
    """改指标."""

    name, label, icon = "set_target", "改指标", "target"
    form_class = TargetForm
    order = 42

    def apply(self, work: Work) -> None:
        data = dict(work.data)
        one = data.pop("target") or TaskTarget(task=work.case, ordinal=work.case.targets.count())
        data.pop("kept", None)
        for key, value in data.items():
            setattr(one, key, value)
        one.save()
        work.summary = one.text


class TargetChoice(ActForm):
    """Which target."""

    target = forms.ModelChoiceField(label="指标", queryset=TaskTarget.objects.none())

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "target").queryset = case.targets.all()


class RemoveTarget(DraftAct):
    """删除指标."""

    name, label, icon = "remove_target", "删除指标", "minus"
    form_class = TargetChoice
    order = 43

    def apply(self, work: Work) -> None:
        one = work.data["target"]
        work.summary, work.data["target"] = one.text, one.text
        one.delete()


class SplitForm(ActForm):
    """Where the second task begins, in characters of the task's text."""

    offset = forms.IntegerField(label="从第几个字拆开", min_value=1)


def live_drafts(notice_id: int):
    """The tasks of a notice that still stand, in order."""
    return (
        Task.objects.filter(notice_id=notice_id).exclude(state__in=["dropped", "cancelled"]).order_by("ordinal", "pk")
    )


def make_room(task: Task) -> None:
    """Move every task after this one up by one place."""
    Task.objects.filter(notice_id=task.notice_id, ordinal__gt=task.ordinal).update(ordinal=F("ordinal") + 1)


def draft_number(notice: Any) -> str:
    """A working number for a draft; the real one is given at dispatch, so that none is wasted."""
    return f"{notice.number}-{Task.objects.filter(notice=notice).count() + 1:03d}"


def source_split(task: Task, offset: int) -> int:
    """Where in the source the second part begins: where its first words stand, else in proportion."""
    words = task.text[offset:].strip()[:12]
    found = task.notice.text.find(words, task.span_start, task.span_end) if words else -1
    if found >= 0:
        return found
    share = offset / max(len(task.text), 1)
    return task.span_start + round((task.span_end - task.span_start) * share)


class Split(DraftAct):
    """拆分."""

    name, label, icon = "split", "拆分", "split"
    form_class = SplitForm
    order = 50
    hint = "从这里拆成两条，单位两条都带上，时限和指标按所在位置分开。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        offset = work.data["offset"]
        first, second = case.text[:offset].strip(), case.text[offset:].strip()
        if not first or not second:
            raise ActError("拆分的位置要在任务文字中间。")
        middle = source_split(case, offset)
        make_room(case)
        later = Task(
            kind=KIND,
            number=draft_number(case.notice),
            title="",
            state="draft",
            unit=case.unit,
            supervisor=case.supervisor,
            series=case.series,
            section=case.section,
            notice=case.notice,
            part=case.part,
            ordinal=case.ordinal + 1,
            ref=case.ref,
            path=case.path,
            text=second,
            span_start=middle,
            span_end=case.span_end,
            candidate=case.candidate,
        )
        later.title = later.name[:300]
        work.open(later, summary=f"由第{case.ordinal}条拆出")
        copy_units(case, later)
        share_out(case, later, first, second)
        case.text, case.span_end, case.reviewed = first, middle, False
        case.title = case.name[:300]
        work.summary = f"拆出第{later.ordinal}条"
        work.record["task"] = later.pk


def copy_units(source: Task, target: Task) -> None:
    """The units of one task also for another."""
    start = target.named_units.count()
    TaskUnit.objects.bulk_create(
        [
            TaskUnit(
                task=target,
                ordinal=start + at,
                name=one.name,
                role=one.role,
                scope=one.scope,
                span_start=one.span_start,
                span_end=one.span_end,
                inherited=one.inherited,
                unit=one.unit,
                group=one.group,
                how=one.how,
                outside=one.outside,
                suggestions=one.suggestions,
            )
            for at, one in enumerate(source.named_units.all())
        ]
    )
    if any(not one.matched for one in target.named_units.all()):
        for doubt in source.doubts.filter(resolved_at__isnull=True, code__in=UNIT_DOUBTS):
            other = target.named_units.filter(name=doubt.named_unit.name).first() if doubt.named_unit else None
            Doubt.objects.create(
                notice_id=target.notice_id, task=target, named_unit=other, code=doubt.code, message=doubt.message
            )


def share_out(first: Task, second: Task, first_text: str, second_text: str) -> None:
    """Deadlines, targets and citations go where their words stand; those of the bracket stay with both."""
    for related, words in ((first.deadlines, "text"), (first.targets, "text"), (first.citations, "title")):
        for one in related.all():
            text = getattr(one, words)
            if text in first_text:
                continue
            if text not in second_text:
                # It stands outside the text, in a column or bracket, and so holds for both.
                one.pk = None
                one._state.adding = True
            one.task = second
            one.save()


class Merge(DraftAct):
    """与上条合并."""

    name, label, icon = "merge", "与上条合并", "merge"
    order = 51
    hint = "这条并入上一条：文字接在后面，单位、时限和指标合在一起。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        before = live_drafts(case.notice_id).filter(ordinal__lt=case.ordinal).last()
        if before is None:
            raise ActError("前面没有可以合并的任务。")
        work.perform(Absorb, before, {"task": case})
        case.deadlines.update(task=before)
        case.targets.update(task=before)
        case.citations.update(task=before)
        known = {(one.name, one.role) for one in before.named_units.all()}
        for one in case.named_units.all():
            if (one.name, one.role) not in known:
                one.task = before
                one.save()
        case.doubts.filter(resolved_at__isnull=True).exclude(code__startswith="unit.").update(task=before)
        resolve(case, work, "已合并")
        work.state = "dropped"
        work.summary = f"并入第{before.ordinal}条"


class Absorb(Act):
    """The other side of 与上条合并."""

    kind, name, label, icon = KIND, "absorb", "合并下条", "merge"
    from_states = DRAFT
    system = True

    def form(self, case, user, data=None, files=None, **kwargs):
        return PlainForm(data)

    def apply(self, work: Work) -> None:
        case: Any = work.case
        other = work.data["task"]
        joint = "" if case.text.endswith(("。", "；", ";", "！")) else "；"
        case.text = f"{case.text}{joint}{other.text}"
        case.span_start = min(case.span_start, other.span_start)
        case.span_end = max(case.span_end, other.span_end)
        case.reviewed = False
        case.title = case.name[:300]
        work.summary = f"第{other.ordinal}条并入"


class Drop(DraftAct):
    """不作为任务."""

    name, label, icon = "drop", "不作为任务", "circle-slash"
    to_state = "dropped"
    batch = True
    order = 60
    hint = "不派发，也不列入台账；需要时可以取回。"

    def apply(self, work: Work) -> None:
        resolve(work.case, work, "不作为任务")


class Restore(DraftAct):
    """取回."""

    name, label, icon = "restore", "取回", "undo"
    from_states = frozenset({"dropped"})
    to_state = "draft"
    order = 60

    def apply(self, work: Work) -> None:
        case: Any = work.case
        case.reviewed = False
        case.closed_at = None
        settle_unit_doubts(case, work, "已核对单位")
        for one in case.named_units.all():
            if not one.matched:
                unmatched_doubt(case, one)


def unmatched_doubt(task: Task, one: TaskUnit) -> Doubt:
    """Nobody stands for a name."""
    return Doubt.objects.create(
        notice_id=task.notice_id,
        task=task,
        named_unit=one,
        code="unit.unmatched",
        message=f"没有找到“{one.name}”对应的单位。",
        span_start=one.span_start,
        span_end=one.span_end,
    )


class TakeOver(DraftAct):
    """作为任务: a requirement without anybody responsible becomes a task with units."""

    name, label, icon = "take_over", "指定单位", "user-plus"
    form_class = NamedUnitForm
    order = 25

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.candidate

    def apply(self, work: Work) -> None:
        case: Any = work.case
        case.candidate = False
        add_unit(work)
        case.reviewed = True


class Review(DraftAct):
    """确认: the task is as the notice means it."""

    name, label, icon = "review", "确认", "check"
    expected = True
    batch = True
    order = 10
    hint = "确认后这条没有待核对的问题。"

    def blocked(self, case: Any, user: Any) -> str:
        reason = super().blocked(case, user)
        if reason:
            return reason
        named = list(case.named_units.all())
        if not named:
            return "这条还没有责任单位，请指定单位，或定为“不作为任务”。"
        lost = [one.name for one in named if not one.matched]
        return f"还没有对应到单位：{'、'.join(lost)}。" if lost else ""

    def apply(self, work: Work) -> None:
        reason = self.blocked(work.case, work.user)
        if reason:
            raise ActError(reason)
        work.case.reviewed = True
        resolve(work.case, work, "已确认")


# What happens to a duty that runs.


def new_assignment(
    task: Task, unit: Unit, role: str, ordinal: int, *, scope: str = "", receive_by: Any = None
) -> Opening:
    """A duty laid on a unit, to be opened with its clocks."""
    notice = task.notice
    assignment = Assignment(
        kind=Assignment.KIND,
        number=f"{task.number}-{ordinal:02d}",
        title=task.name[:300],
        state="dispatched",
        unit=unit,
        supervisor=notice.unit,
        lead=task.lead,
        series=notice.ledger_series,
        section=task.part.code if task.part else "",
        task=task,
        role=role,
        scope=scope[:60],
    )
    assignment.receive_by = receive_by
    return Opening(assignment, summary=f"{assignment.get_role_display()}", data={"task": task.pk})


def open_assignment(
    work: Work, task: Task, unit: Unit, role: str, *, scope: str = "", receive_by: Any = None
) -> Assignment:
    """Lay a duty that runs on one more unit."""
    ordinal = Assignment.objects.filter(task=task).count() + 1
    opening = new_assignment(task, unit, role, ordinal, scope=scope, receive_by=receive_by)
    return work.open_many([opening])[0]


class DispatchTask(Act):
    """派发, as a part of the notice's dispatch."""

    kind, name, label, icon = KIND, "dispatch", "派发", "send"
    from_states = DRAFT
    to_state = "open"
    system = True

    def form(self, case, user, data=None, files=None, **kwargs):
        return PlainForm(data)

    def apply(self, work: Work) -> None:
        case: Any = work.case
        places, duty = work.data.pop("places"), work.data.pop("duty")
        # What the notice's dispatch has read serves every assignment's clocks.
        case.notice, case.part = duty.notice, duty.part
        hold(case, "deadlines", duty.deadlines.all())
        case.number = work.data.pop("number")
        leads = [unit for unit, role, _ in places if role == AssignmentRole.LEAD]
        case.unit = leads[0] if leads else case.notice.unit
        case.lead = leads[0] if leads else None
        receive_by = work.data.get("receive_by")
        work.open_many(
            [
                new_assignment(case, unit, role, ordinal, scope=scope, receive_by=receive_by)
                for ordinal, (unit, role, scope) in enumerate(places, start=1)
            ]
        )
        work.summary = f"派发给{len(places)}个单位"
        work.data["units"] = [unit.pk for unit, _, _ in places]


class SummariseForm(ActForm):
    """How the duty stands as a whole."""

    text = text_area("总体进展", limit=1000, help_text="写全区做到了哪一步；会随台账公开，不要写个人信息。")
    percent = forms.IntegerField(label="完成比例", min_value=0, max_value=100, required=False)
    public = forms.BooleanField(label="可以随台账公开", required=False, initial=True)


class Summarise(Act):
    """汇总进展."""

    kind, name, label, icon = KIND, "summarise", "汇总进展", "file-text"
    from_states = frozenset({"open", "closed"})
    permits = (*owner(*STAFF), *OFFICE)
    form_class = SummariseForm
    expected = True
    order = 10
    hint = "牵头单位汇总各单位进展；主管单位公开后出现在公开台账上。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"text": case.summary_text, "percent": case.percent, "public": True} if case else {}

    def apply(self, work: Work) -> None:
        case: Any = work.case
        if case.summary_released_at is not None:
            # The new words wait for their own release; the old ones are public no longer.
            proof.summary(work, "withdrawn")
        case.summary_text, case.summary_at = work.data["text"], work.now
        case.summary_by = work.user.main_unit if work.user else case.unit
        case.summary_public = work.data["public"]
        case.summary_released_at = None
        if work.data.get("percent") is not None:
            case.percent = work.data["percent"]
        common.fill_words(work, "text")
        work.notify(common.office_people(case), f"已汇总进展：{case.title}")


class ReleaseSummary(Act):
    """公开总体进展."""

    kind, name, label, icon = KIND, "release", "公开总体进展", "globe"
    from_states = frozenset({"open", "closed"})
    permits = OFFICE
    batch = True
    order = 20
    hint = "公开后出现在公开台账上。公开前请再看一遍有没有个人信息。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and bool(case.summary_text) and case.summary_released_at is None

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.notice.public else "这份要点还没有公开台账，请先公开台账。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        if not case.summary_public:
            raise ActError("牵头单位写明暂不公开，请先与对方商量。")
        case.summary_released_at = work.now
        work.public, work.words = True, case.summary_text
        proof.summary(work, "ledger_figures_released")


class UnreleaseSummary(Act):
    """撤回公开."""

    kind, name, label, icon = KIND, "unrelease", "撤回公开", "globe-lock"
    from_states = frozenset({"open", "closed"})
    permits = OFFICE
    form_class = ReasonForm
    order = 21

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.summary_released_at is not None

    def apply(self, work: Work) -> None:
        work.case.summary_released_at = None
        common.fill_words(work, "reason")
        proof.summary(work, "withdrawn")


class RegisterEvent(Act):
    """登记事件: the deadlines of all units that wait for it start."""

    kind, name, label, icon = KIND, "register_event", "登记事件", "flag"
    from_states = OPEN
    permits = (*owner(*STAFF), *OFFICE)
    form_class = EventForm
    hide_blocked = True
    order = 30
    hint = "各承办单位的时限从事件发生时起算；一年里发生几次，就各算各的。"

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.known["event_deadlines"] else "这项任务没有从事件起算的时限。"

    def apply(self, work: Work) -> None:
        task: Any = work.case
        deadline = event_deadline(work, task)
        found = TaskEvent.objects.create(
            task=task, deadline=deadline, occurred_at=moment_of(work.data), note=work.data["note"]
        )
        started = 0
        for assignment in Assignment.objects.filter(task=task).open():
            work.perform(EventStarted, assignment, {"event": found})
            started += 1
        work.summary = f"{found.note}，{started}个单位开始计时"


class AssignForm(ActForm):
    """One more unit."""

    unit = UnitField(label="单位")
    role = forms.ChoiceField(label="角色", choices=AssignmentRole.choices, initial=AssignmentRole.RESPONSIBLE)
    receive_by = DayField(label="签收截止", required=False)
    reason = text_area("原因", rows=3, limit=500, required=False)


def check_new(task: Task, unit: Unit) -> None:
    """A unit has a duty only once; ActError with a sentence."""
    if Assignment.objects.filter(task=task, unit=unit).exclude(state="cancelled").exists():
        raise ActError(f"{unit}已经承担这项任务。")


class AssignUnit(Act):
    """增加单位."""

    kind, name, label, icon = KIND, "assign", "增加单位", "user-plus"
    from_states = OPEN
    permits = OFFICE
    form_class = AssignForm
    order = 40
    hint = "给这个单位派发同一项任务。"

    def apply(self, work: Work) -> None:
        task: Any = work.case
        unit = work.data["unit"]
        check_new(task, unit)
        if work.data["role"] == AssignmentRole.LEAD and task.lead_id is None:
            task.lead, task.unit = unit, unit
        opened = open_assignment(work, task, unit, work.data["role"], receive_by=work.data.get("receive_by"))
        common.fill_words(work, "reason")
        work.summary = f"{opened.get_role_display()}：{unit}"
        work.notify(common.staff(unit), f"新任务待签收：{opened.title}", about=opened)


class ReplaceForm(ActForm):
    """Who hands over to whom."""

    assignment = forms.ModelChoiceField(label="原承办单位", queryset=Assignment.objects.none())
    unit = UnitField(label="改为")
    reason = text_area("原因", rows=3, limit=500)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "assignment").queryset = (
            Assignment.objects.filter(task=case).open().select_related("unit").order_by("number")
        )


class ReplaceUnit(Act):
    """变更单位."""

    kind, name, label, icon = KIND, "replace_unit", "变更单位", "replace"
    from_states = OPEN
    permits = OFFICE
    form_class = ReplaceForm
    order = 41
    hint = "原单位的任务撤销并保留留痕，新单位重新签收。"

    def apply(self, work: Work) -> None:
        task: Any = work.case
        old, unit = work.data["assignment"], work.data["unit"]
        check_new(task, unit)
        if task.lead_id == old.unit_id:
            task.lead, task.unit = unit, unit
        opened = open_assignment(work, task, unit, old.role, scope=old.scope)
        work.perform(CancelAssignment, old, {"reason": f"改由{unit}承担。{work.data['reason']}"})
        if task.lead_id == unit.pk:
            Case.objects.filter(kind=Assignment.KIND, ledger_assignment__task=task).update(lead=unit)
        common.fill_words(work, "reason")
        work.summary = f"{old.unit}改为{unit}"
        work.notify(common.staff(unit), f"新任务待签收：{opened.title}", about=opened)


class CloseTask(Act):
    """办结任务."""

    kind, name, label, icon = KIND, "close", "办结任务", "badge-check"
    from_states = OPEN
    to_state = "closed"
    permits = OFFICE
    form_class = common.OpinionForm
    order = 60
    hint = "各单位都办结后，任务会自动办结。"

    def blocked(self, case: Any, user: Any) -> str:
        left = case.known["open_units"]
        return f"还有{left}个单位没有办结。" if left else ""

    def apply(self, work: Work) -> None:
        reason = self.blocked(work.case, work.user)
        if reason:
            raise ActError(reason)
        common.fill_words(work)
        work.case.percent = 100


class Settle(Act):
    """All units are through."""

    kind, name, label, icon = KIND, "settle", "任务办结", "badge-check"
    from_states = OPEN
    to_state = "closed"
    system = True

    def apply(self, work: Work) -> None:
        counted = Assignment.objects.filter(task=work.case).exclude(series=CANCELLED_SERIES).count()
        work.case.percent = 100
        work.summary = f"{counted}个单位全部办结"


class ReopenTask(Act):
    """A unit's part was taken up again."""

    kind, name, label, icon = KIND, "reopen", "恢复推进", "rotate-ccw"
    from_states = frozenset({"closed"})
    to_state = "open"
    system = True


class CancelTask(Act):
    """撤销任务, with all its units."""

    kind, name, label, icon = KIND, "cancel", "撤销任务", "trash-2"
    from_states = OPEN
    to_state = "cancelled"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "各单位没有办结的一并撤销，不再计入台账统计。"

    def apply(self, work: Work) -> None:
        reason = work.data["reason"]
        for assignment in Assignment.objects.filter(task=work.case).open():
            work.perform(CancelWithTask, assignment, {"reason": reason})
        common.fill_words(work, "reason")


class CancelWithTask(Act):
    """撤销 as a consequence of the task's."""

    kind, name, label, icon = Assignment.KIND, "cancel_with_task", "随任务撤销", "trash-2"
    from_states = CancelAssignment.from_states
    to_state = "cancelled"
    system = True
    form_class = ReasonForm

    def apply(self, work: Work) -> None:
        from gongkai.ledger.acts.assignment import cancel

        cancel(work, work.data["reason"])


class Discard(Act):
    """A draft of an earlier reading."""

    kind, name, label, icon = KIND, "discard", "要点重读或作废", "trash-2"
    from_states = DRAFT
    to_state = "dropped"
    system = True
