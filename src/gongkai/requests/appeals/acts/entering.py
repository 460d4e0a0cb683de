"""登记复议诉讼: entered within days of the notice (004-8d), from a request or standing alone, with the clocks that begin."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import CaseRelation, Clock, Unit, User
from gongkai.core.privacy import mask
from gongkai.core.roles import STAFF, Role, anywhere, owner
from gongkai.law.requests import remedies
from gongkai.law.requests.decisions import reconsideration_comes_first
from gongkai.requests import decisions, letters
from gongkai.requests.acts.registration import areas
from gongkai.requests.appeals import anonymous, results
from gongkai.requests.appeals.acts.common import (
    KIND,
    OFFICE,
    STAFF_OF_OWNER,
    at_day,
    check_day,
    hand_over,
    home_unit,
    open_with,
    supervising,
)
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.kinds import REQUEST
from gongkai.requests.models import Reply, Request

EVERY_STATE = frozenset(REQUEST.states)
WAYS = [("reconsideration", "行政复议"), ("suit", "行政诉讼")]


class EnterForm(ActForm):
    """What the notice of the organ or court says."""

    way = forms.ChoiceField(label="途径", choices=WAYS, widget=forms.RadioSelect, initial="reconsideration")
    organ = forms.CharField(label="复议机关或者法院", max_length=120)
    file_number = forms.CharField(label="案号", max_length=80, required=False, help_text="通知书没有写的，以后补。")
    received_on = DayField(label="收到通知之日", help_text="收到答复通知书、应诉通知书的日期。期限从次日起算。")
    accepted_on = DayField(label="受理之日", required=False)
    procedure = forms.ChoiceField(
        label="复议程序",
        choices=Appeal.Procedure.choices,
        required=False,
        help_text="只对复议有用。简易程序5个工作日内答复。",
    )
    answer_until = DayField(
        label="答复、答辩最后一日", required=False, help_text="通知书写明日期的照填；不填的，按法定期限计算。"
    )
    matter = forms.ChoiceField(label="争议事项", choices=Appeal.Matter.choices)
    challenged = forms.CharField(label="争议的答复或者行为", max_length=200, help_text="例如答复书的文号。不要写姓名。")
    standing = forms.ChoiceField(
        label="本机关地位",
        choices=Appeal.Standing.choices,
        help_text="仅作为复议机关共同被告的，登记但不计入年度报告。",
    )
    party = forms.CharField(
        label="申请人或者原告",
        max_length=120,
        required=False,
        help_text="加密保存，列表里只显示遮盖后的称呼。与申请人相同的不用填。",
    )
    files = FilesField(label="通知书、申请书、起诉状", required=False, help_text="加密保存。")  # type: ignore[assignment]


class EnterAloneForm(EnterForm):
    """The same, where the request has to be named, or there is none."""

    request_number = forms.CharField(
        label="对应申请的登记号", max_length=40, required=False, help_text="与依申请公开无关的不填。"
    )
    earlier_number = forms.CharField(
        label="此前复议的编号", max_length=40, required=False, help_text="复议后起诉、又不对应申请的，填写。"
    )
    area = forms.ChoiceField(label="所属领域", required=False)
    field_order = ("way", "request_number", "earlier_number", "area")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["area"]
        field.choices = [("", "不分领域"), *((word, word) for word in areas())]


def _organ(unit: Unit, suit: bool) -> str:
    """Who decides on this body, as its replies say."""
    if suit:
        return letters.by_unit("requests.courts", unit, "requests.court")
    return letters.by_unit("requests.reconsideration_organs", unit, "requests.reconsideration_organ")


def _plans(appeal: Appeal, answer_until: dt.date | None, now: dt.datetime) -> list[dict[str, Any]]:
    """The clocks of an appeal: entering it, the body's own answer, and the organ's decision where the law sets it."""
    received = at_day(appeal.received_on, now)
    entry = {
        "code": "entry",
        "name": "录入",
        "unit": "workday",
        "amount": jurisdiction.value("appeals.entry_workdays"),
        "basis": "公开工作要点：及时录入复议诉讼",
        "trigger": "收到通知",
        "judged": False,
        "started_at": received,
        "stopped_at": now,
    }
    answer: dict[str, Any] = {
        "code": "answer",
        "name": "提交答辩状和证据" if appeal.suit else "提出书面答复",
        "trigger": "收到通知",
        "started_at": received,
        **answer_rule(appeal, answer_until),
    }
    plans = [entry, answer]
    if not appeal.suit and appeal.accepted_on:
        rule = remedies.RULES["decision_simple" if appeal.procedure == Appeal.Procedure.SIMPLE else "decision"]
        plans.append(
            {
                "code": "decision",
                "name": "复议机关审理",
                "unit": rule.unit,
                "amount": rule.amount,
                "basis": rule.basis,
                "trigger": "受理",
                "judged": False,
                "started_at": at_day(appeal.accepted_on, now),
            }
        )
    return plans


def answer_rule(appeal: Appeal, until: dt.date | None) -> dict[str, Any]:
    """How long the body has for its answer: until the day the notice names, else as the law says."""
    if until is not None:
        return {"unit": "date", "date": until, "basis": "通知书写明的期限"}
    if appeal.suit:
        return {
            "unit": "day",
            "amount": jurisdiction.value("appeals.defence_days"),
            "basis": "行政诉讼法第六十七条",
        }
    if appeal.procedure == Appeal.Procedure.SIMPLE:
        rule = remedies.RULES["answer_simple"]
        return {"unit": rule.unit, "amount": rule.amount, "basis": rule.basis}
    return {
        "unit": "workday",
        "amount": jurisdiction.value("appeals.answer_workdays"),
        "basis": "行政复议法第四十八条",
    }


def open_appeal(
    work: Work,
    unit: Unit,
    request: Request | None,
    earlier: Appeal | None,
    area: str = "",
) -> Appeal:
    """Open an appeal from a clean form: its sort follows from what came before, its clocks from the notice."""
    data = work.data
    suit = data["way"] == "suit"
    earlier = (earlier or results.earlier_of(request)) if suit else None
    _check_days(data, work.now, request)
    _check_double(unit, data["organ"], data["file_number"])
    party = (data["party"] or "").strip()
    anonymous.check(
        {"争议的答复或者行为": data["challenged"]},
        [*anonymous.known_of(request, earlier), *anonymous.parties(party)],
    )
    appeal = Appeal(
        kind=KIND,
        state="entered",
        unit=unit,
        supervisor=supervising(unit),
        handler=request.handler if request is not None and request.handler_id else work.user,
        sort=results.sort_of(suit, earlier),
        standing=data["standing"],
        procedure=data["procedure"] or Appeal.Procedure.ORDINARY,
        matter=data["matter"],
        request=request,
        earlier=earlier,
        challenged=data["challenged"],
        decision=request.decision if request is not None else "",
        area=(request.area if request is not None else area) or area,
        organ=data["organ"],
        file_number=data["file_number"],
        party=party,
        party_label=_label(party, request),
        received_on=data["received_on"],
        accepted_on=data["accepted_on"],
        entered_at=work.now,
    )
    appeal.title = _title(appeal, request)
    open_with(
        work,
        appeal,
        _plans(appeal, data["answer_until"], work.now),
        f"{appeal.get_sort_display()}，{appeal.organ}{appeal.file_number}",
        sort=appeal.sort,
    )
    for source in (request, earlier):
        if source is not None:
            CaseRelation.objects.get_or_create(source=appeal, target=source, kind=CaseRelation.Kind.RELATED)
    hand_over(work, appeal)
    work.notify(
        people_of(unit, Role.LEADER, Role.LEGAL), f"{appeal.get_sort_display()}已登记，请在期限内答复：{appeal.title}"
    )
    return appeal


def _title(appeal: Appeal, request: Request | None) -> str:
    what = request.title if request is not None else appeal.challenged
    return f"{appeal.get_sort_display()}：{what}"[:300]


# How organisations end; a name without such an end is taken for that of a person, however long it is.
_ORGANISATION = re.compile(
    r"(?:公司|集团|厂|店|社|行|会|所|院|校|中心|基金|单位|部|处|局|委|馆|站|场|农庄|工作室|户|银行|大学|学校|医院|协会|合伙)"
    r"(?:[（(][^（()）]*[)）])?$"
)


def _masked(name: str) -> str:
    """A party as lists show it: 欧阳**; organisations by their public name."""
    name = name.strip()
    if len(name) > 4 and _ORGANISATION.search(name):
        return mask.organisation(name)
    return mask.name(name).replace("某", "*")


def _label(party: str, request: Request | None) -> str:
    if party:
        return "、".join(_masked(one) for one in anonymous.parties(party))[:60]
    return request.applicant_label if request is not None else ""


def _check_days(data: dict[str, Any], now: dt.datetime, request: Request | None) -> None:
    received = data["received_on"]
    check_day(
        received, now, "收到通知之日", after=request.received_on if request is not None else None, of="收到申请之日"
    )
    if data["accepted_on"]:
        check_day(data["accepted_on"], now, "受理之日")
    if data["answer_until"] and data["answer_until"] < received:
        raise ActError("答复、答辩最后一日不能早于收到通知之日。请核对日期。")


def _check_double(unit: Unit, organ: str, number: str) -> None:
    if number and Appeal.objects.filter(unit=unit, organ=organ, file_number=number).exclude(state="void").exists():
        raise ActError(f"{organ}{number}已经登记过。请打开它继续办理。")


def found_request(user: User | None, number: str) -> Request | None:
    """The request of a number that the person may read; None for no number. Raises ActError."""
    number = number.strip()
    if not number:
        return None
    rows = Request.objects.visible_to(user) if user is not None else Request.objects.all()
    case = rows.filter(number=number).select_related("unit", "handler").first()
    if case is None:
        raise ActError(f"没有找到登记号为“{number}”的申请。请核对登记号。")
    return case


def _found_earlier(user: User | None, number: str) -> Appeal | None:
    number = number.strip()
    if not number:
        return None
    rows = Appeal.objects.visible_to(user) if user is not None else Appeal.objects.all()
    case = rows.filter(number=number, sort=Appeal.Sort.RECONSIDERATION).exclude(state="void").first()
    if case is None:
        raise ActError(f"没有找到编号为“{number}”的复议案件。请核对编号。")
    return case


class Enter(Act):
    """登记复议诉讼, also about other disclosure disputes than a request."""

    kind, name, label, icon = KIND, "enter", "登记复议诉讼", "gavel"
    creates = True
    permits = anywhere(*STAFF)
    form_class = EnterAloneForm
    private = frozenset({"party", "files"})

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        unit = user.main_unit if user is not None else None
        return {"received_on": timezone.localdate(), "organ": _organ(unit, False) if unit else ""}

    def apply(self, work: Work) -> None:
        request = found_request(work.user, work.data["request_number"] or "")
        earlier = _found_earlier(work.user, work.data["earlier_number"] or "")
        unit = request.unit if request is not None else earlier.unit if earlier else home_unit(work.user)
        if work.user is not None and not work.user.roles_at(unit) & set(STAFF):
            raise ActError(f"这件申请由{unit}办理，请由该单位登记。")
        appeal = open_appeal(work, unit, request or (earlier.request if earlier else None), earlier, work.data["area"])
        if appeal.request is not None:
            work.perform(Noted, appeal.request, {"appeal": appeal.number})


class EnterOnRequest(Act):
    """登记复议诉讼 on the request it is about."""

    kind, name, label, icon = Request.KIND, "enter_appeal", "登记复议诉讼", "gavel"
    from_states = EVERY_STATE
    permits = STAFF_OF_OWNER
    form_class = EnterForm
    private = frozenset({"party", "files"})
    order = 70
    hint = "另立一件复议诉讼，期限从收到通知的次日起算。这件申请照常办理。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        earlier = results.earlier_of(case)
        suit = earlier is not None
        return {
            "way": "suit" if suit else "reconsideration",
            "organ": _organ(case.unit, suit),
            "received_on": timezone.localdate(),
            "matter": Appeal.Matter.REPLY if case.replied_on else Appeal.Matter.SILENCE,
            "challenged": _reply_words(case),
        }

    def apply(self, work: Work) -> None:
        case: Request = work.case
        appeal = open_appeal(work, case.unit, case, None)
        case.contested = True
        work.record["appeal"] = appeal.number
        work.summary = f"{appeal.get_sort_display()}，{appeal.number}"


def _reply_words(case: Request) -> str:
    reply = Reply.objects.filter(request=case.pk, letter__isnull=False).select_related("letter").first()
    return f"{reply.letter.number}答复" if reply is not None and reply.letter is not None else ""


class NotedForm(forms.Form):
    """Which appeal."""

    appeal = forms.CharField(max_length=40)


class Noted(Act):
    """有复议诉讼: a request learns of an appeal that was entered elsewhere."""

    kind, name, label, icon = Request.KIND, "appeal_noted", "登记有复议诉讼", "gavel"
    from_states = EVERY_STATE
    system = True
    form_class = NotedForm

    def apply(self, work: Work) -> None:
        work.case.contested = True
        work.summary = work.data["appeal"]


class Unnoted(Act):
    """复议诉讼误登: a request learns that an appeal was no one's."""

    kind, name, label, icon = Request.KIND, "appeal_voided", "撤销复议诉讼登记", "gavel"
    from_states = EVERY_STATE
    system = True
    form_class = NotedForm

    def apply(self, work: Work) -> None:
        rows = Appeal.objects.filter(request=work.case.pk).exclude(state="void")
        work.case.contested = rows.exclude(number=work.data["appeal"]).exists()
        work.summary = work.data["appeal"]


class FollowSuit(Act):
    """登记复议后起诉: the suit that follows this reconsideration."""

    kind, name, label, icon = KIND, "follow_suit", "登记复议后起诉", "landmark"
    from_states = frozenset({"decided", "redoing"})
    permits = STAFF_OF_OWNER
    form_class = EnterForm
    private = frozenset({"party", "files"})
    order = 20
    hide_blocked = True
    hint = "另立一件诉讼，与这件复议相连，计入“复议后起诉”。"

    def blocked(self, case: Any, user: User) -> str:
        return "诉讼不再有复议。" if case.concrete.suit else ""

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        return {
            "way": "suit",
            "organ": _organ(case.unit, True),
            "received_on": timezone.localdate(),
            "matter": case.matter,
            "challenged": case.challenged,
        }

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        if work.data["way"] != "suit":
            raise ActError("这里登记复议之后的诉讼。再次申请复议的，请从申请登记。")
        if case.decided_on:
            check_day(work.data["received_on"], work.now, "收到通知之日", after=case.decided_on, of="复议决定日期")
        if not work.data["party"] and case.party:
            work.data["party"] = case.party
        appeal = open_appeal(work, case.unit, case.request, case, case.area)
        if case.request is not None:
            work.perform(Noted, case.request, {"appeal": appeal.number})
        work.summary = f"另立{appeal.number}"


class VoidForm(ActForm):
    """Why it was entered by mistake."""

    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class Void(Act):
    """误登作废: it stays visible and counts nowhere."""

    kind, name, label, icon = KIND, "void", "误登作废", "ban"
    from_states = frozenset({"entered", "pending"})
    to_state = "void"
    permits = (*owner(Role.OFFICER, Role.LEADER), *OFFICE)
    form_class = VoidForm
    danger = True
    order = 90
    hint = "作废后不计入任何统计。留痕保留。"

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        anonymous.check({"原因": work.data["reason"]}, anonymous.known_of(case.request, case))
        work.words = work.data["reason"]
        case.outcome = "误登作废"
        for clock in case.clocks.all():
            if clock.is_open:
                clocks.cancel(clock, work.now)
        if case.request is not None:
            work.perform(Unnoted, case.request, {"appeal": case.number})


class AmendForm(ActForm):
    """What was entered wrong or was not known yet."""

    organ = forms.CharField(label="复议机关或者法院", max_length=120)
    file_number = forms.CharField(label="案号", max_length=80, required=False)
    received_on = DayField(label="收到通知之日")
    procedure = forms.ChoiceField(label="复议程序", choices=Appeal.Procedure.choices, required=False)
    answer_until = DayField(
        label="答复、答辩最后一日", required=False, help_text="通知书写明日期的照填；不填的，按法定期限计算。"
    )
    matter = forms.ChoiceField(label="争议事项", choices=Appeal.Matter.choices)
    challenged = forms.CharField(label="争议的答复或者行为", max_length=200)
    standing = forms.ChoiceField(label="本机关地位", choices=Appeal.Standing.choices)
    request_number = forms.CharField(label="对应申请的登记号", max_length=40, required=False)
    area = forms.ChoiceField(label="所属领域", required=False)
    reason = forms.CharField(label="更正或者补充的原因", max_length=300)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["area"]
        words = list(dict.fromkeys([*areas(), *([case.area] if case is not None and case.area else [])]))
        field.choices = [("", "不分领域"), *((word, word) for word in words)]


class Amend(Act):
    """更正登记: figures are only as good as what was entered."""

    kind, name, label, icon = KIND, "amend", "更正、补充登记", "pencil"
    from_states = frozenset({"entered", "pending", "redoing", "decided"})
    permits = STAFF_OF_OWNER
    form_class = AmendForm
    order = 80

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        names = ("organ", "file_number", "received_on", "procedure", "matter", "challenged", "standing", "area")
        clock = clocks.get(case, "answer")
        return {
            **{name: getattr(case, name) for name in names},
            "answer_until": clock.date if clock is not None else None,
            "request_number": case.request.number if case.request else "",
        }

    def apply(self, work: Work) -> None:
        case: Appeal = work.case
        data = work.data
        check_day(data["received_on"], work.now, "收到通知之日")
        if data["answer_until"] and data["answer_until"] < data["received_on"]:
            raise ActError("答复、答辩最后一日不能早于收到通知之日。请核对日期。")
        request = found_request(work.user, data["request_number"] or "")
        anonymous.check(
            {"争议的答复或者行为": data["challenged"], "原因": data["reason"]}, anonymous.known_of(request, case)
        )
        if case.request is not None and request != case.request:
            raise ActError("对应的申请已经登记，不能改。登错了的，请作废后重新登记。")
        if request is not None and case.request is None:
            if request.unit_id != case.unit_id:
                raise ActError("这件申请由别的单位办理，请核对登记号。")
            case.request, case.decision = request, request.decision
            CaseRelation.objects.get_or_create(source=case, target=request, kind=CaseRelation.Kind.RELATED)
            work.perform(Noted, request, {"appeal": case.number})
        for name in ("organ", "file_number", "received_on", "matter", "challenged", "standing", "area"):
            setattr(case, name, data[name])
        case.procedure = data["procedure"] or Appeal.Procedure.ORDINARY
        _relay(case, data["answer_until"], work.now)
        work.words = data["reason"]


def _relay(case: Appeal, until: dt.date | None, now: dt.datetime) -> None:
    """Derive the clocks anew from the days as they are now known."""
    received = at_day(case.received_on, now)
    for clock in case.clocks.filter(code__in=("entry", "answer")):
        if clock.code == "answer":
            rule = answer_rule(case, until)
            clock.unit, clock.amount, clock.date = rule["unit"], rule.get("amount"), rule.get("date")
            clock.basis = rule["basis"]
        clock.started_at = received
        clocks.derive_into(clock, now)
        if clock.state == Clock.State.MET and clock.stopped_at is not None:
            clock.on_time = clock.due_at is None or clock.stopped_at < clock.due_at
        clock.save()


def reconsideration_should_come_first(appeal: Any) -> bool:
    """Whether the law wants a reconsideration before this suit (行政复议法第二十三条), as the place has set it."""
    if appeal.sort != Appeal.Sort.DIRECT or not appeal.decision or appeal.matter != Appeal.Matter.REPLY:
        return False
    return reconsideration_comes_first(appeal.decision, decisions.reconsideration_first())
