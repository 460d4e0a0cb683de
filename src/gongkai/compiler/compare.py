"""Two notices side by side: last year's and this year's, or the upstream one and the local one.

Tasks are matched by the character pairs that bear meaning: pairs that many tasks share weigh little.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from gongkai.compiler.characters import fold
from gongkai.compiler.notice import Deadline, Notice, Task

MatchKind = Literal["same", "changed", "new", "dropped"]
ChangeField = Literal["text", "assignments", "deadlines", "targets"]

_PLAIN = re.compile(r"[^\u4e00-\u9fffa-z0-9%]")
_NUMBERS = re.compile(r"20\d{2}年|\d{1,2}月\d{1,2}日")
_YEAR = re.compile(r"(20\d{2})\s?年")
_WITHIN = re.compile(r"\d{1,2}(?=[日号])|\d{1,2}月|首月|(?<=周)[一二三四五六日天](?![次期篇条场])")
_SPACE = re.compile(r"\s+")
_FLOOR = 0.3
_CANDIDATES = 24  # how many old tasks a new one is compared with
_COMMON = 0.25  # pairs in more than this share of the tasks find no partner


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two matched tasks: the field and both sides as sentences of the notices."""

    field: ChangeField
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of tasks, or one task without partner.

    `old` and `new` are positions in `tasks`; `score` is the share of meaning they have in common, 0 to 1.
    `same`: nothing differs; `changed`: see `changes`; `new` and `dropped`: one side is None.
    """

    old: int | None
    new: int | None
    score: float
    kind: MatchKind
    changes: tuple[Change, ...] = ()


def _pairs(task: Task) -> Counter[str]:
    words = _NUMBERS.sub("", fold(f"{task.title or ''}。{task.text}").lower())
    counts: Counter[str] = Counter()
    for clause in _PLAIN.split(words):
        counts.update(clause[index : index + 2] for index in range(len(clause) - 1))
    return counts


class _Weights:
    """How much each pair of characters bears, by its rarity over both notices."""

    def __init__(self, tasks: list[Counter[str]]) -> None:
        self.frequency: Counter[str] = Counter()
        for task in tasks:
            self.frequency.update(task.keys())
        self.total = max(1, len(tasks))

    def __call__(self, pair: str) -> float:
        return math.log(1 + self.total / self.frequency[pair]) if self.frequency[pair] else 0.0

    def common(self, pair: str) -> bool:
        return self.total > 8 and self.frequency[pair] > max(4, _COMMON * self.total)


def _score(one: Counter[str], two: Counter[str], weight: dict[str, float], sums: tuple[float, float]) -> float:
    """Share of the weight in common (0 to 1), half of it measured against the shorter text."""
    small, large = (one, two) if len(one) <= len(two) else (two, one)
    shared = sum(weight[pair] * min(count, large[pair]) for pair, count in small.items() if pair in large)
    if not shared:
        return 0.0
    dice = 2 * shared / (sums[0] + sums[1])
    held = shared / max(1e-9, min(sums))
    return 0.6 * dice + 0.4 * held * min(1.0, min(len(one), len(two)) / 12)


def compare(old: Notice, new: Notice) -> list[Match]:
    """Match the tasks of two notices one to one, best pairs first.

    The result lists the tasks of `new` in their order, then what was dropped from `old`.
    """
    olds, news = [_pairs(task) for task in old.tasks], [_pairs(task) for task in new.tasks]
    weights = _Weights(olds + news)
    weight = {pair: weights(pair) for pair in weights.frequency}
    old_sums = [sum(weight[pair] * count for pair, count in task.items()) for task in olds]
    index: dict[str, list[int]] = defaultdict(list)
    for position, task in enumerate(olds):
        for pair in task:
            if not weights.common(pair):
                index[pair].append(position)
    scored: list[tuple[float, int, int]] = []
    for position, task in enumerate(news):
        total = sum(weight[pair] * count for pair, count in task.items())
        votes: Counter[int] = Counter()
        for pair in task:
            for other in index.get(pair, ()):
                votes[other] += 1
        for other, _ in votes.most_common(_CANDIDATES):
            score = _score(olds[other], task, weight, (old_sums[other], total))
            if score >= _FLOOR:
                scored.append((score, other, position))
    return _matched(old, new, scored)


def _matched(old: Notice, new: Notice, scored: list[tuple[float, int, int]]) -> list[Match]:
    taken_old: dict[int, Match] = {}
    taken_new: dict[int, Match] = {}
    for score, one, two in sorted(scored, key=lambda item: (-item[0], abs(item[1] - item[2]), item[1], item[2])):
        if one in taken_old or two in taken_new:
            continue
        changes = differences(old.tasks[one], new.tasks[two], (old.notice.year, new.notice.year))
        match = Match(one, two, round(min(score, 1.0), 3), "changed" if changes else "same", changes)
        taken_old[one] = taken_new[two] = match
    result = [taken_new.get(position) or Match(None, position, 0.0, "new") for position in range(len(new.tasks))]
    result.extend(
        Match(position, None, 0.0, "dropped") for position in range(len(old.tasks)) if position not in taken_old
    )
    return result


def differences(old: Task, new: Task, years: tuple[int | None, int | None] = (None, None)) -> tuple[Change, ...]:
    """What two matched tasks say differently.

    `years` are those of the two notices: a day or a year that only moved on with the notice is no difference. Width,
    script, white space and punctuation do not count, nor does a heading that stands in the text on one side only.
    """
    changes: list[Change] = []
    one, two = years
    if _plain(old.text, one) != _plain(new.text, two):
        before, after = _changed_clauses(_clauses(old, new), _clauses(new, old), years)
        if before or after:
            changes.append(Change("text", before, after))
    changes.extend(_sets("assignments", _roles(old), _roles(new)))
    changes.extend(_sets("deadlines", _limits(old, one), _limits(new, two)))
    changes.extend(_sets("targets", _floors(old), _floors(new)))
    return tuple(changes)


def _plain(text: str, year: int | None = None) -> str:
    folded = fold(text).lower()
    if year is not None:
        folded = _YEAR.sub(lambda found: _relative(int(found.group(1)), year), folded)
    return _PLAIN.sub("", folded)


def _relative(said: int, year: int) -> str:
    """A year by its distance from that of the notice, in letters that the folding keeps."""
    return f"y{said - year}y".replace("-", "minus") if abs(said - year) <= 2 else f"{said}年"


def _clauses(task: Task, other: Task) -> list[str]:
    """The clauses of a task, without a run-in heading that is the title of the other."""
    words = re.sub(r"\s*\n\s*", "", task.text)
    clauses = [clause.strip() for clause in re.split(r"[。；;，,]", words) if clause.strip()]
    heading = bool(clauses) and len(clauses[0]) <= 24 and bool(other.title) and not task.title
    if heading and SequenceMatcher(None, _plain(clauses[0]), _plain(other.title or "")).ratio() >= 0.6:
        return clauses[1:]
    return clauses


def _changed_clauses(
    one: list[str], two: list[str], years: tuple[int | None, int | None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The clauses that only one of two texts has, in order."""
    left, right = [_plain(clause, years[0]) for clause in one], [_plain(clause, years[1]) for clause in two]
    before: list[str] = []
    after: list[str] = []
    for tag, first, last, start, stop in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        # The same words may be cut into clauses in another way.
        if tag != "equal" and "".join(left[first:last]) != "".join(right[start:stop]):
            before.extend(one[first:last])
            after.extend(two[start:stop])
    return tuple(before), tuple(after)


_ROLE_NAMES = {"lead": "牵头", "responsible": "负责", "cooperating": "配合"}


def _roles(task: Task) -> dict[str, str]:
    return {
        f"{re.sub(_SPACE, '', fold(one.unit).lower())}/{one.role}": f"{one.unit}（{_ROLE_NAMES[one.role]}）"
        for one in task.assignments
    }


def _limits(task: Task, year: int | None) -> dict[str, str]:
    return {_limit(one, year): one.text for one in task.deadlines}


def _limit(one: Deadline, year: int | None) -> str:
    """What a deadline asks for: the day within the year of its notice, the length, or the rhythm and its day."""
    if one.kind == "date":
        if one.date is None:
            return f"date/{_plain(one.text, year)}"
        distance = int(one.date[:4]) - year if year is not None else one.date[:4]
        return f"date/{distance}/{one.date[5:]}/{one.count}"
    if one.kind == "recurring":
        within = "/".join(_WITHIN.findall(fold(one.text)))
        return f"recurring/{one.amount}/{one.unit}/{one.count or 1}/{within}"
    return f"{one.kind}/{one.amount}/{one.unit}"


def _floors(task: Task) -> dict[str, str]:
    return {f"{one.op}/{float(one.value):g}/{one.unit}": one.text for one in task.targets}


def _sets(field: ChangeField, old: dict[str, str], new: dict[str, str]) -> list[Change]:
    said_before = {_plain(words) for words in old.values()}
    said_after = {_plain(words) for words in new.values()}
    before = tuple(words for key, words in old.items() if key not in new and _plain(words) not in said_after)
    after = tuple(words for key, words in new.items() if key not in old and _plain(words) not in said_before)
    return [Change(field, before, after)] if before or after else []
