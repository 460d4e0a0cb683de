"""Merkle trees of RFC 6962, section 2.1: hashes, inclusion proofs, consistency proofs, and their verification.

A tree is read through a function `subtree(start, height)` that gives the hash over the 2**height leaves from `start`,
which is always a multiple of 2**height. Where these hashes are kept (a list, tiles on disk, tiles far away) is no
matter of this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Subtree = Callable[[int, int], bytes]

# The head of the tree without leaves (section 2.1).
EMPTY = hashlib.sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not show what it should; the message says which."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of a leaf, set apart from nodes by a zero byte."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of two subtrees, set apart from leaves by a one byte."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The head over 2**n neighbouring hashes; ValueError for any other number of them."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError(f"{len(hashes)} hashes make no complete subtree")
    row = list(hashes)
    sha256 = hashlib.sha256
    while len(row) > 1:
        row = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


def split(size: int) -> int:
    """The largest power of two below `size` (k of section 2.1)."""
    return 1 << (size - 1).bit_length() - 1


def head(start: int, end: int, subtree: Subtree) -> bytes:
    """MTH over the leaves from `start` up to but without `end`."""
    size = end - start
    if size == 0:
        return EMPTY
    if not size & (size - 1):
        return subtree(start, size.bit_length() - 1)
    middle = start + split(size)
    return node_hash(head(start, middle, subtree), head(middle, end, subtree))


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path from a leaf to the head of the tree with `size` leaves, lowest first (section 2.1.1).

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(head(middle, end, subtree))
            end = middle
        else:
            path.append(head(start, middle, subtree))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """What shows that the first `old` leaves of the tree with `new` leaves are the earlier tree (section 2.1.2).

    Raises:
        ValueError: `old` is larger than `new`, or negative.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves has never had {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end = 0, new
    while True:
        if old == end:
            # The earlier tree is this subtree; its hash is known to the verifier only when it is the whole of it.
            if start:
                path.append(head(start, end, subtree))
            return path[::-1]
        middle = start + split(end - start)
        if old <= middle:
            path.append(head(middle, end, subtree))
            end = middle
        else:
            path.append(head(start, middle, subtree))
            start = middle


def _sides(at: int, last: int, steps: int) -> list[bool]:
    """For every step of a proof, lowest first, whether it stands on the left of what was found so far.

    `at` is the place of the start in its row and `last` the last place of that row.

    Raises:
        ProofError: the way to the head has another number of steps.
    """
    sides = []
    for _ in range(steps):
        if last == 0:
            raise ProofError("the proof is too long")
        left = bool(at & 1) or at == last
        if left:
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        sides.append(left)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    return sides


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash stands at `index` in the tree (algorithm of RFC 9162, section 2.1.3.2).

    Raises:
        ProofError: it does not, or the proof is malformed.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    found = leaf
    for step, left in zip(proof, _sides(index, size - 1, len(proof)), strict=True):
        found = node_hash(step, found) if left else node_hash(found, step)
    if found != root:
        raise ProofError("the inclusion proof leads to another head")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of `new` leaves continues the tree of `old` (algorithm of RFC 9162, section 2.1.4.2).

    Raises:
        ProofError: it does not, or the proof is malformed.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves has never had {old}")
    if old in (0, new):
        if proof:
            raise ProofError("this consistency proof must be empty")
        if old_root != (new_root if old else EMPTY):
            raise ProofError("the earlier head is not the head of that tree")
        return
    # An earlier tree that is one complete subtree is the first step of its own proof.
    path = [old_root, *proof] if not old & (old - 1) else list(proof)
    if not path:
        raise ProofError("the consistency proof is empty")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for step, left in zip(path[1:], _sides(at, last, len(path) - 1), strict=True):
        if left:
            before, after = node_hash(step, before), node_hash(step, after)
        else:
            after = node_hash(after, step)
    if before != old_root:
        raise ProofError("the proof does not lead to the earlier head")
    if after != new_root:
        raise ProofError("the proof does not lead to the later head")
