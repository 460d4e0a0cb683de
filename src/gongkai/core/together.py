"""Calls that come at the same time, done together by one of the callers.

    _open = Together(open_all)     # open_all(items) -> one result for each
    result = _open(item)           # from as many threads as there are

Who comes first does its own item at once and alone. Whoever comes while that runs waits in line, and the next in line then
does the items of all who wait in one go: one transaction, each statement once. Where many come all the time, it waits a
moment for those who have just been served: they are on their way back, and what is done in larger parts costs less. A
result is given back when it is committed, so what a caller sees is the same as if it had been alone, and so is what goes
wrong: when items fail together, each is done again by itself, and the fault goes to the one whose fault it is.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connection

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 32
# Seconds that a leader waits for more when the part before it had several.
MOMENT = 0.008


class _Place(Generic[Item, Result]):
    """A place in the line."""

    __slots__ = ("called", "fault", "item", "over", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.called = threading.Event()
        self.over = False
        self.result: Result
        self.fault: BaseException | None = None


class Together(Generic[Item, Result]):
    """A function of one item that does up to `most` at once with `work`.

    `work` takes items and gives one result for each, in their order. It happens wholly or not at all, and it may be called
    again with each of the items when it failed with several.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._line: deque[_Place[Item, Result]] = deque()
        self._led = False
        # How many were done together just now, how many a leader waits for, and that they have come.
        self._before, self._ended = 0, 0.0
        self._wanted = 0
        self._complete = threading.Event()

    def __call__(self, item: Item) -> Result:
        """Do one item, with whoever comes at the same time. Raises what `work` raises for it."""
        if connection.in_atomic_block:
            # What is part of a transaction belongs to it alone.
            return self._work([item])[0]
        place: _Place[Item, Result] = _Place(item)
        with self._lock:
            self._line.append(place)
            leads, self._led = not self._led, True
            if self._wanted and len(self._line) >= self._wanted:
                self._complete.set()
        if not leads:
            place.called.wait()
        if not place.over:
            self._lead()
        if place.fault is not None:
            raise place.fault
        return place.result

    def _lead(self) -> None:
        """Do the first of the line, and call the next one to go on."""
        if self._more_are_coming():
            self._complete.wait(MOMENT)
        with self._lock:
            self._wanted = 0
            taken = [self._line.popleft() for _ in range(min(len(self._line), self._most))]
        try:
            self._do(taken)
        finally:
            for place in taken:
                place.over = True
            with self._lock:
                self._before, self._ended = len(taken), time.monotonic()
                following = self._line[0] if self._line else None
                self._led = following is not None
            for place in [*taken, *([following] if following else [])]:
                place.called.set()

    def _more_are_coming(self) -> bool:
        """Whether several were served a moment ago and not all of them are back."""
        with self._lock:
            recent = self._before > 1 and time.monotonic() - self._ended < MOMENT
            wanted = min(self._most, len(self._line) + self._before) if recent else 0
            self._wanted = wanted
            self._complete.clear()
        return wanted > len(self._line)

    def _do(self, taken: Sequence[_Place[Item, Result]]) -> None:
        try:
            for place, result in zip(taken, self._work([place.item for place in taken]), strict=True):
                place.result = result
        except Exception as fault:
            if len(taken) == 1:
                taken[0].fault = fault
                return
            for place in taken:
                self._do([place])
        except BaseException as fault:
            # The process is told to end.
            for place in taken:
                place.fault = fault
