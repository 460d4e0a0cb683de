"""督办总览: lights by unit and section, trend, what is late, who has not confirmed, the next thirty days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gongkai.core import counters, figures, sheets
from gongkai.core.listing import day_start, download
from gongkai.core.models import Unit
from gongkai.core.navigation import frame, frame_counts, shell
from gongkai.ledger.models import Assignment, Notice
from gongkai.ledger.views import dashboard_data as data
from gongkai.ledger.views.common import address, may, notice_of, overseeing
from gongkai.ledger.views.notices import label_of


@overseeing
def dashboard(request: HttpRequest) -> HttpResponse:
    """The overview of one notice; with `by=lead` and `only=1` the matrix looks different, with `export` it is a file."""
    now = timezone.now()
    today = timezone.localdate(now)
    chosen = data.choose(Notice.objects.all(), request.GET.get("notice", ""))
    if chosen.notice is None:
        asked = figures.collect(frame_counts(request))
        context: dict[str, Any] = {"notice": None, "may_import": may("notice", "import", None, request.user)}
        return render(request, "ledger/dashboard.html", {**frame(request, asked, "ledger:dashboard"), **context})
    table = counters.by_unit_section(Assignment.KIND, chosen.series, now)
    by_lead = request.GET.get("by") == "lead"
    shown = data.by_lead(chosen) if by_lead else table
    ids = {unit for unit, _ in table} | {unit for unit, _ in shown}
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=ids)}
    matrix = data.matrix(chosen, shown, units, lead=by_lead, only=request.GET.get("only") == "1")
    if request.GET.get("export") == "xlsx":
        return _export(chosen, matrix)
    months = data.months_until(today)
    last_year = data.months_until(dt.date(today.year - 1, 12, 1))
    closed = counters.closed_by_month(Assignment.KIND, chosen.series, [*last_year, *months])
    asked = _figures(request, chosen, now)
    waiting = data.waiting_units(chosen, now)
    context = {
        "notice": chosen.notice,
        "now": now,
        "buttons": _buttons(request, chosen),
        "tiles": _tiles(chosen, data.totals(table), len({unit for unit, _ in table}), asked, waiting, closed, today),
        "matrix": matrix,
        "groups": _groups(request, by_lead),
        "trend": data.trend(chosen, {m: closed[m] for m in months if m in closed}, months),
        "targets": data.target_rows(chosen.notice, 8),
        "late": data.late_rows(chosen, now),
        "late_total": data.totals(table)["late"],
        "late_url": address("cases", chosen.notice.pk, light="late"),
        "urge_url": address("urge", chosen.notice.pk) if may("assignment", "urge", None, request.user) else "",
        "weeks": data.month_weeks(chosen, today, asked.days),
        "waiting": waiting,
    }
    return render(request, "ledger/dashboard.html", {**frame(request, asked, "ledger:dashboard"), **context})


def _figures(request: HttpRequest, chosen: data.Chosen, now: dt.datetime) -> figures.Figures:
    rows = data.cases_of(chosen).open()
    ahead = rows.filter(due_order__gt=now, due_order__lte=day_start(timezone.localdate(now) + dt.timedelta(days=36)))
    week = now - dt.timedelta(days=7)
    return figures.collect(
        {
            **frame_counts(request),
            "fresh": rows.filter(late_at__gt=week, late_at__lte=now),
            "silent": Assignment.objects.open().filter(series=chosen.series, light="soon", reported_at__isnull=True),
        },
        days=ahead,
    )


def _tiles(
    chosen: data.Chosen, lights: Any, units: int, asked: figures.Figures, waiting: list, closed: dict, today: dt.date
) -> list[dict[str, Any]]:
    pk = chosen.notice.pk
    running = sum(lights[light] for light in data.OPEN_LIGHTS)
    share, good, every = data.on_time_share(closed, today.year)
    before, _, _ = data.on_time_share(closed, today.year - 1)
    said = f"{every}件中{good}件按时" if every else "今年还没有办结的"
    said += f"，上年{data.words.percent(before)}%" if before is not None else ""
    receipt = chosen.notice.receipt_by

    def tile(label: str, light: str, value: object, unit: str, told: str, /, **where: Any) -> dict[str, Any]:
        return {
            "label": label,
            "light": light,
            "value": value,
            "unit": unit,
            "words": told,
            "url": address("cases", pk, **where),
        }

    return [
        tile("在办任务", "", f"{running:,}", "件", f"{units}个责任单位，共{sum(lights.values()):,}件", state="open"),
        tile(
            "已超期",
            "late",
            f"{lights['late']:,}",
            "件",
            f"其中{figures.words(asked['fresh'])}件是近七天新超期的" if lights["late"] else "没有超期的",
            light="late",
        ),
        tile(
            f"{data.soon_words()}内到期",
            "soon",
            f"{lights['soon']:,}",
            "件",
            f"其中{figures.words(asked['silent'])}件还没有报送过进展" if lights["soon"] else "近几天没有到期的",
            light="soon",
        ),
        tile(
            "未签收",
            "wait",
            len(waiting),
            "家",
            f"签收期限{receipt.month}月{receipt.day}日" if receipt else f"共{sum(row['number'] for row in waiting)}件",
            state="dispatched",
        ),
        tile(
            "本年按时办结率", "done", data.words.percent(share), "%" if share is not None else "", said, state="closed"
        ),
    ]


def _groups(request: HttpRequest, by_lead: bool) -> list[dict[str, Any]]:
    def url(**changes: str | None) -> str:
        parameters = request.GET.copy()
        for name, value in changes.items():
            if value:
                parameters[name] = value
            else:
                parameters.pop(name, None)
        return f"?{parameters.urlencode()}#matrix"

    only = request.GET.get("only") == "1"
    return [
        {"label": "按单位", "url": url(by=None), "on": not by_lead},
        {"label": "按牵头", "url": url(by="lead"), "on": by_lead},
        {"label": "只看异常", "url": url(only=None if only else "1"), "on": only},
    ]


def _buttons(request: HttpRequest, chosen: data.Chosen) -> list[dict[str, Any]]:
    parameters = request.GET.copy()
    parameters["export"] = "xlsx"
    menu = [
        {"label": f"{notice.name}", "url": f"?notice={notice.pk}", "current": notice.pk == chosen.notice.pk}
        for notice in chosen.notices
    ]
    return [
        {"label": label_of(chosen.notice), "menu": menu},
        {"label": "导出", "url": f"?{parameters.urlencode()}", "icon": "download", "phone": False},
    ]


def _export(chosen: data.Chosen, matrix: dict[str, Any]) -> HttpResponse:
    from gongkai.core.icons import STAFF_WORDS

    head = [matrix["corner"], *[f"{h['number']} {h['label']}".strip() for h in matrix["heads"]], "合计", "超期"]
    rows = [
        [
            row["label"],
            *[f"{cell['count']}（{STAFF_WORDS[cell['light']]}）" if cell else "" for cell in row["cells"]],
            row["total"],
            row["late"],
        ]
        for row in matrix["rows"]
    ]
    title = f"{chosen.notice.name} 办理情况"
    note = f"截至{timezone.localtime():%Y-%m-%d %H:%M}，每格为任务件数和最需要关注的状态"
    return download(sheets.workbook(title, head, rows, note), f"{title}.xlsx", "xlsx")


@overseeing
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """全部指标: every figure that the notice demands, and how it stands."""
    found = notice_of(request.user, pk)
    context = {
        "notice": found,
        "targets": data.target_rows(found),
        "crumbs": [
            {"label": "督办总览", "url": address("dashboard", notice=pk)},
            {"label": "指标达标情况"},
        ],
    }
    return render(request, "ledger/targets.html", shell(request, current="ledger:dashboard", **context))
