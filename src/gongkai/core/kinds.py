"""Kinds of cases: what a room tells core about its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gongkai.core.roles import Role, Where

if TYPE_CHECKING:
    from gongkai.core.models import Case, User


@dataclass(frozen=True, slots=True)
class State:
    """One state of a kind: its word, whether the case is still open in it, and whose turn it is.

    `light` colours the state wherever it is named, as far as no clock says something worse (`Case.state_light`).
    """

    label: str
    open: bool = True
    turn: Where | None = Where.OWNER
    roles: tuple[Role, ...] = (Role.OFFICER,)
    ask: str = ""
    light: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case (事项类型).

    `template` is included in the case page with `context(case, user)`; kinds that are not `counted` stay out of the
    counts and lists of duties (e.g. a notice itself). `load` joins what the page reads of other records to the query
    that loads the case, and leaves out long columns.
    """

    code: str
    label: str
    prefix: str
    model: type[Case]
    states: dict[str, State]
    template: str = ""
    context: Callable[[Any, User], dict[str, Any]] = field(default=lambda case, user: {})
    crumbs: Callable[[Any], list[tuple[str, str]]] = field(default=lambda case: [])
    related: tuple[str, ...] = ()
    counted: bool = True
    load: Callable[[Any], Any] = field(default=lambda rows: rows)


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; called in a room's `apps.py`."""
    if kind.code in kinds and kinds[kind.code] is not kind:
        raise ValueError(f"kind {kind.code} is registered twice")
    kinds[kind.code] = kind
    return kind
