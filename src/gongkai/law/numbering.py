"""Numbers of cases, numbers of documents (发文字号), Chinese numerals.

Document numbers: 《党政机关公文处理工作条例》 and GB/T 9704-2012: code of the issuer, year of four digits in 六角括号,
serial without leading zero and without 第: 国办发〔2016〕80号.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class CaseNumber(NamedTuple):
    """`RW-2026-0007-13`: prefix of the kind, year, serial, and positions within (task 13 of notice 7)."""

    prefix: str
    year: int
    serial: int
    parts: tuple[int, ...] = ()

    def __str__(self) -> str:
        tail = "".join(f"-{part:02d}" for part in self.parts)
        return f"{self.prefix}-{self.year:04d}-{self.serial:04d}{tail}"


_CASE = re.compile(r"([A-Z]{1,8})-((?:19|20)\d{2})-(\d{4,9})((?:-\d{2,6})*)")


def parse_case_number(text: str) -> CaseNumber:
    """Read a case number as a person types it: lower case, full-width and blanks are tolerated. Raises ValueError."""
    plain = _half_width(text).replace(" ", "").upper().replace("—", "-").replace("–", "-")
    match = _CASE.fullmatch(plain)
    if match is None:
        raise ValueError(f"“{text}”不是编号。编号的样子是 RW-2026-0007。")
    prefix, year, serial, tail = match.groups()
    return CaseNumber(prefix, int(year), int(serial), tuple(int(part) for part in tail.split("-")[1:]))


class DocumentNumber(NamedTuple):
    """A 发文字号; its text is `国办发〔2016〕80号`."""

    code: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.code}〔{self.year}〕{self.serial}号"


class RestoredNumber(NamedTuple):
    """A number with what had to be mended; `changes` is empty for a number that was right."""

    number: DocumentNumber
    changes: tuple[str, ...]


_CODE = r"(?P<code>[\u4e00-\u9fffA-Za-z]{1,30})"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_STRICT = re.compile(rf"{_CODE}〔{_YEAR}〕(?P<serial>[1-9]\d{{0,5}})号")
_LOOSE = re.compile(
    rf"{_CODE}(?P<open>[^\w\u4e00-\u9fff]?){_YEAR}(?P<close>[^\w\u4e00-\u9fff]?)"
    r"(?P<ordinal>第?)(?P<zeros>0*)(?P<serial>[1-9]\d{0,4})(?P<end>[号號]?)"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９－　", "0123456789- ")


def _half_width(text: str) -> str:
    """Full-width digits, letters, hyphen and blank as half-width."""
    return "".join(
        chr(ord(sign) - 0xFEE0) if "Ａ" <= sign <= "Ｚ" or "ａ" <= sign <= "ｚ" else sign
        for sign in text.translate(_FULL_WIDTH)
    )


def parse_document_number(text: str) -> DocumentNumber:
    """Read a number that obeys the grammar. Raises ValueError; `restore_document_number` is the tolerant one."""
    match = _STRICT.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text}”不合发文字号的写法。写法是：机关代字〔2026〕11号。")
    return DocumentNumber(match["code"], int(match["year"]), int(match["serial"]))


def is_document_number(text: str) -> bool:
    """Whether the text is a 发文字号 by the grammar, character by character."""
    return _STRICT.fullmatch(text) is not None


def restore_document_number(text: str) -> RestoredNumber | None:
    """Mend a damaged number: other or lost brackets, blanks, full-width digits, 第, leading zeros, a lost 号.

    The year has four digits, so a lost closing bracket leaves no doubt: 〔201680号 is 〔2016〕80号. None where a part
    cannot be known (a year of two digits, a lost serial) or where the text is no such number.
    """
    plain = re.sub(r"\s+", "", _half_width(text))
    match = _LOOSE.fullmatch(plain)
    if match is None:
        return None
    if not match["open"] and not match["close"] and not match["end"]:
        return None
    changes = []
    if plain != text.strip():
        changes.append("去掉空格、全角数字")
    if (match["open"], match["close"]) != ("〔", "〕"):
        lost = not match["open"] or not match["close"]
        changes.append("补上缺失的括号" if lost else "括号改为六角括号")
    if match["ordinal"]:
        changes.append("去掉“第”")
    if match["zeros"]:
        changes.append("去掉序号前的零")
    if match["end"] != "号":
        changes.append("补上“号”" if not match["end"] else "“號”改为“号”")
    return RestoredNumber(DocumentNumber(match["code"], int(match["year"]), int(match["serial"])), tuple(changes))


_DIGITS = "零一二三四五六七八九"
_VALUES = {sign: value for value, sign in enumerate(_DIGITS)} | {"〇": 0, "○": 0, "两": 2, "兩": 2}
_PLAIN_NUMERALS = str.maketrans("〇○两兩", "零零二二")
_UNITS = {"十": 10, "百": 100, "千": 1000}


def to_chinese_numeral(number: int) -> str:
    """1 to 9999 as people write it: 十五, 一百零五, 二千零二十六. Raises ValueError out of that range."""
    if not 1 <= number <= 9999:
        raise ValueError("只能写1至9999。")
    text, gap = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + sign
        gap = not digit
    return text[1:] if text.startswith("一十") else text


def from_chinese_numeral(text: str) -> int:
    """The value (1 to 9999) of 十五, 一十五, 两百, or of digits in a row such as 二〇二六. Raises ValueError.

    Short forms of speech such as 一百二 are refused: they may be read in two ways.
    """
    error = ValueError(f"“{text}”不是1至9999的中文数字。")
    if text and all(sign in _VALUES for sign in text):
        value = int("".join(str(_VALUES[sign]) for sign in text))
        if len(text) > 4 or value < 1:
            raise error
        return value
    plain = text.translate(_PLAIN_NUMERALS).replace("零十", "零一十")
    plain = plain.removeprefix("一") if plain.startswith("一十") else plain
    total, digit = 0, 0
    for sign in plain:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        elif sign in _VALUES:
            digit = _VALUES[sign]
        else:
            raise error
    total += digit
    if not 1 <= total <= 9999 or to_chinese_numeral(total) != plain:
        raise error
    return total
