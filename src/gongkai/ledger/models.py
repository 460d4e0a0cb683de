"""The ledger's records: a notice, its duties, one assignment per unit, what was reported, and what follows from it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.models import Attachment, Case, Record, Unit, UnitGroup


class AssignmentRole(models.TextChoices):
    """What a unit is to a duty; the notice's own words decide."""

    LEAD = "lead", "牵头单位"
    RESPONSIBLE = "responsible", "责任单位"
    COOPERATING = "cooperating", "配合单位"


class Notice(Record):
    """A work notice (工作要点、任务分解表、实施方案) as it was published, and what the compiler found in it.

    `compiled` is the compiler's answer as it was; what people changed lives in the tasks.
    `text` is the text that was read; every span points into it. `blocks` are [kind, start, end, level] rows.
    """

    class Level(models.TextChoices):
        OWN = "own", "本级要点"
        UPSTREAM = "upstream", "上级要点"

    KIND = "notice"
    SERIES_PREFIX = "notice-"

    level = models.CharField("层级", max_length=10, choices=Level.choices, default=Level.OWN)
    year = models.PositiveIntegerField("年度", null=True, blank=True)
    issuer = models.CharField("发布机关", max_length=120, blank=True)
    document_number = models.CharField("文号", max_length=80, blank=True)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    source = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原文件"
    )
    source_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    blocks = models.JSONField(default=list, blank=True)
    compiled = models.JSONField(default=dict, blank=True)
    progress = models.CharField("读取进度", max_length=200, blank=True)
    failure = models.CharField("读取失败原因", max_length=400, blank=True)
    upstream = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="local_notices", verbose_name="上级要点"
    )
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="next_notices", verbose_name="上年要点"
    )
    own_plan = models.BooleanField("要求各单位制定本单位方案", default=False)
    dispatched_on = models.DateField("派发日期", null=True, blank=True)
    receipt_by = models.DateField("签收截止", null=True, blank=True)
    public = models.BooleanField("公开台账", default=False)
    slug = models.SlugField("公开地址", max_length=60, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = "工作要点"
        verbose_name_plural = "工作要点"

    @property
    def name(self) -> str:
        """The notice as people call it: what stands in 《》 after 关于印发, else the title."""
        found = re.search(r"印发[《〈<](.+)[》〉>]的?通知", self.title)
        return found.group(1) if found else self.title

    @property
    def plan_year(self) -> int:
        """The year whose duties these are: as said, else the year of issue, else the year of import."""
        if self.year:
            return self.year
        return self.issued_on.year if self.issued_on else timezone.localtime(self.opened_at).year

    def questions(self) -> dict[str, QuerySet]:
        """What keeps a notice from approval: places to check, names without a unit, tasks without units."""
        drafts = Task.objects.filter(notice=self, state="draft")
        doubts = Doubt.objects.filter(notice=self, resolved_at__isnull=True, blocking=True)
        doubts = doubts.exclude(code="unit.missing")
        doubted = doubts.filter(task__isnull=False).values("task")
        lost = TaskUnit.objects.filter(unit__isnull=True, group__isnull=True, outside=False).values("task")
        return {
            "drafts": drafts,
            "doubtful": drafts.filter(pk__in=doubted),
            "unmatched": drafts.filter(pk__in=lost).exclude(pk__in=doubted),
            "general": doubts.filter(task__isnull=True),
            "missing": drafts.filter(named_units__isnull=True),
        }

    def refine_turn(self) -> None:
        """A superior's notice is not dispatched: once approved it only serves comparison."""
        if self.level == self.Level.UPSTREAM and self.state == "approved":
            self.turn_unit, self.turn_role, self.ask = None, "", ""

    @property
    def ledger_series(self) -> str:
        """The series under which this notice's duties are counted."""
        return f"{self.SERIES_PREFIX}{self.pk}"


class Section(models.Model):
    """A part of a notice (第一部分 …), for counts and the public table of contents."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="sections")
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["ordinal"]
        verbose_name = "部分"
        verbose_name_plural = "部分"
        constraints = [models.UniqueConstraint(fields=["notice", "ordinal"], name="section_unique")]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """The section as cases carry it."""
        return f"{self.ordinal:02d}"


class Task(Record):
    """One duty of a notice (任务). Its unit is the lead, or the supervising office where no lead is named.

    In review (`state` "draft") it may be edited, split, merged, dropped; once dispatched it has assignments.
    """

    KIND = "task"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="tasks")
    part = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="tasks")
    ordinal = models.PositiveIntegerField("序号")
    ref = models.CharField("条目", max_length=40, blank=True)
    path = models.JSONField(default=list, blank=True)
    heading = models.CharField("小标题", max_length=300, blank=True)
    text = models.TextField("任务要求")
    span_start = models.PositiveIntegerField(default=0)
    span_end = models.PositiveIntegerField(default=0)
    compiled = models.JSONField(default=dict, blank=True)
    candidate = models.BooleanField("原文没有责任单位", default=False)
    reviewed = models.BooleanField("已核对", default=False)
    summary_text = models.TextField("总体进展", blank=True)
    summary_at = models.DateTimeField(null=True, blank=True)
    summary_by = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    summary_public = models.BooleanField("总体进展可公开", default=True)
    summary_released_at = models.DateTimeField("总体进展公开时间", null=True, blank=True)
    percent = models.PositiveSmallIntegerField("完成比例", default=0)
    # Kept by `ledger.tallies`: public pages ask it of every duty and must not walk all units for the answer.
    finished_late = models.BooleanField("有单位逾期办结", default=False)

    class Meta:
        verbose_name = "任务"
        verbose_name_plural = "任务"
        # Not unique: split, merged and dropped drafts share numbers until the notice is approved.
        indexes = [models.Index(fields=["notice", "ordinal"], name="task_ordinal")]

    @property
    def name(self) -> str:
        """A short name: the heading, else the first sentence."""
        if self.heading:
            return self.heading.rstrip("。.：: ")
        first = re.split(r"[。；;\n]", self.text.strip(), maxsplit=1)[0]
        return first if len(first) <= 80 else f"{first[:79]}…"

    def questions(self) -> dict[str, QuerySet]:
        """Units that are not through, deadlines that wait for an event."""
        return {
            "open_units": Assignment.objects.filter(task=self.pk).open(),
            "event_deadlines": TaskDeadline.objects.filter(task=self.pk, kind=TaskDeadline.Kind.DURATION),
        }

    def get_public_url(self) -> str:
        """The duty's own public address."""
        return reverse("ledger-public:duty", args=[self.notice.slug, self.ordinal])


class TaskUnit(models.Model):
    """A unit as the notice names it, and the unit or group of the registry it stands for."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="named_units")
    ordinal = models.PositiveIntegerField(default=0)
    name = models.CharField("原文", max_length=200)
    role = models.CharField("角色", max_length=12, choices=AssignmentRole.choices, default=AssignmentRole.RESPONSIBLE)
    scope = models.CharField("分工", max_length=60, blank=True)
    span_start = models.PositiveIntegerField(null=True, blank=True)
    span_end = models.PositiveIntegerField(null=True, blank=True)
    inherited = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对应单位")
    group = models.ForeignKey(
        UnitGroup, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对应单位组"
    )
    how = models.CharField("怎样对上的", max_length=20, blank=True)
    suggestions = models.JSONField("可能是", default=list, blank=True)
    outside = models.BooleanField("不在本平台", default=False)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "原文单位"
        verbose_name_plural = "原文单位"

    def __str__(self) -> str:
        return self.name

    @property
    def matched(self) -> bool:
        """Somebody or something stands for the name."""
        return bool(self.unit_id or self.group_id or self.outside)


class TaskDeadline(models.Model):
    """A deadline of a duty, as `notice-schema` says it, and the clock it became."""

    class Kind(models.TextChoices):
        DATE = "date", "到某日"
        DURATION = "duration", "事件发生后"
        RECURRING = "recurring", "循环"

    task = models.ForeignKey(Task, models.CASCADE, related_name="deadlines")
    ordinal = models.PositiveIntegerField(default=0)
    text = models.CharField("原文", max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    date = models.DateField(null=True, blank=True)
    amount = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=10, blank=True)
    day = models.PositiveSmallIntegerField("每期第几日前", null=True, blank=True)
    months_after = models.PositiveSmallIntegerField("期后第几个月", default=0)
    trigger = models.CharField("从何时起算", max_length=200, blank=True)
    count = models.PositiveIntegerField(null=True, blank=True)
    span_start = models.PositiveIntegerField(null=True, blank=True)
    span_end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "任务时限"
        verbose_name_plural = "任务时限"

    def __str__(self) -> str:
        return self.text


class TaskEvent(models.Model):
    """Something that starts a duty's deadline happened (登记事件); several may happen in a year."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="occurrences")
    deadline = models.ForeignKey(TaskDeadline, models.PROTECT, related_name="occurrences")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="只对本单位")
    occurred_at = models.DateTimeField("发生时间")
    note = models.CharField("事件", max_length=200)

    class Meta:
        ordering = ["occurred_at", "id"]
        verbose_name = "起算事件"
        verbose_name_plural = "起算事件"

    def __str__(self) -> str:
        return self.note


class TaskTarget(models.Model):
    """A figure that a duty demands. Bound to a measure it is computed; otherwise units report it."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="targets")
    ordinal = models.PositiveIntegerField(default=0)
    text = models.CharField("原文", max_length=200)
    metric = models.CharField("指标", max_length=80, blank=True)
    operator = models.CharField(max_length=2, choices=[(">=", "不低于"), ("<=", "不超过")], default=">=")
    value = models.DecimalField(max_digits=12, decimal_places=2)
    unit = models.CharField("单位", max_length=20, blank=True)
    span_start = models.PositiveIntegerField(null=True, blank=True)
    span_end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "任务指标"
        verbose_name_plural = "任务指标"

    def __str__(self) -> str:
        return self.text

    @property
    def unit_words(self) -> str:
        """The unit as people read it."""
        return {"times": "次", "percent": "%", "percentage": "%"}.get(self.unit, self.unit)


class TaskCitation(models.Model):
    """A document cited in a duty."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="citations")
    title = models.CharField(max_length=300)
    document_number = models.CharField(max_length=80, blank=True)
    span_start = models.PositiveIntegerField(null=True, blank=True)
    span_end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "引用文件"
        verbose_name_plural = "引用文件"

    def __str__(self) -> str:
        return self.title


class Doubt(models.Model):
    """Something in a compiled notice that a person must look at before it may be approved."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="doubts")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="doubts")
    named_unit = models.ForeignKey(TaskUnit, models.CASCADE, null=True, blank=True, related_name="doubts")
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=400)
    blocking = models.BooleanField(default=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=200, blank=True)
    span_start = models.PositiveIntegerField(null=True, blank=True)
    span_end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "需核对"
        verbose_name_plural = "需核对"

    def __str__(self) -> str:
        return self.message


class Assignment(Record):
    """A duty laid on one unit with its role: what the unit works on. One per task and unit."""

    KIND = "assignment"

    task = models.ForeignKey(Task, models.PROTECT, related_name="assignments")
    role = models.CharField("角色", max_length=12, choices=AssignmentRole.choices)
    scope = models.CharField("分工", max_length=60, blank=True)
    percent = models.PositiveSmallIntegerField("完成比例", default=0)
    period = models.CharField("本期", max_length=20, blank=True)
    reported_at = models.DateTimeField("最近报送", null=True, blank=True)
    submitted_at = models.DateTimeField("提交办结", null=True, blank=True)
    paused = models.BooleanField("暂停计时", default=False)
    urged_at = models.DateTimeField("最近催办", null=True, blank=True)
    urge_open = models.BooleanField("催办待回应", default=False)
    urge_words = models.CharField("催办内容", max_length=500, blank=True)
    question_open = models.BooleanField("提问待答复", default=False)
    postponed_clock = models.CharField("申请延期的时限", max_length=40, blank=True)
    postponed_to = models.DateField("申请延至", null=True, blank=True)
    postponement_reason = models.CharField("延期原因", max_length=500, blank=True)

    # The day by which receipt is asked for, handed over by the dispatch before the case is opened.
    receive_by: dt.date | None = None

    class Meta:
        verbose_name = "任务分工"
        verbose_name_plural = "任务分工"

    def first_clocks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """The clocks with which an assignment begins."""
        from gongkai.ledger import recurrence

        return recurrence.first_clocks(self, now)

    def questions(self) -> dict[str, QuerySet]:
        """Reports that stand, wait for release or are released; supervisions unanswered; deadlines by event."""
        standing = Progress.objects.filter(assignment=self.pk, returned_at__isnull=True)
        return {
            "standing": standing,
            "waiting": standing.filter(released_at__isnull=True),
            "released": Progress.objects.filter(assignment=self.pk, released_at__isnull=False),
            "issued": Supervision.objects.filter(assignment=self.pk, state="issued"),
            "event_deadlines": TaskDeadline.objects.filter(task=self.task_id, kind=TaskDeadline.Kind.DURATION),
        }

    def refine_turn(self) -> None:
        """An open question is the office's turn to answer, and says so."""
        if self.question_open and self.is_open and self.state == "in_progress" and not self.urge_open:
            self.ask = "办理任务，提问待主管单位答复"


class Progress(models.Model):
    """One report of progress by a unit (报送进展)."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reports")
    # The assignment's own duty, repeated here so that the newest reports of a duty are found in an index.
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, editable=False, related_name="+", db_index=False, verbose_name="任务"
    )
    period = models.CharField("本期", max_length=20, blank=True)
    text = models.TextField("进展")
    percent = models.PositiveSmallIntegerField("完成比例")
    value = models.DecimalField("指标完成值", max_digits=12, decimal_places=2, null=True, blank=True)
    links = models.JSONField("链接", default=list, blank=True)
    files = models.ManyToManyField(Attachment, blank=True, related_name="+", verbose_name="佐证")
    cases = models.ManyToManyField(Case, blank=True, related_name="+", verbose_name="佐证事项")
    public = models.BooleanField("随台账公开", default=True)
    private_reason = models.CharField("暂不公开的理由", max_length=200, blank=True)
    answer = models.CharField("对催办的回应", max_length=500, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    released_at = models.DateTimeField("公开时间", null=True, blank=True)
    completion = models.BooleanField("提交办结", default=False)
    clock_code = models.CharField(max_length=40, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField()
    event = models.OneToOneField("core.Event", models.PROTECT, null=True, blank=True, related_name="progress")

    class Meta:
        ordering = ["-id"]
        verbose_name = "进展"
        verbose_name_plural = "进展"
        indexes = [
            models.Index(fields=["assignment", "-id"], name="progress_assignment"),
            models.Index(
                fields=["task", "-reported_at", "-id"],
                name="progress_released",
                condition=models.Q(released_at__isnull=False, returned_at__isnull=True),
            ),
            models.Index(
                fields=["task", "assignment", "-id", "value"],
                name="progress_value",
                condition=models.Q(value__isnull=False, returned_at__isnull=True),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it down under its duty."""
        if self.task_id is None:
            self.task_id = self.assignment.task_id
        super().save(*args, **kwargs)

    @property
    def period_words(self) -> str:
        """The period as people say it: 2026-11 is 2026年11月; empty where the report belongs to none."""
        found = re.fullmatch(r"(\d{4})-(?:(\d{2})|Q([1-4])|H([12]))", self.period)
        if not found:
            return f"{self.period}年" if re.fullmatch(r"\d{4}", self.period) else ""
        year, month, quarter, half = found.groups()
        if month:
            return f"{year}年{int(month)}月"
        if quarter:
            return f"{year}年{'一二三四'[int(quarter) - 1]}季度"
        return f"{year}年{'上' if half == '1' else '下'}半年"

    def __str__(self) -> str:
        return self.text[:40]


class Plan(Record):
    """A unit's own yearly plan under a notice (本单位方案), due within 30 days of issue."""

    KIND = "plan"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="plans")
    body = models.TextField("正文", blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    public = models.BooleanField("已公开", default=False)

    class Meta:
        verbose_name = "本单位方案"
        verbose_name_plural = "本单位方案"

    def questions(self) -> dict[str, QuerySet]:
        """Items without anybody responsible."""
        return {"nobody": self.items.filter(responsible="")}

    def first_clocks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """Within so many days of the notice's issue (001-18a)."""
        issued = self.notice.issued_on or timezone.localdate(now)
        return [
            {
                "code": "plan",
                "name": "制定本单位方案",
                "unit": "day",
                "amount": jurisdiction.value("plan.days"),
                "started_at": timezone.make_aware(dt.datetime.combine(issued, dt.time())),
                "basis": f"《{self.notice.name}》{self.notice.document_number}".strip()[:200],
            }
        ]


class PlanItem(models.Model):
    """A duty in a unit's plan: what exactly, who in the unit, until when."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    ordinal = models.PositiveIntegerField(default=0)
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="+")
    measure = models.TextField("具体举措")
    responsible = models.CharField("责任科室或岗位", max_length=100, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)

    class Meta:
        ordering = ["ordinal", "id"]
        verbose_name = "方案事项"
        verbose_name_plural = "方案事项"

    def __str__(self) -> str:
        return self.measure[:40]


class LookBack(Record):
    """A look-back on last year's notice (回头看): every duty with an owner and a time limit is checked."""

    KIND = "lookback"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="lookbacks")
    conclusion = models.TextField("结论", blank=True)

    class Meta:
        verbose_name = "回头看"
        verbose_name_plural = "回头看"

    def questions(self) -> dict[str, QuerySet]:
        """Items nobody has looked at, unfinished ones nobody was told to put right."""
        left = self.items.filter(finding__in=["partly", "unfinished"], rectifications__isnull=True)
        return {"unchecked": self.items.filter(finding="open"), "unordered": left}


class LookBackItem(models.Model):
    """One duty in a look-back and what was found."""

    class Finding(models.TextChoices):
        OPEN = "open", "未核查"
        DONE = "done", "已完成"
        PARTLY = "partly", "部分完成"
        UNFINISHED = "unfinished", "未完成"

    lookback = models.ForeignKey(LookBack, models.CASCADE, related_name="items")
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="+")
    ordinal = models.PositiveIntegerField(default=0)
    priority = models.BooleanField("有责任主体和时限", default=False)
    title = models.CharField(max_length=300)
    finding = models.CharField("核查结果", max_length=12, choices=Finding.choices, default=Finding.OPEN)
    note = models.TextField("核查说明", blank=True)

    class Meta:
        ordering = ["-priority", "ordinal", "id"]
        verbose_name = "核查项"
        verbose_name_plural = "核查项"

    def __str__(self) -> str:
        return self.title


class Rectification(Record):
    """What a unit must put right (整改): ordered in a look-back or an inspection, with its own clock."""

    KIND = "rectification"

    item = models.ForeignKey(LookBackItem, models.PROTECT, null=True, blank=True, related_name="rectifications")
    task = models.ForeignKey(Task, models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.TextField("问题")
    due_on = models.DateField("整改期限")
    result = models.TextField("整改情况", blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)

    class Meta:
        verbose_name = "整改"
        verbose_name_plural = "整改"

    def first_clocks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """To the day that was ordered."""
        return [{"code": "rectify", "name": "完成整改", "unit": "date", "date": self.due_on}]


class Hearing(Record):
    """The principal head heard a report on openness (听取汇报、专题研究), tied to the duties it fulfils."""

    KIND = "hearing"

    class Form(models.TextChoices):
        REPORT = "report", "听取工作汇报"
        SESSION = "session", "专题研究部署"
        GROUP = "group", "领导小组会议"
        TRAINING = "training", "业务培训"

    form = models.CharField("形式", max_length=10, choices=Form.choices, default=Form.REPORT)
    held_on = models.DateField("日期")
    chair = models.CharField("主持人职务", max_length=60)
    content = models.TextField("内容")
    settled = models.TextField("议定事项", blank=True)
    attendees = models.PositiveIntegerField("参加人数", null=True, blank=True)
    tasks = models.ManyToManyField(Task, blank=True, related_name="hearings", verbose_name="对应任务")

    class Meta:
        verbose_name = "听取汇报"
        verbose_name_plural = "听取汇报"


class Supervision(Record):
    """A formal supervision (督办) of an assignment: a numbered letter, an answer due, a conclusion."""

    KIND = "supervision"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="supervisions")
    problem = models.TextField("督办事由")
    demand = models.TextField("督办要求")
    answer = models.TextField("办理情况", blank=True)
    answer_by = models.DateField("答复期限", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = "督办"
        verbose_name_plural = "督办"

    def first_clocks(self, now: dt.datetime) -> list[dict[str, Any]]:
        """To the day written in the letter, else so many working days."""
        clock: dict[str, Any] = {"code": "answer", "name": "答复督办单"}
        if self.answer_by:
            return [clock | {"unit": "date", "date": self.answer_by}]
        return [clock | {"unit": "workday", "amount": jurisdiction.value("supervision.workdays")}]


class TaskMatch(models.Model):
    """Two duties of two notices that a person confirmed, or not, as the same or as following one another."""

    class Relation(models.TextChoices):
        YEAR = "year", "上年与本年"
        LEVEL = "level", "上级与本级"

    class Decision(models.TextChoices):
        SUGGESTED = "suggested", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "不对应"

    relation = models.CharField(max_length=6, choices=Relation.choices)
    left = models.ForeignKey(Task, models.CASCADE, related_name="matches_left")
    right = models.ForeignKey(Task, models.CASCADE, related_name="matches_right")
    score = models.FloatField()
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.SUGGESTED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-score", "id"]
        verbose_name = "任务对应"
        verbose_name_plural = "任务对应"
        constraints = [models.UniqueConstraint(fields=["relation", "left", "right"], name="match_unique")]

    def __str__(self) -> str:
        return f"{self.left_id} {self.right_id} {self.score:.2f}"
