"""The kinds of cases of reconsideration and litigation."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.requests.appeals import models, queries

_OFFICE = (Role.OFFICE,)
_DECIDERS = (Role.REVIEWER, Role.LEADER)


def _closed(label: str, light: str = "") -> State:
    return State(label, open=False, turn=None, roles=(), light=light)


def _kind(
    model: Any, label: str, prefix: str, states: dict[str, State], *, related: tuple[str, ...] = (), **more: Any
) -> Kind:
    return Kind(
        code=model.KIND,
        label=label,
        prefix=prefix,
        model=model,
        states=states,
        template=f"appeals/case/{model.KIND}.html",
        context=queries.CONTEXTS[model.KIND],
        crumbs=queries.crumbs,
        load=(lambda rows: rows.select_related(*related)) if related else (lambda rows: rows),
        **more,
    )


APPEAL = _kind(
    models.Appeal,
    "复议诉讼",
    "FS",
    {
        "entered": State("待答复", turn=Where.OWNER, roles=STAFF, ask="提交答复和证据"),
        "pending": State("审理中", turn=None, roles=(), light="ok"),
        "redoing": State("待重新答复", turn=Where.OWNER, roles=STAFF, ask="在责令期限内重新答复"),
        "decided": _closed("已审结"),
        "void": _closed("误登作废", light="paused"),
    },
    related=("request", "earlier", "remade"),
)
LESSON = _kind(
    models.Lesson,
    "案件教训",
    "JX",
    {
        "draft": State("待总结", turn=Where.OWNER, roles=STAFF, ask="总结原因和整改措施"),
        "written": State("待通报", turn=Where.OWNER, roles=(Role.OFFICER, Role.LEADER), ask="决定通报哪些单位"),
        "circulated": _closed("已通报"),
        "kept": _closed("已存档"),
    },
    related=("appeal",),
)
CAUTION = _kind(
    models.Caution,
    "警示通报",
    "JS",
    {
        "open": State("待签收", turn=Where.OWNER, roles=STAFF, ask="签收通报，对照自查"),
        "acknowledged": _closed("已签收"),
    },
    related=("lesson", "lesson__appeal", "lesson__unit"),
)
PRECEDENT = _kind(
    models.Precedent,
    "典型案例",
    "AL",
    {
        "draft": State("编写中", turn=Where.OWNER, roles=STAFF, ask="写好案例后送审"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改案例后重新送审"),
        "review": State("待审核", turn=Where.OWNER, roles=_DECIDERS, ask="审核典型案例"),
        "published": _closed("已入库"),
        "withdrawn": _closed("已撤下"),
    },
    related=("request", "appeal"),
    counted=False,
)
REVIEW = _kind(
    models.SpecialReview,
    "专项督查",
    "ZX",
    {
        "open": State("检查中", turn=Where.OWNER, roles=(Role.OFFICE, Role.OFFICER), ask="抽查申请，写明发现"),
        "rectifying": State("整改中", turn=Where.OWNER, roles=(Role.OFFICE, Role.OFFICER), ask="核对整改，写出结论"),
        "concluded": _closed("已结束"),
    },
    counted=False,
)
RECTIFICATION = _kind(
    models.Rectification,
    "督查整改",
    "ZC",
    {
        "open": State("待整改", turn=Where.OWNER, roles=STAFF, ask="整改并报送情况"),
        "answered": State("待核对", turn=Where.LEAD, roles=(Role.OFFICE, Role.OFFICER), ask="核对整改情况"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="继续整改并报送"),
        "done": _closed("已整改"),
    },
    related=("review",),
)
EXCHANGE = _kind(
    models.Exchange,
    "业务交流",
    "JL",
    {
        "planned": State("待举行", turn=Where.OWNER, roles=(Role.OFFICE, Role.OFFICER), ask="举行后登记交流记录"),
        "recorded": _closed("已登记"),
        "dropped": _closed("已取消"),
    },
    counted=False,
)
ALL = (APPEAL, LESSON, CAUTION, PRECEDENT, REVIEW, RECTIFICATION, EXCHANGE)


def register_all() -> None:
    """Make the kinds known to core."""
    for kind in ALL:
        register(kind)
