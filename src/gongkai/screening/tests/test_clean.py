"""Public copies: what is gone, what stays, and the proof."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter

from gongkai.screening import Unreadable, clean_copy, extract

_SPECIFICATION = importlib.util.spec_from_file_location("screening_files", Path(__file__).with_name("files.py"))
files = importlib.util.module_from_spec(_SPECIFICATION)
_SPECIFICATION.loader.exec_module(files)


def sentence_of(run) -> str:
    """What the user is told where a file is refused; a dash where it is not."""
    try:
        run()
    except Unreadable as error:
        return error.message
    return "-"


def everything(data: bytes) -> bytes:
    """All bytes of a package, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())


@pytest.mark.duty("001-14f")
def test_word_copy():
    data = files.word()
    kept = bytes(data)
    cleaned = clean_copy(data, "名单.docm")
    assert data == kept
    assert cleaned.name == "名单.docx"
    assert set(cleaned.removed) >= {"文档属性", "批注", "修订痕迹", "隐藏文字", "宏", "自定义数据", "图片的拍摄信息"}
    document = docx.Document(io.BytesIO(cleaned.data))
    assert [p.text for p in document.paragraphs if p.text] == ["关于公布名单的通知", "各乡镇：插入的话", "有批注的话"]
    assert document.tables[0].cell(1, 1).text == "110101199003071233"
    raw = everything(cleaned.data)
    for word in (
        "13800138001",
        "13800138002",
        "13800138003",
        "起草人甲",
        "审稿人丙",
        "批注人丁",
        "数据岛",
        "00AB12CD",
        "vbaProject",
    ):
        assert word.encode() not in raw
    assert len(cleaned.data) <= 1.5 * len(data)
    assert not [part for part in extract(cleaned.data, cleaned.name) if part.unseen]


def test_a_deleted_end_of_paragraph_joins_two():
    document = docx.Document()
    first, _ = document.add_paragraph("前半"), document.add_paragraph("后半")
    mark = docx.oxml.parse_xml(f'<w:pPr {files.W}><w:rPr><w:del w:id="1" w:author="甲"/></w:rPr></w:pPr>')
    first._p.insert(0, mark)
    result = io.BytesIO()
    document.save(result)
    cleaned = clean_copy(result.getvalue(), "a.docx")
    assert [p.text for p in docx.Document(io.BytesIO(cleaned.data)).paragraphs] == ["前半后半"]


@pytest.mark.duty("001-14f")
def test_workbook_copy():
    data = files.workbook()
    cleaned = clean_copy(data, "补贴.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(cleaned.data))
    assert book.sheetnames == ["补贴"]
    rows = [list(row) for row in book["补贴"].iter_rows(values_only=True, max_col=4)]
    assert rows == [
        ["姓名", "村组", "金额", None],
        ["李建国", "下寨村", 1200, None],
        [None] * 4,
        ["王有才", "中寨村", 1400, None],
    ]
    assert book["补贴"]["B4"].hyperlink.target == "https://www.example.gov.cn/a"
    raw = everything(cleaned.data)
    for word in (
        "138001380",
        "110101199003071233",
        "底册",
        "经办人",
        "制表人甲",
        "批注人乙",
        "张国强",
        "上寨村",
        "不显示的字",
        "pivotCache",
    ):
        assert word.encode() not in raw
    assert "隐藏的工作表“底册”" in cleaned.removed


@pytest.mark.duty("001-14f")
def test_presentation_copy():
    cleaned = clean_copy(files.presentation(), "汇报.pptx")
    raw = everything(cleaned.data)
    assert "第一页的话".encode() in raw
    for word in ("138001380", "制作单位", "notesSlide", "comment1"):
        assert word.encode() not in raw
    parts = [part for part in extract(cleaned.data, cleaned.name) if part.kind == "body"]
    assert [part.text for part in parts] == ["第一页的话"]


@pytest.mark.duty("001-14f")
def test_pdf_copy():
    data = files.pdf()
    cleaned = clean_copy(data, "通知.pdf")
    reader = PdfReader(io.BytesIO(cleaned.data))
    assert not reader.attachments
    assert "起草人甲" not in str(reader.metadata)
    assert "13800138004" not in reader.pages[0].extract_text()
    assert reader.pages[0].extract_text() == PdfReader(io.BytesIO(data)).pages[0].extract_text()
    assert [str(a.get_object()["/Subtype"]) for a in reader.pages[0]["/Annots"]] == ["/Link"]
    assert b"app.alert" not in cleaned.data
    assert b"13800138003" not in cleaned.data
    assert set(cleaned.removed) >= {"文档属性", "附件", "批注", "自动动作"}


def test_paths_on_somebodys_computer_go():
    book = openpyxl.Workbook()
    book.active["A1"] = "看附件"
    book.active["A1"].hyperlink = "file:///C:/Users/zhang/a.doc"
    result = io.BytesIO()
    book.save(result)
    cleaned = clean_copy(result.getvalue(), "a.xlsx")
    assert b"Users" not in everything(cleaned.data)
    assert openpyxl.load_workbook(io.BytesIO(cleaned.data)).active["A1"].value == "看附件"
    assert "本机或外部路径" in cleaned.removed


def test_locked_pdf():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.pdf())))
    writer.encrypt("secret")
    result = io.BytesIO()
    writer.write(result)
    with pytest.raises(Unreadable) as caught:
        clean_copy(result.getvalue(), "a.pdf")
    assert caught.value.code == "encrypted"


@pytest.mark.duty("001-14f")
@pytest.mark.parametrize(("covered", "white", "code"), [(True, False, "covered"), (False, True, "changed")])
def test_a_box_over_words_is_not_a_mask(covered, white, code):
    with pytest.raises(Unreadable) as caught:
        clean_copy(files.pdf(covered=covered, white=white), "a.pdf")
    assert caught.value.code == code
    assert "没有改动" in caught.value.message


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_picture_copies(form):
    data = files.photo(form) + (b"appended 13800138000" if form in ("JPEG", "PNG") else b"")
    cleaned = clean_copy(data, f"a.{form.lower()}")
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(cleaned.data))
    assert before.size == after.size
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert not dict(after.getexif().get_ifd(0x8825))
    assert b"13800138000" not in cleaned.data
    assert b"CAMERA" not in cleaned.data
    assert len(cleaned.data) <= 1.5 * len(data)


def test_a_turned_picture_stays_turned():
    cleaned = clean_copy(files.photo(rotated=True), "a.jpg")
    assert dict(Image.open(io.BytesIO(cleaned.data)).getexif()) == {0x0112: 6}


def test_gif_copy():
    result = io.BytesIO()
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue")]
    frames[0].save(result, "GIF", save_all=True, append_images=frames[1:], comment=b"by A", loop=0)
    cleaned = clean_copy(result.getvalue(), "a.gif")
    assert b"by A" not in cleaned.data
    assert Image.open(io.BytesIO(cleaned.data)).n_frames == 2


def test_page_ofd_and_text_copies():
    page = clean_copy(files.page(), "a.html").data.decode()
    assert "138001380" not in page
    assert "网页作者" not in page
    assert "王小丫" in page
    assert "起草人甲".encode() not in everything(clean_copy(files.ofd(), "a.ofd").data)
    assert clean_copy("甲\r\n乙".encode(), "a.txt").data == "甲\r\n乙".encode()


def test_archive_copy():
    cleaned = clean_copy(files.packed(**{"甲.docm": files.word(), "乙.jpg": files.photo()}), "a.zip")
    with zipfile.ZipFile(io.BytesIO(cleaned.data)) as archive:
        assert archive.namelist() == ["甲.docx", "乙.jpg"]
        assert "起草人甲".encode() not in everything(archive.read("甲.docx"))
    with pytest.raises(Unreadable, match=r"c\.bin"):
        clean_copy(files.packed(**{"c.bin": b"\x00\x01" * 50}), "a.zip")


@pytest.mark.parametrize("name", ["a.doc", "a.dwg", "a.ppt"])
def test_what_cannot_be_cleaned_is_not_released(name):
    with pytest.raises(Unreadable) as caught:
        clean_copy(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\0".encode("utf-16-le") + b"\x00" * 600, name)
    assert "请" in caught.value.message


_MADE = [
    (files.word(), "a.docx"),
    (files.workbook(), "a.xlsx"),
    (files.presentation(), "a.pptx"),
    (files.page(), "a.html"),
]
_MADE += [(files.photo(form), f"a.{form}") for form in ("JPEG", "PNG", "WEBP")]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_broken_files_raise_our_error_only(source):
    data, name = source.draw(st.sampled_from(_MADE))
    place = source.draw(st.integers(0, len(data) - 1))
    noise = source.draw(st.binary(max_size=12))
    for broken in (data[:place], data[:place] + noise + data[place + len(noise) :]):
        assert sentence_of(lambda broken=broken: clean_copy(broken, name))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(_MADE[:3]), st.data())
def test_broken_parts_raise_our_error_only(made, source):
    data, name = made
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = source.draw(st.sampled_from(sorted(archive.namelist())))
        content = archive.read(member)
    place = source.draw(st.integers(0, max(0, len(content) - 1)))
    noise = source.draw(st.sampled_from([b"", b"<", b"-1", b"99999999999", b"\xff", b"</w:p>", b'" r="', b"\x00"]))
    broken = files.changed(data, {member: content[:place] + noise + content[place + len(noise) :]})
    if sentence_of(lambda: clean_copy(broken, name)) == "-":
        cleaned = clean_copy(broken, name)
        assert not [part for part in extract(cleaned.data, cleaned.name) if part.unseen]
