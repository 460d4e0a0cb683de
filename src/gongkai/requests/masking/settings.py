"""Settings of the jurisdiction for masking."""

from __future__ import annotations

from gongkai.core.jurisdiction import declare, whole
from gongkai.law.requests.decisions import WITHHOLDING
from gongkai.requests.settings import GROUP, one_of

declare(
    "requests.mask_dots",
    "遮盖后的文件清晰度（每英寸点数）",
    150,
    group=GROUP,
    parse=whole(100, 200),
    source="页面是图片，150 点打印清楚，文件不大",
    help="可填 100 到 200。单页图片过大的，系统逐级降低清晰度。",
)
declare(
    "requests.mask_pages",
    "一份材料最多遮盖多少页",
    200,
    group=GROUP,
    parse=whole(1, 500),
    source="生成和核对逐页进行，页数太多请拆成几份",
)
declare(
    "requests.mask_personal_ground",
    "“个人信息”在答复书里归入哪一种不予公开的情形",
    "D4",
    group=GROUP,
    parse=one_of(*WITHHOLDING),
    source="条例第十五条：涉及个人隐私，公开会对第三方合法权益造成损害",
)
