"""Settings of the jurisdiction for conversion and hot topics."""

from __future__ import annotations

from gongkai.core import jurisdiction
from gongkai.core.jurisdiction import declare, whole
from gongkai.law.requests.history import CONVERSION

GROUP = "转为主动公开和热点"


def words_of(key: str) -> list[str]:
    """The words of a setting that lists them with commas."""
    text = str(jurisdiction.value(key)).replace("，", ",").replace("、", ",")
    return list(dict.fromkeys(word.strip()[:40] for word in text.split(",") if word.strip()))


def sources() -> dict[str, str]:
    """Code -> name of the places where questions come in, beside requests."""
    found = {}
    for pair in str(jurisdiction.value("conversion.sources")).replace("；", ";").split(";"):
        code, _, name = pair.partition("=")
        if code.strip() and name.strip():
            found[code.strip()] = name.strip()
    return found


def sources_text(text: str) -> str:
    """A reader for the list of sources."""
    pairs = [part.strip() for part in str(text).replace("；", ";").split(";") if part.strip()]
    for pair in pairs:
        code, equals, name = pair.partition("=")
        if not equals or not name.strip() or not code.strip().isidentifier() or len(code.strip()) > 20:
            raise ValueError(f"“{pair}”没有读懂。每一项写成“代号=名称”，代号用英文字母。")
    if not pairs:
        raise ValueError("至少要有一个来源。")
    return ";".join(pairs)


declare(
    "conversion.days",
    "答复后几日内转为主动公开",
    CONVERSION.amount,
    group=GROUP,
    parse=whole(1, 365),
    source="公开工作要点：可以广泛知晓的，原则上在作出答复后30日内转为主动公开",
)
declare(
    "conversion.sources",
    "热点的来源",
    "service=一网通办;rating=好差评;hotline=12345热线;mailbox=领导信箱;social=微博微信;board=网站留言板",
    group=GROUP,
    parse=sources_text,
    source="公开工作要点：列举的来源；依申请公开由系统自己提供",
    help="每一项写成“代号=名称”，用分号隔开。",
)
declare(
    "conversion.topic_areas",
    "重点梳理的领域",
    "征地拆迁,就业入学,社会保障",
    group=GROUP,
    source="公开工作要点：征地拆迁、就业入学、社会保障等领域",
    help="用逗号隔开。领域里的申请和诉求排在前面提示。",
)
declare(
    "conversion.area_names",
    "其他领域名称归到哪个重点领域",
    "就业创业=就业入学;教育=就业入学;住房保障=社会保障",
    group=GROUP,
    source="本系统约定",
    help="登记申请时用的领域名称和重点领域不同的，写成“名称=重点领域”，用分号隔开。",
)
declare(
    "conversion.period_months",
    "几个月分析一次热点",
    1,
    group=GROUP,
    parse=whole(1, 12),
    source="公开工作要点：定期；本系统约定按月",
)
declare(
    "conversion.least",
    "几件以上算一个热点",
    3,
    group=GROUP,
    parse=whole(2, 1000),
    source="本系统约定",
    help="申请每件算一件，其他来源按登记的数量计算。",
)
declare(
    "conversion.alike",
    "表述相似到百分之几归为一组",
    40,
    group=GROUP,
    parse=whole(10, 95),
    source="本系统约定",
)
declare(
    "conversion.reply_workdays",
    "收到主动公开建议后几个工作日内回复",
    10,
    group=GROUP,
    parse=whole(1, 60),
    source="本系统约定",
)


def area_of(word: str) -> str:
    """The key area that a field belongs to; the field itself where none is named for it."""
    for pair in str(jurisdiction.value("conversion.area_names")).replace("；", ";").split(";"):
        name, _, area = pair.partition("=")
        if name.strip() == word and area.strip():
            return area.strip()
    return word
