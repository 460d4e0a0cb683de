"""Word documents (.docx): paragraphs and tables in order, numbers resolved, tracked changes accepted."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from gongkai.reading.archive import Archive, damaged, parse_xml
from gongkai.reading.blocks import Document, ReadingError
from gongkai.reading.builder import Builder, RawCell, tidy
from gongkai.reading.limits import Watch
from gongkai.reading.numbering import Numbering, W, integer, value_of

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# Wrappers whose content counts; what was deleted or moved away, and anything not named, does not.
_WRAPPERS = frozenset(
    [
        "ins",
        "moveTo",
        "hyperlink",
        "smartTag",
        "sdt",
        "sdtContent",
        "fldSimple",
        "dir",
        "bdo",
        "customXml",
        "ruby",
        "rubyBase",
        "oMath",
        "oMathPara",
    ]
)
_SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Boxes drawn with the symbol fonts that forms use.
_SYMBOLS = {"A8": "□", "6F": "□", "71": "□", "52": "☑", "FE": "☑", "FD": "☒", "FC": "√", "6C": "●", "6E": "■"}


def read_docx(archive: Archive, watch: Watch) -> Document:
    """Read a Word document. Raises `ReadingError`: damaged, unsafe, empty, too_large, too_slow."""
    return _Reader(archive, watch).read()


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; comments and instructions have none."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    base: str | None
    outline: int | None
    list_name: str | None
    list_level: int | None


class _Reader:
    def __init__(self, archive: Archive, watch: Watch) -> None:
        self.archive = archive
        self.watch = watch
        self.builder = Builder(watch)
        self.main = self._main_part()
        self.styles = self._read_styles()
        self.default_style = next((key for key, style in self.styles.items() if style.name == "normal"), None)
        self.numbering = Numbering(self._sibling("numbering.xml"))
        self.carried = ""

    def _main_part(self) -> str:
        if "_rels/.rels" in self.archive.names:
            for relation in parse_xml(self.archive.read("_rels/.rels")).iter(_RELATIONS):
                target = relation.get("Target", "").lstrip("/")
                if relation.get("Type", "").endswith("/officeDocument") and target in self.archive.names:
                    return target
        if "word/document.xml" in self.archive.names:
            return "word/document.xml"
        raise damaged()

    def _part(self, name: str) -> etree._Element:
        return parse_xml(self.archive.read(name).replace(_STRICT, _MAIN))

    def _sibling(self, name: str) -> etree._Element | None:
        path = posixpath.join(posixpath.dirname(self.main), name)
        return self._part(path) if path in self.archive.names else None

    def _read_styles(self) -> dict[str, _Style]:
        root = self._sibling("styles.xml")
        styles: dict[str, _Style] = {}
        for element in root.iterchildren(f"{W}style") if root is not None else ():
            properties = element.find(f"{W}pPr")
            outline = value_of(properties, f"{W}outlineLvl")
            level = value_of(properties, f"{W}numPr/{W}ilvl")
            styles[element.get(W + "styleId", "")] = _Style(
                (value_of(element, f"{W}name") or "").lower(),
                value_of(element, f"{W}basedOn"),
                None if outline is None else integer(outline, 9),
                value_of(properties, f"{W}numPr/{W}numId"),
                None if level is None else integer(level),
            )
        return styles

    def _chain(self, name: str | None) -> Iterator[tuple[str, _Style]]:
        """A style and those it is based on; files with circles exist."""
        seen: set[str] = set()
        while name and name not in seen and name in self.styles:
            seen.add(name)
            yield name, self.styles[name]
            name = self.styles[name].base

    def read(self) -> Document:
        body = self._part(self.main).find(f"{W}body")
        if body is None:
            raise damaged()
        for block in self._blocks(body):
            self.watch.check()
            if isinstance(block, _Table):
                self.builder.add_table(block.cells)
            else:
                for line in block.text.split("\n"):
                    self.builder.add(line, block.level, heading=block.heading)
        self.builder.add(self.carried)
        return self.builder.document(
            "docx",
            ReadingError(
                "empty",
                "这个 Word 文件里没有文字，可能只有扫描图片。请先做文字识别（OCR），或找到可编辑的原稿再上传。",
            ),
        )

    def _blocks(self, parent: etree._Element, depth: int = 0) -> Iterator[_Paragraph | _Table]:
        for child in parent:
            name = local(child)
            if name == "p":
                yield from self._paragraph(child, depth)
            elif name == "tbl":
                yield _Table(tuple(self._cells(child, depth)))
            elif name == "sdt" and value_of(child, f"{W}sdtPr/{W}docPartObj/{W}docPartGallery") == "Table of Contents":
                continue
            elif name in _WRAPPERS:
                yield from self._blocks(child, depth)
            elif name == "AlternateContent":
                yield from self._blocks(next(iter(child), child), depth)
            elif name == "altChunk":
                self.builder.warn("文档里嵌入了另一个文件，其内容没有读出来，请打开原件核对。")

    def _paragraph(self, element: etree._Element, depth: int) -> Iterator[_Paragraph | _Table]:
        properties = element.find(f"{W}pPr")
        style = value_of(properties, f"{W}pStyle") or self.default_style
        chain = list(self._chain(style))
        if any(found.name.startswith("toc ") for _, found in chain[:1]):
            return
        pieces: list[str] = []
        boxes: list[etree._Element] = []
        self._words(element, pieces, boxes)
        text = self.carried + "".join(pieces)
        self.carried = ""
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            # The mark that ended this paragraph was deleted: it runs on into the next one.
            self.carried = text
        else:
            label = self._label(properties, chain)
            if text.strip() or (label and depth):
                level = self._outline(properties, chain)
                heading = level is not None or any(found.name == "title" for _, found in chain[:1])
                yield _Paragraph(_joined(label, text), level, heading)
        for box in boxes:
            yield from self._blocks(box, depth)

    def _label(self, properties: etree._Element | None, chain: list[tuple[str, _Style]]) -> str:
        name = value_of(properties, f"{W}numPr/{W}numId")
        level = value_of(properties, f"{W}numPr/{W}ilvl")
        number = None if level is None else integer(level)
        if name is None:
            for key, style in chain:
                if style.list_name is not None:
                    name = style.list_name
                    if number is None:
                        number = style.list_level
                    if number is None:
                        number = self.numbering.level_of_style(name, key)
                    break
        if name is None or name == "0":
            return ""
        definition = self.numbering.definitions.get(name)
        if definition is not None and definition.style_link:
            name = next((s.list_name for _, s in self._chain(definition.style_link) if s.list_name), name)
        return self.numbering.next(name, number or 0)

    @staticmethod
    def _outline(properties: etree._Element | None, chain: list[tuple[str, _Style]]) -> int | None:
        """The outline level, counted from 1; body text has none."""
        own = value_of(properties, f"{W}outlineLvl")
        level = None if own is None else integer(own, 9)
        for _, style in chain if level is None else ():
            if style.outline is not None:
                level = style.outline
                break
            if style.name.startswith("heading ") and style.name[8:].isdigit():
                level = int(style.name[8:]) - 1
                break
        return level + 1 if level is not None and 0 <= level < 9 else None

    def _words(self, parent: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
        """Collect the words of a paragraph, and the text boxes that hang on it."""
        for child in parent:
            name = local(child)
            if name == "r":
                if not _is_hidden(child):
                    self._words(child, pieces, boxes)
            elif name == "t":
                pieces.append(child.text or "")
            elif name in _SIGNS:
                pieces.append("" if child.get(W + "type") == "page" else _SIGNS[name])
            elif name == "sym":
                pieces.append(_SYMBOLS.get(child.get(W + "char", "").upper()[-2:], ""))
            elif name in _WRAPPERS:
                self._words(child, pieces, boxes)
            elif name == "AlternateContent":
                self._words_of_choice(child, pieces, boxes)
            elif name in ("drawing", "pict", "object", "Choice", "Fallback"):
                boxes.extend(_outermost_boxes(child))

    def _words_of_choice(self, element: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
        """The same content stands in several versions; the first one is the newest."""
        first = next(iter(element), None)
        if first is not None:
            self._words(first, pieces, boxes)

    def _cells(self, table: etree._Element, depth: int) -> Iterator[RawCell]:
        open_cells: dict[int, _Open] = {}
        finished: list[_Open] = []
        row = 0
        for element in _children(table, "tr"):
            self.watch.check()
            properties = element.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            self._row(element, row, open_cells, finished, depth)
            row += 1
        for cell in finished:
            yield RawCell(cell.text, cell.row, cell.column, cell.rowspan, cell.colspan)

    def _row(
        self,
        element: etree._Element,
        row: int,
        open_cells: dict[int, _Open],
        finished: list[_Open],
        depth: int,
    ) -> None:
        column = integer(value_of(element.find(f"{W}trPr"), f"{W}gridBefore"))
        last: _Open | None = None
        for cell in _children(element, "tc"):
            properties = cell.find(f"{W}tcPr")
            if properties is not None and properties.find(f"{W}cellDel") is not None:
                continue
            span = min(max(1, integer(value_of(properties, f"{W}gridSpan"), 1)), 1000)
            merge = properties.find(f"{W}vMerge") if properties is not None else None
            beside = properties.find(f"{W}hMerge") if properties is not None else None
            above = open_cells.get(column)
            if beside is not None and beside.get(W + "val", "continue") == "continue" and last is not None:
                last.colspan += span
            elif merge is not None and merge.get(W + "val", "continue") == "continue" and above is not None:
                above.rowspan = row - above.row + 1
                last = None
            else:
                last = _Open(self._cell_text(cell, depth + 1), row, column, 1, span)
                finished.append(last)
                open_cells.pop(column, None)
                if merge is not None:
                    open_cells[column] = last
            column += span

    def _cell_text(self, cell: etree._Element, depth: int) -> str:
        lines = []
        carried, self.carried = self.carried, ""
        for block in self._blocks(cell, depth):
            lines.append(block.plain if isinstance(block, _Table) else block.text)
        lines.append(self.carried)
        self.carried = carried
        return "\n".join(lines)


@dataclass(slots=True)
class _Open:
    """A cell that may still grow downwards or to the right."""

    text: str
    row: int
    column: int
    rowspan: int
    colspan: int


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    level: int | None
    heading: bool


@dataclass(frozen=True, slots=True)
class _Table:
    cells: tuple[RawCell, ...]

    @property
    def plain(self) -> str:
        """A table within a cell: a line for each row."""
        rows: dict[int, list[str]] = {}
        for cell in self.cells:
            rows.setdefault(cell.row, []).append(tidy(cell.text))
        return "\n".join(" ".join(row) for row in rows.values())


def _children(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Rows or cells, also those inside content controls and tracked insertions."""
    for child in parent:
        name = local(child)
        if name == wanted:
            yield child
        elif name in _WRAPPERS:
            yield from _children(child, wanted)


def _is_hidden(run: etree._Element) -> bool:
    hidden = run.find(f"{W}rPr/{W}vanish")
    return hidden is not None and hidden.get(W + "val", "1") not in ("0", "false", "off")


def _outermost_boxes(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if local(child) == "txbxContent":
            yield child
        elif local(child) == "AlternateContent":
            yield from _outermost_boxes(next(iter(child), child))
        else:
            yield from _outermost_boxes(child)


def _joined(label: str, text: str) -> str:
    """The number before the words; a space only where they would run together."""
    text = text.lstrip()
    if not label or not text:
        return label + text
    last = label[-1]
    tight = not (last.isalpha() or last.isdecimal() or last in "•●■◆-" or (last in ".．" and text[0].isdigit()))
    return label + ("" if tight else " ") + text
