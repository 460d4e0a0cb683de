"""Measures of the ledger: named figures over assignments and hearings."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Count, Manager, Q, QuerySet, Sum
from django.utils import timezone

from gongkai.core.measures import Figure, Scope, measure, share
from gongkai.core.models import Case, CaseCount, ClosedCount
from gongkai.ledger.models import Assignment, Hearing, Plan

_CANCELLED = "cancelled"


def _month(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def _closed(scope: Scope, kind: str = Assignment.KIND) -> tuple[int, int]:
    """(closed on time, closed late) within a scope, from the counters; periods count in whole months."""
    rows: QuerySet[ClosedCount] = ClosedCount.objects.filter(kind=kind).exclude(series=_CANCELLED)
    if scope.series:
        rows = rows.filter(series=scope.series)
    if scope.section:
        rows = rows.filter(section=scope.section)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(month__gte=_month(scope.since))
    if scope.until:
        rows = rows.filter(month__lte=_month(scope.until - dt.timedelta(days=1)))
    found = dict(rows.values_list("on_time").annotate(n=Sum("number")).order_by())
    return found.get(True, 0), found.get(False, 0)


def _lights(scope: Scope) -> Counter[str]:
    """Assignments by light within a scope, from the counters; lights are those of now, whatever the period."""
    now = timezone.now()
    found: Counter[str] = Counter()
    for light, number in _within(CaseCount.objects, scope).values_list("light").annotate(n=Sum("number")).order_by():
        found[light] += number
    # What has turned since the periodic work came by: it was ok or soon, and is soon or late now.
    turned = _within(Case.objects, scope).filter(light_until__lte=now)
    for light, late, every in turned.values_list("light").annotate(
        late=Count("pk", filter=Q(late_at__lte=now)), every=Count("pk")
    ):
        found[light] -= every
        found["late"] += late
        found["soon"] += every - late
    return +found


def _within(rows: Manager, scope: Scope) -> QuerySet:
    """Cases or counters of assignments within a scope, cancelled ones left out."""
    found = rows.filter(kind=Assignment.KIND)
    found = found.filter(series=scope.series) if scope.series else found.exclude(series=_CANCELLED)
    if scope.section:
        found = found.filter(section=scope.section)
    return found.filter(unit__in=scope.units) if scope.units is not None else found


def _list(scope: Scope, **more: str) -> str:
    """The query string of the list that shows the cases behind a figure."""
    parts = {"kind": Assignment.KIND, "series": scope.series, "section": scope.section, **more}
    return "&".join(f"{key}={value}" for key, value in parts.items() if value)


@measure("ledger.done_on_time_rate", "按时办结率", "%", help="按提交办结的时间判断是否按时。")
def done_on_time_rate(scope: Scope) -> Figure:
    """Of what was closed, the share closed on time."""
    on_time, late = _closed(scope)
    return share(on_time, on_time + late, _list(scope, light="done"))


@measure("ledger.done", "已办结", "件")
def done(scope: Scope) -> Figure:
    """Assignments closed, on time or not."""
    on_time, late = _closed(scope)
    return Figure(float(on_time + late), cases=_list(scope, state="done"))


@measure("ledger.done_late", "逾期办结", "件", better="lower")
def done_late(scope: Scope) -> Figure:
    """Assignments closed late."""
    return Figure(float(_closed(scope)[1]), cases=_list(scope, light="donelate"))


@measure("ledger.overdue", "已超期", "件", better="lower")
def overdue(scope: Scope) -> Figure:
    """Assignments that are late now."""
    return Figure(float(_lights(scope)["late"]), cases=_list(scope, light="late"))


@measure("ledger.assignments", "任务件数", "件")
def assignments(scope: Scope) -> Figure:
    """All assignments that count."""
    return Figure(float(sum(_lights(scope).values())), cases=_list(scope))


@measure("ledger.done_rate", "办结率", "%")
def done_rate(scope: Scope) -> Figure:
    """Of all assignments, the share that is closed."""
    lights = _lights(scope)
    return share(lights["done"] + lights["donelate"], sum(lights.values()), _list(scope, state="done"))


@measure("ledger.received_rate", "签收率", "%")
def received_rate(scope: Scope) -> Figure:
    """Of all assignments, the share whose unit has confirmed."""
    every = _within(CaseCount.objects, scope).aggregate(n=Sum("number"))["n"] or 0
    waiting = _within(Case.objects, scope).filter(closed_at__isnull=True, state="dispatched").count()
    return share(every - waiting, every, _list(scope, state="dispatched"))


def _hearings(scope: Scope) -> QuerySet[Hearing]:
    rows = Hearing.objects.filter(kind=Hearing.KIND, state="recorded")
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    if scope.since:
        rows = rows.filter(held_on__gte=scope.since)
    if scope.until:
        rows = rows.filter(held_on__lt=scope.until)
    return rows


@measure("ledger.hearings", "听取汇报次数", "次", help="听取汇报、专题研究和领导小组会议，不含培训。")
def hearings(scope: Scope) -> Figure:
    """Reports heard, sessions and leading group meetings (001-17a, 002-26, 003-34a, 004-54b)."""
    return Figure(float(_hearings(scope).exclude(form=Hearing.Form.TRAINING).count()), cases=f"kind={Hearing.KIND}")


@measure("ledger.trainings", "培训次数", "次")
def trainings(scope: Scope) -> Figure:
    """Training held (001-16d, 002-27a, 004-58b)."""
    return Figure(float(_hearings(scope).filter(form=Hearing.Form.TRAINING).count()), cases=f"kind={Hearing.KIND}")


@measure("ledger.hearing_coverage", "听取汇报覆盖率", "%", help="有任务的单位中，全年至少听取1次汇报的比例。")
def hearing_coverage(scope: Scope) -> Figure:
    """Of the units with duties, the share whose head heard a report at least once."""
    rows = _within(CaseCount.objects, scope).filter(number__gt=0)
    units = set(rows.values_list("unit", flat=True).distinct().order_by())
    heard = set(
        _hearings(scope).exclude(form=Hearing.Form.TRAINING).filter(unit__in=units).values_list("unit", flat=True)
    )
    return share(len(heard & units), len(units), f"kind={Hearing.KIND}")


@measure("ledger.plans_on_time_rate", "方案按时制定率", "%", help="要点印发后规定日数内批准的本单位方案。")
def plans_on_time_rate(scope: Scope) -> Figure:
    """Of the plans that were approved or are overdue, the share approved in time (001-18a)."""
    rows = Plan.objects.exclude(state="cancelled")
    if scope.series:
        rows = rows.filter(series=scope.series)
    if scope.units is not None:
        rows = rows.filter(unit__in=scope.units)
    judged = rows.filter(clocks__code="plan")
    good = judged.filter(clocks__on_time=True).count()
    bad = judged.filter(Q(clocks__on_time=False) | Q(clocks__state="running", clocks__due_at__lte=timezone.now()))
    return share(good, good + bad.count(), f"kind={Plan.KIND}")
