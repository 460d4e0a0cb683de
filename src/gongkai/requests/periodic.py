"""Periodic work of handling: what lapses by mere time, and reminders that core's own do not give.

Lapses take effect on their own last day however late this runs: the clocks derive them from the days, the jobs only write
the event, move the state and tell the handler.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from gongkai.core import calendars, notifications
from gongkai.core.acts import ActError, Work, people_of, perform
from gongkai.core.kinds import State, kinds
from gongkai.core.models import Clock, User
from gongkai.core.roles import Role
from gongkai.core.schedule import every
from gongkai.law import clock as law_clock
from gongkai.requests import fees
from gongkai.requests.models import Consultation, Fee, Help, Request, Supplement

log = logging.getLogger(__name__)
LAPSES = {
    "supplement": "request.supplement_lapsed",
    "payment": "request.fee_lapsed",
    "reasons": "request.reasons_lapsed",
    "opinion": "request.opinion_lapsed",
}
# Working days left at which the handler hears of the seven days for a supplement notice: the 4th, 6th and 7th day.
NOTICE_LEFT = (3, 1, 0)
REPLY_LEFT = (5, 2, 0)
# A letter that starts somebody's clock and was not confirmed for so long is asked after, and again after as long.
UNCONFIRMED_DAYS = 5
# States in which another clock or another person stands before the reply in core's own reminders.
_CLOSED = State("", open=False)
BESIDE = ("explaining", "extending", "review", "signed")


@every("requests-lapse", minutes=10)
def lapse(now: dt.datetime) -> int:
    """Write down what lapsed: supplements, opinions, payments, reasons; returns how many."""
    # Offered until the seventh working day, owed by nobody.
    Clock.objects.filter(
        code="supplement_notice", state=Clock.State.RUNNING, due_at__lte=now, case__kind=Request.KIND
    ).update(state=Clock.State.CANCELLED)
    over = Clock.objects.filter(
        Q(code__in=("supplement", "payment", "reasons")) | Q(code__startswith="opinion:"),
        state=Clock.State.RUNNING,
        due_at__lte=now,
        case__kind=Request.KIND,
        case__closed_at__isnull=True,
    )
    wanted = {(case, LAPSES[code.partition(":")[0]]) for case, code in over.values_list("case_id", "code")}
    # Whose waiting is over, but whom nobody moved (a calendar that changed in between).
    waiting = Consultation.objects.filter(pauses=True, ended_on__isnull=True).values("request")
    stuck = Request.objects.filter(state="consulting").exclude(pk__in=waiting)
    wanted |= {(case, LAPSES["opinion"]) for case in stuck.values_list("pk", flat=True)}
    cases = Request.objects.in_bulk([case for case, _ in wanted])
    return sum(_do(act, cases[case], now) for case, act in sorted(wanted))


def _do(act: str, case: Request, now: dt.datetime) -> bool:
    try:
        perform(act, case, None, {}, now=now)
    except ActError as error:
        # Somebody was faster, or the state waits for something else first.
        log.info("%s on %s: %s", act, case.number, error)
        return False
    return True


def watch_numbers(work: Work) -> None:
    """Registering the eighth request of an applicant in a month tells the handler so, where the place charges a fee."""
    if work.act.name != "register" or not fees.is_on(work.case):
        return
    words = fees.threshold_words(work.case)
    if words:
        notifications.tell(
            _people(work.case),
            f"{work.case.title}：{words}",
            case=work.case,
            kind="fee",
            key=f"fee-number-{work.case.pk}",
            now=work.now,
        )


def close_helps(work: Work) -> None:
    """Whoever was asked for help needs not answer any more once the request is closed."""
    case = work.case
    if case.is_open or work.event is None or not kinds[case.kind].states.get(work.event.state_before, _CLOSED).open:
        return
    for matter in Help.objects.open().filter(consultation__request=case.pk):
        perform(
            "request_help.close",
            matter,
            work.user,
            {"reason": "申请已经办结，不用再答复", "state": "withdrawn"},
            now=work.now,
            consequence=True,
        )


@every("requests-remind", daily_at=dt.time(8, 5))
def remind(now: dt.datetime) -> int:
    """Remind of the supplement notice, of replies behind another clock, and of letters nobody confirmed."""
    return _remind_notice(now) + _remind_reply(now) + _ask_after_receipt(now)


def _people(case: Request) -> list[User]:
    return [case.handler] if case.handler is not None else list(people_of(case.unit, Role.OFFICER))


def _open_clocks(code: str, now: dt.datetime, workdays: int, states: tuple[str, ...]) -> list[tuple[Request, dt.date]]:
    """Requests with a running clock under a code that ends within some working days, and its last day."""
    horizon = calendars.current().add_workdays(timezone.localdate(now), workdays + 1)
    rows = Clock.objects.filter(
        code=code,
        state=Clock.State.RUNNING,
        due_at__gt=now,
        due_at__lte=law_clock.midnight(horizon + dt.timedelta(days=1)),
        case__kind=Request.KIND,
        case__state__in=states,
    )
    found = {clock.case_id: law_clock.last_day(clock.due_at) for clock in rows if clock.due_at}
    cases = Request.objects.filter(pk__in=found).select_related("handler", "unit").order_by("pk")
    return [(case, found[case.pk]) for case in cases]


def _remind_notice(now: dt.datetime) -> int:
    today, told = timezone.localdate(now), 0
    for case, last in _open_clocks("supplement_notice", now, max(NOTICE_LEFT), ("received", "handling")):
        left = calendars.current().workdays_between(today, last)
        if left not in NOTICE_LEFT:
            continue
        when = "今天是最后一日" if left == 0 else f"还剩{left}个工作日"
        told += notifications.tell(
            _people(case),
            f"{case.title}：申请内容不明确需要补正的，告知期限{when}（{last.month}月{last.day}日）",
            case=case,
            kind="remind",
            key=f"notice-{case.pk}-{last}-{left}",
            now=now,
        )
    return told


def _remind_reply(now: dt.datetime) -> int:
    today, told = timezone.localdate(now), 0
    for case, last in _open_clocks("reply", now, max(REPLY_LEFT), BESIDE):
        left = calendars.current().workdays_between(today, last)
        if left not in REPLY_LEFT:
            continue
        when = "今天到期" if left == 0 else f"还剩{left}个工作日"
        told += notifications.tell(
            _people(case),
            f"{case.title}：答复期限{when}（{last.month}月{last.day}日），现在{case.state_label}",
            case=case,
            kind="remind",
            key=f"reply-{case.pk}-{last}-{left}",
            now=now,
        )
    return told


def _ask_after_receipt(now: dt.datetime) -> int:
    """Nothing must stand still for ever because nobody wrote down that a letter arrived."""
    calendar, today, told = calendars.current(), timezone.localdate(now), 0
    for key, title, sent_on, row in _unconfirmed():
        waited = calendar.workdays_between(sent_on, today)
        if not waited or waited % UNCONFIRMED_DAYS:
            continue
        told += notifications.tell(
            _people(row.request),
            f"{row.request.title}：{title}发出{waited}个工作日，还没有登记对方收到的日期，请查询后登记签收",
            case=row.request,
            kind="remind",
            key=f"{key}-{row.pk}-{waited}",
            now=now,
        )
    return told


def _unconfirmed() -> Iterable[tuple[str, str, dt.date, Any]]:
    """Letters whose receipt starts somebody's time and was not written down: key, title, day of sending, row."""
    open_ones = {"received_on__isnull": True, "request__closed_at__isnull": True}
    beside = ("request__handler", "request__unit")
    asked = Consultation.objects.filter(pauses=True, ended_on__isnull=True, **open_ones)
    yield from (("receipt", "征求意见书", row.sent_on, row) for row in asked.select_related(*beside))
    rounds = Supplement.objects.filter(state=Supplement.State.WAITING, **open_ones)
    yield from (("receipt-supplement", "补正告知书", row.asked_on, row) for row in rounds.select_related(*beside))
    notices = Fee.objects.filter(state=Fee.State.WAITING, **open_ones)
    yield from (("receipt-fee", "收费通知书", row.noticed_on, row) for row in notices.select_related(*beside))
