"""Figures of reconsideration and litigation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.core.models import Clock
from gongkai.requests.appeals import results
from gongkai.requests.appeals.models import Appeal, Caution


def scoped(rows: QuerySet[Any], scope: Scope, column: str) -> QuerySet[Any]:
    """Rows of the units and the period of a scope; `column` is a day."""
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(**{f"{column}__gte": scope.since})
    if scope.until:
        rows = rows.filter(**{f"{column}__lt": scope.until})
    return rows


def valid() -> QuerySet[Appeal]:
    """All that were not entered by mistake."""
    return Appeal.objects.exclude(state="void")


def kept(rows: QuerySet[Appeal], code: str) -> tuple[int, int]:
    """How many clocks of a code were kept, and how many have ended or run out; one query."""
    found = Clock.objects.filter(case__in=rows.values("pk"), code=code, state=Clock.State.MET)
    counted = found.aggregate(all=Count("pk"), kept=Count("pk", filter=~Q(on_time=False)))
    return counted["kept"], counted["all"]


@measure("appeals.entry_on_time", "复议诉讼及时录入率", "%", help="收到通知后在规定的工作日内录入的比例。")
def entry_on_time(scope: Scope) -> Figure:
    """Entered within days of the notice."""
    return share(*kept(scoped(valid(), scope, "received_on"), "entry"))


@measure("appeals.answer_on_time", "复议诉讼按时答复率", "%", help="已经提交答复、答辩的案件中，没有超过期限的比例。")
def answer_on_time(scope: Scope) -> Figure:
    """Answered within the organ's time."""
    rows = scoped(valid(), scope, "received_on").filter(answered_on__isnull=False)
    return share(*kept(rows, "answer"))


@measure(
    "appeals.corrected",
    "复议诉讼被纠正率",
    "%",
    better="lower",
    help="已经审结、计入年度报告的案件中，结果纠正的比例。",
)
def corrected(scope: Scope) -> Figure:
    """Of what was decided, how much was corrected."""
    rows = valid().filter(standing=Appeal.Standing.RESPONDENT, decided_on__isnull=False)
    rows = scoped(rows, scope, "decided_on")
    found = rows.aggregate(all=Count("pk"), corrected=Count("pk", filter=Q(result__in=results.results_in("corrected"))))
    return share(found["corrected"], found["all"])


@measure("appeals.complete", "复议诉讼登记完整率", "%", help="案号、对应申请和文书都已登记的比例。")
def complete(scope: Scope) -> Figure:
    """Entered in full."""
    rows = scoped(valid(), scope, "received_on")
    return share(rows.exclude(incomplete()).count(), rows.count())


def incomplete() -> Q:
    """What `Appeal.missing` says, as the database asks it."""
    about_request = Q(
        standing=Appeal.Standing.RESPONDENT, matter__in=(Appeal.Matter.REPLY, Appeal.Matter.SILENCE), request=None
    )
    return Q(file_number="") | about_request | (Q(result_document="") & ~Q(result=""))


@measure("appeals.cautions", "警示通报签收率", "%", help="警示通报已经签收自查的比例。")
def cautions(scope: Scope) -> Figure:
    """Warnings that were acknowledged."""
    rows = Caution.objects.all()
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(opened_at__date__gte=scope.since)
    if scope.until:
        rows = rows.filter(opened_at__date__lt=scope.until)
    found = rows.aggregate(all=Count("pk"), done=Count("pk", filter=Q(state="acknowledged")))
    return share(found["done"], found["all"])


def year_scope(units: tuple[int, ...] | None, year: int) -> Scope:
    """The scope of a calendar year."""
    return Scope(units=units, since=dt.date(year, 1, 1), until=dt.date(year + 1, 1, 1))
