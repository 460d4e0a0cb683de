"""Kill a process in the middle of acts, again and again, and prove that no half act is left.

    python benchmarks/bench_kill.py [--times 100]

Each round a child process opens and works on cases as fast as it can and is killed with SIGKILL after a random moment.
Then everything is checked: every case's events, counters, clocks, the audit chain, the database itself.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from setup import prepare, small_world, table


def work(seed: int) -> None:
    """Open, begin and finish cases until killed."""
    from gongkai.core.acts import perform
    from gongkai.core.models import Unit, User
    from gongkai.core.tests import sample

    boss, officer = User.objects.get(username="boss"), User.objects.get(username="officer")
    bureau = Unit.objects.get(code="jyj")
    number = 0
    while True:
        number += 1
        case = perform(sample.OpenSample, None, boss, {"title": f"{seed}-{number}", "unit": bureau.pk, "workdays": 5}).case
        perform(sample.Begin, case, officer, {"words": "办理"})
        if number % 2:
            perform(sample.Finish, case, officer)


def check() -> dict[str, int]:
    """What a half act would leave: a case whose events, state, clock or counters do not fit."""
    from django.db import connection
    from django.db.models import Count, F

    from gongkai.core import audit, counters
    from gongkai.core.models import Case, Clock, Event, PendingSeal
    from gongkai.core.tests import sample  # noqa: F401  its kind must be known to be counted

    cases = Case.objects.annotate(n=Count("events"))
    wrong = counters.verify()
    last = {e.case_id: e.state_after for e in Event.objects.order_by("id")}
    faults = {
        "events missing": cases.exclude(n=F("event_count")).count(),
        "state without its event": sum(last.get(c.pk) != c.state for c in cases),
        "case without clock": Case.objects.filter(clock__isnull=True).count(),
        "clock of a closed case still open": Clock.objects.filter(case__closed_at__isnull=False, state="running").count(),
        "counters wrong": len(wrong),
        "audit chain broken": int(not audit.verify().intact),
        "events outside the chain": PendingSeal.objects.count(),
    }
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            faults["database damaged"] = int(cursor.fetchone()[0] != "ok")
    return faults


def main() -> int:
    """Kill, check, report; the exit status is 1 if anything was left half done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    options = parser.parse_args()
    prepare(options.database)
    from django.db import connections

    small_world()
    connections.close_all()
    chance = random.Random(20260118)
    started = time.monotonic()
    for round_number in range(options.times):
        child = os.fork()
        if child == 0:
            sys.stderr = Path(os.devnull).open("w")
            try:
                work(round_number)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.03, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    faults = check()
    from gongkai.core.models import Case, Event

    print(f"killed {options.times} times in {time.monotonic() - started:.0f} s; {Case.objects.count()} cases, {Event.objects.count()} events")
    print(table(["fault", "found"], [[k, v] for k, v in faults.items()]))
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())
