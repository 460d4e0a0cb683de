"""What the parts of an official document are, told by their words and their place: title, number, 主送, signature ...

Only paragraphs that the author left plain are judged; a heading that Word calls a heading stays one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from gongkai.law.numbering import from_chinese_numeral, restore_document_number
from gongkai.publications.body.flow import Block
from gongkai.publications.body.runs import Run

KINDS = "决议|决定|命令|令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|办法|规定|细则|方案|要点|规划|计划|制度|规则|指南|清单|条例"
BODY_ENDING = "人民政府|办公室|办公厅|委员会|管委会|[局厅部委院]|中心|街道办事处|领导小组|总队|支队|分局|集团|公司|银行|协会|学校|医院"
_TITLE = re.compile(
    rf"关于.{{2,120}}(?:{KINDS})(?:[（(].{{1,20}}[)）])?$|^.{{2,60}}(?:{KINDS})(?:[（(].{{1,20}}[)）])?$", re.S
)
_MARK = re.compile(r"[\u4e00-\u9fff、\s]{4,60}文件$")
_BODY_NAME = re.compile(rf"[\u4e00-\u9fff（）()、\s]{{2,40}}(?:{BODY_ENDING})$")
_ORDER = re.compile(r"(?:[\u4e00-\u9fff]{2,30}令)?第\s*\d{1,5}\s*号$")
_TO = re.compile(r"各|政府|部门|单位|[局委办厅院]|公司|中心|学校|街道|[镇乡县区市]|有关")
_DATE = re.compile(
    r"(?P<year>(?:19|20)\d{2}|[一二][〇○零Oo0一二三四五六七八九]{3})\s*年\s*(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})\s*月"
    r"\s*(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s*日"
)
_NOTE = re.compile(r"[（(]\s*(?:此件|本件|此文|信息公开|公开属性|公开形式|联系人|联系电话).{0,120}[)）]$")
_ENCLOSURE = re.compile(r"附件?\s*[：:]")
_ENCLOSURE_ITEM = re.compile(r"\s*\d{1,2}\s*[.．、]\s*(?!\d)")
_ANNEX = re.compile(r"附件\s*[0-9一二三四五六七八九十]{0,3}\s*[：:]?$|附表\s*[0-9]{0,2}$")
_COPY = re.compile(r"抄\s*[送报]\s*[：:]")
_PRINTED = re.compile(r".{2,40}\s*\d{4}年\d{1,2}月\d{1,2}日\s*印发$")
_CHAPTER = re.compile(r"第[一二三四五六七八九十百\d]{1,4}(?:[编章])(?:[\s\u3000]|$)")
_SECTION = re.compile(r"第[一二三四五六七八九十百\d]{1,4}节(?:[\s\u3000]|$)")
_FIRST = re.compile(r"[一二三四五六七八九十]{1,3}、")
_SECOND = re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]")
_ENDS = "。；;！？!?，,"
_LONGEST_HEADING = 60
_HEAD_LINES = 14


def read_date(text: str) -> date | None:
    """The first date of a text: 2026年6月3日 or 二〇二六年六月三日. None where there is none."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        year, month, day = (_figure(match[name]) for name in ("year", "month", "day"))
        return date(year, month, day)
    except ValueError:
        return None


def _figure(text: str) -> int:
    plain = re.sub("[○Oo0]", "〇", text) if not text.isdecimal() else text
    return int(plain) if plain.isdecimal() and plain.isascii() else from_chinese_numeral(plain)


def is_date_line(text: str) -> bool:
    """Whether a line is a date and nothing else."""
    match = _DATE.search(text)
    return match is not None and not _squeezed(text.replace(match[0], ""))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def is_number(text: str) -> bool:
    """Whether a line is a 发文字号 (or 第5号 of an order)."""
    line = _squeezed(text)
    return len(line) < 45 and (restore_document_number(line) is not None or _ORDER.fullmatch(line) is not None)


@dataclass(slots=True)
class _Place:
    """How far the reading has come."""

    titled: bool = False
    signed: bool = False
    addressed: bool = False


def classify(blocks: list[Block]) -> None:
    """Say what each block is, by tag and classes, in place. Lines of one title become one heading."""
    _head(blocks)
    place = _Place(titled=any("ttl" in block.classes for block in blocks))
    for number, block in enumerate(blocks):
        if block.raw or block.tag != "p" or block.classes & {"mark", "number", "sign", "note", "enclosure", "imprint"}:
            place.signed |= "sign" in block.classes
            continue
        _one(blocks, number, place)


def _one(blocks: list[Block], number: int, place: _Place) -> None:
    block, text = blocks[number], blocks[number].text.strip()
    if not text:
        return
    if _NOTE.fullmatch(text):
        block.classes.add("note")
    elif _ENCLOSURE.match(text) and not _ANNEX.fullmatch(text) and not place.signed:
        _enclosures(blocks, number)
    elif _ANNEX.fullmatch(text):
        _annex(blocks, number)
    elif is_date_line(text) and number > 1:
        _signature(blocks, number)
        place.signed = True
    elif _COPY.match(text) or _PRINTED.fullmatch(text):
        block.classes.add("imprint")
    elif not place.addressed and number < _HEAD_LINES and _is_recipients(text):
        block.classes.add("flush")
        place.addressed = True
    elif place.signed and not _heading(text) and _opens(blocks, number):
        block.tag = "h2"
        block.classes = (block.classes & {"page"}) | {"ttl"}
        _bare(block)
        place.signed = False
    else:
        _set_heading(block, text)


def _bare(block: Block) -> None:
    block.runs = [run if run.picture else replace(run, marks=run.marks - {"strong", "u"}) for run in block.runs]


def _is_recipients(text: str) -> bool:
    return text.endswith(("：", ":")) and len(text) < 300 and bool(_TO.search(text)) and "。" not in text


def _opens(blocks: Sequence[Block], number: int) -> bool:
    """Whether a line opens a second text (what the notice prints): first after the signature, short, no sentence."""
    block, text = blocks[number], blocks[number].text.strip()
    before = blocks[number - 1]
    after = before.classes & {"sign", "note", "flush"} or "page" in block.classes
    return (
        bool(after)
        and len(text) <= 60
        and text[-1] not in _ENDS + "：:"
        and ("center" in block.classes or bool(_TITLE.search(text)) or len(text) < 40)
    )


def _heading(text: str) -> str:
    if len(text) > _LONGEST_HEADING or text[-1] in _ENDS:
        return ""
    if _CHAPTER.match(text) or (_FIRST.match(text) and "。" not in text):
        return "h2"
    if _SECTION.match(text) or (_SECOND.match(text) and "。" not in text and len(text) <= 40 and text[-1] not in "：:"):
        return "h3"
    return ""


def _set_heading(block: Block, text: str) -> None:
    tag = _heading(text)
    if tag and not any(run.picture for run in block.runs):
        block.tag = tag
        if _CHAPTER.match(text) or _SECTION.match(text):
            block.classes.add("center")
        _bare(block)


def _enclosures(blocks: Sequence[Block], number: int) -> None:
    blocks[number].classes.add("enclosure")
    for block in blocks[number + 1 : number + 40]:
        if block.raw or block.tag != "p" or not _ENCLOSURE_ITEM.match(block.text) or len(block.text) > 120:
            break
        block.classes.add("enclosure")


def _annex(blocks: Sequence[Block], number: int) -> None:
    """附件1 alone on its line: what follows is a second text with a title."""
    blocks[number].classes.add("flush")
    if number:
        blocks[number].classes.add("page")
    following = blocks[number + 1] if number + 1 < len(blocks) else None
    if following is not None and following.tag == "p" and not following.raw:
        text = following.text.strip()
        if 0 < len(text) <= 60 and text[-1] not in _ENDS + "：:" and not _heading(text):
            following.tag, following.classes = "h2", {"ttl"}
            _bare(following)


def _signature(blocks: Sequence[Block], number: int) -> None:
    """A line with a date alone, and the names of the bodies above it."""
    block = blocks[number]
    if "center" in block.classes and number < 6:
        return
    block.classes = (block.classes - {"right", "center", "flush"}) | {"sign"}
    for back in range(number - 1, max(-1, number - 6), -1):
        above = blocks[back]
        text = above.text.strip()
        named = _BODY_NAME.fullmatch(_squeezed(text)) is not None and text[-1:] not in "。：；"
        pushed = bool(above.classes & {"right", "sign"}) or above.indent > 8
        if above.raw or above.tag != "p" or above.classes & {"number", "mark", "enclosure", "flush"}:
            break
        if not (named or (pushed and len(text) <= 40)):
            break
        above.classes = (above.classes - {"right", "center"}) | {"sign"}


def _head(blocks: list[Block]) -> None:
    """Mark, number and title at the top."""
    end = next(
        (
            place
            for place, block in enumerate(blocks[:_HEAD_LINES])
            if block.raw
            or len(block.text) > 130
            or _is_recipients(block.text.strip())
            or _heading(block.text.strip() or "。")
            or block.text.rstrip().endswith("。")
        ),
        min(_HEAD_LINES, len(blocks)),
    )
    top = blocks[:end]
    for block in top:
        line = _squeezed(block.text)
        if block.tag == "p" and _MARK.fullmatch(line):
            block.classes = {"mark"}
            _bare(block)
        elif block.tag == "p" and is_number(line):
            block.classes = {"number"}
            _bare(block)
    lines = _title_lines(top)
    if lines:
        _join_title(blocks, lines)


def _title_lines(top: Sequence[Block]) -> list[int]:
    """The places of the lines that make the title; empty where none does."""
    plain = [n for n, block in enumerate(top) if not block.classes & {"mark", "number"} and block.text.strip()]
    styled = [n for n in plain if "ttl" in top[n].classes]
    if styled:
        return _run_on(top, styled[0], plain)
    for n in plain:
        text = _squeezed(top[n].text)
        if _DATE.search(text) and is_date_line(text):
            continue
        if text.startswith("关于") and n - 1 in plain and _BODY_NAME.fullmatch(_squeezed(top[n - 1].text)):
            return _run_on(top, n - 1, plain)
        if _TITLE.search(text) or "center" in top[n].classes:
            return _run_on(top, n, plain)
    return []


def _run_on(top: Sequence[Block], first: int, plain: Sequence[int]) -> list[int]:
    """Further lines of a title: centred as the first, or cut before the word that ends a title."""
    lines = [first]
    centred = bool(top[first].classes & {"center", "ttl"})
    while lines[-1] + 1 in plain:
        words = "".join(_squeezed(top[n].text) for n in lines)
        following = top[lines[-1] + 1]
        text = _squeezed(following.text)
        unfinished = not _TITLE.search(words) or (_BODY_NAME.fullmatch(words) and text.startswith("关于"))
        likely = (
            "center" in following.classes if centred else text.startswith("关于") or bool(_TITLE.search(words + text))
        )
        bracketed = text.startswith(("（", "(")) and not _NOTE.fullmatch(text) and _DATE.search(text) is not None
        if bracketed or not (unfinished and likely) or is_date_line(text) or len(words + text) > 150:
            break
        lines.append(lines[-1] + 1)
    return lines


def _join_title(blocks: list[Block], lines: list[int]) -> None:
    first = blocks[lines[0]]
    runs: list[Run] = []
    for n in lines:
        if runs:
            runs.append(Run("\n"))
        runs += blocks[n].runs
    first.tag, first.runs = "h2", runs
    first.classes = (first.classes & {"page"}) | {"ttl"}
    _bare(first)
    del blocks[lines[0] + 1 : lines[-1] + 1]
