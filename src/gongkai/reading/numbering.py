"""Automatic numbers of Word paragraphs: what the reader of the page sees, but the paragraph does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_LEVEL = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


def counting(number: int, digits: str = _DIGITS, powers: str = "十百千") -> str:
    """A Chinese numeral: 12 -> 十二, 105 -> 一百〇五. Numbers beyond 9999 stay in figures."""
    if not 0 < number < 10_000:
        return digits[0] if number == 0 else str(number)
    result, gap = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if not digit:
            gap = bool(result)
            continue
        result += (digits[0] if gap else "") + digits[digit] + (powers[power - 1] if power else "")
        gap = False
    ten = digits[1] + powers[0]
    return result[1:] if number < 20 and result.startswith(ten) and digits == _DIGITS else result


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number <= 780 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    result = ""
    for value, sign in _ROMAN:
        result += sign * (number // value)
        number %= value
    return result


def _circled(number: int) -> str:
    for first, last, base in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= number <= last:
            return chr(base + number - first)
    return str(number)


def _signs(signs: str | range) -> Callable[[int], str]:
    def one(number: int) -> str:
        if not 0 < number <= len(signs):
            return str(number)
        sign = signs[number - 1]
        return chr(sign) if isinstance(sign, int) else sign

    return one


def _digital(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", _DIGITS))


_FORMATS: dict[str, Callable[[int], str]] = {
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerLetter": _letters,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": _roman,
    "decimalZero": lambda number: f"{number:02d}",
    "chineseCounting": counting,
    "chineseCountingThousand": counting,
    "japaneseCounting": counting,
    "japaneseDigitalTenThousand": _digital,
    "taiwaneseCounting": counting,
    "taiwaneseCountingThousand": counting,
    "taiwaneseDigital": _digital,
    "ideographDigital": _digital,
    "chineseLegalSimplified": lambda number: counting(number, _LEGAL, "拾佰仟"),
    "ideographLegalTraditional": lambda number: counting(number, _LEGAL_TRADITIONAL, "拾佰仟"),
    "ideographTraditional": _signs(_STEMS),
    "ideographZodiac": _signs(_BRANCHES),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _signs(range(0x2488, 0x249C)),
    "decimalEnclosedParen": _signs(range(0x2474, 0x2488)),
    "ideographEnclosedCircle": _signs(range(0x3280, 0x328A)),
    "decimalFullWidth": lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "numberInDash": lambda number: f"- {number} -",
    "ordinal": lambda number: f"{number}.",
    "none": lambda number: "",
}


def formatted(number: int, style: str) -> str:
    """A number in one of Word's number formats; unknown formats give figures."""
    return _FORMATS.get(style, str)(number)


@dataclass(slots=True)
class Level:
    """One level of a list definition."""

    start: int = 1
    style: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    legal: bool = False
    paragraph_style: str | None = None


@dataclass(slots=True)
class Definition:
    """One numbering instance: the counters it shares, its levels and the levels it starts anew."""

    counters: str
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    style_link: str | None = None


def value_of(element: etree._Element | None, path: str, default: str | None = None) -> str | None:
    """The `w:val` of a descendant, or the default when it is not there."""
    found = element.find(path) if element is not None else None
    return default if found is None else found.get(W + "val", default)


def integer(text: str | None, default: int = 0) -> int:
    """A number that a file holds; what is no number, or is absurd, gives the default."""
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if -1_000_000 < number < 1_000_000 else default


def _level(element: etree._Element, base: Level | None = None) -> Level:
    base = base or Level()
    style = value_of(element, f"{W}numFmt")
    if style is None:
        style = value_of(element, f".//{W}numFmt", base.style)
    legal = element.find(f"{W}isLgl")
    restart = value_of(element, f"{W}lvlRestart")
    return Level(
        integer(value_of(element, f"{W}start"), base.start if base else 1),
        style or "decimal",
        value_of(element, f"{W}lvlText", base.pattern) or "",
        None if restart is None else integer(restart),
        legal is not None and legal.get(W + "val", "1") not in ("0", "false", "off"),
        value_of(element, f"{W}pStyle", base.paragraph_style),
    )


class Numbering:
    """The lists of one document and where each of them has arrived."""

    def __init__(self, root: etree._Element | None) -> None:
        self.definitions: dict[str, Definition] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is None:
            return
        abstract: dict[str, Definition] = {}
        for element in root.iterchildren(f"{W}abstractNum"):
            name = element.get(W + "abstractNumId", "")
            levels = {integer(e.get(W + "ilvl")): _level(e) for e in element.iterchildren(f"{W}lvl")}
            abstract[name] = Definition(name, levels, style_link=value_of(element, f"{W}numStyleLink"))
        for element in root.iterchildren(f"{W}num"):
            base = abstract.get(value_of(element, f"{W}abstractNumId") or "")
            if base is not None:
                self.definitions[element.get(W + "numId", "")] = self._instance(element, base)

    @staticmethod
    def _instance(element: etree._Element, base: Definition) -> Definition:
        definition = Definition(base.counters, dict(base.levels), style_link=base.style_link)
        for override in element.iterchildren(f"{W}lvlOverride"):
            number = integer(override.get(W + "ilvl"))
            replacement = override.find(f"{W}lvl")
            if replacement is not None:
                definition.levels[number] = _level(replacement, definition.levels.get(number))
            start = value_of(override, f"{W}startOverride")
            if start is not None:
                definition.starts[number] = integer(start, 1)
        return definition

    def level_of_style(self, name: str, style: str) -> int:
        """The level that a list ties to a paragraph style; 0 where none does."""
        definition = self.definitions.get(name)
        for number, level in (definition.levels if definition else {}).items():
            if level.paragraph_style == style:
                return number
        return 0

    def next(self, name: str, number: int) -> str:
        """Count one paragraph at level `number` (from 0) of list `name`; returns the label as it is printed."""
        definition = self.definitions.get(name)
        level = definition.levels.get(number) if definition else None
        if definition is None or level is None:
            return ""
        counters = self._counters.setdefault(definition.counters, {})
        if number in definition.starts and (name, number) not in self._begun:
            counters.pop(number, None)
            start = definition.starts[number]
        else:
            start = level.start
        self._begun.add((name, number))
        counters[number] = counters[number] + 1 if number in counters else start
        for deeper in [other for other in counters if other > number]:
            restart = definition.levels[deeper].restart if deeper in definition.levels else None
            if restart is None or (restart and number < restart):
                del counters[deeper]
        return self._label(definition, level, counters)

    @staticmethod
    def _label(definition: Definition, level: Level, counters: dict[int, int]) -> str:
        if level.style == "bullet":
            sign = level.pattern.strip()
            return "•" if not sign or not sign.isprintable() or "\ue000" <= sign[0] <= "\uf8ff" else sign

        def one(match: re.Match[str]) -> str:
            number = int(match.group(1)) - 1
            other = definition.levels.get(number, level)
            style = "decimal" if level.legal and other.style != "none" else other.style
            return formatted(counters.get(number, other.start), style)

        return _LEVEL.sub(one, level.pattern)
