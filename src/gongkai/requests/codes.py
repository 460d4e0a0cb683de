"""Query codes: the reader's key to the status page of one request. No account is needed, and numbers alone open nothing."""

from __future__ import annotations

import hmac
import secrets

from gongkai.core.privacy import fingerprint
from gongkai.requests.models import Request

# Without 0 and O, 1, I and L: read out on the telephone, a code still arrives.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10
_PURPOSE = "query code"


def new() -> str:
    """A fresh code of ten signs (about 49 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code as it is printed: ABCDE-FGHJK."""
    return f"{code[:5]}-{code[5:]}" if len(code) == LENGTH else code


def mark(code: str) -> str:
    """The keyed digest of a code; how it was typed (case, blanks, hyphen) does not matter."""
    return fingerprint(code[:60], _PURPOSE)


def find(number: str, code: str) -> Request | None:
    """The request with this number, if the code is its own; a wrong number and a wrong code look the same."""
    case = (
        Request.objects.select_related("unit", "clock").filter(number=number.strip().upper()[:40]).first()
        if number and "\x00" not in number
        else None
    )
    # The digest is made in either case, so that a wrong number takes as long as a wrong code.
    typed = mark(code)
    if case is None or not case.code_mark or not hmac.compare_digest(case.code_mark, typed):
        return None
    return case
