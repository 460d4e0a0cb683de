"""Acts on a notice: import, compile, review, approval, dispatch, publication, archive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from gongkai.core import attachments, jurisdiction, numbers
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, OneFileField, ReasonForm
from gongkai.core.models import User
from gongkai.ledger import dispatching, proof
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import ANY_OFFICE, OFFICE_OF_OWNER, choices_of
from gongkai.ledger.acts.plan import open_plans
from gongkai.ledger.acts.task import DispatchTask, draft_number, live_drafts, missing_unit
from gongkai.ledger.models import Doubt, Notice, Task, TaskMatch

KIND = Notice.KIND


def _notices(case: Any):
    found = Notice.objects.exclude(state__in=["reading", "failed", "withdrawn"])
    return found.exclude(pk=case.pk) if case is not None else found


class MetadataForm(ActForm):
    """What the notice says of itself."""

    title = forms.CharField(label="标题", max_length=300)
    level = forms.ChoiceField(label="层级", choices=Notice.Level.choices)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100, required=False)
    issuer = forms.CharField(label="发布机关", max_length=120, required=False)
    document_number = forms.CharField(label="文号", max_length=80, required=False)
    issued_on = DayField(label="成文日期", required=False)
    published_on = DayField(label="发布日期", required=False)
    upstream = forms.ModelChoiceField(label="上级要点", queryset=Notice.objects.none(), required=False)
    previous = forms.ModelChoiceField(label="上年要点", queryset=Notice.objects.none(), required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "upstream").queryset = _notices(case)
        choices_of(self, "previous").queryset = _notices(case)


class ImportForm(ActForm):
    """A file, a saved page, or pasted text."""

    level = forms.ChoiceField(label="层级", choices=Notice.Level.choices, initial=Notice.Level.OWN, required=False)
    file = OneFileField(label="文件", required=False, help_text="Word、WPS、PDF、Excel、文本，或从政府网站另存的网页。")
    text = forms.CharField(
        label="粘贴正文", required=False, max_length=2_000_000, strip=False, widget=forms.Textarea(attrs={"rows": 10})
    )
    title = forms.CharField(label="标题", max_length=300, required=False, help_text="不填就按文件里的标题。")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # One of file and text must be given, and a level is always chosen: none of them is called optional.
        fields: dict[str, Any] = self.fields
        for name in ("file", "text", "level"):
            fields[name].quiet = True

    def clean_file(self):
        """Checked like every upload, so that the form says what is wrong."""
        file = self.cleaned_data["file"]
        if file is not None:
            data = file.read()
            file.seek(0)
            attachments.check(attachments.clean_name(file.name or ""), data)
        return file

    def clean(self) -> dict[str, Any]:
        """One of file and text."""
        data = super().clean() or self.cleaned_data
        has_file, has_text = bool(data.get("file")), bool((data.get("text") or "").strip())
        if "file" not in self.errors and not has_file and not has_text:
            self.add_error("file", "请选择文件，或者粘贴正文。")
        if has_file and has_text:
            self.add_error("text", "文件和粘贴的正文只能用一种。")
        return data


class Import(Act):
    """导入."""

    kind, name, label, icon = KIND, "import", "导入要点", "upload"
    creates = True
    permits = ANY_OFFICE
    form_class = ImportForm
    order = 10
    hint = "文件会原样保存；读取在后台进行，完成后进入核对。"

    def apply(self, work: Work) -> None:
        from gongkai.ledger.compile_task import compile_notice

        file = work.data.get("file")
        text = work.data.pop("text", "") or ""
        if file is None:
            file = SimpleUploadedFile("粘贴正文.txt", text.encode("utf-8"), "text/plain")
        attachment = attachments.store(file, user=work.user)
        attachment.save()
        unit = common.office_unit(work.user)
        notice = Notice(
            kind=KIND,
            title=(work.data.get("title") or attachment.name)[:300],
            state="reading",
            unit=unit,
            supervisor=unit,
            level=work.data.get("level") or Notice.Level.OWN,
            source=attachment,
            source_name=attachment.name,
            progress="等待读取",
        )
        work.data["file"] = attachment.name
        work.open(notice, summary=attachment.name)
        work.attachments.append(attachment)
        # With the database queue this is one more row of the same transaction.
        compile_notice.enqueue(notice.pk)


class Recompile(Act):
    """重新读取."""

    kind, name, label, icon = KIND, "recompile", "重新读取", "refresh-cw"
    from_states = frozenset({"failed", "review", "reading"})
    to_state = "reading"
    permits = OFFICE_OF_OWNER
    danger = True
    order = 80
    hint = "按原文件重新识别；已经核对过的内容会作废。"

    def apply(self, work: Work) -> None:
        from gongkai.ledger.compile_task import compile_notice

        notice: Any = work.case
        notice.progress, notice.failure = "等待读取", ""
        transaction.on_commit(partial(compile_notice.enqueue, notice.pk))


class Compiled(Act):
    """读取完成: what the compiler found becomes sections, drafts and doubts."""

    kind, name, label, icon = KIND, "compiled", "读取完成", "check"
    from_states = frozenset({"reading"})
    to_state = "review"
    system = True

    def apply(self, work: Work) -> None:
        from gongkai.ledger import compile_task

        notice: Any = work.case
        counts = compile_task.take_over(work, notice)
        notice.progress, notice.failure = "", ""
        work.summary = (
            f"任务{counts.tasks}条，责任关系{counts.units}个，时限{counts.deadlines}项，需核对{counts.doubts}处"
        )
        work.notify(common.people_of(notice.unit, common.Role.OFFICE), f"读取完成，请核对：{notice.title}")


class FailedForm(forms.Form):
    """Why it could not be read."""

    reason = forms.CharField(max_length=400)


class Failed(Act):
    """读取失败."""

    kind, name, label, icon = KIND, "failed", "读取失败", "x"
    from_states = frozenset({"reading"})
    to_state = "failed"
    system = True
    form_class = FailedForm

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        notice.failure, notice.progress = work.data["reason"], ""
        work.words = work.data["reason"]
        work.notify(common.people_of(notice.unit, common.Role.OFFICE), f"没有读出来：{notice.title}。{notice.failure}")


class Edit(Act):
    """修改信息."""

    kind, name, label, icon = KIND, "edit", "修改信息", "pencil"
    from_states = frozenset({"review", "approved", "dispatched"})
    permits = OFFICE_OF_OWNER
    form_class = MetadataForm
    order = 30

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        return {name: getattr(case, name) for name in MetadataForm.base_fields if name != "kept"}

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        for name in MetadataForm.base_fields:
            if name != "kept":
                setattr(notice, name, work.data[name])
        if notice.year or notice.issued_on:
            notice.doubts.filter(code="notice.year", resolved_at__isnull=True).update(
                resolved_at=work.now, resolution="已填写"
            )


class LinkForm(ActForm):
    """Its upstream notice and last year's."""

    upstream = forms.ModelChoiceField(label="上级要点", queryset=Notice.objects.none(), required=False)
    previous = forms.ModelChoiceField(label="上年要点", queryset=Notice.objects.none(), required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "upstream").queryset = _notices(case).filter(level=Notice.Level.UPSTREAM)
        choices_of(self, "previous").queryset = _notices(case).filter(level=case.level)


class Link(Act):
    """关联要点."""

    kind, name, label, icon = KIND, "link", "关联要点", "link"
    from_states = frozenset({"review", "approved", "dispatched"})
    permits = OFFICE_OF_OWNER
    form_class = LinkForm
    order = 35
    hint = "关联后可以逐条对照：上级任务有没有落实，上年任务有没有延续。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"upstream": case.upstream_id, "previous": case.previous_id} if case else {}

    def apply(self, work: Work) -> None:
        work.case.upstream, work.case.previous = work.data["upstream"], work.data["previous"]


class AddTaskForm(ActForm):
    """A stretch of the source that is a task."""

    start = forms.IntegerField(label="从", min_value=0)
    end = forms.IntegerField(label="到", min_value=1)
    heading = forms.CharField(label="小标题", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Start before end."""
        data = super().clean() or self.cleaned_data
        if data.get("start") is not None and data.get("end") is not None and data["end"] <= data["start"]:
            raise forms.ValidationError("选中的文字是空的，请在左侧原文里重新选择。")
        return data


class AddTask(Act):
    """从原文新增任务."""

    kind, name, label, icon = KIND, "add_task", "从原文新增任务", "plus"
    from_states = frozenset({"review"})
    permits = OFFICE_OF_OWNER
    form_class = AddTaskForm
    order = 20

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        start, end = work.data["start"], min(work.data["end"], len(notice.text))
        text = notice.text[start:end].strip()
        if not text:
            raise ActError("选中的文字是空的，请在左侧原文里重新选择。")
        drafts = list(live_drafts(notice.pk))
        before = [task for task in drafts if task.span_start <= start]
        after = before[-1] if before else None
        ordinal = after.ordinal + 1 if after else 1
        for later in drafts:
            if later.ordinal >= ordinal:
                Task.objects.filter(pk=later.pk).update(ordinal=later.ordinal + 1)
        task = Task(
            kind=Task.KIND,
            number=draft_number(notice),
            state="draft",
            unit=notice.unit,
            supervisor=notice.unit,
            series=notice.ledger_series,
            section=after.section if after else "",
            notice=notice,
            part=after.part if after else None,
            ordinal=ordinal,
            path=after.path if after else [],
            heading=work.data["heading"],
            text=text,
            span_start=start,
            span_end=end,
        )
        task.title = task.name[:300]
        work.open(task, summary="从原文新增")
        missing_unit(task)
        work.summary = f"第{ordinal}条：{task.title}"[:300]
        work.record["task"] = task.pk


class ResolveForm(ActForm):
    """A doubt, and how it was settled."""

    doubt = forms.ModelChoiceField(label="需核对", queryset=Doubt.objects.none())
    resolution = forms.CharField(label="处理", max_length=200, initial="已核对", required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "doubt").queryset = case.doubts.filter(resolved_at__isnull=True)


class Resolve(Act):
    """处理疑点."""

    kind, name, label, icon = KIND, "resolve", "处理疑点", "check"
    from_states = frozenset({"review"})
    permits = OFFICE_OF_OWNER
    form_class = ResolveForm
    order = 25

    def apply(self, work: Work) -> None:
        doubt: Doubt = work.data["doubt"]
        if doubt.code in ("unit.unmatched", "unit.ambiguous", "unit.missing"):
            raise ActError("这一处要先给出责任单位，或者定为“不作为任务”。")
        doubt.resolved_at = work.now
        doubt.resolution = work.data["resolution"] or "已核对"
        doubt.save(update_fields=["resolved_at", "resolution"])
        work.summary = f"{doubt.message}：{doubt.resolution}"[:300]


def approval_obstacle(notice: Notice) -> str:
    """Why a notice in review cannot be approved as it stands, in words; empty if it can."""
    notice.__dict__.pop("known", None)
    return _obstacle(notice)


def _obstacle(notice: Notice) -> str:
    known = notice.known
    doubts = known["doubtful"] + known["unmatched"] + known["general"]
    parts = [f"{doubts}条需核对"] * bool(doubts) + [f"{known['missing']}条无责任单位"] * bool(known["missing"])
    if parts:
        return f"还有{'、'.join(parts)}；处理完才能批准。"
    if not known["drafts"]:
        return "这份要点里没有任务，不能批准。可以从原文新增任务。"
    return ""


class Approve(Act):
    """批准."""

    kind, name, label, icon = KIND, "approve", "批准", "stamp"
    from_states = frozenset({"review"})
    to_state = "approved"
    permits = OFFICE_OF_OWNER
    form_class = common.OpinionForm
    expected = True
    # While something is left to check, the way on is the page for checking, not a button that says no.
    hide_blocked = True
    order = 10
    hint = "批准后任务不能再改，可以派发。上级要点批准后用于对照，不用派发。"

    def blocked(self, case: Any, user: Any) -> str:
        return _obstacle(case)

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        reason = _obstacle(notice)
        if reason:
            raise ActError(reason)
        common.fill_words(work)
        drafts = list(live_drafts(notice.pk).filter(state="draft"))
        for ordinal, task in enumerate(drafts, start=1):
            if task.ordinal != ordinal:
                Task.objects.filter(pk=task.pk).update(ordinal=ordinal)
        work.summary = f"任务{len(drafts)}条"


class Reconsider(Act):
    """退回核对."""

    kind, name, label, icon = KIND, "reconsider", "退回核对", "undo-2"
    from_states = frozenset({"approved"})
    to_state = "review"
    permits = OFFICE_OF_OWNER
    form_class = ReasonForm
    order = 40

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")


class DispatchForm(ActForm):
    """By when to confirm receipt, and whether units make their own plan."""

    receipt_by = DayField(label="签收截止", required=False, help_text="不填按本地设置的工作日数计算。")
    own_plan = forms.BooleanField(
        label="要求各单位制定本单位方案", required=False, help_text="期限从要点印发之日起算，默认30日。"
    )


class Dispatch(Act):
    """派发."""

    kind, name, label, icon = KIND, "dispatch", "派发", "send"
    from_states = frozenset({"approved"})
    to_state = "dispatched"
    permits = OFFICE_OF_OWNER
    form_class = DispatchForm
    expected = True
    order = 10

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"own_plan": bool(case and (case.own_plan or jurisdiction.value("ledger.own_plan")))}

    def describe(self, case: Any, user: Any) -> str:
        tasks = standing_tasks(case)
        return f"{len(tasks)}条任务展开后{dispatching.count(tasks)}件，各单位签收后开始办理。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.level == Notice.Level.OWN

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        if notice.level == Notice.Level.UPSTREAM:
            raise ActError("上级要点用于对照，不派发。")
        receive_by = work.data.get("receipt_by")
        if receive_by:
            common.not_past(receive_by, work.now, "签收截止日期")
        tasks = standing_tasks(notice)
        expander = dispatching.Expander()
        placed = [(task, dispatching.places(task.named_units.all(), expander)) for task in tasks]
        lost = [str(task.ordinal) for task, places in placed if not places and not _left_open(task)]
        if lost:
            raise ActError(f"第{'、'.join(lost)}条没有可以派发的单位：单位组里没有成员，或单位已停用。")
        notice.dispatched_on = timezone.localdate(work.now)
        notice.receipt_by = receive_by
        notice.own_plan = bool(work.data.get("own_plan"))
        concerned: dict[int, tuple[Any, list[Task]]] = {}
        given = numbers.take_many("RW", timezone.localtime(work.now).year, len(placed))
        for number, (task, places) in zip(given, placed, strict=True):
            handed = {"places": list(places), "receive_by": receive_by, "number": number, "duty": task}
            work.perform(DispatchTask, task, handed)
            for unit, _, _ in places:
                concerned.setdefault(unit.pk, (unit, []))[1].append(task)
        if notice.own_plan:
            open_plans(work, notice, list(concerned.values()))
        total = sum(len(places) for _, places in placed)
        by_when = f"，要求{common.day_words(receive_by)}前签收" if receive_by else ""
        work.summary = f"{len(tasks)}条任务，给{len(concerned)}个单位共{total}件{by_when}"
        self._tell(work, notice, concerned)

    def _tell(self, work: Work, notice: Notice, concerned: Mapping[int, tuple[Any, list[Task]]]) -> None:
        from gongkai.core.models import Membership
        from gongkai.core.roles import STAFF

        rows = Membership.objects.filter(unit__in=list(concerned), role__in=STAFF, user__is_active=True)
        told: set[int] = set()
        for row in rows.select_related("user").order_by("unit_id", "user_id"):
            if row.user_id in told:
                continue
            told.add(row.user_id)
            number = len(concerned[row.unit_id][1])
            work.notify([row.user], f"{notice.name}：有{number}项任务待签收", key=f"dispatch-{notice.pk}")


def _left_open(task: Task) -> bool:
    """A duty whose units are named only when it happens (事发地镇街) is dispatched without units."""
    named = list(task.named_units.all())
    return bool(named) and all(one.outside for one in named)


def standing_tasks(notice: Any) -> list[Task]:
    """The tasks to be dispatched, with what dispatching reads; all know this one notice, whose texts are long."""
    tasks = list(Task.objects.filter(notice=notice, state="draft").select_related("part").order_by("ordinal", "pk"))
    prefetch_related_objects(tasks, "named_units__unit", "named_units__group__root", "deadlines")
    for task in tasks:
        task.notice = notice
    return tasks


class PublishForm(ActForm):
    """The public address."""

    slug = forms.SlugField(label="公开地址", max_length=60, required=False, help_text="小写字母、数字和连字符。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case

    def clean_slug(self) -> str:
        """Not taken by another notice."""
        slug = self.cleaned_data["slug"]
        if slug and Notice.objects.filter(slug=slug).exclude(pk=self.case.pk).exists():
            raise forms.ValidationError("这个地址已经用于另一份要点，请换一个。")
        return slug


def free_slug(notice: Notice) -> str:
    """An address from the year, free."""
    base = str(notice.plan_year)
    slug, serial = base, 2
    while Notice.objects.filter(slug=slug).exclude(pk=notice.pk).exists():
        slug, serial = f"{base}-{serial}", serial + 1
    return slug


class Publish(Act):
    """公开台账."""

    kind, name, label, icon = KIND, "publish", "公开台账", "globe"
    from_states = frozenset({"dispatched", "archived"})
    permits = OFFICE_OF_OWNER
    form_class = PublishForm
    order = 20
    hint = "任务、责任单位、完成情况标识随即公开；各单位进展逐条确认后才公开。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and not case.public

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"slug": case.slug or free_slug(case)} if case else {}

    def apply(self, work: Work) -> None:
        notice: Any = work.case
        notice.slug = work.data.get("slug") or notice.slug or free_slug(notice)
        notice.public = True
        work.public = True
        proof.notice(work, "published")


class Unpublish(Act):
    """撤下台账."""

    kind, name, label, icon = KIND, "unpublish", "撤下台账", "globe-lock"
    from_states = frozenset({"dispatched", "archived"})
    permits = OFFICE_OF_OWNER
    form_class = ReasonForm
    danger = True
    order = 85

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.public

    def apply(self, work: Work) -> None:
        work.case.public = False
        common.fill_words(work, "reason")
        proof.notice(work, "withdrawn")


class Archive(Act):
    """归档."""

    kind, name, label, icon = KIND, "archive", "归档", "archive"
    from_states = frozenset({"dispatched", "approved"})
    to_state = "archived"
    permits = OFFICE_OF_OWNER
    form_class = common.OpinionForm
    order = 90
    hint = "归档后台账仍可查阅，没有办结的任务照常办理。"

    def apply(self, work: Work) -> None:
        common.fill_words(work)


class Withdraw(Act):
    """作废 of a wrong upload."""

    kind, name, label, icon = KIND, "withdraw", "作废", "trash-2"
    from_states = frozenset({"failed", "review", "reading", "approved"})
    to_state = "withdrawn"
    permits = OFFICE_OF_OWNER
    form_class = ReasonForm
    danger = True
    order = 95
    hint = "用于传错的文件。原文件和留痕保留。"

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")
        for task in Task.objects.filter(notice=work.case, state="draft"):
            work.perform("task.discard", task)


class DecideMatchForm(ActForm):
    """Two duties, and whether they belong together."""

    relation = forms.ChoiceField(label="对照", choices=TaskMatch.Relation.choices)
    left = forms.ModelChoiceField(label="上年或上级任务", queryset=Task.objects.none())
    right = forms.ModelChoiceField(label="本年或本级任务", queryset=Task.objects.none())
    score = forms.FloatField(label="相近程度", required=False, min_value=0, max_value=1)
    decision = forms.ChoiceField(
        label="是否对应",
        choices=[(TaskMatch.Decision.CONFIRMED, "确认对应"), (TaskMatch.Decision.REJECTED, "不对应")],
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "right").queryset = case.tasks.exclude(state="dropped")
        others = [pk for pk in (case.upstream_id, case.previous_id) if pk]
        choices_of(self, "left").queryset = Task.objects.filter(notice__in=others).exclude(state="dropped")


class DecideMatch(Act):
    """确认对应."""

    kind, name, label, icon = KIND, "decide_match", "确认对应", "git-compare"
    from_states = frozenset({"review", "approved", "dispatched", "archived"})
    permits = OFFICE_OF_OWNER
    form_class = DecideMatchForm
    order = 50

    def apply(self, work: Work) -> None:
        data = work.data
        match, _ = TaskMatch.objects.update_or_create(
            relation=data["relation"],
            left=data["left"],
            right=data["right"],
            defaults={"decision": data["decision"], "decided_by": work.user, "score": data.get("score") or 0.0},
        )
        work.summary = (
            f"{match.get_relation_display()}：第{data['left'].ordinal}条与第{data['right'].ordinal}条"
            f"{match.get_decision_display()}"
        )


OWN_PLAN_WORDS = re.compile(
    r"(?:印发|下发|发布).{0,12}(?:\d+|[一二三四五六七八九十]+)日内.{0,30}(?:计划|方案|台账)|制定.{0,16}(?:年度|具体|实施).{0,6}(?:计划|方案)"
)
