"""Own plans, hearings, supervisions and look-backs: their lists, and the pages on which they are filled in."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gongkai.core import listing
from gongkai.core.acts import ActError, perform
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import Unit
from gongkai.core.navigation import shell
from gongkai.ledger import queries, reports
from gongkai.ledger.models import Hearing, LookBack, LookBackItem, Plan, Supervision
from gongkai.ledger.views.common import act_url, do, is_office, may, overseeing, oversees, sentences, working

MOST = 400


def _page(request: HttpRequest, rows: Any, parameters: Any) -> tuple[list[Any], dict[str, str]]:
    """A page of records in order of due time, with faces and the addresses of its neighbours."""
    page = listing.page_of(rows.select_related("unit", "clock", "handler"), parameters, listing.size())
    return listing.with_faces(page.rows, timezone.now()), listing.paging(parameters, page)


def _state_chips(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    state = request.GET.get("state", "")
    states = kinds[kind].states
    options = [("open", "在办"), ("closed", "办结"), *[(code, one.label) for code, one in states.items()]]
    return [
        {
            "label": "状态",
            "value": dict(options).get(state, ""),
            "clear_url": listing.address(request.GET, state=None),
            "options": [{"label": label, "url": listing.address(request.GET, state=code)} for code, label in options],
        }
    ]


# --- own plans -------------------------------------------------------------------------------------------------------


@working
def plans(request: HttpRequest) -> HttpResponse:
    """本单位方案: the plans of the person's units; the office sees all."""
    whole = oversees(request.user)
    rows = Plan.objects.exclude(state="cancelled").select_related("notice")
    rows = rows.filter(unit__in=list(request.user.roles_by_unit)) if not whole else rows.visible_to(request.user)
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(rows, request.GET["export"], "本单位方案", timezone.now())
    listed, pager = _page(request, rows, request.GET)
    table = _table(
        "本单位方案",
        ("方案", "单位", "状态", "时限", "到期"),
        [
            [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": str(one.unit)},
                {"words": one.state_label},
                _light(one),
                {"words": one.face.date_words if one.face else ""},
            ]
            for one in listed
        ],
    )
    buttons = [
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    ]
    if not whole and may("plan", "open", None, request.user):
        buttons.append({"label": "新建本单位方案", "url": act_url(None, "open", "plan"), "icon": "file-plus"})
    return _list(
        request,
        "本单位方案",
        "要点印发后30日内制定，明确具体举措、责任科室和完成时限",
        table,
        pager,
        buttons,
        _state_chips(request, "plan"),
        {"title": "没有本单位方案", "words": "要点派发时要求制定的，会出现在这里，并附上根据任务生成的初稿。"},
        "ledger:plans",
    )


@working
def plan_items(request: HttpRequest, pk: int) -> HttpResponse:
    """The items of a plan, all on one page; each changed line is an act."""
    plan = get_object_or_404(
        Plan.objects.visible_to(request.user).select_related("unit", "supervisor", "notice"), pk=pk
    )
    failure = ""
    if request.method == "POST":
        try:
            changed = _save_items(request, plan)
        except ActError as error:
            failure = sentences(error)
        else:
            from django.contrib import messages

            messages.success(request, f"已保存，改了{changed}项。" if changed else "没有改动。")
            return redirect("ledger:plan-items", pk)
    posted = request.POST if failure else {}
    items = [
        {
            "item": item,
            "measure": posted.get(f"measure-{item.pk}", item.measure),
            "responsible": posted.get(f"responsible-{item.pk}", item.responsible),
            "due_on": posted.get(f"due_on-{item.pk}", item.due_on.isoformat() if item.due_on else ""),
        }
        for item in plan.items.select_related("task")
    ]
    context: dict[str, Any] = {
        "plan": plan,
        "items": items,
        "new": {name: posted.get(f"{name}-new", "") for name in ("measure", "responsible", "due_on")},
        "failure": failure,
        "editable": may("plan", "edit_item", plan, request.user),
        "submit_url": act_url(plan, "submit") if may("plan", "submit", plan, request.user) else "",
        "crumbs": [
            {"label": "本单位方案", "url": reverse("ledger:plans")},
            {"label": plan.title, "url": plan.get_absolute_url()},
            {"label": "事项"},
        ],
    }
    status = 422 if failure else 200
    return render(request, "ledger/plan_items.html", shell(request, current="ledger:plans", **context), status=status)


def _save_items(request: HttpRequest, plan: Plan) -> int:
    """Write what differs; returns how many items changed."""
    data, changed = request.POST, 0
    with writing():
        drop = data.get("drop", "")
        for item in plan.items.all():
            given = {name: data.get(f"{name}-{item.pk}", "").strip() for name in ("measure", "responsible", "due_on")}
            stored = {
                "measure": item.measure.strip(),
                "responsible": item.responsible,
                "due_on": item.due_on.isoformat() if item.due_on else "",
            }
            given["measure"] = given["measure"].replace("\r\n", "\n")
            if str(item.pk) == drop:
                perform("plan.drop_item", plan, request.user, {"item": item.pk})
                changed += 1
            elif f"measure-{item.pk}" in data and given != stored:
                perform("plan.edit_item", plan, request.user, {"item": item.pk, **given})
                changed += 1
        if data.get("measure-new", "").strip():
            new = {name: data.get(f"{name}-new", "") for name in ("measure", "responsible", "due_on")}
            perform("plan.edit_item", plan, request.user, new)
            changed += 1
    return changed


@working
def plan_document(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan as Word."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("unit"), pk=pk)
    return listing.download(reports.plan_document(plan), f"{plan.title}.docx", "docx")


# --- hearings --------------------------------------------------------------------------------------------------------


@working
def hearings(request: HttpRequest) -> HttpResponse:
    """听取汇报台账: every unit with its numbers of the year against the yearly demand, and the year's records."""
    year = _year(request)
    units = _hearing_units(request)
    if request.GET.get("export") == "xlsx":
        return listing.download(reports.hearings_workbook(year, units), f"{year}年听取汇报和培训台账.xlsx", "xlsx")
    rows = Hearing.objects.filter(state="recorded", held_on__year=year, unit__in=units).select_related("unit")
    chosen = request.GET.get("unit", "")
    if chosen.isascii() and chosen.isdigit():
        rows = rows.filter(unit=int(chosen))
    context: dict[str, Any] = {
        "year": year,
        "years": [{"label": f"{one}年", "url": listing.address(request.GET, year=str(one)), "current": one == year} for one in range(timezone.localdate().year, timezone.localdate().year - 4, -1)],
        "units": queries.hearing_rows(year, units),
        "records": list(rows.order_by("-held_on", "-pk")[:200]),
        "forms": Hearing.Form.choices,
        "record_url": act_url(None, "record", "hearing") if may("hearing", "record", None, request.user) else "",
        "export_url": listing.address(request.GET, export="xlsx"),
        "chosen": chosen,
        "whole": oversees(request.user),
    }  # fmt: skip
    context["missing"] = sum(not row.enough for row in context["units"])
    return render(request, "ledger/hearings.html", shell(request, current="ledger:hearings", **context))


def _year(request: HttpRequest) -> int:
    wanted = request.GET.get("year", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) == 4:
        return int(wanted)
    return timezone.localdate().year


def _hearing_units(request: HttpRequest) -> list[Unit]:
    if not oversees(request.user):
        return list(Unit.objects.filter(pk__in=list(request.user.roles_by_unit)).order_by("ordinal", "pk"))
    notice = queries.current_notice()
    if notice is not None:
        found = queries.units_of(notice)
        if found:
            return found
    roots = [membership.unit.parent_id or membership.unit_id for membership in request.user.memberships_now]
    return list(Unit.objects.filter(active=True, parent__in=roots).order_by("ordinal", "pk")[:MOST])


# --- supervisions ----------------------------------------------------------------------------------------------------


@working
def supervisions(request: HttpRequest) -> HttpResponse:
    """督办单: running ones first."""
    rows = Supervision.objects.visible_to(request.user)
    rows = rows.filter(listing.conditions(request.GET, request.user, timezone.now()))
    if not request.GET.get("state"):
        rows = rows.exclude(state="withdrawn")
    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(rows, request.GET["export"], "督办单", timezone.now())
    listed, pager = _page(request, rows, request.GET)
    table = _table(
        "督办单",
        ("督办事项", "编号", "单位", "状态", "答复时限", "到期"),
        [
            [
                {"words": one.title, "url": one.get_absolute_url()},
                {"words": one.number},
                {"words": str(one.unit)},
                {"words": one.state_label},
                _light(one),
                {"words": one.face.date_words if one.face else ""},
            ]
            for one in listed
        ],
    )
    buttons = [
        {"label": "导出", "url": listing.address(request.GET, export="xlsx"), "icon": "download", "phone": False}
    ]
    return _list(
        request,
        "督办单",
        "发出、答复、审核、办结",
        table,
        pager,
        buttons,
        _state_chips(request, "supervision"),
        {
            "title": "没有督办单",
            "words": "在超期任务的页面上可以发督办单。"
            if is_office(request.user)
            else "主管单位发来督办单后，成为你的待办，也列在这里。",
        },
        "ledger:supervisions",
    )


# --- look-backs ------------------------------------------------------------------------------------------------------


@overseeing
def lookbacks(request: HttpRequest) -> HttpResponse:
    """回头看: last year's duties checked again."""
    rows = LookBack.objects.visible_to(request.user).select_related("unit", "notice").order_by("-pk")[:MOST]
    listed = list(rows)
    items = LookBackItem.objects.filter(lookback__in=[one.pk for one in listed])
    counted: dict[int, Counter[str]] = {}
    for pk, finding in items.values_list("lookback", "finding"):
        counted.setdefault(pk, Counter())[finding] += 1
    table = _table(
        "回头看",
        ("名称", "状态", "已核查", "已完成", "部分完成", "未完成"),
        [_lookback_line(one, counted.get(one.pk, Counter())) for one in listed],
        numbers=(2, 3, 4, 5),
    )
    buttons: list[dict[str, Any]] = []
    if may("lookback", "start", None, request.user):
        buttons.append(
            {"label": "开展回头看", "url": act_url(None, "start", "lookback"), "icon": "history", "primary": True}
        )
    empty = {"title": "还没有开展回头看", "words": "选一份上年要点，逐条核查，未完成的可以责令整改。"}
    return _list(request, "回头看", "上年任务有没有做完", table, {}, buttons, [], empty, "ledger:lookbacks")


def _lookback_line(one: LookBack, counted: Counter[str]) -> list[dict[str, Any]]:
    whole = sum(counted.values())
    return [
        {"words": one.title, "url": one.get_absolute_url()},
        {"words": one.state_label, "light": one.state_light},
        {"words": f"{whole - counted['open']}/{whole}", "number": True},
        *[{"words": counted[name], "number": True} for name in ("done", "partly", "unfinished")],
    ]


@overseeing
@require_POST
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """登记核查结果 of one item, from the look-back's own page."""
    lookback = get_object_or_404(LookBack.objects.visible_to(request.user), pk=pk)
    do(request, "lookback.find", lookback, told="已登记。")
    return redirect(f"{lookback.get_absolute_url()}#item-{request.POST.get('item', '')}")


@overseeing
def unfinished(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of the unfinished as a file."""
    lookback = get_object_or_404(LookBack.objects.visible_to(request.user).select_related("notice"), pk=pk)
    form = request.GET.get("form", "xlsx")
    if form not in ("xlsx", "docx"):
        raise Http404
    make = reports.unfinished_workbook if form == "xlsx" else reports.unfinished_document
    return listing.download(make(lookback), f"{lookback.notice.name}未完成清单.{form}", form)


# --- what the lists share --------------------------------------------------------------------------------------------


def _light(one: Any) -> dict[str, Any]:
    face = one.face
    return {"words": face.words if face and face.light == one.light else "", "light": one.light}


def _table(caption: str, heads: tuple[str, ...], rows: list[Any], numbers: tuple[int, ...] = ()) -> dict[str, Any]:
    return {
        "caption": caption,
        "heads": [{"label": label, "number": place in numbers} for place, label in enumerate(heads)],
        "rows": [{"cells": cells} for cells in rows],
    }


def _list(
    request: HttpRequest,
    title: str,
    sub: str,
    table: dict[str, Any],
    pager: dict[str, str],
    buttons: list[dict[str, Any]],
    chips: list[dict[str, Any]],
    empty: dict[str, Any],
    current: str,
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": title,
        "sub": sub,
        "table": table,
        "pager": pager,
        "buttons": buttons,
        "chips": chips,
        "empty": empty,
    }
    return render(request, "ledger/records.html", shell(request, current=current, **context))
