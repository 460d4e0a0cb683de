"""Random histories of requests: what is stored must be what the events say.

    python benchmarks/bench_histories.py [NUMBER] [SEED] [SECONDS]

With SECONDS it stops after that time and says how many it lived.

Each history is lived day by day as the acts live it: a row is written or ended, the clocks are derived, and what
`requests.clocks` would lay into the database (rule, start, pauses, extensions) is kept; what the law refuses is left out.
No database is needed for that: the rows are model instances that are never saved, so that 100,000 of them take minutes
instead of hours; the tests of the room do the same with saved rows through acts. At the end three ways to the last day for
the reply must agree: the stored pieces counted by core's clock, all events derived anew in another order, and the plain
formula of the rules, add_workdays(T0, 20 + E + X), written here a second time.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings_test")

import django

django.setup()

from gongkai.core.clocks import Laid  # noqa: E402
from gongkai.law import clock as law_clock  # noqa: E402
from gongkai.law.requests import history as law  # noqa: E402
from gongkai.law.workdays import default_calendar  # noqa: E402
from gongkai.requests import clocks  # noqa: E402
from gongkai.requests.models import Approval, Consultation, Fee, Request, Supplement  # noqa: E402

CALENDAR = default_calendar()
FIRST, LAST = dt.date(2019, 1, 2), dt.date(2026, 3, 31)
DAY = dt.timedelta(days=1)
CHANNELS = ("web", "in_person", "post", "ordinary_mail", "fax", "email")


class Life:
    """One request, lived day by day."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.today = FIRST + DAY * chance.randrange((LAST - FIRST).days)
        moment = law_clock.midnight(self.today) + dt.timedelta(hours=10)
        self.case = Request(
            channel=chance.choice(CHANNELS), arrived_at=moment, entered_at=moment, received_on=self.today
        )
        self.rows = clocks.Rows()
        self.laid: dict[str, Laid] = {}
        self.done: Counter[str] = Counter()
        self.lay()

    def lay(self) -> law.RequestClocks:
        """Derive as an act does, and keep what would be stored."""
        found = law.derive(clocks.events_of(self.case, self.rows), CALENDAR, law.NATIONAL, self.today)
        self.laid = {plan.code: plan for plan in clocks.plans(found, self.case, self.rows)}
        for row in self.rows.opinions:
            clock = next(item for item in found.all("opinion") if item.reference == str(row.pk))
            row.due_on = clock.due_on
        return found

    def run(self, steps: int) -> None:
        """Live some steps; what cannot be is taken back."""
        for _ in range(steps):
            self.today += DAY * self.chance.choice((0, 1, 1, 2, 2, 3, 5, 8, 13))
            self.lay()
            name = self.chance.choice(OFTEN)
            undo = STEPS[name](self)
            if undo is None:
                continue
            try:
                self.lay()
                self.done[name] += 1
            except law.HistoryError:
                undo()
                self.lay()
                self.done["refused"] += 1

    def back(self) -> dt.date:
        """A day on which something may have happened that is written down now."""
        return max(self.today - DAY * self.chance.choice((0, 0, 0, 1, 2)), self.case.received_on)

    @property
    def due(self) -> dt.date | None:
        """The last day as it would stand in the database: the stored pieces, counted by core's clock."""
        plan = self.laid["reply"]
        return law_clock.derive(plan.rule, plan.started_at, CALENDAR, plan.pauses, plan.extensions).due_on


Undo = Callable[[], Any] | None


def add(life: Life, rows: list[Any], row: Any) -> Undo:
    """Put in a row with a key of its own."""
    row.pk = 1 + sum(map(len, (life.rows.supplements, life.rows.opinions, life.rows.fees, life.rows.approvals)))
    rows.append(row)
    return lambda: rows.remove(row)


def set_all(row: Any, **values: Any) -> Undo:
    """Set columns of a row; the undo sets them back."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)

    def undo() -> None:
        for name, value in before.items():
            setattr(row, name, value)

    return undo


def ask_supplement(life: Life) -> Undo:
    day = life.back()
    received = life.chance.choice((None, day))
    return add(
        life, life.rows.supplements, Supplement(asked_on=day, received_on=received, workdays=life.chance.randint(1, 15))
    )


def answer_supplement(life: Life) -> Undo:
    row = next((item for item in life.rows.supplements if item.answered_on is None), None)
    return row and set_all(
        row, answered_on=life.back(), received_on=row.received_on or life.today, state=Supplement.State.ANSWERED
    )


def ask_opinion(life: Life) -> Undo:
    day = life.back()
    due = life.due
    if due is not None and day > due:
        return None
    kind = life.chance.choice((Consultation.Kind.THIRD_PARTY, Consultation.Kind.CO_MAKER))
    received = life.chance.choice((None, day))
    return add(life, life.rows.opinions, Consultation(kind=kind, pauses=True, sent_on=day, received_on=received))


def deliver(life: Life) -> Undo:
    row = next((item for item in life.rows.opinions if item.received_on is None and item.ended_on is None), None)
    if row is None or life.back() < row.sent_on:
        return None
    return set_all(row, received_on=life.today)


def answer_opinion(life: Life) -> Undo:
    row = next((item for item in life.rows.opinions if item.answered_on is None and item.answer == ""), None)
    if row is None:
        return None
    day = life.back()
    return set_all(row, answered_on=day, received_on=min(row.received_on or day, day), answer="agreed")


def unreachable(life: Life) -> Undo:
    row = next((item for item in life.rows.opinions if item.received_on is None and item.answer == ""), None)
    return row and set_all(row, answer=Consultation.Answer.UNREACHABLE, ended_on=life.today)


def extend(life: Life) -> Undo:
    row = Approval(
        kind=Approval.Kind.EXTENSION, state=Approval.State.GRANTED, workdays=life.chance.randint(1, 20),
        decided_on=life.today,
    )  # fmt: skip
    return add(life, life.rows.approvals, row)


def allow_second(life: Life) -> Undo:
    row = Approval(kind=Approval.Kind.SUPPLEMENT, state=Approval.State.GRANTED, decided_on=life.today)
    return add(life, life.rows.approvals, row)


def notice_fee(life: Life) -> Undo:
    if any(row.state != Fee.State.WAIVED for row in life.rows.fees):
        return None
    day = life.back()
    return add(life, life.rows.fees, Fee(noticed_on=day, received_on=life.chance.choice((None, day))))


def pay(life: Life) -> Undo:
    row = next((item for item in life.rows.fees if item.state == Fee.State.WAITING), None)
    day = life.back()
    return row and set_all(row, paid_on=day, received_on=row.received_on or day, state=Fee.State.PAID)


def waive(life: Life) -> Undo:
    row = next((item for item in life.rows.fees if item.state == Fee.State.WAITING), None)
    return row and set_all(row, state=Fee.State.WAIVED)


STEPS: dict[str, Callable[[Life], Undo]] = {
    item.__name__: item
    for item in (
        ask_supplement, answer_supplement, ask_opinion, deliver, answer_opinion, unreachable, extend, allow_second,
        notice_fee, pay, waive,
    )
}  # fmt: skip


# --- the second way: the formula of the rules ---------------------------------------------------------------------------


def by_formula(life: Life) -> dt.date | None:
    """add_workdays(T0, 20 + E + X); None while something is waited for."""
    rows = life.rows
    fees = [row for row in rows.fees if row.state != Fee.State.WAIVED]
    if any(row.answered_on is None for row in rows.supplements):
        return None
    if any(row.received_on and row.paid_on is None for row in fees):
        return None
    starts = [life.case.received_on, *(row.answered_on for row in rows.supplements), *(row.paid_on for row in fees)]
    start = max(day for day in starts if day)
    granted = sum(
        row.workdays for row in rows.approvals if row.kind == Approval.Kind.EXTENSION and row.decided_on >= start
    )
    excluded: set[dt.date] = set()
    due = CALENDAR.add_workdays(start, 20 + granted)
    for row in sorted(rows.opinions, key=lambda item: (item.sent_on, item.pk)):
        back = returned(row, life.today)
        if row.sent_on > due:
            continue
        if back is None:
            return None
        days = (start + DAY * n for n in range(1, (back - start).days + 1))
        excluded |= {day for day in days if row.sent_on < day and CALENDAR.is_workday(day)}
        due = max(CALENDAR.add_workdays(start, 20 + granted + len(excluded)), due)
        if CALENDAR.roll_forward(back) > due:
            due = CALENDAR.roll_forward(back)
    return due


def returned(row: Consultation, today: dt.date) -> dt.date | None:
    """The day an opinion came back, at most fifteen working days after it was received; None while it is waited for."""
    days = [row.answered_on] if row.answered_on else []
    if row.received_on is not None:
        limit = CALENDAR.add_workdays(row.received_on, 15)
        if today > limit:
            days.append(limit)
    elif row.answer == Consultation.Answer.UNREACHABLE:
        days.append(row.ended_on)
    return min(days) if days else None


# How often each thing is tried; what asks comes oftener than what takes back.
OFTEN = tuple(
    name
    for name, times in {
        "ask_supplement": 3, "answer_supplement": 4, "ask_opinion": 4, "deliver": 4, "answer_opinion": 4, "unreachable": 1,
        "extend": 2, "allow_second": 1, "notice_fee": 2, "pay": 3, "waive": 1,
    }.items()
    for _ in range(times)
)  # fmt: skip


def live(number: int) -> tuple[Counter[str], tuple[dt.date | None, ...], float]:
    """One history by its number: what was done, the three last days, CPU seconds of deriving it anew."""
    chance = random.Random(number)
    life = Life(chance)
    life.run(chance.randint(1, 14))
    events = clocks.events_of(life.case, life.rows)
    chance.shuffle(events)
    start = time.process_time()
    again = law.derive(events, CALENDAR, law.NATIONAL, life.today)
    seconds = time.process_time() - start
    return life.done, (life.due, again.reply.due_on if again.reply else None, by_formula(life)), seconds


def main() -> int:
    """Live the histories on all cores, compare, and print the rate; the exit status is 1 if one differs."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20190515
    limit = float(sys.argv[3]) if len(sys.argv) > 3 else float("inf")
    done: Counter[str] = Counter()
    wrong, seconds, began = 0, 0.0, time.monotonic()
    # As many processes as this one may use cores.
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        for index, (lived, ways, took) in enumerate(pool.imap(live, range(seed, seed + number), chunksize=250)):
            done += lived
            seconds += took
            if len(set(ways)) > 1:
                wrong += 1
                if wrong <= 5:
                    print(f"history {seed + index}: stored {ways[0]}, derived anew {ways[1]}, by the formula {ways[2]}")
            if time.monotonic() - began > limit:
                number = index + 1
                break
    whole = time.monotonic() - began
    refused = done.pop("refused", 0)
    print(f"{number:,} histories, {sum(done.values()):,} events, {refused:,} more refused by the law")
    print("  " + ", ".join(f"{name} {count:,}" for name, count in done.most_common()))
    print(f"different: {wrong}")
    print(f"derived anew: {number / seconds:,.0f} a second of CPU; lived and compared: {number / whole:,.0f} a second")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
