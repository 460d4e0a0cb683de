"""Check characters of identifiers: GB 32100 (统一社会信用代码), GB 11714 (组织机构代码), GB 11643 (公民身份号码)."""

from __future__ import annotations

import re

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {sign: value for value, sign in enumerate(_CREDIT_ALPHABET)}
_CREDIT_SHAPE = re.compile(rf"[{_CREDIT_ALPHABET}]{{2}}\d{{6}}[{_CREDIT_ALPHABET}]{{10}}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_SHAPE = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)


def credit_code_check(body: str) -> str:
    """The 18th character of a unified social credit code from its first 17 (GB 32100). Raises ValueError.

    Weights are the powers of 3 modulo 31; the letters I, O, S, V, Z do not occur.
    """
    if len(body) != 17 or any(sign not in _CREDIT_VALUES for sign in body):
        raise ValueError("统一社会信用代码的前17位应为数字或大写字母（不含I、O、S、V、Z）。")
    total = sum(_CREDIT_VALUES[sign] * pow(3, place, 31) for place, sign in enumerate(body))
    return _CREDIT_ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Whether the text is an 18-character unified social credit code with the right check character (GB 32100)."""
    return _CREDIT_SHAPE.fullmatch(text) is not None and credit_code_check(text[:17]) == text[17]


def organisation_code_check(body: str) -> str:
    """The 9th character of an organisation code from its first 8 (GB 11714). Raises ValueError."""
    if not re.fullmatch(r"[0-9A-Z]{8}", body):
        raise ValueError("组织机构代码的前8位应为数字或大写字母。")
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def is_organisation_code(text: str) -> bool:
    """Whether the text is a 9-character organisation code, with or without hyphen, and checks (GB 11714)."""
    match = re.fullmatch(r"([0-9A-Z]{8})-?([0-9X])", text)
    return match is not None and organisation_code_check(match[1]) == match[2]


def identity_number_check(body: str) -> str:
    """The 18th character of an identity number from its first 17 digits (GB 11643). Raises ValueError."""
    if not re.fullmatch(r"\d{17}", body, re.ASCII):
        raise ValueError("公民身份号码的前17位应为数字。")
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def is_identity_number(text: str) -> bool:
    """Whether an identity number has 18 characters and checks (GB 11643); the date in it is not judged."""
    text = text.upper()
    return _IDENTITY_SHAPE.fullmatch(text) is not None and identity_number_check(text[:17]) == text[17]
