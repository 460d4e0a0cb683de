"""The document as plain text, with its metadata at the head."""

from __future__ import annotations

from gongkai.publications.body import to_text as words_of
from gongkai.publications.renditions.document import OfficialDocument, day_words, imprint, parts


def to_text(document: OfficialDocument) -> str:
    """The words of the document after a head of labels and values; lines end with a line feed."""
    head = [("标题", document.title), ("发文字号", document.number), ("发文机关", document.issuing_body)]
    head += [("成文日期", day_words(document.made))] if document.made else []
    lines = [f"{label}：{value}" for label, value in [*head, *document.details] if value]
    lines += ["", words_of("".join(block.html() for block in parts(document))).rstrip("\n")]
    lines += [f"{left}　{right}".rstrip("　") for left, right in imprint(document)]
    return "\n".join(lines) + "\n"
