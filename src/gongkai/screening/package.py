"""An office package taken apart, cleaned, and put together again without what nothing leads to any more."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from lxml import etree

from gongkai.reading.archive import Archive, parse_xml
from gongkai.screening.clean_images import strip_picture
from gongkai.screening.work import Work, local, relations_name, resolve, transitional

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT_R = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"
_CONTENT_TYPES = "[Content_Types].xml"
_EARLY = (1980, 1, 1, 0, 0, 0)
_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|file:|/(?:Users|home)/)")
_PUBLIC_LINKS = ("http://", "https://", "mailto:", "#")

# Kinds of relations that a public copy does without, by how they are called in the report.
_UNWANTED = {
    "文档属性": "core-properties extended-properties custom-properties thumbnail",
    "自定义数据": "customXml customXmlProps xmlMaps tags customData",
    "批注": "comments commentsExtended commentsIds commentsExtensible people threadedComment person commentAuthors authors",
    "宏": "vbaProject vbaProjectSignature wordVbaData xlMacrosheet xlIntlMacrosheet extensibility attachedToolbars",
    "模板和打印设置": "attachedTemplate printerSettings keyMapCustomizations glossaryDocument",
    "外部链接缓存": "externalLink connections queryTable mailMergeSource mailMergeHeaderSource recipientData",
    "透视表缓存": "pivotCacheDefinition pivotCacheRecords pivotTable slicer slicerCache timeline timelineCache",
    "嵌入文件": "oleObject package control activeXControlBinary ctrlProp",
    "演讲者备注": "notesSlide notesMaster",
    "修订记录": "revisionHeaders usernames",
    "数字签名": "origin signature",
    "计算顺序": "calcChain",
}
_LABELS = {kind: label for label, kinds in _UNWANTED.items() for kind in kinds.split()}
# Elements that only carry a relation by the way stay without it; all others go with their relation.
_STAY = frozenset(("pageSetup", "hyperlink", "blip", "imagedata", "sld", "sldMaster"))
_HOLDERS = frozenset(
    [
        "notesMasterIdLst",
        "pivotCaches",
        "externalReferences",
        "oleObjects",
        "controls",
        "custDataLst",
        "tableParts",
        "hyperlinks",
        "legacyDrawing",
        "customProperties",
    ]
)


class Package:
    """The parts of a package; roots that were asked for are written anew, all others stay byte for byte."""

    def __init__(self, archive: Archive, work: Work) -> None:
        self.archive = archive
        self.work = work
        self.roots: dict[str, etree._Element] = {}
        self.bytes: dict[str, bytes] = {}
        self.removed: dict[str, None] = {}
        self.names = {name for name in archive.names if not name.endswith("/")}

    def root(self, name: str) -> etree._Element:
        """The tree of a part, to be changed in place. Raises `ReadingError`."""
        if name not in self.roots:
            self.work.watch.check()
            self.roots[name] = parse_xml(transitional(self.archive.read(name)))
        return self.roots[name]

    def note(self, label: str) -> None:
        """Say what was removed."""
        self.removed[label] = None

    def drop_relations(self, part: str, unwanted: Callable[[str, str], str]) -> None:
        """Remove the relations of a part for which `unwanted(kind, target)` gives a label, and what refers to them."""
        name = relations_name(part)
        if name not in self.names:
            return
        gone: set[str] = set()
        for element in list(self.root(name)):
            kind = element.get("Type", "").rpartition("/")[2]
            external = element.get("TargetMode") == "External"
            target = element.get("Target", "")
            label = unwanted(kind, target if external else resolve(part, target))
            if not label and external:
                label = "" if target.lower().startswith(_PUBLIC_LINKS) and kind == "hyperlink" else "本机或外部路径"
            if label:
                gone.add(element.get("Id", ""))
                self.note(label)
                self.root(name).remove(element)
        if gone and part in self.names and part.endswith((".xml", ".vml")):
            self._drop_references(part, gone)

    def _drop_references(self, part: str, gone: set[str]) -> None:
        for element in list(self.root(part).iter()):
            for key, value in list(element.attrib.items()):
                if value in gone and str(key).startswith((R, _STRICT_R)):
                    if local(element) in _STAY and element.get("ref") is None:
                        del element.attrib[key]
                    else:
                        remove(element)
                        break

    def clean_common(self) -> None:
        """What all packages have in common: unwanted relations, pictures, paths in descriptions, macros' types."""
        for name in sorted(self.names):
            if name.endswith(".rels"):
                folder, _, file = name.rpartition("_rels/")
                part = posixpath.join(folder.rstrip("/"), file.removesuffix(".rels"))
                self.drop_relations(part, lambda kind, target: _LABELS.get(kind, ""))
        for name in sorted(self.names):
            if "/media/" in name:
                stripped, removed = strip_picture(self.archive.read(name))
                if removed:
                    self.bytes[name] = stripped
                    self.note("图片的拍摄信息")

    def drop_paths(self, part: str) -> None:
        """Descriptions of pictures that are paths on somebody's computer."""
        for element in self.root(part).iter("{*}docPr", "{*}cNvPr"):
            for key in ("descr", "title", "name"):
                if _PATH.match(element.get(key, "")):
                    element.set(key, "")
                    self.note("图片路径")

    def save(self) -> bytes:
        """The package without unreachable parts, with dates that tell nothing."""
        kept = self._reachable()
        if any("vbaProject" in name for name in self.names - kept):
            self.note("宏")
        if any("/pivotCache/" in name for name in self.names - kept):
            self.note("透视表缓存")
        if any("/externalLinks/" in name for name in self.names - kept):
            self.note("外部链接缓存")
        self._mend_types(kept)
        order = sorted(kept, key=lambda name: (name != _CONTENT_TYPES, not name.startswith("_rels/"), name))
        output = BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as result:
            for name in order:
                entry = zipfile.ZipInfo(name, _EARLY)
                entry.compress_type = zipfile.ZIP_DEFLATED
                result.writestr(entry, self._content(name))
        return output.getvalue()

    def _content(self, name: str) -> bytes:
        if name in self.roots:
            return etree.tostring(self.roots[name], xml_declaration=True, encoding="UTF-8", standalone=True)
        return self.bytes.get(name) or self.archive.read(name)

    def _reachable(self) -> set[str]:
        kept = {_CONTENT_TYPES} & self.names
        waiting = [""]
        while waiting:
            part = waiting.pop()
            name = relations_name(part)
            if name not in self.names or name in kept:
                continue
            kept.add(name)
            for element in self.root(name):
                target = resolve(part, element.get("Target", ""))
                if element.get("TargetMode") != "External" and target in self.names and target not in kept:
                    kept.add(target)
                    waiting.append(target)
        return kept

    def _mend_types(self, kept: set[str]) -> None:
        for element in list(self.root(_CONTENT_TYPES)):
            part = element.get("PartName")
            if part is not None and part.lstrip("/") not in kept:
                self.root(_CONTENT_TYPES).remove(element)
                continue
            kind = element.get("ContentType", "")
            for word in ("document", "sheet", "presentation"):
                # Files with macros and templates become plain files.
                if re.search(
                    rf"(?:\.{word}\.macroEnabled(?:Template)?|ml\.template|\.template\.macroEnabledTemplate)\.main\+xml$",
                    kind,
                ):
                    element.set(
                        "ContentType", _PLAIN_TYPES[posixpath.dirname((part or "").lstrip("/")).split("/")[0] or "word"]
                    )


_OFFICE = "application/vnd.openxmlformats-officedocument"
_PLAIN_TYPES = {
    "word": f"{_OFFICE}.wordprocessingml.document.main+xml",
    "xl": f"{_OFFICE}.spreadsheetml.sheet.main+xml",
    "ppt": f"{_OFFICE}.presentationml.presentation.main+xml",
}


def remove(element: etree._Element) -> None:
    """Take an element out, leaving the text that follows it; holders that are then empty go too."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail and element.tail.strip():
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
    if local(parent) in _HOLDERS and len(parent) == 0:
        remove(parent)


def unwrap(element: etree._Element) -> None:
    """Put the children of an element in its place."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for child in reversed(list(element)):
        parent.insert(place, child)
    parent.remove(element)
