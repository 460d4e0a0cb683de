"""Turn any file into a text with blocks (headings, paragraphs, tables) that point into it.

`read` never lets a library's own error out: whatever goes wrong is a `ReadingError` with a Chinese sentence.
Readers are imported when they are needed, so that importing this package costs nothing.
"""

from __future__ import annotations

from pathlib import Path

from gongkai.reading.blocks import Block, BlockKind, Cell, Document, ReadingError, Table
from gongkai.reading.limits import DEFAULT, Limits, Watch
from gongkai.reading.recognise import recognise
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
        Watch(limits).check_input(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise ReadingError("damaged", f"打不开文件“{path.name}”。请检查文件是否存在、有没有读取权限。") from error
    return read(data, path.name, limits=limits)


def read(data: bytes, name: str, *, limits: Limits = DEFAULT) -> Document:
    """Read a file; its content decides on the format, the ending of `name` only where the content says nothing.

    Raises `ReadingError` with one of the codes listed there, and nothing else.
    """
    watch = Watch(limits)
    watch.check_input(len(data))
    try:
        return _read(data, recognise(data, name), watch)
    except ReadingError:
        raise
    except MemoryError as error:
        raise ReadingError("too_large", "文件太大，读不完。请拆成几个较小的文件后再上传。") from error
    except Exception as error:  # a stranger's file may break any library in any way
        raise ReadingError(
            "damaged", "文件内容有损坏，读不下去。请用 Word 或 WPS 打开并重新保存，或把正文复制后粘贴导入。"
        ) from error


def _read(data: bytes, form: str, watch: Watch) -> Document:
    if form in ("docx", "xlsx"):
        return _read_package(data, form, watch)
    if form == "pdf":
        from gongkai.reading.pdf import read_pdf

        return read_pdf(data, watch)
    if form in ("html", "mhtml"):
        from gongkai.reading.html import read_html, read_mhtml

        return (read_html if form == "html" else read_mhtml)(data, watch)
    if form in ("doc", "wps", "rtf", "odt", "xls", "et", "ods", "xlsb"):
        from gongkai.reading.office import convert

        target = "xlsx" if form in ("xls", "et", "ods", "xlsb") else "docx"
        return _read_package(convert(data, form, target, watch), target, watch)
    return read_text(data, watch=watch)


def _read_package(data: bytes, form: str, watch: Watch) -> Document:
    from gongkai.reading.archive import Archive

    archive = Archive(data, watch)
    if form == "docx":
        from gongkai.reading.docx import read_docx

        return read_docx(archive, watch)
    from gongkai.reading.xlsx import read_xlsx

    return read_xlsx(archive, watch)
