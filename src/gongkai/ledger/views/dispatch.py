"""From approval to dispatch: who gets what, before it happens and after."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gongkai.core.acts import acts
from gongkai.core.models import Membership
from gongkai.core.navigation import shell
from gongkai.core.roles import STAFF
from gongkai.ledger.acts.notice import standing_tasks
from gongkai.ledger.dispatching import STRENGTH, Expander, places
from gongkai.ledger.models import Assignment, AssignmentRole, Doubt, Notice, Plan, Task
from gongkai.ledger.views import marking
from gongkai.ledger.views.common import STEPS, act_url, address, back, do, may, notice_of, overseeing


@overseeing
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """批准, then on to dispatch; an upstream notice is only approved."""
    notice = notice_of(request.user, pk)
    if not do(request, "notice.approve", notice, {}):
        return back(request, "review", pk)
    if notice.level == Notice.Level.UPSTREAM:
        messages.success(request, "已批准。上级要点用于对照，不用派发。")
        return back(request, "notice", pk)
    return back(request, "dispatch", pk)


@overseeing
def dispatch(request: HttpRequest, pk: int) -> HttpResponse:
    """派发: the preview, and what was done once it is."""
    notice = notice_of(request.user, pk)
    form = None
    if request.method == "POST":
        if do(request, "notice.dispatch", notice):
            return back(request, "dispatch", pk)
        notice = notice_of(request.user, pk)
    if notice.state == "approved":
        act = acts["notice.dispatch"]
        form = act.form(notice, request.user, request.POST if request.method == "POST" else None)
    context = {
        "notice": notice,
        "form": form,
        "steps": list(STEPS),
        "step": 5 if notice.state == "approved" else 6,
        "crumbs": [
            {"label": "工作要点台账", "url": reverse("ledger:notices")},
            {"label": notice.name, "url": reverse("ledger:notice", args=[pk])},
            {"label": "派发"},
        ],
        "may_dispatch": may("notice", "dispatch", notice, request.user),
        "reconsider_url": act_url(notice, "reconsider") if may("notice", "reconsider", notice, request.user) else "",
        "review_url": address("review", pk),
        "done": _done(notice) if notice.state in ("dispatched", "archived") else None,
        "preview": preview(notice) if notice.state == "approved" else None,
    }
    return render(request, "ledger/dispatch.html", shell(request, current="ledger:notices", **context))


def preview(notice: Notice) -> dict[str, Any]:
    """Who would get what: units with their numbers by role, groups with their members, duplicates, gaps."""
    tasks = standing_tasks(notice)
    expander = Expander()
    units: dict[int, dict[str, Any]] = {}
    groups: dict[str, int] = {}
    named, total, open_ended = 0, 0, []
    for task in tasks:
        rows = list(task.named_units.all())
        for one in rows:
            if one.group_id:
                groups[one.group.name] = len(expander.members(one.group))
            named += 1 if one.unit_id else groups.get(one.group.name, 0) if one.group_id else 0
        placed = places(rows, expander)
        total += len(placed)
        if not placed:
            open_ended.append(task)
        for unit, role, _scope in placed:
            row = units.setdefault(unit.pk, {"unit": unit, "number": 0, **{str(name): 0 for name in STRENGTH}})
            row["number"] += 1
            row[str(role)] += 1
    staffed = set(
        Membership.objects.filter(unit__in=list(units), role__in=STAFF, user__is_active=True).values_list(
            "unit", flat=True
        )
    )
    listed = sorted(units.values(), key=lambda row: (-row["number"], row["unit"].path))
    for row in listed:
        row["staffed"] = row["unit"].pk in staffed
    return {
        "units": listed,
        "tasks": len(tasks),
        "total": total,
        "twice": named - total,
        "groups": sorted(groups.items()),
        "open_ended": open_ended,
        "unstaffed": [row["unit"] for row in listed if not row["staffed"]],
        "roles": [(str(role), label) for role, label in AssignmentRole.choices],
    }


def _done(notice: Notice) -> dict[str, Any]:
    rows = Assignment.objects.filter(series=notice.ledger_series)
    return {
        "cases": rows.count(),
        "units": rows.order_by().values("unit").distinct().count(),
        "waiting": rows.filter(state="dispatched").count(),
        "plans": Plan.objects.filter(notice=notice).count(),
    }


@overseeing
def add_task(request: HttpRequest, pk: int) -> HttpResponse:
    """从原文新增任务: the paragraphs or rows of the source that make one."""
    notice = notice_of(request.user, pk)
    if request.method == "POST":
        spans = [_span(value) for value in request.POST.getlist("span")]
        chosen = sorted(span for span in spans if span)
        data = {"heading": request.POST.get("heading", "")}
        if chosen:
            data |= {"start": str(chosen[0][0]), "end": str(chosen[-1][1])}
        else:
            messages.error(request, "还没有选原文。请勾选一段或相邻的几段。")
        event = do(request, "notice.add_task", notice, data) if chosen else None
        if event:
            messages.success(request, "已新增任务，请指定责任单位。")
            return back(request, "review", pk, task=event.data.get("task"))
    taken = [
        (row[2], row[0], row[1])
        for row in Task.objects.filter(notice=notice, state="draft").values_list("span_start", "span_end", "pk")
    ]
    context = {
        "notice": notice,
        "parts": marking.parts_of(notice.text, notice.blocks, (), taken),
        "spans": list(request.POST.getlist("span")),
        "heading": request.POST.get("heading", ""),
        "may_add": may("notice", "add_task", notice, request.user),
        "crumbs": [
            {"label": "工作要点台账", "url": reverse("ledger:notices")},
            {"label": "核对", "url": address("review", pk)},
            {"label": "从原文新增任务"},
        ],
        "cancel_url": address("review", pk),
    }
    return render(request, "ledger/add_task.html", shell(request, current="ledger:notices", **context))


def _span(text: str) -> tuple[int, int] | None:
    start, _, end = text.partition("-")
    if start.isascii() and start.isdigit() and end.isascii() and end.isdigit() and len(text) < 24:
        return int(start), int(end)
    return None


@overseeing
@require_POST
def review_doubt(request: HttpRequest, pk: int, doubt: int) -> HttpResponse:
    """知道了: a doubt about the notice as a whole."""
    notice = notice_of(request.user, pk)
    found = get_object_or_404(Doubt, notice=notice, pk=doubt)
    do(request, "notice.resolve", notice, {"doubt": found.pk, "resolution": "已核对"})
    return back(request, "review", pk)
