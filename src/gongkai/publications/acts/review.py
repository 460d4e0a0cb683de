"""Acts of review: sent up, passed, approved, sent back, called back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Work, acts, people_of
from gongkai.core.forms import ActForm, ReasonForm
from gongkai.core.models import Case, User
from gongkai.core.roles import Role
from gongkai.law import documents
from gongkai.publications import chains, screen
from gongkai.publications.acts import common
from gongkai.publications.acts.common import KIND, REVIEWERS_OF_CASE, STAFF_OF_OWNER
from gongkai.publications.models import Publication, ReviewPurpose, ReviewStep

EMPTY = "正文和附件都是空的。请填写正文或添加附件后再送审。"
FORGIVABLE = frozenset({documents.FaultCode.REASON, documents.FaultCode.PLAN, documents.FaultCode.NORMATIVE})


def gate_of(case: Publication) -> tuple[documents.GateFault, ...]:
    """What the document lacks by the rules of `law.documents`."""
    return documents.gate(
        attribute=case.attribute,
        ground=case.ground,
        reason=case.reason,
        normative=case.normative,
        policy=case.policy,
        plan=case.plan,
        office_opinion=case.office_agreed,
    )


class SubmitForm(ActForm):
    """When it shall go out, and why something may be missing."""

    when = forms.ChoiceField(
        label="批准后",
        choices=[("now", "立即发布"), ("later", "由我再发布"), ("timed", "定时发布")],
        widget=forms.RadioSelect,
        initial="now",
        required=False,
    )
    release_at = forms.DateTimeField(
        label="定时发布时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    exception = common.text_area("缺项的例外理由", rows=2, limit=300, required=False)
    words = common.text_area("送审说明", rows=3, limit=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """A time that lies ahead."""
        data = super().clean() or self.cleaned_data
        if data.get("when") == "timed":
            if not data.get("release_at"):
                self.add_error("release_at", "请填写定时发布的时间。")
            elif data["release_at"] <= timezone.now():
                self.add_error("release_at", "定时发布的时间要晚于现在。")
        return data


class Submit(Act):
    """送审."""

    kind, name, label, icon = KIND, "submit", "送审", "send"
    from_states = frozenset({"draft", "returned"})
    to_state = "review"
    permits = STAFF_OF_OWNER
    form_class = SubmitForm
    expected = True
    batch = True
    order = 10
    hint = "送审后按审核流程依次审查，通过并批准后才能公开。"

    def describe(self, case: Any, user: User) -> str:
        return common.before_review(case.known["hits"], self.hint)

    def blocked(self, case: Any, user: User) -> str:
        return self.files_fault(case) or _gate().against_review(case)

    def files_fault(self, case: Any) -> str:
        """What is wrong with its files, in words."""
        if case.known["waiting_files"]:
            return "附件正在检查，检查完就可以送审。"
        if case.known["failed_files"]:
            return "有附件不能公开，请换一个文件或去掉它。"
        return ""

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        refusal = _gate().against_review(case)
        if refusal:
            raise ActError(refusal)
        _meet_gate(work, case)
        if not case.body.strip() and not case.files.exists():
            raise ActError(EMPTY)
        case.release_on_approval = work.data.get("when") in ("", "now", None)
        case.release_at = work.data.get("release_at") if work.data.get("when") == "timed" else None
        screen.refresh(case)
        case.round += 1
        first = _open_round(case)
        work.words = work.data.get("words") or ""
        work.summary = f"第{case.round}轮审核，先由{first.unit}{first.get_purpose_display()}"
        work.notify(people_of(first.unit, Role(first.role)), f"待{first.get_purpose_display()}：{case.title}")


def _gate() -> Any:
    # One voice stands on this room; it is asked when it is there.
    from gongkai.publications.clearance import gate

    return gate


def hindrances(case: Publication, exception: str = "") -> list[str]:
    """Every reason why it cannot be sent up as it stands, in words, for whoever cannot try again and again."""
    act = acts[f"{KIND}.submit"]
    assert isinstance(act, Submit)  # noqa: S101
    found = [act.files_fault(case), _gate().against_review(case)]
    found += [fault.words for fault in gate_of(case) if _refuses(fault, exception)]
    if not case.body.strip() and not case.files.exists():
        found.append(EMPTY)
    try:
        for purpose in chains.steps_for(case):
            chains.place_of(case, purpose)
    except ActError as nobody:
        found.append(str(nobody))
    return [words for words in dict.fromkeys(found) if words]


def _refuses(fault: documents.GateFault, exception: str) -> bool:
    """Whether a missing part keeps it back here, or is only recorded."""
    never = fault.code in (documents.FaultCode.CLASSIFIED, documents.FaultCode.ATTRIBUTE)
    return never or (jurisdiction.value("publications.gate") == "return" and not exception)


def _meet_gate(work: Work, case: Publication) -> None:
    """Send back by rule, warn or record, as the jurisdiction has it; an exception needs its reason."""
    faults = gate_of(case)
    case.gate_faults = [{"code": fault.code, "words": fault.words} for fault in faults]
    case.gate_exception = work.data.get("exception") or ""
    for fault in faults:
        if _refuses(fault, case.gate_exception):
            never = fault.code in (documents.FaultCode.CLASSIFIED, documents.FaultCode.ATTRIBUTE)
            more = "" if never else "确有特殊情况的，请写明“缺项的例外理由”。"
            raise ActError(fault.words + more)


def _open_round(case: Publication) -> ReviewStep:
    """The steps of this round; a step that passed on exactly this content before is kept, the approval never."""
    passed = {
        step.purpose: step
        for step in case.steps.filter(decision__in=["passed", "kept"], digest=case.content_digest).order_by("round")
    }
    steps = []
    for ordinal, purpose in enumerate(chains.steps_for(case), 1):
        unit, role = chains.place_of(case, purpose)
        step = ReviewStep(publication=case, round=case.round, ordinal=ordinal, purpose=purpose, unit=unit, role=role)
        before = passed.get(purpose)
        # Whoever wrote at it since then has no say in it any more.
        if before is not None and purpose != ReviewPurpose.APPROVAL and before.by_id not in case.authors:
            step.decision, step.digest = ReviewStep.Decision.KEPT, case.content_digest
            step.by_id, step.by_label, step.at, step.opinion = before.by_id, before.by_label, before.at, before.opinion
        steps.append(step)
    ReviewStep.objects.bulk_create(steps)
    return next(step for step in steps if not step.decision)


class StepAct(Act):
    """What the acts of a reviewer share: the step's role decides, and whoever wrote the content is kept out."""

    kind = KIND
    from_states = frozenset({"review"})
    permits = REVIEWERS_OF_CASE

    def permitted(self, case: Case | None, user: User) -> bool:
        """The role that the current step asks, in the unit that it asks."""
        if case is None or case.state != "review":
            return super().permitted(case, user)
        return user.is_active and case.turn_role in user.roles_at(case.turn_unit)

    def blocked(self, case: Any, user: User) -> str:
        return "你修改过这条信息，要由其他人审核。" if user.pk in case.authors else ""

    def decide(self, work: Work, decision: str, opinion: str) -> ReviewStep:
        """Write the decision into the current step."""
        case: Publication = work.case
        step = case.steps.filter(round=case.round, decision="").order_by("ordinal").first()
        if step is None:
            raise ActError("这一轮审核已经结束。")
        step.decision, step.opinion, step.digest = decision, opinion, case.content_digest
        step.by, step.by_label, step.at = work.user, work.user.who if work.user else "", work.now
        step.save()
        return step


class PassForm(ActForm):
    """The reviewer's opinion."""

    words = common.text_area("审核意见", rows=3, limit=1000, required=False)


class Pass(StepAct):
    """审核通过."""

    name, label, icon = "pass", "审核通过", "check"
    form_class = PassForm
    expected = True
    batch = True
    order = 10

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and getattr(case, "review_purpose", "") != ReviewPurpose.APPROVAL

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        step = self.decide(work, ReviewStep.Decision.PASSED, work.data["words"])
        work.words = work.data["words"]
        work.summary = step.get_purpose_display()
        following = case.steps.filter(round=case.round, decision="").select_related("unit").order_by("ordinal").first()
        if following is not None:
            people = people_of(following.unit, Role(following.role))
            work.notify(people, f"待{following.get_purpose_display()}：{case.title}")


class Approve(StepAct):
    """批准."""

    name, label, icon = "approve", "批准", "badge-check"
    form_class = PassForm
    expected = True
    batch = True
    order = 10
    hint = "批准后按送审时选定的方式发布；不主动公开的归档并定期复查。"

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and getattr(case, "review_purpose", "") == ReviewPurpose.APPROVAL

    def blocked(self, case: Any, user: User) -> str:
        if case.known["hits"]:
            return f"还有{case.known['hits']}处检查发现没有处理，要改正、遮盖或由审核人认定。"
        return super().blocked(case, user) or _gate().against_release(case)

    def apply(self, work: Work) -> None:
        from gongkai.publications.acts import release

        case: Publication = work.case
        self.decide(work, ReviewStep.Decision.PASSED, work.data["words"])
        case.approved_digest, case.approved_at = case.content_digest, work.now
        case.approved_by = work.user.who if work.user else ""
        work.words = work.data["words"]
        release.after_approval(work, case)


class Return(StepAct):
    """退回."""

    name, label, icon = "return", "退回", "undo-2"
    to_state = "returned"
    form_class = ReasonForm
    order = 20
    hint = "退回拟稿人修改，改好后重新送审。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        step = self.decide(work, ReviewStep.Decision.RETURNED, work.data["reason"])
        work.words = work.data["reason"]
        work.summary = f"{step.get_purpose_display()}未通过"
        people = [case.handler] if case.handler else common.staff(case.unit)
        work.notify(people, f"退回修改：{case.title}")


class Recall(Act):
    """撤回送审."""

    kind, name, label, icon = KIND, "recall", "撤回送审", "rotate-ccw"
    from_states = frozenset({"review"})
    to_state = "draft"
    permits = STAFF_OF_OWNER
    order = 80
    hint = "撤回后可以修改，再送审时没有改动的环节沿用原结论。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        case.steps.filter(round=case.round, decision="").delete()
        work.summary = f"第{case.round}轮审核撤回"


class Agree(Act):
    """同意不主动公开: the disclosure office's opinion on a normative or policy document."""

    kind, name, label, icon = KIND, "agree_withholding", "同意不主动公开", "stamp"
    from_states = frozenset({"draft", "returned"})
    permits = common.OFFICE
    form_class = PassForm
    order = 50
    hide_blocked = True
    hint = "规范性文件和政策性文件拟不主动公开的，由政务公开工作机构先审。"

    def blocked(self, case: Any, user: User) -> str:
        weighty = case.normative or case.policy
        if not weighty or case.attribute in ("", documents.Attribute.PROACTIVE):
            return "只有拟不主动公开的规范性文件、政策性文件要先审。"
        return "已经同意。" if case.office_agreed else ""

    def apply(self, work: Work) -> None:
        work.case.agreed_digest = work.case.content_digest
        work.words = work.data["words"]
