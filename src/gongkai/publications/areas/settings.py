"""Settings of the jurisdiction that key areas read."""

from gongkai.core.jurisdiction import declare, whole
from gongkai.publications.settings import GROUP

declare(
    "areas.credit_workdays",
    "许可、处罚信息公示期限（工作日）",
    7,
    group=GROUP,
    parse=whole(1, 30),
    source="行政许可、行政处罚信用信息“双公示”通行做法",
    help="自作出决定之日起计算。",
)
declare(
    "areas.update_notice_days",
    "数据集到期前几日开始提醒",
    15,
    group=GROUP,
    parse=whole(1, 90),
    source="本系统约定",
)
