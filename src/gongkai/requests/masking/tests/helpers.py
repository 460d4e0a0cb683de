"""What the tests of masking share: files of every kind, a material to mask, the steps to a made file."""

from __future__ import annotations

import io
import re
import zlib
from typing import Any

import pypdfium2 as pdfium
from docx import Document
from PIL import Image, ImageDraw, ImageFont

from gongkai.core.acts import perform
from gongkai.requests.masking import acts, finding, queries
from gongkai.requests.masking.models import Mask
from gongkai.requests.models import Material
from gongkai.requests.tests.helpers import act, at, fresh, upload

# Nobody's: the check characters are right, the people are invented.
NAME, PHONE, NUMBER = "欧阳青禾", "13800138000", "110101199003071233"
SECRETS = (NAME, PHONE, NUMBER, "柳荫巷8号")
OPEN_WORDS = ("清平路改造", "会议纪要")
LINES = [
    "清平路改造会议纪要",
    f"会议由{NAME}主持，联系电话{PHONE}，身份证号{NUMBER}。",
    "住址为临江市云溪区桥头街道柳荫巷8号2单元301室。会议议定：管道检测报告按期提交，经费由区财政统筹安排，"
    f"具体事项由{NAME}负责落实，其他部门配合。",
]
TABLE = [["姓名", "联系电话", "职务"], ["夏侯远山", "13912345678", "组长"], ["司徒明月", "13712345678", "组员"]]


def word(lines: list[str] = LINES, table: list[list[str]] | None = TABLE) -> bytes:
    """A Word file with a table."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in enumerate(table):
            for column, text in enumerate(cells):
                grid.cell(row, column).text = text
    out = io.BytesIO()
    document.core_properties.author = NAME
    document.save(out)
    return out.getvalue()


def text_pdf(lines: list[str] = LINES, *, pages: int = 1, style: str = "") -> bytes:
    """A PDF with words."""
    from weasyprint import HTML

    body = "".join(f"<p>{line}</p>" for line in lines)
    whole = "<div style='break-after: page'></div>".join([body] * pages)
    head = f"<head><title>{NAME}</title><style>body {{ font: 14pt serif }} {style}</style></head>"
    return HTML(string=f"<html lang='zh'>{head}<body>{whole}</body></html>").write_pdf()


def scan(words: str = "scanned 13800138000", size: tuple[int, int] = (1240, 1754)) -> bytes:
    """A picture of a page, as a scanner gives it."""
    picture = Image.new("RGB", size, (250, 249, 245))
    ImageDraw.Draw(picture).text((150, 200), words, fill=(20, 20, 20), font=ImageFont.load_default(48))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def scanned_pdf() -> bytes:
    """A PDF that holds nothing but the picture of a page."""
    out = io.BytesIO()
    Image.open(io.BytesIO(scan())).save(out, "PDF", resolution=150)
    return out.getvalue()


def rotated(data: bytes, angle: int) -> bytes:
    """The same PDF with its pages turned."""
    document = pdfium.PdfDocument(data)
    for page in document:
        page.set_rotation(angle)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sheet() -> bytes:
    """An Excel file with a hidden sheet, a hidden row and a hidden column."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = "名单"
    for row in [*TABLE, ["隐藏行人", PHONE, ""]]:
        page.append([*row, "隐藏列"])
    page.row_dimensions[4].hidden = True
    page.column_dimensions["D"].hidden = True
    book.create_sheet("底稿").append(["隐藏表人"])
    book["底稿"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def material(place: Any, case: Any, data: bytes, name: str = "会议纪要.docx") -> Material:
    """A material of a request that is to be masked."""
    act("add_materials", case, place.handler, files={"files": upload(name, data)})
    found = Material.objects.filter(request=case.pk).latest("pk")
    treatments = {}
    for one in Material.objects.filter(request=case.pk):
        mine = one.pk == found.pk
        treatments |= {
            f"treatment_{one.pk}": "masked" if mine else one.treatment,
            f"ground_{one.pk}": "D4" if mine else one.ground,
            f"reason_{one.pk}": "公开会损害第三方合法权益" if mine else one.reason,
        }
    act("treat_materials", case, place.handler, **treatments)
    return Material.objects.get(pk=found.pk)


def prepared(place: Any, case: Any, data: bytes | None = None, name: str = "会议纪要.docx") -> Mask:
    """A material with its pages."""
    found = material(place, case, word() if data is None else data, name)
    acts.prepare(fresh(case), found, place.handler)
    return queries.mask_of(found)


def mark(place: Any, mask: Mask, phrase: str, user: Any = None, **more: Any) -> Mask:
    """Cover every place of a phrase."""
    tokens = [one.token for one in finding.phrase(queries.lines_of(mask), phrase)]
    data = {"operation": "mark", "way": "phrase", "chosen": tokens, "ground": "PI", "what": "姓名和联系电话"}
    return step(place, mask, user, **{**data, **more})


def step(place: Any, mask: Mask, user: Any = None, **data: Any) -> Mask:
    """One step of masking."""
    case = fresh(mask.request)
    perform(
        "request.mask_material",
        case,
        user or place.handler,
        {"material": mask.material_id, **data},
        now=at("2026-06-03"),
    )
    return queries.mask_of(Material.objects.get(pk=mask.material_id))


def made(place: Any, mask: Mask) -> Mask:
    """The made file."""
    acts.make(fresh(mask.request), mask.material, place.handler)
    return queries.mask_of(Material.objects.select_related("masked").get(pk=mask.material_id))


def looked(place: Any, mask: Mask, user: Any, pages: list[int] | None = None) -> None:
    """Somebody compares pages."""
    found = Material.objects.select_related("masked").get(pk=mask.material_id)
    numbers = pages or list(mask.pages.values_list("number", flat=True))
    data = {"material": found.pk, "pages": [str(one) for one in numbers], "digest": found.masked.digest}
    perform("request.check_masking", fresh(mask.request), user, data, now=at("2026-06-10"))


def everything(data: bytes) -> bytes:
    """The bytes of a PDF, and of its streams unpacked."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, flags=re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            unpacked.append(stream)
    return data + b"".join(unpacked)


def assert_silent(data: bytes, *words: str) -> None:
    """No word of a file stands in a PDF: not as text, not in its bytes, not in its streams, in no coding."""
    document = pdfium.PdfDocument(data)
    assert all(page.get_textpage().count_chars() == 0 for page in document)
    assert not any(document.get_metadata_dict().values())
    whole = everything(data)
    for one in words:
        for coding in ("utf-8", "utf-16-be", "utf-16-le", "gb18030"):
            assert one.encode(coding) not in whole
            assert one.encode(coding).hex().encode() not in whole.lower()


def picture(data: bytes, page: int = 1, dots: float = 144) -> Image.Image:
    """A page as it is seen."""
    return pdfium.PdfDocument(data)[page - 1].render(scale=dots / 72).to_pil().convert("L")
