"""The district of the tests of requests with its counsel."""

from __future__ import annotations

import pytest

from gongkai.core.acts import perform
from gongkai.core.models import Unit
from gongkai.core.roles import Role
from gongkai.requests.counsel.models import Counsel
from gongkai.requests.tests import helpers
from gongkai.requests.tests.conftest import clean_books, handling, place, received

__all__ = ["clean_books", "handling", "place", "received"]


@pytest.fixture
def justice(place):
    """The bureau of justice, in which counsel answers."""
    unit = Unit.objects.create(
        code="SFJ", name="云溪区司法局", short_name="区司法局", kind="department", parent=place.root
    )
    place.lawyer = helpers.person("lvshi", unit, Role.LEGAL)
    return unit


@pytest.fixture
def counsel(place, justice):
    """A firm that the office appointed for everybody."""
    data = {
        "sort": "firm", "name": "临江望江律师事务所", "office": justice.pk, "expertise": "行政法", "government": "on",
        "basis": "云政办〔2026〕3号", "shared": "on", "contact": "0000-7654321", "since": "2026-01-01", "until": "2027-12-31",
    }  # fmt: skip
    event = perform("counsel.appoint", None, place.supervisor, data, now=helpers.at("2026-01-05"))
    return Counsel.objects.get(pk=event.case_id)
