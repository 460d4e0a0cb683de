"""Which index is in use, and who asks it."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from django.conf import settings
from django.db import connection

from gongkai.core.models import Unit, User
from gongkai.core.roles import ADMINISTRATORS, Role
from gongkai.core.search.query import PUBLIC, Scope, SearchIndex

_lock = threading.Lock()
_open: dict[str, SearchIndex] = {}


def backend() -> str:
    """`tantivy` (a directory, the default) or `database`, as the settings say."""
    chosen = settings.GONGKAI_SEARCH
    if chosen not in ("tantivy", "database"):
        raise ValueError(f"GONGKAI_SEARCH 只能是 tantivy 或 database，现在是 {chosen}。")
    return chosen


def root() -> Path:
    """Where the index lies; each database has its own, so that two on one data folder never mix."""
    given = getattr(settings, "GONGKAI_SEARCH_DIR", "")
    if given:
        return Path(given)
    database = connection.settings_dict
    name = "|".join(str(database.get(part) or "") for part in ("ENGINE", "HOST", "PORT", "NAME"))
    return Path(settings.DATA_DIR) / "search" / hashlib.sha256(name.encode()).hexdigest()[:12]


def current() -> SearchIndex:
    """The index in use in this process."""
    if backend() == "database":
        from gongkai.core.search.database_index import DatabaseIndex

        return DatabaseIndex()
    from gongkai.core.search.tantivy_index import TantivyIndex

    place = root()
    # A process that was forked opens its own.
    key = f"{os.getpid()} {place}"
    with _lock:
        if key not in _open:
            _open[key] = TantivyIndex(place)
        return _open[key]


def scope_of(user: User) -> Scope:
    """What a person may find: the same rule as `Case.objects.visible_to`, as a part of the question."""
    if not user.is_authenticated or not user.is_active:
        return PUBLIC
    own: set[int] = set()
    overseen: list[str] = []
    for membership in user.memberships_now:
        if membership.role in ADMINISTRATORS:
            continue
        own.add(membership.unit_id)
        if membership.role in (Role.OFFICE, Role.AUDITOR):
            overseen.append((membership.unit.parent or membership.unit).path)
    shared = frozenset(own)
    if not overseen:
        return Scope(public_only=False, owners=frozenset(own), shared=shared)
    inside: set[int] = set(own)
    outside: set[int] = set()
    for pk, path in Unit.objects.values_list("pk", "path"):
        if path.startswith(tuple(overseen)):
            inside.add(pk)
        elif pk not in own:
            outside.add(pk)
    # Whoever oversees nearly everything is asked for what is outside: that is the shorter list.
    if len(outside) < len(inside):
        return Scope(public_only=False, owners=None, not_owners=frozenset(outside | {0}), shared=shared)
    return Scope(public_only=False, owners=frozenset(inside), shared=shared)
