"""Kill a process while it takes requests in, again and again: every receipt that was shown has its case, and only one.

    python benchmarks/bench_kill_requests.py [--times 100]

Each round a child process sends the public form as fast as it can. What a reader saw (number and query code) is written
down and flushed only after `submit` came back, the key of the form before it is sent. The child is killed with SIGKILL
after a random moment; then the last form is sent once more with the same key, as a browser does that got no answer.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_kill import check, serves
from setup import fresh_database, prepare, table


def form(place: Any, key: str) -> dict[str, Any]:
    """A complete form with its key."""
    from gongkai.requests.tests import helpers

    return helpers.application(place, key=key, content=f"清平路改造工程2025年的检测报告，第{key[-6:]}份。")


def work(place: Any, seed: int, sent: Path, seen: Path) -> None:
    """Send forms until killed."""
    from gongkai.requests.acts.submission import submit

    number = 0
    while True:
        number += 1
        key = f"kill-{seed:06d}-{number:010d}"
        note(sent, key)
        case = submit(form(place, key)).case
        note(seen, f"{key} {case.number} {case.code}")


def note(path: Path, line: str) -> None:
    """One line, on the disk when this returns."""
    with path.open("a", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def kill_rounds(place: Any, times: int, sent: Path, seen: Path, seed: int = 20260601) -> int:
    """Let a child send, kill it, send its last form once more; returns how often that one had come through already."""
    from django.db import connections

    from gongkai.requests.acts.submission import submit

    chance = random.Random(seed)
    already = 0
    for round_number in range(times):
        connections.close_all()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                work(place, round_number, sent, seen)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.05, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if sent.exists():
            key = sent.read_text(encoding="ascii").split()[-1]
            again = submit(form(place, key))
            already += again.repeated
            note(seen, f"{key} {again.case.number} {again.case.code}")
    return already


def faults_of(sent: Path, seen: Path) -> dict[str, int]:
    """What would have been lost or doubled."""
    from django.db.models import Count

    from gongkai.requests import codes
    from gongkai.requests.models import Request, Submission

    shown = [line.split() for line in seen.read_text(encoding="ascii").splitlines()]
    numbers = sorted(int(case.number.rsplit("-", 1)[1]) for case in Request.objects.only("number"))
    return {
        "receipts without their case": sum(codes.find(number, code) is None for _, number, code in shown),
        "one form, two numbers": len({tuple(line) for line in shown}) - len({key for key, _, _ in shown}),
        "cases without their form": Request.objects.count() - Submission.objects.count(),
        "more cases than forms": max(0, Request.objects.count() - len(set(sent.read_text(encoding="ascii").split()))),
        "gaps in the numbers": len(numbers) and numbers[-1] - len(numbers),
        "requests without a reply clock": Request.objects.exclude(clocks__code="reply").count(),
        "requests without exactly one first event": Request.objects.annotate(n=Count("events")).exclude(n=1).count(),
        **check(),
    }


def main() -> int:
    """Kill, send again, check, report; the exit status is 1 if anything was lost, doubled or left half done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--without-server", action="store_true", help="do not start the server afterwards")
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return run(options.times, url, serve=not options.without_server)


def run(times: int, database: str, *, serve: bool = True) -> int:
    """The whole proof on one database; 1 if anything was lost."""
    folder = prepare(database)
    from django.db import connection, connections

    from gongkai.requests.models import Request
    from gongkai.requests.tests import helpers

    place = helpers.district()
    sent, seen = folder / "sent", folder / "seen"
    started = time.monotonic()
    already = kill_rounds(place, times, sent, seen)
    seconds = time.monotonic() - started
    faults = faults_of(sent, seen)
    print(
        f"{connection.vendor}: killed {times} times in {seconds:.0f} s; {Request.objects.count()} requests,"
        f" {already} of the forms sent again had come through"
    )
    connections.close_all()
    answer = serves(folder, database) if serve else ""
    rows: list[list[object]] = [[name, found] for name, found in faults.items()]
    if serve:
        rows.append(["server does not start again", answer or 0])
    print(table(["fault", "found"], rows))
    return int(any(faults.values()) or bool(answer))


if __name__ == "__main__":
    sys.exit(main())
