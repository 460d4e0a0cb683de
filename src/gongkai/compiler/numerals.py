"""Numbers as notices write them: 12, １２, 十二, 两, 百分之九十五."""

from __future__ import annotations

DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
NUMBER = r"(?:\d{1,6}(?:\.\d{1,4})?|[一二两三四五六七八九十百]{1,5}|半)"


def to_int(text: str) -> int | None:
    """The whole number that `text` writes in Arabic or Chinese numerals, else None."""
    text = text.strip()
    if not text:
        return None
    if text.isascii():
        return int(text) if text.isdigit() and len(text) <= 9 else None
    if all(character in DIGITS for character in text):
        return int("".join(str(DIGITS[character]) for character in text)) if len(text) <= 9 else None
    total, current = 0, 0
    for character in text:
        if character in DIGITS:
            current = DIGITS[character]
        elif character in UNITS:
            total += (current or 1) * UNITS[character]
            current = 0
        else:
            return None
    return total + current


def to_number(text: str) -> float | int | None:
    """Like `to_int`, and decimals too."""
    whole = to_int(text)
    if whole is not None:
        return whole
    try:
        return float(text) if text.isascii() and len(text) <= 12 else None
    except ValueError:
        return None
