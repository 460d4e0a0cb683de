"""The world of publishing's tests, for the readers' side."""

from __future__ import annotations

from gongkai.publications.tests.conftest import office, published

__all__ = ["office", "published"]
