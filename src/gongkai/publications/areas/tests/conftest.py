"""The bureau with everybody that a release needs."""

from __future__ import annotations

from gongkai.publications.tests.conftest import office

__all__ = ["office"]
