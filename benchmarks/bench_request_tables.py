"""The annual tables of requests at growing sizes: from counters, counted anew, and the page that shows them.

    python benchmarks/bench_request_tables.py [--sizes 10000,100000] [--database postgres://…]

Each size gets a database of its own with a hundred bodies and six years. The rows are written by `INSERT … SELECT` from a
few hundred patterns that keep the rules of the law (a reply has its leaf, its year and its working days). The counters are
then counted from the rows, and every table must be the same by both ways.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from setup import fresh_database, prepare, table

BODIES = 100
YEARS = range(2021, 2027)
PATTERNS = 500
FROM_COUNTERS = 0.3
RECOMPUTED = 20.0
COUNTS = ("core_casecount", "core_closedcount", "request_figures_yearcount", "request_figures_pacecount")


def patterns() -> list[Any]:
    """Requests of every body and year that are like real ones; returns them saved."""
    from gongkai.core.models import Unit
    from gongkai.core.models.cases import Light
    from gongkai.law import clock as law_clock
    from gongkai.requests.figures.tables import ROW_OF
    from gongkai.requests.models import Category, Channel, Request

    chance = random.Random(20260601)
    root = Unit.objects.create(code="YX", name="云溪区人民政府", short_name="区政府", kind="government")
    units = [
        Unit.objects.create(
            code=f"B{n}", name=f"云溪区第{n + 1}局", short_name=f"第{n + 1}局", kind="department", parent=root
        )
        for n in range(BODIES)
    ]
    leaves, made = list(ROW_OF), []
    for number in range(PATTERNS):
        year = chance.choice(YEARS)
        day = dt.date(year, chance.randint(1, 12), chance.randint(1, 28))
        came = law_clock.midnight(day) + dt.timedelta(hours=10)
        used = chance.randint(1, 26)
        replied = day + dt.timedelta(days=used * 7 // 5)
        ended = year < YEARS[-1] or chance.random() < 0.8
        case = Request(
            number=f"P-{number:05d}", kind="request", title="管道检测报告", unit=units[number % BODIES], supervisor=root,
            state="closed" if ended else "received", light=Light.DONE if ended else Light.OK, opened_at=came,
            closed_at=law_clock.midnight(replied) if ended else None, closed_month=f"{replied:%Y-%m}" if ended else "",
            on_time=used <= 20 if ended else None,
            channel=chance.choice(Channel.values), category=chance.choice(Category.values), applicant_label="李**",
            applicant={"name": "李某某"}, content="清平路改造工程2025年的管道检测报告。", arrived_at=came, entered_at=came,
            received_on=day, counted_from=day, counted_year=year, code=f"c{number:011d}", code_mark=os.urandom(16).hex(),
            decision=chance.choice(leaves) if ended else "", result_year=replied.year if ended else None,
            replied_on=replied if ended else None, workdays_used=used if ended else None,
            answered_in_time=used <= 20 if ended else None,
        )  # fmt: skip
        case.save()
        made.append(case)
    return made


def multiply(size: int) -> None:
    """Copy the patterns until there are so many requests."""
    import world

    from gongkai.core.models import Case
    from gongkai.requests.models import Request

    first = Case.objects.order_by("pk").values_list("pk", flat=True)[0]
    tables = [
        (Case, {"id": "n.i", "number": "'N-' || {text}"}),
        (Request, {"case_ptr_id": "n.i", "code_mark": "'m' || {text}"}),
    ]
    world.multiply(tables, first, PATTERNS, size)


def timed(work: Callable[[], Any], rounds: int) -> tuple[Any, float]:
    """What came of it, and the median of the elapsed seconds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        found = work()
        took.append(time.perf_counter() - began)
    return found, statistics.median(took)


def one_size(size: int) -> dict[str, Any]:
    """Build and measure; runs in a process of its own."""
    from django.conf import settings
    from django.test import Client

    from gongkai.commands.serve import collect_static
    from gongkai.core import counters
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role
    from gongkai.law import annual_tables
    from gongkai.requests.figures import counting, tables
    from gongkai.requests.models import Request

    settings.ALLOWED_HOSTS = ["localhost"]
    began = time.perf_counter()
    patterns()
    multiply(size)
    built = time.perf_counter() - began
    found: dict[str, Any] = {"requests": Request.objects.count(), "built": built}
    _, found["rebuilt"] = timed(counting.rebuild, 1)
    counters.rebuild()
    year = YEARS[-2]
    quick, found["counters"] = timed(lambda: tables.table_b(None, year), 9)
    slow, found["recomputed"] = timed(lambda: tables.recomputed_b(None, year), 3)
    problems, found["verified"] = timed(counting.verify, 1)
    found["differences"] = len(problems) + sum(quick[cell] != slow[cell] for cell in quick)
    unit = Unit.objects.get(code="B3")
    found["differences"] += tables.table_b([unit.pk], year) != tables.recomputed_b([unit.pk], year)
    found["violations"] = len(annual_tables.check_b(quick, tables.table_b(None, year - 1)))
    _, found["pace"] = timed(lambda: tables.pace(None, year), 5)
    boss = User.objects.create(username="boss")
    Membership.objects.create(user=boss, unit=Unit.objects.get(code="YX"), role=Role.OFFICE, main=True)
    if not settings.DEBUG:
        collect_static()
    found |= page(Client(SERVER_NAME="localhost"), boss, f"/workbench/requests/figures/?year={year}")
    return found


def page(client: Any, person: Any, address: str) -> dict[str, Any]:
    """The page as somebody signed in gets it: status, queries, CPU and elapsed seconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    status = client.get(address).status_code
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    queries, processor, elapsed = len(asked), [], []
    for _ in range(9):
        wall, cpu = time.perf_counter(), time.process_time()
        client.get(address)
        processor.append(time.process_time() - cpu)
        elapsed.append(time.perf_counter() - wall)
    return {
        "status": status,
        "queries": queries,
        "page_cpu": statistics.median(processor),
        "page": statistics.median(elapsed),
    }


def run_size(size: int, database: str) -> dict[str, Any]:
    """`one_size` in a child process with a fresh database, removed afterwards."""
    folder = tempfile.mkdtemp(prefix="gongkai-bench-")
    try:
        with fresh_database(database) as url:
            command = [sys.executable, __file__, "--child", str(size), "--folder", folder, "--database", url]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(name: str, results: list[dict[str, Any]]) -> list[str]:
    """Print the table of one database; returns the targets that were missed, in words."""
    head = ["requests", "built s", "counters rebuilt s", "table B ms", "pace ms", "table B anew s", "verified s",
            "differences", "page CPU ms", "page ms", "queries"]  # fmt: skip
    rows, missed = [], []
    for found in results:
        rows.append([
            f"{found['requests']:,}", f"{found['built']:.1f}", f"{found['rebuilt']:.2f}", f"{found['counters'] * 1000:.1f}",
            f"{found['pace'] * 1000:.1f}", f"{found['recomputed']:.2f}", f"{found['verified']:.2f}", found["differences"],
            f"{found['page_cpu'] * 1000:.0f}", f"{found['page'] * 1000:.0f}", found["queries"],
        ])  # fmt: skip
        size = f"{name}, {found['requests']:,} requests"
        if found["status"] != 200:
            missed.append(f"{size}: the page answers {found['status']}")
        if min(found["page"], found["page_cpu"]) > FROM_COUNTERS:
            missed.append(f"{size}: the page takes {found['page'] * 1000:.0f} ms (at most {FROM_COUNTERS * 1000:.0f})")
        if max(found["recomputed"], found["verified"]) > RECOMPUTED:
            missed.append(f"{size}: counting anew takes more than {RECOMPUTED:.0f} s")
        if found["differences"] or found["violations"]:
            missed.append(
                f"{size}: {found['differences']} differences, {found['violations']} rules of the table broken"
            )
    print(f"\n### {name}\n\n{table(head, rows)}", flush=True)
    return missed


def main() -> int:
    """Measure every size on SQLite and, where a server is named, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("GONGKAI_BENCH_SIZES", "10000,100000"))
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--without-sqlite", action="store_true")
    parser.add_argument("--child", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        prepare(options.database, options.folder)
        print(json.dumps(one_size(options.child)))
        return 0
    databases = [] if options.without_sqlite else [("SQLite", "")]
    databases += [("PostgreSQL", options.database)] if options.database else []
    missed = []
    for name, url in databases:
        missed += report(name, [run_size(int(size), url) for size in options.sizes.split(",")])
    print("\n" + ("Missed:\n  " + "\n  ".join(missed) if missed else "Every target was met."))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
