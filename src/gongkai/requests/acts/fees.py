"""信息处理费: the notice (L11), payment, that it was not paid, waiver and refund.

A fee is asked for only where the measure provides one: the place has begun to charge, and the request lies above the free
number or the free pages. By item or by volume, never both for one request.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import User
from gongkai.core.roles import Role, owner
from gongkai.law.fees import Kind
from gongkai.requests import clocks, fees, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import KIND, WORKING, check_day, day_words, text_area
from gongkai.requests.acts.handling import HandlingAct, SystemAct, advance, deliver, sent_initial, take_files
from gongkai.requests.models import Fee, Reply, Request


class NoticeForm(ActForm):
    """How it is charged. Number and amount follow from the tariff; nobody types them."""

    basis = forms.ChoiceField(label="计收方式", choices=Fee.Basis.choices, widget=forms.RadioSelect)
    pages = forms.IntegerField(
        label="提供的页数", min_value=1, required=False, help_text="按量计收才填。A4及以下幅面，单面为一页。"
    )
    facts = text_area("收费的事实", limit=500, help_text="写明数量、频次怎样超过合理范围。")
    sent_on = DayField(label="发出日期")
    received_on = DayField(label="申请人收到日期", required=False, help_text="还不知道的先不填，签收后再登记。")

    def clean(self) -> dict[str, Any]:
        """Pages belong to volume and to nothing else."""
        data = super().clean() or self.cleaned_data
        if data.get("basis") == Fee.Basis.PAGES and not data.get("pages"):
            self.add_error("pages", "按量计收的，请填写提供的页数。")
        if data.get("basis") == Fee.Basis.ITEMS and data.get("pages"):
            self.add_error("pages", "一件申请只能按件或者按量收费。按件计收的，不要填页数。")
        return data


class AskFee(HandlingAct):
    """发收费通知 (L11): the reply clock stands still from its receipt and begins anew with payment."""

    name, label, icon = "ask_fee", "发收费通知", "receipt"
    form_class = NoticeForm
    order = 55
    hint = "收费是可以收，不是必须收。申请人收到通知后答复期限暂停，缴费后恢复。"

    def blocked(self, case: Any, user: User) -> str:
        if not fees.is_on(case):
            return fees.OFF
        if case.known["fees_waiting"] or case.known["fees_paid"]:
            return "一件申请只收一次费，已经发过收费通知。"
        return ""

    def describe(self, case: Any, user: User) -> str:
        words = fees.threshold_words(case)
        return (
            f"{words}{self.hint}" if words else f"这是该申请人本月的第{fees.number_in_month(case)}件申请。{self.hint}"
        )

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return sent_initial(case)

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        if not fees.is_on(case):
            raise ActError(fees.OFF)
        if case.fees.filter(state__in=(Fee.State.WAITING, Fee.State.PAID)).exists():
            raise ActError("一件申请只收一次费，已经发过收费通知。")
        payment = str(jurisdiction.value("requests.fee_account")).strip()
        if not payment:
            raise ActError("还没有设置缴纳方式和账户。请系统管理员在设置里填写后再发收费通知。")
        sent, received = data["sent_on"], data["received_on"]
        check_day(sent, work.now, "发出日期", after=case.received_on, of="收到申请的日期")
        if received:
            check_day(received, work.now, "申请人收到日期", after=sent, of="发出日期")
        basis: Kind = "items" if data["basis"] == Fee.Basis.ITEMS else "pages"
        drafted = Reply.objects.filter(request=case).values_list("decision", flat=True).first() or ""
        found = fees.assess(case, basis, pages=data["pages"], decision=drafted)
        if not found.is_charged:
            raise ActError(f"{found.words}不在可以收费的情形内，不能发收费通知。")
        letter = letters.issue(
            work,
            "L11",
            facts=data["facts"],
            fee_basis=jurisdiction.value("requests.fee_document"),
            tariff=found.words,
            amount=f"{found.amount}元",
            payment=payment,
            next="" if fees.restarts() else "缴费之前答复期限暂停，自缴清的次日起接着计算",
        )
        deliver(case, letter, sent, received)
        Fee.objects.create(
            request=case,
            letter=letter,
            basis=data["basis"],
            count=data["pages"] or fees.number_in_month(case),
            amount=found.amount,
            explanation=found.words,
            noticed_on=sent,
            received_on=received,
        )
        advance(work, recorded=False)
        common.tell_applicant(case, f"需要缴纳信息处理费{found.amount}元。{found.words}", work.now)
        work.summary = f"收费{found.amount}元：{found.words}"


class PaidForm(ActForm):
    """That it was paid."""

    paid_on = DayField(label="缴费日期")
    receipt_number = forms.CharField(label="财政票据号", max_length=60)
    files = FilesField(label="票据扫描件", required=False)  # type: ignore[assignment]


class Paid(HandlingAct):
    """登记缴费: the reply clock begins anew."""

    name, label, icon = "fee_paid", "登记缴费", "circle-check"
    from_states = frozenset({"paying", "handling"})
    form_class = PaidForm
    private = frozenset({"files"})
    expected = True
    order = 12
    hint = "缴费后答复期限恢复，次日为第一日。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["fees_unpaid"] else "没有等待缴纳的费用。"

    def describe(self, case: Any, user: User) -> str:
        if fees.restarts():
            return "答复期限自缴费之日起重新计算，次日为第一日。"
        return "等待缴费的时间不计算在答复期限内，缴费的次日起接着计算。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"paid_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        day = work.data["paid_on"]
        row = case.fees.filter(state__in=(Fee.State.WAITING, Fee.State.LAPSED)).last()
        if row is None:
            raise ActError("没有等待缴纳的费用。请刷新页面。")
        check_day(day, work.now, "缴费日期", after=row.noticed_on, of="发出收费通知的日期")
        if row.received_on is None:
            row.received_on = day
        late = row.due_on is not None and day > row.due_on
        row.paid_on, row.state = day, Fee.State.PAID
        row.receipt_number = work.data["receipt_number"]
        row.save()
        take_files(work)
        due = clocks.reply_due(advance(work))
        work.summary = f"{day_words(day)}缴费{row.amount}元，答复期限{fees.after_payment()}，到{day_words(due)}"
        if late:
            work.summary += "（逾期后缴纳）"
        common.tell_applicant(case, f"已收到缴费，答复期限{fees.after_payment()}，到{day_words(due)}。", work.now)


class WaiveForm(ActForm):
    """Why nothing is to be paid."""

    reason = text_area("减免的原因", limit=300)


class Waive(Act):
    """减免: the notice is taken back; the reply clock is as if it had never been sent."""

    kind, name, label, icon = KIND, "waive_fee", "减免费用", "badge-percent"
    from_states = frozenset({"paying", "handling"})
    permits = owner(Role.LEADER, Role.OFFICER)
    form_class = WaiveForm
    hide_blocked = True
    order = 56
    hint = "收费通知作废，答复期限按没有发过通知计算，可能所剩不多。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["fees_unpaid"] else "没有等待缴纳的费用。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = case.fees.filter(state__in=(Fee.State.WAITING, Fee.State.LAPSED)).last()
        if row is None:
            raise ActError("没有等待缴纳的费用。请刷新页面。")
        row.state, row.reason = Fee.State.WAIVED, work.data["reason"]
        row.save(update_fields=["state", "reason"])
        due = clocks.reply_due(advance(work))
        work.summary = f"免收{row.amount}元，答复期限到{day_words(due)}"
        common.tell_applicant(case, f"信息处理费{row.amount}元已经免收，不用缴纳。", work.now)


class RefundForm(ActForm):
    """Why it goes back."""

    reason = text_area("退费原因", limit=300)
    refunded_on = DayField(label="退费日期")


class Refund(Act):
    """退费: charged in error."""

    kind, name, label, icon = KIND, "refund_fee", "退费", "undo"
    permits = owner(Role.LEADER, Role.OFFICER)
    form_class = RefundForm
    hide_blocked = True
    order = 57
    hint = "退费不影响答复期限。"

    def starts_from(self, case: Any) -> bool:
        return case.state in WORKING | {"replied", "ended", "archived"}

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["fees_paid"] else "没有已经缴纳的费用。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = case.fees.filter(state=Fee.State.PAID).last()
        if row is None:
            raise ActError("没有已经缴纳的费用。请刷新页面。")
        check_day(work.data["refunded_on"], work.now, "退费日期", after=row.paid_on, of="缴费日期")
        row.state, row.reason = Fee.State.REFUNDED, work.data["reason"]
        row.save(update_fields=["state", "reason"])
        common.tell_applicant(case, f"信息处理费{row.amount}元已退还。", work.now)
        work.summary = f"退还{row.amount}元：{work.data['reason']}"[:300]


class FeeLapsed(SystemAct):
    """逾期未缴费: the office may close the request (O2)."""

    name, label, icon = "fee_lapsed", "逾期未缴费", "clock"
    from_states = frozenset({"paying"})

    def apply(self, work: Work) -> None:
        case: Request = work.case
        row = case.fees.filter(state=Fee.State.WAITING).last()
        if row is None or row.due_on is None or timezone.localdate(work.now) <= row.due_on:
            raise ActError("缴费期限还没有届满。")
        row.state = Fee.State.LAPSED
        row.save(update_fields=["state"])
        advance(work)
        work.summary = f"缴费期限{day_words(row.due_on)}届满，没有缴费，可以不再处理"
        work.notify(common.case_people(case), f"{case.title}：申请人逾期未缴费，请拟制不再处理告知书")
