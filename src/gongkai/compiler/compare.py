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
from gongkai.compiler.notice import Notice, Task

MatchKind = Literal["same", "changed", "new", "dropped"]
ChangeField = Literal["text", "assignments", "deadlines", "targets"]

_PLAIN = re.compile(r"[^\u4e00-\u9fffa-z0-9%]")
_NUMBERS = re.compile(r"20\d{2}年|\d{1,2}月\d{1,2}日")
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
        changes = differences(old.tasks[one], new.tasks[two])
        match = Match(one, two, round(min(score, 1.0), 3), "changed" if changes else "same", changes)
        taken_old[one] = taken_new[two] = match
    result = [taken_new.get(position) or Match(None, position, 0.0, "new") for position in range(len(new.tasks))]
    result.extend(
        Match(position, None, 0.0, "dropped") for position in range(len(old.tasks)) if position not in taken_old
    )
    return result


def differences(old: Task, new: Task) -> tuple[Change, ...]:
    """What two matched tasks say differently."""
    changes: list[Change] = []
    if _plain(old.text) != _plain(new.text):
        before, after = _changed_clauses(old.text, new.text)
        if before or after:
            changes.append(Change("text", before, after))
    changes.extend(_sets("assignments", _roles(old), _roles(new)))
    changes.extend(_sets("deadlines", _limits(old), _limits(new)))
    changes.extend(_sets("targets", _floors(old), _floors(new)))
    return tuple(changes)


def _plain(text: str) -> str:
    return _PLAIN.sub("", fold(text).lower())


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in re.split(r"[。；;，,\n]", text) if clause.strip()]


def _changed_clauses(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The clauses that only one of two texts has, in order."""
    one, two = _clauses(old), _clauses(new)
    matcher = SequenceMatcher(
        None, [_plain(clause) for clause in one], [_plain(clause) for clause in two], autojunk=False
    )
    before: list[str] = []
    after: list[str] = []
    for tag, first, last, start, stop in matcher.get_opcodes():
        if tag != "equal":
            before.extend(one[first:last])
            after.extend(two[start:stop])
    return tuple(before), tuple(after)


_ROLE_NAMES = {"lead": "牵头", "responsible": "负责", "cooperating": "配合"}


def _roles(task: Task) -> dict[str, str]:
    return {fold(f"{one.unit}/{one.role}"): f"{one.unit}（{_ROLE_NAMES[one.role]}）" for one in task.assignments}


def _limits(task: Task) -> dict[str, str]:
    return {f"{one.kind}/{one.date}/{one.amount}/{one.unit}/{one.count}": one.text for one in task.deadlines}


def _floors(task: Task) -> dict[str, str]:
    return {f"{one.op}/{one.value}/{one.unit}/{one.metric}": one.text for one in task.targets}


def _sets(field: ChangeField, old: dict[str, str], new: dict[str, str]) -> list[Change]:
    before = tuple(words for key, words in old.items() if key not in new)
    after = tuple(words for key, words in new.items() if key not in old)
    return [Change(field, before, after)] if before or after else []
