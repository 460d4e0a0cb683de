"""Every piece of text inside a file, with its place in words a clerk understands."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import DEFAULT, Limits
from gongkai.reading.recognise import recognise
from gongkai.reading.text import decode, fold
from gongkai.screening.parts import Part, Unreadable
from gongkai.screening.work import DEEPEST, Work

_Result = TypeVar("_Result")
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_IMAGE_ENDINGS = frozenset(["png", "jpg", "jpeg", "jpe", "gif", "bmp", "tif", "tiff", "webp"])
_OLD = {
    "doc": "Word（.docx）",
    "wps": "Word（.docx）",
    "rtf": "Word（.docx）",
    "odt": "Word（.docx）",
    "xls": "Excel（.xlsx）",
    "et": "Excel（.xlsx）",
    "ods": "Excel（.xlsx）",
    "xlsb": "Excel（.xlsx）",
    "ppt": "演示文稿（.pptx）",
    "dps": "演示文稿（.pptx）",
    "odp": "演示文稿（.pptx）",
}
_CONTROLS = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"[0-9]{5}|^[0-9.,%-]+$")
_DAMAGED = "文件内容有损坏，检查不下去。请用 Word、WPS 或 PDF 阅读器打开并重新保存后再上传。"


def extract(data: bytes, name: str, *, limits: Limits = DEFAULT) -> list[Part]:
    """All text inside a file, seen and unseen; what no machine can read is a part of kind "unchecked".

    The content decides on the format, the name only where the content says nothing.
    Raises `Unreadable` (encrypted, damaged, unsafe, too_large, too_slow, empty), and nothing else.
    """
    work = Work.within(limits)

    def run() -> list[Part]:
        work.watch.check_input(len(data))
        stem = PurePath(name.replace("\\", "/")).name
        parts = [Part("文件名", stem, "margin"), *extract_into(data, name, work)]
        return [part for part in parts if part.text.strip()]

    return guarded(run)


def guarded(run: Callable[[], _Result]) -> _Result:
    """Do work on a stranger's file; whatever goes wrong is `Unreadable`."""
    try:
        return run()
    except Unreadable:
        raise
    except ReadingError as error:
        raise Unreadable(error.code, error.message) from error
    except MemoryError as error:
        raise Unreadable("too_large", "文件太大，检查不完。请拆成几个较小的文件后再上传。") from error
    except RecursionError as error:
        raise Unreadable("unsafe", "文件嵌套的层次过深，可能有害，没有打开。请另存后再上传。") from error
    except Exception as error:  # a stranger's file may break any library in any way
        raise Unreadable("damaged", _DAMAGED) from error


def extract_into(data: bytes, name: str, work: Work) -> list[Part]:
    """The parts of a file that may itself lie inside another. Raises `ReadingError`, `Unreadable`."""
    form = form_of(data, name)
    if form in ("docx", "xlsx", "pptx", "ofd"):
        return _package(data, form, work)
    if form == "zip":
        return _zip(data, work)
    if form == "pdf":
        from gongkai.screening.pdf import pdf_parts

        return pdf_parts(data, work)
    if form in ("html", "mhtml"):
        from gongkai.screening.web import html_parts, mhtml_parts

        return html_parts(data) if form == "html" else mhtml_parts(data)
    if form == "image":
        from gongkai.screening.images import image_parts

        return image_parts(data)
    if form in _OLD:
        return _old(data, form, work)
    if form == "text":
        try:
            return _text(data, name)
        except ReadingError as error:
            if error.code != "unsupported":
                raise
    return [_unknown()]


def form_of(data: bytes, name: str) -> str:
    """The format of a file: docx, xlsx, pptx, ofd, pdf, html, mhtml, image, zip, text, an old office format, unknown.

    Raises `ReadingError`: empty, encrypted, damaged.
    """
    ending = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _package_form(data)
    if _is_image(data) or (ending in _IMAGE_ENDINGS and b"\x00" in data[:64]):
        return "image"
    if data.startswith(b"\xd0\xcf\x11\xe0") and ending in ("ppt", "dps"):
        return ending
    try:
        return recognise(data, name)
    except ReadingError as error:
        if error.code in ("unsupported", "scan"):
            return "unknown"
        raise


def _is_image(data: bytes) -> bool:
    return (data.startswith(_IMAGES) and b"\x00" in data[:4096]) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def _package_form(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ReadingError("damaged", "文件已损坏或没有传完整，打不开。请重新下载或另存后再上传。") from error
    if "[Content_Types].xml" in names:
        for folder, form in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return "xlsb" if "xl/workbook.bin" in names else form
    if "OFD.xml" in names:
        return "ofd"
    if "mimetype" in names:
        return _open_document(data) or "zip"
    return "zip"


def _open_document(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("mimetype") as member:
        kind = member.read(100).decode("ascii", "replace")
    endings = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
    return endings.get(kind.strip().rpartition(".")[2], "")


def _package(data: bytes, form: str, work: Work) -> list[Part]:
    archive = work.open(data)
    if form == "docx":
        from gongkai.screening.word import docx_parts

        return docx_parts(archive, work)
    if form == "xlsx":
        from gongkai.screening.sheets import xlsx_parts

        return xlsx_parts(archive, work)
    if form == "pptx":
        from gongkai.screening.slides import pptx_parts

        return pptx_parts(archive, work)
    from gongkai.screening.ofd import ofd_parts

    return ofd_parts(archive, work)


def nested(data: bytes, name: str, place: str, work: Work) -> list[Part]:
    """The parts of a file inside another; a file that cannot be read becomes a part that says so."""
    if work.depth >= DEEPEST:
        return [Part(place, "这里的文件嵌套太深，没有检查。请取出来单独上传。", "unchecked")]
    work.depth += 1
    try:
        inside = guarded(lambda: _counted(data, name, work))
    except Unreadable as error:
        if error.code == "too_slow":
            raise
        return [Part(place, error.message, "unchecked")]
    finally:
        work.depth -= 1
    return [
        Part(f"{place} {part.place}", part.text, part.kind, part.heading, f"{place} {part.row}" if part.row else "")
        for part in inside
    ]


def _counted(data: bytes, name: str, work: Work) -> list[Part]:
    work.spend(len(data))
    return extract_into(data, name, work)


def _zip(data: bytes, work: Work) -> list[Part]:
    archive = work.open(data)
    parts: list[Part] = []
    for name, shown in members(data):
        parts.append(Part("压缩包内文件名", shown, "margin"))
        if name.endswith("/"):
            continue
        try:
            content = archive.read(name)
        except ReadingError as error:
            if error.code == "too_slow":
                raise
            parts.append(Part(f"压缩包内 {shown}", error.message, "unchecked"))
        else:
            parts += nested(content, shown, f"压缩包内 {shown}", work)
    if not parts:
        raise ReadingError("empty", "压缩包是空的。请检查是否选错了文件。")
    return parts


def members(data: bytes) -> list[tuple[str, str]]:
    """The names in a zip file as they are stored and as they are meant: old packers write GB 18030."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            shown = entry.filename
            if not entry.flag_bits & 0x800:
                try:
                    shown = entry.filename.encode("cp437").decode("gb18030")
                except UnicodeError:
                    shown = entry.filename
            found.append((entry.filename, _CONTROLS.sub("\ufffd", shown)))
    return found


def _old(data: bytes, form: str, work: Work) -> list[Part]:
    target = {"Word（.docx）": "docx", "Excel（.xlsx）": "xlsx"}.get(_OLD[form], "")
    sentence = f"这是旧格式文件（.{form}），藏着的内容检查不到。请用 Word 或 WPS 另存为 {_OLD[form]} 后重新上传。"
    unchecked = [Part("整个文件", sentence, "unchecked")]
    if not target:
        return unchecked
    from gongkai.reading.office import convert

    try:
        converted = convert(data, form, target, work.watch)
    except ReadingError as error:
        if error.code == "unsupported":
            return unchecked
        raise
    return [*_package(converted, target, work), *unchecked]


def _text(data: bytes, name: str) -> list[Part]:
    text, warnings = decode(data)
    text = fold(text)
    notes = [Part("文件编码", warning, "unchecked") for warning in warnings]
    if name.lower().endswith((".csv", ".tsv")):
        return _csv(text, "\t" if name.lower().endswith(".tsv") else ",") + notes
    return [Part(f"第{n}行", line) for n, line in enumerate(text.split("\n"), 1) if line.strip()] + notes


def _csv(text: str, separator: str) -> list[Part]:
    parts: list[Part] = []
    headings: list[str] = []
    for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
        if not headings:
            headings = header_of(cells)
        own = [] if headings == cells else headings
        for column, cell in enumerate(cells):
            if cell.strip():
                heading = own[column] if column < len(own) else ""
                parts.append(Part(f"第{number}行第{column + 1}列", cell, heading=heading, row=str(number)))
    return parts


def header_of(cells: list[str]) -> list[str]:
    """The cells where they look like the headings of a table (several short words, no long numbers), else nothing."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2 or any(len(cell) > 20 or _LONG_NUMBER.search(cell) for cell in filled):
        return []
    return [" ".join(cell.split()) for cell in cells]


def _unknown() -> Part:
    sentence = "这种文件机器读不了，里面的内容没有检查。请人工查看，或转成 Word、Excel、PDF、图片等常用格式后再上传。"
    return Part("整个文件", sentence, "unchecked")
