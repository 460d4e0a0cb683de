"""Word in the official layout (GB/T 9704-2012), written part by part so that the same document gives the same bytes."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.saxutils import escape as _escape

from lxml import etree

from gongkai.publications.body import flow
from gongkai.publications.body.flow import Block
from gongkai.publications.body.runs import Picture, Run, clean_text
from gongkai.publications.body.words import _items
from gongkai.publications.renditions.document import (
    Fonts,
    OfficialDocument,
    imprint,
    lead_of,
    parts,
    sign_indents,
    split_runs,
    width,
)
from gongkai.publications.renditions.titles import break_title

_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MM = 1440 / 25.4
_EMU_MM = 36000
_LINE = 579  # twips; 22 lines are 225 mm
_TEXT_WIDTH = round(156 * _MM)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_RED = "E00000"
_TWIPS_PER_CHARACTER = 320
_FORMATS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def escape(text: str) -> str:
    """Words for XML, without what XML cannot hold."""
    return _escape(clean_text(text), {'"': "&quot;"})


@dataclass(slots=True)
class _Package:
    document: OfficialDocument
    fonts: Fonts
    links: dict[str, str] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes, int, int]] = field(default_factory=dict)
    drawings: int = 0

    def link(self, address: str) -> str:
        return self.links.setdefault(address, f"rId{100 + len(self.links)}")


def to_word(document: OfficialDocument, fonts: Fonts = Fonts()) -> bytes:  # noqa: B008 - frozen
    """The document as .docx in the official layout; the same document gives the same bytes."""
    package = _Package(document, fonts)
    body = _body(package)
    entries = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _roots(),
        "docProps/core.xml": _core(document),
        "word/document.xml": f"{_DECLARATION}<w:document {_NAMES}><w:body>{body}{_SECTION}</w:body></w:document>",
        "word/styles.xml": _styles(fonts),
        "word/settings.xml": f"{_DECLARATION}<w:settings {_NAMES}><w:evenAndOddHeaders/><w:characterSpacingControl "
        'w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>',
        "word/footer1.xml": _footer(fonts, "right"),
        "word/footer2.xml": _footer(fonts, "left"),
        "word/_rels/document.xml.rels": _relations(package),
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries.items():
            _store(archive, name, text.encode())
        for name, (_, data, _, _) in package.media.items():
            _store(archive, f"word/media/{name}", data)
    return out.getvalue()


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    archive.writestr(entry, data, compresslevel=6)


_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:footerReference w:type="even" r:id="rId4"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    f'<w:pgMar w:top="{round(37 * _MM)}" w:right="{round(26 * _MM)}" w:bottom="{round(35 * _MM)}" w:left="{round(28 * _MM)}" '
    f'w:header="851" w:footer="{round(22.5 * _MM)}" w:gutter="0"/>'
    f'<w:docGrid w:type="linesAndChars" w:linePitch="{_LINE}" w:charSpace="-849"/></w:sectPr>'
)


def _body(package: _Package) -> str:
    document = package.document
    blocks = parts(document)
    indents = sign_indents(blocks)
    pieces = _head(package)
    for place, block in enumerate(blocks):
        before = blocks[place - 1] if place else None
        pieces.append(_block(package, block, before, indents.get(place)))
    pieces.append(_imprint(document))
    return "".join(pieces)


def _head(package: _Package) -> list[str]:
    document = package.document
    pieces = []
    if document.head:
        lines = break_title(document.head, 19)
        size = max(22, min(42, int(442 / max(map(width, lines)))))
        look = f'<w:color w:val="{_RED}"/><w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/>'
        for number, line in enumerate(lines):
            above = round(35 * _MM) if not number else 0
            pieces.append(
                f'<w:p><w:pPr><w:pStyle w:val="Mark"/><w:spacing w:before="{above}" w:line="{size * 26}" w:lineRule="exact"/>'
                f"</w:pPr><w:r><w:rPr>{look}</w:rPr>{_text(line)}</w:r></w:p>"
            )
        rule = (
            f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="11" w:color="{_RED}"/></w:pBdr>'
            f'<w:spacing w:before="{2 * _LINE}" w:after="{2 * _LINE}"/>'
        )
        pieces.append(_paragraph("Number", f"<w:r>{_text(document.number)}</w:r>", rule))
    elif document.number:
        pieces.append(_paragraph("Number", f"<w:r>{_text(document.number)}</w:r>", ""))
    pieces.append(_title(document.title, f'<w:spacing w:after="{_LINE}"/>'))
    return pieces


def _title(title: str, properties: str) -> str:
    lines = "<w:br/>".join(_text(line) for line in break_title(title))
    return _paragraph("Title", f"<w:r>{lines}</w:r>", properties)


def _paragraph(style: str, inner: str, properties: str) -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{inner}</w:p>" if named or properties else f"<w:p>{inner}</w:p>"


def _text(words: str) -> str:
    return f'<w:t xml:space="preserve">{escape(words)}</w:t>'


_STYLES = {
    "h2": "Heading1",
    "h3": "Heading2",
    "h4": "Heading3",
    "mark": "Center",
    "number": "Number",
    "flush": "Flush",
    "center": "Center",
    "right": "Right",
    "sign": "Sign",
    "note": "Note",
    "enclosure": "Enclosure",
    "imprint": "Flush",
}


def _block(package: _Package, block: Block, before: Block | None, indent: float | None) -> str:
    if block.raw:
        return _whole(package, block)
    page = "<w:pageBreakBefore/>" if "page" in block.classes else ""
    if "ttl" in block.classes:
        words = "".join(line.strip() for line in block.text.split("\n"))
        return _title(words, f'{page}<w:spacing w:before="{_LINE}" w:after="{_LINE}"/>')
    style = _STYLES.get(block.tag, "")
    for kind in _STYLES:
        if kind in block.classes and not style:
            style = _STYLES[kind]
    properties = page
    first = before is None or not (before.classes & block.classes & {"sign", "enclosure"})
    if indent is not None:
        above = f' w:before="{2 * _LINE}"' if first else ""
        properties += f'<w:spacing{above} w:line="{_LINE}" w:lineRule="exact"/>' if above else ""
        properties += f'<w:ind w:right="{round(indent * _TWIPS_PER_CHARACTER)}" w:firstLine="0"/>'
    elif "enclosure" in block.classes:
        properties += f'<w:spacing w:before="{_LINE}"/>' if first else ""
        properties += '<w:ind w:left="1600" w:hanging="960"/>' if first else '<w:ind w:left="1600" w:firstLine="0"/>'
    pictured = [run for run in block.runs if run.picture is not None]
    if pictured and indent is None and "enclosure" not in block.classes:
        properties += '<w:spacing w:line="240" w:lineRule="auto"/>'
        if not block.text.strip():
            properties += '<w:ind w:firstLine="0"/><w:jc w:val="center"/>'
    elif {"center", "right"} & block.classes and block.tag != "p":
        properties += f'<w:ind w:firstLine="0"/><w:jc w:val="{"center" if "center" in block.classes else "right"}"/>'
    lead = lead_of(block)
    if lead:
        head, rest = split_runs(block.runs, lead)
        return _paragraph(style, _runs(package, head, package.fonts.second) + _runs(package, rest), properties)
    return _paragraph(style, _runs(package, block.runs), properties)


def _runs(package: _Package, runs: list[Run], font: str = "") -> str:
    pieces = []
    for run in runs:
        if run.picture is not None:
            pieces.append(_picture(package, run.picture))
        elif run.text == "\n":
            pieces.append("<w:r><w:br/></w:r>")
        else:
            gap = "\u3000" if run.number else ""
            inner = f"<w:r>{_look(run, font)}{_text(run.text + gap)}</w:r>"
            if run.href.startswith(("http://", "https://", "mailto:")):
                inner = f'<w:hyperlink r:id="{package.link(run.href)}">{inner}</w:hyperlink>'
            pieces.append(inner)
    return "".join(pieces)


def _look(run: Run, font: str) -> str:
    look = _fonts(font) if font else ""
    look += "<w:b/>" if "strong" in run.marks or run.number else ""
    look += "<w:i/>" if "em" in run.marks else ""
    look += "<w:strike/>" if "s" in run.marks else ""
    look += '<w:u w:val="single"/>' if "u" in run.marks else ""
    if "sup" in run.marks:
        look += '<w:vertAlign w:val="superscript"/>'
    elif "sub" in run.marks:
        look += '<w:vertAlign w:val="subscript"/>'
    return f"<w:rPr>{look}</w:rPr>" if look else ""


def _fonts(name: str) -> str:
    name = escape(name)
    return f'<w:rFonts w:ascii="{name}" w:eastAsia="{name}" w:hAnsi="{name}" w:cs="{name}"/>'


def _picture(package: _Package, picture: Picture) -> str:
    found = _media(package, picture.source.removeprefix("attachment:"))
    if found is None:
        return f"<w:r>{_text(f'[图：{picture.alt}]' if picture.alt else '[图]')}</w:r>"
    name, across, down = found
    wide = int(picture.width) if picture.width else across
    high = round(wide * down / max(1, across))
    scale = min(1.0, 156 / (wide * 25.4 / 96), 190 / max(1, high * 25.4 / 96))
    cx, cy = (max(1, round(size * scale * 25.4 / 96 * _EMU_MM)) for size in (wide, high))
    package.drawings += 1
    number, alt = package.drawings, escape(picture.alt)
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>'
        f'<wp:docPr id="{number}" name="图{number}" descr="{alt}"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="图{number}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{name}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def _media(package: _Package, sha256: str) -> tuple[str, int, int] | None:
    """The relationship and the size of a picture; Word knows no WebP, it becomes PNG."""
    from PIL import Image

    for _, (name, _, across, down) in package.media.items():
        if name == f"rIdImage{sha256[:16]}":
            return name, across, down
    data = package.document.image(sha256)
    if data is None:
        return None
    try:
        with Image.open(BytesIO(data)) as opened:
            across, down = opened.size
            ending = next((kind for mark, kind in _FORMATS.items() if data.startswith(mark)), "")
            if not ending:
                out = BytesIO()
                opened.save(out, "PNG")
                data, ending = out.getvalue(), "png"
    except Exception:  # a picture that cannot be opened is named, the document is still worth having
        return None
    name = f"rIdImage{sha256[:16]}"
    package.media[f"image{len(package.media) + 1}.{ending}"] = (name, data, across, down)
    return name, across, down


def _whole(package: _Package, block: Block) -> str:
    """A table, list or quotation from its HTML."""
    element = next(iter(flow.parse(block.raw)), None)
    if element is None:
        return ""
    if element.tag == "table":
        return _table(package, element)
    if element.tag in ("ul", "ol"):
        lines = []
        for line in _items(element, 0):
            for inner in list(line.cells[0].iterchildren("ul", "ol")):
                inner.getparent().remove(inner)  # type: ignore[union-attr]
            runs = [Run(line.prefix), *(run for one in flow.blocks_of(line.cells[0]) for run in one.runs)]
            lines.append(_paragraph("", _runs(package, runs), ""))
        return "".join(lines)
    if element.tag == "hr":
        return _paragraph(
            "Flush", "", '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="000000"/></w:pBdr>'
        )
    return "".join(_block(package, inner, None, None) for inner in flow.blocks_of(element))


def _table(package: _Package, element: etree._Element) -> str:
    rows = [(row, row.getparent().tag == "thead") for row in element.iter("tr")]  # type: ignore[union-attr]
    grid: list[list[tuple[etree._Element | None, int, str]]] = []
    open_cells: dict[int, tuple[int, int]] = {}  # column -> rows left below, span
    columns = 1
    for row, _ in rows:
        line: list[tuple[etree._Element | None, int, str]] = []
        column = 0
        cells = list(row)
        while cells or column in open_cells:
            if column in open_cells:
                left, span = open_cells.pop(column)
                line.append((None, span, "<w:vMerge/>"))
                if left > 1:
                    open_cells[column] = (left - 1, span)
                column += span
                continue
            cell = cells.pop(0)
            span, deep = int(cell.get("colspan") or 1), int(cell.get("rowspan") or 1)
            line.append((cell, span, '<w:vMerge w:val="restart"/>' if deep > 1 else ""))
            if deep > 1:
                open_cells[column] = (deep - 1, span)
            column += span
        columns = max(columns, column)
        grid.append(line)
    shares = _shares(grid, columns)
    small = "Small" if columns >= 7 else ""
    pieces = ['<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/>']
    pieces.append('<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>')
    pieces += [f'<w:gridCol w:w="{share}"/>' for share in shares]
    pieces.append("</w:tblGrid>")
    for (_, head), line in zip(rows, grid, strict=True):
        marked = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else "<w:trPr><w:cantSplit/></w:trPr>"
        pieces.append(f"<w:tr>{marked}")
        column = 0
        for one, span, merge in line:
            wide = sum(shares[column : column + span])
            column += span
            pieces.append(_cell(package, one, span, merge, wide, small))
        if column < columns:
            pieces.append(_cell(package, None, columns - column, "", sum(shares[column:]), small))
        pieces.append("</w:tr>")
    caption = element.find("caption")
    title = ""
    if caption is not None:
        title = _paragraph(
            "Center", _runs(package, [r for b in flow.blocks_of(caption) for r in b.runs], package.fonts.heading), ""
        )
    if "page" in (element.get("class") or "").split():
        title = title or _paragraph("Flush", "", "<w:pageBreakBefore/>")
    # Two tables without a paragraph between them would become one.
    return (
        title + "".join(pieces) + "</w:tbl>" + _paragraph("Flush", "", '<w:spacing w:line="120" w:lineRule="exact"/>')
    )


def _shares(grid: list[list[tuple[etree._Element | None, int, str]]], columns: int) -> list[int]:
    """The widths of the columns in twips, by what stands in them."""
    needs = [2.0] * columns
    for line in grid[:200]:
        column = 0
        for cell, span, _ in line:
            if cell is not None and span == 1:
                words = width("".join(map(str, cell.itertext())))
                needs[column] = max(needs[column], min(words, 4) if words <= 4 else min(4 + (words - 4) ** 0.7, 40))
            column += span
    total = sum(needs)
    return [max(1, round(_TEXT_WIDTH * need / total)) for need in needs]


def _cell(package: _Package, cell: etree._Element | None, span: int, merge: str, wide: int, small: str) -> str:
    properties = f'<w:tcW w:w="{wide}" w:type="dxa"/>'
    properties += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += f'{merge}<w:vAlign w:val="center"/>'
    lines: list[list[Run]] = [[]]
    align = ""
    if cell is not None:
        kinds = (cell.get("class") or "").split()
        align = "center" if cell.tag == "th" or "center" in kinds else "right" if {"right", "n"} & set(kinds) else ""
        for number, block in enumerate(flow.blocks_of(cell)):
            lines += [[]] if number else []
            for run in block.runs:
                if run.text == "\n" and run.picture is None:
                    lines.append([])
                else:
                    lines[-1].append(run)
    style = ("CellHead" if cell is not None and cell.tag == "th" else "Cell") + small
    inner = "".join(
        _paragraph(style, _runs(package, runs), f'<w:jc w:val="{align}"/>' if align else "") for runs in lines
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def _imprint(document: OfficialDocument) -> str:
    """版记 at the foot of the last page: a table that floats at the bottom of the text area."""
    lines = imprint(document)
    if not lines:
        return ""
    rows = []
    for left, right in lines:
        tab = f'<w:tabs><w:tab w:val="right" w:pos="{_TEXT_WIDTH - 280}"/></w:tabs>'
        ends = f"<w:r>{_text(left)}</w:r>" + (f"<w:r><w:tab/>{_text(right)}</w:r>" if right else "")
        rows.append(
            f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{_TEXT_WIDTH}" w:type="dxa"/></w:tcPr>'
            f"{_paragraph('Imprint', ends, tab)}</w:tc></w:tr>"
        )
    return (
        '<w:p><w:pPr><w:pStyle w:val="Flush"/></w:pPr></w:p><w:tbl><w:tblPr>'
        '<w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="center" '
        'w:tblpYSpec="bottom"/>'
        f'<w:tblW w:w="{_TEXT_WIDTH}" w:type="dxa"/><w:tblBorders>'
        '<w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/>'
        '<w:insideH w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{_TEXT_WIDTH}"/></w:tblGrid>{"".join(rows)}</w:tbl>'
        '<w:p><w:pPr><w:pStyle w:val="Flush"/><w:spacing w:line="20" w:lineRule="exact"/></w:pPr></w:p>'
    )


def _style(key: str, name: str, properties: str, look: str = "", more: str = "") -> str:
    based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
    default = ' w:default="1"' if key == "Normal" else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{key}"><w:name w:val="{name}"/>{based}{more}<w:qFormat/>'
        f"<w:pPr>{properties}</w:pPr><w:rPr>{look}</w:rPr></w:style>"
    )


def _styles(fonts: Fonts) -> str:
    def size(points: float) -> str:
        return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'

    exact = f'<w:spacing w:before="0" w:after="0" w:line="{_LINE}" w:lineRule="exact"/>'
    flush = '<w:ind w:firstLine="0" w:firstLineChars="0"/>'
    center = f'{flush}<w:jc w:val="center"/>'
    keep = "<w:keepNext/>"
    loose = f'<w:spacing w:before="0" w:after="0" w:line="340" w:lineRule="exact"/>{flush}<w:jc w:val="left"/>'
    pieces = [
        _style("Normal", "Normal", f'{exact}<w:ind w:firstLine="640" w:firstLineChars="200"/><w:jc w:val="both"/>',
               _fonts(fonts.body) + size(16)),
        _style("Title", "Title", f'{keep}<w:spacing w:line="{_LINE + 60}" w:lineRule="exact"/>{center}', _fonts(fonts.title) + size(22)),
        _style("Mark", "机关标志", center, _fonts(fonts.title)),
        _style("Number", "发文字号", center),
        _style("Heading1", "heading 1", f'{keep}<w:outlineLvl w:val="0"/>', _fonts(fonts.heading)),
        _style("Heading2", "heading 2", f'{keep}<w:outlineLvl w:val="1"/>', _fonts(fonts.second)),
        _style("Heading3", "heading 3", f'{keep}<w:outlineLvl w:val="2"/>'),
        _style("Flush", "主送机关", flush),
        _style("Center", "居中", center),
        _style("Right", "居右", f'{flush}<w:jc w:val="right"/>'),
        _style("Sign", "落款", f'{flush}<w:jc w:val="right"/>'),
        _style("Note", "附注", f'<w:spacing w:before="{_LINE}"/>'),
        _style("Enclosure", "附件说明", '<w:jc w:val="left"/>'),
        _style("Cell", "表格", loose, size(12)),
        _style("CellHead", "表头", loose, _fonts(fonts.heading) + size(12)),
        _style("CellSmall", "表格小字", loose, size(9)),
        _style("CellHeadSmall", "表头小字", loose, _fonts(fonts.heading) + size(9)),
        _style("Imprint", "版记", '<w:ind w:left="280" w:right="280" w:firstLine="0"/><w:jc w:val="left"/>', size(14)),
    ]  # fmt: skip
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    table = (
        '<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>'
        f'{sides}</w:tblBorders><w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
        "</w:tblPr></w:style>"
    )
    language = '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    return f"{_DECLARATION}<w:styles {_NAMES}>{language}{''.join(pieces)}{table}</w:styles>"


def _footer(fonts: Fonts, side: str) -> str:
    look = f'<w:rPr>{_fonts(fonts.number)}<w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'
    field = "".join(
        f"<w:r>{look}{piece}</w:r>"
        for piece in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    indent = f'<w:ind w:{side}="280" w:firstLine="0"/><w:jc w:val="{side}"/>'
    return f'{_DECLARATION}<w:ftr {_NAMES}><w:p><w:pPr><w:pStyle w:val="Flush"/>{indent}</w:pPr>{field}</w:p></w:ftr>'


def _types() -> str:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    kinds = "".join(f'<Default Extension="{kind}" ContentType="image/{kind}"/>' for kind in ("png", "jpeg", "gif"))
    overrides = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>'
        for part, kind in (
            ("word/document.xml", f"{main}.document.main+xml"),
            ("word/styles.xml", f"{main}.styles+xml"),
            ("word/settings.xml", f"{main}.settings+xml"),
            ("word/footer1.xml", f"{main}.footer+xml"),
            ("word/footer2.xml", f"{main}.footer+xml"),
            ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        )
    )
    return (
        f'{_DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}{overrides}</Types>'
    )


def _relationships(entries: list[tuple[str, str, str, bool]]) -> str:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{escape(target)}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for name, kind, target, outside in entries
    )
    return f'{_DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def _roots() -> str:
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return _relationships(
        [("rId1", f"{_OFFICE}/officeDocument", "word/document.xml", False), ("rId2", core, "docProps/core.xml", False)]
    )


def _relations(package: _Package) -> str:
    entries = [
        ("rId1", f"{_OFFICE}/styles", "styles.xml", False),
        ("rId2", f"{_OFFICE}/settings", "settings.xml", False),
        ("rId3", f"{_OFFICE}/footer", "footer1.xml", False),
        ("rId4", f"{_OFFICE}/footer", "footer2.xml", False),
    ]
    entries += [(name, f"{_OFFICE}/hyperlink", target, True) for target, name in package.links.items()]
    entries += [(name, f"{_OFFICE}/image", f"media/{file}", False) for file, (name, _, _, _) in package.media.items()]
    return _relationships(entries)


def _core(document: OfficialDocument) -> str:
    day = f"{document.made.isoformat()}T00:00:00Z" if document.made else "1980-01-01T00:00:00Z"
    return (
        f'{_DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(document.title)}</dc:title><dc:creator>{escape(document.issuing_body)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day}</dcterms:modified></cp:coreProperties>'
    )
