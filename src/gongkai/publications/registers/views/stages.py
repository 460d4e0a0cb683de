"""五公开: which stages of work each body publishes about, and which rules carry the stages into its work (000-1a)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.navigation import shell
from gongkai.publications.models import PublicDocument, Stage
from gongkai.publications.registers.models import DisclosureBody
from gongkai.publications.registers.queries import rules_of
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working

YEARS_BACK = 4


def counts_of(units: list[int], year: int | None) -> dict[tuple[int, str], int]:
    """(unit, stage) -> public documents; of one year or of all. One query over the index of staged documents."""
    rows = PublicDocument.objects.filter(unit__in=units).exclude(stage="")
    if year is not None:
        rows = rows.filter(year=year)
    found = rows.values("unit", "stage").annotate(number=Count("pk")).order_by()
    return {(row["unit"], row["stage"]): row["number"] for row in found}


@working
def index(request: HttpRequest) -> HttpResponse:
    """One line for each body the person may read: documents by stage, and the three rules."""
    user = request.user
    this_year = timezone.localdate().year
    years = [str(this_year - back) for back in range(YEARS_BACK + 1)]
    year = int(request.GET["year"]) if request.GET.get("year") in years else None
    rows = DisclosureBody.objects.visible_to(user).filter(state="confirmed").select_related("unit")
    exporting = request.GET.get("export") == "xlsx"
    page = common.keyset(rows, request.GET, listing.LIMIT_OF_EXPORT if exporting else listing.size())
    counts = counts_of([body.unit_id for body in page.rows], year)
    rules = rules_of([body.pk for body in page.rows])
    lines = [_row(body, counts, rules.get(body.pk, []), year) for body in page.rows]
    heads = ["单位", *(label for _, label in Stage.choices), "五公开规则"]
    if exporting:
        plain = [[cell["words"] for cell in line["cells"]] for line in lines]
        return listing.download(sheets.workbook("五公开", heads, plain), "五公开", "xlsx")
    context = shell(
        request,
        current="registers:stages",
        title="五公开",
        sub="决策、执行、管理、服务、结果各公开了多少，三项规则是否写明五个环节",
        table={
            "caption": "各单位五公开情况",
            "heads": [{"label": label, "number": label in Stage.labels} for label in heads],
            "rows": lines,
        },
        chips=[common.chip(request, "year", "成文年份", [(one, f"{one}年") for one in years])],
        pager=common.paging(request, page),
        buttons=[
            {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
        ],
        empty={
            "title": "还没有确认的公开主体",
            "words": "在“公开主体和指南”里申报并确认后，这里列出各单位的五公开情况。",
        },
    )
    return render(request, "publications/list.html", context)


def _row(
    body: DisclosureBody, counts: dict[tuple[int, str], int], rules: list[dict[str, Any]], year: int | None
) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [{"words": str(body.unit), "url": body.get_absolute_url()}]
    for code in Stage.values:
        number = counts.get((body.unit_id, code), 0)
        more = f"&year={year}" if year else ""
        url = f"{reverse('information:stage', args=[code])}?unit={body.unit.code}{more}" if number else ""
        cells.append({"words": str(number), "url": url, "number": True, "light": "" if number else "soon"})
    named = [line for line in rules if line["rule"]]
    whole = [line for line in named if not line["rule"].missing]
    if len(whole) == len(rules):
        cells.append({"words": "三项都写明五个环节", "light": "done"})
    else:
        left = "、".join(line["label"] for line in rules if line not in whole)
        cells.append({"words": f"缺：{left}", "light": "soon"})
    return {"cells": cells}
