"""The files of an import as one folder: single uploads and what lies in zip archives, by relative path."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gongkai.core import attachments
from gongkai.core.models import Attachment

MEGABYTE = 1024 * 1024
MOST_FILES = 20_000
MOST_UNPACKED = 4096 * MEGABYTE
MOST_RATIO = 200
MOST_ONE = 200 * MEGABYTE
_PASSED_OVER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
SHEETS = (".xlsx", ".csv")
PAGES = (".html", ".htm", ".mht", ".mhtml", ".txt")


class BadFiles(ValueError):
    """The files cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path with forward slashes, its size, how to read it, and whether it lay in an archive."""

    path: str
    size: int
    load: Callable[[], bytes]
    packed: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    @property
    def ending(self) -> str:
        """The ending with its dot, in small letters."""
        return PurePosixPath(self.path).suffix.lower()


class Folder:
    """Files by path; `notes` say what was passed over."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.notes: list[str] = []
        self._by_name: dict[str, list[Entry]] = {}

    def add(self, entry: Entry) -> None:
        """Take a file in; of two with the same path the first one stays."""
        if len(self.entries) >= MOST_FILES:
            raise BadFiles(f"文件超过{MOST_FILES:,}个。请分几次导入。")
        if entry.path in self.entries:
            self.note(f"有两个文件都叫“{entry.path}”，只读了第一个。")
            return
        self.entries[entry.path] = entry
        self._by_name.setdefault(entry.name.casefold(), []).append(entry)

    def note(self, words: str) -> None:
        """Say something about the files, at most fifty times."""
        if len(self.notes) < 50:
            self.notes.append(words)

    def find(self, path: str, base: str = "") -> Entry | None:
        """A file that a sheet or page in the folder `base` names; by its name alone when only one is called so."""
        wanted = _clean(path.split("#")[0].split("?")[0])
        if wanted is None:
            return None
        for candidate in (_joined(base, wanted), wanted):
            if candidate in self.entries:
                return self.entries[candidate]
        named = self._by_name.get(PurePosixPath(wanted).name.casefold(), [])
        return named[0] if len(named) == 1 else None

    def of(self, endings: Iterable[str]) -> list[Entry]:
        """Files with one of the endings, by path."""
        wanted = tuple(endings)
        return [self.entries[path] for path in sorted(self.entries) if self.entries[path].ending in wanted]


def _joined(base: str, path: str) -> str:
    parts: list[str] = []
    for part in f"{base}/{path}".split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _clean(path: str) -> str | None:
    """A path with forward slashes inside the folder; None for one that leads out of it or cannot be one."""
    path = path.replace("\\", "/").strip()
    if path.startswith("./"):
        path = path[2:]
    if not path or len(path) > 400 or path.startswith("/") or ":" in path.split("/")[0]:
        return None
    if any(part == ".." for part in path.split("/")) or any(not c.isprintable() for c in path):
        return None
    return path


def open_folder(files: Iterable[Attachment]) -> Folder:
    """The folder of an import's uploads. An upload's remark holds its path where it came out of a folder.

    Raises:
        BadFiles: an archive is damaged, has a password, or unpacks to something unreasonable.
    """
    folder = Folder()
    for file in files:
        if file.name.lower().endswith(".zip"):
            _add_archive(folder, file.name, attachments.load(file.digest))
        else:
            path = _clean(file.remark) or file.name
            folder.add(Entry(path, file.size, lambda digest=file.digest: attachments.load(digest)))
    if not folder.entries:
        raise BadFiles("没有可以读的文件。请上传表格、网页，或装有它们的压缩包。")
    _strip_common_root(folder)
    return folder


def _add_archive(folder: Folder, name: str, data: bytes) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError, IndexError):
        raise BadFiles(f"压缩包“{name}”已损坏，打不开。请重新压缩后上传。") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFiles(f"压缩包“{name}”设有密码。请解除密码后重新上传。")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > 50 * MEGABYTE and unpacked > MOST_RATIO * len(data)):
        raise BadFiles(f"压缩包“{name}”展开后异常庞大，没有打开。请分成几个压缩包上传。")
    for entry in entries:
        if entry.is_dir():
            continue
        path = _clean(_name_of(entry))
        if path is None:
            folder.note(f"压缩包“{name}”里有路径不规范的文件，没有读入。")
            continue
        if path.casefold().startswith(_PASSED_OVER[0]) or PurePosixPath(path).name.casefold() in _PASSED_OVER:
            continue
        folder.add(Entry(path, entry.file_size, lambda entry=entry: _unpacked(archive, entry), packed=True))


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Chinese systems write names in GB18030 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One file of an archive; never more than it said it holds. Raises BadFiles."""
    if entry.file_size > MOST_ONE:
        raise BadFiles(f"“{_name_of(entry)}”太大，没有打开。")
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError, RuntimeError):
        raise BadFiles(f"压缩包里的“{_name_of(entry)}”已损坏。请重新压缩后上传。") from None
    if len(data) > entry.file_size:
        raise BadFiles(f"压缩包里的“{_name_of(entry)}”与登记的大小不符，没有打开。")
    return data


def _strip_common_root(folder: Folder) -> None:
    """A folder that was packed with its own name has the same paths as one that was not."""
    paths = list(folder.entries.values())
    while len({path.path.split("/")[0] for path in paths}) == 1 and all("/" in path.path for path in paths):
        paths = [replace(path, path=path.path.split("/", 1)[1]) for path in paths]
    folder.entries = {path.path: path for path in paths}
    folder._by_name = {}
    for path in paths:
        folder._by_name.setdefault(path.name.casefold(), []).append(path)
