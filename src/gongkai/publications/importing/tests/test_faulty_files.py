"""Broken, strange and hostile files: only sentences, never a fault of the program."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from gongkai.core import attachments
from gongkai.core.acts import InvalidData
from gongkai.core.models import Attachment
from gongkai.publications.importing import folder, sheet
from gongkai.publications.importing.folder import BadFiles
from gongkai.publications.importing.tests.helpers import archive, line, read, rows_of, workbook


def _kept(name: str, data: bytes, remark: str = "") -> Attachment:
    kept = attachments.keep(data)
    return Attachment(name=name, digest=kept.digest, size=kept.size, content_type="", remark=remark)


def _said(work: Callable[[], object]) -> str:
    """The sentence with which files are refused; empty when they are taken. Any other exception is a fault."""
    try:
        work()
    except BadFiles as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("seed", range(25))
def test_damaged_sheets_raise_sentences(seed):
    chance = random.Random(seed)
    data = bytearray(workbook([line(1), line(2)]))
    for _ in range(chance.randint(1, 60)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if seed % 3 == 0:
        del data[chance.randrange(len(data)) :]
    said = _said(lambda: sheet.read(bytes(data), "坏.xlsx"))
    assert not said or said.endswith("。")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04",
        "标题,发布日期\n".encode(),
        b'"',
        b"\xff\xfe\x00",
        "甲,乙\n1,2".encode("gb18030"),
    ],
)
def test_strange_tables_raise_sentences(data):
    with pytest.raises(BadFiles, match=r"。$"):
        sheet.read(data, "怪.csv")


def test_a_table_in_gb18030_and_below_a_title_line():
    text = "历史信息一览\n标题,发布日期,备注\n关于招生的通知,2021-06-30,甲\n"
    rows, notes = sheet.read(text.encode("gb18030"), "表.csv")
    assert rows[0].cells == {"title": "关于招生的通知", "published_at": "2021-06-30"}
    assert rows[0].place == "表.csv 第3行"
    assert "备注" in notes[0]


def test_every_line_of_a_long_table_is_read():
    rows, _ = sheet.read(workbook([line(number) for number in range(1, 41)]), "表.xlsx")
    assert [row.cells["key"] for row in rows] == [f"old-{number}" for number in range(1, 41)]


def test_paths_that_lead_out_of_the_archive_are_passed_over():
    names = {"../../etc/passwd.csv": b"x", "/绝对.csv": b"x", "C:/盘.csv": b"x", "a/../../b.csv": b"x", "好.csv": b"x"}
    found = folder.open_folder([_kept("包.zip", archive(names))])
    assert list(found.entries) == ["好.csv"]
    assert found.notes
    assert found.find("../好.csv") is None
    assert found.find("..\\..\\好.csv") is None


def test_a_bomb_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("大.csv", b"0" * (80 * 1024 * 1024))
    with pytest.raises(BadFiles, match="异常庞大"):
        folder.open_folder([_kept("弹.zip", out.getvalue())])


def test_a_file_that_lies_about_its_size_is_not_read():
    data = bytearray(archive({"表.csv": b"0" * 5000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    found = folder.open_folder([_kept("谎.zip", bytes(data))])
    with pytest.raises(BadFiles):
        found.entries["表.csv"].load()


@pytest.mark.parametrize("seed", range(15))
def test_damaged_archives_raise_sentences(seed):
    chance = random.Random(seed)
    data = bytearray(archive({"旧站/表.csv": b"x" * 500, "旧站/1.html": b"<p>y</p>" * 90}))
    for _ in range(chance.randint(1, 30)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    kept = _kept("坏.zip", bytes(data))
    said = _said(lambda: [entry.load() for entry in folder.open_folder([kept]).entries.values()])
    assert not said or said.endswith("。")


def test_names_in_the_encoding_of_old_systems():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        info = zipfile.ZipInfo("X.csv")
        packed.writestr(info, b"x")
    raw = out.getvalue().replace(b"X.csv", "表".encode("gb18030") + b"csv")
    found = folder.open_folder(
        [_kept("旧.zip", raw.replace("表".encode("gb18030") + b"csv", "表".encode("gb18030") + b"csv"))]
    )
    assert list(found.entries) == ["表csv"]


def test_cells_of_every_strange_kind(office):
    rows = [
        line(1, 标题="题" * 10_000),
        line(2, 标题="有\u202e控制\x07符的通知"),
        line(3, 正文="长" * 10_000),
        line(4, 成文日期="三月的某天"),
        line(5, 文号="云教字21-9"),
        line(6, 公开方式="待定"),
        line(7, 发布日期="2099-01-01"),
        line(8, 索引号="索" * 200),
        line(9, 编号="号" * 3000),
        line(10, 正文="<p onclick=alert(1)>正文<script>alert(2)</script></p>"),
        line(11, 标题="=cmd|' /C calc'!A0"),
        line(12, 附件="../../etc/passwd"),
        line(13, 正文文件="没有.docx"),
        line(14, 关键词="词" * 900, 内容概述="述" * 5000, 信息来源="源" * 500),
        {"标题": "只有标题"},
        line(1, 标题="编号重复的通知"),
    ]
    for row in rows:
        for name, value in row.items():
            row[name] = value.replace("\x07", "") if isinstance(value, str) else value
    run = read(office.officer, {"表.xlsx": workbook(rows)})
    found = rows_of(run)
    assert run.state == "checked"
    for row in found:
        assert all(words.endswith(("。", "）")) for words in [*row.problems, *row.warnings]), row.problems
    outcomes = [row.outcome for row in found]
    refused = [number for number, outcome in enumerate(outcomes, 1) if outcome == "refused"]
    # The eleventh is a formula without a value: a row without a title.
    assert refused == [1, 4, 6, 7, 8, 11, 12, 13, 15, 16]
    assert "script" not in found[9].body
    assert found[4].warnings
    assert len(found[8].source_key) == 64


@pytest.mark.parametrize(("name", "data"), [("空.zip", archive({})), ("图.zip", archive({"1.bin": b"x"}))])
def test_archives_that_hold_nothing_to_import_fail_in_words(office, name, data):
    run = read(office.officer, {name: data})
    assert run.state == "failed"
    assert run.failure.endswith("。")


def test_a_broken_workbook_is_refused_when_it_is_uploaded(office):
    with pytest.raises(InvalidData):
        read(office.officer, {"坏.xlsx": b"PK\x03\x04" + b"x" * 50})
