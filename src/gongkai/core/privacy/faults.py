"""What can go wrong with sealed data, each as a sentence for the person who meets it."""

from __future__ import annotations


class Fault(RuntimeError):
    """Sealed data cannot be read or written now; the message says why and what to do."""


class KeyFault(Fault):
    """A key is missing, damaged, or not the one the data was sealed with."""


class Tampered(Fault):
    """What is stored is not what was sealed, or not in this place."""
