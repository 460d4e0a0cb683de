"""The district of the room's tests."""

from gongkai.requests.tests.conftest import clean_books, place

__all__ = ["clean_books", "place"]
