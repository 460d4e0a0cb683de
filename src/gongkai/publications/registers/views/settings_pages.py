"""发布设置: chains of review, and how units number what they publish."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import listing
from gongkai.core.forms import UnitField
from gongkai.core.models import Unit
from gongkai.core.navigation import shell
from gongkai.law import index_number
from gongkai.publications import chains as chain_rules
from gongkai.publications.models import CatalogColumn, ReviewChain, ReviewPurpose, UnitProfile
from gongkai.publications.registers import settings_services as services
from gongkai.publications.registers.views import common
from gongkai.publications.registers.views.common import setting_page

TABS = (("审核流程", "registers:chains"), ("表述规则", "registers:wordings"), ("索引号和代码", "registers:profiles"))


def tabs(current: str) -> list[dict[str, Any]]:
    """The three pages of settings."""
    return [{"label": label, "url": reverse(name), "current": name == current} for label, name in TABS]


def page(request: HttpRequest, current: str, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page of settings in its frame."""
    context.setdefault("crumbs", [])
    found = shell(request, tabs=tabs(current), **context)
    # All three stand under one line of the navigation.
    found = {**found, "navigation": _marked(found["navigation"])}
    return render(request, template, found, status=status)


def _marked(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    here = reverse("registers:chains")
    for section in sections:
        for item in section["items"]:
            item["current"] = item["url"] == here
    return sections


# --- chains -----------------------------------------------------------------------------------------------------------


class ChainForm(forms.Form):
    """For whom a chain is, and its steps; the approval is always the last one."""

    unit = UnitField(label="单位", required=False, empty_label="各单位")
    column = forms.ModelChoiceField(
        label="栏目", queryset=CatalogColumn.objects.none(), required=False, empty_label="各栏目"
    )
    normative_only = forms.BooleanField(label="只用于规范性文件", required=False)
    steps = forms.MultipleChoiceField(
        label="审核环节",
        choices=[choice for choice in ReviewPurpose.choices if choice[0] != ReviewPurpose.APPROVAL],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="按列出的顺序进行，最后一步总是批准。",
    )

    def __init__(self, *args: Any, chain: ReviewChain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chain = chain
        field: Any = self.fields["column"]
        field.queryset = CatalogColumn.objects.filter(active=True).select_related("unit")
        field.label_from_instance = lambda one: f"{one.unit or '共用'}：{one.title}"

    def clean(self) -> dict[str, Any]:
        """One chain for one place; a chain of content to which nobody looks for secrets is refused."""
        data = super().clean() or self.cleaned_data
        same = ReviewChain.objects.filter(
            unit=data.get("unit"), column=data.get("column"), normative_only=bool(data.get("normative_only"))
        ).exclude(pk=self.chain.pk)
        if same.exists():
            self.add_error(None, "这个范围已经有审核流程。请修改已有的那一个。")
        if ReviewPurpose.SECRECY not in (data.get("steps") or []):
            self.add_error("steps", "保密审查不能省：公开前要依法进行保密审查。")
        if data.get("normative_only") and ReviewPurpose.LEGAL not in (data.get("steps") or []):
            self.add_error("steps", "规范性文件要有合法性审核。")
        return data


@setting_page
def chains(request: HttpRequest) -> HttpResponse:
    """审核流程: the default and every chain of a unit or a column."""
    rows = ReviewChain.objects.select_related("unit", "column", "column__unit")
    found = common.keyset(rows, request.GET, listing.size())
    defaults = [
        (label, "、".join(step.label for step in steps))
        for label, steps in (
            ("一般信息", chain_rules.DEFAULT),
            ("规范性文件", chain_rules.DEFAULT_NORMATIVE),
        )
    ]
    lines = [
        {
            "cells": [
                {"words": _scope(chain), "url": reverse("registers:chain", args=[chain.pk])},
                {"words": "规范性文件" if chain.normative_only else "全部"},
                {"words": "、".join(ReviewPurpose(step).label for step in chain.steps)},
            ]
        }
        for chain in found.rows
    ]
    return page(
        request,
        "registers:chains",
        "registers/chains.html",
        title="发布设置",
        sub="离信息最近的流程有效：先看栏目，再看单位，都没有设置的用默认流程",
        defaults=defaults,
        table={
            "caption": "审核流程",
            "heads": [{"label": label} for label in ("范围", "用于", "环节")],
            "rows": lines,
        },
        pager=common.paging(request, found),
        buttons=[{"label": "新增审核流程", "url": reverse("registers:chain-new"), "icon": "plus", "primary": True}],
        empty={"title": "都用默认流程", "words": ""},
    )


def _scope(chain: ReviewChain) -> str:
    unit = str(chain.unit) if chain.unit else "各单位"
    return f"{unit}，栏目“{chain.column.title}”" if chain.column else unit


@setting_page
def chain(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """One chain."""
    found = get_object_or_404(ReviewChain, pk=pk) if pk else ReviewChain(steps=list(chain_rules.DEFAULT))
    initial = {
        "unit": found.unit_id,
        "column": found.column_id,
        "normative_only": found.normative_only,
        "steps": found.steps,
    }
    form = ChainForm(request.POST or None, chain=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        for name in ("unit", "column", "normative_only", "steps"):
            setattr(found, name, form.cleaned_data[name])
        services.save_chain(request.user, found)
        messages.success(request, "已保存审核流程，下一次送审起使用。")
        return redirect("registers:chains")
    return page(
        request,
        "registers:chains",
        "registers/form.html",
        title="修改审核流程" if pk else "新增审核流程",
        form=form,
        submit="保存",
        note_template="registers/_chain_delete.html" if pk else "",
        chain=found,
        cancel_url=reverse("registers:chains"),
        crumbs=[{"label": "审核流程", "url": reverse("registers:chains")}, {"label": _scope(found), "url": ""}],
        status=422 if form.errors else 200,
    )


@setting_page
@require_POST
def chain_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a chain away."""
    services.delete_chain(request.user, get_object_or_404(ReviewChain, pk=pk))
    messages.success(request, "已删除，改用上一级的流程。")
    return redirect("registers:chains")


# --- profiles ---------------------------------------------------------------------------------------------------------


class ProfileForm(forms.ModelForm):
    """Template and codes."""

    class Meta:
        model = UnitProfile
        fields = ("index_template", "organisation_code", "region_code", "class_code", "document_code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tokens = "、".join(f"{{{name}}}" for name in (*index_number.TOKENS, "seq:05"))
        self.fields["index_template"].help_text = f"可以用：{tokens}。流水号每年重新开始。"


@setting_page
def profiles(request: HttpRequest) -> HttpResponse:
    """索引号和代码: one line for each unit, with the number its next publication gets."""
    words = request.GET.get("q", "").strip()[:40]
    rows = Unit.objects.filter(active=True).select_related("profile")
    if words:
        rows = rows.filter(name__contains=words)
    found = common.keyset(rows, request.GET, listing.size())
    lines = []
    for unit in found.rows:
        profile = getattr(unit, "profile", None)
        lines.append(
            {
                "cells": [
                    {"words": unit.name, "url": reverse("registers:profile", args=[unit.pk])},
                    {"words": profile.index_template if profile else index_number.DEFAULT_TEMPLATE},
                    {"words": profile.document_code if profile else ""},
                    {"words": "单独设置" if profile else "默认"},
                ]
            }
        )
    return page(
        request,
        "registers:profiles",
        "registers/profiles.html",
        title="发布设置",
        sub="索引号在第一次公布时给出，给出后不再改变",
        words=words,
        table={
            "caption": "单位发布设置",
            "heads": [{"label": label} for label in ("单位", "索引号模板", "机关代字", "设置")],
            "rows": lines,
        },
        pager=common.paging(request, found),
        empty={"title": "没有这个单位", "words": ""},
    )


@setting_page
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit's profile with a preview of its next number."""
    unit = get_object_or_404(Unit, pk=pk)
    found = services.profile_of(unit)
    form = ProfileForm(request.POST or None, instance=found)
    number, fault = "", ""
    today = timezone.localdate()
    if not form.is_bound or form.is_valid():
        shown = form.save(commit=False) if form.is_bound else found
        try:
            number = services.preview(shown, today.year, today.month)
        except ValueError as problem:
            fault = str(problem)
    if request.method == "POST" and form.is_valid() and "save" in request.POST:
        if fault:
            form.add_error("index_template", fault)
        else:
            services.save_profile(request.user, form.save(commit=False))
            messages.success(request, f"已保存，下一个索引号是 {number}。")
            return redirect("registers:profile", pk)
    return page(
        request,
        "registers:profiles",
        "registers/profile.html",
        title=unit.name,
        form=form,
        number=number,
        fault=fault,
        cancel_url=reverse("registers:profiles"),
        crumbs=[{"label": "索引号和代码", "url": reverse("registers:profiles")}, {"label": str(unit), "url": ""}],
        status=422 if form.errors else 200,
    )
