"""Word files: what an author sees is what the body says."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image

from gongkai.publications import body


def png(colour=(200, 30, 30)):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "PNG")
    return out.getvalue()


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture
def notice():
    document = Document()

    def line(text, align=None):
        paragraph = document.add_paragraph(text)
        paragraph.alignment = align
        return paragraph

    center, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    line("临江市云溪区人民政府文件", center)
    line("临云政规[2026]03号", center)
    line("临江市云溪区人民政府", center)
    line("关于印发《云溪区加装电梯补贴办法》的通知", center)
    line("各镇人民政府、街道办事处，区政府各部门：")
    line("　　现将办法印发给你们。")
    line("附件：1．申请表")
    line("2．受理点一览")
    line("临江市云溪区人民政府", right)
    line("2026年4月30日", right)
    line("（此件公开发布）").add_run().add_break(WD_BREAK.PAGE)
    line("云溪区加装电梯补贴办法", center)
    line("第一章　总则", center)
    bold = line("第一条 为方便居民，")
    bold.add_run("规范补贴").bold = True
    bold.add_run("，制定本办法。")
    for words in ("制定方案", "公开结果"):
        document.add_paragraph(words, style="List Number")
    table = document.add_table(4, 3)
    for n, words in enumerate(("层数", "金额", "时间")):
        table.cell(0, n).text = words
    for row in (1, 2, 3):
        table.cell(row, 0).text = f"{row}层"
        table.cell(row, 1).text = f"{row * 1000:,}"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "验收后30日"
    document.add_picture(io.BytesIO(png()))
    return document


def test_notice(notice):
    read = body.from_word(saved(notice), "通知.docx")
    assert '<p class="mark">临江市云溪区人民政府文件</p>' in read.html
    assert 'class="ttl">临江市云溪区人民政府<br>关于印发《云溪区加装电梯补贴办法》的通知</h2>' in read.html
    assert '<p class="flush">各镇人民政府' in read.html
    assert '<p class="sign">2026年4月30日</p>' in read.html
    assert '<p class="note">' in read.html
    assert 'class="page ttl">云溪区加装电梯补贴办法</h2>' in read.html
    assert 'class="center">第一章　总则</h2>' in read.html
    assert (
        '<p id="t1"><span class="no">第一条</span>为方便居民，<strong>规范补贴</strong>，制定本办法。</p>' in read.html
    )
    assert "<p>1.制定方案</p>" in read.html
    assert "<p>2.公开结果</p>" in read.html
    assert '<td rowspan="2">验收后30日</td>' in read.html
    assert '<th scope="col">层数</th>' in read.html
    assert '<td class="n">1,000</td>' in read.html
    assert "style=" not in read.html
    digest = hashlib.sha256(png()).hexdigest()
    assert [(image.sha256, image.kind) for image in read.images] == [(digest, "image/png")]
    assert f'src="attachment:{digest}"' in read.html
    assert body.sanitise(read.html) == read.html
    found = {one.field: one.value for one in body.suggest(read)}
    assert found == {
        "issuing_body": "临江市云溪区人民政府",
        "number": "临云政规〔2026〕3号",
        "title": "临江市云溪区人民政府关于印发《云溪区加装电梯补贴办法》的通知",
        "recipients": "各镇人民政府、街道办事处，区政府各部门",
        "made": "2026-04-30",
        "enclosures": "申请表\n受理点一览",
        "signature": "临江市云溪区人民政府",
        "note": "此件公开发布",
    }
    assert all(one.source.startswith("正文") for one in body.suggest(read))
    rest = body.without_head(read.html, found["title"], found["number"], found["issuing_body"])
    assert rest.startswith('<p class="flush">各镇人民政府')
    assert body.without_head(read.html, "别的标题") == read.html


def test_revisions_notes_and_links(notice):
    document = Document()
    names = nsdecls("w")
    words = document.add_paragraph("补贴")
    words._p.append(parse_xml(f'<w:del {names} w:id="1" w:author="a"><w:r><w:delText>十八</w:delText></w:r></w:del>'))
    words._p.append(parse_xml(f'<w:ins {names} w:id="2" w:author="a"><w:r><w:t>二十二</w:t></w:r></w:ins>'))
    words._p.append(parse_xml(f"<w:r {names}><w:rPr><w:vanish/></w:rPr><w:t>暗语</w:t></w:r>"))
    words._p.append(parse_xml(f'<w:r {names}><w:footnoteReference w:id="7"/></w:r>'))
    broken = document.add_paragraph("甲\n乙")
    broken.alignment = WD_ALIGN_PARAGRAPH.CENTER
    data = with_part(
        saved(document),
        "word/footnotes.xml",
        f'<w:footnotes {names}><w:footnote w:id="7"><w:p><w:r><w:t>来源：区统计局。</w:t></w:r></w:p></w:footnote></w:footnotes>',
    )
    read = body.from_word(data, "a.docx")
    assert (
        "补贴二十二<sup>" in read.html.replace('<a class="ref" href="#n1" rel="noopener noreferrer">', "")
        or "补贴二十二" in read.text
    )
    assert 'href="#n1"' in read.html
    assert '<ol class="notes"><li id="n1">来源：区统计局。</li></ol>' in read.html
    assert "十八" not in read.html
    assert "暗语" not in read.html
    assert "甲<br>乙" in read.html
    assert any("修订" in warning for warning in read.warnings)


def with_part(data, name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, text)
    return out.getvalue()


def test_only_own_error_on_broken_files(notice):
    data = saved(notice)
    chance = random.Random(7)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 20, 400))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        expect_sentence(bytes(broken[: chance.choice((len(broken), len(broken) // 2))]))
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    for name in names:
        if name.endswith((".xml", ".rels")):
            text = zipfile.ZipFile(io.BytesIO(data)).read(name).decode()
            for _ in range(4):
                place = chance.randrange(len(text))
                expect_sentence(with_part(data, name, text[:place] + text[place + chance.randrange(60) :]))
            expect_sentence(with_part(data, name, text.replace('w:val="', 'w:val="9999999999x')))
    for data in (b"", b"PK", b"%PDF-1.4", b"hello", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9):
        expect_sentence(data)


def expect_sentence(data):
    try:
        body.from_word(data, "文件.docx")
    except body.ReadingError as error:
        assert "请" in error.message  # noqa: PT017 - no error at all is fine too


def test_text_pages_and_pdf(notice):
    page = """<html><head><title>x</title><meta name="ArticleTitle" content="关于开展检查的通知"></head><body>
    <div class="nav"><ul><li><a href="/a">首页</a></li><li><a href="/b">政务公开</a></li><li><a href="/c">联系我们</a></li></ul></div>
    <table><tr><td>索引号</td><td>113600007654321XX/2026-00418</td><td>发文字号</td><td>临云政办〔2026〕5号</td></tr>
    <tr><td>成文日期</td><td>2026年5月6日</td><td>发布机构</td><td>云溪区人民政府办公室</td></tr></table>
    <div id="content"><p style="text-align:center">关于开展检查的通知</p><div>各镇人民政府：<br>　　现将检查事项通知如下，请认真落实，按时报送有关情况并在网站公布结果。<br>　　一、检查范围<br>　　全区各单位。</div>
    <p><b>请见</b><a href="http://a.example/f.doc">附表</a><img src="data:image/png;base64,%s"><img src="/x.jpg"></p>
    <p align="right">云溪区人民政府办公室</p><p align="right">2026年5月6日</p></div>
    <script>alert(1)</script><div class="footer">版权所有 网站标识码 ICP备1号</div></body></html>"""
    import base64

    read = body.from_html(page % base64.b64encode(png()).decode())
    assert "首页" not in read.text
    assert "ICP" not in read.text
    assert '<p class="flush">各镇人民政府：</p>' in read.html
    assert ">一、检查范围</h2>" in read.html
    assert "<strong>请见</strong>" in read.html
    assert len(read.images) == 1
    assert any("图片" in warning for warning in read.warnings)
    found = {one.field: one for one in body.suggest(read)}
    assert found["index_number"].value == "113600007654321XX/2026-00418"
    assert found["number"].source == "网页信息：发文字号"
    assert found["made"].value == "2026-05-06"
    assert found["title"].value == "关于开展检查的通知"
    table = body.from_text("关于补贴的通知\n各镇：\n层数\t金额\n四层\t18\n五层\t20\n正文一段。")
    assert table.html.count("<tr>") == 3
    with pytest.raises(body.ReadingError):
        body.from_text("  \n ")
    with pytest.raises(body.ReadingError):
        body.from_pdf(b"no pdf")
