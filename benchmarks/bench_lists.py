"""Lists, dashboard and public ledger at growing sizes: CPU of the server, queries, growth.

    python benchmarks/bench_lists.py [--sizes 10000,100000] [--database postgres://…] [--profile todo]

Each size gets a database of its own, filled by `world.build`. Pages are asked for through Django's test client as a
person who is signed in, templates and middleware included, warm, by a process that did not build the world; the figure is
the lower quartile of CPU milliseconds (`time.process_time`; what else runs on the machine only ever adds), on PostgreSQL
that of elapsed milliseconds beside it, because there the database works in another process. Sizes come from GONGKAI_BENCH_SIZES, the PostgreSQL server from GONGKAI_BENCH_DATABASE_URL.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from setup import apart, fresh_database, prepare, table

ROUNDS = 31
GROWTH = 1.5
TODO_CPU = 15.0
DASHBOARD = 150.0
# Lists ask eight times at most; a dashboard is no list, its queries only must not grow with the cases.
QUERIES = {"case page": 12, "dashboard": 13, "dashboard by lead": 13}
MOST_QUERIES = 8


def pages(world: Any) -> dict[str, tuple[Any, str]]:
    """What is measured: words -> (who looks, address)."""
    from django.utils import timezone

    from gongkai.core.listing import cursor_of
    from gongkai.core.models import Case

    opened = Case.objects.filter(kind="assignment", closed_at__isnull=True)
    order = opened.order_by("due_order", "id")
    deep = cursor_of(order[opened.count() * 4 // 5])
    case = order.filter(unit=world.officer.main_unit, light="ok").first()
    month = timezone.localdate().replace(day=1)
    series = world.notice.ledger_series
    return {
        "to-do, officer": (world.officer, "/workbench/"),
        "to-do, officer with divisions": (world.divided, "/workbench/"),
        "to-do, officer of a small unit": (world.typical, "/workbench/"),
        "to-do, office": (world.boss, "/workbench/"),
        "to-do, waiting for others": (world.officer, "/workbench/?tab=waiting"),
        "to-do, closed this month": (world.officer, "/workbench/?tab=closed"),
        "unit's cases": (world.officer, "/workbench/unit/"),
        "unit's cases, closed": (world.officer, "/workbench/unit/?state=closed"),
        "all cases": (world.boss, "/workbench/cases/"),
        "all cases, deep page": (world.boss, f"/workbench/cases/?after={deep}"),
        "all cases, one unit late": (world.boss, f"/workbench/cases/?unit={world.officer.main_unit.pk}&light=late"),
        "all cases, notice and section": (world.boss, f"/workbench/cases/?series={series}&section=02"),
        "all cases, closed in a month": (world.boss, f"/workbench/cases/?series={series}&month={month:%Y-%m}"),
        "case page": (world.officer, f"/workbench/cases/{case.pk}/?in=todo"),
        "dashboard": (world.boss, "/workbench/ledger/dashboard/"),
        "dashboard by lead": (world.boss, "/workbench/ledger/dashboard/?by=lead"),
        "public ledger": (None, f"/ledger/{world.notice.slug}/"),
        "public duty": (None, f"/ledger/{world.notice.slug}/7/"),
        "public ledgers": (None, "/ledger/"),
    }


def client_of(person: Any) -> Any:
    """A browser of that person; of nobody for public pages."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def measure(person: Any, address: str, rounds: int) -> dict[str, Any]:
    """Lower quartile of CPU and elapsed milliseconds, number of queries and bytes of a page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(person)
    response = client.get(address)
    if response.status_code != 200:
        return {"status": response.status_code}
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    number = len(asked)
    processor, elapsed = [], []
    gc.collect()
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        client.get(address)
        processor.append((time.process_time() - cpu) * 1000)
        elapsed.append((time.perf_counter() - wall) * 1000)
        if sum(elapsed) > 20_000:
            break
    return {
        "status": 200,
        "cpu": _quartile(processor),
        "elapsed": _quartile(elapsed),
        "queries": number,
        "bytes": len(response.content),
    }


def _quartile(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=4)[0] if len(figures) > 1 else figures[0]


def _build(size: int) -> tuple[int, float, dict[str, float]]:
    import world as worlds

    built = worlds.build(size)
    worlds.vacuumed()
    return built.rows, built.seconds, built.phases


def one_size(size: int, rounds: int, only: str) -> dict[str, Any]:
    """Build a world of a size and measure every page; runs in a process of its own."""
    import world as worlds
    from django.conf import settings

    from gongkai.commands.serve import collect_static
    from gongkai.core import counters

    settings.ALLOWED_HOSTS = ["localhost"]
    if not settings.DEBUG:
        collect_static()
    rows, seconds, phases = apart(_build, size)
    built = worlds.look_up(worlds.World(size, rows, seconds, phases=phases))
    found = {
        words: measure(person, address, rounds) for words, (person, address) in pages(built).items() if only in words
    }
    started = time.perf_counter()
    problems = counters.verify()
    return {
        "pages": found,
        "rows": built.rows,
        "seconds": built.seconds,
        "phases": built.phases,
        "verify": time.perf_counter() - started,
        "differences": len(problems),
    }


def run_size(size: int, database: str, rounds: int, only: str) -> dict[str, Any]:
    """`one_size` in a child process with a fresh database, removed afterwards."""
    folder = tempfile.mkdtemp(prefix="gongkai-bench-")
    try:
        with fresh_database(database) as url:
            command = [sys.executable, __file__, "--child", str(size), "--rounds", str(rounds), "--only", only]
            command += ["--folder", folder, "--database", url]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(name: str, sizes: list[int], results: list[dict[str, Any]]) -> list[str]:
    """Print the tables of one database; returns the targets that were missed, in words."""
    served = name != "SQLite"
    print(f"\n### {name}\n")
    print(
        table(
            ["cases", "rows", "built in s", "rows/s", "counters verified in s", "differences"],
            [
                [
                    f"{size:,}",
                    f"{r['rows']:,}",
                    f"{r['seconds']:.0f}",
                    f"{r['rows'] / r['seconds']:,.0f}",
                    f"{r['verify']:.1f}",
                    r["differences"],
                ]
                for size, r in zip(sizes, results, strict=True)
            ],
        )
    )
    print()
    rows, missed = [], []
    for page in results[0]["pages"]:
        found = [result["pages"][page] for result in results]
        if any(one["status"] != 200 for one in found):
            rows.append([page, *(one["status"] for one in found), *[""] * (3 + served * len(sizes))])
            missed.append(f"{name}: {page} answers {found[-1]['status']}")
            continue
        growth = found[-1]["cpu"] / found[0]["cpu"]
        row = [page, *(f"{one['cpu']:.1f}" for one in found)]
        if served:
            row += [f"{one['elapsed']:.1f}" for one in found]
            growth = found[-1]["elapsed"] / found[0]["elapsed"]
        rows.append([*row, f"{growth:.2f}", found[-1]["queries"], f"{found[-1]['bytes'] / 1000:.0f}"])
        missed += [f"{name}: {page} {words}" for words in misses(page, found, growth, len(sizes))]
    head = ["page", *(f"CPU ms {size:,}" for size in sizes)]
    if served:
        head += [f"elapsed ms {size:,}" for size in sizes]
    print(table([*head, "growth", "queries", "kB"], rows))
    return missed


def misses(page: str, found: list[dict[str, Any]], growth: float, sizes: int) -> list[str]:
    """The targets that a page missed."""
    said = []
    most = QUERIES.get(page, MOST_QUERIES)
    if found[-1]["queries"] > most and not page.startswith("public"):
        said.append(f"asks {found[-1]['queries']} times (at most {most})")
    if found[-1]["queries"] != found[0]["queries"]:
        said.append(f"asks {found[0]['queries']} to {found[-1]['queries']} times")
    if page in ("to-do, officer", "to-do, office"):
        if found[-1]["cpu"] > TODO_CPU:
            said.append(f"takes {found[-1]['cpu']:.1f} ms of CPU (at most {TODO_CPU:.0f})")
        if sizes > 1 and growth > GROWTH:
            said.append(f"grows {growth:.2f} times (at most {GROWTH})")
    if page == "dashboard" and found[-1]["elapsed"] > DASHBOARD and found[-1]["cpu"] > DASHBOARD:
        said.append(f"takes {found[-1]['cpu']:.0f} ms (at most {DASHBOARD:.0f})")
    return said


def main() -> int:
    """Measure every size on SQLite and, where a server is named, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("GONGKAI_BENCH_SIZES", "10000,100000"))
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--without-sqlite", action="store_true")
    parser.add_argument("--child", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        prepare(options.database, options.folder)
        print(json.dumps(one_size(options.child, options.rounds, options.only)))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")]
    missed = []
    databases = [] if options.without_sqlite else [("SQLite", "")]
    databases += [("PostgreSQL", options.database)] if options.database else []
    for name, url in databases:
        results = [run_size(size, url, options.rounds, options.only) for size in sizes]
        missed += report(name, sizes, results)
    print("\n" + ("Missed:\n  " + "\n  ".join(missed) if missed else "Every target was met."))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
