"""答复信息复查: earlier replies that gave something not public yet are looked at again, one by one or together (004-11d)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Opening, Work
from gongkai.core.forms import ActForm, DayField, UnitsField
from gongkai.core.models import Unit, User
from gongkai.core.roles import STAFF, Role, anywhere
from gongkai.requests.acts.common import STAFF_OF_OWNER, supervising, text_area
from gongkai.requests.appeals import anonymous
from gongkai.requests.appeals.acts.common import home_unit
from gongkai.requests.conversion import giving
from gongkai.requests.conversion.acts.common import check_ahead, date_plan
from gongkai.requests.conversion.models import CampaignItem, Conversion, ConversionCampaign, Verdict
from gongkai.requests.conversion.opening import open_conversion
from gongkai.requests.models import Request

KIND = ConversionCampaign.KIND
MOST_AT_ONCE = 200


def candidates(units: list[Unit], since: dt.date, until: dt.date) -> QuerySet[Request]:
    """Requests of the units whose reply gave something, without a conversion, and not in a review that is open."""
    rows = Request.objects.filter(unit__in=units, replied_on__gte=since, replied_on__lte=until, conversion=None)
    rows = rows.filter(Q(reply__decision__in=giving.GIVING))
    reviewed = CampaignItem.objects.filter(Q(campaign__closed_at__isnull=True) | Q(verdict=Verdict.NO))
    return rows.exclude(pk__in=reviewed.values("request")).order_by("replied_on", "pk")


class LaunchForm(ActForm):
    """Which replies, of which bodies, until when."""

    title = forms.CharField(label="名称", max_length=120)
    since = DayField(label="答复日期从")
    until = DayField(label="至")
    units = UnitsField(label="单位", required=False, help_text="不选就是本单位。")
    due_on = DayField(label="完成日期")
    instruction = text_area("要求", rows=3, limit=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """The period runs forward."""
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", "结束日期早于开始日期。请核对。")
        return data


class Launch(Act):
    """发起答复信息复查."""

    kind, name, label, icon = KIND, "launch", "发起答复信息复查", "list-checks"
    creates = True
    permits = anywhere(Role.OFFICE, Role.OFFICER)
    form_class = LaunchForm
    hint = "列出这段时间依申请提供、还没有主动公开的信息，逐件或者成批判断可否转为主动公开。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        today = timezone.localdate()
        return {"title": f"{today.year}年答复信息复查", "until": today}

    def apply(self, work: Work) -> None:
        data = work.data
        check_ahead(data["due_on"], work.now, "完成日期")
        units = list(data["units"]) or [home_unit(work.user)]
        self._check(work.user, units)
        found: dict[int, list[int]] = {}
        for pk, unit in candidates(units, data["since"], data["until"]).values_list("pk", "unit"):
            found.setdefault(unit, []).append(pk)
        if not found:
            raise ActError("这段时间没有依申请提供、还没有转为主动公开的信息。请换一段时间。")
        due = date_plan("review", "答复信息复查", data["due_on"], "004-11d")
        campaigns = [
            ConversionCampaign(
                kind=KIND, state="open", title=data["title"], unit=unit, supervisor=supervising(unit),
                since=data["since"], until=data["until"], instruction=data["instruction"],
            )
            for unit in units
            if unit.pk in found
        ]  # fmt: skip
        work.open_many([Opening(one, (due,), summary=f"{len(found[one.unit_id])}件") for one in campaigns])
        CampaignItem.objects.bulk_create(
            [CampaignItem(campaign=one, request_id=pk) for one in campaigns for pk in found[one.unit_id]],
            batch_size=500,
        )
        work.notify_owners(campaigns, STAFF, lambda one: f"请复查依申请提供的信息：{one.title}")

    def _check(self, user: User | None, units: list[Unit]) -> None:
        """Each unit is the person's own, or one that its office supervises."""
        if user is None:
            return
        for unit in units:
            own = user.roles_at(unit) & {Role.OFFICE, Role.OFFICER}
            above = supervising(unit)
            if not own and not (above is not None and Role.OFFICE in user.roles_at(above)):
                raise ActError(f"{unit}不归你主管，不能对它发起复查。")


class DecideForm(ActForm):
    """One verdict for the items that were ticked, or for all that are left."""

    items = forms.ModelMultipleChoiceField(label="答复", queryset=CampaignItem.objects.none(), required=False)
    all_left = forms.BooleanField(label="其余没有结论的全部适用", required=False)
    verdict = forms.ChoiceField(
        label="可否转为主动公开",
        choices=[(Verdict.YES.value, Verdict.YES.label), (Verdict.NO.value, Verdict.NO.label)],
        widget=forms.RadioSelect,
    )
    reason = text_area("理由", rows=2, limit=500, required=False, help_text="不可以的，写明理由。不写申请人的信息。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field: Any = self.fields["items"]
        field.queryset = CampaignItem.objects.filter(campaign=case.pk, verdict="")

    def clean(self) -> dict[str, Any]:
        """Something is chosen, and a no has its reason."""
        data = super().clean() or self.cleaned_data
        if not data.get("all_left") and not data.get("items"):
            self.add_error("items", "请在清单里勾选答复，或者选全部适用。")
        if data.get("verdict") == Verdict.NO and not (data.get("reason") or "").strip():
            self.add_error("reason", "不可以的，请写明理由。")
        return data


class Decide(Act):
    """作出判断."""

    kind, name, label, icon = KIND, "decide", "作出判断", "list-checks"
    page = "conversion:items"
    from_states = frozenset({"open"})
    permits = STAFF_OF_OWNER
    form_class = DecideForm
    expected = True
    order = 10
    hint = "可以的，各立一件“转为主动公开”，从今天起计时。"

    def apply(self, work: Work) -> None:
        case: ConversionCampaign = work.case
        verdict, reason = work.data["verdict"], work.data["reason"].strip()
        anonymous.check({"理由": reason})
        rows = CampaignItem.objects.filter(campaign=case.pk, verdict="")
        if not work.data["all_left"]:
            rows = rows.filter(pk__in=[item.pk for item in work.data["items"]])
        chosen = list(rows.select_related("request__unit", "request__supervisor", "request__handler")[:MOST_AT_ONCE])
        if not chosen:
            raise ActError("都已经有结论了。")
        opened = 0
        have = set(
            Conversion.objects.filter(request__in=[item.request_id for item in chosen]).values_list(
                "request_id", flat=True
            )
        )
        for item in chosen:
            item.verdict, item.reason, item.decided_at = verdict, reason, work.now
            item.decided_by = work.user.who[:120] if work.user else "系统"
            if verdict == Verdict.YES and item.request_id not in have:
                open_conversion(work, item.request, Verdict.YES, reason=reason, campaign=case)
                opened += 1
        CampaignItem.objects.bulk_update(chosen, ["verdict", "reason", "decided_at", "decided_by"])
        Request.objects.filter(pk__in=[item.request_id for item in chosen]).update(public_interest=verdict)
        work.data["items"] = [item.pk for item in chosen]
        work.summary = f"{len(chosen)}件{Verdict(verdict).label}" + (f"，立{opened}件" if opened else "")
        work.words = reason


class Finish(Act):
    """办完."""

    kind, name, label, icon = KIND, "finish", "全部办完", "circle-check"
    from_states = frozenset({"open"})
    to_state = "done"
    permits = STAFF_OF_OWNER
    order = 30

    def blocked(self, case: Any, user: User) -> str:
        left = case.concrete.known["undecided"]
        return f"还有{left}件没有判断。" if left else ""

    def apply(self, work: Work) -> None:
        rows = CampaignItem.objects.filter(campaign=work.case.pk)
        work.summary = f"复查{rows.count()}件，转为主动公开{rows.filter(verdict=Verdict.YES).count()}件"
        work.case.outcome = "已复查"
