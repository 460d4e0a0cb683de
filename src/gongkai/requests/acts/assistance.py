"""Help of others that does not stop the clock: another unit searches (L10), departments meet (会商), counsel advises.

What is asked becomes a matter of its own in the to-do of those who are asked, with its own clock. They see the question,
never the applicant or the request.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import calendars, jurisdiction, notifications
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitField, UnitsField
from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import STAFF, Role, lead, owner
from gongkai.law import clock as law_clock
from gongkai.requests import letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import WORKING, check_day, day_words, text_area
from gongkai.requests.acts.handling import HandlingAct, SystemAct, choices_of, deliver, take_files
from gongkai.requests.models import Consultation, Delivery, Help, Meeting, Request, Way

HELP = Help.KIND
_Kind = Consultation.Kind


def ask_for_help(
    work: Work, row: Consultation, unit: Unit, workdays: int, *, started_on: dt.date | None = None
) -> Help:
    """Open the matter in the to-do of those who are asked, and tell them."""
    case: Request = work.case
    begun = work.now
    if started_on is not None and started_on < timezone.localdate(work.now):
        begun = law_clock.midnight(started_on)
    title = " ".join(row.matter.split())[:80]
    matter = Help(
        kind=HELP,
        title=f"{row.get_kind_display()}：{title}",
        state="asked",
        unit=unit,
        lead=case.unit,
        consultation=row,
        sort=row.kind,
        question=row.matter,
    )
    work.open(
        matter,
        clocks=[
            {
                "code": "answer",
                "name": "答复协办事项",
                "unit": "workday",
                "amount": workdays,
                "trigger": "收到",
                "basis": "条例第三十四条" if row.kind == _Kind.CO_MAKER else "本单位约定",
                "started_at": begun,
            }
        ],
        summary=title,
    )
    role = (Role.LEGAL,) if row.kind == _Kind.COUNSEL else STAFF
    notifications.tell(
        people_of(unit, *role),
        f"{case.unit}请你单位协助：{matter.title}",
        case=Case.objects.get(pk=matter.pk),
        kind="help",
        key=f"help-{matter.pk}",
        now=work.now,
    )
    return matter


def close_help(work: Work, row: Consultation, reason: str, state: str = "withdrawn") -> None:
    """Take the matter out of the to-do when it has been settled in another way."""
    matter = Help.objects.open().filter(consultation=row).first()
    if matter is not None:
        work.perform("request_help.close", matter, {"reason": reason, "state": state})


# --- asking -----------------------------------------------------------------------------------------------------------


class AssistanceForm(ActForm):
    """Whom, for what, until when."""

    unit = UnitField(label="协办单位")
    task = text_area("请协助的内容", limit=2000, help_text="要检索什么、提供什么。不要写申请人的信息。")
    workdays = forms.IntegerField(label="几个工作日内答复", min_value=1, max_value=20)


class AskAssistance(HandlingAct):
    """请协办 (L10): another unit searches; the reply clock runs on."""

    name, label, icon = "ask_assistance", "请其他单位协办", "send"
    from_states = frozenset({"handling", "consulting"})
    form_class = AssistanceForm
    order = 34
    hint = "协办单位会收到待办。答复期限照常计算，不暂停。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"workdays": jurisdiction.value("requests.help_workdays")}

    def apply(self, work: Work) -> None:
        from gongkai.requests.acts.opinions import keep_secret

        case: Request = work.case
        unit, task, days = work.data["unit"], work.data["task"], work.data["workdays"]
        keep_secret(case, task)
        today = timezone.localdate(work.now)
        last = calendars.current().add_workdays(today, days)
        letter = letters.issue(work, "L10", addressee=unit.name, task=task, internal_date=last)
        deliver(case, letter, today, today, way=Way.ONLINE, addressee=Delivery.Addressee.BODY)
        row = _row(work, _Kind.ASSISTANCE, unit, task, letter=letter)
        ask_for_help(work, row, unit, days)
        work.summary = f"请{unit}在{day_words(last)}前答复"


def _row(work: Work, kind: str, unit: Unit, matter: str, **more: Any) -> Consultation:
    today = timezone.localdate(work.now)
    return Consultation.objects.create(
        request=work.case,
        kind=kind,
        unit=unit,
        party={"name": unit.name},
        party_label=unit.name,
        matter=matter,
        sent_on=today,
        received_on=today,
        asked_by=work.user,
        **more,
    )


class CounselForm(ActForm):
    """Which counsel is asked what: one of the register, or where it is empty the counsel of a unit."""

    counsel: Any = forms.ModelChoiceField(label="请哪个法律顾问", queryset=None, empty_label="请选择")
    unit = UnitField(label="法律顾问所在单位", required=False, help_text="不选就是本单位的法律顾问。")
    question = text_area("需要解答的问题", limit=2000, help_text="写清事实和争议点。不要写申请人的信息。")
    workdays = forms.IntegerField(label="几个工作日内答复", min_value=1, max_value=20)

    def prepare(self, case: Any, user: User | None) -> None:
        from gongkai.requests.counsel.queries import may_ask

        super().prepare(case, user)
        registered = may_ask(case.unit)
        if registered.exists():
            choices_of(self, "counsel").queryset = registered
            del self.fields["unit"]
        else:
            del self.fields["counsel"]


class AskCounsel(HandlingAct):
    """请法律顾问提意见: on a hard request; the advice is kept with it."""

    name, label, icon = "ask_counsel", "请法律顾问提意见", "scale"
    from_states = frozenset({"handling", "consulting", "review"})
    form_class = CounselForm
    order = 36
    hint = "法律顾问会收到待办，意见随申请保存。答复期限照常计算。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"workdays": jurisdiction.value("requests.help_workdays")}

    def apply(self, work: Work) -> None:
        from gongkai.requests.acts.opinions import keep_secret

        case: Request = work.case
        question, days = work.data["question"], work.data["workdays"]
        keep_secret(case, question)
        if work.data.get("counsel") is not None:
            from gongkai.requests.counsel.acts import from_request

            asked = from_request(work, case, work.data["counsel"], question, workdays=days)
            work.summary = f"请{asked.counsel.name}提意见"
            return
        unit = work.data["unit"] or case.unit
        if not people_of(unit, Role.LEGAL).exists():
            raise ActError(f"{unit}还没有法律顾问。请安全保密管理员先设置，或者选择其他单位的法律顾问。")
        row = _row(work, _Kind.COUNSEL, unit, question)
        ask_for_help(work, row, unit, days)
        work.summary = f"请{unit}的法律顾问提意见"


class MeetingForm(ActForm):
    """Who meets about what."""

    units = UnitsField(label="参加单位")
    topic = text_area("会商事项", limit=2000, help_text="要议定什么。不要写申请人的信息。")
    held_on = DayField(label="会商日期")
    place = forms.CharField(label="地点或者方式", max_length=200, help_text="会议室、视频会议、书面会商。")


class OpenMeeting(HandlingAct):
    """部门会商: departments are invited, each with a matter of its own."""

    name, label, icon = "open_meeting", "发起部门会商", "users"
    from_states = frozenset({"handling", "consulting"})
    form_class = MeetingForm
    order = 35
    hint = "受邀单位会收到待办，可以先书面答复。答复期限照常计算。"

    def apply(self, work: Work) -> None:
        from gongkai.requests.acts.opinions import keep_secret

        case: Request = work.case
        data = work.data
        today = timezone.localdate(work.now)
        if data["held_on"] < today:
            raise ActError("会商日期不能早于今天。已经开过的会，请先发起再登记结果。")
        units = [unit for unit in data["units"] if unit.pk != case.unit_id]
        if not units:
            raise ActError("请至少选择一个其他单位。")
        keep_secret(case, data["topic"], data["place"])
        meeting = Meeting.objects.create(
            request=case, topic=data["topic"], held_on=data["held_on"], place=data["place"]
        )
        days = calendars.current().workdays_between(today, data["held_on"]) if data["held_on"] > today else 0
        for unit in units:
            row = _row(work, _Kind.MEETING, unit, data["topic"], meeting=meeting)
            ask_for_help(work, row, unit, days)
        work.data["units"] = [unit.pk for unit in units]
        work.summary = f"{day_words(data['held_on'])}会商，邀请{'、'.join(str(unit) for unit in units)}"


class MinutesForm(ActForm):
    """What was said and settled."""

    meeting = forms.ModelChoiceField(label="会商", queryset=Meeting.objects.none())
    held_on = DayField(label="实际会商日期")
    attended = forms.CharField(label="参加单位", max_length=500)
    minutes = text_area("会商记录", rows=6, limit=4000)
    result = text_area("会商结论", limit=2000)
    files = FilesField(label="会议材料", required=False)  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field = choices_of(self, "meeting")
        field.queryset = case.meetings.filter(recorded_at__isnull=True)
        field.label_from_instance = lambda meeting: f"{day_words(meeting.held_on)}：{meeting.topic[:40]}"


class RecordMeeting(HandlingAct):
    """登记会商结果: minutes and what was settled; invitations that were not answered are closed."""

    name, label, icon = "record_meeting", "登记会商结果", "clipboard-check"
    from_states = WORKING
    form_class = MinutesForm
    order = 46

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["meetings_open"] else "没有等待登记的会商。"

    def apply(self, work: Work) -> None:
        data = work.data
        meeting: Meeting = data["meeting"]
        opened = min((row.sent_on for row in meeting.consultations.all()), default=None)
        check_day(data["held_on"], work.now, "会商日期", after=opened, of="发起会商的日期")
        meeting.held_on, meeting.attended = data["held_on"], data["attended"]
        meeting.minutes, meeting.result, meeting.recorded_at = data["minutes"], data["result"], work.now
        meeting.save()
        take_files(work)
        for row in meeting.consultations.filter(answered_on__isnull=True):
            row.answer, row.answered_on = Consultation.Answer.GIVEN, data["held_on"]
            row.save(update_fields=["answer", "answered_on"])
            close_help(work, row, "已经会商", state="answered")
        data["meeting"] = meeting.pk
        work.words = data["result"]
        work.summary = f"{day_words(meeting.held_on)}会商，参加：{data['attended']}"


class HelpAnsweredForm(ActForm):
    """Which question was answered."""

    consultation = forms.ModelChoiceField(queryset=Consultation.objects.all())


class HelpAnswered(SystemAct):
    """协办已答复: follows from the answer, so that the request's own history tells it."""

    name, label, icon = "help_answered", "收到协办答复", "mail-open"
    from_states = None
    form_class = HelpAnsweredForm

    def starts_from(self, case: Case) -> bool:
        return True

    def apply(self, work: Work) -> None:
        row: Consultation = work.data["consultation"]
        work.data["consultation"] = row.pk
        work.summary = f"{row.party_label}已答复：{row.get_kind_display()}"
        work.notify(common.case_people(work.case), f"{work.case.title}：{work.summary}")


# --- answering --------------------------------------------------------------------------------------------------------


class AnswerForm(ActForm):
    """The answer of those who were asked."""

    answer = forms.ChoiceField(
        label="意见",
        choices=[(Consultation.Answer.AGREED, "同意公开"), (Consultation.Answer.OBJECTED, "不同意公开")],
        widget=forms.RadioSelect,
    )
    words = text_area("答复", rows=6, limit=3000)
    files = FilesField(label="附件", required=False)  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None and case.sort != _Kind.CO_MAKER:
            del self.fields["answer"]
        if case is not None and case.sort == _Kind.COUNSEL:
            self.fields["words"].label = "法律意见"


class Answer(Act):
    """答复: by the unit or the counsel that was asked."""

    kind, name, label, icon = HELP, "answer", "答复", "reply"
    from_states = frozenset({"asked"})
    to_state = "answered"
    permits = owner(*STAFF, Role.LEGAL)
    form_class = AnswerForm
    private = frozenset({"words", "files"})
    expected = True

    def blocked(self, case: Any, user: User) -> str:
        roles = user.roles_at(case.unit)
        if case.sort == _Kind.COUNSEL:
            return "" if Role.LEGAL in roles else "这件事项由法律顾问答复。"
        return "" if any(role in roles for role in STAFF) else "这件事项由信息公开员或者经办人答复。"

    def apply(self, work: Work) -> None:
        matter: Help = work.case
        data = work.data
        matter.answer_words = data["words"]
        take_files(work)
        row = matter.consultation
        request = row.request
        today = timezone.localdate(work.now)
        if row.pauses and request.is_open:
            work.perform(
                "request.opinion_received",
                request,
                {
                    "consultation": row.pk,
                    "answer": data["answer"],
                    "reasons": data["words"],
                    "answered_on": today.isoformat(),
                    "by_platform": "on",
                },
            )
        else:
            row.answer = data.get("answer") or Consultation.Answer.GIVEN
            row.reasons, row.answered_on = data["words"], today
            row.save(update_fields=["answer", "reasons", "answered_on"])
            work.perform(HelpAnswered, request, {"consultation": row.pk})
        work.summary = "已答复"


class WithdrawHelp(Act):
    """撤回: the body that asked no longer needs it."""

    kind, name, label, icon = HELP, "withdraw", "撤回协办", "undo"
    from_states = frozenset({"asked"})
    to_state = "withdrawn"
    permits = lead(*STAFF)
    form_class = ReasonForm
    danger = True

    def blocked(self, case: Any, user: User) -> str:
        if case.sort == _Kind.CO_MAKER:
            return "征求意见书已经发出，不能撤回；对方另行答复的，请在申请里登记。"
        return ""

    def apply(self, work: Work) -> None:
        row: Consultation = work.case.consultation
        row.answered_on = timezone.localdate(work.now)
        row.save(update_fields=["answered_on"])
        work.summary = work.data["reason"]
        work.notify(people_of(work.case.unit, *STAFF), f"{work.case.title}：已撤回，不用再答复")


class CloseForm(ActForm):
    """How the matter ended."""

    reason = forms.CharField(max_length=200)
    state = forms.ChoiceField(choices=[(name, name) for name in ("withdrawn", "silent", "answered")])


class CloseHelp(SystemAct):
    """办结协办: settled in another way."""

    kind, name, label, icon = HELP, "close", "办结协办", "check"
    from_states = frozenset({"asked"})
    form_class = CloseForm

    def apply(self, work: Work) -> None:
        work.state = work.data["state"]
        work.summary = work.data["reason"]
