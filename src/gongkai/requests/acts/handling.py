"""Handling a request: what was searched, when a letter was received, reasons for excessive requests (art. 35).

Also what all acts of handling share. An act writes its row and calls `advance`: the clocks follow from the rows, and the
state from what is waited for; dates that cannot be are refused there.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from gongkai.core import calendars, jurisdiction
from gongkai.core.acts import Act, ActError, Work
from gongkai.core.forms import ActForm, DayField, FilesField
from gongkai.core.models import Letter, User
from gongkai.law.requests.history import RequestClocks
from gongkai.requests import clocks, letters
from gongkai.requests.acts import common
from gongkai.requests.acts.common import KIND, STAFF_OF_OWNER, WORKING, check_day, day_words, text_area
from gongkai.requests.models import Channel, Delivery, Fee, Request, Search, Supplement, Way

HANDLING = frozenset({"handling"})
# States in which waiting may begin or end; a request that is in review or waits for the leader stays where it is.
MOVING = clocks.WAITING_STATES | HANDLING
IN_HAND = MOVING | {"extending", "review"}
AT_ONCE = frozenset({Way.ONLINE, Way.EMAIL, Way.PICKUP})


def advance(work: Work, *, recorded: bool = True) -> RequestClocks:
    """Derive the clocks anew and take the state that follows. Raises ActError for dates that cannot be.

    An act that sends what must come in time says `recorded=False`.
    """
    case: Request = work.case
    found, state = clocks.advance(case, work.now, recorded=recorded)
    if (work.state or case.state) in MOVING:
        work.state = state
    return found


def deliver(
    case: Request, letter: Letter, sent_on: dt.date, received_on: dt.date | None, *, way: str = "", addressee: str = ""
) -> Delivery:
    """Write down that a letter went out."""
    return Delivery.objects.create(
        request=case,
        letter=letter,
        addressee=addressee or Delivery.Addressee.APPLICANT,
        way=way or case.way,
        sent_on=sent_on,
        received_on=received_on,
    )


def send_along(work: Work, letter: Letter) -> Delivery:
    """A letter to the applicant that an act brings about without anybody posting it.

    Whoever applied or is answered through the web reads it on the status page at once. For all others it waits among the
    letters to be sent (待发文书) until somebody writes down that it went out.
    """
    case: Request = work.case
    if case.channel == Channel.WEB or case.way == Way.ONLINE or work.user is None:
        today = timezone.localdate(work.now)
        return deliver(case, letter, today, today, way=Way.ONLINE)
    return Delivery.objects.create(request=case, letter=letter, way=case.way or Way.POST)


def take_files(work: Work) -> None:
    """The files of the form go to the event; those uploaded with a form that had errors are not asked for again."""
    work.files += work.data["files"]
    work.attachments += work.data["kept"]


def last_workday(start: dt.date, count: int) -> dt.date:
    """The last day of a period of working days after a day."""
    return calendars.current().add_workdays(start, count)


def sent_initial(case: Any, name: str = "sent_on") -> dict[str, Any]:
    """Today as the day of sending; what goes out at once is received on the same day."""
    today = timezone.localdate()
    at_once = case is not None and case.way in AT_ONCE
    return {name: today, "received_on": today if at_once else None}


def choices_of(form: forms.Form, name: str) -> Any:
    """A choice field of a form, so that its choices may be fitted to the case."""
    return form.fields[name]


class HandlingAct(Act):
    """An act of the people who handle the request."""

    kind = KIND
    permits = STAFF_OF_OWNER
    from_states = HANDLING
    hide_blocked = True


class SystemAct(Act):
    """What follows from the calendar alone, done by the periodic work."""

    kind = KIND
    system = True


# --- what was searched -----------------------------------------------------------------------------------------------------


class SearchForm(ActForm):
    """A search and what it found."""

    place = forms.CharField(label="检索范围", max_length=300, help_text="在哪里找的：档案室、业务系统、哪些文件柜。")
    method = forms.CharField(label="检索方法", max_length=300, help_text="怎么找的：关键词、文号、时间段。")
    searched_on = DayField(label="检索日期")
    searcher = forms.CharField(label="检索人（岗位）", max_length=60)
    result = text_area("检索结果")
    found = forms.BooleanField(label="找到了所需信息", required=False)


class AddSearch(Act):
    """检索记录: the proof behind a reply that information does not exist."""

    kind, name, label, icon = KIND, "add_search", "登记检索", "search"
    from_states = WORKING
    permits = STAFF_OF_OWNER
    form_class = SearchForm
    order = 40
    hint = "答复“信息不存在”前必须有检索记录。"

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"searched_on": timezone.localdate(), "searcher": user.post if user is not None else ""}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        data = work.data
        check_day(data["searched_on"], work.now, "检索日期", after=case.received_on, of="收到申请的日期")
        fields = {name: data[name] for name in ("place", "method", "searched_on", "searcher", "result", "found")}
        Search.objects.create(request=case, **fields)
        work.summary = f"{data['place']}：{'找到' if data['found'] else '没有找到'}"


# --- receipt of letters -----------------------------------------------------------------------------------------------


class ReceiptForm(ActForm):
    """Which letter, and the day it was received."""

    what = forms.ChoiceField(label="哪份文书")
    received_on = DayField(label="对方收到的日期", help_text="签收单、邮件查询记录或者系统记录上的日期。")

    def prepare(self, case: Any, user: User | None) -> None:
        super().prepare(case, user)
        choices_of(self, "what").choices = [(key, words) for key, words, _row in unreceived(case)]


def unreceived(case: Request) -> list[tuple[str, str, Any]]:
    """Letters of which nobody has written down when they were received: key, words, row."""
    found: list[tuple[str, str, Any]] = []
    for asked in case.supplement_rounds.filter(received_on__isnull=True, state=Supplement.State.WAITING):
        found.append((f"supplement:{asked.pk}", f"补正告知书（{day_words(asked.asked_on)}发出）", asked))
    for row in case.consultations.filter(received_on__isnull=True, pauses=True, ended_on__isnull=True):
        found.append((f"opinion:{row.pk}", f"征求意见书：{row.party_label}（{day_words(row.sent_on)}发出）", row))
    for fee in case.fees.filter(received_on__isnull=True, state=Fee.State.WAITING):
        found.append((f"fee:{fee.pk}", f"收费通知书（{day_words(fee.noticed_on)}发出）", fee))
    return found


class NoteReceipt(HandlingAct):
    """登记对方签收: the day on which the other side received a letter starts its clock."""

    name, label, icon = "note_receipt", "登记对方签收", "mail-check"
    from_states = IN_HAND
    form_class = ReceiptForm
    order = 20
    hint = "对方的期限从收到的次日起算。"

    def blocked(self, case: Any, user: User) -> str:
        known = case.known
        waiting = (known["supplements_unreceived"], known["opinions_unreceived"], known["fees_unreceived"])
        return "" if any(waiting) else "没有等待签收的文书。"

    def apply(self, work: Work) -> None:
        case: Request = work.case
        key, words, row = next(item for item in unreceived(case) if item[0] == work.data["what"])
        day = work.data["received_on"]
        sent = {"supplement": "asked_on", "opinion": "sent_on", "fee": "noticed_on"}[key.partition(":")[0]]
        check_day(day, work.now, "收到的日期", after=getattr(row, sent), of="发出的日期")
        row.received_on = day
        row.save(update_fields=["received_on"])
        if row.letter_id:
            Delivery.objects.filter(letter=row.letter_id).update(received_on=day)
        advance(work)
        row.refresh_from_db(fields=["due_on"])
        work.summary = f"{words}，{day_words(day)}收到，期限到{day_words(row.due_on)}"


# --- reasons for excessive requests (art. 35) -------------------------------------------------------------------------


class AskReasonsForm(ActForm):
    """What is excessive."""

    numbers = text_area("申请的数量、频次", limit=1000, help_text="写事实：什么期间、提出多少件、内容怎样重复。")
    sent_on = DayField(label="发出日期")


class AskReasons(HandlingAct):
    """请申请人说明理由 (L3)."""

    name, label, icon = "ask_reasons", "请申请人说明理由", "circle-help"
    form_class = AskReasonsForm
    order = 60
    hint = "仅限数量、频次明显超过合理范围的申请。"

    def describe(self, case: Any, user: User) -> str:
        paused = jurisdiction.value("requests.reasons_clock") == "pause"
        words = "等待说明的时间，答复期限暂停。" if paused else "答复期限照常计算，不暂停。"
        return f"{self.hint}{words}"

    def blocked(self, case: Any, user: User) -> str:
        return "已经请申请人说明过理由。" if case.reasons_asked_on else ""

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"sent_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        day = work.data["sent_on"]
        check_day(day, work.now, "发出日期", after=case.received_on, of="收到申请的日期")
        last = last_workday(day, jurisdiction.value("requests.reasons_workdays"))
        letter = letters.issue(work, "L3", numbers=work.data["numbers"], last_day=last)
        deliver(case, letter, day, None)
        case.reasons_asked_on = day
        advance(work)
        common.tell_applicant(case, f"请在{day_words(last)}前说明申请的理由。详见说明理由告知书。", work.now)
        work.summary = f"请在{day_words(last)}前说明理由"


class ReasonsForm(ActForm):
    """What the applicant said."""

    given_on = DayField(label="收到说明的日期")
    reasons = text_area("申请人说明的理由")
    files = FilesField(label="附件", required=False)  # type: ignore[assignment]


class ReasonsGiven(HandlingAct):
    """登记申请人的理由."""

    name, label, icon = "reasons_given", "登记申请人的理由", "message-square"
    from_states = frozenset({"explaining", "handling"})
    form_class = ReasonsForm
    private = frozenset({"reasons", "files"})
    expected = True
    order = 10

    def blocked(self, case: Any, user: User) -> str:
        if not case.reasons_asked_on:
            return "没有请申请人说明理由。"
        return "已经登记过申请人的理由。" if case.reasons_given_on else ""

    def initial(self, case: Any, user: User | None) -> dict[str, Any]:
        return {"given_on": timezone.localdate()}

    def apply(self, work: Work) -> None:
        case: Request = work.case
        day = work.data["given_on"]
        check_day(day, work.now, "收到说明的日期", after=case.reasons_asked_on, of="发出告知书的日期")
        case.reasons_given_on, case.reasons_words = day, work.data["reasons"]
        take_files(work)
        advance(work)
        work.summary = f"{day_words(day)}收到说明，请判断理由是否合理"


class JudgeForm(ActForm):
    """What was thought of it."""

    accepted = forms.TypedChoiceField(
        label="判断",
        choices=[("yes", "理由合理，继续办理"), ("no", "理由不合理或者没有说明，不予处理")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = text_area("判断的依据", limit=1000)
    until = DayField(
        label="延迟到", required=False, help_text="理由合理但不能按期答复的，填写延迟到哪一天；能按期答复就不填。"
    )


class JudgeReasons(HandlingAct):
    """判断理由: reasonable or not; a reply that has to come later is given a date (art. 35)."""

    name, label, icon = "judge_reasons", "判断理由是否合理", "scale"
    from_states = frozenset({"explaining", "handling"})
    form_class = JudgeForm
    order = 11
    hint = "判断不合理的，请拟制“无正当理由大量反复申请”的不予处理答复。"

    def blocked(self, case: Any, user: User) -> str:
        if not case.reasons_asked_on:
            return "没有请申请人说明理由。"
        if case.reasons_accepted is not None:
            return "已经作出判断。"
        if case.state == "explaining" and not case.reasons_given_on:
            return "申请人还没有说明理由，期限也没有届满。"
        return ""

    def apply(self, work: Work) -> None:
        case: Request = work.case
        accepted, until = work.data["accepted"], work.data["until"]
        if not accepted and until:
            raise ActError("理由不合理的，不需要确定延迟答复的日期。请去掉日期。")
        case.reasons_accepted, case.excessive = accepted, True
        work.words = work.data["words"]
        if until:
            if until <= timezone.localdate(work.now):
                raise ActError("延迟到的日期应在今天之后。")
            due = clocks.reply_due(clocks.history(case, work.now))
            if due is not None and until <= due:
                raise ActError(f"答复期限到{day_words(due)}，延迟到的日期应在这之后；能按期答复的不需要延迟。")
            case.delayed_on, case.delayed_until = timezone.localdate(work.now), until
            common.tell_applicant(case, f"说明的理由已经采纳，答复延迟到{day_words(until)}。", work.now)
        advance(work, recorded=not until)
        work.summary = "理由合理" if accepted else "理由不合理"
        if until:
            work.summary += f"，延迟到{day_words(until)}答复"


class ReasonsLapsed(SystemAct):
    """逾期未说明理由: the period is over, the office decides."""

    name, label, icon = "reasons_lapsed", "逾期未说明理由", "clock"
    from_states = frozenset({"explaining"})

    def apply(self, work: Work) -> None:
        if clocks.advance(work.case, work.now)[1] == "explaining":
            raise ActError("说明理由的期限还没有届满。")
        work.state = "handling"
        work.summary = "期满没有收到说明，请判断如何处理"
        work.notify(common.case_people(work.case), f"{work.case.title}：申请人逾期没有说明理由")
