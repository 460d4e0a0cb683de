"""Comparison of notices, breakdown tables, and the command."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from gongkai.compiler import compile_text
from gongkai.compiler.breakdown import HEAD, to_docx, to_xlsx
from gongkai.compiler.command import run
from gongkai.compiler.compare import compare, differences

OLD = """云溪区2023年政务公开工作要点

一、做好公开
1.公开区级预算、决算和“三公”经费，6月30日前完成。（责任单位：区财政局）
2.公开义务教育学区划分和招生结果。（责任单位：区教育局）
3.清理长期不更新的政务新媒体账号。（责任单位：区委宣传部）
"""
NEW = """云溪区2024年政务公开工作要点

一、做好公开
1.公开區級預算、決算和“三公”经费，9月30日前完成。（牵头单位：区财政局；责任单位：区审计局）
2.公开义务教育学区划分和招生结果。（责任单位：区教育局）
3.=开展政府开放日活动，年内不少于2次。（责任单位：各街道、镇）
"""


def test_compare_two_years() -> None:
    matches = compare(compile_text(OLD), compile_text(NEW))
    assert [(one.old, one.new, one.kind) for one in matches] == [
        (0, 0, "changed"),
        (1, 1, "same"),
        (None, 2, "new"),
        (2, None, "dropped"),
    ]
    changed = {change.field: change for change in matches[0].changes}
    assert changed["deadlines"].after == ("9月30日前",)
    assert changed["assignments"].before == ("区财政局（负责）",)
    assert 0.3 < matches[0].score <= 1.0
    assert matches[1].score == 1.0


SAME_2025 = """云溪区2025年政务公开工作要点
1.更新主动公开目录。对照标准目录更新，6月30日前在网站发布，解读率达到100%。（责任单位：区财政局）
2.将落实情况写入2025年度报告，2026年1月31日前公布，每月22日前报送进展。（责任单位：区教育局）
3.做好政策解读，图解占比不低于50%，每月22日前报送进展。（责任单位：区教育局）
"""
SAME_2026 = """云溪区2026年政务公开工作要点
（一）更新主动公开目录。對照標準目錄更新，６月３０日前在網站發布，解读率达到 100%。（责任单位：区 财政局）
（二）将落实情况写入2026年度报告，2027年1月31日前公布，每月22日前报送进展。（责任单位：区教育局）
（三）做好政策解读，图解占比不低于60%，每月25日前报送进展。（责任单位：区教育局）
"""


def test_compare_does_not_tell_a_new_calendar_year_or_a_new_script_as_a_change() -> None:
    old, new = compile_text(SAME_2025), compile_text(SAME_2026)
    matches = compare(old, new)
    assert [(one.old, one.new, one.kind) for one in matches] == [(0, 0, "same"), (1, 1, "same"), (2, 2, "changed")]
    changed = {change.field: (change.before, change.after) for change in matches[2].changes}
    assert changed["targets"] == (("图解占比不低于50%",), ("图解占比不低于60%",))
    assert changed["deadlines"] == (("每月22日前",), ("每月25日前",))


def test_compare_does_not_tell_a_heading_that_moved_as_a_change() -> None:
    task = compile_text(SAME_2025).tasks[0]
    heading, rest = task.text.split("。", 1)
    titled, whole = replace(task, title=heading, text=rest), replace(task, title=None)
    assert differences(whole, titled) == differences(titled, whole) == ()


def test_compare_takes_long_and_empty_notices() -> None:
    item = "{0}.公开第{0}类信息，做好{1}事项的公示、解读和回应。（责任单位：区{1}局）\n"
    names = [chr(0x4E00 + 7 * number) + chr(0x5000 + 11 * number) for number in range(300)]
    text = "".join(item.format(number + 1, name) for number, name in enumerate(names))
    notice = compile_text(text)
    matches = compare(notice, notice)
    assert all(one.old == one.new and one.kind == "same" for one in matches)
    empty = compile_text("")
    assert compare(empty, empty) == []


def test_xlsx_reopens_and_has_no_formula() -> None:
    from openpyxl import load_workbook

    sheet = load_workbook(BytesIO(to_xlsx(compile_text(NEW)))).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "云溪区2024年政务公开工作要点任务分解表"
    assert tuple(rows[1]) == HEAD
    assert rows[2][0] == "一、做好公开"
    assert rows[3][3:5] == ["区财政局", "区审计局"]
    assert rows[3][6] == "9月30日前"
    assert rows[5][2].startswith("=开展")
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$2:$2"


def test_docx_reopens_with_repeated_head_and_merged_sections() -> None:
    from docx import Document

    document = Document(BytesIO(to_docx(compile_text(NEW))))
    assert document.paragraphs[0].text == "云溪区2024年政务公开工作要点任务分解表"
    table = document.tables[0]
    assert tuple(cell.text for cell in table.rows[0].cells) == HEAD
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert table.rows[1].cells[0]._tc is table.rows[1].cells[-1]._tc
    assert table.rows[4].cells[4].text == "各街道、镇"
    section = document.sections[0]
    assert section.page_width > section.page_height


def test_command_prints_one_json(tmp_path: Path) -> None:
    path = tmp_path / "要点.txt"
    path.write_text(NEW, encoding="utf-8")
    code = "import sys; from gongkai.compiler.command import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert result["file"] == "要点.txt"
    assert list(result) == ["file", "notice", "tasks", "candidates", "diagnostics"]
    assert [task["ref"] for task in result["tasks"]] == ["1", "2", "3"]


def test_command_goes_on_after_bad_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bare = tmp_path / "好.txt", tmp_path / "空.txt"
    good.write_text(NEW, encoding="utf-8")
    bare.write_text("会议消息一则。", encoding="utf-8")
    target = tmp_path / "out"
    assert run([str(good), str(bare), str(tmp_path / "没有.txt")], output=str(target)) == 1
    assert sorted(path.name for path in target.iterdir()) == ["好.json", "空.json"]
    said = capsys.readouterr().err
    assert "没有找到责任单位" in said
    assert "找不到这个文件" in said
    assert run([str(good)], format="xlsx", output=str(tmp_path / "表.xlsx")) == 0
    assert (tmp_path / "表.xlsx").read_bytes().startswith(b"PK")
    assert run([str(good)], format="docx") == 0
    assert (tmp_path / "好.docx").exists()
    assert run([str(good)], format="pdf") == 1


def test_imports_stay_lazy() -> None:
    code = (
        "import sys; from gongkai.compiler import compile_text; compile_text('1.公开。（责任单位：甲局）');"
        "heavy = {'django', 'openpyxl', 'docx', 'opencc', 'lxml'} & set(sys.modules); sys.exit(1 if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
