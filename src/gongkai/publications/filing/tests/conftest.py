"""The people and documents of publishing's tests."""

from gongkai.publications.tests.conftest import office, published

__all__ = ["office", "published"]
