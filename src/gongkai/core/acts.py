"""Acts 行为: the only door to change a case.

`perform(act, case, user, data)` does everything in one transaction: it locks the row, checks role and state,
validates the form, applies the act, writes the event, recomputes clocks and counters, and queues notices.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models
from django.utils import timezone

from gongkai.core import audit, counters, listeners, notifications, numbers
from gongkai.core.kinds import kinds
from gongkai.core.locks import writing
from gongkai.core.models import Attachment, Case, Clock, Event, Membership, User
from gongkai.core.privacy import Fault
from gongkai.core.privacy.fields import SAID
from gongkai.core.roles import Permit, Role, Where


class ActError(Exception):
    """The act cannot be done; the message is a sentence for the user."""


class NotPermitted(ActError):
    """The person's roles do not allow the act."""


class WrongState(ActError):
    """The case is in a state from which the act does not start."""


class InvalidData(ActError):
    """The form has errors; `form` carries them."""

    def __init__(self, form: forms.Form) -> None:
        super().__init__("填写的内容有需要改正的地方。")
        self.form = form


class EmptyForm(forms.Form):
    """An act that asks nothing."""


acts: dict[str, Act] = {}


class Act:
    """A thing somebody does to a case. One instance of each subclass is registered under `kind.name`."""

    kind: ClassVar[str] = ""
    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    icon: ClassVar[str] = "check"
    from_states: ClassVar[frozenset[str] | None] = None
    to_state: ClassVar[str | None] = None
    permits: ClassVar[tuple[Permit, ...]] = ()
    form_class: ClassVar[type[forms.Form]] = EmptyForm
    expected: ClassVar[bool] = False
    batch: ClassVar[bool] = False
    danger: ClassVar[bool] = False
    public: ClassVar[bool] = False
    creates: ClassVar[bool] = False
    system: ClassVar[bool] = False
    # An act that makes no sense for some cases is left out there, instead of standing in the bar with a reason.
    hide_blocked: ClassVar[bool] = False
    # Form fields with personal data: events, changes and notices say only that they were given, drafts and files that
    # come in them are sealed.
    private: ClassVar[frozenset[str]] = frozenset()
    # Who did it where nobody signed in did: the applicant or a visitor, else the system itself.
    actor_label: ClassVar[str] = "系统"
    order: ClassVar[int] = 50
    hint: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name and cls.kind:
            key = f"{cls.kind}.{cls.name}"
            if key in acts and type(acts[key]).__qualname__ != cls.__qualname__:
                raise ValueError(f"act {key} is defined twice")
            acts[key] = cls()

    @property
    def key(self) -> str:
        """`kind.name`, unique."""
        return f"{self.kind}.{self.name}"

    def permitted(self, case: Case | None, user: User) -> bool:
        """Whether the person's roles allow the act on this case, whatever its state."""
        if not user.is_active:
            return False
        return any(self._holds(permit, case, user) for permit in self.permits)

    def _holds(self, permit: Permit, case: Case | None, user: User) -> bool:
        if permit.where == Where.ANYWHERE or case is None:
            return permit.role in user.role_set
        place = {Where.OWNER: case.unit, Where.SUPERVISOR: case.supervisor, Where.LEAD: case.lead}[permit.where]
        return permit.role in user.roles_at(place)

    def starts_from(self, case: Case) -> bool:
        """Whether the act may start from the case's state."""
        if self.from_states is None:
            return case.is_open
        return case.state in self.from_states

    def blocked(self, case: Case, user: User) -> str:
        """A rule that stops the act although role and state are right, in words; empty if none."""
        return ""

    def initial(self, case: Case | None, user: User | None) -> dict[str, Any]:
        """What the form shows first."""
        return {}

    def form(
        self, case: Case | None, user: User | None, data: Any = None, files: Any = None, **kwargs: Any
    ) -> forms.Form:
        """The form, bound when data is given."""
        kwargs.setdefault("initial", self.initial(case, user))
        form = self.form_class(data, files, **kwargs)
        if hasattr(form, "prepare"):
            form.prepare(case, user)
        return form

    def describe(self, case: Case, user: User) -> str:
        """What happens after the act, in words, for the note in the dialog."""
        return self.hint

    def apply(self, work: Work) -> None:
        """Do it. The case's state is set by `to_state` unless `work.state` is."""

    def apply_many(self, works: Sequence[Work]) -> None:
        """Do it for several forms in one transaction; only for acts that create, which may open their cases together."""
        for work in works:
            self.apply(work)


@dataclass(slots=True)
class Opening:
    """A new case with the clocks that follow its own `first_clocks(now)`, and what its first event says."""

    case: Any
    clocks: tuple[dict[str, Any], ...] = ()
    summary: str = ""
    words: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Work:
    """What an act works with while it is applied."""

    act: Act
    # The room's own record; None before an act that creates has opened it.
    case: Any
    user: User | None
    data: dict[str, Any]
    now: dt.datetime
    state: str | None = None
    summary: str = ""
    words: str = ""
    public: bool = False
    record: dict[str, Any] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    files: list[UploadedFile] = field(default_factory=list)
    notices: list[tuple[Iterable[User], str, str, Case | None]] = field(default_factory=list)
    letters: list[Any] = field(default_factory=list)
    event: Event | None = None
    secrets: tuple[str, ...] = ()

    def open(self, case: Case, *, clocks: Iterable[dict[str, Any]] = (), **event: Any) -> Case:
        """Bring a new case into the world, with its number, clocks, first event and counters.

        `clocks` are the arguments of `clocks.start`; those of the record's own `first_clocks(now)` come before them.
        """
        return self.open_many([Opening(case, tuple(clocks), **event)])[0]

    def open_many(self, openings: Sequence[Opening]) -> list[Any]:
        """Bring many cases into the world at once, each with its own number, clocks and first event.

        Written together are numbers, clocks, events and counters. What hangs on a case in its room is left to the
        caller. Of an act that creates, the first case is the act's own.
        """
        return open_together([(self, opening) for opening in openings])

    def perform(self, act: type[Act] | Act | str, case: Case, data: Mapping | None = None) -> Event:
        """Do another act as a consequence of this one; roles are not asked again."""
        return perform(act, case, self.user, data, now=self.now, consequence=True)

    def notify(self, users: Iterable[User], text: str, key: str = "", about: Case | None = None) -> None:
        """Tell people; each gets it once. The notice leads to the act's case, or to the one it is `about`."""
        self.notices.append((users, text, key, about))

    def notify_owners(self, cases: Sequence[Case], roles: Iterable[Role], say: Callable[[Any], str]) -> None:
        """Tell those with one of the roles in each case's own unit of their case."""
        people = people_by_unit((case.unit_id for case in cases), *roles)
        for case in cases:
            self.notify(people.get(case.unit_id, ()), say(case), about=case)


def _act(act: type[Act] | Act | str) -> Act:
    if isinstance(act, str):
        return acts[act]
    if isinstance(act, type):
        return acts[f"{act.kind}.{act.name}"]
    return act


def available(case: Case, user: User) -> list[Act]:
    """The acts this person may do now on this case, the expected first."""
    found = [
        act
        for act in acts.values()
        if act.kind == case.kind
        and not act.creates
        and not act.system
        and act.starts_from(case)
        and act.permitted(case, user)
    ]
    return sorted(found, key=lambda act: (not act.expected, act.order, act.name))


def perform(
    act: type[Act] | Act | str,
    case: Case | None,
    user: User | None,
    data: Mapping[str, Any] | None = None,
    *,
    files: Mapping[str, Any] | None = None,
    now: dt.datetime | None = None,
    consequence: bool = False,
) -> Event:
    """Do an act on a case, wholly or not at all.

    Args:
        act: the act, its class or its key.
        case: the case, or None for an act that creates one.
        user: who does it; None for the system itself.
        data: the form's fields as a browser sends them, or plain values.
        now: the time of the act, for replaying history; the present by default.
        consequence: the act follows from another one, roles are not asked again.

    Returns:
        The event written; `event.case` is the case.

    Raises:
        NotPermitted: roles do not allow it.
        WrongState: the case is not in a state from which the act starts.
        InvalidData: the form has errors.
        ActError: a rule of the room stands against it, or personal data cannot be sealed or opened.
    """
    act = _act(act)
    try:
        return _perform(act, case, user, data, files, now or timezone.now(), consequence)
    except Fault as fault:
        raise ActError(str(fault)) from fault


def _perform(
    act: Act,
    case: Case | None,
    user: User | None,
    data: Mapping[str, Any] | None,
    files: Mapping[str, Any] | None,
    now: dt.datetime,
    consequence: bool,
) -> Event:
    with writing(), counters.gathered():
        locked = _lock(case) if case is not None else None
        _check(act, locked, user, consequence)
        cleaned = _clean(act, locked, user, data, files)
        work = Work(act=act, case=locked, user=user, data=cleaned, now=now, secrets=_secrets(act, cleaned))
        if locked is None:
            return _create([work])[0]
        before = _snapshot(locked)
        key_before = counters.key_of(locked)
        state_before = locked.state if locked else ""
        act.apply(work)
        done = work.case
        if done is None:
            raise RuntimeError(f"{act.key} left no case")
        done.state = work.state or act.to_state or done.state
        return _settle(work, done, before, key_before, state_before)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in and checked, for an act that creates; nothing is written yet.

    `now` is the time of the act, for replaying history; the present when it is done unless given.
    """

    act: Act
    user: User | None
    data: dict[str, Any]
    now: dt.datetime | None = None


def fill(
    act: type[Act] | Act | str,
    user: User | None,
    data: Mapping[str, Any] | None = None,
    *,
    files: Mapping[str, Any] | None = None,
    now: dt.datetime | None = None,
) -> Filled:
    """Check role and form of an act that creates; `perform_filled` does it.

    Raises:
        NotPermitted: roles do not allow it.
        InvalidData: the form has errors.
    """
    act = _act(act)
    _check(act, None, user, False)
    return Filled(act, user, _clean(act, None, user, data, files), now)


def perform_filled(forms: Sequence[Filled]) -> list[Event]:
    """Do an act that creates for each of the forms, at the same moment; runs in a transaction, that of the caller.

    Args:
        forms: of one act.

    Returns:
        The first event of each new case; `event.case` is the case.

    Raises:
        ActError: a rule of the room stands against one of them, or personal data cannot be sealed. Nothing is to be kept
            of the transaction then.
    """
    now = timezone.now()
    works = [
        Work(
            act=one.act,
            case=None,
            user=one.user,
            data=dict(one.data),
            now=one.now or now,
            secrets=_secrets(one.act, one.data),
        )
        for one in forms
    ]
    try:
        with counters.gathered():
            return _create(works)
    except Fault as fault:
        raise ActError(str(fault)) from fault


def _create(works: Sequence[Work]) -> list[Event]:
    """Apply an act that opens cases; their first events are written by `open_together`."""
    works[0].act.apply_many(works)
    events = []
    for work in works:
        if work.case is None or work.event is None:
            raise RuntimeError(f"{work.act.key} opened no case")
        _attach(work, work.event)
        events.append(work.event)
    _queue_notices(works)
    for work in works:
        listeners.tell(work)
    return events


def _lock(case: Case) -> Case:
    """The case as it stands now, its row locked."""
    if connection.features.has_select_for_update:
        Case.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
    model = kinds[case.kind].model
    return model.objects.select_related("unit", "supervisor", "lead", "clock", "handler").get(pk=case.pk)


def _check(act: Act, case: Case | None, user: User | None, consequence: bool) -> None:
    if case is not None:
        if act.kind != case.kind:
            raise WrongState(f"“{act.label}”不适用于这类事项。")
        if not act.starts_from(case):
            raise WrongState(f"事项现在是“{case.state_label}”，不能{act.label}。请刷新页面，看看是否已有人办理。")
    if consequence or user is None:
        return
    if act.system or not act.permitted(case, user):
        raise NotPermitted(f"你的角色不能{act.label}。需要时请联系安全保密管理员。")
    if case is not None:
        reason = act.blocked(case, user)
        if reason:
            raise ActError(reason)


def _clean(
    act: Act, case: Case | None, user: User | None, data: Mapping | None, files: Mapping | None
) -> dict[str, Any]:
    form = act.form(case, user, data if data is not None else {}, files or {})
    if not form.is_valid():
        raise InvalidData(form)
    return form.cleaned_data


_SILENT = {
    "updated_at",
    "event_count",
    "light",
    "light_until",
    "late_at",
    "due_at",
    "due_order",
    "clock_id",
    "closed_month",
    "case_ptr_id",
}


def _snapshot(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {}
    return {
        f.attname: getattr(case, f.attname)
        for f in case._meta.concrete_fields
        if f.attname not in _SILENT and not getattr(f, "private", False)
    }


def _secrets(act: Act, cleaned: Mapping[str, Any]) -> tuple[str, ...]:
    """What was typed into private fields, longest first."""
    found: set[str] = set()
    for name in act.private:
        found.update(_texts(cleaned.get(name)))
    return tuple(sorted(found, key=len, reverse=True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, UploadedFile):
        value = value.name
    if isinstance(value, str):
        text = value.strip()
        # One sign, or a few letters and figures, stand everywhere.
        if len(text) > (4 if text.isascii() else 1):
            yield text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _texts(part)


def _hushed(value: Any, secrets: tuple[str, ...]) -> Any:
    """The same without what was typed into private fields: a room's own sentence must not carry it on by oversight."""
    if not secrets:
        return value
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, SAID)
        return value
    if isinstance(value, Mapping):
        return {key: _hushed(part, secrets) for key, part in value.items()}
    if isinstance(value, list):
        return [_hushed(part, secrets) for part in value]
    return value


def _said(work: Work) -> dict[str, Any]:
    """The act's form as its event keeps it."""
    return {
        name: (SAID if value else "") if name in work.act.private else value
        for name, value in work.data.items()
        if not isinstance(value, UploadedFile) or name in work.act.private
    }


def _queue_notices(works: Sequence[Work]) -> None:
    for work in works:
        work.notices = [(users, _hushed(text, work.secrets), key, about) for users, text, key, about in work.notices]
    notifications.queue(works)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, str):
        # PostgreSQL keeps no NUL, and no word has one.
        return value.replace("\x00", "")
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, UploadedFile):
        return _plain(value.name)
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, Iterable):
        return [_plain(v) for v in value]
    return str(value)


def _changes(before: dict[str, Any], case: Case) -> dict[str, Any]:
    after = _snapshot(case)
    return {
        k: [_plain(before.get(k)), _plain(v)] for k, v in after.items() if before.get(k) != v and len(str(v)) < 4000
    }


def _settle(
    work: Work, case: Case, before: dict[str, Any], key_before: counters.Key | None, state_before: str
) -> Event:
    from gongkai.core import clocks

    set_turn(case)
    state = kinds[case.kind].states[case.state]
    clocks.settle(case, closed=not state.open, now=work.now)
    changes = _changes(before, case)
    event = _event(work, case, state_before, changes)
    case.save()
    counters.move(key_before, counters.key_of(case))
    _attach(work, event)
    _queue_notices([work])
    listeners.tell(work)
    return event


def set_turn(case: Case) -> None:
    """Write down whose turn it is, from the state; a room may refine it in `refine_turn`."""
    state = kinds[case.kind].states[case.state]
    place = {Where.OWNER: case.unit, Where.SUPERVISOR: case.supervisor, Where.LEAD: case.lead or case.unit}
    case.turn_unit = place[state.turn] if state.open and state.turn in place else None
    case.turn_role = str(state.roles[0]) if state.open and state.roles and case.turn_unit else ""
    case.ask = state.ask if state.open else ""
    if hasattr(case, "refine_turn"):
        case.refine_turn()


def _event(work: Work, case: Case, state_before: str, changes: dict[str, Any]) -> Event:
    event = _told(work, case, state_before, changes)
    audit.write(event)
    work.event = event
    return event


def _told(work: Work, case: Case, state_before: str, changes: dict[str, Any]) -> Event:
    """The event of an act, not written yet; the case counts it."""
    case.event_count += 1
    for letter in work.letters:
        work.record.setdefault("letters", []).append(letter.number)
    event = Event(
        case=case,
        sequence=case.event_count,
        act=work.act.key,
        label=work.act.label,
        actor=work.user,
        actor_label=work.user.who if work.user else work.act.actor_label,
        at=work.now,
        state_before=state_before,
        state_after=case.state,
        summary=_hushed(work.summary, work.secrets)[:300],
        words=_hushed(work.words, work.secrets),
        data=_hushed(_plain({**_said(work), **work.record}), work.secrets),
        changes=_hushed(changes, work.secrets),
        public=work.public or work.act.public,
    )
    # The case row may be new: its key is needed before the event can point to it.
    event.case_id = case.pk
    return event


def _attach(work: Work, event: Event) -> None:
    from gongkai.core import attachments

    private = {id(file) for name in work.act.private for file in _uploads(work.data.get(name))}
    for file in work.files:
        work.attachments.append(attachments.store(file, user=work.user, sealed=id(file) in private))
    for attachment in work.attachments:
        attachment.case_id, attachment.event = event.case_id, event
        attachment.draft_of, attachment.draft_act = None, ""
        attachment.save()
    for letter in work.letters:
        letter.event = event
        letter.save()


def _uploads(value: Any) -> list[UploadedFile]:
    found = value if isinstance(value, list | tuple) else [value]
    return [file for file in found if isinstance(file, UploadedFile)]


def open_together(pairs: Sequence[tuple[Work, Opening]], beside: Callable[[], object] | None = None) -> list[Any]:
    """Bring cases into the world at once, each for its own work; see `Work.open_many`.

    Of an act that creates, the first case of each work is its own. `beside` writes what hangs on the cases in their room,
    when they have their keys and before the numbers are taken that others wait for.
    """
    from gongkai.core import clocks

    known: dict[Any, Clock] = {}
    started: list[Clock] = []
    openings = [opening for _, opening in pairs]
    keys = numbers.reserve_keys(Case, len(pairs))
    for (work, opening), key in zip(pairs, keys, strict=True):
        case = opening.case
        case.id = case.pk = key
        case.opened_at = case.opened_at or work.now
        set_turn(case)
        closed = not kinds[case.kind].states[case.state].open
        plans = [*getattr(case, "first_clocks", lambda now: [])(work.now), *opening.clocks] if not closed else []
        begun = [clocks.prepare(case, known, now=work.now, **plan) for plan in plans]
        clocks.settle_new(case, begun, closed=closed, now=work.now)
        case.event_count = 1
        started += begun
    for clock, key in zip(started, numbers.reserve_keys(Clock, len(started)) if started else (), strict=True):
        clock.pk = key
    # The case's own row is written last, with its number and the key of its clock: others wait for the next number from
    # then to the commit, and a row that is changed at once is written to every index twice.
    for opening in openings:
        # Set again, because it has a key now.
        opening.case.clock = opening.case.clock
    _write_own([opening.case for opening in openings])
    if beside is not None:
        beside()
    Clock.objects.bulk_create(started, batch_size=500)
    _number(pairs)
    _write(Case, [opening.case for opening in openings])
    for opening in openings:
        opening.case._state.adding, opening.case._state.db = False, connection.alias
    own = {id(work): opening for work, opening in reversed(pairs) if work.case is None}
    events = [_first_event(opening, work, own=own.get(id(work)) is opening) for work, opening in pairs]
    audit.write_many(events)
    counters.move_many(counters.key_of(opening.case) for opening in openings)
    for (work, opening), event in zip(pairs, events, strict=True):
        if own.get(id(work)) is opening:
            # Who listens hears of it when the act ends.
            work.case, work.event = opening.case, event
        elif listeners.heard(opening.case.kind):
            listeners.tell(replace(work, case=opening.case, event=event))
    return [opening.case for opening in openings]


def _write_own(cases: list[Case]) -> None:
    """Write what the rooms' records have beside the case's own row, in as few statements as the database takes."""
    by_model: dict[Any, list[Case]] = {}
    for case in cases:
        by_model.setdefault(type(case), []).append(case)
    by_model.pop(Case, None)
    for model, rows in by_model.items():
        _write(model, rows)


def _write(model: Any, cases: list[Case]) -> None:
    """Insert one table's part of cases that have their keys."""
    fields = model._meta.local_concrete_fields
    size = max(1, connection.ops.bulk_batch_size(fields, cases))
    for at in range(0, len(cases), size):
        model._base_manager._insert(cases[at : at + size], fields=fields, using=connection.alias)


def _number(pairs: Sequence[tuple[Work, Opening]]) -> None:
    """Give every case that has none the next number of its series; one step of each series for all."""
    waiting: dict[tuple[str, int], list[Case]] = {}
    for work, opening in pairs:
        case = opening.case
        if not case.number:
            prefix = case.number_prefix or kinds[case.kind].prefix
            waiting.setdefault((prefix, timezone.localtime(work.now).year), []).append(case)
    for (prefix, year), group in waiting.items():
        for case, number in zip(group, numbers.take_many(prefix, year, len(group)), strict=True):
            case.number = number


def _first_event(opening: Opening, work: Work, *, own: bool) -> Event:
    case = opening.case
    child = Work(
        act=work.act,
        case=case,
        user=work.user,
        data={},
        now=work.now,
        summary=opening.summary,
        words=opening.words,
        record={**opening.data, "number": case.number},
        secrets=work.secrets,
    )
    if own:
        child.data = work.data
        child.public = work.public
    case.event_count = 0
    return _told(child, case, "", {})


def people_by_unit(units: Iterable[int], *roles: Role) -> dict[int, list[User]]:
    """Key of a unit -> active people who hold one of the roles there."""
    rows = Membership.objects.filter(unit__in=set(units), role__in=roles, user__is_active=True)
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for row in rows.select_related("user").order_by("user"):
        found[row.unit_id][row.user_id] = row.user
    return {unit: list(people.values()) for unit, people in found.items()}


def people_of(unit, *roles: Role) -> models.QuerySet[User]:
    """Active people who hold one of the roles in a unit."""
    return User.objects.filter(is_active=True, memberships__unit=unit, memberships__role__in=roles).distinct()
