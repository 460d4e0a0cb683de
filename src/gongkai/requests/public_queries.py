"""What the public pages of requests read: a request as its applicant sees it, and the bodies that can be asked.

Every function that gives out a request expects the caller to have proven that the reader may see it (`pages.access`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from gongkai.core import calendars, clocks
from gongkai.core.models import Clock, Event, Unit
from gongkai.core.models.units import UnitKind
from gongkai.law import clock as law_clock
from gongkai.law.requests.decisions import DECISIONS
from gongkai.law.workdays import UnknownYearError, chinese_date
from gongkai.requests import fees
from gongkai.requests.forms import asked_units
from gongkai.requests.models import Channel, Consultation, Fee, Message, ReplyStep, Request, Supplement, Way
from gongkai.requests.outstanding import notice_runs
from gongkai.requests.pages import days

REPLY = "reply"
# Clocks of the applicant or of those who are asked; and the one of the notice while it may still come.
_TOLD = frozenset({"supplement", "payment", "opinion", "reasons"})
_WORDS = {
    "unconfirmed": "等待确认收到",
    "received": "登记审查",
    "handling": "查找信息、起草答复",
    "supplementing": "等您补正",
    "consulting": "征求意见，答复期限暂停",
    "explaining": "等您说明理由",
    "paying": "等您缴费",
    "extending": "查找信息、起草答复",
    "review": "起草答复",
    "signed": "答复已签发，正在送达",
    "replied": "已答复",
    "ended": "已终止",
    "moved": "已转给其他单位",
    "archived": "已办结",
}


# --- bodies -----------------------------------------------------------------------------------------------------------


def bodies() -> QuerySet[Unit]:
    """The bodies that can be asked here."""
    return asked_units().order_by("ordinal", "id")


GROUPS = (
    ("区政府及办公室", (UnitKind.GOVERNMENT, UnitKind.OFFICE)),
    ("部门", (UnitKind.DEPARTMENT, UnitKind.PARTY)),
    ("街道、镇", (UnitKind.STREET, UnitKind.TOWN)),
    ("园区和其他单位", (UnitKind.PARK, UnitKind.INSTITUTION, UnitKind.ENTERPRISE, UnitKind.OTHER, UnitKind.DIVISION)),
)


def grouped(words: str = "") -> list[tuple[str, list[Unit]]]:
    """The bodies by sort; with words those whose name, short name or former name has them."""
    found = bodies()
    if words:
        matching = Unit.objects.filter(name__contains=words) | Unit.objects.filter(short_name__contains=words)
        matching |= Unit.objects.filter(aliases__name__contains=words)
        found = found.filter(pk__in=matching.values("pk"))
    rows = list(found[:1000])
    groups = [(label, [unit for unit in rows if unit.kind in kinds]) for label, kinds in GROUPS]
    return [(label, units) for label, units in groups if units]


def body(code: str) -> Unit | None:
    """A body that can be asked, by its code."""
    return bodies().filter(code=code).first() if code else None


def window() -> Unit | None:
    """The body whose counter takes requests for all: the government's office, else the first body with an address."""
    units = bodies().exclude(address="")
    return units.filter(kind=UnitKind.OFFICE).first() or units.first()


# --- one request ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """The last day of the reply moved: on which day, from where to where, and why."""

    on: dt.date
    before: str
    after: str
    cause: str

    @property
    def words(self) -> str:
        """From where to where; only how it stands, where nothing was known before either."""
        return f"由{self.before}改为{self.after}" if self.before != self.after else self.after


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the way, as the line of phases shows it."""

    title: str
    words: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that the applicant has to do."""

    title: str
    words: str
    due_on: dt.date | None
    supplement: Supplement | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A request as its applicant sees it."""

    case: Request
    now: dt.datetime
    clock: Clock | None
    face: clocks.Face | None
    derivation: law_clock.Derivation | None
    standing: str
    phases: list[Phase]
    changes: list[Change]
    needs: list[Need]
    others: list[clocks.Face]
    messages: list[Message]
    weeks: list[list[days.Cell]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    # While the count will begin anew, not go on: what then holds.
    restart: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still being dealt with."""
        return self.case.is_open

    @property
    def due_on(self) -> dt.date | None:
        """The last day for the reply; None before the count begins and while it stands still."""
        return self.derivation.due_on if self.derivation else None

    @property
    def decision_words(self) -> str:
        """The result in words."""
        found = DECISIONS.get(self.case.decision)
        return found.short if found else ""

    @property
    def used_words(self) -> str:
        """今天是第11个工作日，共20个."""
        found = self.derivation
        if found is None or not found.used:
            return "从收到的次日起算" if found else ""
        return f"今天是第{found.used}个工作日，共{found.total}个"

    @property
    def unread(self) -> int:
        """How many answers the applicant has."""
        return sum(1 for one in self.messages if not one.from_applicant)


def request_of(pk: int) -> Request | None:
    """A request with all that its status page reads."""
    rounds = Prefetch("clocks", Clock.objects.prefetch_related("pauses", "extensions"))
    return (
        Request.objects.select_related("unit", "clock")
        .prefetch_related(rounds, "supplement_rounds", "consultations", "fees", "messages", "deliveries")
        .filter(pk=pk)
        .first()
    )


def status_of(case: Request, now: dt.datetime | None = None) -> Status:
    """Everything the status page shows of a request that `request_of` gave."""
    now = now or timezone.now()
    stands = clocks.ground()
    everyone = list(case.clocks.all())
    clock = reply_clock(everyone)
    derived = _derivation(clock, now, stands)
    others = [clocks.face(one, now, ground=stands) for one in everyone if _is_told(one, now) and notice_runs(case, one)]
    today = timezone.localdate(now)
    closed_on = timezone.localdate(clock.stopped_at) if clock and clock.stopped_at else None
    return Status(
        case=case,
        now=now,
        clock=clock,
        face=clocks.face(clock, now, ground=stands) if clock else None,
        derivation=derived,
        standing=_standing(case),
        phases=_phases(case, derived),
        changes=changes(case, clock, stands),
        needs=_needs(case),
        others=others,
        messages=list(case.messages.all()),
        weeks=days.weeks(derived, closed_on or today, _mark(case, closed_on)) if derived else [],
        told=_told(case, derived, now) if derived else [],
        restart=_restart_words(case, now),
    )


def _mark(case: Request, closed_on: dt.date | None) -> str:
    """What is written on the day on which the clock stands."""
    if closed_on is None:
        return "今天"
    return "终止" if case.state in ("ended", "moved") else "答复"


def _restart_words(case: Request, now: dt.datetime) -> str:
    """After a supplement or a payment the count begins anew; empty while it would go on."""
    waited = {"supplementing": ("收到补正", "今天补正"), "paying": ("缴清费用", "今天缴清")}.get(case.state)
    if waited is None:
        return ""
    found = last_day_of_today(now)
    example = f"；{waited[1]}的，最晚{chinese_date(found.due_on)}答复" if found and found.due_on else ""
    return f"{waited[0]}的次日起，重新计算{reply_workdays()}个工作日{example}。"


def _told(case: Request, derived: law_clock.Derivation, now: dt.datetime) -> list[str]:
    lines = days.told(derived)
    if not case.is_open and derived.due_on is None:
        # It ended while the count stood still: nothing goes on any more.
        ended = case.replied_on or (timezone.localdate(case.closed_at) if case.closed_at else timezone.localdate(now))
        return [*(line for line in lines[:-1] if line != days.WAITS), f"{chinese_date(ended)}终止，不再计算"]
    restart = _restart_words(case, now)
    return [*lines[:-2], restart] if restart and derived.due_on is None else lines


def _is_told(clock: Clock, now: dt.datetime) -> bool:
    """Whether a clock beside that of the reply concerns the applicant: 补正告知 only until its last day."""
    code = clock.code.partition(":")[0]
    if clock.state == Clock.State.CANCELLED:
        return False
    waits = clock.is_open and clock.due_at is not None and now < clock.due_at
    return code in _TOLD or (code == "supplement_notice" and waits)


def reply_clock(everyone: list[Clock]) -> Clock | None:
    """The clock of the reply that counts: the last one that was not given up."""
    found = [one for one in everyone if one.code.partition(":")[0] == REPLY]
    live = [one for one in found if one.state != Clock.State.CANCELLED]
    return (live or found)[-1] if found else None


def _derivation(clock: Clock | None, now: dt.datetime, stands: clocks.Ground) -> law_clock.Derivation | None:
    if clock is None:
        return None
    try:
        return clocks.derivation(clock, now, stands)
    except UnknownYearError:
        # Beyond the calendar that is known: no date is guessed.
        return None


def _standing(case: Request) -> str:
    words = _WORDS.get(case.state, case.state_label)
    if case.state == "review":
        step = (
            ReplyStep.objects.filter(reply__request=case, decision="").order_by("-round", "position").first()
            if case.pk
            else None
        )
        if step is not None:
            return f"{words}，等待{step.get_role_display()}审核"
    return words


# --- phases -----------------------------------------------------------------------------------------------------------


def _md(day: dt.date | None) -> str:
    return chinese_date(day, year=False) if day else ""


def _phases(case: Request, derived: law_clock.Derivation | None) -> list[Phase]:
    """Received, registered, what came between, drafting, reply: done ones first, then the current, then what is left."""
    done = [Phase("收到", _md(case.received_on) or "等待确认", "past" if case.received_on else "current")]
    supplements = list(case.supplement_rounds.all())
    if case.registered_at:
        words = _md(timezone.localdate(case.registered_at))
        done.append(Phase("登记审查", words if supplements else f"{words}，不需要补正", "past"))
    else:
        waits = "current" if case.received_on and case.state in ("received", "unconfirmed") else ""
        done.append(Phase("登记审查", "", waits))
    done += [_supplement_phase(one) for one in supplements]
    done += _opinion_phases(case)
    done += [_fee_phase(one) for one in case.fees.all()]
    if case.state in ("ended", "moved"):
        return [*done, Phase("已终止" if case.state == "ended" else "已转送", _md(_closed_on(case)), "past")]
    finished = case.replied_on is not None
    drafting = case.state in ("handling", "extending", "review", "signed")
    done.append(Phase("起草答复", "", "past" if finished or case.state == "signed" else "current" if drafting else ""))
    return [*done, _reply_phase(case, derived)]


def _closed_on(case: Request) -> dt.date | None:
    return timezone.localdate(case.closed_at) if case.closed_at else None


def _supplement_phase(one: Supplement) -> Phase:
    if one.state == Supplement.State.WAITING:
        until = f"，最晚{_md(one.due_on)}" if one.due_on else ""
        return Phase("补正", f"{_md(one.asked_on)}告知{until}", "current")
    end = f"{_md(one.answered_on)}收到补正" if one.answered_on else "逾期没有补正"
    return Phase("补正", f"{_md(one.asked_on)}告知，{end}", "past")


def _opinion_phases(case: Request) -> list[Phase]:
    """Opinions that stop the clock; whom they were asked of is not told."""
    found = []
    for one in case.consultations.all():
        if not one.pauses:
            continue
        title = "征求第三方意见" if one.kind == Consultation.Kind.THIRD_PARTY else "征求其他机关意见"
        if one.ended_on is None:
            found.append(Phase(title, f"{_md(one.sent_on)}发函，等待回函", "current"))
        else:
            end = f"{_md(one.answered_on)}收到回函" if one.answered_on else f"{_md(one.ended_on)}期满"
            found.append(Phase(title, f"{_md(one.sent_on)}发函，{end}", "past"))
    return found


def _fee_phase(one: Fee) -> Phase:
    if one.state == Fee.State.WAITING:
        until = f"，最晚{_md(one.due_on)}" if one.due_on else ""
        return Phase("缴费", f"{_md(one.noticed_on)}通知{until}", "current")
    end = {Fee.State.PAID: f"{_md(one.paid_on)}缴清", Fee.State.LAPSED: "逾期没有缴费"}.get(
        Fee.State(one.state), one.get_state_display()
    )
    return Phase("缴费", f"{_md(one.noticed_on)}通知，{end}", "past")


def _reply_phase(case: Request, derived: law_clock.Derivation | None) -> Phase:
    if case.replied_on:
        return Phase("答复送达", _md(case.replied_on), "past")
    due = f"最晚{_md(derived.due_on)}" if derived and derived.due_on else ""
    return Phase("答复送达", due, "current" if case.state == "signed" else "")


# --- what the applicant has to do ---------------------------------------------------------------------------------------


def _needs(case: Request) -> list[Need]:
    found = []
    for one in case.supplement_rounds.all():
        if one.state == Supplement.State.WAITING and case.state == "supplementing":
            found.append(Need("请您补正", one.items, one.due_on, one))
    for fee in case.fees.all():
        if fee.state == Fee.State.WAITING and case.state == "paying":
            found.append(Need("请您缴费", f"{fee.amount}元。{fee.explanation}", fee.due_on))
    if case.state == "explaining":
        found.append(Need("请您说明理由", "请说明多次、大量申请的理由，可以写在下面的补充说明里。", None))
    return found


# --- every change of the date -----------------------------------------------------------------------------------------


def changes(case: Request, clock: Clock | None, stands: clocks.Ground) -> list[Change]:
    """How the last day of the reply moved, oldest first, each time with the cause."""
    try:
        found = [*_restarts(case, stands), *(_moves(clock, stands) if clock else [])]
    except UnknownYearError:
        found = []
    for event in Event.objects.filter(case=case.pk, act="clock.recompute").order_by("sequence"):
        for move in event.data.get("moves", []):
            if "答复" in str(move.get("clock", "")):
                cause = event.summary.partition("原因：")[2] or "放假安排有变化"
                found.append(
                    Change(timezone.localdate(event.at), str(move["before"]), str(move["after"]), f"{cause}，重新推算")
                )
    return sorted(found, key=lambda one: one.on)


def _restarts(case: Request, stands: clocks.Ground) -> list[Change]:
    """A supplement or a payment begins the count anew."""
    begun = [(one.answered_on, "收到补正") for one in case.supplement_rounds.all() if one.answered_on]
    begun += [(one.paid_on, "缴清费用") for one in case.fees.all() if one.paid_on and fees.restarts()]
    found, before = [], case.received_on
    for day, cause in sorted((day, cause) for day, cause in begun if day):
        if before is None:
            break
        amount = reply_workdays()
        old, new = stands.calendar.add_workdays(before, amount), stands.calendar.add_workdays(day, amount)
        words = f"{_md(day)}{cause}，答复期限从这一天重新计算"
        found.append(Change(day, chinese_date(old), chinese_date(new), words))
        before = day
    return found


def reply_workdays() -> int:
    """How many working days a reply may take (条例第三十三条)."""
    from gongkai.law.requests.history import NATIONAL

    return NATIONAL.reply


def _moves(clock: Clock, stands: clocks.Ground) -> list[Change]:
    """Pauses and extensions of the clock, one after the other."""
    if clock.started_at is None:
        return []
    rule = clocks.rule_of(clock)
    steps: list[tuple[dt.datetime, law_clock.Pause | law_clock.Extension]] = [
        (one.start_at, law_clock.Pause(one.start_at, one.end_at, one.reason, one.document))
        for one in clock.pauses.all()
    ]
    for one in clock.extensions.all():
        extension = law_clock.Extension(
            amount=one.amount, date=one.date, reason=one.reason, approved_on=timezone.localdate(one.approved_at)
        )
        steps.append((one.approved_at, extension))
    steps.sort(key=lambda step: step[0])
    pauses: list[law_clock.Pause] = []
    extensions: list[law_clock.Extension] = []
    start = clock.started_at
    before = law_clock.derive(rule, start, stands.calendar).due_on
    found = []
    for at, step in steps:
        if isinstance(step, law_clock.Pause):
            pauses.append(step)
        else:
            extensions.append(step)
        derived = law_clock.derive(rule, start, stands.calendar, pauses, extensions)
        after = derived.due_on
        # While the count stands still already, another pause changes no day.
        still = before is None and after is None and isinstance(step, law_clock.Pause)
        if (after != before or after is None) and not still:
            on = timezone.localdate(at)
            if isinstance(step, law_clock.Pause) and step.end is not None:
                on = timezone.localdate(step.end)
            cause = _cause(step, before, after, stands)
            found.append(Change(on, _after_words(before), _after_words(after), cause))
        before = after
    return found


def _after_words(after: dt.date | None) -> str:
    return chinese_date(after) if after else "恢复后再定"


def _cause(
    step: law_clock.Pause | law_clock.Extension, before: dt.date | None, after: dt.date | None, stands: clocks.Ground
) -> str:
    if isinstance(step, law_clock.Extension):
        amount = f"延长{step.amount}个工作日" if step.amount else "延长答复期限"
        return f"经批准{amount}" + (f"（{step.reason}）" if step.reason else "")
    reason = step.reason or "暂停"
    if "补正" in reason or ("缴" in reason and fees.restarts()):
        return f"{reason}，收到后重新计算"
    if before is None or after is None:
        return f"{reason}，等待期间依法不计入"
    lost = stands.calendar.workdays_between(before, after)
    return f"{reason}用去{lost}个工作日，依法不计入"


# --- lists ------------------------------------------------------------------------------------------------------------


def requests_of_mailbox(mark: str, limit: int = 50) -> list[Request]:
    """The requests that named this mailbox, newest first."""
    if not mark:
        return []
    rows = Request.objects.filter(email_mark=mark).select_related("unit", "clock").order_by("-pk")
    return list(rows[:limit])


def channel_words(case: Request) -> str:
    """How it came in."""
    return Channel(case.channel).label if case.channel else ""


def way_words(case: Request) -> str:
    """How the applicant wants the reply."""
    return Way(case.way).label if case.way else ""


def last_day_of_today(now: dt.datetime | None = None) -> law_clock.Derivation | None:
    """When a request made now has to be answered; None when the calendar does not reach so far."""
    now = now or timezone.now()
    rule = law_clock.Rule("workday", reply_workdays(), trigger="收到申请")
    try:
        return law_clock.derive(rule, now, calendars.current(), now=now)
    except UnknownYearError:
        return None


def everything(case: Request) -> dict[str, Any]:
    """What of a request stands on the receipt."""
    return {"case": case, "channel": channel_words(case), "way": way_words(case)}
