"""Central intake (相对集中受理): a request for any body, handed in at a zone.

This module alone knows the room of requests: it opens the request with that room's own functions, so that number, clocks,
sealed applicant, receipt and figures are the same as if the body had entered it itself.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.channels.zones.models import Service, Zone, ZoneRequest
from gongkai.core import privacy
from gongkai.core.acts import Act, ActError, Work, people_of
from gongkai.core.forms import DayField
from gongkai.core.models import User
from gongkai.core.roles import STAFF, Role, anywhere
from gongkai.requests import receipts
from gongkai.requests.acts import submission
from gongkai.requests.acts.common import at_day, check_day, day_words
from gongkai.requests.forms import PRIVATE, AskedUnitField, EntryForm, advice_on, asked_units
from gongkai.requests.models import Channel, Way

__all__ = ["Take", "advice_on", "may_print", "receipt_pdf"]
# A request is entered within two working days; whoever took it may print the receipt for so many days.
PRINT_DAYS = 3


def zones_of(user: User | None) -> Any:
    """The open zones that take requests and where the person serves."""
    units = [unit for unit, roles in (user.roles_by_unit if user else {}).items() if set(roles) & set(STAFF)]
    return Zone.objects.filter(unit__in=units, state="open", services__service=Service.INTAKE).order_by("pk")


class TakeForm(EntryForm):
    """The form of an entry, for any body, from the counter of a zone."""

    zone = forms.ModelChoiceField(label="受理专区", queryset=Zone.objects.none(), empty_label="请选择专区")
    unit = AskedUnitField(label="向哪个机关申请", empty_label="请选择机关")  # type: ignore[assignment]
    arrived_on = DayField(label="提交日期", help_text="申请人在专区提交的当天。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("channel", "confirmed_on"):
            # At a counter there is one way in, and nobody has to be called back.
            del self.fields[name]
        for name, label in (("as_written", "按申请人填写的原样录入"), ("scans", "申请表扫描件")):
            self.fields[name].label = label
        self.fields["as_written"].help_text = "有缺项或者号码有误、申请人当场补不齐时勾选，登记时再补正。"
        self.fields["scans"].help_text = "申请表、证件复印件等，加密保存。"
        fields: dict[str, Any] = self.fields
        fields["way"].initial = Way.POST

    def prepare(self, case: Any, user: User | None) -> None:
        # Not the entry's own rule, which leaves a person only the bodies where they serve.
        super().prepare(case, user)
        fields: dict[str, Any] = self.fields
        fields["unit"].queryset, fields["unit"].initial = asked_units(), None
        zones = fields["zone"].queryset = zones_of(user)
        found = list(zones[:2])
        if len(found) == 1:
            fields["zone"].initial = found[0].pk
        fields["arrived_on"].initial = timezone.localdate()


class Take(Act):
    """受理申请: at a zone, for any body that can be asked; the body hears of it at once."""

    kind, name, label, icon = Zone.KIND, "take", "受理申请", "file-plus-corner"
    creates = True
    permits = anywhere(*STAFF)
    form_class = TakeForm
    private = PRIVATE | {"scans"}
    hint = "提交后直接转到被申请机关；登记回执当场打印，交给申请人。"

    def apply(self, work: Work) -> None:
        data, now = work.data, work.now
        zone, unit, on = data["zone"], data["unit"], data["arrived_on"]
        check_day(on, now, "提交日期")
        if zone.opened_on and on < zone.opened_on:
            raise ActError("提交日期早于专区开放日期。请核对日期。")
        case = submission.new_request(
            unit,
            channel=Channel.IN_PERSON,
            data=data,
            arrived_at=at_day(on, now),
            entered_at=now,
            received_on=on,
        )
        files = {
            "proof": submission.keep_files(work, data.get("proof") or [], submission.PROOF),
            "files": submission.keep_files(work, data.get("files") or [], submission.SUPPORT),
            "scans": submission.keep_files(work, data.get("scans") or [], submission.SCAN, data.get("kept") or []),
        }
        said = {
            "zone": zone.pk,
            "channel": case.channel,
            "category": case.category,
            "arrived_on": on,
            "received_on": case.received_on,
            "dictated": bool(data.get("dictated")),
            "lacking": data["lacking"],
            "files": files,
        }
        # Handed in to a person, it is received that day (art. 31); the zone takes it for the body.
        summary = f"{zone.title}受理，收到申请之日为{day_words(on)}"
        submission.open_request(work, case, summary=summary, **said)
        submission.issue_receipt(work, case)
        work.perform("zone.took", zone, {"request": case.pk, "on": on, "body": str(unit), "number": case.number})
        work.notify(people_of(unit, Role.OFFICER), f"{zone.title}受理了一件申请{case.number}，请登记并审查。")


def may_print(taken: ZoneRequest, user: User, now: dt.datetime) -> bool:
    """Whether somebody may print the receipt at the zone: who took the request, while the applicant may still stand there."""
    return taken.taken_by_id == user.pk and now < taken.taken_at + dt.timedelta(days=PRINT_DAYS)


def receipt_pdf(taken: ZoneRequest, user: User) -> bytes:
    """The receipt to print; the look is recorded, since it carries name and query code. Raises ActError."""
    content = receipts.pdf(taken.request)
    privacy.looked(taken.request, user, ["登记回执"], "专区打印登记回执")
    return content
