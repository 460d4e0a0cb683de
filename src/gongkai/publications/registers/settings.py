"""Settings of the jurisdiction that registers read."""

from gongkai.core.jurisdiction import declare, whole, yes_no

GROUP = "公开目录"
CAMPAIGNS = "复查与清理"

declare(
    "registers.news_days",
    "动态、要闻类栏目更新期限（日）",
    14,
    group=GROUP,
    parse=whole(1, 365),
    source="政府网站检查指标（单项否决）",
    help="超过这个期限没有更新，栏目转为责任单位的待办。",
)
declare(
    "registers.notices_months",
    "通知公告、政策文件类栏目更新期限（月）",
    6,
    group=GROUP,
    parse=whole(1, 36),
    source="政府网站检查指标（单项否决）",
)
declare(
    "registers.statistics_months",
    "办事统计类栏目更新期限（月）",
    3,
    group=GROUP,
    parse=whole(1, 36),
    source="政府网站检查指标（评分）",
)
declare(
    "registers.yearly_months",
    "人事、规划、年度数据类栏目更新期限（月）",
    12,
    group=GROUP,
    parse=whole(1, 60),
    source="各地通行做法",
)
declare(
    "registers.notice_days",
    "栏目到期前几天转为待办",
    7,
    group=GROUP,
    parse=whole(0, 90),
    source="本系统约定",
)
declare(
    "registers.blank_workdays",
    "空白栏目补充内容期限（工作日）",
    20,
    group=GROUP,
    parse=whole(1, 120),
    source="本系统约定",
    help="只用于定了更新要求而还没有内容的栏目。",
)
declare(
    "registers.guide_workdays",
    "机构信息变化后修订公开指南的期限（工作日）",
    10,
    group=GROUP,
    parse=whole(1, 60),
    source="本系统约定",
    help="《政府信息公开条例》第十二条要求及时更新，没有定天数。",
)
declare(
    "registers.fee_rule",
    "信息处理费说明",
    "信息处理费按照《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）执行，可以按件计收，也可以按量计收。"
    "合理范围内的申请不收费。",
    group=GROUP,
    source="公开工作要点：收费办法写入指南",
    help="新编指南时自动填入，单位可以修改。",
)
declare(
    "registers.campaign_workdays",
    "属性复查、文件清理单位办理期限（工作日）",
    30,
    group=CAMPAIGNS,
    parse=whole(1, 250),
    source="本系统约定",
    help="发起时可以另定截止日期。",
)
declare(
    "registers.counsel",
    "清理结论须附法律顾问意见",
    True,
    group=CAMPAIGNS,
    parse=yes_no,
    source="公开工作要点：一事一询、一事一议",
)
