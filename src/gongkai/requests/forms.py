"""The application form (政府信息公开申请表): one form in groups, so that the public fills it in step by step and staff on one page.

    form = ApplicationForm(data, files)                      # everything
    form = ApplicationForm(data, files, only=step("matter"))  # one step of the wizard, with the same checks
    form.advice()                                            # hints that stop nobody

Required by law are name, identity, a way to be reached, the matter and the form wanted (条例 art. 29); what the information
is wanted for is not asked.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.forms import (
    BooleanField,
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    MultipleChoiceField,
    RadioSelect,
    Textarea,
    TextInput,
    TypedChoiceField,
    ValidationError,
)
from django.utils import timezone

from gongkai.core.forms import ActForm, DayField, FilesField, UnitField
from gongkai.core.models import Membership, Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.law import identifiers
from gongkai.law.requests.likeness import several_matters
from gongkai.requests.models import Category, Channel, Form, Way

# Bodies that art. 27 lets people ask: governments, their departments and what acts in its own name.
ASKED_KINDS = (
    UnitKind.GOVERNMENT,
    UnitKind.OFFICE,
    UnitKind.DEPARTMENT,
    UnitKind.STREET,
    UnitKind.TOWN,
    UnitKind.PARK,
)
MOST_FILES = 5
CITIZEN, ORGANISATION = "citizen", "organisation"
IDENTITY_KINDS = [
    ("id_card", "居民身份证"),
    ("hk_mo_permit", "港澳居民来往内地通行证"),
    ("tw_permit", "台湾居民来往大陆通行证"),
    ("residence", "港澳台居民居住证"),
    ("permanent", "外国人永久居留身份证"),
    ("passport", "护照"),
    ("military", "军官证、士兵证"),
    ("other", "其他有效证件"),
]
# Which letters carry the check character of GB 11643.
_CHECKED_KINDS = frozenset({"id_card", "residence"})
GUARDIAN_AGE = 14

GROUPS: dict[str, tuple[str, ...]] = {
    "body": ("unit",),
    "matter": ("subject", "content", "files"),
    "applicant": (
        "applicant_kind",
        "category",
        "name",
        "identity_kind",
        "identity_number",
        "credit_code",
        "representative",
        "contact",
        "employer",
        "phone",
        "email",
        "fax",
        "address",
        "postcode",
        "agent",
        "agent_identity",
        "proof",
    ),
    "delivery": ("forms", "way", "accepts_other", "tell_by_email"),
}
# Fields of the form that are kept sealed, under the names of `Request.applicant`.
APPLICANT = (
    "name",
    "identity_kind",
    "identity_number",
    "credit_code",
    "representative",
    "contact",
    "employer",
    "address",
    "postcode",
    "phone",
    "fax",
    "email",
    "agent",
    "agent_identity",
)
# Of these the kind of document tells nothing; everything else is personal.
PRIVATE = frozenset(APPLICANT) - {"identity_kind"} | {"proof", "files"}
_CONDITIONAL = frozenset(
    {"category", "identity_kind", "identity_number", "credit_code", "representative", "contact", "phone", "accepts_other",
     "tell_by_email"}
)  # fmt: skip
_OF_CITIZENS = ("identity_kind", "identity_number", "employer")
_OF_ORGANISATIONS = ("credit_code", "representative", "contact")

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,6})?|400-?\d{3}-?\d{4}", re.ASCII)
_ABROAD = re.compile(r"\+(?!86)\d{6,15}", re.ASCII)
_TIME = re.compile(
    r"(?:19|20)\d{2}\s*(?:年|[-—–/.〕\]）)])|[一二〇○零]{2}[〇○零一二三四五六七八九]{2}年|"
    r"[今去前本当]年|近[一二两三四五六七八九十\d]{1,3}个?[年月]|[上下]半年|季度|以来|至今|历年|现行|最新|第\s*[\d一二三四五六七八九十百]+\s*[号期]"
)
_NAMED = re.compile(r"《[^《》]{2,80}》|[〔\[（(]\s*(?:19|20)\d{2}\s*[〕\]）)]\s*\d+\s*号")
_IDENTITY_IN_TEXT = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Advice:
    """A hint beside a field: what was noticed and what would help. It never refuses anything."""

    field: str
    code: str
    words: str
    items: tuple[str, ...] = ()


def step(*groups: str) -> tuple[str, ...]:
    """The field names of groups of the form. Raises KeyError for an unknown group."""
    return tuple(name for group in groups for name in GROUPS[group])


def asked_units() -> QuerySet[Unit]:
    """The bodies one can ask here: those that answer for themselves and have an officer who receives requests."""
    return _asked().all()


@lru_cache(maxsize=1)
def _asked() -> QuerySet[Unit]:
    """The query, never run itself: every form copies it."""
    officers = Membership.objects.filter(unit=OuterRef("pk"), role=Role.OFFICER, user__is_active=True)
    return Unit.objects.filter(Exists(officers), active=True, kind__in=ASKED_KINDS).order_by("path")


_STAMP = "gongkai.requests.asked"
_held: dict[str, dict[int, tuple[Unit, tuple[int, ...]]]] = {}


def _asked_now() -> dict[int, tuple[Unit, tuple[int, ...]]]:
    """The bodies one can ask and the keys of those who receive requests there, as they stood at most a few seconds ago."""
    stamp = cache.get(_STAMP)
    found = _held.get(stamp) if stamp else None
    if found is None:
        people = Membership.objects.filter(role=Role.OFFICER, user__is_active=True).order_by("user")
        officers: dict[int, list[int]] = defaultdict(list)
        for unit, person in people.values_list("unit", "user").distinct():
            officers[unit].append(person)
        found = {unit.pk: (unit, tuple(officers[unit.pk])) for unit in asked_units()}
        stamp = uuid4().hex
        _held.clear()
        _held[stamp] = found
        cache.set(_STAMP, stamp, 5)
    return found


def asked_unit(pk: int) -> Unit | None:
    """One of the bodies one can ask; None if it cannot be asked."""
    found = _asked_now().get(pk)
    # Whoever gets it may change it.
    return copy(found[0]) if found else None


def asked_officers(pk: int) -> list[User]:
    """Who receives requests in a body, with nothing but the key; empty where it cannot be asked."""
    found = _asked_now().get(pk)
    return [User(pk=person) for person in found[1]] if found else []


@receiver((post_save, post_delete), sender=Unit)
@receiver((post_save, post_delete), sender=Membership)
@receiver((post_save, post_delete), sender=User)
def _forget_asked(**_: object) -> None:
    cache.delete(_STAMP)


class AskedUnitField(UnitField):
    """One of the bodies one can ask; what was chosen is looked up in memory."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.none(), **kwargs)

    def to_python(self, value: Any) -> Unit | None:
        """The body with this key; ValidationError if there is none that can be asked."""
        if value in self.empty_values:
            return None
        unit = asked_unit(int(value)) if str(value).isascii() and str(value).isdigit() else None
        return unit or super().to_python(value)


def plain(text: str) -> str:
    """Typed text without control characters; full-width figures and letters become ordinary ones."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()


def narrow(text: str) -> str:
    """A number as it is kept: half width, no blanks, capital letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", plain(text))).upper()


def phone_of(text: str) -> str:
    """A telephone number as it is kept; ValidationError when it cannot be one."""
    number = re.sub(r"[‐‑–—－]", "-", narrow(text)).replace("(", "").replace(")", "-")
    bare = re.sub(r"^(?:\+86|0086)-?", "", number)
    if _MOBILE.fullmatch(bare.replace("-", "")):
        return bare.replace("-", "")
    if _LANDLINE.fullmatch(bare) or _ABROAD.fullmatch(number):
        return bare
    raise ValidationError("电话号码不对。手机号是11位；固定电话请写区号，例如 0000-1234567。")


def born_on(identity_number: str) -> dt.date | None:
    """The day of birth an identity number of 18 signs gives; None when it gives no day of the calendar."""
    try:
        return dt.date(int(identity_number[6:10]), int(identity_number[10:12]), int(identity_number[12:14]))
    except ValueError:
        return None


def age_on(born: dt.date, day: dt.date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def identity_fault(kind: str, number: str, today: dt.date) -> str:
    """What is wrong with a document's number, in words; empty when nothing is."""
    if kind in _CHECKED_KINDS:
        if not identifiers.is_identity_number(number):
            return "证件号码不对：应为18位，最后一位校验不符。请对照证件核对。"
        born = born_on(number)
        if born is None or not dt.date(1850, 1, 1) <= born <= today:
            return "证件号码里的出生日期不对。请对照证件核对。"
    elif kind == "permanent" and len(number) == 18 and not identifiers.is_identity_number(number):
        return "证件号码不对：最后一位校验不符。请对照证件核对。"
    elif not re.fullmatch(r"[0-9A-Z一-鿿\-()第字号]{4,40}", number):
        return "证件号码不对。请照证件填写。"
    return ""


def advice_on(content: str, subject: str = "") -> list[Advice]:
    """Hints on the words of a request: several matters, no stretch of time, personal data that nobody needs."""
    found = []
    matters = several_matters(content)
    if matters:
        found.append(
            Advice(
                "content",
                "several",
                f"看起来问了{len(matters)}件事。建议一件事提交一份申请，各自办理，答复更快；合在一起也可以提交。",
                tuple(matters[:10]),
            )
        )
    both = f"{subject}\n{content}"
    if content.strip() and not _TIME.search(both) and not _NAMED.search(both):
        found.append(Advice("content", "time", "没有写明时间范围。请写从哪年哪月到哪年哪月，找得更准。"))
    if content.strip() and len(content.strip()) < 8 and not _NAMED.search(both):
        found.append(Advice("content", "short", "写得比较短，可能找不准。请写清时间、地点和事项。"))
    if _IDENTITY_IN_TEXT.search(unicodedata.normalize("NFKC", both)):
        found.append(
            Advice("content", "personal", "这里不用写证件号码和手机号。请删去，只在“申请人”一栏填写，那里会加密保存。")
        )
    return found


class FewFilesField(FilesField):
    """At most five files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = super().clean(data, initial)
        if len(files) > MOST_FILES:
            raise ValidationError(f"最多上传{MOST_FILES}个文件。请合并或者打包后再上传。")
        return files


def _area(label: str, rows: int, limit: int, **more: Any) -> CharField:
    return CharField(label=label, max_length=limit, widget=Textarea(attrs={"rows": rows}), **more)


def _line(label: str, limit: int, *, required: bool = False, complete: str = "", **more: Any) -> CharField:
    widget = TextInput(attrs={"autocomplete": complete} if complete else {})
    return CharField(label=label, max_length=limit, required=required, widget=widget, **more)


class ApplicationForm(ActForm):
    """The application. `only` keeps some fields of it, e.g. those of one step; rules that need others are left out then."""

    unit = AskedUnitField(label="向哪个机关申请", empty_label="请选择机关")
    subject = _line("信息名称或文号", 300, help_text="知道文件名、文号、项目名称的，请写在这里。")
    content = _area(
        "具体内容", 6, 4000, help_text="一次申请只写一件事。写清时间、地点、事项，越具体找得越准。"
    )  # fmt: skip
    files = FewFilesField(label="补充材料", required=False, help_text=f"照片、文件截图等，不超过{MOST_FILES}个。")  # type: ignore[assignment]

    applicant_kind = ChoiceField(
        label="申请人",
        choices=[(CITIZEN, "公民"), (ORGANISATION, "法人或者其他组织")],
        widget=RadioSelect,
        initial=CITIZEN,
    )
    category = ChoiceField(
        label="组织类型",
        choices=[("", "请选择"), *((value, label) for value, label in Category.choices if value != Category.NATURAL)],
        required=False,
        help_text="只用于统计。",
    )
    name = _line("姓名或者名称", 120, required=True, complete="name")
    identity_kind = ChoiceField(label="证件名称", choices=IDENTITY_KINDS, required=False, initial="id_card")
    identity_number = _line("证件号码", 40, complete="off")
    credit_code = _line("统一社会信用代码", 18, complete="off", help_text="18位；没有的写9位组织机构代码。")
    representative = _line("法定代表人或者负责人", 60, complete="off")
    contact = _line("联系人", 60, complete="off")
    employer = _line("工作单位", 120, complete="organization")
    phone = _line("联系电话", 40, complete="tel")
    email = _line("电子邮箱", 120, complete="email")
    fax = _line("传真", 40, complete="off")
    address = _line("联系地址", 200, complete="street-address")
    postcode = _line("邮政编码", 10, complete="postal-code")
    agent = _line(
        "代理人或者监护人", 60, help_text="由别人代为申请的填写，并上传委托书；不满14周岁的，由监护人代为申请。"
    )
    agent_identity = _line("代理人或者监护人证件号码", 40, complete="off")
    proof = FewFilesField(
        label="身份证明", required=False, help_text="证件照片或者扫描件，加密保存，只供核对身份。有委托书的一并上传。"
    )  # type: ignore[assignment]

    forms = MultipleChoiceField(
        label="希望得到什么形式",
        choices=Form.choices,
        widget=CheckboxSelectMultiple,
        error_messages={"required": "还没有选择。请至少选一种形式。"},
    )
    way = ChoiceField(
        label="怎样给您",
        choices=[item for item in Way.choices if item[0] != Way.ENTRUSTED],
        widget=RadioSelect,
        initial=Way.ONLINE,
    )
    accepts_other = TypedChoiceField(
        label="如果不能按这种形式提供",
        choices=[("yes", "接受其他形式"), ("no", "不接受，请先联系我")],
        widget=RadioSelect,
        required=False,
        initial="yes",
        coerce=lambda value: value == "yes",
        empty_value=True,
    )
    tell_by_email = BooleanField(label="有进展时发邮件告诉我", required=False)

    # A paper that lacks something is entered as it came; a form on the screen is completed before it is sent.
    lenient = False

    def __init__(self, *args: Any, only: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only is not None:
            kept = {*only, "kept"}
            for name in [name for name in self.fields if name not in kept]:
                del self.fields[name]
        self.lacking: list[str] = []
        self._arrange()

    def _arrange(self) -> None:
        """What the fields need to be drawn."""
        for name in _CONDITIONAL & set(self.fields):
            field: Any = self.fields[name]
            # Asked of some and not of others: not to be called optional.
            field.quiet = True
        if "unit" in self.fields:
            unit: Any = self.fields["unit"]
            unit.queryset = asked_units()

    # --- fields one by one --------------------------------------------------------------------------------------------

    def _text(self, name: str) -> str:
        return plain(self.cleaned_data.get(name) or "")

    def clean_subject(self) -> str:
        """One line."""
        return " ".join(self._text("subject").split())

    def clean_content(self) -> str:
        """Something that can be read."""
        text = self._text("content")
        if not any(unicodedata.category(c)[0] in "LN" for c in text):
            raise ValidationError("还没有写想要什么信息。请写清时间、地点和事项。")
        return text

    def clean_name(self) -> str:
        """A name has letters."""
        text = " ".join(self._text("name").split())
        if not any(unicodedata.category(c)[0] == "L" for c in text):
            raise ValidationError("请填写姓名或者单位名称。")
        return text

    def clean_phone(self) -> str:
        """A number that can be dialled."""
        return self._shaped("phone", phone_of)

    def clean_fax(self) -> str:
        """A number that can be dialled."""
        return self._shaped("fax", phone_of)

    def clean_email(self) -> str:
        """An address that can exist."""
        return self._shaped("email", email_of)

    def clean_postcode(self) -> str:
        """Six figures, if it is one of ours."""
        return self._shaped("postcode", postcode_of)

    def _shaped(self, name: str, read: Any) -> str:
        text = self._text(name)
        if not text:
            return ""
        try:
            return read(text)
        except ValidationError as problem:
            if not self.lenient:
                raise
            self._lacks(name, problem.messages[0])
            return text

    def _one_line(self, name: str) -> str:
        return " ".join(self._text(name).split())

    # --- fields together ----------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("representative", "contact", "employer", "address", "agent"):
            if name in data:
                data[name] = self._one_line(name)
        if "applicant_kind" in self.fields:
            self._check_applicant(data)
            self._check_contact(data)
        if "way" in self.fields:
            self._check_way(data)
        return data

    def _lacks(self, name: str, words: str) -> None:
        """An error, or, for a paper that is entered as it came, a note that something is missing."""
        if self.lenient:
            self.lacking.append(name)
        elif not self.has_error(name):
            self.add_error(name, words)

    def _check_applicant(self, data: dict[str, Any]) -> None:
        organisation = data.get("applicant_kind") == ORGANISATION
        for name in _OF_CITIZENS if organisation else _OF_ORGANISATIONS:
            data[name] = ""
        if organisation:
            self._check_organisation(data)
        else:
            data["category"] = Category.NATURAL
            self._check_citizen(data)
        data["agent_identity"] = narrow(data.get("agent_identity") or "")
        if data["agent_identity"] and not data.get("agent"):
            self._lacks("agent", "写了代理人的证件号码，还没有写姓名。请补上。")

    def _check_organisation(self, data: dict[str, Any]) -> None:
        if not data.get("category"):
            self._lacks("category", "请选择组织类型，年度报告要按它统计。")
            data["category"] = data.get("category") or Category.OTHER
        code = data["credit_code"] = narrow(data.get("credit_code") or "")
        if not code:
            self._lacks("credit_code", "请填写统一社会信用代码。")
        elif not identifiers.is_credit_code(code) and not identifiers.is_organisation_code(code):
            self._lacks("credit_code", "统一社会信用代码不对：应为18位，最后一位校验不符。请对照证照核对。")
        if not data.get("representative"):
            self._lacks("representative", "请填写法定代表人或者负责人的姓名。")
        if not data.get("contact"):
            self._lacks("contact", "请填写联系人，方便与您联系。")

    def _check_citizen(self, data: dict[str, Any]) -> None:
        number = data["identity_number"] = narrow(data.get("identity_number") or "")
        kind = data["identity_kind"] = data.get("identity_kind") or "id_card"
        if not number:
            self._lacks("identity_number", "请填写证件号码，用来核对身份，加密保存。")
            return
        today = timezone.localdate()
        fault = identity_fault(kind, number, today)
        if fault:
            self._lacks("identity_number", fault)
            return
        born = born_on(number) if kind in _CHECKED_KINDS else None
        if born is not None and age_on(born, today) < GUARDIAN_AGE and not data.get("agent"):
            self._lacks("agent", f"申请人不满{GUARDIAN_AGE}周岁，请由监护人代为申请，并填写监护人姓名。")

    def _check_contact(self, data: dict[str, Any]) -> None:
        if any(self.has_error(name) for name in ("phone", "email", "address")):
            return
        if not any(data.get(name) for name in ("phone", "email", "address")):
            self._lacks("phone", "请至少留一种联系方式：电话、电子邮箱或者地址。")

    def _check_way(self, data: dict[str, Any]) -> None:
        wanted = {
            Way.POST: ("address", "选了邮寄，请填写联系地址。"),
            Way.EMAIL: ("email", "选了电子邮件，请填写电子邮箱。"),
            Way.FAX: ("fax", "选了传真，请填写传真号码。"),
            Way.PICKUP: ("phone", "选了当面领取，请填写联系电话，好通知您来取。"),
        }
        name, words = wanted.get(data.get("way", ""), ("", ""))
        if name in self.fields and not data.get(name) and not self.has_error(name):
            self._lacks(name, words)
        if data.get("tell_by_email") and "email" in self.fields and not data.get("email"):
            self._lacks("email", "要发邮件告诉您进展，请填写电子邮箱。")

    # --- what came of it ----------------------------------------------------------------------------------------------

    def advice(self) -> list[Advice]:
        """Hints on what was typed, also on a form with errors."""
        if "content" not in self.fields or not self.is_bound:
            return []
        data = getattr(self, "cleaned_data", {})
        found = advice_on(data.get("content") or "", data.get("subject") or "")
        if "proof" in self.fields and not data.get("proof") and not self.has_error("proof"):
            found.append(
                Advice("proof", "proof", "没有上传身份证明。可以先提交，登记时如需核对，会请您补充。")
            )  # fmt: skip
        return found


def email_of(text: str) -> str:
    """An address as it is kept; ValidationError when it cannot be one."""
    address = unicodedata.normalize("NFKC", text).replace(" ", "")
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError("电子邮箱不对。请核对，例如 name@example.cn。") from None
    return address


def postcode_of(text: str) -> str:
    """A postal code as it is kept; ValidationError unless it has six figures."""
    code = narrow(text)
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        raise ValidationError("邮政编码是6位数字。")
    return code


def applicant_of(data: dict[str, Any]) -> dict[str, str]:
    """The part of a clean form that is sealed; what was not given is absent."""
    return {name: str(data[name]) for name in APPLICANT if data.get(name)}


# Channels staff enter; what comes through the web enters itself.
ENTERED = [item for item in Channel.choices if item[0] != Channel.WEB]


class EntryForm(ApplicationForm):
    """The same form, entered by staff from paper, fax or mail, with the day it came and its scans."""

    unit = UnitField(label="收到申请的机关", queryset=Unit.objects.none(), empty_label="请选择机关")  # type: ignore[assignment]
    channel = ChoiceField(label="收件方式", choices=ENTERED, widget=RadioSelect)
    arrived_on = DayField(
        label="收到日期", help_text="当面提交的，为提交当天；挂号信、快递，为本单位签收当天（门卫、收发室签收也算）。"
    )
    confirmed_on = DayField(
        label="与申请人确认收到的日期",
        required=False,
        help_text="平常信函、传真、电子邮件以双方确认之日为收到申请之日。还没有确认的先空着，当天联系。",
    )
    as_written = BooleanField(
        label="按来件原样录入",
        required=False,
        help_text="来件有缺项或者号码有误时勾选，照原样录入，登记时再请申请人补正。",
    )
    dictated = BooleanField(label="申请人书写确有困难，由工作人员代为填写", required=False)
    scans = FewFilesField(label="来件扫描件", required=False, help_text="申请表、信封、证件复印件等，加密保存。")  # type: ignore[assignment]

    field_order = ["channel", "arrived_on", "confirmed_on", "scans", "as_written", "dictated"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lenient = bool(self.is_bound and self.data.get(self.add_prefix("as_written")))
        fields: dict[str, Any] = self.fields
        fields["way"].initial = Way.POST
        for name, label in (("name", "申请人姓名或者名称"), ("way", "获取方式"), ("tell_by_email", "进展用邮件告知")):
            fields[name].label = label
        for name in ("confirmed_on", "as_written", "dictated"):
            fields[name].quiet = True
        if self.lenient:
            fields["forms"].required = False

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own = [
            unit for unit, roles in (user.roles_by_unit if user else {}).items() if {Role.OFFICER, Role.HANDLER} & roles
        ]
        unit: Any = self.fields["unit"]
        unit.queryset = asked_units().filter(pk__in=own)
        if len(own) == 1:
            unit.initial = own[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["lacking"] = sorted(set(self.lacking))
        return data

    def clean_forms(self) -> list[str]:
        """What the paper does not say is asked for later."""
        chosen = self.cleaned_data["forms"]
        if not chosen:
            self._lacks("forms", "请选择希望得到的形式。")
        return list(chosen)
