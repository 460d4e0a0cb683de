"""Applicants' personal data: masked until somebody whose work needs it asks, and erased when its time is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Q, QuerySet

from gongkai.core import jurisdiction, privacy
from gongkai.core.acts import Act, Work, perform
from gongkai.core.models import User
from gongkai.core.privacy import mask, retention
from gongkai.core.privacy.fields import SealedField, SealedJSONField
from gongkai.core.roles import Role
from gongkai.requests.forms import IDENTITY_KINDS
from gongkai.requests.models import Category, Request, Submission

ERASED = "（已删除）"
# Whose work on a request needs to know who asks: who handles it, who checks the reply, who signs it.
NEEDS = frozenset({Role.OFFICER, Role.HANDLER, Role.REVIEWER, Role.LEGAL, Role.LEADER})
LABELS = {
    "name": "姓名或者名称",
    "identity_number": "证件号码",
    "credit_code": "统一社会信用代码",
    "representative": "法定代表人或者负责人",
    "contact": "联系人",
    "employer": "工作单位",
    "phone": "联系电话",
    "email": "电子邮箱",
    "fax": "传真",
    "address": "联系地址",
    "postcode": "邮政编码",
    "agent": "代理人或者监护人",
    "agent_identity": "代理人证件号码",
}
_MASKS: dict[str, Any] = {
    "name": mask.name,
    "identity_number": mask.identity,
    "credit_code": mask.credit_code,
    "representative": mask.name,
    "contact": mask.name,
    "phone": mask.phone,
    "email": mask.email,
    "fax": mask.phone,
    "address": mask.address,
    "agent": mask.name,
    "agent_identity": mask.identity,
}


def describe(case: Request) -> list[tuple[str, str, str]]:
    """Key, label and mask of what the applicant gave."""
    given: dict[str, str] = case.applicant or {}
    found = []
    for key, label in LABELS.items():
        value = given.get(key, "")
        if not value:
            continue
        hide = (
            mask.organisation if key == "name" and case.category != Category.NATURAL else _MASKS.get(key, mask.anything)
        )
        found.append((key, _label(key, label, given), hide(value)))
    return found


def _label(key: str, label: str, given: dict[str, str]) -> str:
    kind = dict(IDENTITY_KINDS).get(given.get("identity_kind", ""), "")
    return f"{kind}号码" if key == "identity_number" and kind and kind != "其他有效证件" else label


def values(case: Request, keys: Collection[str]) -> dict[str, str]:
    """The plain values of some fields."""
    given = case.applicant or {}
    return {key: given[key] for key in keys if key in LABELS and given.get(key)}


def may(case: Request, user: User) -> bool:
    """Whether a person's work on this request needs to know who asks."""
    return bool(user.roles_at(case.unit) & NEEDS)


def opens(case: Request, user: User) -> bool:
    """Whether a person reviews the reply now: the reviewers of the running round judge by the files that go out.

    So does secrecy review, which need not know who asks.
    """
    if case.state != "review":
        return False
    from gongkai.requests.acts.reply import steps_now

    return any(step.role in user.roles_at(step.unit) for step in steps_now(case))


# --- the end of keeping -----------------------------------------------------------------------------------------------

jurisdiction.declare(
    "requests.contested_retention_years",
    "有复议、诉讼的申请，个人信息保存几年（办结后）",
    30,
    group="个人信息",
    parse=jurisdiction.whole(1, 100),
    source="按归档惯例，法律没有规定年数",
)


def due(cutoff: dt.datetime) -> QuerySet[Request]:
    """Requests closed before a moment; contested ones are kept their own, longer time."""
    more = jurisdiction.value("requests.contested_retention_years") - jurisdiction.value(retention.SETTING)
    later = cutoff - dt.timedelta(days=round(max(more, 0) * 365.25))
    plain = Q(contested=False, closed_at__lt=cutoff)
    return Request.objects.filter(plain | Q(contested=True, closed_at__lt=later), erased_at__isnull=True)


def erase(case: Request) -> None:
    """Empty every sealed column of a request and of what hangs on it."""
    perform("request.erase", case, None)


class Erase(Act):
    """删除个人信息: by the system, when the time of keeping is over. Who asked is gone; what was done stays."""

    kind, name, label, icon = Request.KIND, "erase", "到期删除个人信息", "eraser"
    system = True

    def starts_from(self, case: Any) -> bool:
        """Only what is closed."""
        return not case.is_open

    def apply(self, work: Work) -> None:
        case: Request = work.case
        for field in case._meta.concrete_fields:
            if isinstance(field, SealedField):
                setattr(case, field.attname, empty(field))
        case.identity_mark = case.phone_mark = case.email_mark = case.code_mark = ""
        case.applicant_label, case.erased_at = ERASED, work.now
        Submission.objects.filter(request=case).delete()
        for model, link in linked():
            sealed = {field.name: empty(field) for field in model._meta.local_fields if isinstance(field, SealedField)}
            model.objects.filter(**{link: case.pk}).update(**sealed)
        work.summary = "保存期限已满，申请人资料和查询码已删除"


def empty(field: SealedField) -> Any:
    """Nothing, as a sealed column says it."""
    return None if field.null else {} if isinstance(field, SealedJSONField) else ""


def linked() -> list[tuple[Any, str]]:
    """Models with sealed columns that belong to a request, each with the name of the link; through replies too."""
    found = []
    for model in apps.get_models():
        if model is Request or not any(isinstance(field, SealedField) for field in model._meta.local_fields):
            continue
        for link in model._meta.local_fields:
            if not isinstance(link, ForeignKey):
                continue
            if link.related_model is Request and link.name == "request":
                found.append((model, "request"))
            elif any(getattr(one, "related_model", None) is Request and one.name == "request" for one in _own(link)):
                found.append((model, f"{link.name}__request"))
    return found


def _own(link: ForeignKey) -> list[Any]:
    """The columns of the record a link leads to, where it belongs to this room."""
    target: Any = link.related_model
    return list(target._meta.local_fields) if target._meta.app_label == Request._meta.app_label else []


def register_all() -> None:
    """Make the room's rules known to core."""
    privacy.register(Request.KIND, describe=describe, values=values, may=may, opens=opens)
    retention.register(Request.KIND, due=due, erase=erase)
