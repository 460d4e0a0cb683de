"""The clock of a request: from what happened to every date, pause and state.

《政府信息公开条例》 articles 30-35; 国办公开办函〔2015〕207号 and 〔2016〕235号 for receipt and service; the fee measure.

- Day T0 is fixed by the channel (art 31). It is never counted itself, also when it is a make-up working day.
- reply due = add_workdays(T0, 20 + E + X): E the working days spent on asking others (art 33, 3; overlapping rounds
  count once), X the extension granted (at most 20, once per run of the clock, before the end, approved).
- A supplement restarts the clock on the day it arrives (art 30), a payment on the day it is made. Until then the run
  that was going is stopped. The notice that asks for a supplement is due 7 working days after the first receipt.
- An opinion is waited for until it comes back, but not beyond 15 working days after the other received the letter.
- A letter is in time by its reply date: day of signing, of posting, or of sending (see `reply_day`).

Nothing is stored here: `derive` computes all of it from the events, in any order they are given in, and hands each
clock over as rule, start, pauses and extensions of `law.clock`, so that the printed derivation comes from the same
call. An impossible history raises, it is never mended silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from gongkai.law.clock import (
    Derivation,
    Extension,
    Pause,
    Rule,
    State,
    local,
    midnight,
)
from gongkai.law.clock import derive as derive_clock
from gongkai.law.workdays import Calendar, chinese_date

_DAY = timedelta(days=1)


class HistoryError(ValueError):
    """Events that cannot have happened this way; the sentence says which and what to do."""


class Channel(StrEnum):
    """How the request came in."""

    IN_PERSON = "in_person"
    POST = "post"
    LETTER = "letter"
    FAX = "fax"
    WEB = "web"
    EMAIL = "email"


CHANNEL_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Channel.IN_PERSON: "当面提交",
        Channel.POST: "邮寄（挂号、快递）",
        Channel.LETTER: "平常信函",
        Channel.FAX: "传真",
        Channel.WEB: "网上提交",
        Channel.EMAIL: "电子邮件",
    }
)
CONFIRMED_CHANNELS: Final = frozenset({Channel.LETTER, Channel.FAX, Channel.WEB, Channel.EMAIL})
"""Channels whose day of receipt is the day both sides confirm (art 31, 2 and 3)."""
ENTERED_CHANNELS: Final = frozenset(Channel) - {Channel.WEB}
"""Channels whose requests staff enter into the platform."""


class Party(StrEnum):
    """Whose opinion is asked: a third party (art 32), a body that made the information jointly (art 34), another body."""

    THIRD_PARTY = "third_party"
    JOINT_MAKER = "joint_maker"
    AGENCY = "agency"


PARTY_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {Party.THIRD_PARTY: "第三方", Party.JOINT_MAKER: "共同制作机关", Party.AGENCY: "其他机关"}
)
SILENCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        Party.THIRD_PARTY: "期满没有答复，由本机关依法决定",
        Party.JOINT_MAKER: "期满没有答复，视为同意公开",
        Party.AGENCY: "期满没有答复，由本机关依法决定",
    }
)
"""What silence means: never consent where a third party was asked, always where a joint maker was."""
_PARTY_BASIS: Final = {
    Party.THIRD_PARTY: "政府信息公开条例第三十二条",
    Party.JOINT_MAKER: "政府信息公开条例第三十四条",
    Party.AGENCY: "政府信息公开条例第三十三条",
}


class Service(StrEnum):
    """How a letter reached its addressee."""

    SIGNED = "signed"
    POSTED = "posted"
    ELECTRONIC = "electronic"
    ENTRUSTED = "entrusted"


SERVICE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Service.SIGNED: "直接送达",
        Service.POSTED: "邮寄送达",
        Service.ELECTRONIC: "电子送达",
        Service.ENTRUSTED: "委托送达",
    }
)


def receipt_day(channel: str, arrived: date, confirmed: date | None = None) -> date | None:
    """T0 (收到申请之日): the day of submission or signing, else the day of confirmation, None while that is open."""
    return confirmed if channel in CONFIRMED_CHANNELS else arrived


def reply_day(
    service: str, *, signed: date | None = None, posted: date | None = None, sent: date | None = None
) -> date:
    """The day that counts as the reply: signed for (also by way of another agency), posted, or sent electronically.

    Raises HistoryError when the day that this service goes by is missing.
    """
    day, word = {
        Service.SIGNED: (signed, "签收"),
        Service.ENTRUSTED: (signed, "签收"),
        Service.POSTED: (posted, "交邮"),
        Service.ELECTRONIC: (sent, "发出"),
    }[Service(service)]
    if day is None:
        raise HistoryError(f"{SERVICE_LABELS[service]}以{word}之日为答复日期。请填写{word}的日期。")
    return day


class Kind(StrEnum):
    """What can happen to a request, as far as its clocks go.

    `…_DELIVERED` is the day the addressee received the letter. Where a letter is handed over on the spot, record both
    events on one day.
    """

    ARRIVED = "arrived"
    CONFIRMED = "confirmed"
    REGISTERED = "registered"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENT_DELIVERED = "supplement_delivered"
    SUPPLEMENT_RECEIVED = "supplement_received"
    SUPPLEMENT_LAPSED = "supplement_lapsed"
    OPINION_ASKED = "opinion_asked"
    OPINION_DELIVERED = "opinion_delivered"
    OPINION_RETURNED = "opinion_returned"
    OPINION_LAPSED = "opinion_lapsed"
    REASONS_ASKED = "reasons_asked"
    REASONS_GIVEN = "reasons_given"
    DELAYED = "delayed"
    EXTENDED = "extended"
    FEE_NOTICED = "fee_noticed"
    FEE_DELIVERED = "fee_delivered"
    PAID = "paid"
    FEE_LAPSED = "fee_lapsed"
    DRAFTED = "drafted"
    REPLIED = "replied"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One event. `at` is a day, or an aware time whose day in Shanghai counts.

    `channel` belongs to ARRIVED, `party` to OPINION_ASKED. `reference` names the round (letter number, record id): rounds of opinions may overlap
    and need one each; supplements and fees follow one another, so theirs may stay empty. `days` is the period in
    working days (SUPPLEMENT_ASKED, REASONS_ASKED) or the extension (EXTENDED); `until` the date told (DELAYED).
    `approved` marks what needs an approval: an extension, a second supplement round. `reason` and `document` are shown
    in the derivation.
    """

    kind: Kind
    at: date
    channel: str = ""
    party: str = Party.THIRD_PARTY
    reference: str = ""
    days: int | None = None
    until: date | None = None
    approved: bool = False
    reason: str = ""
    document: str = ""

    @property
    def day(self) -> date:
        return local(self.at).date() if isinstance(self.at, datetime) else self.at

    @property
    def moment(self) -> datetime:
        """The time in Shanghai; for a mere day its first instant."""
        return local(self.at) if isinstance(self.at, datetime) else midnight(self.at)


Border = Literal["through_return", "before_return"]


@dataclass(frozen=True, slots=True)
class RequestRules:
    """The numbers of a jurisdiction; the defaults are the national ones. All periods in working days.

    `border` settles which days of an opinion round are taken out of the count: `through_return` sent < x <= back (the
    default), `before_return` sent < x < back; with the latter a round begun on the last day leaves none after its return.
    `supplement_rounds`: rounds that need no approval. What the sources leave in doubt: `fee_restarts`, whether the count
    begins anew with the payment (else it goes on), and `reasons_pause`, whether it stands still while reasons for
    excessive requests are awaited (art 35 is silent).
    """

    registration: int = 2
    confirmation: int = 1
    letter_confirmation: int = 0
    supplement_notice: int = 7
    supplement: int = 10
    reply: int = 20
    extension_limit: int = 20
    opinion: int = 15
    payment: int = 20
    reasons: int = 10
    supplement_rounds: int = 1
    border: Border = "through_return"
    fee_restarts: bool = True
    reasons_pause: bool = False


NATIONAL: Final = RequestRules()
CONVERSION: Final = Rule("day", 30, trigger="作出答复")
"""Turning what was given on request into proactive disclosure: 30 days after the reply, in principle."""
CORRECTION: Final = Rule("workday", 20, basis="政府信息公开条例第四十一条", trigger="收到更正申请")
"""Correcting a record about oneself: the law sets no period, this is the office's own."""


class Stage(StrEnum):
    """States S0 to S9 of a request."""

    UNCONFIRMED = "S0"
    REGISTERED = "S1"
    SUPPLEMENT = "S2"
    OPINION = "S3"
    REASONS = "S4"
    PAYMENT = "S5"
    DRAFTING = "S6"
    REPLIED = "S7"
    ENDED = "S8"
    ARCHIVED = "S9"


STAGE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Stage.UNCONFIRMED: "待确认",
        Stage.REGISTERED: "已登记",
        Stage.SUPPLEMENT: "补正中",
        Stage.OPINION: "征求意见",
        Stage.REASONS: "说明理由",
        Stage.PAYMENT: "待缴费",
        Stage.DRAFTING: "拟稿审核",
        Stage.REPLIED: "已答复",
        Stage.ENDED: "已终止",
        Stage.ARCHIVED: "已归档",
    }
)

CLOCK_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "confirmation": "确认收到",
        "registration": "录入登记",
        "supplement_notice": "补正告知",
        "supplement": "申请人补正",
        "opinion": "征求意见",
        "reasons": "说明理由",
        "payment": "缴费",
        "reply": "答复",
    }
)


@dataclass(frozen=True, slots=True)
class RequestClock:
    """One clock of a request, ready for `law.clock`.

    `number` counts the runs or rounds of one key from 1. `start` is None while the clock waits for its start. `due_on`
    is None while waiting or paused; `latest_on` is the last day possible if an open pause uses up its own limit. A
    clock is met on `met_on`, in time or not; a run that was restarted or that lost its object is cancelled, `note` says
    why. `provisional`: the count touches a year whose holidays are not announced.
    """

    key: str
    number: int
    rule: Rule
    start: datetime | None
    state: State
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    due_on: date | None = None
    latest_on: date | None = None
    met_on: date | None = None
    on_time: bool | None = None
    provisional: bool = False
    reference: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        """`答复`, from the second run on `答复（第2次计算）`, for rounds `征求意见（第2次）`."""
        base = CLOCK_TITLES[self.key]
        if self.number == 1:
            return base
        return f"{base}（第{self.number}次{'计算' if self.key == 'reply' else ''}）"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be met."""
        return self.state in ("waiting", "running", "paused")

    def derivation(self, calendar: Calendar, now: datetime | None = None) -> Derivation:
        """The count behind it, day by day. Raises HistoryError while the clock has not started."""
        if self.start is None:
            raise HistoryError("这项时限还没有开始计算。")
        return derive_clock(self.rule, self.start, calendar, self.pauses, self.extensions, now)


@dataclass(frozen=True, slots=True)
class RequestClocks:
    """Everything derived from the events of one request, as of `today`.

    `received_on` is the first day of receipt (None in S0), `runs_from` the T0 of the run now going. `may_close` holds
    the results that have become possible by mere lapse of time (O1, O2), `changes_on` the next day on which the result
    of `derive` changes without any event. `ended_on` is the day of reply or end.
    """

    stage: Stage
    clocks: tuple[RequestClock, ...]
    today: date
    arrived_on: date
    received_on: date | None = None
    runs_from: date | None = None
    ended_on: date | None = None
    may_close: tuple[str, ...] = ()
    changes_on: date | None = None

    @property
    def reply(self) -> RequestClock | None:
        """The run of the reply clock that counts: the last one."""
        return self.last("reply")

    def last(self, key: str) -> RequestClock | None:
        """The last clock of this key."""
        found = self.all(key)
        return found[-1] if found else None

    def all(self, key: str) -> tuple[RequestClock, ...]:
        """The clocks of this key in order."""
        return tuple(item for item in self.clocks if item.key == key)

    @property
    def is_open(self) -> bool:
        """Whether it is neither answered nor ended: open on 31 December it is carried over to the next year."""
        return self.stage not in (Stage.REPLIED, Stage.ENDED, Stage.ARCHIVED)


# --- reading the events -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of supplement, opinion, reasons or fee. `back` is the answer, `lapsed` the recorded lapse."""

    asked: RequestEvent
    delivered: RequestEvent | None = None
    back: RequestEvent | None = None
    lapsed: RequestEvent | None = None


_FAMILIES: Final[Mapping[str, tuple[Kind | None, ...]]] = {
    "supplement": (Kind.SUPPLEMENT_ASKED, Kind.SUPPLEMENT_DELIVERED, Kind.SUPPLEMENT_RECEIVED, Kind.SUPPLEMENT_LAPSED),
    "opinion": (Kind.OPINION_ASKED, Kind.OPINION_DELIVERED, Kind.OPINION_RETURNED, Kind.OPINION_LAPSED),
    "reasons": (Kind.REASONS_ASKED, None, Kind.REASONS_GIVEN, None),
    "fee": (Kind.FEE_NOTICED, Kind.FEE_DELIVERED, Kind.PAID, Kind.FEE_LAPSED),
}
_FAMILY_LABELS: Final = {"supplement": "补正", "opinion": "征求意见", "reasons": "说明理由", "fee": "收费"}
_ONCE: Final = {
    Kind.ARRIVED: "收到申请",
    Kind.CONFIRMED: "确认收到",
    Kind.REGISTERED: "登记",
    Kind.SUPPLEMENT_LAPSED: "逾期不补正",
    Kind.FEE_LAPSED: "逾期未缴费",
    Kind.REPLIED: "答复",
    Kind.WITHDRAWN: "撤回",
    Kind.MERGED: "并案",
    Kind.CLOSED: "归档",
}
_ENDS: Final = (Kind.SUPPLEMENT_LAPSED, Kind.FEE_LAPSED, Kind.REPLIED, Kind.WITHDRAWN, Kind.MERGED)
# What may still come in after the end without changing anything.
_AFTER_END: Final = frozenset({Kind.CLOSED, Kind.OPINION_DELIVERED, Kind.OPINION_RETURNED, Kind.OPINION_LAPSED})


def _by_day(event: RequestEvent) -> tuple[date, datetime, str]:
    return event.day, event.moment, event.reference


class _Story:
    """The events of one request sorted by kind, with the checks that need no calendar."""

    def __init__(self, events: Iterable[RequestEvent]) -> None:
        self.kinds: dict[Kind, list[RequestEvent]] = {}
        for event in sorted(events, key=_by_day):
            self.kinds.setdefault(event.kind, []).append(event)
        for kind, label in _ONCE.items():
            if len(self.kinds.get(kind, ())) > 1:
                raise HistoryError(f"“{label}”只能有一次。")
        arrived = self.one(Kind.ARRIVED)
        if arrived is None:
            raise HistoryError("没有收到申请的记录。")
        if arrived.channel not in CHANNEL_LABELS:
            raise HistoryError("没有写明申请的提交渠道。")
        self.arrived = arrived
        confirmed = self.one(Kind.CONFIRMED)
        self.received = receipt_day(arrived.channel, arrived.day, confirmed.day if confirmed else None)
        self.start = confirmed if confirmed and arrived.channel in CONFIRMED_CHANNELS else arrived
        self.rounds = {name: self._rounds(name) for name in _FAMILIES}
        ends = [event for kind in _ENDS for event in self.kinds.get(kind, ())]
        self.end = min(ends, key=lambda event: event.day) if ends else None
        self._check_order(ends)

    def one(self, kind: Kind) -> RequestEvent | None:
        found = self.kinds.get(kind)
        return found[0] if found else None

    def _rounds(self, name: str) -> tuple[_Round, ...]:
        asked_kind, *parts = _FAMILIES[name]
        found = [_Round(event) for event in self.kinds.get(asked_kind, [])] if asked_kind else []
        references = {item.asked.reference for item in found}
        if (
            len(found) > 1
            and (name == "opinion" or any(references))
            and ("" in references or len(references) < len(found))
        ):
            raise HistoryError(f"有多次{_FAMILY_LABELS[name]}，要各有各的编号。")
        for part, kind in zip(("delivered", "back", "lapsed"), parts, strict=True):
            for event in self.kinds.get(kind, []) if kind else []:
                at = _round_of(found, event, part)
                if at is None:
                    raise HistoryError(
                        f"{chinese_date(event.day)}有{_FAMILY_LABELS[name]}的后续记录，之前却没有对应的通知。"
                        "请先补录通知，或者核对日期。"
                    )
                found[at] = _with(found[at], part, event)
        for item in found:
            if item.delivered and item.back and item.back.day < item.delivered.day:
                raise HistoryError(
                    f"{_FAMILY_LABELS[name]}的答复（{chinese_date(item.back.day)}）早于通知送达的日期"
                    f"（{chinese_date(item.delivered.day)}）。请核对。"
                )
        return tuple(found)

    def _check_order(self, ends: Sequence[RequestEvent]) -> None:
        first = self.arrived.day
        known = self.received or date.max
        free = (Kind.ARRIVED, Kind.CONFIRMED, Kind.REGISTERED, Kind.WITHDRAWN, Kind.MERGED, Kind.CLOSED)
        for kind, events in self.kinds.items():
            for event in events:
                if event.day < first:
                    raise HistoryError(f"{chinese_date(event.day)}的记录早于收到申请的日期{chinese_date(first)}。")
                if kind not in free and event.day < known:
                    what = "还没有确认收到申请" if self.received is None else "早于收到申请之日"
                    raise HistoryError(f"{chinese_date(event.day)}的记录不成立：{what}。")
        if self.end is None:
            if Kind.CLOSED in self.kinds:
                raise HistoryError("还没有答复或者终止，不能归档。")
            return
        lapse = self.end.kind in (Kind.SUPPLEMENT_LAPSED, Kind.FEE_LAPSED)
        others = [event for event in ends if event is not self.end and not (lapse and event.kind == Kind.REPLIED)]
        if others:
            raise HistoryError("一件申请只能有一个结局：答复、撤回、并案或者不再处理。请只留一个。")
        for kind, events in self.kinds.items():
            if kind not in _AFTER_END and kind not in _ENDS and any(event.day > self.end.day for event in events):
                raise HistoryError(f"{chinese_date(self.end.day)}已经答复或者终止，之后的记录不成立。请核对日期。")
        closed = self.one(Kind.CLOSED)
        if closed is not None and closed.day < self.end.day:
            raise HistoryError("归档早于答复或者终止的日期。请核对。")


def _with(item: _Round, part: str, event: RequestEvent) -> _Round:
    """The round with one part filled in."""
    if part == "delivered":
        return replace(item, delivered=event)
    return replace(item, back=event) if part == "back" else replace(item, lapsed=event)


def _round_of(found: Sequence[_Round], event: RequestEvent, part: str) -> int | None:
    """Which round an event belongs to: by reference, else by the order in which rounds follow one another."""
    for at, item in enumerate(found):
        if item.asked.day > event.day or getattr(item, part) is not None:
            continue
        if event.reference:
            if item.asked.reference == event.reference:
                return at
            continue
        follower = found[at + 1].asked.day if at + 1 < len(found) else date.max
        if part == "back" or event.day <= follower:
            return at
    return None


# --- deriving -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """One run of the reply clock: from its T0 to the notice that stops it, and the answer that restarts it."""

    start: RequestEvent
    stop: _Round | None = None
    stopped: RequestEvent | None = None
    why: str = ""
    restart: RequestEvent | None = None
    extensions: list[Extension] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    """An opinion round in days: when it was over (None while waiting), and the last day it can be."""

    round: _Round
    back: date | None
    limit: date | None


class _Deriver:
    def __init__(
        self, story: _Story, calendar: Calendar, rules: RequestRules, today: date | None, recorded: bool
    ) -> None:
        self.story, self.calendar, self.rules, self.recorded = story, calendar, rules, recorded
        latest = max(event.day for events in story.kinds.values() for event in events)
        self.today = max(today, story.arrived.day) if today is not None else latest
        # After the end nothing moves any more.
        self.as_of = min(self.today, story.end.day) if story.end else self.today
        self.changes: list[date] = []
        self.may_close: list[str] = []

    def clock(
        self, key: str, number: int, rule: Rule, started: RequestEvent | None, met: RequestEvent | None = None,
        pauses: Sequence[Pause] = (), extensions: Sequence[Extension] = (), reference: str = "", note: str = "",
        cancelled: bool = False,
    ) -> RequestClock:  # fmt: skip
        """A clock with its dates; cancelled without being met when the request ended before."""
        if started is None:
            state: State = "met" if met else "cancelled" if cancelled or self.story.end else "waiting"
            return RequestClock(
                key, number, rule, None, state, met_on=met.day if met else None, on_time=True if met else None,
                reference=reference, note=note,
            )  # fmt: skip
        held, granted = tuple(pauses), tuple(extensions)
        found = derive_clock(rule, started.moment, self.calendar, held, granted)
        if met is not None:
            on_time = found.due_on is None or met.day <= found.due_on
            state = "met"
        else:
            on_time = None
            state = "cancelled" if cancelled else "paused" if found.is_paused else "running"
        return RequestClock(
            key, number, rule, started.moment, state, held, granted,
            due_on=found.due_on, latest_on=found.due_on, met_on=met.day if met else None, on_time=on_time,
            provisional=found.provisional, reference=reference, note=note,
        )  # fmt: skip

    # confirmation and registration

    def intake(self) -> list[RequestClock]:
        arrived, ended = self.story.arrived, self.story.end is not None
        found = []
        if arrived.channel in CONFIRMED_CHANNELS:
            days = self.rules.letter_confirmation if arrived.channel == Channel.LETTER else self.rules.confirmation
            rule = Rule("workday", days, basis="政府信息公开条例第三十一条", trigger="申请到达")
            confirmed = self.story.one(Kind.CONFIRMED)
            found.append(self.clock("confirmation", 1, rule, arrived, confirmed, cancelled=ended))
        if arrived.channel in ENTERED_CHANNELS:
            rule = Rule("workday", self.rules.registration, trigger="申请到达")
            registered = self.story.one(Kind.REGISTERED)
            found.append(self.clock("registration", 1, rule, arrived, registered, cancelled=ended))
        return found

    # rounds

    def supplements(self) -> list[RequestClock]:
        rounds = self.story.rounds["supplement"]
        notice = Rule("workday", self.rules.supplement_notice, basis="政府信息公开条例第三十条", trigger="收到申请")
        first = rounds[0].asked if rounds else None
        base = self.clock("supplement_notice", 1, notice, self.story.start, first)
        if first is None:
            passed = base.due_on is not None and self.as_of > base.due_on
            if passed or self.story.end:
                base = replace(base, state="cancelled", note="没有要求补正")
            elif base.due_on:
                self.changes.append(base.due_on + _DAY)
        found = [base]
        for number, item in enumerate(rounds, start=1):
            if number > self.rules.supplement_rounds and not item.asked.approved:
                raise HistoryError("补正应当一次告知。再次要求补正，须经负责人批准。")
            days = item.asked.days if item.asked.days is not None else self.rules.supplement
            if days < 1:
                raise HistoryError("补正期限应大于零。")
            rule = Rule("workday", days, basis="政府信息公开条例第三十条", trigger="收到补正告知书")
            clock = self.clock(
                "supplement", number, rule, item.delivered, item.back, reference=item.asked.reference,
                cancelled=self.story.end is not None,
            )  # fmt: skip
            self._lapse(clock, item, "O1", "补正")
            found.append(clock)
        return found

    def payments(self) -> list[RequestClock]:
        found = []
        for number, item in enumerate(self.story.rounds["fee"], start=1):
            rule = Rule("workday", self.rules.payment, trigger="收到收费通知书")
            clock = self.clock(
                "payment", number, rule, item.delivered, item.back, reference=item.asked.reference,
                cancelled=self.story.end is not None,
            )  # fmt: skip
            self._lapse(clock, item, "O2", "缴费")
            found.append(clock)
        return found

    def _lapse(self, clock: RequestClock, item: _Round, code: str, word: str) -> None:
        """Whether the applicant's period is over, and whether a recorded lapse is true."""
        if item.lapsed is not None:
            if item.back is not None:
                raise HistoryError(f"申请人已经{word}，不能按逾期处理。")
            if clock.due_on is None:
                raise HistoryError(f"没有通知送达申请人的日期，{word}期限还没有开始。请先补录送达。")
            if item.lapsed.day <= clock.due_on:
                raise HistoryError(f"{word}期限到{chinese_date(clock.due_on)}为止，次日起才能不再处理。")
        elif item.back is None and clock.due_on is not None and self.story.end is None:
            if self.as_of > clock.due_on:
                self.may_close.append(code)
            else:
                self.changes.append(clock.due_on + _DAY)

    def opinions(self) -> tuple[list[RequestClock], list[_Span]]:
        """The clocks of the rounds, and for each round the day it came back and the last day it can."""
        clocks, spans = [], []
        for number, item in enumerate(self.story.rounds["opinion"], start=1):
            if item.asked.party not in PARTY_LABELS:
                raise HistoryError("没有写明征求谁的意见。")
            rule = Rule(
                "workday", self.rules.opinion, basis=_PARTY_BASIS[Party(item.asked.party)], trigger="收到征求意见书"
            )
            ended = self.story.end is not None
            clock = self.clock(
                "opinion", number, rule, item.delivered, item.back,
                reference=item.asked.reference, note=item.asked.reason, cancelled=ended,
            )  # fmt: skip
            back = self._back(item, clock.due_on)
            if back is not None and clock.state in ("running", "waiting"):
                clock = replace(clock, state="cancelled", note=SILENCE[item.asked.party])
            clocks.append(clock)
            spans.append(_Span(item, back, clock.due_on))
        return clocks, spans

    def _back(self, item: _Round, limit: date | None) -> date | None:
        """The day on which waiting for an opinion is over: returned, given up, or 15 working days after delivery."""
        days = [item.back.day] if item.back and item.back.day <= self.as_of else []
        if limit is not None and self.as_of > limit:
            days.append(limit)
        if item.lapsed is not None and item.lapsed.day <= self.as_of:
            if item.delivered is None:
                days.append(item.lapsed.day)
            elif limit is not None and item.lapsed.day <= limit:
                raise HistoryError(f"对方的答复期限到{chinese_date(limit)}为止，次日起才能记为没有答复。")
        if not days and limit is not None and self.story.end is None:
            self.changes.append(limit + _DAY)
        return min(days) if days else None

    # the reply

    def runs(self) -> list[_Run]:
        stops = [(item.asked, item, "等待申请人补正") for item in self.story.rounds["supplement"]]
        for item in self.story.rounds["fee"] if self.rules.fee_restarts else ():
            stopped = item.delivered or item.back
            stops += [(stopped, item, "等待申请人缴费")] if stopped else []
        found = [_Run(self.story.start)]
        for stopped, item, why in sorted(stops, key=lambda stop: (_by_day(stop[0]), stop[2])):
            run = found[-1]
            if run.stop is not None or stopped.day < run.start.day:
                raise HistoryError("补正、缴费要一项了结再办下一项。请核对日期。")
            run.stop, run.stopped, run.why, run.restart = item, stopped, why, item.back
            if item.back is not None:
                found.append(_Run(item.back))
        return found

    def reply(self, spans: Sequence[_Span]) -> list[RequestClock]:
        runs = self.runs()
        self._grant(runs, spans)
        found = []
        for number, run in enumerate(runs, start=1):
            self._check_stop(run, spans)
            pauses = self._pauses(run, spans)
            if run.stopped is not None:
                # A stopped run never goes on: its count begins anew with the answer.
                pauses.append(Pause(run.stopped.moment, None, run.why, run.stopped.document))
            rule = self._reply_rule(run)
            restarted = run.restart is not None
            met = None if restarted or self._gave_up() else self.story.end
            note = "" if not restarted else f"{run.why[2:]}后重新计算"
            clock = self.clock(
                "reply", number, rule, run.start, met, pauses, run.extensions,
                cancelled=restarted or self._gave_up(), note=note,
            )  # fmt: skip
            if restarted and clock.due_on is not None:
                clock = replace(clock, on_time=False)
            self._check_fees(run, spans)
            found.append(replace(clock, latest_on=self._latest(clock, run, spans)))
        return found

    def _gave_up(self) -> bool:
        """Whether the request ended without a reply being owed."""
        return self.story.end is not None and self.story.end.kind != Kind.REPLIED

    def _reply_rule(self, run: _Run) -> Rule:
        trigger = {Kind.SUPPLEMENT_RECEIVED: "收到补正", Kind.PAID: "完成缴费"}.get(run.start.kind, "收到申请")
        return Rule("workday", self.rules.reply, basis="政府信息公开条例第三十三条", trigger=trigger)

    def _pauses(self, run: _Run, spans: Sequence[_Span], known_on: date = date.max) -> list[Pause]:
        """The pauses of a run for asking others, as they were known on a day."""
        found = []
        for span in spans:
            asked, back = span.round.asked, span.back
            if asked.day > known_on or (run.restart is not None and asked.day > run.restart.day):
                continue
            end = self._pause_end(span.round, back) if back is not None and back <= known_on else None
            if end is None or end > asked.moment:
                reason = asked.reason or f"征求{PARTY_LABELS[asked.party]}意见"
                found.append(Pause(asked.moment, end, reason, asked.document))
        return found + self._stills(run, known_on)

    def _stills(self, run: _Run, known_on: date) -> list[Pause]:
        """Where a place lets the count stand still and go on: fees that are awaited, reasons that are awaited."""
        found: list[tuple[RequestEvent, datetime | None, str, str]] = []
        if not self.rules.fee_restarts:
            for item in self.story.rounds["fee"]:
                if item.delivered is not None:
                    back = item.back.moment if item.back is not None and item.back.day <= known_on else None
                    found.append((item.delivered, back, "等待申请人缴费", item.asked.document))
        if self.rules.reasons_pause:
            for item in self.story.rounds["reasons"]:
                end = self._reasons_end(item, known_on)
                found.append((item.asked, end, "等待申请人说明理由", item.asked.document))
        return [
            Pause(start.moment, end, why, document)
            for start, end, why, document in found
            if start.day <= known_on
            and (run.restart is None or start.day <= run.restart.day)
            and (end is None or end > start.moment)
        ]

    def _reasons_end(self, item: _Round, known_on: date) -> datetime | None:
        """When waiting for reasons was over: they came, or their period is past; None while they are awaited."""
        if item.back is not None and item.back.day <= known_on:
            return max(item.back.moment, item.asked.moment)
        days = item.asked.days if item.asked.days is not None else self.rules.reasons
        last = self.calendar.add_workdays(item.asked.day, days)
        return midnight(last) if min(self.as_of, known_on) > last else None

    def _pause_end(self, item: _Round, back: date) -> datetime:
        """The end of a pause by the border in force; the exact minute where it is known and no day depends on it."""
        if self.rules.border == "before_return":
            return midnight(back - _DAY)
        exact = item.back.moment if item.back is not None and item.back.day == back else midnight(back)
        return max(exact, item.asked.moment)

    def _latest(self, clock: RequestClock, run: _Run, spans: Sequence[_Span]) -> date | None:
        """The due day if every open opinion round lasts as long as it may; None when it has no limit yet."""
        if clock.due_on is not None or run.stop is not None:
            return clock.due_on
        filled = [replace(span, back=span.back if span.back is not None else span.limit) for span in spans]
        found = derive_clock(clock.rule, run.start.moment, self.calendar, self._pauses(run, filled), clock.extensions)
        return found.due_on

    def _due_as_of(self, run: _Run, day: date, spans: Sequence[_Span]) -> date | None:
        """The last day of the run as it stood on `day`; None while it was paused."""
        rule = self._reply_rule(run)
        pauses = self._pauses(run, spans, day)
        granted = [item for item in run.extensions if item.approved_on is not None and item.approved_on < day]
        return derive_clock(rule, run.start.moment, self.calendar, pauses, granted).due_on

    def _check_stop(self, run: _Run, spans: Sequence[_Span]) -> None:
        """A notice that stops the clock goes out while it runs (for fees: the day it was sent)."""
        if run.stop is None:
            return
        asked = run.stop.asked
        due = self._due_as_of(run, asked.day, spans)
        if due is not None and asked.day > due and not self.recorded:
            raise HistoryError(f"答复期限已于{chinese_date(due)}届满，之后不能再要求补正或者收费。")

    def _check_fees(self, run: _Run, spans: Sequence[_Span]) -> None:
        """Where a fee only pauses the count, its notice goes out while the count runs too."""
        if self.rules.fee_restarts or self.recorded:
            return
        for item in self.story.rounds["fee"]:
            due = self._due_as_of(run, item.asked.day, spans) if item.asked.day >= run.start.day else None
            if due is not None and item.asked.day > due:
                raise HistoryError(f"答复期限已于{chinese_date(due)}届满，之后不能再要求补正或者收费。")

    def _grant(self, runs: Sequence[_Run], spans: Sequence[_Span]) -> None:
        """Lay each extension and delay on the run it belongs to, refusing those the law does not allow."""
        extended: set[int] = set()
        both = [*self.story.kinds.get(Kind.EXTENDED, []), *self.story.kinds.get(Kind.DELAYED, [])]
        for event in sorted(both, key=_by_day):
            number = max(at for at, run in enumerate(runs) if run.start.day <= event.day)
            run = runs[number]
            if event.kind == Kind.EXTENDED:
                self._check_extension(event)
                if number in extended:
                    raise HistoryError("答复期限只能延长一次。")
                extended.add(number)
            elif event.until is None or event.until < event.day:
                raise HistoryError("延迟答复要写明延到哪一天，而且不能早于告知的日期。")
            if run.stopped is not None and event.day >= run.stopped.day:
                raise HistoryError(f"正在{run.why}，之后答复期限会重新计算，不需要延长。")
            due = self._due_as_of(run, event.day, spans)
            if due is not None and event.day > due and not self.recorded:
                raise HistoryError(f"答复期限已于{chinese_date(due)}届满，届满后不能延长。")
            amount, until = (event.days, None) if event.kind == Kind.EXTENDED else (None, event.until)
            run.extensions.append(
                Extension(amount, reason=event.reason, document=event.document, approved_on=event.day, date=until)
            )

    def _check_extension(self, event: RequestEvent) -> None:
        """Art 33: at most so long, and with the consent of the head of the office."""
        if event.days is None or not 1 <= event.days <= self.rules.extension_limit:
            raise HistoryError(f"延长的期限应在1至{self.rules.extension_limit}个工作日之间。")
        if not event.approved:
            raise HistoryError("延长答复期限须经政府信息公开工作机构负责人同意。请先报批。")

    def reasons(self) -> list[RequestClock]:
        found = []
        for number, item in enumerate(self.story.rounds["reasons"], start=1):
            days = item.asked.days if item.asked.days is not None else self.rules.reasons
            rule = Rule("workday", days, basis="政府信息公开条例第三十五条", trigger="请申请人说明理由")
            ended = self.story.end is not None
            found.append(
                self.clock(
                    "reasons", number, rule, item.asked, item.back, reference=item.asked.reference, cancelled=ended
                )
            )
        return found

    # the state

    def stage(self, runs: Sequence[_Run], spans: Sequence[_Span]) -> Stage:
        story = self.story
        if Kind.CLOSED in story.kinds:
            return Stage.ARCHIVED
        if story.end is not None:
            return Stage.REPLIED if story.end.kind == Kind.REPLIED else Stage.ENDED
        if story.received is None:
            return Stage.UNCONFIRMED
        if runs and runs[-1].stop is not None:
            return Stage.SUPPLEMENT if runs[-1].stop in story.rounds["supplement"] else Stage.PAYMENT
        if not self.rules.fee_restarts and any(item.delivered and not item.back for item in story.rounds["fee"]):
            return Stage.PAYMENT
        if any(span.back is None for span in spans):
            return Stage.OPINION
        reasons = story.rounds["reasons"]
        if reasons and reasons[-1].back is None and not self._settled(reasons[-1]):
            return Stage.REASONS
        drafted = story.kinds.get(Kind.DRAFTED, [])
        return Stage.DRAFTING if drafted and drafted[-1].day >= runs[-1].start.day else Stage.REGISTERED

    def _settled(self, item: _Round) -> bool:
        """Whether the question of reasons was settled by a later delay or draft."""
        later = [*self.story.kinds.get(Kind.DELAYED, []), *self.story.kinds.get(Kind.DRAFTED, [])]
        return any(event.day >= item.asked.day for event in later)


def derive(
    events: Iterable[RequestEvent],
    calendar: Calendar,
    rules: RequestRules = NATIONAL,
    today: date | None = None,
    *,
    recorded: bool = False,
) -> RequestClocks:
    """Every clock and the state of a request, from its events in any order.

    `today` decides which waiting is over by lapse of time; without it the day of the last event is taken. With `recorded`
    the events were accepted when they happened: a calendar that changed since does not make a notice or an extension
    late that was in time then. Raises
    HistoryError for a history that cannot be, UnknownYearError when a count leaves the known calendar.
    """
    story = _Story(events)
    deriver = _Deriver(story, calendar, rules, today, recorded)
    clocks = deriver.intake()
    runs: list[_Run] = []
    spans: list[_Span] = []
    if story.received is not None:
        clocks += deriver.supplements()
        opinion_clocks, spans = deriver.opinions()
        clocks += opinion_clocks
        clocks += deriver.reasons()
        clocks += deriver.payments()
        runs = deriver.runs()
        clocks += deriver.reply(spans)
    return RequestClocks(
        stage=deriver.stage(runs, spans),
        clocks=tuple(clocks),
        today=deriver.today,
        arrived_on=story.arrived.day,
        received_on=story.received,
        runs_from=runs[-1].start.day if runs else None,
        ended_on=story.end.day if story.end else None,
        may_close=tuple(deriver.may_close),
        changes_on=min(deriver.changes, default=None),
    )


Alert = Literal["green", "yellow", "orange", "red"]


def alert(due_on: date, today: date, calendar: Calendar) -> Alert:
    """How near the end is: red once it has passed, orange with 2 working days left, yellow with 5, else green."""
    if today > due_on:
        return "red"
    left = calendar.workdays_between(today, due_on)
    return "orange" if left <= 2 else "yellow" if left <= 5 else "green"
