"""A large installation in the real tables, written in bulk: units, people, notices, duties, assignments, clocks.

    world = build(1_000_000)

Real acts would take hours; here rows are made up front and copied in, indexes are laid afterwards, the counters are
counted by `counters.rebuild()`. Sizes are skewed as in life: a few units carry most, the newest notice holds a fifth of
all cases, six per cent are open. The same number gives the same world.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

UNITS = 200
DIVISIONS = 30
PEOPLE_PER_UNIT = 4
NOTICES = 20
TASKS = 60
SECTIONS = 5
OPEN_SHARE = 0.06
NEWEST_SHARE = 0.2
SKEW = 0.9
STATES = (("in_progress", 72), ("dispatched", 10), ("submitted", 9), ("review", 6), ("postponing", 3))


@dataclass(slots=True)
class World:
    """What was built, and who looks at it."""

    cases: int
    rows: int
    seconds: float
    officer: Any = None
    divided: Any = None
    typical: Any = None
    boss: Any = None
    notice: Any = None
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Rows a second over the whole building."""
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Span:
    """A clock that was derived once and stands in many cases, as database text."""

    unit: str
    amount: int | None
    date: str | None
    started: str
    due: str
    soon: str | None
    light: str
    until: str | None


def text_of(moment: dt.datetime | None) -> str | None:
    """A moment as both databases read it: UTC without an offset, the session's time zone being UTC."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}" if moment else None


def build(cases: int, seed: int = 2026) -> World:
    """Fill the empty, migrated database with so many assignments and all that belongs to them."""
    from django.db import connection

    from gongkai.core import counters

    started = time.perf_counter()
    chance = random.Random(seed)
    world = World(cases, 0, 0.0)
    units, users = _people(world)
    notices, tasks = _notices(world, units)
    marks = {"people and notices": time.perf_counter() - started}
    maker = _Maker(chance, units, users, notices, tasks, cases)
    with _bulk() as copy:
        for table, columns, rows in maker.tables():
            at = time.perf_counter()
            world.rows += copy(table, columns, rows)
            marks[table] = time.perf_counter() - at
        at = time.perf_counter()
    marks["indexes"] = time.perf_counter() - at
    _mark_late()
    at = time.perf_counter()
    counters.rebuild()
    marks["counters.rebuild"] = time.perf_counter() - at
    at = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    marks["ANALYZE"] = time.perf_counter() - at
    world.seconds, world.phases = time.perf_counter() - started, marks
    return world


def _mark_late() -> None:
    """What the acts repeat on a duty: whether one of its units finished late."""
    from gongkai.ledger.models import Assignment, Task

    late = Assignment.objects.filter(light="donelate").order_by().values("task").distinct()
    Task.objects.filter(pk__in=late).update(finished_late=True)


def look_up(world: World) -> World:
    """Find who looks at the pages: the officer of the unit with most cases, one with divisions, one of a small unit."""
    from gongkai.core.models import User
    from gongkai.ledger.models import Notice

    world.boss = User.objects.get(username="boss")
    world.officer, world.divided, world.typical = (User.objects.get(username=f"u{n}-officer") for n in (1, 4, 41))
    world.notice = Notice.objects.filter(slug="n0").first()
    return world


# --- units, people, notices: few rows, ordinary ways -------------------------------------------------------------------


def _people(world: World) -> tuple[list[Any], dict[int, list[Any]]]:
    from gongkai.core.models import Membership, Unit, User
    from gongkai.core.roles import Role

    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    office = Unit.objects.create(
        code="office", name="云溪区人民政府办公室", short_name="区政府办公室", kind="office", parent=root
    )
    bodies = [
        Unit.objects.create(code=f"u{n}", name=f"云溪区第{n}局", short_name=f"{n}局", parent=root, ordinal=n)
        for n in range(1, UNITS - DIVISIONS + 1)
    ]
    # The divisions of the fourth body and some others; a person of the body works for its divisions too.
    divisions = [
        Unit.objects.create(
            code=f"d{n}", name=f"第{n}科", short_name=f"{n}科", kind="division", parent=bodies[3 + (n // 6) * 5]
        )
        for n in range(DIVISIONS)
    ]
    units = bodies + divisions
    roles = (Role.OFFICER, Role.HANDLER, Role.REVIEWER, Role.LEADER)
    users = User.objects.bulk_create(
        [
            User(username=f"{unit.code}-{role}", password="!", post=f"{unit.short_name}{role.label}")
            for unit in units
            for role in roles[:PEOPLE_PER_UNIT]
        ]
    )
    by_unit: dict[int, list[Any]] = {}
    posts = []
    for (unit, role), user in zip(itertools.product(units, roles), users, strict=True):
        by_unit.setdefault(unit.pk, []).append(user)
        posts.append(Membership(user=user, unit=unit, role=role, main=True))
    boss = User.objects.create(username="boss", post="区政府办公室政务公开科")
    Membership.objects.bulk_create([*posts, Membership(user=boss, unit=office, role=Role.OFFICE, main=True)])
    look_up(world)
    return [office, *units], by_unit


def _notices(world: World, units: list[Any]) -> tuple[list[Any], dict[int, list[Any]]]:
    from django.utils import timezone

    from gongkai.core.models import Case
    from gongkai.ledger.models import Notice, Section, Task, TaskDeadline, TaskTarget, TaskUnit

    office, others = units[0], units[1:]
    today = timezone.localdate()
    notices: list[Any] = []
    tasks: dict[int, list[Any]] = {}
    for n in range(NOTICES):
        year = today.year - n // 4
        notice = Notice.objects.create(
            number=f"YD-{year}-{n:04d}", kind="notice", title=f"{year}年政务公开工作要点之{n + 1}", state="dispatched",
            unit=office, supervisor=office, opened_at=timezone.now() - dt.timedelta(days=300 + 90 * n), year=year,
            issued_on=dt.date(year, 3, 1 + n % 20), dispatched_on=dt.date(year, 3, 25), public=True, slug=f"n{n}",
        )  # fmt: skip
        notices.append(notice)
        parts = Section.objects.bulk_create(
            [Section(notice=notice, ordinal=s, title=f"第{s}部分 重点领域信息公开") for s in range(1, SECTIONS + 1)]
        )
        made = []
        for t in range(TASKS):
            lead = others[(7 * t + n) % len(others)]
            part = parts[t * SECTIONS // TASKS]
            made.append(
                Task.objects.create(
                    number=f"RW-{year}-{n:02d}{t:03d}",
                    kind="task",
                    title=f"第{t + 1}项 及时公开有关信息",
                    state="open",
                    unit=lead,
                    lead=lead,
                    supervisor=office,
                    series=notice.ledger_series,
                    section=part.code,
                    opened_at=notice.opened_at,
                    notice=notice,
                    part=part,
                    ordinal=t + 1,
                    text=f"第{t + 1}项。及时公开本领域有关信息，做好解读和回应，方便群众查询使用。",
                )
            )
        TaskUnit.objects.bulk_create(
            [
                TaskUnit(task=task, ordinal=k, name=u.name, unit=u, role="lead" if k == 0 else "responsible")
                for task in made
                for k, u in enumerate((task.lead, others[(task.ordinal * 3) % len(others)]))
            ]
        )
        TaskDeadline.objects.bulk_create(
            [
                TaskDeadline(task=task, text=f"{year}年12月底前", kind="date", date=dt.date(year, 12, 31))
                for task in made
            ]
        )
        metrics = ("ledger.done_on_time_rate", "ledger.done_rate", "ledger.received_rate", "ledger.hearing_coverage")
        TaskTarget.objects.bulk_create(
            [
                TaskTarget(task=task, text="按时办结率达到95%以上", metric=metric, value=95, unit="%")
                for task, metric in zip(made[::9], itertools.cycle(metrics), strict=False)
            ]
        )
        tasks[notice.pk] = made
    look_up(world)
    world.rows = NOTICES * (1 + SECTIONS + TASKS * 4) + 5 * len(units)
    assert Case.objects.count() == NOTICES * (1 + TASKS)
    return notices, tasks


# --- cases: many rows, made up in memory -------------------------------------------------------------------------------


class _Maker:
    """Makes the rows of the large tables, the same for every run of the same size."""

    def __init__(
        self, chance: random.Random, units: list[Any], users: dict[int, list[Any]], notices: list[Any],
        tasks: dict[int, list[Any]], cases: int,
    ) -> None:  # fmt: skip
        from django.utils import timezone

        self.chance, self.units, self.users, self.notices, self.tasks, self.cases = (
            chance, units, users, notices, tasks, cases,
        )  # fmt: skip
        self.now = timezone.now()
        self.today = timezone.localdate(self.now)
        self.first = 1 + max(task.pk for made in tasks.values() for task in made)
        self.open = set(range(0, cases, max(1, round(1 / OPEN_SHARE))))
        self._choose()

    def _choose(self) -> None:
        """Unit, notice and task of every case."""
        n, chance = self.cases, self.chance
        others = self.units[1:]
        weights = [1 / rank**SKEW for rank in range(1, len(others) + 1)]
        self.unit = chance.choices(others, weights, k=n)
        rest = (1 - NEWEST_SHARE) / (NOTICES - 1)
        newest, second = self.notices[0], self.notices[1]
        self.notice = chance.choices(self.notices, [NEWEST_SHARE, *[rest] * (NOTICES - 1)], k=n)
        for at in self.open:
            self.notice[at] = newest if at % 5 else second
        self.task = [self.tasks[notice.pk][chance.randrange(TASKS)] for notice in self.notice]

    def spans(self) -> tuple[list[Span], list[Span]]:
        """Clocks of open and of closed cases, each derived once by the real functions."""
        from gongkai.core import clocks
        from gongkai.core.models import Clock

        opened, closed = [], []
        start = self.now - dt.timedelta(days=60)
        for offset in range(-20, 76):
            day = self.today + dt.timedelta(days=offset)
            clock = Clock(unit="date", date=day, state="running", started_at=start - dt.timedelta(days=offset % 30))
            clocks.derive_into(clock, self.now)
            opened.append(self._span(clock))
        for offset in range(0, 80, 3):
            for amount in (20, 30, 45):
                begun = self.now - dt.timedelta(days=offset, hours=3)
                clock = Clock(unit="workday", amount=amount, state="running", started_at=begun)
                clocks.derive_into(clock, self.now)
                opened.append(self._span(clock))
        for offset in range(1, 365 * (1 + NOTICES // 4)):
            due = self.now.replace(hour=16, minute=0, second=0, microsecond=0) - dt.timedelta(days=offset)
            day = (due - dt.timedelta(hours=1)).date()
            clock = Clock(unit="date", date=day, due_at=due, soon_at=due - dt.timedelta(days=5), state="met")
            clock.started_at = due - dt.timedelta(days=90)
            closed.append(self._span(clock))
        return opened, closed

    def _span(self, clock: Any) -> Span:
        from gongkai.core import clocks

        light = str(clocks.light_of(clock, self.now)) if clock.state == "running" else "done"
        until = {"ok": clock.soon_at, "soon": clock.due_at}.get(light)
        return Span(
            clock.unit, clock.amount, f"{clock.date}" if clock.date else None, text_of(clock.started_at) or "",
            text_of(clock.due_at) or "", text_of(clock.soon_at), light, text_of(until),
        )  # fmt: skip

    def tables(self) -> Iterator[tuple[str, list[str], Iterable[tuple]]]:
        """Every large table with its columns and rows. Cases first: everything points to them."""
        from gongkai.core.models import Case, Clock, Event, Notification
        from gongkai.ledger.models import Assignment, Progress

        self._draw()
        yield _columns(Case, self._cases, self)
        yield _columns(Assignment, self._assignments, self)
        yield _columns(Clock, self._clocks, self)
        yield _columns(Event, self._events, self)
        yield _columns(Progress, self._progress, self)
        yield _columns(Notification, self._notifications, self)

    def _draw(self) -> None:
        chance, n = self.chance, self.cases
        opened, closed = self.spans()
        # Late ones are a twelfth of what is open.
        weights = [0.35 if span.light == "late" else 1.0 for span in opened]
        # A notice's duties end within its year, the newest one's within the last twelve months.
        years = {notice.pk: 365 * (place // 4) for place, notice in enumerate(self.notices)}
        self.span = [closed[years[notice.pk] + int(chance.random() * 360)] for notice in self.notice]
        self.state = ["done"] * n
        states, shares = zip(*STATES, strict=True)
        for at in self.open:
            self.span[at] = chance.choices(opened, weights)[0]
            self.state[at] = chance.choices(states, shares)[0]
        self.late = [chance.random() < 0.07 for _ in range(n)]
        self.paused = {at for at in self.open if self.state[at] == "in_progress" and chance.random() < 0.04}
        self.handler = [
            self.users[unit.pk][1].pk if chance.random() < 0.7 else None for unit in self.unit
        ]  # fmt: skip

    def _cases(self) -> Iterator[dict[str, Any]]:
        from gongkai.core.roles import Where
        from gongkai.ledger.kinds import ASSIGNMENT

        office = self.units[0].pk
        now = text_of(self.now)
        for at in range(self.cases):
            unit, task, span, is_open = self.unit[at].pk, self.task[at], self.span[at], at in self.open
            state = ASSIGNMENT.states[self.state[at]]
            late = self.late[at]
            closed = None if is_open else span.due if late else span.soon
            light = span.light if is_open else "donelate" if late else "done"
            light = "paused" if at in self.paused else light
            yield {
                "id": self.first + at,
                "number": f"RW-{task.number[3:7]}-{at + 100000:07d}",
                "kind": "assignment",
                "title": task.title,
                "state": self.state[at],
                "unit_id": unit,
                "supervisor_id": office,
                "lead_id": task.lead_id,
                "handler_id": self.handler[at],
                "series": task.series,
                "section": task.section,
                "turn_unit_id": None if not is_open else office if state.turn == Where.SUPERVISOR else unit,
                "turn_role": str(state.roles[0]) if is_open else "",
                "ask": state.ask if is_open else "",
                "light": light,
                "light_until": span.until if is_open and at not in self.paused else None,
                "late_at": span.due if is_open and at not in self.paused else None,
                "clock_id": at + 1,
                "due_at": span.due,
                "due_order": span.due,
                "provisional": False,
                "opened_at": span.started,
                "closed_at": closed,
                "closed_month": closed[:7] if closed else "",
                "on_time": None if is_open else not late,
                "outcome": "",
                "event_count": 1 + is_open,
                "updated_at": closed or now,
            }

    def _assignments(self) -> Iterator[dict[str, Any]]:
        blank = {
            "scope": "", "period": "", "submitted_at": None, "paused": False, "urged_at": None, "urge_open": False,
            "urge_words": "", "question_open": False, "postponed_clock": "", "postponed_to": None,
            "postponement_reason": "",
        }  # fmt: skip
        for at in range(self.cases):
            task = self.task[at]
            yield {
                **blank,
                "case_ptr_id": self.first + at,
                "task_id": task.pk,
                "role": "lead" if task.lead_id == self.unit[at].pk else "responsible",
                "percent": 40 if at in self.open else 100,
                "reported_at": self.span[at].started if at % 2 else None,
            }

    def _clocks(self) -> Iterator[dict[str, Any]]:
        for at in range(self.cases):
            span, is_open = self.span[at], at in self.open
            yield {
                "id": at + 1,
                "case_id": self.first + at,
                "code": "main",
                "name": "完成任务",
                "unit": span.unit,
                "amount": span.amount,
                "date": span.date,
                "trigger": "",
                "basis": "工作要点",
                "judged": True,
                "state": "paused" if at in self.paused else "running" if is_open else "met",
                "started_at": span.started,
                "due_at": span.due,
                "soon_at": span.soon,
                "stopped_at": None if is_open else span.due if self.late[at] else span.soon,
                "on_time": None if is_open else not self.late[at],
                "provisional": False,
            }

    def _events(self) -> Iterator[dict[str, Any]]:
        blank = {"actor_id": None, "actor_label": "区政府办公室", "summary": "", "words": "", "data": "{}",
                 "changes": "{}", "public": False, "digest": "0" * 64}  # fmt: skip
        number = 0
        for at in range(self.cases):
            for sequence in range(1, 2 + (at in self.open)):
                number += 1
                yield {
                    **blank,
                    "id": number,
                    "case_id": self.first + at,
                    "sequence": sequence,
                    "act": "assignment.receive",
                    "label": "签收",
                    "at": self.span[at].started,
                    "state_before": "",
                    "state_after": self.state[at],
                }

    def _progress(self) -> Iterator[dict[str, Any]]:
        blank = {"period": "", "text": "已完成本阶段工作，有关信息已在网站公开。", "percent": 40, "value": None,
                 "links": "[]", "public": True, "private_reason": "", "answer": "", "returned_at": None,
                 "completion": False, "clock_code": "", "reported_by_id": None, "event_id": None}  # fmt: skip
        for number, at in enumerate(range(0, self.cases, 4), start=1):
            started = self.span[at].started
            yield {
                **blank,
                "id": number,
                "assignment_id": self.first + at,
                "task_id": self.task[at].pk,
                "released_at": started if number % 3 else None,
                "reported_at": started,
            }

    def _notifications(self) -> Iterator[dict[str, Any]]:
        blank = {"kind": "reminder", "digested_at": text_of(self.now)}
        for number, at in enumerate(range(0, self.cases, 5), start=1):
            yield {
                **blank,
                "id": number,
                "user_id": self.users[self.unit[at].pk][0].pk,
                "case_id": self.first + at,
                "text": f"{self.task[at].title}：还有3个工作日到期",
                "key": f"case-{at}",
                "created_at": self.span[at].started,
                "read_at": None if at in self.open else self.span[at].due,
            }


def _columns(model: Any, make: Any, maker: _Maker) -> tuple[str, list[str], Iterable[tuple]]:
    """A table with the columns of its model, checked against what is made."""
    columns = [found.column for found in model._meta.local_concrete_fields]
    first = next(make(), None)
    missing = set(columns) ^ set(first or columns)
    if missing:
        raise RuntimeError(f"{model.__name__}: the generator and the model differ in {sorted(missing)}")
    maker_rows = make()
    return model._meta.db_table, columns, (tuple(map(row.__getitem__, columns)) for row in maker_rows)


# --- the databases -----------------------------------------------------------------------------------------------------


@contextmanager
def _bulk() -> Iterator[Any]:
    """A function copy(table, columns, rows) -> rows written; indexes and checks are put back at the end."""
    from django.db import connection

    with _bulk_sqlite() if connection.vendor == "sqlite" else _bulk_postgresql() as copy:
        yield copy


_TABLES = ("core_case", "ledger_assignment", "core_clock", "core_event", "ledger_progress", "core_notification")


@contextmanager
def _bulk_sqlite() -> Iterator[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("PRAGMA synchronous=OFF")
        indexes = []
        for table in _TABLES:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL AND tbl_name=%s", [table]
            )
            indexes += cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    raw = connection.connection

    def copy(table: str, columns: list[str], rows: Iterable[tuple]) -> int:
        names, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
        raw.execute("BEGIN")
        # The backend's cursor would rewrite every statement; the connection beneath it takes the rows as they are.
        written = raw.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows).rowcount
        raw.execute("COMMIT")
        return written

    yield copy
    with connection.cursor() as cursor:
        for _, sql in indexes:
            cursor.execute(sql)
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")


# What COPY reads as more than itself.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if hasattr(value, "obj"):
        value = json.dumps(value.obj, ensure_ascii=False)
    return str(value).translate(_ESCAPED)


@contextmanager
def _bulk_postgresql() -> Iterator[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        # Leaves out the checks of foreign keys; needs a superuser, which a benchmark's database has.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)",
            [list(_TABLES)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')

    def copy(table: str, columns: list[str], rows: Iterable[tuple]) -> int:
        names = ", ".join(f'"{c}"' for c in columns)
        written = 0
        with connection.cursor() as cursor:
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as stream:
                for rows_at in iter(lambda: list(itertools.islice(rows, 5000)), []):
                    stream.write("".join("\t".join(map(_copied, row)) + "\n" for row in rows_at))
                    written += len(rows_at)
            if "id" in columns:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        return written

    yield copy
    with connection.cursor() as cursor:
        for _, sql in indexes:
            cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


def multiply(tables: list[tuple[Any, dict[str, str]]], first: int, patterns: int, size: int) -> None:
    """Copy so many rows, numbered without gaps from `first`, until there are `size`; one statement a table.

    `tables` gives for each model the columns that are not copied, as SQL: `n.i` is the number of the new row, {text} the
    same with eight digits.
    """
    from django.db import connection

    quote = connection.ops.quote_name
    text = "lpad(cast(n.i as text), 8, '0')" if connection.vendor == "postgresql" else "printf('%%08d', n.i)"
    series = "WITH RECURSIVE n(i) AS (SELECT %s UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
    with connection.cursor() as cursor:
        for model, special in tables:
            names = [field.column for field in model._meta.local_concrete_fields]
            into = ", ".join(map(quote, names))
            out = ", ".join(special.get(name, f"p.{quote(name)}").replace("{text}", text) for name in names)
            table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
            cursor.execute(
                f"INSERT INTO {table} ({into}) {series} SELECT {out} FROM n"
                f" JOIN {table} p ON p.{key} = (n.i - {first}) %% {patterns} + {first}",
                [first + patterns, first + size - 1],
            )
            if connection.vendor == "postgresql" and "id" in names:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), {first + size})")
        cursor.execute("ANALYZE")


def vacuumed() -> None:
    """PostgreSQL needs a vacuum before index-only scans; SQLite does not."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def plain(sql: str) -> str:
    """A statement on one line."""
    return re.sub(r"\s+", " ", sql)
