"""Settings of the jurisdiction for disclosure on request. Limits of the law stand in `law`; here is what a place decides."""

from __future__ import annotations

from gongkai.core.jurisdiction import declare, whole, yes_no

GROUP = "依申请公开"


def one_of(*choices: str):
    """A reader for one of several words."""

    def parse(text: str) -> str:
        word = str(text).strip()
        if word not in choices:
            raise ValueError(f"请填写其中一个：{'、'.join(choices)}。")
        return word

    return parse


declare(
    "requests.web_confirmation",
    "网上申请怎样确认收到",
    "automatic",
    group=GROUP,
    parse=one_of("automatic", "staff"),
    source="条例第三十一条：以双方确认之日为收到申请之日",
    help="automatic：提交成功并出具回执即为确认；staff：由工作人员与申请人确认，确认之日起算。",
)
declare(
    "requests.entry_workdays",
    "线下申请几个工作日内录入",
    2,
    group=GROUP,
    parse=whole(1, 20),
    source="004-8b：收到后2个工作日内录入平台",
)
declare("requests.supplement_workdays", "补正期限（工作日）", 10, group=GROUP, parse=whole(1, 30), source="本系统约定")
declare(
    "requests.second_supplement",
    "补正后出现新问题，可否经批准再补正一次",
    True,
    group=GROUP,
    parse=yes_no,
    source="条例第三十条为一次性告知；本系统约定须经批准",
)
declare(
    "requests.review_chain",
    "答复审核环节",
    "reviewer,secrecy,leader",
    group=GROUP,
    source="本系统约定",
    help="依次为 reviewer（审核人）、secrecy（保密审查员）、legal（法律顾问）、leader（分管负责人），最后一个是签发人。",
)
declare(
    "requests.legal_when_withholding",
    "不予公开、部分公开时增加法律顾问审核",
    True,
    group=GROUP,
    parse=yes_no,
    source="001-15b",
)
