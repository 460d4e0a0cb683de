"""Excel and Word tables for every list: one place that writes them, safe against formulas."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:
    """A value as a cell: text that a spreadsheet would run as a formula is kept as text."""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, str):
        value = "".join(c for c in value if c >= " " or c in "\n\t")
        if value.startswith(_FORMULA):
            return "'" + value
        return value[:32000]
    return value


def workbook(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]], note: str = "") -> bytes:
    """An Excel table with a title line, a frozen head and a line that says when it was made."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title[:28] or "表"
    sheet.append([safe_cell(title)])
    sheet.append([note or f"导出时间：{timezone.localtime():%Y-%m-%d %H:%M}"])
    sheet.append([safe_cell(h) for h in head])
    line = Side(style="thin", color="C2CBD4")
    for cell in sheet[3]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EDF1F4")
        cell.border = Border(bottom=line, top=line, left=line, right=line)
    widths = [len(str(h)) * 2 + 4 for h in head]
    for row in rows:
        cells = [safe_cell(value) for value in row]
        sheet.append(cells)
        for at, value in enumerate(cells):
            widths[at] = max(
                widths[at],
                min(60, 2 * len(str(value or "")) // (2 if isinstance(value, str) and value.isascii() else 1) + 2),
            )
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(width, 60)
    for cells in sheet.iter_rows(min_row=4):
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(cell.value, dt.datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(cell.value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.freeze_panes = "A4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(head))}{max(sheet.max_row, 3)}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def word_table(
    title: str, head: Sequence[str], rows: Iterable[Sequence[Any]], note: str = "", widths: Sequence[float] = ()
) -> bytes:
    """A Word table on A4 landscape, its head repeated on each page."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)

    def write(paragraph, text: str, font: str, size: float, bold: bool = False) -> None:
        run = paragraph.add_run(text)
        run.font.name, run.font.size, run.font.bold = font, Pt(size), bold
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(heading, title, "方正小标宋简体", 20)
    if note:
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        write(line, note, "仿宋_GB2312", 10.5)
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        write(cell.paragraphs[0], str(text), "黑体", 10.5)
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            write(cell.paragraphs[0], _text(value), "仿宋_GB2312", 10.5)
    for at, width in enumerate(widths):
        for cell in table.columns[at].cells:
            cell.width = Mm(width)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return "".join(c for c in str(value) if c >= " " or c == "\n")
