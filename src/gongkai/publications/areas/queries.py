"""What the staff pages of key areas read."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from gongkai.core import bundles
from gongkai.core.days import day_words
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, Role
from gongkai.publications.acts import stepped
from gongkai.publications.areas import catalog, values
from gongkai.publications.areas.catalog.model import SHOWN_LABELS, TYPE_LABELS, Shown, Template
from gongkai.publications.areas.excel import MOST_ROWS
from gongkai.publications.areas.models import Batch, BatchHit, BatchRow, Dataset, DatasetUpdate, EntryVersion

EDITABLE = frozenset({"draft", "returned"})
SHOWN_ROWS = 50


def batch_context(case: Batch, user: User) -> dict[str, Any]:
    """What the case page shows of a batch, its short lists in one query."""
    template = case.dataset.template
    lists = bundles.gather(
        {
            "rows": bundles.rows(
                case.rows.order_by("-faulty", "ordinal", "id"),
                "id",
                "ordinal",
                "place",
                "title",
                "action",
                "values",
                "faults",
                "faulty",
                "key",
                limit=SHOWN_ROWS,
            ),
            "hits": bundles.rows(
                BatchHit.objects.filter(batch=case.pk).order_by("-blocking", "id"),
                "id",
                "label",
                "place",
                "found",
                "excerpt",
                "explanation",
                "suggestion",
                "blocking",
                "resolution",
                "reason",
                "by_label",
                "row_id",
                limit=200,
            ),
        }
    )
    hits, rows = lists["hits"], lists["rows"]
    columns = template.listed[:6]
    may_edit = case.state in EDITABLE and bool(user.roles_at(case.unit) & set(STAFF))
    return {
        "batch": case,
        "template": template,
        "columns": columns,
        "lines": [line(template, row, columns) for row in rows],
        "row_total": case.known["rows"],
        "faulty_total": case.known["faulty"],
        "more_rows": max(case.known["rows"] - len(rows), 0),
        "open_hits": [hit for hit in hits if not hit.resolution],
        "settled_hits": [hit for hit in hits if hit.resolution],
        "may_edit": may_edit,
        "steps": stepped.shown(case),
        "needs_explanation": template.explained and not case.dataset.explanation.strip(),
    }


def line(template: Template, row: BatchRow, columns: tuple[Any, ...]) -> dict[str, Any]:
    """A row of a batch as tables show it: the public words of its listed columns, and what is wrong."""
    shown = values.shown_of(template, row.values)
    return {
        "row": row,
        "cells": [
            {"words": values.words_of(one, shown.get(one.name)) or "–", "number": one.numeric} for one in columns
        ],
        "faults": list(row.faults.values()),
    }


def update_context(case: DatasetUpdate, user: User) -> dict[str, Any]:
    """What the case page shows of a dataset that is due."""
    return {"update": case, "held": case.dataset}


def my_units(user: User) -> list[int]:
    """The units for whose datasets a person works; the office and auditors see those below their government too."""
    return [
        unit
        for unit, roles in user.roles_by_unit.items()
        if roles - {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
    ]


def datasets_for(user: User) -> Any:
    """The datasets a person sees: those of the units below whatever the person oversees, and those of own units."""
    condition = Q(unit__in=my_units(user))
    for membership in user.memberships_now:
        if membership.role in (Role.OFFICE, Role.AUDITOR):
            root = membership.unit.parent or membership.unit
            condition |= Q(unit__path__startswith=root.path)
    return Dataset.objects.filter(condition).select_related("unit", "own")


def may_keep(user: User, held: Dataset) -> bool:
    """Whether a person may enter rows: staff of the owner."""
    return bool(user.roles_at(held.unit) & set(STAFF))


def may_set(user: User, held: Dataset) -> bool:
    """Whether a person may change explanation, rhythm and own fields: staff of the owner, and the office above."""
    return may_keep(user, held) or is_office_over(user, held.unit)


def is_office_over(user: User, unit: Unit) -> bool:
    """Whether a person holds the disclosure office's role above a unit."""
    return any(
        membership.role == Role.OFFICE and unit.path.startswith((membership.unit.parent or membership.unit).path)
        for membership in user.memberships_now
    )


def suggested(unit: Unit, taken: set[str]) -> list[Template]:
    """Templates whose usual keeper the unit is, and which it does not keep yet."""
    names = f"{unit.name} {unit.short_name}"
    return [
        template
        for template in catalog.TEMPLATES.values()
        if template.code not in taken and any(word in names for word in template.keepers)
    ]


def open_batch(held: Dataset) -> Batch | None:
    """The batch of a dataset that is being filled in."""
    return held.batches.filter(state__in=EDITABLE).order_by("-pk").first()


def released_rows(held: Dataset) -> list[dict[str, Any]]:
    """The full values of the public rows, for a workbook to be corrected; internal fields included, for staff only."""
    current = EntryVersion.objects.filter(entry__dataset=held, entry__published=True).select_related("entry")
    found = [version.values for version in current.order_by("entry_id") if version.number == version.entry.version]
    return found[:MOST_ROWS]


def field_rows(template: Template) -> list[dict[str, str]]:
    """The fields of a template for the page of a dataset."""
    return [
        {
            "label": one.label,
            "type": TYPE_LABELS[one.type] + (f"（{one.unit}）" if one.unit else ""),
            "required": "必填" if one.required else "",
            "shown": "遮盖自然人姓名" if one.when else SHOWN_LABELS[one.shown],
            "light": {Shown.INTERNAL: "paused", Shown.MASKED: "wait"}.get(one.shown, "done"),
        }
        for one in template.fields
    ]


def due_light(held: Dataset) -> tuple[str, str]:
    """Light and words of a dataset's rhythm."""
    today = timezone.localdate()
    if held.due_on is None:
        return "", "随时更新"
    left = (held.due_on - today).days
    said = day_words(held.due_on)
    if left < 0:
        return "late", f"已超期{-left}日（{said}）"
    if left <= 15:
        return "soon", f"还剩{left}日（{said}）"
    return "ok", said
