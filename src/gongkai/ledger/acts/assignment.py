"""Acts on an assignment: receipt, progress, completion, check, postponement, urging, supervision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField, PersonField, ReasonForm
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, CaseRelation, Clock, Membership, User
from gongkai.core.roles import STAFF
from gongkai.ledger import proof, recurrence
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import OFFICE, STAFF_OF_OWNER, OpinionForm, Role, choices_of, owner, text_area
from gongkai.ledger.models import Assignment, Progress, Supervision, TaskEvent

KIND = Assignment.KIND
WORKING = frozenset({"in_progress"})
# A cancelled assignment counts under this series, so that no rate of a notice counts it as done.
CANCELLED_SERIES = "cancelled"


def _people(unit: Any):
    return people_of(unit, *STAFF).order_by("id")


class ReceiveForm(ActForm):
    """Who will handle it."""

    handler = PersonField(label="经办人", required=False, help_text="不选就由你自己办理。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "handler").queryset = _people(case.unit)


class Receive(Act):
    """签收."""

    kind, name, label, icon = KIND, "receive", "签收", "inbox"
    from_states = frozenset({"dispatched"})
    to_state = "in_progress"
    permits = STAFF_OF_OWNER
    form_class = ReceiveForm
    expected = True
    batch = True
    order = 10
    hint = "签收后状态变为“办理中”，由经办人办理。"

    def apply(self, work: Work) -> None:
        case = work.case
        case.handler = work.data.get("handler") or work.user
        receipt = clocks.get(case, "receipt")
        if receipt:
            clocks.stop(receipt, work.now)
        work.summary = f"确定经办人：{case.handler}" if case.handler else ""


class TransferForm(ActForm):
    """To whom."""

    handler = PersonField(label="新的经办人")
    words = text_area("说明", rows=2, limit=300, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "handler").queryset = _people(case.unit).exclude(pk=case.handler_id)


class Transfer(Act):
    """转经办人."""

    kind, name, label, icon = KIND, "transfer", "转经办人", "users"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = TransferForm
    batch = True
    order = 70
    hint = "转办后，待办出现在新的经办人名下。"

    def apply(self, work: Work) -> None:
        work.case.handler = work.data["handler"]
        work.summary = f"转给{work.case.handler}"
        common.fill_words(work)
        work.notify([work.case.handler], f"转给你办理：{work.case.title}")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class EvidenceField(forms.ModelMultipleChoiceField):
    """Cases of the unit, each with what it is: a title alone could be a document as well as a request."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{kinds[obj.kind].label}　{obj.title}"


class ReportForm(ActForm):
    """What was done in the period; answers an open urging."""

    clock = forms.ChoiceField(label="本期", required=False, help_text="这次报送算作哪一期。")
    text = text_area("本期进展", limit=500, help_text="写做了什么、群众能得到什么；会随台账公开，不要写个人信息。")
    answer = text_area("回应催办", rows=3, limit=500, required=False)
    percent = forms.IntegerField(label="完成比例", min_value=0, max_value=100, help_text="填写整体进度，%。")
    value = forms.DecimalField(label="指标完成值", required=False, max_digits=12, decimal_places=2)
    files = FilesField(label="佐证", required=False)  # type: ignore[assignment]
    links = text_area("链接", rows=2, limit=2000, required=False, help_text="一行一个，以 http:// 或 https:// 开头。")
    cases = EvidenceField(label="佐证事项", queryset=Case.objects.none(), required=False)
    public = forms.TypedChoiceField(
        label="是否随台账公开",
        choices=[("yes", "公开"), ("no", "暂不公开，并说明理由")],
        coerce=lambda answer: answer == "yes",
        empty_value=True,  # type: ignore[arg-type]
        widget=forms.RadioSelect,
        required=False,
    )
    private_reason = forms.CharField(label="暂不公开的理由", max_length=200, required=False)

    completion = False

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case
        periods = report_choices(case, timezone.now())
        if periods:
            choices_of(self, "clock").choices = periods
        else:
            # Nothing runs by periods: every report is one on the way.
            del self.fields["clock"]
        evidence = evidence_choices(case)
        if evidence.exists():
            choices_of(self, "cases").queryset = evidence
        else:
            del self.fields["cases"]
        if case.urge_open:
            # Asked for in `clean`, with the words of the urging; it is not optional.
            fields: dict[str, Any] = self.fields
            fields["answer"].quiet = True
            fields["answer"].help_text = f"催办：{case.urge_words}"
        else:
            del self.fields["answer"]
        targets = [target for target in case.task.targets.all() if not target.metric]
        if targets:
            self.fields["value"].help_text = f"{targets[0].text}（{targets[0].unit_words or '数值'}）"
        else:
            del self.fields["value"]

    def clean_links(self) -> list[str]:
        """Only web addresses."""
        links = _lines(self.cleaned_data["links"])
        check = URLValidator(schemes=["http", "https"])
        for link in links:
            try:
                check(link)
            except ValidationError:
                raise ValidationError(f"“{link[:60]}”不是网址，请以 http:// 或 https:// 开头。") from None
        return links

    def clean(self) -> dict[str, Any]:
        """An open urging wants its answer, and what is kept back its reason."""
        data = super().clean() or self.cleaned_data
        if "answer" in self.fields and not (data.get("answer") or "").strip() and "answer" not in self.errors:
            day = timezone.localtime(self.case.urged_at)
            self.add_error("answer", f"还没有回应{day.month}月{day.day}日的催办。请写明：{self.case.urge_words}")
        if data.get("public") is False and not (data.get("private_reason") or "").strip():
            self.add_error("private_reason", "请写明暂不公开的理由。")
        return data


def open_period_clocks(case: Assignment) -> list[Clock]:
    """The clocks that a report may stop: periods and events that run, nearest first."""
    found = [
        clock
        for clock in case.clocks.all()
        if clock.state in (Clock.State.RUNNING, Clock.State.PAUSED)
        and clock.code.startswith((recurrence.REPORT, recurrence.EVENT))
    ]
    return sorted(found, key=lambda clock: (clock.due_at or clock.started_at, clock.pk))


def default_period(case: Assignment, now: dt.datetime) -> Clock | None:
    """The period that a report belongs to when nobody says: the nearest that has begun."""
    for clock in open_period_clocks(case):
        if clock.code.startswith(recurrence.REPORT) and clock.started_at and clock.started_at <= now:
            return clock
    return None


def report_choices(case: Assignment, now: dt.datetime) -> list[tuple[str, str]]:
    """The choices of `clock`, what nothing chosen means first; empty where no period and no event runs."""
    found = open_period_clocks(case)
    default = default_period(case, now)
    periods = [(clock.code, f"{clock.name}（{common.day_words(_last_day(clock))}前）") for clock in found]
    loose = ("none", "平时进展，不算本期报送")
    if default is None:
        return [loose, *periods] if periods else []
    periods.sort(key=lambda choice: choice[0] != default.code)
    return [*periods, loose]


def _last_day(clock: Clock) -> dt.date | None:
    return timezone.localdate(clock.due_at - dt.timedelta(microseconds=1)) if clock.due_at else None


def evidence_choices(case: Assignment):
    """Cases of the same unit that may be shown as evidence."""
    found = Case.objects.filter(unit=case.unit).exclude(pk=case.pk).exclude(kind__in=["task", "assignment", "plan"])
    return found.order_by("-pk")


class Report(Act):
    """报送进展."""

    kind, name, label, icon = KIND, "report", "报送进展", "send"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = ReportForm
    expected = True
    order = 10
    hint = "报送后本期时限停止，下一期时限自动开始；公开的内容由主管单位确认后上网。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"percent": case.percent, "public": "yes"} if case else {}

    def apply(self, work: Work) -> None:
        case: Any = work.case
        clock = self._period(work)
        if clock:
            clocks.stop(clock, work.now)
            if clock.code.startswith(recurrence.REPORT):
                following = recurrence.open_next(case, clock, work.now)
                case.period = following.code.removeprefix(recurrence.REPORT) if following else ""
        before = case.percent
        progress = keep_progress(work, clock=clock)
        work.summary = f"完成比例由{before}%更新为{case.percent}%" if before != case.percent else f"完成{case.percent}%"
        if clock:
            work.summary += f"，{clock.name}"
        work.record["progress"] = progress.pk

    def _period(self, work: Work) -> Clock | None:
        chosen = work.data.get("clock") or ""
        if chosen == "none":
            return None
        if chosen:
            return clocks.get(work.case, chosen)
        return default_period(work.case, work.now)


def keep_progress(work: Work, *, clock: Clock | None = None, completion: bool = False) -> Progress:
    """Write down a report with its evidence; runs inside an act on the assignment."""
    case: Any = work.case
    data = work.data
    progress = Progress.objects.create(
        assignment=case,
        period=clock.code.partition(":")[2] if clock else "",
        clock_code=clock.code if clock else "",
        text=data["text"],
        percent=data["percent"],
        value=data.get("value"),
        links=data.get("links") or [],
        public=data.get("public") is not False,
        private_reason=data.get("private_reason") or "",
        answer=data.get("answer") or "",
        completion=completion,
        reported_by=work.user,
        reported_at=work.now,
    )
    keep_evidence(work, progress)
    case.percent = data["percent"]
    case.reported_at = work.now
    if case.urge_open:
        case.urge_open = False
        work.notify(common.office_people(case), f"{case.unit}回应了催办：{case.title}")
    work.words = "\n".join(part for part in (data["text"], data.get("answer") or "") if part)
    return progress


def keep_evidence(work: Work, progress: Progress) -> None:
    """Files and cases that show what a report says."""
    from gongkai.core import attachments

    kept = list(work.data.get("kept") or [])
    for file in work.data.get("files") or []:
        attachment = attachments.store(file, user=work.user)
        attachment.save()
        kept.append(attachment)
    work.attachments.extend(kept)
    progress.files.set(kept)
    cases = list(work.data.get("cases") or [])
    progress.cases.set(cases)
    CaseRelation.objects.bulk_create(
        [CaseRelation(source=other, target_id=work.case.pk, kind=CaseRelation.Kind.EVIDENCE) for other in cases],
        ignore_conflicts=True,
    )


class AnswerUrgeForm(ActForm):
    """Words on an urging."""

    answer = text_area("回应", limit=500)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.fields["answer"].help_text = f"催办：{case.urge_words}"


class AnswerUrge(Act):
    """答复催办."""

    kind, name, label, icon = KIND, "answer_urge", "答复催办", "message-square"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = AnswerUrgeForm
    order = 30
    hint = "只答复催办，不算报送进展。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.urge_open

    def apply(self, work: Work) -> None:
        work.case.urge_open = False
        common.fill_words(work, "answer")
        work.notify(common.office_people(work.case), f"{work.case.unit}回应了催办：{work.case.title}")


class SubmitForm(ReportForm):
    """Completion: the last report."""

    completion = True

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.fields.pop("clock", None)
        self.fields["text"].label = "完成情况"
        self.fields["percent"].required = False


class Submit(Act):
    """提交办结."""

    kind, name, label, icon = KIND, "submit", "提交办结", "check-check"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = SubmitForm
    expected = True
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"percent": 100, "public": "yes"}

    def blocked(self, case: Any, user: Any) -> str:
        if not case.known["issued"]:
            return ""
        numbers = "、".join(one.number for one in case.supervisions.all() if one.state == "issued")
        return f"督办单{numbers}还没有答复，请先答复督办单。"

    def describe(self, case: Any, user: Any) -> str:
        if needs_review(case):
            return "提交后由本单位审核人审核，再送主管单位复核。"
        days = jurisdiction.value("check.workdays")
        return f"提交后各项时限停止，状态变为“待复核”；主管单位{days}个工作日内复核。退回的，时限接着算。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        if work.data.get("percent") is None:
            work.data["percent"] = 100
        progress = keep_progress(work, completion=True)
        work.record["progress"] = progress.pk
        if needs_review(case):
            work.state = "review"
            work.notify(people_of(case.unit, Role.REVIEWER), f"待审核：{case.title}")
            return
        hand_in(work)


def needs_review(case: Case) -> bool:
    """Whether the unit's own reviewer looks at it first."""
    return (
        jurisdiction.value("ledger.unit_review")
        and Membership.objects.filter(unit=case.unit, role=Role.REVIEWER, user__is_active=True).exists()
    )


def hand_in(work: Work) -> None:
    """The work goes to the office: its clocks stop now, whenever it will be checked."""
    case: Any = work.case
    case.submitted_at, case.paused = work.now, False
    common.stop_judged(case, work.now)
    common.serial_clock(case, "check", work.now, name="复核")
    work.state = "submitted"
    work.notify(common.office_people(case), f"待复核：{case.title}（{case.unit}）")


class ReviewPass(Act):
    """审核通过."""

    kind, name, label, icon = KIND, "review_pass", "审核通过", "check"
    from_states = frozenset({"review"})
    to_state = "submitted"
    permits = owner(Role.REVIEWER)
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10
    hint = "通过后送主管单位复核。"

    def apply(self, work: Work) -> None:
        common.fill_words(work)
        hand_in(work)


class ReviewReturn(Act):
    """审核退回."""

    kind, name, label, icon = KIND, "review_return", "审核退回", "undo-2"
    from_states = frozenset({"review"})
    to_state = "in_progress"
    permits = owner(Role.REVIEWER)
    form_class = ReasonForm
    order = 20
    hint = "退回经办人修改，时限一直在算。"

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")
        mark_returned(work)
        work.notify(common.owner_people(work.case), f"审核退回：{work.case.title}")


def mark_returned(work: Work) -> Progress | None:
    """The last report that stands is returned; the percentage goes back to the one before."""
    case: Any = work.case
    last = case.reports.filter(returned_at__isnull=True).first()
    if last is None:
        return None
    last.returned_at = work.now
    if last.released_at is not None:
        proof.progress(work, last, "withdrawn")
    last.released_at = None
    last.save(update_fields=["returned_at", "released_at"])
    earlier = case.reports.filter(returned_at__isnull=True).first()
    case.percent = earlier.percent if earlier else 0
    return last


class Close(Act):
    """复核通过，办结."""

    kind, name, label, icon = KIND, "close", "复核通过", "badge-check"
    from_states = frozenset({"submitted"})
    to_state = "done"
    permits = OFFICE
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10
    hint = "通过后任务办结；是否按时，以提交办结的时间为准。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.fill_words(work)
        common.stop_serial(case, "check", work.now)
        case.closed_at = case.submitted_at or work.now
        case.outcome = "已办结"
        work.notify(common.owner_people(case), f"已办结：{case.title}")
        settle_task(work)


def settle_task(work: Work) -> None:
    """When every other unit is through as well, the duty closes with this one."""
    from gongkai.ledger.acts.task import Settle

    task = work.case.task
    # The duty's row is locked first: of two units that finish at once, the second sees the first.
    Case.objects.select_for_update(of=("self",)).only("pk").get(pk=task.pk)
    others = Assignment.objects.filter(task=task).exclude(pk=work.case.pk)
    if task.state == "open" and not others.open().exists():
        work.perform(Settle, task)


class Return(Act):
    """退回."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"submitted"})
    to_state = "in_progress"
    permits = OFFICE
    form_class = ReasonForm
    order = 20
    batch = True
    hint = "退回后时限接着算，如同没有停过。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.fill_words(work, "reason")
        common.stop_serial(case, "check", work.now)
        common.reopen_stopped(case, case.submitted_at, work.now)
        case.submitted_at = None
        mark_returned(work)
        work.notify(common.owner_people(case), f"退回：{case.title}。{work.data['reason']}")


class ReturnReport(Act):
    """退回进展: the last report of a period does not count."""

    kind, name, label, icon = KIND, "return_report", "退回进展", "undo-2"
    from_states = WORKING
    permits = OFFICE
    form_class = ReasonForm
    order = 40
    hint = "最近一次报送作废，那一期的时限接着算。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.reported_at is not None

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.known["standing"] else "没有可以退回的进展。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        last = mark_returned(work)
        if last is None:
            raise ActError("没有可以退回的进展。")
        common.fill_words(work, "reason")
        clock = clocks.get(case, last.clock_code) if last.clock_code else None
        if clock and clock.state == Clock.State.MET:
            self._back(work, clock)
        work.summary = f"退回{clock.name}" if clock else "退回最近一次进展"
        work.notify(common.owner_people(case), f"进展退回：{case.title}。{work.data['reason']}")

    def _back(self, work: Work, clock: Clock) -> None:
        clocks.reopen(clock, work.now)
        if not clock.code.startswith(recurrence.REPORT):
            return
        unit = recurrence.unit_of(clock.code.removeprefix(recurrence.REPORT))
        for later in work.case.clocks.filter(code__startswith=recurrence.REPORT, date__gt=clock.date):
            if recurrence.unit_of(later.code.removeprefix(recurrence.REPORT)) == unit:
                clocks.cancel(later, work.now)
        work.case.period = clock.code.removeprefix(recurrence.REPORT)


class PostponeForm(ActForm):
    """To which day, and why."""

    clock = forms.ChoiceField(label="哪一项时限", required=False)
    date = DayField(label="申请延至")
    reason = text_area("延期原因", limit=500)
    files = FilesField(label="佐证", required=False)  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "clock").choices = [("", "最近到期的一项"), *((c.code, c.name) for c in extendable(case))]


def extendable(case: Assignment) -> list[Clock]:
    """Judged clocks that run and have a due time, nearest first."""
    found = [c for c in case.clocks.all() if c.judged and c.state == Clock.State.RUNNING and c.due_at]
    return sorted(found, key=lambda clock: (clock.due_at, clock.pk))


class RequestPostponement(Act):
    """申请延期."""

    kind, name, label, icon = KIND, "request_postponement", "申请延期", "calendar-plus"
    from_states = WORKING
    to_state = "postponing"
    permits = owner(*STAFF, Role.LEADER)
    form_class = PostponeForm
    order = 30
    hint = "送主管单位审批；批准以前原时限照算。"

    def blocked(self, case: Any, user: Any) -> str:
        return "" if extendable(case) else "现在没有可以延期的时限。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        open_clocks = extendable(case)
        chosen = work.data.get("clock")
        clock = next((c for c in open_clocks if not chosen or c.code == chosen), None)
        if clock is None:
            raise ActError("现在没有可以延期的时限。")
        day = work.data["date"]
        check_later(clock, day)
        common.not_past(day, work.now, "延期日期")
        case.postponed_clock, case.postponed_to = clock.code, day
        case.postponement_reason = work.data["reason"]
        work.files = list(work.data.get("files") or [])
        work.attachments = list(work.data.get("kept") or [])
        work.summary = f"{clock.name}申请延至{common.day_words(day)}"
        common.fill_words(work, "reason")
        common.serial_clock(case, "approve", work.now, name="延期审批")
        work.notify(common.office_people(case), f"申请延期：{case.title}（{case.unit}）")


def check_later(clock: Clock, day: dt.date) -> None:
    """A postponement is to a later day; ActError with a sentence."""
    due = _last_day(clock)
    if due and day <= due:
        raise ActError(f"延期日期要晚于现在的时限（{common.day_words(due)}）。")


class ApproveForm(ActForm):
    """The day granted."""

    date = DayField(label="同意延至", required=False)
    words = text_area("意见", rows=3, limit=500, required=False)
    document = forms.CharField(label="依据文号", max_length=120, required=False)


class ApprovePostponement(Act):
    """批准延期."""

    kind, name, label, icon = KIND, "approve_postponement", "批准延期", "calendar-check"
    from_states = frozenset({"postponing"})
    to_state = "in_progress"
    permits = OFFICE
    form_class = ApproveForm
    expected = True
    order = 10

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"date": case.postponed_to} if case else {}

    def describe(self, case: Any, user: Any) -> str:
        return f"批准后时限改为{common.day_words(case.postponed_to)}，原因随台账留存。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        clock = clocks.get(case, case.postponed_clock)
        if clock is None:
            raise ActError("申请延期的时限已经不在了，请不同意延期后让对方重新申请。")
        day = work.data.get("date") or case.postponed_to
        check_later(clock, day)
        clocks.extend(
            clock, work.now, reason=case.postponement_reason[:200], date=day, document=work.data.get("document") or ""
        )
        common.stop_serial(case, "approve", work.now)
        common.fill_words(work)
        work.summary = f"{clock.name}延至{common.day_words(day)}"
        work.notify(common.owner_people(case), f"同意延期至{common.day_words(day)}：{case.title}")
        forget_postponement(case)


def forget_postponement(case: Assignment) -> None:
    """The request is settled; its reason stays in the events."""
    case.postponed_clock, case.postponed_to, case.postponement_reason = "", None, ""


class RejectPostponement(Act):
    """不同意延期."""

    kind, name, label, icon = KIND, "reject_postponement", "不同意延期", "x"
    from_states = frozenset({"postponing"})
    to_state = "in_progress"
    permits = OFFICE
    form_class = ReasonForm
    order = 20
    hint = "按原时限办理。"

    def apply(self, work: Work) -> None:
        common.fill_words(work, "reason")
        common.stop_serial(work.case, "approve", work.now)
        forget_postponement(work.case)
        work.notify(common.owner_people(work.case), f"不同意延期：{work.case.title}。{work.data['reason']}")


class PauseForm(ActForm):
    """Why the time stands still."""

    reason = text_area("暂停原因", rows=3, limit=200)
    document = forms.CharField(label="依据", max_length=120)


class Pause(Act):
    """暂停计时."""

    kind, name, label, icon = KIND, "pause", "暂停计时", "pause"
    from_states = WORKING
    permits = OFFICE
    form_class = PauseForm
    order = 60
    hint = "暂停期间不计入时限；写明到某日的，到期日不变。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and not case.paused

    def blocked(self, case: Any, user: Any) -> str:
        return "" if extendable(case) else "现在没有正在走的时限。"

    def apply(self, work: Work) -> None:
        running = extendable(work.case)
        if not running:
            raise ActError("现在没有正在走的时限。")
        for clock in running:
            clocks.pause(clock, work.now, reason=work.data["reason"], document=work.data["document"])
        work.case.paused = True
        work.summary = f"依据：{work.data['document']}"
        common.fill_words(work, "reason")
        work.notify(common.owner_people(work.case), f"暂停计时：{work.case.title}")


class Resume(Act):
    """恢复计时."""

    kind, name, label, icon = KIND, "resume", "恢复计时", "play"
    from_states = WORKING
    permits = OFFICE
    form_class = OpinionForm
    order = 60
    hint = "从次日起接着算。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.paused

    def apply(self, work: Work) -> None:
        for clock in work.case.clocks.filter(state=Clock.State.PAUSED):
            clocks.resume(clock, work.now)
        work.case.paused = False
        common.fill_words(work)
        work.notify(common.owner_people(work.case), f"恢复计时：{work.case.title}")


class UrgeForm(ActForm):
    """What is asked for."""

    words = text_area("催办内容", rows=3, limit=500, help_text="写明要对方说明什么、什么时候报。")


class Urge(Act):
    """催办."""

    kind, name, label, icon = KIND, "urge", "催办", "bell-ring"
    from_states = frozenset({"dispatched", "in_progress", "review"})
    permits = OFFICE
    form_class = UrgeForm
    batch = True
    order = 30
    hint = "通知经办人和信息公开员；对方下次报送时必须回应。"

    def apply(self, work: Work) -> None:
        urge(work, work.data["words"])


def urge(work: Work, words: str) -> None:
    """Ask a unit to move; its next report has to answer."""
    case: Any = work.case
    case.urged_at, case.urge_open, case.urge_words = work.now, True, words[:500]
    work.words = words
    people = {user.pk: user for user in [*common.staff(case.unit), *common.owner_people(case)]}
    work.notify(people.values(), f"催办：{case.title}。{words}")


class AutoUrge(Act):
    """自动催办, once for each clock that ran out."""

    kind, name, label, icon = KIND, "auto_urge", "自动催办", "bell-ring"
    from_states = frozenset({"dispatched", "in_progress", "review"})
    system = True

    def apply(self, work: Work) -> None:
        name = work.case.clock.name if work.case.clock else "任务"
        work.summary = f"{name}已超期"
        urge(work, f"{name}已超过时限，请说明原因和预计完成时间。")
        work.record["clock"] = work.case.clock_id


class SuperviseForm(ActForm):
    """The letter's contents."""

    problem = text_area("督办事由", limit=1000)
    demand = text_area("督办要求", limit=1000)
    answer_by = DayField(label="答复期限", required=False, help_text="不填按本地设置的工作日数计算。")


class Supervise(Act):
    """发督办单."""

    kind, name, label, icon = KIND, "supervise", "发督办单", "file-exclamation-point"
    from_states = frozenset({"dispatched", "in_progress", "review", "postponing"})
    permits = OFFICE
    form_class = SuperviseForm
    order = 50
    hint = "生成督办单（Word），编文号，对方须在期限内书面答复；答复前不能提交办结。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        return {
            "problem": f"你单位承担的“{case.title}”已超过时限，经催办仍未完成。",
            "demand": "请由分管负责人牵头研究，限期完成，并书面反馈原因和完成时间。",
        }

    def apply(self, work: Work) -> None:
        from gongkai.core.letters import issue
        from gongkai.ledger.letters import SUPERVISION_LETTER, supervision_fields

        case: Any = work.case
        if work.data.get("answer_by"):
            common.not_past(work.data["answer_by"], work.now, "答复期限")
        opened = Supervision(
            kind=Supervision.KIND,
            title=f"督办：{case.title}"[:300],
            state="issued",
            unit=case.unit,
            supervisor=case.supervisor,
            handler=case.handler,
            series=case.series,
            section=case.section,
            assignment=case,
            problem=work.data["problem"],
            demand=work.data["demand"],
            answer_by=work.data.get("answer_by"),
        )
        work.open(opened, words=work.data["problem"])
        CaseRelation.objects.create(source=opened, target_id=case.pk, kind=CaseRelation.Kind.SUPERVISES)
        letter = issue(SUPERVISION_LETTER, work, supervision_fields(opened))
        letter.case = opened
        work.record["supervision"] = opened.pk
        work.summary = f"{letter.number}，答复期限{common.day_words(_last_day(opened.clock) if opened.clock else None)}"
        work.words = work.data["problem"]
        people = {user.pk: user for user in [*common.staff(case.unit), *people_of(case.unit, Role.LEADER)]}
        work.notify(people.values(), f"督办单{letter.number}：{case.title}", about=opened)


class AskForm(ActForm):
    """A question to the office."""

    question = text_area("问题", rows=3, limit=500)


class Ask(Act):
    """提问."""

    kind, name, label, icon = KIND, "ask", "提问", "circle-help"
    from_states = WORKING
    permits = owner(*STAFF, Role.REVIEWER)
    form_class = AskForm
    order = 80
    hint = "问题送主管单位答复，时限照算。"

    def apply(self, work: Work) -> None:
        work.case.question_open = True
        common.fill_words(work, "question")
        work.notify(common.office_people(work.case), f"{work.case.unit}提问：{work.data['question']}")


class AnswerForm(ActForm):
    """The office's answer."""

    answer = text_area("答复", rows=3, limit=1000)


class Answer(Act):
    """答复提问."""

    kind, name, label, icon = KIND, "answer", "答复提问", "message-square-reply"
    from_states = frozenset({"in_progress", "review", "postponing", "submitted"})
    permits = OFFICE
    form_class = AnswerForm
    expected = True
    order = 15
    hint = "答复会通知经办人。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.question_open

    def apply(self, work: Work) -> None:
        work.case.question_open = False
        common.fill_words(work, "answer")
        work.notify(common.owner_people(work.case), f"主管单位答复了提问：{work.case.title}")


class Cancel(Act):
    """撤销任务."""

    kind, name, label, icon = KIND, "cancel", "撤销任务", "trash-2"
    from_states = frozenset({"dispatched", "in_progress", "review", "postponing", "submitted"})
    to_state = "cancelled"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "撤销后不再计入台账统计，原因和留痕保留。"

    def apply(self, work: Work) -> None:
        cancel(work, work.data["reason"])
        settle_task(work)


def cancel(work: Work, reason: str) -> None:
    """Take an assignment out of the ledger's figures and stop its clocks without judging them."""
    case: Any = work.case
    common.cancel_all(case, work.now)
    case.series, case.section = CANCELLED_SERIES, ""
    case.outcome = "已撤销"
    case.urge_open = case.question_open = case.paused = False
    work.words = reason
    work.notify(common.owner_people(case), f"任务已撤销：{case.title}。{reason}")


class Reopen(Act):
    """恢复办理: what was passed turned out to be undone."""

    kind, name, label, icon = KIND, "reopen", "恢复办理", "rotate-ccw"
    from_states = frozenset({"done"})
    to_state = "in_progress"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90
    hint = "时限接着算，如同没有停过。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.fill_words(work, "reason")
        common.reopen_stopped(case, case.submitted_at, work.now)
        case.submitted_at, case.outcome, case.closed_at = None, "", None
        mark_returned(work)
        work.notify(common.owner_people(case), f"恢复办理：{case.title}。{work.data['reason']}")
        task_of = case.task
        if task_of.state == "closed":
            from gongkai.ledger.acts.task import ReopenTask

            work.perform(ReopenTask, task_of)


class WhichReportForm(ActForm):
    """Which report."""

    progress = forms.ModelChoiceField(label="进展", queryset=Progress.objects.none(), required=False)

    released = False

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "progress").queryset = case.reports.filter(
            returned_at__isnull=True, released_at__isnull=not self.released
        )


class ReleaseForm(WhichReportForm):
    """Which report, and whether its files go out with it."""

    with_files = forms.BooleanField(
        label="附件一并公开",
        required=False,
        initial=True,
        help_text="公开前请打开附件看一遍，不能有个人信息和涉密内容。",
    )


class Release(Act):
    """公开进展."""

    kind, name, label, icon = KIND, "release", "公开进展", "globe"
    from_states = frozenset({"in_progress", "review", "postponing", "submitted", "done"})
    permits = OFFICE
    form_class = ReleaseForm
    batch = True
    order = 45
    hint = "公开后，这条进展出现在公开台账上。公开前请再看一遍有没有个人信息。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.reported_at is not None

    def blocked(self, case: Any, user: Any) -> str:
        if not case.task.notice.public:
            return "这份要点还没有公开台账，请先公开台账。"
        return "" if case.known["waiting"] else "没有等待公开的进展。"

    def apply(self, work: Work) -> None:
        waiting = work.case.reports.filter(returned_at__isnull=True, released_at__isnull=True)
        progress = work.data.get("progress") or waiting.first()
        if progress is None:
            raise ActError("没有等待公开的进展。")
        if not progress.public:
            raise ActError(f"报送单位要求暂不公开：{progress.private_reason}。请先与对方商量。")
        progress.released_at = work.now
        progress.save(update_fields=["released_at"])
        progress.files.update(public=work.data["with_files"])
        work.public = True
        work.words = progress.text
        work.record["progress"] = progress.pk
        proof.progress(work, progress, "ledger_figures_released")


class UnreleaseForm(WhichReportForm):
    """Which released report, and why."""

    reason = text_area("原因", rows=3, limit=500)
    released = True


class Unrelease(Act):
    """撤回公开."""

    kind, name, label, icon = KIND, "unrelease", "撤回公开", "globe-lock"
    from_states = Release.from_states
    permits = OFFICE
    form_class = UnreleaseForm
    order = 46
    hint = "这条进展不再出现在公开台账上。"

    def starts_from(self, case: Any) -> bool:
        return super().starts_from(case) and case.reported_at is not None

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.known["released"] else "没有已公开的进展。"

    def apply(self, work: Work) -> None:
        progress = work.data.get("progress") or work.case.reports.filter(released_at__isnull=False).first()
        if progress is None:
            raise ActError("没有已公开的进展。")
        progress.released_at = None
        progress.save(update_fields=["released_at"])
        progress.files.update(public=False)
        common.fill_words(work, "reason")
        work.record["progress"] = progress.pk
        proof.progress(work, progress, "withdrawn")


class EventForm(ActForm):
    """What happened, and when."""

    deadline = forms.ModelChoiceField(label="时限", queryset=TaskEvent.objects.none(), required=False)
    occurred_on = DayField(label="发生日期")
    occurred_time = forms.TimeField(
        label="发生时刻",
        required=False,
        help_text="按小时计的时限要填。",
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    note = forms.CharField(label="事件", max_length=100, help_text="写文件名或事件名，不写个人姓名。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        task = case.task if case.kind == KIND else case
        choices_of(self, "deadline").queryset = task.deadlines.filter(kind="duration")

    def moment(self) -> dt.datetime:
        """When it happened, as a moment here."""
        return moment_of(self.cleaned_data)


def moment_of(data: dict[str, Any]) -> dt.datetime:
    """Day and time of an event as a moment here."""
    return timezone.make_aware(dt.datetime.combine(data["occurred_on"], data.get("occurred_time") or dt.time()))


def event_deadline(work: Work, task: Any):
    """The deadline that an event starts; the only one where nobody chose. ActError if there is none."""
    chosen = work.data.get("deadline")
    options = [chosen] if chosen else [d for d in task.deadlines.all() if d.kind == "duration"]
    options = [d for d in options if recurrence.length_of(d)]
    if len(options) != 1:
        raise ActError("请选择这件事启动哪一项时限。" if options else "这项任务没有从事件起算的时限。")
    if moment_of(work.data) > work.now:
        raise ActError("事件还没有发生，请在发生后登记。")
    return options[0]


class RegisterEvent(Act):
    """登记事件 on the unit's own assignment."""

    kind, name, label, icon = KIND, "register_event", "登记事件", "flag"
    from_states = WORKING
    permits = (*STAFF_OF_OWNER, *OFFICE)
    form_class = EventForm
    hide_blocked = True
    order = 40
    hint = "从事件发生时起算；一年里发生几次，就各算各的时限。"

    def blocked(self, case: Any, user: Any) -> str:
        return "" if case.known["event_deadlines"] else "这项任务没有从事件起算的时限。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        deadline = event_deadline(work, case.task)
        at = moment_of(work.data)
        TaskEvent.objects.create(
            task=case.task, deadline=deadline, unit=case.unit, occurred_at=at, note=work.data["note"]
        )
        clock = recurrence.begin_event(case, deadline, at, work.now, work.data["note"])
        work.summary = f"{work.data['note']}，{common.day_words(_last_day(clock))}前完成"


class EventStarted(Act):
    """登记事件 for all units, from the task."""

    kind, name, label, icon = KIND, "event_started", "登记事件", "flag"
    from_states = frozenset({"dispatched", "in_progress", "review", "postponing", "submitted"})
    system = True

    def form(self, case, user, data=None, files=None, **kwargs):
        return PlainForm(data)

    def apply(self, work: Work) -> None:
        found = work.data["event"]
        clock = recurrence.begin_event(work.case, found.deadline, found.occurred_at, work.now, found.note)
        work.summary = f"{found.note}，{common.day_words(_last_day(clock))}前完成"
        if work.case.state == "submitted":
            # What was handed in does not cover what happened after it.
            clocks.cancel(clock, work.now)
            work.summary = f"{found.note}（已提交办结，不再计时）"
        work.notify(common.owner_people(work.case), f"开始计时：{work.case.title}，{work.summary}")


class PlainForm(forms.Form):
    """Passes on what another act hands over; never bound to a browser."""

    def __init__(self, data: Any = None) -> None:
        super().__init__({})
        self.handed = dict(data or {})

    def clean(self) -> dict[str, Any]:
        return self.handed


def percent_of(values: list[Decimal]) -> Decimal:
    """The mean of reported shares."""
    return sum(values, Decimal()) / len(values) if values else Decimal()
