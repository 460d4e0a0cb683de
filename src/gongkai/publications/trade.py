"""What may be a trade secret of somebody (条例 art 15): marks that say so, and words for what firms keep to themselves.

A machine cannot know a trade secret. Whoever reviews is shown the place; a mark must be settled, a word is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gongkai import screening

KIND = "trade"
LABEL = "商业秘密"
# A mark stands alone, in brackets or before a star; a rule that speaks of trade secrets is none.
_MARK = re.compile(
    r"(?:^|[（(【\[〔])\s*(?:商业秘密|技术秘密|企业机密|商密)\s*(?:[）)】\]〕]|★|$)|"
    r"(?:本(?:件|文|表|报告|资料)|以下内容)(?:含|包含|涉及|属于)(?:本?(?:公司|企业)的?)?(?:商业|技术)秘密"
)
_WORDS = re.compile(
    r"客户名(?:单|册)|供应商名(?:单|册)|成本(?:构成|明细)|利润(?:构成|明细)|报价明细|投标底价|(?:采购|招标)底价|产品配方|"
    r"工艺(?:参数|流程图)|技术图纸|源代码|保密协议|未公开的?(?:财务|经营)"
)
_MUST = "标注为商业秘密。请先征求权利人意见；同意公开，或不公开会对公共利益造成重大影响的，由审核人写明理由认定（《条例》第十五条）。"
_CHECK = "可能是企业的商业秘密。请核对是否已经公开，或已征得权利人同意（《条例》第十五条）。"


def found(parts: Sequence[screening.Part]) -> list[screening.Hit]:
    """The places in these parts that may hold a trade secret; each word once a part."""
    hits: list[screening.Hit] = []
    for index, part in enumerate(parts):
        hits += _hits(part, index, _MARK.finditer(part.text), _MUST, "must")
        hits += _hits(part, index, _WORDS.finditer(part.text), _CHECK, "check")
    return hits


def _hits(
    part: screening.Part, index: int, matches: Iterable[re.Match[str]], words: str, severity: screening.Severity
) -> list[screening.Hit]:
    named: dict[str, screening.Hit] = {}
    for match in matches:
        said = match[0].strip(" \t\r\n")
        named.setdefault(
            said,
            screening.Hit(
                kind=KIND,
                place=part.place,
                start=match.start(),
                end=match.end(),
                excerpt=part.text[max(match.start() - 20, 0) : match.end() + 20],
                found=said[:300],
                explanation=words,
                severity=severity,
                mask=None,
                index=index,
            ),
        )
    return list(named.values())
