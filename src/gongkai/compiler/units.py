"""Does a string name units? Needed where no label (责任单位：) says so. Works on folded text."""

from __future__ import annotations

import re

from gongkai.compiler.notice import Span

OPENING = {"(": ")", "[": "]", "【": "】", "〔": "〕", "{": "}", "〈": "〉", "<": ">", "《": "》", "「": "」", "“": "”"}
CLOSING = {close: opened for opened, close in OPENING.items()}
_DEEPEST = 12  # brackets nested deeper than this are damage
SEPARATORS = "、,;，；"

_SUFFIX = (
    r"(?:局|委|办|部|厅|司|处|科|室|院|所|站|队|股|组|馆|台|社|署|段|庭|校|园|场|区|县|市|乡|镇|街|村|旗|盟|省|州|会|党组|"
    r"中心|政府|部门|单位|街道|机构|公司|集团|银行|支行|分行|法院|学校|医院|大学|学院|幼儿园|中小学|机关|窗口|热线|平台|专班|"
    r"领导小组|工作组|联社|企业|各地|社区|开发区|高新区|经开区|自贸区|管理区|工会|团委|妇联|残联|科协|工商联|文联|侨联|红十字会|"
    r"报社|日报|公安|税务|海关|气象|电力|移动|联通|电信|供电|水务|燃气|供热|邮政|烟草|石油|盐业|人行|银保监|"
    r"系统|方面|各级|主体|街镇|镇街|乡镇|园区|村居|村委|居委|两办|牵头单位|责任人|窗口单位|站所|所站|口|院系|市直|县直|区直)"
)
_TAIL = r"(?:\([^()]{0,60}\)|〔[^〔〕]{0,60}〕|\[[^\[\]]{0,60}\])?等?(?:有关|相关|各)?(?:部门|单位|方面|地方)?"
UNIT = re.compile(rf"^(?:由|各|及|和|与|以及|其他)?[^。:!?《》\"“”]{{0,40}}?{_SUFFIX}{_TAIL}$")
_VERBS = re.compile(
    r"(?:加强|推进|做好|开展|建立|健全|完善|提升|提高|强化|深化|优化|规范|落实(?!办|局|组|单位)|推动|加大|加快|"
    r"公开(?!办|局|科|处|中心|股|室|工作|领导|领域|主管|单位|机构|协调)|发布(?!中心|处|科)|确保|按照|根据|围绕|制定|组织(?!部|处|科|人事|宣传|部门)|"
    r"实现|不断|持续|及时|继续|进一步|聚焦|应当|必须|可以|不得|成立|设立|明确|指定|了|网站$|公众号$|新媒体$|中列|附件|以下简称|以上(?!市|各|人民|地方|部门|机关)|包括|例如|见|扫|注|试行|修订|征求|截至|年度报告)"
)
_ANYWHERE = re.compile(r"\d{4}年|[。!?:]|https?|www")


def split_top_level(folded: str, start: int, end: int, separators: str = SEPARATORS) -> list[tuple[int, int, str]]:
    """Parts between separators that stand outside brackets: (start, end, separator after or "")."""
    parts: list[tuple[int, int, str]] = []
    stack: list[str] = []
    first = start
    for position in range(start, end):
        character = folded[position]
        if character in OPENING:
            if len(stack) < _DEEPEST:
                stack.append(character)
        elif character in CLOSING:
            if CLOSING[character] in stack:
                while stack.pop() != CLOSING[character]:
                    pass
        elif character in separators and not stack:
            parts.append((first, position, character))
            first = position + 1
    parts.append((first, end, ""))
    if stack and len(parts) == 1 and any(character in separators for character in folded[start:end]):
        return _split_flat(folded, start, end, separators)
    return parts


def _split_flat(folded: str, start: int, end: int, separators: str) -> list[tuple[int, int, str]]:
    """An unclosed bracket swallowed everything: split without looking at brackets."""
    parts, first = [], start
    for position in range(start, end):
        if folded[position] in separators:
            parts.append((first, position, folded[position]))
            first = position + 1
    parts.append((first, end, ""))
    return parts


def is_unit(folded: str) -> bool:
    """Whether one part of a list looks like the name of a unit or of a group of units."""
    name = re.sub(r"\s", "", folded).rstrip("。.,;、")
    if not name or len(name) > 45 or not re.search(r"[\u4e00-\u9fff]", name):
        return False
    if _ANYWHERE.search(name) or _VERBS.search(re.sub(r"\([^()]{0,40}\)", "", name)):
        return False
    return (len(name) == 1 and name in "镇乡园街村区县") or bool(UNIT.match(name))


def are_units(folded: str, start: int, end: int, share: float = 1.0) -> bool:
    """Whether the parts of a list look like units; `share` of them must."""
    parts = [folded[first:last].strip() for first, last, _ in split_top_level(folded, start, end)]
    parts = [part for part in parts if part]
    return bool(parts) and sum(map(is_unit, parts)) >= share * len(parts)


def trim_unit(folded: str, start: int, end: int) -> Span:
    """The span of the name alone: without 由, 等部门 and marks around it."""
    while start < end and folded[start] in " \t\n\r:,;、。.·-|*":
        start += 1
    while end > start and folded[end - 1] in " \t\n\r:,;、。.·|/*":
        end -= 1
    found = re.compile(r"(?:分别由|由|以及|并由|以|其中[,:]?)(?=[^\s])").match(folded, start, min(end, start + 6))
    if found and end - found.end() >= 2 and found.group(0) != "以":
        start = found.end()
    tail = re.search(r"等(?:\d{1,2}个|[一二三四五六七八九十]{1,2}个)?(?:市直|县直|区直|省直)?(?:各?有关|各?相关|各)?(?:(?:行业)?主管|成员|职能|责任|配合)?(?:部门|单位|方面|机构|科室|处室)?$",
                     folded[max(start, end - 16) : end])  # fmt: skip
    if tail and (end - start) - len(tail.group(0)) >= 2:
        end -= len(tail.group(0))
    while end > start and folded[end - 1] in ",;、 \n":
        end -= 1
    return start, end
