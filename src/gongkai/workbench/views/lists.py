"""Lists of cases: my unit's, those I watch, all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gongkai.core import figures, listing, places
from gongkai.core.kinds import kinds
from gongkai.core.models import User
from gongkai.core.navigation import frame, frame_counts, frame_sums, signed_in
from gongkai.core.roles import Role
from gongkai.workbench import queries
from gongkai.workbench.views import todo


def case_list(request: HttpRequest, page: str, *, title: str, empty: str, closed_too: bool = False) -> HttpResponse:
    """A list of cases as a page: filters, table, paging, export, batch acts. Open ones unless the address says else."""
    user, now, size = request.user, timezone.now(), listing.size()

    def rows() -> QuerySet:
        found = _rows(page)(user).filter(listing.conditions(request.GET, user, now))
        if closed_too or request.GET.get("state") or _asks_closed(request):
            return found
        return found.filter(closed_at__isnull=True)

    if request.GET.get("export") in ("xlsx", "docx"):
        return listing.export(rows(), request.GET["export"], title, now)
    kept = figures.kept(
        (size, page, *todo.key(request, "list", now)), now, lambda: _questions(rows(), user, page, size)
    )
    saved = figures.lines(kept.pop("saved"))
    first = kept.pop("page")
    asked = figures.collect({**frame_counts(request), **kept}, frame_sums(request))
    if request.GET.get("after") or request.GET.get("before"):
        found = listing.page_of(listing.relations(rows()), request.GET, size)
    else:
        found = listing.page_asked(first, size)
    cases = listing.with_faces(found.rows, now)
    context = {
        **frame(request, asked),
        "title": title,
        "sub": _sub(asked),
        "buttons": todo.listing_buttons(request),
        "chips": listing.chips(request, _choices(request, user)) + todo.saved_chips(request, saved),
        "order_words": f"按到期先后排列，每页{size}件",
        "save_url": todo.save_address(request, page),
        "manage_filters": bool(saved),
        "table": table_of(cases, user, page),
        "empty": _empty(request, empty),
        "batch_acts": todo.batch_acts(cases, user),
        "pager": listing.paging(request.GET, found),
        "words": request.GET.get("q", ""),
        "hidden": [(name, value) for name in request.GET for value in request.GET.getlist(name) if name not in _LEFT],
    }
    return render(request, "workbench/list.html", context)


def _questions(rows: QuerySet, user: User, page: str, size: int) -> dict[str, figures.Part]:
    """What a list asks: its first page, how many there are and how many are late, the person's filters."""
    return {
        "page": listing.first_page(rows, size),
        "rows": figures.counting(rows),
        "late": figures.counting(rows.filter(light="late", closed_at__isnull=True)),
        "saved": places.saved_filters(user, page),
    }


_LEFT = ("q", "after", "before", "export")


def _asks_closed(request: HttpRequest) -> bool:
    return any(request.GET.get(name) for name in ("month", "on_time")) or request.GET.get("light") in (
        "done",
        "donelate",
    )


def _choices(request: HttpRequest, user: User) -> list[listing.Choice]:
    rows = [
        listing.light_choice(),
        listing.Choice("state", "状态", _states(request)),
        *listing.choices_for(request.GET, user),
    ]
    if listing.wide(user):
        rows.append(listing.unit_choice())
    return rows


def _states(request: HttpRequest) -> list[tuple[str, str]]:
    kind = kinds.get(request.GET.get("kind", ""))
    states = [(code, state.label) for code, state in kind.states.items()] if kind else []
    return [*listing.STATE_WORDS.items(), *states]


def _sub(asked: figures.Figures) -> str:
    words = f"共{figures.words(asked['rows'])}件"
    return f"{words}，其中超期{figures.words(asked['late'])}件" if asked["late"] else words


def _empty(request: HttpRequest, words: str) -> dict[str, Any]:
    if request.GET:
        return {
            "title": "没有符合条件的事项",
            "words": "可以去掉几个条件再看。",
            "link": {"label": "去掉全部条件", "url": "?"},
        }
    return {"title": words}


def table_of(cases: list[Any], user: User, place: str = "") -> dict[str, Any]:
    """Cases as workbench/parts/case_table.html shows them; `case.face` must be set."""
    rows = []
    for case in cases:
        face = case.face
        act = listing.expected_act(case, user) if case.is_open else None
        light, words = listing.standing(case)
        rows.append(
            {
                "id": case.pk,
                "title": case.title,
                "url": f"{case.get_absolute_url()}?in={place}" if place else case.get_absolute_url(),
                "number": case.number,
                "kind": kinds[case.kind].label,
                "state": case.state_label,
                "unit": case.unit,
                "handler": case.handler if case.handler_id else "",
                "light": light,
                "words": face.words if face and face.light == light else words,
                "due": face.date_words if face else "",
                "act": {"label": act.label, "url": todo.act_url(case, act)} if act else None,
            }
        )
    return {"caption": "事项", "rows": rows, "select": True}


def _rows(name: str) -> Callable[[User], QuerySet]:
    return {"unit": queries.unit_cases, "watched": queries.watched, "cases": queries.all_cases}[name]


@signed_in
def unit_cases(request: HttpRequest) -> HttpResponse:
    """本单位事项."""
    return case_list(request, "unit", title="本单位事项", empty="本单位现在没有在办的事项")


@signed_in
def watched(request: HttpRequest) -> HttpResponse:
    """我关注的."""
    return case_list(
        request,
        "watched",
        title="我关注的",
        empty="还没有关注的事项。打开一件事项，点右上角的关注。",
        closed_too=True,
    )


@signed_in
def all_cases(request: HttpRequest) -> HttpResponse:
    """全部事项: everything the person may read; the page that figures link to."""
    if not request.user.role_set & {Role.OFFICE, Role.AUDITOR} and not request.GET:
        raise PermissionDenied("全部事项只对政务公开主管和监督检查员开放。")
    return case_list(request, "cases", title="全部事项", empty="现在没有在办的事项")


def neighbours(request: HttpRequest, place: str) -> QuerySet | None:
    """The list a case was opened from, for previous and next; None when there is none."""
    if place in ("todo", "waiting", "paused", "closed"):
        return todo.rows_of("" if place == "todo" else place, request.user, timezone.now())
    if place in ("unit", "watched", "cases"):
        rows = _rows(place)(request.user)
        return rows if place == "watched" else rows.filter(closed_at__isnull=True)
    if place in places.places:
        return places.places[place].rows(request.user)
    return None
