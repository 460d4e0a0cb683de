"""What the later scenes of the story share: days, minutes in office hours, people, and doing an act on a fresh record."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from django.utils import timezone

from gongkai.core.models import Case, Event, Unit, User
from gongkai.core.roles import Role
from gongkai.demo.timeline import Timeline, later, workday
from gongkai.demo.world import World


class Scenes:
    """Moments come from a source of chance of their own: the rest of the story stays the same whatever happens here."""

    seed = 0

    def __init__(self, world: World, timeline: Timeline) -> None:
        self.world, self.timeline = world, timeline
        self.random = random.Random(self.seed)  # noqa: S311  the story must be the same every time

    # Moments.

    @property
    def today(self) -> dt.date:
        """The day on which the story is just now."""
        return timezone.localdate(self.timeline.now)

    def date(self, written: str) -> dt.date:
        """A working day of the data, its year moved to the story's."""
        return workday(dt.date.fromisoformat(self.world.moved(written)))

    def back(self, workdays: int) -> dt.date:
        """So many working days before the day on which the story ends."""
        day = workday(self.world.today - dt.timedelta(days=1))
        for _ in range(workdays - 1):
            day = workday(day - dt.timedelta(days=1))
        return day

    def on(self, day: dt.date) -> dt.datetime:
        """A minute of a day in office hours, later than now where the day is today's."""
        minute = self.random.choice([self.random.randint(525, 640), self.random.randint(815, 960)])
        moment = timezone.make_aware(dt.datetime.combine(day, dt.time(minute // 60, minute % 60)))
        return moment if moment > self.timeline.now else self.timeline.now + dt.timedelta(minutes=7)

    def after(self, workdays: int) -> dt.datetime:
        """So many working days from now."""
        return self.on(later(self.today, workdays))

    # People and acts.

    def unit(self, code: str) -> Unit:
        """A unit of the district."""
        return self.world.units[code]

    def person(self, username: str) -> User:
        """Somebody by the name of the account."""
        return self.world.people[username]

    def holder(self, case: Case, role: str) -> User | None:
        """Whoever holds a role in the unit whose turn it is."""
        return self.world.holder(case.turn_unit or case.unit, Role(role))

    def fresh(self, case: Any) -> Any:
        """The record as it stands in the database."""
        return type(case).objects.get(pk=case.pk)

    def do(self, act: str, case: Any, user: User | None, files: Any = None, **data: Any) -> Event:
        """Do an act now, on the record as it stands."""
        return self.timeline.do(act, self.fresh(case) if case is not None else None, user, data, files)
