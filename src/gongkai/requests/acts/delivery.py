"""Acts of delivery: the reply goes out, comes back undelivered, is signed for. The day it went out is the day of the reply."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.letters import day_words
from gongkai.core.models import Case, User
from gongkai.law.requests.decisions import leaf_of
from gongkai.requests import clocks, decisions, outstanding
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, WORKING, check_day, tell_applicant, today
from gongkai.requests.acts.reply import reply_of
from gongkai.requests.models import Delivery, Request, Supplement, Way

# What the day of each way is (送达日期): of signing for it, of handing it to the post, of sending it.
DAY_OF = {
    Way.PICKUP: "签收之日",
    Way.ENTRUSTED: "交付之日",
    Way.POST: "交邮之日",
    Way.ONLINE: "发出之日",
    Way.EMAIL: "发出之日",
    Way.FAX: "发出之日",
}
TOLD = frozenset({"replied", "ended", "archived"})


def reply_delivery(case: Any) -> Delivery | None:
    """The delivery of the reply that is on its way to the applicant: the last one that was not given up."""
    reply = reply_of(case)
    if reply is None or reply.letter_id is None:
        return None
    return case.deliveries.filter(letter=reply.letter_id, addressee=Delivery.Addressee.APPLICANT).last()


def third_parties(case: Any) -> list[Delivery]:
    """Letters to third parties that have not gone out yet."""
    return list(case.deliveries.filter(addressee=Delivery.Addressee.THIRD_PARTY, sent_on=None).select_related("letter"))


class DeliverForm(ActForm):
    """How it went out, when, and the proof."""

    way = forms.ChoiceField(label="送达方式", choices=Way.choices)
    sent_on = DayField(
        label="送达日期", help_text="当面领取填签收之日，邮寄填交给邮政企业之日，网上、电子邮件、传真填发出之日。"
    )
    tracking_number = forms.CharField(label="邮件号", max_length=60, required=False, help_text="邮寄的填写。")
    proof = FilesField(label="送达凭证", required=False, help_text="签收页、邮寄收据等。加密保存。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        self.case = case
        for row in third_parties(case) if case is not None else []:
            number = row.letter.number if row.letter else ""
            self.fields[f"third_way_{row.pk}"] = forms.ChoiceField(
                label=f"给第三方的告知书（{number}）送达方式", choices=Way.choices, initial=row.way
            )
            self.fields[f"third_sent_{row.pk}"] = DayField(
                label=f"给第三方的告知书（{number}）送达日期", help_text="在向申请人提供信息之前或者同时送达。"
            )

    def clean(self) -> dict[str, Any]:
        """Post has its number, the web its own day."""
        data = super().clean() or self.cleaned_data
        if data.get("way") == Way.POST and not data.get("tracking_number"):
            self.add_error("tracking_number", "邮寄送达要填写邮件号，备查。")
        return data


class Deliver(Act):
    """送达: the reply goes out. That day, not the day of typing, is judged."""

    kind, name, label, icon = KIND, "deliver", "送达答复", "mail-check"
    from_states = frozenset({"signed"})
    permits = STAFF_OF_OWNER
    form_class = DeliverForm
    private = frozenset({"proof"})
    expected = True
    order = 10
    hint = "登记后申请办结，答复期限按送达日期判断。选“网上送达”的，申请人马上能在查询页面看到答复。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        row = reply_delivery(case) if case is not None else None
        return {"way": row.way if row else Way.POST, "sent_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        reply, row = reply_of(case), reply_delivery(case)
        if reply is None or row is None or reply.signed_at is None:
            raise ActError("没有找到签发的答复。请刷新页面。")
        on, way = work.data["sent_on"], work.data["way"]
        signed_on = timezone.localdate(reply.signed_at)
        check_day(on, work.now, "送达日期", after=signed_on, of="签发日期")
        if way == Way.ONLINE and on != today(work.now):
            raise ActError("网上送达从登记的这一刻起申请人才能看到，送达日期只能是今天。")
        _send_third_parties(work, case, signed_on, on)
        row.way, row.sent_on, row.tracking_number = way, on, work.data["tracking_number"]
        row.received_on = on if way in (Way.PICKUP, Way.ONLINE) else None
        row.save()
        work.files += work.data["proof"]
        work.attachments += work.data["kept"]
        _conclude(work, case, reply, on)


def _send_third_parties(work: Work, case: Request, signed_on: dt.date, reply_on: dt.date) -> None:
    for row in third_parties(case):
        on = work.data[f"third_sent_{row.pk}"]
        check_day(on, work.now, "给第三方的告知书的送达日期", after=signed_on, of="签发日期")
        if on > reply_on:
            raise ActError("告知第三方要在向申请人提供信息之前或者同时。请核对送达日期。")
        row.way, row.sent_on = work.data[f"third_way_{row.pk}"], on
        row.save()


def _conclude(work: Work, case: Request, reply: Any, on: dt.date) -> None:
    """The request is answered: clock, result, years, and the applicant told."""
    clocks.replied(case, on, work.now)
    case.decision, case.replied_on = leaf_of(reply.decision), on
    # A reply made anew counts neither as received nor as answered.
    case.result_year = on.year if case.origin_reason != clocks.REDO else None
    case.outcome = decisions.short_of(reply.decision)[:40]
    work.state = "ended" if case.decision.startswith("O") else "replied"
    number = reply.letter.number
    work.record |= {"letter": number, "replied_on": on, "decision": case.decision}
    work.summary = f"{number}，{day_words(on)}送达，{case.outcome}"
    row = reply_delivery(case)
    tell_applicant(case, went_out(row) if row else f"答复书（{number}）已于{day_words(on)}送达。", work.now)


# How a letter went out, as the applicant reads it on the status page.
_WENT = {
    Way.ONLINE: "在本页送达，可以下载",
    Way.EMAIL: "发到您的电子邮箱",
    Way.POST: "交邮",
    Way.PICKUP: "当面交给您",
    Way.ENTRUSTED: "委托其他机关送达",
    Way.FAX: "用传真发出",
}


def went_out(row: Delivery) -> str:
    """By which way a letter went to the applicant and when, with the number to ask the post for."""
    letter = f"{row.letter.title}（{row.letter.number}）" if row.letter else "文书"
    number = f"，邮件号{row.tracking_number}" if row.way == Way.POST and row.tracking_number else ""
    day = day_words(row.sent_on) if row.sent_on else ""
    return f"{letter}已于{day}{_WENT[Way(row.way)]}{number}。"


class ReceivedForm(ActForm):
    """Which letter, when it was signed for, and the proof."""

    delivery = forms.ModelChoiceField(label="文书", queryset=Delivery.objects.none(), empty_label=None)
    received_on = DayField(label="签收日期", required=False)
    tracking_number = forms.CharField(label="邮件号", max_length=60, required=False)
    proof = FilesField(label="送达凭证", required=False, help_text="签收页、邮寄回执等。加密保存。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["delivery"]
            field.queryset = _sent(case)
            field.label_from_instance = described


def _sent(case: Any) -> Any:
    return Delivery.objects.filter(request=case.pk, sent_on__isnull=False).select_related("letter").order_by("-pk")


def described(row: Delivery) -> str:
    """A delivery in one line."""
    letter = f"{row.letter.title}（{row.letter.number}）" if row.letter else "文书"
    day = f"，{day_words(row.sent_on)}发出" if row.sent_on else ""
    return f"{letter}，{row.get_addressee_display()}，{row.get_way_display()}{day}"


class ConfirmDelivery(Act):
    """登记签收: the proof that came back later. The day of the reply stays."""

    kind, name, label, icon = KIND, "confirm_delivery", "登记签收", "clipboard-check"
    from_states = TOLD
    permits = STAFF_OF_OWNER
    form_class = ReceivedForm
    private = frozenset({"proof"})
    order = 40
    hide_blocked = True
    hint = "补记签收日期和凭证。答复日期仍是交邮、发出或者交付的那一天。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["letters_sent"] else "没有发出的文书。"

    def apply(self, work: Work) -> None:
        row, on = work.data["delivery"], work.data["received_on"]
        if on is None and not work.data["proof"] and not work.data["kept"] and not work.data["tracking_number"]:
            raise ActError("请填写签收日期或者邮件号，或者上传送达凭证。")
        if on is not None:
            check_day(on, work.now, "签收日期", after=row.sent_on, of="发出日期")
            row.received_on = on
        row.tracking_number = work.data["tracking_number"] or row.tracking_number
        row.save()
        work.files += work.data["proof"]
        work.attachments += work.data["kept"]
        work.summary = described(row)


class UndeliverableForm(ActForm):
    """Which letter came back, when, why, and how it is sent again."""

    delivery = forms.ModelChoiceField(label="退回的文书", queryset=Delivery.objects.none(), empty_label=None)
    returned_on = DayField(label="退回日期")
    reason = forms.CharField(label="退回原因", max_length=200, help_text="如“查无此人”“地址不详”，不写姓名和电话。")
    way = forms.ChoiceField(label="改用的送达方式", choices=Way.choices)
    sent_on = DayField(label="再次发出日期", required=False, help_text="还没有再次发出的，先不填。")
    tracking_number = forms.CharField(label="邮件号", max_length=60, required=False)
    proof = FilesField(label="退件凭证", required=False, help_text="退回的信封、退件通知等。加密保存。")  # type: ignore[assignment]

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["delivery"]
            field.queryset = outstanding.letters(_sent(case)).filter(received_on=None)
            field.label_from_instance = described


class Undeliverable(Act):
    """登记退件: a letter came back; it goes out once more. The day of the reply stays the first one."""

    kind, name, label, icon = KIND, "undeliverable", "登记退件", "mail-x"
    # A notice that comes back while it is awaited keeps the request waiting: it has to go out once more.
    from_states = TOLD | WORKING
    permits = STAFF_OF_OWNER
    form_class = UndeliverableForm
    private = frozenset({"proof"})
    order = 45
    hide_blocked = True
    hint = "答复日期不变。请核对地址和联系方式，换一种方式再送；对方的期限从收到的次日起算。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["letters_unreceived"] else "没有可能退回的文书。"

    def apply(self, work: Work) -> None:
        row, on, again = work.data["delivery"], work.data["returned_on"], work.data["sent_on"]
        check_day(on, work.now, "退回日期", after=row.sent_on, of="发出日期")
        if again is not None:
            check_day(again, work.now, "再次发出日期", after=on, of="退回日期")
        row.remark = f"{day_words(on)}退回：{work.data['reason']}"
        row.save()
        Delivery.objects.create(
            request=work.case, letter=row.letter, addressee=row.addressee, way=work.data["way"], sent_on=again,
            tracking_number=work.data["tracking_number"],
        )  # fmt: skip
        work.files += work.data["proof"]
        work.attachments += work.data["kept"]
        work.summary = f"{described(row)}，{row.remark}，改用{Way(work.data['way']).label}"
        if row.addressee == Delivery.Addressee.APPLICANT:
            tell_applicant(work.case, "寄给您的文书被退回。请与本机关联系，核对地址或者换一种领取方式。", work.now)


class SendAgainForm(ActForm):
    """When the letter that waits went out."""

    delivery = forms.ModelChoiceField(label="文书", queryset=Delivery.objects.none(), empty_label=None)
    sent_on = DayField(label="发出日期")
    tracking_number = forms.CharField(label="邮件号", max_length=60, required=False)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        if case is not None:
            field: Any = self.fields["delivery"]
            field.queryset = _waiting(case)
            field.label_from_instance = described


def _waiting(case: Any) -> Any:
    rows = Delivery.objects.filter(request=case.pk)
    return outstanding.apart(rows).select_related("letter").order_by("pk")


class SendAgain(Act):
    """登记发出: a letter that waits goes out: one that came back, or one that an act brought about."""

    kind, name, label, icon = KIND, "send_again", "登记发出", "send-horizontal"
    from_states = TOLD | WORKING | {"moved"}
    permits = STAFF_OF_OWNER
    form_class = SendAgainForm
    order = 42
    hide_blocked = True

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"sent_on": timezone.localdate()}

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["letters_waiting"] else "没有等待发出的文书。"

    def apply(self, work: Work) -> None:
        row, on = work.data["delivery"], work.data["sent_on"]
        issued = timezone.localdate(row.letter.issued_at) if row.letter else None
        check_day(on, work.now, "发出日期", after=issued, of="成文日期")
        row.sent_on, row.tracking_number = on, work.data["tracking_number"]
        row.save()
        work.summary = described(row)
        if row.addressee == Delivery.Addressee.APPLICANT:
            tell_applicant(work.case, went_out(row), work.now)


def lapsed_notices(case: Case) -> Any:
    """The supplement notices of a request that nobody answered in time."""
    return Supplement.objects.filter(request=case.pk, state=Supplement.State.LAPSED).values("letter")


def proof_missing(case: Case) -> list[str]:
    """Deliveries without a sign that they arrived, in words: shown before a file is closed."""
    rows = Delivery.objects.filter(request=case.pk, sent_on__isnull=False, received_on=None).select_related("letter")
    # Closing because nothing was supplemented rests on that notice; in every other case it is overtaken.
    rows = outstanding.letters(rows) | rows.filter(letter__in=lapsed_notices(case))
    return [described(row) for row in rows if not row.tracking_number and not row.remark]
