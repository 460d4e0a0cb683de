"""The letters of a request: what each one is for, what it must contain, by when it goes out, how it is numbered.

There is no national set of templates; provinces issue their own. So an office edits its templates, and this register
says which elements they must not lack. Titles in use: 宿政办函〔2021〕21号 and comparable provincial norms; the
contents of the decision: 《政府信息公开条例》 articles 30, 32, 34-39, 41.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from gongkai.law.numbering import DocumentNumber
from gongkai.law.requests.decisions import decision

Addressee = Literal["applicant", "third_party", "agency", "internal"]


class Element(NamedTuple):
    """Something a letter must contain: name of the field and its label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of letter. `elements` come on top of `COMMON`; `mark` is its character in the number (公复, 公补).

    `deadline` says in words by when it goes out; `remedy` whether it carries a remedy paragraph.
    """

    code: str
    title: str
    addressee: Addressee
    trigger: str
    elements: tuple[Element, ...]
    deadline: str = ""
    mark: str = "函"
    remedy: bool = False
    former_titles: tuple[str, ...] = ()


COMMON: Final[tuple[Element, ...]] = (
    Element("title", "标题"),
    Element("number", "文号"),
    Element("addressee", "收件人"),
    Element("received_on", "收到申请的日期"),
    Element("request_number", "登记号"),
    Element("content", "申请的内容"),
    Element("facts", "事实"),
    Element("basis", "依据的条款"),
    Element("next", "接下来怎样"),
    Element("agency", "机关名称和印章"),
    Element("dated", "日期"),
    Element("contact", "联系方式"),
)
"""Elements of every letter that goes out of the house."""

# What stays in the house needs no seal and no legal grounds.
_INTERNAL: Final = frozenset({"title", "addressee", "request_number", "content", "dated", "contact"})


def _elements(*pairs: tuple[str, str]) -> tuple[Element, ...]:
    return tuple(Element(*pair) for pair in pairs)


_ALL: Final[tuple[Letter, ...]] = (
    Letter(
        "L1",
        "政府信息公开申请登记回执",
        "applicant",
        "登记申请",
        _elements(("channel", "提交渠道"), ("due_on", "答复期限"), ("query_code", "查询码")),
        "当面提交的当场出具；网上提交的，确认时出具",
        "回",
        former_titles=("接收回执",),
    ),
    Letter(
        "L2",
        "政府信息公开申请补正告知书",
        "applicant",
        "申请内容、身份或者联系方式、形式要求不清楚",
        _elements(
            ("items", "需要补正的全部事项"),
            ("guidance", "怎样补正"),
            ("last_day", "补正期限"),
            ("consequence", "逾期不补正的后果"),
            ("restart", "收到补正之日起重新计算答复期限"),
        ),
        "收到申请之日起七个工作日内",
        "补",
        former_titles=("补正通知", "补正通知书"),
    ),
    Letter(
        "L3",
        "政府信息公开申请说明理由告知书",
        "applicant",
        "申请的数量、频次明显超过合理范围",
        _elements(
            ("numbers", "申请的数量、频次"),
            ("ask", "请申请人说明理由"),
            ("last_day", "说明理由的期限"),
            ("consequence", "不说明或者理由不合理的后果"),
        ),
        "答复期限内",
        "询",
    ),
    Letter(
        "L4",
        "政府信息公开延期答复告知书",
        "applicant",
        "不能在二十个工作日内答复",
        _elements(("reason", "延期的理由"), ("last_day", "延长后的答复期限")),
        "原答复期限届满前，经工作机构负责人同意；延长不超过二十个工作日",
        "延",
        former_titles=("延长答复期限告知书",),
    ),
    Letter(
        "L5",
        "政府信息公开征求意见书",
        "third_party",
        "公开可能损害第三方合法权益",
        _elements(
            ("information", "涉及的信息"),
            ("part", "与第三方有关的部分"),
            ("choice", "同意或者不同意公开，以及理由"),
            ("period", "收到之日起十五个工作日内答复"),
            ("consequence", "逾期不答复由本机关依法决定"),
            ("return_address", "回复的地址"),
        ),
        "答复期限内",
        "征",
        former_titles=("第三方意见征询书", "权利人意见征询单"),
    ),
    Letter(
        "L6",
        "政府信息公开征求意见确认函",
        "agency",
        "第三方答复征求意见书",
        _elements(("choice", "同意或者不同意公开"), ("reason", "不同意的理由"), ("signature", "签名或者盖章")),
        "收到征求意见书之日起十五个工作日内",
        "",
    ),
    Letter(
        "L7",
        "政府信息公开征求第三方意见告知书",
        "applicant",
        "征求意见书已发出",
        _elements(("asked", "正在征求第三方意见"), ("pause", "征求意见所需时间不计算在答复期限内")),
        "与征求意见书同时发出",
        "告",
        former_titles=("征求意见告知书",),
    ),
    Letter(
        "L8",
        "依申请公开告知书",
        "third_party",
        "第三方不同意，本机关决定公开",
        _elements(("disclosed", "决定公开的内容"), ("reason", "决定公开的理由")),
        "提供信息之前或者同时",
        "告",
        remedy=True,
    ),
    Letter(
        "L9",
        "征求共同制作机关意见书",
        "agency",
        "信息由几个机关共同制作",
        _elements(
            ("information", "涉及的信息"),
            ("period", "收到之日起十五个工作日内答复"),
            ("consequence", "逾期不答复视为同意公开"),
        ),
        "答复期限内",
        "征",
        former_titles=("征求意见书",),
    ),
    Letter(
        "L10",
        "协办函",
        "internal",
        "请内设机构或者其他机关协助检索",
        _elements(("task", "要检索、提供的内容"), ("internal_date", "回复日期")),
        "",
        "协",
    ),
    Letter(
        "L11",
        "政府信息公开信息处理费收费通知书",
        "applicant",
        "依规定收取信息处理费",
        _elements(
            ("fee_basis", "收费依据"),
            ("tariff", "收费标准"),
            ("amount", "收费数额"),
            ("payment", "缴纳方式"),
            ("period", "收到之日起二十个工作日内缴纳"),
            ("consequence", "逾期不缴纳的后果"),
        ),
        "答复期限内",
        "费",
        former_titles=("信息处理费缴费通知",),
    ),
    Letter(
        "L12",
        "政府信息公开申请不再处理告知书",
        "applicant",
        "逾期不补正或者逾期未缴费",
        _elements(("notice", "此前的通知及送达日期"), ("lapsed_on", "期限届满的日期"), ("remedy", "救济途径和期限")),
        "期限届满之后",
        "终",
        remedy=True,
    ),
    Letter(
        "L13",
        "政府信息公开申请答复书",
        "applicant",
        "作出决定",
        _elements(
            ("remedy", "救济途径和期限"),
        ),
        "答复期限内",
        "复",
        remedy=True,
        former_titles=(
            "政府信息公开告知书",
            "不予公开告知书",
            "政府信息不存在告知书",
            "非本机关政府信息告知书",
        ),
    ),
    Letter(
        "L14",
        "政府信息更正告知书",
        "applicant",
        "申请更正与本人有关的记录",
        _elements(("result", "更正、转送或者不予更正"), ("reason", "理由")),
        "本机关内部按二十个工作日掌握",
        "更",
        former_titles=("转送函",),
    ),
    Letter(
        "L15",
        "撤回政府信息公开申请确认书",
        "applicant",
        "申请人撤回申请",
        _elements(
            ("withdrawn_on", "撤回的日期"),
        ),
        "",
        "撤",
    ),
)
LETTERS: Final[Mapping[str, Letter]] = MappingProxyType({item.code: item for item in _ALL})


def letter(code: str) -> Letter:
    """The letter of a code. Raises ValueError for a code that does not exist."""
    try:
        return LETTERS[code]
    except KeyError:
        raise ValueError(f"没有“{code}”这种文书。") from None


def required_elements(code: str, decision_code: str = "") -> tuple[Element, ...]:
    """Everything the letter must contain; for the reply (L13) and L12 with what its decision must state.

    `addressee` and `content` never name the applicant in letters to others (L5, L9); the answer slip (L6) is theirs to
    write. Raises ValueError for unknown codes.
    """
    found = letter(code)
    if code == "L6":
        return found.elements
    common = COMMON
    if found.addressee == "internal":
        common = tuple(item for item in COMMON if item.key in _INTERNAL)
    stated: tuple[Element, ...] = ()
    if decision_code:
        stated = tuple(Element(item.key, item.label) for item in decision(decision_code).statements if item.required)
    known = {item.key for item in common + found.elements}
    return common + found.elements + tuple(item for item in stated if item.key not in known)


def missing_elements(code: str, values: Mapping[str, str], decision_code: str = "") -> list[Element]:
    """The required elements for which `values` (element key -> text) has nothing. Raises ValueError."""
    return [item for item in required_elements(code, decision_code) if not values.get(item.key, "").strip()]


def number_code(prefix: str, letter_code: str) -> str:
    """The agency's code of this letter's numbers: `云公复` of the prefix `云` and L13. Raises ValueError."""
    mark = letter(letter_code).mark
    if not mark:
        raise ValueError("这份文书由对方出具，不编本机关的文号。")
    return f"{prefix}公{mark}"


def letter_number(prefix: str, letter_code: str, year: int, serial: int) -> str:
    """The number of a letter: `云公复〔2026〕12号`. Raises ValueError for a letter that bears none or serial < 1."""
    if serial < 1:
        raise ValueError("文号的序号从1开始。")
    return str(DocumentNumber(number_code(prefix, letter_code), year, serial))
