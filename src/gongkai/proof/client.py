"""A reader of a log that believes nothing but the log's key: checkpoints, entries, inclusion and consistency."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gongkai.proof import merkle
from gongkai.proof.checkpoints import Checkpoint, open_checkpoint
from gongkai.proof.merkle import ProofError
from gongkai.proof.notes import Note, Verifier
from gongkai.proof.tiles import HASH, WIDTH, Read, Tiles


def folder_reader(folder: Path) -> Read:
    """Read a log out of a directory laid out like its addresses."""

    def read(path: str) -> bytes:
        return (folder / path).read_bytes()

    return read


class Log:
    """A log, read with `read(path)` and verified with its key.

    Every method raises ProofError, TileError or NoteError when what is read does not fit together, FileNotFoundError
    when something is missing, and OSError when it cannot be reached.
    """

    def __init__(self, read: Read, key: Verifier, witnesses: tuple[Verifier, ...] = ()) -> None:
        self.read, self.key, self.witnesses = read, key, witnesses

    def checkpoint(self) -> tuple[Checkpoint, Note]:
        """The newest checkpoint, its signature verified."""
        return self.open(self.read("checkpoint"))

    def open(self, data: bytes | str) -> tuple[Checkpoint, Note]:
        """A checkpoint from anywhere, its signature verified."""
        return open_checkpoint(data, self.key, *self.witnesses)

    def prove_inclusion(self, index: int, entry: bytes, checkpoint: Checkpoint) -> list[bytes]:
        """The proof that the entry stands at `index` in the tree of the checkpoint, verified."""
        proof = merkle.inclusion_proof(index, checkpoint.size, Tiles(checkpoint.size, self.read).subtree)
        merkle.verify_inclusion(index, checkpoint.size, merkle.leaf_hash(entry), proof, checkpoint.root)
        return proof

    def prove_consistency(self, old: Checkpoint, new: Checkpoint) -> list[bytes]:
        """The proof that the newer tree continues the older one, verified."""
        if old.origin != new.origin:
            raise ProofError(f"the checkpoints belong to different logs, {old.origin} and {new.origin}")
        if old.size > new.size:
            raise ProofError(f"the log has shrunk from {old.size} to {new.size} entries")
        proof = merkle.consistency_proof(old.size, new.size, Tiles(new.size, self.read).subtree)
        merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
        return proof

    def entries(self, checkpoint: Checkpoint) -> Iterator[tuple[int, bytes]]:
        """Every entry of the tree with its place; each is checked against the tiles, and these against the head.

        The head is checked first, from the lowest tiles up, so that no entry is given out that the head does not hold.
        """
        tiles = Tiles(checkpoint.size, self.read)
        if tiles.root() != checkpoint.root:
            raise ProofError("the tiles do not lead to the head of the checkpoint")
        for number in range(-(-checkpoint.size // WIDTH)):
            row = tiles.tile(0, number)
            self._check_upper(tiles, number, row)
            for offset, entry in enumerate(tiles.bundle(number)):
                if merkle.leaf_hash(entry) != row[offset * HASH : (offset + 1) * HASH]:
                    raise ProofError(f"entry {number * WIDTH + offset} is not what the log committed to")
                yield number * WIDTH + offset, entry

    @staticmethod
    def _check_upper(tiles: Tiles, number: int, row: bytes) -> None:
        """A full tile must be what the level above says; for each level once, at its last tile."""
        level = 0
        while len(row) == WIDTH * HASH:
            level += 1
            above, offset = divmod(number, WIDTH)
            upper = tiles.tile(level, above)
            whole = merkle.fold([row[i : i + HASH] for i in range(0, len(row), HASH)])
            if upper[offset * HASH : (offset + 1) * HASH] != whole:
                raise ProofError(f"tile {number} of level {level - 1} is not what the level above says")
            if offset != WIDTH - 1:
                return
            number, row = above, upper
