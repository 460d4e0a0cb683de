"""Offices for tests of one voice."""

from gongkai.publications.tests.conftest import office

__all__ = ["office"]
