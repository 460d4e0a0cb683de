"""案件教训: why a case was lost, what is put right, and the warning that others get (001-15e)."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Opening, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm, UnitsField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, owner
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.common import (
    KIND,
    OFFICE,
    STAFF_OF_OWNER,
    check_day,
    stop_clock,
    supervising,
    text_area,
    today,
)
from gongkai.requests.appeals.acts.results import open_lesson
from gongkai.requests.appeals.models import Appeal, Caution, Lesson

LESSON, CAUTION = Lesson.KIND, Caution.KIND


def _texts(case: Lesson) -> dict[str, str]:
    return {"原因分析": case.reason, "整改措施": case.rectification, "对各单位的提示": case.advice}


class OpenLesson(Act):
    """总结教训 of a case that was not corrected but still teaches something."""

    kind, name, label, icon = KIND, "open_lesson", "总结教训", "graduation-cap"
    from_states = frozenset({"decided", "redoing"})
    permits = (*STAFF_OF_OWNER, *owner(Role.LEADER), *OFFICE)
    order = 50
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "已经有一份教训。" if case.concrete.known["lessons"] else ""

    def apply(self, work: Work) -> None:
        open_lesson(work, work.case)


class WriteForm(ActForm):
    """Causes, what is done about it, and what others should mind."""

    causes = forms.MultipleChoiceField(
        label="原因类别", choices=Lesson.Cause.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = text_area("原因分析", rows=5, limit=3000, help_text="只写办理中的问题，不写当事人的信息。")
    rectification = text_area("整改措施", rows=4, limit=3000)
    rectified_on = DayField(label="整改完成日期", required=False)
    advice = text_area("对各单位的提示", rows=4, limit=2000, required=False, help_text="通报时各单位看到的就是这一段。")


class Write(Act):
    """写出教训."""

    kind, name, label, icon = LESSON, "write", "写出教训", "pencil-line"
    from_states = frozenset({"draft", "written"})
    to_state = "written"
    permits = STAFF_OF_OWNER
    form_class = WriteForm
    private = frozenset({"reason", "rectification", "advice"})
    expected = True
    order = 10
    hint = "内容里有当事人信息的，不能保存。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        names = ("causes", "reason", "rectification", "rectified_on", "advice")
        return {name: getattr(case, name) for name in names} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Lesson = work.case
        data = work.data
        for name in ("causes", "reason", "rectification", "rectified_on", "advice"):
            setattr(case, name, data[name])
        if case.rectified_on:
            check_day(case.rectified_on, work.now, "整改完成日期", after=case.appeal.received_on, of="收到通知之日")
        anonymous.check(_texts(case), anonymous.known_of(case.appeal.request, case.appeal, case.appeal.earlier))
        stop_clock(case, "lesson", today(work.now), work.now)
        work.summary = case.cause_words
        work.notify(people_of(case.unit, Role.LEADER), f"请决定是否通报：{case.title}")


class CirculateForm(ActForm):
    """Which units are warned."""

    units = UnitsField(label="通报哪些单位")
    title = forms.CharField(label="通报标题", max_length=120, help_text="不写当事人的信息。")


class Circulate(Act):
    """通报警示: each unit gets a matter of its own, and says what it found in its own work."""

    kind, name, label, icon = LESSON, "circulate", "通报警示", "megaphone"
    from_states = frozenset({"written", "circulated", "kept"})
    to_state = "circulated"
    permits = (*owner(Role.OFFICER, Role.LEADER), *OFFICE)
    form_class = CirculateForm
    expected = True
    order = 20
    hint = "通报里没有当事人的信息，也看不到案件本身。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"title": f"警示：{case.concrete.cause_words}"[:120]} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Lesson = work.case
        if not case.advice.strip():
            raise ActError("还没有写“对各单位的提示”。请补写后再通报。")
        known = anonymous.known_of(case.appeal.request, case.appeal, case.appeal.earlier)
        anonymous.check({**_texts(case), "通报标题": work.data["title"]}, known)
        told = set(Caution.objects.filter(lesson=case.pk).values_list("unit_of_warning", flat=True))
        units = [unit for unit in work.data["units"] if unit.pk not in told]
        if not units:
            raise ActError("选中的单位都已经通报过了。")
        plan = {
            "code": "acknowledge",
            "name": "签收自查",
            "unit": "workday",
            "amount": jurisdiction.value("appeals.warning_workdays"),
            "basis": "公开工作要点：警示通报",
            "trigger": "通报",
        }
        notices = [
            Caution(
                kind=CAUTION,
                state="open",
                title=work.data["title"],
                unit=unit,
                supervisor=supervising(unit),
                lead=work.user.main_unit if work.user is not None else None,
                lesson=case,
                unit_of_warning=unit.pk,
            )
            for unit in units
        ]
        work.open_many([Opening(notice, (plan,), summary=f"{case.unit}的案件教训") for notice in notices])
        work.notify_owners(notices, [*STAFF, Role.LEADER], lambda notice: f"警示通报，请签收自查：{notice.title}")
        case.circulated_at, case.circulated_by = work.now, work.user.who if work.user else "系统"
        case.outcome = f"已通报{len(told) + len(units)}个单位"
        work.summary = "、".join(str(unit) for unit in units)[:300]


class Keep(Act):
    """存档不通报."""

    kind, name, label, icon = LESSON, "keep", "存档不通报", "archive"
    from_states = frozenset({"written"})
    to_state = "kept"
    permits = owner(Role.LEADER, Role.OFFICER)
    form_class = ReasonForm
    order = 60

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = "存档"


class AcknowledgeForm(ActForm):
    """What the unit found in its own work."""

    self_check = text_area("本单位自查情况", rows=4, limit=1500, help_text="有没有同样的问题，怎样避免。不写姓名。")


class Acknowledge(Act):
    """签收并自查."""

    kind, name, label, icon = CAUTION, "acknowledge", "签收并自查", "circle-check"
    from_states = frozenset({"open"})
    to_state = "acknowledged"
    permits = (*STAFF_OF_OWNER, *owner(Role.LEADER))
    form_class = AcknowledgeForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Caution = work.case
        case.self_check = work.data["self_check"]
        case.acknowledged_by, case.acknowledged_at = work.user.who if work.user else "系统", work.now
        case.outcome = "已签收自查"
        stop_clock(case, "acknowledge", today(work.now), work.now)
        work.words = case.self_check


def lesson_of(appeal: Appeal) -> Lesson | None:
    """The lesson of an appeal, if one was opened."""
    return Lesson.objects.filter(appeal=appeal.pk).first()
