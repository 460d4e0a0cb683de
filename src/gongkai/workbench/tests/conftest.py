"""A small world for the workbench: a district, its office, two departments, and people in every role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.core.cache import cache
from django.utils import timezone

from gongkai.core.acts import perform
from gongkai.core.models import Case, Unit, User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.core.tests import sample  # noqa: F401  registers the sample kind and its acts
from gongkai.core.tests.factories import UnitFactory, government, user_with


@dataclass
class World:
    government: Unit
    office: Unit
    education: Unit
    health: Unit
    people: dict[str, User] = field(default_factory=dict)

    def open(
        self, title: str = "教育信息公开", unit: Unit | None = None, workdays: int = 10, days_ago: int = 0
    ) -> Case:
        event = perform(
            "sample.open",
            None,
            self.people["office"],
            {"title": title, "unit": (unit or self.education).pk, "workdays": workdays},
            now=timezone.now() - dt.timedelta(days=days_ago),
        )
        return event.case


@pytest.fixture
def world(db) -> World:
    cache.clear()
    root = government()
    office = UnitFactory(name="云溪区人民政府办公室", short_name="区政府办公室", kind=UnitKind.OFFICE, parent=root)
    education = UnitFactory(name="云溪区教育局", short_name="区教育局", parent=root)
    health = UnitFactory(name="云溪区卫生健康局", short_name="区卫生健康局", parent=root)
    made = World(root, office, education, health)
    places = {Role.OFFICE: office, Role.AUDITOR: office}
    made.people = {role.value: user_with(role, places.get(role, education), username=role.value) for role in Role}
    made.people["stranger"] = user_with(Role.OFFICER, health, username="stranger")
    for name in ("system_admin", "security_admin", "audit_admin"):
        made.people[name].memberships.update(unit=office)
    return made


@pytest.fixture
def sign_in(client, world):
    def go(name: str):
        client.force_login(world.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return go
