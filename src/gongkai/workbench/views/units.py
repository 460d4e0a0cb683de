"""单位: the tree, edits, new names, mergers with their history, Excel in and out, groups with a live preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import attachments, audit, exchange, listing
from gongkai.core import groups as group_units
from gongkai.core.forms import OneFileField, UnitField
from gongkai.core.locks import writing
from gongkai.core.models import Unit, UnitAlias, UnitGroup
from gongkai.core.models.units import UnitKind
from gongkai.core.navigation import shell
from gongkai.workbench.views.guards import system


@system
def listing_page(request: HttpRequest) -> HttpResponse:
    """The tree as an indented table; names and aliases can be searched."""
    words = request.GET.get("q", "").strip()[:60]
    gone = request.GET.get("gone") == "1"
    rows = Unit.objects.select_related("merged_into").prefetch_related("aliases").order_by("path")
    if not gone:
        rows = rows.filter(active=True)
    found = list(rows)
    if words:
        found = [
            u
            for u in found
            if words in u.name or words in u.short_name or any(words in a.name for a in u.aliases.all())
        ]
    lines = [
        {
            "unit": unit,
            "depth": min(unit.path.count("/") - 2, 5),
            "aliases": "、".join(alias.name for alias in unit.aliases.all()),
        }
        for unit in _in_order(found)
    ]
    context = shell(request, title="单位", sub=f"共{len(found)}个", lines=lines, words=words, gone=gone, buttons=[
        {"label": "新增单位", "url": reverse("workbench:unit-new"), "icon": "plus", "primary": True},
        {"label": "Excel", "icon": "file-spreadsheet", "menu": [
            {"label": "导出全部单位", "url": reverse("workbench:units-export")},
            {"label": "下载导入模板", "url": reverse("workbench:units-template")},
            {"label": "从 Excel 导入", "url": reverse("workbench:units-import")},
        ]},
    ])  # fmt: skip
    return render(request, "workbench/admin/units.html", context)


def _in_order(units: list[Unit]) -> list[Unit]:
    """Depth first, each level by its ordinal; units whose parent is not shown stand as roots."""
    shown = {unit.pk for unit in units}
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id if unit.parent_id in shown else None, []).append(unit)
    ordered: list[Unit] = []
    waiting = sorted(children.get(None, []), key=lambda u: (u.ordinal, u.pk), reverse=True)
    while waiting:
        unit = waiting.pop()
        ordered.append(unit)
        waiting += sorted(children.get(unit.pk, []), key=lambda u: (u.ordinal, u.pk), reverse=True)
    return ordered


class UnitForm(forms.ModelForm):
    """A unit without its names in use, which are changed by renaming."""

    aliases = forms.CharField(
        label="别名",
        required=False,
        help_text="通知里对它的其他叫法，用、隔开。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Unit
        fields = [
            "code",
            "name",
            "short_name",
            "kind",
            "parent",
            "ordinal",
            "credit_code",
            "telephone",
            "address",
            "active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = Unit.objects.filter(active=True).order_by("path")
        if self.instance.pk:
            # Whoever stands below cannot stand above; names change only by renaming, so that the old ones stay known.
            parents = parents.exclude(path__startswith=self.instance.path)
            for name in ("name", "short_name"):
                del self.fields[name]
            manual = self.instance.aliases.exclude(source=UnitAlias.Source.FORMER)
            self.fields["aliases"].initial = "、".join(alias.name for alias in manual)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]

    def clean_aliases(self) -> list[str]:
        """Names, each once."""
        text = self.cleaned_data["aliases"].replace(",", "、").replace("，", "、").replace("\n", "、")
        return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))


@system
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A unit: its data, aliases and history."""
    unit = get_object_or_404(Unit, pk=pk) if pk else Unit()
    form = UnitForm(request.POST or None, instance=unit)
    if request.method == "POST" and form.is_valid():
        with writing():
            saved = form.save()
            _set_aliases(saved, form.cleaned_data["aliases"])
            label = "修改单位" if pk else "新增单位"
            audit.note("units.edit", label, request.user, summary=saved.name, data={"changed": form.changed_data})
        messages.success(request, f"已保存：{saved.name}")
        return redirect("workbench:unit", saved.pk)
    title = Unit.objects.get(pk=pk).name if pk else "新增单位"
    context = shell(
        request,
        title=title,
        form=form,
        submit="保存",
        unit=unit if pk else None,
        crumbs=[{"label": "单位", "url": reverse("workbench:units")}, {"label": title, "url": ""}],
        history=list(unit.history.all()[:50]) if pk else [],
        former=list(unit.aliases.filter(source=UnitAlias.Source.FORMER)) if pk else [],
        cancel_url=reverse("workbench:units"),
    )
    return render(request, "workbench/admin/unit.html", context, status=422 if form.errors else 200)


def _set_aliases(unit: Unit, names: list[str]) -> None:
    rows = {alias.name: alias for alias in unit.aliases.exclude(source=UnitAlias.Source.FORMER)}
    for name, alias in rows.items():
        if name not in names:
            alias.delete()
    UnitAlias.objects.bulk_create(
        [UnitAlias(unit=unit, name=name) for name in names if name not in rows], ignore_conflicts=True
    )


class RenameForm(forms.Form):
    """New names with the document that gives them."""

    name = forms.CharField(label="新全称", max_length=120)
    short_name = forms.CharField(label="新简称", max_length=60)
    document = forms.CharField(label="依据文号", max_length=120, required=False)


@system
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """更名: the old names stay known, so that old notices still find the unit."""
    unit = get_object_or_404(Unit, pk=pk)
    form = RenameForm(request.POST or None, initial={"name": unit.name, "short_name": unit.short_name})
    if request.method == "POST" and form.is_valid():
        before = unit.name
        with writing():
            exchange.rename(unit, **form.cleaned_data)
            audit.note("units.rename", "单位更名", request.user, summary=f"{before} 更名为 {unit.name}")
        messages.success(request, f"{before}已更名为{unit.name}，原名称继续可以识别。")
        return redirect("workbench:unit", unit.pk)
    return _form(request, unit, form, f"更名：{unit.name}", "更名")


class MergeForm(forms.Form):
    """Where a unit goes."""

    into = UnitField(label="并入")
    document = forms.CharField(label="依据文号", max_length=120, required=False)


@system
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """合并: open cases and people move to the other unit, the name stays known there."""
    unit = get_object_or_404(Unit, pk=pk, active=True)
    form = MergeForm(request.POST or None)
    form.fields["into"].queryset = Unit.objects.filter(active=True).exclude(path__startswith=unit.path).order_by("path")  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            moved = exchange.merge(unit, into, request.user, document=form.cleaned_data["document"])
        except ValueError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{unit.name}已并入{into.name}，移交在办事项{moved}件。")
            return redirect("workbench:unit", into.pk)
    notice = {
        "tone": "soon",
        "title": "合并后不能撤销。",
        "words": "在办事项、人员和名称都转到并入的单位，办结事项留在原单位。",
    }
    return _form(request, unit, form, f"合并：{unit.name}", "合并", notice=notice, danger=True)


def _form(request: HttpRequest, unit: Unit, form: forms.Form, title: str, submit: str, **more: Any) -> HttpResponse:
    crumbs = [
        {"label": "单位", "url": reverse("workbench:units")},
        {"label": unit.name, "url": reverse("workbench:unit", args=[unit.pk])},
        {"label": submit, "url": ""},
    ]
    cancel = reverse("workbench:unit", args=[unit.pk])
    context = shell(request, title=title, form=form, submit=submit, crumbs=crumbs, cancel_url=cancel, **more)
    return render(request, "workbench/form.html", context, status=422 if form.errors else 200)


@system
def export(request: HttpRequest) -> HttpResponse:
    """All units as Excel, in the layout of the import."""
    audit.note("units.export", "导出单位", request.user)
    return listing.download(exchange.export_units(), f"单位 {timezone.localdate():%Y-%m-%d}.xlsx", "xlsx")


@system
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook for the import."""
    return listing.download(exchange.template(), "单位导入模板.xlsx", "xlsx")


class ImportForm(forms.Form):
    """A workbook; first shown what it would change."""

    file = OneFileField(
        label="Excel 文件", required=False, help_text="用导出的文件或下载的模板填写。先试算，看过结果再导入。"
    )
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


@system
def take_over(request: HttpRequest) -> HttpResponse:
    """从 Excel 导入: a dry run with a report first, then the same file for real."""
    form = ImportForm(request.POST or None, request.FILES or None)
    report, digest = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            data = _import_data(form)
            sure = request.POST.get("sure") == "1"
            report = exchange.import_units(data, user=request.user, dry_run=not sure)
            digest = attachments.keep(data).digest
        except ValueError as problem:
            form.add_error(None, str(problem))
        except forms.ValidationError as problem:
            form.add_error("file", problem)
        else:
            if sure and not report.errors:
                messages.success(request, f"已导入：新增{report.created}个，修改{report.changed}个。")
                return redirect("workbench:units")
    context = shell(
        request,
        title="从 Excel 导入单位",
        form=form,
        report=report,
        digest=digest,
        crumbs=[{"label": "单位", "url": reverse("workbench:units")}, {"label": "从 Excel 导入", "url": ""}],
    )
    return render(request, "workbench/admin/units_import.html", context, status=422 if form.errors else 200)


def _import_data(form: ImportForm) -> bytes:
    file, digest = form.cleaned_data["file"], form.cleaned_data["digest"]
    if file:
        data = file.read()
        attachments.check(attachments.clean_name(file.name), data)
        return data
    if len(digest) == 64 and all(c in "0123456789abcdef" for c in digest):
        try:
            return attachments.load(digest)
        except FileNotFoundError:
            pass
    raise forms.ValidationError("没有选文件。请选择填好的 Excel 文件。")


# --- groups ----------------------------------------------------------------------------------------------------------


class GroupForm(forms.ModelForm):
    """A name that stands for several units."""

    kinds = forms.MultipleChoiceField(
        label="单位性质", choices=UnitKind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="范围内这些性质的单位都算。新成立的会自动算进来。",
    )  # fmt: skip

    class Meta:
        model = UnitGroup
        fields = ["name", "root", "kinds", "included", "excluded", "ordinal"]
        widgets = {
            "included": forms.SelectMultiple(attrs={"size": 8}),
            "excluded": forms.SelectMultiple(attrs={"size": 8}),
        }
        help_texts = {"root": "取这个单位的直接下级。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Unit.objects.filter(active=True).order_by("path")
        for name in ("root", "included", "excluded"):
            self.fields[name].queryset = active  # type: ignore[attr-defined]


@system
def groups(request: HttpRequest) -> HttpResponse:
    """All groups with what they stand for now."""
    rows = [
        {"group": row, "members": group_units.members(row)}
        for row in UnitGroup.objects.select_related("root").prefetch_related("included", "excluded")
    ]
    context = shell(
        request,
        title="单位组",
        sub="通知里“各街镇”“区政府各部门”这样的说法，派发时展开成具体单位",
        rows=rows,
        buttons=[{"label": "新增单位组", "url": reverse("workbench:group-new"), "icon": "plus", "primary": True}],
    )
    return render(request, "workbench/admin/groups.html", context)


@system
def group(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One group; 看展开结果 shows the members before anything is saved."""
    row = get_object_or_404(UnitGroup, pk=pk) if pk else UnitGroup()
    initial = {"kinds": row.kinds} if pk else {}
    form = GroupForm(request.POST or None, instance=row, initial=initial)
    preview = group_units.members(row) if pk else None
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            values = form.cleaned_data
            preview = group_units.expand(values["root"], values["kinds"], values["included"], values["excluded"])
        else:
            with writing():
                saved = form.save()
                audit.note("units.group", "修改单位组", request.user, summary=saved.name)
            messages.success(request, f"已保存：{saved.name}，现有{len(group_units.members(saved))}个单位。")
            return redirect("workbench:groups")
    title = row.name if pk else "新增单位组"
    context = shell(
        request,
        title=title,
        form=form,
        preview=preview,
        crumbs=[{"label": "单位组", "url": reverse("workbench:groups")}, {"label": title, "url": ""}],
    )
    return render(request, "workbench/admin/group.html", context, status=422 if form.errors else 200)
