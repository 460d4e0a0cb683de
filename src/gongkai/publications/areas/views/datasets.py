"""Datasets in the workbench: what my units keep and what is due, one dataset, opening and setting up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import audit, listing
from gongkai.core.acts import ActError
from gongkai.core.locks import writing
from gongkai.core.models import Unit, User
from gongkai.core.navigation import shell
from gongkai.core.roles import STAFF, Role
from gongkai.core.templatetags.gongkai import fullday
from gongkai.publications.areas import catalog, datasets, excel, queries
from gongkai.publications.areas.models import Batch, Dataset, OwnTemplate
from gongkai.publications.areas.views.common import crumbs, dataset_of
from gongkai.publications.views.common import working

PAGE = 100
BATCHES = 30
DUE = {"late": "已超期", "soon": "快到期", "none": "随时更新"}


@working
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """重点领域: the datasets of the person's units, those that are due first."""
    user = request.user
    rows = queries.datasets_for(user)
    area, after = request.GET.get("area", ""), request.GET.get("after", "")
    if area in catalog.AREAS:
        codes = [template.code for template in catalog.TEMPLATES.values() if template.area == area]
        rows = rows.filter(code__in=codes) | rows.filter(own__area=area)
    chosen = listing.ids_of([request.GET.get("unit", "")])
    if chosen:
        rows = rows.filter(unit__in=chosen)
    # The order is by id: a keyset that stays while limits move.
    start = listing.ids_of([after])
    page = list((rows.filter(pk__gt=start[0]) if start else rows).order_by("pk")[: PAGE + 1])
    more, page = len(page) > PAGE, page[:PAGE]
    open_batches = _open_batches(page)
    table = {
        "caption": "数据集",
        "heads": [
            {"label": "数据集"},
            {"label": "单位"},
            {"label": "领域"},
            {"label": "公开行数", "number": True},
            {"label": "更新周期"},
            {"label": "下次更新期限"},
            {"label": "最近更新"},
            {"label": "正在办理"},
        ],
        "rows": [_row(held, open_batches.get(held.pk)) for held in page],
    }
    choices = [listing.Choice("area", "领域", list(catalog.AREAS.items()))]
    if listing.wide(user):
        choices.append(listing.unit_choice())
    unit = user.main_unit
    taken = {held.code for held in page if unit is not None and held.unit_id == unit.pk}
    works = unit is not None and bool(user.roles_at(unit) & set(STAFF))
    context = shell(
        request,
        current="areas:index",
        title="重点领域",
        sub="数据按目录模板填报，先审后发；到期没有更新的会出现在待办里",
        table=table,
        chips=listing.chips(request, choices),
        pager={"next_url": listing.address(request.GET, after=str(page[-1].pk)) if more else ""},
        buttons=_buttons(user),
        empty={"title": "还没有数据集", "words": "先开通一个数据集，再录入数据或上传表格。"},
        suggested=queries.suggested(unit, taken) if works and unit is not None and not more else [],
        unit=unit,
    )
    return render(request, "areas/staff/index.html", context)


def _open_batches(page: list[Dataset]) -> dict[int, Any]:
    rows = Batch.objects.filter(dataset__in=[held.pk for held in page], closed_at__isnull=True).order_by("pk")
    return {batch.dataset_id: batch for batch in rows}


def _buttons(user: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if Role.OFFICE in user.role_set:
        rows.append({"label": "新建目录模板", "url": reverse("areas:template"), "icon": "layout-template"})
    if user.role_set & {Role.OFFICE, *STAFF}:
        rows.append({"label": "开通数据集", "url": reverse("areas:open"), "icon": "plus", "primary": True})
    return rows


def _row(held: Dataset, batch: Any) -> dict[str, Any]:
    light, said = queries.due_light(held)
    return {
        "cells": [
            {"words": held.template.title, "url": held.get_absolute_url()},
            {"words": str(held.unit)},
            {"words": catalog.AREAS.get(held.template.area, "其他")},
            {"words": f"{held.row_count:,}", "number": True},
            {"words": held.rhythm_words if held.active else "已停用"},
            {"words": said if held.active else "–", "light": light if held.active else ""},
            {"words": fullday(held.updated_at) if held.updated_at else "还没有数据"},
            {"words": batch.state_label, "url": batch.get_absolute_url()} if batch else {"words": "–"},
        ]
    }


@working
@require_safe
def dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """One dataset: what is due, its batches, its columns."""
    held = dataset_of(request.user, pk)
    template, user = held.template, request.user
    light, said = queries.due_light(held)
    batches = list(held.batches.select_related("unit").order_by("-pk")[:BATCHES])
    keep = queries.may_keep(user, held) and held.active
    buttons: list[dict[str, Any]] = [
        {
            "label": "下载",
            "icon": "download",
            "menu": [{"label": "空白模板（Excel）", "url": reverse("areas:blank", args=[pk])}],
        }
    ]
    if queries.may_keep(user, held):
        filled_in = {"label": "已公开数据，供修改（Excel）", "url": reverse("areas:filled", args=[pk])}
        buttons[0]["menu"].append(filled_in)
    if queries.may_set(user, held):
        buttons.append({"label": "设置", "url": reverse("areas:setup", args=[pk]), "icon": "settings-2"})
    if keep:
        buttons.append({"label": "上传表格", "url": reverse("areas:upload", args=[pk]), "icon": "upload"})
        buttons.append(
            {"label": "录入一条", "url": reverse("areas:enter", args=[pk]), "icon": "pencil-line", "primary": True}
        )
    context = shell(
        request,
        current="areas:index",
        title=template.title,
        sub=f"{held.unit}，{held.rhythm_words}",
        held=held,
        template=template,
        area=catalog.AREAS.get(template.area, "其他"),
        light=light,
        due_words=said,
        buttons=buttons,
        fields=queries.field_rows(template),
        batches=batches,
        public_url=reverse("areas-public:list", args=[held.code]) if held.row_count else "",
        needs_explanation=template.explained and not held.explanation.strip(),
        crumbs=crumbs((template.title, "")),
    )
    return render(request, "areas/staff/dataset.html", context)


@working
def open_dataset(request: HttpRequest) -> HttpResponse:
    """开通数据集: a template for one's own unit, or, by the office, for any unit below."""
    user = request.user
    units = _units(user)
    failure = ""
    if request.method == "POST":
        unit = next((one for one in units if str(one.pk) == request.POST.get("unit")), None)
        if unit is None:
            failure = "请选择单位。"
        else:
            try:
                held = datasets.open_one(user, request.POST.get("code", ""), unit)
            except ActError as problem:
                failure = str(problem)
            else:
                messages.success(request, f"已开通“{held.template.title}”。")
                return redirect(held)
    own = OwnTemplate.objects.filter(active=True)
    groups: dict[str, list[Any]] = {}
    for template in [*catalog.TEMPLATES.values(), *(one.template for one in own)]:
        groups.setdefault(catalog.AREAS[template.area], []).append(template)
    context = shell(
        request,
        current="areas:index",
        title="开通数据集",
        sub="选一个目录模板，列、选项和更新周期都已设好，开通后可以增加自己的列",
        groups=[(words, groups[words]) for words in catalog.AREAS.values() if words in groups],
        units=units,
        chosen_unit=request.POST.get("unit") or request.GET.get("unit", ""),
        chosen_code=request.POST.get("code") or request.GET.get("code", ""),
        failure=failure,
        crumbs=crumbs(("开通数据集", "")),
    )
    return render(request, "areas/staff/open.html", context, status=422 if failure else 200)


def _units(user: User) -> list[Unit]:
    """For which units a person may open datasets."""
    units = Unit.objects.filter(active=True).order_by("path")
    own = [unit for unit, roles in user.roles_by_unit.items() if roles & {*STAFF, Role.OFFICE}]
    found = units.filter(pk__in=own)
    for membership in user.memberships_now:
        if membership.role == Role.OFFICE:
            root = membership.unit.parent or membership.unit
            found = found | units.filter(path__startswith=root.path)
    if not own:
        raise PermissionDenied("只有信息公开员、经办人和政务公开主管能开通数据集。")
    return list(found.distinct())


@working
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    """设置: explanation, rhythm, own columns."""
    held = dataset_of(request.user, pk)
    if not queries.may_set(request.user, held):
        raise PermissionDenied("只有责任单位和政务公开主管能设置数据集。")
    failure = ""
    posted = request.POST if request.method == "POST" else None
    form = datasets.SetupForm(
        posted, initial={"explanation": held.explanation, "months": held.months, "active": held.active}
    )
    forms = datasets.MoreForms(posted, prefix="more", initial=_more(held))
    if posted is not None and form.is_valid() and forms.is_valid():
        more, _ = datasets.fields_of(forms, "own")
        try:
            datasets.set_up(request.user, held, form.cleaned_data, more)
        except (ActError, ValueError) as problem:
            failure = str(problem)
        else:
            messages.success(request, "已保存设置。")
            return redirect(held)
    context = shell(
        request,
        current="areas:index",
        title=f"设置：{held.template.title}",
        sub=str(held.unit),
        form=form,
        forms=forms,
        failure=failure,
        held=held,
        crumbs=crumbs((held.template.title, held.get_absolute_url()), ("设置", "")),
    )
    return render(request, "areas/staff/setup.html", context, status=422 if posted is not None else 200)


def _more(held: Dataset) -> list[dict[str, Any]]:
    return [{**data, "choices": "、".join(data.get("choices", ()))} for data in held.more_fields]


@working
def new_template(request: HttpRequest) -> HttpResponse:
    """新建目录模板: the office's own columns, opened for the units that fill them in."""
    if Role.OFFICE not in request.user.role_set:
        raise PermissionDenied("只有政务公开主管能新建目录模板。")
    posted = request.POST if request.method == "POST" else None
    failure = ""
    form = datasets.TemplateForm(posted)
    forms = datasets.FieldForms(posted, prefix="columns")
    if posted is not None and form.is_valid() and forms.is_valid():
        fields, keys = datasets.fields_of(forms, "c")
        try:
            own = datasets.make_template(request.user, form.cleaned_data, fields, keys)
        except ActError as problem:
            failure = str(problem)
        else:
            messages.success(request, f"已新建“{own.title}”，{form.cleaned_data['units'].count()}个单位已开通。")
            return redirect("areas:index")
    context = shell(
        request,
        current="areas:index",
        title="新建目录模板",
        sub="定好列，由各单位用同一个模板填报；公开页面、筛选、导出自动生成",
        form=form,
        forms=forms,
        failure=failure,
        crumbs=crumbs(("新建目录模板", "")),
    )
    return render(request, "areas/staff/template.html", context, status=422 if posted is not None else 200)


@working
@require_safe
def blank(request: HttpRequest, pk: int) -> HttpResponse:
    """The empty workbook to fill in."""
    held = dataset_of(request.user, pk)
    return listing.download(excel.blank(held.template), f"{held.template.title}-模板.xlsx", "xlsx")


@working
@require_safe
def filled(request: HttpRequest, pk: int) -> HttpResponse:
    """The public rows as a workbook to be corrected and uploaded again; with what is not public, for staff only."""
    held = dataset_of(request.user, pk)
    if not queries.may_keep(request.user, held):
        raise PermissionDenied("只有责任单位的填报人能下载全部字段。")
    rows = queries.released_rows(held)
    if any(one.shown != "public" for one in held.template.fields):
        # Whoever takes personal data out leaves a trace.
        with writing():
            audit.note(
                "areas.filled",
                "下载全部字段",
                request.user,
                summary=f"{held.unit}：{held}，{len(rows)}条",
                data={"dataset": held.pk},
            )
    data = excel.blank(held.template, rows)
    return listing.download(data, f"{held.template.title}-{held.unit}.xlsx", "xlsx")
