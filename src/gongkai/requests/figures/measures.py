"""Measures of requests: what came in, what was answered, in time, and how fast."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.requests.figures import tables
from gongkai.requests.models import Channel, Fee, Request


def _rows(scope: Scope) -> QuerySet[Request]:
    rows = Request.objects.order_by()
    return rows if scope.units is None else rows.filter(unit__in=scope.units)


def _period(scope: Scope, column: str) -> Q:
    found = Q()
    if scope.since:
        found &= Q(**{f"{column}__gte": scope.since})
    if scope.until:
        found &= Q(**{f"{column}__lt": scope.until})
    return found


@measure("requests.received", "收到政府信息公开申请", "件", help="按收到申请之日计。")
def received(scope: Scope) -> Figure:
    """Requests received in a period."""
    return Figure(_rows(scope).filter(_period(scope, "received_on"), counted_year__isnull=False).count())


@measure("requests.answered", "办结政府信息公开申请", "件", help="按答复送达之日计。")
def answered(scope: Scope) -> Figure:
    """Requests that got their result in a period."""
    return Figure(_rows(scope).filter(_period(scope, "replied_on"), result_year__isnull=False).count())


@measure("requests.on_time_share", "按时答复率", "%", help="应计时限的答复中，没有超过最晚答复日期的比例。")
def on_time_share(scope: Scope) -> Figure:
    """Of replies that are judged, the share that went out in time."""
    rows = _rows(scope).filter(_period(scope, "replied_on"), replied_on__isnull=False)
    found = rows.aggregate(
        good=Count("pk", filter=Q(answered_in_time=True)), bad=Count("pk", filter=Q(answered_in_time=False))
    )
    return share(found["good"], found["good"] + found["bad"])


@measure("requests.median_workdays", "答复用时中位数", "个工作日", better="lower", help="不含依法不计算的时间。")
def median_workdays(scope: Scope) -> Figure:
    """Median working days of judged replies; of the year in which the period ends."""
    last = scope.until - dt.timedelta(days=1) if scope.until else timezone.localdate()
    return Figure(tables.pace(scope.units, last.year).every.median)


@measure(
    "requests.entered_in_time_share", "线下申请按时录入率", "%", help="当面、邮寄、传真等申请在规定工作日内录入的比例。"
)
def entered_in_time_share(scope: Scope) -> Figure:
    """Of offline requests, the share that was entered within the working days set (004-8b)."""
    rows = _rows(scope).exclude(channel=Channel.WEB).filter(_period(scope, "arrived_at__date"))
    rows = rows.filter(clocks__code="registration", clocks__on_time__isnull=False)
    found = rows.aggregate(good=Count("pk", filter=Q(clocks__on_time=True)), every=Count("pk"))
    return share(found["good"], found["every"])


@measure("requests.fees_paid", "收取的信息处理费", "元", better="lower", help="按缴费日期计，退还的不计。")
def fees_paid(scope: Scope) -> Figure:
    """What was collected in a period."""
    rows = Fee.objects.filter(_period(scope, "paid_on"), state=Fee.State.PAID)
    if scope.units is not None:
        rows = rows.filter(request__unit__in=scope.units)
    return Figure(rows.aggregate(total=Sum("amount"))["total"] or 0)


@measure("requests.contested_share", "被复议诉讼的比例", "%", better="lower")
def contested_share(scope: Scope) -> Figure:
    """Of answered requests, the share about which there was reconsideration or litigation."""
    rows = _rows(scope).filter(_period(scope, "replied_on"), replied_on__isnull=False)
    found = rows.aggregate(bad=Count("pk", filter=Q(contested=True)), every=Count("pk"))
    return share(found["bad"], found["every"])
