"""The entry of disclosure on request: what can be asked, how, how long, what it costs, of whom; and the form on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gongkai.core import pages as cache
from gongkai.requests import fees as tariff
from gongkai.requests import public_queries
from gongkai.requests.pages import table
from gongkai.requests.pages.shell import crumbs, shell

TAG = "requests"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The entry page; the last day for a request made today changes at midnight."""
    cache.tag(request, TAG)
    cache.until(request, cache.end_of_day())
    context = shell(
        request,
        crumbs=[{"label": "首页", "url": "/"}, {"label": "依申请公开", "url": ""}],
        last_day=public_queries.last_day_of_today(),
        today=timezone.localdate(),
        groups=public_queries.grouped(),
        window=public_queries.window(),
    )
    return render(request, "requests/public/index.html", context)


@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """Every body that can be asked, with its ways; searched by name."""
    words = request.GET.get("q", "").strip()[:40]
    cache.tag(request, TAG)
    context = shell(request, crumbs=crumbs(("向谁申请", "")), groups=public_queries.grouped(words), words=words)
    return render(request, "requests/public/bodies.html", context)


@require_safe
def fees(request: HttpRequest) -> HttpResponse:
    """What it costs (003-29e): mostly nothing, and when something, how much."""
    cache.tag(request, TAG)
    cache.until(request, cache.end_of_day())
    context = shell(request, crumbs=crumbs(("收费标准", "")), restarts=tariff.restarts())
    return render(request, "requests/public/fees.html", context)


@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """The form on paper, as a Word file."""
    response = HttpResponse(table.table(), content_type=table.CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, table.NAME) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
