"""Grouping short texts that ask for the same: pure, simple, and able to say why.

The first text of a group is its example. Another one belongs to it when its wording is alike (twice the common pairs of
signs over all pairs, as everywhere in requests), or when it names at least two telling words of the example in the same
field and its wording is at least half as alike. Texts are taken in a fixed order, so the same texts give the same groups.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gongkai.law.requests.likeness import bigrams, fold, similarity

# What so many texts say tells none apart.
COMMON = 0.3
REPEATED = 0.8
_STOP = frozenset(
    [
        "关于",
        "申请",
        "公开",
        "信息",
        "政府",
        "情况",
        "相关",
        "有关",
        "通知",
        "文件",
        "材料",
        "以及",
        "本人",
        "我们",
        "你们",
        "希望",
        "请问",
        "什么",
        "怎么",
        "如何",
        "为什么",
        "多少",
        "是否",
        "可以",
        "需要",
        "没有",
        "进行",
        "提供",
        "获取",
        "具体",
        "内容",
        "项目",
        "工作",
        "问题",
        "咨询",
        "反映",
        "投诉",
        "建议",
        "要求",
        "今年",
        "去年",
        "部门",
        "单位",
        "贵局",
        "区县",
        "本区",
        "全区",
        "名称",
        "年度",
        "时候",
        "时间",
        "一直",
        "已经",
        "现在",
        "目前",
        "不能",
        "能否",
        "还是",
        "这个",
        "那个",
        "一个",
        "几个",
        "哪些",
        "哪里",
    ]
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what it stands for: `weight` times it was said, in a field (`area`)."""

    key: Any
    words: str
    area: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """A text in a group: how alike to the example in hundredths, and the telling words they share."""

    text: Text
    percent: int
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Group:
    """Texts that ask for the same, the example first."""

    example: Text
    members: list[Member] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How often it was asked."""
        return sum(member.text.weight for member in self.members)

    @property
    def repeated(self) -> int:
        """How many of the members use nearly the same wording as the example, itself not counted."""
        return sum(member.text.weight for member in self.members[1:] if member.percent >= 100 * REPEATED)


class Grouping:
    """Groups of texts of one period; texts of another period can be counted against them."""

    def __init__(self, texts: Sequence[Text], cut: Callable[[str], Iterable[str]], alike: float = 0.4) -> None:
        self.alike = alike
        self._cut = cut
        self._known: dict[str, frozenset[str]] = {}
        said = Counter(word for text in texts for word in self._words(text.words))
        most = max(5, COMMON * len(texts))
        self._telling = frozenset(word for word, number in said.items() if number <= most)
        self.groups: list[Group] = []
        self._found: dict[str, list[int]] = defaultdict(list)
        for text in texts:
            self._take(text)
        for group in self.groups:
            group.words = self._named(group)

    def _words(self, text: str) -> frozenset[str]:
        found = self._known.get(text)
        if found is None:
            cut = (fold(word) for word in self._cut(text))
            found = frozenset(word for word in cut if len(word) > 1 and word not in _STOP and not word.isascii())
            self._known[text] = found
        return found

    def best(self, text: Text) -> tuple[Group, Member] | None:
        """The group a text belongs to, with why; None when it belongs to none."""
        common = Counter(place for pair in bigrams(text.words) for place in self._found.get(pair, ()))
        best: tuple[int, int, tuple[str, ...]] | None = None
        for place, _ in common.most_common(50):
            group = self.groups[place]
            percent = round(100 * similarity(text.words, group.example.words))
            shared = self._words(text.words) & self._words(group.example.words) & self._telling
            same = percent >= 100 * self.alike or (
                len(shared) > 1 and text.area == group.example.area and percent >= 50 * self.alike
            )
            if same and (best is None or percent > best[0]):
                best = (percent, place, tuple(sorted(shared, key=lambda word: (-len(word), word))))
        if best is None:
            return None
        return self.groups[best[1]], Member(text, best[0], best[2])

    def _take(self, text: Text) -> None:
        if not bigrams(text.words):
            return
        found = self.best(text)
        if found is not None:
            found[0].members.append(found[1])
            return
        place = len(self.groups)
        self.groups.append(Group(text, [Member(text, 100)]))
        for pair in bigrams(text.words):
            self._found[pair].append(place)

    def _named(self, group: Group) -> list[str]:
        """The words that at least half of the group says, the most said and longest first, in the example's order."""
        said: Counter[str] = Counter()
        for member in group.members:
            for word in self._words(member.text.words):
                said[word] += member.text.weight
        needed = max(1, group.number / 2)
        best = sorted((word for word, number in said.items() if number >= needed), key=lambda w: (-said[w], -len(w), w))
        example = fold(group.example.words)
        return sorted(best[:6], key=lambda word: (example.find(word) if word in example else len(example), word))

    def counted(self, texts: Iterable[Text]) -> dict[int, int]:
        """How often each group (by its place) was asked in texts of another period."""
        places = {id(group): place for place, group in enumerate(self.groups)}
        numbers: Counter[int] = Counter()
        for text in texts:
            found = self.best(text)
            if found is not None:
                numbers[places[id(found[0])]] += text.weight
        return dict(numbers)
