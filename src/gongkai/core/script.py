"""Simplified to traditional characters, by OpenCC."""

from __future__ import annotations

from functools import cache


@cache
def _converter():
    from opencc import OpenCC

    return OpenCC("s2t")


def to_traditional(text: str) -> str:
    """The text in traditional characters; the language mark of a page is changed with it."""
    return _converter().convert(text).replace('lang="zh-Hans"', 'lang="zh-Hant"', 1)
