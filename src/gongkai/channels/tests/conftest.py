"""An invented district with a service centre that runs a zone."""

from __future__ import annotations

from typing import Any

import pytest

from gongkai.channels.tests.helpers import offered, opened
from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.requests.tests import helpers


@pytest.fixture
def place(db) -> Any:
    """云溪区 as the tests of requests know it, and a service centre with people for each role at the desk."""
    found = helpers.district()
    found.centre = Unit.objects.create(
        code="ZWZX", name="云溪区政务服务中心", short_name="区政务服务中心", kind="institution", parent=found.root
    )
    found.desk = helpers.person("zhengwu", found.centre, Role.OFFICER)
    found.clerk = helpers.person("zhengwu-jingban", found.centre, Role.HANDLER)
    found.head = helpers.person("zhengwu-fenguan", found.centre, Role.LEADER)
    return found


@pytest.fixture
def zone(place):
    """A zone in a service hall, being prepared: nothing is offered yet."""
    from gongkai.channels.tests.helpers import ZONE, fresh

    return fresh(perform("zone.set_up", None, place.desk, ZONE).case)


@pytest.fixture
def open_zone(place, zone):
    """The same with the four services of a service hall, open."""
    return opened(offered(zone, place.desk), place.desk)


@pytest.fixture(autouse=True)
def clean_books(request):
    """After every test with a district: counters agree with what they count, and the audit chain is whole."""
    if "place" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("place")
    yield
    from gongkai.channels.zones import counting
    from gongkai.core import audit, counters
    from gongkai.requests.figures import counting as requests_counting

    assert counting.verify() == []
    assert counters.verify() == []
    assert requests_counting.verify() == []
    assert audit.verify().intact
