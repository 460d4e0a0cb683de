"""我的待办: what waits for me, by urgency."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from gongkai.core import calendars, figures, first_steps, jurisdiction, listing, places
from gongkai.core.acts import Act, acts
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, User, readable_case
from gongkai.core.models.cases import NO_DUE, Light
from gongkai.core.navigation import frame, frame_counts, frame_sums, signed_in, standing
from gongkai.workbench import queries

WEEKDAYS = "一二三四五六日"
GROUPS = (
    ("late", "late", "已超期"),
    ("today", "soon", "今天到期"),
    ("soon", "soon", "三个工作日内"),
    ("later", "ok", "以后"),
)
TABS = (("", "待我处理"), ("waiting", "等待他人"), ("paused", "暂停计时"), ("closed", "本月办结"))


def rows_of(tab: str, user: User, now: dt.datetime) -> QuerySet:
    """The cases of a tab."""
    if tab == "waiting":
        return queries.waiting(user)
    if tab == "paused":
        return queries.paused(user)
    if tab == "closed":
        return queries.closed(user, queries.month_of(timezone.localtime(now).date()))
    return queries.todo(user)


def act_url(case: Case, act: Act) -> str:
    """Where an act on a case is done."""
    before, after = _act_address(get_script_prefix(), act.name)
    return f"{before}{case.pk}{after}"


@lru_cache(maxsize=512)
def _act_address(script_prefix: str, name: str) -> tuple[str, str]:
    """What stands before and after the case in the address of an act: looked up once, not for every row."""
    before, _, after = reverse("workbench:act", args=[0, name]).rpartition("/0/")
    return f"{before}/", f"/{after}"


@signed_in
def todo(request: HttpRequest) -> HttpResponse:
    """The to-do list. One query for the rows, one for every figure on the page."""
    user, now = request.user, timezone.now()
    tab = request.GET.get("tab", "") if request.GET.get("tab") in dict(TABS) else ""
    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(_filtered(request, tab, now), request.GET["export"], dict(TABS)[tab], now)
    ends = listing.ends(now)
    page = _page(request, tab, now)
    own = figures.kept(("todo", *standing(user), timezone.localtime(now).date()), now, lambda: _own_figures(user, now))
    counts = frame_counts(request)
    if not tab and (page.after or page.before):
        # Only where a group may go on beyond the page must the database count it.
        counts |= figures.kept(key(request, "groups", now), now, lambda: _group_figures(request, now))
    asked = figures.collect({**counts, **own}, frame_sums(request))
    # Open, neither paused nor mine: somebody else's turn. Said by the counters, so that no closed case is walked.
    asked.numbers["tab:waiting"] = max(asked["open"] - asked["tab:paused"] - asked["own"], 0)
    cases = listing.with_faces(page.rows, now)
    beside = figures.kept(("todo beside", *standing(user)), now, lambda: _beside(user))
    saved = figures.lines(beside["saved"])
    unread = figures.lines(beside["unread"])
    context = {
        **frame(request, asked),
        "title": "我的待办",
        "sub": _sub(now, asked, ends[0]),
        "buttons": listing_buttons(request),
        "tabs": _tabs(request, tab, asked),
        "chips": saved_chips(request, saved) if saved else [],
        "order_words": f"按时限先后排列，每页{listing.size()}件",
        "save_url": save_address(request, "todo"),
        "manage_filters": bool(saved),
        "groups": _groups(cases, user, now, ends, asked, tab),
        "empty": _empty(request, tab),
        "batch_acts": batch_acts(cases, user),
        "pager": listing.paging(request.GET, page),
        "weeks": _weeks(now, asked),
        "feed": [_said(row) for row in unread],
        "unread": figures.words(asked["frame:unread"]),
        "rows_count": len(cases),
        "first_steps": first_steps.of(user) if not cases and not tab and not set(request.GET) else [],
    }
    context["chips"] = listing.chips(request, listing.choices_for(request.GET, user)) + context["chips"]
    return render(request, "workbench/todo.html", context)


def _filtered(request: HttpRequest, tab: str, now: dt.datetime) -> QuerySet:
    return rows_of(tab, request.user, now).filter(listing.conditions(request.GET, request.user, now))


def key(request: HttpRequest, what: str, now: dt.datetime) -> tuple[Any, ...]:
    """What the questions of a list depend on: the person, the conditions in the address and the day."""
    return what, *standing(request.user), listing.address(request.GET), timezone.localtime(now).date()


def _page(request: HttpRequest, tab: str, now: dt.datetime) -> listing.Page:
    size = listing.size()
    if request.GET.get("after") or request.GET.get("before"):
        return listing.page_of(listing.relations(_filtered(request, tab, now)), request.GET, size)
    asked = figures.kept(
        (size, *key(request, "page", now)),
        now,
        lambda: {"page": listing.first_page(_filtered(request, tab, now), size)},
    )
    return listing.page_asked(asked["page"], size)


def _group_figures(request: HttpRequest, now: dt.datetime) -> dict[str, figures.Part]:
    filtered = _filtered(request, "", now)
    counts = {f"group:{name}": filtered.filter(listing.due_condition(name, now)) for name, _, _ in GROUPS}
    counts["group:none"] = filtered.filter(due_order=NO_DUE)
    return {name: figures.counting(rows) for name, rows in counts.items()}


def _beside(user: User) -> dict[str, figures.Part]:
    """What stands beside the list: the person's filters and the newest unread reminders."""
    unread = user.notifications.filter(read_at__isnull=True).annotate(opens=readable_case(user)).order_by("-id")[:6]
    return {
        "saved": places.saved_filters(user, "todo"),
        "unread": figures.question(unread, "created_at", "text", "opens"),
    }


def _own_figures(user: User, now: dt.datetime) -> dict[str, figures.Part]:
    """What the tabs and the calendar of the page tell, whichever tab is open."""
    mine = queries.todo(user)
    month = queries.month_of(timezone.localtime(now).date())
    return {
        "own": figures.counting(queries.todo_own(user), exact=True),
        "tab:closed": figures.adding(queries.closed_counts(user, month), "number"),
        "tab:paused": figures.adding(*queries.unit_lights(user, Light.PAUSED)),
        "open": figures.adding(*queries.unit_open_count(user)),
        "": figures.by_due_time(
            mine.filter(due_order__gt=_monday(now), due_order__lte=_monday(now) + dt.timedelta(days=14))
        ),
    }


def listing_buttons(request: HttpRequest) -> list[dict[str, Any]]:
    """Export and print, for every list."""
    return [
        {
            "label": "导出",
            "icon": "download",
            "phone": False,
            "menu": [
                {"label": "Excel 表格", "url": listing.address(request.GET, export="xlsx")},
                {"label": "Word 表格", "url": listing.address(request.GET, export="docx")},
            ],
        }
    ]


def save_address(request: HttpRequest, page: str) -> str:
    """Where the filter in the address can be kept; empty when there is none."""
    return places.save_address(request.GET, page)


def saved_chips(request: HttpRequest, saved: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The person's filters as chips, from (name, query)."""
    return places.saved_chips(request.GET, saved)


def _monday(now: dt.datetime) -> dt.datetime:
    today = timezone.localtime(now).date()
    return listing.day_start(today - dt.timedelta(days=today.weekday()))


def _week_end(now: dt.datetime) -> dt.datetime:
    return _monday(now) + dt.timedelta(days=7)


def _sub(now: dt.datetime, asked: figures.Figures, tonight: dt.datetime) -> str:
    today = timezone.localtime(now).date()
    words = f"{today.month}月{today.day}日 星期{WEEKDAYS[today.weekday()]}"
    due = sum(number for moment, number in asked.days.items() if now < moment <= tonight)
    week = sum(number for moment, number in asked.days.items() if tonight < moment <= _week_end(now))
    if due or week:
        words += f"，今天要办{due}件" if due else "，今天没有到期的"
        words += f"，本周还有{week}件到期" if week else ""
    return words


def _tabs(request: HttpRequest, tab: str, asked: figures.Figures) -> list[dict[str, Any]]:
    numbers = {
        "": asked["frame:workbench:todo"],
        "waiting": asked["tab:waiting"],
        "paused": asked["tab:paused"],
        "closed": asked["tab:closed"],
    }
    home = reverse("workbench:todo")
    return [
        {"label": label, "url": f"{home}?tab={name}" if name else home, "count": numbers[name], "current": name == tab}
        for name, label in TABS
    ]


def _groups(
    cases: list[Any],
    user: User,
    now: dt.datetime,
    ends: tuple[dt.datetime, dt.datetime],
    asked: figures.Figures,
    tab: str,
) -> list[dict[str, Any]]:
    place = tab or "todo"
    if tab:
        rows = [listing.row_of(case, user, act_url, _case_url(case, place)) for case in cases]
        light = {"waiting": "wait", "paused": "paused", "closed": "done"}[tab]
        total = (
            asked["tab:waiting"]
            if tab == "waiting"
            else asked["tab:paused"]
            if tab == "paused"
            else asked["tab:closed"]
        )
        return [{"light": light, "title": dict(TABS)[tab], "count": total, "rows": rows}] if rows else []
    by_group: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        row = listing.row_of(case, user, act_url, _case_url(case, place))
        by_group.setdefault(listing.urgency(case, now, ends), []).append(row)
    found = []
    for name, light, title in GROUPS:
        rows = by_group.get(name, [])
        if rows:
            total = asked[f"group:{name}"] + (asked["group:none"] if name == "later" else 0)
            total = max(total, len(rows))
            note = f"本页{len(rows)}件" if total > len(rows) else ""
            found.append({"light": light, "title": title, "count": total, "note": note, "rows": rows})
    return found


def _case_url(case: Case, place: str) -> str:
    return f"{case.get_absolute_url()}?in={place}"


def _empty(request: HttpRequest, tab: str) -> dict[str, Any]:
    if set(request.GET) - {"tab"}:
        return {
            "title": "没有符合条件的事项",
            "words": "可以去掉几个条件再看。",
            "link": {"label": "去掉全部条件", "url": f"?tab={tab}" if tab else "?"},
        }
    return {
        "": {"title": "现在没有等你办理的事项", "words": "有新事项派来、或者别人办完轮到你时，会出现在这里。"},
        "waiting": {"title": "没有在等别人的事项", "words": "你们报送、送审以后等待他人处理的事项列在这里。"},
        "paused": {"title": "没有暂停计时的事项", "words": "征求意见、核对口径等不计时的事项列在这里。"},
        "closed": {"title": "本月还没有办结的事项", "words": ""},
    }[tab]


def batch_acts(cases: list[Any], user: User) -> list[dict[str, str]]:
    """The acts that may be done on several of these cases at once."""
    present = {case.kind for case in cases if case.is_open}
    found = []
    for act in _batch_acts(len(acts)):
        if act.kind in present and act.permitted(None, user):
            label = f"批量{act.label}"
            if len(present) > 1:
                label += f"（{kinds[act.kind].label}）"
            found.append((act.order, {"label": label, "url": _batch_address(get_script_prefix(), act.kind, act.name)}))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


@lru_cache(maxsize=512)
def _batch_address(script_prefix: str, kind: str, name: str) -> str:
    return reverse("workbench:batch", args=[kind, name])


@lru_cache(maxsize=4)
def _batch_acts(registered: int) -> tuple[Act, ...]:
    """The acts that may be done on several cases at once; `registered` renews the answer when acts are added."""
    return tuple(act for act in acts.values() if act.batch and not act.system and not act.creates)


def _weeks(now: dt.datetime, asked: figures.Figures) -> list[list[dict[str, Any]]]:
    today = timezone.localtime(now).date()
    calendar = calendars.current()
    by_day: dict[dt.date, int] = {}
    for moment, number in asked.days.items():
        day = timezone.localtime(moment - dt.timedelta(microseconds=1)).date()
        by_day[day] = by_day.get(day, 0) + number
    soon = calendar.add_workdays(today, int(jurisdiction.value("clock.soon_workdays")))
    first = today - dt.timedelta(days=today.weekday())
    home = reverse("workbench:todo")
    days = []
    for offset in range(14):
        day = first + dt.timedelta(days=offset)
        count = by_day.get(day, 0)
        days.append(
            {
                "day": day,
                "count": count,
                "light": "late" if day < today else "soon" if day <= soon else "",
                "off": not calendar.is_workday(day),
                "past": day < today,
                "today": day == today,
                "url": f"{home}?due_from={day}&due_to={day}" if count else "",
            }
        )
    return [days[:7], days[7:]]


def _said(row: tuple[Any, str, int | None]) -> dict[str, Any]:
    created_at, words, case = row
    return {
        "at": listing.moment_of(created_at),
        "words": words,
        "url": Case(pk=case).get_absolute_url() if case else reverse("workbench:notifications"),
    }
