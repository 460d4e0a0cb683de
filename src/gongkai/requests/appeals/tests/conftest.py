"""The district of the tests of requests, and a request that was answered."""

from __future__ import annotations

import pytest

from gongkai.requests.tests import helpers, reply_helpers
from gongkai.requests.tests.conftest import clean_books, handling, place, received

__all__ = ["clean_books", "handling", "place", "received"]


@pytest.fixture
def answered(place, handling):
    """A request that was refused on 2026-06-11 for an internal matter (D5)."""
    return helpers.fresh(reply_helpers.replied(place, handling, "D5"))
