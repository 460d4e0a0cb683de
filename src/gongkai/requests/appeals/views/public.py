"""Cases of the library for everybody, where a place has decided to show them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gongkai.core import listing
from gongkai.core.portal import portal_shell
from gongkai.requests.appeals import queries
from gongkai.requests.appeals.models import Precedent
from gongkai.requests.appeals.views import common
from gongkai.requests.appeals.views.precedents import tags_of


def _rows() -> QuerySet[Precedent]:
    if not queries.shown_publicly():
        raise Http404("这里没有公开典型案例。")
    return Precedent.objects.filter(state="published", public=True)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The cases that are public, newest first."""
    found, pager = common.newest_first(request, _rows(), "published_at", listing.size())
    for case in found:
        case.tags = tags_of(case)
    context = portal_shell(
        request,
        cases=found,
        pager=pager,
        crumbs=[{"label": "首页", "url": "/"}, {"label": "典型案例", "url": ""}],
    )
    return render(request, "appeals/public/index.html", context)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One case."""
    case = _rows().filter(pk=pk).first()
    if case is None:
        raise Http404("没有这个案例。")
    context = portal_shell(
        request,
        case=case,
        parts=queries.parts_of(case),
        tags=tags_of(case),
        crumbs=[
            {"label": "首页", "url": "/"},
            {"label": "典型案例", "url": reverse("precedents-public:index")},
            {"label": "案例", "url": ""},
        ],
    )
    return render(request, "appeals/public/one.html", context)
