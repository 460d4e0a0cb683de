"""Checkpoints: the signed head of a log (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from gongkai.proof.notes import Note, NoteError, Verifier, open_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin of the log, number of leaves, head of the tree, and lines of the log's own (none in ours)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note; NoteError when it is no checkpoint."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("a checkpoint has at least three lines, none of them empty")
        origin, size, encoded, *extensions = lines[:-1]
        if not _SIZE.fullmatch(size):
            raise NoteError("the size of the checkpoint is no plain number")
        try:
            root = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoteError("the head of the checkpoint is not base64") from error
        if len(root) != 32:
            raise NoteError("the head of the checkpoint has not 32 bytes")
        return cls(origin, int(size), root, tuple(extensions))


def open_checkpoint(data: bytes | str, log: Verifier, *witnesses: Verifier) -> tuple[Checkpoint, Note]:
    """Read a checkpoint that the log's own key has signed; witnesses' cosignatures are verified beside.

    Raises:
        NoteError: malformed, not signed by the log, or a wrong signature of a known key.
    """
    note = open_note(data, [log, *witnesses])
    if not any((signature.name, signature.key) == (log.name, log.id) for signature in note.verified):
        raise NoteError("the log itself has not signed the checkpoint")
    return Checkpoint.parse(note.text), note
