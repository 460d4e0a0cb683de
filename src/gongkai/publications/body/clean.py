"""Make HTML from anywhere safe and regular, and give its headings and articles lasting anchors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import nh3
from lxml import etree

from gongkai.law.numbering import from_chinese_numeral
from gongkai.publications.body import flow
from gongkai.publications.body import runs as running
from gongkai.publications.body.addresses import address_allowed, anchor_allowed, picture_allowed
from gongkai.publications.body.flow import Block
from gongkai.publications.body.model import Entry
from gongkai.reading import DEFAULT, ReadingError
from gongkai.reading.builder import tidy

_BLOCKS = frozenset(
    [
        "p",
        "h2",
        "h3",
        "h4",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "blockquote",
        "hr",
        "br",
    ]
)
_WORDS = frozenset(["strong", "em", "u", "s", "sub", "sup", "a", "img", "span"])
_STRICT = _BLOCKS | _WORDS
# Taken apart by `flow`, never kept as they are.
_LOOSE = _STRICT | frozenset(
    [
        "div",
        "section",
        "article",
        "main",
        "header",
        "center",
        "address",
        "h1",
        "h5",
        "h6",
        "b",
        "i",
        "strike",
        "font",
        "figure",
        "figcaption",
        "dl",
        "dt",
        "dd",
        "pre",
        "tfoot",
        "details",
        "summary",
    ]
)
# Words in these are never words of a document.
_SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "audio",
        "video",
        "canvas",
        "map",
        "select",
        "option",
        "datalist",
        "button",
        "textarea",
        "title",
        "head",
        "xmp",
        "noembed",
        "noframes",
        "plaintext",
        "dialog",
    ]
)
_LOOSE_ATTRIBUTES = {
    "*": {"class", "align", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "scope"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
}
_STRICT_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
    "p": {"id"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "li": {"id"},
}
_STRICT_CLASSES = {name: set(kinds) for name, kinds in flow.CLASSES.items()} | {"span": {"no"}, "a": {"ref"}}
_SCHEMES = {"http", "https", "mailto", "attachment"}
_ARTICLE = re.compile(r"第(.+)条(?:之(.+))?")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def sanitise(html: str) -> str:
    """HTML that holds nothing but what a body may hold (see docs/documents.md); doing it twice changes nothing.

    Anchors are made anew: `t3` for 第三条, `s1` for headings, `n1` for footnotes. Raises `ReadingError`: too_large, unsafe.
    """
    return finish(flow.blocks_of(tree(html)))


def tree(html: str) -> etree._Element:
    """The loosely cleaned tree of any HTML: no scripts, no unknown elements. Raises `ReadingError`: too_large, unsafe."""
    if len(html) > 4 * DEFAULT.text_length or html.count("<") > 2 * DEFAULT.elements:
        raise ReadingError("too_large", "内容太多，处理不完。请分成几份文件后再导入。")
    loose = nh3.clean(
        running.clean_text(html),
        tags=set(_LOOSE),
        clean_content_tags=set(_SILENT),
        attributes={name: set(value) for name, value in _LOOSE_ATTRIBUTES.items()},
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return flow.parse(loose)


def finish(blocks: Iterable[Block]) -> str:
    """The final HTML of blocks: articles set apart, anchors given, everything checked once more."""
    kept = [block for block in blocks if block.raw or block.runs]
    _give_anchors(kept)
    html = "\n".join(block.html() for block in kept)
    return nh3.clean(
        html,
        tags=set(_STRICT),
        clean_content_tags=set(_SILENT),
        attributes={name: set(value) for name, value in _STRICT_ATTRIBUTES.items()},
        allowed_classes=_STRICT_CLASSES,
        attribute_filter=_permitted,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def _permitted(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if address_allowed(value) else None
    if name == "src":
        return value if picture_allowed(value) else None
    if name == "id":
        return value if anchor_allowed(value) else None
    if name in ("colspan", "rowspan", "start", "width", "height"):
        return value if value.isascii() and value.isdecimal() and len(value) < 6 else None
    return value


def _give_anchors(blocks: list[Block]) -> None:
    articles: Counter[str] = Counter()
    headings = notes = 0
    for block in blocks:
        block.anchor = ""
        if block.tag == "p":
            block.runs = running.number_article(block.runs)
            if block.runs and block.runs[0].number:
                anchor = article_anchor(block.runs[0].text)
                if anchor:
                    articles[anchor] += 1
                    block.anchor = anchor if articles[anchor] == 1 else f"{anchor}-{articles[anchor]}"
        elif block.tag in ("h2", "h3", "h4"):
            headings += 1
            block.anchor = f"s{headings}"
        elif block.raw.startswith('<ol class="notes"'):
            block.raw, notes = _number_notes(block.raw, notes)


def article_anchor(words: str) -> str:
    """`t3` for 第三条, `t3_1` for 第三条之一; empty where the number cannot be read."""
    match = _ARTICLE.fullmatch(words.strip())
    if match is None:
        return ""
    numbers = [_number(part) for part in match.groups() if part]
    return "t" + "_".join(map(str, numbers)) if all(numbers) else ""


def _number(text: str) -> int:
    text = text.translate(_WIDE_DIGITS)
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < 5 else 0
    try:
        return from_chinese_numeral(text)
    except ValueError:
        return 0


def _number_notes(raw: str, number: int) -> tuple[str, int]:
    """The footnotes, each with its anchor, counted on from `number`; only items of the outermost list count."""
    depth = 0
    pieces = []
    for piece in re.split(r"(</?(?:[ou]l|li)\b[^>]*>)", raw):
        if piece.startswith(("<ol", "<ul")):
            depth += 1
        elif piece.startswith(("</ol", "</ul")):
            depth -= 1
        elif piece.startswith("<li") and depth == 1:
            number += 1
            piece = f'<li id="n{number}">'
        pieces.append(piece)
    return "".join(pieces), number


def contents(html: str) -> tuple[Entry, ...]:
    """The table of contents of a sanitised body: its headings; articles too where the headings are chapters of them."""
    entries = []
    for element in flow.parse(html).iter("h2", "h3", "h4"):
        anchor, words = element.get("id") or "", tidy("".join(map(str, element.itertext()))).replace("\n", "")
        if anchor and words:
            entries.append(Entry(int(element.tag[1]), anchor, words))
    return tuple(entries)
