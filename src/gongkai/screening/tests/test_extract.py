"""Extraction: every place where words can stand, and files that want to do harm."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.reading import Limits
from gongkai.screening import Unreadable, extract, links, screen

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


def places(data: bytes, name: str) -> dict[str, str]:
    return {part.place: part.text for part in extract(data, name)}


@pytest.mark.duty("001-14f")
def test_word_everywhere():
    found = places(files.word(), "通知.docx")
    assert found["文件名"] == "通知.docx"
    assert found["正文第2段"] == "各乡镇：插入的话"
    assert found["正文第2段修订（已删除）"] == "删去的13800138001"
    assert found["正文第2段（隐藏文字）"] == "藏着的13800138002"
    assert found["正文文本框第1段"] == "文本框里的话"
    assert found["批注第1段"] == "批注里的13800138003"
    assert found["页眉第1段"] == "内部资料 注意保存"
    assert found["页脚第1段"] == "页脚的话"
    assert found["文档属性 作者"] == "起草人甲"
    assert found["文档属性 最后修改人"] == "修改人乙"
    assert found["自定义数据"] == "数据岛里的话"
    assert found["图片image1.jpg 图片EXIF GPS"] == "拍摄位置：N27.50000 E115.75000"
    assert {"宏", "文中图片"} <= found.keys()
    parts = extract(files.word(), "通知.docx")
    identity = next(part for part in parts if part.text == "110101199003071233")
    assert (identity.place, identity.heading) == ("正文表1第2行第2列", "身份证号")
    hits = screen(parts)
    assert {hit.found for hit in hits if hit.kind == "mobile"} == {f"1380013800{n}" for n in (1, 2, 3)}
    assert [hit.place for hit in hits if hit.severity == "block"] == ["页眉第1段"]


@pytest.mark.duty("001-14f")
def test_workbook_everywhere():
    found = places(files.workbook(), "补贴.xlsx")
    assert found["工作表“补贴”A2"] == "李建国"
    assert found["工作表“补贴”D2（隐藏列）"] == "13800138000"
    assert found["工作表“补贴”A3（隐藏行）"] == "张国强"
    assert found["工作表“补贴”E2（不显示的格式）"] == "不显示的字"
    assert found["工作表“补贴”A2批注"] == "批注里的13800138003"
    assert found["工作表“底册”（隐藏）A1"] == "身份证110101199003071233"
    assert found["透视表缓存"] == "110101199003071233"
    assert found["外部链接缓存"] == "外面的13800138009"
    assert found["工作表“补贴”页脚"] == "&C制表：财政股"
    assert found["定义的名称"].startswith("经办人")
    assert found["链接地址"] == "https://www.example.gov.cn/a"


@pytest.mark.duty("001-14f")
def test_presentation_everywhere():
    found = places(files.presentation(), "汇报.pptx")
    assert found["演示文稿第1页"] == "第一页的话"
    assert found["演示文稿第1页（隐藏的图形）"] == "藏图形13800138004"
    assert found["演示文稿第2页（隐藏）"] == "隐藏页13800138005"
    assert found["演示文稿第1页备注"] == "备注13800138006"
    assert found["演示文稿第1页批注"] == "批注13800138007"
    assert found["文档属性 单位"] == "制作单位"


@pytest.mark.duty("001-14f")
def test_pdf_everywhere():
    found = places(files.pdf(covered=True, white=True), "通知.pdf")
    assert found["第1页"].startswith("PAGE 13800138000\nTABLE HEAD")
    assert found["第1页（被色块盖住的文字）"] == "UNDER 13800138001"
    assert found["第1页（不可见文字）"] == "WHITE 13800138002"
    assert found["PDF内附件 底稿.txt 第1行"] == "附件里的13800138003"
    assert found["第1页批注"] == "REMARK 13800138004"
    assert found["文档属性 作者"] == "起草人甲"
    assert "自动动作" in found
    kinds = [hit.kind for hit in screen(extract(files.pdf(covered=True), "通知.pdf"))]
    assert "covered" in kinds


def test_page_everywhere():
    found = [(part.place, part.text) for part in extract(files.page(), "通知.html")]
    assert ("网页注释", "内部说明13800138002") in found
    assert ("网页隐藏元素", "藏着的13800138003") in found
    assert ("网页隐藏元素", "不显示的13800138004") in found
    assert ("网页隐藏元素", "13800138005") in found
    assert ("正文第3段", "正文") in found
    hits = screen(extract(files.page(), "通知.html"))
    assert [hit.found for hit in hits if hit.kind == "minor"] == ["王小丫"]


def test_pictures_need_a_person():
    found = places(files.photo(), "现场.jpg")
    assert found["图片EXIF GPS"] == "拍摄位置：N27.50000 E115.75000"
    assert found["图片内容"].endswith("请人工查看。")
    assert [hit.kind for hit in screen(extract(files.photo(), "现场.jpg"))] == ["unchecked"]


def test_ofd_and_text():
    assert places(files.ofd(), "a.ofd")["第1页"] == "手机13800138000"
    assert places("甲\n\n乙".encode("gb18030"), "a.txt") == {"文件名": "a.txt", "第1行": "甲", "第3行": "乙"}
    parts = extract("姓名,家庭住址\n李建国,下寨村12号".encode(), "a.csv")
    assert [(hit.kind, hit.place) for hit in screen(parts)] == [("address", "第2行第2列")]


def test_archives_within_archives():
    inner = files.packed(**{"甲.docx": files.word()})
    found = places(
        files.packed(**{"里面.zip": inner, "坏.docx": files.word()[:500], "c.bin": b"\x00\x01" * 50}), "a.zip"
    )
    assert found["压缩包内 里面.zip 压缩包内 甲.docx 正文第1段"] == "关于公布名单的通知"
    assert "损坏" in found["压缩包内 坏.docx"]
    assert "人工查看" in found["压缩包内 c.bin 整个文件"]


def test_old_packers_wrote_names_in_gb18030():
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        entry = zipfile.ZipInfo("x")
        entry.filename = "名单.txt".encode("gb18030").decode("cp437")
        archive.writestr(entry, "甲")
    data = result.getvalue()
    # zipfile marks every name beyond ASCII as UTF-8; old packers did not.
    raw = "名单.txt".encode("gb18030")
    utf = raw.decode("cp437").encode()
    data = data.replace(utf, raw.ljust(len(utf), b" "))
    data = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        data[place + offset + 1] &= ~0x08
    assert places(bytes(data), "a.zip")["压缩包内文件名"].startswith("名单.txt")


def test_unknown_files_say_so():
    for name in ("a.dwg", "a.mp4", "a.heic"):
        parts = extract(b"\x00\x01\x02" * 100, name)
        assert [part.kind for part in parts] == ["margin", "unchecked"]
    old = extract(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "a.ppt")
    assert "另存为" in old[-1].text


def bomb(size: int) -> bytes:
    return files.packed(**{"[Content_Types].xml": b"<a/>", "word/document.xml": b" " * size})


BAD = [
    (b"", "a.docx", "empty"),
    (b"PK\x03\x04nonsense", "a.docx", "damaged"),
    (bomb(40_000_000), "a.docx", "unsafe"),
    (
        files.changed(files.word(), {"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        "a.docx",
        "unsafe",
    ),
    (b"%PDF-1.7\nnonsense", "a.pdf", "damaged"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png", "damaged"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage\0".encode("utf-16-le"), "a.docx", "encrypted"),
]


@pytest.mark.parametrize(("data", "name", "code"), BAD)
def test_bad_files_get_a_sentence(data, name, code):
    with pytest.raises(Unreadable) as caught:
        extract(data, name)
    assert caught.value.code == code
    assert "请" in caught.value.message


def test_archives_that_never_end():
    data = b"x" * 1000
    for _ in range(8):
        data = files.packed(**{"a.zip": data})
    assert any("嵌套太深" in part.text for part in extract(data, "a.zip"))
    many = files.packed(**{f"{n}.zip": files.packed(**{"a.txt": b"1 " * 4000}) for n in range(30)})
    parts = extract(many, "a.zip", limits=Limits(unpacked_bytes=60_000, unpacked_ratio=10_000))
    assert any("嵌套" in part.text for part in parts if part.kind == "unchecked")


_MADE = [
    (files.word(), "a.docx"),
    (files.workbook(), "a.xlsx"),
    (files.presentation(), "a.pptx"),
    (files.page(), "a.html"),
    (files.photo(), "a.jpg"),
    (files.photo("PNG"), "a.png"),
    (files.ofd(), "a.ofd"),
]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_broken_files_raise_our_error_only(source):
    data, name = source.draw(st.sampled_from(_MADE))
    place = source.draw(st.integers(0, len(data) - 1))
    noise = source.draw(st.binary(max_size=12))
    for broken in (data[:place], data[:place] + noise + data[place + len(noise) :]):
        assert sentence_of(lambda broken=broken: extract(broken, name))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_MADE[:3]), st.data())
def test_broken_parts_raise_our_error_only(made, source):
    data, name = made
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = source.draw(st.sampled_from(sorted(archive.namelist())))
        content = archive.read(member)
    place = source.draw(st.integers(0, max(0, len(content) - 1)))
    noise = source.draw(
        st.sampled_from([b"", b"<", b"-1", b"99999999999", b"\xff", b"</w:p>", b'" r="', b"\x00", b"&#x1f600;"])
    )
    broken = files.changed(data, {member: content[:place] + noise + content[place + len(noise) :]})
    assert sentence_of(lambda: screen(extract(broken, name)))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_under_any_name(data, name):
    assert sentence_of(lambda: screen(extract(data, name)))


@settings(max_examples=5, deadline=None)
@given(st.data())
def test_broken_pdf(source):
    data = files.pdf()
    place = source.draw(st.integers(10, len(data) - 1))
    broken = data[:place] + source.draw(st.binary(max_size=20)) + data[place + 5 :]
    assert sentence_of(lambda: extract(broken, "a.pdf"))


def test_deep_pages_are_read():
    deep = b"<div>" * 3000 + "身份证110101199003071233".encode()
    assert sentence_of(lambda: extract(deep, "a.html"))


def test_links_and_what_is_wrong_with_them():
    page = (
        '<p><a href="https://www.example.gov.cn/a">甲</a><a href="http://192.168.1.5/x">乙</a><a href="">丙</a>'
        '<a href="C:\\Users\\a.doc">丁</a><a href="javascript:void(0)">戊</a><a href="http://oa/index">己</a>见 https://b.example.cn/c。</p>'
    )
    found = {link.address: bool(link.problem) for link in links(page)}
    assert found == {
        "https://www.example.gov.cn/a": False,
        "http://192.168.1.5/x": True,
        "C:\\Users\\a.doc": True,
        "javascript:void(0)": True,
        "http://oa/index": True,
        "https://b.example.cn/c": False,
    }
    assert [link.address for link in links(extract(files.workbook(), "a.xlsx"))] == ["https://www.example.gov.cn/a"]
    assert links("") == []
