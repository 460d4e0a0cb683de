"""What a new installation needs before anybody has something to do: rooms say their steps, the to-do list shows them.

A step stands on the empty to-do list of whoever does it, and of the office, which waits for it; it is done when the rows
it asks for are there. When all that can be checked is done, the list is gone for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from gongkai.core import figures
from gongkai.core.models import User
from gongkai.core.navigation import address_of
from gongkai.core.roles import Role


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step: whose it is, where it is done, who else sees that it is waited for, and what shows that it was done."""

    order: int
    label: str
    words: str
    url_name: str
    roles: frozenset[Role]
    told: frozenset[Role] = frozenset()
    done: Callable[[User], QuerySet] | None = None


steps: dict[str, FirstStep] = {}


def register(
    order: int,
    label: str,
    words: str,
    url_name: str,
    *,
    roles: tuple[Role, ...],
    told: tuple[Role, ...] = (),
    done: Callable[[User], QuerySet] | None = None,
) -> FirstStep:
    """Say a step; called in `apps.ready()`.

    Args:
        order: where it stands among the steps of all rooms.
        label: what to do.
        words: why, and how much of it is needed to begin.
        url_name: the page on which it is done.
        roles: who does it.
        told: who else is shown it.
        done: the rows that show that it was done, as far as a person is concerned; None for advice nobody can check.
    """
    step = FirstStep(order, label, words, url_name, frozenset(roles), frozenset(told), done)
    steps[label] = step
    return step


def of(user: User) -> list[dict[str, Any]]:
    """The steps a person sees, in order; empty once all that can be checked is done. One query."""
    mine = (one for one in steps.values() if (one.roles | one.told) & user.role_set and address_of(one.url_name))
    seen = sorted(mine, key=lambda one: one.order)
    asked = figures.collect({one.label: one.done(user) for one in seen if one.done is not None})
    if all(one.done is None or asked[one.label] for one in seen):
        return []
    return [
        {
            "label": one.label,
            "words": one.words,
            "url": address_of(one.url_name) if one.roles & user.role_set else "",
            "who": ""
            if one.roles & user.role_set
            else "、".join(str(role.label) for role in Role if role in one.roles),
            "checked": one.done is not None,
            "done": one.done is not None and bool(asked[one.label]),
        }
        for one in seen
    ]
