"""The files of the page cache and their index: what is kept, what it shows, until when.

Files are what readers get; the index (a SQLite file of its own, beside them) knows which tags a file carries. Both are
derived: deleting the folder while the server stands still loses nothing. Several processes may use one folder: every
change is made under a lock of the file system, which the kernel takes back from a process that dies.

The order of steps is what makes it safe to be killed anywhere: a file is never on the disk without its row in the index
(row first, then file), and a row without a file is harmless.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from gongkai.core.pages import EVERY
from gongkai.core.pages.places import STRAIGHT, WITH_QUERY

# The forms of a page beside the plain one: ending of the file, name of the encoding.
FORMS = ((".br", "br"), (".gz", "gzip"))
# A transaction that holds tags longer than this has died or is no transaction: pages may be kept again.
HELD_SECONDS = 60.0
# A rendering that took longer than this is not kept: drops of its time may have been forgotten.
RENDER_SECONDS = 600.0
BLOCK = 4096
LOOK_SECONDS = 0.05
NEVER = 4_000_000_000

_TABLES = """
CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, file TEXT UNIQUE, until REAL, bytes INTEGER, at REAL);
CREATE INDEX IF NOT EXISTS page_until ON page (until) WHERE until IS NOT NULL;
CREATE TABLE IF NOT EXISTS tag (tag TEXT, page INTEGER, PRIMARY KEY (tag, page)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tag_page ON tag (page);
CREATE TABLE IF NOT EXISTS dropped (tag TEXT PRIMARY KEY, epoch INTEGER, at REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (token INTEGER, tag TEXT, until REAL);
CREATE TABLE IF NOT EXISTS done (token INTEGER PRIMARY KEY, at REAL);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT OR IGNORE INTO state VALUES ('epoch', 0);
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What the folder holds."""

    pages: int
    tags: int
    bytes: int
    next_expiry: float | None
    oldest: float | None


class Store:
    """The pages kept in one folder; safe for threads and for processes."""

    def __init__(self, folder: Path, ceiling: int) -> None:
        self.folder = folder
        self.path = str(folder)
        self.ceiling = ceiling
        self._index = folder / "index.sqlite3"
        self._expiry = folder / "expiry"
        self._temporary = folder / "temporary"
        self._local = threading.local()
        self._kept = 0
        self._next = (0.0, 0.0)

    # --- the index ---------------------------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        # A connection belongs to one thread of one process; after a fork the child opens its own.
        held = getattr(self._local, "connection", None)
        if held is not None and held[0] == os.getpid() and self._index.exists():
            return held[1]
        self._temporary.mkdir(parents=True, exist_ok=True)
        if not self._index.exists():
            # Without the index nobody knows what the files show.
            self._set_aside()
        if not self._expiry.exists():
            self._expiry.touch()
            os.utime(self._expiry, (NEVER, NEVER))
        connection = sqlite3.connect(self._index, timeout=20, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        # Derived data: after a power cut the folder is emptied anyway (see `starting`).
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_TABLES)
        self._local.connection = (os.getpid(), connection)
        return connection

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """The lock of the folder and a transaction of the index."""
        connection = self._connection()
        descriptor = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            if connection.in_transaction:
                connection.execute("COMMIT")
        finally:
            os.close(descriptor)

    # --- keeping -----------------------------------------------------------------------------------------------------

    def epoch(self) -> int:
        """How many drops there have been: read before a page is rendered, handed to `keep` afterwards."""
        return self._connection().execute("SELECT value FROM state WHERE name = 'epoch'").fetchone()[0]

    def keep(
        self, file: str, body: bytes, tags: Iterable[str], *, epoch: int, started: float, until: float | None = None
    ) -> bool:
        """Keep a page unless one of its tags was dropped, or is held by a transaction, since it began to be rendered.

        Args:
            file: the place, relative to the folder.
            body: the page in UTF-8.
            tags: what it shows.
            epoch: what `epoch()` gave before anything was read for the page.
            started: when the rendering began, in seconds of `time.time()`.
            until: when it stops to be true, in the same seconds.

        Returns:
            Whether it was kept.
        """
        now = time.time()
        if now - started > RENDER_SECONDS or (until is not None and until <= now):
            return False
        wanted = {*tags, EVERY}
        target = self.folder / file
        forms = self._write_temporary(body)
        size = sum(-(-path.stat().st_size // BLOCK) * BLOCK for _, path in forms)
        try:
            with self._changing() as index:
                if not _fresh(index, wanted, epoch, now):
                    return False
                target.parent.mkdir(parents=True, exist_ok=True)
                _forget(index, index.execute("SELECT id FROM page WHERE file = ?", (file,)).fetchall())
                row = index.execute(
                    "INSERT INTO page (file, until, bytes, at) VALUES (?, ?, ?, ?)", (file, until, size, now)
                ).lastrowid
                index.executemany("INSERT INTO tag VALUES (?, ?)", [(tag, row) for tag in wanted])
                index.execute("COMMIT")
                if until is not None:
                    self._expire_at(until)
                for ending, path in forms:
                    path.replace(f"{target}{ending}")
        except OSError:
            # A folder stands where the file should be, the disk is full: the page is simply not kept.
            return False
        finally:
            for _, path in forms:
                path.unlink(missing_ok=True)
        self._kept += 1
        if self._kept % 32 == 0:
            self.sweep()
        return True

    def _write_temporary(self, body: bytes) -> list[tuple[str, Path]]:
        """The page in all its forms, the plain one last: where it is there, all are."""
        self._connection()
        packed = [(".br", brotli.compress(body, quality=5)), (".gz", gzip.compress(body, 6, mtime=0)), ("", body)]
        # Readers' caches compare time and length. The time is made of the content: same page, same mark, and a page
        # that changed within a second still differs.
        mark = int.from_bytes(hashlib.sha256(body).digest()[:4], "big") >> 1
        now = time.time()
        forms = []
        for ending, data in packed:
            descriptor, name = tempfile.mkstemp(dir=self._temporary)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                os.fchmod(file.fileno(), 0o644)
            os.utime(name, (now, mark))
            forms.append((ending, Path(name)))
        return forms

    # --- dropping ----------------------------------------------------------------------------------------------------

    def hold(self, token: int, tags: Iterable[str]) -> None:
        """Drop pages with these tags and keep none until `drop` is told the token, or a minute has passed."""
        wanted, now = set(tags), time.time()
        with self._changing() as index:
            index.executemany("INSERT INTO held VALUES (?, ?, ?)", [(token, tag, now + HELD_SECONDS) for tag in wanted])
            self._remove(index, _pages_with(index, wanted))

    def drop(self, tags: Iterable[str], tokens: Iterable[int] = ()) -> int:
        """Drop pages with these tags; pages being rendered now will not be kept. Returns how many were dropped."""
        wanted, now = set(tags), time.time()
        with self._changing() as index:
            epoch = index.execute("UPDATE state SET value = value + 1 WHERE name = 'epoch' RETURNING value").fetchone()[
                0
            ]
            index.executemany("INSERT OR REPLACE INTO dropped VALUES (?, ?, ?)", [(tag, epoch, now) for tag in wanted])
            for token in tokens:
                index.execute("DELETE FROM held WHERE token = ?", (token,))
                index.execute("INSERT OR REPLACE INTO done VALUES (?, ?)", (token, now))
            return self._remove(index, _pages_with(index, wanted))

    def done(self, tokens: Iterable[int]) -> set[int]:
        """Which of these drops have been carried out."""
        return {row[0] for row in _in_parts(self._connection(), "SELECT token FROM done WHERE token IN ({})", tokens)}

    def forget_done(self, tokens: Iterable[int]) -> None:
        """The rows of these drops are gone; so are traces older than a day."""
        now = time.time()
        with self._changing() as index:
            index.executemany("DELETE FROM done WHERE token = ?", [(token,) for token in tokens])
            index.execute("DELETE FROM done WHERE at < ?", (now - 86400,))
            index.execute("DELETE FROM held WHERE until < ?", (now,))
            index.execute("DELETE FROM dropped WHERE at < ?", (now - 2 * RENDER_SECONDS,))

    def expire(self, now: float | None = None) -> int:
        """Drop pages whose time is over; returns how many."""
        moment = time.time() if now is None else now
        with self._changing() as index:
            rows = index.execute("SELECT id, file FROM page WHERE until <= ?", (moment,)).fetchall()
            number = self._remove(index, rows)
            soonest = index.execute("SELECT min(until) FROM page WHERE until IS NOT NULL").fetchone()[0]
            self._set_expiry(NEVER if soonest is None else soonest)
        return number

    def sweep(self, ceiling: int | None = None) -> int:
        """Where the pages take more than the ceiling (bytes), drop those read longest ago, down to nine tenths of it."""
        most = self.ceiling if ceiling is None else ceiling
        total = self._connection().execute("SELECT total(bytes) FROM page").fetchone()[0]
        if total <= most:
            return 0
        with self._changing() as index:
            rows = index.execute("SELECT id, file, bytes FROM page").fetchall()
            rows.sort(key=lambda row: self._read_at(row[1]))
            chosen, left = [], sum(row[2] for row in rows)
            for row in rows:
                if left <= most * 0.9:
                    break
                chosen.append(row[:2])
                left -= row[2]
            return self._remove(index, chosen)

    def wipe(self) -> None:
        """Drop everything, whatever the index says of it."""
        with self._changing() as index:
            self._set_aside()
            self._remove(index, index.execute("SELECT id, file FROM page").fetchall())
            index.execute("UPDATE state SET value = value + 1 WHERE name = 'epoch'")
            epoch = index.execute("SELECT value FROM state WHERE name = 'epoch'").fetchone()[0]
            index.execute("INSERT OR REPLACE INTO dropped VALUES (?, ?, ?)", (EVERY, epoch, time.time()))
            index.execute("DELETE FROM held")
            self._set_expiry(NEVER)
            for left in self._temporary.iterdir():
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw everything away, the index too: for when the index itself is broken."""
        self._set_aside()
        for path in self.folder.glob("index.sqlite3*"):
            path.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        """Out of the readers' sight in one step; `wipe` takes it apart."""
        for name in (STRAIGHT, WITH_QUERY):
            if (self.folder / name).exists():
                aside = Path(tempfile.mkdtemp(dir=self._temporary))
                with contextlib.suppress(FileNotFoundError):
                    (self.folder / name).rename(aside / name)

    def _remove(self, index: sqlite3.Connection, rows: list[tuple[int, str]]) -> int:
        for _, file in rows:
            target = self.folder / file
            # The plain form goes first: nginx looks for it before it asks for a packed one.
            for ending in ("", *(ending for ending, _ in FORMS)):
                Path(f"{target}{ending}").unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                target.parent.rmdir()
        _forget(index, rows)
        return len(rows)

    # --- expiry: one file whose time is the next moment at which some page stops to be true ----------------------------

    def due(self) -> bool:
        """Whether the time of some page is over; asked for every request, so it looks at a file twenty times a second."""
        now = time.time()
        looked, moment = self._next
        if not 0 <= now - looked < LOOK_SECONDS:
            try:
                moment = self._expiry.stat().st_mtime
            except FileNotFoundError:
                moment = NEVER
            self._next = (now, moment)
        return moment <= now

    def _expire_at(self, moment: float) -> None:
        if moment < self._expiry.stat().st_mtime:
            self._set_expiry(moment)

    def _set_expiry(self, moment: float) -> None:
        os.utime(self._expiry, (moment, moment))
        self._next = (0.0, 0.0)

    # --- looking -----------------------------------------------------------------------------------------------------

    def _read_at(self, file: str) -> float:
        latest = 0.0
        for ending in ("", *(ending for ending, _ in FORMS)):
            with contextlib.suppress(FileNotFoundError):
                latest = max(latest, Path(f"{self.folder / file}{ending}").stat().st_atime)
        return latest

    def status(self) -> Status:
        """How many pages, tags and bytes there are."""
        index = self._connection()
        pages, size, oldest = index.execute("SELECT count(*), total(bytes), min(at) FROM page").fetchone()
        tags = index.execute("SELECT count(DISTINCT tag) FROM tag").fetchone()[0]
        soonest = index.execute("SELECT min(until) FROM page WHERE until IS NOT NULL").fetchone()[0]
        return Status(pages, tags, int(size), soonest, oldest)

    def remembered(self, name: str) -> object:
        """A word written down with `remember`."""
        row = self._connection().execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def remember(self, name: str, value: str) -> None:
        """Write a word down in the index."""
        with self._changing() as index:
            index.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))


def _fresh(index: sqlite3.Connection, tags: set[str], epoch: int, now: float) -> bool:
    marks = ",".join("?" * len(tags))
    dropped = index.execute(
        f"SELECT 1 FROM dropped WHERE epoch > ? AND tag IN ({marks}) LIMIT 1",  # noqa: S608  marks only
        (epoch, *tags),
    ).fetchone()
    if dropped:
        return False
    held = index.execute(
        f"SELECT 1 FROM held WHERE until > ? AND tag IN ({marks}) LIMIT 1",  # noqa: S608  marks only
        (now, *tags),
    ).fetchone()
    return held is None


def _in_parts(index: sqlite3.Connection, question: str, values: Iterable) -> list[tuple]:
    """Ask with many values, so many at a time."""
    wanted, rows = list(values), []
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        rows += index.execute(question.format(",".join("?" * len(part))), part).fetchall()
    return rows


def _pages_with(index: sqlite3.Connection, tags: set[str]) -> list[tuple[int, str]]:
    question = "SELECT DISTINCT page.id, page.file FROM tag JOIN page ON page.id = tag.page WHERE tag.tag IN ({})"
    return list(set(_in_parts(index, question, tags)))


def _forget(index: sqlite3.Connection, rows: list[tuple]) -> None:
    index.executemany("DELETE FROM tag WHERE page = ?", [row[:1] for row in rows])
    index.executemany("DELETE FROM page WHERE id = ?", [row[:1] for row in rows])


_stores: dict[tuple[str, int], Store] = {}


def enabled() -> bool:
    """Whether pages are kept at all."""
    from django.conf import settings

    return bool(settings.GONGKAI_PAGES)


def store() -> Store:
    """The store of this installation."""
    from django.conf import settings

    key = (str(settings.GONGKAI_PAGES_DIR), settings.GONGKAI_PAGES_MEGABYTES)
    found = _stores.get(key)
    if found is None:
        found = _stores.setdefault(key, Store(Path(key[0]), key[1] * 1_000_000))
    return found
