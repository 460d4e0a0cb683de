"""PDF files: lines joined to paragraphs, ruled tables joined over pages, page numbers left out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gongkai.reading.blocks import Document, ReadingError
from gongkai.reading.builder import Builder, RawCell
from gongkai.reading.limits import Watch
from gongkai.reading.pdf_pages import Line, Page, PageCell, PageTable

_SCAN = "这个 PDF 是扫描件，没有可以读取的文字。请先做文字识别（OCR），或找到可编辑的原稿（Word、网页、文本）再上传。"
_DAMAGED = "PDF 文件已损坏或没有传完整，打不开。请重新下载，或用 PDF 阅读器打开后另存再上传。"
_ENCRYPTED = "PDF 设有打开密码，读不了。请用 PDF 阅读器打开，取消密码后另存，再上传。"
_PAGE_NUMBER = re.compile(
    r"[-—–－·・\s]*(?:第\s*)?[0-9０-９]{1,4}\s*(?:页)?(?:\s*[/／,，]?\s*共?\s*[0-9]{1,4}\s*页?)?[-—–－·・\s]*"
)
_ITEM = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,3}[、.．](?!\d)|第[一二三四五六七八九十百]+[章节条]"
    r"|[①-⑳]|[•●■◆]|(?:牵头|责任|配合|落实|主办|协办)(?:单位|部门|处室|科室)[:：]|(?:完成|办理)时[限间][:：])"
)
_ENDS = "。；;：:！？!?"
_HAN = re.compile("[\u2018-\u201d\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]")


def read_pdf(data: bytes, watch: Watch) -> Document:
    """Read a PDF file. Raises `ReadingError`: encrypted, scan, damaged, too_large, too_slow."""
    pages = _pages(data, watch)
    _refuse_scans(pages)
    builder = Builder(watch)
    bare = [number for number, page in enumerate(pages, 1) if page.images and not page.characters]
    if bare:
        listed = "、".join(map(str, bare[:10])) + (" 等" if len(bare) > 10 else "")
        builder.warn(f"第 {listed} 页只有图片，没有文字，其中的内容没有读出来。")
    _drop_page_furniture(pages)
    for item in _join(pages, watch):
        if isinstance(item, _Paragraph):
            builder.add(item.text)
        else:
            builder.add_table(item.cells)
    return builder.document("pdf", ReadingError("scan", _SCAN))


def _pages(data: bytes, watch: Watch) -> list[Page]:
    limits = watch.limits
    watch.check()
    order = json.dumps(
        {"pages": limits.pages, "characters": limits.text_length, "bytes": limits.unpacked_bytes}
    ).encode()
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "gongkai.reading.pdf_pages"],
                input=order + b"\n" + data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                timeout=max(0.1, watch.remaining),
                check=False,
            )
        except subprocess.TimeoutExpired:
            Watch(limits, started=float("-inf")).check()
            raise
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise ReadingError("damaged", _DAMAGED) from error
    if "error" in answer:
        raise _error(answer["error"], watch)
    return [_page(page) for page in answer["pages"]]


def _error(code: str, watch: Watch) -> ReadingError:
    if code == "encrypted":
        return ReadingError("encrypted", _ENCRYPTED)
    if code == "pages":
        return ReadingError("too_large", f"PDF 超过 {watch.limits.pages} 页，读不完。请只保留通知正文和附件后再上传。")
    if code == "characters":
        return ReadingError("too_large", "PDF 里的文字太多，读不完。请只保留通知正文和附件后再上传。")
    if code == "memory":
        return ReadingError("unsafe", "PDF 展开后异常庞大，为安全起见没有打开。请用 PDF 阅读器另存后再上传。")
    return ReadingError("damaged", _DAMAGED)


def _page(data: dict[str, Any]) -> Page:
    """A page from the plain data of the other process."""
    tables = [
        PageTable(
            table["top"],
            table["bottom"],
            table["edges"],
            [PageCell(**{**cell, "lines": [Line(**line) for line in cell["lines"]]}) for cell in table["cells"]],
        )
        for table in data["tables"]
    ]
    return Page(**{**data, "tables": tables, "lines": [Line(**line) for line in data["lines"]]})


def _refuse_scans(pages: list[Page]) -> None:
    characters = sum(page.characters for page in pages)
    if not pages:
        raise ReadingError("damaged", _DAMAGED)
    images = sum(bool(page.images) for page in pages)
    if not characters or (characters < 5 * len(pages) and images * 2 >= len(pages)):
        raise ReadingError("scan", _SCAN)
    if sum(page.unreadable for page in pages) * 3 > characters:
        raise ReadingError(
            "scan", "PDF 里的文字没有标准编码，读出来会是乱码。请先做文字识别（OCR），或找到可编辑的原稿再上传。"
        )


def _drop_page_furniture(pages: list[Page]) -> None:
    """Take away page numbers, and lines at the edge of the page that come back on most pages."""
    edges = Counter(_masked(line) for page in pages for line in _edge_lines(page))
    often = {text for text, count in edges.items() if count >= 2 and count * 2 > len(pages)}
    for page in pages:
        gone = {id(line) for line in _edge_lines(page) if _PAGE_NUMBER.fullmatch(line.text) or _masked(line) in often}
        page.lines = [line for line in page.lines if id(line) not in gone]


def _edge_lines(page: Page) -> list[Line]:
    """Short lines in the margins; lines as wide as the text are text."""
    return [
        line
        for line in page.lines
        if (line.bottom < 0.12 * page.height or line.top > 0.85 * page.height) and line.x1 - line.x0 < 0.6 * page.width
    ]


def _masked(line: Line) -> tuple[str, int]:
    """What a line says without its figures, and at what height it stands."""
    return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.top / 3)


@dataclass(slots=True)
class _Paragraph:
    text: str
    last: Line
    page: int


@dataclass(slots=True)
class _Table:
    """A table that may go on over several pages; rows count from the top of its first page."""

    edges: list[float]
    page: int
    cells: list[RawCell] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Measure:
    """Where running text begins and ends on pages of one width, and how large it is."""

    left: float
    right: float
    size: float


def _join(pages: list[Page], watch: Watch) -> list[_Paragraph | _Table]:
    measures = _measures(pages)
    items: list[_Paragraph | _Table] = []
    for number, page in enumerate(pages):
        watch.check()
        measure = measures.get(round(page.width), _Measure(0, page.width, 12))
        here: list[Line | PageTable] = [*page.lines, *page.tables]
        for entry in sorted(here, key=lambda entry: entry.top):
            last = items[-1] if items else None
            if isinstance(entry, PageTable):
                _add_table(items, last, entry, number)
            elif isinstance(last, _Paragraph) and _goes_on(last, entry, measure, number):
                last.text = _glued(last.text, entry.text)
                last.last, last.page = entry, number
            else:
                items.append(_Paragraph(entry.text, entry, number))
    return items


def _measures(pages: list[Page]) -> dict[int, _Measure]:
    by_width: dict[int, list[Line]] = {}
    for page in pages:
        by_width.setdefault(round(page.width), []).extend(page.lines)
    result = {}
    for width, lines in by_width.items():
        if not lines:
            continue
        sizes = Counter(round(line.size, 1) for line in lines for _ in line.text[:80])
        size = sizes.most_common(1)[0][0]
        # Titles may stand out beyond the margins; only running text shows where they are.
        running = [line for line in lines if len(line.text) >= 10 and abs(line.size - size) < 0.15 * size] or lines
        lefts, rights = sorted(line.x0 for line in running), sorted(line.x1 for line in running)
        result[width] = _Measure(lefts[len(lefts) // 20], rights[-1 - len(rights) // 20], size)
    return result


def _goes_on(paragraph: _Paragraph, line: Line, measure: _Measure, page: int) -> bool:
    """Whether a line belongs to the paragraph before it."""
    last = paragraph.last
    if not 0.87 < line.size / max(last.size, 0.1) < 1.15:
        return False
    near = page != paragraph.page or line.top - last.bottom < 1.3 * last.size
    if not near or page - paragraph.page > 1:
        return False
    if _is_title(last, measure) and _is_title(line, measure):
        return page == paragraph.page
    full = last.x1 > measure.right - 2.2 * last.size
    indented = line.x0 > measure.left + 1.2 * line.size
    if not full or indented:
        return False
    return not (_ITEM.match(line.text) and paragraph.text.endswith(tuple(_ENDS)))


def _is_title(line: Line, measure: _Measure) -> bool:
    """Large and in the middle."""
    middle = (measure.left + measure.right) / 2
    centred = abs((line.x0 + line.x1) / 2 - middle) < 1.5 * line.size
    return centred and line.size > 1.15 * measure.size


def _glued(first: str, second: str) -> str:
    """Two lines as one; words in Latin letters keep a space between them."""
    if not first or not second or _HAN.match(first[-1]) or _HAN.match(second[0]):
        return first + second
    return f"{first} {second}"


def _add_table(items: list[_Paragraph | _Table], last: _Paragraph | _Table | None, table: PageTable, page: int) -> None:
    cells = [
        RawCell(_cell_text(cell), cell.row, cell.column, cell.rowspan, cell.colspan)
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column))
    ]
    rows = max(cell.row + cell.rowspan for cell in cells)
    if isinstance(last, _Table) and last.page == page - 1 and _same_columns(last.edges, table.edges):
        _continue_table(last, cells, rows)
        last.page = page
    else:
        items.append(_Table(table.edges, page, cells, rows))


def _same_columns(first: list[float], second: list[float]) -> bool:
    return len(first) == len(second) and all(
        abs((a - first[0]) - (b - second[0])) < 8 for a, b in zip(first, second, strict=True)
    )


def _row_of(cells: list[RawCell], row: int) -> list[tuple[int, str]]:
    return [(cell.column, "".join(cell.text.split())) for cell in cells if cell.row == row]


def _continue_table(table: _Table, cells: list[RawCell], rows: int) -> None:
    """Add what stands on the next page: no repeated head, and a cell cut by the page break is one cell again."""
    skip = 0
    while (
        skip < min(3, rows)
        and any(t for _, t in _row_of(cells, skip))
        and (_row_of(cells, skip) == _row_of(table.cells, skip))
    ):
        skip += 1
    rest = [RawCell(c.text, c.row - skip, c.column, c.rowspan, c.colspan) for c in cells if c.row >= skip]
    if not rest:
        return
    rest = _mend_cut(table, rest)
    table.cells.extend(RawCell(c.text, c.row + table.rows, c.column, c.rowspan, c.colspan) for c in rest)
    table.rows += rows - skip


def _mend_cut(table: _Table, rest: list[RawCell]) -> list[RawCell]:
    """Leading empty cells on the new page belong to the cells above the break."""
    leading = []
    for cell in sorted((cell for cell in rest if cell.row == 0), key=lambda cell: cell.column):
        if cell.text.strip():
            break
        leading.append(cell)
    first = {cell.column: cell for cell in rest if cell.row == 0}
    above = {
        column: index
        for column in first
        for index, cell in enumerate(table.cells)
        if cell.row + cell.rowspan == table.rows and cell.column == column
    }
    if leading and len(leading) < len(first) and _is_cut(table, first, above, len(leading)):
        return _merge_row(table, rest, first, above)
    gone = set()
    for cell in leading if len(leading) < len(first) else ():
        if cell.column in above:
            upper = table.cells[above[cell.column]]
            table.cells[above[cell.column]] = RawCell(
                upper.text, upper.row, upper.column, upper.rowspan + cell.rowspan, upper.colspan
            )
            gone.add(cell)
    return [cell for cell in rest if cell not in gone]


def _is_cut(table: _Table, first: dict[int, RawCell], above: dict[int, int], leading: int) -> bool:
    """Whether the first row belongs to the last one above: its cells fill that row's gaps, or end its sentence."""
    if first.keys() != above.keys() or any(cell.rowspan > 1 for cell in first.values()):
        return False
    pairs = [(table.cells[above[column]].text.strip(), first[column].text.strip()) for column in sorted(first)]
    if any(lower and not upper for upper, lower in pairs) and not any(lower and upper for upper, lower in pairs):
        return True
    upper, lower = next(pair for pair in pairs[leading:] if pair[1])
    return bool(upper) and not upper.endswith((*_ENDS, ")", "）")) and not _ITEM.match(lower)


def _merge_row(table: _Table, rest: list[RawCell], first: dict[int, RawCell], above: dict[int, int]) -> list[RawCell]:
    for column, cell in first.items():
        upper = table.cells[above[column]]
        table.cells[above[column]] = RawCell(
            _glued(upper.text, cell.text), upper.row, upper.column, upper.rowspan, upper.colspan
        )
    table.rows -= 1
    return [cell for cell in rest if cell.row > 0]


def _cell_text(cell: PageCell) -> str:
    """The words of a cell; a line that fills it runs on, a shorter one ends."""
    text = ""
    last: Line | None = None
    for line in cell.lines:
        if last is None:
            text = line.text
        else:
            full = cell.width - (last.x1 - last.x0) < 1.6 * last.size + 11
            ends = text.endswith(tuple(_ENDS)) and _ITEM.match(line.text)
            text = _glued(text, line.text) if full and not ends else f"{text}\n{line.text}"
        last = line
    return text
