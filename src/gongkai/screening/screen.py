"""Screening: every detector over every part, and the hits in the order of the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from gongkai.screening import wording
from gongkai.screening.folding import Joined, fold, join
from gongkai.screening.hits import Finding, Hit
from gongkai.screening.numbers import find_numbers
from gongkai.screening.parts import Part
from gongkai.screening.people import find_people
from gongkai.screening.secrecy import find_secrecy

_CONTEXT = 16
_LINE_END = re.compile("\n")
_BARE = re.compile("[^0-9A-Za-z@\u3400-\u9fff]+")
# Of two findings on the same words the surer one stays.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        [
            "minor",
            "identity",
            "identity_suspect",
            "bank",
            "mobile",
            "email",
            "messenger",
            "landline",
            "passport",
            "plate",
            "credit_code",
            "address",
        ]
    )
}


def screen(
    parts: Sequence[Part],
    *,
    wordings: Iterable[wording.Wording] = wording.DEFAULT,
    allow: Collection[str] = (),
    today: date | None = None,
) -> list[Hit]:
    """Find what must not be published, in the order of the parts; the same parts give the same hits.

    `allow` holds what the office itself publishes (telephone numbers, mail addresses, documents' phrases); separators
    in it do not matter. `today` decides who is a minor; the default is the day of the call.
    Bases: 政府信息公开条例 articles 14, 15; 个人信息保护法 articles 25, 28, 31; 保守国家秘密法 article 35.
    """
    joined = join(parts)
    allowed = {_bare(item) for item in allow} - {""}
    day = today or date.today()
    findings = [*find_numbers(joined, day), *find_people(joined, day)]
    findings = _strongest(findings)
    findings += find_secrecy(joined)
    findings += find_wordings_once(joined, wordings)
    lines = _Lines(parts)
    found = (_hit(joined, finding, lines) for finding in findings)
    hits = [hit for hit in found if hit and _bare(hit.found) not in allowed]
    hits += _special(parts)
    hits.sort(key=lambda hit: (hit.index, hit.start, hit.end, hit.kind))
    return hits


def screen_text(text: str, **options: object) -> list[Hit]:
    """Screen one text, such as a field of a form."""
    return screen([Part("正文", text)], **options)  # type: ignore[arg-type]


def find_wordings_once(joined: Joined, wordings: Iterable[wording.Wording]) -> list[Finding]:
    """The findings of a wording list, without doubles where entries contain each other: the longer one stays."""
    found = sorted(wording.find_wordings(joined, wordings), key=lambda item: (item.start, item.start - item.end))
    kept: list[Finding] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _bare(text: str) -> str:
    return _BARE.sub("", fold(text)).upper()


def _strongest(findings: list[Finding]) -> list[Finding]:
    """Of findings that overlap, the one of the stronger kind; of the same kind, the longer one."""
    findings.sort(key=lambda item: (item.start, -item.end))
    kept: list[Finding] = []
    for item in findings:
        if kept and item.start < kept[-1].end:
            if _strength(item) >= _strength(kept[-1]):
                continue
            kept.pop()
        kept.append(item)
    return kept


def _strength(finding: Finding) -> tuple[int, int]:
    return _RANK.get(finding.kind, 99), finding.start - finding.end


def _hit(joined: Joined, finding: Finding, lines: _Lines) -> Hit | None:
    index, start, end = joined.locate(finding.start, finding.end)
    part = joined.parts[index]
    if not 0 <= start < end:
        return None
    left, right = max(0, start - _CONTEXT), min(len(part.text), end + _CONTEXT)
    excerpt = " ".join(part.text[left:right].split())
    excerpt = ("…" if left else "") + excerpt + ("…" if right < len(part.text) else "")
    found = part.text[start:end]
    return Hit(
        finding.kind,
        lines.place(index, start),
        start,
        end,
        excerpt,
        found,
        finding.explanation,
        finding.severity,
        finding.mask,
        index,
    )


class _Lines:
    """The place of a hit with its line, where a part has several; each part is counted through once."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.ends: dict[int, list[int]] = {}

    def place(self, index: int, start: int) -> str:
        part = self.parts[index]
        if "\n" not in part.text:
            return part.place
        if index not in self.ends:
            self.ends[index] = [match.start() for match in _LINE_END.finditer(part.text)]
        return f"{part.place}第{bisect_left(self.ends[index], start) + 1}行"


def _special(parts: Sequence[Part]) -> Iterator[Hit]:
    """What no pattern finds: text under a box, and what a machine cannot read."""
    for index, part in enumerate(parts):
        words = " ".join(part.text[: 2 * _CONTEXT].split())
        if part.kind == "unchecked":
            yield Hit("unchecked", part.place, 0, 0, "", "", part.text, "check", None, index)
        elif part.kind == "covered" and words:
            why = "这些文字被色块盖住，但复制一下就能看到。请在原稿里删掉文字，再重新生成文件。"
            yield Hit("covered", part.place, 0, len(part.text), words, part.text, why, "must", None, index)
