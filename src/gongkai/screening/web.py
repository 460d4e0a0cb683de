"""The text inside web pages, seen and unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes

from lxml import etree

from gongkai.reading.blocks import ReadingError
from gongkai.reading.text import decode, fold
from gongkai.screening.parts import Part, PartKind

_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([-\w]+)", re.I)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "ul",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "title",
        "option",
        "br",
    ]
)
_CODE = frozenset(("script", "style", "template", "noscript"))
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d])", re.I
)
_WORDY = re.compile("[\u3400-\u9fff]{2}|[0-9]{7}|@")


def is_hidden(element: etree._Element) -> bool:
    """Whether the page itself hides an element."""
    if element.get("hidden") is not None or _HIDING.search(element.get("style", "")):
        return True
    return element.tag == "input" and element.get("type", "").lower() == "hidden"


def page_tree(data: bytes, charset: str | None = None) -> etree._Element:
    """The tree of a page with its comments; nothing is fetched. Raises `ReadingError`."""
    declared = _CHARSET.search(data[:8192])
    text, _ = decode(data, charset or (declared.group(1).decode("ascii", "ignore") if declared else None))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(fold(text).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadingError("damaged", "网页已损坏，打不开。请在浏览器里打开网页，重新保存后再上传。") from error
    if root is None:
        raise ReadingError("empty", "网页里没有内容。请在浏览器里打开网页，重新保存后再上传。")
    return root


def mhtml_parts(data: bytes) -> list[Part]:
    """The parts of a page saved as one file. Raises `ReadingError`."""
    parts: list[Part] = []
    for message in message_from_bytes(data).walk():
        if message.get_content_type() == "text/html":
            payload = message.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                parts += html_parts(payload, message.get_content_charset())
    if not parts:
        raise ReadingError("damaged", "这个网页文件里没有正文。请在浏览器里打开网页，重新保存后再上传。")
    return parts


def html_parts(data: bytes, charset: str | None = None) -> list[Part]:
    """The parts of a page. Raises `ReadingError`."""
    return list(_Reader(page_tree(data, charset)).parts())


class _Reader:
    """Walks without recursion: pages may be nested as deep as they like."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.hidden_depth = 0
        self.words: list[str] = []
        self.number = 0

    def parts(self) -> Iterator[Part]:
        for event, element in etree.iterwalk(self.root, events=("start", "end", "comment", "pi")):
            if event == "start":
                yield from self._start(element)
            elif event == "end":
                yield from self._end(element)
            elif event == "comment":
                if _WORDY.search(element.text or ""):
                    yield Part("网页注释", " ".join((element.text or "").split()), "comment")
                self.words.append(element.tail or "")
        yield from self._flush()

    def _start(self, element: etree._Element) -> Iterator[Part]:
        tag = element.tag
        if tag in _BLOCKS:
            yield from self._flush()
        yield from self._attributes(element)
        if tag in _CODE or is_hidden(element):
            yield from self._flush()
            self.hidden_depth += 1
        self.words.append(element.text or "")

    def _end(self, element: etree._Element) -> Iterator[Part]:
        hides = element.tag in _CODE or is_hidden(element)
        if hides or element.tag in _BLOCKS:
            yield from self._flush(element)
        if hides:
            self.hidden_depth -= 1
        self.words.append(element.tail or "")

    def _flush(self, element: etree._Element | None = None) -> Iterator[Part]:
        text = " ".join("".join(self.words).split())
        self.words.clear()
        if not text:
            return
        if self.hidden_depth:
            if _WORDY.search(text):
                script = element is not None and element.tag in _CODE
                yield Part("网页脚本" if script else "网页隐藏元素", text, "hidden")
            return
        self.number += 1
        heading, row = _cell(element) if element is not None and element.tag in ("td", "th") else ("", "")
        yield Part(f"正文第{self.number}段", text, "body", heading, row)

    def _attributes(self, element: etree._Element) -> Iterator[Part]:
        kind: PartKind = "hidden" if self.hidden_depth else "margin"
        for name in ("alt", "title", "placeholder"):
            if element.get(name):
                yield Part("提示或替代文字", element.get(name, ""), kind)
        if element.tag == "meta" and element.get("content") and element.get("name"):
            yield Part(f"网页属性 {element.get('name', '')[:40]}", element.get("content", ""), "property")
        if element.tag == "a" and element.get("href"):
            yield Part("链接地址", element.get("href", ""), "margin")
        if element.tag == "input" and element.get("value"):
            unseen = is_hidden(element) or self.hidden_depth
            yield Part("网页隐藏元素" if unseen else "输入框", element.get("value", ""), "hidden" if unseen else "body")


def _cell(cell: etree._Element) -> tuple[str, str]:
    """The heading of a cell's column, from the first row of its table, and the key of its row."""
    row = cell.getparent()
    table = next(cell.iterancestors("table"), None)
    if row is None or table is None:
        return "", ""
    first = next(table.iter("tr"), None)
    key = f"r{row.sourceline}-{id(row)}"
    if first is None or first is row:
        return "", ""
    column = sum(1 for _ in cell.itersiblings("td", "th", preceding=True))
    headings = first.findall("td") + first.findall("th")
    if len(headings) != len(row):
        return "", key
    return " ".join("".join(map(str, headings[column].itertext())).split())[:20], key
