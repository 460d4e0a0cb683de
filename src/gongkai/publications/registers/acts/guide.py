"""Acts on a disclosure guide, and on the to-do that arises when a unit's address or telephone changes."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.core import clocks, jurisdiction, own_units
from gongkai.core.acts import Act, Work, people_of
from gongkai.core.forms import ActForm, ReasonForm, UnitField
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, Role, anywhere, owner
from gongkai.publications.acts import common
from gongkai.publications.models import CatalogColumn
from gongkai.publications.registers.acts import reviewing
from gongkai.publications.registers.models import (
    GUIDE_ELEMENTS,
    Guide,
    GuideUpdate,
    RegisterVersion,
    unit_contact,
)

KIND = Guide.KIND
LABELS = {"name": "单位名称", "address": "办公地址", "telephone": "联系电话"}
# The general part of a guide is alike everywhere: it is offered to whoever writes a new one, and may be changed.
CLASSIFICATION = "本单位公开的政府信息分为主动公开和依申请公开两类。主动公开的信息按公开目录编排，每条信息有索引号、名称、内容概述和生成日期。"
WAYS = "主动公开的信息在政府门户网站“政府信息公开”栏目发布，也可以到政务服务场所、档案馆、公共图书馆的查阅点查阅。"
CHANNELS = (
    "申请公开政府信息，请填写申请表，写明姓名或者单位名称、身份证明、联系方式、需要的政府信息的名称或者特征、获取方式。\n"
    "一、当面提交：到公开工作机构填写并提交。\n"
    "二、邮寄：在信封上写明“政府信息公开申请”。\n"
    "三、网上提交：在门户网站“依申请公开”栏目填写。\n"
    "收到申请后，能够当场答复的当场答复；不能当场答复的，20个工作日内答复，需要延长的，最多延长20个工作日。"
)
REMEDIES = (
    "认为本单位没有依法履行政府信息公开义务的，可以向上一级行政机关或者政府信息公开工作主管部门投诉、举报，"
    "也可以依法申请行政复议或者提起行政诉讼。"
)


class GuideForm(ActForm):
    """The elements of a guide; a draft may lack some, a version may not."""

    unit = UnitField(label="单位", required=False, help_text="不选就是本单位。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, needed, rows, words in GUIDE_ELEMENTS:
            help_text = words or ("条例要求写明。" if needed else "")
            limit = Guide._meta.get_field(name).max_length or 4000  # type: ignore[union-attr]
            if rows > 1:
                self.fields[name] = common.text_area(label, rows=rows, limit=limit, required=False, help_text=help_text)
            else:
                self.fields[name] = forms.CharField(label=label, max_length=limit, required=False, help_text=help_text)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        own_units.offer(self, user, STAFF)


def first_words(unit: Unit | None) -> dict[str, Any]:
    """What a new guide begins with: the general part, and the unit's own address and telephone."""
    return {
        "classification": CLASSIFICATION,
        "ways": WAYS,
        "channels": CHANNELS,
        "remedies": REMEDIES,
        "fees": jurisdiction.value("registers.fee_rule"),
        "address": unit.address if unit else "",
        "telephone": unit.telephone if unit else "",
    }


class WriteGuide(Act):
    """编写指南."""

    kind, name, label, icon = KIND, "write", "编写公开指南", "file-plus-corner"
    creates = True
    permits = anywhere(*STAFF)
    form_class = GuideForm
    hint = "保存后可以继续修改，再送审。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return first_words(user.main_unit if user else None)

    def apply(self, work: Work) -> None:
        unit = reviewing.own_unit(work)
        values = {name: work.data.get(name) or "" for name, *_ in GUIDE_ELEMENTS}
        reviewing.open_one(work, Guide, "政府信息公开指南", unit, **values)


class EditGuideForm(GuideForm):
    """The elements again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["unit"]


class EditGuide(Act):
    """修改."""

    kind, name, label, icon = KIND, "edit", "修改", "pencil"
    from_states = reviewing.DRAFTING
    permits = reviewing.STAFF_OF_OWNER
    form_class = EditGuideForm
    order = 5

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        if not isinstance(case, Guide):
            return {}
        values = {name: getattr(case, name) for name, *_ in GUIDE_ELEMENTS}
        # What changed in the unit's record is offered; whoever edits decides.
        for name in ("address", "telephone"):
            values[name] = values[name] or getattr(case.unit, name)
        return values

    def apply(self, work: Work) -> None:
        changed = []
        for name, label, *_ in GUIDE_ELEMENTS:
            value = work.data.get(name) or ""
            if getattr(work.case, name) != value:
                setattr(work.case, name, value)
                changed.append(label)
        if changed:
            reviewing.wrote(work)
        work.summary = f"改了{'、'.join(changed)}"[:300] if changed else "没有改动"


class SubmitGuide(reviewing.Submit):
    """送审."""

    kind = KIND


class ApproveGuide(reviewing.Approve):
    """通过并公布; what was to be updated is done."""

    kind = KIND

    def apply(self, work: Work) -> None:
        super().apply(work)
        # The guide is what stands in the column for guides: it is not blank any more.
        column = CatalogColumn.objects.filter(unit=work.case.unit_id, part=CatalogColumn.Part.GUIDE)
        column.update(updated_at=work.now)
        for update in GuideUpdate.objects.filter(unit=work.case.unit_id, closed_at__isnull=True):
            work.perform(CloseUpdate, update)


class ReturnGuide(reviewing.Return):
    """退回."""

    kind = KIND


class ReviseGuide(reviewing.Revise):
    """修订."""

    kind = KIND


# --- the to-do when something changed ---------------------------------------------------------------------------------


def differences(unit: Unit, known: dict[str, str]) -> list[list[str]]:
    """What of a unit is another than its guide knows: [label, before, after]."""
    now = unit_contact(unit)
    return [
        [LABELS[name], known.get(name, ""), value]
        for name, value in now.items()
        if known.get(name, "") != value and value
    ]


def look_at(unit: Unit) -> bool:
    """Ask for a new guide when the unit is no longer what its public guide says; returns whether a to-do was opened."""
    from gongkai.core.acts import perform

    version = (
        RegisterVersion.objects.filter(kind=KIND, unit=unit.pk, current=True).only("content", "published_at").first()
    )
    if version is None:
        return False
    changes = differences(unit, version.content.get("unit", {}))
    open_one = GuideUpdate.objects.filter(unit=unit.pk, closed_at__isnull=True).first()
    if not changes:
        return False
    if open_one is not None:
        if open_one.changes != changes:
            perform(Renew, open_one, None, {"changes": changes})
        return False
    newest = GuideUpdate.objects.filter(unit=unit.pk, state="dismissed").order_by("-pk").first()
    if newest is not None and newest.changes == changes and newest.opened_at > version.published_at:
        return False
    perform(OpenUpdate, None, None, {"unit": unit.pk, "changes": changes})
    return True


class UpdateForm(ActForm):
    """Which unit changed, and how."""

    unit = UnitField(label="单位")
    changes = forms.JSONField(label="变化")


class OpenUpdate(Act):
    """指南待更新."""

    kind, name, label, icon = GuideUpdate.KIND, "open", "机构信息有变化", "refresh-cw"
    creates = True
    system = True
    form_class = UpdateForm

    def apply(self, work: Work) -> None:
        unit = work.data["unit"]
        case = GuideUpdate(
            kind=GuideUpdate.KIND,
            state="open",
            title=f"{unit}的机构信息有变化，请修订公开指南",
            unit=unit,
            supervisor=common.supervising(unit),
            changes=work.data["changes"],
        )
        plan = {
            "code": "guide",
            "name": "指南修订期限",
            "unit": "workday",
            "amount": jurisdiction.value("registers.guide_workdays"),
            "basis": "《政府信息公开条例》第十二条（及时更新）",
        }
        work.open(case, clocks=[plan], summary=change_words(case.changes))
        work.notify(people_of(unit, Role.OFFICER), case.title)


def change_words(changes: list[list[str]]) -> str:
    """What changed, in one line."""
    return "；".join(f"{label}：{before or '空'} → {after}" for label, before, after in changes)[:300]


class RenewForm(ActForm):
    """What changed by now."""

    changes = forms.JSONField(label="变化")


class Renew(Act):
    """又有变化."""

    kind, name, label, icon = GuideUpdate.KIND, "renew", "机构信息又有变化", "refresh-cw"
    from_states = frozenset({"open"})
    system = True
    form_class = RenewForm

    def apply(self, work: Work) -> None:
        work.case.changes = work.data["changes"]
        work.summary = change_words(work.case.changes)


class CloseUpdate(Act):
    """已更新: a new version of the guide is public."""

    kind, name, label, icon = GuideUpdate.KIND, "close", "指南已更新", "circle-check"
    from_states = frozenset({"open"})
    to_state = "done"
    system = True

    def apply(self, work: Work) -> None:
        work.case.outcome = "已更新"
        for clock in work.case.clocks.all():
            clocks.stop(clock, work.now)


class DismissUpdate(Act):
    """不需修订: the change does not concern the guide."""

    kind, name, label, icon = GuideUpdate.KIND, "dismiss", "不需修订", "circle-x"
    from_states = frozenset({"open"})
    to_state = "dismissed"
    permits = owner(*STAFF)
    form_class = ReasonForm
    order = 40
    hint = "例如公开工作机构另有办公地点，指南里写的仍然正确。"

    def apply(self, work: Work) -> None:
        work.words = work.data["reason"]
        work.case.outcome = "不需修订"
        for clock in work.case.clocks.all():
            clocks.cancel(clock, work.now)
