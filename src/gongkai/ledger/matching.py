"""Whom a name in a notice stands for: names of the registry, their usual variants, groups, and ranked suggestions.

`Index` is built once from plain rows; `match` and `match_list` are pure and fast enough for a thousand names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gongkai.compiler.characters import fold

How = Literal["exact", "short", "alias", "former", "group", "inherited", "variant", "abbreviation", ""]
HOW_LABELS: dict[str, str] = {
    "exact": "一致",
    "short": "简称",
    "alias": "别名",
    "former": "曾用名",
    "group": "已展开",
    "inherited": "承前简称",
    "variant": "写法不同",
    "abbreviation": "缩略语",
    "manual": "已指定",
    "": "未对应",
}
# Better ways win over weaker ones when one name could be read in several.
_RANK: dict[str, int] = {
    "exact": 0, "short": 1, "group": 1, "alias": 2, "former": 3, "variant": 4, "abbreviation": 5,
}  # fmt: skip

_PLACE = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,6}?(?:省|自治区|自治州|州|市))?([\u4e00-\u9fff]{1,6}?)(省|市|区|县|旗|州)(?=.)"
)
_LEVELS = "省市区县旗州镇乡"
_AND_OTHERS = re.compile(r"等(?:\d+个|[一二三四五六七八九十]+个)?(?:有关|相关|各)?(?:部门|单位|镇街|街镇|部门和单位)?$")
_EDGES = re.compile(r"^[\s、,，;；:：(（【\[]+|[\s、,，;；:：。.]+$")
_MANY = re.compile(r"^(?:各|所有|全体)|各(?:有关|相关|级)?(?:部门|单位|科室|街道|乡镇|镇街|街镇|乡镇街道)")
_QUALIFIER = re.compile(r"[(（][^()（）]*[)）]$")
# Longer words first: each is shortened in names of both sides, so that only the outcome has to agree.
_SHORTER: tuple[tuple[str, str], ...] = (
    ("人民政府办公室", "政府办"),
    ("人民政府办公厅", "政府办"),
    ("政府办公室", "政府办"),
    ("政府办公厅", "政府办"),
    ("管理委员会", "管委会"),
    ("委员会办公室", "委办"),
    ("街道办事处", "街道"),
    ("人民政府", "政府"),
    ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"),
    ("发展和改革", "发改"),
    ("发展改革", "发改"),
    ("卫生健康", "卫健"),
    ("住房和城乡建设", "住建"),
    ("住房城乡建设", "住建"),
    ("自然资源和规划", "资规"),
    ("自然资源规划", "资规"),
    ("市场监督管理", "市监"),
    ("市场监管", "市监"),
    ("文化广电旅游体育", "文广旅体"),
    ("文化和广电旅游", "文广旅"),
    ("文化广电和旅游", "文广旅"),
    ("文化广电旅游", "文广旅"),
    ("文化和旅游", "文旅"),
    ("文化旅游", "文旅"),
    ("教育和体育", "教体"),
    ("教育体育", "教体"),
    ("经济和信息化", "经信"),
    ("经济信息化", "经信"),
    ("工业和信息化", "工信"),
    ("工业信息化", "工信"),
    ("科学技术", "科技"),
    ("退役军人事务", "退役军人"),
    ("民族宗教事务", "民宗"),
    ("民族和宗教事务", "民宗"),
    ("医疗保障", "医保"),
    ("应急管理", "应急"),
    ("城市管理", "城管"),
    ("综合行政执法", "综合执法"),
    ("交通运输", "交通"),
    ("行政审批服务", "审批"),
    ("行政审批", "审批"),
    ("大数据发展管理", "大数据"),
    ("大数据管理", "大数据"),
    ("机关事务管理", "机关事务"),
    ("政务服务管理", "政务服务"),
    ("政务服务和数据管理", "政数"),
    ("政务服务数据管理", "政数"),
    ("信访工作", "信访"),
    ("委员会", "委"),
    ("发改局", "发改委"),
    ("卫健局", "卫健委"),
    ("办公室", "办"),
)


def plain(name: str) -> str:
    """A name without blanks and marks at its edges, in half width and simplified characters."""
    folded = fold(name)
    return _EDGES.sub("", re.sub(r"[\s“”\"'·]+", "", folded)).replace("(", "（").replace(")", "）")


def collective(name: str) -> bool:
    """Whether a name means many units, such as 各街镇 or 区政府各部门: a group can answer it, no single unit ever."""
    return bool(_MANY.search(plain(name)))


def core(name: str) -> str:
    """The part of a plain name that tells which body it is, shortened, without its place."""
    for long, short in _SHORTER:
        name = name.replace(long, short)
    return name.replace("和", "").replace("与", "")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as matching needs it. `place` is the government it belongs to, e.g. 云溪区."""

    id: int
    name: str
    short_name: str
    active: bool = True
    merged_into: int | None = None
    place: str = ""
    home: bool = True
    aliases: tuple[tuple[str, str, dt.date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as matching needs it."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a name could stand for; `score` is the overlap of bigrams, 0 to 1."""

    kind: Literal["unit", "group"]
    id: int
    label: str
    score: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What a name stands for. `others` says that the name ended in 等部门 and names not everybody."""

    name: str
    kind: Literal["unit", "group", ""] = ""
    id: int | None = None
    how: str = ""
    candidates: tuple[Candidate, ...] = ()
    others: bool = False

    @property
    def found(self) -> bool:
        """Exactly one."""
        return self.id is not None


@dataclass
class Index:
    """All names under which units and groups may be meant."""

    names: dict[str, dict[tuple[str, int], str]] = field(default_factory=lambda: defaultdict(dict))
    labels: dict[tuple[str, int], str] = field(default_factory=dict)
    home: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    former_until: dict[tuple[str, int], dt.date] = field(default_factory=dict)
    grams: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    entries: list[tuple[tuple[str, int], frozenset[str]]] = field(default_factory=list)

    def add(self, name: str, target: tuple[str, int], how: str) -> None:
        """Let a name stand for a target; a better way of knowing it wins."""
        if len(name) < 2:
            return
        known = self.names[name].get(target)
        if known is None or _RANK[how] < _RANK[known]:
            self.names[name][target] = how

    def remember(self, name: str, target: tuple[str, int]) -> None:
        """Keep a name for suggestions."""
        signs = _bigrams(core(name))
        number = len(self.entries)
        self.entries.append((target, signs))
        for sign in signs:
            self.grams[sign].add(number)


def build(units: Iterable[UnitRow], groups: Iterable[GroupRow] = ()) -> Index:
    """An index over the registry."""
    index = Index()
    for unit in units:
        _add_unit(index, unit)
    for group in groups:
        target = ("group", group.id)
        index.labels[target] = group.name
        for name in (group.name, *group.aliases):
            index.add(plain(name), target, "group")
            index.remember(plain(name), target)
    return index


def _add_unit(index: Index, unit: UnitRow) -> None:
    target: tuple[str, int] = ("unit", unit.id)
    index.labels[target] = unit.name
    if unit.home:
        index.home.add(unit.id)
    if not unit.active and unit.merged_into:
        index.merged[unit.id] = unit.merged_into
    names = [(unit.name, "exact"), (unit.short_name, "short")]
    for name, source, until in unit.aliases:
        names.append((name, "former" if source == "former" else "alias"))
        if until:
            index.former_until[plain(name), unit.id] = until
    for name, how in names:
        written = plain(name)
        index.add(written, target, how)
        if how != "former":
            index.remember(written, target)
        for variant in _variants(written, plain(unit.place)):
            index.add(variant, target, "variant" if how != "former" else "former")
            index.add(core(variant), target, "abbreviation" if how != "former" else "former")
        index.add(core(written), target, "abbreviation" if how != "former" else "former")


def _variants(name: str, place: str) -> list[str]:
    """The same name with its place in full, by level only, and without."""
    if not place:
        return []
    level = place[-1]
    last = _last_place(place)
    bare = name
    for start in (place, last, level):
        if start and bare.startswith(start) and len(bare) > len(start) + 1:
            bare = bare[len(start) :]
            break
    return [bare, level + bare, last + bare, place + bare]


def _last_place(place: str) -> str:
    """云溪区 of 临江市云溪区."""
    found = _PLACE.match(place + "#")
    cut = re.split(r"(?<=[省市州])(?=.)", place)
    return cut[-1] if cut and found is not None else place


def _bigrams(name: str) -> frozenset[str]:
    return frozenset(name[at : at + 2] for at in range(len(name) - 1)) or frozenset([name])


def match(name: str, index: Index, *, level: str = "", on: dt.date | None = None) -> Match:
    """Whom a name stands for on a day; `level` is the 省, 市, 区 or 县 that a name before it in the same list bore."""
    written = plain(name)
    stripped = _AND_OTHERS.sub("", written)
    others = stripped != written and bool(stripped)
    for reading in _readings(written, stripped if others else "", level):
        text, inherited = reading
        found = _look_up(text, index)
        if not found:
            continue
        chosen = _choose(found, index)
        if len(chosen) == 1:
            (kind, identifier), how = next(iter(chosen.items()))
            return _single(
                name, index, kind, identifier, "inherited" if inherited else how, others and text != written, on
            )
        return Match(name, candidates=_as_candidates(chosen, index), others=others)
    return Match(name, candidates=suggest(name, index), others=others)


def _readings(written: str, stripped: str, level: str) -> list[tuple[str, bool]]:
    """The forms of a name to look up, most literal first; True where its level is carried over."""
    forms: list[tuple[str, bool]] = []
    for text in (written, stripped, _QUALIFIER.sub("", stripped or written)):
        if len(text) < 2 or (text, False) in forms:
            continue
        if level and text[0] not in _LEVELS:
            forms.append((level + text, True))
        forms.append((text, False))
    return forms


def _look_up(text: str, index: Index) -> dict[tuple[str, int], str]:
    found = index.names.get(text)
    if found:
        return found
    return {
        target: "abbreviation" if how != "former" else how for target, how in index.names.get(core(text), {}).items()
    }


def _choose(found: dict[tuple[str, int], str], index: Index) -> dict[tuple[str, int], str]:
    """The best readings: the strongest way, then our own government before others."""
    best = min(_RANK[how] for how in found.values())
    chosen = {target: how for target, how in found.items() if _RANK[how] == best}
    if len(chosen) > 1:
        at_home = {target: how for target, how in chosen.items() if target[0] == "group" or target[1] in index.home}
        chosen = at_home or chosen
    merged = {("unit", index.merged.get(i, i)) if kind == "unit" else (kind, i) for kind, i in chosen}
    if len(merged) == 1 and len(chosen) > 1:
        return {next(iter(merged)): "former"}
    return chosen


def _single(name: str, index: Index, kind: str, identifier: int, how: str, others: bool, on: dt.date | None) -> Match:
    if kind == "group":
        return Match(name, "group", identifier, how, others=others)
    if identifier in index.merged:
        return Match(name, "unit", index.merged[identifier], "former", others=others)
    until = index.former_until.get((plain(name), identifier))
    if how == "former" and until and on and on <= until:
        # On the day of the notice this was the unit's name.
        how = "alias"
    return Match(name, "unit", identifier, how, others=others)


def _as_candidates(chosen: dict[tuple[str, int], str], index: Index) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(kind, identifier, index.labels[kind, identifier], 1.0, how)  # type: ignore[arg-type]
        for (kind, identifier), how in chosen.items()
    )


def suggest(name: str, index: Index, limit: int = 5) -> tuple[Candidate, ...]:
    """The nearest names, best first, by overlap of bigrams."""
    signs = _bigrams(core(_AND_OTHERS.sub("", plain(name))))
    shared: Counter[int] = Counter()
    for sign in signs:
        shared.update(index.grams.get(sign, ()))
    best: dict[tuple[str, int], float] = {}
    for number, common in shared.items():
        target, own = index.entries[number]
        score = 2 * common / (len(signs) + len(own))
        if score > best.get(target, 0.0):
            best[target] = score
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Candidate(kind, index.merged.get(i, i) if kind == "unit" else i, index.labels[kind, i], round(score, 2))  # type: ignore[arg-type]
        for (kind, i), score in ranked[:limit]
        if score >= 0.3
    )


def level_of(name: str) -> str:
    """The 省, 市, 区 or 县 that a name begins with, by itself or after a place; empty if it bears none."""
    written = plain(name)
    if written[:1] in _LEVELS:
        return written[0]
    found = _PLACE.match(written)
    return found.group(2) if found and len(written) > found.end() else ""


def match_list(names: Sequence[str], index: Index, on: dt.date | None = None) -> list[Match]:
    """Names as they stand in one bracket: 县发展和改革局、教育和体育局 carries 县 over to the second."""
    level, found = "", []
    for name in names:
        one = match(name, index, level=level, on=on)
        found.append(one)
        if one.how != "inherited":
            level = level_of(name) or (level if one.how != "group" else "")
    return found


def load(home_path: str = "") -> Index:
    """The index over the registry as it stands in the database; `home_path` is the path of our own government."""
    from gongkai.core.models import Unit, UnitGroup
    from gongkai.core.models.units import UnitKind

    units = list(Unit.objects.prefetch_related("aliases").order_by("path"))
    by_id = {unit.pk: unit for unit in units}
    rows = []
    for unit in units:
        if unit.kind == UnitKind.DIVISION:
            continue
        rows.append(
            UnitRow(
                id=unit.pk,
                name=unit.name,
                short_name=unit.short_name,
                active=unit.active,
                merged_into=unit.merged_into_id,
                place=_place_of(unit, by_id),
                home=not home_path or unit.path.startswith(home_path),
                aliases=tuple((alias.name, alias.source, alias.valid_until) for alias in unit.aliases.all()),
            )
        )
    groups = [
        GroupRow(group.pk, group.name, tuple(alias.name for alias in group.aliases.all()))
        for group in UnitGroup.objects.prefetch_related("aliases")
    ]
    return build(rows, groups)


def _place_of(unit, by_id: dict) -> str:
    """The place of the government a unit belongs to, from that government's name."""
    from gongkai.core.models.units import UnitKind

    at = unit
    while at is not None:
        if at.kind == UnitKind.GOVERNMENT:
            return at.name.removesuffix("人民政府").removesuffix("政府")
        at = by_id.get(at.parent_id)
    return ""
