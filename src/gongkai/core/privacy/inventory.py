"""What is sealed in this installation: every sealed column of every model, and the sealed files of the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from gongkai.core.privacy import sealing
from gongkai.core.privacy.fields import SealedField


def columns() -> list[tuple[type[models.Model], SealedField]]:
    """Every sealed column with the model whose table it stands in."""
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    ]


def rows(model: Any, field: SealedField) -> models.QuerySet:
    """The rows that have something in a sealed column."""
    return model._base_manager.filter(**{f"{field.name}__isnull": False}).order_by("pk")


def files() -> Iterator[tuple[Path, bytes]]:
    """The sealed files of the store, each with its first bytes."""
    storages: Any = settings.STORAGES
    folder = Path(storages["default"]["OPTIONS"]["location"])
    for place in sorted(folder.glob("??/??/*")):
        if len(place.name) != 64:
            continue
        with place.open("rb") as file:
            head = file.read(sealing.HEAD)
        if sealing.is_sealed(head):
            yield place, head


def anything_sealed() -> bool:
    """Whether something here was sealed before, so that a new key would be the wrong one."""
    if any(rows(model, field).exists() for model, field in columns() if _is_there(model, field)):
        return True
    return next(files(), None) is not None


def _is_there(model: type[models.Model], field: SealedField) -> bool:
    """Whether the database, which may be older than the program, has the column."""
    with connection.cursor() as cursor:
        if model._meta.db_table not in connection.introspection.table_names(cursor):
            return False
        described = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return field.column in {column.name for column in described}


def in_use() -> Counter[str]:
    """How many values and files are sealed with each key, by the key's name."""
    found: Counter[str] = Counter()
    for model, field in columns():
        for (value,) in rows(model, field).values_list(field.attname).iterator(chunk_size=2000):
            found[sealing.identifier_of(value.token).hex()] += 1
    for _, head in files():
        found[sealing.identifier_of_file(head).hex()] += 1
    return found


def samples() -> Iterator[Any]:
    """The first and the last value of every sealed column, still sealed."""
    for model, field in columns():
        found = rows(model, field).values_list(field.attname, flat=True)
        for value in (found.first(), found.last()):
            if value is not None:
                yield value
