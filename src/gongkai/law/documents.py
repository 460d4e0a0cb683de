"""What a public document must carry, and whether it may go out: attribute, grounds, limits, kinds, subjects.

《政府信息公开条例》 (2019) articles 13-16, 26; 《党政机关公文处理工作条例》 (the fifteen kinds of official documents);
国办发〔2016〕80号 (the attribute is fixed when a document is drafted, interpretation goes along with it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from gongkai.law.workdays import Calendar


class Attribute(StrEnum):
    """公开属性: decided when a document is drafted."""

    PROACTIVE = "proactive"
    ON_REQUEST = "on_request"
    WITHHELD = "withheld"


ATTRIBUTE_LABELS: Final[Mapping[str, str]] = {
    Attribute.PROACTIVE: "主动公开",
    Attribute.ON_REQUEST: "依申请公开",
    Attribute.WITHHELD: "不予公开",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground on which information is not disclosed: article, and whether it forbids or only allows holding back."""

    code: str
    label: str
    article: str
    must: bool


GROUNDS: Final[tuple[Ground, ...]] = (
    Ground("X14a", "依法确定为国家秘密", "第十四条", True),
    Ground("X14b", "法律、行政法规禁止公开", "第十四条", True),
    Ground("X14c", "公开后可能危及国家安全、公共安全、经济安全、社会稳定", "第十四条", True),
    Ground("X15", "涉及商业秘密、个人隐私等，公开会损害第三方合法权益", "第十五条", True),
    Ground("X16a", "内部事务信息（人事管理、后勤管理、内部工作流程）", "第十六条第一款", False),
    Ground("X16b", "过程性信息（讨论记录、过程稿、磋商信函、请示报告）", "第十六条第二款", False),
    Ground("X16c", "行政执法案卷信息", "第十六条第二款", False),
)

# The fifteen kinds of 《党政机关公文处理工作条例》, in its order.
OFFICIAL_KINDS: Final[tuple[str, ...]] = (
    "决议",
    "决定",
    "命令（令）",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
)
# What is published beside official documents.
OTHER_KINDS: Final[tuple[str, ...]] = ("公示", "政策解读", "工作动态", "规划计划", "统计数据", "预算决算", "其他")

# 国务院主题分类: main class -> sub-classes, first version of the list.
SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {
    "国务院组织机构": (
        "国务院",
        "国务院办公厅",
        "国务院组成部门",
        "国务院直属特设机构",
        "国务院直属机构",
        "国务院办事机构",
        "国务院直属事业单位",
        "国务院部委管理的国家局",
        "国务院议事协调机构",
        "其他",
    ),
    "综合政务": (
        "政务公开",
        "政务督查",
        "应急管理",
        "电子政务",
        "文秘工作",
        "保密工作",
        "信访",
        "参事、文史",
        "其他",
    ),
    "国民经济管理、国有资产监管": (
        "宏观经济",
        "经济体制改革",
        "统计",
        "物价",
        "国有资产监管",
        "重大建设项目",
        "其他",
    ),
    "财政、金融、审计": (
        "财政",
        "税务",
        "银行",
        "货币（含外汇）",
        "证券",
        "保险",
        "社会信用体系建设",
        "审计",
        "其他",
    ),
    "国土资源、能源": ("土地", "矿产", "水资源", "海洋", "煤炭", "石油与天然气", "电力", "其他"),
    "农业、林业、水利": ("农业、畜牧业、渔业", "林业", "水利", "其他"),
    "工业、交通": (
        "机械制造与重工业",
        "轻工纺织",
        "化工",
        "国防工业",
        "航天、航空",
        "信息产业（含电信）",
        "公路",
        "水运",
        "铁路",
        "民航",
        "邮政",
        "其他",
    ),
    "商贸、海关、旅游": ("对外经贸合作", "国内贸易（含供销）", "海关", "检验、检疫", "旅游", "其他"),
    "市场监管、安全生产监管": ("工商", "质量监督", "标准", "食品药品监管", "安全生产监管", "其他"),
    "城乡建设、环境保护": (
        "城市规划",
        "城乡建设（含住房）",
        "环境监测、保护与治理",
        "节能与资源综合利用",
        "气象、水文、测绘、地震",
        "其他",
    ),
    "科技、教育": ("科技", "教育", "知识产权", "其他"),
    "文化、广电、新闻出版": ("文化", "文物", "新闻出版", "广播、电影、电视", "其他"),
    "卫生、体育": ("卫生", "医药管理", "体育", "其他"),
    "人口与计划生育、妇女儿童工作": ("人口与计划生育", "妇女儿童", "其他"),
    "劳动、人事、监察": (
        "劳动就业",
        "社会保障",
        "人事工作",
        "军转安置",
        "监察",
        "纠正行业不正之风",
        "其他",
    ),
    "公安、安全、司法": ("公安", "国家安全", "司法", "其他"),
    "民政、扶贫、救灾": ("减灾救灾", "优抚安置", "社会福利", "行政区划与地名", "社团管理", "扶贫", "其他"),
    "民族、宗教": ("民族事务", "宗教事务"),
    "对外事务": ("外交、外事", "国际条约、国际组织", "其他"),
    "港澳台侨工作": ("港澳工作", "对台工作", "侨务工作"),
    "国防": ("国防建设", "国防动员"),
    "其他": (),
}


def subjects(extra: Iterable[str] = ()) -> tuple[str, ...]:
    r"""All subjects as they are written on documents: `卫生、体育\医药管理`; `extra` are a place's own ones."""
    written = [f"{main}\\{sub}" for main, subs in SUBJECTS.items() for sub in subs]
    written += [main for main, subs in SUBJECTS.items() if not subs]
    return (*written, *(line.strip() for line in extra if line.strip()))


class FaultCode(StrEnum):
    """What keeps a document from being taken in."""

    ATTRIBUTE = "attribute"
    REASON = "reason"
    NORMATIVE = "normative_withheld"
    PLAN = "interpretation_plan"
    CLASSIFIED = "classified"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class GateFault:
    """One reason for which a document is sent back, in words that say what to do."""

    code: FaultCode
    words: str
    basis: str = ""


def gate(
    *,
    attribute: str,
    ground: str = "",
    reason: str = "",
    classified: bool = False,
    normative: bool = False,
    policy: bool = False,
    plan: str = "",
    office_opinion: bool = True,
) -> tuple[GateFault, ...]:
    """What a document lacks before it may be reviewed for release (退文 rules).

    国办发〔2016〕80号: every official document carries an attribute with its reason, a policy document goes up
    together with its interpretation plan, and one that is not to be public needs the disclosure office's opinion.
    Classified matter never enters a public system (《保守国家秘密法》 art 35).

    Args:
        attribute: one of `Attribute`, or empty.
        ground: code of `GROUNDS`; needed when the information is withheld.
        reason: why it is not proactively disclosed, in words.
        classified: marked 秘密, 机密 or 绝密.
        normative: a normative document (行政规范性文件).
        policy: a document whose kind demands an interpretation.
        plan: the interpretation plan, or the reason why none is needed.
        office_opinion: the disclosure office has agreed to withholding a normative or policy document.
    """
    faults: list[GateFault] = []
    if classified:
        faults.append(
            GateFault(
                FaultCode.CLASSIFIED, "标有密级的文件不得录入本系统。请立即删除并按保密规定处理。", "保守国家秘密法"
            )
        )
    if attribute not in ATTRIBUTE_LABELS:
        faults.append(GateFault(FaultCode.ATTRIBUTE, "没有确定公开属性。请选择主动公开、依申请公开或不予公开。"))
    elif attribute != Attribute.PROACTIVE:
        faults += _withheld_faults(attribute, ground, reason, normative or policy, office_opinion)
    if policy and attribute == Attribute.PROACTIVE and not plan.strip():
        faults.append(
            GateFault(
                FaultCode.PLAN, "政策性文件要和解读方案一起报审。请填写解读方案，或写明不需要解读的理由。", "同步解读"
            )
        )
    return tuple(faults)


def _withheld_faults(attribute: str, ground: str, reason: str, weighty: bool, office_opinion: bool) -> list[GateFault]:
    faults: list[GateFault] = []
    if not reason.strip():
        faults.append(GateFault(FaultCode.REASON, "没有写明不主动公开的理由。请写明理由后再报送。"))
    if attribute == Attribute.WITHHELD and ground not in {item.code for item in GROUNDS}:
        faults.append(GateFault(FaultCode.REASON, "没有选择不予公开的法定情形。请按《条例》第十四条至第十六条选择。"))
    if weighty and not office_opinion:
        faults.append(
            GateFault(
                FaultCode.NORMATIVE, "规范性文件和政策性文件拟不主动公开的，要先征得政务公开工作机构同意。", "属性审核"
            )
        )
    return faults


def publication_limit(made_or_changed: date, calendar: Calendar, workdays: int = 20) -> date:
    """The last day on which information must be published: 20 working days after it was made or changed (art 26)."""
    return calendar.add_workdays(made_or_changed, workdays)


def date_faults(
    made_on: date | None, published_on: date | None, effective_on: date | None, expires_on: date | None
) -> tuple[GateFault, ...]:
    """Dates that contradict each other: release before making, lapse before commencement."""
    faults: list[GateFault] = []
    if made_on and published_on and published_on < made_on:
        faults.append(GateFault(FaultCode.DATES, "发布日期早于成文日期。请核对两个日期。"))
    if effective_on and expires_on and expires_on < effective_on:
        faults.append(GateFault(FaultCode.DATES, "失效日期早于施行日期。请核对两个日期。"))
    if made_on and effective_on and effective_on < made_on:
        faults.append(GateFault(FaultCode.DATES, "施行日期早于成文日期。请核对两个日期。"))
    return tuple(faults)
