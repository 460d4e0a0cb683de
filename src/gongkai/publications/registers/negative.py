"""What drafting asks of negative lists: which entries a unit may name, and whether what was typed is one of them."""

from __future__ import annotations

import re

from gongkai.publications.registers.models import NegativeList, RegisterVersion


def _rows(unit_id: int | None) -> list[dict[str, str]]:
    if unit_id is None:
        return []
    version = RegisterVersion.objects.filter(kind=NegativeList.KIND, unit=unit_id, current=True).only("content").first()
    return version.content.get("rows", []) if version else []


def entries_for(unit_id: int | None) -> list[tuple[str, str]]:
    """(value, words) of a unit's public entries, as choices of a field; the value is what `negative_entry` keeps."""
    return [(f"{row['code']} {row['name']}"[:120], f"{row['name']}（{row['basis']}）") for row in _rows(unit_id)]


def check_entry(unit_id: int | None, typed: str, ground: str = "") -> str:
    """What is wrong with the entry that was typed, in words; empty when it may stand.

    A unit without a public list is not asked: there is nothing to name. The entry is named by number or name, and its
    ground must be the one that was chosen for the document.
    """
    typed = typed.strip()
    rows = _rows(unit_id)
    if not typed or not rows:
        return ""
    for row in rows:
        names = {row["code"], row["name"], f"{row['code']} {row['name']}"[:120]}
        if typed in names or re.sub(r"\s+", "", typed) in {re.sub(r"\s+", "", name) for name in names}:
            if ground and row["ground"] != ground:
                return f"负面清单条目“{row['name']}”的法定情形和所选的不一致。请核对。"
            return ""
    return f"“{typed}”不在本单位公布的负面清单里。请填条目的编号或名称，或者留空。"
