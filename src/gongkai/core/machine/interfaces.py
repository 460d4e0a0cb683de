"""The routers that rooms bring to the API, and the check of a token's scope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.security import HttpBearer

from gongkai.core.machine import tokens

# (path below /api/v1, router)
routers: list[tuple[str, Router]] = []


def register_router(path: str, router: Router) -> None:
    """Mount a room's router below /api/v1; called in `apps.ready()`."""
    if all(known is not router for _, known in routers):
        routers.append((path, router))


class Scoped(HttpBearer):
    """A bearer token that holds a scope; `request.auth` is the token, `request.user` its account."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:
        """The token, or None, which the API answers with 401."""
        row = tokens.find(token)
        if row is None or self.scope not in row.scopes:
            return None
        request.user = row.user
        return row
