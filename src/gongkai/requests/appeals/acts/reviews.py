"""专项督查: requests of a field and period are looked at, findings written, units put right what was found (001-15c)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Opening, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitsField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere, lead, owner
from gongkai.requests.acts.registration import areas
from gongkai.requests.appeals import anonymous, settings
from gongkai.requests.appeals.acts.common import (
    STAFF_OF_OWNER,
    home_unit,
    stop_clock,
    supervising,
    text_area,
    today,
)
from gongkai.requests.appeals.models import Rectification, ReviewItem, SpecialReview
from gongkai.requests.models import Request

REVIEW, RECTIFICATION = SpecialReview.KIND, Rectification.KIND
REVIEWERS = owner(Role.OFFICE, Role.OFFICER)
MOST = 500
PICKS = [("all", "全部"), ("late", "逾期答复的"), ("contested", "有复议诉讼的"), ("withheld", "不予公开、部分公开的")]


class LaunchForm(ActForm):
    """Which fields, which period, what to look for."""

    title = forms.CharField(label="名称", max_length=120)
    areas = forms.MultipleChoiceField(label="领域", widget=forms.CheckboxSelectMultiple)
    since = DayField(label="收到申请从")
    until = DayField(label="至")
    focus = text_area("检查重点", rows=4, limit=1500, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["areas"]
        words = list(dict.fromkeys([*settings.special_areas(), *areas()]))
        field.choices = [(word, word) for word in words]

    def clean(self) -> dict[str, Any]:
        """The period runs forward."""
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", "结束日期早于开始日期。请核对。")
        return data


class Launch(Act):
    """发起专项督查."""

    kind, name, label, icon = REVIEW, "launch", "发起专项督查", "search-check"
    creates = True
    permits = anywhere(Role.OFFICE, Role.OFFICER)
    form_class = LaunchForm

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"areas": settings.special_areas()}

    def apply(self, work: Work) -> None:
        unit = home_unit(work.user)
        data = work.data
        case = SpecialReview(
            kind=REVIEW, state="open", title=data["title"], unit=unit, supervisor=supervising(unit), handler=work.user,
            areas=data["areas"], since=data["since"], until=data["until"], focus=data["focus"],
        )  # fmt: skip
        work.open(case, summary=case.area_words)


def candidates(case: SpecialReview, user: User | None, pick: str = "all") -> QuerySet[Request]:
    """The requests of the fields and period that the person may read and that were not chosen yet."""
    rows = Request.objects.visible_to(user) if user is not None else Request.objects.all()
    rows = rows.filter(area__in=case.areas, received_on__gte=case.since, received_on__lte=case.until)
    rows = rows.exclude(pk__in=ReviewItem.objects.filter(review=case.pk).values("request"))
    if pick == "late":
        rows = rows.filter(on_time=False)
    elif pick == "contested":
        rows = rows.filter(contested=True)
    elif pick == "withheld":
        rows = rows.filter(decision__regex="^[PD]")
    return rows


class ChooseForm(ActForm):
    """Which of the requests, how many."""

    pick = forms.ChoiceField(label="抽查哪些", choices=PICKS, widget=forms.RadioSelect, initial="all")
    units = UnitsField(label="只抽查这些单位", required=False, help_text="不选就是所有能看到的单位。")
    number = forms.IntegerField(
        label="最多几件", min_value=1, max_value=MOST, initial=50, help_text="从最近收到的开始。"
    )


class Choose(Act):
    """抽取申请."""

    kind, name, label, icon = REVIEW, "choose", "抽取申请", "list-plus"
    from_states = frozenset({"open"})
    permits = REVIEWERS
    form_class = ChooseForm
    expected = True
    order = 10

    def describe(self, case: Any, user: User) -> str:
        return f"符合领域和期间、还没有抽取的申请有{candidates(case.concrete, user)[: MOST + 1].count()}件。"

    def apply(self, work: Work) -> None:
        case: SpecialReview = work.case
        rows = candidates(case, work.user, work.data["pick"])
        if work.data["units"]:
            rows = rows.filter(unit__in=work.data["units"])
        found = list(rows.order_by("-received_on", "-pk").values_list("pk", "unit")[: work.data["number"]])
        if not found:
            raise ActError("没有符合条件、还没有抽取的申请。请换一个条件。")
        ReviewItem.objects.bulk_create([ReviewItem(review=case, request_id=pk, unit_id=unit) for pk, unit in found])
        work.summary = f"抽取{len(found)}件"


class FindForm(ActForm):
    """One finding for the items that were ticked."""

    items = forms.ModelMultipleChoiceField(
        label="申请", queryset=ReviewItem.objects.none(), error_messages={"required": "还没有勾选申请。"}
    )
    faulty = forms.TypedChoiceField(
        label="结论", choices=[("1", "有问题"), ("0", "没有问题")], coerce=lambda value: value == "1"
    )
    finding = forms.CharField(label="发现", max_length=500, required=False, help_text="不写当事人的信息。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["items"]
        field.queryset = ReviewItem.objects.filter(review=case.pk, rectification__isnull=True)

    def clean(self) -> dict[str, Any]:
        """A fault is named."""
        data = super().clean() or self.cleaned_data
        if data.get("faulty") and not (data.get("finding") or "").strip():
            self.add_error("finding", "有问题的，请写明是什么问题。")
        return data


class Find(Act):
    """写明发现."""

    kind, name, label, icon = REVIEW, "find", "写明发现", "pencil-line"
    from_states = frozenset({"open"})
    permits = REVIEWERS
    form_class = FindForm
    order = 20
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.concrete.known["items"] else "还没有抽取申请。"

    def apply(self, work: Work) -> None:
        data = work.data
        chosen = list(data["items"])
        anonymous.check({"发现": data["finding"]})
        ReviewItem.objects.filter(pk__in=[item.pk for item in chosen]).update(
            faulty=data["faulty"], finding=data["finding"], checked_at=work.now,
            checked_by=work.user.who[:120] if work.user else "系统",
        )  # fmt: skip
        work.summary = f"{len(chosen)}件{'有问题' if data['faulty'] else '没有问题'}"
        work.words = data["finding"]


class DemandForm(ActForm):
    """What every unit concerned has to do."""

    demand = text_area("整改要求", rows=4, limit=1500)


class Demand(Act):
    """下发整改: one matter for each unit with faults, with its own list."""

    kind, name, label, icon = REVIEW, "demand", "下发整改", "list-checks"
    from_states = frozenset({"open"})
    to_state = "rectifying"
    permits = REVIEWERS
    form_class = DemandForm
    order = 30
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        known = case.concrete.known
        if not known["unsent"]:
            return "还没有发现问题。"
        return f"还有{known['unchecked']}件没有写明发现。" if known["unchecked"] else ""

    def apply(self, work: Work) -> None:
        case: SpecialReview = work.case
        if case.known["unchecked"]:
            raise ActError(f"还有{case.known['unchecked']}件没有写明发现。")
        by_unit: dict[Any, list[int]] = {}
        for item in case.items.filter(faulty=True, rectification__isnull=True).select_related("unit"):
            by_unit.setdefault(item.unit, []).append(item.pk)
        if not by_unit:
            raise ActError("没有需要整改的申请。")
        plan = {
            "code": "rectify",
            "name": "整改",
            "unit": "workday",
            "amount": jurisdiction.value("appeals.rectification_workdays"),
            "basis": "公开工作要点：专项督查",
            "trigger": "下发整改",
        }
        opened = [
            Rectification(
                kind=RECTIFICATION, state="open", title=f"整改：{case.title}"[:300], unit=unit,
                supervisor=supervising(unit), lead=case.unit, review=case, demand=work.data["demand"],
            )
            for unit in by_unit
        ]  # fmt: skip
        work.open_many([Opening(one, (plan,), summary=f"{len(by_unit[one.unit])}件") for one in opened])
        for one in opened:
            ReviewItem.objects.filter(pk__in=by_unit[one.unit]).update(rectification=one)
        work.notify_owners(opened, [*STAFF, Role.LEADER], lambda one: f"专项督查发现问题，请整改：{case.title}")
        work.summary = "、".join(str(unit) for unit in by_unit)[:300]


class AnswerForm(ActForm):
    """What was put right."""

    answer = text_area("整改情况", rows=5, limit=2000, help_text="逐项写明怎样改的。不写当事人的信息。")
    files = FilesField(label="佐证材料", required=False)  # type: ignore[assignment]


class Answer(Act):
    """报送整改情况."""

    kind, name, label, icon = RECTIFICATION, "answer", "报送整改情况", "send"
    from_states = frozenset({"open", "returned"})
    to_state = "answered"
    permits = STAFF_OF_OWNER
    form_class = AnswerForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Rectification = work.case
        anonymous.check({"整改情况": work.data["answer"]})
        case.answer, case.answered_at = work.data["answer"], work.now
        stop_clock(case, "rectify", today(work.now), work.now)
        work.files += work.data["files"]
        work.attachments += work.data["kept"]
        work.words = case.answer
        work.notify(people_of(case.review.unit, Role.OFFICE, Role.OFFICER), f"{case.unit}报送了整改情况：{case.title}")


class Confirm(Act):
    """确认已整改."""

    kind, name, label, icon = RECTIFICATION, "confirm", "确认已整改", "circle-check"
    from_states = frozenset({"answered"})
    to_state = "done"
    permits = lead(Role.OFFICE, Role.OFFICER)
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        work.case.outcome = "已整改"


class SendBack(Act):
    """退回."""

    kind, name, label, icon = RECTIFICATION, "send_back", "退回继续整改", "undo-2"
    from_states = frozenset({"answered"})
    to_state = "returned"
    permits = Confirm.permits
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(people_of(work.case.unit, *STAFF), f"整改被退回：{work.case.title}")


class ConcludeForm(ActForm):
    """What came of it."""

    conclusion = text_area("督查结论", rows=6, limit=3000, help_text="不写当事人的信息。")


class Conclude(Act):
    """结束督查."""

    kind, name, label, icon = REVIEW, "conclude", "结束督查", "flag"
    from_states = frozenset({"open", "rectifying"})
    to_state = "concluded"
    permits = REVIEWERS
    form_class = ConcludeForm
    order = 40
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        known = case.concrete.known
        if not known["items"]:
            return "还没有抽取申请。"
        if known["unchecked"]:
            return f"还有{known['unchecked']}件没有写明发现。"
        if known["unsent"]:
            return f"有{known['unsent']}件有问题的申请还没有下发整改。"
        return f"还有{known['rectifying']}个单位没有整改完。" if known["rectifying"] else ""

    def apply(self, work: Work) -> None:
        case: SpecialReview = work.case
        reason = self.blocked(case, work.user) if work.user is not None else ""
        if reason:
            raise ActError(reason)
        anonymous.check({"督查结论": work.data["conclusion"]})
        case.conclusion, case.concluded_at = work.data["conclusion"], work.now
        case.outcome = f"抽查{case.known['items']}件"
        work.words = case.conclusion


class Drop(Act):
    """取消抽取."""

    kind, name, label, icon = REVIEW, "drop_items", "去掉没有检查的", "list-minus"
    from_states = frozenset({"open"})
    permits = REVIEWERS
    order = 60
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.concrete.known["unchecked"] else "没有还没检查的申请。"

    def apply(self, work: Work) -> None:
        number, _ = ReviewItem.objects.filter(review=work.case.pk, faulty__isnull=True).delete()
        work.summary = f"去掉{number}件"
