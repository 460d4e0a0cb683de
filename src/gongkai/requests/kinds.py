"""The kind of case that a request is: its states, their words, and whose turn it is."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, Where
from gongkai.requests.models import Help, Request

_OFFICER = (Role.OFFICER,)


def _context(case: Any, user: User) -> dict[str, Any]:
    from gongkai.requests import queries

    return queries.case_context(case, user)


def _crumbs(case: Any) -> list[tuple[str, str]]:
    from gongkai.requests import queries

    return queries.crumbs(case)


def _load(rows: Any) -> Any:
    from gongkai.requests import queries

    return queries.page_rows(rows)


REQUEST = Kind(
    code=Request.KIND,
    label="依申请公开",
    prefix="SQ",
    model=Request,
    states={
        "unconfirmed": State("待确认收到", turn=Where.OWNER, roles=_OFFICER, ask="与申请人确认收到"),
        "received": State("待登记", turn=Where.OWNER, roles=_OFFICER, ask="登记并审查申请"),
        "handling": State("办理中", turn=Where.OWNER, roles=STAFF, ask="办理申请"),
        "supplementing": State("补正中", turn=None, roles=()),
        "consulting": State("征求意见中", turn=None, roles=()),
        "explaining": State("待说明理由", turn=None, roles=()),
        "paying": State("待缴费", turn=None, roles=()),
        "extending": State("延期待批", turn=Where.OWNER, roles=(Role.LEADER,), ask="审批延期"),
        "review": State("答复待审核", turn=Where.OWNER, roles=(Role.REVIEWER,), ask="审核答复"),
        "signed": State("待送达", turn=Where.OWNER, roles=STAFF, ask="送达答复"),
        "replied": State("已答复", open=False, turn=None, roles=()),
        "ended": State("已终止", open=False, turn=None, roles=()),
        "moved": State("已转出", open=False, turn=None, roles=()),
        "archived": State("已归档", open=False, turn=None, roles=()),
    },
    template="requests/case/request.html",
    context=_context,
    crumbs=_crumbs,
    load=_load,
)


def _help_context(case: Any, user: User) -> dict[str, Any]:
    from gongkai.requests import help_queries

    return help_queries.case_context(case, user)


HELP = Kind(
    code=Help.KIND,
    label="协办事项",
    prefix="XB",
    model=Help,
    states={
        "asked": State("待答复", turn=Where.OWNER, roles=STAFF, ask="答复协办事项"),
        "answered": State("已答复", open=False, turn=None, roles=()),
        "silent": State("逾期未答复", open=False, turn=None, roles=()),
        "withdrawn": State("已撤回", open=False, turn=None, roles=()),
    },
    template="requests/case/help.html",
    context=_help_context,
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(REQUEST)
    register(HELP)
