"""What the room's pages read."""

from __future__ import annotations

from typing import Any

from gongkai.core.models import User
from gongkai.requests.models import Request


def page_rows(rows: Any) -> Any:
    """The query that loads a case for its page, with what the page reads of other rows."""
    return rows


def crumbs(case: Request) -> list[tuple[str, str]]:
    """Where the case's page stands."""
    return [("依申请公开", "")]


def case_context(case: Request, user: User) -> dict[str, Any]:
    """What the room's part of the case page shows."""
    return {"request_case": case}
