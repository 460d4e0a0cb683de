"""Search: an index derived from the records, fed through an outbox; see docs/search.md.

A room says what can be found with `register_source`, and tells of every change with `changed` and `removed` inside the
act's transaction. Nothing else is asked of it.
"""

from __future__ import annotations

from gongkai.core.search.documents import (
    AttachedText,
    SearchDocument,
    Source,
    mail_pages,
    register_leading,
    register_mail_page,
    register_source,
    register_way_on,
    sources,
    unregister_source,
    ways_on,
)
from gongkai.core.search.outbox import changed, changed_many, removed

__all__ = [
    "AttachedText",
    "SearchDocument",
    "Source",
    "changed",
    "changed_many",
    "mail_pages",
    "register_leading",
    "register_mail_page",
    "register_source",
    "register_way_on",
    "removed",
    "sources",
    "unregister_source",
    "ways_on",
]
