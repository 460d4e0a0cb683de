"""The document to be rendered, and its parts in the order of paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from gongkai.core.days import day_words
from gongkai.publications.body import flow, without_head
from gongkai.publications.body.flow import Block
from gongkai.publications.body.recognise import is_date_line
from gongkai.publications.body.runs import Run, tidy, words

_LEAD = re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）][^。]{1,40}。")


class RenditionError(Exception):
    """The document cannot be rendered here; the message says, in Chinese, why and what to do."""


def _no_image(sha256: str) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class Fonts:
    """Names of the fonts of GB/T 9704-2012; where one is missing, Word and PDF take the next serif font they have."""

    title: str = "方正小标宋简体"
    body: str = "仿宋_GB2312"
    heading: str = "黑体"
    second: str = "楷体_GB2312"
    number: str = "宋体"


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """A public document as it stands on paper.

    `html` is a sanitised body; what it already says (recipients, signature ...) is not said again from the fields. `mark` is the red
    head, by default the issuing body with 文件 where the document has a number. `image` gives the bytes of `attachment:<sha256>`.
    `details` are further lines (label, value) for the head of the plain text.
    """

    title: str
    html: str
    number: str = ""
    issuing_body: str = ""
    made: date | None = None
    recipients: str = ""
    enclosures: tuple[str, ...] = ()
    signature: str = ""
    note: str = ""
    copy_to: str = ""
    printed_by: str = ""
    printed: date | None = None
    mark: str | None = None
    image: Callable[[str], bytes | None] = field(default=_no_image, repr=False)
    details: tuple[tuple[str, str], ...] = ()
    language: str = "zh-Hans"

    @property
    def head(self) -> str:
        """The words of the red head; empty for a document without one."""
        if self.mark is not None:
            return self.mark
        if not (self.issuing_body and self.number):
            return ""
        return self.issuing_body if self.issuing_body.endswith("文件") else f"{self.issuing_body}文件"


def parts(document: OfficialDocument) -> list[Block]:
    """The blocks between title and 版记: the body, with what it does not say itself put in its place."""
    html = without_head(document.html, document.title, document.number, document.issuing_body)
    blocks = flow.blocks_of(flow.parse(html))
    said = {kind for block in blocks for kind in block.classes}
    addressed = any(_addresses(block, document.recipients) for block in blocks[:3])
    front: list[Block] = []
    if document.recipients and not addressed:
        front.append(_line(document.recipients.rstrip("：:") + "：", "flush"))
    tail: list[Block] = []
    if document.enclosures and "enclosure" not in said:
        tail += _enclosures(document.enclosures)
    if "sign" not in said:
        tail += [_line(name, "sign") for name in document.signature.split("\n") if name.strip()]
        tail += [_line(day_words(document.made), "sign")] if document.made and document.signature else []
    if document.note and "note" not in said:
        tail.append(_line(f"（{document.note.strip('（）()')}）", "note"))
    end = next(
        (n for n, block in enumerate(blocks) if n and block.classes & {"ttl", "page"} and block.tag != "h3"),
        len(blocks),
    )
    notes = next((n for n, block in enumerate(blocks[:end]) if block.raw.startswith('<ol class="notes"')), end)
    return [*front, *blocks[:notes], *tail, *blocks[notes:]]


def _addresses(block: Block, recipients: str) -> bool:
    text = "".join(block.text.split())
    named = text.rstrip("：:") == "".join(recipients.split()).rstrip("：:")
    return named or ("flush" in block.classes and text.endswith(("：", ":")))


def columns_of(raw: str) -> int:
    """How many columns a table has, judged by its widest row."""
    rows = flow.parse(raw).iter("tr")
    return max((sum(int(cell.get("colspan") or 1) for cell in row) for row in rows), default=0)


def imprint(document: OfficialDocument) -> list[tuple[str, str]]:
    """The lines of 版记: (words, what stands at the right end)."""
    lines = []
    if document.copy_to:
        lines.append((f"抄送：{document.copy_to.rstrip('。')}。", ""))
    if document.printed_by:
        lines.append((document.printed_by, f"{day_words(document.printed)}印发" if document.printed else ""))
    return lines


def _line(text: str, kind: str) -> Block:
    return Block("p", tidy([Run(text)]), {kind})


def _enclosures(names: tuple[str, ...]) -> list[Block]:
    if len(names) == 1:
        return [_line(f"附件：{names[0]}", "enclosure")]
    return [_line(f"{'附件：' if n == 1 else ''}{n}．{name}", "enclosure") for n, name in enumerate(names, 1)]


def lead_of(block: Block) -> int:
    """How many characters at the head of a paragraph are its title （一）…。, set in 楷体; 0 where there is none."""
    match = _LEAD.match(words(block.runs)) if block.tag == "p" else None
    return len(match[0]) if match else 0


def split_runs(runs: list[Run], length: int) -> tuple[list[Run], list[Run]]:
    """The first `length` characters of runs, and the rest."""
    head: list[Run] = []
    rest: list[Run] = []
    for run in runs:
        if length <= 0 or run.picture is not None:
            rest.append(run)
        elif len(run.text) <= length:
            head.append(run)
            length -= len(run.text)
        else:
            head.append(replace(run, text=run.text[:length]))
            rest.append(replace(run, text=run.text[length:]))
            length = 0
    return head, rest


def width(text: str) -> float:
    """The width of words in characters; Latin letters and figures are a little over half as wide."""
    return sum(0.56 if sign.isascii() else 1.0 for sign in text)


def sign_indents(blocks: list[Block]) -> dict[int, float]:
    """How far from the right edge each line of a signature ends, in characters: the date four, names centred above it."""
    indents: dict[int, float] = {}
    group: list[int] = []
    for place, block in enumerate([*blocks, Block("hr")]):
        if "sign" in block.classes:
            group.append(place)
            continue
        day = next((width(line) for n in group for line in blocks[n].text.split("\n") if is_date_line(line)), 0.0)
        for n in group:
            own = max((width(line) for line in blocks[n].text.split("\n")), default=0.0)
            indents[n] = max(2.0, 4 + (day - own) / 2) if day else 4.0
            indents[n] = 4.0 if is_date_line(blocks[n].text) else min(indents[n], 10.0)
        group = []
    return indents
