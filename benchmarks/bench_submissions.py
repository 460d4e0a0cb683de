"""Requests sent by many at once: how many a second, and that none is lost.

    python benchmarks/bench_submissions.py [--clients 16] [--seconds 8] [--ways bare,apart,act,web] [--processes 2]

Four ways in one run, by the same number of clients against the same PostgreSQL:

- bare: one row as large as all rows of one request together, inserted in a transaction of its own (the baseline);
- apart: `submit` from as many processes, so that no request is opened together with another;
- act: `submit` from as many threads, in as many processes as the server has;
- web: the last step of the public form (drafts filled in and challenges solved beforehand) against `gongkai serve`, which
  has those processes and threads.

Afterwards every receipt that a client saw is looked up with its query code, and numbers, counters and the audit chain are
proved. Without an address a private PostgreSQL that writes to the disk is started.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
from bench_kill import check
from setup import fresh_database, prepare, table
from tools.private_postgres import private_postgres

TARGET = 200
BODIES = 8
PURPOSE = "requests.apply"


def bodies() -> list[Any]:
    """Bodies that take requests, each with an officer."""
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role

    found = []
    for number in range(BODIES):
        unit = Unit.objects.create(
            code=f"B{number}", name=f"云溪区第{number + 1}局", short_name=f"第{number + 1}局", kind="department"
        )
        officer = User.objects.create(username=f"officer-{number}")
        Membership.objects.create(user=officer, unit=unit, role=Role.OFFICER, main=True)
        found.append(unit)
    return found


def form(unit: int, key: str = "") -> dict[str, Any]:
    """A complete form."""
    from gongkai.requests.tests import helpers

    words = f"清平路改造工程2025年的检测报告，第{key[-8:]}份。"
    return helpers.application(SimpleNamespace(bureau=SimpleNamespace(pk=unit)), key=key or None, content=words)


# --- the three ways, each in a process of its own -----------------------------------------------------------------------


def bare(number: int, until: float, url: str, size: int) -> list[tuple[float, str]]:
    """Insert a row and commit, again and again."""
    import psycopg

    row, seen = os.urandom(size), []
    with psycopg.connect(url) as connection:
        while time.perf_counter() < until:
            began = time.perf_counter()
            connection.execute("INSERT INTO bench_bare (client, content) VALUES (%s, %s)", [number, row])
            connection.commit()
            seen.append((time.perf_counter() - began, ""))
    return seen


def act(number: int, until: float, units: list[int], shift: int) -> list[tuple[float, str]]:
    """Send forms through the act; their keys count from `number + shift`."""
    from gongkai.requests.acts.submission import submit

    seen: list[tuple[float, str]] = []
    while time.perf_counter() < until:
        at = len(seen)
        began = time.perf_counter()
        case = submit(form(units[(number + at) % len(units)], f"bench-{number + shift:04d}-{at:012d}")).case
        seen.append((time.perf_counter() - began, f"{case.number} {case.code}"))
    return seen


def web(number: int, until: float, port: int, posts: list[tuple[str, str]]) -> list[tuple[float, str]]:
    """Post the last step of the form, and read the number of the request from the cookie that shows the receipt.

    Every applicant has a browser and a network of their own: each post comes over a new connection, each client has an
    address. (Tries of one network are counted in one row, and wait for each other.)
    """
    own = (f"127.0.0.{number + 2}", 0)
    seen: list[tuple[float, str]] = []
    for cookie, body in posts:
        if time.perf_counter() >= until:
            break
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=own)
        connection.request("POST", "/requests/new/check/", body, headers)
        reply = connection.getresponse()
        said = reply.read()
        connection.close()
        took = time.perf_counter() - began
        receipt = next(
            (line.split(";")[0].partition("=")[2] for line in reply.headers.get_all("Set-Cookie", ())
             if line.startswith("gongkai_receipt=")), ""
        )  # fmt: skip
        if reply.status != 302 or not receipt:
            raise RuntimeError(f"the form answers {reply.status}: {said[:300].decode(errors='replace')}")
        seen.append((took, receipt))
    return seen


def in_threads(clients: range, until: float, work: Callable, more: tuple[Any, ...]) -> list[tuple[float, str]]:
    """`work(number, until, *more)` for some clients in threads of this process; what they saw."""

    def go(number: int) -> list[tuple[float, str]]:
        return work(number, until, *[part[number] if isinstance(part, dict) else part for part in more])

    if len(clients) == 1:
        return go(clients[0])
    with ThreadPoolExecutor(len(clients)) as pool:
        return [one for part in pool.map(go, clients) for one in part]


def in_parallel(
    clients: int, seconds: float, work: Callable, *more: Any, processes: int = 0
) -> tuple[list[tuple[float, str]], float]:
    """`work(number, until, *more)` by so many clients, each in a process of its own or shared out among `processes`.

    Gives what all of them saw, and how long it took.
    """
    from django.db import connections

    connections.close_all()
    # A moment for every process to be there, so that all begin together.
    start = time.perf_counter() + 1.5
    pipes, children = [], []
    each = -(-clients // processes) if processes else 1
    for first in range(0, clients, each):
        reading, writing = multiprocessing.Pipe(duplex=False)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                time.sleep(max(0.0, start - time.perf_counter()))
                writing.send(in_threads(range(first, min(first + each, clients)), start + seconds, work, more))
                status = 0
            except Exception as error:
                print(f"clients from {first}: {type(error).__name__}: {error}", file=sys.stderr)
                writing.send(None)
            finally:
                os._exit(status)
        writing.close()
        pipes.append(reading)
        children.append(child)
    found = [pipe.recv() for pipe in pipes]
    took = time.perf_counter() - start
    for child in children:
        os.waitpid(child, 0)
    if any(part is None for part in found):
        raise RuntimeError("a client failed")
    return [one for part in found for one in part], took


# --- what has to be there before, and is proved afterwards --------------------------------------------------------------


def size_of_request(unit: int) -> int:
    """Bytes of all rows that one request brings."""
    from django.db import connection

    from gongkai.requests.acts.submission import submit

    case = submit(form(unit, "bench-size-0000000000")).case
    total = 0
    with connection.cursor() as cursor:
        for name, column in (
            ("core_case", "id"), ("requests_request", "case_ptr_id"), ("core_clock", "case_id"), ("core_event", "case_id"),
            ("core_notification", "case_id"), ("requests_submission", "request_id"),
        ):  # fmt: skip
            cursor.execute(f"SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {name} t WHERE {column} = %s", [case.pk])
            total += int(cursor.fetchone()[0])
    return total


def drafts(clients: int, each: int, units: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Filled-in drafts with solved challenges: client -> (cookies, body of the POST)."""
    from gongkai.core.challenge import puzzles
    from gongkai.requests.pages import drafts as kept

    posts: dict[int, list[tuple[str, str]]] = {number: [] for number in range(clients)}
    token = "b" * 32
    for number in range(clients):
        for at in range(each):
            made: dict[str, str] = {}
            draft = kept.begin(made)
            typed = form(units[(number + at) % len(units)], f"{number:04d}{at:06d}")
            typed.pop("key")
            kept.save(draft, **typed, done=["unit", "information", "applicant", "delivery"], anyway=True)
            challenge = puzzles.issue(PURPOSE)
            answer = ",".join(["0"] * challenge.parts)
            body = {
                "csrfmiddlewaretoken": token,
                "challenge": challenge.token,
                "challenge_answer": answer,
                "go": "next",
            }
            cookie = f"{kept.COOKIE}={made['secret']}; csrftoken={token}"
            posts[number].append((cookie, urllib.parse.urlencode(body)))
    return posts


def allow_many() -> None:
    """One network may send as much as it likes, and its challenges are solved by any number."""
    from django.core.cache import cache

    from gongkai.core.models import JurisdictionSetting

    for key, value in (("challenge.per_hour", 10_000_000), ("challenge.bits", 0)):
        JurisdictionSetting.objects.update_or_create(key=key, defaults={"value": value})
    cache.clear()


def lost(act_seen: list[str], web_seen: list[str]) -> int:
    """How many receipts that were shown have no case."""
    from django.core import signing

    from gongkai.requests import codes
    from gongkai.requests.models import Request
    from gongkai.requests.pages import receipt

    missing = sum(codes.find(*words.split()) is None for words in act_seen)
    shown = [int(signing.loads(words, salt=receipt.SALT)) for words in web_seen]
    there = set(Request.objects.values_list("pk", flat=True))
    return missing + sum(pk not in there for pk in shown) + len(shown) - len(set(shown))


def gaps() -> int:
    """Numbers that were left out or given twice."""
    from gongkai.requests.models import Request

    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in Request.objects.values_list("number", flat=True))
    return sum(number != place for place, number in enumerate(numbers, 1))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(port: int, processes: int, threads: int) -> subprocess.Popen:
    """`gongkai serve` on the same database; returns when it answers."""
    command = [sys.executable, "-m", "gongkai.cli", "serve", "--bind", f"127.0.0.1:{port}", "--no-worker"]
    if shutil.which("gongkai", path=str(Path(sys.executable).parent)):
        command[:3] = [str(Path(sys.executable).parent / "gongkai")]
    command += ["--processes", str(processes), "--threads", str(threads)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/requests/")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise RuntimeError("the server does not answer")


# --- the run ------------------------------------------------------------------------------------------------------------


def row(name: str, seen: list[tuple[float, str]], took: float, base: float) -> list[object]:
    """One line of the table."""
    waits = sorted(wait for wait, _ in seen)
    rate = len(seen) / took
    return [
        name,
        len(seen),
        f"{rate:.0f}",
        f"{rate / base:.2f}" if base else "",
        f"{statistics.median(waits) * 1000:.0f}",
        f"{waits[len(waits) * 95 // 100] * 1000:.0f}",
    ]


def run(options: argparse.Namespace, url: str) -> int:
    """Measure on one database; 1 if something was lost or the target was missed."""
    os.environ["GONGKAI_PUBLIC_ADDRESS"] = "http://127.0.0.1"
    prepare(url)
    import psycopg

    ways = options.ways.split(",")
    units = [unit.pk for unit in bodies()]
    allow_many()
    size = size_of_request(units[0])
    rows, rates, act_seen, web_seen = [], {}, [], []
    if "bare" in ways:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, client integer, content bytea)")
        seen, took = in_parallel(options.clients, options.seconds, bare, url, size)
        rates["bare"] = len(seen) / took
        print(f"bare {rates['bare']:.0f}", flush=True)
        rows.append(row(f"bare insert of {size} bytes", seen, took, rates["bare"]))
    for way, processes in (("apart", 0), ("act", options.processes)):
        if way not in ways:
            continue
        # The two ways send other forms.
        shift = options.clients if way == "act" else 0
        seen, took = in_parallel(options.clients, options.seconds, act, units, shift, processes=processes)
        rates[way] = len(seen) / took
        print(f"{way} {rates[way]:.0f}", flush=True)
        act_seen += [words for _, words in seen]
        name = f"submit, {options.processes} processes" if processes else f"submit, {options.clients} processes"
        rows.append(row(name, seen, took, rates.get("bare", 0)))
    if "web" in ways:
        each = max(20, int(options.seconds * TARGET * 1.5 / options.clients))
        posts = drafts(options.clients, each, units)
        port = free_port()
        server = serve(port, options.processes, -(-options.clients // options.processes))
        try:
            in_parallel(options.clients, 1, web, port, {number: some[:2] for number, some in posts.items()})
            rest = {number: some[2:] for number, some in posts.items()}
            seen, took = in_parallel(options.clients, options.seconds, web, port, rest)
        finally:
            server.terminate()
            server.wait(30)
        rates["web"] = len(seen) / took
        web_seen = [words for _, words in seen]
        rows.append(row("last step of the form", seen, took, rates.get("bare", 0)))
    faults = {
        "receipts without their case": lost(act_seen, web_seen),
        "gaps or doubles in the numbers": gaps(),
        **check(),
    }
    print(
        f"{options.clients} clients, {options.seconds:.0f} s each, {len(units)} bodies, {options.processes} web processes\n"
    )
    print(table(["way", "done", "a second", "of bare", "median ms", "95 % ms"], rows))
    print()
    print(table(["fault", "found"], [[name, found] for name, found in faults.items()]))
    slow = [f"{name} {rate:.0f}/s" for name, rate in rates.items() if name not in ("bare", "apart") and rate < TARGET]
    print("\n" + (f"Missed: {', '.join(slow)} (at least {TARGET}/s)" if slow else "Every target was met."))
    if options.json:
        print(json.dumps(rates))
    return int(any(faults.values()) or bool(slow))


def main() -> int:
    """Measure and print; the exit status is 1 if something was lost or the target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--ways", default="bare,apart,act,web")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    options = parser.parse_args()
    with ExitStack() as stack:
        try:
            server = options.database or stack.enter_context(private_postgres(durable=True))
        except FileNotFoundError as problem:
            print(f"Not measured: {problem}")
            return 0
        return run(options, stack.enter_context(fresh_database(server)))


if __name__ == "__main__":
    sys.exit(main())
