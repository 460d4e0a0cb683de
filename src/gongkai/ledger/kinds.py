"""The ledger's kinds of cases: states, their words, and whose turn it is."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.models import User
from gongkai.core.roles import Role, Where
from gongkai.ledger.models import (
    Assignment,
    Hearing,
    LookBack,
    Notice,
    Plan,
    Rectification,
    Supervision,
    Task,
)

_OFFICE = (Role.OFFICE,)
_STAFF = (Role.OFFICER, Role.HANDLER)


def _context(case: Any, user: User) -> dict[str, Any]:
    from gongkai.ledger import queries

    return queries.case_context(case, user)


def _crumbs(case: Any) -> list[tuple[str, str]]:
    from gongkai.ledger import queries

    return queries.crumbs(case)


def _load(rows: Any) -> Any:
    from gongkai.ledger import queries

    return queries.page_rows(rows)


def _kind(
    model: Any,
    label: str,
    prefix: str,
    states: dict[str, State],
    *,
    related: tuple[str, ...] = (),
    counted: bool = True,
) -> Kind:
    code = model.KIND
    return Kind(
        code=code,
        label=label,
        prefix=prefix,
        model=model,
        states=states,
        template=f"ledger/case/{code}.html",
        context=_context,
        crumbs=_crumbs,
        related=related,
        counted=counted,
        load=_load,
    )


NOTICE = _kind(
    Notice,
    "工作要点",
    "YD",
    {
        "reading": State("读取中", turn=None, roles=(), light="wait"),
        "failed": State("读取失败", turn=Where.OWNER, roles=_OFFICE, ask="重新读取或换一个文件", light="late"),
        "review": State("核对中", turn=Where.OWNER, roles=_OFFICE, ask="核对任务", light="soon"),
        "approved": State("已批准", turn=Where.OWNER, roles=_OFFICE, ask="派发任务", light="ok"),
        "dispatched": State("已派发", turn=None, roles=(), light="ok"),
        "archived": State("已归档", open=False, turn=None, roles=(), light="done"),
        "withdrawn": State("已作废", open=False, turn=None, roles=(), light="paused"),
    },
    counted=False,
)

TASK = _kind(
    Task,
    "任务",
    "RW",
    {
        "draft": State("待核对", turn=None, roles=()),
        "dropped": State("不作为任务", open=False, turn=None, roles=()),
        "open": State("推进中", turn=None, roles=()),
        "closed": State("已办结", open=False, turn=None, roles=()),
        "cancelled": State("已撤销", open=False, turn=None, roles=()),
    },
    counted=False,
)

ASSIGNMENT = _kind(
    Assignment,
    "工作要点任务",
    "RW",
    {
        "dispatched": State("待签收", turn=Where.OWNER, roles=_STAFF, ask="签收任务"),
        "in_progress": State("办理中", turn=Where.OWNER, roles=_STAFF, ask="办理并报送进展"),
        "review": State("待审核", turn=Where.OWNER, roles=(Role.REVIEWER,), ask="审核办结材料"),
        "submitted": State("待复核", turn=Where.SUPERVISOR, roles=_OFFICE, ask="复核办结"),
        "postponing": State("延期待批", turn=Where.SUPERVISOR, roles=_OFFICE, ask="审批延期"),
        "done": State("已办结", open=False, turn=None, roles=()),
        "cancelled": State("已撤销", open=False, turn=None, roles=()),
    },
    related=("task",),
)

PLAN = _kind(
    Plan,
    "本单位方案",
    "FA",
    {
        "drafting": State("拟定中", turn=Where.OWNER, roles=_STAFF, ask="拟定本单位方案"),
        "submitted": State("待批准", turn=Where.OWNER, roles=(Role.LEADER,), ask="审批本单位方案"),
        "approved": State("已批准", turn=Where.OWNER, roles=_STAFF, ask="公开本单位方案"),
        "published": State("已公开", open=False, turn=None, roles=()),
        "finished": State("已存档", open=False, turn=None, roles=()),
        "cancelled": State("已撤销", open=False, turn=None, roles=()),
    },
)

LOOKBACK = _kind(
    LookBack,
    "回头看",
    "HT",
    {
        "open": State("核查中", turn=Where.OWNER, roles=_OFFICE, ask="逐条核查上年任务"),
        "closed": State("已完成", open=False, turn=None, roles=()),
    },
    counted=False,
)

RECTIFICATION = _kind(
    Rectification,
    "整改",
    "ZG",
    {
        "ordered": State("待整改", turn=Where.OWNER, roles=_STAFF, ask="整改并提交结果"),
        "submitted": State("待验收", turn=Where.SUPERVISOR, roles=_OFFICE, ask="验收整改"),
        "done": State("已整改", open=False, turn=None, roles=()),
        "cancelled": State("已撤销", open=False, turn=None, roles=()),
    },
)

HEARING = _kind(
    Hearing,
    "听取汇报",
    "HB",
    {
        "recorded": State("已登记", open=False, turn=None, roles=()),
        "void": State("已作废", open=False, turn=None, roles=()),
    },
    counted=False,
)

SUPERVISION = _kind(
    Supervision,
    "督办",
    "DB",
    {
        "issued": State("待答复", turn=Where.OWNER, roles=_STAFF, ask="答复督办单"),
        "answered": State("已答复", turn=Where.SUPERVISOR, roles=_OFFICE, ask="审核督办答复"),
        "closed": State("已办结", open=False, turn=None, roles=()),
        "withdrawn": State("已撤回", open=False, turn=None, roles=()),
    },
)

ALL = (NOTICE, TASK, ASSIGNMENT, PLAN, LOOKBACK, RECTIFICATION, HEARING, SUPERVISION)


def register_all() -> None:
    """Make the ledger's kinds known to core."""
    for kind in ALL:
        register(kind)
