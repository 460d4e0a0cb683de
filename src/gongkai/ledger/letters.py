"""The ledger's letters."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.letters import LetterKind, day_words, declare
from gongkai.ledger.models import Supervision


def _number(year: int, serial: int) -> str:
    return f"{jurisdiction.value('ledger.supervision_code')}〔{year}〕{serial}号"


SUPERVISION_LETTER = declare(
    LetterKind(
        code="ledger-supervision",
        title="政务公开督办单",
        prefix="DBD",
        fields={
            "unit": "被督办单位",
            "notice": "要点名称",
            "notice_number": "要点文号",
            "item": "条目",
            "duty": "任务",
            "problem": "督办事由",
            "demand": "督办要求",
            "answer_by": "答复期限",
            "supervisor": "督办单位",
            "date": "日期",
            "number": "文号",
        },
        required=("unit", "notice", "duty", "problem", "demand", "answer_by", "supervisor"),
        body="""
{{ unit }}：
按照《{{ notice }}》{{ notice_number }}，你单位承担第{{ item }}条任务：{{ duty }}。
督办事由：{{ problem }}
督办要求：{{ demand }}
请于{{ answer_by }}前书面答复办理情况，由单位分管负责人签批后在工作台提交。
> {{ supervisor }}
> {{ date }}
""",
        number_format=_number,
    )
)


def supervision_fields(supervision: Supervision) -> dict[str, str]:
    """The words of a supervision letter; the case must have its clock."""
    task = supervision.assignment.task
    notice = task.notice
    due = supervision.clocks.get(code="answer").due_at
    last = timezone.localdate(due - dt.timedelta(microseconds=1)) if due else None
    return {
        "unit": supervision.unit.name,
        "notice": notice.name,
        "notice_number": f"（{notice.document_number}）" if notice.document_number else "",
        "item": str(task.ordinal),
        "duty": task.name,
        "problem": supervision.problem,
        "demand": supervision.demand,
        "answer_by": day_words(last) if last else "",
        "supervisor": supervision.supervisor.name if supervision.supervisor else "",
    }
