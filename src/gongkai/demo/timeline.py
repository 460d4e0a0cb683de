"""The time of the story: a clock that can be set, working hours, and lives that run beside each other in order."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.utils import timezone

from gongkai.core import calendars
from gongkai.core.acts import ActError, InvalidData, perform
from gongkai.core.models import Case, Event, User
from gongkai.law.workdays import UnknownYearError

# A life yields the moment of its next step and does the step when it is resumed.
Life = Iterator[dt.datetime]


class Timeline:
    """Runs lives in the order of their moments, with `timezone.now()` at each step's own moment."""

    def __init__(self, end: dt.datetime, seed: int) -> None:
        self.end = end
        self.now = end
        self.random = random.Random(seed)  # noqa: S311  the story must be the same every time
        self.acts = 0
        self.refused: list[str] = []
        self._waiting: list[tuple[dt.datetime, int, Life]] = []
        self._serial = itertools.count()
        self.total = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within, the whole program believes in the story's time."""
        with mock.patch.object(timezone, "now", side_effect=lambda: self.now):
            yield

    def add(self, life: Life) -> None:
        """A life begins; its first moment is asked for at once."""
        self._queue(life)
        self.total += 1

    def _queue(self, life: Life) -> None:
        try:
            moment = next(life)
        except StopIteration:
            return
        except ActError as error:
            self.refused.append(f"{self.now:%m-%d %H:%M} {_words(error)}")
            return
        if moment <= self.end:
            heapq.heappush(self._waiting, (moment, next(self._serial), life))

    def run(self, until: dt.datetime | None = None, progress: Callable[[dt.datetime], None] | None = None) -> None:
        """Resume every life at its moment; what lies after the end does not happen."""
        until = until or self.end
        steps = 0
        while self._waiting and self._waiting[0][0] <= until:
            moment, _, life = heapq.heappop(self._waiting)
            self.now = max(moment, self.now)
            self._queue(life)
            steps += 1
            if progress and steps % 50 == 0:
                progress(self.now)

    def do(
        self,
        act: str,
        case: Case | None,
        user: User | None,
        data: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
    ) -> Event:
        """Do an act now."""
        self.acts += 1
        return perform(act, case, user, data or {}, files=files, now=self.now)

    # Moments.

    def at(self, day: dt.date, time: str = "") -> dt.datetime:
        """A moment of a day: the time given, else one in office hours."""
        clock = dt.time.fromisoformat(time) if time else self.office_hour()
        return timezone.make_aware(dt.datetime.combine(day, clock))

    def office_hour(self) -> dt.time:
        """A minute between 8:40 and 17:30, not at lunch."""
        minute = self.random.choice([self.random.randint(520, 710), self.random.randint(810, 1050)])
        return dt.time(minute // 60, minute % 60, self.random.randint(0, 59))

    def soon(self, moment: dt.datetime) -> dt.datetime:
        """The moment itself, or a little later than now where it has gone by."""
        return moment if moment > self.now else self.now + dt.timedelta(minutes=self.random.randint(4, 40))

    def days_later(self, first: int, last: int | None = None) -> dt.datetime:
        """Some working days from now, in office hours."""
        day = timezone.localdate(self.now)
        number = self.random.randint(first, last if last is not None else first)
        return self.soon(self.at(later(day, number)))

    def between(self, first: dt.date, last: dt.date) -> dt.date:
        """A working day between two days."""
        span = max((last - first).days, 0)
        return workday(first + dt.timedelta(days=self.random.randint(0, span)))

    def chance(self, share: float) -> bool:
        """True in a share of all cases."""
        return self.random.random() < share


def _words(error: ActError) -> str:
    if isinstance(error, InvalidData):
        return f"{type(error.form).__qualname__}: {dict(error.form.errors)}"
    return f"{type(error).__name__}: {error}"


def is_workday(day: dt.date) -> bool:
    """Whether offices are open; a year that nobody announced has its weekends."""
    try:
        return calendars.current().is_workday(day)
    except UnknownYearError:
        return day.weekday() < 5


def workday(day: dt.date) -> dt.date:
    """The day, or the working day before it."""
    while not is_workday(day):
        day -= dt.timedelta(days=1)
    return day


def later(day: dt.date, number: int) -> dt.date:
    """So many working days later."""
    while number > 0:
        day += dt.timedelta(days=1)
        number -= is_workday(day)
    return day
