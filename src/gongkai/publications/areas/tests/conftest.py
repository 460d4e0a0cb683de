"""The bureau with everybody that a release needs."""

from __future__ import annotations

from gongkai.core.pages.tests.conftest import kept, reader
from gongkai.publications.tests.conftest import office

__all__ = ["kept", "office", "reader"]
