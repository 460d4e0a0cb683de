"""Words that mean the same: a table that administrators edit, and the names of units through time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.cache import cache

from gongkai.core.search.text import fold

_KEY = "gongkai.search.synonyms"
_held: tuple[str, dict[str, tuple[str, ...]]] = ("", {})

# What people say and what documents write. A migration puts them into the table; from then on it is the office's own.
DEFAULTS = (
    ("公积金", "住房公积金"),
    ("发改委", "发展和改革委员会", "发展改革委", "发改局", "发展和改革局"),
    ("低保", "最低生活保障"),
    ("医保", "医疗保险", "医疗保障"),
    ("社保", "社会保险"),
    ("养老金", "基本养老保险待遇"),
    ("人社局", "人力资源和社会保障局", "人力资源社会保障局"),
    ("住建局", "住房和城乡建设局", "住房城乡建设局"),
    ("卫健委", "卫生健康委员会", "卫健局", "卫生健康局"),
    ("市监局", "市场监督管理局", "市场监管局"),
    ("自规局", "自然资源和规划局", "自然资源局"),
    ("文旅局", "文化和旅游局", "文化广电旅游局"),
    ("城管局", "城市管理局", "城市管理综合行政执法局"),
    ("工信局", "工业和信息化局"),
    ("交警", "公安交通管理"),
    ("环评", "环境影响评价"),
    ("征地", "土地征收"),
    ("拆迁", "房屋征收"),
    ("廉租房", "公租房", "公共租赁住房"),
    ("经适房", "经济适用住房"),
    ("残补", "残疾人两项补贴"),
    ("独生子女费", "独生子女父母奖励费"),
    ("双减", "减轻义务教育阶段学生作业负担和校外培训负担"),
    ("加装电梯", "增设电梯"),
    ("一网通办", "互联网+政务服务"),
    ("规上企业", "规模以上工业企业"),
    ("小微企业", "小型微型企业"),
    ("村务公开", "村级事务公开"),
)


def forget() -> None:
    """Read the table anew with the next search."""
    cache.delete(_KEY)


def groups() -> dict[str, tuple[str, ...]]:
    """Folded word -> the words that mean the same, as they are written; kept for half a minute."""
    global _held
    # The cache carries a mark only: a table of a thousand names would be unpacked with every search.
    mark = cache.get(_KEY)
    if mark is None or mark != _held[0]:
        mark = uuid.uuid4().hex
        _held = (mark, _read())
        cache.set(_KEY, mark, 30)
    return _held[1]


def _read() -> dict[str, tuple[str, ...]]:
    from gongkai.core.models import Unit, UnitAlias
    from gongkai.core.search.models import Synonym

    found: dict[str, dict[str, None]] = {}
    for words in Synonym.objects.filter(active=True).values_list("words", flat=True):
        _join(found, words)
    names: dict[int, list[str]] = {}
    merged = Unit.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into")
    successor = {pk: into for pk, into in merged if into}
    for pk, name, short in Unit.objects.order_by("pk").values_list("pk", "name", "short_name"):
        names.setdefault(successor.get(pk, pk), []).extend((name, short))
    for pk, name in UnitAlias.objects.filter(unit__isnull=False).order_by("pk").values_list("unit", "name"):
        if pk:
            names.setdefault(successor.get(pk, pk), []).append(name)
    for listed in names.values():
        _join(found, [name for name in listed if len(name) >= 3])
    return {word: tuple(others) for word, others in found.items()}


def _join(found: dict[str, dict[str, None]], words: Iterable[str]) -> None:
    """Each word leads to all the others; groups that share a word stay apart, but that word leads to both."""
    listed = [word.strip() for word in words if word.strip()]
    for word in listed:
        found.setdefault(fold(word), {}).update(dict.fromkeys(listed))
