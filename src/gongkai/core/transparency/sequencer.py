"""Putting recorded acts in order, writing tiles and signing checkpoints; in the background, one at a time.

Three steps, each of which may be cut off and done again: positions are given in one short transaction; tiles are derived
from what has positions; a head is signed only when the tiles lead from the last signed head to it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from gongkai.core.locks import writing
from gongkai.core.transparency import keys
from gongkai.core.transparency.models import LogCheckpoint, LogEntry
from gongkai.proof import merkle
from gongkai.proof.checkpoints import Checkpoint, open_checkpoint
from gongkai.proof.notes import NoteError
from gongkai.proof.store import Store

BATCH = 2000
_ADVISORY = 4016


class LogFault(RuntimeError):
    """The log cannot go on without breaking its promise; the message says why and what to do."""


def folder() -> Path:
    """Where the tiles lie."""
    return settings.DATA_DIR / "tlog"


def store(*, durable: bool = True) -> Store:
    """The tiles of this installation."""
    return Store(folder(), durable=durable)


@contextmanager
def alone() -> Iterator[bool]:
    """Be the only one that works on the log; gives False when somebody else does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ADVISORY])
            mine = bool(cursor.fetchone()[0])
            try:
                yield mine
            finally:
                if mine:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY])
        return
    folder().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder() / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except BlockingIOError:
            mine = False
        yield mine
    finally:
        os.close(descriptor)


def sequence(limit: int = 20_000) -> int:
    """Order what waits and sign a checkpoint over it; returns how many entries were ordered.

    Raises:
        LogFault: entries were altered, or the database is older than what was signed.
        KeyFault: the key of the log cannot be used.
    """
    with alone() as mine:
        if not mine:
            return 0
        ordered = 0
        while ordered < limit and (batch := order()):
            ordered += batch
        publish()
        return ordered


def order(limit: int = BATCH) -> int:
    """Give positions to waiting entries, in the order in which they were recorded; returns how many."""
    with writing():
        waiting = list(
            LogEntry.objects.filter(position__isnull=True).order_by("pk").values_list("pk", flat=True)[:limit]
        )
        if not waiting:
            return 0
        next_position = size()
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE transparency_logentry SET position = %s WHERE id = %s AND position IS NULL",
                [(next_position + n, pk) for n, pk in enumerate(waiting)],
            )
    return len(waiting)


def size() -> int:
    """How many entries have a position."""
    last = (
        LogEntry.objects.filter(position__isnull=False).order_by("-position").values_list("position", flat=True).first()
    )
    return 0 if last is None else last + 1


def leaves(start: int, end: int) -> list[bytes]:
    """The leaves from one position up to but without another, as the database holds them."""
    rows = LogEntry.objects.filter(position__gte=start, position__lt=end).order_by("position")
    return [leaf.encode() for leaf in rows.values_list("leaf", flat=True)]


def publish() -> LogCheckpoint:
    """Bring the tiles up to date with the database and sign their head; the last checkpoint when nothing is new."""
    last, now = LogCheckpoint.objects.first(), size()
    if last is not None and last.size == now and _shown() == last.note.encode():
        return last
    signer = keys.signer()
    _check_key(last)
    _check_not_older(now)
    tiles = store()
    before = last.size if last is not None else 0
    root = bytes.fromhex(last.root) if last is not None else merkle.EMPTY
    start = before if tiles.holds(before, root) else 0
    head = tiles.extend(start, now, leaves)
    # What is signed continues what was signed before, or nothing is signed.
    if not tiles.tiles(now).holds(before, root):
        raise LogFault(
            f"前{before}条存证与已签名的检查点不符，数据库里的记录被改动过。日志已停止签名；请保留现场，运行 gongkai log check。"
        )
    if last is None or last.size != now:
        checkpoint = Checkpoint(signer.name, now, head)
        note = f"{checkpoint.text}\n{signer.sign(checkpoint.text)}"
        with writing():
            last = LogCheckpoint.objects.create(size=now, root=head.hex(), note=note)
    tiles.put("checkpoint", last.note.encode())
    return last


def _shown() -> bytes:
    """The checkpoint that web servers show; empty when there is none."""
    try:
        return (folder() / "checkpoint").read_bytes()
    except FileNotFoundError:
        return b""


def _check_key(last: LogCheckpoint | None) -> None:
    """A log is signed by one key for ever; another key means that the wrong file lies there."""
    if last is None:
        return
    try:
        open_checkpoint(last.note, keys.verifier())
    except NoteError as error:
        raise LogFault(f"存证密钥 {keys.path()} 不是这个日志原来的密钥。请换回原来的密钥文件。") from error


def _check_not_older(now: int) -> None:
    """Signing a shorter log than was published would look like a lie to every witness."""
    if settings.GONGKAI_LOG_RESTARTS:
        return
    try:
        shown, _ = open_checkpoint(_shown(), keys.verifier())
    except NoteError:
        return
    if shown.size > now:
        raise LogFault(
            f"已公布的存证有{shown.size}条，数据库里只有{now}条，多半是恢复了较早的备份。请运行：gongkai log recover"
        )
