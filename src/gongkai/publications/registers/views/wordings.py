"""表述规则: the editable wording lists, with Excel and a box to try a text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from gongkai.core import attachments, listing
from gongkai.publications.models import WordingRule
from gongkai.publications.registers import settings_services as services
from gongkai.publications.registers.columns import ColumnError
from gongkai.publications.registers.views import catalogs, common
from gongkai.publications.registers.views.common import setting_page
from gongkai.publications.registers.views.settings_pages import page


class TryForm(forms.Form):
    """A text to be screened."""

    text = forms.CharField(
        label="试一段文字", widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000, help_text="只检查，不保存。"
    )


class RuleForm(forms.ModelForm):
    """A rule."""

    class Meta:
        model = WordingRule
        fields = ("pattern", "kind", "replacement", "advice", "blocking", "active")

    def clean_pattern(self) -> str:
        """No blanks around."""
        return self.cleaned_data["pattern"].strip()


@setting_page
def index(request: HttpRequest) -> HttpResponse:
    """The list, and what it says of a text."""
    rows = WordingRule.objects.all()
    words, kind = request.GET.get("q", "").strip()[:40], request.GET.get("kind", "")
    if words:
        rows = rows.filter(pattern__contains=words)
    if kind in WordingRule.Kind.values:
        rows = rows.filter(kind=kind)
    found = common.keyset(rows, request.GET, listing.size())
    form = TryForm(request.POST or None)
    tried = services.try_out(form.cleaned_data["text"]) if request.method == "POST" and form.is_valid() else None
    lines = [
        {
            "cells": [
                {"words": rule.pattern, "url": reverse("registers:wording", args=[rule.pk])},
                {"words": rule.get_kind_display()},
                {"words": rule.replacement},
                {"words": rule.advice},
                {"words": "须改正" if rule.blocking else "提示"},
                {"words": "启用" if rule.active else "停用", "light": "ok" if rule.active else "paused"},
            ]
        }
        for rule in found.rows
    ]
    return page(
        request,
        "registers:wordings",
        "registers/wordings.html",
        title="发布设置",
        sub="拟稿和送审时自动检查；系统自带的规则之外，可以随时增加",
        words=words,
        form=form,
        tried=tried,
        table={
            "caption": "表述规则",
            "heads": [{"label": label} for label in ("写法", "类型", "应写为", "说明", "要求", "状态")],
            "rows": lines,
        },
        chips=[common.chip(request, "kind", "类型", list(WordingRule.Kind.choices))],
        pager=common.paging(request, found),
        buttons=_buttons(),
        empty={"title": "还没有自己的规则", "words": "系统自带的规则一直在用；本地的规范名称、易错写法加在这里。"},
        status=422 if form.errors else 200,
    )


def _buttons() -> list[dict[str, Any]]:
    menu = [
        {"label": "导出", "url": reverse("registers:wordings-export")},
        {"label": "导入", "url": reverse("registers:wordings-import")},
    ]
    return [
        {"label": "Excel", "icon": "file-spreadsheet", "menu": menu, "phone": False},
        {"label": "新增规则", "url": reverse("registers:wording-new"), "icon": "plus", "primary": True},
    ]


@setting_page
def edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """One rule."""
    rule = get_object_or_404(WordingRule, pk=pk) if pk else WordingRule()
    form = RuleForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        services.save_wording(request.user, form.save(commit=False))
        messages.success(request, f"已保存：{rule.pattern}")
        return redirect("registers:wordings")
    return page(
        request,
        "registers:wordings",
        "registers/form.html",
        title="修改规则" if pk else "新增规则",
        form=form,
        submit="保存",
        cancel_url=reverse("registers:wordings"),
        crumbs=[{"label": "表述规则", "url": reverse("registers:wordings")}, {"label": "规则", "url": ""}],
        status=422 if form.errors else 200,
    )


@setting_page
def export(request: HttpRequest) -> HttpResponse:
    """All rules as Excel, in the layout of the import."""
    data = services.wording_book()
    return listing.download(data, "表述规则.xlsx", "xlsx")


@setting_page
def take_in(request: HttpRequest) -> HttpResponse:
    """导入: tried first, then done."""
    form = catalogs.FileForm(request.POST or None, request.FILES or None)
    report, digest = None, request.POST.get("digest", "")
    if request.method == "POST" and form.is_valid():
        try:
            data = catalogs.read_upload(form, digest)
            sure = bool(request.POST.get("sure"))
            report = services.take_in_wordings(request.user, data, dry_run=not sure)
            if sure and not report.errors:
                messages.success(request, f"已导入：新增{report.created}条，修改{report.changed}条。")
                return redirect("registers:wordings")
            digest = attachments.keep(data).digest
        except ColumnError as problem:
            form.add_error("file", str(problem))
        except attachments.Refused as problem:
            form.add_error("file", " ".join(problem.messages))
    return page(
        request,
        "registers:wordings",
        "registers/import.html",
        title="导入表述规则",
        form=form,
        report=report,
        digest=digest,
        noun="条",
        template_url=reverse("registers:wordings-export"),
        crumbs=[{"label": "表述规则", "url": reverse("registers:wordings")}, {"label": "导入", "url": ""}],
        status=422 if form.errors else 200,
    )
