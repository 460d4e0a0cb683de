"""What of a document goes into the index, the same for every implementation."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.core.search import numbers
from gongkai.core.search.documents import MOST_OF_A_BODY, MOST_OF_A_FILE, SearchDocument
from gongkai.core.search.text import fold


@dataclass(frozen=True, slots=True)
class Content:
    """Folded texts of a document: the title, everything together, and the terms of its numbers."""

    title: str
    text: str
    numbers: list[str]


def content_of(document: SearchDocument) -> Content:
    """Fold a document. The text begins with the title, so that it is searched with the rest."""
    title = fold(document.title).strip()
    parts = [
        document.title,
        *document.numbers,
        document.unit_name,
        *document.keywords,
        document.body[:MOST_OF_A_BODY],
        *(f"{item.name}\n{item.text[:MOST_OF_A_FILE]}" for item in document.attachments),
    ]
    return Content(title, fold("\n".join(part for part in parts if part)), numbers.tokens(document.numbers))
