"""Staff pages of fixed-point disclosure: what hangs where, what is due to come down, and the outlets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gongkai.channels.zones.kinds import OUTLET, POSTING
from gongkai.channels.zones.models import Item, Outlet, OutletForm, Posting
from gongkai.channels.zones.views import chip, list_page, working
from gongkai.core import listing, sheets
from gongkai.core.acts import acts
from gongkai.core.templatetags.gongkai import fullday


def _button(request: HttpRequest, key: str, here: str) -> list[dict[str, Any]]:
    act = acts[key]
    if not act.permitted(None, request.user):
        return []
    url = f"{reverse('workbench:new', args=key.split('.'))}?back={reverse(here)}"
    return [{"label": act.label, "url": url, "icon": act.icon, "primary": True}]


@working
@require_safe
def postings(request: HttpRequest) -> HttpResponse:
    """定点公开: by the day on which something is to be done."""
    rows = Posting.objects.visible_to(request.user).select_related("outlet", "unit")
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    if request.GET.get("item") in Item.values:
        rows = rows.filter(item=request.GET["item"])
    if request.GET.get("export") == "xlsx":
        found = rows.order_by("until_day", "pk")[: listing.LIMIT_OF_EXPORT]
        lines = [
            [one.number, one.title, one.get_item_display(), str(one.outlet), one.outlet.area, one.unit.name, one.from_day,
             one.until_day, one.state_label, one.put_up_at, one.taken_down_at] for one in found
        ]  # fmt: skip
        head = (
            "编号",
            "公开的信息",
            "公开事项",
            "载体",
            "面向",
            "管理单位",
            "张贴日期",
            "撤下日期",
            "状态",
            "实际张贴",
            "实际撤下",
        )
        return listing.download(sheets.workbook("定点公开", head, lines), "定点公开.xlsx", "xlsx")
    page = listing.page_of(rows, request.GET, listing.size())
    table = [
        {
            "cells": [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": one.get_item_display()},
                {"words": str(one.outlet)},
                {"words": one.outlet.area},
                {"words": fullday(one.until_day)},
                {"words": one.state_label, "light": one.state_light},
            ]
        }
        for one in page.rows
    ]
    heads = ("公开的信息", "公开事项", "载体", "面向", "贴到", "状态")
    export = {
        "label": "导出",
        "url": listing.address(request.GET, export="xlsx"),
        "icon": "download",
        "phone": False,
    }
    due = request.GET.get("state") == "due"
    return list_page(
        request,
        "postings",
        title="定点公开",
        sub="面向特定区域和人群的事项，贴在查阅点、公告栏、电子屏；到期提醒撤下",
        buttons=[*_button(request, "posting.plan", "zones:postings"), export],
        chips=[
            {"label": "该撤下的", "url": listing.address(request.GET, state=None if due else "due"), "on": due},
            chip(request, "state", "状态", [(code, one.label) for code, one in POSTING.states.items()]),
            chip(request, "item", "公开事项", list(Item.choices)),
        ],
        table={"caption": "定点公开", "heads": [{"label": label} for label in heads], "rows": table},
        pager=listing.paging(request.GET, page),
        empty={
            "title": "没有张贴",
            "words": listing.beginning(request.user, "posting.plan", "先登记载体，再点“安排张贴”。"),
        },
    )


@working
@require_safe
def outlets(request: HttpRequest) -> HttpResponse:
    """载体: reading points, boards and screens."""
    rows = Outlet.objects.visible_to(request.user).select_related("unit")
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    if request.GET.get("form") in OutletForm.values:
        rows = rows.filter(form=request.GET["form"])
    page = listing.page_of(rows, request.GET, listing.size())
    table = [
        {
            "cells": [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": one.get_form_display()},
                {"words": one.area},
                {"words": one.address},
                {"words": str(one.unit)},
                {"words": one.state_label, "light": "ok" if one.state == "active" else "done"},
            ]
        }
        for one in page.rows
    ]
    heads = ("名称", "载体", "面向", "位置", "管理单位", "状态")
    return list_page(
        request,
        "outlets",
        title="定点公开载体",
        sub="公共查阅点、公告栏、电子信息屏",
        buttons=_button(request, "outlet.register", "zones:outlets"),
        chips=[
            chip(request, "form", "载体", list(OutletForm.choices)),
            chip(request, "state", "状态", [(code, one.label) for code, one in OUTLET.states.items()]),
        ],
        table={"caption": "定点公开载体", "heads": [{"label": label} for label in heads], "rows": table},
        pager=listing.paging(request.GET, page),
        empty={
            "title": "没有载体",
            "words": listing.beginning(request.user, "outlet.register", "点“登记载体”，写明在哪里、面向谁。"),
        },
    )
