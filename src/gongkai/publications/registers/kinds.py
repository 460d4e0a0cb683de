"""The kinds of cases of registers: states, their words, and whose turn it is."""

from __future__ import annotations

from typing import Any

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.publications.registers import queries
from gongkai.publications.registers.acts import reviewing
from gongkai.publications.registers.models import (
    AttributeCampaign,
    AttributeShare,
    Catalog,
    Cleanup,
    CleanupShare,
    ColumnUpdate,
    DisclosureBody,
    Guide,
    GuideUpdate,
    NegativeList,
)

_OFFICE = (Role.OFFICE,)


def _closed(label: str, light: str = "") -> State:
    return State(label, open=False, turn=None, roles=(), light=light)


def _kind(
    model: Any, label: str, prefix: str, states: dict[str, State], *, load: Any = None, counted: bool = True
) -> Kind:
    more = {"load": load} if load is not None else {}
    return Kind(
        code=model.KIND,
        label=label,
        prefix=prefix,
        model=model,
        states=states,
        template=f"registers/case/{model.KIND}.html",
        context=queries.CONTEXTS[model.KIND],
        crumbs=queries.crumbs,
        counted=counted,
        **more,
    )


BODY = _kind(
    DisclosureBody,
    "公开义务主体",
    "ZT",
    {
        "proposed": State("待确认", turn=Where.SUPERVISOR, roles=_OFFICE, ask="确认公开义务主体", light="wait"),
        "confirmed": _closed("已列入名单", light="done"),
        "declined": _closed("不予列入", light="paused"),
        "struck": _closed("已移出名单", light="paused"),
    },
    counted=False,
)
GUIDE = _kind(Guide, "公开指南", "ZN", reviewing.states("指南"), counted=False)
GUIDE_UPDATE = _kind(
    GuideUpdate,
    "指南更新",
    "ZG",
    {
        "open": State("待修订", turn=Where.OWNER, roles=STAFF, ask="修订公开指南"),
        "done": _closed("已修订"),
        "dismissed": _closed("不需修订"),
    },
)
CATALOG = _kind(Catalog, "公开目录", "ML", reviewing.states("目录"), counted=False)
COLUMN_UPDATE = _kind(
    ColumnUpdate,
    "栏目更新",
    "LM",
    {
        "open": State("待更新", turn=Where.OWNER, roles=STAFF, ask="在栏目里发布内容"),
        "excused": State("已说明，待同意", turn=Where.SUPERVISOR, roles=_OFFICE, ask="看说明是否成立"),
        "done": _closed("已更新"),
    },
    load=lambda rows: rows.select_related("column"),
)
NEGATIVE = _kind(NegativeList, "负面清单", "FQ", reviewing.states("清单"), counted=False)
ATTRIBUTE = _kind(
    AttributeCampaign,
    "属性复查",
    "FC",
    {
        "open": State("进行中", turn=Where.OWNER, roles=_OFFICE, ask="跟进各单位，办结汇总"),
        "closed": _closed("已汇总"),
    },
    counted=False,
)
ATTRIBUTE_SHARE = _kind(
    AttributeShare,
    "单位属性复查",
    "FD",
    {
        "open": State("复查中", turn=Where.OWNER, roles=STAFF, ask="逐件作出复查结论"),
        "done": _closed("已办完"),
    },
    load=lambda rows: rows.select_related("campaign"),
)
CLEANUP = _kind(
    Cleanup,
    "规范性文件清理",
    "QL",
    {
        "open": State("进行中", turn=Where.OWNER, roles=_OFFICE, ask="跟进各单位，汇总报批"),
        "returned": State("已退回", turn=Where.OWNER, roles=_OFFICE, ask="修改后重新报批"),
        "approval": State("待批准", turn=Where.OWNER, roles=(Role.LEADER,), ask="批准清理结果"),
        "applied": _closed("已执行"),
    },
    load=lambda rows: rows.select_related("result"),
    counted=False,
)
CLEANUP_SHARE = _kind(
    CleanupShare,
    "单位文件清理",
    "QD",
    {
        "open": State("清理中", turn=Where.OWNER, roles=STAFF, ask="逐件提出清理结论"),
        "returned": State("已退回", turn=Where.OWNER, roles=STAFF, ask="修改后重新报送"),
        "submitted": State("待审定", turn=Where.OWNER, roles=(Role.LEADER, Role.REVIEWER), ask="审定清理结论"),
        "done": _closed("已审定"),
    },
    load=lambda rows: rows.select_related("campaign"),
)
ALL = (
    BODY,
    GUIDE,
    GUIDE_UPDATE,
    CATALOG,
    COLUMN_UPDATE,
    NEGATIVE,
    ATTRIBUTE,
    ATTRIBUTE_SHARE,
    CLEANUP,
    CLEANUP_SHARE,
)


def register_all() -> None:
    """Make the kinds known to core; public pages follow the registers they show."""
    from gongkai.core import pages

    for kind in ALL:
        register(kind)
    for model in (DisclosureBody, Guide, Catalog, NegativeList):
        pages.follow(model.KIND, reviewing.tags_of)
