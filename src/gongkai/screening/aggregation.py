"""Harmless records that together say too much about a person (数据汇聚).

The rules are few and explained; nothing is learned or guessed. Records are indexed by name and place, so that the work
grows with the number of records, not with the number of pairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.screening.folding import fold
from gongkai.screening.hits import Severity
from gongkai.screening.parts import Part

_BLANK = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_SHOWN = re.compile(r"^([0-9]*)[*＊xX×●·.#…]{2,}([0-9]*[0-9Xx]?)$")
_MASKED = re.compile(r"[*＊×●#]|[xX]{2}")
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:村|社区|居委会|街道|镇|乡)")
_FEWEST = 3
_MOST_RECORDS = 20

# What a column holds, by the words of its heading; the first that fits wins.
_FIELDS: tuple[tuple[str, str], ...] = (
    ("name", r"姓名|名字|户主|申请人|受益人|权利人|当事人|补贴对象|救助对象|获得者|被处罚人|学生|家长"),
    ("identity", r"身份证|证件号|公民身份号码"),
    ("phone", r"电话|手机|联系方式"),
    ("account", r"账号|帐号|卡号|银行|账户"),
    ("health", r"病|残疾|诊断|健康|致贫原因|救助原因"),
    ("address", r"住址|地址|门牌|坐落|房号|楼栋"),
    ("place", r"村|社区|街道|乡镇|组别|小区|所在地|单位|学校|班级"),
    ("birth", r"出生|生日|年龄"),
    ("family", r"家庭人口|家庭成员|子女|配偶|监护人|户籍人口"),
    ("amount", r"金额|补贴|补助|资金|标准|发放|收入|面积"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _FIELDS)
LABELS = {
    "identity": "证件号码",
    "phone": "电话",
    "account": "账号",
    "health": "健康状况",
    "address": "住址",
    "birth": "出生日期或年龄",
    "family": "家庭情况",
    "amount": "金额",
    "place": "村社或单位",
}
# Two or more of these about one person, from different lists, make a portrait.
_TELLING = ("health", "address", "amount", "birth", "family", "phone", "account", "identity")
_SENSITIVE = frozenset(("health", "account", "identity"))


@dataclass(frozen=True, slots=True)
class RecordFields:
    """One row of one list: `source` names the list and row for the clerk, `list_id` tells lists apart.

    `values` has kinds of fields (name, place, identity, phone, account, health, address, birth, family, amount) and
    their texts. `category` is the category of information; only records of the same category are put together.
    """

    source: str
    list_id: str
    values: dict[str, str]
    category: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """What some records add up to: the rule, the sentence for the clerk, the records, and the fields."""

    rule: str
    explanation: str
    sources: tuple[str, ...]
    severity: Severity = "check"
    fields: tuple[str, ...] = ()


def records_of(parts: Iterable[Part], list_id: str, title: str = "", category: str = "") -> list[RecordFields]:
    """The rows of the tables in parts, as far as their columns say what they hold and a person is named."""
    rows: dict[str, dict[str, str]] = {}
    places: dict[str, str] = {}
    for part in parts:
        if not part.row or not part.heading or part.kind == "unchecked":
            continue
        kind = next((name for name, pattern in _COMPILED if pattern.search(part.heading)), "")
        if kind:
            rows.setdefault(part.row, {}).setdefault(kind, part.text.strip())
            places.setdefault(part.row, part.place)
    return [
        RecordFields(f"{title or list_id} {places[row]}".strip(), list_id, values, category)
        for row, values in rows.items()
        if values.get("name")
    ]


@dataclass(slots=True)
class _Person:
    """All records about one name in one place."""

    records: list[tuple[RecordFields, bool]] = field(default_factory=list)

    def lists(self) -> set[str]:
        return {record.list_id for record, _ in self.records}

    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(record.source for record, _ in self.records))[:_MOST_RECORDS]


def aggregation_risks(new: Sequence[RecordFields], existing: Sequence[RecordFields]) -> list[Risk]:
    """What new records add up to together with those already public in the same category; none without a new record.

    Rules: number (parts of one number shown in different lists make it nearly whole), portrait (different lists give
    together two or more telling things about one person, one of them sensitive, or three), small (a group of fewer
    than three that a list breaks down to, which points to single persons). Deterministic; the order is that of `new`.
    """
    people: dict[tuple[str, str, str], _Person] = {}
    named: dict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for record, fresh in (*((record, True) for record in new), *((record, False) for record in existing)):
        key = _key(record)
        if key:
            people.setdefault(key, _Person()).records.append((record, fresh))
            named[key[0], key[1]].add(key)
    _join_placeless(people, named)
    groups: dict[tuple[object, ...], list[_Case]] = defaultdict(list)
    for person in people.values():
        if len(person.lists()) > 1 and any(fresh for _, fresh in person.records):
            for case in _cases(person):
                groups[case.rule, case.kinds, case.detail, tuple(sorted(person.lists()))].append(case)
    return [*map(_risk, groups.values()), *_small_groups(new)]


def _key(record: RecordFields) -> tuple[str, str, str] | None:
    name = _plain(record.values.get("name", ""))
    if len(name) < 2 or "某" in name or "*" in name or "×" in name:
        return None
    where = record.values.get("place") or record.values.get("address") or ""
    places = _PLACE.findall(_plain(where))
    return record.category, name, places[-1] if places else _plain(where)[:12]


def _plain(text: str) -> str:
    return _BLANK.sub("", fold(text))


def _join_placeless(
    people: dict[tuple[str, str, str], _Person], named: dict[tuple[str, str], set[tuple[str, str, str]]]
) -> None:
    """Records without a place belong to the one person of that name, where there is only one."""
    for keys in named.values():
        placeless = next((key for key in keys if not key[2]), None)
        if placeless and len(keys) == 2:
            (other,) = keys - {placeless}
            people[other].records += people.pop(placeless).records


@dataclass(frozen=True, slots=True)
class _Case:
    """One person to whom a rule applies; persons with the same lists and fields are told as one risk."""

    rule: str
    name: str
    kinds: tuple[str, ...]
    detail: str
    sources: tuple[str, ...]
    severity: Severity


def _risk(cases: list[_Case]) -> Risk:
    first = cases[0]
    names = "、".join(dict.fromkeys(f"“{case.name}”" for case in cases[:3]))
    who = names if len(cases) == 1 else f"{names}等{len(cases)}人"
    sources = tuple(dict.fromkeys(source for case in cases for source in case.sources))[:_MOST_RECORDS]
    return Risk(first.rule, who + first.detail, sources, first.severity, first.kinds)


def _cases(person: _Person) -> Iterator[_Case]:
    for kind in ("identity", "phone", "account"):
        yield from _number(person, kind)
    yield from _portrait(person)


def _number(person: _Person, kind: str) -> Iterator[_Case]:
    """Parts of one number, each masked for itself, that together show it."""
    length = {"identity": 18, "phone": 11, "account": 16}[kind]
    head = tail = most = 0
    sources: dict[str, None] = {}
    for record, _ in person.records:
        ends = _ends(_plain(record.values.get(kind, "")), length)
        if sum(ends):
            head, tail, most = max(head, ends[0]), max(tail, ends[1]), max(most, sum(ends))
            sources[record.source] = None
    # Each list alone shows less than all of them together.
    shown = min(length, head + tail)
    if len(sources) < 2 or shown <= most or shown < length * 2 // 3:
        return
    detail = (
        f"的{LABELS[kind]}在几份名单里遮住的位置不同，合起来能看到{length}位中的{shown}位。"
        "请统一遮盖方式，或在其中一份里去掉这一栏。"
    )
    yield _Case("number", _name(person), (kind,), detail, tuple(sources)[:_MOST_RECORDS], "must")


def _ends(text: str, length: int) -> tuple[int, int]:
    """How many digits of a number are shown at its head and at its tail; short numbers are taken as tails."""
    match = _SHOWN.match(text)
    if match:
        return len(match.group(1)), len(match.group(2))
    if text[:-1].isdigit() and text.isalnum():
        return (0, len(text)) if len(text) < length else (length, 0)
    return 0, 0


def _name(person: _Person) -> str:
    return person.records[0][0].values["name"]


def _portrait(person: _Person) -> Iterator[_Case]:
    """Different lists that give, one this and one that, a portrait of a person."""
    by_list: dict[str, set[str]] = defaultdict(set)
    plain: set[str] = set()
    for record, _ in person.records:
        for kind in _TELLING:
            text = record.values.get(kind, "").strip()
            if text:
                by_list[record.list_id].add(kind)
            if text and not _MASKED.search(text):
                plain.add(kind)
    together = set().union(*by_list.values())
    sensitive = bool(together & plain & _SENSITIVE)
    most = max(map(len, by_list.values()), default=0)
    if len(together) <= most or len(together) < (2 if sensitive else 3):
        return
    kinds = tuple(kind for kind in _TELLING if kind in together)
    words = "、".join(LABELS[kind] for kind in kinds)
    detail = (
        f"出现在{len(person.lists())}份名单里，每份只有一部分，合起来就有{words}，足以认出并描绘这个人。"
        "请核对这一次是否必须公开这些栏目。"
    )
    yield _Case("portrait", _name(person), kinds, detail, person.sources(), "must" if sensitive else "check")


def _small_groups(new: Sequence[RecordFields]) -> Iterator[Risk]:
    """Lists with names masked or left out whose breakdown by place leaves one or two: the neighbours know who."""
    groups: dict[tuple[str, str, str], list[RecordFields]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for record in new:
        sensitive = _plain(record.values.get("health", ""))
        place = _plain(record.values.get("place", ""))
        sizes[record.list_id] += 1
        if sensitive and place and _key(record) is None:
            groups[record.list_id, place, sensitive].append(record)
    for (list_id, place, sensitive), records in groups.items():
        if len(records) < _FEWEST <= sizes[list_id]:
            explanation = (
                f"虽然隐去了姓名，但“{place}”里“{sensitive}”的只有{len(records)}人，当地人一看就知道是谁。"
                f"请合并到上一级，少于{_FEWEST}人的不单列。"
            )
            yield Risk("small", explanation, tuple(record.source for record in records), "check", ("health", "place"))


def small_counts(rows: Sequence[tuple[str, int]], source: str) -> list[Risk]:
    """Counts of one or two in a table of counts about persons: (what is counted, number)."""
    return [
        Risk(
            "small",
            f"“{what}”只有{number}人，可能指向具体的人。请合并到上一级，少于{_FEWEST}人的不单列。",
            (source,),
        )
        for what, number in rows
        if 0 < number < _FEWEST
    ]
