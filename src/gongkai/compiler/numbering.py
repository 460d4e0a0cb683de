"""Numbers in front of headings and items: 第一章, 一、, (一), 1., (1), ①, 一是, bullets."""

from __future__ import annotations

import re
from dataclasses import dataclass

CHINESE = r"[一二三四五六七八九十百〇零]{1,4}"
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("chapter", re.compile(rf"(第(?:{CHINESE}|\d{{1,3}})(?:章|节|部分|编|篇))[\s:、.]{{0,4}}")),
    ("article", re.compile(rf"(第(?:{CHINESE}|\d{{1,3}})条)[\s:、.]{{0,4}}")),
    (
        "section",
        re.compile(r"([一二三四五六七八九十]{1,4})\s{0,2}[、.,](?![一二三四五六七八九十]{1,3}[、,级季类])\s{0,4}"),
    ),
    ("subsection", re.compile(r"(\(\s{0,2}[一二三四五六七八九十]{1,4}\s{0,2}\))\s{0,4}[、.]?\s{0,4}")),
    # （一） and so on after a shift by one byte in GBK, as some copies of pages have it.
    ("subsection", re.compile(r"(?:[?]?。)(ㄒ唬|ǘ|ㄈ|ㄋ模|ㄎ澹|ㄆ撸)[\u2500-\u257f]\s{0,4}")),
    ("subsection", re.compile(r"([㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩])\s{0,4}")),
    ("month", re.compile(r"((?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?)\s{0,2}[:、]\s{0,4}(?=\S)")),
    ("decimal", re.compile(r"(\d{1,2}\.\d{1,2})(?![\d.%年月日])[\s、.]{0,4}(?=[^\d\s])")),
    ("subdecimal", re.compile(r"(\d{1,2}(?:\.\d{1,2}){2,3})(?![\d.%年月日])[\s、.]{0,4}(?=[^\d\s])")),
    (
        "point",
        re.compile(
            r"(?:任务|事项)?(\d{1,3})\s{0,2}(?:[、.](?!\d{1,2}(?![\d月]))|\s{1,4}(?=[\u4e00-\u9fff]{4}))\s{0,4}"
        ),
    ),
    ("point", re.compile(r"(?:任务|事项)\s?(\d{1,3}|[一二三四五六七八九十]{1,3})\s{0,2}[:|]\s{0,4}")),
    ("parenthesis", re.compile(r"(\(\s{0,2}\d{1,3}\s{0,2}\))\s{0,4}[、.]?\s{0,4}")),
    ("half", re.compile(r"(\d{1,3})\)\s{0,4}")),
    ("circle", re.compile(r"([①-⑳])\s{0,4}[、.]?\s{0,4}")),
    ("word", re.compile(r"([一二三四五六七八九十]{1,2}(?:是|要))(?![一二三四五六七八九十])\s{0,4}")),
    ("word", re.compile(r"(第[一二三四五六七八九十]{1,2})[,、:]\s{0,4}")),
    ("bullet", re.compile(r"([●○〇■□◆◇★☆▲△►▶•·‣※✓✔◎➢])\s{0,4}|([-–—*])\s{1,4}")),
)
# Kinds that only order the sentences of one requirement; one responsibility may cover several of them.
SOFT = frozenset({"parenthesis", "half", "circle", "word", "bullet"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number in front of a line: its kind, how tasks are referred to, and where it ends."""

    kind: str
    ref: str
    end: int

    @property
    def soft(self) -> bool:
        """Whether the number orders sentences within one requirement."""
        return self.kind in SOFT


def parse_number(folded: str, start: int, end: int) -> Number | None:
    """The number at `folded[start:end]`, which begins with its first visible character."""
    if start >= end:
        return None
    for kind, pattern in PATTERNS:
        found = pattern.match(folded, start, end)
        if found:
            ref = re.sub(r"\s", "", found.group(1) or found.group(2) or "")
            return Number(kind, ref, found.end())
    return None
