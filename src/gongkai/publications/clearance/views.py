"""统一口径: what is being cleared before release, and what was."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongkai.core import listing
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import when
from gongkai.publications.clearance.kinds import CLEARANCE
from gongkai.publications.clearance.models import Clearance
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working


@working
def index(request: HttpRequest) -> HttpResponse:
    """Clearances the person may read, newest first."""
    rows = Clearance.objects.visible_to(request.user).select_related("unit", "publication").defer("publication__body")
    state = request.GET.get("state", "")
    if state in CLEARANCE.states:
        rows = rows.filter(state=state)
    page = common.keyset(rows, request.GET, listing.size(), descending=True)
    asked = Clearance.objects.filter(pk__in=[one.pk for one in page.rows])
    counts = {
        one.pk: (one.answered, one.all)
        for one in asked.annotate(all=Count("shares"), answered=Count("shares", filter=~Q(shares__stance="")))
    }
    table = {
        "caption": "统一口径",
        "heads": [{"label": label} for label in ("信息", "发起单位", "答复", "状态", "发起时间")],
        "rows": [_row(one, counts) for one in page.rows],
    }
    states = [(code, state.label) for code, state in CLEARANCE.states.items()]
    context = shell(
        request,
        current="publications:clearance",
        title="统一口径",
        sub="敏感和社会关注的信息，发布前汇总各单位情况，一个口径对外",
        table=table,
        chips=[common.chip(request, "state", "状态", states)],
        pager=common.paging(request, page),
        empty={"title": "没有在征求口径的信息", "words": "在信息的事项页点“征求口径”，选择有关单位。"},
    )
    return render(request, "publications/list.html", context)


def _row(one: Clearance, counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    answered, asked = counts[one.pk]
    return {
        "cells": [
            {"words": one.publication.title, "url": one.get_absolute_url()},
            {"words": str(one.unit)},
            {"words": f"{asked}个单位，{answered}个已答复"},
            {"words": one.state_label, "light": one.state_light},
            {"words": when(one.opened_at)},
        ]
    }
