"""Units as an Excel workbook: out, and in again with a dry run that says what would change."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import Unit, UnitAlias, UnitHistory
from gongkai.core.models.units import UnitKind
from gongkai.core.sheets import safe_cell

HEAD = ("编码", "全称", "简称", "性质", "上级编码", "排序", "统一社会信用代码", "电话", "地址", "别名（用、隔开）")


@dataclass
class Report:
    """What an import did or would do."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[str] = field(default_factory=list)


def template() -> bytes:
    """An empty workbook with the heads, a line of example, and the kinds allowed."""
    return _book(
        [("qu-jyj", "云溪区教育局", "区教育局", UnitKind.DEPARTMENT.label, "qu", 10, "", "0000-1234567", "", "教育局")]
    )


def export_units(path: str | Path | None = None) -> bytes:
    """All units as a workbook, written to `path` when one is given."""
    rows = [
        (
            unit.code,
            unit.name,
            unit.short_name,
            unit.get_kind_display(),
            unit.parent.code if unit.parent else "",
            unit.ordinal,
            unit.credit_code,
            unit.telephone,
            unit.address,
            "、".join(alias.name for alias in unit.aliases.all()),
        )
        for unit in Unit.objects.select_related("parent").prefetch_related("aliases").order_by("path")
    ]
    data = _book(rows)
    if path:
        Path(path).write_bytes(data)
    return data


def _book(rows: list[tuple]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "单位"
    sheet.append(HEAD)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([safe_cell(value) for value in row])
    for column, width in zip("ABCDEFGHIJ", (16, 34, 20, 14, 14, 8, 24, 18, 30, 40), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    kinds = book.create_sheet("性质")
    for kind in UnitKind:
        kinds.append([kind.label])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def import_units(source: str | Path | bytes, *, user=None, dry_run: bool = False) -> Report:
    """Take units over from a workbook; nothing is changed when any row has an error.

    Raises ValueError with a sentence when the file is no such workbook.
    """
    from openpyxl import load_workbook

    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        lines = list(sheet.iter_rows(values_only=True))
    except Exception as error:
        raise ValueError("这个文件不是 Excel 工作簿（.xlsx）。请用“下载模板”得到的文件填写。") from error
    if not lines or tuple(str(v or "").strip() for v in lines[0][: len(HEAD)]) != HEAD:
        raise ValueError("表头与模板不一致。请用“下载模板”得到的文件填写，不要改动第一行。")
    report = Report()
    rows = _rows(lines[1:], report)
    if report.errors:
        return report
    with writing():
        _write(rows, report, dry_run=dry_run)
        if not dry_run:
            audit.note("units.import", "导入单位", user, summary=f"新增{report.created}个，修改{report.changed}个")
    return report


def _rows(lines: list[tuple], report: Report) -> list[dict[str, Any]]:
    labels = {kind.label: kind.value for kind in UnitKind}
    known = set(Unit.objects.values_list("code", flat=True))
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=2):
        cells = [str(value).strip() if value is not None else "" for value in (*line, *[None] * len(HEAD))[: len(HEAD)]]
        if not any(cells):
            continue
        code, name, short, kind, parent, ordinal, credit, telephone, address, aliases = cells
        where = f"第{number}行"
        if not code or not name:
            report.errors.append(f"{where}：编码和全称都要填写。")
            continue
        if kind not in labels:
            report.errors.append(f"{where}：性质“{kind}”不在可选范围，请从“性质”表里选。")
            continue
        if parent and parent not in known and parent not in {row["code"] for row in rows}:
            report.errors.append(f"{where}：上级编码“{parent}”还没有登记，请把上级单位排在前面。")
            continue
        rows.append(
            {
                "code": code,
                "name": name,
                "short_name": short or name,
                "kind": labels[kind],
                "parent": parent,
                "ordinal": int(float(ordinal)) if ordinal.replace(".", "", 1).isdigit() else 0,
                "credit_code": credit,
                "telephone": telephone,
                "address": address,
                "aliases": [a for a in aliases.replace(",", "、").replace("，", "、").split("、") if a.strip()],
            }
        )
    return rows


def _write(rows: list[dict[str, Any]], report: Report, *, dry_run: bool) -> None:
    units = {unit.code: unit for unit in Unit.objects.prefetch_related("aliases")}
    for row in rows:
        values = {k: v for k, v in row.items() if k not in ("parent", "aliases", "code")}
        unit = units.get(row["code"])
        parent = units.get(row["parent"]) if row["parent"] else None
        fresh = unit is None
        if unit is None:
            unit = Unit(code=row["code"])
        aliases = set() if fresh else {alias.name for alias in unit.aliases.all()}
        differs = [k for k, v in values.items() if getattr(unit, k) != v] or unit.parent_id != (
            parent.pk if parent else None
        )
        missing = [name for name in row["aliases"] if name not in aliases]
        report.created += fresh
        report.changed += not fresh and bool(differs or missing)
        report.unchanged += not fresh and not differs and not missing
        if dry_run:
            units.setdefault(row["code"], unit)
            continue
        if not fresh and unit.name != values["name"]:
            rename(unit, values["name"], values["short_name"])
        for key, value in values.items():
            setattr(unit, key, value)
        unit.parent = parent
        try:
            unit.full_clean(exclude=["path"])
        except ValidationError as error:
            raise ValueError(f"{row['name']}：{'；'.join(error.messages)}") from None
        unit.save()
        units[row["code"]] = unit
        UnitAlias.objects.bulk_create([UnitAlias(unit=unit, name=name) for name in missing], ignore_conflicts=True)


def rename(unit: Unit, name: str, short_name: str, *, document: str = "") -> None:
    """Give a unit a new name; the old ones stay known as former names."""
    for former in {unit.name, unit.short_name} - {name, short_name}:
        UnitAlias.objects.get_or_create(unit=unit, name=former, defaults={"source": UnitAlias.Source.FORMER})
    UnitHistory.objects.create(
        unit=unit, at=timezone.now(), what="更名", before=unit.name, after=name, document=document
    )
    unit.name, unit.short_name = name, short_name
    unit.save()


def merge(unit: Unit, into: Unit, user, *, document: str = "") -> int:
    """Merge a unit into another: open cases and people move, names stay known; returns the number of cases moved."""
    from gongkai.core.merging import move_cases

    if unit.pk == into.pk or into.path.startswith(unit.path):
        raise ValueError("不能并入自己或自己的下级单位。")
    with writing():
        moved = move_cases(unit, into, user, document)
        for name in {unit.name, unit.short_name, *unit.aliases.values_list("name", flat=True)}:
            UnitAlias.objects.get_or_create(unit=into, name=name, defaults={"source": UnitAlias.Source.FORMER})
        for membership in unit.memberships.all():
            into.memberships.get_or_create(
                user=membership.user, role=membership.role, defaults={"main": membership.main}
            )
        unit.memberships.all().delete()
        unit.active, unit.merged_into = False, into
        unit.save()
        now = timezone.now()
        UnitHistory.objects.create(unit=unit, at=now, what="并入", before=unit.name, after=into.name, document=document)
        UnitHistory.objects.create(unit=into, at=now, what="接收", before=unit.name, after=into.name, document=document)
        audit.note("units.merge", "合并单位", user, summary=f"{unit.name}并入{into.name}，移交在办事项{moved}件")
    return moved
