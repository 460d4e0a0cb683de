"""Entry pages: a long form on one page, laid out in panels; what was uploaded stays when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.forms import CheckboxSelectMultiple

from gongkai.core import attachments, listing
from gongkai.core.models import Attachment

Layout = Iterable[tuple[str, tuple[str, ...]]]


def panels(form: Any, layout: Layout) -> list[dict[str, Any]]:
    """Title and visible fields of each panel; names that the form has not are left out."""
    return [
        {
            "title": title,
            "fields": [form[name] for name in names if name in form.fields and not form[name].is_hidden],
        }
        for title, names in layout
    ]


def keep_uploads(request: Any, form: Any, *, act: str, labels: Mapping[str, str]) -> None:
    """Store the uploads of a form with errors, sealed, so that they need not be chosen again.

    They belong to the person's draft of `act` and come back in the form's field `kept`, to be unticked. `labels` gives
    the fields with files and what each file is.
    """
    held = listing.ids_of(request.POST.getlist("kept"))
    for name, label in labels.items():
        for file in request.FILES.getlist(name):
            file.seek(0)
            try:
                attachment = attachments.store(file, user=request.user, sealed=True, label=label, remark=label)
            except attachments.Refused:
                continue
            attachment.draft_of, attachment.draft_act = request.user, act
            attachment.save()
            held.append(attachment.pk)
    if not held:
        return
    data: Any = request.POST.copy()
    data.setlist("kept", [str(pk) for pk in held])
    form.data = data
    field: Any = form.fields["kept"]
    field.label, field.help_text = "已上传的文件", "不用再传一遍。不要的取消勾选。"
    field.widget = CheckboxSelectMultiple()
    field.label_from_instance = lambda file: f"{file.remark}：{file.own_name}"
    field.queryset = Attachment.objects.filter(draft_of=request.user, case__isnull=True, pk__in=held)
    # The field is drawn anew with its new widget.
    form._bound_fields_cache.pop("kept", None)
