"""Floors and ceilings that a requirement sets. Works on folded text, inside one clause at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gongkai.compiler.notice import Span
from gongkai.compiler.numerals import to_number

_VALUE = r"(?P<value>\d{1,7}(?:\.\d{1,3})?|[一二两三四五六七八九十百]{1,4})"
_PERCENT = r"(?:(?P<percent>\d{1,3}(?:\.\d{1,3})?)\s{0,2}%|百分之(?P<chinese>百|[一二三四五六七八九十百零]{1,5}))"
_MEASURE = (
    r"(?P<unit>个工作日|工作日|个小时|小时|个月|分钟|个百分点|百分点|人次|场次|余?次|场|篇|期|条|件|项|名|人|家|部|份|组|批|幅|张|处|台|册|"
    r"部|集|轮|则|课时|学时|字|款|种|类|步|站|户|例|万元|元|亿元|亿|倍|分|日|天|周|年|起(?![来草诉])|本|套|块|间|平方米|公里|度|季|遍|回|个(?!月|工作|小时|百分))"
)
_TIMES = frozenset({"个工作日", "工作日", "个小时", "小时", "个月", "分钟", "日", "天", "周", "年"})
_FLOOR = r"(?:不得?低于|不能低于|不应低于|不少于|不得少于|不能少于|不应少于|不小于|不得小于|不得低于|不低于|最少|最低)"
_CEILING = r"(?:不超过|不得超过|不能超过|不应超过|不高于|不得高于|不多于|不得多于|不大于|不得大于|最多|至多|最高)"
_GAP = r"[^,。;!?、:\n\d]{0,14}?"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (">=", re.compile(rf"{_FLOOR}(?:[^,。;:\n\d]{{2,12}}的)?\s{{0,2}}{_PERCENT}")),
    ("<=", re.compile(rf"(?:{_CEILING}|控制在|控制到|降至|降低到|压减到|压缩至)\s{{0,2}}{_PERCENT}(?:以内|以下|之内)?")),
    ("<=", re.compile(rf"{_PERCENT}\s{{0,2}}(?:以内|以下|之内)")),
    (">=", re.compile(rf"(?:达到?了?|实现|提高到|提高至|提升到|提升至|保持在?|保证|确保|稳定在|维持在|不断达到|力争|为|至|超过|高于|到)\s{{0,2}}{_PERCENT}(?:以上)?")),
    (">=", re.compile(rf"{_PERCENT}\s{{0,2}}(?:以上|及以上|覆盖|公开|办结|按时|办理|回复|答复|解读|反馈|公示|落实|完成|达标|整改|发布|合格|受理|转化|备案|响应)")),
    (">=", re.compile(rf"(?:率|比例|比重|占比|分值)(?:为|是|:)?\s{{0,2}}{_PERCENT}")),
    (">=", re.compile(rf"(?:{_FLOOR}|至少|起码)(?:要|应|须|于)?\s{{0,2}}{_VALUE}\s{{0,2}}{_MEASURE}")),
    (">=", re.compile(rf"(?:至少|起码|最少){_GAP}{_VALUE}\s{{0,2}}{_MEASURE}")),
    ("<=", re.compile(rf"{_CEILING}(?:于)?\s{{0,2}}{_VALUE}\s{{0,2}}{_MEASURE}")),
    (">=", re.compile(rf"{_VALUE}\s{{0,2}}{_MEASURE}(?:及)?以上(?!的?(?:干部|领导|人民政府|政府|职务|单位|部门|学历|行政))")),
    ("<=", re.compile(rf"(?<![于在]){_VALUE}\s{{0,2}}(?P<unit>次|场|篇|期|条|件|项|名|家|份|人|字)(?:以内|以下)(?!的)")),
)  # fmt: skip
_ONLY_FLOOR_TIMES = re.compile(rf"{_FLOOR}|至少|起码")
_METRICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("diversified_interpretation_share", re.compile(r"多元化?解读|图解|解读形式|图表图解")),
    ("policy_interpretation_rate", re.compile(r"解读率|解读比例|解读")),
    ("leader_report_hearings", re.compile(r"听取|汇报")),
    ("open_day_events", re.compile(r"开放日|开放周|开放活动|开放月")),
    ("annual_staff_trainings", re.compile(r"培训")),
    ("meeting_representatives", re.compile(r"列席")),
    ("on_time_reply_rate", re.compile(r"按时(?:办结|答复|回复)|办结率|答复率|回复率|及时率|按期")),
    ("satisfaction_rate", re.compile(r"满意")),
    ("disclosure_rate", re.compile(r"公开率|公示率|主动公开|公开比例")),
    ("news_conferences", re.compile(r"发布会|吹风会|通气会")),
    ("online_interviews", re.compile(r"访谈")),
    ("assessment_weight", re.compile(r"分值|权重|考核")),
    ("consultation_period", re.compile(r"征求意见|公示")),
    ("meetings", re.compile(r"会议|研究|专题")),
    ("inspections", re.compile(r"抽查|检查|督查|普查")),
)


@dataclass(frozen=True, slots=True)
class TargetFound:
    """One floor or ceiling with its span and the span of the clause that it binds."""

    start: int
    end: int
    clause: Span
    op: Literal[">=", "<="]
    value: float | int
    unit: str
    metric: str | None
    measure: Span | None  # where the unit stands, if it is given as it is written


def _clause(folded: str, start: int, end: int, hit: Span, before: int) -> Span:
    """The clause around a hit, at most 60 characters before it; a list (图解、短视频) is not torn apart.

    `before` is where the hit before it ends: of two measures in one list each keeps its own part.
    """
    position, stop = hit
    first = max(start, position - 60)
    cut = max(folded.rfind(mark, first, position) for mark in ",。;!?:\n")
    if before > max(first, cut):
        cut = max(cut, folded.find("、", before, position))
    last = stop
    while last < min(end, stop + 30) and folded[last] not in ",。;!?、:\n":
        last += 1
    return (cut + 1 if cut >= 0 else first, last)


def _metric(folded: str, clause: Span, start: int) -> str | None:
    near = folded[clause[0] : clause[1]]
    wide = folded[max(start, clause[0] - 40) : clause[0]]
    for text in (near, wide):
        for slug, pattern in _METRICS:
            if pattern.search(text):
                return slug
    return None


def _value(found: re.Match[str]) -> tuple[float | int, str] | None:
    groups = found.groupdict()
    if groups.get("percent"):
        value = to_number(groups["percent"])
        return None if value is None else (value, "%")
    if groups.get("chinese"):
        value = 100 if groups["chinese"] == "百" else to_number(groups["chinese"])
        return None if value is None else (value, "%")
    value = to_number(groups["value"])
    unit = groups["unit"].removeprefix("余")
    return None if value is None else (value, "times" if unit == "次" else unit)


def targets_in(folded: str, start: int, end: int) -> list[TargetFound]:
    """All floors and ceilings between two offsets, in reading order, without overlaps.

    A ceiling of time (不得超过5个工作日) is a deadline, no target.
    """
    hits: list[tuple[int, int, Literal[">=", "<="], tuple[float | int, str], Span | None]] = []
    for op, pattern in _PATTERNS:
        for found in pattern.finditer(folded, start, end):
            if any(found.start() < last and first < found.end() for first, last, *_ in hits[-64:]):
                continue
            measured = _value(found)
            if measured is None or not _binds(folded, op, found, measured[1]):
                continue
            written = found.span("unit") if measured[1] == found.groupdict().get("unit") else None
            hits.append((*found.span(), ">=" if op == ">=" else "<=", measured, written))
    result: list[TargetFound] = []
    before = start
    for first, last, relation, measured, written in sorted(hits, key=lambda hit: hit[:2]):
        clause = _clause(folded, start, end, (first, last), before)
        metric = _metric(folded, clause, start)
        result.append(TargetFound(first, last, clause, relation, *measured, metric, written))
        before = last
    return result


def _binds(folded: str, op: str, found: re.Match[str], unit: str) -> bool:
    """Whether the hit is a floor or ceiling of the duty, not a length of time or a share in a description."""
    if unit in _TIMES and (op == "<=" or not _ONLY_FLOOR_TIMES.match(found.group(0))):
        return False
    before = folded[max(0, found.start() - 3) : found.start()]
    if before.endswith(("提前", "应提前")) and unit in _TIMES:
        return False
    if re.match("为|至(?!少)|到|力争|超过|高于", found.group(0)):
        window = folded[max(0, found.start() - 24) : found.start()]
        return bool(re.search(r"率|比例|比重|占比|覆盖面|满意度|提高|提升|扩大|增加|分值", window))
    return True
