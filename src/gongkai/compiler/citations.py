"""Documents in 《》 with their numbers. Works on folded text; broken numbers are restored and reported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongkai.compiler.notice import Span

_OPEN, _CLOSE = "《", "》"
_KINDS = re.compile(
    r"(?:条例|规定|办法|通知|意见|方案|要点|细则|法|决定|规则|标准|指引|目录|清单|计划|规划|纲要|报告|公约|制度|函|批复|公告|通告|指南|"
    r"解释|手册|格式|说明|规范|章程|意见稿|要求|决议|命令|行动|措施|分工|任务|台账|分解表|一览表|表|指标|导则|准则|协议|宪法|答复|通报|"
    r"流程|机制|体系|预案|模板|口径|须知|条款|政策|会议纪要|纪要|责任书|若干|令|补充|安排|步骤)(?:\([^()]{1,20}\)|〔[^〔〕]{1,20}〕|[\s”\"〉>])*$"
)
_AGENCY = r"[\u4e00-\u9fff]{1,14}"
NUMBER = re.compile(
    rf"(?P<agency>{_AGENCY}?[发办函字令政规通电综改公秘呈密议便文明传监建财教人厅研法管府组委局信数务]{{1,4}})\s{{0,2}}"
    r"(?P<left>[〔\[【(﹝《<〈]?)\s{0,2}(?P<year>(?:19|20)\d{2})\s{0,2}(?:年)?(?P<right>[〕\]】)﹞》>〉]?)\s{0,2}(?P<mark>第?)\s{0,2}(?P<serial>\d{1,5})\s{0,2}号"
)
_DAMAGED = re.compile(
    rf"{_AGENCY}[〔\[【﹝]\s{{0,2}}\d{{0,4}}\s{{0,2}}[〕\]】﹞]?\s{{0,2}}第?\s{{0,2}}\d{{0,4}}\s{{0,2}}号"
)
_ORDER = re.compile(
    r"(?P<agency>[\u4e00-\u9fff]{1,20}(?:令|公告))\s{0,2}第\s{0,2}(?P<serial>\d{1,5}|[一二三四五六七八九十百]{1,6})\s{0,2}号"
)


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document number: as it should be written, where it stands, and whether it was damaged."""

    text: str
    start: int
    end: int
    damaged: bool


@dataclass(frozen=True, slots=True)
class Cited:
    """One document in 《》: title span, number, whole span."""

    title: Span
    number: DocumentNumber | None
    start: int
    end: int


def document_number(folded: str, words: str, start: int, end: int) -> DocumentNumber | None:
    """The first document number between two offsets. `words` is the unfolded text of the same length."""
    found = NUMBER.search(folded, start, end)
    order = _ORDER.search(folded, start, end)
    if order and (not found or order.start() < found.start()):
        return DocumentNumber(words[order.start() : order.end()], order.start(), order.end(), False)
    if found:
        agency = words[found.start("agency") : found.end("agency")]
        damaged = not (found.group("left") and found.group("right"))
        text = f"{agency}〔{found.group('year')}〕{found.group('serial')}号"
        return DocumentNumber(text, found.start(), found.end(), damaged)
    return None


def damaged_number(folded: str, start: int, end: int) -> Span | None:
    """A document number that lost so much that it cannot be restored."""
    found = _DAMAGED.search(folded, start, end)
    return found.span() if found and not NUMBER.search(folded, start, end) else None


def titles_in(folded: str, start: int, end: int) -> list[Span]:
    """Spans of what stands in outermost 《》, brackets not included."""
    result: list[Span] = []
    depth, first = 0, start
    position = start
    while position < end:
        character = folded[position]
        if character == _OPEN:
            if depth and position - first > 200:
                depth = 0
            if not depth:
                first = position + 1
            depth += 1
        elif character == _CLOSE and depth:
            depth -= 1
            following = folded[position + 1 : position + 2]
            if not depth or following in ("(", "[", "〔", ",", "。", "、", "《"):
                depth = 0
                result.append((first, position))
        position += 1
    return result


def cited_in(folded: str, words: str, start: int, end: int) -> list[Cited]:
    """All documents named between two offsets, each once."""
    result: list[Cited] = []
    seen: set[str] = set()
    for first, last in titles_in(folded, start, end):
        title = folded[first:last]
        stop = last + 1
        bracket = re.compile(r"\s{0,2}\(([^()]{3,60})\)").match(folded, stop, min(end, stop + 66))
        number = document_number(folded, words, bracket.start(1), bracket.end(1)) if bracket else None
        if number and bracket:
            stop = bracket.end()
        if 2 <= len(title) <= 200 and (number or _KINDS.search(title)) and title not in seen:
            seen.add(title)
            result.append(Cited((first, last), number, first - 1, stop))
    return result
