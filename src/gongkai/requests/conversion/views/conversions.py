"""转为主动公开: the list with its figures, and the page on which a publication is drafted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, privacy, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.measures import Scope, measures
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.kinds import CONVERSION
from gongkai.requests.conversion.models import Conversion
from gongkai.requests.conversion.views import common

HERE = "conversion:index"
HEAD = (
    "编号",
    "申请登记号",
    "内容",
    "单位",
    "答复日期",
    "可否转为主动公开",
    "理由",
    "暂缓到",
    "公开稿件",
    "公开日期",
    "按期",
    "状态",
)
MEASURES = ("conversion.share", "conversion.on_time_share", "conversion.undecided")


def filtered(request: HttpRequest) -> QuerySet[Conversion]:
    """The conversions the person may read, with the conditions of the address."""
    get = request.GET
    rows = Conversion.objects.visible_to(request.user)
    rows = rows.filter(listing.conditions(get, request.user, timezone.now()))
    if get.get("state") in CONVERSION.states:
        rows = rows.filter(state=get["state"])
    year = common.year_of(get.get("year", ""))
    return rows.filter(replied_on__year=year) if year is not None else rows


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    rows = filtered(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    related = ("unit", "clock", "handler", "request", "publication")
    found, pager = common.newest_first(request, rows.select_related(*related), "replied_on")
    listing.with_faces(found, timezone.now())
    context = shell(
        request,
        current=HERE,
        title="转为主动公开",
        sub="依申请提供、可以让公众广泛知晓的信息，原则上在答复后30日内公开",
        tabs=common.tabs("index"),
        figures_shown=_figures(request),
        table={
            "caption": "转为主动公开",
            "heads": common.heads("事项", "单位", "答复", "状态和时限", "公开稿件", "公开"),
            "rows": [_row(case) for case in found],
        },
        chips=_chips(request),
        pager=pager,
        buttons=[common.export_button(request)],
        empty={"title": "没有符合条件的事项", "words": "答复提供了信息的申请，送达后自动列在这里。"},
    )
    return render(request, "conversion/list.html", context)


def _figures(request: HttpRequest) -> list[dict[str, Any]]:
    """The measures of the units the person sees, this year or the year of the filter."""
    user = request.user
    year = common.year_of(request.GET.get("year", "")) or timezone.localdate().year
    units = None if listing.wide(user) else tuple(unit for unit in user.roles_by_unit)
    scope = Scope(units=units, since=dt.date(year, 1, 1), until=dt.date(year + 1, 1, 1))
    shown = []
    for name in MEASURES:
        one = measures[name]
        figure = one.compute(scope)
        url = f"{reverse(HERE)}?year={year}&{figure.cases}" if figure.cases else ""
        shown.append({"measure": one, "figure": figure, "url": url, "year": year})
    return shown


def _row(case: Conversion) -> dict[str, Any]:
    face = case.face  # type: ignore[attr-defined]
    standing = {"words": f"{case.state_label}，{face.words}", "light": face.light} if face and case.is_open else {}
    public = day(case.published_on) if case.published_on else ""
    if case.in_time is not None:
        public = f"{public}，{'按期' if case.in_time else '超过期限'}"
    return {
        "cells": [
            {"words": case.request.title, "url": case.get_absolute_url()},
            {"words": str(case.unit)},
            {"words": day(case.replied_on)},
            standing or {"words": case.state_label, "light": case.light},
            {"words": case.publication.number if case.publication else ""},
            {"words": public},
        ]
    }


def _chips(request: HttpRequest) -> list[dict[str, Any]]:
    year = timezone.localdate().year
    return [
        common.chip(request, "state", "状态", [(code, state.label) for code, state in CONVERSION.states.items()]),
        common.chip(request, "year", "答复年度", [(str(one), f"{one}年") for one in range(year, year - 6, -1)]),
        *listing.chips(request, [choice for choice in (listing.unit_choice(),) if listing.wide(request.user)]),
    ]


def _export(rows: QuerySet[Conversion]) -> HttpResponse:
    found = rows.select_related("unit", "request", "publication").order_by("-replied_on", "-pk")
    lines = (
        (
            case.number,
            case.request.number,
            case.request.title,
            case.unit.name,
            case.replied_on,
            case.get_verdict_display(),
            case.verdict_reason,
            case.postponed_until,
            case.publication.number if case.publication else "",
            case.published_on,
            {None: "", True: "按期", False: "超过期限"}[case.in_time],
            case.state_label,
        )
        for case in found[: listing.LIMIT_OF_EXPORT]
    )
    return listing.download(sheets.workbook("转为主动公开", HEAD, lines), "转为主动公开.xlsx", "xlsx")


@common.working
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What was given, what was found in it, and the draft to be made of it."""
    rows = Conversion.objects.visible_to(request.user).select_related(
        "unit", "supervisor", "lead", "clock", "handler", "request", "publication"
    )
    case = rows.filter(pk=pk).first()
    if case is None:
        raise Http404("没有这件事项，或者你不能查看。")
    act = acts["conversion.draft"]
    if not act.permitted(case, request.user):
        raise PermissionDenied("只有承办单位的经办人和信息公开员可以起草公开稿件。")
    if not act.starts_from(case):
        messages.error(request, f"事项现在是“{case.state_label}”，不能起草。")
        return redirect(case.get_absolute_url())
    given = giving.everything(case.request)
    failure, status = "", 200
    form = act.form(case, request.user, initial=giving.suggested(case.request, given))
    if request.method == "POST":
        try:
            event = perform(act, case, request.user, request.POST)
        except InvalidData as problem:
            form, status = problem.form, 422
        except ActError as problem:
            form, failure, status = act.form(case, request.user, request.POST), str(problem), 409
        else:
            made = Conversion.objects.select_related("publication").get(pk=case.pk).publication
            messages.success(request, f"已起草：{event.summary}。请补全元数据后送审。")
            return redirect(made.get_absolute_url() if made else case.get_absolute_url())
    else:
        labels = [f"材料：{one.material.title}" for one in given]
        if labels:
            privacy.looked(case.request, request.user, labels, "起草公开稿件")
    _offer(form, given)
    context = shell(
        request,
        current=HERE,
        title="起草公开稿件",
        sub=case.request.title,
        case=case,
        form=form,
        given=given,
        found=sum(len(one.found) for one in given),
        failure=failure,
        crumbs=[
            {"label": "转为主动公开", "url": reverse(HERE)},
            {"label": case.number, "url": case.get_absolute_url()},
            {"label": "起草公开稿件", "url": ""},
        ],
    )
    return render(request, "conversion/draft.html", context, status=status)


def _offer(form: Any, given: list[giving.Given]) -> None:
    """Only files in which nothing was found may go along; without any, nothing is asked about them."""
    fitting = [one.material.pk for one in given if one.fits]
    if not fitting:
        del form.fields["materials"], form.fields["looked"]
        return
    field: Any = form.fields["materials"]
    field.queryset = field.queryset.filter(pk__in=fitting)
    if not any(one.unread for one in given if one.fits):
        del form.fields["looked"]
