"""The key of the log: made once, readable by the owner only, and named after the log's address for ever."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from gongkai.proof.notes import NoteError, Signer, Verifier


class KeyFault(RuntimeError):
    """The key of the log cannot be used; the message says why and what to do."""


def path() -> Path:
    """Where the key lies: GONGKAI_LOG_KEY, else in the data directory."""
    return Path(settings.GONGKAI_LOG_KEY) if settings.GONGKAI_LOG_KEY else settings.DATA_DIR / "log-key"


def origin() -> str:
    """The name a new log gets: its public address without scheme, as the formats ask."""
    parts = urlsplit(settings.GONGKAI_PUBLIC_ADDRESS)
    return f"{parts.netloc}{parts.path}/tlog"


def signer() -> Signer:
    """The log's signing key, made at the first use.

    Raises:
        KeyFault: the file is damaged, or GONGKAI_LOG_KEY names none.
    """
    place = path()
    if not place.exists():
        if settings.GONGKAI_LOG_KEY:
            raise KeyFault(f"没有存证密钥 {place}。请检查 GONGKAI_LOG_KEY。")
        _make(place)
    try:
        return Signer.parse(place.read_text(encoding="utf-8"))
    except (NoteError, UnicodeDecodeError) as error:
        raise KeyFault(f"存证密钥 {place} 已损坏。请从保管处恢复。") from error


def verifier() -> Verifier:
    """The key that readers verify with."""
    return signer().verifier


def witnesses() -> tuple[Verifier, ...]:
    """The witnesses whose cosignatures are shown; KeyFault when a key in GONGKAI_LOG_WITNESSES is malformed."""
    try:
        return tuple(Verifier.parse(words) for words in settings.GONGKAI_LOG_WITNESSES)
    except NoteError as error:
        raise KeyFault("GONGKAI_LOG_WITNESSES 里有写错的公钥，应为 名称+编号+密钥。") from error


def _make(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, the first one's key stays.
    aside = place.with_name(f"{place.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(Signer.generate(origin()).write() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, place)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
