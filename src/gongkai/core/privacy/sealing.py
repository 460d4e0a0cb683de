"""Sealing: AES-256-GCM, so that what was changed or put in another place does not open.

A column holds `version(1) key(4) nonce(12) ciphertext tag(16)`, bound to the name of its column. A file holds
`magic(8) key(4) salt(16)` and then pieces of 64 KiB, each with its tag, under a key of the file's own: pieces are numbered,
the last is marked, and all are bound to the file's digest, so none can be changed, moved, dropped or taken from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gongkai.core.privacy import keys
from gongkai.core.privacy.faults import Tampered

VERSION = 1
NONCE = 12
TAG = 16
MAGIC = b"GKSEAL1\n"
SALT = 16
PIECE = 65536
HEAD = len(MAGIC) + keys.IDENTIFIER + SALT
_CHANGED = "加密保存的内容被改过，或者不在原来的位置，没有打开。请系统管理员对照备份核查。"


def seal(data: bytes, context: str) -> bytes:
    """Data sealed with the key in use, to be opened only under the same context."""
    key = keys.ring().current
    nonce = os.urandom(NONCE)
    return bytes((VERSION,)) + key.identifier + nonce + key.fields.encrypt(nonce, data, context.encode())


def unseal(token: bytes, context: str) -> bytes:
    """What was sealed under this context.

    Raises:
        KeyFault: its key is not there.
        Tampered: it was changed, cut, or belongs elsewhere.
    """
    start = 1 + keys.IDENTIFIER
    if len(token) < start + NONCE + TAG or token[0] != VERSION:
        raise Tampered(_CHANGED)
    key = keys.key_of(token[1:start])
    try:
        return key.fields.decrypt(token[start : start + NONCE], token[start + NONCE :], context.encode())
    except InvalidTag:
        raise Tampered(_CHANGED) from None


def identifier_of(token: bytes) -> bytes:
    """Which key a column's token was sealed with."""
    return token[1 : 1 + keys.IDENTIFIER]


def is_sealed(head: bytes) -> bool:
    """Whether a kept file is sealed, from its first bytes."""
    return head.startswith(MAGIC)


def identifier_of_file(head: bytes) -> bytes:
    """Which key a file was sealed with, from its first bytes."""
    return head[len(MAGIC) : len(MAGIC) + keys.IDENTIFIER]


def seal_file(data: bytes, digest: str) -> bytes:
    """A file sealed for the store; `digest` is the SHA-256 of the plain content."""
    key = keys.ring().current
    salt = os.urandom(SALT)
    cipher = AESGCM(key.derived(b"file", salt))
    out = [MAGIC, key.identifier, salt]
    pieces = max(1, -(-len(data) // PIECE))
    for number in range(pieces):
        piece = data[number * PIECE : (number + 1) * PIECE]
        out.append(cipher.encrypt(_place(number, number == pieces - 1), piece, digest.encode()))
    return b"".join(out)


def unseal_file(data: bytes, digest: str) -> bytes:
    """The plain content of a sealed file. Raises KeyFault and Tampered."""
    import io

    return b"".join(pieces_of(io.BytesIO(data), digest))


def pieces_of(file: BinaryIO, digest: str) -> Iterator[bytes]:
    """The plain content piece by piece, each proven before it is given out; closes the file. Raises KeyFault, Tampered."""
    with file:
        head = file.read(HEAD)
        if len(head) < HEAD or not is_sealed(head):
            raise Tampered(_CHANGED)
        key = keys.key_of(identifier_of_file(head))
        cipher = AESGCM(key.derived(b"file", head[-SALT:]))
        piece = file.read(PIECE + TAG)
        number = 0
        while True:
            following = file.read(PIECE + TAG)
            try:
                yield cipher.decrypt(_place(number, not following), piece, digest.encode())
            except InvalidTag:
                raise Tampered(_CHANGED) from None
            if not following:
                return
            piece, number = following, number + 1


def _place(number: int, last: bool) -> bytes:
    """The nonce of a piece: its number, and whether it is the last; the key is used for this file alone."""
    return bytes(7) + number.to_bytes(4, "big") + bytes((last,))
