"""What people take away: complete, in the official layout, and the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from gongkai.publications import body, renditions
from gongkai.publications.renditions.document import width

SEEDS = Path(__file__).resolve().parents[6] / "shared" / "seeds"
out = io.BytesIO()
Image.new("RGB", (3000, 900), (40, 90, 160)).save(out, "PNG")
PICTURE = out.getvalue()
DIGEST = hashlib.sha256(PICTURE).hexdigest()
HTML = body.sanitise(
    f"""<p class="flush">各镇人民政府：</p><p>现将办法印发给你们。</p><h2 class="ttl page">云溪区补贴办法</h2><h2 class="center">第一章　总则</h2>
    <p>第一条 制定本办法。</p><h2>一、目标</h2><p>（一）统筹推进。坚持<strong>公开</strong>。<a href="https://a.example/">网站</a></p>
    <p><img src="attachment:{DIGEST}" alt="数量"></p><table><thead><tr><th>层</th><th>金额</th><th>时间</th></tr></thead>
    <tr><td>四</td><td>18</td><td rowspan="2">三十日内</td></tr><tr><td>五</td><td>20</td></tr><tr><td colspan="3">合计</td></tr></table>
    <ul><li>甲</li><li>乙</li></ul>"""
)
DOCUMENT = renditions.OfficialDocument(
    title="临江市云溪区人民政府关于印发《云溪区补贴办法》的通知",
    html=HTML,
    number="临云政规〔2026〕3号",
    issuing_body="临江市云溪区人民政府",
    made=date(2026, 4, 30),
    recipients="各镇人民政府",
    enclosures=("申请表", "受理点一览"),
    signature="临江市云溪区人民政府",
    note="此件公开发布",
    copy_to="区委各部门",
    printed_by="云溪区人民政府办公室",
    printed=date(2026, 5, 6),
    image=lambda sha256: PICTURE if sha256 == DIGEST else None,
)
needs_pango = pytest.mark.skipif(bool(renditions.pdf_missing()), reason="pango is not installed")


def test_text():
    text = renditions.to_text(DOCUMENT)
    assert text.startswith(
        "标题：临江市云溪区人民政府关于印发《云溪区补贴办法》的通知\n发文字号：临云政规〔2026〕3号\n"
    )
    assert text.count("各镇人民政府：") == 1
    assert text.index("附件：1．申请表") < text.index("2026年4月30日\n（此件公开发布）\n云溪区补贴办法")
    assert text.endswith("云溪区人民政府办公室　2026年5月6日印发\n")


def test_what_the_body_says_is_not_said_twice():
    own = body.sanitise(
        '<p class="sign">区政府</p><p class="sign">2026年4月30日</p><p class="note">（此件公开发布）</p>'
    )
    text = renditions.to_text(replace(DOCUMENT, html=body.sanitise(f"<p>一段正文。</p>{own}")))
    assert text.count("（此件公开发布）") == 1
    assert text.count("\n2026年4月30日") == 1


def test_word_layout():
    data = renditions.to_word(DOCUMENT)
    assert data == renditions.to_word(replace(DOCUMENT))
    archive = zipfile.ZipFile(io.BytesIO(data))
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(archive.read(name))
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    words = archive.read("word/document.xml").decode()
    assert 'w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"' in words
    assert 'w:type="linesAndChars" w:linePitch="579"' in words
    styles = archive.read("word/styles.xml").decode()
    for font in ("仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"):
        assert f'w:eastAsia="{font}"' in styles
    assert 'w:val="E00000"' in words
    assert "evenAndOddHeaders" in archive.read("word/settings.xml").decode()
    assert " PAGE " in archive.read("word/footer1.xml").decode()
    from docx import Document

    assert Document(io.BytesIO(data)).tables[0].cell(1, 2).text == "三十日内"


def test_word_and_back():
    read = body.from_word(renditions.to_word(DOCUMENT), "a.docx")
    assert not read.warnings
    assert '<td rowspan="2">三十日内</td>' in read.html
    assert '<td colspan="3">合计</td>' in read.html
    assert '<p id="t1"><span class="no">第一条</span>制定本办法。</p>' in read.html
    assert "<strong>公开</strong>" in read.html
    assert 'href="https://a.example/"' in read.html
    assert read.images[0].sha256 == DIGEST
    found = {one.field: one.value for one in body.suggest(read)}
    assert found["title"] == DOCUMENT.title
    assert found["number"] == DOCUMENT.number
    assert found["made"] == "2026-04-30"
    assert found["enclosures"] == "申请表\n受理点一览"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the shared seeds are not here")
@pytest.mark.parametrize("number", range(5))
def test_seeds_go_round(number):
    seed = sorted(SEEDS.glob("*.txt"))[number]
    html = body.from_text(seed.read_text()).html
    page = body.from_html("<html><body><div>" + html + "</div></body></html>").html
    assert len(body.to_text(page)) > 0.9 * len(body.to_text(html))
    document = renditions.OfficialDocument(title="往返", html=html)
    again = body.from_word(renditions.to_word(document), "a.docx").html
    assert squeezed(body.without_head(again, "往返")) == squeezed(html)
    assert again.count("<table") == html.count("<table")
    renditions.to_text(document)


def squeezed(html):
    return "".join(body.to_text(html).split())


@needs_pango
def test_pdf():
    import pypdf

    data = renditions.to_pdf(DOCUMENT)
    assert data == renditions.to_pdf(replace(DOCUMENT))
    read = pypdf.PdfReader(io.BytesIO(data))
    assert len(read.pages) >= 2
    assert [round(float(side) / 72 * 25.4) for side in read.pages[0].mediabox[2:]] == [210, 297]
    words = "".join(page.extract_text() for page in read.pages).replace(" ", "").replace("\n", "")
    assert "临江市云溪区人民政府文件" in words
    assert "—1—" in words
    assert "抄送：区委各部门。" in words
    assert read.metadata.title == DOCUMENT.title


@needs_pango
def test_a_long_text_runs_over_many_pages():
    words = "（一）推进信息公开。" + "各单位要按照职责分工，及时准确公开有关信息，回应社会关切，接受群众监督。" * 8
    html = body.sanitise("".join(f"<p>{n}．{words}</p>" for n in range(92)))
    document = replace(DOCUMENT, html=html)
    data = renditions.to_pdf(document)
    import pypdf

    pages = len(pypdf.PdfReader(io.BytesIO(data)).pages)
    assert 45 <= pages <= 65


@needs_pango
def test_pdf_loads_nothing_from_elsewhere():
    document = replace(
        DOCUMENT, html='<p><img src="https://evil.example/x.png" alt="x"><img src="file:///etc/passwd"></p><p>甲</p>'
    )
    assert renditions.to_pdf(document).startswith(b"%PDF")


def test_missing_pango_says_what_to_do(monkeypatch):
    monkeypatch.setattr(
        "gongkai.publications.renditions.pdf.pdf_missing", lambda: "服务器缺少 pango 组件。请管理员安装。"
    )
    with pytest.raises(renditions.RenditionError, match="请管理员"):
        renditions.to_pdf(DOCUMENT)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于印发工作要点的通知", ("关于印发工作要点的通知",)),
        (
            "临江市云溪区人民政府关于印发《云溪区既有住宅加装电梯补贴办法》的通知",
            ("临江市云溪区人民政府关于印发", "《云溪区既有住宅加装电梯补贴办法》的通知"),
        ),
    ],
)
def test_titles_break_by_sense(title, lines):
    assert renditions.break_title(title) == lines


def test_long_titles_keep_their_words():
    title = "临江市云溪区住房和城乡建设局、临江市云溪区财政局关于进一步做好2026年城镇老旧小区改造和既有住宅加装电梯有关工作的通知"
    lines = renditions.break_title(title)
    assert "".join(lines) == title
    assert all(width(line) <= 20 for line in lines)
    assert "2026" in next(line for line in lines if "20" in line)


def test_print_html_and_code():
    html = renditions.to_print_html(DOCUMENT)
    assert "style=" not in html
    assert '<h1 class="paper-title">' in html
    code = renditions.qr_svg("https://gongkai.example/d/1?a=1&b=2")
    assert "style" not in code
    etree.fromstring(code.encode())
    assert code == renditions.qr_svg("https://gongkai.example/d/1?a=1&b=2")
    with pytest.raises(ValueError, match="太长"):
        renditions.qr_svg("https://gongkai.example/" + "a" * 5000)
