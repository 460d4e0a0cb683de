"""Say what a file is, by what stands in it first and by its name last."""

from __future__ import annotations

import codecs
import re
from io import BytesIO
from pathlib import PurePath

from gongkai.reading.blocks import ReadingError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_HEAD = 4096
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|meta)\b", re.I | re.S
)
_INNER_HTML = re.compile(rb"<(?:html|body|table|div|p|td)\b[^>]*>", re.I)
_OLD = frozenset(("doc", "wps", "rtf", "odt", "xls", "et", "ods"))
_PACKAGES = {"docm": "docx", "dotx": "docx", "docx": "docx", "xlsm": "xlsx", "xltx": "xlsx", "xlsx": "xlsx"}
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}

SCAN = "这是图片或扫描件，没有可以读取的文字。请先做文字识别（OCR），或找到可编辑的原稿（Word、网页、文本）再上传。"
ENCRYPTED = "文件设有密码，打不开。请用 Word 或 WPS 打开，取消密码后另存，再上传。"
_UNSUPPORTED = "不支持这种文件。请上传 Word（.docx）、Excel（.xlsx）、PDF、网页（.html）或文本（.txt）文件。"
_BROKEN = "文件已损坏或没有传完整，打不开。请重新下载或另存后再上传。"


def recognise(data: bytes, name: str) -> str:
    """The format of a file: docx, xlsx, pdf, html, mhtml, text, or an old office format by its ending.

    Raises `ReadingError`: empty, scan (images), encrypted, unsupported, damaged.
    """
    ending = PurePath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    head = data[:_HEAD]
    if not data:
        raise ReadingError("empty", "文件是空的。请检查是否选错了文件，或重新下载后再上传。")
    if head.startswith(b"PK"):
        return _zip(data)
    if head.startswith(_OLE):
        return _ole(data, ending)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    _refuse(head)
    return _words(head, ending)


def _refuse(head: bytes) -> None:
    if (head.startswith(_IMAGES) and b"\x00" in head) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise ReadingError("scan", SCAN)
    if head.startswith(_PACKED):
        raise ReadingError("unsupported", "这是压缩包。请解压后逐个上传其中的文件。")


def _words(head: bytes, ending: str) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode()
    head = head.removeprefix(codecs.BOM_UTF8)
    if re.match(rb"\s*MIME-Version:|From: .*(?:\r?\n.*)*?\r?\nMIME-Version:", head, re.I):
        return "mhtml"
    if b'progid="Word.Document"' in head:
        return "doc"
    if _HTML.match(head) or (ending in ("html", "htm", "shtml", "xhtml", "jhtml") and _INNER_HTML.search(head)):
        return "html"
    if ending in _PACKAGES or ending in _OLD or ending == "pdf":
        if _INNER_HTML.search(head):
            return "html"
        raise ReadingError("damaged", _BROKEN)
    return "text"


def _zip(data: bytes) -> str:
    import zipfile  # kept away from those who read plain text

    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
            kind = archive.open("mimetype").read(100).strip() if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise ReadingError("damaged", _BROKEN) from error
    if kind in _OPEN_DOCUMENTS:
        return _OPEN_DOCUMENTS[kind]
    if any(name.startswith("word/") for name in names):
        return "docx"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "OFD.xml" in names:
        raise ReadingError("unsupported", "暂时不能读 OFD 文件。请用 OFD 阅读器另存为 PDF，或上传 Word 原稿。")
    if any(name.startswith("ppt/") for name in names):
        raise ReadingError("unsupported", _UNSUPPORTED)
    raise ReadingError("unsupported", "这是压缩包。请解压后逐个上传其中的文件。")


def _ole(data: bytes, ending: str) -> str:
    if _holds(data, "EncryptedPackage"):
        raise ReadingError("encrypted", ENCRYPTED)
    if _holds(data, "WordDocument"):
        return ending if ending in ("doc", "wps") else "doc"
    if _holds(data, "Workbook") or _holds(data, "Book"):
        return ending if ending in ("xls", "et") else "xls"
    if ending in _OLD:
        return ending
    raise ReadingError("unsupported", _UNSUPPORTED)


def _holds(data: bytes, stream: str) -> bool:
    """Whether a compound file has a stream of this name; names end with a zero."""
    return (stream + "\0").encode("utf-16-le") in data
