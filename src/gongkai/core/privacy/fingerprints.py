"""Fingerprints: the same value gives the same sign, and without our secret nobody can tell which value it was.

The secret is made once, lies sealed in the database, and stays when keys are changed, so that fingerprints stay too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from django.db import transaction

_NAME = "fingerprints"
_JOINTS = re.compile(r"[\s\-‐‑–—.·()]+|[\u200b-\u200f\u2060\ufeff]")
_COUNTRY = re.compile(r"^(?:\+|00)86(?=1\d{10}$)")
_secret: bytes | None = None


def normal(value: str) -> str:
    """A number as it is compared: full-width signs, spaces, hyphens, case and +86 do not matter."""
    text = _JOINTS.sub("", unicodedata.normalize("NFKC", value)).upper()
    return _COUNTRY.sub("", text)


def fingerprint(value: str, purpose: str = "") -> str:
    """64 hexadecimal signs for a value, the same for every spelling of it; empty for an empty value.

    Args:
        value: an identity number, credit code, telephone number or mail address.
        purpose: keeps fingerprints of different things apart; compare only within one purpose.
    """
    text = normal(value or "")
    if not text:
        return ""
    return hmac.new(_key(), f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()


def forget() -> None:
    """Read the secret anew; for tests and after a restore."""
    global _secret
    _secret = None


def _key() -> bytes:
    if _secret is not None:
        return _secret
    from gongkai.core.privacy.models import Secret

    row, _ = Secret.objects.get_or_create(name=_NAME, defaults={"value": secrets.token_hex(32)})
    found = bytes.fromhex(row.value)
    # Remembered only once it is sure to be in the database: a rolled back secret must not outlive its row.
    transaction.on_commit(lambda: _remember(found))
    return found


def _remember(found: bytes) -> None:
    global _secret
    _secret = found
