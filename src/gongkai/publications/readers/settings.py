"""Settings of the jurisdiction for the readers' side."""

from gongkai.core.jurisdiction import declare, whole

GROUP = "信息发布"

declare(
    "readers.subscriptions_per_address",
    "一个邮箱最多订阅几项",
    20,
    group=GROUP,
    parse=whole(1, 200),
    source="本系统约定",
)
declare(
    "readers.letters_per_hour",
    "每小时最多发出几封订阅确认信",
    200,
    group=GROUP,
    parse=whole(1, 10000),
    source="本系统约定",
    help="防止有人用订阅表单向他人滥发邮件。",
)
