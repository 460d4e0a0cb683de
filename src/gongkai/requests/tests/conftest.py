"""A small invented district for the tests of requests."""

from __future__ import annotations

import pytest

from gongkai.requests.tests import helpers


@pytest.fixture
def place(db):
    """云溪区: a bureau that is asked, a bureau beside it, the office above, and people for every role."""
    return helpers.district()


@pytest.fixture
def received(place):
    """A request that came through the web on 2026-06-01 and waits for its registration."""
    return helpers.submitted(place)


@pytest.fixture
def handling(place, received):
    """A request that was registered and is being handled."""
    return helpers.registered(place, received)


@pytest.fixture(autouse=True)
def clean_books(request):
    """After every test with a district: counters agree with the cases, the audit chain is whole, no date has drifted."""
    if "place" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("place")
    yield
    from gongkai.core import audit, counters
    from gongkai.requests.figures import counting, tables

    assert counters.verify() == []
    assert counting.verify() == []
    for year in tables.years():
        assert tables.table_b(None, year) == tables.recomputed_b(None, year)
        assert tables.checked(None, year)[1] == []
    assert audit.verify().intact
