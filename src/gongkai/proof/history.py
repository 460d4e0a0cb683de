"""What the entries of one subject say about a file: is it the current version, an older one, or withdrawn?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.proof.leaf import CONTENT_ACTS, DETAILS, VALIDITY, WITHDRAWN, Leaf

CURRENT, OLDER, GONE = "current", "older", "withdrawn"
STATES = {CURRENT: "现行版本", OLDER: "已有新版本", GONE: "已撤回"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf and its place in the log; the place is None while it waits to be put in order."""

    index: int | None
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Standing:
    """A file or content found in the log: the entry that brought it, the newest version, the last act, and what follows."""

    found: Entry
    newest: Entry
    last: Entry
    state: str
    validity: str

    @property
    def words(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def lost_force(self) -> str:
        """In words, that the document is in force no longer; empty while it is."""
        return DETAILS[self.validity] if self.validity in ("repealed", "lapsed") else ""


def holds(leaf: Leaf, digest: str) -> bool:
    """Whether the leaf commits to this file or content."""
    return leaf.act in CONTENT_ACTS and (leaf.content == digest or any(file.sha256 == digest for file in leaf.files))


def standing(history: Sequence[Entry], digest: str) -> Standing | None:
    """How a digest stands by all entries of its subject, oldest first; None when none of them brought it.

    Of several entries that brought it, the newest counts: a file may come back unchanged in a later version.
    """
    found = [entry for entry in history if holds(entry.leaf, digest)]
    if not found:
        return None
    brought = [entry for entry in history if entry.leaf.act in CONTENT_ACTS]
    moves = [entry for entry in history if entry.leaf.act != VALIDITY]
    validity = [entry.leaf.detail for entry in history if entry.leaf.act == VALIDITY]
    if moves[-1].leaf.act == WITHDRAWN:
        state = GONE
    else:
        state = CURRENT if found[-1].leaf.version == brought[-1].leaf.version else OLDER
    return Standing(found[-1], brought[-1], history[-1], state, validity[-1] if validity else "")
