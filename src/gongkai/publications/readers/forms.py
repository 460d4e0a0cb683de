"""Forms that readers fill in."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.core import signing

from gongkai.core.models import Unit
from gongkai.publications.models import CatalogColumn
from gongkai.publications.readers.models import Subscription
from gongkai.publications.readers.subscriptions import Wish

# Nobody reads and fills in the form faster; programs do.
LEAST_SECONDS = 2
MOST_SECONDS = 4 * 3600
SALT = "gongkai.subscribe-form"


class SubscribeForm(forms.Form):
    """Where to, and what. No picture puzzles: a field that people do not see, and the time it took."""

    what = forms.ChoiceField(label="订阅什么", choices=Subscription.What.choices, widget=forms.RadioSelect)
    unit = forms.ModelChoiceField(
        label="单位", queryset=Unit.objects.none(), required=False, to_field_name="code", empty_label="请选择单位"
    )
    column = forms.ModelChoiceField(
        label="栏目",
        queryset=CatalogColumn.objects.none(),
        required=False,
        to_field_name="code",
        empty_label="请选择栏目",
    )
    keyword = forms.CharField(
        label="关键词或搜索词",
        max_length=100,
        min_length=2,
        required=False,
        help_text="关键词：标题或正文里有这个词的，会告诉您。搜索词：用站内搜索能找到的新信息，会告诉您，可以写几个词、文号。",
    )
    address = forms.EmailField(
        label="邮箱", max_length=200, help_text="只用来发订阅邮件，不作他用；随时可以退订，退订后即删除。"
    )
    website = forms.CharField(
        label="请不要填写这一栏",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    shown_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].widget.attrs["autocomplete"] = "email"
        units: Any = self.fields["unit"]
        units.queryset = Unit.objects.filter(active=True).exclude(kind="division").order_by("ordinal", "id")
        columns: Any = self.fields["column"]
        columns.queryset = CatalogColumn.objects.filter(active=True).select_related("unit").order_by("ordinal", "id")
        columns.label_from_instance = lambda one: f"{one.title}（{one.unit}）" if one.unit else one.title
        self.fields["shown_at"].initial = signing.dumps(int(time.time()), salt=SALT)
        self.machine = False

    def clean(self) -> dict[str, Any]:
        """What was chosen is named too; and it was a person."""
        data = super().clean() or self.cleaned_data
        needed = {"unit": "请选择单位。", "column": "请选择栏目。", "keyword": "请填写关键词，两个字以上。"}
        what = data.get("what", "")
        field = "keyword" if what == "search" else what
        if field in needed and not data.get(field) and field not in self.errors:
            self.add_error(field, needed[field])
        self.machine = bool(data.get("website")) or not self._took_time(data.get("shown_at", ""))
        return data

    def _took_time(self, shown_at: str) -> bool:
        try:
            took = time.time() - int(signing.loads(shown_at, salt=SALT))
        except (signing.BadSignature, ValueError, TypeError):
            return False
        return LEAST_SECONDS <= took <= MOST_SECONDS

    def wish(self) -> Wish:
        """What the form says, without what belongs to other choices."""
        data = self.cleaned_data
        what = data["what"]
        return Wish(
            what,
            data["unit"] if what == "unit" else None,
            data["column"] if what == "column" else None,
            data["keyword"].strip() if what in ("keyword", "search") else "",
        )
