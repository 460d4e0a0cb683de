"""What one extraction or cleaning may cost in all, however deeply files are nested; relations inside office packages."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from gongkai.reading.archive import Archive, parse_xml
from gongkai.reading.blocks import ReadingError
from gongkai.reading.limits import DEFAULT, Limits, Watch

DEEPEST = 3
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
# Documents saved as "strict" use other names for the same things.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(?!descriptions)")
_TRANSITIONAL = {
    b"officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"presentationml/main": b"http://schemas.openxmlformats.org/presentationml/2006/main",
    b"drawingml/main": b"http://schemas.openxmlformats.org/drawingml/2006/main",
    b"drawingml/chart": b"http://schemas.openxmlformats.org/drawingml/2006/chart",
}


@dataclass(slots=True)
class Work:
    """The time and bytes left for one file with everything inside it."""

    limits: Limits = DEFAULT
    watch: Watch = field(default_factory=Watch)
    unpacked: int = 0
    depth: int = 0

    @classmethod
    def within(cls, limits: Limits) -> Work:
        """A new piece of work with its clock started."""
        return cls(limits, Watch(limits))

    def open(self, data: bytes) -> Archive:
        """Open a zip package and count what it unpacks to. Raises `ReadingError`."""
        archive = Archive(data, self.watch)
        self.spend(len(data))
        return archive

    def spend(self, length: int) -> None:
        """Count bytes handled; raises `ReadingError("unsafe")` when nested files together are too many."""
        self.watch.check()
        self.unpacked += length
        if self.unpacked > self.limits.unpacked_bytes:
            raise ReadingError("unsafe", "文件里层层嵌套的内容太多，为安全起见没有打开。请拆开后逐个上传。")


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; nothing for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by its local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def switched_on(element: etree._Element | None) -> bool:
    """Whether a switch of office XML stands and is not set to off."""
    return element is not None and attribute(element, "val") not in ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Relation:
    """One line of a relationships part; `target` is a part name, or an address where `external`."""

    id: str
    kind: str
    target: str
    external: bool


def relations_name(part: str) -> str:
    """The name of the relationships part of a part; of the package for an empty name."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations(archive: Archive, part: str) -> list[Relation]:
    """The relations of a part. Raises `ReadingError` for broken XML."""
    name = relations_name(part)
    if name not in archive.names:
        return []
    found = []
    for element in parse_xml(archive.read(name)).iter(f"{_RELATIONS}Relationship"):
        external = element.get("TargetMode") == "External"
        target = element.get("Target", "")
        found.append(
            Relation(
                element.get("Id", ""),
                element.get("Type", "").rpartition("/")[2],
                target if external else resolve(part, target),
                external,
            )
        )
    return found


def resolve(part: str, target: str) -> str:
    """The part name that a target means, seen from a part."""
    target = unquote(target.partition("#")[0])
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target)).lstrip("/")


def main_part(archive: Archive) -> str:
    """The main part of an office package. Raises `ReadingError("damaged")`."""
    for relation in relations(archive, ""):
        if relation.kind == "officeDocument" and relation.target in archive.names:
            return relation.target
    for name in ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"):
        if name in archive.names:
            return name
    raise ReadingError("damaged", "文件已损坏，找不到正文。请用 Word 或 WPS 打开并重新保存后再上传。")


def office_xml(archive: Archive, name: str) -> etree._Element:
    """The root of a part, with the names of strict documents made the usual ones. Raises `ReadingError`."""
    return parse_xml(transitional(archive.read(name)))


def transitional(data: bytes) -> bytes:
    """XML with the names of strict documents made the usual ones."""
    if not _STRICT.search(data):
        return data
    for strict, usual in _TRANSITIONAL.items():
        data = data.replace(b"http://purl.oclc.org/ooxml/" + strict, usual)
    return data
