"""Spreadsheets of a dataset: the template to fill in, the table that came back, exports for everybody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from gongkai.core.sheets import safe_cell
from gongkai.publications.areas import values
from gongkai.publications.areas.catalog.model import SHOWN_LABELS, TYPE_LABELS, Field, Template, Type
from gongkai.publications.areas.rows import Line
from gongkai.reading.archive import Archive
from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import Watch

SHEET = "数据"
MOST_ROWS = 10_000
# The head is looked for in the first lines: a title and a remark may stand above it.
_HEAD_WITHIN = 12
_GUIDE = ("列名", "填什么", "必填", "选项", "公开方式", "说明")


class NotTheTemplate(ValueError):
    """The file cannot be taken as a table of this template; the message says why and what to do."""


def blank(template: Template, rows: Iterable[dict[str, Any]] = ()) -> bytes:
    """The workbook to fill in: heads with their units, lists to choose from, and a sheet that explains the columns."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append([f"{template.title}：带*的列必填，不要改动列名。"])
    sheet.append([f"{field.head}*" if field.required else field.head for field in template.fields])
    for row in rows:
        sheet.append([safe_cell(_cell(field, row.get(field.name))) for field in template.fields])
    sheet["A1"].font = Font(bold=True, size=13)
    guide = book.create_sheet("填写说明")
    guide.append(_GUIDE)
    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    for at, field in enumerate(template.fields, 1):
        letter = get_column_letter(at)
        head = sheet.cell(row=2, column=at)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="EDF1F4")
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = 44 if field.type == Type.LONG else max(14, 2 * len(field.head) + 4)
        if field.type in (Type.TEXT, Type.PROJECT, Type.CREDIT_CODE):
            # Numbers of documents and accounts are text: a spreadsheet would round or rewrite them.
            sheet.column_dimensions[letter].number_format = "@"
        guide.append([field.label, *_guide(field)])
        options = field.choices or (("是", "否") if field.type == Type.YESNO else ())
        if options:
            for place, option in enumerate(options, 1):
                lists.cell(row=place, column=at, value=option)
            rule = DataValidation(
                type="list", formula1=f"选项!${letter}$1:${letter}${len(options)}", allow_blank=not field.required
            )
            rule.error, rule.errorTitle = "请从下拉列表里选择。", field.label[:30]
            sheet.add_data_validation(rule)
            rule.add(f"{letter}3:{letter}{MOST_ROWS + 2}")
    for letter, width in zip("ABCDEF", (22, 18, 8, 60, 14, 60), strict=True):
        guide.column_dimensions[letter].width = width
    sheet.freeze_panes = "A3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _guide(field: Field) -> list[str]:
    unit = f"（{field.said_unit}）" if field.said_unit and field.type != Type.MONEY else ""
    return [
        f"{TYPE_LABELS[field.type]}{unit}",
        "必填" if field.required else "",
        "、".join(field.choices),
        SHOWN_LABELS[field.shown],
        field.help,
    ]


def _cell(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == Type.DATE:
        return values.day_of(value)
    if field.numeric:
        number = float(value)
        return int(number) if number.is_integer() else number
    return values.typed_of(field, value)


def read(data: bytes, name: str, template: Template) -> tuple[list[Line], list[str]]:
    """The lines of a table and remarks about what was passed over.

    Raises NotTheTemplate with a sentence when the file is no table of this template.
    """
    grid, letters = _grid(data, name)
    head_at, columns, notes = _head(grid, template)
    lines = []
    for number, cells in enumerate(grid[head_at + 1 :], head_at + 2):
        found = {field: cells[at] if at < len(cells) else None for field, at in columns.items()}
        if not any(values.tidy(cell) for cell in found.values()):
            continue
        places = {field: f"{letters(at)}{number}" for field, at in columns.items()}
        lines.append(Line(f"第{number}行", found, places))
        if len(lines) > MOST_ROWS:
            raise NotTheTemplate(f"表里的数据超过{MOST_ROWS:,}行。请拆成几个文件分别上传。")
    if not lines:
        raise NotTheTemplate("表里没有数据。请在列名下面填写后再上传。")
    return lines, notes


def _grid(data: bytes, name: str) -> tuple[list[Sequence[Any]], Any]:
    """The cells of the table, and how a column is called."""
    from openpyxl.utils import get_column_letter

    def letters(at: int) -> str:
        return str(get_column_letter(at + 1))

    if name.lower().endswith(".csv"):
        return list(csv.reader(io.StringIO(_decoded(data)))), letters
    if not name.lower().endswith(".xlsx"):
        raise NotTheTemplate("请上传 Excel 工作簿（.xlsx）或 CSV。旧格式 .xls 请用 Excel 或 WPS 另存为 .xlsx。")
    try:
        Archive(data, Watch()).refuse_declarations()
    except ReadingError as error:
        raise NotTheTemplate(str(error)) from None
    try:
        return _sheet(data), letters
    except NotTheTemplate:
        raise
    except Exception as error:
        # openpyxl raises whatever the damaged part happens to break.
        raise NotTheTemplate("这个文件打不开。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。") from error


def _sheet(data: bytes) -> list[Sequence[Any]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise NotTheTemplate("工作簿里没有看得见的工作表。请用“下载模板”得到的文件填写。")
        sheet = next((one for one in visible if one.title == SHEET), visible[0])
        # Rows that a careless format stretched to the end of the sheet are not walked.
        most = MOST_ROWS + _HEAD_WITHIN + 2000
        return list(sheet.iter_rows(max_row=most, max_col=120, values_only=True))
    finally:
        book.close()


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotTheTemplate("CSV 文件的编码认不出来。请另存为 UTF-8 编码后再上传。")


def _bare(words: str) -> str:
    return words.replace("*", "").replace("(", "（").replace(")", "）").replace(" ", "").replace("\n", "")


def _head(grid: Sequence[Sequence[Any]], template: Template) -> tuple[int, dict[str, int], list[str]]:
    """Where the head is, which column holds which field, and remarks."""
    known = {_bare(field.head): field.name for field in template.fields}
    known |= {_bare(field.label): field.name for field in template.fields}
    best: tuple[int, dict[str, int], list[str]] = (0, {}, [])
    for number, cells in enumerate(grid[:_HEAD_WITHIN]):
        columns: dict[str, int] = {}
        strange = []
        for at, cell in enumerate(cells):
            words = _bare(values.tidy(cell))
            if words in known:
                columns.setdefault(known[words], at)
            elif words:
                strange.append(values.tidy(cell)[:20])
        if len(columns) > len(best[1]):
            best = (number, columns, strange)
    head_at, columns, strange = best
    missing = [field.label for field in template.fields if field.required and field.name not in columns]
    if not columns or missing:
        wanted = f"缺少列：{'、'.join(missing)}。" if columns else "没有找到列名。"
        raise NotTheTemplate(f"{wanted}请用“下载模板”得到的文件填写，不要改动列名。")
    notes = [f"表里有模板没有的列：{'、'.join(strange)}，没有读入。"] if strange else []
    return head_at, columns, notes


def comma_separated(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A CSV that Excel opens with Chinese intact; nothing in it is run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe_cell(value) for value in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")
