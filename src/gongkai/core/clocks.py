"""Clocks of a case: started, paused, resumed, extended and stopped by acts; their due times come from `law.clock`.

Everything here runs inside an act's transaction, except the readers at the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.db.models import Q
from django.utils import timezone

from gongkai.core import audit, calendars, counters, jurisdiction
from gongkai.core.days import day_words
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import Case, Clock
from gongkai.core.models.cases import NO_DUE, Light
from gongkai.core.roles import Role
from gongkai.law import clock as law_clock
from gongkai.law.workdays import UnknownYearError

OPEN = (Clock.State.WAITING, Clock.State.RUNNING, Clock.State.PAUSED)


def start(case: Case, *, now: dt.datetime, **plan: Any) -> Clock:
    """Start a clock of a case; `plan` is what `prepare` takes."""
    clock = prepare(case, {}, now=now, **plan)
    clock.save()
    return clock


def prepare(
    case: Case,
    known: dict[Any, Clock],
    *,
    now: dt.datetime,
    code: str,
    name: str,
    unit: str,
    amount: int | None = None,
    date: dt.date | None = None,
    trigger: str = "",
    basis: str = "",
    judged: bool = True,
    waiting: bool = False,
    started_at: dt.datetime | None = None,
    stopped_at: dt.datetime | None = None,
) -> Clock:
    """A clock of a case, not saved yet; with `waiting` it waits for the event named in `trigger`.

    With `stopped_at` what it measures was done already when the case was opened. `known` remembers what was derived: of many cases opened together, the same length is counted once.
    """
    clock = Clock(
        case=case,
        code=code,
        name=name,
        unit=unit,
        amount=amount,
        date=date,
        trigger=trigger,
        basis=basis,
        judged=judged,
        state=Clock.State.WAITING if waiting else Clock.State.RUNNING,
        started_at=None if waiting else (started_at or now),
    )
    key = (unit, amount, date, clock.started_at, now)
    if key in known:
        same = known[key]
        clock.due_at, clock.soon_at, clock.provisional = same.due_at, same.soon_at, same.provisional
    else:
        derive_into(clock, now)
        known[key] = clock
    if stopped_at is not None:
        clock.state, clock.stopped_at = Clock.State.MET, stopped_at
        clock.on_time = clock.due_at is None or stopped_at < clock.due_at
    return clock


def get(case: Case, code: str) -> Clock | None:
    """The clock of a case under a code."""
    return case.clocks.filter(code=code).first()


def begin(clock: Clock, at: dt.datetime, now: dt.datetime) -> None:
    """The event for which a clock waited has happened."""
    clock.state, clock.started_at = Clock.State.RUNNING, at
    derive_into(clock, now)
    clock.save()


def pause(clock: Clock, now: dt.datetime, *, reason: str, document: str = "") -> None:
    """Stop counting from now on."""
    clock.pauses.create(start_at=now, reason=reason, document=document)
    clock.state = Clock.State.PAUSED
    derive_into(clock, now)
    clock.save()


def resume(clock: Clock, now: dt.datetime) -> None:
    """Count again from the day after."""
    clock.pauses.filter(end_at__isnull=True).update(end_at=now)
    clock.state = Clock.State.RUNNING
    derive_into(clock, now)
    clock.save()


def extend(
    clock: Clock,
    now: dt.datetime,
    *,
    reason: str,
    amount: int | None = None,
    date: dt.date | None = None,
    document: str = "",
) -> None:
    """Give a clock more time: an amount in its own unit, or a later day."""
    clock.extensions.create(amount=amount, date=date, reason=reason, document=document, approved_at=now)
    derive_into(clock, now)
    clock.save()


def stop(clock: Clock, at: dt.datetime) -> None:
    """What the clock measured is done; whether in time is written down once."""
    if not clock.is_open:
        return
    clock.on_time = clock.due_at is None or at < clock.due_at
    clock.pauses.filter(end_at__isnull=True).update(end_at=at)
    clock.state, clock.stopped_at = Clock.State.MET, at
    clock.save()


def reopen(clock: Clock, now: dt.datetime) -> None:
    """What seemed done was not: the clock runs on as if it had never stopped."""
    clock.state, clock.stopped_at, clock.on_time = Clock.State.RUNNING, None, None
    derive_into(clock, now)
    clock.save()


def cancel(clock: Clock, now: dt.datetime) -> None:
    """The clock no longer matters."""
    if clock.is_open:
        clock.state, clock.stopped_at = Clock.State.CANCELLED, now
        clock.save()


@dataclass(frozen=True, slots=True)
class Laid:
    """A clock as a room derives it from rows of its own: everything but the due time, which follows from the rest."""

    code: str
    name: str
    rule: law_clock.Rule
    state: str
    started_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    on_time: bool | None = None
    judged: bool = True
    pauses: tuple[law_clock.Pause, ...] = ()
    extensions: tuple[law_clock.Extension, ...] = ()


def lay(case: Case, wanted: Iterable[Laid], now: dt.datetime) -> list[Clock]:
    """Bring clocks of a case to what its room derived, by their codes; returns those that were written.

    A clock that is right already is not touched, one that is not there yet is made; clocks under other codes stay.
    """
    existing = {clock.code: clock for clock in case.clocks.prefetch_related("pauses", "extensions")}
    written = []
    for plan in wanted:
        clock = existing.get(plan.code) or Clock(case=case, code=plan.code)
        if clock.pk is None or _said(clock) != _meant(plan):
            _write(clock, plan, now)
            written.append(clock)
    return written


def _meant(plan: Laid) -> tuple[Any, ...]:
    rule = plan.rule
    return (
        plan.name, rule.unit, rule.amount, rule.date, rule.trigger, rule.basis, plan.judged, str(plan.state),
        plan.started_at, plan.stopped_at, plan.on_time,
        [(p.start, p.end, p.reason, p.document) for p in plan.pauses],
        [(e.amount, e.date, e.reason, e.document, e.approved_on) for e in plan.extensions],
    )  # fmt: skip


def _said(clock: Clock) -> tuple[Any, ...]:
    return (
        clock.name, clock.unit, clock.amount, clock.date, clock.trigger, clock.basis, clock.judged, str(clock.state),
        clock.started_at, clock.stopped_at, clock.on_time,
        [(p.start_at, p.end_at, p.reason, p.document) for p in clock.pauses.all()],
        [(e.amount, e.date, e.reason, e.document, timezone.localdate(e.approved_at)) for e in clock.extensions.all()],
    )  # fmt: skip


def _write(clock: Clock, plan: Laid, now: dt.datetime) -> None:
    rule = plan.rule
    clock.name, clock.judged, clock.state = plan.name, plan.judged, plan.state
    clock.unit, clock.amount, clock.date, clock.trigger, clock.basis = (
        rule.unit, rule.amount, rule.date, rule.trigger, rule.basis,
    )  # fmt: skip
    clock.started_at, clock.stopped_at, clock.on_time = plan.started_at, plan.stopped_at, plan.on_time
    if clock.pk is None:
        clock.save()
    else:
        clock.pauses.all().delete()
        clock.extensions.all().delete()
    for pause in plan.pauses:
        clock.pauses.create(start_at=pause.start, end_at=pause.end, reason=pause.reason, document=pause.document)
    for extension in plan.extensions:
        clock.extensions.create(
            amount=extension.amount,
            date=extension.date,
            reason=extension.reason,
            document=extension.document,
            approved_at=law_clock.midnight(extension.approved_on or timezone.localdate(now)),
        )
    # What was read before the rows changed would be derived from otherwise.
    clock.__dict__.pop("_prefetched_objects_cache", None)
    derive_into(clock, now)
    clock.save()


def rule_of(clock: Clock) -> law_clock.Rule:
    """The clock's rule for `law.clock`."""
    return law_clock.Rule(
        unit=cast(law_clock.Unit, clock.unit),
        amount=clock.amount,
        date=clock.date,
        basis=clock.basis,
        trigger=clock.trigger,
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What every derivation stands on: the calendar in force and how early a clock warns."""

    calendar: Any
    soon_workdays: int


def ground() -> Ground:
    """The ground of now; a list asks once for all its rows."""
    return Ground(calendars.current(), jurisdiction.value("clock.soon_workdays"))


def derivation(clock: Clock, now: dt.datetime, stands: Ground | None = None) -> law_clock.Derivation | None:
    """How the due time comes about, day by day; None while the clock waits."""
    stands = stands or ground()
    if clock.started_at is None:
        return None
    saved = clock.pk is not None
    return law_clock.derive(
        rule_of(clock),
        clock.started_at,
        stands.calendar,
        pauses=[
            law_clock.Pause(start=p.start_at, end=p.end_at, reason=p.reason, document=p.document)
            for p in (clock.pauses.all() if saved else ())
        ],
        extensions=[
            law_clock.Extension(
                unit=cast(law_clock.Unit, clock.unit if clock.unit != Clock.Unit.DATE else "workday"),
                amount=e.amount,
                date=e.date,
                reason=e.reason,
                document=e.document,
                approved_on=timezone.localdate(e.approved_at),
            )
            for e in (clock.extensions.all() if saved else ())
        ],
        now=clock.stopped_at or now,
        soon_workdays=stands.soon_workdays,
    )


def derive_into(clock: Clock, now: dt.datetime) -> None:
    """Write due and soon times into a clock."""
    try:
        found = derivation(clock, now)
    except UnknownYearError:
        # A date is a date whatever the calendar; anything else must not be guessed.
        if clock.unit != Clock.Unit.DATE or clock.date is None:
            raise
        clock.due_at = timezone.make_aware(dt.datetime.combine(clock.date + dt.timedelta(days=1), dt.time()))
        clock.soon_at, clock.provisional = clock.due_at - dt.timedelta(days=5), True
        return
    if found is None:
        clock.due_at = clock.soon_at = None
        return
    clock.due_at = found.due
    clock.soon_at = found.soon_from
    clock.provisional = found.provisional


def light_of(clock: Clock, now: dt.datetime) -> law_clock.Light:
    """The light of one clock."""
    return law_clock.light(now, clock.due_at, clock.soon_at, clock.state, clock.on_time)


def worst_light(clocks: Iterable[Clock], now: dt.datetime, default: str = Light.OK) -> str:
    """The light of a case: the worst of its judged clocks that are still open."""
    return law_clock.worst(light_of(clock, now) for clock in clocks) or default


def settle(case: Case, *, closed: bool, now: dt.datetime) -> None:
    """Bring the case's own clock fields up to date after an act; the row is saved by the caller."""
    clocks = list(case.clocks.all())
    if closed:
        _close(case, clocks, now)
    else:
        _follow(case, clocks, now)


def settle_new(case: Case, clocks: list[Clock], *, closed: bool, now: dt.datetime) -> None:
    """The same for a case whose clocks are not saved yet; one that is opened closed has none."""
    if closed:
        _close(case, [], now)
    else:
        _follow(case, clocks, now)


def _follow(case: Case, clocks: list[Clock], now: dt.datetime) -> None:
    case.closed_at, case.closed_month, case.on_time = None, "", None
    live = [clock for clock in clocks if clock.is_open]
    case.clock = _nearest(case, live)
    case.due_at = case.clock.due_at if case.clock else None
    case.due_order = case.due_at or NO_DUE
    case.provisional = bool(case.clock and case.clock.provisional)
    judged = [clock for clock in live if clock.judged]
    case.light = worst_light(judged, now)
    case.light_until = _next_change(judged, now)
    case.late_at = min((clock.due_at for clock in judged if clock.due_at), default=None)


def _next_change(clocks: Iterable[Clock], now: dt.datetime) -> dt.datetime | None:
    moments = (law_clock.next_change(now, clock.due_at, clock.soon_at, clock.state) for clock in clocks)
    return min((moment for moment in moments if moment), default=None)


def _nearest(case: Case, live: list[Clock]) -> Clock | None:
    # A limit that only bounds a choice (a notice that may be given until then) never stands for the case.
    live = [clock for clock in live if clock.code not in getattr(case, "QUIET_CLOCKS", ())] or live
    running = [clock for clock in live if clock.state == Clock.State.RUNNING and clock.due_at]
    if running:
        # Clocks come in the order in which they were started: of two that run out together the first one counts.
        return min(running, key=lambda clock: clock.due_at or NO_DUE)
    for state in (Clock.State.PAUSED, Clock.State.WAITING, Clock.State.RUNNING):
        for clock in live:
            if clock.state == state:
                return clock
    return None


def _close(case: Case, clocks: list[Clock], now: dt.datetime) -> None:
    for clock in clocks:
        if clock.state == Clock.State.WAITING:
            cancel(clock, now)
        elif clock.is_open:
            stop(clock, now)
    case.closed_at = case.closed_at or now
    case.closed_month = f"{timezone.localtime(case.closed_at):%Y-%m}"
    case.on_time = all(clock.on_time is not False for clock in clocks if clock.judged)
    case.light = Light.DONE if case.on_time else Light.DONELATE
    case.light_until = case.late_at = None
    judged = [clock for clock in clocks if clock.judged and clock.due_at and clock.state == Clock.State.MET]
    case.clock = max(judged, key=lambda clock: (clock.due_at or NO_DUE, clock.pk)) if judged else case.clock
    case.due_at = case.clock.due_at if case.clock else None
    case.due_order = case.due_at or NO_DUE


def refresh_lights(now: dt.datetime, limit: int = 5000) -> int:
    """Move cases whose stored light is out of date, with their counters; returns how many."""
    moved = 0
    while True:
        ids = list(Case.objects.filter(light_until__lte=now).values_list("pk", flat=True)[:200])
        if not ids or moved >= limit:
            return moved
        with writing():
            cases = (
                Case.objects.select_for_update(of=("self",))
                .filter(pk__in=ids, light_until__lte=now)
                .prefetch_related("clocks")
            )
            for case in cases:
                before = counters.key_of(case)
                judged = [clock for clock in case.clocks.all() if clock.is_open and clock.judged]
                case.light = worst_light(judged, now, case.light)
                case.light_until = _next_change(judged, now)
                Case.objects.filter(pk=case.pk).update(light=case.light, light_until=case.light_until)
                counters.move(before, counters.key_of(case))
                moved += 1


def recompute_case(case_id: int, cause: str) -> bool:
    """Derive a case's open clocks anew; when a due time moved, an event tells old, new and the cause."""
    from gongkai.core import notifications
    from gongkai.core.acts import people_of

    now = timezone.now()
    with writing():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        case = (
            kinds[case.kind]
            .model.objects.select_related("unit", "supervisor", "lead", "clock", "handler")
            .get(pk=case_id)
        )
        if not case.is_open:
            return False
        before = counters.key_of(case)
        moves: list[dict[str, str]] = []
        earlier = False
        if hasattr(case, "lay_clocks"):
            # Starts and pauses of one clock may hang on the end of another: the room says anew what it wants.
            moves, earlier = _laid_moves(case, now)
        for clock in case.clocks.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED]).prefetch_related(
            "pauses", "extensions"
        ):
            old, was_provisional = clock.due_at, clock.provisional
            derive_into(clock, now)
            if clock.due_at != old or clock.provisional != was_provisional:
                clock.save()
            if clock.due_at != old:
                moves.append({"clock": clock.name, "before": _day(old), "after": _day(clock.due_at)})
                earlier |= bool(old and clock.due_at and clock.due_at < old)
        settle(case, closed=False, now=now)
        Case.objects.filter(pk=case.pk).update(
            clock=case.clock, due_at=case.due_at, due_order=case.due_order, provisional=case.provisional,
            light=case.light, light_until=case.light_until, late_at=case.late_at,
        )  # fmt: skip
        counters.move(before, counters.key_of(case))
        if not moves:
            return False
        summary = "；".join(f"{m['clock']}由{m['before']}变为{m['after']}" for m in moves)
        event = audit.note(
            "clock.recompute", "时限重算", None, case=case, summary=f"{summary}。原因：{cause}", data={"moves": moves}
        )
        if earlier:
            people = [case.handler] if case.handler else people_of(case.unit, Role.OFFICER)
            notifications.tell(
                people,
                f"{case.title}：到期日提前，{summary}",
                case=case,
                kind="clock",
                key=f"event-{event.pk}",
                now=now,
            )
    return True


def _laid_moves(case: Any, now: dt.datetime) -> tuple[list[dict[str, str]], bool]:
    """What moved when the room laid the clocks of a case anew, and whether something is due earlier than before."""
    old = dict(case.clocks.values_list("pk", "due_at"))
    case.lay_clocks(now)
    moves, earlier = [], False
    for clock in case.clocks.filter(pk__in=old):
        before = old[clock.pk]
        if clock.due_at != before and clock.is_open:
            moves.append({"clock": clock.name, "before": _day(before), "after": _day(clock.due_at)})
            earlier |= bool(before and clock.due_at and clock.due_at < before)
    return moves, earlier


def _day(moment: dt.datetime | None) -> str:
    if moment is None:
        return "未定"
    return day_words(timezone.localtime(moment - dt.timedelta(microseconds=1)).date())


_ground = ground


@dataclass(frozen=True, slots=True)
class Face:
    """How a clock looks: its light, words, date and ruler; `start_on` and `end_on` stand under the ruler's ends."""

    clock: Clock
    light: law_clock.Light
    words: str
    date_words: str
    ruler: law_clock.Ruler | None = None
    start_on: dt.date | None = None
    end_on: dt.date | None = None

    @property
    def name(self) -> str:
        """The clock's name."""
        return self.clock.name


def face(clock: Clock, now: dt.datetime, *, public: bool = False, ground: Ground | None = None) -> Face:
    """A clock as it is shown. Reads pauses and extensions: prefetch them in lists."""
    light = light_of(clock, now)
    if clock.started_at is None:
        label = law_clock.PUBLIC_LIGHT_LABELS["wait"] if public else law_clock.LIGHT_LABELS["wait"]
        return Face(clock, light, label, f"从{clock.trigger}起算" if clock.trigger else "尚未计时")
    stands = ground or _ground()
    key = _face_key(clock, now, light, stands, public)
    if key is None:
        return _drawn_face(clock, now, light, stands, public)
    known = _faces.get(key)
    if known is None:
        if len(_faces) >= MOST_FACES:
            _faces.clear()
        known = _faces[key] = _drawn_face(clock, now, light, stands, public)
    return Face(clock, known.light, known.words, known.date_words, known.ruler, known.start_on, known.end_on)


# Clocks of one duty began and end on the same days in every unit: what was drawn once today serves all of them.
_faces: dict[tuple, Face] = {}
MOST_FACES = 5000


@lru_cache(maxsize=4096)
def _local_day(moment: dt.datetime) -> dt.date:
    """The day of a moment here; a list asks for the same few again and again."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def _face_key(clock: Clock, now: dt.datetime, light: str, stands: Ground, public: bool) -> tuple | None:
    """All that a face depends on; None for hours and for clocks that were paused or extended."""
    if clock.unit == Clock.Unit.HOUR or clock.state == Clock.State.PAUSED or clock.started_at is None:
        return None
    held = getattr(clock, "_prefetched_objects_cache", {})
    if "pauses" not in held or "extensions" not in held or held["pauses"] or held["extensions"]:
        return None
    return (
        clock.unit, clock.amount, clock.date, clock.trigger, clock.basis, clock.state, clock.due_at, clock.soon_at,
        clock.on_time, clock.provisional, _local_day(clock.started_at),
        _local_day(clock.stopped_at or now), _local_day(now), light, public,
        stands.calendar, stands.soon_workdays,
    )  # fmt: skip


def _drawn_face(clock: Clock, now: dt.datetime, light: law_clock.Light, stands: Ground, public: bool) -> Face:
    at = clock.stopped_at or now
    since = max((p.start_at for p in clock.pauses.all() if p.end_at is None), default=None)
    try:
        words = law_clock.words(
            at,
            clock.due_at,
            clock.soon_at,
            clock.state,
            unit=clock.unit,
            calendar=stands.calendar,
            paused_since=since,
            on_time=clock.on_time,
            provisional=clock.provisional,
            public=public,
        )
        found = derivation(clock, now, stands)
    except UnknownYearError:
        # A date beyond the known calendar: shown, but not counted.
        return Face(clock, light, law_clock.LIGHT_LABELS[light], f"{_day(clock.due_at)}（暂定）")
    if found is None:
        return Face(clock, light, words.main, words.date)
    return Face(
        clock,
        light,
        words.main,
        words.date,
        law_clock.ruler(found, light),
        timezone.localdate(clock.started_at) if clock.started_at else None,
        found.due_on,
    )


def with_faces(cases: list[Any], now: dt.datetime) -> list[Any]:
    """Give each case of a list the face of its nearest clock as `case.face`; two queries for the whole list."""
    ids = [case.clock_id for case in cases if case.clock_id]
    clocks = Clock.objects.filter(pk__in=ids).prefetch_related("pauses", "extensions").in_bulk()
    for case in cases:
        clock = clocks.get(case.clock_id)
        case.face = face(clock, now) if clock else None
    return cases


def due_between(cases, first: dt.datetime, last: dt.datetime):
    """Open cases of a queryset that fall due in a stretch of time."""
    return cases.open().filter(Q(due_at__gt=first, due_at__lte=last))
