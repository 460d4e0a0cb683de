import datetime
import zipfile
from io import BytesIO

import openpyxl
import pytest

from gongkai.reading import Limits, ReadingError, read
from gongkai.reading.xlsx import shown


def saved(book):
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def task_book():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "任务分解表"
    sheet.append(["2026年云溪区政务公开任务分解表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["序号", "任务", "责任单位", "完成时限"])
    sheet.append([1, "公开预算\n和决算", "区财政局", datetime.date(2026, 6, 30)])
    sheet.append([2, "公开采购", None, None])
    sheet.merge_cells("C3:C4")
    sheet.append([])
    sheet.append([3.0, "图解比例", "区政府各部门", 0.5])
    sheet["D6"].number_format = "0%"
    hidden = book.create_sheet("草稿")
    hidden["A1"] = "不要读"
    hidden.sheet_state = "hidden"
    second = book.create_sheet("Sheet2")
    second["B2"], second["C2"] = "甲", "乙"
    return book


def test_sheets_become_headings_and_tables():
    document = read(saved(task_book()), "a.xlsx")
    assert document.format == "xlsx"
    assert [(block.kind, block.level) for block in document.blocks] == [
        ("heading", 1),
        ("table", None),
        ("table", None),
    ]
    table = document.blocks[1].table
    for cell in table.cells:
        assert document.text[cell.start : cell.end] == cell.text
    assert (table.rows, table.columns) == (5, 4)
    at = {(cell.row, cell.column): cell for cell in table.cells}
    assert (at[0, 0].colspan, at[2, 2].rowspan) == (4, 2)
    assert (3, 2) not in at
    assert [at[2, column].text for column in range(4)] == ["1", "公开预算\n和决算", "区财政局", "2026年6月30日"]
    assert (at[4, 0].text, at[4, 3].text, at[3, 3].text) == ("3", "50%", "")
    assert "草稿" in document.warnings[0]
    assert "不要读" not in document.text
    assert document.text_of(document.blocks[2]) == "甲\t乙"


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (0.856, "0.0%", "85.6%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (12, "@", "12"),
        (True, "General", "TRUE"),
        (datetime.datetime(2026, 6, 3), "yyyy-mm-dd", "2026年6月3日"),
        (datetime.datetime(2026, 6, 3, 9, 30), "yyyy-mm-dd hh:mm", "2026年6月3日 09:30"),
        (datetime.datetime(2026, 6, 1), 'yyyy"年"m"月"', "2026年6月"),
        (datetime.time(9, 5), "h:mm", "09:05"),
        ("#REF!", "General", ""),
        ("#1 楼", "General", "#1 楼"),
    ],
)
def test_values_as_a_person_sees_them(value, form, text):
    assert shown(value, form) == text


def code_of(data, **limits):
    with pytest.raises(ReadingError) as caught:
        read(data, "a.xlsx", limits=Limits(**limits))
    return caught.value.code


def test_faults():
    data = saved(task_book())
    assert code_of(saved(openpyxl.Workbook())) == "empty"
    assert code_of(data[:-200]) == "damaged"
    assert code_of(data, seconds=0) == "too_slow"
    assert code_of(data, table_cells=3) == "too_large"
    source, target = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            archive.writestr(name, b"<!DOCTYPE x>" + part if name.endswith("sheet1.xml") else part)
    assert code_of(target.getvalue()) == "unsafe"


def test_a_far_cell_costs_nothing():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "近", "远"
    table = read(saved(book), "a.xlsx").blocks[0].table
    assert (table.rows, table.columns) == (2, 2)
