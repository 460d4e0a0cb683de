"""Acts on a hearing: the principal head heard a report, a session, a leading group's meeting, training."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import attachments, own_units
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitField
from gongkai.core.models import Attachment, User
from gongkai.core.roles import STAFF
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import ANY_OFFICE, OFFICE, Role, anywhere, choices_of, owner, text_area
from gongkai.ledger.models import Assignment, Hearing, Task

KIND = Hearing.KIND
RECORDED = frozenset({"recorded"})


class HearingForm(ActForm):
    """Who heard what, when, and which duties it fulfils."""

    unit = UnitField(label="单位", required=False, help_text="主管单位可以代其他单位登记；不选就是本单位。")
    form = forms.ChoiceField(label="形式", choices=Hearing.Form.choices)
    held_on = DayField(label="日期")
    chair = forms.CharField(label="主持人职务", max_length=60, help_text="写职务，不写姓名，例如“主要负责人”。")
    content = text_area("内容", limit=3000)
    settled = text_area("议定事项", limit=3000, required=False)
    attendees = forms.IntegerField(label="参加人数", min_value=1, max_value=100000, required=False)
    tasks = forms.ModelMultipleChoiceField(label="对应任务", queryset=Task.objects.none(), required=False)
    as_progress = forms.BooleanField(label="同时作为这些任务的进展报送", required=False)
    files = FilesField(label="佐证", required=False, help_text="会议纪要、签到表、照片。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        tasks = Task.objects.filter(state__in=["open", "closed"])
        choices_of(self, "tasks").queryset = tasks.order_by("-notice_id", "ordinal")
        if user is not None and Role.OFFICE not in user.role_set:
            own_units.offer(self, user, set(Role))

    def clean(self) -> dict[str, Any]:
        """A progress needs a task."""
        data = super().clean() or self.cleaned_data
        if data.get("as_progress") and not data.get("tasks"):
            self.add_error("tasks", "请选择要作为哪几项任务的进展。")
        return data


class RecordHearing(Act):
    """登记听取汇报."""

    kind, name, label, icon = KIND, "record", "登记听取汇报", "presentation"
    creates = True
    permits = (*anywhere(*STAFF), *ANY_OFFICE)
    form_class = HearingForm
    hint = "登记后计入本单位全年次数。"

    def apply(self, work: Work) -> None:
        data = work.data
        unit = unit_for(work, data.get("unit"))
        if data["held_on"] > timezone.localdate(work.now):
            raise ActError("日期不能晚于今天，请在开过之后登记。")
        hearing = Hearing(
            kind=KIND,
            state="recorded",
            unit=unit,
            supervisor=supervising(work, unit, data.get("tasks")),
            series=f"hearing-{data['held_on'].year}",
            form=data["form"],
            held_on=data["held_on"],
            chair=data["chair"],
            content=data["content"],
            settled=data["settled"],
            attendees=data.get("attendees"),
        )
        hearing.title = f"{unit}{hearing.get_form_display()}（{common.day_words(hearing.held_on)}）"[:300]
        files = kept_files(work)
        work.open(hearing, summary=f"{hearing.chair}主持", words=hearing.content)
        hearing.tasks.set(data.get("tasks") or [])
        work.attachments.extend(files)
        if data.get("as_progress"):
            report_hearing(work, hearing, list(data["tasks"]))


def unit_for(work: Work, chosen: Any) -> Any:
    """The unit a hearing belongs to: another one only by the office."""
    if chosen is None:
        return common.home_unit(work.user)
    if work.user is None or Role.OFFICE in work.user.role_set:
        return chosen
    if not work.user.roles_at(chosen) & set(STAFF):
        raise ActError("只能登记本单位的。其他单位的，由主管单位登记。")
    return chosen


def supervising(work: Work, unit: Any, tasks: Any) -> Any:
    """The office that supervises: that of the duties, else that of the latest notice."""
    from gongkai.ledger.models import Notice

    for task in tasks or []:
        return task.supervisor
    notice = Notice.objects.filter(level=Notice.Level.OWN).exclude(state="withdrawn").order_by("-pk").first()
    return notice.unit if notice else None


def kept_files(work: Work) -> list[Attachment]:
    """Uploads of the form, stored."""
    kept = list(work.data.get("kept") or [])
    for file in work.data.get("files") or []:
        kept.append(attachments.store(file, user=work.user))
    return kept


def report_hearing(work: Work, hearing: Hearing, tasks: list[Task]) -> int:
    """Hand a hearing in as progress of the unit's own assignments; returns how many took it."""
    from gongkai.ledger.acts.assignment import Report

    given = 0
    for assignment in Assignment.objects.filter(task__in=tasks, unit=hearing.unit, state="in_progress"):
        text = (
            f"{common.day_words(hearing.held_on)}，{hearing.chair}主持{hearing.get_form_display()}。{hearing.content}"
        )
        data: dict[str, Any] = {
            "text": text[:500],
            "percent": max(assignment.percent, 0),
            "cases": [hearing.pk],
            "public": "yes",
        }
        if assignment.urge_open:
            data["answer"] = text[:500]
        target = assignment.task.targets.filter(metric="", unit__in=["times", "次", "场", "期"]).first()
        if target:
            data["value"] = hearings_of(hearing, assignment.task)
        work.perform(Report, assignment, data)
        given += 1
    return given


def hearings_of(hearing: Hearing, task: Task) -> int:
    """How often the unit held what the duty asks for, in the year of the hearing."""
    return (
        Hearing.objects.filter(unit=hearing.unit, tasks=task, state="recorded", held_on__year=hearing.held_on.year)
        .exclude(pk=hearing.pk)
        .count()
        + 1
    )


class AmendForm(ActForm):
    """Corrections."""

    chair = forms.CharField(label="主持人职务", max_length=60)
    content = text_area("内容", limit=3000)
    settled = text_area("议定事项", limit=3000, required=False)
    attendees = forms.IntegerField(label="参加人数", min_value=1, max_value=100000, required=False)
    files = FilesField(label="补充佐证", required=False)  # type: ignore[assignment]


class Amend(Act):
    """更正."""

    kind, name, label, icon = KIND, "amend", "更正", "pencil"
    from_states = RECORDED
    permits = (*owner(*STAFF), *OFFICE)
    form_class = AmendForm
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in ("chair", "content", "settled", "attendees")} if case else {}

    def apply(self, work: Work) -> None:
        for name in ("chair", "content", "settled", "attendees"):
            setattr(work.case, name, work.data.get(name))
        work.files = list(work.data.get("files") or [])
        work.attachments = list(work.data.get("kept") or [])


class LinkForm(ActForm):
    """Duties that the hearing fulfils."""

    tasks = forms.ModelMultipleChoiceField(label="对应任务", queryset=Task.objects.none())
    as_progress = forms.BooleanField(label="同时作为这些任务的进展报送", required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "tasks").queryset = Task.objects.filter(state__in=["open", "closed"]).order_by("ordinal")


class Link(Act):
    """对应任务."""

    kind, name, label, icon = KIND, "link", "对应任务", "link"
    from_states = RECORDED
    permits = (*owner(*STAFF), *OFFICE)
    form_class = LinkForm
    order = 10

    def apply(self, work: Work) -> None:
        hearing: Any = work.case
        tasks = list(work.data["tasks"])
        hearing.tasks.set(tasks)
        if work.data.get("as_progress"):
            given = report_hearing(work, hearing, tasks)
            work.summary = f"{given}项任务收到进展"


class Void(Act):
    """作废."""

    kind, name, label, icon = KIND, "void", "作废", "trash-2"
    from_states = RECORDED
    to_state = "void"
    permits = (*owner(*STAFF), *OFFICE)
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "作废后不计入全年次数，留痕保留。"

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")
