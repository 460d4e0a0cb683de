"""The kinds of cases of conversion and hot topics."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core.kinds import Kind, State, register
from gongkai.core.roles import STAFF, Role, Where
from gongkai.requests.conversion import queries
from gongkai.requests.conversion.models import Conversion, ConversionCampaign, TopicProposal


def _closed(label: str) -> State:
    return State(label, open=False, turn=None, roles=())


def _crumbs(case: Any) -> list[tuple[str, str]]:
    label, name = {
        Conversion.KIND: ("转为主动公开", "conversion:index"),
        ConversionCampaign.KIND: ("答复信息复查", "conversion:campaigns"),
        TopicProposal.KIND: ("热点主动公开建议", "conversion:proposals"),
    }[case.kind]
    return [(label, reverse(name)), (case.number, "")]


CONVERSION = Kind(
    code=Conversion.KIND,
    label="转为主动公开",
    prefix="ZG",
    model=Conversion,
    states={
        "judging": State("待判断", turn=Where.OWNER, roles=STAFF, ask="判断可否转为主动公开"),
        "open": State("待起草", turn=Where.OWNER, roles=STAFF, ask="起草公开稿件"),
        "drafted": State("待公开", turn=Where.OWNER, roles=STAFF, ask="把稿件送审并公开"),
        "postponed": State("暂缓", turn=Where.OWNER, roles=STAFF, ask="暂缓到期前起草公开稿件"),
        "declining": State("不转待审核", turn=Where.OWNER, roles=(Role.LEADER, Role.REVIEWER), ask="审核不转的理由"),
        "done": _closed("已转为主动公开"),
        "declined": _closed("不转为主动公开"),
    },
    template="conversion/case/conversion.html",
    context=queries.conversion_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("request", "publication", "campaign"),
)
CAMPAIGN = Kind(
    code=ConversionCampaign.KIND,
    label="答复信息复查",
    prefix="FC",
    model=ConversionCampaign,
    states={
        "open": State("复查中", turn=Where.OWNER, roles=STAFF, ask="逐件判断可否转为主动公开"),
        "done": _closed("已复查"),
    },
    template="conversion/case/campaign.html",
    context=queries.campaign_context,
    crumbs=_crumbs,
    load=lambda rows: rows,
)
PROPOSAL = Kind(
    code=TopicProposal.KIND,
    label="热点主动公开建议",
    prefix="RD",
    model=TopicProposal,
    states={
        "proposed": State("待回复", turn=Where.OWNER, roles=STAFF, ask="回复主动公开建议"),
        "accepted": State("待公开", turn=Where.OWNER, roles=STAFF, ask="按计划公开，关联公开的信息"),
        "declining": State("不采纳待审定", turn=Where.LEAD, roles=(Role.OFFICE, Role.OFFICER), ask="审定不采纳的理由"),
        "published": _closed("已公开"),
        "declined": _closed("不采纳"),
    },
    template="conversion/case/proposal.html",
    context=queries.proposal_context,
    crumbs=_crumbs,
    load=lambda rows: rows.select_related("topic", "topic__analysis"),
)


def register_all() -> None:
    """Make the kinds known to core."""
    for kind in (CONVERSION, CAMPAIGN, PROPOSAL):
        register(kind)
