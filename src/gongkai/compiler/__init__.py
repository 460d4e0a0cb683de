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
    """Compile a text; every line with words is one paragraph."""
    from gongkai.compiler.assemble import compile_document as assemble
    from gongkai.reading.blocks import Block, Document

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks, start = [], 0
    for line in text.split("\n"):
        words = line.strip()
        if words:
            left = start + len(line) - len(line.lstrip())
            blocks.append(Block("paragraph", left, left + len(words)))
        start += len(line) + 1
    return assemble(Document(text, tuple(blocks), "text"), name)
