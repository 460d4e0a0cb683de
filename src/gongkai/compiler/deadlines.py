"""Calendar days, lengths of time and rhythms. Works on folded text.

In running text a day counts only where a word makes it a limit (前, 底, 内); in a column or label of
time limits (`column=True`) every day counts.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

from gongkai.compiler.notice import DeadlineKind, Span, TimeUnit
from gongkai.compiler.numerals import to_int

_N = r"(?:\d{1,4}|[一二两三四五六七八九十]{1,3})"
_Y = r"(?:(?P<year>(?:19|20)\d{2})\s{0,2}年|(?P<relative>今年|本年度?|当年|明年|次年|翌年|下一?年度?|每年))?\s{0,2}(?:的|度)?\s{0,2}"
_LEAD_IN = r"(?:(?:力争|争取|确保|原则上|最迟|最晚|务必|必须|应当?|要|须|拟|计划)?(?:在|于|至迟|到|截至|截止到?)?)"
_LIMIT = r"(?:之前|以前|前|之内|内|以内|止|为止|截止)"
_WITHIN = r"(?:之内|以内|内)"
_TIME_UNIT = r"(?P<unit>个工作日|工作日|个小时|小时|个自然日|自然日|个月|日|天|个?周|个?星期|个?季度|年|月)"
_NOT_LIMIT = re.compile(r"\s{0,2}(?:起|开始|以来|以后|之后|后|至今|以降)")
_AT_MOST_OFTEN = re.compile(r"[^,。;:]{0,8}?不得?(?:超过|多于)")  # a ceiling within the year is no day
_CUT_OFF = re.compile(
    r"[^,。;]{0,10}?(?:印发|制定|出台|制发|颁布|发布|形成|生成|产生|成立|获取|制作|设立|生效)的?(?:现行有效)?的?"
    r"(?:行政)?(?:规范性|政策性)?(?:文件|政策|信息|公文|规章|制度|法规|决定|政府信息)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One time limit; offsets into the folded text."""

    start: int
    end: int
    kind: DeadlineKind
    date: str | None = None
    amount: int | None = None
    unit: TimeUnit | None = None
    trigger: Span | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What dates without a year refer to: the year of the notice and the day of its issue (ISO)."""

    year: int | None = None
    issued_on: str | None = None


_UNITS: dict[str, TimeUnit] = {
    "个工作日": "workday", "工作日": "workday", "个小时": "hour", "小时": "hour", "个自然日": "day", "自然日": "day",
    "个月": "month", "月": "month", "日": "day", "天": "day", "周": "week", "个周": "week", "星期": "week", "个星期": "week",
    "季度": "quarter", "个季度": "quarter", "年": "year",
}  # fmt: skip


def _day(year: int | None, month: int, day: int | None = None) -> str | None:
    if year is None or not 1949 <= year <= 2200 or not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return f"{year:04d}-{month:02d}-{min(max(day or last, 1), last):02d}"


def _year(found: re.Match[str], when: Calendar) -> int | None:
    groups = found.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    relative = groups.get("relative") or ""
    if when.year is not None and relative.startswith(("明", "次", "翌", "下")):
        return when.year + 1
    return when.year


def _dated(found: re.Match[str], date: str | None, when: Calendar) -> Found | None:
    """A day; with 每年 in front it is a yearly rhythm. Where no year is known the day stays open."""
    if (found.groupdict().get("relative") or "") == "每年":
        return Found(*found.span(), "recurring", amount=1, unit="year")
    if date is None and when.year is not None:
        return None
    return Found(*found.span(), "date", date=date)


_PART = {"上旬": 10, "中旬": 20, "初": 10}
_MONTH_DAY = re.compile(
    rf"{_LEAD_IN}{_Y}(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s{{0,2}}月(?!度|份?至|均|刊)(?:份)?\s{{0,2}}"
    rf"(?:(?P<day>\d{{1,2}}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])\s{{0,2}}(?:日|号|(?=前|之前|以前)))?"
    rf"\s{{0,2}}(?P<part>上旬|中旬|下旬|底|末|初)?\s{{0,2}}(?P<limit>{_LIMIT}|完成|上线|到位)?"
)


def _month_day(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    month = to_int(found.group("month"))
    day = to_int(found.group("day")) if found.group("day") else None
    part = found.group("part")
    limited = (
        bool(found.group("limit"))
        or part in ("底", "末")
        or found.group(0).startswith(("最迟", "最晚", "截止", "至迟"))
    )
    if month is None or not (limited or column) or (found.group("day") and day is None):
        return None
    if part and day is None:
        day = _PART.get(part)
    return _dated(found, _day(_year(found, when), month, day), when)


_NUMERIC = re.compile(
    r"(?P<year>20\d{2})\s{0,2}[-./]\s{0,2}(?P<month>1[0-2]|0?[1-9])(?:\s{0,2}[-./]\s{0,2}(?P<day>3[01]|[12]\d|0?[1-9]))?(?![\d.])\s{0,2}(?P<limit>之前|以前|前)?"
)


def _numeric(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not (column or found.group("limit")):
        return None
    day = to_int(found.group("day")) if found.group("day") else None
    return _dated(found, _day(int(found.group("year")), int(found.group("month")), day), when)


_SHORT = re.compile(
    r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[./](?P<day>3[01]|[12]\d|0?[1-9])(?![\d.%])\s{0,2}(?P<limit>之前|以前|前)?"
)


def _short(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not column:
        return None
    return _dated(found, _day(when.year, int(found.group("month")), int(found.group("day"))), when)


_YEAR_END = re.compile(
    rf"{_LEAD_IN}(?:(?P<year>(?:19|20)\d{{2}})\s{{0,2}}年\s{{0,2}}(?:年)?|(?P<relative>今年|本年|当年|明年|次年|每年)?年?)"
    rf"(?P<end>底|末|终|内|度内|前|以前|之前)(?P<limit>{_LIMIT}|完成)?"
)


def _year_end(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    text = found.group(0)
    if not found.group("year") and "年" not in text:
        return None
    ending = found.group("end")
    if ending in ("底", "末", "终") and not (found.group("limit") or column or found.group("year")):
        return None
    if not found.group("year") and ending in ("前", "以前", "之前"):
        return None
    if re.search(
        r"[一二两三四五六七八九十半\d几多往历近同去]$", found.string[max(0, found.start() - 1) : found.start()]
    ):
        return None
    year = _year(found, when)
    if ending in ("前", "以前", "之前") and year is not None and not column:
        return _dated(found, _day(year, 12), when)
    return _dated(found, _day(year, 12), when)


_BY_YEAR = re.compile(
    r"(?:到|至)\s{0,2}(?P<year>20\d{2})\s{0,2}年(?=[,，、全实基建力])|(?:确保|力争)\s{0,2}(?P<year2>20\d{2})\s{0,2}年(?=实现|完成|基本|全面|达到|建成)"
)


def _by_year(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    return _dated(found, _day(int(found.group("year") or found.group("year2")), 12), when)


_QUARTER = re.compile(
    rf"{_LEAD_IN}{_Y}第?(?P<quarter>[一二三四1-4])\s{{0,2}}季度?(?P<end>末|底|结束|中)?(?P<limit>{_LIMIT}|完成)?"
)


def _quarter(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not (column or found.group("end") or found.group("limit")) or found.group(0).endswith("季"):
        return None
    return _dated(found, _day(_year(found, when), 3 * (to_int(found.group("quarter")) or 0)), when)


_HALF = re.compile(
    rf"{_LEAD_IN}{_Y}(?<!上)(?P<half>上|下)半年(?:度)?(?P<end>末|底)?(?P<limit>{_LIMIT}|完成|(?=要|应|组织|开展|集中|至少|举办|启动|建成|出台|制定|实现|完善|对|各|试点|公布|公开|召开|办结|再|须|拟|各))?"
)


def _half(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not column and found.group("end") is None and found.group("limit") is None:
        return None
    return _dated(found, _day(_year(found, when), 6 if found.group("half") == "上" else 12), when)


_PERIOD = re.compile(
    r"(?:^|(?<=[,。;:(、\n])|(?<=[在于拟]))(?P<year>(?:20\d{2})年|今年)?(?:(?P<month>1[0-2]|[1-9])月份?(?:[上中下]旬)?|第?(?P<quarter>[一二三四1-4])季度|(?P<end>年底|年末))"
    r"(?=(?:要|应|须|拟|再|集中|统一|全面|组织|开展|开始|开一|开|公布|公开|召开|举办|完成|启动|进行|发布|建成|对|实现|验收|通报|报送|上报|开通|上线|印发|出台|评|考核|总结|检查|抽查|办)(?!情况|报告))"
)


def _period(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if column:
        return None
    year = int(found.group("year")[:4]) if (found.group("year") or "").startswith("20") else when.year
    if found.group("month"):
        return _dated(found, _day(year, int(found.group("month"))), when)
    if found.group("quarter"):
        return _dated(found, _day(year, 3 * (to_int(found.group("quarter")) or 0)), when)
    return _dated(found, _day(year, 12), when)


_PLAN = re.compile(r"“?(?P<plan>十[二三四五]五)”?(?:规划)?(?:期末|末|末期|时期末)")


def _plan(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    years = {"十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
    year = years.get(found.group("plan"))
    return _dated(found, _day(year, 12), when) if year else None


_WHOLE_YEAR = re.compile(
    r"全年(?=[^,。;:\n]{0,12}?(?:至少|不少于|不得少于|不低于)[^,。;:\n]{0,8}?(?:\d{1,3}|[一二两三四五六七八九十]{1,2})\s?[次场期])"
)


def _whole_year(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    return _dated(found, _day(when.year, 12), when)


_THIS_MONTH = re.compile(
    r"(?P<month>本月|当月|下月)底?(?:之前|以前|前)|(?<![月每\d一二三四五六七八九十])月底(?:之前|以前|前)"
)


def _this_month(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not when.issued_on:
        return Found(*found.span(), "date")
    year, month = int(when.issued_on[:4]), int(when.issued_on[5:7])
    if found.group("month") == "下月":
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return _dated(found, _day(year, month), when)


_ONLY_YEAR = re.compile(
    r"(?P<year>20\d{2})\s{0,2}年?度?(?:全年)?\s{0,2}$|(?P<whole>当年|本年度?|今年|年度|年底|年末|年前)\s{0,2}$"
)


def _only_year(found: re.Match[str], when: Calendar, column: bool) -> Found | None:
    if not column:
        return None
    return _dated(found, _day(int(found.group("year")) if found.group("year") else when.year, 12), when)


_EVENT = re.compile(
    r"(?P<event>[^,。;:()]{2,40}?)(?P<mark>之日起|之日|当日起|之后|以后|后|起|时|,)?的?,?(?:最迟|最晚)?(?:要|应当?|须|必须)?(?:在|于)?$"
)
_EVENT_LEAD = re.compile(r"(?:并|且|均|应当?|要|须|必须){0,2}(?:在|于|自|从|对|待)?")
_DURATION = re.compile(
    rf"(?P<lead>(?:最迟|最晚|一般|原则上|应当?|应该|必须|须|需|要|可)?(?:在|于|自|从)?)"
    rf"(?P<amount>(?:\d{{1,3}}\s{{0,2}}(?:至|到|-|~|—)\s{{0,2}})?{_N}|半)\s{{0,2}}{_TIME_UNIT}\s{{0,2}}(?:的?时间)?(?:{_WITHIN})"
)
_AT_MOST = re.compile(
    rf"(?P<lead>[^,。;:!?、\n]{{0,10}}?)(?:不得?超过|不能超过|不应超过|不超过|不得?多于|不得晚于|不晚于|不迟于|不得迟于|控制在|压缩至|缩短至|缩减至|压减至|缩短到|压缩到)\s{{0,2}}"
    rf"(?P<amount>{_N})\s{{0,2}}{_TIME_UNIT}"
)
_BEFORE = re.compile(
    rf"(?:提前(?:至少|不少于)?|至少提前)\s{{0,2}}(?P<amount>{_N})\s{{0,2}}{_TIME_UNIT}"
    rf"|(?<![\d月年])(?P<amount2>{_N})\s{{0,2}}(?P<unit2>个工作日|工作日|小时|天|日|个月)(?:之前|以前|前)(?!后)"
    rf"|(?P<event>[^,。;:!?、()《》\n\d]{{2,16}}?)前\s{{0,2}}(?P<amount3>{_N})\s{{0,2}}(?P<unit3>个工作日|工作日|小时|天|日|个月)(?!内)"
)
_SPREAD = re.compile(
    rf"(?P<lead>(?:20\d{{2}}年(?:度)?起)?,?)(?:分|用|利用|力争用|争取用|通过)\s{{0,2}}(?P<amount>{_N})\s{{0,2}}(?P<unit>个月|年)(?:左右)?(?:的?时间|(?=,|对|完成|实现|时))"
)


def _amount(text: str) -> int | None:
    parts = re.split(r"至|到|-|~|—", re.sub(r"\s", "", text))
    return to_int(parts[-1])


def _trigger(folded: str, start: int, hit: int, *, before: bool = False) -> Span | None:
    """The event from which a length of time runs: 作出答复 in 作出答复后的30日内."""
    window = max(start, hit - 60)
    text = folded[window:hit]
    cut = max((text.rfind(mark) for mark in "。;!?\n"), default=-1)
    text, window = text[cut + 1 :], window + cut + 1
    found = _EVENT.search(text)
    if not found:
        return None
    words = found.group("event")
    skip = _EVENT_LEAD.match(words)
    first = window + found.start("event") + (skip.end() if skip else 0)
    inner = words.rfind("在", 1)
    if inner > 0 and len(words) - inner > 2 and (found.group("mark") or "") != ",":
        first = window + found.start("event") + inner + 1
    last = window + found.end("event")
    if last - first < 2 or re.search(r"\d\s{0,2}(?:个|小时|日|天)", words):
        return None
    marked = found.group("mark") or ""
    known = marked not in ("", ",") or before or words.endswith(("印发", "受理", "下发"))
    return (first, last) if known or re.match("对|待|收到|发生|遇|接到|涉及", words) else None


def _from_trigger(folded: str, start: int, hit: int, trigger: Span | None) -> int:
    """Where the words of the deadline begin: at the event if it stands directly before."""
    if not trigger or hit - trigger[1] > 8 or "," in folded[trigger[1] : hit]:
        return hit
    return trigger[0] - 1 if trigger[0] > start and folded[trigger[0] - 1] in "在自于从" else trigger[0]


def _duration(found: re.Match[str], start: int) -> Found | None:
    text = found.group("amount")
    unit = _UNITS[found.group("unit")]
    if unit == "month" and found.group("unit") == "月":
        return None
    amount = _amount(text)
    if text == "半":
        amount, unit = (6, "month") if unit == "year" else (15, "day") if unit == "month" else (None, unit)
    if amount is None or (unit == "year" and amount > 30):
        return None
    preceding = found.string[max(start, found.start() - 1) : found.start()]
    if preceding in ("第", "近", "前", "×", "*") or preceding.isdigit():
        return None
    trigger = _trigger(found.string, start, found.start("amount"))
    first = _from_trigger(found.string, start, found.start(), trigger)
    return Found(first, found.end(), "duration", amount=amount, unit=unit, trigger=trigger)


def _at_most(found: re.Match[str], start: int) -> Found | None:
    unit = _UNITS[found.group("unit")]
    amount = _amount(found.group("amount"))
    if amount is None or (found.group("unit") in ("月", "年") and amount > 12) or "更新间隔" in found.group("lead"):
        return None
    return Found(
        found.start(),
        found.end(),
        "duration",
        amount=amount,
        unit=unit,
        trigger=_trigger(found.string, start, found.start()),
    )


def _before(found: re.Match[str], start: int) -> Found | None:
    amount = _amount(found.group("amount") or found.group("amount2") or found.group("amount3"))
    unit = _UNITS[found.group("unit") or found.group("unit2") or found.group("unit3")]
    if amount is None:
        return None
    event = found.span("event") if found.group("event") else None
    if event is None and not found.group("amount"):
        event = _trigger(found.string, start, found.start(), before=True)
    first = found.start("event") if found.group("event") else found.start()
    return Found(first, found.end(), "duration", amount=amount, unit=unit, trigger=event)


def _spread(found: re.Match[str], start: int) -> Found | None:
    amount = _amount(found.group("amount"))
    if amount is None or amount > 30:
        return None
    lead = found.span("lead") if found.group("lead").strip(",") else None
    return Found(*found.span(), "duration", amount=amount, unit=_UNITS[found.group("unit")], trigger=lead)


_DAY_NUMBER = r"(?:\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
# Where in the period: 末月, 第一个月; the day there; how it ends.
_PLACE = r"(?:初|末月?|底|最后(?:一个)?月|首月|中间月|第[一二三]个?月|(?:上|中|下)旬)"
_PLACE_DAY = (
    rf"(?:\d{{1,2}}月(?:{_DAY_NUMBER})?|{_DAY_NUMBER}(?:[、和及]{_DAY_NUMBER}){{0,3}}|(?:上|中|下)旬|最后一?个?(?:工作日|天|日|周)"
    r"|前\d{1,2}个工作日内|(?<=[周期])[一二三四五六日天](?![次期篇条场小天个名均报通调公更考评检督测抽])(?:上午|下午)?(?:下班)?)"
)
_BEFORE_DAY = r"(?:之前|以前|前)"
_RHYTHM = re.compile(
    rf"每(?:个|逢)?(?:隔)?(?P<number>{_N})?(?:个)?(?P<unit>半年|年度?|季度?|月度?|周|星期|日|天|个?工作日|学期|学年|小时|双月|旬)(?!报(?!送|告|备|表|一)|刊|均|人|次|新闻|经济)"
    rf"(?:(?:{_PLACE}(?:的?{_PLACE_DAY})?|的?{_PLACE_DAY}){_BEFORE_DAY}?)?(?:定期)?"
    rf"(?:[^,。;:、\n]{{0,12}}?(?:次|下)个?(?:月|季度?首月)的?{_DAY_NUMBER}{_BEFORE_DAY}?)?"
)
_BY_RHYTHM = re.compile(
    r"(?<![一-龥]{0}不)(?:按|逐|分)(?P<unit>半年|年度?|季度?|月度?|周|日|旬|天)(?=[^期程照排志历常前后内度代龄级份边]|度(?!假))"
)
_ONCE_PER = re.compile(
    r"(?P<number>一|两|1|2|3|三)?(?:个)?(?P<unit>半年|季度|季|年|月|周|日|天|学期)(?:一|1)(?:次|报|通报|调度|公开|更新|考核|评估|检查|督查|公示|测评|抽查)"
)
_REGULAR = re.compile(r"(?<!不)定期(?:或?(?:、)?不定期)?(?P<verb>[\u4e00-\u9fff]{0,4}?)(?=[\u4e00-\u9fff,。;、)]|$)")
_ONGOING = re.compile(
    r"(?:^|(?<=[,;。(、:\s并需]))(?:并|需|要|应|全年)?(?:长期|持续|常年|全年|常态化?|一直)(?:坚持|推进|开展|实施|进行|落实|有效|执行|抓好|保持|性工作|工作)(?=\s{0,2}(?:[,;。)、]|$))"
)
_ONGOING_COLUMN = re.compile(r"长期|持续|常年|全年|常态|经常|贯穿|日常|长效|实时推进|每日|不间断|随时")
_RHYTHM_UNITS: dict[str, tuple[int, TimeUnit]] = {
    "年": (1, "year"), "半年": (6, "month"), "季": (1, "quarter"), "月": (1, "month"), "周": (1, "week"), "星期": (1, "week"),
    "日": (1, "day"), "天": (1, "day"), "工作日": (1, "workday"), "个工作日": (1, "workday"), "学期": (6, "month"), "学年": (1, "year"), "小时": (1, "hour"),
    "双月": (2, "month"), "旬": (10, "day"),
}  # fmt: skip


def _rhythm(found: re.Match[str], start: int) -> Found | None:
    groups = found.groupdict()
    name = groups["unit"]
    amount, unit = _RHYTHM_UNITS.get(name) or _RHYTHM_UNITS[name.rstrip("度")]
    number = to_int(groups["number"]) if groups.get("number") else 1
    if number is None:
        return None
    return Found(*found.span(), "recurring", amount=amount * number, unit=unit)


def _regular(found: re.Match[str], start: int) -> Found | None:
    return Found(*found.span(), "recurring")


_ANNUAL = re.compile(
    r"年度(?=[^,。;:\n]{0,16}?(?:至少|不少于|不得少于)[^,。;:\n]{0,8}?(?:\d{1,3}|[一二两三四五六七八九十])\s?[次场期])"
)


def _annual(found: re.Match[str], start: int) -> Found | None:
    before = found.string[max(0, found.start() - 2) : found.start()]
    if before.endswith(("本", "当", "上", "内", "下", "每")) or before[-1:].isdigit():
        return None
    return Found(*found.span(), "recurring", amount=1, unit="year")


_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Calendar, bool], Found | None]], ...] = (
    (_MONTH_DAY, _month_day), (_NUMERIC, _numeric), (_SHORT, _short), (_QUARTER, _quarter), (_HALF, _half), (_YEAR_END, _year_end),
    (_PERIOD, _period), (_PLAN, _plan), (_BY_YEAR, _by_year), (_THIS_MONTH, _this_month), (_ONLY_YEAR, _only_year),
    (_WHOLE_YEAR, _whole_year),
)  # fmt: skip
_LENGTHS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Found | None]], ...] = (
    (_DURATION, _duration), (_AT_MOST, _at_most), (_SPREAD, _spread), (_BEFORE, _before),
)  # fmt: skip
_RHYTHMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Found | None]], ...] = (
    (_RHYTHM, _rhythm), (_BY_RHYTHM, _rhythm), (_ONCE_PER, _rhythm), (_ANNUAL, _annual), (_REGULAR, _regular), (_ONGOING, _regular),
)  # fmt: skip
_COUNT = re.compile(
    r"[^。;:!?\n]{0,40}?(?:至少|不少于|不得少于|不低于|不得低于|最少|应|要|须|各|需)?[^。;:!?,、\n\d]{0,14}?(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,2})\s{0,2}(?:余)?[次场期篇条](?!性|元|第)"
)


def _overlaps(one: Found, others: list[Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others[-40:])


# A pattern can only match where one of these words stands: a cheap test before a dear search.
_GATES: dict[re.Pattern[str], tuple[str, ...]] = {
    _MONTH_DAY: ("月",), _NUMERIC: ("20",), _QUARTER: ("季",), _HALF: ("半年",), _YEAR_END: ("年",), _PERIOD: ("月", "季度", "年底", "年末"),
    _PLAN: ("五",), _BY_YEAR: ("年",), _THIS_MONTH: ("月",), _WHOLE_YEAR: ("全年",), _ONLY_YEAR: ("20", "年"), _DURATION: ("内",),
    _AT_MOST: ("过", "多于", "晚于", "迟于", "控制在", "至", "到"), _SPREAD: ("年", "月"), _BEFORE: ("前",), _RHYTHM: ("每",),
    _BY_RHYTHM: ("按", "逐", "分"), _ONCE_PER: ("一次", "1次", "一报", "一通报", "一调度", "一公", "一更", "一考", "一评", "一检", "一督", "一测", "一抽"),
    _ANNUAL: ("年度",), _REGULAR: ("定期",), _ONGOING: ("持", "长期", "常", "全年", "一直"),
}  # fmt: skip


def _present(folded: str, start: int, end: int) -> Callable[[re.Pattern[str]], bool]:
    def present(pattern: re.Pattern[str]) -> bool:
        words = _GATES.get(pattern)
        return words is None or any(folded.find(word, start, end) >= 0 for word in words)

    return present


def deadlines_in(folded: str, start: int, end: int, when: Calendar, *, column: bool = False) -> list[Found]:
    """All time limits between two offsets in reading order; titles in 《》 are left out.

    `column` says that the text stands in a column or behind a label of time limits.
    """
    hidden = (
        [found.span() for found in _QUOTED.finditer(folded, start, end)] if folded.find("《", start, end) >= 0 else []
    )
    has = _present(folded, start, end)
    rhythms = _search(_RHYTHMS, has, hidden, folded, start, end)
    rhythms.sort(key=lambda item: item.start)
    lengths = _search(_LENGTHS, has, hidden, folded, start, end)
    days: list[Found] = []
    for pattern, day in _DAYS:
        for found in pattern.finditer(folded, start, end) if has(pattern) else ():
            limit = day(found, when, column)
            if limit and not _mere_date(folded, limit, end, column):
                _keep(limit, days, hidden)
    merged = _merge(rhythms, lengths, days)
    if column:
        merged = _column(folded, start, end, merged)
    if not merged:
        return []
    following = [*(one.start for one in merged[1:]), end]
    return [_counted(folded, one, end, stop) for one, stop in zip(merged, following, strict=True)]


_QUOTED = re.compile(r"《[^》\n]{0,200}》")


def _search(
    patterns: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Found | None]], ...],
    has: Callable[[re.Pattern[str]], bool],
    hidden: list[Span],
    folded: str,
    start: int,
    end: int,
) -> list[Found]:
    result: list[Found] = []
    for pattern, make in patterns:
        for found in pattern.finditer(folded, start, end) if has(pattern) else ():
            _keep(make(found, start), result, hidden)
    return result


def _keep(one: Found | None, found: list[Found], hidden: list[Span]) -> None:
    if one is None or _overlaps(one, found):
        return
    place = bisect_right(hidden, (one.start, 1 << 62)) - 1
    if place < 0 or one.start >= hidden[place][1]:
        found.append(one)


def _merge(rhythms: list[Found], lengths: list[Found], days: list[Found]) -> list[Found]:
    """One list without overlaps; a day wins over a length, both win over a rhythm unless it is longer."""
    ranked = sorted(
        [*((0, one) for one in days), *((1, one) for one in lengths), *((2, one) for one in rhythms)],
        key=lambda pair: (pair[1].start, pair[0]),
    )
    result: list[tuple[int, Found]] = []
    for rank, one in ranked:
        if result and one.start < result[-1][1].end:
            last_rank, last = result[-1]
            if (last.kind == "recurring" and last.amount is not None) or (last_rank, last.start - last.end) <= (
                rank,
                one.start - one.end,
            ):
                continue
            result[-1] = (rank, one)
            continue
        result.append((rank, one))
    kept: list[Found] = []
    for _, one in result:
        regular = one.kind == "recurring" and one.amount is None
        if regular and kept and kept[-1].kind == "recurring" and one.start - kept[-1].end <= 2:
            continue
        kept.append(one)
    return kept


def _mere_date(folded: str, one: Found, end: int, column: bool) -> bool:
    """Whether the day only starts something, cuts off old documents or bounds a count."""
    if _NOT_LIMIT.match(folded, one.end, end):
        return True
    if folded[one.end - 1] == "内" and _AT_MOST_OFTEN.match(folded, one.end, end):
        return True
    return not column and bool(_CUT_OFF.match(folded, one.end, min(end, one.end + 24)))


def _column(folded: str, start: int, end: int, found: list[Found]) -> list[Found]:
    """In a column of time limits 长期 and the like are rhythms, and a range ends at its last day."""
    if not found and _ONGOING_COLUMN.search(folded, start, end):
        return [Found(start, start + len(folded[start:end].rstrip("。;, ")), "recurring")]
    days = [one for one in found if one.kind == "date"]
    if len(days) == 2 and re.fullmatch(r"\s{0,2}(?:至|到|-|—{1,2}|~|－)\s{0,2}", folded[days[0].end : days[1].start]):
        return [replace(days[1], start=days[0].start), *(one for one in found if one.kind != "date")]
    return found


def _counted(folded: str, one: Found, end: int, following: int) -> Found:
    """The deadline with how many times the thing is due within it."""
    if one.kind == "duration" or not (
        (one.kind == "recurring" and one.amount) or folded[one.start : one.end].endswith(("内", "全年"))
    ):
        return one
    found = _COUNT.match(folded, one.end, min(end, following, one.end + 80))
    if not found:
        return one
    count = to_int(found.group("count"))
    near = found.end("count") + 1 - one.end <= 24 and not re.search(r"[,、]", folded[one.end : found.end()])
    return replace(one, count=count, end=min(found.end(), end) if near else one.end)
