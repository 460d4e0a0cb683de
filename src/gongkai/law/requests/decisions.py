"""The results of a request: the 21 rows of the annual table, what each reply must say, and how one is found.

《政府信息公开条例》 (2019) articles 14-16, 30, 32, 35-39; the rows and their labels are those of the form of the annual
report (国办公开办函〔2021〕30号), word for word. One request has exactly one result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

REGULATION: Final = "《中华人民共和国政府信息公开条例》"
FEE_MEASURE: Final = "《政府信息公开信息处理费管理办法》"

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "G": "（一）予以公开",
        "P": "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
        "D": "（三）不予公开",
        "U": "（四）无法提供",
        "N": "（五）不予处理",
        "O": "（六）其他处理",
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the reply must say: name of the field, label, what to write. `required` False: only where known."""

    key: str
    label: str
    explanation: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """One result. `leaf` is empty where the group itself is the row; `parent` is set on the internal sub-codes.

    `row` is the row of the annual table, `letter` the letter by which the result is told, `reconsideration_first` the
    national default (ask `reconsideration_comes_first`, which knows the jurisdiction's list).
    """

    code: str
    leaf: str
    articles: tuple[str, ...]
    row: str
    statements: tuple[Statement, ...]
    letter: str = "L13"
    parent: str = ""
    name: str = ""
    reconsideration_first: bool = False
    needs_earlier_reply: bool = False
    needs_search_record: bool = False
    needs_third_party: bool = False
    needs_withheld_parts: bool = False

    @property
    def group(self) -> str:
        """Label of the group, as printed in the annual table."""
        return GROUPS[self.code[0]]

    @property
    def label(self) -> str:
        """Label of the row, as printed in the annual table."""
        return self.leaf or self.group

    @property
    def short(self) -> str:
        """A few words for lists and buttons: `属于国家秘密`, `信息不存在`."""
        return self.name or self.leaf.partition(".")[2] or self.group.partition("）")[2]


def _articles(*parts: str) -> tuple[str, ...]:
    return tuple(f"{REGULATION}{part}" for part in parts)


def _category(what: str) -> Statement:
    return Statement("category", f"属于哪一类{what}", "写明具体是哪一类，为什么属于这一类。")


_NO_ORDER: Final = Statement("no_order", "没有规定要求公开", "写明已查对，没有法律、法规、规章规定这些信息应当公开。")

_ALL: Final[tuple[Decision, ...]] = (
    Decision("G", "", _articles("第三十六条第（一）项", "第三十六条第（二）项"), "g", ()),
    Decision(
        "G-a",
        "",
        _articles("第三十六条第（一）项"),
        "g",
        (Statement("public_place", "公开的方式、途径", "写明网址，或者政府公报的年份和期号，让人照着就能找到。"),),
        parent="G",
        name="已主动公开，告知获取途径",
    ),
    Decision(
        "G-b",
        "",
        _articles("第三十六条第（二）项"),
        "g",
        (
            Statement(
                "provided",
                "提供的信息",
                "列出每份信息的名称、页数和形式；不随信提供的，写明获取的方式、途径和时间。",
            ),
        ),
        parent="G",
        name="提供信息",
    ),
    Decision(
        "P",
        "",
        _articles("第三十七条"),
        "p",
        (Statement("given_parts", "公开的部分", "列出提供的内容：名称、页数、形式。"),),
        reconsideration_first=True,
        needs_withheld_parts=True,
    ),
    Decision(
        "D1",
        "1.属于国家秘密",
        _articles("第十四条"),
        "d1",
        (Statement("reason", "不予公开的理由", "写明依法属于国家秘密。不写秘密的内容，密级只在内部记载。"),),
        reconsideration_first=True,
    ),
    Decision(
        "D2",
        "2.其他法律行政法规禁止公开",
        _articles("第十四条"),
        "d2",
        (Statement("provision", "禁止公开的条款", "写明哪部法律或者行政法规的第几条。规章和地方性法规不能作依据。"),),
        reconsideration_first=True,
    ),
    Decision(
        "D3",
        "3.危及“三安全一稳定”",
        _articles("第十四条"),
        "d3",
        (
            Statement("interest", "可能危及什么", "国家安全、公共安全、经济安全、社会稳定，写明是哪一项。"),
            Statement("reason", "理由", "写明公开后为什么可能危及。"),
        ),
        reconsideration_first=True,
    ),
    Decision(
        "D4",
        "4.保护第三方合法权益",
        _articles("第十五条", "第三十二条"),
        "d4",
        (
            Statement("opinion", "征求第三方意见的结果", "写明已征求意见，第三方不同意且理由合理，或者没有答复。"),
            Statement("weighing", "公共利益的权衡", "写明不公开是否会对公共利益造成重大影响，为什么。"),
        ),
        reconsideration_first=True,
        needs_third_party=True,
    ),
    Decision(
        "D5",
        "5.属于三类内部事务信息",
        _articles("第十六条第一款"),
        "d5",
        (_category("内部事务信息（人事管理、后勤管理、内部工作流程）"), _NO_ORDER),
        reconsideration_first=True,
    ),
    Decision(
        "D6",
        "6.属于四类过程性信息",
        _articles("第十六条第二款"),
        "d6",
        (_category("过程性信息（讨论记录、过程稿、磋商信函、请示报告）"), _NO_ORDER),
        reconsideration_first=True,
    ),
    Decision(
        "D7",
        "7.属于行政执法案卷",
        _articles("第十六条第二款"),
        "d7",
        (_category("行政执法案卷信息"), _NO_ORDER),
        reconsideration_first=True,
    ),
    Decision(
        "D8",
        "8.属于行政查询事项",
        _articles("第三十六条第（七）项"),
        "d8",
        (
            Statement("special_rule", "专门规定", "写明哪部法律、行政法规对获取这类信息有专门规定。"),
            Statement("where", "到哪里查询", "写明办理查询的机关和办法。"),
        ),
    ),
    Decision("U1", "1.本机关不掌握相关政府信息", _articles("第三十六条第（四）项", "第三十六条第（五）项"), "u1", ()),
    Decision(
        "U1-a",
        "1.本机关不掌握相关政府信息",
        _articles("第三十六条第（四）项"),
        "u1",
        (Statement("search", "检索情况", "写明在哪里、用什么方法、由哪个科室检索，结果如何。"),),
        parent="U1",
        name="信息不存在",
        needs_search_record=True,
    ),
    Decision(
        "U1-b",
        "1.本机关不掌握相关政府信息",
        _articles("第三十六条第（五）项"),
        "u1",
        (
            Statement("reason", "为什么不由本机关负责公开", "写明这些信息由谁制作或者保存。"),
            Statement("responsible", "负责公开的机关", "能够确定的，写明名称和联系方式。", required=False),
        ),
        parent="U1",
        name="不属于本机关负责公开",
    ),
    Decision(
        "U2",
        "2.没有现成信息需要另行制作",
        _articles("第三十八条"),
        "u2",
        (Statement("reason", "理由", "写明没有现成的信息，要提供就得另行加工、分析，本机关没有这项义务。"),),
    ),
    Decision(
        "U3",
        "3.补正后申请内容仍不明确",
        _articles("第三十条"),
        "u3",
        (
            Statement("supplemented", "补正了什么", "写明申请人哪一天补正了哪些内容。"),
            Statement("still_unclear", "为什么仍不明确", "写明仍然缺什么，因此无法查找。"),
        ),
    ),
    Decision(
        "N1",
        "1.信访举报投诉类申请",
        _articles("第三十九条第一款"),
        "n1",
        (Statement("channel", "应当走的渠道", "写明不作为政府信息公开申请处理，应当向哪里、怎样提出。"),),
    ),
    Decision(
        "N2",
        "2.重复申请",
        _articles("第三十六条第（六）项"),
        "n2",
        (
            Statement("earlier_number", "前次答复的文号", "写明已就同一内容答复过的那份答复书的文号。"),
            Statement("earlier_date", "前次答复的日期", "写明那份答复书的日期。"),
        ),
        needs_earlier_reply=True,
    ),
    Decision(
        "N3",
        "3.要求提供公开出版物",
        _articles("第三十九条第二款"),
        "n3",
        (Statement("where", "获取的途径", "写明这份公报、报刊或者书籍到哪里可以找到。"),),
    ),
    Decision(
        "N4",
        "4.无正当理由大量反复申请",
        _articles("第三十五条"),
        "n4",
        (
            Statement("numbers", "申请的数量、频次", "写明哪段时间内申请了多少次，各是什么内容。"),
            Statement("reasons_given", "申请人说明的理由", "写明申请人怎样说明；没有说明的，也要写明。"),
            Statement("why", "为什么不合理", "写明理由为什么不成立。"),
        ),
    ),
    Decision(
        "N5",
        "5.要求行政机关确认或重新出具已获取信息",
        (),
        "n5",
        (Statement("obtained", "已获取的信息", "写明申请人哪一天、以什么方式已经获取了什么信息。"),),
    ),
    Decision(
        "O1",
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
        _articles("第三十条"),
        "o1",
        (Statement("facts", "补正通知和期限", "写明补正告知书的文号、送达日期、补正期限，以及期满没有补正。"),),
        letter="L12",
        name="逾期不补正，不再处理",
    ),
    Decision(
        "O2",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
        (f"{FEE_MEASURE}第六条",),
        "o2",
        (Statement("facts", "收费通知和期限", "写明收费通知的文号、送达日期、缴费期限，以及期满没有缴费。"),),
        letter="L12",
        name="逾期未缴费，不再处理",
    ),
    Decision(
        "O3",
        "3.其他",
        (),
        "o3",
        (Statement("reason", "终止的原因", "写明申请人撤回，或者并入哪一件申请，或者其他原因。"),),
        letter="L15",
        name="撤回、合并等",
    ),
)

PUBLIC_INTEREST: Final = Statement(
    "public_interest",
    "公共利益的理由",
    "第三方不同意而决定公开的，写明不公开会对公共利益造成什么重大影响。会写进给申请人的答复书和给第三方的告知书，不写第三方是谁。",
)
"""What a disclosure against a third party's interest must say (arts 15, 32)."""

NO_HARM: Final = Statement(
    "no_harm",
    "公开不损害第三方的理由",
    "第三方没有答复或者联系不上的，由本机关依照条例决定，没有答复不等于同意。写明审查了什么，为什么公开不会损害第三方的合法权益。"
    "会写进答复书，不写第三方是谁。",
)
"""What a disclosure must say where a third party kept silent or could not be reached (art. 32: the agency decides)."""

DECISIONS: Final[Mapping[str, Decision]] = MappingProxyType({item.code: item for item in _ALL})
LEAVES: Final[tuple[str, ...]] = tuple(item.code for item in _ALL if not item.parent)
DEFAULT_RECONSIDERATION_FIRST: Final = frozenset(item.code for item in _ALL if item.reconsideration_first)
WITHHOLDING: Final = ("D1", "D2", "D3", "D4", "D5", "D6", "D7")
"""The grounds on which a part may be held back (arts 14-16)."""


def decision(code: str) -> Decision:
    """The decision of a code. Raises ValueError for a code that does not exist."""
    try:
        return DECISIONS[code]
    except KeyError:
        raise ValueError(f"没有“{code}”这种办理结果。") from None


def leaf_of(code: str) -> str:
    """The row's code: `G` for `G-a`, itself otherwise. Raises ValueError."""
    found = decision(code)
    return found.parent or found.code


def sub_codes(code: str) -> tuple[str, ...]:
    """The internal sub-codes below a row: `G-a`, `G-b` for `G`; mostly none."""
    return tuple(item.code for item in _ALL if item.parent == code)


def reconsideration_comes_first(code: str, first: frozenset[str] = DEFAULT_RECONSIDERATION_FIRST) -> bool:
    """Whether reconsideration must come before a suit (复议前置, 《行政复议法》 art 23, 法释〔2025〕8号).

    `first` is the jurisdiction's list of rows; whether D8 belongs to it is doubtful, the national default says no.
    """
    return code in first or leaf_of(code) in first


# --- the five questions -----------------------------------------------------------------------------------------------

STAGES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        1: ("补不补", "申请写清楚了吗，要不要请申请人补正"),
        2: ("该不该", "是不是政府信息公开申请，该不该由本机关答复"),
        3: ("有没有", "本机关有没有这些信息"),
        4: ("给不给", "依法能不能公开"),
        5: ("当不当", "答复书写得妥当吗"),
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `to` is the next question's key, a decision's code, or the code of a letter to be sent first."""

    key: str
    label: str
    to: str
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the assistant; `stage` 1 to 5 says to which of the five it belongs."""

    key: str
    stage: int
    wording: str
    explanation: str
    answers: tuple[Answer, ...]

    @property
    def title(self) -> str:
        """The question of the five: `补不补`."""
        return STAGES[self.stage][0]

    def answer(self, key: str) -> Answer:
        """The answer with this key. Raises ValueError."""
        for item in self.answers:
            if item.key == key:
                return item
        raise ValueError(f"“{self.wording}”没有“{key}”这个答案。请重新选择。")


@dataclass(frozen=True, slots=True)
class Step:
    """Where the answers lead: to a `question`, to a `letter` that has to go out first, or to the end.

    At the fifth question both `question` and `decision` (the one proposed) are set; it is done when `question` is None.
    `path` holds what was answered on the way.
    """

    question: Question | None = None
    decision: Decision | None = None
    letter: str = ""
    path: tuple[tuple[Question, Answer], ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether a decision has been reached and confirmed."""
        return self.decision is not None and self.question is None


def _separable(ground: str) -> Question:
    return Question(
        f"separable_{ground}",
        4,
        "不能公开的部分和其余部分分得开吗？",
        "分得开的，其余部分应当提供，不能公开的部分说明理由（条例第三十七条）。",
        (
            Answer("yes", "分得开，其余部分可以提供", "P", "年报只计“部分公开”，不再计不予公开。"),
            Answer("no", "分不开，全部不公开", ground),
        ),
    )


def _discretion(ground: str, what: str) -> Question:
    answers = [Answer("withhold", "没有规定要求公开，本机关决定不公开", f"separable_{ground}")]
    if ground != "D5":
        answers.append(Answer("ordered", "法律、法规、规章规定应当公开", "G-b", "有规定的，从其规定。"))
    answers.append(Answer("give", "可以不公开，但本机关决定公开", "G-b"))
    return Question(
        f"discretion_{ground}",
        4,
        f"属于{what}，要不要公开？",
        "这类信息是“可以不予公开”，不是“不得公开”。先查有没有规定要求公开，再决定。",
        tuple(answers),
    )


ENTRY: Final = "course"
PROPER: Final = "proper"

_QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "course",
        1,
        "这件申请还要继续办吗？",
        "申请人撤回、并入另一件申请、逾期没有缴费的，到此为止。",
        (
            Answer("on", "继续办", "clear"),
            Answer("withdrawn", "申请人撤回了", "O3"),
            Answer("merged", "和在办的另一件内容相同，并案办理", "O3", "前一件还没有答复的，不算重复申请。"),
            Answer("unpaid", "收费通知期满没有缴费", "O2"),
        ),
    ),
    Question(
        "clear",
        1,
        "申请写清楚了吗？",
        "看三样：申请人的姓名（名称）、身份证明、联系方式；要的是什么信息；要什么形式、怎样提供。",
        (
            Answer("clear", "清楚", "kind"),
            Answer("unclear", "不清楚，还没有请申请人补正", "L2", "七个工作日内一次告知要补正的全部内容。"),
            Answer("still_unclear", "补正过了，仍不明确", "U3"),
            Answer("lapsed", "补正期限过了，没有补正", "O1", "要没有正当理由。有正当理由的，再给时间。"),
        ),
    ),
    Question(
        "kind",
        2,
        "这是政府信息公开申请吗？",
        "看申请实际要的是什么，不看它用了什么名称。",
        (
            Answer("request", "是，要求提供政府信息", "amount"),
            Answer("petition", "实际是信访、投诉、举报", "N1"),
            Answer("publication", "要求提供公报、报刊、书籍等公开出版物", "N3"),
            Answer("confirm", "要求确认或者重新出具已经获取的信息", "N5"),
            Answer("repeated", "同一申请人就同一内容申请过，本机关已经答复", "N2"),
            Answer("inquiry", "是不动产登记、企业登记等有专门查询办法的信息", "D8"),
        ),
    ),
    Question(
        "amount",
        2,
        "申请的数量、频次明显超过合理范围吗？",
        "由经办人判断，不看某一个数字。认为超过的，先请申请人说明理由。",
        (
            Answer("normal", "没有", "duty"),
            Answer("ask", "超过，还没有请申请人说明理由", "L3"),
            Answer("reasonable", "超过，但理由合理", "duty", "可以延迟答复，把期限告知申请人。"),
            Answer("unreasonable", "超过，理由不合理", "N4"),
        ),
    ),
    Question(
        "duty",
        2,
        "该由本机关负责公开吗？",
        "谁制作谁公开；从公民、法人或者其他组织获取的，谁保存谁公开；从别的机关获取的，由制作机关或者最初获取的机关公开。",
        (
            Answer("ours", "该由本机关负责", "held"),
            Answer("others", "不属于本机关负责公开", "U1-b"),
        ),
    ),
    Question(
        "held",
        3,
        "找到这些信息了吗？",
        "要认真检索：档案、办公系统、业务科室都要查，并留下检索记录。",
        (
            Answer("found", "找到了", "published"),
            Answer("none", "检索过，没有", "U1-a"),
            Answer("make", "没有现成的，要另行加工、分析", "U2"),
        ),
    ),
    Question(
        "published",
        4,
        "这些信息已经主动公开了吗？",
        "已经公开的，告知在哪里、怎样获取即可。",
        (
            Answer("yes", "已经主动公开", "G-a"),
            Answer("no", "还没有", "joint"),
        ),
    ),
    Question(
        "joint",
        4,
        "是和别的机关共同制作的吗？",
        "共同制作的，牵头机关可以征求其他机关的意见，十五个工作日内没有答复的视为同意公开（条例第三十四条）。",
        (
            Answer("no", "不是", "ground"),
            Answer("asked", "是，已征求意见或者不需要征求", "ground"),
            Answer("ask", "是，要先征求意见", "L9"),
        ),
    ),
    Question(
        "ground",
        4,
        "有不能公开的内容吗？",
        "公开是常态。有几种理由的，选最主要的一种，其余写进理由。",
        (
            Answer("none", "没有，可以公开", "G-b"),
            Answer("secret", "国家秘密", "separable_D1", "绝对不公开。要公开，先依法解密。"),
            Answer("forbidden", "其他法律、行政法规禁止公开", "separable_D2"),
            Answer("safety", "可能危及国家安全、公共安全、经济安全、社会稳定", "separable_D3"),
            Answer("third_party", "涉及商业秘密、个人隐私等，会损害第三方合法权益", "opinion"),
            Answer("internal", "内部事务信息", "discretion_D5"),
            Answer("process", "过程性信息", "discretion_D6"),
            Answer("enforcement", "行政执法案卷信息", "discretion_D7"),
        ),
    ),
    Question(
        "opinion",
        4,
        "征求第三方意见了吗？",
        "十五个工作日内没有答复的，由本机关决定，不能当作同意（条例第三十二条）。",
        (
            Answer("ask", "还没有", "L5"),
            Answer("agrees", "第三方同意公开", "G-b"),
            Answer("objects", "第三方不同意，理由合理", "interest"),
            Answer("baseless", "第三方不同意，理由不合理", "third_party_choice"),
            Answer("silent", "第三方没有答复", "third_party_choice"),
            Answer("unreachable", "联系不上第三方，已记录原因", "third_party_choice"),
        ),
    ),
    Question(
        "interest",
        4,
        "不公开会对公共利益造成重大影响吗？",
        "会的，应当公开，并书面告知第三方公开的内容和理由。",
        (
            Answer("major", "会", "G-b", "把决定公开的内容和理由书面告知第三方。"),
            Answer("minor", "不会", "separable_D4"),
        ),
    ),
    Question(
        "third_party_choice",
        4,
        "本机关决定公开吗？",
        "不能因为没有答复就当作同意。公开不会损害第三方合法权益，或者不公开会对公共利益造成重大影响，才能公开（条例第十五条、第三十二条）。",
        (
            Answer(
                "give", "公开：不会损害第三方合法权益", "G-b", "写明为什么不会损害。第三方不同意的，书面告知第三方。"
            ),
            Answer(
                "major",
                "公开：会损害，但不公开会对公共利益造成重大影响",
                "G-b",
                "把决定公开的内容和理由书面告知第三方。",
            ),
            Answer("withhold", "不公开", "separable_D4"),
        ),
    ),
    _discretion("D5", "内部事务信息（人事管理、后勤管理、内部工作流程）"),
    _discretion("D6", "过程性信息（讨论记录、过程稿、磋商信函、请示报告）"),
    _discretion("D7", "行政执法案卷信息"),
    *(_separable(ground) for ground in WITHHOLDING),
    Question(
        PROPER,
        5,
        "答复书妥当吗？",
        "核对：答的就是申请人问的；依据的条款对；理由说清了；救济途径和期限写对了；收件人和日期对。",
        (
            Answer("proper", "妥当", ""),
            Answer("improper", "不妥当，重新判断", ENTRY),
        ),
    ),
)
QUESTIONS: Final[Mapping[str, Question]] = MappingProxyType({item.key: item for item in _QUESTIONS})


def walk(answers: Mapping[str, str]) -> Step:
    """Follow the answers (question key -> answer key) from the first question on.

    Answers that do not lie on the way are ignored, so that a changed answer needs no clean-up. Answering 当不当 with no
    leads back to the first question. Raises ValueError for an answer that the question does not have.
    """
    path: list[tuple[Question, Answer]] = []
    at = ENTRY
    while at in QUESTIONS:
        question = QUESTIONS[at]
        if question.key not in answers:
            return Step(question, path=tuple(path))
        chosen = question.answer(answers[question.key])
        path.append((question, chosen))
        at = chosen.to
    if at not in DECISIONS:
        return Step(letter=at, path=tuple(path))
    proper = QUESTIONS[PROPER]
    if PROPER not in answers:
        return Step(proper, DECISIONS[at], path=tuple(path))
    chosen = proper.answer(answers[PROPER])
    if chosen.to == ENTRY:
        return Step(QUESTIONS[ENTRY])
    return Step(None, DECISIONS[at], path=(*path, (proper, chosen)))


# --- is the reply complete? -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WithheldPart:
    """A part held back in a partial disclosure: what, the ground's code (D1 to D7), the reason."""

    what: str
    ground: str
    reason: str


ThirdParty = Literal["", "pending", "agreed", "objected", "silent"]


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What is on file when a reply is checked.

    `statements` holds what the draft says, by `Statement.key`. `third_party` is the state of the opinion asked by
    L5 ("" when none was asked), `opinion_answer` what the assistant was told of it (answer to the question `opinion`) and
    `overridden` whether public interest was found to outweigh it; `unreachable` why a third party could not be asked,
    `undecided` whether one of those asked said neither yes nor no, so that the agency decides by itself. `earlier_reply` is the number of
    the linked earlier reply to the same applicant. `remedy` is the remedy paragraph of the draft, None if not to be
    checked. `other_codes` are further results somebody chose.
    """

    statements: Mapping[str, str] = field(default_factory=dict)
    other_codes: tuple[str, ...] = ()
    supplement_asked: bool = False
    supplement_received: bool = False
    supplement_lapsed: bool = False
    third_party: ThirdParty = ""
    opinion_answer: str = ""
    overridden: bool = False
    unreachable: str = ""
    undecided: bool = False
    reasons_asked: bool = False
    reasons_settled: bool = False
    fee_lapsed: bool = False
    earlier_reply: str = ""
    search_record: bool = False
    withheld: tuple[WithheldPart, ...] = ()
    withdrawn: bool = False
    merged_into: str = ""
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a reply. An error blocks it, a warning is shown; `field` is the form field to look at."""

    rule: str
    message: str
    field: str = ""
    level: Literal["error", "warning"] = "error"


Check = Callable[[Decision, ReplyFacts], Iterable[Finding]]


def _one_result(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    others = [code for code in facts.other_codes if code != chosen.code]
    if not others:
        return
    if chosen.code == "P":
        message = "部分公开的只计“部分公开”一种结果，不再计不予公开。请删去其余结果。"
    else:
        message = "一件申请只能有一种办理结果。请只留一种。"
    yield Finding("one_result", message, "code")


def _precise(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    subs = sub_codes(chosen.code)
    if subs:
        names = "还是".join(f"“{DECISIONS[code].short}”" for code in subs)
        yield Finding("sub_code", f"还要选明是{names}。", "code")


def _statements(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    for item in chosen.statements:
        if item.required and not facts.statements.get(item.key, "").strip():
            yield Finding("statement", f"答复书还没有写“{item.label}”。{item.explanation}", item.key)


def _third_party(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    if not chosen.needs_third_party and all(part.ground != "D4" for part in facts.withheld):
        return
    if facts.third_party == "pending":
        message = "第三方的答复期限还没有到，意见也没有收到。请等意见收到或者期满再答复。"
        yield Finding("third_party", message, "third_party")
    elif facts.third_party == "agreed":
        yield Finding("third_party", "第三方已同意公开，不能再以保护第三方为由不公开。", "third_party")
    elif not facts.third_party and not facts.unreachable.strip():
        message = "以保护第三方为由不公开，要先书面征求第三方意见；确实联系不上的，写明原因。"
        yield Finding("third_party", message, "third_party")


def _disclosed(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    """What touches a third party is disclosed with consent or for the public interest, on the opinion on file (15, 32)."""
    if chosen.code not in ("G-b", "P") or any(part.ground == "D4" for part in facts.withheld):
        return
    if facts.third_party == "pending":
        message = "第三方的答复期限还没有到，意见也没有收到，不能决定公开。请等意见收到或者期满再答复。"
        yield Finding("third_party", message, "third_party")
    elif not _on_file(facts):
        message = "判断过程里选的第三方意见和案卷里登记的对不上。请先登记收到的意见，或者重新回答这个问题。"
        yield Finding("third_party", message, "code")
    objection = facts.third_party == "objected" and facts.opinion_answer != "baseless"
    if (facts.overridden or objection) and not facts.statements.get(PUBLIC_INTEREST.key, "").strip():
        message = (
            f"第三方不同意而决定公开的，要写明“{PUBLIC_INTEREST.label}”：不公开会对公共利益造成什么重大影响。"
            "第三方的理由不合理的，请在判断过程里选“理由不合理”。"
        )
        yield Finding("public_interest", message, PUBLIC_INTEREST.key)
    by_itself = facts.undecided or facts.third_party == "silent" or bool(facts.unreachable.strip())
    if by_itself and not (facts.overridden or objection) and not facts.statements.get(NO_HARM.key, "").strip():
        message = f"第三方没有答复或者联系不上，本机关决定公开的，要写明“{NO_HARM.label}”；没有答复不等于同意。"
        yield Finding("no_harm", message, NO_HARM.key)


def _on_file(facts: ReplyFacts) -> bool:
    """Whether what the assistant was told of the third party's opinion is what the file says."""
    asked = facts.third_party
    return {
        "agrees": asked == "agreed",
        "objects": asked == "objected",
        "baseless": asked == "objected",
        "silent": asked in ("silent", "objected"),
        "unreachable": bool(facts.unreachable.strip()),
    }.get(facts.opinion_answer, True)


def _withheld(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    if not chosen.needs_withheld_parts:
        return
    if not facts.withheld:
        yield Finding("withheld", "部分公开要列明不予公开的部分。请至少写一处。", "withheld")
    for part in facts.withheld:
        name = part.what.strip() or "有一处不予公开的内容"
        if part.ground not in WITHHOLDING:
            yield Finding("withheld", f"{name}没有选明依据。请从不予公开的七种情形中选一种。", "withheld")
        if not part.what.strip():
            yield Finding("withheld", "有一处不予公开的内容没有写明是哪一部分。", "withheld")
        if not part.reason.strip():
            yield Finding("withheld", f"{name}没有写明理由。区分处理要对不公开的部分说明理由。", "withheld")


def _evidence(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    if chosen.needs_search_record and not facts.search_record:
        yield Finding("search_record", "答复信息不存在，要先有检索记录。请补录检索的范围、方法、人员和结果。", "search")
    if chosen.needs_earlier_reply and not facts.earlier_reply.strip():
        yield Finding("earlier_reply", "认定重复申请，要关联同一申请人就同一内容的前次答复。", "earlier_reply")


def _procedure(chosen: Decision, facts: ReplyFacts) -> Iterable[Finding]:
    code = chosen.code
    if code == "O1":
        if facts.supplement_received:
            yield Finding("procedure", "申请人已经补正，不能按逾期不补正处理。", "code")
        elif not facts.supplement_lapsed:
            yield Finding("procedure", "补正期限届满而没有补正的，才能不再处理。", "code")
    if code == "O2" and not facts.fee_lapsed:
        yield Finding("procedure", "缴费期限届满而没有缴费的，才能不再处理。", "code")
    if code == "U3" and not facts.supplement_received:
        yield Finding("procedure", "要请申请人补正，收到补正后仍不明确的，才能作这种答复。", "code")
    if code == "N4":
        if not facts.reasons_asked:
            yield Finding("procedure", "要先请申请人说明理由，才能认定为无正当理由大量反复申请。", "code")
        elif not facts.reasons_settled:
            yield Finding("procedure", "申请人还没有说明理由，说明的期限也没有到。", "code")
    if code == "O3" and not (
        facts.withdrawn or facts.merged_into.strip() or facts.statements.get("reason", "").strip()
    ):
        yield Finding("procedure", "要有申请人撤回、并案或者其他终止的原因。", "code")


def check_reply(
    chosen: Decision | str,
    facts: ReplyFacts,
    reconsideration_first: frozenset[str] = DEFAULT_RECONSIDERATION_FIRST,
) -> list[Finding]:
    """What keeps this reply from going out; empty when it may. Raises ValueError for an unknown code."""
    found = decision(chosen) if isinstance(chosen, str) else chosen
    checks: tuple[Check, ...] = (
        _one_result, _precise, _statements, _third_party, _disclosed, _withheld, _evidence, _procedure,
    )  # fmt: skip
    findings = [item for check in checks for item in check(found, facts)]
    findings += _remedy(found, facts, reconsideration_first)
    return findings


# Templates are edited by the office: 应当先申请行政复议, 先向某机关申请行政复议.
_SAYS_FIRST: Final = re.compile(r"先[^。；，]{0,30}行政复议")


def _remedy(chosen: Decision, facts: ReplyFacts, first: frozenset[str]) -> Iterable[Finding]:
    """《行政复议法》 art 23, 2: the reply must say it where reconsideration comes first."""
    if facts.remedy is None:
        return
    says_first = _SAYS_FIRST.search(facts.remedy) is not None
    if not facts.remedy.strip():
        yield Finding("remedy", "答复书没有写救济途径和期限。", "remedy")
    elif reconsideration_comes_first(chosen.code, first) and not says_first:
        message = "这种答复要写明：不服的，先申请行政复议，对复议决定仍不服的再起诉。"
        yield Finding("remedy", message, "remedy")
    elif says_first and not reconsideration_comes_first(chosen.code, first):
        yield Finding("remedy", "这种答复不必先申请行政复议，申请人可以直接起诉。请改正救济途径。", "remedy")


def check_closing(applicant_type: str, columns: Iterable[str]) -> list[Finding]:
    """A case may be closed only when the applicant's kind for the annual table is known (`columns`: its keys)."""
    if applicant_type in set(columns):
        return []
    return [Finding("applicant_type", "还没有选明申请人的统计类别，年报要用。请补选后再办结。", "applicant_type")]


def letter_of(chosen: Decision | str, facts: ReplyFacts) -> str:
    """The letter that tells the result: L13, for O1 and O2 L12, for O3 L15 on withdrawal and L12 otherwise."""
    found = decision(chosen) if isinstance(chosen, str) else chosen
    return "L12" if found.code == "O3" and not facts.withdrawn else found.letter
