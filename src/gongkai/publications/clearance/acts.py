"""Acts of one voice: units are asked, they answer, the line is settled and told to all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import clocks, jurisdiction
from gongkai.core.acts import Act, ActError, Opening, Work, people_of
from gongkai.core.forms import ActForm, DayField, ReasonForm, UnitsField
from gongkai.core.models import Clock, User
from gongkai.core.roles import STAFF, Role, owner
from gongkai.publications import body
from gongkai.publications.acts import common
from gongkai.publications.clearance.models import Clearance, ClearanceShare
from gongkai.publications.models import Publication

KIND, SHARE = Clearance.KIND, ClearanceShare.KIND
ASKING = owner(*STAFF)
ANSWERING = owner(*STAFF, Role.REVIEWER, Role.LEADER)
TEXT_LIMIT = 20_000


class ConsultForm(ActForm):
    """Whom, what, until when."""

    units = UnitsField(label="征求哪些单位", help_text="掌握有关情况、以后会被问到的单位都要选。")
    question = common.text_area(
        "要了解的情况",
        rows=4,
        limit=1000,
        help_text="写明拟发布什么、请各单位核对哪些事实和数字。各单位同时看到拟发布稿。",
    )
    until = DayField(label="答复期限", required=False, help_text="不填的，按本地设置的工作日计算。")


class Consult(Act):
    """征求口径: what all units concerned know is pooled before a sensitive release."""

    kind, name, label, icon = Publication.KIND, "consult", "征求口径", "messages-square"
    from_states = frozenset({"draft", "returned", "review", "approved", "scheduled"})
    permits = ASKING
    form_class = ConsultForm
    order = 45
    hint = "各单位在待办里答复；口径统一之前，这条信息不能批准和发布。"

    def apply(self, work: Work) -> None:
        case: Publication = work.case
        units = [unit for unit in work.data["units"] if unit.pk != case.unit_id]
        if not units:
            raise ActError("请选择本单位以外的单位。")
        if Clearance.objects.filter(publication=case.pk, state="open").exists():
            raise ActError("已经在征求口径了。请等答复，或先把那一次结束。")
        until = work.data.get("until")
        if until is not None and until < timezone.localdate(work.now):
            raise ActError("答复期限不能早于今天。")
        clearance = Clearance(
            kind=KIND,
            state="open",
            title=f"统一口径：{case.title}"[:300],
            unit=case.unit,
            supervisor=case.supervisor,
            handler=work.user,
            series="publication",
            publication=case,
            version_number=case.version_count + 1,
            question=work.data["question"],
            draft=body.to_text(case.body)[:TEXT_LIMIT],
            draft_digest=case.content_digest,
        )
        work.open_many([Opening(clearance, summary=f"征求{len(units)}个单位"[:300])])
        shares = work.open_many([_share(clearance, unit, until) for unit in units])
        work.notify_owners(shares, STAFF, lambda share: f"请答复口径：{case.title}")
        work.summary = "、".join(str(unit) for unit in units)[:300]
        if case.state == "scheduled":
            # What is not cleared does not go out by the clock.
            work.state, case.release_at = "approved", None


def _share(clearance: Clearance, unit: Any, until: Any) -> Opening:
    share = ClearanceShare(
        kind=SHARE,
        state="open",
        title=f"答复口径：{clearance.publication.title}"[:300],
        unit=unit,
        supervisor=common.supervising(unit),
        series="publication",
        clearance=clearance,
        unit_of_share=unit.pk,
    )
    plan: dict[str, Any] = {"code": "answer", "name": "答复期限", "basis": "发布前会商"}
    if until is not None:
        plan |= {"unit": "date", "date": until}
    else:
        plan |= {"unit": "workday", "amount": jurisdiction.value("clearance.workdays")}
    return Opening(share, clocks=(plan,), summary=f"{clearance.unit}征求"[:300])


class AnswerForm(ActForm):
    """What the unit knows, and whether it agrees."""

    stance = forms.ChoiceField(label="意见", choices=ClearanceShare.Stance.choices, widget=forms.RadioSelect)
    known_facts = common.text_area(
        "掌握的情况", rows=5, limit=2000, required=False, help_text="事实、数字、时间，写明出处。"
    )
    remark = common.text_area("修改意见", rows=3, limit=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """An objection says what is wrong."""
        data = super().clean() or self.cleaned_data
        if data.get("stance") == ClearanceShare.Stance.OBJECTS and not (data.get("remark") or "").strip():
            self.add_error("remark", "有不同意见的，请写明哪里不对、怎样改。")
        return data


class Answer(Act):
    """答复口径; it may be mended as long as the line is not settled."""

    kind, name, label, icon = SHARE, "answer", "答复口径", "message-square-reply"
    from_states = frozenset({"open", "answered"})
    to_state = "answered"
    permits = ANSWERING
    form_class = AnswerForm
    expected = True
    order = 10
    hint = "口径统一之前可以补充、更改。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {name: getattr(case, name) for name in ("stance", "known_facts", "remark")} if case is not None else {}

    def apply(self, work: Work) -> None:
        case: ClearanceShare = work.case
        if case.clearance.state != "open":
            raise ActError("口径已经统一或征求已经结束，不能再改答复。有新情况，请直接联系发起单位。")
        for name in ("stance", "known_facts", "remark"):
            setattr(case, name, work.data[name])
        case.answered_by, case.answered_at = work.user.who if work.user else "", work.now
        case.outcome = case.get_stance_display()
        work.summary = case.get_stance_display()
        work.words = work.data["remark"]
        asked = [case.clearance.handler] if case.clearance.handler else common.staff(case.clearance.unit)
        work.notify(asked, f"{case.unit}答复了口径：{case.clearance.publication.title}")
        for clock in case.clocks.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED]):
            clocks.stop(clock, work.now)


class CloseShare(Act):
    """征求结束: nobody has to answer any more."""

    kind, name, label, icon = SHARE, "close", "征求结束", "circle-check"
    from_states = frozenset({"open"})
    to_state = "over"
    system = True
    form_class = ReasonForm

    def apply(self, work: Work) -> None:
        work.case.outcome = "没有答复"
        work.summary = work.data["reason"]
        for clock in work.case.clocks.all():
            clocks.cancel(clock, work.now)


class SettleForm(ActForm):
    """The words that everybody uses from now on."""

    line = common.text_area("统一口径", rows=6, limit=2000, help_text="各单位对外都按这段话说：事实、数字、联系谁。")
    handling = common.text_area(
        "不同意见和未答复的处理", rows=3, limit=1000, required=False, help_text="有不同意见或没有等齐答复的，必须写明。"
    )


class Settle(Act):
    """确定口径."""

    kind, name, label, icon = KIND, "settle", "确定口径", "badge-check"
    from_states = frozenset({"open"})
    to_state = "settled"
    permits = (*ASKING, *owner(Role.LEADER))
    form_class = SettleForm
    expected = True
    order = 10
    hint = "口径发给每个被征求的单位；之后这条信息才能批准和发布。"

    def apply(self, work: Work) -> None:
        case: Clearance = work.case
        shares = list(case.shares.select_related("unit"))
        left = [share for share in shares if not share.stance]
        against = [share for share in shares if share.stance == ClearanceShare.Stance.OBJECTS]
        if (left or against) and not work.data["handling"].strip():
            said = "、".join(str(share.unit) for share in [*against, *left][:5])
            what = "有不同意见" if against else "还没有答复"
            raise ActError(f"{said}{what}。请写明怎样处理，再确定口径。")
        case.line, case.handling = work.data["line"], work.data["handling"]
        case.settled_by, case.settled_at = work.user.who if work.user else "", work.now
        case.outcome = "口径已统一"
        work.words = work.data["line"]
        work.summary = f"{len(shares)}个单位，{len(against)}个有不同意见，{len(left)}个没有答复"
        _close(work, left, "口径已经统一")
        for share in shares:
            work.notify(
                people_of(share.unit, *STAFF, Role.LEADER), f"统一口径已定，请照此对外：{case.publication.title}"
            )


class Drop(Act):
    """结束征求: the matter is not released, or is asked anew."""

    kind, name, label, icon = KIND, "drop", "结束征求", "circle-x"
    from_states = frozenset({"open"})
    to_state = "dropped"
    permits = ASKING
    form_class = ReasonForm
    order = 80

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = "已结束"
        _close(work, [share for share in work.case.shares.all() if not share.stance], "发起单位结束了征求")


def _close(work: Work, shares: list[ClearanceShare], reason: str) -> None:
    for share in shares:
        work.perform(CloseShare, share, {"reason": reason})
