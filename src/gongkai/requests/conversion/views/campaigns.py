"""答复信息复查: the list, and the items that are decided on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gongkai.core import listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.requests import decisions
from gongkai.requests.conversion import queries
from gongkai.requests.conversion.models import CampaignItem, ConversionCampaign, Verdict
from gongkai.requests.conversion.views import common

HERE = "conversion:campaigns"


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """All reviews of replies the person may read."""
    rows = ConversionCampaign.objects.visible_to(request.user).select_related("unit")
    found, pager = common.newest_first(request, rows, "opened_at")
    numbers = {
        row["campaign"]: row
        for row in CampaignItem.objects.filter(campaign__in=[case.pk for case in found])
        .order_by()
        .values("campaign")
        .annotate(n=Count("pk"), done=Count("pk", filter=~Q(verdict="")), yes=Count("pk", filter=Q(verdict="yes")))
    }
    context = shell(
        request,
        current="conversion:index",
        title="答复信息复查",
        sub="以前依申请提供、还没有主动公开的信息，重新判断可否转为主动公开",
        tabs=common.tabs("campaigns"),
        table={
            "caption": "答复信息复查",
            "heads": common.heads("复查", "单位", "答复日期", "状态", "进度"),
            "rows": [_row(case, numbers.get(case.pk, {})) for case in found],
        },
        pager=pager,
        buttons=common.new_button(request, "conversion_campaign.launch", reverse(HERE), primary=True),
        empty={"title": "还没有答复信息复查", "words": "发起后，列出一段时间依申请提供的信息，逐件或者成批判断。"},
    )
    return render(request, "conversion/list.html", context)


def _row(case: ConversionCampaign, numbers: dict[str, int]) -> dict[str, Any]:
    words = f"{numbers.get('n', 0)}件，已判断{numbers.get('done', 0)}件，转{numbers.get('yes', 0)}件"
    return {
        "cells": [
            {"words": case.title, "url": case.get_absolute_url()},
            {"words": str(case.unit)},
            {"words": f"{day(case.since)}至{day(case.until)}"},
            {"words": case.state_label, "light": case.light},
            {"words": words},
        ]
    }


@common.working
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The replies of a review; verdicts are written here for those that are ticked."""
    rows = ConversionCampaign.objects.visible_to(request.user).select_related("unit", "supervisor", "lead", "clock")
    case = rows.filter(pk=pk).first()
    if case is None:
        raise Http404("没有这次复查，或者你不能查看。")
    act = acts["conversion_campaign.decide"]
    usable = act.permitted(case, request.user) and act.starts_from(case)
    form, failure, status = act.form(case, request.user) if usable else None, "", 200
    if request.method == "POST" and usable:
        try:
            event = perform(act, case, request.user, request.POST)
        except InvalidData as problem:
            form, status = problem.form, 422
        except ActError as problem:
            form, failure, status = act.form(case, request.user, request.POST), str(problem), 409
        else:
            messages.success(request, f"已判断：{event.summary}")
            return redirect(f"{request.path}?{request.GET.urlencode()}")
    found = CampaignItem.objects.filter(campaign=case.pk).select_related("request", "request__conversion")
    verdict = request.GET.get("verdict", "")
    if verdict in ("yes", "no", "none"):
        found = found.filter(verdict="" if verdict == "none" else verdict)
    if request.GET.get("export") == "xlsx":
        return _export(case, found)
    page, pager = _page(request, found)
    readable = queries.readable(request.user, *(item.request for item in page))
    for item in page:
        item.readable = item.request_id in readable
        item.decision_words = decisions.short_of(item.request.decision) if item.request.decision else ""
    context = shell(
        request,
        current="conversion:index",
        title=f"复查的答复：{case.title}",
        case=case,
        numbers=queries.campaign_figures(case.pk),
        items=page,
        form=form,
        failure=failure,
        chosen=set(listing.ids_of(request.POST.getlist("items"))) if status != 200 else set(),
        chips=[
            common.chip(request, "verdict", "结论", [("none", "还没有判断"), ("yes", "可以"), ("no", Verdict.NO.label)])
        ],
        pager=pager,
        buttons=[common.export_button(request)],
        crumbs=[
            {"label": "答复信息复查", "url": reverse(HERE)},
            {"label": case.number, "url": case.get_absolute_url()},
            {"label": "复查的答复", "url": ""},
        ],
    )
    return render(request, "conversion/items.html", context, status=status)


def _page(request: HttpRequest, rows: Any) -> tuple[list[Any], dict[str, str]]:
    """Items in their order; forwards only, the way back is the first page."""
    last = listing.ids_of([request.GET.get("after", "")])
    if last:
        rows = rows.filter(pk__gt=last[0])
    size = listing.size()
    found = list(rows.order_by("pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    return found, {
        "previous_url": listing.address(request.GET) if last else "",
        "next_url": listing.address(request.GET, after=str(found[-1].pk)) if more else "",
    }


def _export(case: ConversionCampaign, rows: Any) -> HttpResponse:
    head = ("申请登记号", "内容", "答复类型", "答复日期", "可否转为主动公开", "理由", "判断岗位", "公开日期")
    lines = []
    for item in rows.order_by("pk")[: listing.LIMIT_OF_EXPORT]:
        made = getattr(item.request, "conversion", None)
        lines.append(
            (
                item.request.number,
                item.request.title,
                decisions.short_of(item.request.decision) if item.request.decision else "",
                item.request.replied_on,
                item.get_verdict_display(),
                item.reason,
                item.decided_by,
                made.published_on if made else None,
            )
        )
    return listing.download(sheets.workbook("复查的答复", head, lines), f"{case.number}复查的答复.xlsx", "xlsx")
