"""What is done to the pages of a stranger's PDF, in a process of its own: read, draw, cover, prove. No Django here.

Standard input is one line of JSON and the bytes of the PDF; standard output the same. Lengths are tenths of a point from
the upper left corner of the page as it is seen, whatever its rotation.
"""

from __future__ import annotations

import ctypes
import io
import json
import math
import re
import resource
import sys
import zlib
from collections.abc import Iterable
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]
from PIL import Image, ImageChops, ImageDraw, ImageFont

Box = tuple[int, int, int, int]
MEMORY = 4 * 1024**3
# No page becomes more dots than this: large plans are drawn coarser.
MOST_DOTS = 36_000_000
# No page of the made file takes more bytes than this; `_encoded` gets coarser until it fits.
MOST_BYTES = 600_000
# Few colours kept exactly are good enough below this.
_SMALL = 120_000
_QUALITIES = ((80, 1.0), (65, 1.0), (50, 1.0), (50, 0.75), (45, 0.5), (40, 0.35), (35, 0.2))
# Beyond the signs themselves, so that no edge of a stroke shows.
_MARGIN = 2
_COLOURED = 40
_FORBIDDEN = re.compile(
    rb"/(Info|Metadata|Font|Annots|EmbeddedFiles?|JavaScript|JS|AcroForm|Names|Outlines|OCProperties|PieceInfo|SMask|Group)\b"
)


class Fault(Exception):
    """What went wrong: a code."""


# --- reading ----------------------------------------------------------------------------------------------------------


def opened(data: bytes, most: int) -> pdfium.PdfDocument:
    """The PDF. Raises Fault: encrypted, damaged, empty, too_many."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        raise Fault("encrypted" if code == raw.FPDF_ERR_PASSWORD else "damaged") from error
    if len(document) == 0:
        raise Fault("empty")
    if len(document) > most:
        raise Fault("too_many")
    document.init_forms()
    return document


def size_of(page: Any) -> tuple[int, int]:
    """Width and height as the page is seen."""
    width, height = page.get_size()
    if not (1 <= width <= 15000 and 1 <= height <= 15000):
        raise Fault("page_size")
    return round(width * 10), round(height * 10)


def _tell(done: int, total: int) -> None:
    """Say how far it is, for whoever listens."""
    print(done, total, file=sys.stderr, flush=True)


def read(document: pdfium.PdfDocument) -> list[dict[str, Any]]:
    """Size and lines of every page."""
    found = []
    for index in range(len(document)):
        page = document[index]
        width, height = size_of(page)
        lines = list(_lines(page, width, height))
        found.append({"width": width, "height": height, "lines": lines, "silent": _silent(page)})
        page.close()
        _tell(index + 1, len(document))
    return found


def _silent(page: Any) -> list[str]:
    """What a page shows that no search finds: `picture` for pictures of some size, `note` for notes and form fields."""
    wide, high = page.get_size()
    found = []
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=5):
        left, bottom, right, top = thing.get_bounds()
        if (right - left) * (top - bottom) > 0.01 * wide * high:
            found.append("picture")
            break
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, index)
        kind = raw.FPDFAnnot_GetSubtype(note)
        raw.FPDFPage_CloseAnnot(note)
        if kind not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            found.append("note")
            break
    return found


def _signs(page: Any, width: int, height: int) -> Iterable[tuple[str, Box | None]]:
    """Every sign with its box; None for line ends and blanks that no ink stands for."""
    text = page.get_textpage()
    x, y = ctypes.c_int(), ctypes.c_int()
    loose = raw.FS_RECTF()
    tight = [ctypes.c_double() for _ in range(4)]
    for index in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, index) or 0xFFFD)
        if sign in "\r\n" or raw.FPDFText_IsGenerated(text, index) == 1:
            yield sign, None
            continue
        edges = []
        if raw.FPDFText_GetLooseCharBox(text, index, loose):
            edges.append((loose.left, loose.bottom, loose.right, loose.top))
        if raw.FPDFText_GetCharBox(text, index, *(ctypes.byref(value) for value in tight)):
            left, right, bottom, top = (value.value for value in tight)
            edges.append((left, bottom, right, top))
        corners = []
        for left, bottom, right, top in edges:
            for corner in ((left, bottom), (right, top)):
                raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, *corner, ctypes.byref(x), ctypes.byref(y))
                corners.append((x.value, y.value))
        if not corners:
            yield sign, None
            continue
        box = (
            max(0, min(one[0] for one in corners)),
            max(0, min(one[1] for one in corners)),
            min(width, max(one[0] for one in corners)),
            min(height, max(one[1] for one in corners)),
        )
        yield sign, box if box[0] < box[2] and box[1] < box[3] else None


def _lines(page: Any, width: int, height: int) -> Iterable[dict[str, Any]]:
    """Lines in the order of the file, each sign with a box; blanks between words have none."""
    signs: list[str] = []
    boxes: list[Box | None] = []
    for sign, box in [*_signs(page, width, height), ("\n", None)]:
        jumped = box is not None and _elsewhere(boxes, box)
        if sign in "\r\n" or jumped:
            if any(box is not None for box in boxes):
                yield _line(signs, boxes)
            signs, boxes = [], []
            if not jumped:
                continue
        if sign in ("\ufffe", "\uffff", "\x00", "\x02"):
            sign = "-" if sign in ("\ufffe", "\x02") else "\ufffd"
        signs.append(sign)
        boxes.append(box)


def _elsewhere(boxes: list[Box | None], box: Box) -> bool:
    """Whether a sign stands clear of the line before it: the next cell, the next column."""
    last = next((one for one in reversed(boxes) if one is not None), None)
    if last is None:
        return False
    size = max(last[3] - last[1], last[2] - last[0], box[3] - box[1])
    across = max(box[0] - last[2], last[0] - box[2])
    down = max(box[1] - last[3], last[1] - box[3])
    return across > 2 * size or down > 0.5 * size


def _line(signs: list[str], boxes: list[Box | None]) -> dict[str, Any]:
    """A line whose signs are all as high as the line: thin signs shall not show by thin boxes."""
    drawn = [box for box in boxes if box is not None]
    left, right = min(box[0] for box in drawn), max(box[2] for box in drawn)
    top, bottom = min(box[1] for box in drawn), max(box[3] for box in drawn)
    upright = bottom - top > 1.5 * (right - left) and len(drawn) > 1
    even = [
        None if box is None else (left, box[1], right, box[3]) if upright else (box[0], top, box[2], bottom)
        for box in boxes
    ]
    return {"text": "".join(signs), "boxes": even}


# --- drawing ----------------------------------------------------------------------------------------------------------


def drawn(page: Any, dots: float) -> Image.Image:
    """A page as a picture, with what its annotations and form fields show."""
    picture = page.render(
        scale=_scale(size_of(page), dots), draw_annots=True, may_draw_forms=True, fill_color=(255, 255, 255, 255)
    )
    return picture.to_pil().convert("RGB")


def _scale(size: tuple[int, int], dots: float) -> float:
    """Dots for a point: fewer where a page is large."""
    return min(dots / 72, math.sqrt(MOST_DOTS / (size[0] * size[1] / 100)))


def shown(picture: Image.Image) -> tuple[bytes, str]:
    """A picture for the screen, and its type."""
    out = io.BytesIO()
    if _grey(picture):
        _sixteen(picture).save(out, "PNG", bits=4, optimize=False)
        if out.tell() < 400_000:
            return out.getvalue(), "image/png"
        out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue(), "image/jpeg"


def _grey(picture: Image.Image) -> bool:
    """Whether a page has no colour worth keeping; a red seal has."""
    small = picture.reduce(3)
    red, green, blue = small.split()
    most = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    coloured = sum(most.histogram()[_COLOURED:])
    return coloured <= small.width * small.height / 20000


def _sixteen(picture: Image.Image) -> Image.Image:
    """A picture in sixteen greys, whose index is the grey."""
    levels = picture.convert("L").point([round(value / 17) for value in range(256)])
    ramp = Image.frombytes("P", levels.size, levels.tobytes())
    ramp.putpalette([grey * 17 for grey in range(16) for _ in range(3)])
    return ramp


# --- covering ---------------------------------------------------------------------------------------------------------


def in_dots(box: Box, size: tuple[int, int], picture: Image.Image) -> Box:
    """A box on a page as dots of its picture, with a margin; never empty."""
    across, down = picture.width / size[0], picture.height / size[1]
    left, top = math.floor(box[0] * across) - _MARGIN, math.floor(box[1] * down) - _MARGIN
    right, bottom = math.ceil(box[2] * across) + _MARGIN, math.ceil(box[3] * down) + _MARGIN
    return max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)


def cover(picture: Image.Image, boxes: list[tuple[Box, str]], font: tuple[str, int] | None) -> None:
    """Paint every box black, then write its ground on it where it has room."""
    pen = ImageDraw.Draw(picture)
    for box, _ in boxes:
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=(0, 0, 0))
    for box, label in boxes:
        _write(pen, box, label, font, picture.width)


def _write(pen: ImageDraw.ImageDraw, box: Box, label: str, font: tuple[str, int] | None, across: int) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    size = min(round(height * 0.62), round(across / 62))
    while label and size >= 9:
        face: Any = ImageFont.truetype(font[0], size, index=font[1]) if font else ImageFont.load_default(size)
        words = label if font else label.encode("ascii", "ignore").decode()
        left, top, right, bottom = face.getbbox(words)
        if words and right - left <= width - 6:
            place = (box[0] + (width - right + left) / 2 - left, box[1] + (height - bottom + top) / 2 - top)
            pen.text(place, words, font=face, fill=(255, 255, 255))
            return
        size -= 1 if size < 14 else 3


def _stream(head: str, data: bytes) -> bytes:
    return f"<<{head}/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream"


def _image(picture: Image.Image, space: str, bits: int, code: str, data: bytes) -> bytes:
    head = (
        f"/Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}"
        f"/ColorSpace{space}/BitsPerComponent {bits}{code}"
    )
    return _stream(head, data)


def _packed(ramp: Image.Image, bits: int, colours: str) -> bytes:
    """A picture with few colours: the compressed rows of a PNG stand in a PDF as they are."""
    out = io.BytesIO()
    ramp.save(out, "PNG", bits=bits, compress_level=6)
    data, at, rows = out.getvalue(), 8, b""
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            rows += data[at + 8 : at + 8 + length]
        at += length + 12
    code = f"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1/BitsPerComponent {bits}/Columns {ramp.width}>>"
    return _image(ramp, colours, bits, code, rows)


def _lossy(picture: Image.Image, quality: int, scale: float) -> bytes:
    if scale < 1:
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    space = "/DeviceGray" if picture.mode == "L" else "/DeviceRGB"
    return _image(picture, space, 8, "/Filter/DCTDecode", out.getvalue())


def encoded(picture: Image.Image) -> bytes:
    """A picture as an object of a PDF: the smaller of few colours kept exactly and many kept roughly, at most MOST_BYTES."""
    grey = _grey(picture)
    plain = picture.convert("L") if grey else picture
    if grey:
        best = _packed(_sixteen(picture), 4, "/DeviceGray")
    else:
        few = picture.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette = bytes(few.getpalette() or b"").ljust(768, b"\0")[:768]
        best = _packed(few, 8, f"[/Indexed/DeviceRGB 255<{palette.hex()}>]")
    if len(best) > _SMALL:
        best = min(best, _lossy(plain, 80, 1), key=len)
    for quality, scale in _QUALITIES:
        if len(best) <= MOST_BYTES:
            break
        best = _lossy(plain, quality, scale)
    return best


def written(pages: list[tuple[int, int, bytes]]) -> bytes:
    """A PDF of nothing but pictures: no words, no properties, no date. Pages are width, height and picture."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    kids = []
    for width, height, image in pages:
        first = len(objects) + 1
        kids.append(f"{first} 0 R")
        wide, high = f"{width / 10:g}", f"{height / 10:g}"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {wide} {high}]/Resources<</XObject<</P {first + 2} 0 R>>>>"
            f"/Contents {first + 1} 0 R>>".encode()
        )
        objects.append(_stream("", f"q {wide} 0 0 {high} 0 0 cm /P Do Q".encode()))
        objects.append(image)
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>".encode()
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010d} 00000 n \n".encode() for place in places))
    out.write(f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def _boxes(order: dict[str, Any], number: int, size: tuple[int, int], picture: Image.Image) -> list[tuple[Box, str]]:
    marks = order["marks"].get(str(number), [])
    return [(in_dots((mark[0], mark[1], mark[2], mark[3]), size, picture), mark[4]) for mark in marks]


def _font(order: dict[str, Any]) -> tuple[str, int] | None:
    return (order["font"][0], order["font"][1]) if order.get("font") else None


def make(document: pdfium.PdfDocument, order: dict[str, Any]) -> bytes:
    """The masked file: every page a picture with its boxes painted over it."""
    pages = []
    for index in range(len(document)):
        page = document[index]
        size = size_of(page)
        picture = drawn(page, order["dots"])
        page.close()
        cover(picture, _boxes(order, index + 1, size, picture), _font(order))
        pages.append((*size, encoded(picture)))
        _tell(index + 1, len(document))
    return written(pages)


# --- proving ----------------------------------------------------------------------------------------------------------


def prove(data: bytes, document: pdfium.PdfDocument, order: dict[str, Any]) -> dict[str, int]:
    """Look at a made file as a stranger would. Raises Fault: not_proved:<what> for anything that should not be."""
    if len(document) != order["most"]:
        raise Fault("not_proved:pages")
    bare = re.sub(rb"stream\n.*?\nendstream", b"", data, flags=re.DOTALL)
    if _FORBIDDEN.search(bare) or any(document.get_metadata_dict().values()):
        raise Fault("not_proved:properties")
    boxes = 0
    for index in range(len(document)):
        page = document[index]
        if page.get_textpage().count_chars() or raw.FPDFPage_GetAnnotCount(page):
            raise Fault("not_proved:text")
        things = list(page.get_objects())
        if [thing.type for thing in things] != [raw.FPDF_PAGEOBJ_IMAGE]:
            raise Fault("not_proved:objects")
        picture = things[0].get_bitmap(render=False).to_pil().convert("L")
        boxes += _solid(picture, size_of(page), order, index + 1)
        _tell(index + 1, len(document))
    return {"pages": len(document), "boxes": boxes, "bytes": len(data)}


def _solid(picture: Image.Image, size: tuple[int, int], order: dict[str, Any], number: int) -> int:
    """How many boxes of a page hold what was painted and nothing else."""
    marks = order["marks"].get(str(number), [])
    if not marks:
        return 0
    # What was painted, once more on an empty page, at the size it was painted in.
    empty = Image.new("RGB", _painted_size(size, order["dots"], picture), (128, 128, 128))
    boxes = _boxes(order, number, size, empty)
    cover(empty, boxes, _font(order))
    expected = empty.convert("L")
    across, down = picture.width / empty.width, picture.height / empty.height
    if expected.size != picture.size:
        expected = expected.resize(picture.size)
    for box, _ in boxes:
        inner = (
            math.ceil(box[0] * across) + 3,
            math.ceil(box[1] * down) + 3,
            math.floor(box[2] * across) - 3,
            math.floor(box[3] * down) - 3,
        )
        area = max(0, inner[2] - inner[0]) * max(0, inner[3] - inner[1])
        if not area:
            continue
        apart = ImageChops.difference(picture.crop(inner), expected.crop(inner)).histogram()
        if sum(value * count for value, count in enumerate(apart)) > 20 * area or sum(apart[150:]) > 0.02 * area:
            raise Fault("not_proved:boxes")
    return len(boxes)


def _painted_size(size: tuple[int, int], dots: float, picture: Image.Image) -> tuple[int, int]:
    """How many dots a page had when its boxes were painted; a very full page was made smaller afterwards."""
    scale = _scale(size, dots)
    wide, high = max(1, round(size[0] / 10 * scale)), max(1, round(size[1] / 10 * scale))
    near = abs(wide - picture.width) <= 2 and abs(high - picture.height) <= 2
    return picture.size if near else (wide, high)


# --- the process ------------------------------------------------------------------------------------------------------


def answer(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Do what was ordered."""
    document = opened(data, order["most"])
    if order["task"] == "read":
        return {"pages": read(document)}, b""
    if order["task"] == "count":
        return {"count": len(document)}, b""
    if order["task"] == "draw":
        if not 1 <= order["page"] <= len(document):
            raise Fault("no_page")
        content, kind = shown(drawn(document[order["page"] - 1], order["dots"]))
        return {"type": kind}, content
    if order["task"] == "make":
        return {}, make(document, order)
    return prove(data, document, order), b""


def main() -> None:
    """Read the order, answer it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head = sys.stdin.buffer.readline()
    order = json.loads(head)
    data = sys.stdin.buffer.read()
    content = b""
    try:
        said, content = answer(order, data)
    except Fault as fault:
        said = {"error": str(fault)}
    except MemoryError:
        said = {"error": "too_large"}
    except (pdfium.PdfiumError, OSError, ValueError, zlib.error):
        said = {"error": "damaged"}
    sys.stdout.buffer.write(json.dumps(said, ensure_ascii=False).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
