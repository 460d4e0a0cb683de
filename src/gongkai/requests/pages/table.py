"""The application form on paper (政府信息公开申请表) as a Word file: the fields of the online form in a table of our own."""

from __future__ import annotations

import io
from functools import cache

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

NAME = "政府信息公开申请表.docx"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Group -> rows of (label, what is printed to fill in, height in mm). Two cells share a row when there are two pairs.
Row = tuple[tuple[str, str], ...]
PERSON: tuple[Row, ...] = (
    (("姓名", ""), ("工作单位\n（选填）", "")),
    (("证件名称", ""), ("证件号码", "")),
    (("联系电话", ""), ("电子邮箱\n（选填）", "")),
    (("联系地址", ""), ("邮政编码", "")),
)
ORGANISATION: tuple[Row, ...] = (
    (("名称", ""), ("统一社会\n信用代码", "")),
    (("类型", "□商业企业  □科研机构  □社会公益组织\n□法律服务机构  □其他"), ("法定代表人\n或者负责人", "")),
    (("联系人", ""), ("联系电话", "")),
    (("联系地址", ""), ("邮政编码", "")),
    (("传真\n（选填）", ""), ("电子邮箱\n（选填）", "")),
)
AGENT: tuple[Row, ...] = ((("代理人姓名\n（选填）", ""), ("代理人\n证件号码", "")),)
WANTED = "名称、文号：\n\n内容描述（时间、地点、事项；一张表只写一件事）：\n\n\n\n\n"
FORMS = "□电子文件  □纸质复印件  □到场查阅、抄录"
WAYS = "□网上查看  □电子邮件  □邮寄  □当面领取  □传真"
OTHER = "□接受其他形式  □不接受，请先联系我"
NOTES = (
    "填写说明",
    "1．请附身份证件复印件；组织申请的附登记证书复印件；委托他人申请的附委托书和代理人证件复印件。",
    "2．不用写申请的用途。",
    "3．当面交到受理地点，或者邮寄到受理地点，信封上写“政府信息公开申请”。受理地点见各单位公开指南。",
    "4．收到次日起20个工作日内答复；征求第三方意见的时间不算在内，确需延长的最多再加20个工作日，会书面告知。",
)


def _write(cell, text: str, *, strong: bool = False) -> None:  # type: ignore[no-untyped-def]
    cell.text = ""
    for number, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(line)
        _face(run, "黑体" if strong else "仿宋_GB2312", 11)


def _face(run, font: str, size: int) -> None:  # type: ignore[no-untyped-def]
    run.font.name = font
    run.font.size = Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _rows(table, group: str, rows: tuple[Row, ...]) -> None:  # type: ignore[no-untyped-def]
    first = None
    for pairs in rows:
        cells = table.add_row().cells
        table.rows[-1].height = Mm(10)
        first = first or cells[0]
        for place, (label, words) in enumerate(pairs):
            _write(cells[1 + 2 * place], label, strong=True)
            _write(cells[2 + 2 * place], words)
        last = cells[0]
    merged = first.merge(last) if first is not None else None
    if merged is not None:
        _write(merged, group, strong=True)


def _wide(table, label: str, words: str) -> None:  # type: ignore[no-untyped-def]
    cells = table.add_row().cells
    _write(cells[0].merge(cells[1]), label, strong=True)
    _write(cells[2].merge(cells[4]), words)


@cache
def table() -> bytes:
    """The Word file."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(18)
    section.left_margin = section.right_margin = Mm(20)
    document.core_properties.title = "政府信息公开申请表"
    document.core_properties.author = ""
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _face(title.add_run("政府信息公开申请表"), "方正小标宋简体", 20)
    grid = document.add_table(rows=0, cols=5)
    grid.style = "Table Grid"
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    _wide(grid, "向哪个单位申请", "")
    _rows(grid, "公民", PERSON)
    _rows(grid, "法人或者\n其他组织", ORGANISATION)
    _rows(grid, "代理人", AGENT)
    _wide(grid, "想要的信息", WANTED)
    _wide(grid, "希望得到的形式", FORMS)
    _wide(grid, "获取方式", WAYS)
    _wide(grid, "不能按这种形式提供时", OTHER)
    _wide(grid, "申请人签名或者盖章", "\n                                        年    月    日")
    for row in grid.rows:
        for cell, width in zip(row.cells, (18, 26, 56, 26, 44), strict=True):
            cell.width = Mm(width)
    for number, line in enumerate(NOTES):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        _face(paragraph.add_run(line), "黑体" if number == 0 else "仿宋_GB2312", 10)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
