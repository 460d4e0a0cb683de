"""Counters of cases by light and of closed cases by month: kept by the acts, proved against the cases.

Whoever moves a counter keeps all others from it until the commit. So an act gathers its steps and takes them last, in one
order: others wait for a moment only, and no two acts wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import Case, CaseCount, ClosedCount


class Key(NamedTuple):
    """What a case counts under."""

    kind: str
    series: str
    section: str
    unit_id: int
    light: str
    month: str
    on_time: bool | None


def key_of(case: Case | None) -> Key | None:
    """The counters a case stands in now; None if it is counted nowhere."""
    if case is None or not kinds[case.kind].counted:
        return None
    return Key(case.kind, case.series, case.section, case.unit_id, case.light, case.closed_month, case.on_time)


# Steps gathered by the act that runs: (model, key as pairs) -> step.
Steps = Counter[tuple[Any, tuple[tuple[str, Any], ...]]]
_open: ContextVar[Steps | None] = ContextVar("counters", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Take all steps of an act at its end, in a transaction; those of an act inside another go into the outer one's.

    An act that fails takes none of its own.
    """
    outer = _open.get()
    steps: Steps = Counter()
    token = _open.set(steps)
    try:
        yield
    finally:
        _open.reset(token)
    if outer is not None:
        outer.update(steps)
    else:
        _take(steps)


def _take(steps: Steps) -> None:
    by_model: dict[Any, dict[tuple, int]] = defaultdict(dict)
    for (model, key), step in steps.items():
        if step:
            by_model[model][key] = step
    for model, moved in sorted(by_model.items(), key=lambda pair: pair[0]._meta.label):
        if len(moved) > 2:
            _bump_rows(model, moved)
        else:
            for key in sorted(moved, key=str):
                _bump(model, dict(key), moved[key])


def move(before: Key | None, after: Key | None) -> None:
    """Take a case out of one set of counters and put it into another."""
    if before == after:
        return
    if before:
        _add(before, -1)
    if after:
        _add(after, 1)


def move_many(after: Iterable[Key | None]) -> None:
    """Count many new cases, each kind of row in a few queries."""
    with gathered():
        for key in after:
            move(None, key)


# A counter's key as pairs of name and value.
Pairs = tuple[tuple[str, Any], ...]
_AT_ONCE = 100


def _bump_rows(model: Any, steps: Mapping[Pairs, int]) -> None:
    # The rows that are missing are made empty first, so that all of them are moved in the same way.
    names = tuple(name for name, _ in next(iter(steps)))
    values = {tuple(value for _, value in key): step for key, step in steps.items()}
    rows = _rows_of(model, names, values)
    missing = [model(**dict(zip(names, key, strict=True)), number=0) for key in values if key not in rows]
    if missing:
        model.objects.bulk_create(missing, ignore_conflicts=True, batch_size=200)
        rows = _rows_of(model, names, values)
    by_step: dict[int, list[int]] = defaultdict(list)
    for key, step in values.items():
        by_step[step].append(rows[key])
    for step, ids in sorted(by_step.items()):
        model.objects.filter(pk__in=ids).update(number=F("number") + step)


def _rows_of(model: Any, names: tuple[str, ...], keys: Iterable[tuple]) -> dict[tuple, int]:
    """Key -> id of the rows that are there, locked in the order of their ids until the commit."""
    quote = connection.ops.quote_name
    columns = [quote(model._meta.get_field(name).column) for name in names]
    one = f"({' AND '.join(f'{column} = %s' for column in columns)})"
    lock = " ORDER BY id FOR UPDATE" if connection.features.has_select_for_update else ""
    found: dict[tuple, int] = {}
    wanted = sorted(keys, key=str)
    for at in range(0, len(wanted), _AT_ONCE):
        some = wanted[at : at + _AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {', '.join(columns)} FROM {quote(model._meta.db_table)}"  # noqa: S608
                f" WHERE {' OR '.join([one] * len(some))}{lock}",
                [value for key in some for value in key],
            )
            # SQLite gives numbers for truth values, and they are equal.
            found |= {tuple(row[1:]): row[0] for row in cursor.fetchall()}
    return found


def _add(key: Key, step: int) -> None:
    base = {"kind": key.kind, "series": key.series, "section": key.section, "unit_id": key.unit_id}
    bump(CaseCount, {**base, "light": key.light}, step)
    if key.month:
        bump(ClosedCount, {**base, "month": key.month, "on_time": key.on_time is not False}, step)


@lru_cache(maxsize=256)
def _step_of(model: Any, names: tuple[str, ...]) -> str:
    """The statement that moves one row: every act moves some, so it is put together once."""
    quote = connection.ops.quote_name
    number = quote("number")
    where = " AND ".join(f"{quote(model._meta.get_field(name).column)} = %s" for name in names)
    return f"UPDATE {quote(model._meta.db_table)} SET {number} = {number} + %s WHERE {where}"  # noqa: S608


def bump(model: Any, key: Mapping[str, Any], step: int) -> None:
    """Add to the `number` of the one row with this key; the row is made if there is none. Runs in a transaction.

    While an act gathers its steps it is done at the end of the act.
    """
    steps = _open.get()
    if steps is None:
        _bump(model, key, step)
    else:
        steps[model, tuple(key.items())] += step


def _bump(model: Any, key: Mapping[str, Any], step: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_step_of(model, tuple(key)), [step, *key.values()])
        if cursor.rowcount:
            return
    try:
        with transaction.atomic():
            model.objects.create(**key, number=step)
    except IntegrityError:
        model.objects.filter(**key).update(number=F("number") + step)


def by_unit_section(
    kind: str, series: str = "", now: dt.datetime | None = None, *, units: Iterable[int] | None = None
) -> dict[tuple[int, str], Counter[str]]:
    """Numbers by (unit, section) and light, exact at `now`.

    The stored light changes when the periodic work comes by; what has changed since is corrected here.
    """
    rows = CaseCount.objects.filter(kind=kind)
    stale = Case.objects.filter(kind=kind, light_until__lte=now or timezone.now())
    if series:
        rows, stale = rows.filter(series=series), stale.filter(series=series)
    if units is not None:
        rows, stale = rows.filter(unit__in=units), stale.filter(unit__in=units)
    table: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for unit, section, light, number in rows.values_list("unit", "section", "light").annotate(n=Sum("number")):
        table[unit, section][light] += number
    _correct(table, stale, now or timezone.now())
    return {key: +counter for key, counter in table.items() if any(counter.values())}


def _correct(table: dict[tuple[int, str], Counter[str]], stale, now: dt.datetime) -> None:
    # A stale case was ok and is soon or late now, or was soon and is late now.
    groups = stale.values_list("unit", "section", "light").annotate(
        late=Count("pk", filter=Q(late_at__lte=now)), every=Count("pk")
    )
    for unit, section, light, late, every in groups:
        table[unit, section][light] -= every
        table[unit, section]["late"] += late
        table[unit, section]["soon"] += every - late


def closed_by_month(kind: str, series: str = "", months: Iterable[str] = ()) -> dict[str, tuple[int, int]]:
    """Month -> (closed on time, closed late)."""
    rows = ClosedCount.objects.filter(kind=kind)
    if series:
        rows = rows.filter(series=series)
    months = list(months)
    if months:
        rows = rows.filter(month__in=months)
    result: dict[str, tuple[int, int]] = {}
    for month, on_time, number in rows.values_list("month", "on_time").annotate(n=Sum("number")):
        good, bad = result.get(month, (0, 0))
        result[month] = (good + number, bad) if on_time else (good, bad + number)
    return result


def counted() -> tuple[Counter, Counter]:
    """Both tables counted anew from the cases themselves."""
    kept = [kind.code for kind in kinds.values() if kind.counted]
    cases = Case.objects.filter(kind__in=kept)
    lights: Counter = Counter()
    closed: Counter = Counter()
    rows = cases.values_list("kind", "series", "section", "unit", "light").annotate(n=Count("pk"))
    for *key, number in rows:
        lights[tuple(key)] = number
    months = cases.exclude(closed_month="").values_list("kind", "series", "section", "unit", "closed_month", "on_time")
    for kind, series, section, unit, month, on_time, number in months.annotate(found=Count("pk")):
        closed[kind, series, section, unit, month, on_time is not False] += number
    return lights, closed


def verify(*, repair: bool = False) -> list[str]:
    """Compare the counters with the cases; every difference as a sentence. With `repair` they are rewritten."""
    with writing():
        lights, closed = counted()
        stored = Counter(
            {(c.kind, c.series, c.section, c.unit_id, c.light): c.number for c in CaseCount.objects.all() if c.number}
        )
        stored_closed = Counter(
            {
                (c.kind, c.series, c.section, c.unit_id, c.month, c.on_time): c.number
                for c in ClosedCount.objects.all()
                if c.number
            }
        )
        problems = [
            f"{key}：计数为{stored.get(key, 0)}，实际为{lights.get(key, 0)}"
            for key in sorted(set(stored) | set(lights), key=str)
            if stored.get(key, 0) != lights.get(key, 0)
        ] + [
            f"办结 {key}：计数为{stored_closed.get(key, 0)}，实际为{closed.get(key, 0)}"
            for key in sorted(set(stored_closed) | set(closed), key=str)
            if stored_closed.get(key, 0) != closed.get(key, 0)
        ]
        if problems and repair:
            rebuild(lights, closed)
    return problems


def rebuild(lights: Counter | None = None, closed: Counter | None = None) -> None:
    """Write both tables anew from the cases."""
    if lights is None or closed is None:
        lights, closed = counted()
    with writing():
        CaseCount.objects.all().delete()
        ClosedCount.objects.all().delete()
        CaseCount.objects.bulk_create(
            [
                CaseCount(kind=k, series=s, section=c, unit_id=u, light=light, number=n)
                for (k, s, c, u, light), n in lights.items()
            ],
            batch_size=500,
        )
        ClosedCount.objects.bulk_create(
            [
                ClosedCount(kind=k, series=s, section=c, unit_id=u, month=m, on_time=o, number=n)
                for (k, s, c, u, m, o), n in closed.items()
            ],
            batch_size=500,
        )
