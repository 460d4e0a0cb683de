"""The ledger's small district, for flows in a browser."""

from __future__ import annotations

from gongkai.ledger.tests.conftest import dispatched, district, imported

__all__ = ["dispatched", "district", "imported"]
