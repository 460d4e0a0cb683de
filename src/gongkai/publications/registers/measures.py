"""Measures of registers: normative documents for the annual report, attributes reviewed, columns kept up to date."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.publications.models import PublicDocument
from gongkai.publications.registers import columns
from gongkai.publications.registers.freshness import Standing
from gongkai.publications.registers.models import AttributeItem


def _normative(scope: Scope) -> QuerySet[PublicDocument]:
    rows = PublicDocument.objects.filter(normative=True)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    return rows.annotate(made=Coalesce("made_on", TruncDate("published_at")))


def _end(scope: Scope) -> dt.date:
    """The first day after the period; tomorrow when none is given."""
    return scope.until or timezone.localdate() + dt.timedelta(days=1)


def _ended(day: dt.date) -> Q:
    """Documents that were not in force any more on some day before `day`: repealed, or past their last valid day."""
    return Q(repealed_on__lt=day) | Q(expires_on__lt=day - dt.timedelta(days=1))


@measure("publications.normative_made", "本年制发规范性文件", "件", help="按成文日期计入。")
def normative_made(scope: Scope) -> Figure:
    """Normative documents made in a period (annual report, table A, first column)."""
    rows = _normative(scope).filter(made__lt=_end(scope))
    if scope.since:
        rows = rows.filter(made__gte=scope.since)
    return Figure(rows.count())


@measure("publications.normative_repealed", "本年废止规范性文件", "件", better="lower", help="包括废止和失效。")
def normative_repealed(scope: Scope) -> Figure:
    """Normative documents repealed or lapsed in a period (table A, second column)."""
    rows = _normative(scope).filter(_ended(_end(scope)), made__lt=_end(scope))
    if scope.since:
        rows = rows.exclude(_ended(scope.since))
    return Figure(rows.count())


@measure("publications.normative_in_force", "现行有效规范性文件", "件", help="期末仍然有效的。")
def normative_in_force(scope: Scope) -> Figure:
    """Normative documents in force at the end of a period (table A, third column).

    In force(Y) = in force(Y-1) + made(Y) - repealed(Y), because all three count the same documents by the same days.
    """
    rows = _normative(scope).filter(made__lt=_end(scope)).exclude(_ended(_end(scope)))
    return Figure(rows.count())


@measure("publications.attribute_reviewed_rate", "公开属性复查完成率", "%")
def attribute_reviewed_rate(scope: Scope) -> Figure:
    """Of the documents listed in reviews, the share with a conclusion."""
    rows = _items(scope)
    return share(rows.exclude(decision="").count(), rows.count())


@measure("publications.attribute_converted", "复查后转为主动公开", "件")
def attribute_converted(scope: Scope) -> Figure:
    """Documents that a review turned to proactive disclosure and that are public by now."""
    rows = _items(scope).filter(decision="proactive", publication__current_version__isnull=False)
    return Figure(rows.count())


def _items(scope: Scope) -> QuerySet[AttributeItem]:
    rows = AttributeItem.objects.all()
    if scope.units is not None:
        rows = rows.filter(share__unit__in=scope.units)
    if scope.since:
        rows = rows.filter(share__opened_at__date__gte=scope.since)
    if scope.until:
        rows = rows.filter(share__opened_at__date__lt=scope.until)
    return rows


@measure("publications.columns_current_rate", "栏目按期更新率", "%", help="空白栏目不算按期更新。")
def columns_current_rate(scope: Scope) -> Figure:
    """Of the columns of which something is asked, the share that is neither blank nor overdue, as they stand today."""
    today = timezone.localdate()
    rows = columns.asked_columns()
    if scope.units is not None:
        rows = rows.filter(Q(owner__in=scope.units) | Q(owner__isnull=True, unit__in=scope.units))
    asked = columns.standing_conditions(today)
    bad = asked[Standing.BLANK] | asked[Standing.STALE]
    every = rows.count()
    return share(every - rows.filter(bad).count(), every)
