"""The line of requests in the navigation, and what every act keeps up to date for its pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from gongkai.core import listeners, navigation, places
from gongkai.core.acts import Work
from gongkai.core.kinds import kinds
from gongkai.core.models import Case, User
from gongkai.requests import worklist
from gongkai.requests.models import Request


def _waiting(user: User) -> QuerySet[Any] | None:
    """Requests of the person's own units on which somebody here has to act next."""
    own = list(user.roles_by_unit)
    if not own:
        return None
    states = [code for code, state in kinds[Request.KIND].states.items() if state.open and state.turn is not None]
    return Case.objects.open().filter(kind=Request.KIND, state__in=states, unit__in=own)


def keep_unfiled(work: Work) -> None:
    """Remember on the request itself whether it is closed and waits to be archived."""
    case = work.case
    wanted = not case.is_open and case.state != "archived"
    if isinstance(case, Request) and case.unfiled != wanted:
        case.unfiled = wanted
        Request.objects.filter(pk=case.pk).update(unfiled=wanted)


def register_all() -> None:
    """Put the pages into the shell; called when the room is ready."""
    navigation.register("业务", "依申请公开", "mail-open", "requests:index", navigation.workers, _waiting, order=24)
    places.register(worklist.PLACE, "依申请公开", "requests:index", worklist.in_order)
    listeners.listen(Request.KIND, keep_unfiled)
