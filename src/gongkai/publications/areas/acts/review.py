"""Acts of review of a batch: findings settled, sent up, passed, approved and thereby published, sent back, withdrawn."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm, WordsForm
from gongkai.core.models import Case, Clock, User
from gongkai.core.roles import Role
from gongkai.publications import chains
from gongkai.publications.acts.common import REVIEWERS_OF_CASE
from gongkai.publications.areas import outward, screen
from gongkai.publications.areas.acts.batch import EDITABLE, KIND, STAFF_OF_OWNER, changed
from gongkai.publications.areas.forms import MaskForm, OverruleForm, WithdrawForm
from gongkai.publications.areas.models import Batch, BatchHit, DatasetUpdate, EntryVersion
from gongkai.publications.models import PURPOSE_ROLES, ReviewChain, ReviewPurpose


def purposes_of(batch: Batch) -> list[str]:
    """The steps in order: the unit's own chain for all columns, else content, secrecy, approval."""
    found = ReviewChain.objects.filter(column__isnull=True, normative_only=False, unit=batch.unit_id).first()
    steps = [step for step in (found.steps if found else chains.DEFAULT) if step in PURPOSE_ROLES]
    return [*(step for step in steps if step != ReviewPurpose.APPROVAL), ReviewPurpose.APPROVAL]


class Mask(Act):
    """遮盖."""

    kind, name, label, icon = KIND, "mask", "遮盖", "eye-off"
    from_states = EDITABLE
    permits = STAFF_OF_OWNER
    form_class = MaskForm
    order = 40
    hide_blocked = True
    hint = "所选内容换成遮盖后的写法。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["hits"] + case.known["warnings"] else "没有要遮盖的内容。"

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        hits = list(work.data["hits"])
        number = screen.mask(batch, hits)
        if number < len(hits):
            raise ActError("有的内容没有遮盖成功，请打开那一条直接改正。")
        for hit in hits:
            _settle(hit, BatchHit.Resolution.MASKED, work, "")
        changed(work)
        screen.refresh(batch)
        work.summary = f"遮盖{number}处"
        work.data = {"hits": [hit.pk for hit in hits]}


class Overrule(Act):
    """认定可以公开: a reviewer's word against a finding."""

    kind, name, label, icon = KIND, "overrule", "认定可以公开", "shield-check"
    from_states = frozenset({"draft", "returned", "review"})
    permits = REVIEWERS_OF_CASE
    form_class = OverruleForm
    order = 40
    hide_blocked = True
    hint = "所选内容按原样公开，理由记入留痕。涉密标志只能由保密审查员认定。"

    def blocked(self, case: Any, user: User) -> str:
        if user.pk in case.authors:
            return "你填报过这批数据，请由其他审核人认定。"
        return "" if case.known["hits"] + case.known["warnings"] else "没有待处理的发现。"

    def apply(self, work: Work) -> None:
        user, hits = work.user, list(work.data["hits"])
        roles = user.roles_at(work.case.unit) | user.roles_at(work.case.supervisor) if user else frozenset()
        if any(hit.kind.startswith("secrecy") for hit in hits) and Role.SECRECY not in roles:
            raise ActError("涉密标志只能由保密审查员认定。请不要勾选，或转请保密审查员处理。")
        for hit in hits:
            _settle(hit, BatchHit.Resolution.OVERRULED, work, work.data["reason"])
        work.summary = f"认定{len(hits)}处可以公开"
        work.words = work.data["reason"]
        work.data = {"hits": [hit.pk for hit in hits]}


def _settle(hit: BatchHit, resolution: str, work: Work, reason: str) -> None:
    hit.resolution, hit.reason = resolution, reason
    hit.by_label, hit.at = work.user.who if work.user else "", work.now
    if resolution == BatchHit.Resolution.MASKED:
        # What was covered is not kept in the open beside its cover.
        hit.found, hit.excerpt = hit.suggestion, ""
    hit.save()


class Submit(Act):
    """送审."""

    kind, name, label, icon = KIND, "submit", "送审", "send"
    from_states = EDITABLE
    to_state = "review"
    permits = STAFF_OF_OWNER
    form_class = WordsForm
    expected = True
    order = 10
    hint = "送审后依次审查，批准的同时公开。"

    def blocked(self, case: Any, user: User) -> str:
        if not case.known["rows"]:
            return "这一批还没有数据。请先录入或上传表格。"
        if case.known["faulty"]:
            return f"还有{case.known['faulty']}条有误，请改正或去掉后再送审。"
        return ""

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        held = batch.dataset
        if held.template.explained and not held.explanation.strip():
            raise ActError("这类数据要同步说明机制和规则。请先在数据集的“说明”里写好，再送审。")
        screen.refresh(batch)
        batch.round += 1
        batch.steps = []
        for purpose in purposes_of(batch):
            unit, role = chains.place_of(cast(Any, batch), purpose)
            batch.steps.append(
                {"purpose": str(purpose), "unit": unit.pk, "unit_name": str(unit), "role": str(role), "decision": ""}
            )
        batch.approved_digest = ""
        work.words = work.data.get("words") or ""
        first = batch.steps[0]
        work.summary = f"第{batch.round}轮审核，先由{first['unit_name']}{ReviewPurpose(first['purpose']).label}"
        _ask(work, first)


def _ask(work: Work, step: dict[str, Any]) -> None:
    from gongkai.core.models import Unit

    people = people_of(Unit(pk=step["unit"]), Role(step["role"]))
    work.notify(people, f"待{ReviewPurpose(step['purpose']).label}：{work.case.title}")


class StepAct(Act):
    """What the acts of a reviewer share: the step's role decides, and whoever entered rows is kept out."""

    kind = KIND
    from_states = frozenset({"review"})
    permits = REVIEWERS_OF_CASE

    def permitted(self, case: Case | None, user: User) -> bool:
        """The role that the current step asks, in the unit that it asks."""
        if case is None or case.state != "review":
            return super().permitted(case, user)
        return user.is_active and case.turn_role in user.roles_at(case.turn_unit)

    def blocked(self, case: Any, user: User) -> str:
        return "你填报过这批数据，要由其他人审核。" if user.pk in case.authors else ""

    def decide(self, work: Work, decision: str, opinion: str) -> dict[str, Any]:
        """Write the decision into the current step."""
        batch: Batch = work.case
        step = batch.step
        if step is None:
            raise ActError("这一轮审核已经结束。")
        step |= {
            "decision": decision,
            "opinion": opinion,
            "by": work.user.pk if work.user else None,
            "by_label": work.user.who if work.user else "",
            "at": work.now.isoformat(),
        }
        batch.steps = list(batch.steps)
        return step


class OpinionForm(ActForm):
    """The reviewer's opinion."""

    words = forms.CharField(label="审核意见", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Pass(StepAct):
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


class Approve(StepAct):
    """批准并公开."""

    name, label, icon = "approve", "批准并公开", "badge-check"
    to_state = "published"
    form_class = OpinionForm
    expected = True
    batch = True
    public = True
    order = 10
    hint = "批准后这批数据立即公开。"

    def starts_from(self, case: Case) -> bool:
        return super().starts_from(case) and getattr(case, "purpose", "") == ReviewPurpose.APPROVAL

    def blocked(self, case: Any, user: User) -> str:
        if case.known["hits"]:
            return f"还有{case.known['hits']}处检查发现没有处理，要改正、遮盖或由审核人认定。"
        return super().blocked(case, user)

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        self.decide(work, "passed", work.data["words"])
        batch.approved_digest = batch.content_digest
        batch.approved_by = work.user.who if work.user else ""
        number = outward.release(work, batch)
        batch.outcome = "已公开"
        for clock in batch.clocks.filter(judged=True, state__in=[Clock.State.RUNNING, Clock.State.PAUSED]):
            clocks.stop(clock, work.now)
        for due in DatasetUpdate.objects.filter(dataset=batch.dataset, state="open"):
            work.perform("dataset-update.renew", due, {})
        work.words = work.data["words"]
        work.summary = f"公开{number}条"


class Return(StepAct):
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
        if work.case.handler:
            work.notify([work.case.handler], f"退回修改：{work.case.title}")


class Recall(Act):
    """撤回送审."""

    kind, name, label, icon = KIND, "recall", "撤回送审", "rotate-ccw"
    from_states = frozenset({"review"})
    to_state = "draft"
    permits = STAFF_OF_OWNER
    order = 80
    hint = "撤回后可以修改，再送审时从头审核。"

    def apply(self, work: Work) -> None:
        work.case.steps = []
        work.summary = f"第{work.case.round}轮审核撤回"


class Withdraw(Act):
    """撤回公开."""

    kind, name, label, icon = KIND, "withdraw", "撤回公开", "eye-off"
    from_states = frozenset({"published"})
    permits = STAFF_OF_OWNER
    form_class = WithdrawForm
    danger = True
    public = True
    order = 70
    hint = "所选数据立即从页面、搜索和下载中去掉，原网址只留撤回说明。后来又修改过的，要在后来的那一批里撤回。"

    def apply(self, work: Work) -> None:
        batch: Batch = work.case
        chosen = list(work.data.get("versions") or [])
        released = EntryVersion.objects.filter(batch=batch).select_related("entry")
        versions = [version for version in released if version in chosen] if chosen else list(released)
        number = outward.withdraw(work, batch, versions, work.data["reason"])
        if not number:
            raise ActError("这些数据后来又修改过或已经撤回，请在后来的那一批里撤回。")
        if not EntryVersion.objects.filter(batch=batch, public=True).exists():
            work.state, batch.withdrawn_at, batch.outcome = "withdrawn", work.now, "已撤回"
        work.words = work.data["reason"]
        work.summary = f"撤回{number}条"
        work.data = {"versions": [version.pk for version in chosen]}
