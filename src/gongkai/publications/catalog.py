"""The catalog as readers see it: bodies, columns with their figures, the four parts of the column 政府信息公开.

Articles 20 and 21 of 《政府信息公开条例》 give the tree of the statutory contents; 国办公开办函〔2019〕61号 the four parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gongkai.core.models import Unit
from gongkai.core.models.units import UnitKind
from gongkai.publications import counts, public_queries
from gongkai.publications.models import CatalogColumn, PublicDocument
from gongkai.publications.public_queries import Branch

Part = CatalogColumn.Part

# 条例 art 20, in its order; art 21 follows as one more entry.
STATUTORY: tuple[tuple[str, str, str], ...] = (
    ("20.1", "（一）", "行政法规、规章和规范性文件"),
    ("20.2", "（二）", "机关职能、机构设置、办公地址、办公时间、联系方式、负责人姓名"),
    ("20.3", "（三）", "国民经济和社会发展规划、专项规划、区域规划及相关政策"),
    ("20.4", "（四）", "国民经济和社会发展统计信息"),
    ("20.5", "（五）", "办理行政许可和其他对外管理服务事项的依据、条件、程序以及办理结果"),
    ("20.6", "（六）", "实施行政处罚、行政强制的依据、条件、程序以及具有一定社会影响的行政处罚决定"),
    ("20.7", "（七）", "财政预算、决算信息"),
    ("20.8", "（八）", "行政事业性收费项目及其依据、标准"),
    ("20.9", "（九）", "政府集中采购项目的目录、标准及实施情况"),
    ("20.10", "（十）", "重大建设项目的批准和实施情况"),
    ("20.11", "（十一）", "扶贫、教育、医疗、社会保障、促进就业等方面的政策、措施及其实施情况"),
    ("20.12", "（十二）", "突发公共事件的应急预案、预警信息及应对情况"),
    ("20.13", "（十三）", "环境保护、公共卫生、安全生产、食品药品、产品质量的监督检查情况"),
    ("20.14", "（十四）", "公务员招考的职位、名额、报考条件等事项以及录用结果"),
    ("20.15", "（十五）", "法律、法规、规章和国家有关规定规定应当主动公开的其他政府信息"),
    ("21", "第二十一条", "市政建设、公共服务、公益事业、土地征收、房屋征收、治安管理、社会救助等"),
)
_ORDINALS = {mark.strip("（）"): key for key, mark, _ in STATUTORY}
_OTHER = "other"
GROUPS = (
    ("区政府和办公室", (UnitKind.GOVERNMENT, UnitKind.OFFICE)),
    ("政府部门", (UnitKind.DEPARTMENT, UnitKind.PARTY)),
    ("乡镇、街道和园区", (UnitKind.TOWN, UnitKind.STREET, UnitKind.PARK)),
    ("其他单位", (UnitKind.INSTITUTION, UnitKind.ENTERPRISE, UnitKind.DIVISION, UnitKind.OTHER)),
)


def item_of(words: str) -> str:
    """The entry of the statutory tree that a column names: 20.7, 第二十条第（七）项, （七）, 21; empty if none."""
    text = re.sub(r"\s", "", words)
    if re.search(r"(?<!\d)21(?!\d)|第?二十一条", text):
        return "21"
    found = re.search(r"20[.条（(第]*(\d{1,2})", text)
    if found and 1 <= int(found[1]) <= 15:
        return f"20.{int(found[1])}"
    found = re.search(r"[（(]([一二三四五六七八九十]{1,2})[）)]|第([一二三四五六七八九十]{1,2})项", text)
    return _ORDINALS.get((found[1] or found[2]) if found else "", "")


@dataclass(slots=True)
class Item:
    """One entry of the statutory tree with the columns that belong to it."""

    key: str
    mark: str
    title: str
    branches: list[Branch] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Documents below it."""
        return sum(branch.total for branch in self.branches)


@dataclass(slots=True)
class FourthPart:
    """One of the four parts: its columns, and its newest documents."""

    part: str
    label: str
    branches: list[Branch]
    documents: list[PublicDocument] = field(default_factory=list)


def branches_of(unit: Unit | None) -> list[Branch]:
    """The columns a reader sees of one body, or of all."""
    return public_queries.branches(public_queries.columns(unit), unit=unit)


def by_part(branches: Sequence[Branch]) -> list[tuple[str, list[Branch]]]:
    """The four parts that have columns, in their order."""
    groups = [(part.label, [one for one in branches if one.column.part == part.value]) for part in Part]
    return [(label, found) for label, found in groups if found]


def four_parts(branches: Sequence[Branch], unit: Unit | None) -> list[FourthPart]:
    """Guide, rules and annual reports with their documents; the statutory contents have their own tree."""
    parts = []
    for part in Part:
        mine = [branch for branch in branches if branch.column.part == part.value]
        documents = [] if part == Part.STATUTORY else _newest(_pks(mine), unit)
        parts.append(FourthPart(part.value, part.label, mine, documents))
    return parts


def _pks(branches: Sequence[Branch]) -> list[int]:
    return [pk for branch in branches for pk in (branch.column.pk, *_pks(branch.children))]


def _newest(columns: Sequence[int], unit: Unit | None, size: int = 8) -> list[PublicDocument]:
    from gongkai.publications.readers.models import ListEntry

    if not columns:
        return []
    rows = ListEntry.objects.filter(column__in=columns)
    if unit is not None:
        rows = rows.filter(unit=unit.pk)
    order = rows.order_by("-published_at", "-document").values_list("document", flat=True)
    return public_queries.documents(list(order[:size]))


def statutory(branches: Sequence[Branch]) -> list[Item]:
    """The tree of articles 20 and 21 with the columns in which something is public; entries without any are left out."""
    items = {key: Item(key, mark, title) for key, mark, title in STATUTORY}
    items[_OTHER] = Item(_OTHER, "", "其他主动公开内容")
    for branch in branches:
        if branch.column.part == Part.STATUTORY:
            items[item_of(branch.column.statutory_item) or _OTHER].branches.append(branch)
    return [item for item in items.values() if item.total]


def below(column: CatalogColumn) -> list[Branch]:
    """The columns below one, with their figures."""
    children = list(CatalogColumn.objects.filter(parent=column.pk, active=True).order_by("ordinal", "id"))
    return public_queries.branches(children) if children else []


def bodies() -> list[dict[str, Any]]:
    """Bodies that have published something, by sort, each with its number."""
    numbers = {int(unit): number for unit, number in counts.values_of("all", ("unit",))["unit"].items()}
    units = public_queries.units_by_pk(numbers)
    groups: list[dict[str, Any]] = []
    for label, kinds in GROUPS:
        rows: list[dict[str, Any]] = [
            {"unit": unit, "number": numbers[pk]} for pk, unit in units.items() if unit.kind in kinds
        ]
        if rows:
            groups.append({"label": label, "rows": sorted(rows, key=lambda row: row["unit"].ordinal)})
    return groups
