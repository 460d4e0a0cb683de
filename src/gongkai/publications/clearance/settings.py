"""Settings of one voice."""

from gongkai.core.jurisdiction import declare, whole

declare(
    "clearance.workdays",
    "征求口径的答复期限（工作日）",
    2,
    group="信息发布",
    parse=whole(1, 30),
    source="本系统约定",
    help="敏感信息发布前向有关单位征求情况和口径，发起时可以另定期限。",
)
