"""The work list of requests: filters in the address, a page at a time, acts on several, and the register as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gongkai.core import figures, listing, places
from gongkai.core.acts import acts
from gongkai.core.kinds import kinds
from gongkai.core.models import User
from gongkai.core.models.cases import Light
from gongkai.core.navigation import frame, frame_counts, frame_sums, signed_in, standing
from gongkai.core.roles import ADMINISTRATORS
from gongkai.requests import worklist
from gongkai.requests.acts.registration import areas
from gongkai.requests.models import Category, Channel, Request
from gongkai.requests.queries import day, decision_words
from gongkai.requests.worklist import HAS, WEEK

View = Callable[..., HttpResponse]
STATES = [("open", "在办"), ("closed", "办结"), ("all", "全部"), ("waiting", "等申请人或者其他方")]
FILES = {"xlsx": ("list", "xlsx"), "docx": ("list", "docx"), "register": ("register", "xlsx"),
         "register-docx": ("register", "docx")}  # fmt: skip
# Groups of rows of the annual table, by the letter their codes begin with.
RESULTS = [
    ("G", "予以公开"),
    ("P", "部分公开"),
    ("D", "不予公开"),
    ("U", "无法提供"),
    ("N", "不予处理"),
    ("O", "其他处理"),
]
_FORM = ("q", "received_from", "received_to")


def working(view: View) -> View:
    """Pages for everybody who works with requests; administrators alone have no business here."""

    @wraps(view)
    def inner(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.role_set - ADMINISTRATORS:
            raise PermissionDenied("你的角色不办理业务。需要时请联系安全保密管理员。")
        return view(request, *arguments, **named)

    return signed_in(inner)


@working
def index(request: HttpRequest) -> HttpResponse:
    """依申请公开: every request the person may see, the nearest due first."""
    user, now, parameters = request.user, timezone.now(), request.GET
    wanted = FILES.get(parameters.get("export", ""))
    if wanted is not None:
        rows = worklist.readable(user).filter(worklist.conditions(parameters, user, now))
        data, name = worklist.file(rows, *wanted, now)
        return listing.download(data, name, wanted[1])
    size = listing.size()
    # Closed months of the default list are not looked at: what was typed into the search box is asked anew each time.
    asked_for = figures.kept(_key(request, now, size), now, lambda: _questions(request, now, size))
    first = asked_for.pop("page", None)
    saved = figures.lines(asked_for.pop("saved"))
    asked = figures.collect({**frame_counts(request), **asked_for}, frame_sums(request))
    page = _page(request, asked, first, now, size)
    cases = listing.with_faces(page.rows, now)
    more = worklist.own_columns(cases)
    context = {
        **frame(request, asked, "requests:index"),
        "title": "依申请公开",
        "sub": _sub(asked, parameters),
        "buttons": _buttons(request),
        "tabs": tabs("index", asked),
        "chips": listing.chips(request, choices(parameters, user), _EXTRA) + places.saved_chips(parameters, saved),
        "save_url": places.save_address(parameters, worklist.PLACE),
        "manage_filters": bool(saved),
        "order_words": _order_words(parameters, size),
        "table": {
            "caption": "政府信息公开申请",
            "heads": [{"label": label} for label in _heads(user)],
            "rows": [_row(case, more.get(case.pk, {}), user) for case in cases],
            "select": True,
        },
        "empty": _empty(parameters),
        "batch_acts": batch_acts(user),
        "pager": listing.paging(parameters, page),
        "words": {name: parameters.get(name, "") for name in _FORM},
        "hidden": [
            (name, value)
            for name in parameters
            for value in parameters.getlist(name)
            if name not in (*_FORM, "after", "before", "export")
        ],
    }
    return render(request, "requests/staff/list.html", context)


def tabs(current: str, asked: figures.Figures) -> list[dict[str, Any]]:
    """The three views of the same work."""
    names = (("index", "列表"), ("board", "看板"), ("load", "经办情况"))
    return [
        {"label": label, "url": reverse(f"requests:{name}"), "count": None, "current": name == current}
        for name, label in names
    ]


# --- what is asked ----------------------------------------------------------------------------------------------------


def _key(request: HttpRequest, now: dt.datetime, size: int) -> tuple[Any, ...]:
    today = timezone.localtime(now).date()
    return "requests", size, *standing(request.user), listing.address(request.GET), today


def _placed(parameters: QueryDict) -> bool:
    return bool(parameters.get("after") or parameters.get("before")) or worklist.descending(parameters)


def _questions(request: HttpRequest, now: dt.datetime, size: int) -> dict[str, figures.Part]:
    """The first page, how many there are, how many are late and due this week, and whether other bodies' wait here."""
    user, parameters = request.user, request.GET
    found = worklist.conditions(parameters, user, now)
    rows = worklist.mine(user, opened=worklist.only_open(parameters)).filter(found)
    guests = worklist.visiting(user).filter(found)
    questions = {
        "rows": figures.counting(rows),
        "guests": figures.counting(guests),
        "saved": places.saved_filters(user, worklist.PLACE),
    }
    if not worklist.only_closed(parameters):
        questions["week"] = figures.counting(rows.filter(worklist.due_this_week(now)))
        late = rows.filter(light=Light.LATE, closed_at__isnull=True)
        questions["late"] = figures.counting(late) if _conditions(parameters) else worklist.late(user)
    if not _placed(parameters):
        questions["page"] = listing.first_page(rows, size)
    return questions


def _page(
    request: HttpRequest, asked: figures.Figures, first: figures.Part | None, now: dt.datetime, size: int
) -> listing.Page:
    user, parameters = request.user, request.GET
    guests = worklist.visiting(user) if asked["guests"] else None
    if first is not None:
        extra: Any = ()
        if guests is not None:
            found = worklist.conditions(parameters, user, now)
            extra = listing.relations(guests.filter(found)).order_by("due_order", "id")[: size + 1]
        return worklist.first_page(first, extra, size)
    found = worklist.conditions(parameters, user, now)
    parts = [worklist.mine(user, opened=worklist.only_open(parameters)).filter(found)]
    if guests is not None:
        parts.append(guests.filter(found))
    return worklist.page(parts, parameters, size, down=worklist.descending(parameters))


# --- what is shown ----------------------------------------------------------------------------------------------------

_EXTRA = (("received_from", "收到日期从"), ("received_to", "收到日期至"))


def choices(parameters: QueryDict, user: User) -> list[listing.Choice]:
    """The filters of the list; a parameter of its own for each."""
    states = [(code, state.label) for code, state in kinds[Request.KIND].states.items()]
    chosen = parameters.get("decision", "")
    results = [*RESULTS, (chosen, decision_words(chosen))] if len(chosen) > 1 else RESULTS
    found = [
        listing.Choice("state", "阶段", [*STATES, *states]),
        listing.Choice("due", "时限", [(WEEK, "本周到期"), *listing.DUE_WORDS.items()]),
        listing.light_choice(),
        listing.Choice("handler", "经办人", [("me", "我经办的"), ("nobody", "还没有经办人"), *worklist.handlers(user)]),
        listing.Choice("channel", "渠道", list(Channel.choices)),
        listing.Choice("category", "申请人类型", list(Category.choices)),
        listing.Choice("decision", "答复类型", results),
        listing.Choice("area", "领域", [(word, word) for word in areas()]),
        listing.Choice("has", "情形", list(HAS.items())),
    ]
    if listing.wide(user):
        found.append(listing.unit_choice())
    return found


def _order_words(parameters: QueryDict, size: int) -> str:
    order = "按到期日排列，近的在前" if worklist.descending(parameters) else "按到期先后排列"
    return f"{order}，每页{size}件"


def _sub(asked: figures.Figures, parameters: QueryDict) -> str:
    number = asked["rows"] + asked["guests"]
    words = f"{'共' if _conditions(parameters) else '在办'}{figures.words(number)}件"
    if asked["late"]:
        words += f"，超期{figures.words(asked['late'])}件"
    if asked["week"]:
        words += f"，本周到期{figures.words(asked['week'])}件"
    return words


def _conditions(parameters: QueryDict) -> bool:
    return bool(set(parameters) - {"after", "before"})


def _empty(parameters: QueryDict) -> dict[str, Any]:
    if _conditions(parameters):
        return {
            "title": "没有符合条件的申请",
            "words": "可以去掉几个条件再看。",
            "link": {"label": "去掉全部条件", "url": "?"},
        }
    return {"title": "现在没有在办的申请", "words": "有人在网上提交，或者录入了线下来件，会列在这里。"}


def _buttons(request: HttpRequest) -> list[dict[str, Any]]:
    parameters = request.GET
    register: dict[str, str | None] = {"state": parameters.get("state") or "all"}
    if not parameters.get("received_from"):
        register["received_from"] = f"{timezone.localdate().year}-01-01"
    found: list[dict[str, Any]] = [
        {
            "label": "导出",
            "icon": "download",
            "phone": False,
            "menu": [
                {"label": "这个列表（Excel）", "url": listing.address(parameters, export="xlsx")},
                {"label": "这个列表（Word）", "url": listing.address(parameters, export="docx")},
                {"label": "申请台账（Excel）", "url": listing.address(parameters, export="register", **register)},
                {"label": "申请台账（Word）", "url": listing.address(parameters, export="register-docx", **register)},
            ],
        },
        {"label": "待发文书", "url": reverse("requests:outbox"), "icon": "printer", "phone": False},
    ]
    if acts["request.enter"].permitted(None, request.user):
        found.append(
            {"label": "录入申请", "url": reverse("requests:enter"), "icon": "file-plus-corner", "primary": True}
        )
    return found


def _heads(user: User) -> list[str]:
    return ["受理号", "信息", "申请人", "单位", "渠道", "阶段", "时限", "经办人"]


def _row(case: Any, own: dict[str, Any], user: User) -> dict[str, Any]:
    """A request as a line: what is wanted, who asks (masked), how it stands."""
    light, words = due_words(case, own)
    url = f"{case.get_absolute_url()}?in={worklist.PLACE}"
    return {
        "id": case.pk,
        "cells": [
            {"words": case.number, "url": url},
            {"words": own.get("subject") or case.title, "url": url},
            {"words": own.get("applicant_label", "")},
            {"words": str(case.unit)},
            {"words": Channel(own["channel"]).label if own.get("channel") in Channel.values else ""},
            {"words": case.state_label},
            {"words": words, "light": light},
            {"words": str(case.handler) if case.handler_id else ""},
        ],
    }


def due_words(case: Any, own: dict[str, Any]) -> tuple[str, str]:
    """Light and words of the time limit of a line; of a closed one whether it was in time."""
    face = case.face
    if not case.is_open:
        told = own.get("replied_on")
        in_time = own.get("answered_in_time")
        words = decision_words(own.get("decision", "")) or case.state_label
        return "donelate" if in_time is False else "done", f"{words} {day(told)}" if told else words
    if face is None:
        return str(case.light), ""
    return str(face.light), f"{face.words} {face.date_words}"


def batch_acts(user: User) -> list[dict[str, str]]:
    """What may be done on several requests at once."""
    found = [
        act
        for act in acts.values()
        if act.kind == Request.KIND and act.batch and not act.system and act.permitted(None, user)
    ]
    return [
        {"label": f"批量{act.label}", "url": reverse("workbench:batch", args=[act.kind, act.name])}
        for act in sorted(found, key=lambda act: act.order)
    ]
