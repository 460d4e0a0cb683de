"""Settings of new media."""

from gongkai.core.jurisdiction import declare, whole

declare(
    "media.silent_days",
    "新媒体账号多少天没有更新须提醒",
    14,
    group="信息发布",
    parse=whole(2, 90),
    source="《政府网站与政务新媒体检查指标》（2周）",
    help="到这一天还没有发布的，成为账号主办单位的一件待办。",
)
