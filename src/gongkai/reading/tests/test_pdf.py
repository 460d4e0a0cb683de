import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.reading import Limits, ReadingError, pdf, read
from gongkai.reading.builder import RawCell
from gongkai.reading.limits import Watch
from gongkai.reading.pdf_pages import extract

STYLE = """<meta charset=utf-8><style>@page{size:A4;margin:25mm;@bottom-center{content:"— " counter(page) " —"}
@top-center{content:"云溪区政务公开"}}
body{font:14px/1.7 "Noto Sans CJK SC",sans-serif} p{text-indent:2em;margin:0;text-align:justify}
h1{font-size:22px;text-align:center;font-weight:normal} .n{text-indent:0}
table{border-collapse:collapse;width:100%} td,th{border:1px solid #000;padding:4px} tr{break-inside:avoid}</style>"""
LONG = "扩大重点领域信息公开，按季度公开财政收支情况，年底前公开全部专项资金目录和绩效评价结果，主动接受社会监督。"
LINES = [
    "一、扩大重点领域信息公开",
    f"（一）聚焦财政信息。{LONG * 3}（责任单位：区财政局，各镇街）",
    f"（二）聚焦民生信息。{LONG * 2}",
    "二、加强政策解读",
    *[f"{number}. {LONG}{LONG}（责任单位：区教育局）" for number in range(1, 30)],
]


def pdf_of(body):
    try:
        from weasyprint import HTML
    except OSError as error:
        pytest.skip(f"weasyprint cannot load its system libraries: {error}")
    return HTML(string=STYLE + body).write_pdf()


def lines(document):
    for block in document.blocks:
        assert document.text_of(block) == document.text_of(block).strip()
        for cell in block.table.cells if block.table else ():
            assert document.text[cell.start : cell.end] == cell.text
    return [document.text_of(block) for block in document.blocks]


def test_lines_are_joined_and_page_numbers_go():
    title = "云溪区人民政府办公室关于印发2026年云溪区政务公开工作要点和任务分解表的通知"
    address = "各镇人民政府、各街道办事处，区政府各部门："
    body = f"<h1>{title}</h1><p class=n>{address}</p>" + "".join(f"<p>{line}</p>" for line in LINES)
    document = read(pdf_of(body), "a.pdf")
    assert lines(document) == [title, address, *LINES]
    assert document.format == "pdf"


def table_of(rows, head="<thead><tr><th>序号</th><th>任务</th><th>责任单位</th></tr></thead>"):
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def test_table_over_pages_is_one_table():
    rows = "".join(
        f"<tr><td style='width:2em'>{n}</td><td>第{n}项：{LONG}</td><td style='width:6em'>区财政局、区教育局、区卫生局</td></tr>"
        for n in range(1, 41)
    )
    document = read(pdf_of(f"<p>前面</p>{table_of(rows)}<p>后面</p>"), "a.pdf")
    assert [block.kind for block in document.blocks] == ["paragraph", "table", "paragraph"]
    table = document.blocks[1].table
    lines(document)
    assert (table.rows, table.columns) == (41, 3)
    assert [cell.text for cell in table.cells if cell.row == 0] == ["序号", "任务", "责任单位"]
    for row in (1, 20, 40):
        found = [cell.text for cell in table.cells if cell.row == row]
        assert found == [str(row), f"第{row}项：{LONG}", "区财政局、区教育局、区卫生局"]


def test_merged_cells():
    rows = """<tr><td colspan=3>一、公开</td></tr><tr><td rowspan=2>甲</td><td>乙</td><td>丙</td></tr>
    <tr><td>丁</td><td></td></tr>"""
    document = read(pdf_of(table_of(rows)), "a.pdf")
    spans = {c.text: (c.row, c.column, c.rowspan, c.colspan) for c in document.blocks[-1].table.cells}
    assert spans["一、公开"] == (1, 0, 1, 3)
    assert spans["甲"] == (2, 0, 2, 1)
    assert spans["丁"] == (3, 1, 1, 1)
    assert spans[""] == (3, 2, 1, 1)


def test_row_cut_by_the_page_break_is_whole_again():
    text = LONG * 30
    rows = f"<tr style='break-inside:auto'><td>1</td><td>{text}</td><td>区财政局</td></tr><tr><td>2</td><td>完</td><td>乙</td></tr>"
    table = read(pdf_of(table_of(rows)), "a.pdf").blocks[-1].table
    assert [cell.text for cell in table.cells if cell.column == 1] == ["任务", text, "完"]


def test_short_lines_in_a_cell_stay_lines():
    rows = "<tr><td>1</td><td>公开<br>解读</td><td style='width:12em'>区财政局<br>区教育局</td></tr>"
    table = read(pdf_of(table_of(rows)), "a.pdf").blocks[-1].table
    assert "区财政局\n区教育局" in [cell.text for cell in table.cells]


def code_of(data, **limits):
    with pytest.raises(ReadingError) as caught:
        read(data, "a.pdf", limits=Limits(**limits))
    assert caught.value.message.endswith("。")
    return caught.value.code


def test_encrypted():
    from pypdf import PdfReader, PdfWriter

    def locked(password):
        writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf_of("<p>一、公开</p>"))))
        writer.encrypt(password, "owner", algorithm="AES-256")
        stream = BytesIO()
        writer.write(stream)
        return stream.getvalue()

    assert code_of(locked("secret")) == "encrypted"
    assert lines(read(locked(""), "a.pdf"))[-1] == "一、公开"


def test_scan():
    from PIL import Image

    stream = BytesIO()
    Image.new("RGB", (600, 800), "white").save(stream, "PDF")
    assert code_of(stream.getvalue()) == "scan"
    stream = BytesIO()
    Image.new("RGB", (60, 80)).save(stream, "PNG")
    assert code_of(stream.getvalue()) == "scan"


def raw_pdf(content, filters="/FlateDecode"):
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter %s>>stream\n" % (len(content), filters.encode()) + content + b"\nendstream",
    ]
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % start)


def test_bombs_are_stopped():
    packer = zlib.compressobj(1)
    content = b"".join(packer.compress(b" " * 10_000_000) for _ in range(90)) + packer.flush()
    assert code_of(raw_pdf(content), unpacked_bytes=1) in ("unsafe", "scan", "damaged")
    busy = zlib.compress(b"q " * 30_000_000)
    assert code_of(raw_pdf(busy), seconds=2) == "too_slow"


def test_other_faults():
    data = pdf_of("<p>公开</p><div style='break-before:page'>解读</div>")
    assert code_of(data, pages=1) == "too_large"
    assert code_of(data[: len(data) // 2]) == "damaged"
    assert code_of(b"%PDF-1.7\n" + b"\x00\xff" * 500) == "damaged"
    assert code_of(data, seconds=0) == "too_slow"


def test_labelled_lines_under_an_item_stay_apart():
    item = "1. 扩大重点领域信息公开，按季度公开财政收支情况，" + "年底前公开资金目录，" * 4 + "接受社会监督。"
    body = f"<p class=n>{item}</p><p class=n>牵头单位：区财政局</p><p class=n>完成时限：2026年6月底</p>"
    assert lines(read(pdf_of(body * 3), "a.pdf"))[-3:] == [item, "牵头单位：区财政局", "完成时限：2026年6月底"]


def test_page_of_images_among_pages_of_text_is_reported():
    from PIL import Image
    from pypdf import PdfReader, PdfWriter

    scan, stream = BytesIO(), BytesIO()
    Image.new("RGB", (60, 80), "white").save(scan, "PDF")
    writer = PdfWriter()
    for part in (BytesIO(pdf_of(f"<p>{LONG}</p>")), scan):
        for page in PdfReader(part).pages:
            writer.add_page(page)
    writer.write(stream)
    document = read(stream.getvalue(), "a.pdf")
    assert LONG in document.text
    assert "第 2 页" in document.warnings[0]


@given(st.integers(0, 3000), st.binary(max_size=30), st.integers(0, 200))
@settings(deadline=None, max_examples=60)
def test_broken_files_never_raise(at, junk, gone):
    whole = raw_pdf(b"BT /F1 12 Tf 10 10 Td (abc) Tj ET 0 0 m 9 9 l S", "[]")
    data = whole[: at % len(whole)] + junk + whole[at % len(whole) + gone :]
    answer = extract(data, 10, 1000)
    if "error" not in answer:
        pages = [pdf._page(page) for page in answer["pages"]]
        assert isinstance(pdf._join(pages, Watch()), list)


def test_row_pushed_apart_by_the_page_break_is_one_row():
    def cell(text, row, column):
        return RawCell(text, row, column)

    table = pdf._Table([0, 1, 2, 3], 0, [cell("5", 0, 0), cell("", 0, 1), cell("区政府办公室", 0, 2)], 1)
    pdf._continue_table(table, [cell("", 0, 0), cell("公开", 0, 1), cell("", 0, 2), cell("6", 1, 0)], 2)
    assert [(c.text, c.row) for c in table.cells] == [("5", 0), ("公开", 0), ("区政府办公室", 0), ("6", 1)]
    assert table.rows == 2


def test_merged_cell_goes_on_after_the_page_break():
    def cell(text, row, column):
        return RawCell(text, row, column)

    table = pdf._Table([0, 1, 2, 3], 0, [cell("一", 0, 0), cell("公开预算。", 0, 1), cell("甲", 0, 2)], 1)
    pdf._continue_table(table, [cell("", 0, 0), cell("公开决算。", 0, 1), cell("乙", 0, 2)], 1)
    assert [(c.text, c.row, c.rowspan) for c in table.cells] == [
        ("一", 0, 2), ("公开预算。", 0, 1), ("甲", 0, 1), ("公开决算。", 1, 1), ("乙", 1, 1),
    ]  # fmt: skip


def test_slanted_watermarks_are_left_out():
    mark = "<div style='position:fixed;top:30%;font-size:40pt;transform:rotate(-30deg)'>内部资料</div>"
    assert "内部" not in read(pdf_of(mark + f"<p>{LONG * 12}</p>"), "a.pdf").text


def test_official_layout_with_landscape_annex():
    style = """<style>@page{size:A4;margin:37mm 26mm 35mm 28mm;@top-center{content:none}
    @bottom-center{content:none} @bottom-right{content:"— " counter(page) " —"}} @page wide{size:A4 landscape} .wide{page:wide}
    body{font-size:16pt;line-height:28pt} h1{font-size:22pt;line-height:34pt} .red{font-size:40pt;line-height:50pt}
    .red,.c{text-align:center} .sign{text-align:right;padding-right:4em} table{font-size:11pt;line-height:16pt}
    tr{break-inside:auto}</style>"""
    head = "<thead><tr><th rowspan=2 style='width:2em'>序号</th><th rowspan=2>任务</th><th colspan=2>单位</th></tr>"
    head += "<tr><th>牵头单位</th><th>责任单位</th></tr></thead>"
    rows = "<tr><td colspan=4>一、扩大公开</td></tr>" + "".join(
        f"<tr><td>{n}</td><td>{LONG}</td><td style='width:7em'>区政府办公室</td>"
        "<td style='width:9em'>区财政局、区教育局、区卫生健康局，各镇街</td></tr>"
        for n in range(1, 19)
    )
    body = f"""<div class=red>云溪区人民政府办公室文件</div><div class=c>云政办〔2026〕3号</div>
    <h1>云溪区人民政府办公室<br>关于印发2026年云溪区政务公开工作要点的通知</h1>
    <p class=n>各镇人民政府、各街道办事处，区政府各部门，各直属单位：</p><p>{LINES[1]}</p>
    <div class=sign>云溪区人民政府办公室</div><div class=sign>2026年3月2日</div><p>（此件公开发布）</p>
    <div class=wide><p class=n>附件</p><h1>任务分解表</h1>{table_of(rows, head)}</div>"""
    document = read(pdf_of(style + body), "a.pdf")
    assert lines(document)[:-1] == [
        "云溪区人民政府办公室文件",
        "云政办〔2026〕3号",
        "云溪区人民政府办公室关于印发2026年云溪区政务公开工作要点的通知",
        "各镇人民政府、各街道办事处，区政府各部门，各直属单位：",
        LINES[1],
        "云溪区人民政府办公室",
        "2026年3月2日",
        "（此件公开发布）",
        "附件",
        "任务分解表",
    ]
    table = document.blocks[-1].table
    assert (table.rows, table.columns) == (21, 4)
    for row in range(3, 21):
        assert [cell.text for cell in table.cells if cell.row == row] == [
            str(row - 2), LONG, "区政府办公室", "区财政局、区教育局、区卫生健康局，各镇街",
        ]  # fmt: skip
