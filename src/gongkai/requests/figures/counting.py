"""Keeping the counts: what one request counts under, how an act moves it, and the proof that nothing was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case as When_
from django.db.models import Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, ExtractYear
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gongkai.core.acts import Work
from gongkai.core.counters import bump
from gongkai.core.locks import writing
from gongkai.core.models import Unit
from gongkai.requests.figures.models import OnTime, PaceCount, YearCount
from gongkai.requests.models import Request

UNCONFIRMED = "unconfirmed"


class YearKey(NamedTuple):
    """A row of `YearCount`."""

    unit_id: int
    category: str
    counted_year: int
    result_year: int
    decision: str


class PaceKey(NamedTuple):
    """A row of `PaceCount`."""

    unit_id: int
    channel: str
    result_year: int
    decision: str
    on_time: int
    workdays: int


def _year(values: Mapping[str, Any]) -> int | None:
    """The year a request came in; while it is not confirmed, that of its arrival (annual report, counting rules)."""
    if values["counted_year"] is not None:
        return int(values["counted_year"])
    if values["state"] != UNCONFIRMED:
        return None
    arrived = values["arrived_at"]
    moment = parse_datetime(arrived) if isinstance(arrived, str) else arrived
    return timezone.localtime(moment).year


def keys_of(values: Mapping[str, Any]) -> tuple[YearKey | None, PaceKey | None]:
    """What a request with these columns counts under; None where it counts nowhere."""
    year = _year(values)
    if year is None:
        return None, None
    result, decision = values["result_year"] or 0, values["decision"] if values["result_year"] else ""
    found = YearKey(values["unit_id"], values["category"], year, result, decision)
    if not result or values["workdays_used"] is None:
        return found, None
    in_time = values["answered_in_time"]
    judged = OnTime.NOT_JUDGED if in_time is None else OnTime.ON_TIME if in_time else OnTime.LATE
    pace = PaceKey(values["unit_id"], values["channel"], result, decision, int(judged), values["workdays_used"])
    return found, pace


COLUMNS = (
    "unit_id",
    "category",
    "channel",
    "state",
    "arrived_at",
    "counted_year",
    "result_year",
    "decision",
    "workdays_used",
    "answered_in_time",
)


def after_act(work: Work) -> None:
    """Listener: move the request from where it counted before the act to where it counts now."""
    case = work.case
    now = {name: getattr(case, name) for name in COLUMNS}
    after = keys_of(now)
    before: tuple[YearKey | None, PaceKey | None] = (None, None)
    if work.event is not None and work.event.state_before:
        changes = work.event.changes
        before = keys_of({name: changes[name][0] if name in changes else value for name, value in now.items()})
    for model, old, new in ((YearCount, before[0], after[0]), (PaceCount, before[1], after[1])):
        if old != new:
            _move(model, old, new)


def _move(model: type[models.Model], old: Any, new: Any) -> None:
    if old is not None:
        bump(model, old._asdict(), -1)
    if new is not None:
        bump(model, new._asdict(), 1)


# --- the proof --------------------------------------------------------------------------------------------------------


def counted_year_of(rows: models.QuerySet) -> models.QuerySet:
    """Requests that count, each with the year it came in as `came`."""
    arrived = ExtractYear("arrived_at", tzinfo=timezone.get_current_timezone())
    pending = When_(When(state=UNCONFIRMED, then=arrived), default=Value(None), output_field=IntegerField())
    return rows.annotate(came=Coalesce(F("counted_year"), pending)).filter(came__isnull=False)


def counted() -> tuple[Counter[YearKey], Counter[PaceKey]]:
    """Both tables counted anew from the requests themselves."""
    judged = When_(
        When(answered_in_time=True, then=Value(int(OnTime.ON_TIME))),
        When(answered_in_time=False, then=Value(int(OnTime.LATE))),
        default=Value(int(OnTime.NOT_JUDGED)),
    )
    # One walk over the requests for both: their rows are large.
    rows = counted_year_of(Request.objects.order_by()).annotate(judged=judged)
    columns = ("unit_id", "category", "channel", "came", "result_year", "decision", "judged", "workdays_used")
    years: Counter[YearKey] = Counter()
    paces: Counter[PaceKey] = Counter()
    for *key, number in rows.values_list(*columns).annotate(n=Count("pk")):
        unit, category, channel, came, result, decision, in_time, workdays = key
        years[YearKey(unit, category, came, result or 0, decision if result else "")] += number
        if result is not None and workdays is not None:
            paces[PaceKey(unit, channel, result, decision, in_time, workdays)] += number
    return years, paces


def _stored(model: Any, make: Any) -> Counter[Any]:
    names = make._fields
    rows = model.objects.filter(~Q(number=0)).values_list(*names, "number")
    return Counter({make(*row[:-1]): row[-1] for row in rows})


def _differences(label: str, stored: Counter[Any], real: Counter[Any]) -> Iterator[str]:
    codes = dict(Unit.objects.values_list("pk", "code"))
    for key in sorted(set(stored) | set(real), key=str):
        if stored[key] != real[key]:
            words = "、".join(str(codes.get(part, part) if place == 0 else part) for place, part in enumerate(key))
            yield f"{label} {words}：计数为{stored[key]}，实际为{real[key]}"


def verify(*, repair: bool = False) -> list[str]:
    """Compare both tables with the requests; every difference as a sentence. With `repair` they are written anew."""
    with writing():
        years, paces = counted()
        problems = [
            *_differences("申请年度", _stored(YearCount, YearKey), years),
            *_differences("答复用时", _stored(PaceCount, PaceKey), paces),
        ]
        if problems and repair:
            rebuild(years, paces)
    return problems


def rebuild(years: Counter[YearKey] | None = None, paces: Counter[PaceKey] | None = None) -> None:
    """Write both tables anew from the requests."""
    if years is None or paces is None:
        years, paces = counted()
    with writing():
        for model, counts in ((YearCount, years), (PaceCount, paces)):
            rows: Any = model
            rows.objects.all().delete()
            rows.objects.bulk_create([rows(**key._asdict(), number=n) for key, n in counts.items()], batch_size=500)
