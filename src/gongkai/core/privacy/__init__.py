"""Personal data: sealed where it lies, masked where it is listed, shown by need, and each look at it recorded.

Rooms keep it in `fields.SealedTextField` and `fields.SealedJSONField`, find the same person again by `fingerprint`, name the
private fields of their acts in `Act.private`, register what a case page may show (`register`), and say from when on it may
be erased (`retention.register`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gongkai.core.privacy.faults import Fault, KeyFault, Tampered
from gongkai.core.privacy.fingerprints import fingerprint

if TYPE_CHECKING:
    from gongkai.core.privacy.showing import NotShown, looked, may_open, may_see, part, register, reveal, sealed_opens

__all__ = [
    "Fault",
    "KeyFault",
    "NotShown",
    "Tampered",
    "fingerprint",
    "looked",
    "may_open",
    "may_see",
    "part",
    "register",
    "reveal",
    "sealed_opens",
]


def __getattr__(name: str) -> Any:
    """What stands on models is loaded when it is asked for: models themselves import the fields of this package."""
    if name in __all__:
        from gongkai.core.privacy import showing

        return getattr(showing, name)
    raise AttributeError(name)
