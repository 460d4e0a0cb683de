"""Turn any file into a text with blocks (headings, paragraphs, tables) that point into it.

`read` never lets a library's own error out: whatever goes wrong is a `ReadingError` with a Chinese sentence.
Readers are imported when they are needed, so that importing this package costs nothing.
"""

from __future__ import annotations

from pathlib import Path

from gongkai.reading.blocks import Block, BlockKind, Cell, Document, ReadingError, Table
from gongkai.reading.limits import DEFAULT, Limits, Watch
from gongkai.reading.text import read_pasted, read_text

__all__ = [
    "DEFAULT",
    "Block",
    "BlockKind",
    "Cell",
    "Document",
    "Limits",
    "ReadingError",
    "Table",
    "read",
    "read_pasted",
    "read_path",
    "read_text",
]


def read_path(path: Path | str, *, limits: Limits = DEFAULT) -> Document:
    """Read a file from disk. Raises `ReadingError`, also when the file cannot be opened."""
    path = Path(path)
    try:
        if path.stat().st_size > limits.input_bytes:
            Watch(limits).check_input(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise ReadingError("damaged", f"打不开文件“{path.name}”。请检查文件是否存在、有没有读取权限。") from error
    return read(data, path.name, limits=limits)


def read(data: bytes, name: str, *, limits: Limits = DEFAULT) -> Document:
    """Read a file; its content decides on the format, the ending of `name` only where the content says nothing.

    Raises `ReadingError` with one of the codes listed there.
    """
    watch = Watch(limits)
    watch.check_input(len(data))
    return read_text(data, watch=watch)
