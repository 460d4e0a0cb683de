"""更正申请人资料: what is known of who applied is completed after a supplement, and put right where it was wrong.

What is on file is not shown in the form: nobody sees personal data by opening it. What is left empty stays as it is.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm
from gongkai.core.models import User
from gongkai.law import identifiers
from gongkai.requests import duplicates
from gongkai.requests.acts import submission
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, WORKING, tell_applicant
from gongkai.requests.forms import (
    APPLICANT,
    IDENTITY_KINDS,
    FewFilesField,
    email_of,
    identity_fault,
    narrow,
    phone_of,
    plain,
    postcode_of,
)
from gongkai.requests.models import Category, Request, Way

REASONS = [
    ("supplement", "申请人补正"),
    ("told", "申请人告知有变动"),
    ("checked", "与证件、来件核对后更正"),
    ("entered", "录入有误"),
]
_ORGANISATION = ("credit_code", "representative", "contact")
_CITIZEN = ("identity_kind", "identity_number", "employer")


def _line(label: str, limit: int) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class AmendForm(ActForm):
    """What changes; empty fields leave what is on file."""

    reason = forms.ChoiceField(label="为什么更正", choices=[("", "请选择"), *REASONS])
    name = _line("姓名或者名称", 120)
    identity_kind = forms.ChoiceField(label="证件名称", choices=[("", "不变"), *IDENTITY_KINDS], required=False)
    identity_number = _line("证件号码", 40)
    credit_code = _line("统一社会信用代码", 18)
    representative = _line("法定代表人或者负责人", 60)
    contact = _line("联系人", 60)
    employer = _line("工作单位", 120)
    phone = _line("联系电话", 40)
    email = _line("电子邮箱", 120)
    fax = _line("传真", 40)
    address = _line("联系地址", 200)
    postcode = _line("邮政编码", 10)
    agent = _line("代理人或者监护人", 60)
    agent_identity = _line("代理人或者监护人证件号码", 40)
    way = forms.ChoiceField(label="获取方式", choices=[("", "不变"), *Way.choices], required=False)
    files = FewFilesField(label="依据的材料", required=False, help_text="身份证明、申请人的来信等，加密保存。")  # type: ignore[assignment]

    case: Any = None

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case
        if case is not None:
            # An organisation has no identity card, a citizen no code of credit.
            for name in _ORGANISATION if case.category == Category.NATURAL else _CITIZEN:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Each in its shape, as in the application; something has to change."""
        data = super().clean() or self.cleaned_data
        for name in APPLICANT:
            if name in data:
                data[name] = self._shaped(name, " ".join(plain(data[name] or "").split()))
        kind = data.get("identity_kind") or (self.case.applicant or {}).get("identity_kind") or "id_card"
        number = data.get("identity_number")
        if number and (fault := identity_fault(kind, number, timezone.localdate())):
            self.add_error("identity_number", fault)
        if not self.errors and not data.get("way") and not any(data.get(name) for name in APPLICANT):
            raise forms.ValidationError("还没有填写要更正的内容。请填写后再提交。")
        return data

    def _shaped(self, name: str, text: str) -> str:
        read: Any = {"phone": phone_of, "fax": phone_of, "email": email_of, "postcode": postcode_of}.get(name)
        if name in ("identity_number", "agent_identity", "credit_code"):
            text = narrow(text)
        if text and name == "credit_code" and not _is_code(text):
            self.add_error(name, "统一社会信用代码不对：应为18位，最后一位校验不符。请对照证照核对。")
        if not text or read is None:
            return text
        try:
            return str(read(text))
        except forms.ValidationError as problem:
            self.add_error(name, problem)
            return text


def _is_code(text: str) -> bool:
    return identifiers.is_credit_code(text) or identifiers.is_organisation_code(text)


class AmendApplicant(Act):
    """更正申请人资料: who applies, how to reach them, how they want the answer. The log says which fields, never what."""

    kind, name, label, icon = KIND, "amend_applicant", "更正申请人资料", "user-pen"
    from_states = WORKING | {"unconfirmed", "replied", "ended"}
    permits = STAFF_OF_OWNER
    form_class = AmendForm
    private = frozenset({*APPLICANT, "files"})
    order = 77
    hint = (
        "只填要更正的，空着的不变；原来的资料不在这里显示。"
        "以后的文书按更正后的写，已经发出的不变；更正会告知申请人，不写具体内容。"
    )

    def apply(self, work: Work) -> None:
        case: Request = work.case
        if case.erased_at is not None:
            raise ActError("申请人资料已按保存期限删除，不能更正。")
        known: dict[str, str] = dict(case.applicant or {})
        new = {name: work.data[name] for name in APPLICANT if work.data.get(name)}
        changed = [name for name, value in new.items() if known.get(name) != value]
        way = work.data.get("way") or case.way
        if not changed and way == case.way:
            raise ActError("填写的和原来的一样，没有更正。")
        case.applicant = known | new
        _check_reachable(case, way)
        case.way = way
        case.applicant_label = submission.label_of(case.applicant.get("name", ""), case.category != Category.NATURAL)
        for name, mark in submission.marks_of(case.applicant).items():
            setattr(case, name, mark)
        case.title = submission.title_of(case.subject, case.content, case.applicant.values())
        case.save()
        duplicates.known_again(case)
        submission.keep_files(work, work.data.get("files") or [], "更正资料的依据", work.data.get("kept") or [])
        words = "、".join([*(_label(name) for name in changed), *(["获取方式"] if work.data.get("way") else [])])
        work.record["fields"] = changed
        work.summary = f"{words}；{dict(REASONS)[work.data['reason']]}"
        tell_applicant(case, f"您的资料已更正：{words}。如有不对，请与本机关联系。", work.now)


def _check_reachable(case: Request, way: str) -> None:
    """How the answer is wanted needs its address. Raises ActError."""
    wanted = {Way.POST: ("address", "联系地址"), Way.EMAIL: ("email", "电子邮箱"), Way.FAX: ("fax", "传真号码")}
    name, label = wanted.get(Way(way), ("", ""))
    if way != case.way and name and not case.applicant.get(name):
        raise ActError(f"选了{Way(way).label}，还没有{label}。请一并填写。")


def _label(name: str) -> str:
    from gongkai.requests.personal import LABELS

    return "证件名称" if name == "identity_kind" else LABELS[name]
