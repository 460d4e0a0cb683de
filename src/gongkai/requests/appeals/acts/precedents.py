"""典型案例: drafted from a request or appeal without anybody's data, reviewed by another person, kept for everybody."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm, WordsForm
from gongkai.core.models import CaseRelation, Unit, User
from gongkai.core.roles import STAFF, Role, anywhere, owner
from gongkai.law.requests import decisions as law
from gongkai.requests import decisions
from gongkai.requests.acts.registration import areas
from gongkai.requests.appeals import anonymous, results
from gongkai.requests.appeals.acts.common import (
    DECIDERS,
    KIND,
    OFFICE,
    STAFF_OF_OWNER,
    home_unit,
    staff,
    supervising,
    text_area,
    wrote,
)
from gongkai.requests.appeals.models import GROUPS, Appeal, Precedent
from gongkai.requests.models import Request

PRECEDENT = Precedent.KIND
ANSWERED = frozenset({"replied", "ended", "archived"})
WRITING = frozenset({"draft", "returned"})
TEXTS = frozenset(name for name, _ in Precedent.TEXTS)
COLUMNS = ("title", *(name for name, _ in Precedent.TEXTS), "keywords", "decision", "area")


class PrecedentForm(ActForm):
    """The five parts of a case, and where it is found."""

    title = forms.CharField(label="标题", max_length=120, help_text="写争议问题，不写当事人和具体地名。")
    question = text_area("争议问题", rows=3, limit=2000)
    rule = text_area("有关规定", rows=3, limit=2000, required=False, help_text="条、款、项写完整。")
    handling = text_area("办理经过", rows=5, limit=4000, required=False)
    result = text_area("结果", rows=3, limit=2000, required=False)
    points = text_area("办理要点", rows=4, limit=3000, required=False, help_text="以后遇到同样的问题，应当怎样办。")
    decision = forms.ChoiceField(label="答复类型", required=False)
    area = forms.ChoiceField(label="所属领域", required=False)
    keywords = forms.CharField(label="关键词", max_length=120, required=False, help_text="用顿号隔开。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        fields: dict[str, Any] = self.fields
        fields["decision"].choices = [("", "不分类型"), *decision_choices()]
        own = getattr(case, "area", "") if case is not None else ""
        words = list(dict.fromkeys([*areas(), *([own] if own else [])]))
        fields["area"].choices = [("", "不分领域"), *((word, word) for word in words)]


def decision_choices() -> list[tuple[str, str]]:
    """The 21 rows of the annual table, in a few words each."""
    return [(code, law.decision(code).short) for code in law.LEAVES]


def _leaf(code: str) -> str:
    return law.leaf_of(code) if code in law.DECISIONS else ""


def _store(work: Work, case: Precedent) -> None:
    """Take over what was written, if nothing in it tells who somebody is."""
    for name in COLUMNS:
        setattr(case, name, work.data[name])
    appeal = case.appeal
    anonymous.check(case.texts(), known_of(case, appeal))


def known_of(case: Precedent, appeal: Appeal | None) -> dict[str, str]:
    """What is known of the people behind the sources of a case."""
    return anonymous.known_of(
        case.request or (appeal.request if appeal is not None else None),
        appeal,
        appeal.earlier if appeal is not None else None,
    )


def _open(work: Work, unit: Unit, request: Request | None = None, appeal: Appeal | None = None) -> Precedent:
    case = Precedent(
        kind=PRECEDENT,
        state="draft",
        unit=unit,
        supervisor=supervising(unit),
        handler=work.user,
        request=request,
        appeal=appeal,
        appeal_sort=appeal.sort if appeal is not None else "",
        outcome_group=results.group_of(appeal.result) if appeal is not None else "",
        authors=[work.user.pk] if work.user is not None else [],
    )
    _store(work, case)
    work.open(case, summary=case.title)
    source = appeal or request
    if source is not None:
        CaseRelation.objects.get_or_create(source=case, target=source, kind=CaseRelation.Kind.RELATED)
    return case


class WriteAlone(Act):
    """编写典型案例 without a source on this platform."""

    kind, name, label, icon = PRECEDENT, "write", "编写典型案例", "book-marked"
    creates = True
    permits = anywhere(*STAFF, Role.LEGAL, Role.OFFICE)
    form_class = PrecedentForm
    private = TEXTS

    def apply(self, work: Work) -> None:
        _open(work, home_unit(work.user))


class DraftFromRequest(Act):
    """写成典型案例 from a request that was answered: its words come masked."""

    kind, name, label, icon = Request.KIND, "draft_precedent", "写成典型案例", "book-marked"
    from_states = ANSWERED
    permits = STAFF_OF_OWNER
    form_class = PrecedentForm
    private = TEXTS
    order = 80
    hint = "个人信息已经先行去除，请再读一遍。保存、送审、入库时还会检查，有发现的不能通过。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return from_request(case) if case is not None else {}

    def apply(self, work: Work) -> None:
        case = _open(work, work.case.unit, request=work.case)
        work.record["precedent"] = case.number
        work.summary = case.number


class DraftFromAppeal(Act):
    """写成典型案例 from an appeal that was decided."""

    kind, name, label, icon = KIND, "draft_precedent", "写成典型案例", "book-marked"
    from_states = frozenset({"decided", "redoing"})
    permits = STAFF_OF_OWNER
    form_class = PrecedentForm
    private = TEXTS
    order = 55
    hint = DraftFromRequest.hint

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return from_appeal(case.concrete) if case is not None else {}

    def apply(self, work: Work) -> None:
        case = _open(work, work.case.unit, request=work.case.request, appeal=work.case)
        work.record["precedent"] = case.number
        work.summary = case.number


def from_request(request: Request) -> dict[str, Any]:
    """A first draft out of a request, masked."""
    known = anonymous.known_of(request)
    label = decisions.short_of(request.decision) if request.decision else ""
    articles = law.decision(request.decision).articles if request.decision in law.DECISIONS else ()
    used = f"用时{request.workdays_used}个工作日。" if request.workdays_used is not None else ""
    return {
        "title": anonymous.cleaned(request.wanted, known)[:100] + ("——" + label if label else ""),
        "question": anonymous.cleaned(f"申请人要求公开：{request.content}", known)[:2000],
        "rule": "、".join(articles),
        "handling": f"收到申请后登记审查，{f'补正{request.supplements}次，' if request.supplements else ''}依法答复。{used}",
        "result": f"答复类型：{label}。" if label else "",
        "decision": _leaf(request.decision),
        "area": request.area,
    }


def from_appeal(appeal: Appeal) -> dict[str, Any]:
    """A first draft out of an appeal, with that of its request, masked."""
    drafted = from_request(appeal.request) if appeal.request is not None else {"area": appeal.area}
    known = anonymous.known_of(appeal.request, appeal, appeal.earlier)
    gist = anonymous.cleaned(appeal.gist or "", known)
    ended = f"{appeal.get_sort_display()}：{appeal.get_result_display()}。"
    return {
        **drafted,
        "title": drafted.get("title") or anonymous.cleaned(appeal.challenged, known)[:110],
        "question": drafted.get("question") or anonymous.cleaned(appeal.challenged, known),
        "result": f"{drafted.get('result', '')}{ended}{gist}"[:2000],
    }


class Edit(Act):
    """修改."""

    kind, name, label, icon = PRECEDENT, "edit", "修改案例", "pencil"
    from_states = WRITING
    permits = (*STAFF_OF_OWNER, *owner(Role.LEGAL, Role.OFFICE))
    form_class = PrecedentForm
    private = TEXTS
    expected = True
    order = 20

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in COLUMNS} if case is not None else {}

    def apply(self, work: Work) -> None:
        _store(work, work.case)
        wrote(work)


class Submit(Act):
    """送审."""

    kind, name, label, icon = PRECEDENT, "submit", "送审", "send"
    from_states = WRITING
    to_state = "review"
    permits = Edit.permits
    form_class = WordsForm
    expected = True
    order = 10
    hint = "由没有参与编写的人审核。"

    def blocked(self, case: Any, user: User) -> str:
        left = case.concrete.missing()
        return f"还没有写：{'、'.join(left)}。" if left else ""

    def apply(self, work: Work) -> None:
        case: Precedent = work.case
        anonymous.check(case.texts(), known_of(case, case.appeal))
        work.words = work.data["words"]
        people = people_of(case.unit, Role.REVIEWER, Role.LEADER).exclude(pk__in=case.authors)
        if not people.exists() and case.supervisor is not None:
            people = people_of(case.supervisor, Role.OFFICE).exclude(pk__in=case.authors)
        work.notify(people, f"请审核典型案例：{case.title}")


class ApproveForm(ActForm):
    """That the reviewer read it for people."""

    checked = forms.BooleanField(label="我已通读，案例里认不出任何当事人")


class Approve(Act):
    """审核入库: by somebody who did not write it; what screening finds stops it."""

    kind, name, label, icon = PRECEDENT, "approve", "审核入库", "circle-check"
    from_states = frozenset({"review"})
    to_state = "published"
    permits = (*DECIDERS, *OFFICE)
    form_class = ApproveForm
    expected = True
    order = 10
    hint = "入库后，全体工作人员都能检索和查看。"

    def blocked(self, case: Any, user: User) -> str:
        return "你参与了编写，请由其他人审核。" if user.pk in case.concrete.authors else ""

    def apply(self, work: Work) -> None:
        case: Precedent = work.case
        anonymous.check(case.texts(), known_of(case, case.appeal))
        case.approved_by, case.published_at = work.user.who if work.user else "系统", work.now
        case.outcome = "已入库"
        work.notify(staff(case.unit), f"典型案例已入库：{case.title}")


class Return(Act):
    """退回."""

    kind, name, label, icon = PRECEDENT, "return", "退回修改", "undo-2"
    from_states = frozenset({"review"})
    to_state = "returned"
    permits = Approve.permits
    form_class = ReasonForm
    order = 20

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.notify(staff(work.case.unit), f"典型案例被退回：{work.case.title}")


class Revise(Act):
    """修订: out of the library until it is approved again."""

    kind, name, label, icon = PRECEDENT, "revise", "修订", "pencil"
    from_states = frozenset({"published", "withdrawn"})
    to_state = "draft"
    permits = Edit.permits
    form_class = ReasonForm
    order = 40
    hint = "修订期间不在案例库里显示，重新审核后恢复。"

    def apply(self, work: Work) -> None:
        case: Precedent = work.case
        case.public, case.published_at, case.outcome = False, None, ""
        case.authors = [work.user.pk] if work.user is not None else []
        work.words = work.data["reason"]


class Withdraw(Act):
    """撤下."""

    kind, name, label, icon = PRECEDENT, "withdraw", "撤下", "eye-off"
    from_states = frozenset({"published"})
    to_state = "withdrawn"
    permits = Approve.permits
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        work.case.public = False
        work.case.outcome = "已撤下"
        work.words = work.data["reason"]


class MakePublic(Act):
    """向社会公开, where the place allows it."""

    kind, name, label, icon = PRECEDENT, "make_public", "向社会公开", "globe"
    from_states = frozenset({"published"})
    permits = (*owner(Role.LEADER), *OFFICE)
    form_class = ApproveForm
    order = 50
    hide_blocked = True
    hint = "任何人都能看到这个案例。"

    def blocked(self, case: Any, user: User) -> str:
        if not jurisdiction.value("appeals.public_precedents"):
            return "本地没有开放典型案例。"
        record = case.concrete
        if user.pk in record.authors:
            return "你参与了编写，请由其他人决定。"
        return "已经公开。" if record.public else ""

    def apply(self, work: Work) -> None:
        case: Precedent = work.case
        if not jurisdiction.value("appeals.public_precedents"):
            raise ActError("本地没有开放典型案例。")
        anonymous.check(case.texts(), known_of(case, case.appeal))
        case.public = True


class Unpublish(Act):
    """停止公开."""

    kind, name, label, icon = PRECEDENT, "unpublish", "停止公开", "eye-off"
    from_states = frozenset({"published"})
    permits = MakePublic.permits
    form_class = ReasonForm
    order = 55
    hide_blocked = True

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.concrete.public else "没有向社会公开。"

    def apply(self, work: Work) -> None:
        work.case.public = False
        work.words = work.data["reason"]


__all__ = ["GROUPS", "decision_choices", "from_appeal", "from_request", "known_of"]
