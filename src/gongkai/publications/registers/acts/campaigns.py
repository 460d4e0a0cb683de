"""What the two campaigns share: chosen units, a share and a deadline for each, items decided one by one or in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import ActError, Opening, Work
from gongkai.core.forms import ActForm, DayField, UnitsField
from gongkai.core.models import Case, Unit, User
from gongkai.core.roles import STAFF, Role
from gongkai.publications.acts import common
from gongkai.publications.registers.models import DisclosureBody

# So many documents are decided by one act; the rest by the next.
MOST_AT_ONCE = 300


class CampaignForm(ActForm):
    """Title, units, deadline."""

    title = forms.CharField(label="名称", max_length=200)
    units = UnitsField(label="单位", required=False, help_text="不选就是名单上的全部公开义务主体。")
    due_on = DayField(label="截止日期", required=False, help_text="不填就按设置的工作日数计算。")
    instruction = common.text_area("要求", rows=3, limit=1000, required=False)

    def clean_due_on(self) -> dt.date | None:
        """A day to come."""
        day = self.cleaned_data["due_on"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError("截止日期要晚于今天。")
        return day


def chosen_units(chosen: Iterable[Unit]) -> list[Unit]:
    """The units chosen, or all bodies on the list. Raises ActError when there are none."""
    units = list(chosen)
    if not units:
        bodies = DisclosureBody.objects.filter(state="confirmed").select_related("unit").order_by("unit__ordinal")
        units = [body.unit for body in bodies]
    if not units:
        raise ActError("名单上还没有公开义务主体。请选择单位，或先确认公开义务主体。")
    return units


def office_of(user: User | None) -> Unit:
    """The office in whose name a campaign runs."""
    if user is not None:
        for membership in user.memberships_now:
            if membership.role == Role.OFFICE:
                return membership.unit
    raise ActError("只有政务公开主管可以发起。")


def deadline(work: Work) -> tuple[dt.date, dict[str, Any]]:
    """The day by which units must be done, and their clock."""
    from gongkai.core import calendars

    chosen = work.data.get("due_on")
    days = jurisdiction.value("registers.campaign_workdays")
    if chosen is None:
        plan = {"unit": "workday", "amount": days}
        chosen = calendars.current().add_workdays(timezone.localdate(work.now), days)
    else:
        plan = {"unit": "date", "date": chosen}
    return chosen, {"code": "share", "name": "办理期限", "basis": "通知要求", **plan}


def open_shares(work: Work, campaign: Any, units: list[Unit], model: Any, plan: dict[str, Any]) -> list[Any]:
    """One share for each unit, with its clock; the units are told."""
    shares = work.open_many(
        [
            Opening(
                model(
                    kind=model.KIND,
                    state="open",
                    title=f"{campaign.title}：{unit}"[:300],
                    unit=unit,
                    supervisor=campaign.unit,
                    series=f"{campaign.kind}-{campaign.pk}"[:40],
                    campaign=campaign,
                ),
                (plan,),
            )
            for unit in units
        ]
    )
    work.notify_owners(shares, STAFF, lambda share: f"新任务：{share.title}")
    return shares


class ItemsForm(forms.Form):
    """Which items of a share an act is about: chosen ones, or all that are left."""

    all_left = forms.BooleanField(label="全部还没有结论的", required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        """Only items of this share may be named."""
        if case is not None:
            field: Any = self.fields["items"]
            field.queryset = field.queryset.model.objects.filter(share=case.pk)

    def clean(self) -> dict[str, Any]:
        """Something must be chosen."""
        data = super().clean() or self.cleaned_data
        if not data.get("items") and not data.get("all_left"):
            self.add_error("all_left", "请在清单里选择文件，或勾选“全部还没有结论的”。")
        return data


def choice_of_items(model: Any) -> Any:
    """A field that names items without listing them: the list is the page from which they are chosen."""
    return forms.ModelMultipleChoiceField(
        label="文件", queryset=model.objects.none(), required=False, widget=forms.MultipleHiddenInput
    )


def fresh(case: Case) -> Any:
    """The record of a case as it stands."""
    return type(case.concrete).objects.get(pk=case.pk)
