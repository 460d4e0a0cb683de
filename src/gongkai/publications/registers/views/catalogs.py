"""Staff pages of catalogs: whose there are, the tree of each, its columns, Excel, and how up to date they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import attachments, listing, sheets
from gongkai.core.acts import acts
from gongkai.core.forms import OneFileField, UnitField
from gongkai.core.models import Unit, User
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day, fullday
from gongkai.publications.models import CatalogColumn
from gongkai.publications.registers import columns, queries
from gongkai.publications.registers.columns import ColumnError
from gongkai.publications.registers.freshness import LIGHTS, STANDING_LABELS, Standing
from gongkai.publications.registers.models import Catalog, ColumnUpdate
from gongkai.publications.registers.views import common
from gongkai.publications.views.common import working

COMMON = "各单位共用栏目"
_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@working
def index(request: HttpRequest) -> HttpResponse:
    """公开目录: one line for each body's catalog, and the columns common to all."""
    user, now = request.user, timezone.now()
    rows = Catalog.objects.visible_to(user).filter(listing.conditions(request.GET, user, now)).select_related("unit")
    rows = rows.annotate(
        column_count=Count("unit__columns", filter=Q(unit__columns__active=True)),
        blank_count=Count(
            "unit__columns", filter=Q(unit__columns__active=True, unit__columns__updated_at__isnull=True)
        ),
    )
    page = common.keyset(rows, request.GET, listing.size())
    lines = [
        {
            "cells": [
                {"words": one.title, "url": reverse("registers:catalog", args=[one.unit.code])},
                {"words": str(one.column_count), "number": True},
                {"words": str(one.blank_count), "number": True},
                {"words": one.state_label, "url": one.get_absolute_url()},
                {"words": f"第{one.version_count}版" if one.version_count else "还没有公布"},
                {"words": day(one.published_at) if one.published_at else ""},
            ]
        }
        for one in page.rows
    ]
    buttons: list[dict[str, Any]] = [
        {"label": COMMON, "url": reverse("registers:catalog", args=["common"]), "icon": "list-tree", "phone": False}
    ]
    if acts["catalog.open"].permitted(None, user):
        url = common.new_url("catalog.open", reverse("registers:catalogs"))
        buttons.append({"label": "编制公开目录", "url": url, "icon": "plus", "primary": True})
    heads = [{"label": words} for words in ("目录", "在用栏目", "其中空白", "状态", "公布的版本", "公布日期")]
    heads[1]["number"] = heads[2]["number"] = True  # type: ignore[assignment]
    context = shell(
        request,
        current="registers:catalogs",
        title="公开目录",
        sub="每个公开义务主体一份目录，栏目有责任单位、依据和更新期限",
        table={"caption": "公开目录", "heads": heads, "rows": lines},
        chips=[
            common.chip(request, "state", "状态", [("draft", "编写中"), ("review", "待审核"), ("published", "已公布")])
        ],
        pager=common.paging(request, page),
        buttons=buttons,
        empty={
            "title": "还没有公开目录",
            "words": listing.beginning(user, "catalog.open", "用“编制公开目录”，按条例的十五项一次建立栏目。"),
        },
    )
    return render(request, "registers/list.html", context)


# --- one tree ---------------------------------------------------------------------------------------------------------


def _readable(request: HttpRequest, code: str) -> Unit | None:
    unit = common.unit_of(code)
    if unit is not None and not common.oversees(request.user, unit) and unit.pk not in request.user.roles_by_unit:
        raise Http404("没有这个目录，或者你不能查看。")
    return unit


def _editable(request: HttpRequest, code: str) -> Unit | None:
    unit = _readable(request, code)
    if not common.may_edit(request.user, unit):
        raise PermissionDenied("目录由本单位信息公开员、经办人和政务公开主管维护。")
    return unit


@working
def catalog(request: HttpRequest, code: str) -> HttpResponse:
    """One body's tree: every column with owner, basis, interval, and how it stands."""
    unit = _readable(request, code)
    gone = request.GET.get("gone") == "1"
    rows = columns.of_unit(unit)
    lines = columns.with_standing(
        columns.tree((rows if gone else rows.filter(active=True))[: columns.MOST]), timezone.localdate()
    )
    editing = common.may_edit(request.user, unit)
    case = Catalog.objects.filter(unit=unit).first() if unit is not None else None
    buttons: list[dict[str, Any]] = []
    if case is not None:
        buttons.append({"label": "送审和公布", "url": case.get_absolute_url(), "icon": "send", "phone": False})
    if editing:
        excel = [
            {"label": "导出", "url": reverse("registers:catalog-export", args=[code])},
            {"label": "导入", "url": reverse("registers:catalog-import", args=[code])},
        ]
        buttons.append({"label": "Excel", "icon": "file-spreadsheet", "menu": excel, "phone": False})
        url = reverse("registers:column-new", args=[code])
        buttons.append({"label": "新增栏目", "url": url, "icon": "plus", "primary": True})
    title = f"{unit}公开目录" if unit is not None else COMMON
    context = shell(
        request,
        current="registers:catalogs",
        title=title,
        sub=f"{len(lines)}个栏目",
        lines=lines,
        labels=STANDING_LABELS,
        lights=LIGHTS,
        unit=unit,
        code=code,
        gone=gone,
        editing=editing,
        buttons=buttons,
        crumbs=_crumbs((title, "")),
    )
    for line in lines:
        line.column.words = columns.interval_words(line.column)  # type: ignore[attr-defined]
    return render(request, "registers/catalog.html", context)


def _crumbs(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "url": url} for label, url in (("公开目录", reverse("registers:catalogs")), *rows)]


@working
@require_POST
def install(request: HttpRequest, code: str) -> HttpResponse:
    """按条例建立栏目: the fifteen items of article 20, and article 21 by level."""
    unit = _editable(request, code)
    made = columns.install(request.user, unit)
    messages.success(request, f"已建立{made}个栏目。" if made else "条例要求的栏目都已经有了。")
    return redirect("registers:catalog", code)


@working
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The catalog as Excel, in the layout of the import."""
    unit = _readable(request, code)
    return listing.download(columns.export(unit), f"{unit or '共用'}公开目录.xlsx", "xlsx")


class FileForm(forms.Form):
    """The workbook, or the digest of one that was tried before."""

    file = OneFileField(label="Excel 文件", required=False, help_text="先导出，再在导出的文件上修改。")


@working
def take_in(request: HttpRequest, code: str) -> HttpResponse:
    """导入: tried first, then done; a second run changes nothing."""
    unit = _editable(request, code)
    form = FileForm(request.POST or None, request.FILES or None)
    report, digest = None, request.POST.get("digest", "")
    if request.method == "POST" and form.is_valid():
        try:
            data = read_upload(form, digest)
            sure = bool(request.POST.get("sure"))
            report = columns.take_in(request.user, unit, data, dry_run=not sure)
            if sure and not report.errors:
                messages.success(request, f"已导入：新增{report.created}个，修改{report.changed}个。")
                return redirect("registers:catalog", code)
            digest = attachments.keep(data).digest
        except (ColumnError, attachments.Refused) as problem:
            form.add_error("file", str(problem) if isinstance(problem, ColumnError) else " ".join(problem.messages))
    title = str(unit or COMMON)
    context = shell(
        request,
        current="registers:catalogs",
        title="导入目录",
        sub=title,
        form=form,
        report=report,
        digest=digest,
        template_url=reverse("registers:catalog-export", args=[code]),
        noun="个栏目",
        crumbs=_crumbs((title, reverse("registers:catalog", args=[code])), ("导入", "")),
    )
    return render(request, "registers/import.html", context, status=422 if form.errors else 200)


def read_upload(form: Any, digest: str) -> bytes:
    """The bytes that were uploaded now, or tried before. Raises ColumnError or attachments.Refused."""
    file = form.cleaned_data["file"]
    if file is not None:
        data = file.read()
        attachments.check(attachments.clean_name(file.name or ""), data)
        return data
    if len(digest) == 64 and digest.isalnum():
        try:
            return attachments.load(digest)
        except (OSError, ValueError):
            pass
    raise ColumnError("还没有选择文件。请选择后再提交。")


# --- one column -------------------------------------------------------------------------------------------------------


class ColumnForm(forms.ModelForm):
    """A column."""

    owner = UnitField(label="责任单位", required=False, help_text="不选就是目录所属的单位。")

    class Meta:
        model = CatalogColumn
        fields = (
            "title",
            "code",
            "parent",
            "part",
            "statutory_item",
            "owner",
            "basis",
            "description",
            "freshness",
            "update_days",
        )

    def __init__(self, *args: Any, unit: Unit | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["parent"].queryset = columns.of_unit(unit).filter(active=True).exclude(pk=self.instance.pk)
        fields["parent"].empty_label = "顶层"
        fields["code"].help_text = "字母、数字和连字符，用在网址里，公布后不要改。"
        fields["statutory_item"].help_text = "例如 20.7 表示条例第二十条第七项，21 表示第二十一条。"
        fields["freshness"].help_text = "更新期限按这一类的设置；另外填了更新周期的，按周期。"
        fields["freshness"].required = False


@working
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """新增栏目."""
    unit = _editable(request, code)
    return _column_page(request, CatalogColumn(unit=unit, owner=unit), unit, code, "新增栏目")


@working
def edit_column(request: HttpRequest, pk: int) -> HttpResponse:
    """修改栏目."""
    column = get_object_or_404(CatalogColumn.objects.select_related("unit", "parent"), pk=pk)
    code = column.unit.code if column.unit else "common"
    unit = _editable(request, code)
    return _column_page(request, column, unit, code, column.title)


def _column_page(request: HttpRequest, column: CatalogColumn, unit: Unit | None, code: str, title: str) -> HttpResponse:
    form = ColumnForm(request.POST or None, instance=column, unit=unit)
    if request.method == "POST" and form.is_valid():
        found = form.save(commit=False)
        found.owner = found.owner or unit
        try:
            columns.save(request.user, found, form.changed_data)
        except ColumnError as problem:
            form.add_error("parent", str(problem))
        else:
            messages.success(request, f"已保存：{found.title}")
            return redirect("registers:catalog", code)
    buttons: list[dict[str, Any]] = []
    if column.pk and column.active:
        buttons = [
            {"label": "并入其他栏目", "url": reverse("registers:column-merge", args=[column.pk]), "icon": "merge"},
            {"label": "停用", "url": reverse("registers:column-close", args=[column.pk]), "icon": "ban"},
        ]
    elif column.pk:
        buttons = [{"label": "恢复", "url": reverse("registers:column-close", args=[column.pk]), "icon": "rotate-ccw"}]
    context = shell(
        request,
        current="registers:catalogs",
        title=title,
        form=form,
        submit="保存",
        buttons=buttons,
        cancel_url=reverse("registers:catalog", args=[code]),
        crumbs=_crumbs((str(unit or COMMON), reverse("registers:catalog", args=[code])), (title, "")),
    )
    return render(request, "registers/form.html", context, status=422 if form.errors else 200)


def _mine(request: HttpRequest, pk: int) -> tuple[CatalogColumn, str]:
    column = get_object_or_404(CatalogColumn.objects.select_related("unit"), pk=pk)
    code = column.unit.code if column.unit else "common"
    _editable(request, code)
    return column, code


@working
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """上移、下移."""
    column, code = _mine(request, pk)
    columns.move(request.user, column, -1 if request.POST.get("to") == "up" else 1)
    return redirect(f"{reverse('registers:catalog', args=[code])}#column-{pk}")


@working
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """停用 or 恢复."""
    column, code = _mine(request, pk)
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        try:
            (columns.close if column.active else columns.reopen)(request.user, column)
        except ColumnError as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"已{'停用' if column.active else '恢复'}：{column.title}")
        return redirect("registers:catalog", code)
    word = "停用" if column.active else "恢复"
    notice = {
        "tone": "soon",
        "title": f"{word}“{column.title}”。",
        "words": "已经公开的信息不受影响，仍然可以检索和查阅。" if column.active else "栏目重新出现在目录里。",
    }
    context = shell(
        request,
        current="registers:catalogs",
        title=f"{word}栏目",
        form=form,
        submit=word,
        danger=column.active,
        notice=notice,
        cancel_url=reverse("registers:column", args=[pk]),
        crumbs=_crumbs((column.title, reverse("registers:column", args=[pk])), (word, "")),
    )
    return render(request, "registers/form.html", context)


class MergeForm(forms.Form):
    """Where the documents go."""

    into = forms.ModelChoiceField(label="并入", queryset=CatalogColumn.objects.none(), empty_label="请选择栏目")


@working
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """并入其他栏目: documents move, addresses and approvals stay."""
    column, code = _mine(request, pk)
    form = MergeForm(request.POST or None)
    others = CatalogColumn.objects.filter(active=True).exclude(pk=pk)
    form.fields["into"].queryset = others.filter(Q(unit=column.unit_id) | Q(unit__isnull=True))  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            moved = columns.merge(request.user, column, into)
        except ColumnError as problem:
            form.add_error("into", str(problem))
        else:
            messages.success(request, f"{column.title}已并入{into.title}，{moved}件信息随之转移。")
            return redirect("registers:catalog", code)
    notice = {
        "tone": "soon",
        "title": f"把“{column.title}”并入其他栏目。",
        "words": "信息转到新栏目，网址、版本和批准不变；原栏目停用。",
    }
    context = shell(
        request,
        current="registers:catalogs",
        title="合并栏目",
        form=form,
        submit="合并",
        notice=notice,
        cancel_url=reverse("registers:column", args=[pk]),
        crumbs=_crumbs((column.title, reverse("registers:column", args=[pk])), ("合并", "")),
    )
    return render(request, "registers/form.html", context, status=422 if form.errors else 200)


# --- how up to date ---------------------------------------------------------------------------------------------------


@working
def freshness(request: HttpRequest) -> HttpResponse:
    """栏目更新: blank and overdue columns first, the figures an inspection looks at."""
    user, today = request.user, timezone.localdate()
    rows = columns.asked_columns().select_related("unit", "owner")
    if not queries.is_office(user):
        mine = list(user.roles_by_unit)
        rows = rows.filter(Q(owner__in=mine) | Q(unit__in=mine))
    units = listing.ids_of(request.GET.getlist("unit"))
    if units:
        rows = rows.filter(Q(owner__in=units) | Q(owner__isnull=True, unit__in=units))
    names = (Standing.BLANK, Standing.STALE, Standing.NEAR, Standing.FRESH, Standing.FREE)
    asked = columns.standing_conditions(today)
    figures = rows.order_by().aggregate(**{str(name): Count("pk", filter=where) for name, where in asked.items()})
    chosen = request.GET.get("standing", "")
    if chosen in asked:
        rows = rows.filter(asked[Standing(chosen)])
    # Blank columns have no day of update: they come first, as if from the beginning of time.
    rows = rows.annotate(since=Coalesce(F("updated_at"), _LONG_AGO))
    if request.GET.get("export") == "xlsx":
        return _export(rows, today)
    page = common.keyset(rows, request.GET, listing.size(), "since")
    lines = columns.with_standing([columns.Line(column, 0) for column in page.rows], today)
    updates = dict(
        ColumnUpdate.objects.visible_to(user)
        .filter(column__in=[column.pk for column in page.rows], closed_at__isnull=True)
        .values_list("column", "pk")
    )
    tiles = [
        {
            "label": STANDING_LABELS[name],
            "light": LIGHTS[name],
            "value": figures[str(name)],
            "unit": "个",
            "words": words,
            "url": listing.address(request.GET, standing=None if chosen == name else str(name)),
        }
        for name, words in (
            (Standing.BLANK, "检查单项否决"),
            (Standing.STALE, "检查单项否决"),
            (Standing.NEAR, "已转责任单位"),
            (Standing.FRESH, "按期更新"),
        )
    ]
    context = shell(
        request,
        current="registers:freshness",
        title="栏目更新",
        sub="空白和超期的栏目先看，责任单位已收到待办",
        tiles=tiles,
        table=_freshness_table(lines, updates, user),
        chips=[
            common.chip(request, "standing", "状态", [(str(name), STANDING_LABELS[name]) for name in names]),
            *([_unit_chip(request)] if listing.wide(user) else []),
        ],
        pager=common.paging(request, page),
        buttons=[
            {
                "label": "导出",
                "url": listing.address(request.GET, export="xlsx"),
                "icon": "download",
                "phone": False,
            }
        ],
        empty={"title": "没有符合条件的栏目", "words": "“公开目录”里的栏目写明了更新期限的，在这里按期限先后列出。"},
    )
    return render(request, "registers/freshness.html", context)


def _unit_chip(request: HttpRequest) -> dict[str, Any]:
    return common.chip(request, "unit", "单位", listing.unit_choice().options)


def _freshness_table(lines: Any, updates: dict[int, int], user: User) -> dict[str, Any]:
    rows = []
    for line in lines:
        column = line.column
        case = updates.get(column.pk)
        rows.append(
            {
                "cells": [
                    {
                        "words": column.title,
                        "url": reverse("registers:column", args=[column.pk])
                        if common.may_edit(user, column.unit)
                        else "",
                    },
                    {"words": str(column.owner or column.unit or "没有责任单位")},
                    {"words": STANDING_LABELS.get(Standing(line.standing), ""), "light": LIGHTS.get(line.standing, "")},
                    {"words": fullday(column.updated_at) if column.updated_at else "没有内容"},
                    {"words": columns.interval_words(column)},
                    {"words": fullday(line.limit) if line.limit else ""},
                    {"words": "待办", "url": reverse("workbench:case", args=[case])} if case else {"words": ""},
                ]
            }
        )
    heads = [{"label": words} for words in ("栏目", "责任单位", "状态", "最近更新", "更新要求", "期限", "办理")]
    return {"caption": "栏目", "heads": heads, "rows": rows}


def _export(rows: Any, today: Any) -> HttpResponse:
    found = list(rows.order_by("since", "pk")[: listing.LIMIT_OF_EXPORT])
    head = ("栏目", "目录", "责任单位", "状态", "最近更新", "更新要求", "期限")
    lines = [
        (
            line.column.title,
            str(line.column.unit or COMMON),
            str(line.column.owner or line.column.unit or ""),
            STANDING_LABELS.get(Standing(line.standing), ""),
            columns.day_of(line.column.updated_at),
            columns.interval_words(line.column),
            line.limit,
        )
        for line in columns.with_standing([columns.Line(column, 0) for column in found], today)
    ]
    return listing.download(sheets.workbook("栏目更新情况", head, lines), "栏目更新情况.xlsx", "xlsx")
