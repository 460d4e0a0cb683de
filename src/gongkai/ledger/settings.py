"""Settings of the jurisdiction that the ledger uses."""

from __future__ import annotations

from gongkai.core.jurisdiction import declare, whole, yes_no

declare(
    "ledger.unit_review",
    "提交办结须先经本单位审核",
    False,
    group="台账",
    parse=yes_no,
    source="本系统约定",
    help="只对有审核人的单位生效。",
)
declare(
    "ledger.own_plan", "派发时默认要求各单位制定本单位方案", True, group="台账", parse=yes_no, source="公开工作要点"
)
declare(
    "ledger.auto_urge",
    "超期第一天自动催办一次",
    True,
    group="督办",
    parse=yes_no,
    source="本系统约定",
)
declare(
    "ledger.supervision_code",
    "督办单机关代字",
    "督办",
    group="督办",
    source="本系统约定",
    help="督办单文号写作“代字〔年份〕序号号”。",
)
declare(
    "ledger.rectification_days",
    "整改期限默认日数",
    30,
    group="督办",
    parse=whole(1, 365),
    source="本系统约定",
)
