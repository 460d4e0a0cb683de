"""Numbers of documents in any way of writing: 国发〔2018〕43号, 国发2018 43, 2021年9号, 阳府办函9号."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gongkai.core.search.text import fold

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_CODE = r"(?P<code>[\u4e00-\u9fff]{0,20}?)"
_BETWEEN = r"[\s〔〕\[\]()【】、,，.\-—–_/第年]"
# A year and a serial, with something that says it is a number: 号 at the end, brackets, or a code in front.
_FULL = re.compile(rf"{_CODE}{_BETWEEN}*{_YEAR}{_BETWEEN}+(?P<serial>\d{{1,5}})\s*(?P<end>号?)")
_CODE_AND_SERIAL = re.compile(r"(?P<code>[\u4e00-\u9fff]{2,20}?)\s*第?\s*(?P<serial>\d{1,5})\s*号")


@dataclass(frozen=True, slots=True)
class NumberWish:
    """What somebody wrote of a document number; parts that were not written are empty."""

    code: str
    year: str
    serial: str

    @property
    def token(self) -> str:
        """The term under which such numbers stand in the index."""
        return f"{self.code}|{self.year}|{self.serial}"

    @property
    def words(self) -> str:
        """The number as it ought to be written."""
        return f"{self.code}〔{self.year}〕{self.serial}号" if self.year else f"{self.code}{self.serial}号"


def wish(text: str) -> NumberWish | None:
    """The number that a folded query asks for, or None when it is none."""
    plain = text.strip()
    match = _FULL.fullmatch(plain)
    if match and (match["end"] or match["code"] or "〔" in plain):
        return NumberWish(match["code"], match["year"], match["serial"].lstrip("0") or "0")
    match = _CODE_AND_SERIAL.fullmatch(plain)
    if match:
        return NumberWish(match["code"], "", match["serial"].lstrip("0") or "0")
    return None


def plain(number: str) -> str:
    """A number without blanks and brackets, for comparison sign by sign."""
    return "".join(re.findall(r"[^\W_]+", fold(number)))


def tokens(numbers: Iterable[str]) -> list[str]:
    """Every term under which a document with these numbers is found."""
    found: dict[str, None] = {}
    for number in numbers:
        whole = plain(number)
        if not whole:
            continue
        found[f"={whole}"] = None
        read = wish(fold(number))
        if read and read.year:
            # 府办函9号 finds 阳府办函〔2021〕9号: people leave out the name of the place.
            for start in range(len(read.code)):
                code = read.code[start:]
                found[f"{code}|{read.year}|{read.serial}"] = None
                if len(code) > 1:
                    found[f"{code}||{read.serial}"] = None
            found[f"|{read.year}|{read.serial}"] = None
    return list(found)
