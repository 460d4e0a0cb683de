"""Open data: the public rows of a template as Excel, CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gongkai.core import sheets
from gongkai.publications.areas import excel, values
from gongkai.publications.areas.catalog.model import Field, Template, Type
from gongkai.publications.areas.models import Entry
from gongkai.publications.areas.public_queries import MOST_EXPORTED

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def export(template: Template, rows: QuerySet[Entry], form: str) -> bytes:
    """The rows as a file; at most 20,000, said in the file."""
    found = list(rows.select_related("unit").order_by("-day", "-pk")[: MOST_EXPORTED + 1])
    cut = len(found) > MOST_EXPORTED
    found = found[:MOST_EXPORTED]
    if form == "json":
        return _json(template, found, cut)
    head = ["公开单位", *(field.head for field in template.seen), "公开时间", "更新时间"]
    if form == "csv":
        return excel.comma_separated(head, _lines(template, found))
    note = f"导出时间：{timezone.localtime():%Y-%m-%d %H:%M}，共{len(found)}条"
    note += "，超过的部分没有导出，请按单位或年份筛选后下载" if cut else ""
    return sheets.workbook(template.title, head, _lines(template, found), note)


def _lines(template: Template, rows: list[Entry]) -> Iterator[list[Any]]:
    for entry in rows:
        cells = [_cell(field, entry.shown.get(field.name)) for field in template.seen]
        yield [
            entry.unit.name,
            *cells,
            timezone.localdate(entry.published_at),
            timezone.localdate(entry.changed_at),
        ]


def _cell(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == Type.DATE:
        return values.day_of(value)
    if field.numeric:
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    return values.words_of(field, value)


def _json(template: Template, rows: list[Entry], cut: bool) -> bytes:
    """Fields with their meaning, then rows; days in ISO form, amounts as decimal text."""
    data = {
        "title": template.title,
        "basis": template.basis,
        "description": template.about,
        "exported": timezone.localtime().isoformat(timespec="seconds"),
        "complete": not cut,
        "fields": [
            {"name": field.name, "label": field.label, "type": str(field.type), "unit": field.said_unit}
            for field in template.seen
        ],
        "rows": [
            {
                "id": entry.pk,
                "unit": entry.unit.name,
                "published": timezone.localdate(entry.published_at).isoformat(),
                "changed": timezone.localdate(entry.changed_at).isoformat(),
                "version": entry.version,
                "values": {field.name: entry.shown[field.name] for field in template.seen if field.name in entry.shown},
            }
            for entry in rows
        ],
    }
    return values.canonical(data).encode()
