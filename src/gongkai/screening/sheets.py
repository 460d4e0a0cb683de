"""The text inside Excel workbooks, seen and unseen."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from gongkai.reading.archive import Archive, damaged, refuse_declarations
from gongkai.reading.blocks import ReadingError
from gongkai.screening.parts import Part, PartKind
from gongkai.screening.properties import attached_parts, chart_values, drawing_paragraphs, link_parts, property_parts
from gongkai.screening.work import Work, attribute, local, main_part, office_xml, relations, transitional

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_READ = tuple(
    f"{{*}}{name}"
    for name in [
        "row",
        "col",
        "oddHeader",
        "evenHeader",
        "firstHeader",
        "oddFooter",
        "evenFooter",
        "firstFooter",
        "formula1",
        "formula2",
        "f",
    ]
)
_NOTHING_SHOWN = re.compile(r";{2,3}")


def column_number(letters: str) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 = A, 27 = AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    hidden: bool
    part: str
    element: etree._Element


def sheets_of(archive: Archive, main: str, workbook: etree._Element) -> list[Sheet]:
    """The sheets in their order."""
    targets = {relation.id: relation.target for relation in relations(archive, main)}
    found = []
    for element in workbook.iterfind(f"{S}sheets/{S}sheet"):
        part = targets.get(attribute(element, "id"), "")
        hidden = element.get("state", "visible") != "visible"
        found.append(Sheet(element.get("name", ""), hidden, part, element))
    return found


def shared_strings(archive: Archive, main: str) -> list[str]:
    """The strings that cells refer to by number."""
    name = posixpath.join(posixpath.dirname(main), "sharedStrings.xml")
    if name not in archive.names:
        return []
    return [string_of(item) for item in office_xml(archive, name).iterfind(f"{S}si")]


def string_of(item: etree._Element) -> str:
    """The words of a shared or inline string, without its reading aid."""
    return "".join(element.text or "" for element in item.iter(f"{S}t") if local(_parent(element)) != "rPh")


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    return element if parent is None else parent


def blank_styles(archive: Archive, main: str) -> frozenset[str]:
    """The cell styles whose number format shows nothing (;;;)."""
    name = posixpath.join(posixpath.dirname(main), "styles.xml")
    if name not in archive.names:
        return frozenset()
    root = office_xml(archive, name)
    formats = {
        element.get("numFmtId", "")
        for element in root.iterfind(f"{S}numFmts/{S}numFmt")
        if _NOTHING_SHOWN.fullmatch(element.get("formatCode", ""))
    }
    cells = root.iterfind(f"{S}cellXfs/{S}xf")
    return frozenset(str(number) for number, cell in enumerate(cells) if cell.get("numFmtId") in formats)


def is_hidden_row(row: etree._Element) -> bool:
    """Whether a row is hidden, or has no height."""
    return row.get("hidden") in ("1", "true") or row.get("ht") in ("0", "0.0")


def hidden_columns(element: etree._Element) -> range | None:
    """The columns that a `col` element hides (1 = A)."""
    if element.get("hidden") in ("1", "true") or element.get("width") in ("0", "0.0"):
        first, last = element.get("min", ""), element.get("max", "")
        if first.isdigit() and last.isdigit():
            return range(int(first), min(int(last), 16384) + 1)
    return None


@dataclass(slots=True)
class _State:
    """What is known while one sheet is read from top to bottom."""

    sheet: Sheet
    columns: set[int] = field(default_factory=set)
    headings: dict[int, str] = field(default_factory=dict)
    rows: int = 0


class _Reader:
    def __init__(self, archive: Archive, work: Work) -> None:
        self.archive = archive
        self.work = work
        self.main = main_part(archive)
        self.workbook = office_xml(archive, self.main)
        self.strings = shared_strings(archive, self.main)
        self.blank = blank_styles(archive, self.main)
        self.cells = 0

    def parts(self) -> Iterator[Part]:
        for sheet in sheets_of(self.archive, self.main, self.workbook):
            name = f"工作表“{sheet.name}”" + ("（隐藏）" if sheet.hidden else "")
            yield Part("工作表名称", sheet.name, "hidden" if sheet.hidden else "margin")
            if sheet.part in self.archive.names:
                yield from self._sheet(sheet, name)
        for defined in self.workbook.iterfind(f"{S}definedNames/{S}definedName"):
            if not defined.get("name", "").startswith("_xlnm."):
                yield Part("定义的名称", f"{defined.get('name', '')} {defined.text or ''}", "property")
        sharing = self.workbook.find(f"{S}fileSharing")
        if sharing is not None and sharing.get("userName"):
            yield Part("共享者", sharing.get("userName", ""), "property")
        yield from self._others()

    def _sheet(self, sheet: Sheet, name: str) -> Iterator[Part]:
        state = _State(sheet)
        data = self.archive.read(sheet.part)
        refuse_declarations(data)
        events = etree.iterparse(
            BytesIO(transitional(data)), tag=_READ, resolve_entities=False, no_network=True, huge_tree=False
        )
        kind: PartKind = "hidden" if sheet.hidden else "margin"
        try:
            for _, element in events:
                tag = local(element)
                if tag == "row":
                    yield from self._row(element, state, name)
                    element.clear()
                elif tag == "col":
                    state.columns.update(hidden_columns(element) or ())
                elif tag in ("oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter"):
                    yield Part(f"{name}{'页眉' if 'Header' in tag else '页脚'}", element.text or "", kind)
                elif tag in ("formula1", "formula2", "f") and local(_parent(element)) == "dataValidation":
                    yield Part(f"{name}数据验证", "".join(map(str, element.itertext())), "cache")
        except etree.XMLSyntaxError as error:
            raise damaged() from error
        yield from self._attached(sheet, name)

    def _row(self, row: etree._Element, state: _State, name: str) -> Iterator[Part]:
        state.rows += 1
        if state.rows % 1000 == 0:
            self.work.watch.check()
        gone = is_hidden_row(row)
        number = row.get("r") or str(state.rows)
        found: list[tuple[int, str, bool]] = []
        for place, cell in enumerate(row.iterfind(f"{S}c"), 1):
            text = cell_text(cell, self.strings)
            if not text.strip():
                continue
            match = _REFERENCE.fullmatch(cell.get("r", ""))
            column = column_number(match.group(1)) if match else place
            found.append((column, text, cell.get("s", "") in self.blank))
        self.cells += len(found)
        if self.cells > 2 * self.work.limits.table_cells:
            raise ReadingError("too_large", "表格的单元格太多，检查不完。请拆成几个较小的文件后再上传。")
        headings = {} if self._took_headings(state, found) else state.headings
        for column, text, blank in found:
            where = f"{name}{column_letters(column)}{number}"
            note = (
                "（隐藏行）"
                if gone
                else "（隐藏列）"
                if column in state.columns
                else "（不显示的格式）"
                if blank
                else ""
            )
            kind: PartKind = "hidden" if note or state.sheet.hidden else "body"
            yield Part(where + note, text, kind, headings.get(column, ""), f"{name}-{number}")

    @staticmethod
    def _took_headings(state: _State, found: list[tuple[int, str, bool]]) -> bool:
        """Whether this row is the heading of the table: one of the first ten, with several short words."""
        from gongkai.screening.extract import header_of

        if state.headings or state.rows > 10 or not header_of([text for _, text, _ in found]):
            return False
        state.headings = {column: " ".join(text.split()) for column, text, _ in found}
        return True

    def _attached(self, sheet: Sheet, name: str) -> Iterator[Part]:
        for relation in relations(self.archive, sheet.part):
            if relation.external or relation.target not in self.archive.names:
                continue
            if relation.kind in ("comments", "threadedComment"):
                root = office_xml(self.archive, relation.target)
                for comment in root.iter("{*}comment", "{*}threadedComment"):
                    text = "".join(element.text or "" for element in comment.iter("{*}t", "{*}text"))
                    yield Part(f"{name}{comment.get('ref', '')}批注", text, "comment")
                for author in root.iter("{*}author"):
                    yield Part(f"{name}批注作者", author.text or "", "property")
            elif relation.kind == "drawing":
                kind: PartKind = "hidden" if sheet.hidden else "margin"
                for text in drawing_paragraphs(office_xml(self.archive, relation.target)):
                    yield Part(f"{name}文本框", text, kind)
            elif relation.kind == "vmlDrawing" and b"<v:textbox" in (data := self.archive.read(relation.target)):
                text = " ".join(re.sub(rb"<[^>]{0,2000}>", b" ", data).decode("utf-8", "replace").split())
                yield Part(f"{name}批注框或控件", text, "comment")

    def _others(self) -> Iterator[Part]:
        for name in sorted(self.archive.names):
            folder, base = posixpath.split(name)
            if not base.endswith(".xml"):
                continue
            room = posixpath.basename(folder)
            if room == "charts" and base.startswith("chart"):
                root = office_xml(self.archive, name)
                for text in (*drawing_paragraphs(root), *chart_values(root)):
                    yield Part("图表", text, "margin")
            elif room == "pivotCache":
                yield from self._pivot(name)
            elif room == "externalLinks":
                for value in office_xml(self.archive, name).iter("{*}v"):
                    yield Part("外部链接缓存", value.text or "", "cache")
            elif room in ("persons", "revisions", "queryTables") or base == "connections.xml":
                yield from self._background(name)

    def _pivot(self, name: str) -> Iterator[Part]:
        """The rows that a pivot table was made from, which stay in the file even when their sheet is gone."""
        for element in office_xml(self.archive, name).iter("{*}s", "{*}n", "{*}d", "{*}cacheField"):
            value = element.get("v") or element.get("name") or ""
            if value:
                yield Part("透视表缓存", value, "cache")

    def _background(self, name: str) -> Iterator[Part]:
        label = {"persons": "批注作者", "revisions": "修订记录"}.get(name.split("/")[-2], "数据连接")
        for element in office_xml(self.archive, name).iter("{*}person", "{*}header", "{*}t", "{*}v", "{*}connection"):
            value = element.get("displayName") or element.get("userName") or element.get("name") or element.text or ""
            if value.strip():
                yield Part(label, value, "cache" if label == "修订记录" else "property")


def cell_text(cell: etree._Element, strings: list[str]) -> str:
    """What stands in a cell, numbers in full."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{S}is")
        return string_of(inline) if inline is not None else ""
    value = cell.find(f"{S}v")
    text = (value.text or "") if value is not None else ""
    if kind == "s":
        return strings[int(text)] if text.isdigit() and int(text) < len(strings) else ""
    if kind == "n" and ("E" in text or text.endswith(".0")):
        try:
            number = float(text)
        except ValueError:
            return text
        return str(int(number)) if number == number and abs(number) < 1e20 and number == int(number) else text
    return text


def xlsx_parts(archive: Archive, work: Work) -> list[Part]:
    """The parts of a workbook. Raises `ReadingError`."""
    return [
        *_Reader(archive, work).parts(),
        *property_parts(archive),
        *link_parts(archive),
        *attached_parts(archive, work),
    ]
