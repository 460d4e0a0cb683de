"""The spreadsheet of an import: the template to fill in, and the rows of one that came back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gongkai.core.sheets import safe_cell
from gongkai.law import documents
from gongkai.publications.importing import heads
from gongkai.publications.importing.folder import BadFiles
from gongkai.reading import Limits, ReadingError
from gongkai.reading.archive import Archive
from gongkai.reading.limits import MEGABYTE, Watch
from gongkai.reading.text import decode

MOST_ROWS = 50_000
_HEAD_WITHIN = 12
_LIMITS = Limits(
    input_bytes=200 * MEGABYTE,
    unpacked_bytes=800 * MEGABYTE,
    part_bytes=400 * MEGABYTE,
    unpacked_ratio=100,
    seconds=900,
)
_GUIDE: dict[str, str] = {
    "key": "原网站的编号或网址。同一编号再次导入时更新原来那条；不填的按索引号，再按标题、文号和日期辨认。",
    "title": "必填，最多300字。",
    "document_number": "写法不合规范的按原样保留并提醒。",
    "index_number": "不填的按单位模板自动编号。",
    "issuer": "联合发文用顿号隔开。不填的同发布机构。",
    "unit": "单位全称、简称、别名或曾用名。不填的用导入时选的单位。",
    "made_on": "例如2021-06-28、2021年6月28日。",
    "published_at": "可以带时间。不填的按成文日期。",
    "subject": "国务院主题分类，例如“综合政务\\政务公开”。",
    "document_kind": "不填的按标题判断。",
    "column": "本系统的目录栏目名称。",
    "validity": "有效、失效、废止或已修改。",
    "attribute": "主动公开、依申请公开或不予公开。",
    "reason": "不主动公开的填写。",
    "secrecy": "只能是空白或“非密”，标有密级的不能导入。",
    "normative": "填“是”的列入规范性文件库，按规定计算有效期。",
    "body": "文字或网页代码。太长的改填“正文文件”。",
    "body_file": "压缩包里的 Word、PDF、网页或文本文件名。",
    "files": "压缩包里的文件名，几个的用分号隔开。",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: where it stands, and its cells by field."""

    place: str
    cells: dict[str, Any]


def template() -> bytes:
    """The workbook to fill in, with a line of example and a sheet that explains the columns."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "历史信息"
    example = {
        "key": "2021-000123",
        "title": "（示例，导入前删去）云溪区人民政府办公室关于印发政务公开工作要点的通知",
        "document_number": "云政办发〔2021〕9号",
        "issuer": "云溪区人民政府办公室",
        "unit": "云溪区人民政府办公室",
        "made_on": "2021-06-28",
        "published_at": "2021-06-30",
        "subject": "综合政务\\政务公开",
        "document_kind": "通知",
        "validity": "有效",
        "attribute": "主动公开",
        "body_file": "要点.docx",
        "files": "任务分解表.xlsx；工作台账.pdf",
    }
    sheet.append(list(heads.FIELD_LABELS.values()))
    sheet.append([safe_cell(example.get(field, "")) for field in heads.FIELD_LABELS])
    choices = {
        "document_kind": (*documents.OFFICIAL_KINDS, *documents.OTHER_KINDS),
        "validity": ("有效", "失效", "废止", "已修改"),
        "attribute": ("主动公开", "依申请公开", "不予公开"),
        "normative": ("是", "否"),
    }
    for at, field in enumerate(heads.FIELD_LABELS, 1):
        letter = get_column_letter(at)
        head = sheet.cell(row=1, column=at)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="EDF1F4")
        sheet.column_dimensions[letter].width = {"title": 50, "body": 40, "files": 30}.get(field, 18)
        sheet.column_dimensions[letter].number_format = "@"
        if field in choices:
            rule = DataValidation(type="list", formula1='"' + ",".join(choices[field]) + '"', allow_blank=True)
            rule.error, rule.errorTitle = "请从下拉列表里选择。", heads.FIELD_LABELS[field]
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}5000")
    sheet.freeze_panes = "C2"
    guide = book.create_sheet("填写说明")
    guide.append(("列名", "也认得这些列名", "怎么填"))
    for field, wordings in heads.HEADS.items():
        guide.append((wordings[0], "、".join(wordings[1:]), _GUIDE.get(field, "")))
    for letter, width in zip("ABC", (18, 60, 70), strict=True):
        guide.column_dimensions[letter].width = width
        guide[f"{letter}1"].font = Font(bold=True)
    for row in guide.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, name: str) -> tuple[list[Line], list[str]]:
    """The rows of a sheet, and remarks about what was passed over.

    Raises:
        BadFiles: it cannot be opened, has no heads that are known, no rows or too many.
    """
    try:
        lines = _csv(data, name) if name.lower().endswith(".csv") else _workbook(data, name)
        return _rows(lines, name)
    except BadFiles:
        raise
    except ReadingError as problem:
        raise BadFiles(f"“{name}”：{problem.message}") from None
    except Exception:
        # openpyxl raises whatever the damaged part happens to break.
        raise BadFiles(f"“{name}”打不开。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。") from None


def _rows(lines: Iterator[Sequence[Any]], name: str) -> tuple[list[Line], list[str]]:
    top = list(islice(lines, _HEAD_WITHIN))
    found = heads.find_head(top, _HEAD_WITHIN)
    if found is None:
        raise BadFiles(f"“{name}”里没有找到表头。第一行要有“标题”和“发布日期”等列名，可以下载模板对照。")
    head_at, columns, unknown = found
    notes = [f"“{name}”里的列“{'”“'.join(unknown[:10])}”不认识，没有读入。"] if unknown else []
    rows: list[Line] = []

    def everything() -> Iterator[Sequence[Any]]:
        yield from top[head_at + 1 :]
        yield from lines

    for number, cells in enumerate(everything(), head_at + 2):
        values = {field: cells[at] for at, field in columns.items() if at < len(cells) and cells[at] not in (None, "")}
        if not values or all(not str(value).strip() for value in values.values()):
            continue
        if len(rows) >= MOST_ROWS:
            raise BadFiles(f"“{name}”超过{MOST_ROWS:,}行。请分成几个文件，分几次导入。")
        rows.append(Line(f"{name} 第{number}行" if name else f"第{number}行", values))
    if not rows:
        raise BadFiles(f"“{name}”里只有表头，没有数据。请填写后再上传。")
    return rows, notes


def _csv(data: bytes, name: str) -> Iterator[Sequence[Any]]:
    text, _ = decode(data)
    csv.field_size_limit(5_000_000)
    first = text[:4000].split("\n", 1)[0]
    delimiter = max((",", "\t", ";", "，"), key=first.count)

    def lines() -> Iterator[Sequence[Any]]:
        try:
            yield from csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
        except csv.Error:
            raise BadFiles(f"“{name}”里的引号不成对，读不下去。请用 Excel 打开，另存为 .xlsx 后再上传。") from None

    return lines()


def _workbook(data: bytes, name: str) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook

    Archive(data, Watch(_LIMITS)).refuse_declarations()
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise BadFiles(f"“{name}”里没有看得见的工作表。请检查后再上传。")
    # Rows that a careless format stretched to the end of the sheet are not walked.
    rows: Iterator[Sequence[Any]] = visible[0].iter_rows(
        max_row=MOST_ROWS + _HEAD_WITHIN + 5000, max_col=120, values_only=True
    )
    return rows
