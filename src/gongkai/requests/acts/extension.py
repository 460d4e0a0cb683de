"""延期 (art. 33): asked for by the handler, granted by the leader before the reply is due, told to the applicant (L4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import ActForm
from gongkai.core.models import User
from gongkai.core.roles import Role, owner
from gongkai.law.requests.history import NATIONAL
from gongkai.requests import clocks, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import KIND, day_words, text_area
from gongkai.requests.acts.handling import HandlingAct, send_along
from gongkai.requests.models import Approval, Request

MOST = NATIONAL.extension_limit


class ExtensionForm(ActForm):
    """How long, and why."""

    workdays = forms.IntegerField(
        label="延长几个工作日",
        min_value=1,
        max_value=MOST,
        error_messages={"max_value": f"延长的期限最长不超过{MOST}个工作日。"},
    )
    reason = text_area("延期的理由", limit=500, help_text="会写进延期答复告知书，告知申请人。")


class AskExtension(HandlingAct):
    """申请延期: laid before the leader; the clock runs on meanwhile."""

    name, label, icon = "ask_extension", "申请延期", "calendar-plus"
    from_states = frozenset({"handling", "consulting", "explaining", "review"})
    form_class = ExtensionForm
    order = 50
    hint = "须在答复期限届满前，经负责人同意。每次计算的期限只能延长一次。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = Approval(
            request=case,
            kind=Approval.Kind.EXTENSION,
            workdays=work.data["workdays"],
            reason=work.data["reason"],
            asked_on=timezone.localdate(work.now),
            asked_by=work.user,
            state_before=case.state,
        )
        _would_be(case, row, work)
        row.save()
        work.state = "extending"
        work.words = work.data["reason"]
        work.summary = f"申请延长{row.workdays}个工作日"
        work.notify(people_of(case.unit, Role.LEADER), f"{case.title}：请审批延期{row.workdays}个工作日")


def _would_be(case: Request, row: Approval, work: Work) -> None:
    """Refuse what could not be granted today either, in the words of the law's floor. Raises ActError."""
    rows = clocks.rows_of(case)
    tried = Approval(
        kind=Approval.Kind.EXTENSION,
        state=Approval.State.GRANTED,
        workdays=row.workdays,
        reason=row.reason,
        decided_on=timezone.localdate(work.now),
    )
    rows.approvals.append(tried)
    clocks.derive(case, rows, timezone.localdate(work.now), recorded=False)


def _asked(case: Request) -> Approval:
    row = case.approvals.filter(kind=Approval.Kind.EXTENSION, state=Approval.State.WAITING).last()
    if row is None:
        raise ActError("没有待批的延期。请刷新页面。")
    return row


def _back(work: Work, row: Approval) -> None:
    """Return to where the request was, as it is now."""
    state = clocks.advance(work.case, work.now)[1]
    work.state = "review" if row.state_before == "review" else state


class GrantForm(ActForm):
    """How much is granted."""

    workdays = forms.IntegerField(
        label="同意延长几个工作日",
        min_value=1,
        max_value=MOST,
        error_messages={"max_value": f"延长的期限最长不超过{MOST}个工作日。"},
    )
    words = text_area("意见", limit=500, required=False)


class GrantExtension(Act):
    """批准延期 (L4)."""

    kind, name, label, icon = KIND, "grant_extension", "批准延期", "stamp"
    from_states = frozenset({"extending"})
    permits = owner(Role.LEADER)
    form_class = GrantForm
    expected = True
    order = 5
    hint = "答复期限延长，同时生成延期答复告知书告知申请人。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if case is None:
            return {}
        row = case.approvals.filter(kind=Approval.Kind.EXTENSION, state=Approval.State.WAITING).last()
        return {"workdays": row.workdays} if row else {}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = _asked(case)
        if work.user is not None and row.asked_by_id == work.user.pk:
            raise ActError("自己申请的延期不能由自己批准。请其他负责人审批。")
        today = timezone.localdate(work.now)
        row.workdays, row.words = work.data["workdays"], work.data["words"]
        row.state, row.decided_on, row.decided_by = Approval.State.GRANTED, today, work.user
        row.save()
        found = clocks.settle(case, work.now, recorded=False)
        run = found.reply
        last = run.due_on if run else None
        words = day_words(last) if last else f"征求意见结束后另行告知的那一天（在原期限上延长{row.workdays}个工作日）"
        row.letter = letters.issue(work, "L4", reason=row.reason, last_day=words)
        row.save(update_fields=["letter"])
        waits = send_along(work, row.letter).sent_on is None
        _back(work, row)
        work.words = row.words
        work.summary = f"同意延长{row.workdays}个工作日，答复期限到{words}"
        common.tell_applicant(case, f"答复期限延长{row.workdays}个工作日，到{words}。原因：{row.reason}", work.now)
        told = "，请发出延期答复告知书" if waits else ""
        work.notify(common.case_people(case), f"{case.title}：延期已批准，答复期限到{words}{told}")


class RefuseForm(ActForm):
    """Why not."""

    words = text_area("不同意的理由", limit=500)


class RefuseExtension(Act):
    """不同意延期."""

    kind, name, label, icon = KIND, "refuse_extension", "不同意延期", "x"
    from_states = frozenset({"extending"})
    permits = owner(Role.LEADER)
    form_class = RefuseForm
    order = 6

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = _asked(case)
        row.state, row.decided_on = Approval.State.REFUSED, timezone.localdate(work.now)
        row.decided_by, row.words = work.user, work.data["words"]
        row.save()
        _back(work, row)
        work.words = row.words
        work.summary = "不同意延期，请在原期限内答复"
        work.notify(common.case_people(case), f"{case.title}：延期没有批准，请在原期限内答复")
