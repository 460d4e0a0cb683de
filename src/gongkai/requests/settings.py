"""Settings of the jurisdiction for disclosure on request. Limits of the law stand in `law`; here is what a place decides."""

from __future__ import annotations

import datetime as dt

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


def rows_of_the_table(text: str) -> str:
    """A reader for codes of results, divided by commas."""
    from gongkai.law.requests.decisions import LEAVES

    codes = [part.strip() for part in str(text).replace("，", ",").replace("、", ",").split(",") if part.strip()]
    wrong = [code for code in codes if code not in LEAVES]
    if wrong:
        raise ValueError(f"没有这种答复类型：{'、'.join(wrong)}。")
    return ",".join(codes)


def letters(low: int, high: int):
    """A reader for a few capital letters and figures."""

    def parse(text: str) -> str:
        word = str(text).strip().upper()
        if not (low <= len(word) <= high and word.isascii() and word.isalnum()):
            raise ValueError(f"请填写{low}到{high}个字母或数字。")
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
    source="公开工作要点：收到后2个工作日内录入平台",
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
    source="公开工作要点",
)
declare(
    "requests.letter_prefix",
    "依申请公开文书的机关代字",
    "云",
    group=GROUP,
    source="本系统约定",
    help="文号里“公”字前面的字：填“云”，答复书的文号就是“云公复〔2026〕12号”。",
)
declare(
    "requests.letter_prefixes",
    "各单位自己的机关代字",
    "",
    group=GROUP,
    source="本系统约定",
    help="格式是“单位编码=代字”，用分号隔开。没有写到的单位用上面的代字，文号连着编。",
)
declare(
    "requests.reconsideration_organ",
    "行政复议机关",
    "本级人民政府",
    group=GROUP,
    source="行政复议法第二十四条：县级以上地方人民政府管辖对本级工作部门的复议",
)
declare(
    "requests.reconsideration_organs",
    "各单位自己的行政复议机关",
    "",
    group=GROUP,
    source="行政复议法第二十四条",
    help="格式是“单位编码=机关名称”，用分号隔开。人民政府自己答复的，写上一级人民政府。",
)
declare(
    "requests.reconsideration_online",
    "网上申请行政复议的途径",
    "行政复议机关公布的网上申请渠道",
    group=GROUP,
    source="行政复议法第二十二条",
    help="网上送达的答复书写明这个途径，填写网址或者平台名称。",
)
declare(
    "requests.reconsideration_first",
    "须先申请行政复议的答复类型",
    "P,D1,D2,D3,D4,D5,D6,D7",
    group=GROUP,
    parse=rows_of_the_table,
    source="行政复议法第二十三条，法释〔2025〕8号；D8（行政查询事项）是否在内有疑问，默认不在内",
    help="用逗号隔开。",
)
declare(
    "requests.court",
    "第一审人民法院",
    "有管辖权的人民法院",
    group=GROUP,
    source="行政诉讼法第十四条至第十八条",
)
declare(
    "requests.courts",
    "各单位自己的第一审人民法院",
    "",
    group=GROUP,
    source="本系统约定",
    help="格式是“单位编码=法院名称”，用分号隔开。",
)


def day_or_none(text: str) -> str:
    """A reader for a day, or nothing."""
    word = str(text).strip().replace("年", "-").replace("月", "-").replace("日", "")
    if not word:
        return ""
    try:
        return dt.date.fromisoformat("-".join(part.zfill(2) for part in word.split("-"))).isoformat()
    except ValueError:
        raise ValueError("请填写日期，例如2026-01-01；不启用就留空。") from None


declare(
    "requests.opinion_border",
    "征求意见收回当日是否扣除",
    "through_return",
    group=GROUP,
    parse=one_of("through_return", "before_return"),
    source="条例第三十三条只说所需时间不计算在内；本系统约定发出次日起、收回当日止不计",
    help="through_return：收回当日不计入答复期限；before_return：收回当日计入答复期限。",
)
declare(
    "requests.reasons_workdays", "说明理由的期限（工作日）", 10, group=GROUP, parse=whole(1, 30), source="本系统约定"
)
declare(
    "requests.fee_clock",
    "申请人缴费后，答复期限怎样计算",
    "restart",
    group=GROUP,
    parse=one_of("restart", "continue"),
    source="各地按《政府信息公开信息处理费管理办法》执行的做法，原文待核对",
    help="restart：自缴费之日起重新计算；continue：扣除等待缴费的时间，接着计算。",
)
declare(
    "requests.reasons_clock",
    "等待申请人说明理由时，答复期限是否暂停",
    "run",
    group=GROUP,
    parse=one_of("run", "pause"),
    source="条例第三十五条没有规定，本系统约定照常计算",
    help="run：照常计算；pause：从发出说明理由告知书的次日起暂停，到收到说明或者期满为止。",
)
declare("requests.help_workdays", "协办事项几个工作日内答复", 5, group=GROUP, parse=whole(1, 20), source="本系统约定")
declare("requests.delivery_workdays", "签发后几个工作日内送达", 2, group=GROUP, parse=whole(1, 20), source="本系统约定")
declare(
    "requests.fee_start",
    "信息处理费从哪一天起收",
    "",
    group=GROUP,
    parse=day_or_none,
    source="《政府信息公开信息处理费管理办法》自2021年1月1日起施行，各地自行确定开始收费的日期",
    help="留空就是不收费。填写后，自这一天起收到的申请才可以收费。",
)
declare(
    "requests.fee_document",
    "本地区收费办法的名称和文号",
    "《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）",
    group=GROUP,
    source="国办函〔2020〕109号",
)
declare(
    "requests.fee_account",
    "信息处理费的缴纳方式和账户",
    "",
    group=GROUP,
    source="收费通知书要写明缴纳方式",
    help="写明收款单位、开户行、账号，或者非税收入缴款平台的办理方法。留空时不能发收费通知书。",
)
declare(
    "requests.fee_counts_withdrawn",
    "撤回的申请是否计入当月件数",
    True,
    group=GROUP,
    parse=yes_no,
    source="办法没有规定，本系统约定",
)
declare(
    "requests.number_prefix",
    "登记号的字头",
    "SQ",
    group=GROUP,
    parse=letters(1, 8),
    source="本系统约定",
    help="例如 SQ，登记号为 SQ-2026-0001。修改后只用于新的申请。",
)
declare(
    "requests.transfer_counts_from",
    "转送其他机关后，答复期限从哪天起算",
    "receipt",
    group=GROUP,
    parse=one_of("receipt", "transfer"),
    source="本系统约定：申请人不因转送多等",
    help="receipt：从最初收到申请之日起算；transfer：从转送之日起算。",
)
declare(
    "requests.areas",
    "申请内容所属领域",
    "征地拆迁,土地规划,物业管理,城乡规划,住房保障,就业创业,教育,医疗卫生,社会保障,生态环境,安全生产,食品药品,财政资金,农业农村,交通运输,市场监管,公共资源交易,行政执法,人事机构,其他",
    group=GROUP,
    source="公开工作要点：按领域梳理申请热点",
    help="用逗号隔开。",
)
declare(
    "requests.excessive_in_month",
    "同一申请人一个月内超过几件时提示核查数量频次",
    10,
    group=GROUP,
    parse=whole(1, 1000),
    source="国办函〔2020〕109号：按件计收以十件为界",
)
declare(
    "requests.transfer_workdays",
    "收到申请后几个工作日内可以转送其他机关",
    7,
    group=GROUP,
    parse=whole(1, 20),
    source="本系统约定：与补正告知的期限一致",
    help="超过的，由收到申请的机关答复，告知负责公开的机关。",
)
