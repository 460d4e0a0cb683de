"""The text inside Word documents, seen and unseen."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from gongkai.reading.archive import Archive
from gongkai.screening.parts import Part, PartKind
from gongkai.screening.properties import attached_parts, chart_values, drawing_paragraphs, link_parts, property_parts
from gongkai.screening.work import Work, attribute, local, main_part, office_xml, switched_on

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARGINS = {
    "header": "页眉",
    "footer": "页脚",
    "footnotes": "脚注",
    "endnotes": "尾注",
    "comments": "批注",
}
_WRAPPERS = frozenset(
    [
        "ins",
        "moveTo",
        "hyperlink",
        "smartTag",
        "sdt",
        "sdtContent",
        "customXml",
        "fldSimple",
        "dir",
        "bdo",
        "ruby",
        "rubyBase",
        "AlternateContent",
        "Choice",
        "oMath",
        "oMathPara",
        "r",
        "num",
        "den",
        "e",
        "sub",
        "sup",
        "del",
        "moveFrom",
        "body",
        "hdr",
        "ftr",
        "footnote",
        "endnote",
        "comment",
        "docPart",
        "docParts",
        "docPartBody",
        "glossaryDocument",
    ]
)
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(slots=True)
class _Words:
    """The words of one paragraph or cell, parted by who sees them."""

    seen: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)

    def parts(self, place: str, kind: PartKind, heading: str = "", row: str = "") -> Iterator[Part]:
        """One part for each of the three, where it has words."""
        for words, where, of in (
            (self.seen, place, kind),
            (self.deleted, f"{place}修订（已删除）", "deleted"),
            (self.hidden, f"{place}（隐藏文字）", "hidden"),
        ):
            text = "".join(words)
            if text.strip():
                yield Part(where, text, of, heading, row)


class _Reader:
    def __init__(self, archive: Archive, work: Work) -> None:
        self.archive = archive
        self.work = work
        self.main = main_part(archive)
        self.hidden_styles = hidden_styles(self._sibling("styles.xml"))
        self.tables = 0
        self.authors: dict[str, None] = {}

    def _sibling(self, name: str) -> etree._Element | None:
        path = posixpath.join(posixpath.dirname(self.main), name)
        return office_xml(self.archive, path) if path in self.archive.names else None

    def parts(self) -> Iterator[Part]:
        yield from self._story(self.main, "正文", "body")
        folder = posixpath.dirname(self.main)
        for name in sorted(self.archive.names):
            base = posixpath.basename(name)
            if posixpath.dirname(name) != folder or not base.endswith(".xml"):
                continue
            kind = base.rstrip("0123456789.xml").rstrip("0123456789") if base[:6] in ("header", "footer") else base[:-4]
            if base.startswith("comments") and base not in ("comments.xml",):
                continue
            if kind in _MARGINS:
                yield from self._story(name, _MARGINS[kind], "comment" if kind == "comments" else "margin")
        yield from self._others(folder)
        for author in self.authors:
            yield Part("修订或批注的作者", author, "property")

    def _others(self, folder: str) -> Iterator[Part]:
        for name in sorted(self.archive.names):
            inside = name.removeprefix(f"{folder}/")
            if inside.startswith("charts/chart") and name.endswith(".xml"):
                root = office_xml(self.archive, name)
                for text in (*drawing_paragraphs(root), *chart_values(root)):
                    yield Part("图表", text, "margin")
            elif inside.startswith("diagrams/data") and name.endswith(".xml"):
                for text in drawing_paragraphs(office_xml(self.archive, name)):
                    yield Part("图示", text, "margin")
            elif inside == "glossary/document.xml":
                yield from self._story(name, "文档部件", "hidden")
            elif inside == "settings.xml":
                for variable in office_xml(self.archive, name).iter(f"{W}docVar"):
                    yield Part("文档变量", attribute(variable, "val"), "property")

    def _story(self, name: str, place: str, kind: PartKind) -> Iterator[Part]:
        root = office_xml(self.archive, name)
        for element in root.iter(f"{W}ins", f"{W}del", f"{W}comment", f"{W}moveFrom", f"{W}moveTo"):
            author = element.get(f"{W}author")
            if author:
                self.authors[author] = None
        for element in root.iter("{*}docPr"):
            for key in ("descr", "title"):
                if element.get(key):
                    yield Part("图片替代文字", element.get(key, ""), "margin")
        counter = [0]
        yield from self._blocks(root, place, kind, counter)

    def _blocks(self, container: etree._Element, place: str, kind: PartKind, counter: list[int]) -> Iterator[Part]:
        self.work.watch.check()
        for element in container:
            tag = local(element)
            if tag == "p":
                yield from self._paragraph(element, place, kind, counter)
            elif tag == "tbl":
                yield from self._table(element, place, kind)
            elif tag in _WRAPPERS:
                yield from self._blocks(element, place, kind, counter)

    def _paragraph(self, element: etree._Element, place: str, kind: PartKind, counter: list[int]) -> Iterator[Part]:
        words = _Words()
        self._collect(element, words, deleted=False)
        parts = list(words.parts("", kind))
        if parts:
            counter[0] += 1
        for part in parts:
            yield Part(f"{place}第{counter[0]}段{part.place}", part.text, part.kind)
        for box in words.boxes:
            yield from self._blocks(box, f"{place}文本框", "margin" if kind == "body" else kind, [0])

    def _collect(self, element: etree._Element, words: _Words, *, deleted: bool) -> None:
        for child in element:
            tag = local(child)
            if tag == "r":
                self._run(child, words, deleted)
            elif tag == "txbxContent":
                words.boxes.append(child)
            elif tag in ("del", "moveFrom"):
                self._collect(child, words, deleted=True)
            elif tag == "Fallback":
                continue
            elif tag == "t" and not deleted:  # of formulas
                words.seen.append(child.text or "")
            elif len(child):
                self._collect(child, words, deleted=deleted)

    def _run(self, run: etree._Element, words: _Words, deleted: bool) -> None:
        hidden = is_hidden(run.find(f"{W}rPr"), self.hidden_styles)
        target = words.deleted if deleted else words.hidden if hidden else words.seen
        for child in run:
            tag = local(child)
            if tag in ("t", "delText"):
                target.append(child.text or "")
            elif tag in _SIGNS:
                target.append(_SIGNS[tag])
            elif tag == "instrText" and child.text and "@" in child.text:
                words.hidden.append(child.text)
            elif len(child) and tag != "rPr":
                self._collect(child, words, deleted=deleted)

    def _table(self, table: etree._Element, place: str, kind: PartKind) -> Iterator[Part]:
        from gongkai.screening.extract import header_of

        self.tables += 1
        name = f"{place}表{self.tables}"
        headings: list[str] = []
        for number, row in enumerate(table.iter(f"{W}tr"), 1):
            if next(row.iterancestors(f"{W}tbl")) is not table:
                continue
            cells = list(self._cells(row))
            if not headings:
                headings = header_of([text for text, _, _ in cells])
                own: list[str] = []
            else:
                own = headings
            for text, words, column in cells:
                heading = own[column] if column < len(own) else ""
                yield from words.parts(f"{name}第{number}行第{column + 1}列", kind, heading, f"{name}-{number}")
                for box in words.boxes:
                    yield from self._blocks(box, f"{name}文本框", kind, [0])
                del text
            for inner in row.iterfind(f"{W}tc/{W}tbl"):
                yield from self._table(inner, place, kind)

    def _cells(self, row: etree._Element) -> Iterator[tuple[str, _Words, int]]:
        """The cells of a row: seen text, words, column."""
        column = 0
        gone = row.find(f"{W}trPr/{W}del") is not None
        for cell in row.iterfind(f".//{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is not row:
                continue
            words = _Words()
            for index, paragraph in enumerate(cell.iterfind(f".//{W}p")):
                if next(paragraph.iterancestors(f"{W}tc", f"{W}txbxContent")) is not cell:
                    continue
                if index and words.seen:
                    words.seen.append("\n")
                self._collect(paragraph, words, deleted=gone)
            yield "".join(words.seen), words, column
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            width = attribute(span, "val") if span is not None else "1"
            column += max(1, min(64, int(width))) if width.isdigit() else 1


def hidden_styles(styles: etree._Element | None) -> frozenset[str]:
    """The styles that hide their text."""
    if styles is None:
        return frozenset()
    return frozenset(
        style.get(f"{W}styleId", "")
        for style in styles.iterfind(f"{W}style")
        if switched_on(style.find(f"{W}rPr/{W}vanish")) and style.get(f"{W}type") == "character"
    )


def is_hidden(properties: etree._Element | None, styles: frozenset[str]) -> bool:
    """Whether a run with these properties is hidden."""
    if properties is None:
        return False
    own = properties.find(f"{W}vanish")
    if own is not None:
        return switched_on(own)
    style = properties.find(f"{W}rStyle")
    return style is not None and attribute(style, "val") in styles


def docx_parts(archive: Archive, work: Work) -> list[Part]:
    """The parts of a Word document. Raises `ReadingError`."""
    return [
        *_Reader(archive, work).parts(),
        *property_parts(archive),
        *link_parts(archive),
        *attached_parts(archive, work),
    ]
