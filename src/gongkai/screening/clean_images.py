"""Pictures without what they carry besides the picture; the picture itself stays as it was, byte for byte where it can."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO

from PIL import Image

from gongkai.reading.blocks import ReadingError
from gongkai.screening.images import open_picture, picture_properties

_DAMAGED = "图片已损坏，清理不了。请用看图软件打开并另存后再上传。"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs acTL fcTL fdAT cICP mDCV cLLI".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))


def strip_picture(data: bytes) -> tuple[bytes, bool]:
    """A picture without EXIF, position, comments, XMP and appended data, and whether anything was removed.

    Other kinds than JPEG, PNG, GIF and WebP stay as they are. Raises `ReadingError("damaged")`.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            stripped = _jpeg(data)
        elif data.startswith(b"\x89PNG\r\n\x1a\n"):
            stripped = _png(data)
        elif data.startswith((b"GIF87a", b"GIF89a")):
            stripped = _gif(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            stripped = _webp(data)
        else:
            return data, False
    except (IndexError, struct.error, ValueError) as error:
        raise ReadingError("damaged", _DAMAGED) from error
    return stripped, stripped != data


def clean_picture(data: bytes) -> tuple[bytes, list[str]]:
    """A cleaned picture that was proved to open in the same size. Raises `ReadingError`."""
    before = open_picture(data)
    form, size = before.format or "", before.size
    removed = sorted({part.place.removeprefix("图片") for part in picture_properties(data)})
    cleaned = strip_picture(data)[0] if form in ("JPEG", "PNG", "GIF", "WEBP", "MPO") else _written_anew(before, form)
    after = open_picture(cleaned)
    try:
        after.load()
    except Exception as error:
        raise ReadingError("damaged", _DAMAGED) from error
    if after.size != size or list(picture_properties(cleaned)):
        raise ReadingError("damaged", "图片里的拍摄信息没有清理干净。请用看图软件另存为 JPG 或 PNG 后再上传。")
    return cleaned, removed


def _written_anew(picture: Image.Image, form: str) -> bytes:
    """TIFF and BMP: the pixels of every page in a new file."""
    if form not in ("TIFF", "BMP"):
        raise ReadingError("unsupported", "这种图片清理不了。请用看图软件另存为 JPG 或 PNG 后再上传。")
    output = BytesIO()
    try:
        pages: list[Image.Image] = []
        for number in range(min(getattr(picture, "n_frames", 1), 1000)):
            picture.seek(number)
            page = Image.new(picture.mode, picture.size)
            page.paste(picture)
            if picture.mode == "P" and (palette := picture.getpalette()):
                page.putpalette(palette)
            pages.append(page)
        if form == "BMP":
            pages[0].save(output, "BMP")
        else:
            way = picture.info.get("compression", "tiff_lzw")
            way = (
                way if way in ("group3", "group4", "jpeg", "tiff_lzw", "tiff_adobe_deflate", "packbits") else "tiff_lzw"
            )
            pages[0].save(output, "TIFF", save_all=True, append_images=pages[1:], compression=way)
    except Exception as error:
        raise ReadingError("damaged", _DAMAGED) from error
    return output.getvalue()


def _jpeg(data: bytes) -> bytes:
    pieces = [b"\xff\xd8"]
    turned = _orientation(data)
    if turned:
        pieces.append(turned)
    place = 2
    while place < len(data):
        if data[place] != 0xFF:
            raise ValueError
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == 0xD9:
            pieces.append(b"\xff\xd9")
            break
        end = place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        if marker == 0xDA:
            end = _after_scan(data, end)
        if _wanted(marker, data[place + 4 : place + 20]):
            pieces.append(data[place:end])
        place = end
    return b"".join(pieces)


def _wanted(marker: int, start: bytes) -> bool:
    if 0xE0 <= marker <= 0xEF:
        return (
            (marker == 0xE0 and start.startswith(b"JFIF\x00"))
            or (marker == 0xE2 and start.startswith(b"ICC_PROFILE\x00"))
            or (marker == 0xEE and start.startswith(b"Adobe"))
        )
    return marker != 0xFE


def _after_scan(data: bytes, place: int) -> int:
    """Where the packed data of a scan ends: at the next marker that is neither stuffing nor a restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            return len(data)
        if data[place + 1] == 0 or 0xD0 <= data[place + 1] <= 0xD7:
            place += 2
        else:
            return place


def _orientation(data: bytes) -> bytes:
    """An EXIF block that says nothing but which way is up, where the picture needs one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = Image.open(BytesIO(data)).getexif().get(0x0112, 1)
    except Exception:  # broken EXIF goes
        return b""
    if value not in range(2, 9):
        return b""
    body = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01" + struct.pack(
        ">HHI", value, 0, 0
    )
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(data: bytes) -> bytes:
    pieces = [data[:8]]
    place = 8
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if kind in _PNG_KEPT:
            pieces.append(data[place:end])
        if kind == b"IEND":
            break
        place = end
    return b"".join(pieces)


def _gif(data: bytes) -> bytes:
    flags = data[10]
    place = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    pieces = [data[:place]]
    while place < len(data):
        start = place
        if data[place] == 0x3B:
            break
        if data[place] == 0x21:
            label = data[place + 1]
            wanted = label == 0xF9 or (
                label == 0xFF and data[place + 3 : place + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0")
            )
            place += 2
        elif data[place] == 0x2C:
            wanted = True
            flags = data[place + 9]
            place += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
        else:
            raise ValueError
        while data[place]:
            place += 1 + data[place]
        place += 1
        if wanted:
            pieces.append(data[start:place])
    return b"".join((*pieces, b"\x3b"))


def _webp(data: bytes) -> bytes:
    pieces: list[bytes] = []
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack("<4sI", data[place : place + 8])
        end = place + 8 + length + (length & 1)
        if kind in _WEBP_KEPT:
            chunk = data[place:end]
            if kind == b"VP8X":  # flags: EXIF 8, XMP 4
                chunk = chunk[:8] + bytes((chunk[8] & ~0x0C,)) + chunk[9:]
            pieces.append(chunk)
        place = end
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(body)) + body
