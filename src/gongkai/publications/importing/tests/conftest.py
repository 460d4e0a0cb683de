"""A bureau with its people, as in publishing's own tests."""

from __future__ import annotations

from gongkai.publications.tests.conftest import office, published

__all__ = ["office", "published"]
