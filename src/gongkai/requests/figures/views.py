"""Pages of the figures: annual tables, the requests behind a cell, pace; and what the public sees."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing
from gongkai.core.navigation import shell, signed_in
from gongkai.core.portal import portal_shell
from gongkai.core.templatetags.gongkai import day
from gongkai.law import annual_tables as law
from gongkai.requests.figures import paper, shown, tables
from gongkai.requests.figures.scope import chosen_units, seen_units
from gongkai.requests.models import Category, Request
from gongkai.requests.pages.shell import crumbs


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    this = timezone.localdate().year
    return int(asked) if asked.isascii() and asked.isdigit() and 2008 <= int(asked[:4]) <= this else this


@signed_in
def index(request: HttpRequest) -> HttpResponse:
    """依申请公开统计: tables B and C live, what does not add up, and the pace of replies."""
    seen = seen_units(request.user)
    units, year = chosen_units(request.GET, seen), _year(request)
    table, broken = tables.checked(units, year)
    appeals, broken_appeals = tables.table_c(units, year)
    paces = tables.pace(units, year)

    def cell_url(row: str, column: str) -> str:
        where = listing.address(request.GET, year=str(year), row=row, column=column)
        return f"{reverse('request-figures:cases')}{where}"

    def pace_url(group: str, key: str, cell: str) -> str:
        where = listing.address(request.GET, year=str(year), by=group, key=key, cell=cell)
        return f"{reverse('request-figures:cases')}{where}"

    def appeal_url(group: str, cell: str) -> str:
        return f"{reverse('appeals:index')}{listing.address(request.GET, year=str(year), cell=f'{group}.{cell}')}"

    formats = ("xlsx", "Excel"), ("docx", "Word"), ("json", "JSON")
    menu = [
        {"label": words, "url": reverse("request-figures:table", args=[form]) + listing.address(request.GET)}
        for form, words in formats
    ]
    context = shell(
        request,
        current="request-figures:index",
        title=f"依申请公开统计（{year}年）",
        sub="年报表格随办理情况实时更新，每个数字都可以点开查看是哪些申请",
        buttons=[{"label": "导出表格", "icon": "download", "menu": menu, "phone": False}],
        chips=[_year_chip(request, year), *_unit_chip(request, seen)],
        tiles=shown.tiles(
            table,
            paces.every,
            tables.open_now(units),
            cell_url,
            late=pace_url("all", "", "late"),
            open_now=reverse("requests:index") + listing.address(request.GET, year=None),
        ),
        table_b=shown.table_b(table, cell_url),
        table_c=shown.table_c(appeals, appeal_url),
        fees=_fees(request, units, year),
        broken=[*broken, *broken_appeals],
        paces=shown.paces(paces, pace_url),
        year=year,
    )
    return render(request, "request_figures/index.html", context)


def _fees(request: HttpRequest, units: list[int], year: int) -> dict[str, Any]:
    """What the last section of the annual report says of fees."""
    total, number = tables.fees_paid(units, year)
    where = listing.address(request.GET, year=str(year), by=tables.FEES)
    return {"total": total, "number": number, "url": f"{reverse('request-figures:cases')}{where}"}


def _year_chip(request: HttpRequest, year: int) -> dict[str, Any]:
    return {
        "label": "年度",
        "value": f"{year}年",
        "clear_url": listing.address(request.GET, year=None),
        "options": [
            {"label": f"{one}年", "url": listing.address(request.GET, year=str(one))} for one in tables.years()
        ],
    }


def _unit_chip(request: HttpRequest, seen: dict[int, str]) -> list[dict[str, Any]]:
    if len(seen) < 2:
        return []
    return listing.chips(request, [listing.Choice("unit", "单位", [(str(pk), name) for pk, name in seen.items()])])[:1]


@signed_in
def cases(request: HttpRequest) -> HttpResponse:
    """The requests that one cell of table B counts, or one number of the pace."""
    try:
        rows, name = _behind(request)
    except ValueError as error:
        raise Http404(str(error)) from None
    rows = rows.filter(pk__in=Request.objects.visible_to(request.user).values("pk"))
    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(rows, request.GET["export"], name[:60], timezone.now())
    page = listing.page_of(rows.select_related("unit"), request.GET, listing.size())
    heads = ("信息名称或内容", "受理号", "单位", "申请人类型", "收到日期", "答复日期", "结果")
    context = shell(
        request,
        current="request-figures:index",
        title=name,
        sub="这个数字里的申请",
        table={
            "caption": name,
            "heads": [{"label": label} for label in heads],
            "rows": [_row(one) for one in page.rows],
        },
        buttons=[{"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download"}],
        back=reverse("request-figures:index")
        + listing.address(request.GET, row=None, column=None, by=None, key=None, cell=None, after=None, before=None),
        pager=listing.paging(request.GET, page),
        empty={"title": "这一格是0", "words": "没有申请计入这里。"},
    )
    return render(request, "request_figures/cases.html", context)


def _behind(request: HttpRequest) -> tuple[QuerySet[Request], str]:
    """The requests of a number and what it is called. Raises ValueError for one that nobody shows."""
    units, year = chosen_units(request.GET, seen_units(request.user)), _year(request)
    get = request.GET
    if get.get("by") == tables.FEES:
        return tables.behind_fees(units, year), f"{year}年收取信息处理费的申请"
    if "by" in get:
        asked = get["by"], get.get("key", ""), get.get("cell", "")
        return tables.behind_pace(units, year, *asked), tables.pace_words(year, *asked)
    row, column = get.get("row", ""), get.get("column", "")
    return tables.behind(units, year, row, column), f"{year}年{law.cell_label('B', row, column)}"


def _row(one: Request) -> dict[str, Any]:
    return {
        "cells": [
            {"words": one.title, "url": one.get_absolute_url()},
            {"words": one.number},
            {"words": str(one.unit)},
            {"words": Category(one.category).label},
            {"words": day(one.received_on) if one.received_on else "待确认"},
            {"words": day(one.replied_on) if one.replied_on else ""},
            {"words": one.outcome or one.state_label},
        ]
    }


@signed_in
def table(request: HttpRequest, form: str) -> HttpResponse:
    """Tables B and C as Excel, Word or JSON."""
    units, year = chosen_units(request.GET, seen_units(request.user)), _year(request)
    b, c = tables.table_b(units, year), tables.table_c(units, year)[0]
    name = f"{year}年政府信息公开申请情况表"
    if form == "json":
        data = {"year": year, "b": _nested(b), "c": _nested(c), "fees": tables.fees_paid(units, year)[0]}
        return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})
    make = paper.workbook if form == "xlsx" else paper.document
    return listing.download(make(year, b, c), name, form)


def _nested(table: dict[law.Cell, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (row, column), number in table.items():
        found.setdefault(row, {})[column] = number
    return found


def public(request: HttpRequest) -> HttpResponse:
    """What everybody may know: how many requests came in, what became of them, how fast."""
    year = _year(request)
    table, paces = tables.table_b(None, year), tables.pace(None, year)
    context = portal_shell(
        request,
        title=f"{year}年依申请公开统计",
        year=year,
        years=[{"label": f"{one}年", "year": one, "current": one == year} for one in tables.years()],
        figures=shown.public_figures(table, paces.every),
        table_b=shown.table_b(table, None),
        paces=shown.paces(paces),
        crumbs=crumbs(("统计", "")),
    )
    return render(request, "request_figures/public.html", context)
