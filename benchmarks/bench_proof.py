"""The transparency log: how fast acts are recorded and put in order, how fast a proof is found among many leaves, and
whether log and database agree after the sequencer was killed again and again.

    python benchmarks/bench_proof.py [--appends 10000] [--leaves 10000000] [--kills 20] [--database postgres://…]

Targets: 2,000 appends a second (recorded, put in order, tiles written and signed); a proof among 10 million leaves in
5 ms. The baseline of an append is a bare insert of the same row; the tree of the second part is made of random leaves
in a temporary folder (about 330 bytes for ten leaves) that is removed afterwards.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from setup import fresh_database, prepare, small_world, table

APPENDS_A_SECOND = 2000
PROOF_MILLISECONDS = 5.0


class Appends:
    """Ways to write `number` rows, each measured alone."""

    def __init__(self, number: int) -> None:
        from django.utils import timezone

        from gongkai.core.models import Unit

        self.number, self.single = number, min(number, 2000)
        self.bureau, self.now = Unit.objects.get(code="jyj"), timezone.now()

    def act(self, n: int, stem: str) -> dict[str, Any]:
        return {
            "act": "published",
            "subject": f"{stem}-{n}",
            "content": {"title": f"第{n}号", "body": "正文" * 40},
            "files": [("正文.pdf", f"{n:064x}")],
            "version": 1,
            "unit": self.bureau,
            "at": self.now,
        }

    def row(self, n: int) -> Any:
        from gongkai.core.transparency.models import LogEntry

        said = {"act": "bare", "subject": f"bare-{n}", "leaf": "x" * 400, "leaf_hash": "0" * 64}
        return LogEntry(unit=self.bureau, at=self.now, **said)

    def in_batches(self, write: Callable[[range], object]) -> None:
        from django.db import transaction

        for start in range(0, self.number, 500):
            with transaction.atomic():
                write(range(start, min(self.number, start + 500)))

    def one_by_one(self, write: Callable[[int], object]) -> None:
        from django.db import transaction

        for n in range(self.single):
            with transaction.atomic():
                write(n)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes by the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def appends(number: int) -> tuple[list[list[object]], bool]:
    """Record as single acts and as an import does, then sequence; rows of figures and whether the target is met."""
    from gongkai.core import transparency
    from gongkai.core.transparency import recording, sequencer
    from gongkai.core.transparency.models import LogCheckpoint, LogEntry

    of = Appends(number)

    def drop() -> None:
        LogEntry.objects.filter(act="bare")._raw_delete("default")

    def import_batch(batch: range) -> None:
        transparency.record_many(recording.item(None, **of.act(n, "import")) for n in batch)

    def sequenced() -> None:
        while sequencer.sequence():
            pass

    baseline = number / seconds(lambda: of.in_batches(lambda batch: LogEntry.objects.bulk_create(map(of.row, batch))))
    drop()
    many, ordering = seconds(lambda: of.in_batches(import_batch)), seconds(sequenced)
    baseline_alone = of.single / seconds(lambda: of.one_by_one(lambda n: of.row(n).save(force_insert=True)))
    drop()
    alone = seconds(lambda: of.one_by_one(lambda n: transparency.record(None, **of.act(n, "single"))))
    ordering_alone = seconds(sequenced)
    total, total_alone = number / (many + ordering), of.single / (alone + ordering_alone)
    ok = LogCheckpoint.objects.first().size == number + of.single and total >= APPENDS_A_SECOND

    def line(words: str, rate: float, base: float) -> list[object]:
        return [words, f"{rate:,.0f}", f"{rate / base:.2f}"]

    rows = [
        line("insert of bare rows (baseline), 500 a transaction", baseline, baseline),
        line("record, 500 acts a transaction", number / many, baseline),
        line("sequence: order, hash, write tiles, sign", number / ordering, baseline),
        line("append: record and sequence", total, baseline),
        line("insert of bare rows (baseline), one a transaction", baseline_alone, baseline_alone),
        line("record, one act a transaction", of.single / alone, baseline_alone),
        line("append, one act a transaction", total_alone, baseline_alone),
    ]
    return rows, ok


def proofs(leaves: int) -> tuple[list[list[object]], bool]:
    """Prove random leaves of a large tree; each proof reads its tiles anew and is verified."""
    from gongkai.proof import merkle
    from gongkai.proof.store import Store

    with tempfile.TemporaryDirectory(prefix="gongkai-bench-tlog-") as name:
        store = Store(Path(name), durable=False)
        chance = random.Random(20260603)

        def hashes(start: int, end: int) -> list[bytes]:
            data = chance.randbytes((end - start) * 32)
            return [data[i : i + 32] for i in range(0, len(data), 32)]

        started = time.perf_counter()
        root = store.extend(0, leaves, None, hashes)
        building = time.perf_counter() - started
        times, walls, consistency = [], [], []
        for _ in range(300):
            index = chance.randrange(leaves)
            started, wall = time.process_time(), time.perf_counter()
            tiles = store.tiles(leaves)
            proof = merkle.inclusion_proof(index, leaves, tiles.subtree)
            times.append((time.process_time() - started) * 1000)
            walls.append((time.perf_counter() - wall) * 1000)
            leaf = tiles.tile(0, index // 256)[index % 256 * 32 : index % 256 * 32 + 32]
            merkle.verify_inclusion(index, leaves, leaf, proof, root)
        for _ in range(50):
            old = chance.randrange(1, leaves)
            earlier = merkle.head(0, old, store.tiles(leaves).subtree)
            started = time.process_time()
            proof = merkle.consistency_proof(old, leaves, store.tiles(leaves).subtree)
            consistency.append((time.process_time() - started) * 1000)
            merkle.verify_consistency(old, leaves, proof, earlier, root)
    for measured in (times, walls, consistency):
        measured.sort()
    p95 = times[int(len(times) * 0.95)]
    rows = [
        ["inclusion proof, processor time, median", f"{times[len(times) // 2]:.2f} ms"],
        ["inclusion proof, processor time, p95", f"{p95:.2f} ms"],
        ["inclusion proof, by the clock, median", f"{walls[len(walls) // 2]:.2f} ms"],
        ["inclusion proof, by the clock, p95", f"{walls[int(len(walls) * 0.95)]:.2f} ms"],
        ["consistency proof, processor time, p95", f"{consistency[int(len(consistency) * 0.95)]:.2f} ms"],
        ["tree built (hashes and tiles), leaves a second", f"{leaves / building:,.0f}"],
    ]
    return rows, p95 <= PROOF_MILLISECONDS


def record_and_sequence(seed: int) -> None:
    """Record and sequence until killed."""
    from django.db import transaction
    from django.utils import timezone

    from gongkai.core import transparency
    from gongkai.core.models import Unit
    from gongkai.core.transparency import sequencer

    bureau, number = Unit.objects.get(code="jyj"), 0
    while True:
        for _ in range(7):
            number += 1
            with transaction.atomic():
                transparency.record(
                    None, act="published", subject=f"{seed}-{number}", content={"n": number},
                    unit=bureau, at=timezone.now(),
                )  # fmt: skip
        sequencer.sequence()


def kills(times: int) -> tuple[list[list[object]], bool]:
    """Kill a child in the middle of it, again and again; then everything must agree."""
    from django.db import connections

    from gongkai.core.transparency import checking, keys, sequencer
    from gongkai.core.transparency.models import LogCheckpoint, LogEntry
    from gongkai.proof.client import Log
    from gongkai.proof.merkle import ProofError

    keys.signer()
    chance, seen, broken = random.Random(4016), [], 0
    log = Log(sequencer.store().read, keys.verifier())
    for round_number in range(times):
        connections.close_all()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                record_and_sequence(round_number)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.05, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        # What readers see at this very moment, before anything is put right, continues what they saw before.
        try:
            shown, _ = log.checkpoint()
            broken += any(entry is None for _, entry in log.entries(shown))
            for old in seen[-3:]:
                log.prove_consistency(old, shown)
            seen.append(shown)
        except FileNotFoundError:
            broken += bool(seen)
        except (ProofError, ValueError):
            broken += 1
    while sequencer.sequence():
        pass
    verdict = checking.check()
    waiting = LogEntry.objects.filter(position__isnull=True).count()
    rows: list[list[object]] = [
        ["checkpoints shown that do not hold", broken],
        ["entries left without a place", waiting],
        ["faults between log and database", "；".join(verdict.faults) or 0],
        ["entries that agree", f"{verdict.entries:,}"],
        ["checkpoints signed, all consistent", LogCheckpoint.objects.count()],
    ]
    return rows, not broken and not waiting and not verdict.faults


def run(options: argparse.Namespace, database: str) -> int:
    """All three parts on one database; 1 if a target was missed."""
    prepare(database)
    from django.db import connection, connections

    small_world()
    good = []
    if options.kills:
        rows, ok = kills(options.kills)
        good.append(ok)
        print(f"{connection.vendor}: sequencer killed {options.kills} times")
        print(table(["what", "found"], rows) + "\n")
    if options.appends:
        from gongkai.core.transparency.models import LogCheckpoint, LogEntry

        LogCheckpoint.objects.all().delete()
        LogEntry.objects.all()._raw_delete("default")
        from django.conf import settings

        settings.GONGKAI_LOG_RESTARTS = True
        rows, ok = appends(options.appends)
        good.append(ok)
        print(f"{connection.vendor}: {options.appends:,} appends, target {APPENDS_A_SECOND:,} a second")
        print(table(["what", "a second", "ratio"], rows) + "\n")
    connections.close_all()
    if options.leaves:
        rows, ok = proofs(options.leaves)
        good.append(ok)
        print(f"a tree of {options.leaves:,} leaves, target {PROOF_MILLISECONDS:.0f} ms")
        print(table(["what", "measured"], rows))
    return int(not all(good))


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appends", type=int, default=10_000)
    parser.add_argument("--leaves", type=int, default=10_000_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return run(options, url)


if __name__ == "__main__":
    sys.exit(main())
