"""Bodies of documents: read from files, made safe, turned into words, compared. Plain functions, no models."""

from __future__ import annotations

from gongkai.publications.body.changes import compare
from gongkai.publications.body.clean import contents, sanitise
from gongkai.publications.body.model import Body, Entry, Image, Row, Suggestion
from gongkai.publications.body.offers import suggest, without_head
from gongkai.publications.body.sources import from_html, from_pdf, from_text
from gongkai.publications.body.word import from_word
from gongkai.publications.body.words import canonical, digest, to_text
from gongkai.reading import ReadingError

__all__ = [
    "Body",
    "Entry",
    "Image",
    "ReadingError",
    "Row",
    "Suggestion",
    "canonical",
    "compare",
    "contents",
    "digest",
    "from_html",
    "from_pdf",
    "from_text",
    "from_word",
    "sanitise",
    "suggest",
    "to_text",
    "without_head",
]
