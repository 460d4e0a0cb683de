"""What the ledger's pages and reports read. Nothing here changes anything; no function asks in a loop."""

from __future__ import annotations

from typing import Any


def case_context(case: Any, user: Any) -> dict[str, Any]:
    """What the ledger adds to the case page."""
    return {}


def crumbs(case: Any) -> list[tuple[str, str]]:
    """The way to a case: (words, address)."""
    return []
