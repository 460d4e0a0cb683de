"""Acts of legal counsel: appointing it, asking it, its advice, and what becomes of the advice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Opening, Work, people_of, perform
from gongkai.core.forms import ActForm, DayField, FilesField, ReasonForm, UnitField
from gongkai.core.models import Case, CaseRelation, Unit, User
from gongkai.core.privacy import retention
from gongkai.core.roles import STAFF, Role, anywhere, lead, owner, supervisor
from gongkai.requests.acts.common import staff, supervising, text_area
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.common import hand_over
from gongkai.requests.appeals.models import Appeal
from gongkai.requests.counsel import queries
from gongkai.requests.counsel.models import Counsel, Opinion
from gongkai.requests.models import Request

COUNSEL, OPINION = Counsel.KIND, Opinion.KIND
APPOINTING = (*owner(Role.OFFICE, Role.OFFICER), *supervisor(Role.OFFICE))
ASKING = owner(*STAFF, Role.LEADER, Role.OFFICE)
ANSWERING = lead(Role.LEGAL)
CLOSED = frozenset({"settled", "declined", "withdrawn"})
SORT_OF_KIND = {
    Request.KIND: Opinion.Sort.REQUEST,
    Appeal.KIND: Opinion.Sort.DISPUTE,
    "publication": Opinion.Sort.PUBLICATION,
}


# --- the register -----------------------------------------------------------------------------------------------------


class AppointForm(ActForm):
    """A firm or a post, its field, its term, and where its people work on this platform."""

    sort = forms.ChoiceField(label="类别", choices=Counsel.Sort.choices)
    name = forms.CharField(label="机构或者岗位", max_length=120, help_text="写机构名称或者岗位，不写个人姓名。")
    office = UnitField(label="办理意见的单位", help_text="这个单位里有“法律顾问”角色的人会收到待办。")
    expertise = forms.CharField(label="专长领域", max_length=200, required=False)
    government = forms.BooleanField(label="纳入政府法律顾问机制", required=False, initial=True)
    basis = forms.CharField(label="聘任文件", max_length=150, required=False)
    shared = forms.BooleanField(label="其他单位也可以请", required=False, initial=True)
    contact = forms.CharField(label="联系方式", max_length=200, required=False, help_text="加密保存。")
    since = DayField(label="聘期从")
    until = DayField(label="聘期至", required=False)

    def clean(self) -> dict[str, Any]:
        """The term runs forward."""
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "聘期结束早于开始。请核对日期。")
        return data


APPOINTED = ("sort", "name", "office", "expertise", "government", "basis", "shared", "contact", "since", "until")


def _has_people(office: Unit) -> None:
    if not people_of(office, Role.LEGAL).exists():
        raise ActError(f"{office}还没有法律顾问角色的人员，收不到待办。请安全保密管理员先设置。")


def _term(until: dt.date | None) -> dict[str, Any] | None:
    if until is None:
        return None
    return {
        "code": "term",
        "name": "聘期",
        "unit": "date",
        "date": until,
        "basis": "聘任文件",
        "judged": False,
    }


class Appoint(Act):
    """聘任法律顾问."""

    kind, name, label, icon = COUNSEL, "appoint", "聘任法律顾问", "user-plus"
    creates = True
    permits = anywhere(Role.OFFICE, Role.OFFICER)
    form_class = AppointForm
    private = frozenset({"contact"})

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"since": timezone.localdate()}

    def apply(self, work: Work) -> None:
        unit = work.user.main_unit if work.user is not None else None
        if unit is None:
            raise ActError("你还没有任职单位，请联系安全保密管理员。")
        data = work.data
        _has_people(data["office"])
        case = Counsel(
            kind=COUNSEL, state="serving", title=data["name"], unit=unit, supervisor=supervising(unit),
            lead=data["office"], handler=work.user, **{name: data[name] for name in APPOINTED},
        )  # fmt: skip
        plan = _term(case.until)
        work.open(case, clocks=[plan] if plan else [], summary=case.get_sort_display())


class Change(Act):
    """变更、续聘."""

    kind, name, label, icon = COUNSEL, "change", "变更、续聘", "pencil"
    from_states = frozenset({"serving"})
    permits = APPOINTING
    form_class = AppointForm
    private = frozenset({"contact"})
    order = 10

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in APPOINTED} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Counsel = work.case
        before = case.until
        _has_people(work.data["office"])
        for name in APPOINTED:
            setattr(case, name, work.data[name])
        case.title, case.lead = case.name, case.office
        if case.until != before:
            case.clocks.filter(code="term").delete()
            plan = _term(case.until)
            if plan is not None:
                clocks.start(case, now=work.now, **plan)


class End(Act):
    """解聘: matters already asked are finished."""

    kind, name, label, icon = COUNSEL, "end", "解聘", "circle-x"
    from_states = frozenset({"serving"})
    to_state = "ended"
    permits = APPOINTING
    form_class = ReasonForm
    danger = True
    order = 90

    def describe(self, case: Case, user: User) -> str:
        number = case.concrete.known["open_opinions"]
        return f"还有{number}件法律意见没有办完，照常办理。" if number else "解聘后不能再请它提意见。"

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = "已解聘"


# --- asking -----------------------------------------------------------------------------------------------------------


class AskForm(ActForm):
    """Which counsel is asked what."""

    sort = forms.ChoiceField(label="事项类别", choices=Opinion.Sort.choices)
    title = forms.CharField(label="事项", max_length=150, help_text="一件事一次。不写当事人。")
    counsel = forms.ModelChoiceField(label="请哪个法律顾问", queryset=Counsel.objects.none(), empty_label="请选择")
    question = text_area("要提意见的问题", rows=4, limit=2000, help_text="写清争议点。不要写当事人的信息。")
    background = text_area("有关情况", rows=4, limit=4000, required=False)
    workdays = forms.IntegerField(
        label="几个工作日内提出意见", min_value=1, max_value=60, required=False, help_text="不填的，按本地设置。"
    )
    files = FilesField(label="材料", required=False, help_text="加密保存，法律顾问可以看到。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["counsel"]
        unit = case.unit if case is not None else user.main_unit if user is not None else None
        field.queryset = queries.may_ask(unit)


class AskAnyForm(AskForm):
    """The same, with the matter it is about named by its number."""

    matter = forms.CharField(
        label="对应事项的编号", max_length=40, required=False, help_text="申请、复议诉讼、信息发布等任何事项。"
    )


def _known(subject: Any) -> dict[str, str]:
    """What is known of the people behind a matter."""
    if isinstance(subject, Request):
        return anonymous.known_of(subject)
    if isinstance(subject, Appeal):
        return anonymous.known_of(subject.request, subject)
    return {}


def workdays_for(sort: str) -> int:
    """How long counsel has for a matter of this sort."""
    name = "counsel.outcry_workdays" if sort == Opinion.Sort.OUTCRY else "counsel.opinion_workdays"
    return int(jurisdiction.value(name))


def open_opinion(
    work: Work,
    unit: Unit,
    *,
    sort: str,
    title: str,
    counsel: Counsel,
    question: str,
    background: str = "",
    workdays: int | None = None,
    subject: Any = None,
) -> Opinion:
    """Put one matter to counsel, inside any act; `subject` is the record of the case it is about.

    Raises ActError when the words tell who a person is, or nobody of the counsel's office would get it.
    """
    anonymous.check({"事项": title, "要提意见的问题": question, "有关情况": background}, _known(subject))
    _has_people(counsel.office)
    case = Opinion(
        kind=OPINION,
        state="asked",
        title=title[:300],
        unit=unit,
        supervisor=supervising(unit),
        lead=counsel.office,
        handler=None,
        sort=sort,
        counsel=counsel,
        subject=subject,
        question=question,
        background=background,
        asked_on=timezone.localdate(work.now),
    )
    plan = {
        "code": "opinion",
        "name": "提出法律意见",
        "unit": "workday",
        "amount": workdays or workdays_for(sort),
        "basis": "公开工作要点：一事一询、一事一议",
        "trigger": "提出",
    }
    words = f"{unit}请{counsel.name}提意见"
    if work.case is None:
        work.open(case, clocks=[plan], summary=words)
    else:
        work.open_many([Opening(case, (plan,), summary=words)])
    if subject is not None:
        CaseRelation.objects.get_or_create(source=case, target=subject, kind=CaseRelation.Kind.RELATED)
    work.notify(people_of(counsel.office, Role.LEGAL), f"请提出法律意见：{case.title}")
    return case


def from_request(work: Work, request: Request, counsel: Counsel, question: str, **more: Any) -> Opinion:
    """Put a hard request to counsel as a matter of its own (001-15b), inside an act on that request."""
    more.setdefault("title", f"法律意见：{request.title}")
    return open_opinion(
        work, request.unit, sort=Opinion.Sort.REQUEST, counsel=counsel, question=question, subject=request, **more
    )


def _found(user: User | None, number: str) -> Any:
    number = number.strip()
    if not number:
        return None
    rows = Case.objects.visible_to(user) if user is not None else Case.objects.all()
    case = rows.filter(number=number).exclude(kind__in=(OPINION, COUNSEL)).first()
    if case is None:
        raise ActError(f"没有找到编号为“{number}”的事项。请核对编号。")
    return case.concrete


class Ask(Act):
    """请法律顾问提意见 on any matter of disclosure, one at a time."""

    kind, name, label, icon = OPINION, "ask", "请法律顾问提意见", "scale"
    creates = True
    permits = anywhere(*STAFF, Role.LEADER, Role.OFFICE)
    form_class = AskAnyForm
    private = frozenset({"files"})
    hint = "法律顾问会收到待办。"

    def apply(self, work: Work) -> None:
        data = work.data
        subject = _found(work.user, data["matter"] or "")
        unit = work.user.main_unit if work.user is not None else None
        if subject is not None and work.user is not None and work.user.roles_at(subject.unit):
            unit = subject.unit
        if unit is None:
            raise ActError("你还没有任职单位，请联系安全保密管理员。")
        hand_over(work, open_opinion(work, unit, subject=subject, **_asked(data)))


def _asked(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("sort", "title", "counsel", "question", "background", "workdays")}


class AskOnAppeal(Act):
    """请法律顾问提意见 on a reconsideration or suit (000-7c)."""

    kind, name, label, icon = Appeal.KIND, "ask_counsel", "请法律顾问提意见", "scale"
    from_states = frozenset({"entered", "pending", "redoing", "decided"})
    permits = owner(*STAFF, Role.LEADER)
    form_class = AskForm
    private = frozenset({"files"})
    order = 38
    hint = Ask.hint

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"sort": Opinion.Sort.DISPUTE, "title": f"法律意见：{case.title}"[:150]} if case is not None else {}

    def apply(self, work: Work) -> None:
        opinion = open_opinion(work, work.case.unit, subject=work.case, **_asked(work.data))
        hand_over(work, opinion)
        work.record["opinion"] = opinion.number
        work.summary = f"请{opinion.counsel}提意见，{opinion.number}"


# --- advice -----------------------------------------------------------------------------------------------------------


class Accept(Act):
    """接受."""

    kind, name, label, icon = OPINION, "accept", "接受", "check"
    from_states = frozenset({"asked"})
    to_state = "working"
    permits = ANSWERING
    expected = True
    order = 10
    hint = "与当事人有利害关系的，请退回。"

    def apply(self, work: Work) -> None:
        work.case.accepted_at, work.case.handler = work.now, work.user


class Decline(Act):
    """退回, for a conflict of interest or because it lacks what is needed."""

    kind, name, label, icon = OPINION, "decline", "退回", "undo-2"
    from_states = frozenset({"asked", "working"})
    to_state = "declined"
    permits = ANSWERING
    form_class = ReasonForm
    order = 30

    def apply(self, work: Work) -> None:
        case: Opinion = work.case
        work.words = work.data["reason"]
        case.outcome = "已退回"
        for clock in case.clocks.all():
            clocks.cancel(clock, work.now)
        work.notify(staff(case.unit), f"法律顾问退回了：{case.title}")


class GiveForm(ActForm):
    """The advice, how counsel took part, and for a decision disclosed beforehand its risk."""

    verdict = forms.ChoiceField(label="结论", choices=[("", "请选择"), *Opinion.Verdict.choices])
    opinion = text_area("法律意见", rows=8, limit=8000, help_text="写明事实、依据和理由。不写当事人的信息。")
    parts = forms.MultipleChoiceField(
        label="参与方式", choices=Opinion.Part.choices, widget=forms.CheckboxSelectMultiple
    )
    risk = forms.ChoiceField(
        label="风险等级", choices=[("", "不涉及"), *Opinion.Risk.choices], required=False,
        help_text="决策预公开的社会稳定风险分析必须填写。",
    )  # fmt: skip
    measures = text_area("防范措施", rows=3, limit=2000, required=False)
    files = FilesField(label="法律意见书", required=False, help_text="加密保存。")  # type: ignore[assignment]
    sort = ""

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.sort = case.concrete.sort if case is not None else ""
        if self.sort != Opinion.Sort.STABILITY:
            del self.fields["risk"], self.fields["measures"]

    def clean(self) -> dict[str, Any]:
        """A risk analysis says how high the risk is and what is done about it."""
        data = super().clean() or self.cleaned_data
        if self.sort == Opinion.Sort.STABILITY:
            if not data.get("risk"):
                self.add_error("risk", "社会稳定风险分析要写明风险等级。")
            elif data["risk"] != Opinion.Risk.LOW and not (data.get("measures") or "").strip():
                self.add_error("measures", "中风险、高风险的，请写明防范措施。")
        return data


class Give(Act):
    """提出法律意见."""

    kind, name, label, icon = OPINION, "give", "提出法律意见", "message-square-quote"
    from_states = frozenset({"asked", "working"})
    to_state = "given"
    permits = ANSWERING
    form_class = GiveForm
    private = frozenset({"files"})
    expected = True
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        first = {
            Opinion.Sort.DISPUTE: Opinion.Part.DEFENCE,
            Opinion.Sort.RULES: Opinion.Part.EXAMINING,
            Opinion.Sort.STABILITY: Opinion.Part.ANALYSIS,
        }
        return {"parts": [first.get(case.concrete.sort, Opinion.Part.ADVICE)]} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: Opinion = work.case
        data = work.data
        texts = {"法律意见": data["opinion"], "防范措施": data.get("measures") or ""}
        anonymous.check(texts, _known(case.subject.concrete) if case.subject is not None else ())
        for name in ("verdict", "opinion", "parts"):
            setattr(case, name, data[name])
        case.risk, case.measures = data.get("risk") or "", data.get("measures") or ""
        case.accepted_at = case.accepted_at or work.now
        case.given_on, case.given_by = timezone.localdate(work.now), work.user.who if work.user else "系统"
        clock = clocks.get(case, "opinion")
        if clock is not None:
            clocks.stop(clock, work.now)
        clocks.start(
            case, code="adoption", name="写明是否采纳", unit="workday", basis="法律意见的采纳", trigger="收到法律意见",
            amount=jurisdiction.value("counsel.adoption_workdays"), now=work.now,
        )  # fmt: skip
        work.files += data["files"]
        work.attachments += data["kept"]
        work.summary = f"{case.get_verdict_display()}{'，' + case.get_risk_display() if case.risk else ''}"
        work.notify(staff(case.unit), f"法律意见已提出（{case.get_verdict_display()}）：{case.title}")


class SettleForm(ActForm):
    """What became of the advice."""

    adopted = forms.ChoiceField(label="采纳情况", choices=Opinion.Adopted.choices, widget=forms.RadioSelect)
    adopted_words = text_area("说明", rows=3, limit=1500, required=False, help_text="没有全部采纳的，写明理由。")

    def clean(self) -> dict[str, Any]:
        """Advice that is not followed needs a reason."""
        data = super().clean() or self.cleaned_data
        if (
            data.get("adopted") not in ("", None, Opinion.Adopted.WHOLE)
            and not (data.get("adopted_words") or "").strip()
        ):
            self.add_error("adopted_words", "没有全部采纳的，请写明理由。")
        return data


class Settle(Act):
    """写明是否采纳."""

    kind, name, label, icon = OPINION, "settle", "写明是否采纳", "badge-check"
    from_states = frozenset({"given"})
    to_state = "settled"
    permits = ASKING
    form_class = SettleForm
    expected = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Opinion = work.case
        anonymous.check({"说明": work.data["adopted_words"]})
        case.adopted, case.adopted_words = work.data["adopted"], work.data["adopted_words"]
        case.outcome = case.get_adopted_display()
        work.words = case.adopted_words
        work.summary = case.outcome
        if case.lead is not None:
            work.notify(people_of(case.lead, Role.LEGAL), f"{case.outcome}：{case.title}")


class Withdraw(Act):
    """撤回."""

    kind, name, label, icon = OPINION, "withdraw", "撤回", "circle-x"
    from_states = frozenset({"asked", "working"})
    to_state = "withdrawn"
    permits = ASKING
    form_class = ReasonForm
    order = 80

    def apply(self, work: Work) -> None:
        case: Opinion = work.case
        work.words = work.data["reason"]
        case.outcome = "已撤回"
        for clock in case.clocks.all():
            clocks.cancel(clock, work.now)
        if case.lead is not None:
            work.notify(people_of(case.lead, Role.LEGAL), f"不用再提意见：{case.title}")


class Erase(Act):
    """到期删除材料: the words hold no personal data, the sealed files may."""

    kind, name, label, icon = OPINION, "erase", "到期删除材料", "eraser"
    from_states = CLOSED
    system = True

    def apply(self, work: Work) -> None:
        work.summary = "加密材料到期删除"


def _due(before: dt.datetime) -> QuerySet[Opinion]:
    return Opinion.objects.filter(state__in=CLOSED, closed_at__lt=before)


def _erase(case: Any) -> None:
    perform(Erase, case, None)


def keep_no_longer() -> None:
    """Tell core when the files of a matter go."""
    retention.register(OPINION, due=_due, erase=_erase)
