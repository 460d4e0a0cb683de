"""Changing keys: everything that is sealed is sealed anew with the key in use, in small steps, and goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongkai.core import attachments
from gongkai.core.locks import writing
from gongkai.core.privacy import inventory, keys, sealing
from gongkai.core.privacy.fields import Sealed, SealedField

BATCH = 500
Advance = Callable[[str, int], None]
"""Called with what is being done and how many values or files were sealed anew in this step."""


def rotate(advance: Advance = lambda words, number: None) -> dict[str, int]:
    """Seal anew whatever was sealed with an older key; what has the key in use already is left alone.

    May be stopped at any moment and run again, and people may work meanwhile: each step is a transaction of its own.

    Returns:
        How many values and files were sealed anew.

    Raises:
        privacy.Fault: a value cannot be opened; everything before it is done.
    """
    values = sum(_column(model, field, advance) for model, field in inventory.columns())
    return {"values": values, "files": _files(advance)}


def _column(model: Any, field: SealedField, advance: Advance) -> int:
    current, last, done = keys.ring().current.identifier, None, 0
    while True:
        with writing():
            rows = inventory.rows(model, field)
            if last is not None:
                rows = rows.filter(pk__gt=last)
            batch = list(rows.select_for_update().values_list("pk", field.attname)[:BATCH])
            changed = 0
            for pk, value in batch:
                if sealing.identifier_of(value.token) != current:
                    token = sealing.seal(sealing.unseal(value.token, field.context), field.context)
                    model._base_manager.filter(pk=pk).update(**{field.name: Sealed(token, field)})
                    changed += 1
        if not batch:
            return done
        last, done = batch[-1][0], done + changed
        advance(str(model._meta.verbose_name), changed)


def _files(advance: Advance) -> int:
    current, done = keys.ring().current.identifier, 0
    for place, head in inventory.files():
        if sealing.identifier_of_file(head) == current:
            continue
        try:
            data = sealing.unseal_file(place.read_bytes(), place.name)
        except FileNotFoundError:  # erased meanwhile
            continue
        attachments.put(place, sealing.seal_file(data, place.name))
        done += 1
        advance("文件", 1)
    return done
