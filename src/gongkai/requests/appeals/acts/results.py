"""审理结果: what was decided, the new reply that was ordered, a second instance, and the lesson that has to be drawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Opening, Work, acts, people_of
from gongkai.core.clocks import cancel, start
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import User
from gongkai.core.roles import Role
from gongkai.law.workdays import UnknownYearError
from gongkai.requests.appeals import anonymous, results
from gongkai.requests.appeals.acts.common import (
    KIND,
    STAFF_OF_OWNER,
    at_day,
    check_day,
    day_words,
    staff,
    stop_clock,
    text_area,
)
from gongkai.requests.appeals.models import Appeal, Lesson, Result, Ruling
from gongkai.requests.models import Request

REOPEN = "request.reopen"
INSTANCES = {1: "一审", 2: "二审"}


class ResultForm(ActForm):
    """What the decision or judgment says."""

    result = forms.ChoiceField(
        label="审理结果", choices=[("", "请选择"), *Result.choices], help_text="有一项被纠正的，选被纠正的那一项。"
    )
    document = forms.CharField(label="文书名称和文号", max_length=150)
    decided_on = DayField(label="文书日期", help_text="年度报告按这个日期计入年度。")
    told_on = DayField(label="收到文书之日")
    gist = text_area("理由要点", rows=5, limit=4000, required=False, help_text="加密保存。")
    redo_workdays = forms.IntegerField(
        label="责令几个工作日内重新答复",
        min_value=1,
        max_value=60,
        required=False,
        help_text="没有责令重新答复的不填。只写“法定期限”的填20。",
    )
    redo_until = DayField(label="责令的最后一日", required=False, help_text="写明自然日或者日期的，填最后一日。")
    files = FilesField(label="决定书、判决书、裁定书", required=False, help_text="加密保存。")  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        """A length or a day, and only when something was corrected."""
        data = super().clean() or self.cleaned_data
        ordered = data.get("redo_workdays"), data.get("redo_until")
        if all(ordered):
            self.add_error("redo_workdays", "工作日数和最后一日，请填写其中一项。")
        if any(ordered) and data.get("result") and results.group_of(data["result"]) != "corrected":
            self.add_error("result", "责令重新答复的，审理结果应当是撤销、变更、确认违法、责令履行中的一项。")
        if data.get("redo_until") and data.get("told_on") and data["redo_until"] <= data["told_on"]:
            self.add_error("redo_until", "责令的最后一日要晚于收到文书之日。请核对。")
        return data


class EnterResult(Act):
    """登记审理结果: closes the case, reopens the request where a new reply was ordered, asks for the lesson."""

    kind, name, label, icon = KIND, "enter_result", "登记审理结果", "stamp"
    from_states = frozenset({"entered", "pending"})
    permits = STAFF_OF_OWNER
    form_class = ResultForm
    private = frozenset({"gist", "files"})
    expected = True
    order = 20
    hint = "责令重新答复的，会为对应的申请新开一件重新办理。被纠正的，会要求总结教训。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"told_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        data = work.data
        check_day(data["decided_on"], work.now, "文书日期", after=case.received_on, of="收到通知之日")
        check_day(data["told_on"], work.now, "收到文书之日", after=data["decided_on"], of="文书日期")
        known = anonymous.known_of(case.request, case, case.earlier)
        anonymous.check({"文书名称和文号": data["document"]}, known)
        case.result, case.result_document = data["result"], data["document"]
        case.decided_on, case.told_on, case.gist = data["decided_on"], data["told_on"], data["gist"]
        ruling = Ruling.objects.create(
            appeal=case,
            instance=case.instance,
            result=case.result,
            document=case.result_document,
            decided_on=case.decided_on,
            told_on=case.told_on,
            redo_workdays=data["redo_workdays"],
            redo_until=data["redo_until"],
        )
        group = results.group_of(case.result)
        case.outcome = f"{case.get_result_display()}（{results.GROUP_LABELS[group]}）"[:40]
        stop_clock(case, "decision", case.told_on, work.now)
        _unanswered(case, work.now)
        work.files += data["files"]
        work.attachments += data["kept"]
        work.state = _redo(work, ruling)
        if group == "corrected":
            open_lesson(work, case)
        work.summary = f"{case.outcome}，{case.result_document}"
        work.notify(people_of(case.unit, Role.LEADER, Role.LEGAL), f"{case.outcome}：{case.title}")
        if case.supervisor is not None and group == "corrected":
            work.notify(people_of(case.supervisor, Role.OFFICE), f"{case.unit}被纠正：{case.title}")


def _unanswered(case: Appeal, now: dt.datetime) -> None:
    """Withdrawn or not accepted before the body answered: nothing was missed. Else an answer never given stays late."""
    if case.answered_on is not None or results.group_of(case.result) != "other":
        return
    for clock in case.clocks.filter(code="answer"):
        cancel(clock, now)


def _redo(work: Work, ruling: Ruling) -> str:
    """The state that follows: a new reply was ordered and the request reopened, or has to be made, or neither."""
    case: Appeal = work.case
    if not ruling.redo_workdays and not ruling.redo_until:
        return "decided"
    anew = _reopened(work, ruling)
    if anew is not None:
        case.remade = anew
        return "decided"
    rule: dict[str, Any] = (
        {"unit": "workday", "amount": ruling.redo_workdays}
        if ruling.redo_workdays
        else {"unit": "date", "date": ruling.redo_until}
    )
    try:
        start(
            case, code="redo", name="重新答复", basis=case.result_document, trigger="收到文书", now=work.now,
            started_at=at_day(ruling.told_on, work.now), **rule,
        )  # fmt: skip
    except UnknownYearError as error:
        raise ActError(str(error)) from None
    work.notify(staff(case.unit), f"责令重新答复，请在期限内办理：{case.title}")
    return "redoing"


def _reopened(work: Work, ruling: Ruling) -> Request | None:
    """The request made anew by its own act; None when there is no request that can be reopened."""
    case: Appeal = work.case
    act, request = acts.get(REOPEN), case.request
    if act is None or request is None or not act.starts_from(request):
        return None
    if Request.objects.filter(origin=request.pk, origin_reason="redo", closed_at=None).exists():
        return None
    event = work.perform(
        REOPEN,
        request,
        {
            "cause": "judgment" if case.suit else "reconsideration",
            "document": ruling.document,
            "received_on": ruling.told_on.isoformat(),
            "workdays": ruling.redo_workdays or "",
            "until": ruling.redo_until.isoformat() if ruling.redo_until else "",
        },
    )
    return Request.objects.filter(number=event.data.get("anew", "")).first()


def open_lesson(work: Work, case: Appeal) -> None:
    """A lesson has to be drawn (001-15e), once for each case."""
    if Lesson.objects.filter(appeal=case.pk).exists():
        return
    lesson = Lesson(
        kind=Lesson.KIND,
        state="draft",
        title=f"教训：{case.title}"[:300],
        unit=case.unit,
        supervisor=case.supervisor,
        handler=case.handler,
        appeal=case,
    )
    plan = {
        "code": "lesson",
        "name": "总结教训",
        "unit": "workday",
        "amount": jurisdiction.value("appeals.lesson_workdays"),
        "basis": "公开工作要点：总结通报复议诉讼案件",
        "trigger": "登记审理结果",
    }
    work.open_many([Opening(lesson, (plan,), summary=case.outcome or case.get_sort_display())])
    work.notify(staff(case.unit), f"请总结原因和整改措施：{case.title}", about=lesson)


class RedoneForm(ActForm):
    """When and with what the order was met."""

    redo_met_on = DayField(label="重新答复之日")
    document = forms.CharField(label="重新答复的文号", max_length=120, required=False)
    files = FilesField(label="答复书", required=False, help_text="加密保存。")  # type: ignore[assignment]


class Redone(Act):
    """登记已重新答复, where no request of this platform was reopened."""

    kind, name, label, icon = KIND, "redone", "登记已重新答复", "repeat"
    from_states = frozenset({"redoing"})
    to_state = "decided"
    permits = STAFF_OF_OWNER
    form_class = RedoneForm
    private = frozenset({"files"})
    expected = True
    order = 10

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"redo_met_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        on = work.data["redo_met_on"]
        check_day(on, work.now, "重新答复之日", after=case.told_on, of="收到文书之日")
        case.redo_met_on = on
        stop_clock(case, "redo", on, work.now)
        work.files += work.data["files"]
        work.attachments += work.data["kept"]
        work.summary = f"{day_words(on)}{'，' + work.data['document'] if work.data['document'] else ''}"


class SecondInstanceForm(ActForm):
    """Who went on, to which court."""

    court = forms.CharField(label="第二审人民法院", max_length=120)
    file_number = forms.CharField(label="二审案号", max_length=80, required=False)
    by = forms.ChoiceField(label="谁上诉", choices=[("party", "对方"), ("body", "本机关"), ("both", "双方")])
    received_on = DayField(label="收到上诉状副本或者提出上诉之日")


class SecondInstance(Act):
    """进入二审: the result in force is open again until the second judgment."""

    kind, name, label, icon = KIND, "second_instance", "进入二审", "arrow-up-right"
    from_states = frozenset({"decided", "redoing"})
    to_state = "pending"
    permits = STAFF_OF_OWNER
    form_class = SecondInstanceForm
    order = 60
    hide_blocked = True
    hint = "一审结果保留在记录里。二审审结前，这件计入“尚未审结”；上诉以前的年度，仍按一审结果统计。"

    def blocked(self, case: Any, user: User) -> str:
        record = case.concrete
        if not record.suit:
            return "复议没有二审。"
        return "已经进入二审。" if record.instance > 1 else ""

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        data = work.data
        check_day(data["received_on"], work.now, "日期", after=case.decided_on, of="一审文书日期")
        first = f"{case.get_result_display()}，{case.result_document}"
        stop_clock(case, "redo", data["received_on"], work.now)
        case.instance = 2
        case.first_result, case.first_decided_on, case.second_on = case.result, case.decided_on, data["received_on"]
        case.organ = data["court"]
        case.file_number = data["file_number"] or case.file_number
        case.result, case.result_document, case.decided_on, case.told_on = "", "", None, None
        case.outcome = ""
        work.summary = f"一审{first}"[:300]
