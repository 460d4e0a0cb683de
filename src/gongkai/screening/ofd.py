"""The text inside OFD files (GB/T 33190: a zip of XML)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from gongkai.reading.archive import Archive, parse_xml
from gongkai.screening.parts import Part
from gongkai.screening.properties import attached_parts
from gongkai.screening.work import Work, local

_PAGE = re.compile(r"Page_([0-9]{1,6})/Content\.xml$", re.I)


def ofd_parts(archive: Archive, work: Work) -> list[Part]:
    """The parts of an OFD file. Raises `ReadingError`."""
    return [*_parts(archive, work), *attached_parts(archive, work)]


def _parts(archive: Archive, work: Work) -> Iterator[Part]:
    from gongkai.screening.extract import nested

    pictures = 0
    for name in sorted(archive.names):
        work.watch.check()
        base = posixpath.basename(name).lower()
        if base == "ofd.xml":
            for element in parse_xml(archive.read(name)).iter("{*}DocInfo"):
                for child in element.iter():
                    text = (child.text or "").strip()
                    if text and local(child) not in ("DocID", "CreationDate", "ModDate", "CreatorVersion", "DocUsage"):
                        yield Part(f"文档属性 {local(child)}", text, "property")
        elif base.endswith(".xml"):
            yield from _page(archive, name)
        elif "/attachs/" in name.lower() or "/attachments/" in name.lower():
            yield from nested(archive.read(name), base, f"附件 {posixpath.basename(name)}", work)
        elif base.endswith((".png", ".jpg", ".jpeg", ".bmp", ".tif", ".jb2")):
            pictures += 1
    if pictures:
        yield Part("文中图片", f"文件里有{pictures}张图片，图片里的文字机器读不出来。请人工查看。", "unchecked")


def _page(archive: Archive, name: str) -> Iterator[Part]:
    match = _PAGE.search(name)
    place = f"第{int(match.group(1)) + 1}页" if match else "批注" if "annot" in name.lower() else "其他部分"
    text: list[str] = []
    unseen: list[str] = []
    for element in parse_xml(archive.read(name)).iter("{*}TextObject"):
        words = "".join(code.text or "" for code in element.iter("{*}TextCode"))
        (unseen if element.get("Visible") == "false" else text).append(words)
    if any(text):
        yield Part(place, "\n".join(text), "comment" if place == "批注" else "body")
    if any(unseen):
        yield Part(f"{place}（不可见文字）", "\n".join(unseen), "hidden")


def is_signed(archive: Archive) -> bool:
    """Whether the file carries a signature or seal, which any change would break."""
    return any("sign" in name.lower() and name.lower().endswith((".xml", ".dat", ".esl")) for name in archive.names)
