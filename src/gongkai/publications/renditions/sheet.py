"""The layout as HTML: the fragment for print pages, and the sheet that becomes PDF."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from gongkai.publications.body import runs as running
from gongkai.publications.body.flow import Block
from gongkai.publications.renditions.document import (
    Fonts,
    OfficialDocument,
    columns_of,
    imprint,
    lead_of,
    parts,
    sign_indents,
    split_runs,
    width,
)
from gongkai.publications.renditions.titles import break_title

# 版心 156 mm for 28 characters of 16 pt is 5.8 pt short: every character gives a little, as Word's grid does.
_SPACING = (156 / 25.4 * 72 - 28 * 16) / 28
_LINE = 28.95  # pt; 22 lines are 225 mm


def to_print_html(document: OfficialDocument) -> str:
    """The document as a fragment with classes (`paper-*` and those of a body), for a print page; no style of its own."""
    blocks = parts(document)
    indents = sign_indents(blocks)
    pieces = [_head(document)]
    pieces += [_block(block, indents.get(place)) for place, block in enumerate(blocks)]
    lines = imprint(document)
    if lines:
        rows = "".join(f"<p><span>{escape(left)}</span><span>{escape(right)}</span></p>" for left, right in lines)
        pieces.append(f'<div class="paper-imprint">{rows}</div>')
    return f'<div class="paper">{"".join(pieces)}</div>'


def _head(document: OfficialDocument) -> str:
    pieces = []
    if document.head:
        size = "s" if width(document.head) > 14 else "m" if width(document.head) > 10 else "l"
        lines = "<br>".join(escape(line) for line in break_title(document.head, 19))
        number = f'<p class="paper-number">{escape(document.number)}</p>' if document.number else ""
        pieces.append(f'<div class="paper-head"><p class="paper-mark paper-{size}">{lines}</p>{number}</div>')
    elif document.number:
        pieces.append(f'<p class="paper-number">{escape(document.number)}</p>')
    title = "<br>".join(escape(line) for line in break_title(document.title))
    pieces.append(f'<h1 class="paper-title">{title}</h1>')
    return "".join(pieces)


def _block(block: Block, indent: float | None) -> str:
    if block.raw:
        return _fitted(block.raw)
    if "ttl" in block.classes:
        # A title printed with the document is broken by sense like the first one.
        words = "".join(line.strip() for line in block.text.split("\n"))
        if not any(run.picture for run in block.runs):
            lines: list[running.Run] = []
            for line in break_title(words):
                lines += [running.Run("\n"), running.Run(line)] if lines else [running.Run(line)]
            block = replace(block, runs=lines)
    lead = lead_of(block)
    inner = running.render(block.runs)
    if lead:
        first, rest = split_runs(block.runs, lead)
        inner = f'<span class="paper-lead">{running.render(first)}</span>{running.render(rest)}'
    kinds = set(block.classes)
    if indent is not None:
        kinds.add(f"paper-in-{round(indent * 2)}")
    if block.tag == "p" and not block.text.strip():
        kinds.add("paper-picture")
    names = f' class="{" ".join(sorted(kinds))}"' if kinds else ""
    return f"<{block.tag}{names}>{inner}</{block.tag}>"


def _fitted(raw: str) -> str:
    """Tables of many columns are set smaller, those of very many on pages lying on their side."""
    if not raw.startswith("<table"):
        return raw
    columns = columns_of(raw)
    kind = "paper-wide" if columns >= 10 else "paper-small" if columns >= 7 else ""
    return raw.replace('class="', f'class="{kind} ', 1) if kind else raw


def style(fonts: Fonts = Fonts()) -> str:  # noqa: B008 - frozen
    """The style of the sheet (GB/T 9704-2012): 版心 156 x 225 mm, 22 lines of 28 characters."""
    fall = '"Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", serif'
    sans = '"Noto Sans CJK SC", "Source Han Sans SC", sans-serif'
    body = f'"{fonts.body}", "FangSong", "仿宋", {fall}'
    title = f'"{fonts.title}", {fall}'
    heading = f'"{fonts.heading}", "SimHei", {sans}'
    second = f'"{fonts.second}", "KaiTi", "楷体", {fall}'
    number = f'"{fonts.number}", "SimSun", {fall}'
    indents = "".join(f".paper-in-{half} {{ padding-right: {half / 2}em; }}\n" for half in range(4, 21))
    foot = f"font: 14pt {number}; vertical-align: top; padding-top: 7mm;"
    return f"""
@page {{ size: A4; margin: 37mm 26mm 34.9mm 28mm; }}
@page :right {{ @bottom-right {{ content: "— " counter(page) " —"; {foot} padding-right: 14pt; }} }}
@page :left {{ @bottom-left {{ content: "— " counter(page) " —"; {foot} padding-left: 14pt; }} }}
@page wide {{ size: A4 landscape; margin: 28mm 37mm 26mm 35mm; }}
html {{ font: 16pt/{_LINE}pt {body}; }}
body, p, h1, h2, h3, h4, ul, ol, blockquote, table {{ margin: 0; padding: 0; font-weight: normal; font-size: 16pt; }}
.paper {{ page: sheet; letter-spacing: {_SPACING:.4f}pt; line-break: strict; overflow-wrap: anywhere; }}
p, h2, h3, h4 {{ text-indent: 2em; text-align: justify; widows: 1; orphans: 1; }}
.paper-head {{ padding-top: 35mm; border-bottom: 1.2pt solid #e00000; margin-bottom: {2 * _LINE}pt; padding-bottom: 4mm; }}
.paper-mark {{ color: #e00000; font-family: {title}; text-align: center; text-indent: 0; letter-spacing: 0; }}
.paper-l {{ font-size: 42pt; line-height: 1.2; }} .paper-m {{ font-size: 30pt; line-height: 1.3; }}
.paper-s {{ font-size: 22pt; line-height: 1.4; }}
.paper-number {{ text-align: center; text-indent: 0; }} .paper-head .paper-number {{ margin-top: {2 * _LINE}pt; }}
.paper-title, h2.ttl {{ font: 22pt/{_LINE + 3}pt {title}; text-align: center; text-indent: 0; letter-spacing: 0; }}
.paper-title {{ margin-bottom: {_LINE}pt; }} h2.ttl {{ margin: {_LINE}pt 0; }}
h2, h3, h4 {{ break-after: avoid; }}
h2 {{ font-family: {heading}; }} h3, .paper-lead {{ font-family: {second}; }}
p.flush, p.center, p.right, p.sign, p.mark, p.number, h2.center, h3.center {{ text-indent: 0; }}
.center, p.mark, p.number, .paper-picture {{ text-align: center; text-indent: 0; }} .right {{ text-align: right; }}
p.page, h2.page, h3.page, table.page {{ break-before: page; }} p.flush.page {{ font-family: {heading}; }}
p.sign {{ text-align: right; break-before: avoid; letter-spacing: 0; }}
:not(.sign) + p.sign {{ margin-top: {2 * _LINE}pt; }}
.no {{ font-family: {heading}; margin-right: 1em; }}
{indents}
p.enclosure {{ break-before: avoid; }} p.note {{ break-before: avoid; margin-top: {_LINE}pt; text-indent: 2em; }}
:not(.enclosure) + p.enclosure {{ margin-top: {_LINE}pt; }}
p.enclosure {{ padding-left: 5em; text-indent: -3em; }} .enclosure + p.enclosure {{ text-indent: 0; }}
strong {{ font-weight: bold; }} em {{ font-style: normal; font-family: {second}; }}
sup, sub {{ font-size: 10pt; line-height: 0; }} a {{ color: inherit; text-decoration: none; }}
ul, ol {{ padding-left: 3.5em; }} ol.notes {{ border-top: 0.5pt solid #000; margin-top: {_LINE}pt; font-size: 12pt; line-height: 18pt; }}
ol.notes li {{ font-size: 12pt; }} blockquote {{ font-family: {second}; }}
table {{ border-collapse: collapse; width: 100%; font-size: 12pt; line-height: 17pt; margin: 6pt 0; letter-spacing: 0; }}
th, td {{ border: 0.5pt solid #000; padding: 3pt 4pt; text-align: left; vertical-align: middle; text-indent: 0; overflow-wrap: anywhere; }}
th {{ font-family: {heading}; font-weight: normal; text-align: center; }} td.n {{ text-align: right; white-space: nowrap; }}
table.paper-small {{ font-size: 10.5pt; line-height: 15pt; }} table.paper-wide {{ page: wide; font-size: 9pt; line-height: 13pt; }}
.paper-wide td:first-child:not(.n), .paper-wide th:first-child {{ min-width: 6em; }}
td.center {{ text-align: center; }} td.right {{ text-align: right; }}
thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }}
caption {{ font-family: {heading}; font-size: 14pt; line-height: 24pt; text-align: center; }}
img {{ max-width: 100%; max-height: 190mm; }} hr {{ border: 0; border-top: 0.5pt solid #000; }}
/* 版记 stands at the foot of the last page, where footnotes stand. */
.paper-imprint {{ float: footnote; display: block; border-top: 1pt solid #000; border-bottom: 1pt solid #000; break-inside: avoid; letter-spacing: 0; }}
.paper-imprint::footnote-call, .paper-imprint::footnote-marker {{ content: ""; }}
.paper-imprint p {{ font-size: 14pt; text-indent: 0; padding: 0 1em; display: flex; justify-content: space-between; }}
.paper-imprint p + p {{ border-top: 0.7pt solid #000; }}
"""
