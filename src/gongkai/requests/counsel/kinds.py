"""The kinds of cases of legal counsel."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.requests.counsel import queries
from gongkai.requests.counsel.models import Counsel, Opinion


def _closed(label: str) -> State:
    return State(label, open=False, turn=None, roles=())


def _crumbs(case: Any) -> list[tuple[str, str]]:
    if case.kind == Counsel.KIND:
        return [("法律顾问", reverse("counsel:register")), (case.number, "")]
    return [("法律顾问", reverse("counsel:index")), (case.number, "")]


COUNSEL = Kind(
    code=Counsel.KIND,
    label="法律顾问",
    prefix="GW",
    model=Counsel,
    states={
        "serving": State("在聘", turn=None, roles=()),
        "ended": _closed("已解聘"),
    },
    template="counsel/case/counsel.html",
    context=queries.counsel_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("office"),
    counted=False,
)
OPINION = Kind(
    code=Opinion.KIND,
    label="法律意见",
    prefix="FY",
    model=Opinion,
    states={
        "asked": State("待接受", turn=Where.LEAD, roles=(Role.LEGAL,), ask="接受并提出法律意见"),
        "working": State("提出意见中", turn=Where.LEAD, roles=(Role.LEGAL,), ask="提出法律意见"),
        "given": State("待采纳", turn=Where.OWNER, roles=STAFF, ask="写明是否采纳法律意见"),
        "settled": _closed("已办结"),
        "declined": _closed("已退回"),
        "withdrawn": _closed("已撤回"),
    },
    template="counsel/case/opinion.html",
    context=queries.opinion_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("counsel", "subject"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    register(COUNSEL)
    register(OPINION)
