"""Signed notes (c2sp.org/signed-note): text signed by named Ed25519 keys, and cosignatures of witnesses (tlog-cosignature).

A key is written as one line: `name+id+base64` for verifying, `PRIVATE+KEY+name+id+base64` for signing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
_DASH = "— "
_MOST_SIGNATURES = 100
_LARGEST_NOTE = 1 << 20


class NoteError(ValueError):
    """A note or key is malformed, or a signature of a known key is wrong."""


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256 over name, newline, kind of signature and public key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> str:
    """The name of a key, unless it is empty or has spaces or a plus sign."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteError(f"{name!r} cannot be the name of a key")
    return name


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key that verifies: name, kind of signature, 32 bytes of public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    @classmethod
    def parse(cls, words: str) -> Verifier:
        """Read `name+id+base64`; NoteError when it is malformed, of another kind, or the id does not fit."""
        parts = words.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteError("a verifier key has three parts, joined by plus signs")
        kind, public = _material(parts[2])
        key = cls(check_name(parts[0]), kind, public)
        if key.id.hex() != parts[1]:
            raise NoteError("the id of the verifier key does not fit the key")
        return key

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature (without key id) is this key's over the text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            message = cosigned(text, int.from_bytes(signature[:8], "big"))
            signature = signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs: name, kind of signature, 32 bytes of seed."""

    name: str
    kind: int
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Signer:
        """A new key."""
        return cls(check_name(name), kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, words: str) -> Signer:
        """Read `PRIVATE+KEY+name+id+base64`; NoteError when it is malformed."""
        parts = words.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise NoteError("a signing key begins with PRIVATE+KEY and has five parts, joined by plus signs")
        kind, seed = _material(parts[4])
        key = cls(check_name(parts[2]), kind, seed)
        if key.verifier.id.hex() != parts[3]:
            raise NoteError("the id of the signing key does not fit the key")
        return key

    @property
    def verifier(self) -> Verifier:
        """The key that verifies what this one signs."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Verifier(self.name, self.kind, public)

    def write(self) -> str:
        """The key as one line, to be kept secret."""
        material = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{material}"

    def sign(self, text: str, *, time: int | None = None) -> Signature:
        """A signature of the text; a cosignature needs the time in seconds since 1970.

        Raises:
            ValueError: a cosignature without time.
        """
        message, stamp = text.encode(), b""
        if self.kind == COSIGNATURE:
            if time is None:
                raise ValueError("a cosignature tells its time")
            message, stamp = cosigned(text, time), time.to_bytes(8, "big")
        signed = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)
        return Signature(self.name, self.verifier.id, stamp + signed)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note: name of the key, its id, and the bytes signed."""

    name: str
    key: bytes
    signed: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key + self.signed).decode()}\n"

    @property
    def time(self) -> int:
        """When a cosignature was made, in seconds since 1970."""
        return int.from_bytes(self.signed[:8], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures below it; `verified` are those of known keys, all of them right."""

    text: str
    signatures: tuple[Signature, ...] = ()
    verified: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(signature) for signature in self.signatures)


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs: a head, the time, and the note's text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _material(words: str) -> tuple[int, bytes]:
    try:
        data = base64.b64decode(words, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("the key is not base64") from error
    if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
        raise NoteError("the key is no Ed25519 key")
    return data[0], data[1:]


def parse(data: bytes | str) -> Note:
    """Split a note into text and signatures without verifying; NoteError when it is malformed."""
    if isinstance(data, bytes):
        if len(data) > _LARGEST_NOTE:
            raise NoteError("the note is too long")
        try:
            data = data.decode()
        except UnicodeDecodeError as error:
            raise NoteError("the note is not UTF-8") from error
    if any(ord(character) < 0x20 and character != "\n" for character in data):
        raise NoteError("the note has control characters")
    at = data.rfind("\n\n")
    if at < 0 or not data.endswith("\n"):
        raise NoteError("the note has no signatures")
    lines = data[at + 2 :].split("\n")[:-1]
    if not lines or len(lines) > _MOST_SIGNATURES:
        raise NoteError(f"a note has 1 to {_MOST_SIGNATURES} signatures, this one has {len(lines)}")
    return Note(data[: at + 1], tuple(parse_signature(line) for line in lines))


def parse_signature(line: str) -> Signature:
    """Read one signature line; NoteError when it is malformed."""
    name, _, encoded = line.removeprefix(_DASH).rstrip("\n").partition(" ")
    if not line.startswith(_DASH):
        raise NoteError("a signature line begins with a dash")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("a signature is not base64") from error
    if len(data) < 5:
        raise NoteError("a signature is too short")
    return Signature(check_name(name), data[:4], data[4:])


def open_note(data: bytes | str, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and verify it: at least one known key signed it, and no known key's signature is wrong.

    Raises:
        NoteError: malformed, signed by nobody known, or a wrong signature.
    """
    note = parse(data)
    known = {(key.name, key.id): key for key in verifiers}
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in note.signatures:
        place = (signature.name, signature.key)
        key = known.get(place)
        if key is None or place in verified:
            continue
        if not key.verifies(note.text, signature.signed):
            raise NoteError(f"the signature of {signature.name} is wrong")
        verified[place] = signature
    if not verified:
        raise NoteError("no known key has signed the note")
    return Note(note.text, note.signatures, tuple(verified.values()))
