"""公文备案: what is filed, what waits, and the three daily counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.navigation import shell, signed_in
from gongkai.core.roles import Role
from gongkai.core.templatetags.gongkai import day, when
from gongkai.publications.filing import recording
from gongkai.publications.filing.models import Filing
from gongkai.publications.models import Publication

LIGHTS = {"waiting": "wait", "sent": "ok", "confirmed": "done", "refused": "late"}
SHOWN = 100
DAYS = 30


@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """Filings the person may read, newest first, and the counts of the last thirty days."""
    user: Any = request.user
    if not user.role_set & {Role.OFFICE, Role.AUDITOR, Role.OFFICER}:
        raise PermissionDenied("公文备案由政务公开主管单位和各单位信息公开员办理。")
    state = request.GET.get("state", "")
    mine = Publication.objects.visible_to(user).values("pk")
    rows = Filing.objects.filter(publication__in=mine).select_related("publication__unit").order_by("-pk")
    if state in Filing.State.values:
        rows = rows.filter(state=state)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        rows = rows.filter(pk__lt=int(after[:18]))
    today = timezone.localdate()
    counts = recording.day_counts(today - dt.timedelta(days=DAYS - 1), today)
    if request.GET.get("export") == "xlsx":
        head = ("日期", "信息更新", "公文更新", "解读更新")
        lines = [(f"{one['day']}", one["information"], one["documents"], one["interpretations"]) for one in counts]
        return listing.download(sheets.workbook("每日更新数", head, lines), "每日更新数", "xlsx")
    found = list(rows[: SHOWN + 1])
    context = shell(
        request,
        title="公文备案",
        sub="除涉密和党内文件外，公文一律向上级平台备案",
        chips=[_chip(request, state)],
        table={
            "caption": "备案",
            "heads": [{"label": label} for label in ("文件", "单位", "发文字号", "公开属性", "备案号", "状态", "时间")],
            "rows": [_row(one) for one in found[:SHOWN]],
        },
        more=listing.address(request.GET, after=str(found[SHOWN - 1].pk)) if len(found) > SHOWN else "",
        days=list(reversed(counts)),
        totals={name: sum(one[name] for one in counts) for name in ("information", "documents", "interpretations")},
        buttons=[{"label": "导出每日更新数", "url": listing.address(request.GET, export="xlsx"), "icon": "download"}],
        empty={"title": "没有备案", "words": "公文公开或归档后自动列入备案。"},
    )
    return render(request, "filing/index.html", context)


def _row(filing: Filing) -> dict[str, Any]:
    case = filing.publication
    return {
        "cells": [
            {"words": case.title, "url": case.get_absolute_url()},
            {"words": str(case.unit)},
            {"words": case.document_number},
            {"words": case.get_attribute_display()},
            {"words": filing.number},
            {"words": filing.refusal or filing.get_state_display(), "light": LIGHTS[filing.state]},
            {"words": when(filing.confirmed_at or filing.sent_at) or day(filing.required_at)},
        ]
    }


def _chip(request: HttpRequest, state: str) -> dict[str, Any]:
    return {
        "label": "状态",
        "value": dict(Filing.State.choices).get(state, ""),
        "clear_url": listing.address(request.GET, state=None),
        "options": [
            {"label": label, "url": listing.address(request.GET, state=code)} for code, label in Filing.State.choices
        ],
    }
