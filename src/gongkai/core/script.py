"""Simplified to traditional characters, by OpenCC."""

from __future__ import annotations

import re
from functools import cache

# What fields hold: it was typed, or is sent back as it stands. Turned into other signs it would come back as other words,
# names too, and find nothing.
_HELD = re.compile(r'(?<=\svalue=")[^"]*|(?<=>)[^<]*(?=</textarea>)')
# No page holds it; between the parts of a page it keeps their order while they are changed together.
_BETWEEN = "\x00"


@cache
def _converter():
    from opencc import OpenCC

    return OpenCC("s2t")


def to_traditional(text: str) -> str:
    """A page in traditional characters; the language mark is changed with it, what stands in form fields stays."""
    held = _HELD.findall(text)
    parts = _converter().convert(_BETWEEN.join(_HELD.split(text))).split(_BETWEEN)
    changed = "".join(part for pair in zip(parts, [*held, ""], strict=True) for part in pair)
    return changed.replace('lang="zh-Hans"', 'lang="zh-Hant"', 1)
