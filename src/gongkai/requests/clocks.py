"""The clocks of a request: the only place that starts, stops, pauses and restarts them.

What happened stands in rows (rounds of supplement, opinions, fee notices, approvals) and in the days of the request. From
them `law.requests.history` derives every clock; `settle` writes what it found into core's clocks. An act writes its row
and calls `settle`: dates that cannot be are refused there, in the words of the law's floor.

The clock that runs now has the plain code (`reply`); the runs before it keep theirs with a number (`reply:1`). Opinions
run side by side and carry the key of their row (`opinion:7`).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from gongkai.core import calendars, jurisdiction
from gongkai.core import clocks as core_clocks
from gongkai.core.acts import ActError
from gongkai.core.clocks import Laid
from gongkai.core.models import Clock
from gongkai.law import clock as law_clock
from gongkai.law.requests import history as law
from gongkai.law.requests.history import Kind, RequestClock, RequestClocks, RequestEvent, Stage
from gongkai.law.workdays import Calendar, UnknownYearError
from gongkai.requests.models import Approval, Channel, Consultation, Fee, Request, Supplement

log = logging.getLogger(__name__)
# The codes that this module owns.
CODES = frozenset(
    {"confirmation", "registration", "supplement_notice", "supplement", "opinion", "reasons", "payment", "reply"}
)
DELIVERY = "delivery"
REDO = "redo"
NAMES = {
    "confirmation": "确认收到",
    "registration": "录入平台",
    "supplement_notice": "补正告知",
    "supplement": "申请人补正",
    "opinion": "征求意见",
    "reasons": "说明理由",
    "payment": "缴费",
    "reply": "答复申请人",
}
BASES = {
    "confirmation": "政府信息公开条例第三十一条",
    "registration": "收到申请后录入平台",
    "supplement_notice": "政府信息公开条例第三十条",
    "supplement": "政府信息公开条例第三十条",
    "reasons": "政府信息公开条例第三十五条",
    "payment": "政府信息公开信息处理费管理办法",
    "reply": "政府信息公开条例第三十三条",
}
_CHANNELS = {Channel.ORDINARY_MAIL: law.Channel.LETTER}
# States that follow from what is waited for; any other state is left alone when waiting ends.
WAITING_STATES = frozenset({"supplementing", "consulting", "explaining", "paying"})
PAUSING = (Consultation.Kind.THIRD_PARTY, Consultation.Kind.CO_MAKER)
_ENDED = frozenset({"ended", "moved"})


@dataclass
class Rows:
    """What hangs on a request and moves its clocks, read once."""

    supplements: list[Supplement] = field(default_factory=list)
    opinions: list[Consultation] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)


def rows_of(case: Request) -> Rows:
    """The rows of a saved request."""
    return Rows(
        list(case.supplement_rounds.select_related("letter")),
        list(case.consultations.filter(pauses=True).select_related("letter")),
        list(case.fees.select_related("letter")),
        list(case.approvals.select_related("letter")),
    )


def rules(case: Request | None = None) -> law.RequestRules:
    """The numbers of the jurisdiction; a reply made anew has the time that was ordered."""
    ordered = {"reply": case.ordered_workdays} if case is not None and case.ordered_workdays else {}
    return law.RequestRules(
        **ordered,
        registration=jurisdiction.value("requests.entry_workdays"),
        supplement=jurisdiction.value("requests.supplement_workdays"),
        reasons=jurisdiction.value("requests.reasons_workdays"),
        border=jurisdiction.value("requests.opinion_border"),
        fee_restarts=jurisdiction.value("requests.fee_clock") == "restart",
        reasons_pause=jurisdiction.value("requests.reasons_clock") == "pause",
    )


# --- from rows to events ----------------------------------------------------------------------------------------------


def _at(day: dt.date, *known: dt.datetime | None) -> dt.date:
    """The day, with its time where one of the known moments lies in it."""
    for moment in known:
        if moment is not None and timezone.localdate(moment) == day:
            return moment
    return day


def _sent(row: Any, day: dt.date) -> dt.date:
    return _at(day, row.letter.issued_at if row.letter_id else None)


def _number(row: Any) -> str:
    return row.letter.number if row.letter_id else ""


def events_of(case: Request, rows: Rows) -> list[RequestEvent]:
    """What happened to a request, as the law's floor reads it."""
    return [
        *_intake(case),
        *_supplements(rows.supplements, rows.approvals),
        *_opinions(rows.opinions),
        *_fees(rows.fees),
        *_reasons(case),
        *_extensions(rows.approvals),
        *_ends(case),
    ]


def _intake(case: Request) -> Iterable[RequestEvent]:
    channel = _CHANNELS.get(Channel(case.channel), case.channel)
    arrived: dt.date = case.arrived_at
    confirmed = channel in law.CONFIRMED_CHANNELS
    if not confirmed and case.received_on is not None:
        arrived = _at(case.received_on, case.arrived_at)
    yield RequestEvent(Kind.ARRIVED, arrived, channel=channel)
    yield RequestEvent(Kind.REGISTERED, case.entered_at)
    if confirmed and case.received_on is not None:
        yield RequestEvent(Kind.CONFIRMED, _at(case.received_on, case.arrived_at, case.entered_at))


def _supplements(rounds: list[Supplement], approvals: list[Approval]) -> Iterable[RequestEvent]:
    granted = sum(item.kind == Approval.Kind.SUPPLEMENT and item.state == Approval.State.GRANTED for item in approvals)
    for number, row in enumerate(rounds):
        key = str(row.pk)
        yield RequestEvent(
            Kind.SUPPLEMENT_ASKED, _sent(row, row.asked_on), reference=key, days=row.workdays,
            approved=number <= granted, document=_number(row),
        )  # fmt: skip
        if row.received_on:
            yield RequestEvent(Kind.SUPPLEMENT_DELIVERED, _at(row.received_on), reference=key)
        if row.answered_on:
            yield RequestEvent(Kind.SUPPLEMENT_RECEIVED, _at(row.answered_on), reference=key)


def _opinions(rounds: list[Consultation]) -> Iterable[RequestEvent]:
    for row in rounds:
        key = str(row.pk)
        words = "征求第三方意见" if row.kind == Consultation.Kind.THIRD_PARTY else "征求共同制作机关意见"
        yield RequestEvent(
            Kind.OPINION_ASKED, _sent(row, row.sent_on), reference=key, reason=words, document=_number(row)
        )
        if row.received_on:
            yield RequestEvent(Kind.OPINION_DELIVERED, row.received_on, reference=key)
        if row.answered_on:
            yield RequestEvent(Kind.OPINION_RETURNED, row.answered_on, reference=key)
        elif row.answer == Consultation.Answer.UNREACHABLE and row.ended_on:
            yield RequestEvent(Kind.OPINION_LAPSED, row.ended_on, reference=key)


def _fees(notices: list[Fee]) -> Iterable[RequestEvent]:
    for row in notices:
        # A notice that was taken back before payment never stopped anything.
        if row.state == Fee.State.WAIVED:
            continue
        key = str(row.pk)
        yield RequestEvent(Kind.FEE_NOTICED, _sent(row, row.noticed_on), reference=key, document=_number(row))
        if row.received_on:
            yield RequestEvent(Kind.FEE_DELIVERED, _at(row.received_on), reference=key, document=_number(row))
        if row.paid_on:
            yield RequestEvent(Kind.PAID, row.paid_on, reference=key)


def _reasons(case: Request) -> Iterable[RequestEvent]:
    if case.reasons_asked_on:
        yield RequestEvent(Kind.REASONS_ASKED, case.reasons_asked_on)
    if case.reasons_given_on:
        yield RequestEvent(Kind.REASONS_GIVEN, case.reasons_given_on)
    if case.delayed_on:
        yield RequestEvent(Kind.DELAYED, case.delayed_on, until=case.delayed_until, reason="理由合理，延迟答复")


def _extensions(approvals: list[Approval]) -> Iterable[RequestEvent]:
    for row in approvals:
        if row.kind == Approval.Kind.EXTENSION and row.state == Approval.State.GRANTED and row.decided_on:
            yield RequestEvent(
                Kind.EXTENDED,
                row.decided_on,
                days=row.workdays,
                approved=True,
                reason=row.reason,
                document=_number(row),
            )


def _ends(case: Request) -> Iterable[RequestEvent]:
    ended = case.replied_on or (timezone.localdate(case.closed_at) if case.closed_at else None)
    if ended is None:
        return
    kind = Kind.WITHDRAWN if case.state in _ENDED else Kind.REPLIED
    # Events after the end (a letter signed for later) change nothing.
    yield RequestEvent(kind, ended)


# --- deriving ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _derived(
    events: tuple[RequestEvent, ...], calendar: Calendar, numbers: law.RequestRules, today: dt.date, recorded: bool
) -> RequestClocks:
    """What the law's floor says; requests that came in at the same moment have the same history."""
    return law.derive(events, calendar, numbers, today, recorded=recorded)


def derive(
    case: Request, rows: Rows, today: dt.date, calendar: Calendar | None = None, *, recorded: bool = True
) -> RequestClocks:
    """Every clock of a request on a day. Raises ActError for a history that cannot be or a year nobody announced.

    Without `recorded` the newest letter is asked whether it still comes in time; what was accepted once stays so, also
    when the calendar changes.
    """
    try:
        return _derived(tuple(events_of(case, rows)), calendar or calendars.current(), rules(case), today, recorded)
    except (law.HistoryError, UnknownYearError) as error:
        raise ActError(str(error)) from error


def history(case: Request, now: dt.datetime | None = None) -> RequestClocks:
    """Every clock of a saved request as the law derives it now, whatever is stored."""
    return derive(case, rows_of(case), timezone.localdate(now or timezone.now()))


def _code(found: RequestClock, last: dict[str, int]) -> str:
    if found.key == "opinion":
        return f"opinion:{found.reference}"
    return found.key if found.number == last[found.key] else f"{found.key}:{found.number}"


def plans(found: RequestClocks, case: Request, rows: Rows) -> list[Laid]:
    """What core's clocks have to be."""
    last = {item.key: item.number for item in found.clocks}
    lapsed = {str(row.pk) for row in rows.supplements if row.state == Supplement.State.LAPSED}
    lapsed |= {str(row.pk) for row in rows.fees if row.state == Fee.State.LAPSED}
    laid = []
    for item in found.clocks:
        state: str = item.state
        # The applicant's time is over and nothing came: the row says so, the clock no longer runs.
        over = item.reference in lapsed and item.key in ("supplement", "payment")
        over |= item.key == "reasons" and bool(item.due_on and found.today > item.due_on)
        if over and state == "running":
            state = Clock.State.CANCELLED
        name = NAMES[item.key] + (item.title.removeprefix(law.CLOCK_TITLES[item.key]) if item.number > 1 else "")
        basis = item.rule.basis or BASES.get(item.key, "")
        if item.note and item.key == "reply":
            basis = f"{basis}（{item.note}）"
        laid.append(
            Laid(
                code=_code(item, last),
                name=name,
                rule=replace(item.rule, basis=basis),
                state=state,
                started_at=item.start,
                stopped_at=_stopped(item),
                on_time=item.on_time,
                judged=item.key == "reply",
                pauses=item.pauses,
                extensions=item.extensions,
            )
        )
    return laid


def _stopped(item: RequestClock) -> dt.datetime | None:
    if item.met_on is None or item.start is None:
        return None
    return max(law_clock.midnight(item.met_on), item.start)


def first(case: Request, now: dt.datetime) -> list[dict[str, Any]]:
    """The clocks with which a new request opens, as core takes them; from its days of arrival, entry and receipt.

    Sets what counts from the day of receipt.
    """
    found = derive(case, Rows(), timezone.localdate(now))
    case.received_on, case.counted_from = found.received_on, found.runs_from
    # A reply made anew is no new application.
    counted = found.received_on if case.origin_reason != REDO else None
    case.counted_year = counted.year if counted else None
    opening = []
    for plan in plans(found, case, Rows()):
        rule = plan.rule
        waits = plan.state == Clock.State.WAITING
        if plan.state == Clock.State.CANCELLED:
            continue
        opening.append(
            {
                "code": plan.code,
                "name": plan.name,
                "unit": rule.unit,
                "amount": rule.amount,
                "date": rule.date,
                "trigger": rule.trigger,
                "basis": rule.basis,
                "judged": plan.judged,
                "waiting": waits,
                "started_at": plan.started_at,
                "stopped_at": plan.stopped_at,
            }
        )
    return opening


# --- writing ----------------------------------------------------------------------------------------------------------


def settle(case: Request, now: dt.datetime, *, recorded: bool = True) -> RequestClocks:
    """Bring the stored clocks and the derived days of a request to what its rows say. Raises ActError."""
    return advance(case, now, recorded=recorded)[0]


def advance(case: Request, now: dt.datetime, *, recorded: bool = True) -> tuple[RequestClocks, str]:
    """As `settle`; with the state that follows from what is waited for."""
    rows = rows_of(case)
    found = derive(case, rows, timezone.localdate(now), recorded=recorded)
    wanted = plans(found, case, rows)
    _number_earlier_runs(case, wanted)
    core_clocks.lay(case, wanted, now)
    codes = {plan.code for plan in wanted}
    for clock in case.clocks.exclude(code__in=codes):
        # What no longer follows from the rows (a fee that was waived) ends.
        if clock.code.partition(":")[0] in CODES:
            core_clocks.cancel(clock, now)
    _write_days(found, rows)
    case.received_on, case.counted_from = found.received_on, found.runs_from
    return found, state_of(found, rows)


def lay_anew(case: Request, now: dt.datetime) -> None:
    """Settle after a change of the calendar. One request that the law no longer follows must not stop all others."""
    try:
        with transaction.atomic():
            settle(case, now)
    except ActError as error:
        log.error("clocks of %s cannot be derived anew: %s", case.number, error)


def _number_earlier_runs(case: Request, wanted: list[Laid]) -> None:
    """A run that was restarted keeps its row under its number, the new one takes the plain code."""
    codes = set(case.clocks.values_list("code", flat=True))
    for plan in wanted:
        key, _, number = plan.code.partition(":")
        if number and key != "opinion" and plan.code not in codes and key in codes:
            case.clocks.filter(code=key).update(code=plan.code)
            codes = codes - {key} | {plan.code}


def _write_days(found: RequestClocks, rows: Rows) -> None:
    """The last days that follow from the law, beside the days that were typed."""
    due = {(item.key, item.reference): item.due_on for item in found.clocks}
    for key, group in (("supplement", rows.supplements), ("payment", rows.fees), ("opinion", rows.opinions)):
        for row in group:
            last = due.get((key, str(row.pk)))
            values: dict[str, Any] = {} if row.due_on == last else {"due_on": last}
            if isinstance(row, Consultation):
                values |= _opinion_end(row, last, found.today)
            if values:
                for name, value in values.items():
                    setattr(row, name, value)
                row.save(update_fields=list(values))


def _opinion_end(row: Consultation, last: dt.date | None, today: dt.date) -> dict[str, Any]:
    """The day until which the reply stood still for an opinion: of the answer, never after the last day."""
    if row.answer == Consultation.Answer.UNREACHABLE:
        return {}
    over = last is not None and today > last
    ended = min((day for day in (row.answered_on, last if over else None) if day), default=None)
    values: dict[str, Any] = {"ended_on": ended} if row.ended_on != ended else {}
    if row.answered_on is None:
        answer = Consultation.Answer.SILENT if over else ""
        values |= {"answer": answer} if row.answer != answer else {}
    return values


def received(case: Request, on: dt.date, now: dt.datetime) -> None:
    """The day of receipt is known (art. 31): the reply clock begins, the year is counted. Raises ActError."""
    not_after_today(on, now, "收到申请的日期")
    case.received_on, case.counted_year = on, on.year
    settle(case, now)


def signed(case: Request, now: dt.datetime) -> None:
    """The reply is signed: it has to be handed over, posted or sent within the office's own days."""
    if core_clocks.get(case, DELIVERY) is None:
        core_clocks.start(
            case, now=now, code=DELIVERY, name="送达答复", unit="workday",
            amount=jurisdiction.value("requests.delivery_workdays"), judged=False, basis="签发后送达", trigger="签发",
        )  # fmt: skip


def replied(case: Request, on: dt.date, now: dt.datetime) -> None:
    """The reply was handed over, posted or sent on a day: that day ends the clock. Sets `replied_on`, `workdays_used`.

    Raises ActError for a day that cannot be.
    """
    not_after_today(on, now, "答复日期")
    case.replied_on = on
    found = settle(case, now)
    case.workdays_used = used(found)
    case.answered_in_time = found.reply.on_time if found.reply is not None else None
    delivery = core_clocks.get(case, DELIVERY)
    if delivery is not None:
        core_clocks.stop(delivery, _moment(on, now))


def ended(case: Request, now: dt.datetime) -> None:
    """Withdrawn, merged or moved to another body: no clock matters any more."""
    for clock in case.clocks.all():
        core_clocks.cancel(clock, now)


def used(found: RequestClocks) -> int | None:
    """Working days that the run which ended in the reply took, without those that do not count; None before."""
    run = found.reply
    if run is None or run.start is None or run.met_on is None:
        return None
    calendar = calendars.current()
    start = run.start.date()
    days = calendar.workdays_between(start, run.met_on) if run.met_on > start else 0
    paused = run.derivation(calendar, _end_of(run.met_on)).paused
    return max(days - paused, 0)


def _end_of(day: dt.date) -> dt.datetime:
    return law_clock.midnight(day) + dt.timedelta(hours=23, minutes=59)


def _moment(day: dt.date, now: dt.datetime) -> dt.datetime:
    return now if timezone.localdate(now) == day else law_clock.midnight(day)


# --- asking -----------------------------------------------------------------------------------------------------------


def state_of(found: RequestClocks, rows: Rows) -> str:
    """The state that follows from what is waited for."""
    if found.stage == Stage.UNCONFIRMED:
        return "unconfirmed"
    if found.stage == Stage.SUPPLEMENT:
        waits = any(row.state == Supplement.State.WAITING for row in rows.supplements)
        return "supplementing" if waits else "handling"
    if found.stage == Stage.PAYMENT:
        waits = any(row.state == Fee.State.WAITING for row in rows.fees)
        return "paying" if waits else "handling"
    if found.stage == Stage.OPINION:
        return "consulting"
    if found.stage == Stage.REASONS:
        reasons = found.last("reasons")
        over = reasons is not None and reasons.due_on is not None and found.today > reasons.due_on
        return "handling" if over else "explaining"
    # A notice on its way: the clock still runs, but it is the applicant's turn.
    return "paying" if any(row.state == Fee.State.WAITING for row in rows.fees) else "handling"


def not_after_today(day: dt.date, now: dt.datetime, what: str) -> None:
    """Nothing that has not happened yet is written down. Raises ActError."""
    if day > timezone.localdate(now):
        raise ActError(f"{what}不能晚于今天。请填写实际发生的日期。")


def reply_due(found: RequestClocks) -> dt.date | None:
    """The last day for the reply; while it is paused for opinions, the last day possible."""
    run = found.reply
    return (run.due_on or run.latest_on) if run else None


def runs(case: Request) -> list[Clock]:
    """Every run of the reply clock in order, the one that counts last: a derivation shows them all."""
    found = case.clocks.filter(code__startswith="reply").prefetch_related("pauses", "extensions")
    return sorted(found, key=lambda clock: (clock.code == "reply", clock.code))


def check(case: Request, now: dt.datetime | None = None) -> list[str]:
    """Where stored days differ from those derived from the rows on the day of `now`; empty when all agree.

    True after every act and after the periodic work of the day.
    """
    now = now or timezone.now()
    rows = rows_of(case)
    found = derive(case, rows, timezone.localdate(now))
    last = {item.key: item.number for item in found.clocks}
    stored = {clock.code: clock for clock in case.clocks.prefetch_related("pauses", "extensions")}
    wrong = []
    for item in found.clocks:
        code = _code(item, last)
        clock = stored.get(code)
        if clock is None:
            if item.state != Clock.State.CANCELLED:
                wrong.append(f"{code}: not stored")
            continue
        day = law_clock.last_day(clock.due_at) if clock.due_at else None
        if day != item.due_on:
            wrong.append(f"{code}: stored {day}, derived {item.due_on}")
        if (clock.state == Clock.State.MET) != (item.state == "met") and case.is_open:
            wrong.append(f"{code}: stored {clock.state}, derived {item.state}")
        counted = core_clocks.derivation(clock, now)
        if counted is not None and counted.due_on != item.due_on:
            wrong.append(f"{code}: core derives {counted.due_on}, the law {item.due_on}")
    if (case.received_on, case.counted_from) != (found.received_on, found.runs_from):
        wrong.append("days of the request differ")
    return wrong
