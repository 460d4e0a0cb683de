"""Calls that come at the same time are done in one go, and nobody sees a difference."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from gongkai.core.together import Together


class Slow:
    """Doubles numbers; the first call waits until it is let go. Remembers what was done together."""

    def __init__(self) -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self.calls: list[list[int]] = []

    def __call__(self, items):
        first = not self.calls
        self.calls.append(list(items))
        if first:
            self.began.set()
            assert self.go.wait(10)
        for item in items:
            if item < 0:
                raise ValueError(f"{item} is below zero")
            if item == 0:
                raise SystemExit
        return [item * 2 for item in items]


def run(work: Slow, items: list[int], most: int = 32) -> list[Future]:
    """The first item by itself; all others come while it is done."""
    together = Together(work, most)
    with ThreadPoolExecutor(len(items)) as pool:
        found = [pool.submit(together, items[0])]
        assert work.began.wait(10)
        found += [pool.submit(together, item) for item in items[1:]]
        while len(together._line) < len(items) - 1:
            time.sleep(0.001)
        work.go.set()
    return found


def test_one_alone_is_done_at_once():
    work = Slow()
    work.go.set()
    assert Together(work)(4) == 8
    assert work.calls == [[4]]


def test_whoever_waits_is_done_in_one_go_and_gets_its_own_result():
    work = Slow()
    found = run(work, [1, 2, 3, 4, 5])
    assert [one.result() for one in found] == [2, 4, 6, 8, 10]
    assert [sorted(call) for call in work.calls] == [[1], [2, 3, 4, 5]]


def test_no_more_than_so_many_at_once():
    work = Slow()
    found = run(work, [1, 2, 3, 4, 5, 6], most=2)
    assert [one.result() for one in found] == [2, 4, 6, 8, 10, 12]
    assert [len(call) for call in work.calls] == [1, 2, 2, 1]


def test_the_fault_of_one_is_its_own():
    work = Slow()
    found = run(work, [1, 2, -3, 4])
    assert [found[at].result() for at in (0, 1, 3)] == [2, 4, 8]
    with pytest.raises(ValueError, match="-3"):
        found[2].result()
    # Together once, then each by itself.
    assert [len(call) for call in work.calls] == [1, 3, 1, 1, 1]


def test_when_the_process_ends_nobody_waits_for_ever():
    work = Slow()
    found = run(work, [1, 0, 3])
    assert found[0].result() == 2
    for one in found[1:]:
        with pytest.raises(SystemExit):
            one.result()
    assert len(work.calls) == 2


def test_the_line_goes_on_after_a_fault():
    together = Together(lambda items: [10 // item for item in items])
    with pytest.raises(ZeroDivisionError):
        together(0)
    assert together(5) == 2


@pytest.mark.django_db
def test_what_is_part_of_a_transaction_is_done_alone():
    calls = []

    def work(items):
        calls.append(threading.get_ident())
        return items

    together = Together(work)
    together._led = True  # somebody else is at it
    assert together(1) == 1
    assert calls == [threading.get_ident()]


def test_who_was_just_served_is_waited_for(monkeypatch):
    monkeypatch.setattr("gongkai.core.together.MOMENT", 10)
    gates = [threading.Event() for _ in range(2)]
    calls: list[list[int]] = []

    def work(items):
        calls.append(sorted(items))
        if len(calls) <= len(gates):
            assert gates[len(calls) - 1].wait(10)
        return items

    def until(condition) -> None:
        while not condition():
            time.sleep(0.001)

    together = Together(work)
    with ThreadPoolExecutor(8) as pool:
        pool.submit(together, 1)
        until(lambda: calls)
        for item in (2, 3, 4):
            pool.submit(together, item)
        until(lambda: len(together._line) == 3)
        gates[0].set()
        until(lambda: len(calls) == 2)
        pool.submit(together, 5)
        until(lambda: together._line)
        gates[1].set()
        # Three were served; 5 waits until as many have come again.
        until(lambda: together._wanted == 4)
        for item in (6, 7, 8):
            pool.submit(together, item)
    assert calls == [[1], [2, 3, 4], [5, 6, 7, 8]]
