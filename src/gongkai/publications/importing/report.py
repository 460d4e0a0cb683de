"""The rows of an import as an Excel workbook: what was found, what became of it, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Case as When_
from django.db.models import IntegerField, Value, When

from gongkai.core import sheets
from gongkai.publications.importing.models import Import, ImportRow

MOST = 20_000
HEAD = ("位置", "标题", "单位", "预检", "原因和提醒", "检查发现", "导入", "说明", "编号", "网址")


def workbook(run: Import) -> bytes:
    """All rows, those that need somebody first; at most 20,000, said in the file."""
    rows = ImportRow.objects.filter(run=run.pk)
    number = rows.count()
    first = When_(
        When(outcome=ImportRow.Outcome.REFUSED, then=Value(0)),
        When(blocked=True, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    shown = rows.select_related("publication").defer("body", "files", "values", "publication__body")
    note = f"共{number:,}条" + (f"，只列出前{MOST:,}条" if number > MOST else "")
    return sheets.workbook(f"{run.title} {run.number}", HEAD, _lines(shown.order_by(first, "ordinal")[:MOST]), note)


def _lines(rows: Any) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=500):
        case = row.publication
        address = (
            f"{settings.GONGKAI_PUBLIC_ADDRESS}{case.public_address}" if case is not None and case.is_public else ""
        )
        yield [
            row.place,
            row.title,
            row.unit_name,
            row.get_outcome_display(),
            "\n".join([*row.problems, *row.warnings]),
            "\n".join(found_words(row)),
            row.get_state_display(),
            row.result,
            case.number if case is not None else "",
            address,
        ]


def found_words(row: ImportRow) -> list[str]:
    """The findings of a row in words, those that hold it back first."""
    hits = sorted(row.hits, key=lambda hit: not hit["blocking"])
    return [
        f"{'须处理：' if hit['blocking'] else ''}{hit['place']} {hit['label']}“{hit['found']}”" for hit in hits[:20]
    ]
