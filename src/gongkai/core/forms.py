"""Forms: the renderer, and the fields that acts use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from gongkai.core.models import Attachment, Unit, User


class Renderer(TemplatesSetting):
    """Forms in our own markup: label, help, error, control."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"
    formset_template_name = "django/forms/formsets/div.html"


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class SharedFields(dict[str, forms.Field]):
    """The fields of a form that is checked and never drawn or changed: copying them would take as long as checking.

    `SomeForm.base_fields = SharedFields(SomeForm.base_fields)`
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, forms.Field]:
        return dict(self)


FILE_MESSAGES: dict[str, Any] = {
    "required": "还没有选择文件。请选择后再提交。",
    "empty": "这个文件是空的。请检查后重新选择。",
    "invalid": "文件没有传上来。请重新选择文件后再提交。",
    "missing": "文件没有传上来。请重新选择文件后再提交。",
}


class OneFileField(forms.FileField):
    """One file, with words of our own when it is missing or empty."""

    default_error_messages = FILE_MESSAGES


class FilesField(OneFileField):
    """Several files; each is checked when the act stores it."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        cleaned = [super(FilesField, self).clean(file, initial) for file in files]
        if self.required and not cleaned:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        from gongkai.core import attachments

        for file in cleaned:
            data = file.read()
            file.seek(0)
            attachments.check(attachments.clean_name(file.name or ""), data)
        return cleaned


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day; also understands 2026年6月3日."""

    widget = DayInput

    def to_python(self, value: Any):
        if isinstance(value, str):
            value = value.strip().replace("年", "-").replace("月", "-").replace("日", "")
        return super().to_python(value)


class UnitField(forms.ModelChoiceField):
    """One unit in use."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Unit.objects.filter(active=True).order_by("path"))
        kwargs.setdefault("empty_label", "请选择单位")
        super().__init__(**kwargs)


class UnitsField(forms.ModelMultipleChoiceField):
    """Several units in use."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Unit.objects.filter(active=True).order_by("path"))
        super().__init__(**kwargs)


class PersonField(forms.ModelChoiceField):
    """One person, shown by post."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", User.objects.none())
        kwargs.setdefault("empty_label", "请选择")
        super().__init__(**kwargs)


class ActForm(forms.Form):
    """The form of an act. `prepare(case, user)` fits fields to the case; `kept` names files already uploaded to the draft.

    Every act form with files accepts `kept`: the ids of attachments that were uploaded with a form that had errors,
    so that nothing has to be uploaded twice.
    """

    kept = forms.ModelMultipleChoiceField(
        queryset=Attachment.objects.none(), required=False, widget=forms.MultipleHiddenInput
    )

    def prepare(self, case: Any, user: User | None) -> None:
        """Fit the form to the case and the person."""
        if user is not None:
            kept: Any = self.fields["kept"]
            kept.queryset = Attachment.objects.filter(draft_of=user, case__isnull=True)

    def everything(self, name: str = "files") -> tuple[list[Any], list[Attachment]]:
        """New uploads, and files kept from the draft."""
        return list(self.cleaned_data.get(name) or []), list(self.cleaned_data.get("kept") or [])


class ReasonForm(ActForm):
    """An act that asks only for its reason."""

    reason = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 4}), max_length=500)


class WordsForm(ActForm):
    """An act with optional words."""

    words = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 4}), max_length=1000, required=False)


def errors_text(form: forms.Form) -> list[tuple[str, str, str]]:
    """(field id, label, message) of each error, for the summary on top."""
    rows: list[tuple[str, str, str]] = []
    for name, messages in form.errors.items():
        label, identifier = "", ""
        if name in form.fields:
            bound = form[name]
            label, identifier = str(bound.label), bound.id_for_label
        rows += [(identifier, label, str(message)) for message in _flat(messages)]
    return rows


def _flat(messages: Iterable[Any]) -> list[Any]:
    return list(messages)
