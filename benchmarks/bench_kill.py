"""Kill a process in the middle of acts, again and again, and prove that no half act is left.

    python benchmarks/bench_kill.py [--times 100]

Each round a child process opens and works on cases as fast as it can and is killed with SIGKILL after a random moment.
Then everything is checked: every case's events, counters, clocks, the audit chain, the database itself; and
`gongkai serve` starts on it and answers.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from setup import fresh_database, prepare, small_world, table


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
        case = perform(
            sample.OpenSample, None, boss, {"title": f"{seed}-{number}", "unit": bureau.pk, "workdays": 5}
        ).case
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
        "clock of a closed case still open": Clock.objects.filter(
            case__closed_at__isnull=False, state="running"
        ).count(),
        "counters wrong": len(wrong),
        "audit chain broken": int(not audit.verify().intact),
        "events outside the chain": PendingSeal.objects.count(),
    }
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            faults["database damaged"] = int(cursor.fetchone()[0] != "ok")
    return faults


def serves(folder: Path, database: str = "") -> str:
    """Start `gongkai serve` on the database and ask for the sign-in page; what went wrong in words, else nothing."""
    command = Path(sys.executable).with_name("gongkai")
    port = free_port()
    environment = {**os.environ, "GONGKAI_DATA_DIR": str(folder), "GONGKAI_TLS": "0"}
    if database:
        environment["GONGKAI_DATABASE_URL"] = database
    server = subprocess.Popen(
        [str(command), "serve", "--bind", f"127.0.0.1:{port}"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 180
        while time.monotonic() < until and server.poll() is None:
            try:
                address = f"http://127.0.0.1:{port}/workbench/login/"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    return "" if answer.status == 200 else f"answered {answer.status}"
            except urllib.error.HTTPError as error:
                return f"answered {error.code}"
            except OSError:
                time.sleep(0.3)
        return f"ended with {server.returncode}" if server.poll() is not None else "did not answer within three minutes"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_rounds(times: int, seed: int = 20260118) -> None:
    """Let a child work and kill it with SIGKILL after a random moment, again and again."""
    chance = random.Random(seed)
    for round_number in range(times):
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                work(round_number)
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0.03, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def main() -> int:
    """Kill, check, report; the exit status is 1 if anything was left half done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--without-server", action="store_true", help="do not start the server afterwards")
    options = parser.parse_args()
    with fresh_database(options.database) as url:
        return run(options.times, url, serve=not options.without_server)


def run(times: int, database: str, *, serve: bool = True) -> int:
    """The whole proof on one database; 1 if anything was left half done."""
    folder = prepare(database)
    from django.db import connection, connections

    small_world()
    connections.close_all()
    started = time.monotonic()
    kill_rounds(times)
    seconds = time.monotonic() - started
    faults = check()
    from gongkai.core.models import Case, Event

    print(
        f"{connection.vendor}: killed {times} times in {seconds:.0f} s;"
        f" {Case.objects.count()} cases, {Event.objects.count()} events"
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
