"""The public copy of a file: what nobody sees is taken away, and the copy is proved before anybody gets it.

The original bytes are never touched; what cannot be cleaned or proved is not released.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from lxml import etree

from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import DEFAULT, Limits
from gongkai.screening.extract import extract_into, form_of, guarded, members
from gongkai.screening.package import remove
from gongkai.screening.parts import Part, Unreadable
from gongkai.screening.work import DEEPEST, Work, local

_GROWTH = 1.5
_SLACK = 8 * 1024  # a tiny file may grow by what every file of its kind must have
_PLAIN_ENDINGS = {
    "docm": "docx",
    "dotx": "docx",
    "dotm": "docx",
    "xlsm": "xlsx",
    "xltx": "xlsx",
    "xltm": "xlsx",
    "pptm": "pptx",
    "potx": "pptx",
    "ppsx": "pptx",
    "ppsm": "pptx",
}
_UNTOUCHED = "原件没有改动，也不会公开。"
_NOT_CLEAN = f"文件清理后仍有看不见的内容，没有生成公开版本。{_UNTOUCHED}请另存为 PDF，或把正文复制到新文件后再上传。"
_CHANGED = f"文件清理后正文与原件不一致，没有生成公开版本。{_UNTOUCHED}请用 Word 或 WPS 打开并另存后再上传。"
_NOT_OPENING = f"文件清理后打不开，没有生成公开版本。{_UNTOUCHED}请用 Word 或 WPS 打开并另存后再上传。"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A public copy: its bytes, its name, and what was removed, in words for the clerk."""

    data: bytes
    name: str
    removed: list[str]


def clean_copy(data: bytes, name: str, *, limits: Limits = DEFAULT) -> Cleaned:
    """A copy without properties, remarks, tracked changes, hidden content, caches, macros and position data.

    The copy was opened again, its seen text is equal to the original's, nothing unseen is left in it, and it is at most
    half as large again. Raises `Unreadable` with what to do, and nothing else; the original may then not be released.
    """
    work = Work.within(limits)

    def run() -> Cleaned:
        work.watch.check_input(len(data))
        cleaned = _clean(data, name, work)
        if len(cleaned.data) > _GROWTH * len(data) + _SLACK:
            raise Unreadable(
                "grown", f"文件清理后反而大了很多，没有生成公开版本。{_UNTOUCHED}请压缩其中的图片后再上传。"
            )
        return cleaned

    return guarded(run)


def _clean(data: bytes, name: str, work: Work) -> Cleaned:
    form = form_of(data, name)
    if form == "text" and not any(part.place == "整个文件" for part in extract_into(data, name, work)):
        return Cleaned(data, name, [])
    if form == "zip":
        return _zip(data, name, work)
    if form == "image":
        from gongkai.screening.clean_images import clean_picture

        cleaned, removed = clean_picture(data)
        return Cleaned(cleaned, name, removed)
    doing = _WAYS.get(form)
    if doing is None:
        raise Unreadable(
            "unsupported",
            f"这种文件（.{PurePath(name).suffix.lstrip('.')}）清理不了。{_UNTOUCHED}请另存为 Word、Excel 或 PDF 后再上传。",
        )
    before = extract_into(data, name, work)
    cleaned, removed = doing(data, work)
    _prove(form, before, cleaned, name, work)
    return Cleaned(cleaned, _plain_name(name), removed)


def _office(data: bytes, work: Work) -> tuple[bytes, list[str]]:
    from gongkai.screening import clean_office

    archive = work.open(data)
    way = {"docx": clean_office.clean_docx, "xlsx": clean_office.clean_xlsx, "pptx": clean_office.clean_pptx}
    return way[form_of(data, "")](archive, work)


def _pdf(data: bytes, work: Work) -> tuple[bytes, list[str]]:
    from gongkai.screening.pdf import ask

    answer, cleaned = ask("clean", data, work)
    return cleaned, answer["removed"]


def _html(data: bytes, work: Work) -> tuple[bytes, list[str]]:
    from gongkai.screening.web import is_hidden, page_tree

    root = page_tree(data)
    removed: dict[str, None] = {}
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            remove(element)
            removed["网页注释"] = None
        elif element.tag in ("script", "template", "noscript", "object", "embed", "iframe"):
            remove(element)
            removed["网页脚本和嵌入内容"] = None
        elif is_hidden(element):
            remove(element)
            removed["网页隐藏元素"] = None
        elif element.tag == "meta" and element.get("name"):
            remove(element)
            removed["网页属性"] = None
        else:
            for key in [str(key) for key in element.attrib if str(key).lower().startswith("on")]:
                del element.attrib[key]
    for element in list(root.iter("style")):
        remove(element)
    for meta in list(root.iter("meta")):
        if meta.get("charset") or "charset" in (meta.get("content") or ""):
            remove(meta)
    page = etree.tostring(root, method="html", encoding="utf-8", doctype="<!doctype html>")
    return page.replace(b"<head>", b'<head><meta charset="utf-8">', 1), list(removed)


def _ofd(data: bytes, work: Work) -> tuple[bytes, list[str]]:
    from gongkai.reading.archive import parse_xml
    from gongkai.screening.ofd import is_signed

    archive = work.open(data)
    if is_signed(archive):
        raise Unreadable("signed", f"OFD 文件带有签章，清理会使签章失效。{_UNTOUCHED}请另存为 PDF 后再上传。")
    removed: dict[str, None] = {}
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as result:
        for name in sorted(archive.names, key=lambda name: (name != "OFD.xml", name)):
            low = name.lower()
            if name.endswith("/") or "/attach" in low or "/annot" in low:
                removed["附件和批注"] = None
                continue
            content = archive.read(name)
            if low.endswith(".xml"):
                root = parse_xml(content)
                if _strip_ofd(root):
                    removed["文档属性"] = None
                    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(entry, content)
    return output.getvalue(), list(removed)


def _strip_ofd(root: etree._Element) -> bool:
    unwanted = [
        element
        for element in root.iter("{*}DocInfo", "{*}Attachments", "{*}Annotations", "{*}CustomTags", "{*}TextObject")
        if local(element) != "TextObject" or element.get("Visible") == "false"
    ]
    for element in unwanted:
        if local(element) == "DocInfo":
            for child in list(element):
                if local(child) != "DocID":
                    element.remove(child)
        else:
            remove(element)
    return bool(unwanted)


_WAYS: dict[str, Callable[[bytes, Work], tuple[bytes, list[str]]]] = {
    "docx": _office,
    "xlsx": _office,
    "pptx": _office,
    "pdf": _pdf,
    "html": _html,
    "ofd": _ofd,
}


def _zip(data: bytes, name: str, work: Work) -> Cleaned:
    """Every file in the archive cleaned; one that cannot be cleaned stops the whole."""
    if work.depth >= DEEPEST:
        raise Unreadable("unsafe", f"压缩包嵌套太深，清理不了。{_UNTOUCHED}请解压后逐个上传。")
    archive = work.open(data)
    work.depth += 1
    removed: list[str] = []
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as result:
        for stored, shown in members(data):
            if stored.endswith("/"):
                continue
            content = archive.read(stored)
            work.spend(len(content))
            inner = _inside(content, shown, work)
            entry = zipfile.ZipInfo(str(PurePath(shown).with_name(PurePath(inner.name).name)), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(entry, inner.data)
            removed += [f"{shown}：{item}" for item in inner.removed]
    work.depth -= 1
    return Cleaned(output.getvalue(), name, removed)


def _inside(content: bytes, shown: str, work: Work) -> Cleaned:
    try:
        return _clean(content, shown, work)
    except (ReadingError, Unreadable) as error:
        raise Unreadable(error.code, f"压缩包里的“{shown}”：{error.message}") from error


def _plain_name(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}{dot}{_PLAIN_ENDINGS.get(ending.lower(), ending)}"


# Proof


def _prove(form: str, before: list[Part], cleaned: bytes, name: str, work: Work) -> None:
    """Raise `Unreadable` unless the copy opens, shows the same words, and hides none."""
    covered = next((part for part in before if part.kind == "covered"), None)
    if covered:
        raise Unreadable(
            "covered",
            f"{covered.place}：用色块盖住的文字仍能复制出来。{_UNTOUCHED}请在原稿里删掉这些文字，再重新生成文件。",
        )
    try:
        _open_again(form, cleaned)
    except ReadingError:
        raise
    except Exception as error:
        raise Unreadable("changed", _NOT_OPENING) from error
    after = extract_into(cleaned, name, work)
    pictured = any(part.place == "文中图片" for part in after)
    for part in after:
        # The layer of recognised words behind a scanned page is the page's own text.
        if part.unseen and part.text.strip() and not (form == "pdf" and part.kind == "hidden" and pictured):
            raise Unreadable("changed", f"{part.place}：{_NOT_CLEAN}")
    if _seen(before) != _seen(after):
        raise Unreadable("changed", _CHANGED)


_BESIDE = ("链接地址", "图片替代文字", "提示或替代文字", "文中图片", "输入框")


def _seen(parts: list[Part]) -> str:
    """All that a reader sees, without blanks: paragraphs may join when deleted ends of paragraphs are accepted."""
    return "".join(
        "".join(part.text.split())
        for part in parts
        if part.kind in ("body", "margin") and not part.place.endswith(_BESIDE)
    )


def _open_again(form: str, cleaned: bytes) -> None:
    if form == "docx":
        import docx

        docx.Document(BytesIO(cleaned))
    elif form == "xlsx":
        import openpyxl

        openpyxl.load_workbook(BytesIO(cleaned)).close()
    elif form == "pdf":
        from pypdf import PdfReader

        len(PdfReader(BytesIO(cleaned)).pages)
