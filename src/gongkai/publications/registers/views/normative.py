"""规范性文件: all in force by unit, those near their lapse, those past."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import jurisdiction, listing, sheets
from gongkai.core.acts import acts
from gongkai.core.measures import Scope, measures
from gongkai.core.models import readable_case
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.law.workdays import shift_months
from gongkai.publications.models import PublicDocument, Validity
from gongkai.publications.registers import queries
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working

LIGHTS = {Validity.VALID: "ok", Validity.AMENDED: "soon", Validity.LAPSED: "paused", Validity.REPEALED: "paused"}
STANDINGS = [("near", "临近失效"), ("past", "失效和废止")]
HEAD = ("文件名称", "发文字号", "制定单位", "有效性", "成文日期", "施行日期", "有效期至", "废止日期", "发布日期")
_NO_END = dt.date(9999, 12, 31)


@working
def index(request: HttpRequest) -> HttpResponse:
    """The library as staff see it; documents are opened and changed on their own pages."""
    today = timezone.localdate()
    horizon = shift_months(today, jurisdiction.value("publications.notice_months"))
    standing = request.GET.get("standing", "")
    units = listing.ids_of(request.GET.getlist("unit"))
    rows = queries.normative(units[0] if units else None, standing, request.GET.get("q", "").strip()[:60], horizon)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    rows = rows.annotate(opens=readable_case(request.user, "publication_id"))
    if standing == "near":
        rows = rows.annotate(ends=Coalesce("expires_on", Value(_NO_END)))
        page = common.keyset(rows, request.GET, listing.size(), "ends", key="publication_id")
    else:
        page = common.keyset(rows, request.GET, listing.size(), "published_at", descending=True, key="publication_id")
    by_unit = queries.in_force_by_unit()
    scope = Scope(units=tuple(units) or None, since=dt.date(today.year, 1, 1), until=dt.date(today.year + 1, 1, 1))
    names = ("publications.normative_in_force", "publications.normative_made", "publications.normative_repealed")
    tiles = [
        {
            "label": measures[name].label,
            "value": int(measures[name].compute(scope).value or 0),
            "unit": "件",
            "words": f"{today.year}年，年报表一",
            "url": listing.address(request.GET, standing="past" if name.endswith("repealed") else None),
        }
        for name in names
    ]
    context = shell(
        request,
        current="registers:normative",
        title="规范性文件",
        sub=f"现行有效{sum(row['number'] for row in by_unit)}件，{len(by_unit)}个单位",
        tiles=tiles,
        words=request.GET.get("q", ""),
        hidden=[(name, value) for name, value in request.GET.items() if name in ("unit", "standing")],
        chips=[
            common.chip(request, "standing", "状态", STANDINGS),
            common.chip(
                request, "unit", "单位", [(str(row["pk"]), f"{row['name']} {row['number']}件") for row in by_unit]
            ),
        ],
        table={
            "caption": "规范性文件",
            "heads": [{"label": label} for label in ("文件", "发文字号", "单位", "有效性", "成文日期", "有效期至")],
            "rows": [_row(row, today, horizon) for row in page.rows],
        },
        pager=common.paging(request, page),
        buttons=_buttons(request),
        empty={"title": "没有符合条件的规范性文件", "words": "公开时勾选“行政规范性文件”的，自动收入这里。"},
    )
    return render(request, "registers/normative.html", context)


def _buttons(request: HttpRequest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    ]
    act = acts["cleanup.launch"]
    if act.permitted(None, request.user):
        url = common.new_url("cleanup.launch", reverse("registers:normative"))
        found.append({"label": act.label, "url": url, "icon": "brush-cleaning", "primary": True})
    return found


def _url(row: Any) -> str:
    """The document's case for whoever may read it; all others read what is public."""
    return reverse("workbench:case", args=[row.opens]) if row.opens else row.get_absolute_url()


def _row(row: PublicDocument, today: dt.date, horizon: dt.date) -> dict[str, Any]:
    near = row.expires_on is not None and today <= row.expires_on <= horizon and row.validity != Validity.REPEALED
    ends = day(row.repealed_on) + "废止" if row.repealed_on else day(row.expires_on) if row.expires_on else "没有写明"
    return {
        "cells": [
            {"words": row.title, "url": _url(row)},
            {"words": row.document_number},
            {"words": str(row.unit)},
            {
                "words": row.get_validity_display() or "未标注",
                "light": LIGHTS.get(Validity(row.validity), "wait") if row.validity else "wait",
            },
            {"words": day(row.made_on) if row.made_on else ""},
            {"words": ends, "light": "soon"} if near else {"words": ends},
        ]
    }


def _export(rows: Any) -> HttpResponse:
    lines = [
        (
            row.title,
            row.document_number,
            row.unit.name,
            row.get_validity_display(),
            row.made_on,
            row.effective_on,
            row.expires_on,
            row.repealed_on,
            timezone.localdate(row.published_at),
        )
        for row in rows.order_by("unit__ordinal", "-published_at", "-publication")[: listing.LIMIT_OF_EXPORT]
    ]
    return listing.download(sheets.workbook("规范性文件目录", HEAD, lines), "规范性文件目录.xlsx", "xlsx")
