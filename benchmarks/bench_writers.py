"""Many writers at once: no act lost, none failed, how many a second.

    python benchmarks/bench_writers.py [--writers 16] [--acts 100]

The baseline in the same run is one writer. With SQLite the writers are threads of one process, as `gongkai serve` has them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from setup import fresh_database, prepare, small_world, table


def run(writers: int, acts: int, label: str) -> list[object]:
    """`writers` threads with `acts` cases each: open and begin; one row of figures."""
    from django.db import connections

    from gongkai.core.acts import perform
    from gongkai.core.models import Case, Unit, User
    from gongkai.core.tests import sample

    boss, officer = User.objects.get(username="boss"), User.objects.get(username="officer")
    bureau = Unit.objects.get(code="jyj")
    before = Case.objects.count()
    waits: list[float] = []
    failed: list[str] = []

    def write(number: int) -> None:
        try:
            for at in range(acts):
                begun = time.perf_counter()
                case = perform(
                    sample.OpenSample, None, boss, {"title": f"{label}-{number}-{at}", "unit": bureau.pk, "workdays": 5}
                ).case
                perform(sample.Begin, case, officer, {"words": "办理"})
                waits.append(time.perf_counter() - begun)
        except Exception as error:
            failed.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    begun = Case.objects.filter(state="doing", title__startswith=f"{label}-").count()
    lost = writers * acts - begun
    return [
        writers,
        2 * writers * acts,
        f"{2 * writers * acts / seconds:.0f}",
        f"{statistics.median(waits) / 2 * 1000:.1f}",
        f"{max(waits) / 2 * 1000:.0f}",
        len(failed),
        lost + (Case.objects.count() - before - writers * acts),
    ]


def main() -> int:
    """Run one writer, then many; exit status 1 if an act was lost or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--acts", type=int, default=60)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return measure(options.writers, options.acts, url)


def measure(writers: int, acts: int, database: str) -> int:
    """The baseline and the many on one database; 1 if an act was lost or failed or figures do not fit."""
    prepare(database)
    from django.db import connection, connections

    from gongkai.core import audit, counters

    small_world()
    rows = [run(1, acts * 4, "one"), run(writers, acts, "many")]
    print(connection.vendor)
    print(table(["writers", "acts", "acts/s", "median ms", "longest ms", "failed", "lost"], rows))
    verdict, wrong = audit.verify(), counters.verify()
    print(f"audit chain {'intact' if verdict.intact else verdict.fault}; counters {wrong or 'right'}")
    connections.close_all()
    return int(any(row[5] or row[6] for row in rows) or not verdict.intact or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
