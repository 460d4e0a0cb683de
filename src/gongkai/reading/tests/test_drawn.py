"""Tables drawn with lines in plain text."""

from __future__ import annotations

import pytest

from gongkai.reading import Document, read_pasted

MERGED = """云溪区2024年政务公开任务分解表
┌────┬────────┬──────┐
│序号│工作任务│单位  │
├────┼────────┼──────┤
│1   │公开预算│财政局│
│    │和决算。│      │
├────┼────────┤      │
│2   │公开采购│      │
│    │合同。  │      │
├────┴────────┴──────┤
│二、民生                │
├────┬────────┬──────┤
│3   │公开招生│教育局│
│    │计划。  │各学校│
└────┴────────┴──────┘
云溪区人民政府办公室
"""


def cells(document: Document) -> list[tuple[str, int, int, int, int]]:
    (table,) = [block.table for block in document.blocks if block.table is not None]
    return [(one.text, one.row, one.column, one.rowspan, one.colspan) for one in table.cells]


def test_wrapped_words_are_joined_and_merged_cells_found() -> None:
    document = read_pasted(MERGED)
    assert cells(document) == [
        ("序号", 0, 0, 1, 1),
        ("工作任务", 0, 1, 1, 1),
        ("单位", 0, 2, 1, 1),
        ("1", 1, 0, 1, 1),
        ("公开预算和决算。", 1, 1, 1, 1),
        ("财政局", 1, 2, 2, 1),
        ("2", 2, 0, 1, 1),
        ("公开采购合同。", 2, 1, 1, 1),
        ("二、民生", 3, 0, 1, 3),
        ("3", 4, 0, 1, 1),
        ("公开招生计划。", 4, 1, 1, 1),
        ("教育局\n各学校", 4, 2, 1, 1),
    ]
    assert [document.text_of(block) for block in document.blocks if block.table is None] == [
        "云溪区2024年政务公开任务分解表",
        "云溪区人民政府办公室",
    ]
    for block in document.blocks:
        for cell in block.table.cells if block.table else ():
            assert document.text[cell.start : cell.end] == cell.text


@pytest.mark.parametrize("frame", ["+----+--------+", "+====+========+"])
def test_rows_without_lines_between_them_are_told_by_their_numbers(frame: str) -> None:
    drawn = f"{frame}\n|序号|任务    |\n{frame}\n|1   |公开预算|\n|    |和决算。|\n|2   |公开招生|\n{frame}\n"
    assert [text for text, *_ in cells(read_pasted(drawn))] == [
        "序号",
        "任务",
        "1",
        "公开预算和决算。",
        "2",
        "公开招生",
    ]


@pytest.mark.parametrize("text", ["┌──┐ 一行", "+--+--+\n只有一条线\n", "│甲│乙│\n│丙│丁│\n"])
def test_what_is_no_table_stays_as_it_is(text: str) -> None:
    document = read_pasted(text)
    assert document.text == text or document.text == f"{text}\n"
    assert all(block.table is None for block in document.blocks)
