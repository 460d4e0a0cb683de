"""The acts of requests, one module per step. Importing the package registers them all."""

from gongkai.requests.acts import (
    afterwards,
    amending,
    applicant,
    assistance,
    delivery,
    extension,
    fees,
    handling,
    opinions,
    registration,
    reply,
    submission,
    supplement,
)

__all__ = [
    "afterwards",
    "amending",
    "applicant",
    "assistance",
    "delivery",
    "extension",
    "fees",
    "handling",
    "opinions",
    "registration",
    "reply",
    "submission",
    "supplement",
]
