"""Requests that resemble each other, and requests that ask for several things: hints for people, never decisions.

Whether a request repeats an earlier one (《政府信息公开条例》 art 36, 6) or should be split (一事一申请) is for the handler
to say; these functions only find what is worth looking at.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# What nearly every request says, and what therefore tells none apart.
_COURTESY: Final = re.compile(
    r"(?:本人|我公司|我单位|我司|我)?(?:现)?(?:特此|依法|特)?(?:申请|请求|要求|希望|请)(?:贵局|贵单位|贵机关|贵委|你局|你单位)?"
    r"(?:依法)?(?:公开|提供|获取|查询)(?:以下|下列)?(?:政府)?(?:信息)?|谢谢|您好|你好|此致|敬礼"
)
_SIGNS: Final = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """The text as it is compared: half width, lower case, without courtesy, blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _SIGNS.sub("", _COURTESY.sub(" ", plain)) or _SIGNS.sub("", plain)


@lru_cache(maxsize=4096)
def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring signs of the folded text; a single sign stands for itself."""
    folded = fold(text)
    if len(folded) < 2:
        return frozenset({folded} if folded else ())
    return frozenset(folded[at : at + 2] for at in range(len(folded) - 1))


def similarity(a: str, b: str) -> float:
    """How alike two request texts are, 0 to 1: twice the common pairs of signs over all pairs. Empty texts: 0."""
    left, right = bigrams(a), bigrams(b)
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))


_ORDINAL: Final = r"[一二三四五六七八九十]{1,3}|\d{1,2}"
_BOUNDARY: Final = r"(?:^|(?<=[\s。；;：:，,]))"
_ITEM: Final = re.compile(
    rf"(?<!第)[(（](?P<paren>{_ORDINAL})[)）]\s*"
    rf"|{_BOUNDARY}(?P<plain>{_ORDINAL})[、.．)）](?:(?!\d)|(?=(?:19|20)\d\d年))\s*"
    rf"|{_BOUNDARY}第(?P<ordinal>[一二三四五六七八九十]{{1,3}})[，、：,:]\s*"
    r"|(?P<circle>[①-⑳])\s*"
)
_TITLE: Final = re.compile(r"《[^《》]{2,80}》(?:（[^（）]{1,40}）|\([^()]{1,40}\))?")
_LINK: Final = re.compile(r"^[^，。；;]{0,14}?(?:、|以及|及|和|与|，|,|；|;|还有|另外|同时)[^，。；;]{0,8}$")
# A law named as the basis of the request is not what is asked for.
_CITED: Final = re.compile(r"(?:根据|依据|按照|依照|按)(?:国家)?$")
_ARTICLE: Final = re.compile(r"第[一二三四五六七八九十百\d]+条")
_SPLIT: Final = re.compile(r"[；;\n]+|(?<=。)")


def several_matters(text: str) -> list[str]:
    """The matters a request seems to ask for, if they are more than one; else an empty list.

    Found are numbered items, several documents named in 《》 one after the other, and parts divided by semicolons.
    """
    plain = text.strip()
    for find in (_numbered, _documents, _parts):
        found = [item for item in find(plain) if item]
        if len(found) > 1:
            return found
    return []


def _numbered(text: str) -> list[str]:
    """Items that begin with ascending numbers of one style, from one on."""
    marks = list(_ITEM.finditer(text))
    for style in ("plain", "paren", "ordinal", "circle"):
        own = [mark for mark in marks if mark[style]]
        if len(own) > 1 and own[0][style] in ("1", "一", "①"):
            ends = [*(mark.start() for mark in own[1:]), len(text)]
            return [text[mark.end() : end].strip(" \n\t；;。，,") for mark, end in zip(own, ends, strict=True)]
    return []


def _documents(text: str) -> list[str]:
    """Documents named in a row: only a link word or a comma stands between one title and the next."""
    row: list[str] = []
    end = -1
    for match in _TITLE.finditer(text):
        if _CITED.search(text[: match.start()]) or _ARTICLE.match(text[match.end() :]):
            continue
        if len(row) > 1 and not _LINK.match(text[end : match.start()]):
            break
        if not row or not _LINK.match(text[end : match.start()]):
            row = []
        row.append(match.group())
        end = match.end()
    return list(dict.fromkeys(row))


def _parts(text: str) -> list[str]:
    """Parts divided by semicolons or lines, each long enough to be a matter of its own."""
    parts = [part.strip(" \n\t；;。，,") for part in _SPLIT.split(text)]
    return [part for part in parts if len(part) >= 8] if re.search(r"[；;\n]", text) else []
