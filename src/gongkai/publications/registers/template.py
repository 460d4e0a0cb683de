"""The common template of a catalog: the four parts, article 20 with its fifteen items, article 21 by level."""

from __future__ import annotations

from dataclasses import dataclass, field

from gongkai.core.models import Unit
from gongkai.core.models.units import UnitKind
from gongkai.publications.catalog import STATUTORY
from gongkai.publications.models import CatalogColumn

Part = CatalogColumn.Part
Freshness = CatalogColumn.Freshness
REGULATION = "《政府信息公开条例》"
# Article 21: further fields, by level.
COUNTY_FIELDS = ("市政建设", "公共服务", "公益事业", "土地征收", "房屋征收", "治安管理", "社会救助")
TOWNSHIP_FIELDS = (
    "贯彻落实农业农村政策",
    "农田水利工程建设运营",
    "农村土地承包经营权流转",
    "宅基地使用情况审核",
    "土地征收",
    "房屋征收",
    "筹资筹劳",
    "社会救助",
)
# Short titles of the fifteen items, and how often what stands in them has to be renewed.
_ITEMS: dict[str, tuple[str, str]] = {
    "20.1": ("法规规章和规范性文件", Freshness.NOTICES),
    "20.2": ("机构职能", Freshness.YEARLY),
    "20.3": ("规划计划", Freshness.YEARLY),
    "20.4": ("统计信息", Freshness.STATISTICS),
    "20.5": ("行政许可和对外管理服务", Freshness.STATISTICS),
    "20.6": ("行政处罚和行政强制", Freshness.STATISTICS),
    "20.7": ("财政预算决算", Freshness.YEARLY),
    "20.8": ("行政事业性收费", Freshness.YEARLY),
    "20.9": ("政府集中采购", Freshness.STATISTICS),
    "20.10": ("重大建设项目", Freshness.NOTICES),
    "20.11": ("民生政策和实施情况", Freshness.NOTICES),
    "20.12": ("突发公共事件应对", Freshness.YEARLY),
    "20.13": ("监督检查情况", Freshness.NOTICES),
    "20.14": ("公务员招考录用", Freshness.YEARLY),
    "20.15": ("其他法定公开内容", Freshness.NONE),
}
_ARTICLES = {key: (mark, words) for key, mark, words in STATUTORY}


@dataclass(frozen=True, slots=True)
class Seed:
    """A column of the template, with those below it."""

    key: str
    title: str
    part: str
    item: str = ""
    basis: str = ""
    description: str = ""
    freshness: str = ""
    children: tuple[Seed, ...] = field(default=())


def _article(key: str) -> str:
    mark, _ = _ARTICLES[key]
    return f"{REGULATION}第二十条第{mark}项"


def seeds(unit: Unit | None) -> list[Seed]:
    """The template for a body: townships have the fields of article 21's second list, all others those of the first."""
    township = unit is not None and unit.kind == UnitKind.TOWN
    fields = TOWNSHIP_FIELDS if township else COUNTY_FIELDS
    statutory = [
        Seed(f"item{key.partition('.')[2]}", title, Part.STATUTORY, key, _article(key), _ARTICLES[key][1], freshness)
        for key, (title, freshness) in _ITEMS.items()
    ]
    return [
        Seed("guide", "政府信息公开指南", Part.GUIDE, basis=f"{REGULATION}第十二条", freshness=Freshness.NONE),
        Seed("rules", "政府信息公开制度", Part.RULES, basis=f"{REGULATION}第四条", freshness=Freshness.NONE),
        *statutory,
        Seed(
            "local",
            "基层重点公开内容",
            Part.STATUTORY,
            "21",
            f"{REGULATION}第二十一条",
            "、".join(fields),
            children=tuple(
                Seed(
                    f"local{number}",
                    name,
                    Part.STATUTORY,
                    "21",
                    f"{REGULATION}第二十一条",
                    freshness=Freshness.NOTICES,
                )
                for number, name in enumerate(fields, 1)
            ),
        ),
        Seed(
            "annual",
            "政府信息公开年报",
            Part.ANNUAL,
            basis=f"{REGULATION}第四十九条、第五十条",
            freshness=Freshness.YEARLY,
        ),
    ]
