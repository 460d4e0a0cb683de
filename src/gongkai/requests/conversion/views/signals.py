"""热点线索: what people asked about elsewhere, entered one by one, from Excel, or sent by other systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import attachments, listing, sheets
from gongkai.core.forms import DayField, OneFileField, UnitField
from gongkai.core.models import User
from gongkai.core.navigation import shell
from gongkai.core.roles import STAFF, Role
from gongkai.core.templatetags.gongkai import day
from gongkai.requests.conversion import settings, signals
from gongkai.requests.conversion.models import Signal
from gongkai.requests.conversion.views import common

HERE = "conversion:signals"
ENTERING = frozenset({*STAFF, Role.OFFICE})
SHOWN_ERRORS = 50


class SignalForm(forms.Form):
    """One signal."""

    source = forms.ChoiceField(label="来源")
    day = DayField(label="日期")
    words = forms.CharField(
        label="反映的内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="只写是什么事，不写是谁。手机号、住址等会自动去除。",
    )
    number = forms.IntegerField(label="数量", min_value=1, max_value=signals.MOST_NUMBER, initial=1)
    area = forms.CharField(label="领域", max_length=40, required=False)
    unit = UnitField(label="涉及单位", required=False)
    key = forms.CharField(label="来源编号", max_length=80, required=False, help_text="同一编号只登记一次。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["source"]
        field.choices = list(settings.sources().items())


class SheetForm(forms.Form):
    """An Excel file."""

    file = OneFileField(label="Excel 文件", help_text=f"用模板填写，一次最多{signals.MOST_LINES}行。")


def may_enter(user: User) -> bool:
    """Whether the person may bring signals in."""
    return bool(user.role_set & ENTERING)


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The stream, and the form to add to it."""
    may = may_enter(request.user)
    form, status = SignalForm(initial={"day": timezone.localdate()}), 200
    if request.method == "POST":
        if not may:
            raise PermissionDenied("热点线索由信息公开员、经办人和政务公开主管登记。")
        form = SignalForm(request.POST)
        done = form.is_valid() and _enter(request, form)
        if done:
            return redirect(request.path)
        status = 422
    rows = _filtered(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    found, pager = common.newest_first(request, rows.select_related("unit"), "day")
    names = settings.sources()
    buttons = [common.export_button(request)]
    if may:
        buttons.append({"label": "导入", "url": reverse("conversion:import"), "icon": "file-spreadsheet"})
    context = shell(
        request,
        current="conversion:topics",
        title="热点线索",
        sub="一网通办、好差评、12345热线、领导信箱、微博微信和网站留言板反映的内容，与申请一起排行",
        tabs=common.topic_tabs("signals"),
        table={
            "caption": "热点线索",
            "heads": [
                *common.heads("内容", "来源", "日期"),
                {"label": "数量", "number": True},
                *common.heads("领域", "涉及单位", "登记"),
            ],
            "rows": [_row(row, names) for row in found],
        },
        chips=[
            common.chip(request, "source", "来源", list(names.items())),
            common.chip(request, "way", "方式", list(Signal.Way.choices)),
        ],
        pager=pager,
        buttons=buttons,
        form=form if may else None,
        empty={"title": "还没有热点线索", "words": "可以逐条录入，用 Excel 导入，或者由其他系统通过接口报送。"},
    )
    return render(request, "conversion/signals.html", context, status=status)


def _enter(request: HttpRequest, form: SignalForm) -> bool:
    data = form.cleaned_data
    row = {**data, "unit": data["unit"].code if data["unit"] else ""}
    report = signals.take([("", row)], request.user, Signal.Way.FORM, timezone.now())
    if report.errors:
        form.add_error("words", report.errors[0].removeprefix("："))
        return False
    if report.known:
        form.add_error("key", "这个来源编号已经登记过。")
        return False
    messages.success(request, "已登记，其中的个人信息已经去除。" if report.masked else "已登记。")
    return True


def _filtered(request: HttpRequest) -> QuerySet[Signal]:
    rows = Signal.objects.all()
    get = request.GET
    if get.get("source") in settings.sources():
        rows = rows.filter(source=get["source"])
    return rows.filter(way=get["way"]) if get.get("way") in Signal.Way.values else rows


def _row(row: Signal, names: dict[str, str]) -> dict[str, Any]:
    return {
        "cells": [
            {"words": row.words},
            {"words": names.get(row.source, row.source)},
            {"words": day(row.day)},
            {"words": row.number, "number": True},
            {"words": row.area},
            {"words": str(row.unit) if row.unit else ""},
            {"words": f"{row.get_way_display()}{'，已去除个人信息' if row.masked else ''}"},
        ]
    }


def _export(rows: QuerySet[Signal]) -> HttpResponse:
    names = settings.sources()
    lines = (
        (names.get(row.source, row.source), row.day, row.words, row.number, row.area, str(row.unit or ""), row.key)
        for row in rows.select_related("unit").order_by("-day", "-pk")[: listing.LIMIT_OF_EXPORT]
    )
    return listing.download(sheets.workbook("热点线索", signals.HEAD, lines), "热点线索.xlsx", "xlsx")


@common.working
def bring(request: HttpRequest) -> HttpResponse:
    """Import from Excel: a trial run first, nothing is taken while any row has a fault."""
    if not may_enter(request.user):
        raise PermissionDenied("热点线索由信息公开员、经办人和政务公开主管登记。")
    form, failure, report, status = SheetForm(), "", None, 200
    trial = "trial" in request.POST
    if request.method == "POST":
        form = SheetForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data["file"].read()
            try:
                attachments.check(attachments.clean_name(form.cleaned_data["file"].name or ""), data)
                rows = signals.sheet_rows(data)
                report = signals.take(rows, request.user, Signal.Way.SHEET, timezone.now(), dry_run=trial)
            except (signals.SheetError, ValidationError) as problem:
                failure = "；".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
                status = 422
            else:
                if not report.errors and not trial:
                    messages.success(request, _said(report))
                    return redirect(HERE)
                status = 422 if report.errors else 200
        else:
            status = 422
    context = shell(
        request,
        current="conversion:topics",
        title="导入热点线索",
        sub="先试运行，看有没有错误；有一行错误，整个文件都不导入",
        form=form,
        failure=failure,
        report=report,
        said=_said(report) if report else "",
        errors=report.errors[:SHOWN_ERRORS] if report else [],
        more=max(0, len(report.errors) - SHOWN_ERRORS) if report else 0,
        buttons=[{"label": "下载模板", "url": reverse("conversion:template"), "icon": "download"}],
        crumbs=[{"label": "热点线索", "url": reverse(HERE)}, {"label": "导入", "url": ""}],
    )
    return render(request, "conversion/import.html", context, status=status)


def _said(report: signals.Report) -> str:
    words = f"可以导入{report.taken}条" if report.errors else f"{report.taken}条"
    if report.known:
        words += f"，编号已经登记过的{report.known}条不再登记"
    return words + (f"，{report.masked}条去除了个人信息" if report.masked else "") + "。"


@common.working
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    return listing.download(signals.template(), "热点线索模板.xlsx", "xlsx")
