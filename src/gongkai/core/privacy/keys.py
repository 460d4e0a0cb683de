"""The keys that personal data is sealed with: one in use, older ones still able to open.

They come from GONGKAI_PRIVACY_KEYS, else from the file GONGKAI_PRIVACY_KEY_FILE names, else from a file that is made in
the data directory at the first use. A key is 32 random bytes in base64; the first one listed seals, all of them open.
Losing the keys is losing the data.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from gongkai.core.privacy.faults import KeyFault

SIZE = 32
IDENTIFIER = 4
_HEAD = """# 个人信息密钥，每行一个，第一行用于加密，其余只用于解密。
# 丢失后，申请人的个人信息无法恢复。请另外保管一份，不要和备份放在一起。
"""


@dataclass(frozen=True)
class Key:
    """One key; what it is used for gets keys of its own, derived from it."""

    material: bytes

    @cached_property
    def identifier(self) -> bytes:
        """Four bytes that name the key without telling anything of it."""
        return hashlib.sha256(b"gongkai privacy key" + self.material).digest()[:IDENTIFIER]

    @property
    def name(self) -> str:
        """The identifier as people read it."""
        return self.identifier.hex()

    def derived(self, purpose: bytes, salt: bytes | None = None) -> bytes:
        """A key of 32 bytes for one purpose."""
        return HKDF(hashes.SHA256(), SIZE, salt, b"gongkai privacy " + purpose).derive(self.material)

    @cached_property
    def fields(self) -> AESGCM:
        """Seals columns of the database."""
        return AESGCM(self.derived(b"fields"))

    @property
    def text(self) -> str:
        """As it stands in a file or variable."""
        return base64.urlsafe_b64encode(self.material).decode("ascii")


@dataclass(frozen=True)
class Ring:
    """All keys of the installation, the one in use first."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    def find(self, identifier: bytes) -> Key | None:
        """The key with this identifier."""
        return next((key for key in self.keys if key.identifier == identifier), None)


_lock = threading.Lock()
_known: tuple[object, Ring] | None = None


def path() -> Path:
    """Where the key file lies: GONGKAI_PRIVACY_KEY_FILE, else in the data directory."""
    given = settings.GONGKAI_PRIVACY_KEY_FILE
    return Path(given) if given else settings.DATA_DIR / "privacy-keys"


def given_by_variable() -> bool:
    """Whether the keys come from GONGKAI_PRIVACY_KEYS."""
    return bool(settings.GONGKAI_PRIVACY_KEYS)


def ring() -> Ring:
    """The keys, read again whenever file or variable changed; made at the first use of a new installation.

    Raises:
        KeyFault: a key is malformed, the file cannot be read, or it is gone although data was sealed.
    """
    global _known
    source = _source()
    held = _known
    if held is not None and held[0] == source and source is not None:
        return held[1]
    with _lock:
        if source is None:
            _make_first()
            source = _source()
        texts = settings.GONGKAI_PRIVACY_KEYS if given_by_variable() else _lines()
        found = Ring(tuple(_parse(text) for text in texts))
        if not found.keys:
            raise KeyFault(f"个人信息密钥文件 {path()} 是空的。请从保管处恢复。")
        _known = (source, found)
    return found


def key_of(identifier: bytes) -> Key:
    """The key something was sealed with.

    Raises:
        KeyFault: it is not among the keys of this installation.
    """
    found = ring().find(identifier)
    if found is None:
        raise KeyFault(
            f"这项个人信息是用密钥 {identifier.hex()} 加密的，本机没有这个密钥，暂时打不开。请系统管理员从保管处恢复。"
        )
    return found


def add_new() -> Key:
    """Make a key and put it first in the file; older ones stay.

    Raises:
        KeyFault: keys are given by variable, so that no file is read.
    """
    if given_by_variable():
        raise KeyFault("密钥由 GONGKAI_PRIVACY_KEYS 给出，请在那里把新密钥加在最前面。")
    held = ring().keys if path().exists() else ()
    fresh = Key(os.urandom(SIZE))
    place = path()
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    _write(aside, [fresh, *held])
    aside.replace(place)
    return fresh


def _source() -> object:
    """What the keys depend on; None when they have to be made."""
    if given_by_variable():
        return tuple(settings.GONGKAI_PRIVACY_KEYS)
    try:
        told = path().stat()
    except FileNotFoundError:
        if settings.GONGKAI_PRIVACY_KEY_FILE:
            raise KeyFault(f"没有个人信息密钥文件 {path()}。请检查 GONGKAI_PRIVACY_KEY_FILE。") from None
        return None
    return str(path()), told.st_mtime_ns, told.st_ino, told.st_size


def _lines() -> list[str]:
    try:
        text = path().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFault(f"读不了个人信息密钥文件 {path()}。请检查属主和权限，或从保管处恢复。") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _parse(text: str) -> Key:
    try:
        material = base64.urlsafe_b64decode(text.strip().encode("ascii"))
    except (binascii.Error, ValueError):
        material = b""
    if len(material) != SIZE:
        where = "GONGKAI_PRIVACY_KEYS" if given_by_variable() else str(path())
        raise KeyFault(f"{where} 里有写错的个人信息密钥，应为32字节的 base64。请从保管处恢复。")
    return Key(material)


def _make_first() -> None:
    from gongkai.core.privacy import inventory

    place = path()
    if inventory.anything_sealed():
        # What was found may have been sealed just now, with the key that another process has made meanwhile.
        if place.exists():
            return
        raise KeyFault(f"个人信息密钥文件 {place} 不见了。请从保管处恢复原来的文件，不能换新的。")
    place.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, the first one's key stays.
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    _write(aside, [Key(os.urandom(SIZE))])
    try:
        os.link(aside, place)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _write(place: Path, keys: list[Key]) -> None:
    descriptor = os.open(place, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(f"{key.text}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
