"""Who may open a page of the administration."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from gongkai.core.navigation import signed_in
from gongkai.core.roles import Role


def requires(*roles: Role) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Only for people who hold one of the roles in any unit; others get 403, strangers the login page."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.role_set & set(roles):
                words = "、".join(str(role.label) for role in roles)
                raise PermissionDenied(f"这个页面只对{words}开放。")
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


system = requires(Role.SYSTEM_ADMIN)
security = requires(Role.SECURITY_ADMIN)
auditing = requires(Role.AUDIT_ADMIN)
