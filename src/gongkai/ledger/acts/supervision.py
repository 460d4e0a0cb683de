"""Acts on a formal supervision (督办): answered by the unit, closed or sent back by the office."""

from __future__ import annotations

from typing import Any

from gongkai.core.acts import Act, Work
from gongkai.core.forms import ActForm, FilesField, ReasonForm
from gongkai.core.roles import STAFF
from gongkai.ledger.acts import common
from gongkai.ledger.acts.common import OFFICE, OpinionForm, Role, owner, text_area
from gongkai.ledger.models import Supervision

KIND = Supervision.KIND


class AnswerForm(ActForm):
    """What was done, with the leader's signed answer."""

    answer = text_area("办理情况", limit=2000)
    files = FilesField(label="书面答复和佐证", required=False)  # type: ignore[assignment]


class Answer(Act):
    """回复督办."""

    kind, name, label, icon = KIND, "answer", "回复督办", "reply"
    from_states = frozenset({"issued"})
    to_state = "answered"
    permits = owner(*STAFF, Role.LEADER)
    form_class = AnswerForm
    expected = True
    order = 10
    hint = "回复后答复时限停止，由主管单位审核；退回的接着算。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        case.answer, case.answered_at = work.data["answer"], work.now
        common.stop_judged(case, work.now)
        common.serial_clock(case, "check", work.now, name="审核答复")
        work.files = list(work.data.get("files") or [])
        work.attachments = list(work.data.get("kept") or [])
        common.fill_words(work, "answer")
        work.notify(common.office_people(case), f"督办已答复：{case.title}（{case.unit}）")


class Close(Act):
    """督办办结."""

    kind, name, label, icon = KIND, "close", "督办办结", "badge-check"
    from_states = frozenset({"answered"})
    to_state = "closed"
    permits = OFFICE
    form_class = OpinionForm
    expected = True
    batch = True
    order = 10

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.stop_serial(case, "check", work.now)
        case.closed_at = case.answered_at
        case.outcome = "已办结"
        common.fill_words(work)
        work.notify(common.owner_people(case), f"督办办结：{case.title}")


class Return(Act):
    """退回答复."""

    kind, name, label, icon = KIND, "return", "退回", "undo-2"
    from_states = frozenset({"answered"})
    to_state = "issued"
    permits = OFFICE
    form_class = ReasonForm
    order = 20
    hint = "答复时限接着算，如同没有停过。"

    def apply(self, work: Work) -> None:
        case: Any = work.case
        common.stop_serial(case, "check", work.now)
        common.reopen_stopped(case, case.answered_at, work.now)
        case.answered_at = None
        common.fill_words(work, "reason")
        work.notify(common.owner_people(case), f"督办答复退回：{case.title}。{work.data['reason']}")


class Withdraw(Act):
    """撤回督办."""

    kind, name, label, icon = KIND, "withdraw", "撤回督办", "trash-2"
    from_states = frozenset({"issued"})
    to_state = "withdrawn"
    permits = OFFICE
    form_class = ReasonForm
    danger = True
    order = 90

    def apply(self, work: Work) -> None:
        from gongkai.ledger.acts.assignment import CANCELLED_SERIES

        common.cancel_all(work.case, work.now)
        work.case.series = CANCELLED_SERIES
        common.fill_words(work, "reason")
        work.notify(common.owner_people(work.case), f"督办已撤回：{work.case.title}")
