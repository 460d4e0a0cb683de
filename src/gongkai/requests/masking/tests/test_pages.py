"""Pages and made files of every kind: words with their places, boxes that hold, nothing left of what was there."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gongkai.requests.masking import finding, sheets, worker
from gongkai.requests.masking.tests import helpers

MOST = 300


def pages_of(layout):
    return {number: sheet.lines for number, sheet in enumerate(layout.sheets, 1)}


def covered(layout, *phrases, dots=150):
    """The file with every place of some phrases covered."""
    pages = pages_of(layout)
    marks: dict[int, list] = {}
    for words in phrases:
        found = finding.phrase(pages, words)
        assert found, words
        for one in found:
            for page, *box in finding.boxes_of(pages, finding.spans_of(one.token)):
                marks.setdefault(page, []).append((*box, "个人信息"))
    return marks, sheets.make(layout.pdf, marks, len(layout.sheets), dots)


KINDS = {
    "docx": ("纪要.docx", helpers.word),
    "pdf": ("纪要.pdf", helpers.text_pdf),
    "turned 90": ("纪要.pdf", lambda: helpers.rotated(helpers.text_pdf(), 90)),
    "turned 180": ("纪要.pdf", lambda: helpers.rotated(helpers.text_pdf(), 180)),
    "turned 270": ("纪要.pdf", lambda: helpers.rotated(helpers.text_pdf(), 270)),
    "large": ("图.pdf", lambda: helpers.text_pdf(style="@page { size: 1200mm 850mm }")),
    "small": ("条.pdf", lambda: helpers.text_pdf(["联系人欧阳青禾", "13800138000"], style="@page { size: 60mm 40mm; margin: 4mm }")),
    "txt": ("纪要.txt", lambda: "\n".join(helpers.LINES).encode("gb18030")),
    "xlsx": ("名单.xlsx", helpers.sheet),
    "csv": ("名单.csv", lambda: "\n".join(",".join(row) for row in helpers.TABLE).encode()),
}  # fmt: skip
WANTED = {"xlsx": "夏侯远山", "csv": "夏侯远山"}


@pytest.mark.duty("001-14f")
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_covered_is_gone_and_the_rest_is_seen(kind):
    name, build = KINDS[kind]
    layout = sheets.lay_out(name, build(), MOST)
    wanted = WANTED.get(kind, helpers.NAME)
    marks, made = covered(layout, wanted)
    # No word of the file is in the made one, covered or not: it is pictures only.
    text = "".join(line["text"] for sheet in layout.sheets for line in sheet.lines)
    helpers.assert_silent(made.pdf, wanted, *(part for part in text.split() if len(part) > 3))
    before, after = helpers.picture(layout.pdf), helpers.picture(made.pdf)
    assert after.size == pytest.approx(before.size, abs=3)
    for page, boxes in marks.items():
        if page != 1:
            continue
        for left, top, right, bottom, _ in boxes:
            place = [round(edge * before.width / layout.sheets[0].width) for edge in (left, top, right, bottom)]
            there = after.crop(place).resize((8, 8))
            assert sum(there.getextrema()) < 500, "a box is dark"
    inked = sum(after.point(lambda value: value < 100 and 1).histogram()[1:2])
    assert inked > 0
    assert made.proof["boxes"] == sum(len(boxes) for boxes in marks.values())
    # The bound: 600 kB a page and a little for the frame.
    assert len(made.pdf) <= len(layout.sheets) * (worker.MOST_BYTES + 1500)


def test_the_words_under_a_box_were_where_the_box_is():
    layout = sheets.lay_out("纪要.pdf", helpers.text_pdf(), MOST)
    _, made = covered(layout, *helpers.SECRETS)
    # Reading the pictures back is not possible here; that the boxes stand right is seen by what was inked before.
    document = pdfium.PdfDocument(layout.pdf)
    pages = pages_of(layout)
    after = helpers.picture(made.pdf, dots=150)
    for one in finding.phrase(pages, helpers.PHONE):
        for _, left, top, right, bottom in finding.boxes_of(pages, finding.spans_of(one.token)):
            scale = after.width / layout.sheets[0].width
            inside = after.crop((round(left * scale), round(top * scale), round(right * scale), round(bottom * scale)))
            dark = sum(inside.histogram()[:60]) / (inside.width * inside.height)
            assert dark > 0.6
    assert len(document) == 1


@pytest.mark.parametrize("name", ["扫描.png", "扫描.pdf"])
def test_scans_have_no_words_and_are_covered_by_boxes(name):
    data = helpers.scan() if name.endswith("png") else helpers.scanned_pdf()
    layout = sheets.lay_out(name, data, MOST)
    assert layout.sheets[0].lines == []
    assert any("画框" in words for words in layout.notes)
    sheet = layout.sheets[0]
    box = (sheet.width // 20, sheet.height // 20, sheet.width * 9 // 10, sheet.height // 5)
    made = sheets.make(layout.pdf, {1: [(*box, "个人信息")]}, 1, 150)
    helpers.assert_silent(made.pdf, "13800138000", "scanned")
    after = helpers.picture(made.pdf)
    scale = after.width / sheet.width
    inside = after.crop([round(edge * scale) + 4 * side for edge, side in zip(box, (1, 1, -1, -1), strict=True)])
    light = sum(inside.histogram()[60:])
    assert light < 0.01 * inside.width * inside.height + 1500


def test_a_jpeg_loses_its_place_and_its_colour_stays():
    picture = Image.effect_noise((1600, 1200), 80).convert("RGB")
    picture.paste((200, 20, 20), (300, 300, 700, 700))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    picture.save(out, "JPEG", exif=exif, quality=95)
    layout = sheets.lay_out("照片.jpg", out.getvalue(), MOST)
    made = sheets.make(layout.pdf, {1: [(1000, 1000, 2000, 2000, "")]}, 1, 150)
    assert b"secret place" not in helpers.everything(made.pdf)
    assert len(made.pdf) <= worker.MOST_BYTES + 1500
    red = pdfium.PdfDocument(made.pdf)[0].render(scale=1).to_pil().convert("RGB").getpixel((250, 400))
    assert len(red) == 3


def test_a_made_file_is_about_as_large_as_its_original():
    original = helpers.text_pdf(helpers.LINES * 6, pages=5)
    layout = sheets.lay_out("长.pdf", original, MOST)
    _, made = covered(layout, helpers.NAME)
    assert len(made.pdf) / len(layout.sheets) < 150_000
    assert made.pdf == sheets.make(layout.pdf, covered(layout, helpers.NAME)[0], len(layout.sheets), 150).pdf


def test_hidden_parts_of_a_sheet_are_not_laid_out():
    layout = sheets.lay_out("名单.xlsx", helpers.sheet(), MOST)
    text = "".join(line["text"] for sheet in layout.sheets for line in sheet.lines)
    assert "夏侯远山" in text
    for hidden in ("隐藏表人", "隐藏行人", "隐藏列"):
        assert hidden not in text
    assert any("隐藏" in words for words in layout.notes)


def test_a_phrase_is_found_over_line_ends_widths_and_blanks():
    long = "某某项目第二标段监理单位云溪宏远建设工程管理咨询有限责任公司" * 4
    layout = sheets.lay_out("长.pdf", helpers.text_pdf([long], style="body { width: 9cm }"), MOST)
    pages = pages_of(layout)
    found = finding.phrase(pages, "云溪宏远建设工程 管理咨询有限责任公司")
    assert len(found) == 4
    assert any("+" in one.token for one in found)
    assert (
        len(
            finding.phrase(
                pages_of(sheets.lay_out("a.txt", "电话１３８００１３８０００".encode(), MOST)), "13800138000"
            )
        )
        == 1
    )
    with pytest.raises(ValueError, match="too short"):
        finding.phrase(pages, " 云 ")


def test_personal_data_and_names_in_tables_are_proposed():
    layout = sheets.lay_out("纪要.docx", helpers.word(), MOST)
    found = finding.personal(pages_of(layout))
    told = {one.what: one.words for one in found}
    assert told["身份证号"] == helpers.NUMBER
    assert {one.words for one in found if one.what == "姓名"} == {"夏侯远山", "司徒明月"}
    assert {"手机号", "详细住址"} <= set(told)


def test_pieces_to_tick_keep_numbers_whole():
    layout = sheets.lay_out("纪要.docx", helpers.word(), MOST)
    words = [one.words for line in finding.runs(1, layout.sheets[0].lines) for one in line]
    assert helpers.NUMBER in words
    assert "夏侯远山" in words


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("坏.pdf", b"%PDF-1.4 nothing", "损坏"),
        ("坏.png", b"\x89PNG nothing", "损坏"),
        ("坏.docx", b"PK\x03\x04 nothing", "损坏"),
        ("坏.xlsx", b"PK\x03\x04 nothing", "损坏"),
        ("片.mp4", b"1", "不能直接遮盖"),
        ("版.ofd", b"PK\x03\x04", "另存为 PDF"),
    ],
)
def test_what_cannot_be_masked_says_why(name, data, words):
    with pytest.raises(sheets.SheetsError, match=words):
        sheets.lay_out(name, data, MOST)


def test_too_many_pages_and_locked_files_are_refused():
    with pytest.raises(sheets.SheetsError, match="超过2页"):
        sheets.lay_out("长.pdf", helpers.text_pdf(pages=3), 2)
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(helpers.text_pdf())))
    writer.encrypt("secret")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(sheets.SheetsError, match="密码"):
        sheets.lay_out("锁.pdf", out.getvalue(), MOST)


def test_the_proof_finds_what_should_not_be_there():
    plain = helpers.text_pdf()
    order = {"most": 1, "marks": {}, "dots": 150, "font": None}
    with pytest.raises(worker.Fault, match=r"not_proved:(text|properties)"):
        worker.prove(plain, worker.opened(plain, 1), order)
    layout = sheets.lay_out("扫描.png", helpers.scan(), MOST)
    made = sheets.make(layout.pdf, {}, 1, 150)
    box = [500, 500, 3000, 3000, ""]
    with pytest.raises(worker.Fault, match="not_proved:boxes"):
        worker.prove(made.pdf, worker.opened(made.pdf, 1), {**order, "marks": {"1": [box]}})
    with pytest.raises(worker.Fault, match="not_proved:pages"):
        worker.prove(made.pdf, worker.opened(made.pdf, 1), {**order, "most": 2})


_edge = st.integers(0, 5900)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(_edge, st.integers(0, 8300), st.integers(30, 2500), st.integers(30, 900)), min_size=1, max_size=12
    ),
    st.booleans(),
)
def test_whatever_is_marked_is_uniform_underneath(boxes, noisy):
    """Random boxes on random ground: the dots under each are one colour, and the made page does not know what was there."""
    ground = (
        Image.effect_noise((827, 1169), 120).convert("RGB") if noisy else Image.new("RGB", (827, 1169), (200, 40, 40))
    )
    other = Image.effect_noise((827, 1169), 200).convert("RGB")
    size = (5954, 8417)
    painted = []
    for picture in (ground.copy(), other.copy()):
        placed = [
            (worker.in_dots((x, y, min(x + w, size[0]), min(y + h, size[1])), size, picture), "")
            for x, y, w, h in boxes
        ]
        worker.cover(picture, placed, None)
        for box, _ in placed:
            assert picture.crop(box).getcolors(1) == [((box[2] - box[0]) * (box[3] - box[1]), (0, 0, 0))]
        painted.append([picture.crop(box).tobytes() for box, _ in placed])
    assert painted[0] == painted[1]
    made = worker.written([(*size, worker.encoded(picture))])
    order = {
        "most": 1,
        "dots": 100,
        "font": None,
        "marks": {"1": [[x, y, min(x + w, size[0]), min(y + h, size[1]), ""] for x, y, w, h in boxes]},
    }
    assert worker.prove(made, worker.opened(made, 1), order)["boxes"] == len(boxes)


def test_notes_properties_and_enclosures_of_a_pdf_stay_behind():
    from pypdf import PdfReader, PdfWriter
    from pypdf.annotations import FreeText

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(helpers.text_pdf())))
    note = FreeText(text="note 13800138000", rect=(50, 50, 300, 90), font_size="14pt")
    writer.add_annotation(page_number=0, annotation=note)
    writer.add_attachment("secret.txt", b"enclosed 13800138000")
    writer.add_metadata({"/Author": "somebody", "/Title": "title of a secret"})
    out = io.BytesIO()
    writer.write(out)
    layout = sheets.lay_out("纪要.pdf", out.getvalue(), MOST)
    assert any("批注" in words for words in layout.notes)
    _, made = covered(layout, helpers.NAME)
    helpers.assert_silent(made.pdf, "13800138000", "enclosed", "somebody", "title of a secret", "secret.txt")


def test_pictures_in_word_files_are_drawn_and_covered():
    from docx import Document

    document = Document()
    document.add_paragraph("附图")
    document.add_picture(io.BytesIO(helpers.scan(size=(600, 300))))
    out = io.BytesIO()
    document.save(out)
    layout = sheets.lay_out("附图.docx", out.getvalue(), MOST)
    assert any("图片里的文字" in words for words in layout.notes)
    plain = helpers.picture(layout.pdf)
    assert min(plain.crop((100, 200, plain.width - 100, plain.height // 2)).getextrema()) < 120
    sheet = layout.sheets[0]
    made = sheets.make(layout.pdf, {1: [(0, 0, sheet.width, sheet.height, "")]}, len(layout.sheets), 150)
    assert helpers.picture(made.pdf).getextrema()[1] < 40


def test_old_word_files_need_libreoffice(monkeypatch):
    from gongkai.reading import office

    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    with pytest.raises(sheets.SheetsError, match="另存为 Word"):
        sheets.lay_out("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, MOST)


def test_without_a_chinese_font_the_boxes_hold_too(monkeypatch):
    monkeypatch.setattr(sheets, "label_font", lambda: None)
    layout = sheets.lay_out("扫描.png", helpers.scan(), MOST)
    made = sheets.make(layout.pdf, {1: [(500, 500, 4000, 1500, "个人信息"), (500, 2000, 4000, 3000, "D5")]}, 1, 150)
    assert made.proof["boxes"] == 2
