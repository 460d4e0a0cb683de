"""Opening and setting up datasets, and the templates that the office makes itself: audited, no case of their own."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import audit
from gongkai.core.acts import ActError
from gongkai.core.forms import UnitsField
from gongkai.core.locks import writing
from gongkai.core.models import Unit, User
from gongkai.publications.areas import catalog, outward
from gongkai.publications.areas.catalog.model import (
    MASK_LABELS,
    SHOWN_LABELS,
    TYPE_LABELS,
    Field,
    Shown,
    Template,
    Type,
    fault_of,
    field_data,
)
from gongkai.publications.areas.models import Dataset, OwnTemplate

MONTHS = [(0, "随时更新"), (1, "每月"), (3, "每季度"), (6, "每半年"), (12, "每年")]
MOST_FIELDS = 24
FORM_ROWS = 12
# A person's data must not become public because somebody made a column for it.
_PERSONAL = re.compile(r"身份证|证件号|银行|账号|卡号|手机|病情|诊断|残疾")
_PERSON = re.compile(r"姓名|户主|申请人|学生|家长|当事人|受益人")


def open_one(user: User | None, code: str, unit: Unit) -> Dataset:
    """Open the dataset of a unit by a template; ActError when there is none or it is open already."""
    own = None if code in catalog.TEMPLATES else OwnTemplate.objects.filter(code=code, active=True).first()
    if own is None and code not in catalog.TEMPLATES:
        raise ActError("没有这个目录模板。")
    template: Template = own.template if own else catalog.TEMPLATES[code]
    now = timezone.now()
    with writing():
        held, new = Dataset.objects.get_or_create(
            code=code, unit=unit, defaults={"own": own, "months": template.months, "opened_at": now}
        )
        if not new and held.active:
            raise ActError(f"{unit}已经开通“{template.title}”。")
        held.active = True
        held.due_on = outward.next_due(held, timezone.localdate(now))
        held.save(update_fields=["active", "due_on"])
        audit.note(
            "areas.open", "开通数据集", user, summary=f"{unit}：{template.title}", data={"code": code, "unit": unit.pk}
        )
    return held


class SetupForm(forms.Form):
    """Explanation, rhythm and the unit's own columns."""

    explanation = forms.CharField(
        label="说明",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="显示在公开页面上：这些数据是什么、按什么规则产生、怎样查询。双随机检查要写明机制和规则。",
    )
    months = forms.TypedChoiceField(label="更新周期", coerce=int, choices=MONTHS)
    active = forms.BooleanField(label="在用", required=False, help_text="停用后不能再填报，已经公开的保留。")


def set_up(user: User | None, held: Dataset, data: dict[str, Any], more: list[Field] | None) -> Dataset:
    """Write the setup of a dataset down; ActError when a column does not fit."""
    base = held.own.template if held.own_id and held.own else catalog.TEMPLATES[held.code]
    if more is not None:
        problem = problem_of([*base.fields, *more])
        if problem:
            raise ActError(problem)
    with writing():
        before = held.explanation
        rhythm = held.months != data["months"]
        held.explanation, held.months, held.active = data["explanation"].strip(), data["months"], data["active"]
        if rhythm:
            start = held.updated_at or held.opened_at
            held.due_on = outward.next_due(held, timezone.localdate(start))
        if more is not None:
            held.more_fields = [field_data(one) for one in more]
        held.__dict__.pop("template", None)
        held.save()
        outward.explained(held)
        said = [] if before == held.explanation else ["说明"]
        said += ["更新周期"] if rhythm else []
        said += ["字段"] if more else []
        audit.note("areas.setup", "设置数据集", user, summary=f"{held.unit}：{held}，{'、'.join(said) or '未变'}"[:300])
    return held


def problem_of(fields: list[Field]) -> str:
    """Why these columns cannot be used, in words; empty if they can."""
    labels = [one.label for one in fields]
    double = next((label for label in labels if labels.count(label) > 1), "")
    if double:
        return f"“{double}”出现了两次，列名不能重复。"
    for one in fields:
        if one.shown == Shown.PUBLIC and _PERSONAL.search(one.label):
            return f"“{one.label}”是个人信息，不能直接公开。请改为“不公开”或“遮盖后公开”。"
        if one.shown == Shown.PUBLIC and one.type == Type.TEXT and _PERSON.search(one.label):
            return f"“{one.label}”是个人姓名，公开时要遮盖。请把公开方式改为“遮盖后公开”。"
    return ""


class FieldForm(forms.Form):
    """One column of a template that people make on screen; an empty label means no column."""

    label = forms.CharField(label="列名", max_length=30, required=False)
    type = forms.ChoiceField(label="类型", choices=list(TYPE_LABELS.items()), initial="text", required=False)
    unit = forms.CharField(label="计量单位", max_length=10, required=False)
    choices = forms.CharField(label="选项", max_length=500, required=False)
    shown = forms.ChoiceField(label="公开方式", choices=list(SHOWN_LABELS.items()), initial="public", required=False)
    mask = forms.ChoiceField(label="遮盖内容", choices=list(MASK_LABELS.items()), initial="name", required=False)
    required = forms.BooleanField(label="必填", required=False)
    listed = forms.BooleanField(label="列表显示", required=False)
    filter = forms.BooleanField(label="可筛选", required=False)
    key = forms.BooleanField(label="标识", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The controls stand in a table whose heads are seen, not heard: each says its own column.
        number = int(str(self.prefix).rpartition("-")[2] or 0) + 1 if self.prefix else 1
        for bound in self:
            bound.field.widget.attrs["aria-label"] = f"第{number}列的{bound.label}"

    def field(self, name: str) -> Field | None:
        """The column, or None when no label was typed."""
        data = self.cleaned_data
        if not data["label"].strip():
            return None
        kind, shown = Type(data["type"] or Type.TEXT), Shown(data["shown"] or Shown.PUBLIC)
        options = tuple(
            dict.fromkeys(part.strip() for part in re.split(r"[、，,;；\n]", data["choices"]) if part.strip())
        )
        return Field(
            name=name,
            label=data["label"].strip(),
            type=kind,
            required=data["required"] or data["key"],
            unit=data["unit"].strip() if kind == Type.NUMBER else "",
            choices=options if kind == Type.CHOICE else (),
            shown=shown,
            mask=(data["mask"] or "name") if shown == Shown.MASKED else "",
            listed=data["listed"],
            filter=data["filter"] and kind in (Type.CHOICE, Type.YESNO) and shown == Shown.PUBLIC,
        )


FieldForms = forms.formset_factory(FieldForm, extra=0, min_num=FORM_ROWS, max_num=MOST_FIELDS, validate_max=True)
MoreForms = forms.formset_factory(FieldForm, extra=0, min_num=4, max_num=MOST_FIELDS, validate_max=True)


class TemplateForm(forms.Form):
    """A template of the office: its head; the columns come in `FieldForms`."""

    title = forms.CharField(label="目录名称", max_length=80)
    area = forms.ChoiceField(label="领域", choices=list(catalog.AREAS.items()), initial="other")
    basis = forms.CharField(label="公开依据", max_length=200, required=False)
    about = forms.CharField(label="公开内容", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    months = forms.TypedChoiceField(label="更新周期", coerce=int, choices=MONTHS, initial=12)
    units = UnitsField(label="由哪些单位填报", required=False)


def fields_of(forms_: Any, prefix: str) -> tuple[list[Field], list[str]]:
    """The columns typed into a set of forms, and the names of those that identify a row."""
    found, keys = [], []
    for number, form in enumerate(forms_, 1):
        one = form.field(f"{prefix}{number}")
        if one is not None:
            found.append(one)
            if form.cleaned_data["key"]:
                keys.append(one.name)
    return found, keys


def make_template(user: User, head: dict[str, Any], fields: list[Field], keys: list[str]) -> OwnTemplate:
    """Make a template of the office and open it for the units chosen; ActError when something is missing."""
    if not fields:
        raise ActError("还没有列。请至少写一列。")
    heading = next((one.name for one in fields if one.name in keys and one.shown != Shown.INTERNAL), "")
    if not keys or not heading:
        raise ActError("请勾选“标识”：哪一列或哪几列合在一起能区分每一行，其中至少一列要公开。")
    if not any(one.listed for one in fields):
        raise ActError("请至少勾选一列“列表显示”。")
    problem = problem_of(fields)
    if problem:
        raise ActError(problem)
    number = (OwnTemplate.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    code = f"own-{number}"
    try:
        checked = Template(code, head["title"], head["area"], tuple(fields), tuple(keys), heading)
    except ValueError as error:
        raise ActError(str(error).partition(": ")[2] + "。") from None
    unit = user.main_unit
    if unit is None or fault_of(checked):
        raise ActError("你还没有任职单位，请联系安全保密管理员。")
    with writing():
        own = OwnTemplate.objects.create(
            code=code,
            title=head["title"],
            area=head["area"],
            basis=head["basis"],
            about=head["about"],
            months=head["months"],
            fields=[field_data(one) for one in fields],
            key=keys,
            heading=heading,
            made_by=unit,
        )
        audit.note("areas.template", "新建目录模板", user, summary=own.title, data={"code": code})
        for one in head["units"]:
            open_one(user, code, one)
    return own
