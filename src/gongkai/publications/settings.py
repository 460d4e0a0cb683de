"""Settings of the jurisdiction that publishing reads."""

from gongkai.core.jurisdiction import declare, whole, yes_no

GROUP = "信息发布"
GATE_MODES = {"return": "退回", "warn": "提醒", "record": "只作记录"}


def _mode(text: str) -> str:
    found = {**{name: name for name in GATE_MODES}, **{label: name for name, label in GATE_MODES.items()}}
    mode = found.get(str(text).strip())
    if mode is None:
        raise ValueError(f"请填写{'、'.join(GATE_MODES.values())}中的一个。")
    return mode


declare(
    "publications.workdays",
    "主动公开期限（工作日）",
    20,
    group=GROUP,
    parse=whole(1, 60),
    source="《政府信息公开条例》第二十六条",
    help="自形成或者变更之日起计算；法律、法规另有规定的从其规定。",
)
declare(
    "publications.gate",
    "缺公开属性、理由或解读方案的文件",
    "return",
    group=GROUP,
    parse=_mode,
    source="国办发〔2016〕80号",
    help="退回、提醒或只作记录。",
)
declare(
    "publications.term_years",
    "规范性文件有效期（年）",
    5,
    group=GROUP,
    parse=whole(1, 30),
    source="各地通行做法",
    help="文件自己写明有效期的，以文件为准。",
)
declare(
    "publications.trial_years",
    "暂行、试行文件有效期（年）",
    2,
    group=GROUP,
    parse=whole(1, 10),
    source="各地通行做法",
)
declare(
    "publications.notice_months",
    "有效期届满前几个月提醒",
    6,
    group=GROUP,
    parse=whole(1, 24),
    source="本系统约定",
)
declare(
    "publications.review_months",
    "不公开信息每隔几个月复查",
    12,
    group=GROUP,
    parse=whole(1, 60),
    source="《政府信息公开条例》第十八条（定期评估审查）",
)
declare(
    "publications.subjects",
    "本地增加的主题分类",
    "",
    group=GROUP,
    source="本系统约定",
    help="每行一个，写成“大类\\小类”。",
)
declare(
    "publications.aggregation",
    "提示多条信息叠加的风险",
    True,
    group=GROUP,
    parse=yes_no,
    source="公开工作要点：数据汇聚",
)
