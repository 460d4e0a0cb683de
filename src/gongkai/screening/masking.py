"""Masking at the one place that yields text, and the proof that it was done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gongkai.screening.folding import fold
from gongkai.screening.hits import Hit

_TOWN = re.compile(r".*(?:街道|办事处|镇|乡)")
_COUNTY = re.compile(r".*(?:[区县市旗省]|自治州)")
_SEPARATORS = re.compile(r"[^0-9A-Za-z\u3400-\u9fff@]+")
DOUBLE_SURNAMES = [
    "欧阳",
    "太史",
    "端木",
    "上官",
    "司马",
    "东方",
    "独孤",
    "南宫",
    "万俟",
    "闻人",
    "夏侯",
    "诸葛",
    "尉迟",
    "公羊",
    "赫连",
    "澹台",
    "皇甫",
    "宗政",
    "濮阳",
    "公冶",
    "太叔",
    "申屠",
    "公孙",
    "慕容",
    "仲孙",
    "钟离",
    "长孙",
    "宇文",
    "司徒",
    "鲜于",
    "司空",
    "令狐",
]


def mask_identity(number: str, *, strict: bool = False) -> str:
    """An identity number with its middle removed: 110105********002X; strict: 11*************02X."""
    head, tail = (2, 3) if strict else (6, 4)
    return _middle(number, head, tail)


def mask_mobile(number: str) -> str:
    """138****8000."""
    return _middle(number, 3, 4)


def mask_card(number: str) -> str:
    """622202*********0012."""
    return _middle(number, 6, 4)


def mask_landline(number: str) -> str:
    """0591-****1234."""
    area = re.match(r"0(?:10|2\d|[3-9]\d\d)", number)
    head = area.group() + "-" if area else ""
    return f"{head}****{number[-4:]}"


def mask_name(name: str) -> str:
    """The surname and 某 for every other sign: 张某, 李某某, 欧阳某某."""
    surname = 2 if name[:2] in DOUBLE_SURNAMES and len(name) > 2 else 1
    return name[:surname] + "某" * max(1, len(name) - surname)


def mask_address(address: str) -> str:
    """Only down to the town or street office, else to the county; nothing where neither is named."""
    match = _TOWN.match(address) or _COUNTY.match(address)
    return match.group() if match else "***"


def mask_email(address: str) -> str:
    """z***@example.cn."""
    return f"{address[:1]}***@{address.rpartition('@')[2]}"


def mask_plate(plate: str) -> str:
    """闽G·**123."""
    bare = plate.replace("·", "").replace(".", "").replace(" ", "")
    return f"{bare[:2]}·{'*' * max(1, len(bare) - 5)}{bare[-3:]}"


def _middle(number: str, head: int, tail: int) -> str:
    return number[:head] + "*" * max(0, len(number) - head - tail) + number[len(number) - tail :]


@dataclass(frozen=True, slots=True)
class Removal:
    """A row of the verification view: what stood where, what stands there now, on which ground it went."""

    place: str
    before: str
    after: str
    ground: str
    start: int
    end: int


def effective(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that masking acts on, in order, none overlapping another: the longest wins, then the first."""
    chosen: list[Hit] = []
    for hit in sorted((hit for hit in hits if hit.mask is not None), key=lambda hit: (hit.start, hit.start - hit.end)):
        if chosen and hit.start < chosen[-1].end:
            if hit.end - hit.start <= chosen[-1].end - chosen[-1].start:
                continue
            chosen.pop()
        chosen.append(hit)
    return chosen


def mask(text: str, hits: Iterable[Hit]) -> str:
    """The text of one part with all maskable hits of that part replaced. Raises ValueError for hits of another text."""
    pieces: list[str] = []
    last = 0
    for hit in effective(hits):
        if text[hit.start : hit.end] != hit.found:
            raise ValueError("遮盖位置与原文对不上，原文可能已经改过。请重新检查后再遮盖。")
        pieces += (text[last : hit.start], hit.mask or "")
        last = hit.end
    return "".join((*pieces, text[last:]))


def removals(hits: Iterable[Hit]) -> list[Removal]:
    """The rows of the verification view for one text: what was removed and on which ground."""
    return [
        Removal(hit.place, hit.found, hit.mask or "", f"{hit.label}：{hit.explanation}", hit.start, hit.end)
        for hit in effective(hits)
    ]


def verify_masked(original: str, masked: str, hits: Sequence[Hit]) -> list[str]:
    """Sentences about what is wrong with a masked text; none means that it may be shown.

    Checks that all else stayed as it was, and that nothing removed still stands anywhere, also with other separators.
    """
    problems: list[str] = []
    chosen = effective(hits)
    try:
        expected = mask(original, hits)
    except ValueError as error:
        return [str(error)]
    if masked != expected:
        problems.append("遮盖之外的文字有改动，或有内容没有遮盖。请重新遮盖。")
    bare = _bare(masked)
    for hit in chosen:
        words = _bare(hit.found)
        if len(words) >= 5 and words != _bare(hit.mask or "") and words in bare:
            problems.append(f"{hit.place}的{hit.label}在遮盖后的文字里仍能找到，请一并遮盖。")
    return problems


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", fold(text)).upper()
