"""Word documents as bodies: words with their marks, tables, pictures and footnotes; numbers resolved, revisions accepted.

Builds on the reader of `gongkai.reading.docx`, which knows styles, numbers and revisions, and keeps what that reader drops.
"""

from __future__ import annotations

import hashlib
import posixpath
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from lxml import etree

from gongkai.publications.body import clean, flow, recognise
from gongkai.publications.body import runs as running
from gongkai.publications.body.addresses import address_allowed
from gongkai.publications.body.flow import Block
from gongkai.publications.body.model import Body, Image
from gongkai.publications.body.runs import Picture, Run
from gongkai.publications.body.words import to_text
from gongkai.reading import DEFAULT, Limits, ReadingError
from gongkai.reading import docx as reading
from gongkai.reading.archive import Archive, parse_xml
from gongkai.reading.limits import Watch
from gongkai.reading.numbering import W, integer, value_of
from gongkai.reading.recognise import recognise as format_of

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_EMU_PER_PIXEL = 9525
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"GIF8", "image/gif", "gif"),
)
_MOST_PIXELS = 100_000_000
_OFF = ("0", "false", "off", "none")
_MARKED = {"b": "strong", "i": "em", "strike": "s"}
_VERTICAL = {"superscript": "sup", "subscript": "sub"}
# Left indents (twips) beyond this push a line to the right half of the page.
_FAR_RIGHT = 3600
_DEEPEST = 30


def from_word(data: bytes, name: str, *, limits: Limits = DEFAULT) -> Body:
    """Read a Word document (.docx, and .doc .wps .rtf .odt where LibreOffice is installed).

    Raises `ReadingError` (see `gongkai.reading`) and nothing else.
    """
    watch = Watch(limits)
    watch.check_input(len(data))
    return guarded(lambda: _read(data, name, watch))


def guarded(work: Any) -> Any:
    """Do a piece of reading; whatever goes wrong is a `ReadingError` that says what to do."""
    try:
        return work()
    except ReadingError:
        raise
    except (MemoryError, RecursionError) as error:
        raise ReadingError("too_large", "文件太大或太复杂，读不完。请拆成几个较小的文件后再上传。") from error
    except Exception as error:  # a stranger's file may break any library in any way
        raise ReadingError(
            "damaged", "文件内容有损坏，读不下去。请用 Word 或 WPS 打开并重新保存，或把正文复制后粘贴。"
        ) from error


def _read(data: bytes, name: str, watch: Watch) -> Body:
    form = format_of(data, name)
    if form in ("doc", "wps", "rtf", "odt"):
        from gongkai.reading.office import convert

        data = convert(data, form, "docx", watch)
    elif form != "docx":
        raise ReadingError(
            "unsupported", "这不是 Word 文件。请上传 .docx 文件；网页、PDF 和文字请用对应的入口，或把正文复制后粘贴。"
        )
    return _Reader(Archive(data, watch), watch).body()


@dataclass(slots=True)
class _Open:
    """A cell that may still grow downwards or to the right."""

    runs: list[Run]
    row: int
    column: int
    rowspan: int
    colspan: int
    head: bool
    classes: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Taken:
    """What was collected from one paragraph."""

    runs: list[Run] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    new_page: bool = False


class _Reader(reading._Reader):
    """Reads one document; styles, numbers and revisions come from the reader of words."""

    def __init__(self, archive: Archive, watch: Watch) -> None:
        super().__init__(archive, watch)
        self.relations = self._relations()
        self.images: dict[str, Image] = {}
        self.pictures: dict[str, str] = {}
        self.warnings: dict[str, None] = {}
        self.notes: list[list[Run]] = []
        self.note_parts: dict[str, etree._Element | None] = {}
        self.style_look = self._looks()
        self.carried_runs: list[Run] = []
        self.new_page = False
        self.cells = 0

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the user, once."""
        self.warnings[sentence] = None

    def _relations(self) -> dict[str, tuple[str, bool]]:
        """Id -> target, and whether it lies outside the file."""
        folder, file = posixpath.split(self.main)
        path = posixpath.join(folder, "_rels", f"{file}.rels")
        found: dict[str, tuple[str, bool]] = {}
        if path in self.archive.names:
            for relation in parse_xml(self.archive.read(path)).iter(reading._RELATIONS):
                target, outside = relation.get("Target", ""), relation.get("TargetMode") == "External"
                if not outside:
                    target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
                found[relation.get("Id", "")] = (target, outside)
        return found

    def _looks(self) -> dict[str, tuple[str | None, dict[str, bool]]]:
        """Style -> its alignment and the marks it sets."""
        root = self._sibling("styles.xml")
        looks = {}
        for element in root.iterchildren(f"{W}style") if root is not None else ():
            jc = value_of(element.find(f"{W}pPr"), f"{W}jc")
            looks[element.get(W + "styleId", "")] = (jc, _switches(element.find(f"{W}rPr")))
        return looks

    def body(self) -> Body:
        """The document as a body. Raises `ReadingError`: empty and all that reading may meet."""
        root = self._part(self.main)
        element = root.find(f"{W}body")
        if element is None:
            raise ReadingError("damaged", "文件里没有正文，可能已损坏。请用 Word 或 WPS 打开并重新保存后再上传。")
        if next(root.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"), None) is not None:
            self.warn("文档里有修订痕迹，已按“接受全部修订”读入。发布前请在 Word 里处理完修订。")
        if next(root.iter(f"{W}commentReference"), None) is not None:
            self.warn("文档里有批注，批注没有读入。发布前请确认批注已处理。")
        blocks = list(self._all(element, 0))
        if self.carried_runs:
            blocks.append(Block("p", self.carried_runs))
        for block in blocks:
            block.runs = running.tidy(block.runs)
        blocks = [block for block in blocks if block.raw or block.runs]
        if not any(block.raw or block.text.strip() for block in blocks):
            raise ReadingError(
                "empty",
                "这个 Word 文件里没有文字，可能只有扫描图片。请先做文字识别（OCR），或找到可编辑的原稿再上传。",
            )
        recognise.classify(blocks)
        if self.notes:
            items = "".join(f"<li>{running.render(running.tidy(runs))}</li>" for runs in self.notes)
            blocks.append(Block("ol", raw=f'<ol class="notes">{items}</ol>'))
        html = clean.finish(blocks)
        return Body(html, to_text(html), tuple(self.images.values()), {}, tuple(self.warnings))

    def _all(self, parent: etree._Element, depth: int) -> Iterator[Block]:
        if depth > _DEEPEST:
            return
        for child in parent:
            self.watch.check()
            name = reading.local(child)
            if name == "p":
                yield from self._block(child, depth)
            elif name == "tbl":
                yield from self._table(child, depth)
            elif name == "sdt" and self._is_contents(child):
                continue
            elif name in reading._WRAPPERS:
                yield from self._all(child, depth + 1)
            elif name == "AlternateContent":
                yield from self._all(next(iter(child), child), depth + 1)
            elif name == "altChunk":
                self.warn("文档里嵌入了另一个文件，其内容没有读出来，请打开原件核对。")

    @staticmethod
    def _is_contents(element: etree._Element) -> bool:
        return value_of(element, f"{W}sdtPr/{W}docPartObj/{W}docPartGallery") == "Table of Contents"

    def _block(self, element: etree._Element, depth: int) -> Iterator[Block]:
        properties = element.find(f"{W}pPr")
        chain = list(self._chain(value_of(properties, f"{W}pStyle") or self.default_style))
        if any(found.name.startswith("toc ") for _, found in chain[:1]):
            return
        taken = _Taken(list(self.carried_runs))
        self.carried_runs = []
        base = self._base_marks(chain)
        self._take(element, taken, base, "", depth)
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self.carried_runs = taken.runs
        else:
            yield from self._finished(properties, chain, taken, depth)
        for box in taken.boxes:
            yield from self._all(box, depth + 1)

    def _base_marks(self, chain: list[tuple[str, Any]]) -> dict[str, bool]:
        marks: dict[str, bool] = {}
        for key, _ in reversed(chain):
            marks.update(self.style_look.get(key, (None, {}))[1])
        return marks

    def _finished(
        self, properties: etree._Element | None, chain: list[tuple[str, Any]], taken: _Taken, depth: int
    ) -> Iterator[Block]:
        if value_of(properties, f"{W}pageBreakBefore", "1") not in _OFF and (
            properties is not None and properties.find(f"{W}pageBreakBefore") is not None
        ):
            self.new_page = True
        shown = any(run.picture or run.text.strip() for run in taken.runs)
        label = self._label(properties, chain)
        if shown or (label and depth):
            block = self._dressed(properties, chain, taken.runs, label)
            if self.new_page and not depth:
                block.classes.add("page")
            self.new_page = False
            yield block
        if taken.new_page:
            self.new_page = True

    def _dressed(
        self, properties: etree._Element | None, chain: list[tuple[str, Any]], runs: list[Run], label: str
    ) -> Block:
        block = Block("p", runs)
        plain = running.words(runs)
        block.indent = len(plain) - len(plain.lstrip(" \t\xa0\u3000\n"))
        jc = value_of(properties, f"{W}jc") or next(
            (look for key, _ in chain if (look := self.style_look.get(key, (None, {}))[0])), None
        )
        if jc == "center":
            block.classes.add("center")
        elif jc in ("right", "end"):
            block.classes.add("right")
        indents = properties.find(f"{W}ind") if properties is not None else None
        if indents is not None:
            left = integer(indents.get(W + "left") or indents.get(W + "start"))
            if max(left, integer(indents.get(W + "firstLine"))) > _FAR_RIGHT and not block.classes:
                block.indent = max(block.indent, 16)
        level = self._outline(properties, chain)
        if any(found.name == "title" for _, found in chain[:1]):
            block.tag, block.classes = "h2", {"ttl"}
        elif level is not None and len(plain) <= 100:
            block.tag = f"h{min(level + 1, 4)}"
        if block.tag != "p":
            block.runs = [run if run.picture else replace(run, marks=run.marks - {"strong"}) for run in block.runs]
        if label:
            joined = reading._joined(label, "x")[:-1]
            lead = running.tidy(block.runs)
            block.runs = [Run(joined), *lead]
        return block

    def _take(self, parent: etree._Element, taken: _Taken, marks: dict[str, bool], href: str, depth: int) -> None:
        """Collect the words of a paragraph with their marks."""
        if depth > _DEEPEST:
            return
        for child in parent:
            name = reading.local(child)
            if name == "r":
                if not reading._is_hidden(child):
                    self._run(child, taken, marks, href, depth)
            elif name == "hyperlink":
                self._take(child, taken, marks, self._address(child) or href, depth + 1)
            elif name in ("oMath", "oMathPara"):
                self.warn("文档里有公式，只读出了其中的文字，请对照原件核对。")
                taken.runs.append(Run("".join(e.text or "" for e in child.iter() if reading.local(e) == "t")))
            elif name in reading._WRAPPERS:
                self._take(child, taken, marks, href, depth + 1)
            elif name == "AlternateContent":
                self._take(next(iter(child), child), taken, marks, href, depth + 1)

    def _address(self, element: etree._Element) -> str:
        target, outside = self.relations.get(element.get(_R + "id", ""), ("", False))
        return target if outside and address_allowed(target) else ""

    def _run(self, element: etree._Element, taken: _Taken, marks: dict[str, bool], href: str, depth: int) -> None:
        own = frozenset(name for name, on in {**marks, **_switches(element.find(f"{W}rPr"))}.items() if on)
        for child in element:
            self._piece(child, taken, own, href, depth)

    def _piece(self, child: etree._Element, taken: _Taken, marks: frozenset[str], href: str, depth: int) -> None:
        name = reading.local(child)
        if name == "t":
            taken.runs.append(Run(child.text or "", marks, href))
        elif name in reading._SIGNS:
            if child.get(W + "type") == "page":
                taken.new_page = True
            else:
                taken.runs.append(Run(reading._SIGNS[name], marks if name != "br" else frozenset(), href))
        elif name == "lastRenderedPageBreak":
            pass
        elif name == "sym":
            taken.runs.append(Run(reading._SYMBOLS.get(child.get(W + "char", "").upper()[-2:], ""), marks, href))
        elif name in ("footnoteReference", "endnoteReference"):
            self._note(child, taken, name.removesuffix("Reference"))
        elif name == "AlternateContent":
            for inner in next(iter(child), child):
                self._piece(inner, taken, marks, href, depth)
        elif name in ("drawing", "pict", "object"):
            self._drawing(child, taken)
        elif name in ("ruby", "rubyBase"):
            self._take(child, taken, dict.fromkeys(marks, True), href, depth + 1)

    def _note(self, element: etree._Element, taken: _Taken, kind: str) -> None:
        """A footnote: its words go to the end of the body, a mark stays."""
        if kind not in self.note_parts:
            self.note_parts[kind] = self._sibling(f"{kind}s.xml")
        part = self.note_parts[kind]
        wanted = element.get(W + "id")
        found = next((e for e in part if e.get(W + "id") == wanted), None) if part is not None else None
        if found is None:
            return
        words = _Taken()
        for paragraph in found.iter(f"{W}p"):
            if words.runs:
                words.runs.append(Run("\n"))
            self._take(paragraph, words, {}, "", 1)
        self.notes.append(words.runs)
        number = len(self.notes)
        taken.runs.append(Run(f"[{number}]", frozenset(("sup",)), f"#n{number}"))

    def _drawing(self, element: etree._Element, taken: _Taken) -> None:
        taken.boxes.extend(reading._outermost_boxes(element))
        boxed = {inner for box in taken.boxes for inner in box.iter()}
        name, alt, width, height = "", "", "", ""
        for inner in element.iter():
            kind = reading.local(inner)
            if inner in boxed:
                continue
            if kind == "docPr":
                alt = inner.get("descr") or ""
            elif kind == "extent" and not width:
                width, height = (_pixels(inner.get(side)) for side in ("cx", "cy"))
            elif kind in ("blip", "imagedata"):
                name = inner.get(_R + "embed") or inner.get(_R + "id") or ""
                if inner.get(_R + "link") and not name:
                    self.warn("文档里有链接到外部的图片，没有读入。请在 Word 里把图片嵌入文档后再上传。")
                source = self._picture(name)
                if source:
                    taken.runs.append(Run("", picture=Picture(source, " ".join(alt.split())[:300], width, height)))
            elif kind in ("chart", "relIds"):
                self.warn(
                    "文档里有图表或图示（如柱状图、组织结构图），没有读入。请在 Word 里另存为图片后插入，再上传。"
                )

    def _picture(self, name: str) -> str:
        """The address of a picture in the package; empty, with a warning, where it cannot be shown."""
        if name not in self.pictures:
            target, outside = self.relations.get(name, ("", False))
            image = None
            if outside:
                self.warn("文档里有链接到外部的图片，没有读入。请在 Word 里把图片嵌入文档后再上传。")
            elif target in self.archive.names:
                image = picture_of(self.archive.read(target), f"图{len(self.images) + 1}")
            if image is None and not outside:
                self.warn("有图片的格式不能在网页上显示或已损坏，没有读入。请在 Word 里另存为 PNG 或 JPG 后重新插入。")
            if image is not None:
                self.images.setdefault(image.sha256, image)
            self.pictures[name] = f"attachment:{image.sha256}" if image else ""
        return self.pictures[name]

    def _table(self, element: etree._Element, depth: int) -> Iterator[Block]:
        new_page, self.new_page = self.new_page, False
        cells = self._grid(element, depth + 1)
        self.cells += len(cells)
        if self.cells > self.watch.limits.table_cells:
            raise ReadingError("too_large", "表格太大，读不完。请把大表格作为 Excel 附件上传。")
        if not any(cell.runs for cell in cells):
            return
        if all(cell.column == 0 for cell in cells):
            for cell in cells:
                yield from _paragraphs(cell.runs)
            return
        table = table_of(cells)
        if new_page and not depth:
            table.classes = frozenset(("page",))
        yield Block("table", raw=table.html())

    def _grid(self, table: etree._Element, depth: int) -> list[_Open]:
        growing: dict[int, _Open] = {}
        finished: list[_Open] = []
        row = 0
        for element in reading._children(table, "tr"):
            self.watch.check()
            properties = element.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            head = properties is not None and properties.find(f"{W}tblHeader") is not None
            self._line(element, row, growing, finished, depth, head)
            row += 1
        return finished

    def _line(
        self,
        element: etree._Element,
        row: int,
        growing: dict[int, _Open],
        finished: list[_Open],
        depth: int,
        head: bool,
    ) -> None:
        column = integer(value_of(element.find(f"{W}trPr"), f"{W}gridBefore"))
        last: _Open | None = None
        for cell in reading._children(element, "tc"):
            properties = cell.find(f"{W}tcPr")
            if properties is not None and properties.find(f"{W}cellDel") is not None:
                continue
            span = min(max(1, integer(value_of(properties, f"{W}gridSpan"), 1)), 1000)
            above = growing.get(column)
            if _goes_on(properties, "hMerge") and last is not None:
                last.colspan += span
            elif _goes_on(properties, "vMerge") and above is not None:
                above.rowspan = row - above.row + 1
                last = None
            else:
                runs, kinds = self._inside(cell, depth)
                last = _Open(runs, row, column, 1, span, head, kinds)
                finished.append(last)
                growing.pop(column, None)
                if properties is not None and properties.find(f"{W}vMerge") is not None:
                    growing[column] = last
            column += span

    def _inside(self, cell: etree._Element, depth: int) -> tuple[list[Run], frozenset[str]]:
        carried, self.carried_runs = self.carried_runs, []
        runs: list[Run] = []
        kinds: list[set[str]] = []
        for block in self._all(cell, depth):
            part = flow.lines_of(block.raw) if block.raw else running.tidy(block.runs)
            if part:
                kinds.append(block.classes)
                runs += [Run("\n"), *part] if runs else part
        runs += self.carried_runs
        self.carried_runs = carried
        common = set.intersection(*kinds) & {"center", "right"} if kinds else set()
        return running.tidy(runs), frozenset(common)


def _switches(properties: etree._Element | None) -> dict[str, bool]:
    """The marks that run properties turn on or off."""
    found: dict[str, bool] = {}
    for child in properties if properties is not None else ():
        name, value = reading.local(child), child.get(W + "val", "1")
        if name in _MARKED:
            found[_MARKED[name]] = value not in _OFF
        elif name == "u":
            found["u"] = value not in _OFF
        elif name == "vertAlign":
            found.update({mark: value == kind for kind, mark in _VERTICAL.items()})
    return found


def _goes_on(properties: etree._Element | None, name: str) -> bool:
    merge = properties.find(f"{W}{name}") if properties is not None else None
    return merge is not None and merge.get(W + "val", "continue") == "continue"


def _pixels(value: str | None) -> str:
    size = (
        integer(value, 0)
        if value and len(value) < 7
        else int(value)
        if value and value.isdecimal() and len(value) < 10
        else 0
    )
    pixels = round(size / _EMU_PER_PIXEL)
    return str(pixels) if 0 < pixels < 10_000 else ""


def _paragraphs(runs: list[Run]) -> Iterator[Block]:
    line: list[Run] = []
    for run in [*runs, Run("\n")]:
        if run.text == "\n" and run.picture is None:
            if line:
                yield Block("p", line)
            line = []
        else:
            line.append(run)


def table_of(cells: list[_Open]) -> flow.Table:
    """A table from cells on a grid; rows and columns in which no cell begins are closed up.

    Without a marked head, a first row of short words over all columns is the head; one cell over all columns is the caption.
    """
    rows = sorted({cell.row for cell in cells})
    columns = sorted({cell.column for cell in cells})
    lines: list[list[flow.Cell]] = [[] for _ in rows]
    heads = [False] * len(rows)
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        row, column = bisect_left(rows, cell.row), bisect_left(columns, cell.column)
        rowspan = max(1, bisect_left(rows, cell.row + cell.rowspan) - row)
        colspan = max(1, bisect_left(columns, cell.column + cell.colspan) - column)
        # Centred cells and figures on the right are a habit of layout; the body has its own rules for them.
        usual = cell.classes == {"center"} or flow.is_figure(running.words(cell.runs))
        kinds = frozenset() if usual else cell.classes
        made = flow.Cell(running.render(cell.runs), running.words(cell.runs), rowspan, colspan, cell.head, "", kinds)
        lines[row].append(made)
        heads[row] = cell.head
    table = flow.Table()
    if len(lines) > 2 and len(lines[0]) == 1 and lines[0][0].colspan == len(columns) and not any(heads[:1]):
        table.caption = lines[0][0].inner
        lines, heads = lines[1:], heads[1:]
    top = heads.index(False) if False in heads else 0
    if not any(heads):
        top = _head_rows(lines, len(columns))
    for line in lines[top:]:
        for one in line:
            one.head = False
    table.head, table.rows = lines[:top], lines[top:]
    return table


def _head_rows(lines: list[list[flow.Cell]], columns: int) -> int:
    """How many first rows are the head, judged by their words."""
    if len(lines) < 2 or sum(cell.colspan for cell in lines[0]) != columns or len(lines[0]) < 2:
        return 0
    deep = max(cell.rowspan for cell in lines[0])
    if deep >= min(len(lines), 4):
        return 0
    wordy = all(cell.text.strip() and len(cell.text) <= 24 and cell.text[-1] not in "。；" for cell in lines[0])
    figures = sum(cell.text.strip().replace(".", "").replace(",", "").isdecimal() for cell in lines[0])
    return deep if wordy and not figures else 0


def picture_of(data: bytes, name: str) -> Image | None:
    """A picture that browsers can show; bitmaps and TIFF become PNG. None where it cannot be one or is damaged."""
    from PIL import Image as Pictures

    try:
        with Pictures.open(BytesIO(data)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            if not any(data.startswith(mark) for mark, _, _ in _KINDS) and opened.format in ("BMP", "TIFF", "DIB"):
                out = BytesIO()
                opened.convert("RGBA" if "A" in opened.getbands() else "RGB").save(out, "PNG")
                data = out.getvalue()
            elif opened.format == "WEBP":
                return Image(f"{name}.webp", data, hashlib.sha256(data).hexdigest(), "image/webp")
            else:
                opened.verify()
    except Exception:  # whatever is wrong with a picture, the document is still worth reading
        return None
    for mark, kind, ending in _KINDS:
        if data.startswith(mark):
            return Image(f"{name}.{ending}", data, hashlib.sha256(data).hexdigest(), kind)
    return None
