import zipfile
from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from gongkai.reading import Limits, ReadingError, read
from gongkai.reading.numbering import counting, formatted


def saved(document):
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def lines(document):
    for block in document.blocks:
        assert document.text_of(block) == document.text_of(block).strip()
        for cell in block.table.cells if block.table else ():
            assert document.text[cell.start : cell.end] == cell.text
            assert block.start <= cell.start <= cell.end <= block.end
    return [document.text_of(block) for block in document.blocks]


def paragraph(inner):
    return parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>")


def body_of(*paragraphs):
    document = docx.Document()
    for element in paragraphs:
        document.element.body.insert(len(document.element.body) - 1, element)
    return document


def numbered(text, level=0, name=41):
    properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr></w:pPr>'
    return paragraph(f"{properties}<w:r><w:t>{text}</w:t></w:r>")


def with_lists(*paragraphs):
    document = body_of(*paragraphs)
    root = document.part.numbering_part.element
    levels = (
        ("chineseCounting", "%1、"),
        ("chineseCountingThousand", "（%2）"),
        ("decimal", "%3."),
        ("decimal", "%3.%4"),
        ("decimalEnclosedCircle", "%5"),
        ("bullet", "\uf0b7"),
    )
    xml = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for i, (form, pattern) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="40">{xml}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="41"><w:abstractNumId w:val="40"/></w:num>'))
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="42"><w:abstractNumId w:val="40"/>{restart}</w:num>'))
    return document


def test_numbers_are_resolved_with_restarts():
    document = with_lists(
        numbered("扩大公开"),
        numbered("重点领域", 1),
        numbered("财政信息", 2),
        numbered("2026年预算", 2),
        numbered("明细", 3),
        numbered("政策解读", 1),
        numbered("图解", 2),
        numbered("甲", 4),
        numbered("乙", 5),
        numbered("加强保障"),
        numbered("组织", 1),
        numbered("重新开始", 0, 42),
        numbered("接着", 0, 42),
    )
    assert lines(read(saved(document), "a.docx")) == [
        "一、扩大公开",
        "（一）重点领域",
        "1.财政信息",
        "2. 2026年预算",
        "2.1 明细",
        "（二）政策解读",
        "1.图解",
        "①甲",
        "• 乙",
        "二、加强保障",
        "（一）组织",
        "一、重新开始",
        "二、接着",
    ]


def test_number_of_a_style_and_outline_levels():
    document = with_lists()
    style = document.styles["Heading 2"]
    style.element.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="1"/><w:numId w:val="41"/></w:numPr>')
    )
    document.add_heading("云溪区要点", 0)
    document.add_heading("总体", 1)
    document.add_heading("带编号", 2)
    document.add_paragraph("正文")
    read_back = read(saved(document), "a.docx")
    assert lines(read_back) == ["云溪区要点", "总体", "（一）带编号", "正文"]
    assert [(b.kind, b.level) for b in read_back.blocks] == [
        ("heading", None),
        ("heading", 1),
        ("heading", 2),
        ("paragraph", None),
    ]


@pytest.mark.parametrize(
    ("number", "form", "label"),
    [
        (10, "chineseCounting", "十"),
        (11, "chineseCountingThousand", "十一"),
        (20, "chineseCounting", "二十"),
        (105, "japaneseCounting", "一百〇五"),
        (110, "chineseCounting", "一百一十"),
        (10, "ideographDigital", "一〇"),
        (3, "chineseLegalSimplified", "叁"),
        (3, "ideographTraditional", "丙"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (21, "decimalEnclosedCircle", "㉑"),
        (2, "decimalEnclosedParen", "⑵"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (5, "什么也不是", "5"),
        (99, "decimalEnclosedParen", "99"),
    ],
)
def test_number_formats(number, form, label):
    assert formatted(number, form) == label


def test_counting_beyond_its_range():
    assert (counting(0), counting(10_000), counting(1001)) == ("〇", "10000", "一千〇一")


def test_tracked_changes_are_accepted():
    run = "<w:r><w:t>{}</w:t></w:r>".format
    gone = '<w:del w:id="1" w:author="a"><w:r><w:delText>旧</w:delText></w:r></w:del>'
    document = body_of(
        paragraph(run("年底前") + gone + f'<w:ins w:id="2" w:author="a">{run("完成")}</w:ins>'),
        paragraph(f'<w:moveFrom w:id="3" w:author="a">{run("移走")}</w:moveFrom>' + gone),
        paragraph(f'<w:pPr><w:rPr><w:del w:id="4" w:author="a"/></w:rPr></w:pPr>{run("前半")}'),
        paragraph(run("后半")),
        paragraph(f"<w:hyperlink>{run('链接')}</w:hyperlink>" + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"),
        paragraph(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("2026年6月3日")
        ),
    )
    assert lines(read(saved(document), "a.docx")) == ["年底前完成", "前半后半", "链接", "2026年6月3日"]


def test_text_boxes_once_and_breaks():
    box = "<w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent>"
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    document = body_of(paragraph(f"<w:r><w:t>上</w:t><w:br/><w:t>下</w:t>{choice}</w:r>"))
    assert lines(read(saved(document), "a.docx")) == ["上", "下", "框内"]


def test_merged_cells_and_order():
    document = docx.Document()
    document.add_paragraph("前")
    table = document.add_table(4, 3)
    for row in range(4):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 0).merge(table.cell(0, 2)).text = "任务分解表"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "一、公开\n第二行"
    inner = table.cell(3, 2).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内甲", "内乙"
    document.add_paragraph("后")
    read_back = read(saved(document), "a.docx")
    assert lines(read_back)[0] == "前"
    assert lines(read_back)[2] == "后"
    grid = read_back.blocks[1].table
    assert (grid.rows, grid.columns) == (4, 3)
    spans = {cell.text: (cell.row, cell.column, cell.rowspan, cell.colspan) for cell in grid.cells}
    assert spans["任务分解表"] == (0, 0, 1, 3)
    assert spans["一、公开\n第二行"] == (1, 0, 2, 1)
    assert spans["21"] == (2, 1, 1, 1)
    assert spans["32\n内甲 内乙"] == (3, 2, 1, 1)


def test_automatic_numbers_in_an_otherwise_empty_column():
    document = with_lists()
    table = document.add_table(2, 2)
    for row in range(2):
        table.cell(row, 0)._tc.append(numbered("", 2))
        table.cell(row, 1).text = f"任务{row}"
    cells = read(saved(document), "a.docx").blocks[0].table.cells
    assert [cell.text for cell in cells] == ["1.", "任务0", "2.", "任务1"]


def test_a_frame_of_one_column_is_no_table():
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "一、公开\n二、解读"
    read_back = read(saved(document), "a.docx")
    assert [block.kind for block in read_back.blocks] == ["paragraph", "paragraph"]


def test_table_of_contents_is_left_out():
    document = docx.Document()
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("一、公开 1", style="toc 1")
    document.add_paragraph("一、公开")
    assert lines(read(saved(document), "a.docx")) == ["一、公开"]


def repacked(data, change):
    source, target = zipfile.ZipFile(BytesIO(data)), BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
    return target.getvalue()


def code_of(data, name="a.docx", **limits):
    with pytest.raises(ReadingError) as caught:
        read(data, name, limits=Limits(**limits))
    assert caught.value.message.endswith("。")
    return caught.value.code


def test_strict_namespace():
    data = saved(body_of(paragraph("<w:r><w:t>公开</w:t></w:r>")))
    strict = repacked(
        data,
        lambda name, part: part.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
    )
    assert lines(read(strict, "a.docx")) == ["公开"]


def test_entities_are_refused():
    bomb = '<!DOCTYPE d [<!ENTITY a "公开"><!ENTITY b "&a;&a;&a;">]><w:document/>'
    data = saved(docx.Document())

    def change(name, part, encoding="utf-8"):
        return bomb.encode(encoding) if name == "word/document.xml" else part

    assert code_of(repacked(data, change)) == "unsafe"
    assert code_of(repacked(data, lambda name, part: change(name, part, "utf-16"))) == "unsafe"


def test_zip_bombs_are_refused():
    data = saved(docx.Document())
    bomb = repacked(data, lambda name, part: b" " * 40_000_000 if name == "word/styles.xml" else part)
    assert code_of(bomb) == "unsafe"
    assert code_of(data, entries=3) == "unsafe"
    assert code_of(data, unpacked_bytes=100) == "unsafe"


def test_other_faults():
    data = saved(docx.Document())
    assert code_of(data) == "empty"
    assert code_of(data[: len(data) // 2]) == "damaged"
    assert code_of(data, seconds=0) == "too_slow"
    assert code_of(repacked(data, lambda name, part: part[:-30] if name == "word/document.xml" else part)) == "damaged"
    assert code_of(repacked(data, lambda name, part: b"" if name == "word/document.xml" else part)) == "damaged"
