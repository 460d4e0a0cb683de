"""典型案例: the library that all staff read, with filters by result, field and remedy."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from gongkai.core import listing, sheets
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import when
from gongkai.requests import decisions
from gongkai.requests.acts.registration import areas
from gongkai.requests.appeals import queries
from gongkai.requests.appeals.acts.precedents import decision_choices
from gongkai.requests.appeals.kinds import PRECEDENT
from gongkai.requests.appeals.models import GROUPS, Appeal, Precedent
from gongkai.requests.appeals.views import common

HEAD = (
    "编号",
    "标题",
    "答复类型",
    "所属领域",
    "救济类型",
    "救济结果",
    "争议问题",
    "有关规定",
    "办理经过",
    "结果",
    "办理要点",
    "单位",
)


def _rows(request: HttpRequest) -> QuerySet[Precedent]:
    """The library itself, or with `mine` what is being written."""
    get = request.GET
    if get.get("mine"):
        rows = Precedent.objects.visible_to(request.user).exclude(state="published")
    else:
        rows = Precedent.objects.filter(state="published")
    for name in ("decision", "area", "appeal_sort", "outcome_group"):
        if get.get(name):
            rows = rows.filter(**{name: get[name][:40]})
    words = get.get("q", "").strip()[:60]
    for word in words.split()[:5]:
        condition = Q(title__contains=word) | Q(keywords__contains=word)
        for name, _ in Precedent.TEXTS:
            condition |= Q(**{f"{name}__contains": word})
        rows = rows.filter(condition)
    return rows.select_related("unit")


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The library."""
    rows = _rows(request)
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    mine = bool(request.GET.get("mine"))
    found, pager = common.newest_first(request, rows, "opened_at" if mine else "published_at")
    context = shell(
        request,
        current="precedents:index",
        title="典型案例",
        sub="去除个人信息的办理和复议诉讼案例，全体工作人员可以查阅",
        tabs=[
            {"label": "案例库", "url": reverse("precedents:index"), "count": None, "current": not mine},
            {
                "label": "编写和审核",
                "url": f"{reverse('precedents:index')}?mine=1",
                "count": None,
                "current": mine,
            },
        ],
        words=request.GET.get("q", ""),
        mine=mine,
        cases=[_shown(case, mine) for case in found],
        chips=[
            common.chip(request, "decision", "答复类型", decision_choices()),
            common.chip(request, "area", "领域", [(word, word) for word in areas()]),
            common.chip(request, "appeal_sort", "救济类型", list(Appeal.Sort.choices)),
            common.chip(request, "outcome_group", "救济结果", GROUPS),
        ],
        pager=pager,
        buttons=[
            common.export_button(request),
            *common.new_button(request, "precedent.write", reverse("precedents:index"), primary=True),
        ],
        empty={"title": "还没有案例", "words": "从办结的申请或者复议诉讼点“写成典型案例”。"},
    )
    return render(request, "appeals/precedents.html", context)


def _shown(case: Precedent, mine: bool) -> dict[str, Any]:
    return {
        "title": case.title,
        "url": case.get_absolute_url() if mine else reverse("precedents:one", args=[case.pk]),
        "question": case.question,
        "points": case.points,
        "tags": tags_of(case),
        "state": PRECEDENT.states[case.state].label if mine else "",
        "unit": str(case.unit),
        "when": when(case.published_at or case.opened_at),
    }


def tags_of(case: Precedent) -> list[str]:
    """By what a case is found, in words."""
    found = [decisions.short_of(case.decision) if case.decision else "", case.area]
    found += [case.get_appeal_sort_display(), case.get_outcome_group_display()]
    return [word for word in found if word]


@common.working
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One case of the library; who works on it goes on from here to its own page."""
    case = Precedent.objects.filter(pk=pk, state="published").select_related("unit").first()
    if case is None:
        raise Http404("案例库里没有这个案例。")
    mine = Precedent.objects.visible_to(request.user).filter(pk=pk).exists()
    context = shell(
        request,
        current="precedents:index",
        case=case,
        parts=queries.parts_of(case),
        tags=tags_of(case),
        own_url=case.get_absolute_url() if mine else "",
        crumbs=[{"label": "典型案例", "url": reverse("precedents:index")}, {"label": case.number, "url": ""}],
    )
    return render(request, "appeals/precedent.html", context)


def _export(rows: QuerySet[Precedent]) -> HttpResponse:
    lines = [
        (
            case.number,
            case.title,
            decisions.short_of(case.decision) if case.decision else "",
            case.area,
            case.get_appeal_sort_display(),
            case.get_outcome_group_display(),
            *(getattr(case, name) for name, _ in Precedent.TEXTS),
            case.unit.name,
        )
        for case in rows.order_by("-pk")[: listing.LIMIT_OF_EXPORT]
    ]
    return listing.download(sheets.workbook("典型案例", HEAD, lines), "典型案例.xlsx", "xlsx")
