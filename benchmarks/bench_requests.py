"""The work list of requests at growing sizes: CPU of the server, queries, growth; board and load beside it.

    python benchmarks/bench_requests.py [--sizes 10000,100000] [--database postgres://…]

Each size gets a database of its own, filled in bulk: 200 bodies, skewed as in life, six per cent open; what is beyond the
first 20,000 repeats them. Pages are asked for through Django's test client as a person who is signed in, templates and
middleware included, warm; the figure is the lower quartile of CPU milliseconds, on PostgreSQL that of elapsed milliseconds beside it. Sizes come from GONGKAI_BENCH_SIZES, the
PostgreSQL server from GONGKAI_BENCH_DATABASE_URL.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_lists import measure
from setup import apart, fresh_database, prepare, table

UNITS = 200
OPEN_SHARE = 0.06
ROUNDS = 31
LIST_CPU = 15.0
GROWTH = 1.5
MOST_QUERIES = 8
BATCH = 5000
PATTERNS = 20_000
OPEN = (("received", 8), ("handling", 55), ("supplementing", 10), ("consulting", 7), ("review", 14), ("signed", 6))
CODES = ("G", "G", "G", "P", "D4", "D6", "U1", "U2", "N2", "O1")
LISTS = ("list, officer", "list, office", "list, officer deep", "list, office deep", "one handler", "by words of state",
         "by channel", "closed, officer", "closed, office", "waiting for archive", "due this week")  # fmt: skip


def people() -> SimpleNamespace:
    """200 bodies under one government, an officer and a handler in each, the office above."""
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role

    root = Unit.objects.create(code="Q", name="云溪区人民政府", kind="government")
    office = Unit.objects.create(code="B", name="区政府办公室", kind="office", parent=root)
    units = [Unit.objects.create(code=f"U{n}", name=f"区第{n}局", kind="department", parent=root) for n in range(UNITS)]

    def person(name: str, unit: Any, *roles: Role) -> Any:
        user = User.objects.create(username=name, post=name)
        Membership.objects.bulk_create([Membership(user=user, unit=unit, role=role, main=True) for role in roles])
        return user

    boss = person("boss", office, Role.OFFICE)
    officers = [person(f"o{n}", unit, Role.OFFICER) for n, unit in enumerate(units)]
    handlers = [person(f"h{n}", unit, Role.HANDLER) for n, unit in enumerate(units)]
    return SimpleNamespace(units=units, boss=boss, officers=officers, handlers=handlers)


def fill(place: Any, number: int, now: dt.datetime) -> None:
    """So many requests with a clock each, written in bulk; the same number gives the same world."""
    import world
    from django.db import transaction

    from gongkai.core import counters
    from gongkai.core.models import Case, Clock
    from gongkai.requests.models import Request

    chance = random.Random(2026)
    weights = [1 / (n + 1) ** 0.7 for n in range(UNITS)]
    states = [state for state, share in OPEN for _ in range(share)]
    patterns = min(number, PATTERNS)
    for start in range(0, patterns, BATCH):
        rows = []
        for at in range(start, min(start + BATCH, patterns)):
            n = chance.choices(range(UNITS), weights)[0]
            rows.append(_request(chance, place, n, at, states, now))
        _write(rows, Clock, Request, now)
    tables = [
        (Case, {"id": "n.i", "number": "'N-' || {text}", "clock_id": "n.i"}),
        (Request, {"case_ptr_id": "n.i", "code_mark": "'m' || {text}"}),
        (Clock, {"id": "n.i", "case_id": "n.i"}),
    ]
    with transaction.atomic():
        world.multiply(tables, 1, patterns, number)
    counters.rebuild()
    world.vacuumed()


def _request(chance: random.Random, place: Any, n: int, at: int, states: list[str], now: dt.datetime) -> Any:
    from gongkai.core.models.cases import Light
    from gongkai.requests.models import Request

    opened = chance.random() < OPEN_SHARE
    age = chance.randrange(30) if opened else 30 + chance.randrange(1500)
    arrived = now - dt.timedelta(days=age, seconds=chance.randrange(80000))
    due = arrived + dt.timedelta(days=29)
    closed = None if opened else arrived + dt.timedelta(days=chance.randrange(5, 32))
    late = closed is not None and closed > due
    state = chance.choice(states) if opened else ("replied" if chance.random() < 0.002 else "archived")
    light = Light.OK if opened else Light.DONELATE if late else Light.DONE
    turn = opened and state in ("received", "handling", "review", "signed")
    return Request(
        kind="request", number=f"SQ-{arrived.year}-{at:07}", title=f"第{at}号工程的合同和验收材料", state=state,
        unit=place.units[n], handler=place.handlers[n] if state != "received" else None,
        turn_unit=place.units[n] if turn else None, turn_role="officer" if turn else "", ask="办理申请" if turn else "",
        light=light, due_at=due, due_order=due, late_at=due if opened else None, opened_at=arrived, closed_at=closed,
        closed_month=f"{closed:%Y-%m}" if closed else "", on_time=None if opened else not late,
        channel=chance.choice(("web", "web", "web", "in_person", "post", "fax")),
        category="natural" if chance.random() < 0.8 else "business", applicant={}, applicant_label="李**",
        subject=f"第{at}号工程的合同和验收材料", content=f"第{at}号工程的合同和验收材料，2025年全部。", forms=["electronic"],
        arrived_at=arrived, entered_at=arrived, received_on=arrived.date(), counted_from=arrived.date(),
        counted_year=arrived.year, decision="" if opened else chance.choice(CODES),
        replied_on=closed.date() if closed else None, result_year=closed.year if closed else None,
        workdays_used=chance.randrange(2, 24) if closed else None, answered_in_time=None if opened else not late,
        area=chance.choice(("城乡规划", "教育", "征地拆迁")), unfiled=state == "replied",
    )  # fmt: skip


def _write(rows: list[Any], clock: Any, request: Any, now: dt.datetime) -> None:
    """Parents, records and clocks of one batch; ids are given by hand, as bulk writing of two tables needs."""
    from django.db import connection, transaction

    from gongkai.core.models import Case

    first = (Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    parents, clocks = [], []
    for pk, row in enumerate(rows, first):
        row.pk = row.id = row.case_ptr_id = pk
        row.clock_id = pk
        parents.append(Case(**{field.attname: getattr(row, field.attname) for field in Case._meta.concrete_fields}))
        done = row.closed_at is not None
        clocks.append(
            clock(pk=pk, case_id=pk, code="reply", name="答复申请人", unit="workday", amount=20, started_at=row.arrived_at,
                  due_at=row.due_at, soon_at=row.due_at - dt.timedelta(days=4), judged=True,
                  state="met" if done else "running", stopped_at=row.closed_at, on_time=row.on_time)
        )  # fmt: skip
    with transaction.atomic():
        Case.objects.bulk_create(parents, batch_size=500)
        own = list(request._meta.local_concrete_fields)
        names = ", ".join(f'"{field.column}"' for field in own)
        marks = ", ".join(["%s"] * len(own))
        values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in own] for row in rows]
        with connection.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "{request._meta.db_table}" ({names}) VALUES ({marks})', values)
        clock.objects.bulk_create(clocks, batch_size=500)


def pages(place: Any, now: dt.datetime) -> dict[str, tuple[Any, str]]:
    """What is measured: words -> (who looks, address). The officer is of the body with most requests."""
    from gongkai.core.listing import cursor_of
    from gongkai.core.models import Case

    officer, boss = place.officers[0], place.boss
    opened = Case.objects.filter(kind="request", closed_at__isnull=True).order_by("due_order", "id")
    mine = opened.filter(unit=place.units[0])
    deep, own = (cursor_of(rows[rows.count() * 4 // 5]) for rows in (opened, mine))
    home = "/workbench/requests/"
    return {
        "list, officer": (officer, home),
        "list, office": (boss, home),
        "list, officer deep": (officer, f"{home}?after={own}"),
        "list, office deep": (boss, f"{home}?after={deep}"),
        "one handler": (officer, f"{home}?handler={place.handlers[0].pk}"),
        "by words of state": (boss, f"{home}?state=consulting"),
        "by channel": (boss, f"{home}?channel=post"),
        "closed, officer": (officer, f"{home}?state=closed"),
        "closed, office": (boss, f"{home}?state=closed"),
        "waiting for archive": (boss, f"{home}?has=archive"),
        "due this week": (officer, f"{home}?due=week"),
        "board, officer": (officer, f"{home}board/"),
        "board, office": (boss, f"{home}board/"),
        "load, officer": (officer, f"{home}load/"),
        "load, office": (boss, f"{home}load/"),
    }


def run(number: int, database: str) -> dict[str, dict[str, Any]]:
    """Build one size and measure every page."""
    prepare(database)
    from django.conf import settings
    from django.utils import timezone

    from gongkai.commands.serve import collect_static

    settings.ALLOWED_HOSTS = ["localhost"]
    if not settings.DEBUG:
        collect_static()
    now = timezone.now()
    started = time.perf_counter()
    place = people()
    apart(fill, place, number, now)
    print(f"built {number:,} requests in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return {words: measure(user, url, ROUNDS) for words, (user, url) in pages(place, now).items()}


def main() -> int:
    """Each size in a process of its own; the table, and 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("GONGKAI_BENCH_SIZES", "10000,100000"))
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        import json

        print(json.dumps(run(options.one, options.database)))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")]
    found = {}
    for size in sizes:
        with fresh_database(options.database) as url:
            found[size] = _child(size, url)
    return _report(sizes, found, bool(options.database))


def _child(size: int, url: str) -> dict[str, dict[str, Any]]:
    import json

    command = [sys.executable, __file__, "--one", str(size), "--database", url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return result


def _report(sizes: list[int], found: dict[int, dict[str, dict[str, Any]]], server: bool) -> int:
    last, first = sizes[-1], sizes[0]
    lines, broken = [], []
    for words, measured in found[last].items():
        before = found[first][words]
        growth = measured["cpu"] / max(before["cpu"], 1.0)
        lines.append(
            [words, *[f"{found[size][words]['cpu']:.1f}" for size in sizes],
             *([f"{measured['elapsed']:.1f}"] if server else []), f"{growth:.2f}", measured["queries"]]
        )  # fmt: skip
        if words in LISTS and (measured["cpu"] > LIST_CPU or measured["queries"] > MOST_QUERIES):
            broken.append(f"{words}: {measured['cpu']:.1f} ms, {measured['queries']} queries")
        if words in LISTS and len(sizes) > 1 and growth > GROWTH and measured["cpu"] > LIST_CPU / 2:
            broken.append(f"{words}: grows {growth:.2f} times")
    head = ["page", *[f"{size:,} CPU ms" for size in sizes], *(["elapsed ms"] if server else []), "growth", "queries"]
    print(table(head, lines))
    for words in broken:
        print(f"broken: {words}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
