"""What a reader of documents gives back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Image:
    """A picture taken out of a document; the body refers to it as `attachment:<sha256>`.

    `kind` is its media type (image/png, image/jpeg, image/gif, image/webp).
    """

    name: str
    data: bytes = field(repr=False)
    sha256: str
    kind: str


@dataclass(frozen=True, slots=True)
class Body:
    """A document as clean HTML, with its words, its pictures and what the file says about itself.

    `metadata` holds labelled values of a saved page (索引号, 发文字号 ...); `warnings` are Chinese sentences for the person
    who uploads: what was left out or could not be kept.
    """

    html: str
    text: str
    images: tuple[Image, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value offered for one field of the metadata, and where it was found, in Chinese words.

    `field` is one of title, number, issuing_body, made, recipients, enclosures, signature, note, copy_to, index_number,
    published, subject, kind, disclosure, validity. Dates are ISO (2026-06-03); enclosures stand one on a line.
    """

    field: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a table of contents: level 2, 3 or 4, the anchor to jump to, the words."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of two versions side by side.

    `kind` is same, changed, added or removed; `tag` the element compared (p, h2, li, tr, img ...). `old` and `new` hold safe HTML,
    one entry for a paragraph, one a cell for a row of a table; None where that side has nothing.
    """

    kind: str
    tag: str
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None
