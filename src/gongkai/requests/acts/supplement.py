"""补正 (art. 30): told once with everything that is missing, within seven working days; the answer restarts the clock."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import User
from gongkai.core.roles import Role, owner
from gongkai.requests import clocks, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import KIND, check_day, day_words, text_area
from gongkai.requests.acts.handling import (
    HandlingAct,
    SystemAct,
    advance,
    deliver,
    last_workday,
    sent_initial,
    take_files,
)
from gongkai.requests.models import Approval, Delivery, Request, Supplement

# What may be unclear or missing in an application (art. 29, 30), and the fact the letter states.
LACKS = {
    "content": ("申请的内容不明确", "申请内容不明确，还不能据以查找"),
    "identity": ("身份证明或者联系方式不齐", "申请人的身份证明或者联系方式不齐"),
    "form": ("形式要求不明确", "没有写明希望得到的形式或者获取的方式"),
}


class AskSupplementForm(ActForm):
    """Everything that is missing, at once."""

    lacks = forms.MultipleChoiceField(
        label="为什么要补正",
        choices=[(key, label) for key, (label, _) in LACKS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=["content"],
        help_text="写进补正告知书；不选的，写“申请内容不明确”。",
    )
    items = text_area(
        "需要补正的全部内容", rows=6, limit=3000, help_text="一次写全，每项一行。补正告知只能一次，再次补正须经批准。"
    )
    guidance = text_area("怎样补正", rows=2, limit=1000, required=False, help_text="不填就用文书里的通用说明。")
    workdays = forms.IntegerField(label="补正期限（工作日）", min_value=1, max_value=30)
    sent_on = DayField(label="发出日期")
    received_on = DayField(label="申请人收到日期", required=False, help_text="还不知道的先不填，签收后再登记。")
    late_reason = forms.CharField(
        label="超过七个工作日的原因", max_length=300, required=False, help_text="按期告知的不用填。"
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        # Nobody is asked for the reason of a delay that cannot be one.
        notice = case.clocks.filter(code="supplement_notice").first()
        if case.supplements or (notice is not None and notice.due_at and timezone.now() < notice.due_at):
            del self.fields["late_reason"]


class AskSupplement(HandlingAct):
    """要求补正 (L2): the reply clock stops and will begin anew when the supplement comes."""

    name, label, icon = "ask_supplement", "要求补正", "file-question-mark"
    from_states = frozenset({"handling", "consulting"})
    form_class = AskSupplementForm
    order = 30
    hint = "答复期限停止，收到补正之日起重新计算。"

    def blocked(self, case: Any, user: User) -> str:
        if case.known["supplements_unanswered"]:
            return "上一次补正还没有了结。"
        if not case.supplements:
            return ""
        if not jurisdiction.value("requests.second_supplement"):
            return "补正应当一次告知，已经要求过补正。"
        if case.known["second_supplement_granted"] < case.supplements:
            return "补正应当一次告知。确有新问题的，请先报批再次补正。"
        return ""

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {**sent_initial(case), "workdays": jurisdiction.value("requests.supplement_workdays")}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        sent, received, days = data["sent_on"], data["received_on"], data["workdays"]
        check_day(sent, work.now, "发出日期", after=case.received_on, of="收到申请的日期")
        if received:
            check_day(received, work.now, "申请人收到日期", after=sent, of="发出日期")
        self._check_seven_days(work)
        period = f"自收到本告知书之日起{days}个工作日内"
        if received:
            period = f"{day_words(last_workday(received, days))}前（{period}）"
        facts = "；".join(LACKS[key][1] for key in data["lacks"])
        letter = letters.issue(
            work, "L2", facts=facts, items=data["items"], guidance=data["guidance"] or None, last_day=period
        )
        deliver(case, letter, sent, received)
        Supplement.objects.create(
            request=case, letter=letter, items=data["items"], asked_on=sent, received_on=received, workdays=days
        )
        case.supplements += 1
        advance(work, recorded=False)
        common.tell_applicant(case, f"申请需要补正：{data['items']}", work.now)
        work.summary = f"补正期限{period}"

    def _check_seven_days(self, work: Work) -> None:
        """The notice is due seven working days after the first receipt (art. 30); a late one says why."""
        case: Request = work.case
        if case.supplements:
            return
        notice = clocks.history(case, work.now).last("supplement_notice")
        last = notice.due_on if notice else None
        if last is not None and work.data["sent_on"] > last and not work.data.get("late_reason", "").strip():
            raise ActError(
                f"补正告知应在收到申请之日起七个工作日内发出，最后一日是{day_words(last)}。确需现在告知的，请写明原因。"
            )


class AskSecondForm(ActForm):
    """Why once more."""

    reason = text_area("再次补正的理由", limit=500, help_text="补正后出现了什么新问题，为什么第一次没有告知。")


class AskSecondSupplement(HandlingAct):
    """报批再次补正."""

    name, label, icon = "ask_second_supplement", "报批再次补正", "file-question-mark"
    form_class = AskSecondForm
    order = 31

    def blocked(self, case: Any, user: User) -> str:
        if not case.supplements or case.known["supplements_unanswered"]:
            return "还没有补正过，或者上一次补正没有了结。"
        if not jurisdiction.value("requests.second_supplement"):
            return "补正应当一次告知，已经要求过补正。"
        if case.known["second_supplement_asked"] or case.known["second_supplement_granted"] >= case.supplements:
            return "已经报批或者已经批准。"
        return ""

    def apply(self, work: Work) -> None:
        case: Request = work.case
        Approval.objects.create(
            request=case,
            kind=Approval.Kind.SUPPLEMENT,
            reason=work.data["reason"],
            asked_on=timezone.localdate(work.now),
            asked_by=work.user,
            state_before=case.state,
        )
        work.summary = "报请负责人批准再次要求补正"
        work.notify(people_of(case.unit, Role.LEADER), f"{case.title}：请批准再次要求补正")


class DecideForm(ActForm):
    """Yes or no, with words."""

    granted = forms.TypedChoiceField(
        label="意见",
        choices=[("yes", "同意"), ("no", "不同意")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = text_area("说明", limit=500, required=False)


class DecideSecondSupplement(Act):
    """批准再次补正: by the leader."""

    kind, name, label, icon = KIND, "decide_second_supplement", "审批再次补正", "stamp"
    from_states = frozenset({"handling"})
    permits = owner(Role.LEADER)
    form_class = DecideForm
    hide_blocked = True
    expected = True
    order = 5

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["second_supplement_asked"] else "没有待批的再次补正。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        asked = case.approvals.filter(kind=Approval.Kind.SUPPLEMENT, state=Approval.State.WAITING).first()
        if asked is None:
            raise ActError("没有待批的再次补正。请刷新页面。")
        granted = work.data["granted"]
        asked.state = Approval.State.GRANTED if granted else Approval.State.REFUSED
        asked.decided_on, asked.decided_by = timezone.localdate(work.now), work.user
        asked.words = work.data["words"]
        asked.save()
        work.words = work.data["words"]
        work.summary = "同意再次要求补正" if granted else "不同意再次要求补正"
        work.notify(common.case_people(case), f"{case.title}：{work.summary}")


class SupplementForm(ActForm):
    """What came."""

    answered_on = DayField(label="收到补正的日期")
    answer = text_area("补正内容", rows=6, limit=4000)
    files = FilesField(label="附件", required=False)  # type: ignore[assignment]


class SupplementReceived(HandlingAct):
    """收到补正: entered by staff; the reply clock begins anew on the day it arrived."""

    name, label, icon = "supplement_received", "登记补正", "file-check"
    from_states = frozenset({"supplementing", "handling"})
    form_class = SupplementForm
    private = frozenset({"answer", "files"})
    expected = True
    order = 10
    hint = "答复期限自收到补正之日起重新计算，次日为第一日。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["supplements_unanswered"] else "没有等待补正的内容。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"answered_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        take_supplement(work, work.data["answered_on"])


def take_supplement(work: Work, day: Any) -> None:
    """Write down the supplement and begin the reply clock anew. Raises ActError."""
    case: Request = work.case
    row = case.supplement_rounds.filter(answered_on__isnull=True).last()
    if row is None:
        raise ActError("没有等待补正的内容。请刷新页面。")
    check_day(day, work.now, "收到补正的日期", after=row.asked_on, of="要求补正的日期")
    if row.received_on is None:
        # Whoever answers has the letter.
        row.received_on = day
    Delivery.objects.filter(letter=row.letter, letter__isnull=False, received_on=None).update(
        received_on=row.received_on
    )
    late = row.state == Supplement.State.LAPSED
    row.answer, row.answered_on, row.state = work.data["answer"], day, Supplement.State.ANSWERED
    row.save()
    take_files(work)
    found = advance(work)
    due = clocks.reply_due(found)
    work.summary = f"{day_words(day)}收到补正{'（逾期后收到）' if late else ''}，答复期限重新计算，到{day_words(due)}"
    work.notify(common.case_people(case), f"{case.title}：已收到补正，答复期限到{day_words(due)}")


class ApplicantSupplementForm(ActForm):
    """What the applicant fills in on the status page."""

    answer = text_area("补正内容", rows=8, limit=4000, error_messages={"required": "还没有写补正的内容。"})
    files = FilesField(label="附件", required=False)  # type: ignore[assignment]


class ApplicantSupplement(SystemAct):
    """申请人补正: by the applicant on the status page, without an account."""

    name, label, icon = "applicant_supplement", "申请人补正", "file-check"
    from_states = frozenset({"supplementing"})
    form_class = ApplicantSupplementForm
    actor_label = common.APPLICANT
    private = frozenset({"answer", "files"})

    def apply(self, work: Work) -> None:
        take_supplement(work, timezone.localdate(work.now))


class SupplementLapsed(SystemAct):
    """逾期未补正: the applicant's period is over; the office may close the request (O1)."""

    name, label, icon = "supplement_lapsed", "逾期未补正", "clock"
    from_states = frozenset({"supplementing"})

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = case.supplement_rounds.filter(state=Supplement.State.WAITING).last()
        if row is None or row.due_on is None or timezone.localdate(work.now) <= row.due_on:
            raise ActError("补正期限还没有届满。")
        row.state = Supplement.State.LAPSED
        row.save(update_fields=["state"])
        advance(work)
        work.summary = f"补正期限{day_words(row.due_on)}届满，没有收到补正，可以不再处理"
        work.notify(common.case_people(case), f"{case.title}：申请人逾期未补正，请拟制不再处理告知书")
