"""Several small lists in one query: what hangs on a record, read together and given back as model instances.

A page that shows six short lists would ask six times. `gather` lets the database make one JSON object of each row and
asks for all of them at once; the rows come back as instances with just the columns that were named.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import connection, models
from django.db.models import F, QuerySet
from django.db.models.base import ModelState
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

# No list of a page is longer; a bound also keeps the order of each list.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Rows:
    """A list to be gathered: ordered rows, and the columns that are read; all of its own when none are named.

    `unit__short_name` fills the instance under `unit`; names that are no columns are annotations of the rows.
    """

    rows: QuerySet
    names: tuple[str, ...] = ()
    limit: int = MOST


def rows(found: QuerySet, *names: str, limit: int = MOST) -> Rows:
    """A list with the columns that are read of it."""
    return Rows(found, names, limit)


def gather(lists: Mapping[str, Rows]) -> dict[str, list[Any]]:
    """All lists in one query, each in its order and within its limit.

    Args:
        lists: name -> rows and columns.

    Returns:
        name -> instances; columns that were not named are deferred as after `only()`.
    """
    found: dict[str, list[Any]] = {name: [] for name in lists}
    parts: list[str] = []
    values: list[Any] = []
    for name, part in lists.items():
        names = _names(part)
        packed = part.rows.annotate(bundle=JSONObject(**{f"c{at}": F(column) for at, column in enumerate(names)}))
        try:
            sql, parameters = packed.values("bundle")[: part.limit].query.sql_with_params()
        except EmptyResultSet:
            continue
        # The pieces are compiled by the ORM, every value goes in as a parameter.
        parts.append(f'SELECT %s AS what, CAST("bundle" AS TEXT) AS bundle FROM ({sql}) AS b{len(parts)}')  # noqa: S608
        values.extend([name, *parameters])
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for what, bundle in cursor.fetchall():
            part = lists[what]
            read = json.loads(bundle)
            found[what].append(_instance(part.rows.model, _names(part), [read[f"c{at}"] for at in range(len(read))]))
    return found


def revived(model: type[Any], database: str, names: Sequence[str], values: Sequence[Any]) -> Any:
    """An instance out of the database's values, as `model.from_db` makes it; names that are missing are deferred.

    For models without file fields: their values are laid down at once instead of one by one, which for the fifty rows
    of a list is a tenth of the page's time.
    """
    instance = object.__new__(model)
    state = ModelState()
    state.adding, state.db = False, database
    instance.__dict__.update(zip(names, values, strict=False), _state=state)
    return instance


def hold(instance: Any, name: str, found: Sequence[Any]) -> None:
    """Let `instance.name.all()` answer with these rows, as after a prefetch; each row knows the instance."""
    relation = instance._meta.get_field(name)
    held = relation.related_model._default_manager.all()
    held._result_cache = list(found)
    if not hasattr(instance, "_prefetched_objects_cache"):
        instance._prefetched_objects_cache = {}
    instance._prefetched_objects_cache[name] = held
    back = getattr(relation, "field", None)
    if relation.one_to_many and back is not None:
        for row in found:
            back.set_cached_value(row, instance)


def _names(part: Rows) -> tuple[str, ...]:
    return part.names or tuple(field.attname for field in part.rows.model._meta.concrete_fields)


@lru_cache(maxsize=512)
def _plan(model: Any, names: tuple[str, ...]) -> tuple[list[tuple[int, Any]], dict[str, list[int]], list[int]]:
    """Where a row's values go: (place, field) of its own columns, relation -> places, places of annotations."""
    columns = {field.attname: field for field in model._meta.concrete_fields} | {
        field.name: field for field in model._meta.concrete_fields if not field.is_relation
    }
    own: list[tuple[int, Any]] = []
    related: dict[str, list[int]] = {}
    extra: list[int] = []
    for at, name in enumerate(names):
        head, _, rest = name.partition("__")
        if name in columns:
            own.append((at, columns[name]))
        elif rest and _is_relation(model, head):
            related.setdefault(head, []).append(at)
        else:
            extra.append(at)
    order = {field: at for at, field in enumerate(model._meta.concrete_fields)}
    return sorted(own, key=lambda pair: order[pair[1]]), related, extra


def _is_relation(model: Any, name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).is_relation)
    except FieldDoesNotExist:
        return False


def _instance(model: Any, names: tuple[str, ...], values: list[Any]) -> Any:
    own, related, extra = _plan(model, names)
    instance = model.from_db(
        connection.alias, [field.attname for _, field in own], [_value(field, values[at]) for at, field in own]
    )
    for head, places in related.items():
        inner = tuple(names[at].partition("__")[2] for at in places)
        field = model._meta.get_field(head)
        there = any(values[at] is not None for at in places)
        other = _instance(field.related_model, inner, [values[at] for at in places]) if there else None
        field.set_cached_value(instance, other)
    for at in extra:
        setattr(instance, names[at], values[at])
    return instance


def _value(field: Any, value: Any) -> Any:
    """A value out of JSON as the ORM would give it."""
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        moment = parse_datetime(value)
        return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment
    if isinstance(field, models.DateField):
        return dt.date.fromisoformat(value[:10])
    if isinstance(field, models.DecimalField):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.BooleanField):
        return bool(value)
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return value


def grouped(found: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    """Rows by the value of a column."""
    groups: dict[Any, list[Any]] = {}
    for row in found:
        groups.setdefault(getattr(row, name), []).append(row)
    return groups
