"""Acts of review for cases that keep their steps on themselves (`models.stepped`); a sub-room adds kind and words."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, cast

from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm
from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import Role
from gongkai.publications import chains
from gongkai.publications.acts import common
from gongkai.publications.models import PURPOSE_ROLES, ReviewChain, ReviewPurpose


class OpinionForm(ActForm):
    """The reviewer's opinion."""

    words = common.text_area("审核意见", rows=3, limit=1000, required=False)


def purposes_of(case: Any) -> list[str]:
    """The steps in order: the unit's own chain for all columns, else content, secrecy, approval."""
    found = ReviewChain.objects.filter(column__isnull=True, normative_only=False, unit=case.unit_id).first()
    steps = [step for step in (found.steps if found else chains.DEFAULT) if step in PURPOSE_ROLES]
    return [*(step for step in steps if step != ReviewPurpose.APPROVAL), ReviewPurpose.APPROVAL]


def open_round(work: Work) -> None:
    """Begin a round: every step with its unit and role, the first of them told. Raises ActError where nobody can."""
    case = work.case
    case.round += 1
    case.steps = []
    for purpose in purposes_of(case):
        unit, role = chains.place_of(cast(Any, case), purpose)
        case.steps.append(
            {"purpose": str(purpose), "unit": unit.pk, "unit_name": str(unit), "role": str(role), "decision": ""}
        )
    case.approved_digest = ""
    first = case.steps[0]
    work.summary = f"第{case.round}轮审核，先由{first['unit_name']}{ReviewPurpose(first['purpose']).label}"
    _ask(work, first)


def _ask(work: Work, step: dict[str, Any]) -> None:
    people = people_of(Unit(pk=step["unit"]), Role(step["role"]))
    work.notify(people, f"待{ReviewPurpose(step['purpose']).label}：{work.case.title}")


def shown(case: Any) -> list[dict[str, Any]]:
    """The steps as the case page shows them."""
    decided = {"passed": "通过", "returned": "退回"}
    return [
        {
            **step,
            "label": ReviewPurpose(step["purpose"]).label,
            "decided": decided.get(step["decision"], ""),
            "at": dt.datetime.fromisoformat(step["at"]) if step.get("at") else None,
        }
        for step in case.steps
    ]


class StepAct(Act):
    """What the acts of a reviewer share: the step's role decides, and whoever wrote the content is kept out."""

    from_states = frozenset({"review"})
    permits = common.REVIEWERS_OF_CASE
    own_words: ClassVar[str] = "你参与了填写，要由其他人审核。"

    def permitted(self, case: Case | None, user: User) -> bool:
        """The role that the current step asks, in the unit that it asks."""
        if case is None or case.state != "review":
            return super().permitted(case, user)
        return user.is_active and case.turn_role in user.roles_at(case.turn_unit)

    def blocked(self, case: Any, user: User) -> str:
        return self.own_words if user.pk in case.authors else ""

    def decide(self, work: Work, decision: str, opinion: str) -> dict[str, Any]:
        """Write the decision into the current step."""
        case = work.case
        step: dict[str, Any] | None = case.step
        if step is None:
            raise ActError("这一轮审核已经结束。")
        step |= {
            "decision": decision,
            "opinion": opinion,
            "by": work.user.pk if work.user else None,
            "by_label": work.user.who if work.user else "",
            "at": work.now.isoformat(),
        }
        case.steps = list(case.steps)
        return step


class PassStep(StepAct):
    """审核通过."""

    name, label, icon = "pass", "审核通过", "check"
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and getattr(case, "purpose", "") != ReviewPurpose.APPROVAL

    def apply(self, work: Work) -> None:
        step = self.decide(work, "passed", work.data["words"])
        work.words = work.data["words"]
        work.summary = str(ReviewPurpose(step["purpose"]).label)
        following = work.case.step
        if following is not None:
            _ask(work, following)


class ApproveStep(StepAct):
    """批准; what follows from it is said in `approved`."""

    name, label, icon = "approve", "批准", "badge-check"
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and getattr(case, "purpose", "") == ReviewPurpose.APPROVAL

    def blocked(self, case: Any, user: User) -> str:
        if case.known["hits"]:
            return f"还有{case.known['hits']}处检查发现没有处理，要改正、遮盖或由审核人认定。"
        return super().blocked(case, user)

    def apply(self, work: Work) -> None:
        case = work.case
        self.decide(work, "passed", work.data["words"])
        case.approved_digest = case.content_digest
        case.approved_by = work.user.who if work.user else ""
        work.words = work.data["words"]
        self.approved(work)

    def approved(self, work: Work) -> None:
        """What happens to the case now."""
        raise NotImplementedError


class ReturnStep(StepAct):
    """退回."""

    name, label, icon = "return", "退回", "undo-2"
    to_state = "returned"
    form_class = ReasonForm
    order = 20
    hint = "退回填报人修改，改好后重新送审。"

    def apply(self, work: Work) -> None:
        step = self.decide(work, "returned", work.data["reason"])
        work.words = work.data["reason"]
        work.summary = f"{ReviewPurpose(step['purpose']).label}未通过"
        people = [work.case.handler] if work.case.handler else common.staff(work.case.unit)
        work.notify(people, f"退回修改：{work.case.title}")


class RecallStep(Act):
    """撤回送审."""

    name, label, icon = "recall", "撤回送审", "rotate-ccw"
    from_states = frozenset({"review"})
    to_state = "draft"
    permits = common.STAFF_OF_OWNER
    order = 80
    hint = "撤回后可以修改，再送审时从头审核。"

    def apply(self, work: Work) -> None:
        work.case.steps = []
        work.summary = f"第{work.case.round}轮审核撤回"
