"""Folding: every way of writing the same words becomes one, before indexing and before searching.

Traditional characters become simplified, full-width signs half-width, letters small, all brackets around a year the
same, blanks between Chinese characters vanish. What remains is cut into *atoms*: a Chinese character (or any other sign
that is no separator) is one, a run of letters and digits is one. *Runs* are atoms without a separator between them.

`haystack` writes the runs so that plain substring search over it means "these atoms in a row": the definition against
which both implementations of the index are tested.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

# Around a run of letters and digits, so that 26年 is not found inside 2026年.
EDGE = "\x1f"
# Between runs.
GAP = "\n"

_YEAR_IN_BRACKETS = re.compile(r"[〔\[【﹝(][ \t]*((?:19|20)\d\d)[ \t]*年?[ \t]*[〕\]】﹞)][ \t]*(?:第[ \t]*)?(?=\d)")
_BLANK_BETWEEN_SIGNS = re.compile(r"(?<=[^\x00-\x7f])[ \t]+(?=[^\x00-\x7f])")
_RUNS = re.compile(r"(?:[^\W_]+|〔\d{4}〕)+")
_ATOMS = re.compile(r"[a-z0-9]{1,64}|.", re.DOTALL)


@cache
def table() -> dict[int, str | None]:
    """Sign -> what it is folded to, for all signs that change; made once from OpenCC and Unicode."""
    from opencc import OpenCC

    found: dict[int, str | None] = {}
    for start, end in ((0x00A0, 0x3400), (0xF900, 0xFB00), (0xFE30, 0xFFEF)):
        for code in range(start, end):
            sign = chr(code)
            folded = unicodedata.normalize("NFKC", sign).lower()
            if folded != sign:
                found[code] = folded
    han = [chr(code) for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for code in range(start, end)]
    for sign, folded in zip(han, OpenCC("t2s").convert(GAP.join(han)).split(GAP), strict=True):
        if folded != sign:
            found[ord(sign)] = folded
    for code in range(0x41, 0x5B):
        found[code] = chr(code + 0x20)
    for code in (*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0)):
        found[code] = " "
    # Signs without width, marks of direction, surrogates that belong to nothing.
    for code in (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF):
        found[code] = None
    for code in range(0xD800, 0xE000):
        found[code] = " "
    found[0x3007] = "零"
    found[0x3000] = " "
    return found


@cache
def _changing() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for the signs that change, and what they become. Most signs do not: this is many times faster than
    `str.translate`, which looks every sign up."""
    found = {chr(code): folded or "" for code, folded in table().items()}
    return re.compile(f"[{re.escape(''.join(found))}]"), found


def fold(text: str) -> str:
    """The text in its one way of writing; lines stay lines."""
    changing, folding = _changing()
    folded = changing.sub(lambda sign: folding[sign[0]], text)
    if " " in folded or "\t" in folded:
        folded = _BLANK_BETWEEN_SIGNS.sub("", folded)
    folded = _YEAR_IN_BRACKETS.sub(r"〔\1〕", folded)
    return re.sub("[ \t]+〔", "〔", folded) if " 〔" in folded or "\t〔" in folded else folded


def runs(folded: str) -> list[str]:
    """Stretches of folded text without separators."""
    return _RUNS.findall(folded)


def atoms(run: str) -> Sequence[str]:
    """The atoms of a run; a run without letters and digits is the row of its signs as it stands."""
    return _ATOMS.findall(run) if _ALPHANUMERIC.search(run) else run


_ALPHANUMERIC = re.compile(r"[a-z0-9]")


def spell(parts: Iterable[str]) -> str:
    """Atoms in a row, as they stand in a haystack."""
    if isinstance(parts, str):
        return parts
    return "".join(f"{EDGE}{part}{EDGE}" if part[0].isascii() else part for part in parts)


def haystack(folded: str) -> str:
    """All runs of a folded text, to be searched by substring with what `spell` gives."""
    return GAP.join(spell(atoms(run)) for run in runs(folded))


def pairs(parts: Sequence[str]) -> list[str]:
    """Overlapping pairs of atoms."""
    return [first + second for first, second in pairwise(parts)]


def has_letters(text: str) -> bool:
    """Whether letters or digits stand in a folded text."""
    return _ALPHANUMERIC.search(text) is not None


def paired(folded_runs: Iterable[str]) -> str:
    """The terms of runs in their order, parted by blanks: pairs of atoms, and before and after each run its outermost
    atom alone.

    So every atom begins a term (`beginning` finds it), and pairs of two runs never stand two places apart.
    """
    plain, mixed = [""], []
    for run in folded_runs:
        if _ALPHANUMERIC.search(run):
            parts = _ATOMS.findall(run)
            mixed += [parts[0], *pairs(parts), parts[-1]]
        else:
            plain.append(run)
    plain.append("")
    # Slices of an array are moved as a whole: many times faster than a loop over signs.
    signs = array("I", " ".join(plain).encode("utf-32-le"))
    number = max(0, len(signs) - 1)
    out = array("I", [0x20]) * (3 * number)
    out[0::3], out[1::3] = signs[:-1], signs[1:]
    return " ".join((out.tobytes().decode("utf-32-le"), *mixed))


def beginning(atom: str) -> str:
    """A pattern for the terms of `paired` that begin with an atom."""
    return rf"{re.escape(atom)}([^a-z0-9].*)?" if atom[0].isascii() else rf"{re.escape(atom)}.*"


def words(folded_runs: Iterable[str]) -> list[str]:
    """The words of runs, as the dictionary knows them."""
    import rjieba

    return [word for word in rjieba.cut(GAP.join(folded_runs), False) if word != GAP]
