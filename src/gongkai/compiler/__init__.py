"""Pure: blocks -> notice with tasks, assignments, deadlines, targets and citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gongkai.compiler.notice import Notice
    from gongkai.reading.blocks import Document

__all__ = ["compile_document", "compile_text"]


def compile_document(document: Document, name: str = "") -> Notice:
    """Compile a document that was read from a file; `name` becomes the `file` of the result."""
    from gongkai.compiler.assemble import compile_document as assemble

    return assemble(document, name)


def compile_text(text: str, name: str = "") -> Notice:
    """Compile a text; every line with words is one paragraph. Offsets point into the text as `read_pasted` gives it."""
    from gongkai.compiler.assemble import compile_document as assemble
    from gongkai.reading import ReadingError, read_pasted
    from gongkai.reading.blocks import Document

    try:
        document = read_pasted(text)
    except ReadingError:  # no words
        document = Document(text, (), "text")
    return assemble(document, name)
