"""The form of a publication's content and metadata; one for writing, correcting and taking in."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms

from gongkai.core import jurisdiction
from gongkai.core.forms import ActForm, DayField
from gongkai.core.models import Unit, User
from gongkai.law import documents
from gongkai.law.numbering import restore_document_number
from gongkai.publications import body
from gongkai.publications.acts.common import text_area
from gongkai.publications.models import Attribute, CatalogColumn, Publication, Stage

BODY_LIMIT = 2_000_000
# Days outside are slips of the keyboard; nothing can be counted with them.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
DAYS = ("made_on", "effective_on", "expires_on")
# Control characters, what is no character, and marks that make a text read otherwise than it is written.
UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """A text without what no feed, sheet or Word file could carry, and without marks that turn its direction."""
    return UNFIT.sub("", text)


def subject_choices() -> list[tuple[str, str]]:
    """The subjects that may be chosen, with the place's own ones."""
    extra = str(jurisdiction.value("publications.subjects")).splitlines()
    return [("", "请选择"), *((subject, subject.replace("\\", "—")) for subject in documents.subjects(extra))]


def kind_choices() -> list[Any]:
    """Official kinds first, then what else is published."""
    return [
        ("", "请选择"),
        ("公文种类", [(kind, kind) for kind in documents.OFFICIAL_KINDS]),
        ("其他体裁", [(kind, kind) for kind in documents.OTHER_KINDS]),
    ]


def columns_for(unit: Unit | None) -> Any:
    """Columns into which a unit may publish: its own and the common ones."""
    columns = CatalogColumn.objects.filter(active=True)
    if unit is None:
        return columns.filter(unit__isnull=True)
    return columns.filter(unit__in=[unit.pk]) | columns.filter(unit__isnull=True)


def column_words(column: CatalogColumn) -> str:
    """A column with its tree and the column above it, so that columns of one title are told apart."""
    above = f"{column.parent.title} / " if column.parent is not None else ""
    return f"{above}{column.title}（{f'{column.unit}目录' if column.unit is not None else '公共目录'}）"


class InformationForm(ActForm):
    """Title, text and metadata. Everything but the title may still be missing in a draft."""

    title = forms.CharField(label="标题", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    body = forms.CharField(
        label="正文",
        required=False,
        max_length=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 18, "data-editor": ""}),
    )
    issuer = forms.CharField(
        label="发文机关", max_length=200, required=False, help_text="联合发文的用顿号隔开，牵头单位在前。"
    )
    document_number = forms.CharField(
        label="发文字号", max_length=80, required=False, help_text="例如：云政办发〔2026〕12号。不是公文的不填。"
    )
    document_kind = forms.ChoiceField(label="体裁", required=False)
    subject = forms.ChoiceField(label="主题分类", required=False)
    column = forms.ModelChoiceField(
        label="目录栏目", queryset=CatalogColumn.objects.none(), required=False, empty_label="请选择"
    )
    made_on = DayField(label="成文日期", required=False, help_text="主动公开期限从这一天起算。")
    attribute = forms.ChoiceField(
        label="公开属性", required=False, choices=[("", "还没有确定"), *Attribute.choices], widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label="不予公开情形",
        required=False,
        choices=[("", "请选择"), *((g.code, f"{g.label}（{g.article}）") for g in documents.GROUNDS)],
    )
    reason = text_area("不主动公开的理由", rows=3, limit=500, required=False)
    negative_entry = forms.CharField(label="负面清单条目", max_length=120, required=False)
    effective_on = DayField(label="施行日期", required=False)
    expires_on = DayField(label="有效期至", required=False, help_text="文件没有写明的，按本地规定的年限自动计算。")
    normative = forms.BooleanField(label="行政规范性文件", required=False)
    policy = forms.BooleanField(label="政策性文件（须同步解读）", required=False)
    plan = text_area("解读方案", rows=3, limit=500, required=False)
    stage = forms.ChoiceField(label="五公开环节", required=False, choices=[("", "请选择"), *Stage.choices])
    watched = forms.BooleanField(
        label="敏感或社会关注度高（发布前要统一口径）",
        required=False,
        help_text="勾选后，先向有关单位“征求口径”，口径统一才能批准和发布。",
    )
    keywords = forms.CharField(label="关键词", max_length=200, required=False, help_text="用空格隔开。")
    summary = text_area("内容概述", rows=3, limit=1500, required=False)
    source = forms.CharField(label="信息来源", max_length=120, required=False, help_text="转载时填写。")

    unit_id: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for field in fields.values():
            # A draft may lack anything; what has to be there is asked when it is sent up.
            field.quiet = True
        fields["subject"].choices = subject_choices()
        fields["document_kind"].choices = kind_choices()

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        unit = case.unit if case is not None else user.main_unit if user else None
        self.unit_id = unit.pk if unit is not None else None
        column: Any = self.fields["column"]
        column.queryset = columns_for(unit).select_related("unit", "parent")
        # The unit's own tree and the common one often hold columns of the same title.
        column.label_from_instance = column_words

    def _check_negative_entry(self, data: dict[str, Any]) -> None:
        """An entry of the unit's own negative list, where it has published one."""
        # The registers stand on this room; they are asked when they are there.
        from gongkai.publications.registers import negative

        if data.get("attribute") in (Attribute.ON_REQUEST, Attribute.WITHHELD):
            words = negative.check_entry(self.unit_id, data.get("negative_entry") or "", data.get("ground") or "")
            if words:
                self.add_error("negative_entry", words)

    def clean_title(self) -> str:
        """One line."""
        title = " ".join(plain(self.cleaned_data["title"]).split())
        if all(unicodedata.category(c) in ("Cf", "Zs", "Mn") for c in title):
            raise forms.ValidationError("请填写标题。")
        return title

    def clean_body(self) -> str:
        """Nothing gets into the database that is not safe to show."""
        return plain(body.sanitise(plain(self.cleaned_data["body"]))) if self.cleaned_data["body"] else ""

    def clean_document_number(self) -> str:
        """Brackets are mended; an order (第3号) keeps its own form."""
        typed = plain(self.cleaned_data["document_number"]).strip()
        if not typed or re.fullmatch(r"第[0-9一二三四五六七八九十百千零〇]+号", typed):
            return typed
        restored = restore_document_number(typed)
        if restored is None:
            raise forms.ValidationError(f"“{typed}”不合发文字号的写法。请写成“机关代字〔2026〕11号”，命令写成“第3号”。")
        return str(restored.number)

    def clean(self) -> dict[str, Any]:
        """Dates that contradict each other are said at the field where they are mended."""
        data = super().clean() or self.cleaned_data
        for name, value in data.items():
            if isinstance(value, str) and name != "body":
                data[name] = plain(value)
        for name in DAYS:
            if data.get(name) and not FIRST_DAY <= data[name] <= LAST_DAY:
                self.add_error(name, "年份不对，请核对后改正。")
        faults = documents.date_faults(data.get("made_on"), None, data.get("effective_on"), data.get("expires_on"))
        for fault in faults:
            self.add_error("expires_on" if "失效" in fault.words else "effective_on", fault.words)
        self._check_negative_entry(data)
        if data.get("attribute") == Attribute.PROACTIVE:
            data["ground"] = data["reason"] = data["negative_entry"] = ""
        return data


FIELDS = tuple(name for name in InformationForm.base_fields if name not in ("kept",))


def values_of(publication: Publication) -> dict[str, Any]:
    """What the form shows of a publication."""
    return {name: getattr(publication, name) for name in FIELDS}
