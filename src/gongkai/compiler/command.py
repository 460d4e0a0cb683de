"""`gongkai compile FILE...`: notices to JSON, Excel or Word, without server and database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.compiler import compile_document

if TYPE_CHECKING:
    from gongkai.compiler.notice import Notice

FORMATS = ("json", "xlsx", "docx")


def to_json(notice: Notice) -> bytes:
    """The JSON of a notice, UTF-8, indented, with a line end."""
    return (json.dumps(notice.to_dict(), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _encoder(name: str) -> Callable[[Notice], bytes]:
    if name == "json":
        return to_json
    from gongkai.compiler import breakdown  # heavy libraries, only where asked for

    return {"xlsx": breakdown.to_xlsx, "docx": breakdown.to_docx}[name]


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _compile(path: Path) -> Notice | None:
    """The compiled file, or None after saying in Chinese what is wrong with it."""
    from gongkai.reading import read
    from gongkai.reading.blocks import ReadingError

    try:
        return compile_document(read(path.read_bytes(), path.name), path.name)
    except ReadingError as error:
        _say(f"{path}：{error.message}")
    except FileNotFoundError:
        _say(f"{path}：找不到这个文件，请检查路径。")
    except IsADirectoryError:
        _say(f"{path}：这是一个目录，请指定文件。")
    except OSError as error:
        _say(f"{path}：读不了这个文件（{error.strerror or error}）。")
    except Exception as error:  # one bad file must not stop the others
        _say(f"{path}：处理时出错（{type(error).__name__}），其余文件照常处理。")
    return None


def _targets(paths: list[Path], suffix: str, output: str | None) -> list[Path | None]:
    """Where each result goes; None means standard output."""
    if output is None:
        if suffix == "json" and len(paths) == 1:
            return [None]
        return _distinct(path.with_name(f"{path.stem}.{suffix}") for path in paths)
    target = Path(output)
    if len(paths) == 1 and not target.is_dir() and not output.endswith("/"):
        return [target]
    return _distinct(target / f"{path.stem}.{suffix}" for path in paths)


def _distinct(paths: Iterable[Path]) -> list[Path | None]:
    """Two inputs of one name get two outputs."""
    used: set[Path] = set()
    result: list[Path | None] = []
    for path in paths:
        candidate, rank = path, 2
        while candidate in used:
            candidate, rank = path.with_name(f"{path.stem}-{rank}{path.suffix}"), rank + 1
        used.add(candidate)
        result.append(candidate)
    return result


def run(files: list[str], format: str = "json", output: str | None = None) -> int:
    """Compile files and write one result for each.

    One JSON without `output` goes to standard output; several results go beside their files or into the
    directory `output`. Returns 1 if a file could not be read or has an error diagnostic, else 0.
    """
    if format not in FORMATS:
        _say(f"不认识的格式“{format}”，可选：{'、'.join(FORMATS)}。")
        return 1
    paths = [Path(name) for name in files]
    if not paths:
        _say("请指定至少一个文件。")
        return 1
    failed = False
    encode = _encoder(format)
    for path, target in zip(paths, _targets(paths, format, output), strict=True):
        notice = _compile(path)
        if notice is None:
            failed = True
            continue
        if notice.has_error:
            failed = True
            for item in notice.diagnostics:
                if item.level == "error":
                    _say(f"{path}：{item.message}")
        failed = not _write(encode(notice), target, path) or failed
    return 1 if failed else 0


def _write(data: bytes, target: Path | None, path: Path) -> bool:
    if target is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return True
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.resolve() == path.resolve():
            _say(f"{path}：结果会覆盖原文件，请用 --output 指定别的位置。")
            return False
        target.write_bytes(data)
    except OSError as error:
        _say(f"{target}：写不进去（{error.strerror or error}）。")
        return False
    return True
