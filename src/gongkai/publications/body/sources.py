"""Bodies from pasted text, saved pages and PDF files."""

from __future__ import annotations

import base64
import binascii
import re
from email import message_from_bytes
from urllib.parse import unquote_to_bytes

from lxml import etree

from gongkai.publications.body import clean, flow, recognise
from gongkai.publications.body import runs as running
from gongkai.publications.body.flow import Block
from gongkai.publications.body.model import Body, Image
from gongkai.publications.body.runs import Run
from gongkai.publications.body.word import _Open, guarded, picture_of, table_of
from gongkai.publications.body.words import to_text
from gongkai.reading import DEFAULT, Document, Limits, ReadingError, read_pasted
from gongkai.reading import html as pages
from gongkai.reading.builder import tidy
from gongkai.reading.limits import Watch
from gongkai.reading.page import is_site_line, plan_page
from gongkai.reading.text import decode

_PAGE = re.compile(r"<(?:html|body|head|nav|footer|header)\b", re.I)
_CHROME = re.compile(
    r"[【\[]?(?:字体|字号|时间|来源|信息来源|发布时间|发布日期|浏览|点击|作者|责任编辑|编辑|打印|分享)\s*[：:]?|当前位置|您(?:当前)?(?:所在)?的?位置|首页\s*[>＞›»]"
)
_LONGEST_CHROME = 120
_NO_PICTURES = "网页里的图片没有随文件保存，没有读入。请另存图片后在正文里插入。"


def from_text(words: str, *, limits: Limits = DEFAULT) -> Body:
    """A body from pasted words: a paragraph a line; lines parted by tabs, as Excel and Word paste them, become a table.

    Raises `ReadingError`: empty, too_large.
    """
    return guarded(lambda: _text(read_pasted(words, limits=limits)))


def _text(read: Document) -> Body:
    blocks: list[Block] = []
    rows: list[list[str]] = []
    for line in [*read.text.split("\n"), ""]:
        cells = _columns(line)
        if cells:
            rows.append(cells)
            continue
        if not line.strip() and rows and len(rows[-1]) > 1 and line:
            continue
        blocks += _rows(rows)
        rows = []
        if line.strip():
            blocks.append(Block("p", running.tidy([Run(line)]), indent=len(line) - len(line.lstrip(" \t\xa0\u3000"))))
    blocks = [block for block in blocks if block.raw or block.runs]
    metadata: dict[str, str] = {}
    _strip_lines(blocks, metadata, everywhere=False)
    return _body(blocks, read.warnings, metadata=metadata)


def _columns(line: str) -> list[str]:
    """The cells of a line that Excel, Word (tabs) or a page turned into text (bars) gives; nothing for a plain line."""
    text = line.strip()
    if "\t" in text:
        return [cell.strip() for cell in line.strip("\n").split("\t")]
    if " | " in text or text.endswith(" |"):
        return [cell.strip() for cell in text.removesuffix("|").split(" | ")]
    return []


def _rows(rows: list[list[str]]) -> list[Block]:
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return [Block("p", running.tidy([Run(" ".join(filter(None, row)))])) for row in rows]
    columns = max(map(len, rows))
    cells = [
        _Open(running.tidy([Run(text)]), n, column, 1, columns - column if column == len(row) - 1 else 1, False)
        for n, row in enumerate(rows)
        for column, text in enumerate(row)
    ]
    return [Block("table", raw=table_of(cells).html())]


def _body(
    blocks: list[Block],
    warnings: tuple[str, ...] = (),
    images: tuple[Image, ...] = (),
    metadata: dict[str, str] | None = None,
) -> Body:
    recognise.classify(blocks)
    html = clean.finish(blocks)
    if not html.strip():
        raise ReadingError("empty", "里面没有文字。请检查是否选错了文件，或把正文复制后粘贴。")
    return Body(html, to_text(html), images, metadata or {}, warnings)


def from_pdf(data: bytes, *, limits: Limits = DEFAULT) -> Body:
    """A body from a PDF file: paragraphs and ruled tables; pictures stay behind. Raises `ReadingError`."""
    from gongkai.reading.pdf import read_pdf

    def work() -> Body:
        watch = Watch(limits)
        watch.check_input(len(data))
        if b"%PDF-" not in data[:1024]:
            raise ReadingError("unsupported", "这不是 PDF 文件。请上传 PDF；Word 和网页请用对应的入口。")
        read = read_pdf(data, watch)
        return _body([_pdf_block(read, block) for block in read.blocks], read.warnings)

    return guarded(work)


def _pdf_block(read: Document, block: object) -> Block:
    table = getattr(block, "table", None)
    if table is None:
        text = read.text_of(block)  # type: ignore[arg-type]
        return Block("p", running.tidy(_lines(text)))
    cells = [
        _Open(running.tidy(_lines(cell.text)), cell.row, cell.column, cell.rowspan, cell.colspan, False)
        for cell in table.cells
    ]
    return Block("table", raw=table_of(cells).html())


def _lines(text: str) -> list[Run]:
    runs: list[Run] = []
    for line in text.split("\n"):
        runs += [Run("\n"), Run(line)] if runs else [Run(line)]
    return runs


def from_html(page: str | bytes, *, limits: Limits = DEFAULT) -> Body:
    """A body from a saved page (.html, .mht) or from HTML pasted out of a page, without the site around it.

    The block of labels and values goes to `metadata`. Raises `ReadingError`.
    """
    return guarded(lambda: _html(page, Watch(limits)))


def _html(page: str | bytes, watch: Watch) -> Body:
    warnings: tuple[str, ...] = ()
    parts: dict[str, bytes] = {}
    if isinstance(page, bytes):
        watch.check_input(len(page))
        page, warnings, parts = _decoded(page)
    watch.check_length(len(page) // 8)
    if page.count("<") > 2 * watch.limits.elements:
        raise ReadingError("too_large", "网页太复杂，读不完。请只复制正文后粘贴。")
    root = pages._parse(running.clean_text(page))
    body = root.find("body") if root is not None else None
    if root is None or body is None:
        raise ReadingError("empty", "网页里没有正文，可能要由脚本加载。请在浏览器里打开网页，全选复制后粘贴。")
    metadata = pages._metadata(root)
    if _PAGE.search(page):
        _strip_site(body, watch, metadata)
    images, lost = _take_pictures(body, parts)
    blocks = flow.blocks_of(clean.tree(etree.tostring(body, encoding="unicode", method="html")), split=True)
    _strip_lines(blocks, metadata)
    _add_title(blocks, metadata)
    return _body(blocks, (*warnings, *((_NO_PICTURES,) if lost else ())), images, metadata)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...], dict[str, bytes]]:
    """The words of a page and, of a page saved as one file, its parts by address."""
    charset = None
    parts: dict[str, bytes] = {}
    if re.match(rb"\s*(?:From:|MIME-Version:|Subject:)", data[:200], re.I):
        html = b""
        for part in message_from_bytes(data).walk():
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes):
                continue
            if part.get_content_type() == "text/html" and not html:
                html, charset = payload, part.get_content_charset()
            elif part.get_content_maintype() == "image":
                parts[str(part.get("Content-Location", ""))] = payload
                parts["cid:" + str(part.get("Content-ID", "")).strip("<>")] = payload
        data = html
    declared = pages._CHARSET.search(data[:8192])
    text, warnings = decode(data, charset or (declared[1].decode("ascii", "ignore") if declared else None))
    return text, warnings, parts


def _strip_site(body: etree._Element, watch: Watch, metadata: dict[str, str]) -> None:
    """Take away menus and footers, and the tables that arrange the page or hold its metadata."""
    plan = plan_page(body, watch)
    for table in list(body.iter("table")):
        rows = pages._rows_of(table, plan)
        if pages._is_layout(table, rows, plan):
            table.tag = "div"
            for inner in list(table.iter("tbody", "thead", "tr", "td", "th")):
                owner = next((up for up in inner.iterancestors("table", "div") if up is table), None)
                if owner is not None and next(inner.iterancestors("table"), None) is None:
                    inner.tag = "div"
            continue
        pairs = pages._pairs(pages._Flattener(watch, plan)._cells(rows))
        if pairs is not None:
            for pair in pairs:
                label, _, value = pair.partition("：")
                if value.strip():
                    metadata.setdefault(label, value.strip())
            _remove(table)
    for element in plan.dropped:
        if element is not body:
            _remove(element)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _take_pictures(body: etree._Element, parts: dict[str, bytes]) -> tuple[tuple[Image, ...], bool]:
    """Pictures that the page brings along become files of their own; those elsewhere are lost."""
    images: dict[str, Image] = {}
    lost = False
    for element in body.iter("img"):
        source = (element.get("src") or "").strip()
        data = parts.get(source) or (_data(source) if source.startswith("data:") else None)
        image = picture_of(data, f"图{len(images) + 1}") if data else None
        if image is not None:
            images.setdefault(image.sha256, image)
            element.set("src", f"attachment:{image.sha256}")
        elif not source.startswith(("attachment:", "/files/")):
            lost = True
            element.set("src", "")
    return tuple(images.values()), lost


def _data(address: str) -> bytes | None:
    head, _, rest = address.partition(",")
    try:
        if head.endswith(";base64"):
            return base64.b64decode(unquote_to_bytes(rest), validate=False)
        return unquote_to_bytes(rest)
    except (binascii.Error, ValueError):
        return None


def _strip_lines(blocks: list[Block], metadata: dict[str, str], *, everywhere: bool = True) -> None:
    """Take away lines of the site, and labels with values, at the top; `everywhere` looks for site lines below as well."""
    kept: list[Block] = []
    begun = False
    waiting = ""
    for block in blocks:
        text = block.text.strip() if not block.raw else ""
        name, value = _label(text) if text and not begun else ("", "")
        if name:
            if value:
                metadata.setdefault(name, value)
            waiting = "" if value else name
        elif waiting and 0 < len(text) < 100:
            metadata.setdefault(waiting, text)
            waiting = ""
        elif not _is_chrome(text, begun=begun, everywhere=everywhere):
            begun |= bool(block.raw) or len(text) > _LONGEST_CHROME or recognise._is_recipients(text)
            kept.append(block)
    blocks[:] = kept


def _label(text: str) -> tuple[str, str]:
    """The label and the value of a line of metadata; a label alone waits for its value."""
    text = text.lstrip("•·● ")
    found = pages._label_of(text)
    if not found and pages._LABEL.fullmatch("".join(text.split())):
        found = "".join(text.split())
    name, _, value = found.partition("：")
    return name, value.strip()


def _is_chrome(text: str, *, begun: bool, everywhere: bool) -> bool:
    if not text or len(text) > _LONGEST_CHROME:
        return False
    if not begun and _CHROME.match(text):
        return True
    return (everywhere or not begun) and is_site_line(text, inside=False) and not _sentence(text)


def _sentence(text: str) -> bool:
    return text.endswith(("。", "；", "：", "）"))


def _add_title(blocks: list[Block], metadata: dict[str, str]) -> None:
    """Some sites let a script write the title; the meta tag still has it."""
    title = next((value for name, value in metadata.items() if name.lower() == "articletitle"), "")
    words = "".join("".join(block.text.split()) for block in blocks[:20])
    if title and len(title) <= 200 and "".join(title.split()) not in words:
        blocks.insert(0, Block("h2", [Run(tidy(title))], {"ttl"}))
