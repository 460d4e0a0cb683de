"""Opinions of others (arts. 32, 34): a third party whose rights are touched, bodies that made the information too.

While they are asked the reply clock stands still, from the day after sending up to the day the opinion is back, at most
fifteen working days after it was received. Nothing that goes to them says who applied.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import calendars
from gongkai.core.acts import ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField, UnitField
from gongkai.core.models import Unit, User
from gongkai.core.privacy import mask
from gongkai.law.requests.history import NATIONAL
from gongkai.requests import clocks, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.assistance import ask_for_help, close_help
from gongkai.requests.acts.common import check_day, day_words, text_area
from gongkai.requests.acts.handling import (
    HandlingAct,
    SystemAct,
    advance,
    choices_of,
    deliver,
    sent_initial,
    take_files,
)
from gongkai.requests.models import Consultation, Delivery, Request, Way

ASKING = frozenset({"handling", "consulting"})
# The register's own words for what may be answered.
OPINIONS = [
    (Consultation.Answer.AGREED, "同意公开"),
    (Consultation.Answer.OBJECTED, "不同意公开"),
]


def keep_secret(case: Request, *texts: str) -> None:
    """Nothing that goes to others names the applicant. Raises ActError with what has to go."""
    words = {
        name: str(value).strip()
        for name, value in (case.applicant or {}).items()
        if name in ("name", "identity_number", "phone", "email", "address", "employer", "representative", "contact")
    }
    for value in words.values():
        if len(value) > 1 and any(value in text for text in texts):
            raise ActError("征求意见的内容里有申请人的信息。征求意见不得透露申请人是谁，请删去后再发。")


class PartyForm(ActForm):
    """Whom to ask about what."""

    party_kind = forms.ChoiceField(
        label="第三方是", choices=[("organisation", "单位"), ("person", "个人")], initial="organisation"
    )
    name = forms.CharField(label="第三方名称或姓名", max_length=100)
    contact = forms.CharField(label="联系人和电话", max_length=100, required=False)
    address = forms.CharField(label="送达地址", max_length=200, required=False)
    information = text_area("涉及的信息", rows=3, limit=1000)
    part = text_area("与第三方有关的部分", rows=3, limit=1000)
    way = forms.ChoiceField(label="送达方式", choices=Way.choices, initial=Way.POST)
    sent_on = DayField(label="发出日期")
    received_on = DayField(label="第三方收到日期", required=False, help_text="还不知道的先不填，签收后再登记。")


class AskThirdParty(HandlingAct):
    """征求第三方意见 (L5, with its answer slip L6; L7 to the applicant)."""

    name, label, icon = "ask_third_party", "征求第三方意见", "users"
    from_states = ASKING
    form_class = PartyForm
    private = frozenset({"name", "contact", "address"})
    order = 32
    hint = "答复期限暂停，收到意见或者满十五个工作日后继续计算；同时告知申请人。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"sent_on": timezone.localdate(), "way": Way.POST}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        _check_days(work)
        keep_secret(case, data["information"], data["part"])
        letter = letters.issue(work, "L5", addressee=data["name"], information=data["information"], part=data["part"])
        deliver(
            case, letter, data["sent_on"], data["received_on"], way=data["way"],
            addressee=Delivery.Addressee.THIRD_PARTY,
        )  # fmt: skip
        label = mask.name(data["name"]) if data["party_kind"] == "person" else mask.organisation(data["name"])
        Consultation.objects.create(
            request=case,
            kind=Consultation.Kind.THIRD_PARTY,
            party={name: data[name] for name in ("party_kind", "name", "contact", "address")},
            party_label=label,
            matter=data["information"],
            letter=letter,
            pauses=True,
            sent_on=data["sent_on"],
            received_on=data["received_on"],
            asked_by=work.user,
        )
        told = letters.issue(work, "L7")
        deliver(case, told, data["sent_on"], None)
        advance(work)
        common.tell_applicant(case, "正在征求第三方意见，所需时间不计算在答复期限内。", work.now)
        work.summary = f"已发征求意见书，并告知申请人：{data['information'][:60]}"


class CoMakerForm(ActForm):
    """Which body, about what."""

    unit = UnitField(label="共同制作机关", required=False, help_text="本平台的单位，会直接收到待办。")
    outside = forms.CharField(label="平台以外的机关", max_length=100, required=False)
    information = text_area("涉及的信息", rows=4, limit=1000)
    sent_on = DayField(label="发出日期")
    received_on = DayField(label="对方收到日期", required=False, help_text="还不知道的先不填，签收后再登记。")

    def clean(self) -> dict[str, Any]:
        """Exactly one body."""
        data = super().clean() or self.cleaned_data
        if bool(data.get("unit")) == bool(data.get("outside")):
            raise forms.ValidationError("请选择本平台的一个单位，或者填写平台以外的机关，二者取一。")
        return data


class AskCoMaker(HandlingAct):
    """征求共同制作机关意见 (L9): a unit of the platform gets it into its own to-do."""

    name, label, icon = "ask_co_maker", "征求共同制作机关意见", "building"
    from_states = ASKING
    form_class = CoMakerForm
    order = 33
    hint = "答复期限暂停；对方逾期未提出意见的，视为同意公开。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return sent_initial(None)

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        unit: Unit | None = data["unit"]
        if unit is not None and unit.pk == case.unit_id:
            raise ActError("不能向本单位征求意见。请选择共同制作的其他机关。")
        received = data["received_on"] or (data["sent_on"] if unit is not None else None)
        data["received_on"] = received
        _check_days(work)
        keep_secret(case, data["information"])
        name = unit.name if unit is not None else data["outside"]
        letter = letters.issue(work, "L9", addressee=name, information=data["information"])
        deliver(
            case, letter, data["sent_on"], received, way=Way.ONLINE if unit is not None else Way.POST,
            addressee=Delivery.Addressee.BODY,
        )  # fmt: skip
        row = Consultation.objects.create(
            request=case,
            kind=Consultation.Kind.CO_MAKER,
            unit=unit,
            party={"name": name},
            party_label=name,
            matter=data["information"],
            letter=letter,
            pauses=True,
            sent_on=data["sent_on"],
            received_on=received,
            asked_by=work.user,
        )
        if unit is not None:
            ask_for_help(work, row, unit, NATIONAL.opinion, started_on=received)
        advance(work)
        work.summary = f"已向{name}发征求意见书"


def _check_days(work: Work) -> None:
    case: Request = work.case
    sent, received = work.data["sent_on"], work.data["received_on"]
    check_day(sent, work.now, "发出日期", after=case.received_on, of="收到申请的日期")
    if received:
        check_day(received, work.now, "对方收到日期", after=sent, of="发出日期")


class OpinionForm(ActForm):
    """What they answered."""

    consultation = forms.ModelChoiceField(label="征求的对象", queryset=Consultation.objects.none())
    answer = forms.ChoiceField(label="意见", choices=OPINIONS, widget=forms.RadioSelect)
    reasons = text_area("理由", limit=2000, required=False, help_text="不同意公开的，写明理由。")
    answered_on = DayField(label="收到意见的日期")
    files = FilesField(label="确认函扫描件", required=False)  # type: ignore[assignment]
    by_platform = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field = choices_of(self, "consultation")
        field.queryset = case.consultations.filter(pauses=True, answered_on__isnull=True)
        field.label_from_instance = _label

    def clean(self) -> dict[str, Any]:
        """Whoever objects says why (art. 32)."""
        data = super().clean() or self.cleaned_data
        if data.get("answer") == Consultation.Answer.OBJECTED and not (data.get("reasons") or "").strip():
            self.add_error("reasons", "不同意公开的，请写明理由；对方没有写的，请注明“未写明理由”。")
        return data


def _label(row: Consultation) -> str:
    return f"{row.get_kind_display()}：{row.party_label}（{day_words(row.sent_on)}发出）"


class OpinionReceived(HandlingAct):
    """收到意见: the reply clock goes on, unless others are still asked."""

    name, label, icon = "opinion_received", "登记收到的意见", "mail-open"
    from_states = frozenset({"handling", "consulting", "extending", "review", "signed"})
    form_class = OpinionForm
    private = frozenset({"reasons", "files"})
    expected = True
    order = 12
    hint = "答复期限继续计算；收到当日不计。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["opinions_unanswered"] else "没有等待答复的征求意见。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"answered_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        row: Consultation = data["consultation"]
        day: dt.date = data["answered_on"]
        check_day(day, work.now, "收到意见的日期", after=row.sent_on, of="发出的日期")
        if row.received_on is None:
            row.received_on = day
        elif day < row.received_on:
            raise ActError(
                f"收到意见的日期不能早于对方收到征求意见书的日期（{day_words(row.received_on)}）。请核对日期。"
            )
        late = row.due_on is not None and day > row.due_on
        row.answer, row.reasons, row.answered_on = data["answer"], data["reasons"], day
        row.save()
        take_files(work)
        data["consultation"] = row.pk
        if not data["by_platform"]:
            close_help(work, row, "对方已另行答复")
        found = advance(work)
        work.summary = f"{row.party_label}：{row.get_answer_display()}（{day_words(day)}收到）"
        if late:
            work.summary += "，已超过答复期限，答复期限按期满日恢复"
        due = found.reply.due_on if found.reply else None
        if due is not None:
            work.summary += f"，答复期限到{day_words(due)}"
            if not late:
                _tell_resumed(work, due)
        work.notify(common.case_people(case), f"{case.title}：收到{row.get_kind_display()}的答复")


def _tell_resumed(work: Work, due: dt.date) -> None:
    """The applicant was told that the reply clock stands still; now it is told that it goes on, and until when."""
    words = f"征求意见已经结束，答复期限继续计算，到{day_words(due)}。"
    common.tell_applicant(work.case, words, work.now)


class UnreachableForm(ActForm):
    """Who could not be reached, since when, and what was tried."""

    consultation = forms.ModelChoiceField(label="征求的对象", queryset=Consultation.objects.none())
    ended_on = DayField(label="确认无法联系的日期")
    reason = text_area("怎样联系过", limit=500)

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        field = choices_of(self, "consultation")
        field.queryset = case.consultations.filter(pauses=True, ended_on__isnull=True, received_on__isnull=True)
        field.label_from_instance = _label


class Unreachable(HandlingAct):
    """无法联系第三方: the letter never arrived, waiting is over."""

    name, label, icon = "opinion_unreachable", "登记无法联系", "user-x"
    from_states = frozenset({"consulting"})
    form_class = UnreachableForm
    private = frozenset({"reason"})
    order = 45
    hint = "答复期限从这一天的次日继续计算。"

    def blocked(self, case: Any, user: User) -> str:
        return "" if case.known["opinions_unreceived"] else "没有还没送到的征求意见书。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"ended_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        row: Consultation = work.data["consultation"]
        day = work.data["ended_on"]
        check_day(day, work.now, "确认无法联系的日期", after=row.sent_on, of="发出的日期")
        row.answer, row.ended_on, row.reasons = Consultation.Answer.UNREACHABLE, day, work.data["reason"]
        row.save()
        work.data["consultation"] = row.pk
        run = advance(work).reply
        if run is not None and run.due_on is not None:
            _tell_resumed(work, run.due_on)
        work.summary = f"{row.party_label}：无法联系（{day_words(day)}）"


class OpinionLapsed(SystemAct):
    """逾期未答复: fifteen working days are over; the reply clock has gone on since then, whenever this was noticed."""

    name, label, icon = "opinion_lapsed", "征求意见期满", "clock"
    from_states = frozenset({"consulting", "extending", "review", "signed", "handling"})

    def apply(self, work: Work) -> None:
        case: Request = work.case
        waiting = case.consultations.filter(pauses=True, ended_on__isnull=True)
        before = set(waiting.values_list("pk", flat=True))
        found = advance(work)
        silent = [row for row in case.consultations.filter(pk__in=before) if row.ended_on is not None]
        if not silent and work.state == "consulting":
            raise ActError("征求意见的期限还没有届满。")
        for row in silent:
            close_help(work, row, "期满没有答复，视为同意公开", state="silent")
        due = clocks.reply_due(found)
        names = "、".join(row.party_label for row in silent) or "征求意见"
        last = max((row.ended_on for row in silent if row.ended_on), default=None)
        work.summary = f"{names}：期满没有答复"
        if last is not None:
            work.summary += f"（{day_words(last)}届满）"
        work.summary += f"，答复期限到{day_words(due)}"
        if found.reply is not None and found.reply.due_on is not None:
            _tell_resumed(work, found.reply.due_on)
        work.notify(common.case_people(case), f"{case.title}：征求意见期满，请决定是否公开，答复期限到{day_words(due)}")


def last_day_of(received_on: dt.date) -> dt.date:
    """The last day for an opinion received on a day."""
    return calendars.current().add_workdays(received_on, NATIONAL.opinion)
