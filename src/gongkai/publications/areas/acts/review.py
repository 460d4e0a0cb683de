"""Acts of review of a batch: findings settled, sent up, passed, approved and thereby published, sent back, withdrawn."""

from __future__ import annotations

from typing import Any

from gongkai.core import clocks
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import WordsForm
from gongkai.core.models import Clock, User
from gongkai.core.roles import Role
from gongkai.publications.acts import stepped
from gongkai.publications.acts.common import REVIEWERS_OF_CASE
from gongkai.publications.areas import outward, screen
from gongkai.publications.areas.acts.batch import EDITABLE, KIND, STAFF_OF_OWNER, changed
from gongkai.publications.areas.forms import MaskForm, OverruleForm, WithdrawForm
from gongkai.publications.areas.models import Batch, BatchHit, DatasetUpdate, EntryVersion


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
        work.words = work.data.get("words") or ""
        stepped.open_round(work)


OWN_WORDS = "你填报过这批数据，要由其他人审核。"


class Pass(stepped.PassStep):
    """审核通过."""

    kind = KIND
    own_words = OWN_WORDS


class Approve(stepped.ApproveStep):
    """批准并公开."""

    kind, label = KIND, "批准并公开"
    to_state = "published"
    own_words = OWN_WORDS
    public = True
    hint = "批准后这批数据立即公开。"

    def approved(self, work: Work) -> None:
        batch: Batch = work.case
        number = outward.release(work, batch)
        batch.outcome = "已公开"
        for clock in batch.clocks.filter(judged=True, state__in=[Clock.State.RUNNING, Clock.State.PAUSED]):
            clocks.stop(clock, work.now)
        for due in DatasetUpdate.objects.filter(dataset=batch.dataset, state="open"):
            work.perform("dataset-update.renew", due, {})
        work.summary = f"公开{number}条"


class Return(stepped.ReturnStep):
    """退回."""

    kind = KIND
    own_words = OWN_WORDS


class Recall(stepped.RecallStep):
    """撤回送审."""

    kind = KIND


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
