"""Plain text: find the encoding, keep the words as they stand, one block for each line."""

from __future__ import annotations

import codecs
import re

from gongkai.reading.blocks import Block, Document, ReadingError
from gongkai.reading.limits import DEFAULT, Limits, Watch

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATES_AND_NUL = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_DAMAGE = re.compile("[\ufffd\ue000-\uf8ff]")
_DRAWN = re.compile("[\u250c-\u256c]|^[ \t]*[+][-=]{2,}[+]", re.MULTILINE)
_SAMPLE = 200_000
_EMPTY = "文件里没有文字。请检查是否选错了文件，或把正文复制后粘贴导入。"
_NOT_TEXT = "这不是能读的文字文件。请上传 Word（.docx）、Excel（.xlsx）、PDF、网页（.html）或文本（.txt）文件。"


def read_text(data: bytes, *, watch: Watch | None = None) -> Document:
    """Read a text file in UTF-8, UTF-16, GB18030 or Big5; each line that has words becomes a paragraph.

    Raises `ReadingError`: empty, too_large, unsupported (no encoding fits).
    """
    watch = watch or Watch()
    watch.check_input(len(data))
    if not data.strip():
        raise ReadingError("empty", _EMPTY)
    text, warnings = decode(data)
    return document_of(text, warnings=warnings, watch=watch)


def read_pasted(text: str, *, limits: Limits = DEFAULT) -> Document:
    """Read text that somebody pasted into a form. Raises `ReadingError`: empty, too_large."""
    return document_of(text.removeprefix("\ufeff"), watch=Watch(limits))


def document_of(text: str, *, warnings: tuple[str, ...] = (), watch: Watch) -> Document:
    """Make a document of plain text: newlines folded to a line feed, drawn tables as tables, the rest as it stands."""
    text = fold(text)
    watch.check_length(len(text))
    if _DRAWN.search(text):
        return _with_tables(text, warnings, watch)
    blocks = blocks_of(text, 0)
    if not blocks:
        raise ReadingError("empty", _EMPTY)
    return Document(text, tuple(blocks), "text", warnings=warnings)


def blocks_of(text: str, offset: int) -> list[Block]:
    """One paragraph for each line of `text` that has words; `offset` is where the text begins in its document."""
    blocks = []
    start = offset
    for line in text.split("\n"):
        words = line.strip()
        if words:
            left = start + len(line) - len(line.lstrip())
            blocks.append(Block("paragraph", left, left + len(words)))
        start += len(line) + 1
    return blocks


def _with_tables(text: str, warnings: tuple[str, ...], watch: Watch) -> Document:
    """A document whose drawn tables are tables: their cells stand in the text one after the other."""
    from gongkai.reading.builder import Builder
    from gongkai.reading.drawn import cells_of, find_drawn

    builder = Builder(watch, warnings=list(warnings))
    lines = text.split("\n")
    position = 0
    for first, last in [*find_drawn(lines), (len(lines), len(lines))]:
        builder.keep("\n".join(lines[position:first]))
        builder.add_table(cells_of(lines[first:last]) if last > first else [])
        position = last
    return builder.document("text", ReadingError("empty", _EMPTY))


def fold(text: str) -> str:
    """Line ends as line feeds; NUL and half surrogates, which no store accepts, as U+FFFD."""
    return _SURROGATES_AND_NUL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def decode(data: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Turn bytes into text; the mark at the start wins, then strict UTF-8, then what the file declares.

    Returns the text and warnings about what could not be decoded.
    Raises `ReadingError("unsupported")` when no encoding gives words.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _repaired(data[len(mark) :].decode(name, "replace"))
    try:
        return _checked(data.decode("utf-8"), ())
    except UnicodeDecodeError:
        pass
    if data.count(b"\x00") * 50 > len(data):
        return _decode_wide(data)
    text = data.decode("utf-8", "replace")
    if _few(text.count("\ufffd"), sum(map(_is_wide, text[:_SAMPLE]))):
        return _repaired(text)
    return _decode_chinese(data, declared)


def _is_wide(character: str) -> bool:
    return character > "\x7f" and character != "\ufffd"


def _few(damaged: int, sound: int) -> bool:
    """A text in another encoding would be damaged nearly everywhere, not here and there."""
    return damaged * 10 <= sound


def _repaired(text: str) -> tuple[str, tuple[str, ...]]:
    damaged = text.count("\ufffd")
    warnings = (f"文件里有 {damaged} 处字符已损坏，显示为“\ufffd”，请对照原件核对。",) if damaged else ()
    return _checked(text, warnings)


def _checked(text: str, warnings: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    sample = text[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) * 25 > len(sample) or len(_DAMAGE.findall(sample)) * 5 > len(sample):
        raise ReadingError("unsupported", _NOT_TEXT)
    return text, warnings


def _decode_wide(data: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-16 without a mark: the order of bytes that puts most characters among Han, ASCII and punctuation."""
    best, most = "", 0.0
    for name in ("utf-16-le", "utf-16-be"):
        text = data.decode(name, "replace")
        sample = text[:_SAMPLE]
        known = sum(_is_expected(character) for character in sample) / max(1, len(sample))
        if known > most:
            best, most = text, known
    if most < 0.9:
        raise ReadingError("unsupported", _NOT_TEXT)
    return _repaired(best)


def _is_expected(character: str) -> bool:
    return "\t" <= character <= "~" or "\u4e00" <= character <= "\u9fff" or "\u2010" <= character <= "\u30ff"


def _decode_chinese(data: bytes, declared: str | None) -> tuple[str, tuple[str, ...]]:
    text = data.decode("gb18030", "replace")
    damaged = text.count("\ufffd")
    sample = text[:_SAMPLE]
    common = _share(sample, "gb2312")
    if common < 0.8 or (declared or "").lower().startswith("big5"):
        try:
            other = data.decode("big5hkscs")
        except UnicodeDecodeError:
            other = ""
        if other and _share(other[:_SAMPLE], "big5") > max(0.9, common):
            return _checked(other, ())
    if _few(damaged, len(sample)) and common > 0.4:
        return _repaired(text)
    return _decode_guessed(data)


def _share(sample: str, encoding: str) -> float:
    """Share of the characters beyond ASCII that belong to the everyday part of an encoding."""
    wide = [character for character in sample if character > "\x7f"]
    if not wide:
        return 0.0
    everyday = len("".join(wide).encode(encoding, "ignore")) // 2
    return everyday / len(wide)


def _decode_guessed(data: bytes) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes  # slow to import and rarely needed

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise ReadingError("unsupported", _NOT_TEXT)
    text = data.decode(best.encoding, "replace")
    if not any("\u4e00" <= character <= "\u9fff" for character in text[:_SAMPLE]):
        raise ReadingError("unsupported", _NOT_TEXT)
    _, warnings = _repaired(text)
    return text, (f"没有认准文件的编码，按 {best.encoding} 读取；如有乱码，请另存为 UTF-8 后重新上传。", *warnings)
