"""Lines of a document and what they are: text, headings, page furniture, attachments, signatures.

A page saved as one long line is cut before its numbers; a text wrapped at a fixed width is joined again.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from gongkai.compiler.bars import join_rows, lists_units
from gongkai.compiler.characters import Source
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.tables import spaced_head
from gongkai.reading.blocks import Document, Table


@dataclass(frozen=True, slots=True)
class Line:
    """One line: offsets into the source text, its role, and its outline level where the file gives one."""

    start: int
    end: int
    role: str = "text"
    level: int | None = None
    table: Table | None = None


# Words of buttons and menus, which begin sentences too: they count where the word stands alone.
_BUTTONS = r"(?:分享|打印|关闭|收藏|首页|登录|注册|下载|繁体(?:版|中文)?|简体(?:版|中文)?|微信|微博|二维码|无障碍|视力保护|返回)(?=\s|$|[>»:|/、·\-【】\[\]()]|到|本页|此页|首页|顶部|列表)"
FURNITURE = re.compile(
    rf"\s{{0,4}}[>»•·*\-|【\[(]{{0,2}}\s{{0,2}}(?:{_BUTTONS}|扫一扫|相关(?:链接|附件|文件|解读|政策|信息|稿件|阅读)|上一篇|下一篇|上一条|下一条|推荐访问|推荐阅读|版权所有|网站(?:标识码|地图|支持)|"
    r"您(?:当前|现在|的位置)|当前位置|字体|字号|浏览(?:次数|量)?|点击(?:次数|数|量)?|阅读(?:次数|量)?|访问(?:次数|量)?|技术支持|邮政?编|责任编辑|编辑:|审核:|编审:|撰稿|"
    r"Baidu|map$|政策咨询(?!\S{0,10}[。,;])|咨询(?:部门|电话)|手机号码|验证码|是否公开|当前页|附件下载|文件下载|网站声明|主办:|承办:|主管:|"
    r"如果您对|我要(?:纠错|咨询|评论)|网友(?:评论|留言)(?!\S{0,10}[。,;])|智能问答|来源:|信息来源|文章来源|作者:|稿源|发布人|发布时间|发布日期|更新时间|(?:时间|日期):(?!\s{0,4}\S{0,16}(?:[前底末内年月季]|持续|长期|全年)\s{0,2}$)|保存时间|内容概述|"
    r"文档编号|上传时间|本文档|版权申明|免责|供大家参考|网友投稿|第\s{0,2}\d{1,3}\s{0,2}页|共\s{0,2}\d{1,3}\s{0,2}页|[-—–]\s{0,2}\d{1,3}\s{0,2}[-—–]\s{0,2}$)"
)
_FOOTER = re.compile(r"ICP备|公网安备|网站标识码|版权所有|Copyright|技术支持", re.IGNORECASE)
ATTACHMENT = re.compile(
    r"\s{0,4}附\s{0,4}(?:件|表|录)?\s{0,4}(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s{0,4}(?::|$|\.\s)"
)
DATE_LINE = re.compile(
    r"\s{0,60}(?:\d{4}|[二〇○零一三四五六七八九]{4})\s{0,2}年\s{0,2}(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s{0,2}月\s{0,2}(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s{0,2}[日号]\s{0,4}(?:印发|发布)?\s{0,4}$"
)
_OFFICE_END = re.compile(
    r"(?:政府|办公室|办公厅|委员会|局|厅|委|办|中心|部|院|管委会|处|小组|办事处|公司|大学|学院|学校|医院)\s{0,3}$"
)
_PAREN_NOTE = re.compile(r"\s{0,4}\((?:此件|本件|联系|信息公开选项|公开方式|主动公开|依申请公开)[^()]{0,60}\)\s{0,4}$")
# A level line of a drawn table.
_FRAME = re.compile(r"[ \t\u3000]*(?:[\u2500-\u2501\u250c-\u257f]|\+[=-]{2})[|\s\u2500-\u257f+=-]*$")
_CUT = re.compile(
    r"(?<=[。;)\]】〕\s!?:])\s{0,8}(?=(?:第[一二三四五六七八九十]{1,3}[章条节]|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,3}[.、](?!\d{1,2}(?![\d月]))|\d{1,2}(?:\.\d{1,2}){1,2}\s{1,2}(?=[\u4e00-\u9fff])|[●○■◆▲△]))"
)
_SAID = re.compile(r"(?:牵头|责任|落实|承办|主办)[\u4e00-\u9fff]{0,4}\s{0,2}:")
_AFTER_CLOSE = re.compile(r"(?:[)\]】〕][。;]?|[。\s])\s{0,8}$")
_ROW_NUMBER = re.compile(r"\d{1,3}")
_SIGNED = re.compile(
    r"\s{1,4}([\u4e00-\u9fff]{4,24}(?:政府|办公室|局|委员会|办公厅|中心|管委会|办事处))\s{1,4}(\d{4}年\d{1,2}月\d{1,2}日)\s{0,4}$"
)
_HEADED = re.compile(r"([一二三四五六七八九十]{1,3}、[^。,;()|]{2,24}?)\s{1,4}(?=\([一二三四五六七八九十]{1,3}\))")
_LONG = 1200


def classify(folded: str, start: int, end: int) -> str:
    """The role of a line: text, furniture, attachment or signature."""
    length = end - start
    if length <= 80 and (FURNITURE.match(folded, start, end) or _PAREN_NOTE.match(folded, start, end)):
        return "furniture"
    if length <= 200 and _FOOTER.search(folded, start, end):
        return "furniture"
    if length <= 40 and DATE_LINE.match(folded, start, end):
        return "signature"
    if length <= 80 and ATTACHMENT.match(folded, start, end):
        return "attachment"
    return "text"


def _cut_long(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """A very long line, or one that is nearly the whole text, as the numbered pieces it was made of."""
    if end - start < 60:
        inner = _HEADED.match(folded, start, end)
        return [(start, inner.end(1)), (inner.end(), end)] if inner else [(start, end)]
    if folded.count("|", start, end) >= max(6, (end - start) / 80):
        return [(start, end)]  # the cells of a table in one line
    cuts = [found.end() for found in _CUT.finditer(folded, start, end)]
    whole = end - start >= 150 and 2 * (end - start) > len(folded) and folded.count("\n") <= 6
    whole = whole and not spaced_head(folded[start:end])
    long = whole or end - start >= _LONG
    if not long:
        said = len(_SAID.findall(folded, start, end))
        cuts = [cut for cut in cuts if _AFTER_CLOSE.search(folded, max(start, cut - 9), cut)] if said >= 2 else []
    if len(cuts) < (3 if long else 2):
        return [(start, end)]
    signed = _SIGNED.search(folded, max(start, end - 70), end)
    if signed:
        cuts.extend([signed.start(1), signed.start(2)])
    edges = [start, *cuts, end]
    return list(itertools.pairwise(edges))


def read_lines(source: Source, document: Document) -> list[Line]:
    """The lines of all blocks in reading order; a table is one entry that carries its grid."""
    result: list[Line] = []
    for block in document.blocks:
        start, end = source.from_original(block.start), source.from_original(block.end)
        if block.kind == "table" and block.table is not None:
            result.append(Line(start, end, "table", None, block.table))
            continue
        result.extend(_lines_of(source, start, end, block.level if block.kind == "heading" else None))
    return result


def join_lines(source: Source, lines: list[Line]) -> tuple[Source, list[Line]]:
    """Wrapped lines as paragraphs: a source without the line ends inside paragraphs, and its lines."""
    lines = _without_page_numbers(source.folded, lines)
    rows = _with_rows(source.folded, lines)
    joined = _joined(source, rows)
    if len(joined) < len(lines):
        ends = [(one.end, two.start) for one, two in itertools.pairwise(lines)]
        apart = {line.end for line in joined}
        apart.update(end for end, start in ends if _LABEL_START.match(source.folded, start))
        apart.update(end for end, start in ends if end not in apart and lists_units(source.folded, end, start))
        holes = [source.original_span(end, start) for end, start in ends if end not in apart and start > end]
        fresh = Source(source.original, tuple(holes))
        joined = [_moved(source, fresh, line) for line in joined]
        source = fresh
    return source, _signed(source.folded, joined)


def _with_rows(folded: str, lines: list[Line]) -> list[Line]:
    """The lines with the rows of bar tables whole."""
    result: list[Line] = []
    for is_text, group in itertools.groupby(lines, key=lambda line: line.role == "text" and line.table is None):
        members = list(group)
        if is_text:
            levels = {line.start: line.level for line in members}
            spans = join_rows(folded, [(line.start, line.end) for line in members])
            result.extend(Line(start, end, "text", levels[start]) for start, end in spans)
        else:
            result.extend(members)
    return result


def _moved(old: Source, new: Source, line: Line) -> Line:
    first, last = old.original_span(line.start, line.end)
    return Line(new.from_original(first), new.from_original(last), line.role, line.level, line.table)


def _signed(folded: str, lines: list[Line]) -> list[Line]:
    """The office that signs stands in a short line above the date; a date before a row number is a cell."""
    for index, line in enumerate(lines[1:], 1):
        before = lines[index - 1]
        following = lines[index + 1 : index + 3] if line.role == "signature" else []
        if any(_ROW_NUMBER.fullmatch(folded, one.start, one.end) for one in following):
            lines[index] = Line(line.start, line.end, "text", line.level)
            continue
        if line.role != "signature" or before.role != "text" or before.end - before.start > 30:
            continue
        if _OFFICE_END.search(folded[before.start : before.end]) and not parse_number(folded, before.start, before.end):
            lines[index - 1] = Line(before.start, before.end, "signature", before.level)
    return lines


def _lines_of(source: Source, start: int, end: int, level: int | None) -> list[Line]:
    folded = source.folded
    result = []
    position = start
    while position < end:
        stop = folded.find("\n", position, end)
        stop = end if stop < 0 else stop
        if _FRAME.match(folded, position, stop):
            position = stop + 1
            continue
        for first, last in _cut_long(folded, position, stop):
            first, last = source.strip(first, last)
            if last > first:
                result.append(Line(first, last, classify(folded, first, last), level))
        position = stop + 1
    return result


def cell_lines(source: Source, table: Table) -> list[Line]:
    """The lines inside the cells of a table that is no breakdown table."""
    result: list[Line] = []
    for cell in table.cells:
        result.extend(_lines_of(source, source.from_original(cell.start), source.from_original(cell.end), None))
    return result


@dataclass(frozen=True, slots=True)
class _Wrap:
    """How a text was wrapped: the width of a full line in half characters, and the line feeds between lines."""

    width: int
    feeds: int
    marked: bool  # whether a gap, an indent or a number marks most beginnings of paragraphs


def _find_wrap(source: Source, lines: list[Line]) -> _Wrap | None:
    """How the text was wrapped at a fixed width; None if its lines are paragraphs."""
    folded = source.folded
    prose = [
        (line, following, _width(source, line))
        for line, following in itertools.pairwise(lines)
        if line.role == "text" and line.table is None and not _CELLS.search(folded, line.start, line.end)
    ]
    widths = sorted(width for *_, width in prose)
    full = max(widths, key=lambda one: (bisect_right(widths, one) - bisect_left(widths, 0.8 * one), one), default=0)
    if not 30 <= full <= 170 or len(widths) - bisect_right(widths, 1.1 * full) > 0.1 * len(prose):
        return None
    wrapped = [line for line, _, width in prose if 0.8 * full <= width <= 1.1 * full]
    broken = sum(folded[line.end - 1] not in "。;!?)]】〕" for line in wrapped)
    if len(wrapped) < max(4, 0.25 * len(prose)) or broken < 0.6 * len(wrapped):
        return None
    feeds = max(1, min(folded.count("\n", line.end, following.start) for line, following, _ in prose))
    ends = [(line, following) for line, following, width in prose if width < 0.6 * full]
    marked = sum(not _continues(folded, line, following, feeds) for line, following in ends)
    return _Wrap(full, feeds, marked >= 0.8 * len(ends))


def _width(source: Source, line: Line) -> int:
    """The width of the last line of a paragraph in half characters, with its indent."""
    start = source.folded.rfind("\n", max(0, line.start - 40), line.end) + 1
    start = start or line.start
    return (line.end - start + len(source.text[start : line.end].encode("utf-8", "replace"))) // 2


def _continues(folded: str, line: Line, following: Line, feeds: int) -> bool:
    """Whether nothing marks the next line as the beginning of a paragraph: no gap, no indent, no number, no label."""
    if following.role != "text" or following.table is not None:
        return False
    if _CELLS.search(folded, max(line.start, line.end - 120), line.end):  # a joined line grows: its end matters
        return False
    if _CELLS.search(folded, following.start, following.end) or _LABEL_START.match(
        folded, following.start, following.end
    ):
        return False
    gap = folded[line.end : following.start]
    indent = len(gap) - gap.rfind("\n") - 1
    return gap.count("\n") == feeds and indent < 2 and parse_number(folded, following.start, following.end) is None


def _runs_on(source: Source, line: Line, following: Line, wrap: _Wrap) -> bool:
    """Whether the words of a line go on in the next one; a stop at its end speaks against that unless the line is full."""
    stops = source.folded[line.end - 1] in "。;:!?)]】〕"
    if _width(source, line) < (0.92 if stops else 0.6) * wrap.width:
        return False
    return (wrap.marked or not stops) and _continues(source.folded, line, following, wrap.feeds)


def _joined(source: Source, lines: list[Line]) -> list[Line]:
    """Lines of a wrapped text as paragraphs again, and brackets that run over a line end closed."""
    folded = source.folded
    wrap = _find_wrap(source, lines)
    result: list[Line] = []
    open_bracket = False
    for line in lines:
        previous = result[-1] if result else None
        if previous is not None and previous.role == line.role == "text" and previous.level == line.level:
            goes_on = wrap is not None and _runs_on(source, previous, line, wrap)
            goes_on = goes_on or _waits(folded, previous, line)
            inside = open_bracket and line.end - line.start <= 400
            if goes_on or (inside and (_closes(folded, line) or _LABEL_START.match(folded, line.start, line.end))):
                result[-1] = Line(previous.start, line.end, "text", line.level)
                open_bracket = _opens(folded, result[-1])
                continue
        result.append(line)
        open_bracket = line.role == "text" and _opens(folded, line)
    return result


_PAGE_NUMBER = re.compile(r"\d{1,3}、(?=[^()]{0,80}\))")


def _without_page_numbers(folded: str, lines: list[Line]) -> list[Line]:
    """Sites that share files number the pages of the text (1、…, 2、…); inside an open bracket that is no item."""
    result: list[Line] = []
    for line in lines:
        found = _PAGE_NUMBER.match(folded, line.start, line.end)
        if found and result and line.role == result[-1].role == "text" and _opens(folded, result[-1]):
            line = Line(found.end(), line.end, line.role, line.level, line.table)
        result.append(line)
    return result


def _waits(folded: str, line: Line, following: Line) -> bool:
    """Whether a line ends within a list, or is a label whose value stands in the next line."""
    if following.end - following.start > 300 or parse_number(folded, following.start, following.end):
        return False
    if _LABEL_START.match(folded, following.start, following.end) or "|" in folded[line.end - 1 : following.start + 1]:
        return False
    if folded[line.end - 1] == "、" or _hangs(folded, line, following):
        return folded.count("\n", line.end, following.start) == 1
    return line.end - line.start <= 16 and bool(_LABEL_ONLY.fullmatch(folded, line.start, line.end))


def _hangs(folded: str, line: Line, following: Line) -> bool:
    """Whether a line stands below the value of a label, far from the margin: one more unit."""
    indents = [one.start - folded.rfind("\n", 0, one.start) - 1 for one in (line, following)]
    return indents[1] >= indents[0] + 6 and bool(_LABEL_START.match(folded, line.start, line.end))


_CELLS = re.compile(r"[|\t]|\S[ \u3000]{3,}\S")

_LABELS = r"(?:总?牵头|责任|配合|落实|承办|主办|协办|参与|参加|协同|完成|办结|整改|推进|时限|时间|进度)"
_LABEL_START = re.compile(
    rf"\s{{0,4}}(?:[【〔\[(]?{_LABELS}[\u4e00-\u9fff]{{0,4}}\s{{0,2}}:|[【〔\[(]{_LABELS}[\u4e00-\u9fff]{{0,4}}\s{{0,2}}[】〕\])])"
    rf"|\s{{0,4}}{_LABELS}(?:单位|部门|科室|处室|时限|时间|期限|要求)[ \t\u3000\xa0]{{1,12}}\S"
)
_LABEL_ONLY = re.compile(
    rf"\s{{0,4}}(?:{_LABELS}[\u4e00-\u9fff]{{0,4}}\s{{0,2}}:|[【〔\[]{_LABELS}[\u4e00-\u9fff]{{0,4}}[】〕\]]\s{{0,2}}:?)\s{{0,4}}"
)
_UNCLOSED = re.compile(
    r"[(\[【〔]\s{0,3}(?:牵头|责任|主办|落实|配合|承办)[^()\[\]【】〔〕]{0,400}(?:[(〔\[][^()〔〕\[\]]{0,30}[)〕\]][^()\[\]【】〔〕]{0,200}){0,12}$"
)


def _opens(folded: str, line: Line) -> bool:
    """Whether a responsibility bracket opened in the line and did not close."""
    return bool(_UNCLOSED.search(folded, max(line.start, line.end - 800), line.end))


def _closes(folded: str, line: Line) -> bool:
    return any(mark in folded[line.start : line.end] for mark in ")]】〕") and not parse_number(
        folded, line.start, line.end
    )
