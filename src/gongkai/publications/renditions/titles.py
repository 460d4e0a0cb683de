"""Break a title into lines by sense, as people set it: never within a name, no line of one word."""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

from gongkai.publications.renditions.document import width

_SENSE = re.compile(
    r"(?<=人民政府办公室)|(?<=人民政府办公厅)|(?<=人民政府)(?!办公)|(?<=委员会)|(?<=[局厅部院])(?=关于|印发|转发)|(?<=办公室)(?=关于|印发|转发)"
    r"|(?<=关于印发)|(?<=关于转发)|(?=《)|(?<=》)|(?=的(?:通知|决定|意见|公告|通告|批复|函|报告|通报)$)|(?<=、)|(?=关于)"
)
# What a line ending at such a place costs, in characters of unevenness.
_AT_SENSE, _AT_WORD, _WITHIN = 0.0, 22.0, 60.0


@lru_cache(maxsize=512)
def break_title(title: str, most: float = 20) -> tuple[str, ...]:
    """The lines of a title, each at most `most` characters wide where words permit; line feeds in the title are kept."""
    result: list[str] = []
    for line in title.split("\n"):
        line = line.strip()
        if line:
            result.extend(_broken(line, most))
    return tuple(result)


def _broken(text: str, most: float) -> list[str]:
    if width(text) <= most or len(text) > 400:
        return [text]
    costs = _costs(text)
    fewest = -(-width(text) // most)
    even = width(text) / fewest
    best: dict[int, tuple[float, int]] = {0: (0.0, 0)}
    places = [*sorted(costs), len(text)]
    for end in places:
        options = []
        for start, (cost, _) in best.items():
            line = text[start:end]
            size = width(line)
            over = 80 * max(0.0, size - most)
            short = 30.0 if size < 4 else 0.0
            options.append((cost + costs.get(end, 0.0) + 8 + over + short + ((size - even) / 3.5) ** 2, start))
        best[end] = min(options)
    lines: list[str] = []
    end = len(text)
    while end:
        start = best[end][1]
        lines.append(text[start:end])
        end = start
    return lines[::-1]


def _costs(text: str) -> dict[int, float]:
    """The places where a line may end, and what that costs."""
    costs: dict[int, float] = {}
    place = 0
    for word in rjieba.cut(text):
        place += len(word)
        costs[place] = _AT_WORD
    for match in _SENSE.finditer(text):
        costs[match.start()] = _AT_SENSE
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "《（(〔") - (sign in "》）)〕")
        if depth > 0 and place + 1 in costs:
            costs[place + 1] += 3 if sign not in "《（(〔" else _WITHIN
    for place in list(costs):
        after = text[place : place + 1]
        if after and (
            after in "》）)、，。：；”’〕的"
            and not re.match("的(?:通知|决定|意见|公告|通告|批复|函|报告|通报)$", text[place:])
        ):
            costs[place] += _WITHIN if after != "的" else 4
    costs.pop(0, None)
    costs.pop(len(text), None)
    return costs
