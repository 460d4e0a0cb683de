"""Settings of the jurisdiction for legal counsel."""

from __future__ import annotations

from gongkai.core.jurisdiction import declare, whole

GROUP = "法律顾问"

declare(
    "counsel.opinion_workdays",
    "法律顾问几个工作日内提出意见",
    5,
    group=GROUP,
    parse=whole(1, 60),
    source="本系统约定（工作要点没有写明日数）",
)
declare(
    "counsel.outcry_workdays",
    "重大舆情事项几个工作日内提出意见",
    1,
    group=GROUP,
    parse=whole(1, 30),
    source="本系统约定（工作要点没有写明日数）",
)
declare(
    "counsel.adoption_workdays",
    "收到法律意见后几个工作日内写明是否采纳",
    5,
    group=GROUP,
    parse=whole(1, 60),
    source="本系统约定",
)
