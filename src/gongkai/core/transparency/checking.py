"""Checking the log against the database, writing its files anew, and bringing back entries that a backup did not have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from gongkai.core.locks import writing
from gongkai.core.models import Unit
from gongkai.core.transparency import anchors, keys, sequencer
from gongkai.core.transparency.models import LogCheckpoint, LogCosignature, LogEntry, LogFile
from gongkai.proof import merkle
from gongkai.proof.checkpoints import open_checkpoint
from gongkai.proof.client import Log
from gongkai.proof.leaf import Leaf
from gongkai.proof.notes import COSIGNATURE, NoteError, open_note
from gongkai.proof.tiles import TileError

_STEP = 2000


@dataclass
class Verdict:
    """How many entries were compared, and what does not fit, in sentences."""

    entries: int = 0
    faults: list[str] = field(default_factory=list)


def check() -> Verdict:
    """Compare database, tiles, checkpoints and anchors; nothing is changed."""
    verdict = Verdict()
    last = LogCheckpoint.objects.first()
    if last is None:
        return verdict
    log = Log(sequencer.store().read, keys.verifier())
    try:
        checkpoint, _ = log.open(last.note)
        shown, _ = log.checkpoint()
        if shown != checkpoint:
            verdict.faults.append(f"公布的检查点是{shown.size}条，数据库里最新的是{checkpoint.size}条。")
        for (index, entry), row in zip(log.entries(checkpoint), _rows(checkpoint.size), strict=True):
            verdict.entries += 1
            if row.position != index or row.leaf.encode() != entry or not _says(row):
                verdict.faults.append(f"第{index}号存证在数据库里被改过。")
                break
        if not verdict.faults:
            _compare_checkpoints(verdict)
    except (NoteError, merkle.ProofError, TileError) as error:
        verdict.faults.append(f"日志文件有误，可以运行 gongkai log rebuild 重新生成。技术细节：{error}")
    except FileNotFoundError as error:
        verdict.faults.append(f"日志缺文件，请运行 gongkai log rebuild 重新生成：{error}")
    except ValueError:
        verdict.faults.append(f"数据库里缺第{verdict.entries}号以后的存证。")
    rewritten = anchors.verify()
    if rewritten:
        verdict.faults.append(rewritten)
    return verdict


def _says(row: LogEntry) -> bool:
    """Whether the columns by which an entry is found say what its leaf says."""
    leaf = row.decoded
    files = [(file.name, file.sha256) for file in row.files.all()]
    return (leaf.act, leaf.subject, leaf.version, leaf.content, leaf.detail) == (
        row.act,
        row.subject,
        row.version,
        row.content,
        row.detail,
    ) and files == [(file.name, file.sha256) for file in leaf.files]


def _rows(size: int) -> Iterator[LogEntry]:
    for start in range(0, size, _STEP):
        end = min(size, start + _STEP)
        rows = LogEntry.objects.filter(position__gte=start, position__lt=end).order_by("position")
        yield from rows.prefetch_related("files")


def _compare_checkpoints(verdict: Verdict) -> None:
    """Every head that was ever signed is a head of this tree."""
    verifier, store = keys.verifier(), sequencer.store()
    newest = LogCheckpoint.objects.first()
    if newest is None:
        return
    tiles = store.tiles(newest.size)
    for row in LogCheckpoint.objects.order_by("size").iterator(chunk_size=_STEP):
        checkpoint, _ = open_checkpoint(row.note, verifier)
        if (checkpoint.size, checkpoint.root.hex()) != (row.size, row.root) or not tiles.holds(
            row.size, checkpoint.root
        ):
            verdict.faults.append(f"{row.size}条时的检查点与日志不符。")
            return


def rebuild() -> int:
    """Write all tiles anew from the database and compare with every signed head; returns the number of entries.

    Raises:
        LogFault: the database does not lead to what was signed.
    """
    with sequencer.alone() as mine:
        if not mine:
            raise sequencer.LogFault("日志正由另一个进程处理，请稍后再试。")
        last = LogCheckpoint.objects.first()
        if last is None:
            return 0
        store = sequencer.store(durable=False)
        root = store.extend(0, last.size, sequencer.leaves)
        if root.hex() != last.root:
            raise sequencer.LogFault("数据库里的存证与已签名的检查点不符，被改动过。请保留现场，从备份比对。")
        store.put("checkpoint", last.note.encode())
        return last.size


def recover() -> int:
    """Bring back entries that were published but are missing in a database restored from an older backup.

    Everything is taken from the log's own files, after their signature and hashes were verified. Entries that the
    database still has waiting get the position that they were published under.

    Returns:
        how many entries got back.

    Raises:
        LogFault: the files do not continue what the database holds.
    """
    with sequencer.alone() as mine:
        if not mine:
            raise sequencer.LogFault("日志正由另一个进程处理，请先停止服务。")
        log = Log(sequencer.store().read, keys.verifier())
        try:
            checkpoint, note = log.checkpoint()
            have = sequencer.size()
            missing = [(index, raw) for index, raw in log.entries(checkpoint) if _new(index, raw, have)]
        except (NoteError, merkle.ProofError, TileError, FileNotFoundError) as error:
            raise sequencer.LogFault(f"日志文件不完整，不能恢复：{error}") from error
        with writing():
            for index, raw in missing:
                _bring_back(index, raw)
            own = next(signature for signature in note.signatures if signature.name == log.key.name)
            LogCheckpoint.objects.get_or_create(
                size=checkpoint.size,
                defaults={"root": checkpoint.root.hex(), "note": f"{note.text}\n{own}"},
            )
        return len(missing)


def _new(index: int, raw: bytes, have: int) -> bool:
    if index >= have:
        return True
    kept = LogEntry.objects.filter(position=index).values_list("leaf", flat=True).first()
    if kept is None or kept.encode() != raw:
        raise sequencer.LogFault(f"数据库里第{index}号存证与日志文件不同，不能恢复。请保留现场，从备份比对。")
    return False


def _bring_back(index: int, raw: bytes) -> None:
    digest = merkle.leaf_hash(raw).hex()
    waiting = LogEntry.objects.filter(position__isnull=True, leaf_hash=digest).order_by("pk").first()
    if waiting is not None:
        LogEntry.objects.filter(pk=waiting.pk).update(position=index)
        return
    leaf = Leaf.decode(raw)
    unit = Unit.objects.filter(name=leaf.unit).first() or Unit.objects.order_by("pk").first()
    if unit is None:
        raise sequencer.LogFault("数据库里没有单位，不能恢复存证。请先恢复备份。")
    entry = LogEntry.objects.create(
        act=leaf.act,
        subject=leaf.subject,
        version=leaf.version,
        detail=leaf.detail,
        content=leaf.content,
        unit=unit,
        at=leaf.time,
        leaf=raw.decode(),
        leaf_hash=digest,
        position=index,
    )
    LogFile.objects.bulk_create([LogFile(entry=entry, name=file.name, sha256=file.sha256) for file in leaf.files])


def accept(words: str) -> list[str]:
    """Keep the cosignatures of known witnesses on one of our checkpoints; returns their names.

    Raises:
        NoteError: malformed, of no checkpoint of ours, or signed by no known witness.
    """
    witnesses = [key for key in keys.witnesses() if key.kind == COSIGNATURE]
    checkpoint, _ = open_checkpoint(words, keys.verifier())
    row = LogCheckpoint.objects.filter(size=checkpoint.size, root=checkpoint.root.hex()).first()
    if row is None:
        raise NoteError("this checkpoint is none of ours")
    verified = open_note(words, witnesses).verified
    for signature in verified:
        LogCosignature.objects.update_or_create(
            checkpoint=row,
            witness=signature.name,
            defaults={"line": str(signature), "at": dt.datetime.fromtimestamp(signature.time, dt.UTC)},
        )
    return [signature.name for signature in verified]
