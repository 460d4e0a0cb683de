"""The columns of catalogs: made from the template, edited, ordered, closed, merged, taken in and out by Excel.

Columns are settings of a body, not cases: each change is noted in the audit chain, and the pages that show columns are
dropped with it.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from gongkai.core import audit, jurisdiction, pages, search, sheets
from gongkai.core.locks import writing
from gongkai.core.models import Unit, User
from gongkai.publications import content, outward
from gongkai.publications.models import CatalogColumn, Publication, PublicDocument, ReviewChain
from gongkai.publications.pages import CATALOG
from gongkai.publications.registers import template
from gongkai.publications.registers.freshness import Standing, Windows, standing
from gongkai.publications.registers.models import ColumnUpdate, RegisterVersion

HEAD = (
    "代码", "栏目名称", "上级代码", "所属部分", "对应条例条款", "责任单位", "公开依据", "公开内容", "更新要求",
    "更新周期（日）", "排序", "在用",
)  # fmt: skip
WIDTHS = (20, 30, 20, 18, 14, 18, 36, 40, 18, 14, 8, 8)
MOST = 2000
MERGED_AT_ONCE = 5000


class ColumnError(Exception):
    """What was asked of a column cannot be done; the message is a sentence for the user."""


# --- the tree ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """A column in the order of its tree, with its depth and how it stands today."""

    column: CatalogColumn
    depth: int
    standing: str = ""
    limit: dt.date | None = None


def tree(rows: Iterable[CatalogColumn]) -> list[Line]:
    """Columns depth first, each level by its order; a column whose parent is not among them stands as a root."""
    found = list(rows)
    shown = {column.pk for column in found}
    children: dict[int | None, list[CatalogColumn]] = {}
    for column in found:
        children.setdefault(column.parent_id if column.parent_id in shown else None, []).append(column)
    for level in children.values():
        level.sort(key=lambda one: (one.ordinal, one.pk), reverse=True)
    lines: list[Line] = []
    waiting = [(column, 0) for column in children.get(None, [])]
    while waiting:
        column, depth = waiting.pop()
        lines.append(Line(column, depth))
        waiting += [(child, depth + 1) for child in children.get(column.pk, [])]
    return lines


def of_unit(unit: Unit | None) -> QuerySet[CatalogColumn]:
    """The columns of a body, or those common to all."""
    rows = CatalogColumn.objects.select_related("owner")
    return rows.filter(unit=unit.pk) if unit is not None else rows.filter(unit__isnull=True)


def lines_of(unit: Unit) -> list[dict[str, Any]]:
    """A body's catalog as a version keeps it: 索引, 名称, 内容概述, 生成日期 (条例 art 12), owner, basis, interval."""
    lines = tree(of_unit(unit).filter(active=True))
    return [
        {
            "code": line.column.code,
            "depth": line.depth,
            "title": line.column.title,
            "part": line.column.get_part_display(),
            "item": line.column.statutory_item,
            "description": line.column.description,
            "basis": line.column.basis,
            "owner": str(line.column.owner or unit),
            "interval": interval_words(line.column),
            "updated_on": timezone.localdate(line.column.updated_at).isoformat() if line.column.updated_at else "",
        }
        for line in lines
    ]


def interval_words(column: CatalogColumn) -> str:
    """How often it must be renewed, in words."""
    if column.update_days:
        return f"每{column.update_days}日"
    return column.get_freshness_display() if column.freshness else "不定期"


# --- the clock --------------------------------------------------------------------------------------------------------


def windows() -> Windows:
    """The windows of this place."""
    return Windows(
        news_days=jurisdiction.value("registers.news_days"),
        notices_months=jurisdiction.value("registers.notices_months"),
        statistics_months=jurisdiction.value("registers.statistics_months"),
        yearly_months=jurisdiction.value("registers.yearly_months"),
    )


def day_of(moment: dt.datetime | None) -> dt.date | None:
    """The day of a moment here."""
    return timezone.localdate(moment) if moment else None


def with_standing(lines: Sequence[Line], today: dt.date) -> Sequence[Line]:
    """Say of each line how its column stands today; headings with columns below them are not asked."""
    asked, notice = windows(), jurisdiction.value("registers.notice_days")
    parents = {line.column.parent_id for line in lines}
    for line in lines:
        column = line.column
        if column.pk in parents and column.updated_at is None:
            continue
        updated = day_of(column.updated_at)
        line.limit = asked.limit(updated, column.freshness, column.update_days) if updated else None
        line.standing = standing(today, updated, line.limit, notice)
    return lines


def asked_columns() -> QuerySet[CatalogColumn]:
    """Columns in use of which something is asked: headings with columns below them are left out."""
    headings = CatalogColumn.objects.filter(active=True, parent__isnull=False).values("parent")
    return CatalogColumn.objects.filter(active=True).exclude(pk__in=headings, updated_at__isnull=True)


def standing_conditions(today: dt.date) -> dict[Standing, Q]:
    """For each way a column can stand today, the condition of the database; one query for all."""
    asked, notice = windows(), jurisdiction.value("registers.notice_days")
    some = Q(updated_at__isnull=False)
    plain = Q(update_days__isnull=True) | Q(update_days=0)
    sorts = [(Q(freshness=name) & plain, name, None) for name in CatalogColumn.Freshness.values if name]
    own = CatalogColumn.objects.filter(active=True, update_days__gt=0).order_by().values_list("update_days", flat=True)
    sorts += [(Q(update_days=days), "", days) for days in own.distinct()]
    late, near, fresh = Q(pk__in=[]), Q(pk__in=[]), Q(pk__in=[])
    for which, name, days in sorts:
        edge = _start(asked.oldest(today, name, days))
        soon = _start(asked.oldest(today + dt.timedelta(days=notice), name, days))
        late |= which & Q(updated_at__lt=edge)
        near |= which & Q(updated_at__gte=edge, updated_at__lt=soon)
        fresh |= which & Q(updated_at__gte=soon)
    return {
        Standing.BLANK: Q(updated_at__isnull=True),
        Standing.STALE: some & late,
        Standing.NEAR: some & near,
        Standing.FRESH: some & fresh,
        Standing.FREE: some & plain & Q(freshness=""),
    }


def _start(day: dt.date | None) -> dt.datetime:
    if day is None:
        raise ValueError("a sort of column without a window")
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


# --- changes ----------------------------------------------------------------------------------------------------------


def _noted(user: User | None, label: str, summary: str, **data: Any) -> None:
    audit.note("catalog.columns", label, user, summary=summary, data=data)
    pages.drop(CATALOG, outward_tag(), "bodies")


def outward_tag() -> str:
    """The tag of all lists of documents, which name columns."""
    return "documents"


def save(user: User, column: CatalogColumn, changed: Sequence[str]) -> CatalogColumn:
    """Write a new or changed column. Raises ColumnError when it would stand below itself or in another body's tree."""
    parent = column.parent
    if parent is not None and parent.unit_id != column.unit_id:
        raise ColumnError("上级栏目要在同一个目录里。")
    above, steps = parent, 0
    while above is not None:
        if above.pk == column.pk or steps > 20:
            raise ColumnError("不能放到自己的下级里。请选择别的上级栏目。")
        above, steps = above.parent, steps + 1
    new = column.pk is None
    with writing():
        if new and not column.ordinal:
            column.ordinal = next_ordinal(column.unit_id, column.parent_id)
        column.save()
        _noted(user, "新增栏目" if new else "修改栏目", column.title, column=column.pk, changed=list(changed))
    return column


def next_ordinal(unit_id: int | None, parent_id: int | None) -> int:
    """The place after the last column of a level."""
    rows = CatalogColumn.objects.filter(unit=unit_id, parent=parent_id)
    return (rows.aggregate(last=Max("ordinal"))["last"] or 0) + 10


def move(user: User, column: CatalogColumn, step: int) -> bool:
    """Exchange a column with its neighbour above (-1) or below (1); False at an end."""
    with writing():
        level = list(
            CatalogColumn.objects.filter(unit=column.unit_id, parent=column.parent_id, active=True).order_by(
                "ordinal", "id"
            )
        )
        at = next(number for number, one in enumerate(level) if one.pk == column.pk)
        to = at + step
        if not 0 <= to < len(level):
            return False
        level[at], level[to] = level[to], level[at]
        for number, one in enumerate(level, 1):
            one.ordinal = number * 10
        CatalogColumn.objects.bulk_update(level, ["ordinal"])
        _noted(user, "调整栏目顺序", column.title, column=column.pk)
    return True


def close(user: User, column: CatalogColumn) -> None:
    """Take a column out of use; its documents stay public and are found by search and lists.

    Raises ColumnError while columns below it are in use.
    """
    if column.children.filter(active=True).exists():
        raise ColumnError("它下面还有在用的栏目。请先停用或移走下级栏目。")
    with writing():
        CatalogColumn.objects.filter(pk=column.pk).update(active=False)
        _noted(user, "停用栏目", column.title, column=column.pk)


def reopen(user: User, column: CatalogColumn) -> None:
    """Bring a closed column back."""
    with writing():
        CatalogColumn.objects.filter(pk=column.pk).update(active=True)
        _noted(user, "恢复栏目", column.title, column=column.pk)


def merge(user: User, column: CatalogColumn, into: CatalogColumn) -> int:
    """Move all documents of a column into another one and close it; returns how many were moved.

    Only the place in the catalog changes: texts, versions, approvals and addresses stay. Raises ColumnError when the
    columns belong to different bodies (a common column takes in anything) or the other one stands below it.
    """
    if into.pk == column.pk or not into.active:
        raise ColumnError("请选择另一个在用的栏目。")
    if into.unit_id is not None and into.unit_id != column.unit_id:
        raise ColumnError("只能并入同一单位的栏目或共用栏目。")
    above, steps = into.parent, 0
    while above is not None and steps <= 20:
        if above.pk == column.pk:
            raise ColumnError("不能并入自己的下级栏目。")
        above, steps = above.parent, steps + 1
    with writing():
        moved = list(Publication.objects.filter(column=column.pk)[: MERGED_AT_ONCE + 1])
        if len(moved) > MERGED_AT_ONCE:
            raise ColumnError(f"栏目里的信息超过{MERGED_AT_ONCE}件，请联系系统管理员分批处理。")
        for publication in moved:
            _carry(publication, into)
        CatalogColumn.objects.filter(parent=column.pk).update(parent=into.pk)
        ReviewChain.objects.filter(column=column.pk).delete()
        newest = max((one for one in (column.updated_at, into.updated_at) if one), default=None)
        CatalogColumn.objects.filter(pk=into.pk).update(updated_at=newest)
        CatalogColumn.objects.filter(pk=column.pk).update(active=False)
        _noted(user, "合并栏目", f"{column.title}并入{into.title}，信息{len(moved)}件", column=column.pk, into=into.pk)
    return len(moved)


def _carry(publication: Publication, into: CatalogColumn) -> None:
    """Move one document; what was approved or agreed for its content still holds: only its place is another one."""
    approved, agreed = publication.approval_holds, publication.office_agreed
    publication.column = into
    content.refresh(publication)
    changed = {"column": into, "content_digest": publication.content_digest}
    if approved:
        changed["approved_digest"] = publication.content_digest
    if agreed:
        changed["agreed_digest"] = publication.content_digest
    Publication.objects.filter(pk=publication.pk).update(**changed)
    row = PublicDocument.objects.filter(pk=publication.pk).first()
    if row is None:
        return
    row.column = into
    row.save(update_fields=["column"])
    search.changed(outward.SOURCE, publication.pk)
    pages.drop(*outward.tags_of(publication))
    for listener in outward.listeners:
        listener("related", publication, row)


# --- the template -----------------------------------------------------------------------------------------------------


def install(user: User | None, unit: Unit | None) -> int:
    """Make the common template for a body, or the one common to all; what is there stays. Returns how many were made."""
    prefix = (unit.code[:28] if unit is not None else "common").lower()
    made = 0
    with writing():
        known = {column.code: column for column in of_unit(unit)}
        taken = set(CatalogColumn.objects.filter(code__startswith=f"{prefix}-").values_list("code", flat=True))
        waiting: list[tuple[template.Seed, CatalogColumn | None, int]] = [
            (seed, None, number * 10) for number, seed in enumerate(template.seeds(unit), 1)
        ]
        while waiting:
            seed, parent, ordinal = waiting.pop(0)
            code = f"{prefix}-{seed.key}"
            column = known.get(code)
            if column is None:
                if code in taken:
                    code = f"{prefix}-{unit.pk if unit else 0}-{seed.key}"
                column = CatalogColumn.objects.create(
                    unit=unit,
                    parent=parent,
                    code=code,
                    title=seed.title,
                    part=seed.part,
                    statutory_item=seed.item,
                    owner=unit,
                    basis=seed.basis,
                    description=seed.description,
                    freshness=seed.freshness,
                    ordinal=ordinal,
                )
                made += 1
            waiting += [(child, column, number * 10) for number, child in enumerate(seed.children, 1)]
        if made:
            _fill_guide(unit)
            _noted(user, "按条例建立目录", f"{unit or '各单位共用'}，{made}个栏目", unit=unit.pk if unit else None)
    return made


def _fill_guide(unit: Unit | None) -> None:
    """A guide that is public already stands in the new column for guides."""
    if unit is None:
        return
    guide = RegisterVersion.objects.filter(kind="disclosure-guide", unit=unit.pk, current=True).first()
    if guide is not None:
        empty = CatalogColumn.objects.filter(unit=unit.pk, part=CatalogColumn.Part.GUIDE, updated_at__isnull=True)
        empty.update(updated_at=guide.published_at)


# --- Excel ------------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What an import did or would do."""

    created: int = 0
    changed: int = 0
    same: int = 0
    errors: list[str] = field(default_factory=list)


def export(unit: Unit | None) -> bytes:
    """A body's catalog as a workbook in the layout of the import."""
    lines = []
    for line in tree(of_unit(unit).select_related("parent", "owner")):
        column = line.column
        lines.append(
            (
                column.code,
                column.title,
                column.parent.code if column.parent else "",
                column.get_part_display(),
                column.statutory_item,
                str(column.owner or ""),
                column.basis,
                column.description,
                column.get_freshness_display() if column.freshness else "不定期",
                column.update_days,
                column.ordinal,
                "是" if column.active else "否",
            )
        )
    return plain_book("目录", HEAD, lines, WIDTHS)


def plain_book(title: str, head: Sequence[str], lines: Iterable[Sequence[Any]], widths: Sequence[int]) -> bytes:
    """A workbook whose first line is the head, as imports read it."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in lines:
        sheet.append([sheets.safe_cell(value) for value in line])
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_sheet(data: bytes, head: Sequence[str]) -> list[list[str]]:
    """The lines of the first sheet below its head, as text. Raises ColumnError for anything else than such a workbook."""
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        lines = [line for _, line in zip(range(20_001), sheet.iter_rows(values_only=True), strict=False)]
    except Exception as problem:  # openpyxl raises many sorts
        raise ColumnError("这个文件不是 Excel 工作簿（.xlsx）。请用下载的模板填写。") from problem
    if not lines or tuple(str(value or "").strip() for value in lines[0][: len(head)]) != tuple(head):
        raise ColumnError("表头和模板不一致。请用下载的模板填写，不要改动第一行。")
    if len(lines) > 20_000:
        raise ColumnError("超过两万行。请分成几个文件。")
    return [[_cell(value) for value in (*line, *[None] * len(head))[: len(head)]] for line in lines[1:]]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text.removeprefix("'") if text[:2] in ("'=", "'+", "'-", "'@") else text


def take_in(user: User | None, unit: Unit | None, data: bytes, *, dry_run: bool = False) -> Report:
    """Take a catalog over from a workbook; nothing is changed when any row has an error, a second run changes nothing.

    Raises ColumnError with a sentence when the file is no such workbook.
    """
    report = Report()
    lines = read_sheet(data, HEAD)
    known = {column.code: column for column in of_unit(unit)}
    elsewhere = set(CatalogColumn.objects.values_list("code", flat=True)) - set(known)
    owners = _unit_names()
    rows = []
    codes = {line[0] for line in lines if line[0]} | set(known)
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        values = _values(line, number, report, owners, codes, elsewhere)
        if values:
            rows.append(values)
    if len({row["code"] for row in rows}) != len(rows):
        report.errors.append("有重复的代码。请保证每个栏目一个代码。")
    if report.errors:
        return report
    with writing():
        _write(unit, rows, known, report, dry_run=dry_run)
        if not dry_run and (report.created or report.changed):
            summary = f"{unit or '各单位共用'}：新增{report.created}个，修改{report.changed}个"
            _noted(user, "导入目录", summary)
    return report


def _unit_names() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for unit in Unit.objects.filter(active=True).order_by("-pk"):
        found |= {unit.short_name: unit, unit.name: unit, unit.code: unit}
    return found


def _values(
    line: list[str], number: int, report: Report, owners: dict[str, Unit], codes: set[str], elsewhere: set[str]
) -> dict[str, Any] | None:
    """One row as the columns of a record; faults go into the report."""
    code, title, parent, part, item, owner, basis, description, rhythm, days, ordinal, active = line
    where, faults = f"第{number}行", []
    parts = {label: value for value, label in CatalogColumn.Part.choices}
    rhythms = {label: value for value, label in CatalogColumn.Freshness.choices} | {"": ""}
    if not code or not title:
        faults.append("代码和栏目名称都要填写。")
    if not code.replace("-", "").replace("_", "").isalnum() or not code.isascii() or len(code) > 40:
        faults.append(f"代码“{code}”只能用字母、数字和连字符，最多40位。")
    if code in elsewhere:
        faults.append(f"代码“{code}”已经是别的目录的栏目。")
    if part and part not in parts:
        faults.append(f"所属部分“{part}”不在可选范围。")
    if rhythm not in rhythms:
        faults.append(f"更新要求“{rhythm}”不在可选范围。")
    if parent and (parent not in codes or parent == code):
        faults.append(f"上级代码“{parent}”不在这个目录里。")
    if owner and owner not in owners:
        faults.append(f"责任单位“{owner}”没有登记。")
    if days and not (days.isdigit() and 0 < int(days) <= 3660):
        faults.append("更新周期填1到3660之间的整数。")
    if len(title) > 80 or len(basis) > 200 or len(description) > 400:
        faults.append("栏目名称最多80字，公开依据最多200字，公开内容最多400字。")
    report.errors += [f"{where}：{fault}" for fault in faults]
    if faults:
        return None
    return {
        "code": code,
        "title": title,
        "parent": parent,
        "part": parts.get(part, CatalogColumn.Part.STATUTORY),
        "statutory_item": item[:20],
        "owner": owners.get(owner),
        "basis": basis,
        "description": description,
        "freshness": rhythms[rhythm],
        "update_days": int(days) if days else None,
        "ordinal": int(ordinal) if ordinal.isdigit() else 0,
        "active": active != "否",
    }


def _write(
    unit: Unit | None,
    rows: list[dict[str, Any]],
    known: dict[str, CatalogColumn],
    report: Report,
    *,
    dry_run: bool,
) -> None:
    above = {row["code"]: row["parent"] for row in rows}
    for code in above:
        seen, at = set(), code
        while at:
            if at in seen:
                report.errors.append(f"栏目“{code}”成了自己的上级。请检查上级代码。")
                return
            seen.add(at)
            at = above.get(at, "")
    parents = {}
    for row in rows:
        parents[row["code"]] = row.pop("parent")
        column = known.get(row["code"])
        if column is None:
            column = CatalogColumn(unit=unit, **row)
            report.created += 1
        else:
            differing = [name for name, value in row.items() if getattr(column, name) != value]
            before = column.parent.code if column.parent_id and column.parent else ""
            if not differing and before == parents[row["code"]]:
                report.same += 1
                continue
            report.changed += 1
            for name in differing:
                setattr(column, name, row[name])
        known[row["code"]] = column
        if not dry_run:
            column.save()
    if dry_run:
        return
    for code, parent in parents.items():
        column = known[code]
        wanted = known[parent].pk if parent else None
        if column.parent_id != wanted:
            CatalogColumn.objects.filter(pk=column.pk).update(parent=wanted)


def excused_on(columns: Iterable[int]) -> dict[int, dt.date]:
    """Column -> the last day on which the office agreed that there was nothing to publish."""
    rows = ColumnUpdate.objects.filter(column__in=list(columns), excused_on__isnull=False)
    return dict(rows.values_list("column").annotate(last=Max("excused_on")).order_by())
