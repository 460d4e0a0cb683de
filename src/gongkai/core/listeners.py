"""Listeners: what else must happen, in the same transaction, when an act was done on a case of a kind.

    listen("publication", index_it)      # in a room's apps.ready()
    listen("*", remember_it)             # acts of every kind

A listener is `f(work)`: called at the end of `perform`, when state, clocks, event and counters are written and the
transaction is still open. `work.case` is the case, `work.act` what was done, `work.event` the event (its `state_before`
is empty for a case that was just opened). What a listener writes is committed with the act or not at all; an exception
undoes the act. Work that may wait belongs into an outbox row or a queued task, not here: the case's row is locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gongkai.core.acts import Work

Listener = Callable[["Work"], object]
EVERY_KIND = "*"

_listeners: dict[str, list[Listener]] = defaultdict(list)


def listen(kind: str, listener: Listener) -> None:
    """Call `listener(work)` after every act on cases of a kind (`"*"`: of any); registering twice counts once."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def forget(kind: str, listener: Listener) -> None:
    """Take a listener out again; for tests."""
    if listener in _listeners[kind]:
        _listeners[kind].remove(listener)


def heard(kind: str) -> bool:
    """Whether anybody listens to acts on cases of this kind."""
    return bool(_listeners.get(kind) or _listeners.get(EVERY_KIND))


def tell(work: Work) -> None:
    """Call everybody who listens to the kind of the act's case."""
    for key in (work.case.kind, EVERY_KIND):
        for listener in _listeners.get(key, ()):
            listener(work)
