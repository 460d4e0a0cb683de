"""The breakdown table 任务分解表 of a compiled notice, as Excel and as Word, in the layout offices use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from gongkai.compiler.notice import Notice, Task

HEAD = ("序号", "工作任务", "具体要求", "牵头单位", "责任单位", "配合单位", "时限", "指标")
_SHARES = (5, 16, 44, 14, 18, 14, 14, 15)  # widths of the columns in percent of the page, together 140
_TITLE_FONT = "方正小标宋简体"
_HEAD_FONT = "黑体"
_SECTION_FONT = "楷体"
_BODY_FONT = "仿宋"
_INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One line of the table: a section (`cells` empty) or a task with one text for each column."""

    section: str | None
    cells: tuple[str, ...] = ()


def title_of(notice: Notice) -> str:
    """The title of the table."""
    title = notice.notice.title or ""
    inner = re.search(r"关于印发[《〈]?(.{4,60}?)[》〉]?的通知$", title)
    name = (inner.group(1) if inner else title).removesuffix("的通知")
    if not name:
        return "任务分解表"
    return name if name.endswith(("分解表", "分工表", "任务表", "清单")) else f"{name}任务分解表"


def rows_of(notice: Notice) -> Iterator[BreakdownRow]:
    """Sections and tasks in the order of the notice; a section stands once above its tasks."""
    section = None
    for rank, task in enumerate(notice.tasks, 1):
        heading = task.path[0] if task.path else None
        if heading and heading != section:
            yield BreakdownRow(heading)
        section = heading
        yield BreakdownRow(None, _cells(rank, task))


def _cells(rank: int, task: Task) -> tuple[str, ...]:
    names = [*task.path[1:], *([task.title] if task.title and task.title not in task.path else [])]
    roles = {
        role: "、".join(dict.fromkeys(one.unit for one in task.assignments if one.role == role))
        for role in ("lead", "responsible", "cooperating")
    }
    limits = "；".join(dict.fromkeys(one.text.strip() for one in task.deadlines))
    targets = "；".join(dict.fromkeys(one.text.strip() for one in task.targets))
    texts = (
        str(rank),
        "\n".join(names),
        task.text,
        roles["lead"],
        roles["responsible"],
        roles["cooperating"],
        limits,
        targets,
    )
    return tuple(_INVALID.sub("", text) for text in texts)


def to_xlsx(notice: Notice) -> bytes:
    """The table as an Excel workbook: landscape A4, head repeated on every page, no cell ever a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "任务分解表"
    thin = Side(style="thin")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    last = len(HEAD)

    def put(
        row: int, column: int, text: str, font: str, size: int, *, bold: bool = False, centre: bool = False
    ) -> None:
        cell = sheet.cell(row=row, column=column)
        cell.value = text[:32767]
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_FORMULA)
        cell.font = Font(name=font, size=size, bold=bold)
        cell.alignment = Alignment(horizontal="center" if centre else "left", vertical="center", wrap_text=True)

    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    put(1, 1, _INVALID.sub("", title_of(notice)), _TITLE_FONT, 20, centre=True)
    sheet.row_dimensions[1].height = 42
    for column, label in enumerate(HEAD, 1):
        put(2, column, label, _HEAD_FONT, 11, centre=True)
        sheet.column_dimensions[get_column_letter(column)].width = _SHARES[column - 1]
    row = 2
    for row, line in enumerate(rows_of(notice), 3):
        if line.section is not None:
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
            put(row, 1, _INVALID.sub("", line.section), _SECTION_FONT, 12, bold=True)
            continue
        for column, text in enumerate(line.cells, 1):
            put(row, column, text, _BODY_FONT, 11, centre=column == 1)
    for cells in sheet.iter_rows(min_row=2, max_row=max(row, 2), max_col=last):
        for cell in cells:
            cell.border = border
    sheet.print_title_rows = "2:2"
    sheet.freeze_panes = "A3"
    setup = sheet.page_setup
    setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def to_docx(notice: Notice) -> bytes:
    """The table as a Word document: landscape A4, title, sections in merged rows, head repeated on every page."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(heading, _INVALID.sub("", title_of(notice)), _TITLE_FONT, 22)
    lines = list(rows_of(notice))
    table = document.add_table(rows=1, cols=len(HEAD))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = [Cm(25.7 * share / sum(_SHARES)) for share in _SHARES]
    for index, cell in enumerate(table.rows[0].cells):
        cell.width = widths[index]
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(cell.paragraphs[0], HEAD[index], _HEAD_FONT, 11)
    _mark(table.rows[0], "w:tblHeader")
    for line in lines:
        row = table.add_row()
        _mark(row, "w:cantSplit")
        cells = row.cells
        if line.section is not None:
            _write(
                cells[0].merge(cells[-1]).paragraphs[0], _INVALID.sub("", line.section), _SECTION_FONT, 12, bold=True
            )
            continue
        for index, text in enumerate(line.cells):
            cells[index].width = widths[index]
            _write(cells[index].paragraphs[0], text, _BODY_FONT, 10.5)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _write(paragraph: Any, text: str, font: str, size: float, *, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(size)
    run.font.name = font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    paragraph.paragraph_format.space_after = Pt(0)


def _mark(row: Any, name: str) -> None:
    """Set a switch of a table row, such as the repetition of the head."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    switch = OxmlElement(name)
    switch.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(switch)
