"""The same work by stage, as a board of columns; and by handler, with what is due this week."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from gongkai.core import calendars, counters, figures, jurisdiction, listing
from gongkai.core.acts import Act, acts
from gongkai.core.models import Case, ClosedCount, User
from gongkai.core.models.cases import Light
from gongkai.core.navigation import frame, frame_counts, frame_sums
from gongkai.core.roles import Role
from gongkai.requests import worklist
from gongkai.requests.figures.tables import median
from gongkai.requests.figures.tables import pace as pace_of
from gongkai.requests.models import Request
from gongkai.requests.queries import decision_words
from gongkai.requests.views.lists import tabs, working

CARDS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board: its states, and what it means when nothing stands in it."""

    key: str
    label: str
    states: tuple[str, ...]
    nothing: str


COLUMNS = (
    Column("new", "待登记", ("unconfirmed", "received"), "没有新来的申请"),
    Column("handling", "办理中", ("handling",), "没有正在办理的"),
    Column("supplement", "补正中", ("supplementing", "explaining"), "没有等申请人补正的"),
    Column("opinion", "征求意见", ("consulting",), "没有在征求意见的"),
    Column("fee", "待缴费", ("paying",), "没有等缴费的"),
    Column("review", "审核中", ("review", "extending"), "没有送审的"),
    Column("delivery", "待送达", ("signed",), "没有待送达的"),
    Column("archive", "待归档", worklist.CLOSED, "办结的都已归档"),
)


def _chosen(request: HttpRequest) -> Q:
    """The filters of the board: unit and handler."""
    found = Q()
    units = listing.ids_of(request.GET.getlist("unit"))
    if units:
        found &= Q(unit__in=units)
    handler = request.GET.get("handler", "")
    if handler == "me":
        return found & Q(handler=request.user)
    if handler == "nobody":
        return found & Q(handler__isnull=True)
    people = listing.ids_of([handler])
    return found & Q(handler__in=people) if people else found


def _rows(user: User, column: Column) -> QuerySet[Case]:
    if column.key == "archive":
        return worklist.unfiled(worklist.mine(user).filter(state__in=column.states))
    return worklist.mine(user, opened=True).filter(state__in=column.states, closed_at__isnull=True)


def _first_ids(parts: dict[str, figures.Part]) -> dict[str, list[int]]:
    """The ids of the cards of all columns, in one query."""
    found: dict[str, list[int]] = {name: [] for name in parts}
    asked = [(name, part) for name, part in parts.items() if part.sql]
    if not asked:
        return found
    # The pieces are compiled by the ORM, every value goes in as a parameter.
    sql = " UNION ALL ".join(f"SELECT %s AS what, x{at}.* FROM ({part.sql}) AS x{at}" for at, (_, part) in enumerate(asked))  # noqa: S608  # fmt: skip
    values = [value for name, part in asked for value in (name, *part.values)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for name, pk in cursor.fetchall():
            found[name].append(pk)
    return found


@working
def board(request: HttpRequest) -> HttpResponse:
    """看板: the first cards of each stage, the nearest due first, and how many there are."""
    user, now, chosen = request.user, timezone.now(), _chosen(request)
    parts = {
        column.key: figures.question(_rows(user, column).filter(chosen).order_by("due_order", "id")[:CARDS], "pk")
        for column in COLUMNS
    }
    guests = worklist.visiting(user).filter(chosen).order_by("due_order", "id")[:CARDS]
    ids = _first_ids({**parts, "guests": figures.question(guests, "pk")})
    asked = figures.collect(
        {
            **frame_counts(request),
            **{column.key: figures.counting(_rows(user, column).filter(chosen), exact=True) for column in COLUMNS},
        },
        frame_sums(request),
    )
    every = [pk for listed in ids.values() for pk in listed]
    cases = listing.with_faces(list(listing.relations(Case.objects.filter(pk__in=every))), now)
    by_id = {case.pk: case for case in cases}
    own = worklist.own_columns(cases)
    columns = [_column(request, column, asked, ids, by_id, own) for column in COLUMNS]
    context = {
        **frame(request, asked, "requests:index"),
        "title": "依申请公开看板",
        "sub": _sub(columns),
        "tabs": tabs("board", asked),
        "chips": listing.chips(request, _choices(request)),
        "columns": columns,
        "buttons": [],
    }
    return render(request, "requests/staff/board.html", context)


def _choices(request: HttpRequest) -> list[listing.Choice]:
    people = [("me", "我经办的"), ("nobody", "还没有经办人"), *worklist.handlers(request.user)]
    found = [listing.Choice("handler", "经办人", people)]
    if listing.wide(request.user):
        found.append(listing.unit_choice())
    return found


def _sub(columns: list[dict[str, Any]]) -> str:
    number = sum(column["count"] for column in columns if column["key"] != "archive")
    late = sum(card["light"] == "late" for column in columns for card in column["cards"])
    return f"在办{number:,}件，每列按到期先后排列" + (f"，排在前面的有{late}件超期" if late else "")


def _column(
    request: HttpRequest,
    column: Column,
    asked: figures.Figures,
    ids: dict[str, list[int]],
    by_id: dict[int, Any],
    own: dict[int, dict[str, Any]],
) -> dict[str, Any]:
    guests = [pk for pk in ids["guests"] if pk in by_id and by_id[pk].state in column.states]
    listed = [by_id[pk] for pk in [*ids[column.key], *guests] if pk in by_id]
    listed.sort(key=lambda case: (case.due_order, case.pk))
    kept = [(name, value) for name in ("unit", "handler") for value in request.GET.getlist(name) if value]
    wanted = [("has", "archive")] if column.key == "archive" else [("state", state) for state in column.states]
    number = asked[column.key] + len(guests)
    return {
        "key": column.key,
        "label": column.label,
        "count": number,
        "more": max(number - len(listed), 0),
        "url": f"{reverse('requests:index')}?{urlencode([*wanted, *kept])}",
        "nothing": column.nothing,
        "cards": [_card(case, own.get(case.pk, {}), request.user) for case in listed],
    }


# The act that each state waits for. Others may be possible too: the page of the request offers them.
EXPECTED = {
    "unconfirmed": ("confirm",),
    "received": ("register",),
    "handling": ("draft_reply",),
    "supplementing": ("supplement_received",),
    "consulting": ("opinion_received",),
    "explaining": ("reasons_given",),
    "paying": ("fee_paid",),
    "extending": ("grant_extension",),
    "signed": ("deliver",),
    **dict.fromkeys(worklist.CLOSED, ("archive",)),
}


def expected_act(case: Any, user: User) -> Act | None:
    """What this person is expected to do on a request as its state stands; None when it is somebody else's turn."""
    names = EXPECTED.get(case.state, ())
    if case.state == "review":
        if case.turn_role not in user.roles_by_unit.get(case.turn_unit_id, ()):
            return None
        names = ("sign_reply",) if case.turn_role == Role.LEADER else ("pass_reply",)
        return acts[f"request.{names[0]}"]
    found = (acts[f"request.{name}"] for name in names)
    return next((act for act in found if act.starts_from(case) and act.permitted(case, user)), None)


def _card(case: Any, own: dict[str, Any], user: User) -> dict[str, Any]:
    face = case.face
    act = expected_act(case, user)
    meta = [own.get("applicant_label", "")]
    if case.unit_id not in user.roles_by_unit or listing.wide(user):
        meta.append(str(case.unit))
    words, light = (face.words, str(face.light)) if face and case.is_open else ("", "")
    until = face.date_words if words else ""
    if not case.is_open:
        told = decision_words(own.get("decision", "")) or case.state_label
        words, light = told, "donelate" if own.get("answered_in_time") is False else "done"
    return {
        "id": case.pk,
        "number": case.number,
        "title": own.get("subject") or case.title,
        "url": case.get_absolute_url(),
        "state": case.state_label,
        "light": light,
        "words": words,
        "until": until,
        "meta": [word for word in meta if word],
        "handler": str(case.handler) if case.handler_id else "",
        "act": {"label": act.label, "url": reverse("workbench:act", args=[case.pk, act.name])} if act else None,
    }


# --- load -------------------------------------------------------------------------------------------------------------


@working
def load(request: HttpRequest) -> HttpResponse:
    """经办情况: what each handler (for overseers: each body) has open, late, due this week, and how fast it goes."""
    user, now = request.user, timezone.now()
    chosen = [pk for pk in listing.ids_of(request.GET.getlist("unit")) if pk in set(worklist.units(user))]
    by_unit = bool(worklist.roots(user)) and not chosen
    scope = chosen or worklist.units(user)
    rows = worklist.mine(user).filter(unit__in=chosen) if chosen else worklist.mine(user)
    monday, _ = worklist.week_of(now)
    asked = figures.collect(
        {**frame_counts(request)},
        frame_sums(request),
        days=rows.filter(closed_at__isnull=True, due_order__gt=monday, due_order__lte=monday + dt.timedelta(days=14)),
    )
    lines = _unit_lines(rows, scope, now) if by_unit else _handler_lines(rows, scope, now)
    context = {
        **frame(request, asked, "requests:index"),
        "title": "依申请公开经办情况",
        "sub": _load_sub(lines, by_unit),
        "tabs": tabs("load", asked),
        "chips": listing.chips(request, [listing.unit_choice()] if listing.wide(user) else []),
        "table": {
            "caption": "各单位在办和办结" if by_unit else "各经办人在办和办结",
            "heads": _load_heads(by_unit),
            "rows": [_load_row(line, by_unit, chosen) for line in lines],
        },
        "weeks": _weeks(now, asked, chosen),
        "empty": {"title": "还没有申请", "words": "收到申请后，这里按经办人列出在办和办结情况。"},
        "buttons": [],
    }
    return render(request, "requests/staff/load.html", context)


@dataclass(slots=True)
class Line:
    """One handler or body: numbers, and the median of the working days used."""

    label: str
    key: str
    url: str = ""
    open: int = 0
    late: int = 0
    week: int = 0
    closed: int = 0
    median: float | None = None


def _months(now: dt.datetime) -> list[str]:
    """This month and the two before it, as cases carry them."""
    first = timezone.localtime(now).date().replace(day=1)
    found = []
    for _ in range(3):
        found.append(f"{first:%Y-%m}")
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return found


def _late(now: dt.datetime) -> Q:
    """Late as it is at this moment, whether or not the periodic work has come by."""
    return Q(light=Light.LATE) | Q(light_until__lte=now, late_at__lte=now)


def _open_now(rows: QuerySet, column: str, now: dt.datetime) -> dict[Any, tuple[int, int, int]]:
    week = worklist.due_this_week(now)
    found = rows.filter(closed_at__isnull=True).order_by().values(column)
    found = found.annotate(number=Count("pk"), late=Count("pk", filter=_late(now)), week=Count("pk", filter=week))
    return {row[column]: (row["number"], row["late"], row["week"]) for row in found}


def _handler_lines(rows: QuerySet, scope: list[int], now: dt.datetime) -> list[Line]:
    """One line for each handler of these bodies; those without a handler come last."""
    months = _months(now)
    open_now = _open_now(rows, "handler", now)
    closed: Counter[int | None] = Counter()
    days: defaultdict[int | None, Counter[int]] = defaultdict(Counter)
    done = Request.objects.filter(unit__in=scope, closed_at__isnull=False, closed_month__in=months).order_by()
    groups = done.values_list("handler", "closed_month", "workdays_used").annotate(number=Count("pk"))
    for handler, month, workdays, number in groups:
        if month == months[0]:
            closed[handler] += number
        if workdays is not None:
            days[handler][workdays] += number
    named = {
        person.pk: str(person)
        for person in User.objects.filter(pk__in=[pk for pk in {*open_now, *closed, *days} if pk])
    }
    lines = []
    for handler in {*open_now, *closed, *days}:
        number, late, week = open_now.get(handler, (0, 0, 0))
        lines.append(
            Line(
                named.get(handler, "还没有经办人") if handler else "还没有经办人",
                str(handler) if handler else "nobody",
                open=number, late=late, week=week, closed=closed[handler], median=median(days[handler]),
            )
        )  # fmt: skip
    return sorted(lines, key=lambda line: (line.key == "nobody", -line.open, line.label))


def _unit_lines(rows: QuerySet, scope: list[int], now: dt.datetime) -> list[Line]:
    """One line for each body, from the counters; who is due this week is counted from what is open."""
    today = timezone.localtime(now).date()
    week: dict[int, int] = dict(
        rows.filter(worklist.due_this_week(now)).order_by().values_list("unit").annotate(number=Count("pk"))
    )
    lights: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (unit, _section), found in counters.by_unit_section(Request.KIND, units=scope).items():
        lights[unit].update(found)
    month = ClosedCount.objects.filter(kind=Request.KIND, unit__in=scope, month=f"{today:%Y-%m}").order_by()
    closed: Counter[int] = Counter()
    for unit, number in month.values_list("unit", "number"):
        closed[unit] += number
    speed = {int(one.key): one.median for one in pace_of(scope, today.year).units}
    names = {unit.pk: str(unit) for unit in worklist.named(scope)}
    lines = []
    for unit, name in names.items():
        shown = lights[unit]
        number = sum(shown[light] for light in ("late", "soon", "paused", "wait", "ok"))
        if number or closed[unit] or unit in speed:
            lines.append(
                Line(name, str(unit), open=number, late=shown["late"], week=week.get(unit, 0), closed=closed[unit],
                     median=speed.get(unit))
            )  # fmt: skip
    return sorted(lines, key=lambda line: (-line.late, -line.open, line.label))


def _load_heads(by_unit: bool) -> list[dict[str, Any]]:
    first = "单位" if by_unit else "经办人"
    speed = "本年用时中位数（工作日）" if by_unit else "近三个月用时中位数（工作日）"
    return [
        {"label": first},
        *({"label": label, "number": True} for label in ("在办", "超期", "本周到期", "本月办结", speed)),
    ]


def _load_row(line: Line, by_unit: bool, chosen: list[int]) -> dict[str, Any]:
    """Each figure opens the requests behind it."""
    home = reverse("requests:index")
    base = [("unit", line.key)] if by_unit else [*(("unit", str(pk)) for pk in chosen), ("handler", line.key)]

    def cell(number: int, *more: tuple[str, str]) -> dict[str, Any]:
        url = f"{home}?{urlencode([*base, *more])}" if number else ""
        return {"words": f"{number:,}", "url": url, "number": True}

    first = f"{reverse('requests:load')}?unit={line.key}" if by_unit else f"{home}?{urlencode(base)}"
    month = f"{timezone.localdate():%Y-%m}"
    return {
        "cells": [
            {"words": line.label, "url": first},
            cell(line.open),
            cell(line.late, ("due", "late")),
            cell(line.week, ("due", "week")),
            cell(line.closed, ("month", month)),
            {"words": "–" if line.median is None else f"{line.median:g}", "number": True},
        ]
    }


def _load_sub(lines: list[Line], by_unit: bool) -> str:
    number, late = sum(line.open for line in lines), sum(line.late for line in lines)
    week = sum(line.week for line in lines)
    words = f"{len(lines)}个单位" if by_unit else f"{sum(line.key != 'nobody' for line in lines)}位经办人"
    return f"{words}，在办{number:,}件，超期{late:,}件，本周到期{week:,}件"


def _weeks(now: dt.datetime, asked: figures.Figures, chosen: list[int]) -> list[list[dict[str, Any]]]:
    """This week and the next, each day with how many are due; a day opens its requests."""
    today = timezone.localtime(now).date()
    calendar = calendars.current()
    by_day: Counter[dt.date] = Counter()
    for moment, number in asked.days.items():
        by_day[timezone.localtime(moment - dt.timedelta(microseconds=1)).date()] += number
    soon = calendar.add_workdays(today, int(jurisdiction.value("clock.soon_workdays")))
    first = today - dt.timedelta(days=today.weekday())
    kept = [("unit", str(pk)) for pk in chosen]
    days = []
    for offset in range(14):
        on = first + dt.timedelta(days=offset)
        number = by_day[on]
        url = f"{reverse('requests:index')}?{urlencode([('due_from', str(on)), ('due_to', str(on)), *kept])}"
        days.append(
            {
                "day": on,
                "count": number,
                "light": "late" if on < today else "soon" if on <= soon else "",
                "off": not calendar.is_workday(on),
                "past": on < today,
                "today": on == today,
                "url": url if number else "",
            }
        )
    return [days[:7], days[7:]]
