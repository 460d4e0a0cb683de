"""Two versions of a body side by side: paragraphs aligned, changed words marked, tables by row.

Equal lines are matched first (those that stand once in both versions, in the longest common order), then what is left between two
matches is paired by likeness. Both steps are bounded, so that a long document costs little more than reading it twice.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape

from gongkai.publications.body import words
from gongkai.publications.body.model import Row

# Above this many pairs the lines between two matches are paired in their order instead of by likeness.
_MOST_PAIRS = 10_000
# Above this many words (of both sides) a paragraph is shown as changed as a whole.
_MOST_WORDS = 6_000
_ALIKE = 0.4
_WORD = re.compile(r"[0-9０-９]+(?:[.,][0-9]+)*|[A-Za-z]+|\s+|.", re.S)
_Line = tuple[str, tuple[str, ...]]
_Pair = tuple[int | None, int | None]


def compare(old_html: str, new_html: str) -> tuple[Row, ...]:
    """The rows of two sanitised bodies side by side; see `Row`."""
    old, new = _lines(old_html), _lines(new_html)
    return tuple(_row(old, new, pair) for pair in _aligned(old, new))


def _lines(html: str) -> list[_Line]:
    result = []
    for line in words.lines(html):
        cells = tuple(words.words_of(cell) for cell in line.cells)
        if line.prefix and cells:
            cells = (line.prefix + cells[0], *cells[1:])
        result.append((line.tag, cells))
    return result


def _row(old: list[_Line], new: list[_Line], pair: _Pair) -> Row:
    before = old[pair[0]] if pair[0] is not None else None
    after = new[pair[1]] if pair[1] is not None else None
    if before is None or after is None:
        one = after or before
        if one is None:
            raise AssertionError("a row has at least one side")
        mark = "del" if after is None else "ins"
        cells = tuple(_marked(cell, mark) for cell in one[1])
        return Row("added", one[0], None, cells) if before is None else Row("removed", one[0], cells, None)
    if before == after:
        plain = tuple(_shown(cell) for cell in after[1])
        return Row("same", after[0], plain, plain)
    sides = _cells(before[1], after[1])
    return Row("changed", after[0], tuple(left for left, _ in sides), tuple(right for _, right in sides))


def _shown(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _marked(text: str, mark: str) -> str:
    return f"<{mark}>{_shown(text)}</{mark}>" if text else ""


def _cells(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str]]:
    most = max(len(old), len(new))
    left = old + ("",) * (most - len(old))
    right = new + ("",) * (most - len(new))
    return [_words(one, other) for one, other in zip(left, right, strict=True)]


def _words(old: str, new: str) -> tuple[str, str]:
    """Both sides of a changed paragraph, with the words that differ marked."""
    if old == new:
        return _shown(old), _shown(new)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    # A number or a Latin word is one word: never mark half of it.
    while head and _joined(old, head) | _joined(new, head):
        head -= 1
    while tail and _joined(old, len(old) - tail) | _joined(new, len(new) - tail):
        tail -= 1
    left, right = ["", _shown(old[:head])], ["", _shown(new[:head])]
    first = _WORD.findall(old[head : len(old) - tail])
    second = _WORD.findall(new[head : len(new) - tail])
    for same, one, other in _changes(first, second):
        left.append(_shown(one) if same else _marked(one, "del"))
        right.append(_shown(other) if same else _marked(other, "ins"))
    end = _shown(old[len(old) - tail :]) if tail else ""
    return "".join(left) + end, "".join(right) + end


def _joined(text: str, place: int) -> bool:
    return 0 < place < len(text) and (pair := text[place - 1 : place + 1]).isascii() and pair.isalnum()


def _common(one: str, other: str) -> int:
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[bool, str, str]]:
    """Stretches of words: equal or not, with both sides. Single equal words between changes count as changed: easier to read."""
    if len(old) + len(new) > _MOST_WORDS:
        yield False, "".join(old), "".join(new)
        return
    left: list[str] = []
    right: list[str] = []
    codes = SequenceMatcher(None, old, new, autojunk=len(old) > 500).get_opcodes()
    for number, (code, a, b, c, d) in enumerate(codes):
        stands = code == "equal" and (b - a > 1 or number in (0, len(codes) - 1))
        if stands:
            if left or right:
                yield False, "".join(left), "".join(right)
                left, right = [], []
            yield True, "".join(old[a:b]), "".join(new[c:d])
        else:
            left += old[a:b]
            right += new[c:d]
    if left or right:
        yield False, "".join(left), "".join(right)


def _aligned(old: Sequence[_Line], new: Sequence[_Line]) -> Iterator[_Pair]:
    """Pairs of places in both versions, in order."""
    i = j = 0
    for a, b in [*_anchors(old, new), (len(old), len(new))]:
        # Lines that repeat (empty cells, 备注) are equal neighbours of a match far more often than not.
        head = 0
        while i + head < a and j + head < b and old[i + head] == new[j + head]:
            yield i + head, j + head
            head += 1
        i, j = i + head, j + head
        tail = 0
        while i < a - tail and j < b - tail and old[a - tail - 1] == new[b - tail - 1]:
            tail += 1
        yield from _between(old, new, range(i, a - tail), range(j, b - tail))
        yield from ((a - back, b - back) for back in range(tail, 0, -1))
        if a < len(old):
            yield a, b
        i, j = a + 1, b + 1


def _anchors(old: Sequence[_Line], new: Sequence[_Line]) -> list[tuple[int, int]]:
    """Lines that stand once in both versions, in the longest order common to both."""
    counts, others = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if others[line] == 1}
    pairs = [(place, places[line]) for place, line in enumerate(old) if counts[line] == 1 and line in places]
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        slot = bisect_left(ends, place)
        before.append(tops[slot - 1] if slot else -1)
        if slot == len(ends):
            ends.append(place)
            tops.append(number)
        else:
            ends[slot], tops[slot] = place, number
    result = []
    number = tops[-1] if tops else -1
    while number >= 0:
        result.append(pairs[number])
        number = before[number]
    return result[::-1]


def _between(old: Sequence[_Line], new: Sequence[_Line], left: range, right: range) -> Iterator[_Pair]:
    """Pair what stands between two matches: the most alike in order, everything else alone."""
    if not left or not right:
        yield from ((place, None) for place in left)
        yield from ((None, place) for place in right)
        return
    if len(left) * len(right) > _MOST_PAIRS:
        shared = min(len(left), len(right))
        for one, other in zip(left[:shared], right[:shared], strict=True):
            if _pair(old[one], new[other], _grams(old[one]), _grams(new[other])) >= _ALIKE:
                yield one, other
            else:
                yield one, None
                yield None, other
        yield from ((place, None) for place in left[shared:])
        yield from ((None, place) for place in right[shared:])
        return
    yield from _best(old, new, left, right)


def _best(old: Sequence[_Line], new: Sequence[_Line], left: range, right: range) -> Iterator[_Pair]:
    ones = [_grams(old[place]) for place in left]
    others = [_grams(new[place]) for place in right]
    rows, columns = len(left), len(right)
    likeness = [[_pair(old[left[i]], new[right[j]], a, b) for j, b in enumerate(others)] for i, a in enumerate(ones)]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= _ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows and j < columns:
        if likeness[i][j] >= _ALIKE and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            yield left[i], right[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield left[i], None
            i += 1
        else:
            yield None, right[j]
            j += 1
    yield from ((left[place], None) for place in range(i, rows))
    yield from ((None, right[place]) for place in range(j, columns))


def _grams(line: _Line) -> frozenset[str]:
    """The pairs of neighbouring signs of a line, of its first two thousand."""
    text = "\x1f".join(line[1])[:2000]
    return frozenset(text[place : place + 2] for place in range(max(1, len(text) - 1)))


def _pair(one: _Line, other: _Line, left: frozenset[str], right: frozenset[str]) -> float:
    """How alike two lines are, 0 to 1; rows of a table that begin with the same words are the same row."""
    if one[0] != other[0]:
        return 0.0
    same_head = one[0] == "tr" and one[1][:1] == other[1][:1] and any(one[1][:1])
    return max(_likeness(left, right), 0.5 if same_head else 0.0)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
