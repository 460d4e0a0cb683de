"""Tiles: the tree cut into files of 256 hashes, and bundles of 256 entries (c2sp.org/tlog-tiles).

Tile `n` of level `l` holds the hashes over 256**l leaves each, from number n * 256 on. What lies between two levels is
computed. The rightmost tile of a level may be partial; a partial tile is the beginning of the full one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gongkai.proof.merkle import Subtree, fold, head

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
# The length of an entry is written in two bytes.
LONGEST_ENTRY = 0xFFFF

Read = Callable[[str], bytes]


class TileError(ValueError):
    """A tile or bundle is not what its path says."""


def number_path(number: int) -> str:
    """The number of a tile in groups of three digits: 1234067 is x001/x234/067."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where a tile of hashes is served below the log's prefix."""
    return f"tile/{level}/{number_path(number)}" + (f".p/{width}" if width < WIDTH else "")


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Where a bundle of entries is served below the log's prefix."""
    return f"tile/entries/{number_path(number)}" + (f".p/{width}" if width < WIDTH else "")


def tile_width(level: int, number: int, size: int) -> int:
    """How many hashes a tile has in a tree of `size` leaves; 0 when there is no such tile."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def new_tiles(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """(level, number, width) of every tile that a tree has got or that has grown, from `old` to `new` leaves."""
    level = 0
    while new >> HEIGHT * level:
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        if after > before:
            for number in range(before >> HEIGHT, (after - 1 >> HEIGHT) + 1):
                yield level, number, tile_width(level, number, new)
        level += 1


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after the other, each with its length in two bytes; TileError when one is too long."""
    parts = []
    for entry in entries:
        if len(entry) > LONGEST_ENTRY:
            raise TileError(f"an entry of {len(entry)} bytes does not fit into a bundle")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The first `width` entries of a bundle; TileError when it is shorter or damaged."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width:
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if at + 2 > len(data) or len(entry) < length:
            raise TileError(f"a bundle ends after {len(entries)} entries, {width} were expected")
        entries.append(entry)
        at += 2 + length
    return entries


def cut_bundle(data: bytes, width: int) -> bytes:
    """The beginning of a bundle with `width` entries; TileError when it has fewer."""
    return encode_bundle(decode_bundle(data, width))


class Tiles:
    """A tree of `size` leaves whose tiles are read with `read(path)`; each tile is read once.

    `read` raises FileNotFoundError for a path that is not served; a partial tile that is gone is then looked for in the
    full one, as the format allows logs to drop it.
    """

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._kept: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile, joined; TileError when the file has another length."""
        key = (level, number)
        if key not in self._kept:
            width = tile_width(level, number, self.size)
            data = self._partial(tile_path(level, number, width), tile_path(level, number))
            if width == 0 or len(data) < width * HASH or len(data) % HASH:
                raise TileError(f"{tile_path(level, number, width)} has {len(data)} bytes")
            self._kept[key] = data[: width * HASH]
        return self._kept[key]

    def _partial(self, path: str, full: str) -> bytes:
        try:
            return self._read(path)
        except FileNotFoundError:
            if path == full:
                raise
            return self._read(full)

    def subtree(self, start: int, height: int) -> bytes:
        """The hash over the 2**height leaves from `start`, out of the highest tile below it."""
        level, rest = divmod(height, HEIGHT)
        first = start >> HEIGHT * level
        number, offset = divmod(first, WIDTH)
        data = self.tile(level, number)
        hashes = [data[i * HASH : (i + 1) * HASH] for i in range(offset, offset + (1 << rest))]
        if len(hashes[-1]) != HASH:
            raise TileError(f"{tile_path(level, number)} has no hash {offset + (1 << rest) - 1}")
        return fold(hashes)

    def root(self) -> bytes:
        """The head of the whole tree."""
        return head(0, self.size, self.subtree)

    def holds(self, size: int, root: bytes) -> bool:
        """Whether the first `size` leaves make an earlier tree with this head."""
        return head(0, size, self.subtree) == root

    def bundle(self, number: int) -> list[bytes]:
        """The entries of a bundle."""
        width = tile_width(0, number, self.size)
        if width == 0:
            raise TileError(f"a tree of {self.size} leaves has no bundle {number}")
        return decode_bundle(self._partial(bundle_path(number, width), bundle_path(number)), width)

    def entry(self, index: int) -> bytes:
        """One entry; TileError when the tree has none there."""
        number, offset = divmod(index, WIDTH)
        entries = self.bundle(number)
        if offset >= len(entries):
            raise TileError(f"a tree of {self.size} leaves has no leaf {index}")
        return entries[offset]


def subtree_of(hashes: Sequence[bytes]) -> Subtree:
    """A reader of a tree whose leaf hashes are in a list, for small trees."""

    def subtree(start: int, height: int) -> bytes:
        return fold(hashes[start : start + (1 << height)])

    return subtree
