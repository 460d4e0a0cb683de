"""From any HTML tree to a plain sequence of blocks: paragraphs, headings, tables, lists.

Pages put words into div, font, center, section and bare line breaks; a body knows only the blocks that mean something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from gongkai.publications.body import runs as running
from gongkai.publications.body.addresses import address_allowed, picture_allowed
from gongkai.publications.body.runs import Picture, Run
from gongkai.reading import ReadingError
from gongkai.reading.builder import tidy as fold_words

# Deeper nesting than any author makes; below it only the words are kept.
_DEEPEST = 60
_MOST_COLUMNS = 100
_MOST_ROWSPAN = 5000
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_MARKS = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "u",
    "s": "s",
    "strike": "s",
    "sub": "sub",
    "sup": "sup",
}
_PARAGRAPHS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "center",
        "address",
        "main",
        "header",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "pre",
        "body",
        "details",
        "summary",
        "caption",
    ]
)
_ALIGN = re.compile(r"text-align\s*:\s*(center|right)", re.I)
_FIGURES = re.compile(r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d+)?[%‰]?")
CLASSES = {
    "p": frozenset(["mark", "number", "flush", "center", "right", "sign", "note", "enclosure", "imprint", "page"]),
    "h2": frozenset(["ttl", "center", "right", "page"]),
    "h3": frozenset(["center", "right", "page"]),
    "h4": frozenset(["center", "right", "page"]),
    "td": frozenset(["center", "right", "n"]),
    "th": frozenset(["center", "right", "n"]),
    "table": frozenset(["doc-tbl", "page"]),
    "ol": frozenset(("notes",)),
}
_LIST_TYPES = frozenset("1aAiI")


@dataclass(slots=True)
class Cell:
    """A cell of a table: the HTML of its words, its spans, whether it is a head."""

    inner: str
    text: str
    rowspan: int = 1
    colspan: int = 1
    head: bool = False
    scope: str = ""
    classes: frozenset[str] = frozenset()

    def html(self) -> str:
        """The cell as an element."""
        tag = "th" if self.head else "td"
        kinds = self.classes - {"n"}
        if not kinds and not self.head and is_figure(self.text):
            kinds = frozenset(("n",))
        spans = "".join(
            f' {name}="{value}"' for name, value in (("colspan", self.colspan), ("rowspan", self.rowspan)) if value > 1
        )
        scope = f' scope="{self.scope}"' if self.head and self.scope else ""
        return f"<{tag}{_class(kinds)}{spans}{scope}>{self.inner}</{tag}>"


@dataclass(slots=True)
class Table:
    """A table: caption, rows of the head, rows of the body."""

    caption: str = ""
    head: list[list[Cell]] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    classes: frozenset[str] = frozenset()

    def html(self) -> str:
        """The table as an element; a first row of heads alone is the head."""
        head, rows = self.head, self.rows
        if not head and len(rows) > 1 and rows[0] and all(cell.head for cell in rows[0]):
            head, rows = rows[:1], rows[1:]
        for row in head:
            for cell in row:
                cell.head, cell.scope = True, cell.scope or "col"
        for row in rows:
            for cell in row:
                if cell.head:
                    cell.scope = cell.scope or "row"
        caption = f"<caption>{self.caption}</caption>" if self.caption else ""
        top = f"<thead>{_rows(head)}</thead>" if head else ""
        return f"<table{_class(self.classes | {'doc-tbl'})}>{caption}{top}<tbody>{_rows(rows)}</tbody></table>"


def is_figure(text: str) -> bool:
    """Whether words are one figure: 1,286 or 94.6%."""
    return _FIGURES.fullmatch(text) is not None


def _rows(rows: list[list[Cell]]) -> str:
    return "".join(f"<tr>{''.join(cell.html() for cell in row)}</tr>" for row in rows)


def _class(names: frozenset[str]) -> str:
    return f' class="{" ".join(sorted(names))}"' if names else ""


@dataclass(slots=True)
class Block:
    """One block of a body. Paragraphs and headings hold runs; tables, lists and rules hold their finished HTML.

    `indent` tells how many blanks stood before the words: some authors push a signature to the right with them.
    """

    tag: str
    runs: list[Run] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    raw: str = ""
    anchor: str = ""
    indent: int = 0

    @property
    def text(self) -> str:
        """The words of a paragraph or heading."""
        return running.words(self.runs)

    def html(self) -> str:
        """The block as HTML."""
        if self.raw:
            return self.raw
        if self.tag == "hr":
            return "<hr>"
        anchor = f' id="{self.anchor}"' if self.anchor else ""
        kinds = _class(frozenset(self.classes) & CLASSES.get(self.tag, frozenset()))
        return f"<{self.tag}{anchor}{kinds}>{running.render(self.runs)}</{self.tag}>"


def parse(text: str) -> etree._Element:
    """The body element of a piece of HTML. Raises `ReadingError`: unsafe (nesting without end)."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    source = f"<html><body>{running.clean_text(text)}</body></html>".encode("utf-8", "replace")
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError):
        return etree.Element("body")
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ReadingError("unsafe", "内容的层次嵌套过深，可能有害，没有打开。请只复制正文后粘贴导入。")
    body = root.find("body")
    return body if body is not None else etree.Element("body")


def blocks_of(root: etree._Element, *, split: bool = False) -> list[Block]:
    """The blocks of a tree. `split` makes paragraphs of lines that a page parts with `<br>` only."""
    flow = _Flow(split)
    flow.walk(root, frozenset(), "", 0)
    flow.flush()
    return flow.blocks


def kinds_of(element: etree._Element) -> set[str]:
    """The classes of an element, with the alignment that a style or an old attribute asks for."""
    kinds = set((element.get("class") or "").split())
    align = (element.get("align") or "").lower()
    found = _ALIGN.search(element.get("style") or "")
    align = found[1].lower() if found else align
    if align in ("center", "right") or element.tag == "center":
        kinds.add("center" if element.tag == "center" else align)
    return kinds


class _Flow:
    def __init__(self, split: bool) -> None:
        self.split = split
        self.blocks: list[Block] = []
        self.runs: list[Run] = []
        self.tag = "p"
        self.kinds: set[str] = set()

    def flush(self) -> None:
        """End the paragraph that is open."""
        runs, self.runs = self.runs, []
        for part in _split(runs) if self.split and self.tag == "p" else [runs]:
            tidied = running.tidy(part)
            if tidied:
                indent = len(head := running.words(part[:3])) - len(head.lstrip(" \t\xa0\u3000\n"))
                self.blocks.append(Block(self.tag, tidied, set(self.kinds), indent=indent))

    def walk(self, element: etree._Element, marks: frozenset[str], href: str, depth: int) -> None:
        """Take the words and children of an element."""
        if depth > _DEEPEST:
            self.feed("".join(map(str, element.itertext())), marks, href)
            return
        self.feed(element.text, marks, href)
        for child in element:
            if isinstance(child.tag, str):
                self.child(child, marks, href, depth)
            self.feed(child.tail, marks, href)

    def feed(self, text: str | None, marks: frozenset[str], href: str, *, number: bool = False) -> None:
        """Add words to the paragraph that is open."""
        if text:
            self.runs.append(Run(text.replace("\n", " "), marks, href, number=number))

    def child(self, child: etree._Element, marks: frozenset[str], href: str, depth: int) -> None:
        """Take one child element."""
        tag = child.tag
        if tag == "br":
            self.runs.append(Run("\n"))
        elif tag == "img":
            self.picture(child)
        elif tag in _MARKS:
            self.walk(child, marks | {_MARKS[tag]}, href, depth + 1)
        elif tag == "a":
            target = (child.get("href") or "").strip()
            self.walk(child, marks, target if address_allowed(target) else "", depth + 1)
        elif tag == "span" and "no" in (child.get("class") or "").split() and not len(child):
            self.feed(child.text, frozenset(), "", number=True)
        elif tag in _HEADINGS or tag in _PARAGRAPHS:
            self.block(child, _HEADINGS.get(tag, "p"), marks, href, depth)
        elif tag == "table":
            self.whole(Block("table", raw=table_of(child, depth + 1).html()))
        elif tag in ("ul", "ol"):
            self.whole(Block(tag, raw=list_of(child, depth + 1)))
        elif tag == "blockquote":
            inner = blocks_of(child, split=self.split) if depth < _DEEPEST else []
            html = "".join(block.html() for block in inner)
            self.whole(Block("blockquote", raw=f"<blockquote>{html}</blockquote>" if html else ""))
        elif tag == "hr":
            self.whole(Block("hr", raw="<hr>"))
        else:
            self.walk(child, marks, href, depth + 1)

    def block(self, element: etree._Element, tag: str, marks: frozenset[str], href: str, depth: int) -> None:
        """A paragraph or heading; what stands in it after an inner block is a paragraph of the same kind."""
        self.flush()
        before = self.tag, self.kinds
        own = kinds_of(element)
        self.tag = tag if before[0] == "p" else before[0]
        # Alignment is inherited, as in a browser; what a paragraph is, is not.
        self.kinds = own | (before[1] & {"center", "right"} if not own & {"center", "right"} else set())
        self.walk(element, marks, href, depth + 1)
        self.flush()
        self.tag, self.kinds = before

    def whole(self, block: Block) -> None:
        """A block that is finished."""
        self.flush()
        if block.raw:
            self.blocks.append(block)

    def picture(self, element: etree._Element) -> None:
        source = (element.get("src") or "").strip()
        if picture_allowed(source):
            width, height = (_pixels(element.get(name)) for name in ("width", "height"))
            alt = fold_words(element.get("alt") or "").replace("\n", " ")[:300]
            self.runs.append(Run("", picture=Picture(source, alt, width, height)))


def _pixels(value: str | None) -> str:
    found = re.fullmatch(r"\s*(\d{1,4})(?:\.\d+)?(?:px)?\s*", value or "")
    return str(int(found[1])) if found and int(found[1]) else ""


def _split(runs: list[Run]) -> list[list[Run]]:
    """Parts of a paragraph that a page broke with `<br>`: where a line ends a sentence, is empty, or the next is indented."""
    parts: list[list[Run]] = [[]]
    for number, run in enumerate(runs):
        if run.text == "\n" and run.picture is None:
            before = running.words(parts[-1]).rsplit("\n", 1)[-1].rstrip(" \xa0\u3000")
            after = next((r.text for r in runs[number + 1 :] if r.picture or r.text == "\n" or r.text), "")
            if not before or before[-1] in "。；：:;！？" or after[:1] in "\n\u3000" or after[:2] in ("\xa0\xa0", "  "):
                parts.append([])
                continue
        parts[-1].append(run)
    return parts


def _inside(element: etree._Element, depth: int) -> list[Run]:
    """Everything in a cell or list item as one line of runs; blocks in it are parted by line breaks."""
    runs: list[Run] = []
    for block in blocks_of(element) if depth < _DEEPEST else [Block("p", [Run("".join(map(str, element.itertext())))])]:
        part = block.runs
        if block.raw:
            part = lines_of(block.raw)
        if runs and part:
            runs.append(Run("\n"))
        runs.extend(part)
    return running.tidy(runs)


def lines_of(raw: str) -> list[Run]:
    """A table or list within a cell, as lines of words."""
    runs: list[Run] = []
    for row in parse(raw).iter("tr", "li", "p"):
        words = fold_words(" ".join(map(str, row.itertext()))).replace("\n", " ")
        if words:
            runs += [Run("\n"), Run(words)] if runs else [Run(words)]
    return runs


def table_of(element: etree._Element, depth: int) -> Table:
    """A table with its spans made safe: they never reach beyond the table."""
    table = Table(classes=frozenset(kinds_of(element)) & CLASSES["table"])
    caption = element.find("caption")
    if caption is not None:
        table.caption = running.render(r for r in _inside(caption, depth) if r.picture is None)
    rows: list[tuple[bool, etree._Element]] = []
    for child in element:
        if child.tag == "tr":
            rows.append((False, child))
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows.extend((child.tag == "thead", row) for row in child if row.tag == "tr")
    for number, (head, row) in enumerate(rows):
        cells = [_cell(cell, len(rows) - number, depth) for cell in row if cell.tag in ("td", "th")]
        if cells:
            (table.head if head and not table.rows else table.rows).append(cells)
    if not table.rows:
        table.head, table.rows = [], table.head
    return table


def _cell(element: etree._Element, rows_left: int, depth: int) -> Cell:
    inner = _inside(element, depth)
    kinds = frozenset(kinds_of(element)) & CLASSES["td"]
    scope = element.get("scope") or ""
    return Cell(
        running.render(inner),
        running.words(inner),
        min(_span(element.get("rowspan"), _MOST_ROWSPAN), rows_left),
        _span(element.get("colspan"), _MOST_COLUMNS),
        element.tag == "th",
        scope if scope in ("col", "row", "colgroup", "rowgroup") else "",
        kinds,
    )


def _span(value: str | None, most: int) -> int:
    text = (value or "").strip()
    return min(max(1, int(text)), most) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def list_of(element: etree._Element, depth: int) -> str:
    """A list; items keep their words and the lists within them. Empty where no item has words."""
    items = []
    for child in element:
        if child.tag in ("ul", "ol") and depth < _DEEPEST:
            inner_html = list_of(child, depth + 1)
            items += [f"<li>{inner_html}</li>"] if inner_html else []
        if child.tag != "li":
            continue
        nested = [inner for inner in child if inner.tag in ("ul", "ol")] if depth < _DEEPEST else []
        inner_html = "".join(list_of(inner, depth + 1) for inner in nested)
        for inner in nested:
            tail = inner.tail
            inner.clear()
            inner.tail = tail
        runs = _inside(child, depth)
        if runs or inner_html:
            items.append(f"<li>{running.render(runs)}{inner_html}</li>")
    if not items:
        return ""
    attributes = ""
    if element.tag == "ol":
        kinds = frozenset((element.get("class") or "").split()) & CLASSES["ol"]
        start, style = element.get("start") or "", element.get("type") or ""
        attributes = _class(kinds)
        if start.isascii() and start.isdecimal() and len(start) < 6 and int(start) > 1:
            attributes += f' start="{int(start)}"'
        if style in _LIST_TYPES and style != "1":
            attributes += f' type="{escape(style)}"'
    return f"<{element.tag}{attributes}>{''.join(items)}</{element.tag}>"
