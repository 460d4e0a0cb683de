"""Who may do what, read off the acts themselves: for the documentation, and for the tests that check every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.core.acts import Act, acts
from gongkai.core.kinds import kinds
from gongkai.core.roles import Role, Where


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix: may a person with `role`, held at `where`, do the act?"""

    act: Act
    role: Role
    where: Where
    allowed: bool


def cells() -> Iterator[Cell]:
    """Every act with every role at every place, as the acts declare it."""
    for key in sorted(acts):
        act = acts[key]
        for role in Role:
            for where in (Where.OWNER, Where.SUPERVISOR, Where.LEAD, Where.ANYWHERE):
                yield Cell(
                    act,
                    role,
                    where,
                    any(_covers(permit.where, where) and permit.role == role for permit in act.permits),
                )


def _covers(demanded: Where, held: Where) -> bool:
    return demanded == held or demanded == Where.ANYWHERE


def markdown(only: set[str] | None = None) -> str:
    """The matrix as a page: one table a kind (of those in `only`), one row an act."""
    lines = [
        "# Who may do what",
        "",
        "Made from the acts in the code by `gongkai permissions`; a test keeps it current.",
        "A role counts where it is held: in the unit that owns the case (承办), supervises it (主管) or leads the duty (牵头).",
        "",
    ]
    for code in sorted({act.kind for act in acts.values() if act.kind in kinds and (only is None or act.kind in only)}):
        kind = kinds[code]
        lines += [f"## {kind.label} (`{code}`)", "", "| act | from | to | who |", "|---|---|---|---|"]
        for key in sorted(key for key in acts if acts[key].kind == code):
            lines.append(_row(acts[key]))
        lines.append("")
    return "\n".join(lines)


def _row(act: Act) -> str:
    states = kinds[act.kind].states
    start = (
        "new"
        if act.creates
        else "any open"
        if act.from_states is None
        else "、".join(states[s].label for s in states if s in act.from_states)
    )
    end = states[act.to_state].label if act.to_state else "as before"
    who = "、".join(f"{permit.where.label}{permit.role.label}" for permit in act.permits) or "the system"
    return f"| {act.label} `{act.name}` | {start} | {end} | {who} |"
