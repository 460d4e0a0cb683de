"""The public pages of requests: entry, form, receipt, status, calculator, and the list of a mailbox."""

from __future__ import annotations

from typing import Any


def register_public() -> None:
    """Put the room's public pages where readers look for them; called in `apps.ready()`."""
    from gongkai.core import listeners, portal
    from gongkai.core.search import register_way_on
    from gongkai.publications import public
    from gongkai.requests.acts import applicant  # noqa: F401  acts register themselves
    from gongkai.requests.models import Request
    from gongkai.requests.pages import drafts, mails, mine  # noqa: F401  periodic work registers itself

    portal.register_page("依申请公开", "requests-public:index", order=60)
    portal.register_home_part("requests/public/_home.html", _home, order=15)
    portal.register_sitemap(_addresses)
    register_way_on("申请公开", "requests-public:index")
    public.register_part("questions", "requests/public/_document.html", _document, order=40)
    listeners.listen(Request.KIND, mails.told)


def _home() -> dict[str, Any]:
    return {}


def _document(row: Any) -> dict[str, Any]:
    """Beside a document: ask the same body for what is not there."""
    return {"unit": row.unit}


def _addresses() -> list[tuple[str, Any]]:
    from django.urls import reverse

    names = ("bodies", "fees", "calculator", "new", "query", "mine")
    return [(reverse(f"requests-public:{name}"), None) for name in names]
