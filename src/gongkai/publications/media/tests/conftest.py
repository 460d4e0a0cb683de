"""Offices for tests of new media."""

from gongkai.publications.tests.conftest import office, published

__all__ = ["office", "published"]
