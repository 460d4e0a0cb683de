"""The lowest layer: characters. Matching is done on a folded copy; every offset stays exact.

`Source.text` is the text that was read without zero-width characters, control characters and
pronunciation notes; `Source.folded` has the same length, in simplified characters and half width.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate

from gongkai.compiler.notice import Diagnostic, Span

NOISE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
    r"|@@|[\U0001f000-\U0001faff\U00013000-\U0001342f\U000e0000-\U000e007f]|[\u2000-\u32ff]?\ufe0f"
    r"|(?<=[\u3400-\u9fff])\([a-zàáâāǎéèēěíìīǐóòōǒúùūǔüǖǘǚǜɡńňǹ]{1,6}\)"
)
# Words set wide by spaces: a label (责 任 单 位：) or a whole title (政 务 公 开 要 点).
WIDE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:[\u4e00-\u9fff][ \u3000\xa0]{1,8}){1,5}[\u4e00-\u9fff](?=[ \u3000\xa0]{0,4}[:：∶])"
    r"|(?<![\u4e00-\u9fff])(?:(?:[\u4e00-\u9fff]|\d{1,4})[ \u3000\xa0]){6,60}[\u4e00-\u9fff](?![\u4e00-\u9fff])"
)
REPLACEMENT = re.compile(r"\ufffd{1,200}|锟斤拷|烫烫烫|[ÃÂäåæçèé][\u0080-\u00bf]{1,3}")
TRADITIONAL = frozenset(
    "務單責開關與為個長門處縣鎮鄉區報導導應對會議學體總進過還這說辦廳黨國發動業產機實現點強處員領導評審"
)
_EXTRA = {"∶": ":", "︰": ":", "﹒": ".", "ㆍ": "·", "﹙": "(", "﹚": ")"}
_EXTRA.update(dict.fromkeys("│┃║┆┇┊┋", "|"))  # the upright lines of a drawn table separate its cells
_BREAK = re.compile(r"<br\s{0,2}/?>", re.IGNORECASE)  # a line end inside a cell of a Markdown table
_KEEP = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ªº²³¹")


@lru_cache(maxsize=65536)
def _width(character: str) -> str:
    if character in _KEEP:
        return character
    if character in _EXTRA:
        return _EXTRA[character]
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def to_simplified(characters: frozenset[str]) -> dict[str, str]:
    """One-to-one simplified forms of the traditional characters among `characters`."""
    from opencc import OpenCC  # heavy, and needed for traditional text only

    converter = OpenCC("t2s")
    return {one: two for one in characters if len(two := converter.convert(one)) == 1 and one != two}


def fold(text: str) -> str:
    """`text` in half width and simplified characters, character for character (same length)."""
    if text.isascii():
        return text
    seen = frozenset(text)
    table: dict[str, str | int | None] = {one: two for one in seen if (two := _width(one)) != one}
    if seen & TRADITIONAL:
        for one, two in to_simplified(seen).items():
            table.setdefault(one, two)
    folded = text.translate(str.maketrans(table)) if table else text
    return _BREAK.sub(lambda found: " " * len(found.group(0)), folded) if "<" in folded else folded


def _without_overlap(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


class Source:
    """A text with its folded twin and the way back to the offsets of what was read."""

    def __init__(self, original: str, left_out: tuple[Span, ...] = ()) -> None:
        self.original = original
        self._cuts: list[int] = []
        self._shifts: list[int] = []
        noise = [found.span() for found in NOISE.finditer(original)]
        wide = [
            (found.start() + space.start(), found.start() + space.end())
            for found in WIDE.finditer(original)
            for space in re.finditer(r"[ \u3000\xa0]+", found.group(0))
        ]
        holes = _without_overlap(sorted([*noise, *wide, *left_out]))
        self.noise = noise
        if holes:
            pieces, position = [], 0
            for start, end in holes:
                pieces.append(original[position:start])
                position = end
            pieces.append(original[position:])
            self.text = "".join(pieces)
            self._shifts = list(accumulate(end - start for start, end in holes))
            removed_before = [0, *self._shifts[:-1]]
            self._cuts = [start - before for (start, _), before in zip(holes, removed_before, strict=True)]
        else:
            self.text = original
        self.holes = holes
        self.folded = fold(self.text)

    def original_start(self, position: int) -> int:
        """The offset into what was read of the character at `position`."""
        index = bisect_right(self._cuts, position)
        return position + (self._shifts[index - 1] if index else 0)

    def original_span(self, start: int, end: int) -> Span:
        """The span in what was read of `text[start:end]`."""
        if end <= start:
            here = self.original_start(start)
            return (here, here)
        return (self.original_start(start), self.original_start(end - 1) + 1)

    def from_original(self, position: int) -> int:
        """The offset into `text` of the offset `position` into what was read."""
        if not self.holes:
            return position
        index = bisect_left(self.holes, (position, 0))
        removed = self._shifts[index - 1] if index else 0
        if index and self.holes[index - 1][1] > position:
            removed -= self.holes[index - 1][1] - position
        return position - removed

    def words(self, start: int, end: int) -> str:
        """What was read between two offsets of `text`."""
        first, last = self.original_span(start, end)
        return self.original[first:last]

    def strip(self, start: int, end: int, characters: str = " \t\r\n\u3000\xa0") -> Span:
        """The span without the given characters at its ends."""
        text = self.folded
        while start < end and text[start] in characters:
            start += 1
        while end > start and text[end - 1] in characters:
            end -= 1
        return (start, end)

    def diagnostics(self) -> list[Diagnostic]:
        """What is damaged in the characters."""
        found: list[Diagnostic] = []
        broken = [match.span() for match in REPLACEMENT.finditer(self.original)]
        if broken:
            message = f"文件中有 {len(broken)} 处乱码，原字已无法辨认，请对照原件核对。"
            found.append(Diagnostic("warning", "mojibake", message, broken[0]))
        if self.noise:
            message = f"忽略了 {len(self.noise)} 处看不见的字符或注音，不影响正文。"
            found.append(Diagnostic("info", "invisible_characters", message, self.noise[0]))
        return found
