"""法律顾问: the matters put to counsel, the register, and asking on any matter."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.models import Case
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.requests.appeals.views import common
from gongkai.requests.counsel import queries
from gongkai.requests.counsel.acts import SORT_OF_KIND
from gongkai.requests.counsel.kinds import COUNSEL, OPINION
from gongkai.requests.counsel.models import Counsel, Opinion

HERE = "counsel:index"
HEAD = (
    "编号", "类别", "事项", "提出单位", "法律顾问", "对应事项", "提出日期", "提出意见日期", "结论", "参与方式", "风险等级", "采纳情况", "采纳说明", "状态",
)  # fmt: skip


def _tabs(current: str) -> list[dict[str, Any]]:
    rows = (("index", "法律意见"), ("register", "法律顾问名册"))
    return [
        {"label": label, "url": reverse(f"counsel:{name}"), "count": None, "current": name == current}
        for name, label in rows
    ]


def _rows(request: HttpRequest) -> QuerySet[Opinion]:
    get = request.GET
    rows = Opinion.objects.visible_to(request.user).filter(listing.conditions(get, request.user, timezone.now()))
    for name, allowed in (
        ("sort", Opinion.Sort.values),
        ("adopted", Opinion.Adopted.values),
        ("verdict", Opinion.Verdict.values),
    ):
        if get.get(name) in allowed:
            rows = rows.filter(**{name: get[name]})
    chosen = listing.ids_of([get.get("counsel", "")])
    return rows.filter(counsel__in=chosen) if chosen else rows


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """The matters."""
    rows = _rows(request).select_related("unit", "clock", "counsel")
    if request.GET.get("export") == "xlsx":
        return _export(rows)
    found, pager = common.newest_first(request, rows, "asked_on")
    listing.with_faces(found, timezone.now())
    numbers = queries.by_sort(request.user)
    sorts = [(code, f"{label} {numbers.get(code, 0)}") for code, label in Opinion.Sort.choices]
    context = shell(
        request,
        current=HERE,
        title="法律顾问",
        sub="一事一询、一事一议：疑难申请、制度审核、复议诉讼、重大舆情、风险分析",
        tabs=_tabs("index"),
        table={
            "caption": "法律意见",
            "heads": common.heads("事项", "类别", "提出单位", "法律顾问", "提出日期", "状态和时限", "结论", "采纳"),
            "rows": [_row(case) for case in found],
        },
        chips=[
            common.chip(request, "sort", "类别", sorts),
            common.chip(request, "state", "状态", [(code, one.label) for code, one in OPINION.states.items()]),
            common.chip(request, "verdict", "结论", list(Opinion.Verdict.choices)),
            common.chip(request, "adopted", "采纳", list(Opinion.Adopted.choices)),
        ],
        pager=pager,
        buttons=[
            common.export_button(request),
            *common.new_button(request, "counsel_opinion.ask", reverse(HERE), primary=True),
        ],
        empty={"title": "还没有请法律顾问提过意见", "words": "遇到疑难申请、复议诉讼、重大舆情，一事一询。"},
    )
    return render(request, "appeals/list.html", context)


def _row(case: Opinion) -> dict[str, Any]:
    face = case.face  # type: ignore[attr-defined]
    live = {"words": f"{case.state_label}，{face.words}", "light": face.light} if face and case.is_open else {}
    verdict = case.get_verdict_display()
    if case.risk:
        verdict = f"{verdict}，{case.get_risk_display()}"
    return {
        "cells": [
            {"words": case.title, "url": case.get_absolute_url()},
            {"words": case.get_sort_display()},
            {"words": str(case.unit)},
            {"words": case.counsel.name if case.counsel else ""},
            {"words": day(case.asked_on)},
            live or {"words": case.state_label, "light": case.light},
            {"words": verdict},
            {"words": case.get_adopted_display()},
        ]
    }


def _export(rows: QuerySet[Opinion]) -> HttpResponse:
    lines = [
        (
            case.number,
            case.get_sort_display(),
            case.title,
            case.unit.name,
            case.counsel.name if case.counsel else "",
            case.subject.number if case.subject else "",
            case.asked_on,
            case.given_on,
            case.get_verdict_display(),
            case.part_words,
            case.get_risk_display(),
            case.get_adopted_display(),
            case.adopted_words,
            case.state_label,
        )
        for case in rows.select_related("subject").order_by("-asked_on", "-pk")[: listing.LIMIT_OF_EXPORT]
    ]
    return listing.download(sheets.workbook("法律意见台账", HEAD, lines), "法律意见台账.xlsx", "xlsx")


@common.working
def register(request: HttpRequest) -> HttpResponse:
    """Who is appointed."""
    user = request.user
    may_ask = queries.may_ask(user.main_unit).values("pk")
    rows = Counsel.objects.filter(Q(pk__in=Counsel.objects.visible_to(user).values("pk")) | Q(pk__in=may_ask))
    state = request.GET.get("state", "")
    if state in COUNSEL.states:
        rows = rows.filter(state=state)
    if request.GET.get("export") == "xlsx":
        return _export_register(rows)
    found, pager = common.newest_first(request, rows.select_related("unit", "office"), "opened_at")
    counts = dict(
        Opinion.objects.filter(counsel__in=[one.pk for one in found])
        .order_by()
        .values_list("counsel")
        .annotate(n=Count("pk"))
    )
    readable = set(Counsel.objects.visible_to(user).values_list("pk", flat=True))
    context = shell(
        request,
        current=HERE,
        title="法律顾问名册",
        sub="机构和岗位，不登记个人姓名",
        tabs=_tabs("register"),
        table={
            "caption": "法律顾问名册",
            "heads": common.heads(
                "机构或者岗位", "类别", "聘任单位", "办理意见的单位", "专长领域", "聘期", "状态", "法律意见"
            ),
            "rows": [_register_row(one, counts, readable) for one in found],
        },
        chips=[common.chip(request, "state", "状态", [(code, one.label) for code, one in COUNSEL.states.items()])],
        pager=pager,
        buttons=[
            common.export_button(request),
            *common.new_button(request, "counsel.appoint", reverse("counsel:register"), primary=True),
        ],
        empty={"title": "还没有聘任法律顾问", "words": "登记机构或者岗位、聘期和办理意见的单位。"},
    )
    return render(request, "appeals/list.html", context)


def _term(one: Counsel) -> str:
    return f"{day(one.since)}起" if one.until is None else f"{day(one.since)}至{day(one.until)}"


def _register_row(one: Counsel, counts: dict[int, int], readable: set[int]) -> dict[str, Any]:
    over = one.is_open and one.until is not None and one.until < timezone.localdate()
    return {
        "cells": [
            {"words": one.name, "url": one.get_absolute_url() if one.pk in readable else ""},
            {"words": one.get_sort_display()},
            {"words": str(one.unit)},
            {"words": str(one.office)},
            {"words": one.expertise},
            {"words": _term(one)},
            {
                "words": "聘期已过" if over else one.state_label,
                "light": "late" if over else "ok" if one.is_open else "done",
            },
            {"words": f"{counts.get(one.pk, 0)}件"},
        ]
    }


def _export_register(rows: QuerySet[Counsel]) -> HttpResponse:
    head = (
        "机构或者岗位",
        "类别",
        "聘任单位",
        "办理意见的单位",
        "专长领域",
        "政府法律顾问机制",
        "聘任文件",
        "聘期从",
        "聘期至",
        "状态",
    )
    lines = [
        (
            one.name,
            one.get_sort_display(),
            one.unit.name,
            one.office.name,
            one.expertise,
            "纳入" if one.government else "",
            one.basis,
            one.since,
            one.until,
            one.state_label,
        )
        for one in rows.select_related("unit", "office").order_by("name")[: listing.LIMIT_OF_EXPORT]
    ]
    return listing.download(sheets.workbook("法律顾问名册", head, lines), "法律顾问名册.xlsx", "xlsx")


@common.working
def ask(request: HttpRequest) -> HttpResponse:
    """Ask on a matter that the address names; the same act as from the list, with the matter filled in."""
    act = acts["counsel_opinion.ask"]
    if not act.permitted(None, request.user):
        raise PermissionDenied(f"你的角色不能{act.label}。")
    chosen = listing.ids_of([request.GET.get("case", "")])
    case = Case.objects.visible_to(request.user).filter(pk__in=chosen).first() if chosen else None
    form, failure, status = act.form(None, request.user, initial=_initial(case)), "", 200
    if request.method == "POST":
        try:
            event = perform(act, None, request.user, request.POST, files=request.FILES)
        except InvalidData as problem:
            form, status = problem.form, 422
        except ActError as problem:
            form = act.form(None, request.user, request.POST, request.FILES)
            form.is_valid()
            failure, status = str(problem), 409
        else:
            messages.success(request, f"已{act.label}：{event.case.title}")
            return redirect(event.case.get_absolute_url())
    context = shell(
        request,
        current=HERE,
        title=act.label,
        form=form,
        failure=failure,
        submit=act.label,
        cancel_url=case.get_absolute_url() if case else reverse(HERE),
        crumbs=[{"label": "法律顾问", "url": reverse(HERE)}, {"label": act.label, "url": ""}],
    )
    return render(request, "counsel/ask.html", context, status=status)


def _initial(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {}
    return {
        "matter": case.number,
        "title": f"法律意见：{case.title}"[:150],
        "sort": SORT_OF_KIND.get(case.kind, Opinion.Sort.OTHER),
    }
