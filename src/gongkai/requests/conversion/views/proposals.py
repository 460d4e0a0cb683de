"""主动公开建议: who was asked to publish what, and what came of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.requests.conversion.kinds import PROPOSAL
from gongkai.requests.conversion.models import TopicProposal
from gongkai.requests.conversion.views import common

HERE = "conversion:proposals"
HEAD = (
    "编号",
    "建议",
    "领域",
    "公开单位",
    "提出单位",
    "提出日期",
    "分析期内件数",
    "栏目",
    "计划公开日期",
    "公开日期",
    "状态",
    "不采纳的理由",
)


def filtered(request: HttpRequest) -> QuerySet[TopicProposal]:
    """The proposals the person may read, with the conditions of the address."""
    get = request.GET
    rows = TopicProposal.objects.visible_to(request.user)
    rows = rows.filter(listing.conditions(get, request.user, timezone.now()))
    if get.get("state") in PROPOSAL.states:
        rows = rows.filter(state=get["state"])
    return rows.filter(area=get["area"][:40]) if get.get("area") else rows


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    rows = filtered(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    found, pager = common.newest_first(request, rows.select_related("unit", "lead", "clock", "handler"), "proposed_on")
    listing.with_faces(found, timezone.now())
    context = shell(
        request,
        current="conversion:topics",
        title="主动公开建议",
        sub="公众反复申请、反映的内容，建议有关单位主动公开",
        tabs=common.topic_tabs("proposals"),
        table={
            "caption": "主动公开建议",
            "heads": common.heads("建议", "领域", "公开单位", "提出", "状态和时限", "公开"),
            "rows": [_row(case) for case in found],
        },
        chips=[
            common.chip(request, "state", "状态", [(code, state.label) for code, state in PROPOSAL.states.items()]),
        ],
        pager=pager,
        buttons=[
            common.export_button(request),
            *common.new_button(request, "topic_proposal.propose", reverse(HERE), primary=True),
        ],
        empty={"title": "没有符合条件的建议", "words": "在热点页面可以直接提出，也可以从这里提出。"},
    )
    return render(request, "conversion/list.html", context)


def _row(case: TopicProposal) -> dict[str, Any]:
    face = case.face  # type: ignore[attr-defined]
    standing = {"words": f"{case.state_label}，{face.words}", "light": face.light} if face and case.is_open else {}
    return {
        "cells": [
            {"words": case.title.removeprefix("主动公开建议："), "url": case.get_absolute_url()},
            {"words": case.area},
            {"words": str(case.unit)},
            {"words": f"{day(case.proposed_on)} {case.lead or ''}".strip()},
            standing or {"words": case.state_label, "light": case.light},
            {"words": day(case.published_on) if case.published_on else ""},
        ]
    }


def _export(rows: QuerySet[TopicProposal]) -> HttpResponse:
    found = rows.select_related("unit", "lead").order_by("-proposed_on", "-pk")
    lines = (
        (
            case.number,
            case.title,
            case.area,
            case.unit.name,
            case.lead.name if case.lead else "",
            case.proposed_on,
            case.asked,
            case.plan_column,
            case.plan_on,
            case.published_on,
            case.state_label,
            case.declined_reason,
        )
        for case in found[: listing.LIMIT_OF_EXPORT]
    )
    return listing.download(sheets.workbook("主动公开建议", HEAD, lines), "主动公开建议.xlsx", "xlsx")
