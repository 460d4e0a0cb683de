"""Settings of the jurisdiction that filing reads."""

from gongkai.core.jurisdiction import declare, whole, yes_no

declare(
    "filing.active",
    "公文向上级平台备案",
    True,
    group="系统对接",
    parse=yes_no,
    source="公开工作要点：除涉密和党内文件外一律备案",
)
declare(
    "filing.webhook",
    "备案和统计数推送到（推送地址的序号，0为不推送）",
    0,
    group="系统对接",
    parse=whole(0, 1_000_000),
    source="本系统约定",
    help="上级平台也可以凭令牌自己来取。",
)
declare(
    "filing.prefix",
    "备案号前缀",
    "SY",
    group="系统对接",
    source="上海公文备案号：前缀、9位组织机构代码、网络标识、年份、5位流水号",
)
