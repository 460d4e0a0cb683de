"""专项督查和交流: the fields in which requests are hard, with their cases, reviews and exchanges (001-15c)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gongkai.core import listing, sheets
from gongkai.core.acts import ActError, InvalidData, acts, perform
from gongkai.core.navigation import shell
from gongkai.core.templatetags.gongkai import day
from gongkai.requests import decisions
from gongkai.requests.appeals import settings
from gongkai.requests.appeals.models import Appeal, Exchange, Precedent, ReviewItem, SpecialReview
from gongkai.requests.appeals.views import common
from gongkai.requests.models import Request

HERE = "appeals:reviews"
MOST_EXCHANGES = 20


@common.working
def index(request: HttpRequest) -> HttpResponse:
    """Each field with its figures, then the reviews and the exchanges."""
    user = request.user
    rows = SpecialReview.objects.visible_to(user).select_related("unit")
    found, pager = common.newest_first(request, rows, "opened_at")
    numbers = _numbers([review.pk for review in found])
    buttons = [
        *common.new_button(request, "practice_exchange.plan", reverse(HERE)),
        *common.new_button(request, "special_review.launch", reverse(HERE), primary=True),
    ]
    context = shell(
        request,
        current=HERE,
        title="专项督查和交流",
        sub="征地拆迁、物业管理、土地规划等领域的业务交流和专项督查",
        areas=_areas(request),
        table={
            "caption": "专项督查",
            "heads": common.heads("督查", "领域", "期间", "发起单位", "状态", "抽查"),
            "rows": [_review_row(review, numbers) for review in found],
        },
        exchanges=_exchanges(request),
        pager=pager,
        buttons=buttons,
        empty={"title": "还没有专项督查", "words": "选择领域和期间，抽查申请，写明发现，下发整改。"},
    )
    return render(request, "appeals/reviews.html", context)


def _areas(request: HttpRequest) -> list[dict[str, Any]]:
    """Of each field: requests, contested ones, cases of the library; three queries for all."""
    words = settings.special_areas()
    user = request.user
    asked = Request.objects.visible_to(user).filter(area__in=words).order_by().values("area")
    counts = {
        row["area"]: row for row in asked.annotate(n=Count("pk"), contested=Count("pk", filter=Q(contested=True)))
    }
    suits = dict(
        Appeal.objects.visible_to(user)
        .filter(area__in=words)
        .exclude(state="void")
        .order_by()
        .values_list("area")
        .annotate(n=Count("pk"))
    )
    held = dict(
        Precedent.objects.filter(area__in=words, state="published")
        .order_by()
        .values_list("area")
        .annotate(n=Count("pk"))
    )
    return [
        {
            "name": word,
            "requests": counts.get(word, {}).get("n", 0),
            "contested": counts.get(word, {}).get("contested", 0),
            "appeals": suits.get(word, 0),
            "precedents": held.get(word, 0),
            "appeals_url": f"{reverse('appeals:index')}?area={word}",
            "precedents_url": f"{reverse('precedents:index')}?area={word}",
        }
        for word in words
    ]


def _numbers(pks: list[int]) -> dict[int, tuple[int, int]]:
    """Review -> (requests looked at, with faults)."""
    rows = ReviewItem.objects.filter(review__in=pks).order_by().values_list("review")
    return {
        pk: (number, faulty)
        for pk, number, faulty in rows.annotate(n=Count("pk"), faulty=Count("pk", filter=Q(faulty=True)))
    }


def _review_row(review: SpecialReview, numbers: dict[int, tuple[int, int]]) -> dict[str, Any]:
    looked, faulty = numbers.get(review.pk, (0, 0))
    return {
        "cells": [
            {"words": review.title, "url": review.get_absolute_url()},
            {"words": review.area_words},
            {"words": f"{day(review.since)}至{day(review.until)}"},
            {"words": str(review.unit)},
            {"words": review.state_label, "light": "done" if not review.is_open else "ok"},
            {"words": f"{looked}件，{faulty}件有问题" if looked else ""},
        ]
    }


def _exchanges(request: HttpRequest) -> list[Exchange]:
    """Exchanges of units the person works in or oversees, and those it was invited to."""
    user = request.user
    own = set(Exchange.objects.visible_to(user).values_list("pk", flat=True))
    rows = Exchange.objects.filter(Q(pk__in=own) | Q(units__in=list(user.roles_by_unit))).exclude(state="dropped")
    found: list[Any] = list(rows.select_related("unit").distinct().order_by("-held_on", "-pk")[:MOST_EXCHANGES])
    for exchange in found:
        exchange.own = exchange.pk in own
    return found


@common.working
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The requests of a review with what was found; findings are written here for those that are ticked."""
    rows = SpecialReview.objects.visible_to(request.user).select_related("unit", "supervisor", "lead", "clock")
    review = rows.filter(pk=pk).first()
    if review is None:
        raise Http404("没有这次专项督查，或者你不能查看。")
    act = acts["special_review.find"]
    usable = act.permitted(review, request.user) and act.starts_from(review) and not act.blocked(review, request.user)
    form, failure, status = act.form(review, request.user) if usable else None, "", 200
    if request.method == "POST" and usable:
        try:
            event = perform(act, review, request.user, request.POST)
        except InvalidData as problem:
            form, status = problem.form, 422
        except ActError as problem:
            form, failure, status = act.form(review, request.user, request.POST), str(problem), 409
        else:
            messages.success(request, f"已写明：{event.summary}")
            return redirect(f"{request.path}?{request.GET.urlencode()}")
    found = ReviewItem.objects.filter(review=review.pk).select_related("request", "unit", "rectification")
    result = request.GET.get("faulty", "")
    if result in ("0", "1", "none"):
        found = found.filter(faulty__isnull=True) if result == "none" else found.filter(faulty=result == "1")
    if request.GET.get("export") == "xlsx":
        return _export(review, found)
    page, pager = _item_page(request, found)
    readable = set(
        Request.objects.visible_to(request.user)
        .filter(pk__in=[i.request_id for i in page])
        .values_list("pk", flat=True)
    )
    for item in page:
        item.decision_words = decisions.short_of(item.request.decision) if item.request.decision else "还没有答复"
        item.readable = item.request_id in readable
    context = shell(
        request,
        current=HERE,
        title=f"抽查的申请：{review.title}",
        review=review,
        items=page,
        form=form,
        failure=failure,
        chosen=set(listing.ids_of(request.POST.getlist("items"))) if status != 200 else set(),
        chips=[common.chip(request, "faulty", "结论", [("none", "还没有结论"), ("1", "有问题"), ("0", "没有问题")])],
        pager=pager,
        buttons=[common.export_button(request)],
        crumbs=[
            {"label": "专项督查和交流", "url": reverse(HERE)},
            {"label": review.number, "url": review.get_absolute_url()},
            {"label": "抽查的申请", "url": ""},
        ],
    )
    return render(request, "appeals/items.html", context, status=status)


def _item_page(request: HttpRequest, rows: Any) -> tuple[list[Any], dict[str, str]]:
    """Items in the order in which they were chosen; forwards only, the way back is the first page."""
    last = listing.ids_of([request.GET.get("after", "")])
    if last:
        rows = rows.filter(pk__gt=last[0])
    size = listing.size()
    found = list(rows.order_by("pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    return found, {
        "previous_url": listing.address(request.GET) if last else "",
        "next_url": listing.address(request.GET, after=str(found[-1].pk)) if more else "",
    }


def _export(review: SpecialReview, rows: Any) -> HttpResponse:
    head = ("申请登记号", "单位", "领域", "收到日期", "答复类型", "答复日期", "结论", "发现", "检查岗位", "整改")
    lines = [
        (
            item.request.number,
            item.unit.name,
            item.request.area,
            item.request.received_on,
            decisions.short_of(item.request.decision) if item.request.decision else "",
            item.request.replied_on,
            {None: "", True: "有问题", False: "没有问题"}[item.faulty],
            item.finding,
            item.checked_by,
            item.rectification.state_label if item.rectification else "",
        )
        for item in rows.order_by("pk")[: listing.LIMIT_OF_EXPORT]
    ]
    return listing.download(sheets.workbook("抽查的申请", head, lines), f"{review.number}抽查的申请.xlsx", "xlsx")
