"""Staff pages of imports: all runs, the rows of one, its report and the template."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import listing
from gongkai.core.acts import acts
from gongkai.core.models import User
from gongkai.core.navigation import shell, signed_in
from gongkai.core.roles import STAFF, Role
from gongkai.core.templatetags.gongkai import when
from gongkai.publications.importing import report, sheet
from gongkai.publications.importing.acts import outcome_words
from gongkai.publications.importing.kinds import IMPORT
from gongkai.publications.importing.models import Import, ImportRow

RUNS = 50
ROWS = 100
OUTCOME_LIGHTS = {"new": "ok", "changed": "soon", "unchanged": "done", "refused": "late"}


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    if not user.role_set & {*STAFF, Role.OFFICE, Role.LEADER, Role.AUDITOR}:
        raise PermissionDenied("历史信息导入由信息公开员、政务公开主管和分管负责人办理。")
    return user


def run_of(user: User, pk: int) -> Import:
    """An import the person may read; Http404 for all others."""
    found = Import.objects.visible_to(user).select_related("unit", "fallback_unit").filter(pk=pk).first()
    if found is None:
        raise Http404("没有这次导入，或者你不能查看。")
    return found


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """历史信息导入: the runs of the person's units, newest first."""
    user = _user(request)
    rows = Import.objects.visible_to(user).select_related("unit").exclude(state="dropped").order_by("-pk")
    state = request.GET.get("state", "")
    if state in IMPORT.states:
        rows = rows.filter(state=state)
    after = listing.ids_of([request.GET.get("after", "")])
    page = list((rows.filter(pk__lt=after[0]) if after else rows)[: RUNS + 1])
    more, page = len(page) > RUNS, page[:RUNS]
    buttons: list[dict[str, Any]] = [
        {"label": "下载模板", "url": reverse("importing:template"), "icon": "download", "phone": False}
    ]
    if acts["import.upload"].permitted(None, user):
        address = reverse("workbench:new", args=["import", "upload"])
        buttons.append({"label": "上传历史信息", "url": address, "icon": "upload", "primary": True})
    context = shell(
        request,
        current="importing:index",
        title="历史信息导入",
        sub="把原网站的信息搬过来：先预检，再由另一个人批准，然后分批导入；可以撤销，重复导入不会有变化",
        table={
            "caption": "导入",
            "heads": [{"label": label} for label in ("名称", "单位", "状态", "预检结果", "开始")],
            "rows": [
                {
                    "cells": [
                        {"words": run.title, "url": run.get_absolute_url()},
                        {"words": str(run.unit)},
                        {"words": run.state_label, "light": run.state_light},
                        {"words": run.progress or run.failure or (outcome_words(run.counts) if run.counts else "")},
                        {"words": when(run.opened_at)},
                    ]
                }
                for run in page
            ],
        },
        chips=[_chip(request, "state", "状态", [(code, one.label) for code, one in IMPORT.states.items()])],
        pager={"next_url": listing.address(request.GET, after=str(page[-1].pk)) if more else ""},
        buttons=buttons,
        empty={
            "title": "还没有导入过",
            "words": "下载模板填好，或把原网站的网页另存后打成压缩包，再点“上传历史信息”。",
        },
    )
    return render(request, "importing/list.html", context)


def _chip(request: HttpRequest, name: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    chosen = request.GET.get(name, "")
    return {
        "label": label,
        "value": dict(options).get(chosen, ""),
        "clear_url": listing.address(request.GET, **{name: None, "after": None}),
        "options": [
            {"label": words, "url": listing.address(request.GET, **{name: code, "after": None})}
            for code, words in options
        ],
    }


FOUND = (("blocked", "有须处理的发现"), ("warned", "有提醒"), ("filed", "不主动公开"))


@signed_in
@require_safe
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """逐条预检报告: every row, what would become of it, and why."""
    user = _user(request)
    run = run_of(user, pk)
    if request.GET.get("export") == "xlsx":
        return listing.download(report.workbook(run), f"导入报告 {run.number}", "xlsx")
    found = ImportRow.objects.filter(run=run.pk).select_related("publication")
    found = found.defer("body", "files", "values", "publication__body").order_by("ordinal")
    outcome, state, what = (request.GET.get(name, "") for name in ("outcome", "state", "found"))
    if outcome in ImportRow.Outcome.values:
        found = found.filter(outcome=outcome)
    if state in ImportRow.State.values and state:
        found = found.filter(state=state)
    if what == "blocked":
        found = found.filter(blocked=True, outcome__in=ImportRow.TAKEN)
    elif what == "warned":
        found = found.filter(outcome__in=ImportRow.TAKEN).exclude(warnings=[])
    elif what == "filed":
        found = found.exclude(values__attribute="proactive").filter(outcome__in=ImportRow.TAKEN)
    after = listing.ids_of([request.GET.get("after", "")])
    page = list((found.filter(ordinal__gt=after[0]) if after else found)[: ROWS + 1])
    more, page = len(page) > ROWS, page[:ROWS]
    for row in page:
        held = row.blocked and not row.overruled and row.outcome in ImportRow.TAKEN
        row.light = "late" if held else OUTCOME_LIGHTS[row.outcome]  # type: ignore[attr-defined]
        row.said = "须处理" if held else row.get_outcome_display()  # type: ignore[attr-defined]
        row.found = report.found_words(row)[:5]  # type: ignore[attr-defined]
    context = shell(
        request,
        current="importing:index",
        run=run,
        title="逐条报告",
        sub=f"{run.title}：{outcome_words(run.counts)}" if run.counts else run.title,
        page=page,
        chips=[
            _chip(request, "outcome", "预检", list(ImportRow.Outcome.choices)),
            _chip(request, "found", "只看", list(FOUND)),
            _chip(request, "state", "导入", [(code, label) for code, label in ImportRow.State.choices if code]),
        ],
        pager={"next_url": listing.address(request.GET, after=str(page[-1].ordinal)) if more else ""},
        buttons=[{"label": "下载 Excel", "url": listing.address(request.GET, export="xlsx"), "icon": "download"}],
        crumbs=[
            {"label": "历史信息导入", "url": reverse("importing:index")},
            {"label": run.number, "url": run.get_absolute_url()},
            {"label": "逐条报告", "url": ""},
        ],
    )
    return render(request, "importing/rows.html", context)


@signed_in
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the background work is; the page asks again while it goes on."""
    run = run_of(_user(request), pk)
    active = run.state in ("reading", "running", "undoing")
    response = render(request, "importing/progress.html", {"run": run, "active": active})
    if not active:
        # The acts that are possible now stand on the whole page.
        response["HX-Redirect"] = run.get_absolute_url()
    return response


@signed_in
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    _user(request)
    return listing.download(sheet.template(), "历史信息导入模板", "xlsx")
