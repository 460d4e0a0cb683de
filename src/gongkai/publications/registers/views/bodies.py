"""公开主体和指南: the bodies bound to disclose, each with its catalog, guide and negative list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.acts import acts
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.publications.registers.models import Catalog, DisclosureBody, Guide, NegativeList, Reviewed
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working

STATES = [("proposed", "待确认"), ("confirmed", "已列入名单"), ("struck", "已移出名单"), ("declined", "不予列入")]
REGISTERS: tuple[type[Reviewed], ...] = (Guide, Catalog, NegativeList)
HEAD = ("单位", "状态", "依据", "公开职责", "确认日期", "移出日期", "移出原因", "指南", "目录", "负面清单")


@working
def index(request: HttpRequest) -> HttpResponse:
    """One line for each body, with how far its registers are."""
    user, now = request.user, timezone.now()
    rows = DisclosureBody.objects.visible_to(user).filter(listing.conditions(request.GET, user, now))
    rows = rows.select_related("unit")
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    page = common.keyset(rows, request.GET, listing.size())
    held = _registers([body.unit_id for body in page.rows])
    may_confirm = acts["disclosure-body.confirm"].permitted(None, user)
    table = {
        "caption": "公开义务主体",
        "select": may_confirm,
        "heads": [{"label": words} for words in ("单位", "状态", "依据", "指南", "目录", "负面清单", "确认日期")],
        "rows": [_row(body, held) for body in page.rows],
    }
    context = shell(
        request,
        current="registers:bodies",
        title="公开主体和指南",
        sub="谁负有公开义务，指南和目录是否齐全、是否更新",
        table=table,
        chips=[common.chip(request, "state", "状态", STATES)],
        pager=common.paging(request, page),
        buttons=_buttons(request),
        may_confirm=may_confirm,
        empty={"title": "名单还是空的", "words": "由单位申报，或由政务公开主管一次登记，确认后公布。"},
    )
    return render(request, "registers/bodies.html", context)


def _buttons(request: HttpRequest) -> list[dict[str, Any]]:
    back = reverse("registers:bodies")
    found: list[dict[str, Any]] = [
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    ]
    menu = [
        {"label": acts[key].label, "url": common.new_url(key, back)}
        for key in ("disclosure-guide.write", "negative-list.open", "catalog.open")
        if acts[key].permitted(None, request.user)
    ]
    if menu:
        found.append({"label": "编写", "icon": "file-plus-corner", "menu": menu, "phone": False})
    propose = acts["disclosure-body.propose"]
    if propose.permitted(None, request.user):
        url = common.new_url("disclosure-body.propose", back)
        found.append({"label": propose.label, "url": url, "icon": "plus", "primary": True})
    return found


def _registers(units: list[int]) -> dict[tuple[str, int], Reviewed]:
    """(kind, unit) -> its register; one query for each of the three kinds."""
    return {
        (model.KIND, case.unit_id): case
        for model in REGISTERS
        for case in model._default_manager.filter(unit__in=units).only(
            "unit", "state", "kind", "version_count", "published_at", "case_ptr"
        )
    }


def _words(case: Reviewed | None) -> str:
    if case is None:
        return "没有"
    if case.version_count and case.published_at:
        return f"{day(case.published_at)}公布"
    return case.state_label


def _row(body: DisclosureBody, held: dict[tuple[str, int], Reviewed]) -> dict[str, Any]:
    registers = [held.get((model.KIND, body.unit_id)) for model in REGISTERS]
    return {
        "id": body.pk,
        "cells": [
            {"words": body.unit.name, "url": body.get_absolute_url()},
            {"words": body.state_label, "light": body.state_light},
            {"words": body.basis},
            *({"words": _words(case), "url": case.get_absolute_url() if case else ""} for case in registers),
            {"words": day(body.confirmed_on) if body.confirmed_on else ""},
        ],
    }


def _export(rows: Any) -> HttpResponse:
    bodies = list(rows.order_by("unit__ordinal", "pk")[: listing.LIMIT_OF_EXPORT])
    held = _registers([body.unit_id for body in bodies])
    lines = [
        (
            body.unit.name,
            body.state_label,
            body.basis,
            body.duties,
            body.confirmed_on,
            body.struck_on,
            body.struck_reason,
            *(_words(held.get((model.KIND, body.unit_id))) for model in REGISTERS),
        )
        for body in bodies
    ]
    return listing.download(sheets.workbook("公开义务主体名单", HEAD, lines), "公开义务主体名单.xlsx", "xlsx")
