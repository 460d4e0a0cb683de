"""Forms of key areas: a row by its template, tables, findings, datasets, templates of the office."""

from __future__ import annotations

from typing import Any

from django import forms

from gongkai.core.forms import ActForm, DayInput, FilesField
from gongkai.core.models import User
from gongkai.publications.areas import values
from gongkai.publications.areas.catalog.model import Field, Shown, Template, Type
from gongkai.publications.areas.models import Batch, BatchHit, BatchRow, EntryVersion

PREFIX = "cell_"
HELP = {
    Type.LINK: "填已公开文件的发文字号、索引号或标题，或者完整网址。",
    Type.UNIT: "填单位全称或简称。",
}
_HIDDEN_WORDS = {Shown.INTERNAL: "只供内部核对，不公开。", Shown.MASKED: "公开时自动遮盖。"}


class CellField(forms.Field):
    """A cell of the template; read by `values.read`, so that form and spreadsheet understand the same words."""

    def __init__(self, field: Field, lookup: values.Lookup) -> None:
        self.cell, self.lookup = field, lookup
        notes = [field.help, HELP.get(field.type, ""), _HIDDEN_WORDS.get(field.shown, "") if not field.when else ""]
        super().__init__(
            label=field.head,
            required=field.required,
            widget=_widget(field),
            help_text="".join(dict.fromkeys(note for note in notes if note)),
        )

    def clean(self, value: Any) -> Any:
        """The value; ValidationError with a sentence."""
        try:
            return values.read(self.cell, value, self.lookup)
        except values.CellError as error:
            raise forms.ValidationError(str(error)) from None


def _widget(field: Field) -> forms.Widget:
    if field.type == Type.LONG:
        return forms.Textarea(attrs={"rows": 4})
    if field.type == Type.DATE:
        return DayInput()
    if field.type == Type.CHOICE:
        return forms.Select(choices=[("", "请选择"), *((one, one) for one in field.choices)])
    if field.type == Type.YESNO:
        return forms.Select(choices=[("", "请选择"), ("是", "是"), ("否", "否")])
    if field.type == Type.YEAR:
        return forms.TextInput(attrs={"inputmode": "numeric", "size": 6})
    if field.numeric:
        return forms.TextInput(attrs={"inputmode": "decimal", "size": 16})
    return forms.TextInput()


class RowForm(ActForm):
    """One row. The cells stand under `cell_<name>`; `row` names the row that is changed."""

    row = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            self.template: Template = case.dataset.template
            add_cells(self, self.template)
            self.order_fields([f"{PREFIX}{field.name}" for field in self.template.fields])

    def cells(self) -> dict[str, Any]:
        """Raw words by field name, as they were typed."""
        return {field.name: self.data.get(f"{PREFIX}{field.name}") for field in self.template.fields}


def add_cells(form: forms.Form, template: Template) -> None:
    """Give a form the fields of a template."""
    lookup = values.Lookup()
    for field in template.fields:
        form.fields[f"{PREFIX}{field.name}"] = CellField(field, lookup)


def initial_of(template: Template, held: dict[str, Any], raw: dict[str, str] | None = None) -> dict[str, Any]:
    """What the form of a row shows: what was typed where it could not be taken, else the values."""
    typed = raw or {}
    return {
        f"{PREFIX}{field.name}": typed.get(field.name) or values.typed_of(field, held.get(field.name))
        for field in template.fields
    }


class TableForm(ActForm):
    """A table to take in."""

    files = FilesField(label="填好的表格", required=False, help_text="Excel（.xlsx）或 CSV，列名与模板一致。")  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only a table that was kept from the dry run makes a new upload needless.
        self.fields["files"].required = not self.is_bound

    def clean(self) -> dict[str, Any]:
        """Exactly one file."""
        data = super().clean() or self.cleaned_data
        uploads, kept = self.everything()
        if len(uploads) + len(kept) != 1:
            raise forms.ValidationError("请选择一个填好的表格。")
        return data


class RowsForm(ActForm):
    """Which rows of the batch."""

    rows = forms.ModelMultipleChoiceField(
        label="哪几条", queryset=BatchRow.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["rows"]
            field.queryset = BatchRow.objects.filter(batch=case.pk).order_by("-faulty", "ordinal")
            field.label_from_instance = lambda row: f"{row.place} {row.title}".strip() or f"第{row.ordinal}条"


class HitsForm(ActForm):
    """Which findings."""

    hits = forms.ModelMultipleChoiceField(
        label="处理哪几处", queryset=BatchHit.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["hits"]
            field.queryset = self.hits_of(case)
            field.label_from_instance = lambda hit: f"{hit.place}：{hit.label}“{hit.found}”"

    def hits_of(self, case: Batch) -> Any:
        """The findings that are not settled."""
        return BatchHit.objects.filter(batch=case.pk, resolution="")


class MaskForm(HitsForm):
    """Findings for which screening knows what should stand there."""

    def hits_of(self, case: Batch) -> Any:
        return super().hits_of(case).filter(row__isnull=False).exclude(suggestion="")


class OverruleForm(HitsForm):
    """Why it may go out as it is."""

    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(ActForm):
    """Why, and which rows: none chosen means all."""

    reason = forms.CharField(label="撤回原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    versions = forms.ModelMultipleChoiceField(
        label="只撤回这几条",
        required=False,
        queryset=EntryVersion.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="一条都不选，就撤回整批。",
    )

    titles = forms.CharField(
        label="只撤回这几条",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行写一条的名称；不写就撤回整批。",
    )

    MOST = 200

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is None:
            return
        field: Any = self.fields["versions"]
        shown = EntryVersion.objects.filter(batch=case.pk, public=True).order_by("entry_id")
        field.queryset = self.shown = shown.select_related("entry")
        field.label_from_instance = lambda version: version.title
        # Nobody ticks boxes among thousands: there the rows are named.
        many = shown.count() > self.MOST
        del self.fields["versions" if many else "titles"]

    def clean(self) -> dict[str, Any]:
        """The versions that were ticked or named; empty means all."""
        data = super().clean() or self.cleaned_data
        names = {" ".join(line.split()) for line in data.get("titles", "").splitlines() if line.strip()}
        if names:
            found = list(self.shown.filter(title__in=names))
            missing = names - {version.title for version in found}
            if missing:
                self.add_error(
                    "titles", f"这一批里没有公开的“{'”“'.join(sorted(missing)[:5])}”。请按页面上的名称填写。"
                )
            data["versions"] = found
        return data
