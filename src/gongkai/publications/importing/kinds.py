"""The kind of case that an import is: its states, and whose turn it is."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications.importing.models import Import, ImportRow

SHOWN = 8


def context(case: Import, user: User) -> dict[str, Any]:
    """What the case page shows: figures of the dry run and of the run, and the first rows that need somebody."""
    rows = ImportRow.objects.filter(run=case.pk).defer("body", "files", "values", "hits")
    return {
        "run": case,
        "troubled": list(rows.filter(outcome=ImportRow.Outcome.REFUSED)[:SHOWN]),
        "held": list(rows.filter(blocked=True, overruled=False, outcome__in=ImportRow.TAKEN)[:SHOWN]),
        "active": case.state in ("reading", "running", "undoing"),
    }


IMPORT = Kind(
    code=Import.KIND,
    label="历史信息导入",
    prefix="DR",
    model=Import,
    states={
        "reading": State("正在读取", turn=None, roles=(), light="ok"),
        "failed": State(
            "没有读成", turn=Where.OWNER, roles=(*STAFF, Role.OFFICE), ask="改好文件后重新读取", light="late"
        ),
        "checked": State(
            "待送审", turn=Where.OWNER, roles=(*STAFF, Role.OFFICE), ask="核对预检结果后送审", light="wait"
        ),
        "review": State("待批准", turn=Where.OWNER, roles=(Role.LEADER, Role.OFFICE), ask="批准导入", light="soon"),
        "running": State("正在导入", turn=None, roles=(), light="ok"),
        "done": State("已导入", open=False, turn=None, roles=(), light="done"),
        "undoing": State("正在撤销", turn=None, roles=(), light="ok"),
        "undone": State("已撤销", open=False, turn=None, roles=(), light="paused"),
        "dropped": State("已作废", open=False, turn=None, roles=(), light="paused"),
    },
    template="importing/case/import.html",
    context=context,
    counted=False,
)


def register_all() -> None:
    """Make the kind known to core."""
    register(IMPORT)
