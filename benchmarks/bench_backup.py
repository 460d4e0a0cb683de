"""Back up while others write, restore elsewhere, and prove that both are equal.

    python benchmarks/bench_backup.py [--writers 4] [--cases 300] [--files 40]

Four writers open and work on cases and keep files while `gongkai backup` runs. The archive is restored into an empty
folder with `gongkai restore`. Then every table is compared, row by row digest, with the database inside the archive,
every file with its name (which is its SHA-256); the restored copy holds exactly what stood at one moment of the writing
(no event newer than the snapshot, none missing before it); audit chain and counters verify; the server starts on it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from bench_kill import serves
from setup import prepare, small_world, table

_GONGKAI = """
import sys, django
django.setup()
from gongkai.core.tests import sample
from gongkai.cli import main
sys.exit(main(sys.argv[1:]))
"""


def write_until(stop: threading.Event, number: int, written: list[int], failed: list[str]) -> None:
    """Open and begin cases and keep files until told to stop."""
    from django.db import connections

    from gongkai.core import attachments
    from gongkai.core.acts import perform
    from gongkai.core.models import Unit, User
    from gongkai.core.tests import sample

    boss, officer = User.objects.get(username="boss"), User.objects.get(username="officer")
    bureau = Unit.objects.get(code="jyj")
    at = 0
    try:
        while not stop.is_set():
            at += 1
            title = f"备份时写入-{number}-{at}"
            case = perform(sample.OpenSample, None, boss, {"title": title, "unit": bureau.pk, "workdays": 5}).case
            perform(sample.Begin, case, officer, {"words": "办理"})
            attachments.keep(f"{title}\n".encode() * 200)
            written[number] += 1
    except Exception as error:
        failed.append(f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()


def digests(database: Path) -> dict[str, tuple[int, str]]:
    """Every table with its rows and a digest over all of them in order of their ids."""
    found = {}
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in sorted(names.fetchall()):
            rows, digest = 0, hashlib.sha256()
            for row in opened.execute(f'SELECT * FROM "{name}" ORDER BY 1'):
                digest.update(repr(row).encode())
                rows += 1
            found[name] = (rows, digest.hexdigest())
    return found


def prefix_of(database: Path, restored: Path) -> str:
    """Whether the restored events are the beginning of those the source has now; what differs in words, else nothing."""
    ask = "SELECT id, digest FROM core_event ORDER BY id"
    with contextlib.closing(sqlite3.connect(database)) as one, contextlib.closing(sqlite3.connect(restored)) as two:
        now, then = one.execute(ask).fetchall(), two.execute(ask).fetchall()
    return "" if now[: len(then)] == then and then else f"{len(then)} events are no beginning of {len(now)}"


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`gongkai …` on a data folder, with the kind of the writers' cases known, so that they are counted."""
    environment = {**os.environ, "GONGKAI_DATA_DIR": str(folder), "GONGKAI_TLS": "0"}
    environment.pop("GONGKAI_DATABASE_URL", None)
    program = [sys.executable, "-c", _GONGKAI, *arguments]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """Write, back up, restore, compare; the exit status is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--cases", type=int, default=150, help="cases that stand there before")
    options = parser.parse_args()
    return run(options.writers, options.cases)


def run(writers: int, cases: int, *, serve: bool = True) -> int:
    """The whole proof; 1 if anything differs."""
    source = prepare()
    small_world()
    stop, written, failed = threading.Event(), [0] * writers, []
    threads = [threading.Thread(target=write_until, args=(stop, n, written, failed)) for n in range(writers)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 120
    while sum(written) < cases and time.monotonic() < until and not failed:
        time.sleep(0.1)
    folder = Path(tempfile.mkdtemp(prefix="gongkai-bench-"))
    archive, before, started = folder / "backup.tar.gz", sum(written), time.monotonic()
    done = command(source, "backup", str(archive), "--json")
    seconds, during = time.monotonic() - started, sum(written) - before
    stop.set()
    for thread in threads:
        thread.join()
    rows: list[list[object]] = [["writers failed", len(failed)], ["cases written while the backup ran", during]]
    faults = [*failed]
    if done.returncode:
        faults.append(f"backup: {done.stderr}{done.stdout}")
    else:
        faults += restored_faults(source, folder, archive, rows, serve=serve)
    print(f"backup took {seconds:.1f} s while {writers} writers worked")
    print(table(["what", "found"], rows))
    print("Everything is equal." if not faults else "Differs:\n  " + "\n  ".join(faults))
    return int(bool(faults))


def restored_faults(source: Path, folder: Path, archive: Path, rows: list[list[object]], *, serve: bool) -> list[str]:
    """Restore the archive elsewhere and compare; what differs, in words."""
    target = folder / "elsewhere"
    target.mkdir()
    done = command(target, "restore", str(archive), "--json")
    if done.returncode:
        return [f"restore: {done.stderr}{done.stdout}"]
    faults = []
    with tarfile.open(archive) as packed:
        manifest = json.load(packed.extractfile("manifest.json") or io.BytesIO(b"{}"))
        packed.extract("database.sqlite3", folder, filter="data")
    backed, found = digests(folder / "database.sqlite3"), digests(target / "gongkai.sqlite3")
    differing = [name for name in sorted(set(backed) | set(found)) if backed.get(name) != found.get(name)]
    faults += [f"table {name} differs" for name in differing]
    if {name: count for name, (count, _) in found.items()} != manifest["database"]["rows"]:
        faults.append("row counts differ from the manifest")
    faults += [words] if (words := prefix_of(source / "gongkai.sqlite3", target / "gongkai.sqlite3")) else []
    kept = {path.name: path for path in (target / "files").glob("??/??/*")}
    wrong = [name for name, path in kept.items() if hashlib.sha256(path.read_bytes()).hexdigest() != name]
    faults += [f"file {name} is damaged" for name in wrong]
    if {name: path.stat().st_size for name, path in kept.items()} != manifest["files"]:
        faults.append("files differ from the manifest")
    rows += [
        ["tables compared", len(backed)],
        ["tables that differ", len(differing)],
        ["rows restored", sum(count for count, _ in found.values())],
        ["files restored", len(kept)],
        ["files damaged", len(wrong)],
    ]
    for words in (("audit", "verify"), ("counters", "verify")):
        checked = command(target, *words)
        rows.append([" ".join(words), "clean" if not checked.returncode else "differs"])
        faults += [f"{' '.join(words)}: {checked.stdout}{checked.stderr}"] if checked.returncode else []
    if serve:
        answer = serves(target)
        rows.append(["server on the restored copy", answer or "answers 200"])
        faults += [f"server: {answer}"] if answer else []
    return faults


if __name__ == "__main__":
    sys.exit(main())
