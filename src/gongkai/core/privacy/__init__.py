"""Personal data: sealed where it lies, masked where it is listed, shown by need, and each look at it recorded.

Rooms keep it in `fields.SealedTextField` and `fields.SealedJSONField`, find the same person again by `fingerprint`, name the
private fields of their acts in `Act.private`, register what a case page may show (`register`), and say from when on it may
be erased (`retention.register`).
"""

from gongkai.core.privacy.faults import Fault, KeyFault, Tampered
from gongkai.core.privacy.fingerprints import fingerprint

__all__ = ["Fault", "KeyFault", "Tampered", "fingerprint"]
