"""The district of the requests room, for the tests of masking."""

from __future__ import annotations

from gongkai.requests.tests.conftest import clean_books, handling, place, received

__all__ = ["clean_books", "handling", "place", "received"]
