"""Masks: what lists, exports and screens show of personal data before anybody asked to see it.

Forms of the masks: the table of mask vectors (PIPL art. 6, 28; local circulars on masking). Pure functions.
"""

from __future__ import annotations

import re

from gongkai.screening import masking

_MOBILE = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d)(\d{4})(\d{4})")
_HIDDEN = "***"


def name(text: str) -> str:
    """张某, 李某某, 欧阳某某; empty stays empty."""
    text = text.strip()
    return masking.mask_name(text) if text else ""


def identity(text: str) -> str:
    """110105********002X; shorter documents keep two signs in front and two behind."""
    text = text.strip()
    if len(text) in (15, 18):
        return masking.mask_identity(text)
    return _ends(text, 2, 2)


def phone(text: str) -> str:
    """138****8000 for a mobile telephone, 0591-****1234 for another one."""
    text = text.strip()
    mobile = _MOBILE.fullmatch(text)
    if mobile:
        return f"{mobile[1]}****{mobile[3]}"
    digits = re.sub(r"\D", "", text)
    if text.startswith("0") and len(digits) >= 10:
        return masking.mask_landline(text)
    return f"****{digits[-4:]}" if len(digits) >= 7 else _HIDDEN if text else ""


def email(text: str) -> str:
    """z***@example.cn."""
    text = text.strip()
    if "@" not in text:
        return _HIDDEN if text else ""
    return masking.mask_email(text)


def address(text: str) -> str:
    """Down to town or street office: 临江市云溪区桥头街道."""
    text = text.strip()
    return masking.mask_address(text) if text else ""


def credit_code(text: str) -> str:
    """91************0Y43: an organisation's code is public, that of a one-person business leads to the person."""
    return _ends(text.strip(), 2, 4)


def organisation(text: str) -> str:
    """Names of organisations are public and stay."""
    return text.strip()


def anything(text: str) -> str:
    """A value of no known kind: only that there is one."""
    return _HIDDEN if text.strip() else ""


def _ends(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return _HIDDEN if text else ""
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]
