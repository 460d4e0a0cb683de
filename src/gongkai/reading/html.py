"""Web pages saved from government sites: the site around the document goes, its tables stay tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes

from lxml import etree

from gongkai.reading.blocks import Document, ReadingError
from gongkai.reading.builder import Builder, RawCell, tidy
from gongkai.reading.limits import Watch
from gongkai.reading.numbering import formatted
from gongkai.reading.page import Plan, is_site_line, names, plan_page, whole_page
from gongkai.reading.text import decode, fold

_BLOCKS = names(
    """address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary ul table caption thead tbody
    tfoot tr td th"""
)
_HEADINGS = {f"h{number}": number for number in range(1, 7)}
_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([-\w]+)", re.I)
_HAN = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_WRAPPED = re.compile(f"(?<=[{_HAN}])[ \t]*[\r\n]\\s*(?=[{_HAN}])")
_BREAK = "\x0b"
_LIST_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}
_NUMBERED = re.compile(r"\s*(?:[(（\[【]?[0-9０-９一二三四五六七八九十]+[、.．)）\]】]|[①-⒛])")
_LABEL = re.compile(
    "索引号|信息索引号?|发文字号|文号|文件编号|统一编号|发布机构|发文机关|发布机关|发文单位|信息来源|公开主体|成文日期|发文日期|生成日期|发布日期"
    "|公开日期|发布时间|公开时间|主题分类|信息分类|所属类目|体裁(?:分类)?|组配分类|公开类别|公开方式|公开范围|公开形式|公开程序|公开时限|标题|名称"
    "|信息名称|文件名称|有效性|时效性|效力状态|是否有效|主题词|关键词|内容概述|机构名称|机构分类|服务对象|废止日期|失效日期|生效日期|语种"
)
_LONGEST_PAGE_NAME = 200
_LONG_CELL = 1500


def read_mhtml(data: bytes, watch: Watch) -> Document:
    """Read a page saved as one file (.mht). Raises as `read_html`."""
    for part in message_from_bytes(data).walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                return read_html(payload, watch, part.get_content_charset())
    raise ReadingError("damaged", "这个网页文件里没有正文。请在浏览器里打开网页，全选复制后粘贴导入。")


def read_html(data: bytes, watch: Watch, charset: str | None = None) -> Document:
    """Read a saved web page; nothing it refers to is fetched.

    Raises `ReadingError`: empty, unsupported (encoding), unsafe (nesting), too_large, too_slow.
    """
    declared = _CHARSET.search(data[:8192])
    text, warnings = decode(data, charset or (declared.group(1).decode("ascii", "ignore") if declared else None))
    if text.count("<") > 2 * watch.limits.elements:
        raise ReadingError("too_large", "网页太复杂，读不完。请只复制正文后粘贴导入。")
    root = _parse(fold(text))
    builder = Builder(watch)
    builder.warnings.extend(warnings)
    empty = ReadingError("empty", "网页里没有正文，可能要由脚本加载。请在浏览器里打开网页，全选复制后粘贴导入。")
    body = root.find("body") if root is not None else None
    if root is None or body is None:
        raise empty
    builder.metadata.update(_metadata(root))
    items = _items(body, watch)
    _add_title(builder, items)
    for item in items:
        if isinstance(item, _Grid):
            builder.add_table(item.cells)
        else:
            builder.add(item.text, item.level, heading=item.level is not None)
    return builder.document("html", empty)


def _parse(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ReadingError("unsafe", "网页的层次嵌套过深，可能有害，没有打开。请只复制正文后粘贴导入。")
    return root


def _metadata(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta", "title"):
        if element.tag == "title":
            name, value = "title", "".join(map(str, element.itertext()))
        else:
            name, value = element.get("name") or element.get("property") or "", element.get("content") or ""
        value = tidy(value)
        if name and value and name not in found and name.lower() not in ("viewport", "renderer", "robots", "generator"):
            found[name[:100]] = value[:2000]
        if len(found) >= 60:
            break
    return found


def _items(body: etree._Element, watch: Watch) -> list[_Line | _Grid]:
    plan = plan_page(body, watch)
    items = _Flattener(watch, plan).run(body)
    while items and isinstance(items[-1], _Line) and is_site_line(items[-1].text, inside=False):
        items.pop()  # buttons and footers that share their container with the last paragraph
    if not any(isinstance(item, _Grid) or item.text for item in items):
        # Nothing but links: better the whole page than nothing.
        items = _Flattener(watch, whole_page(body, watch)).run(body)
    return items


def _add_title(builder: Builder, items: list[_Line | _Grid]) -> None:
    """Some sites let a script write the title; the meta tag still has it."""
    title = next((value for name, value in builder.metadata.items() if name.lower() == "articletitle"), "")
    if not title or len(title) > _LONGEST_PAGE_NAME:
        return
    wanted = "".join(title.split())
    words = "".join(item.text if isinstance(item, _Line) else item.words for item in items)
    if wanted not in "".join(words.split()):
        builder.add(title, 1, heading=True)


@dataclass(slots=True)
class _Line:
    text: str
    level: int | None = None


@dataclass(slots=True)
class _Grid:
    cells: list[RawCell]

    @property
    def words(self) -> str:
        return "".join(cell.text for cell in self.cells)


@dataclass(slots=True)
class _List:
    style: str
    next: int


@dataclass(slots=True)
class _Flattener:
    """Walks an element and gives its lines and tables in reading order; `flat` turns tables into lines."""

    watch: Watch
    plan: Plan
    flat: bool = False
    items: list[_Line | _Grid] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    level: int | None = None
    inside: bool = False
    kept_spaces: int = 0
    lists: list[_List | None] = field(default_factory=list)

    def run(self, root: etree._Element) -> list[_Line | _Grid]:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: set[etree._Element] = set()
        for number, (event, element) in enumerate(walk):
            if number % 2000 == 0:
                self.watch.check()
            if event == "start":
                if (element in self.plan.dropped and element is not root) or self._table(element, root):
                    skipped.add(element)
                    walk.skip_subtree()
                else:
                    self._start(element)
                continue
            if element not in skipped:
                self._end(element)
            elif element.tag in _BLOCKS:
                self._flush()
            if element is not root and element.tail:
                self._feed(element.tail)
        self._flush()
        return self.items

    def _table(self, element: etree._Element, root: etree._Element) -> bool:
        """Take a table as a whole; layout tables are walked like any other element."""
        if element.tag != "table" or element is root or self.flat:
            return False
        rows = _rows_of(element, self.plan)
        if _is_layout(element, rows, self.plan):
            return False
        self._flush()
        cells = self._cells(rows)
        pairs = _pairs(cells)
        if pairs is not None:
            self.items.extend(_Line(pair) for pair in pairs)
        else:
            self.items.append(_Grid(cells))
        return True

    def _cells(self, rows: list[list[etree._Element]]) -> list[RawCell]:
        cells: list[RawCell] = []
        occupied: dict[int, int] = {}  # column -> first row that is free again
        for row, elements in enumerate(rows):
            column = 0
            for element in elements:
                while occupied.get(column, 0) > row:
                    column += 1
                rowspan = _span(element.get("rowspan"), len(rows) - row)
                colspan = _span(element.get("colspan"), 100)
                lines = _Flattener(self.watch, self.plan, flat=True, inside=True).run(element)
                text = "\n".join(line.text for line in lines if isinstance(line, _Line))
                cells.append(RawCell(text, row, column, rowspan, colspan))
                for covered in range(column, column + colspan):
                    occupied[covered] = row + rowspan
                column += colspan
        return cells

    def _start(self, element: etree._Element) -> None:
        tag = element.tag
        if element is self.plan.core:
            self._flush()
            self.inside = True
        if tag in _BLOCKS:
            if self.flat and tag in ("td", "th"):
                self._feed(" ")
            else:
                self._flush()
        if tag in _HEADINGS:
            self.level = _HEADINGS[tag]
        elif tag == "br":
            self.pieces.append(_BREAK)
        elif tag == "pre":
            self.kept_spaces += 1
        elif tag in ("ol", "ul"):
            start = element.get("start", "")
            style = _LIST_STYLES.get(element.get("type", "1"), "decimal")
            self.lists.append(_List(style, int(start) if start.isdecimal() else 1) if tag == "ol" else None)
        elif tag == "li":
            self._number(element)
        if element.text:
            self._feed(element.text)

    def _number(self, element: etree._Element) -> None:
        """The number that a browser puts before an item, unless the words bring their own."""
        counter = self.lists[-1] if self.lists else None
        if counter is None:
            return
        value = element.get("value", "")
        number = int(value) if value.isdecimal() and len(value) < 7 else counter.next
        counter.next = number + 1
        words = next((text for text in map(str, element.itertext()) if text.strip()), "")
        if self.inside and words and not _NUMBERED.match(words):
            self.pieces.append(f"{formatted(number, counter.style)}. ")

    def _end(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS and not (self.flat and tag in ("td", "th")):
            self._flush()
        if tag in _HEADINGS:
            self.level = None
        elif tag == "pre":
            self.kept_spaces -= 1
        elif tag in ("ol", "ul") and self.lists:
            self.lists.pop()
        if element is self.plan.core:
            self._flush()
            self.inside = False

    def _feed(self, text: str) -> None:
        self.pieces.append(text.replace("\n", _BREAK) if self.kept_spaces else text.replace(_BREAK, " "))

    def _flush(self) -> None:
        if not self.pieces:
            return
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text or (text.isspace() and _BREAK not in text):
            return
        for line in _WRAPPED.sub("", text).split(_BREAK):
            words = tidy(line.replace("\n", " "))
            if words and not is_site_line(words, inside=self.inside):
                self.items.append(_Line(words, self.level))


def _span(value: str | None, most: int) -> int:
    """A span as HTML counts it: 0 means up to the end."""
    if value is None or not value.strip().isdecimal() or len(value) > 6:
        return 1
    return min(int(value), most) or most


def _rows_of(table: etree._Element, plan: Plan) -> list[list[etree._Element]]:
    """The cells of a table row by row, without those of tables inside it."""
    rows = []
    for row in _direct(table, "tr", ("tbody", "thead", "tfoot", "form")):
        if row not in plan.dropped:
            rows.append([cell for cell in row if cell.tag in ("td", "th") and cell not in plan.dropped])
    return rows


def _direct(parent: etree._Element, wanted: str, through: tuple[str, ...]) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag in through:
            yield from (grandchild for grandchild in child if grandchild.tag == wanted)


def _is_layout(table: etree._Element, rows: list[list[etree._Element]], plan: Plan) -> bool:
    """A table that only arranges the page: one column, or one cell that holds nearly all of a long text."""
    if table.get("role") == "presentation" or max(map(len, rows), default=0) < 2:
        return True
    if table in plan.core.iterancestors():
        return True
    nested = next(table.iterdescendants("table"), None)
    lengths = [plan.words(cell) for row in rows for cell in row]
    total = sum(lengths)
    if nested is not None and plan.words(nested) * 2 > total:
        return True
    return total > _LONG_CELL and max(lengths) > 0.8 * total and len(rows) < 6


def _pairs(cells: list[RawCell]) -> list[str] | None:
    """The lines of a block of labels and values (索引号, 发文字号 …); None where the table is no such block."""
    filled = [RawCell(tidy(cell.text), cell.row, cell.column) for cell in cells if cell.text.strip()]
    if not filled or len(filled) > 80 or any(len(cell.text) > 400 for cell in filled):
        return None
    labels = [_label_of(cell.text) for cell in filled]
    known = sum(map(bool, labels))
    if known < 2 or not labels[0] or known * 3 < len(filled) or _is_head(filled, labels):
        return None
    lines: list[str] = []
    waiting = False
    for cell, label in zip(filled, labels, strict=True):
        if waiting and not label:
            lines[-1] += cell.text
        else:
            lines.append(label or cell.text)
        waiting = label.endswith("：")
    return lines


def _is_head(filled: list[RawCell], labels: list[str]) -> bool:
    """Whether the labels are the head of a table with values beneath, as in a list of documents."""
    first = [label for cell, label in zip(filled, labels, strict=True) if cell.row == filled[0].row]
    return len(first) > 1 and all(label.endswith("：") for label in first)


def _label_of(text: str) -> str:
    """`label：` or `label：value` without the spaces that spread the label; nothing where no known label begins."""
    head, _, value = text.replace(":", "：", 1).partition("：")
    label = "".join(head.split()).strip("[]【】")
    return f"{label}：{value.strip()}" if _LABEL.fullmatch(label) else ""
