"""Bodies of documents: read from files, made safe, turned into words, compared. Plain functions, no models.

Readers are imported when they are needed, so that importing this package costs little.
"""

from __future__ import annotations

from gongkai.publications.body.changes import compare
from gongkai.publications.body.clean import contents, sanitise
from gongkai.publications.body.model import Body, Entry, Image, Row, Suggestion
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
    "sanitise",
    "to_text",
]
