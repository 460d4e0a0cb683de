"""Acts after the reply: correcting it, making it anew after a decision or judgment, and closing the file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import calendars
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.letters import day_words
from gongkai.core.models import Case, CaseRelation, User
from gongkai.core.roles import Role, owner
from gongkai.law.workdays import UnknownYearError
from gongkai.requests import clocks, codes, letters, outstanding
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, case_people, check_day, tell_applicant, text_area, today
from gongkai.requests.acts.delivery import proof_missing
from gongkai.requests.acts.reply import reply_of
from gongkai.requests.models import Delivery, Request, Way

ANSWERED = frozenset({"replied", "ended", "archived"})
CLOSED = frozenset({"replied", "ended", "moved"})
# What goes over to a reply made anew: who asks, what, and how they want it.
CARRIED = (
    "channel", "category", "applicant_label", "applicant", "identity_mark", "phone_mark", "email_mark", "subject",
    "content", "forms", "way", "accepts_other", "tell_by_email", "area", "unit_id", "supervisor_id", "handler_id", "title",
)  # fmt: skip


class CorrectForm(ActForm):
    """What is put right and why, and how the applicant is told."""

    result = text_area("更正的内容", rows=4, limit=2000, help_text="写明原文怎样写、更正为什么。")
    reason = text_area("理由", rows=2, limit=1000)
    way = forms.ChoiceField(label="送达方式", choices=Way.choices)
    sent_on = DayField(label="送达日期")
    tracking_number = forms.CharField(label="邮件号", max_length=60, required=False)


class CorrectReply(Act):
    """更正答复: a slip of the pen is put right by a letter; the result stays."""

    kind, name, label, icon = KIND, "correct_reply", "更正答复", "pen-line"
    from_states = ANSWERED
    permits = owner(Role.LEADER, Role.REVIEWER)
    form_class = CorrectForm
    private = frozenset({"result", "reason"})
    order = 60
    hide_blocked = True
    hint = (
        "更正错字、日期等，不改变答复的结论。结论有误的，依复议决定或者判决重新办理，或者由本机关自行纠正后重新答复。"
    )

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"way": case.way if case is not None else Way.POST, "sent_on": timezone.localdate()}

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["replies_signed"] else "这件申请没有发出过答复书。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply = reply_of(case)
        if reply is None or reply.letter is None:
            raise ActError("这件申请没有发出过答复书。")
        on = work.data["sent_on"]
        check_day(
            on, work.now, "送达日期", after=today(work.now) if work.data["way"] == Way.ONLINE else case.replied_on
        )
        facts = f"本机关已于{day_words(case.replied_on)}以{reply.letter.number}答复，现就答复书中的错误予以更正"
        letter = letters.issue(
            work, "L14", facts=facts, basis="政府信息公开申请办理工作规定", result=work.data["result"],
            reason=work.data["reason"],
        )  # fmt: skip
        Delivery.objects.create(
            request=case, letter=letter, way=work.data["way"], sent_on=on, tracking_number=work.data["tracking_number"]
        )
        work.summary = f"{letter.number}，更正{reply.letter.number}"
        tell_applicant(case, f"答复书有更正，见更正告知书（{letter.number}）。", work.now)


class ReopenForm(ActForm):
    """What orders a new reply, when it came, and how long it gives."""

    cause = forms.ChoiceField(
        label="重新办理的依据",
        choices=[("reconsideration", "行政复议决定"), ("judgment", "人民法院判决"), ("own", "本机关自行纠正")],
    )
    document = forms.CharField(label="文书名称和文号", max_length=150)
    received_on = DayField(label="收到之日", help_text="期限从收到的次日起算。")
    workdays = forms.IntegerField(
        label="期限（工作日）", min_value=1, max_value=60, required=False,
        help_text="决定、判决写明几个工作日的，照写；没有写明的填20。",
    )  # fmt: skip
    until = DayField(label="期限最后一日", required=False, help_text="写明自然日或者具体日期的，填最后一日。")
    files = FilesField(label="决定书、判决书", required=False, help_text="加密保存。")  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        """A length or a day, not both."""
        data = super().clean() or self.cleaned_data
        if bool(data.get("workdays")) == bool(data.get("until")):
            self.add_error("workdays", "期限的工作日数和最后一日，请填写其中一项。")
        return data


class Reopen(Act):
    """重新办理: after a decision or judgment the reply is made anew, as a request of its own with its own clock."""

    kind, name, label, icon = KIND, "reopen", "重新办理", "repeat"
    from_states = ANSWERED
    permits = owner(Role.OFFICER, Role.LEADER)
    form_class = ReopenForm
    private = frozenset({"files"})
    order = 65
    hide_blocked = True
    hint = "新开一件关联的申请重新办理，不计为新收申请。原来的答复和案卷不变。"

    def blocked(self, case: Any, user: User) -> str:
        return "已经在重新办理。" if case.known["redos_open"] else ""

    def apply(self, work: Work) -> None:
        case: Request = work.case
        on = work.data["received_on"]
        check_day(on, work.now, "收到之日", after=case.replied_on, of="答复日期")
        anew = Request(
            **{name: getattr(case, name) for name in CARRIED},
            kind=KIND,
            state="handling",
            arrived_at=_moment(on, work.now),
            entered_at=work.now,
            registered_at=work.now,
            received_on=on,
            counted_from=on,
            origin=case,
            origin_reason=clocks.REDO,
            ordered_workdays=_workdays(on, work.data["workdays"], work.data["until"]),
            ordered_by=work.data["document"],
        )
        code = codes.new()
        anew.code, anew.code_mark = code, codes.mark(code)
        work.open(
            anew,
            clocks=clocks.first(anew, work.now),
            summary=f"依{work.data['document']}重新办理{case.number}",
            data={"origin": case.number, "cause": work.data["cause"], "workdays": anew.ordered_workdays},
        )
        clocks.settle(anew, work.now)
        anew.save()
        CaseRelation.objects.get_or_create(source=anew, target=case, kind=CaseRelation.Kind.FOLLOWS)
        work.files += work.data["files"]
        work.attachments += work.data["kept"]
        work.record["anew"] = anew.number
        work.summary = f"{work.data['document']}，重新办理为{anew.number}"
        work.notify(case_people(anew), f"请重新办理答复：{anew.title}")
        tell_applicant(case, f"这件申请正在重新办理，登记号{anew.number}，查询码{codes.shown(code)}。", work.now)


def _moment(on: dt.date, now: dt.datetime) -> dt.datetime:
    if timezone.localdate(now) == on:
        return now
    return timezone.make_aware(dt.datetime.combine(on, dt.time(9)))


def _workdays(on: dt.date, given: int | None, until: dt.date | None) -> int:
    """The time that was ordered, in working days; of a day, as many as there are until then."""
    if given:
        return given
    if until is None or until <= on:
        raise ActError("期限最后一日要晚于收到之日。请核对。")
    try:
        number = calendars.current().workdays_between(on, until)
    except UnknownYearError as error:
        raise ActError(str(error)) from None
    if number < 1:
        raise ActError("收到之日和期限最后一日之间没有工作日。请核对。")
    return number


class Archive(Act):
    """归档: the file is complete and closed."""

    kind, name, label, icon = KIND, "archive", "归档", "archive"
    from_states = CLOSED
    to_state = "archived"
    permits = STAFF_OF_OWNER
    expected = True
    batch = True
    order = 30
    hint = "归档后案卷可以整卷下载（一个 PDF，一个带摘要清单的 ZIP）。以后有复议、诉讼，仍可登记。"

    def describe(self, case: Case, user: User) -> str:
        missing = proof_missing(case)
        return self.hint + (f"下列文书还没有送达凭证，归档后也可以补：{'；'.join(missing)}。" if missing else "")

    def apply(self, work: Work) -> None:
        case: Request = work.case
        waiting = outstanding.letters(case.deliveries.filter(sent_on=None)).select_related("letter").first()
        if waiting is not None and waiting.letter is not None:
            raise ActError(f"{waiting.letter.title}（{waiting.letter.number}）还没有发出。请先登记发出，再归档。")
        work.summary = f"{case.letters.count()}份文书，{case.attachments.count()}份材料"
