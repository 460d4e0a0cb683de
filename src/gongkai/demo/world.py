"""The district itself: units, names, groups, posts, and the year in which the story plays."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from gongkai.core.models import Membership, Unit, UnitAlias, UnitGroup, UnitHistory, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.law.workdays import default_calendar

FIRST_YEAR = 2026  # the year written in the data
# From this day on a year has enough behind it to be shown; before, last year's story is told.
_BEGINS = (5, 20)
_YEAR = re.compile(r"(?<!\d)20(2[3-8])(?!\d)")
# Whom the groups have in the small district of the tests: all of whom the plot tells.
SMALL = frozenset(
    [
        "YX-FGW",
        "YX-JYJ",
        "YX-MZJ",
        "YX-SFJ",
        "YX-ZJJ",
        "YX-WJW",
        "YX-SJG",
        "YX-DAT",
        "YX-ALJD",
        "YX-YQJD",
        "YX-QPJD",
        "YX-JHJD",
        "YX-WJZ",
        "YX-LTZ",
        "YX-MZZ",
        "YX-LPZ",
    ]
)


def read(name: str) -> str:
    """The text of a data file."""
    return resources.files("gongkai.demo.data").joinpath(name).read_text(encoding="utf-8")


def load(name: str) -> Any:
    """A JSON data file."""
    return json.loads(read(name))


def logins() -> list[dict[str, str]]:
    """The accounts that the login page shows."""
    return list(load("people.json")["logins"])


def story_year(today: dt.date) -> int:
    """The year whose duties run: this one, or last year's while this one is young; never past the known calendar."""
    year = today.year if (today.month, today.day) >= _BEGINS else today.year - 1
    known = [item.year for item in default_calendar().years]
    return min(max(year, min(known) + 1), max(max(known), FIRST_YEAR))


@dataclass
class World:
    """Everything that the story needs to find by code or username."""

    now: dt.datetime
    small: bool = False
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    staff: dict[int, list[User]] = field(default_factory=dict)
    holders: dict[tuple[int, str], list[User]] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """The day on which the story ends."""
        return timezone.localdate(self.now)

    @cached_property
    def shift(self) -> int:
        """How many years the story is moved from the one written in the data."""
        return story_year(self.today) - FIRST_YEAR

    def moved(self, text: str) -> str:
        """A text of the data with its years moved to the story's."""
        return _YEAR.sub(lambda found: str(2000 + int(found.group(1)) + self.shift), text) if self.shift else text

    @cached_property
    def history(self) -> dict[str, Any]:
        """What happens."""
        return json.loads(self.moved(read("history.json")))

    @cached_property
    def texts(self) -> dict[str, Any]:
        """What people write."""
        return json.loads(self.moved(read("texts.json")))

    def officer(self, unit: Unit) -> User:
        """Whoever does a unit's daily work."""
        return self.staff[unit.pk][0]

    def holder(self, unit: Unit, role: str) -> User | None:
        """Somebody who holds a role in a unit."""
        found = self.holders.get((unit.pk, role))
        return found[0] if found else None

    def create(self) -> None:
        """Write units, names, groups and people."""
        self._units()
        self._groups()
        self._people()

    def _units(self) -> None:
        aliases, history = [], []
        for row in json.loads(self.moved(read("units.json"))):
            unit = Unit.objects.create(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                kind=row["kind"],
                parent=self.units[row["parent"]] if row["parent"] else None,
                ordinal=row["ordinal"],
                credit_code=row.get("credit_code") or "",
                telephone=row.get("telephone") or "",
                address=row.get("address") or "",
            )
            self.units[row["code"]] = unit
            for alias in row["aliases"]:
                former = alias["kind"] == "former"
                until = dt.date.fromisoformat(alias["valid_until"]) if alias["valid_until"] else None
                aliases.append(
                    UnitAlias(
                        name=alias["name"],
                        unit=unit,
                        source=UnitAlias.Source.FORMER if former else UnitAlias.Source.MANUAL,
                        valid_until=until,
                    )
                )
                if former and until:
                    at = timezone.make_aware(dt.datetime.combine(until + dt.timedelta(days=1), dt.time()))
                    history.append(
                        UnitHistory(
                            unit=unit,
                            at=at,
                            what="renamed",
                            before=alias["name"],
                            after=unit.name,
                            document=alias["note"][:120],
                        )
                    )
        UnitAlias.objects.bulk_create(aliases)
        UnitHistory.objects.bulk_create(history)

    def _groups(self) -> None:
        for ordinal, row in enumerate(load("groups.json")):
            rule = row["rule"]
            if rule is None and not row["members"]:
                continue  # named only when it happens: such words are left to the reviewer
            members = [self.units[code] for code in row["members"]]
            if rule and self.small:
                members += [
                    unit
                    for code, unit in self.units.items()
                    if code in SMALL and unit.kind in rule["kinds"] and unit.parent_id == self.units[rule["root"]].pk
                ]
            group = UnitGroup.objects.create(
                name=row["name"],
                root=self.units[rule["root"]] if rule and not self.small else None,
                kinds=rule["kinds"] if rule and not self.small else [],
                ordinal=ordinal,
            )
            group.included.set(members)
            UnitAlias.objects.bulk_create([UnitAlias(name=name, group=group) for name in row["aliases"]])

    def _people(self) -> None:
        from gongkai.demo import PASSWORD

        encoded = make_password(PASSWORD)
        rows = load("people.json")["people"]
        leaders = {row["unit"] for row in rows if "leader" in row["roles"]}
        officers = [row for row in rows if "officer" in row["roles"] and row["unit"].startswith("YX-")]
        rows = rows + [
            {
                "username": f"{row['username']}-fenguan",
                "unit": row["unit"],
                "post": "分管负责人",
                "roles": ["leader"],
            }
            for row in officers
            if row["unit"] not in leaders
        ]
        joined = self.now - dt.timedelta(days=400)
        for row in rows:
            self.people[row["username"]] = User(
                username=row["username"],
                password=encoded,
                post=row["post"],
                telephone=self.units[row["unit"]].telephone,
                date_joined=joined,
            )
        User.objects.bulk_create(self.people.values())
        memberships = []
        for row in rows:
            unit, user = self.units[row["unit"]], self.people[row["username"]]
            for at, role in enumerate(row["roles"]):
                memberships.append(Membership(user=user, unit=unit, role=role, main=at == 0))
                self.holders.setdefault((unit.pk, role), []).append(user)
                if role in (Role.OFFICER, Role.HANDLER) and user not in self.staff.setdefault(unit.pk, []):
                    self.staff[unit.pk].append(user)
        Membership.objects.bulk_create(memberships)


__all__ = ["SMALL", "UnitKind", "World", "load", "logins", "read", "story_year"]
