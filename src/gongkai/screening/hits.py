"""What screening found, and how each kind is called and why it is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# block: nothing is released until a named reviewer clears it; must: mend, mask, or overrule with a reason;
# check: somebody looks at it; advice: a better wording.
Severity = Literal["block", "must", "check", "advice"]

KINDS: dict[str, str] = {
    "identity": "身份证号",
    "identity_suspect": "疑似身份证号",
    "mobile": "手机号",
    "landline": "固定电话",
    "bank": "银行卡号或账号",
    "credit_code": "个体工商户信用代码",
    "passport": "护照号",
    "email": "电子邮箱",
    "messenger": "QQ或微信号",
    "address": "详细住址",
    "minor": "未成年人信息",
    "health": "健康信息",
    "plate": "车牌号",
    "secrecy": "涉密标志",
    "internal": "内部文件标志",
    "covered": "被遮盖但仍可复制的文字",
    "unchecked": "机器无法检查",
    "misspelling": "错别字",
    "name": "机构或文件名称不规范",
    "number": "文号写法不规范",
    "date": "日期或数字写法",
    "style": "用语建议",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of the joined text that a detector points to; `mask` is what should stand there, None if nothing can."""

    kind: str
    start: int
    end: int
    explanation: str
    severity: Severity = "must"
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding in one part: `parts[index].text[start:end] == found`.

    `place` goes down to the line where the part has several; `excerpt` shows the words around;
    `explanation` says in Chinese what it is, why it matters and what to do; `mask` is the suggested replacement.
    """

    kind: str
    place: str
    start: int
    end: int
    excerpt: str
    found: str
    explanation: str
    severity: Severity
    mask: str | None
    index: int

    @property
    def label(self) -> str:
        """The Chinese name of the kind."""
        return KINDS.get(self.kind, self.kind)
