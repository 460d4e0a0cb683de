"""A unit with everybody that a release needs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gongkai.core.models.units import UnitKind
from gongkai.core.roles import Role
from gongkai.core.tests.factories import UnitFactory, UserFactory, government
from gongkai.publications.tests.helpers import draft, through


@pytest.fixture
def office(db):
    """A bureau below a district, its people by role, and the disclosure office above it."""
    district = government()
    above = UnitFactory(name="云溪区人民政府办公室", short_name="区政府办", kind=UnitKind.OFFICE, parent=district)
    unit = UnitFactory(name="云溪区教育局", short_name="区教育局", parent=district, code="jiaoyu")
    people = {
        name: UserFactory(roles=[(role, unit)], post=role.label)
        for name, role in {
            "officer": Role.OFFICER,
            "second": Role.OFFICER,
            "reviewer": Role.REVIEWER,
            "secrecy": Role.SECRECY,
            "legal": Role.LEGAL,
            "leader": Role.LEADER,
        }.items()
    }
    supervisor = UserFactory(roles=[(Role.OFFICE, above)], post="政务公开主管")
    return SimpleNamespace(district=district, above=above, unit=unit, supervisor=supervisor, **people)


@pytest.fixture
def published(office):
    """A document that is public."""
    return through(draft(office), office)
