"""Tables B and C in the form of the annual report, as Excel and Word."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from gongkai.law import annual_tables as law
from gongkai.requests.figures.shown import FIRST_GROUP

LEVELS = 3


def _merges() -> list[tuple[int, int, int, int, str]]:
    """What stands in the first three columns of table B: first row, first column, last row, last column, words."""
    found = []
    rows = law.ROWS
    place = 0
    while place < len(rows):
        row = rows[place]
        last = place
        while last + 1 < len(rows) and row.second and rows[last + 1].first == row.first:
            last += 1
        if not row.second:
            found.append((place, 0, place, LEVELS - 1, row.first))
        else:
            found.append((place, 0, last, 0, row.first))
            found += _second(place, last)
        place = last + 1
    return found


def _second(first: int, last: int) -> list[tuple[int, int, int, int, str]]:
    found = []
    place = first
    while place <= last:
        row = law.ROWS[place]
        end = place
        while end < last and row.third and law.ROWS[end + 1].second == row.second:
            end += 1
        found.append((place, 1, end, 1 if row.third else LEVELS - 1, row.second))
        found += [(line, 2, line, 2, law.ROWS[line].third) for line in range(place, end + 1) if row.third]
        place = end + 1
    return found


def workbook(year: int, b: Mapping[law.Cell, int], c: Mapping[law.Cell, int]) -> bytes:
    """Two sheets, cells merged as the form has them."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "申请情况"
    _sheet_b(sheet, year, b)
    second = book.create_sheet("行政复议、行政诉讼")
    _sheet_c(second, year, c)
    for one in (sheet, second):
        one["A1"].font = Font(bold=True, size=14)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(
    sheet: Any, row: int, column: int, value: Any, *, until: tuple[int, int] | None = None, left: bool = False
) -> None:
    """A framed cell, merged up to `until` (row, column)."""
    from openpyxl.styles import Alignment, Border, Side

    line = Side(style="thin")
    last_row, last_column = until or (row, column)
    sheet.cell(row, column, value).alignment = Alignment("left" if left else "center", "center", wrap_text=True)
    for line_at in range(row, last_row + 1):
        for column_at in range(column, last_column + 1):
            sheet.cell(line_at, column_at).border = Border(line, line, line, line)
    if (last_row, last_column) != (row, column):
        sheet.merge_cells(start_row=row, start_column=column, end_row=last_row, end_column=last_column)


def _sheet_b(sheet: Any, year: int, b: Mapping[law.Cell, int]) -> None:
    _title(sheet, f"{year}年{law.TABLE_B_TITLE}", LEVELS + len(law.COLUMNS))
    _put(sheet, 2, 1, law.TABLE_B_CORNER, until=(4, LEVELS))
    _put(sheet, 2, LEVELS + 1, law.TABLE_B_HEADER, until=(2, LEVELS + len(law.COLUMNS)))
    grouped = [place for place, column in enumerate(law.COLUMNS) if column.group]
    _put(sheet, 3, LEVELS + 1 + grouped[0], FIRST_GROUP, until=(3, LEVELS + 1 + grouped[-1]))
    for place, column in enumerate(law.COLUMNS):
        at = LEVELS + 1 + place
        _put(sheet, 4 if column.group else 3, at, column.label, until=(4, at))
    for first, left, last, right, words in _merges():
        _put(sheet, 5 + first, left + 1, words, until=(5 + last, right + 1), left=True)
    for place, row in enumerate(law.ROWS):
        for at, column in enumerate(law.COLUMNS):
            _put(sheet, 5 + place, LEVELS + 1 + at, b[row.key, column.key])
    for letter, width in zip("ABC", (14, 18, 46), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "D5"


def _sheet_c(sheet: Any, year: int, c: Mapping[law.Cell, int]) -> None:
    width = len(law.C_CELLS)
    _title(sheet, f"{year}年{law.TABLE_C_TITLE}", len(law.C_GROUPS) * width)
    _put(sheet, 2, 1, law.C_GROUPS[0].label, until=(3, width))
    _put(sheet, 2, width + 1, law.C_GROUPS[1].group, until=(2, 3 * width))
    for place, group in enumerate(law.C_GROUPS):
        if place:
            _put(sheet, 3, place * width + 1, group.label, until=(3, (place + 1) * width))
        for at, cell in enumerate(law.C_CELLS):
            _put(sheet, 4, place * width + at + 1, cell.label)
            _put(sheet, 5, place * width + at + 1, c[group.key, cell.key])


def _title(sheet: Any, words: str, columns: int) -> None:
    sheet.cell(1, 1, words)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)


def document(year: int, b: Mapping[law.Cell, int], c: Mapping[law.Cell, int]) -> bytes:
    """Both tables on A4 landscape, cells merged as the form has them."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    file = Document()
    section = file.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)

    def write(paragraph: Any, words: object, size: float = 9, font: str = "仿宋_GB2312") -> None:
        run = paragraph.add_run(str(words))
        run.font.name, run.font.size = font, Pt(size)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        paragraph.paragraph_format.space_after = Pt(0)

    def heading(words: str) -> None:
        line = file.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        write(line, words, 16, "方正小标宋简体")

    def put(
        table: Any,
        row: int,
        column: int,
        words: object,
        until: tuple[int, int] | None = None,
        font: str = "仿宋_GB2312",
    ) -> None:
        cell = table.cell(row, column)
        if until and until != (row, column):
            cell = cell.merge(table.cell(*until))
        write(cell.paragraphs[0], words, font=font)

    heading(f"{year}年{law.TABLE_B_TITLE}")
    wide = LEVELS + len(law.COLUMNS)
    table = file.add_table(3 + len(law.ROWS), wide, style="Table Grid")
    put(table, 0, 0, law.TABLE_B_CORNER, (2, LEVELS - 1))
    put(table, 0, LEVELS, law.TABLE_B_HEADER, (0, wide - 1), "黑体")
    grouped = [place for place, column in enumerate(law.COLUMNS) if column.group]
    put(table, 1, LEVELS + grouped[0], FIRST_GROUP, (1, LEVELS + grouped[-1]), "黑体")
    for place, column in enumerate(law.COLUMNS):
        put(table, 2 if column.group else 1, LEVELS + place, column.label, (2, LEVELS + place), "黑体")
    for first, left, last, right, words in _merges():
        put(table, 3 + first, left, words, (3 + last, right))
    for place, row in enumerate(law.ROWS):
        for at, column in enumerate(law.COLUMNS):
            put(table, 3 + place, LEVELS + at, b[row.key, column.key])
    file.add_page_break()
    heading(f"{year}年{law.TABLE_C_TITLE}")
    width = len(law.C_CELLS)
    second = file.add_table(4, len(law.C_GROUPS) * width, style="Table Grid")
    put(second, 0, 0, law.C_GROUPS[0].label, (1, width - 1), "黑体")
    put(second, 0, width, law.C_GROUPS[1].group, (0, 3 * width - 1), "黑体")
    for place, group in enumerate(law.C_GROUPS):
        if place:
            put(second, 1, place * width, group.label, (1, (place + 1) * width - 1), "黑体")
        for at, cell in enumerate(law.C_CELLS):
            put(second, 2, place * width + at, cell.label, font="黑体")
            put(second, 3, place * width + at, c[group.key, cell.key])
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()
