"""A log's tiles in a directory, laid out like their addresses, so that a web server can serve it as it is.

Files are written beside and moved into place: a reader sees the old file or the new one. A full tile never changes.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from gongkai.proof import merkle
from gongkai.proof.tiles import (
    HASH,
    WIDTH,
    TileError,
    Tiles,
    bundle_path,
    cut_bundle,
    encode_bundle,
    new_tiles,
    tile_path,
    tile_width,
)

# Older checkpoints still name narrower partial tiles; the newest few stay as files, others are cut out of wider ones.
KEPT_PARTIALS = 8
_PATH = re.compile(
    r"tile/(?:[0-9]|[1-5][0-9]|6[0-3]|(entries))/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)

Entries = Callable[[int, int], Sequence[bytes]]


class Store:
    """The files of a log below `folder`; `durable` waits until each file has reached the disk."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder, self.durable = folder, durable

    def put(self, path: str, data: bytes) -> None:
        """Write a file whole or not at all."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if self.durable:
                file.flush()
                os.fsync(file.fileno())
        # All of it is public, and the web server runs under another account.
        Path(name).chmod(0o644)
        Path(name).replace(target)

    def read(self, path: str) -> bytes:
        """A file as it is asked for; a partial tile that is no file any more is cut out of a wider one.

        Raises:
            FileNotFoundError: there is none, or the path is not one of the log's.
        """
        if path == "checkpoint":
            return (self.folder / path).read_bytes()
        found = _PATH.fullmatch(path)
        if not found or (found[3] and int(found[3]) >= WIDTH):
            raise FileNotFoundError(path)
        target = self.folder / path
        try:
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if not found[3]:
                raise FileNotFoundError(path) from None
        return self._cut(target, int(found[3]), bundle=bool(found[1]))

    def _cut(self, target: Path, width: int, *, bundle: bool) -> bytes:
        full = target.parent.with_suffix("")
        wider = [size for size in self._partials(target.parent) if size > width]
        source = target.parent / str(min(wider)) if wider else full
        data = source.read_bytes()
        return cut_bundle(data, width) if bundle else data[: width * HASH]

    @staticmethod
    def _partials(folder: Path) -> list[int]:
        try:
            return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal())
        except FileNotFoundError:
            return []

    def tiles(self, size: int) -> Tiles:
        """The tree of `size` leaves as it lies here."""
        return Tiles(size, self.read)

    def holds(self, size: int, root: bytes) -> bool:
        """Whether the tiles here lead to this head."""
        try:
            return self.tiles(size).root() == root
        except (FileNotFoundError, TileError):
            return False

    def extend(self, old: int, new: int, entries: Entries | None, hashes: Entries | None = None) -> bytes:
        """Bring the tiles from `old` to `new` leaves and return the new head. Doing it again changes nothing.

        Args:
            old: how many leaves the tiles hold, 0 to write all anew.
            new: how many there are now.
            entries: gives the entries from one place up to but without another; without it no bundles are written.
            hashes: gives their hashes, where somebody has computed them already.
        """
        complete: dict[tuple[int, int], bytes] = {}
        for level, number, width in new_tiles(old, new):
            if level:
                row = self._upper(level, number, width, old, complete)
            else:
                row = self._lowest(number, width, entries, hashes)
            self._place(tile_path(level, number), width, row)
            if width == WIDTH:
                complete[level, number] = merkle.fold([row[i : i + HASH] for i in range(0, len(row), HASH)])
        return self.tiles(new).root()

    def _lowest(self, number: int, width: int, entries: Entries | None, hashes: Entries | None) -> bytes:
        start = number * WIDTH
        told: Sequence[bytes] = ()
        if entries is not None:
            told = entries(start, start + width)
            self._place(bundle_path(number), width, encode_bundle(told))
        row = hashes(start, start + width) if hashes is not None else [merkle.leaf_hash(entry) for entry in told]
        if len(row) != width or (entries is not None and len(told) != width):
            raise TileError(f"entries {start} to {start + width} are not all there")
        return b"".join(row)

    def _upper(self, level: int, number: int, width: int, old: int, complete: dict[tuple[int, int], bytes]) -> bytes:
        before = tile_width(level, number, old)
        row = self.tiles(old).tile(level, number) if before else b""
        first = number * WIDTH
        return row + b"".join(complete[level - 1, first + i] for i in range(before, width))

    def _place(self, path: str, width: int, data: bytes) -> None:
        partials = self.folder / f"{path}.p"
        if width == WIDTH:
            self.put(path, data)
            shutil.rmtree(partials, ignore_errors=True)
            return
        # A full file here can only be left over from another log.
        (self.folder / path).unlink(missing_ok=True)
        self.put(f"{path}.p/{width}", data)
        sizes = self._partials(partials)
        for size in sizes:
            if size > width or size in sizes[:-KEPT_PARTIALS]:
                (partials / str(size)).unlink(missing_ok=True)
